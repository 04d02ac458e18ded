"""`python -m ent.deployment.probe`: the container's health check asks the web server how it is.

It names one of the hosts that the server answers for: any other is refused.
"""

import os
import urllib.request


def main() -> None:
    """Fail with a traceback, hence a non-zero status, unless the server answers 200."""
    port = os.environ.get("BIND", "127.0.0.1:8000").rpartition(":")[2]
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    request = urllib.request.Request(  # a fixed http address
        f"http://127.0.0.1:{port}/sante/pages/", headers={"Host": host}
    )
    with urllib.request.urlopen(request, timeout=5):  # noqa: S310
        pass


if __name__ == "__main__":
    main()
