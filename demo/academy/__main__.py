"""Run one CAS server per academy: `python -m demo.academy CODE:PORT [CODE:PORT …]`."""

import os
import signal
import socket
import subprocess
import sys
import time
from socketserver import ThreadingMixIn
from types import FrameType


def serve(code: str, port: int) -> None:
    """Prepare the database of one academy and answer for ever, in threads."""
    os.environ["ACADEMY"] = code
    os.environ["DJANGO_SETTINGS_MODULE"] = "demo.academy.settings"
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", verbosity=0)
    _allow_the_ent(settings.SERVICES)

    class Quiet(WSGIRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True
        request_queue_size = 200

        def server_bind(self) -> None:
            # The base class looks the machine's name up, which may take seconds.
            # Without the option, the port stays taken for a minute after each stop.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind(self.server_address)
            self.server_address = self.socket.getsockname()
            self.server_name, self.server_port = "127.0.0.1", self.server_address[1]
            self.setup_environ()

    server = Server(("127.0.0.1", port), Quiet)
    server.set_app(get_wsgi_application())
    server.serve_forever()


def _allow_the_ent(pattern: str) -> None:
    """The ENT is the one service: it gets every attribute, and is told of sign-outs."""
    from cas_server.models import ReplaceAttributName, ServicePattern

    service, _ = ServicePattern.objects.update_or_create(
        pos=1, defaults={"name": "ent", "pattern": pattern, "single_log_out": True}
    )
    ReplaceAttributName.objects.get_or_create(name="*", replace="", service_pattern=service)


def watch(academies: list[str]) -> None:
    """Run each academy in a process of its own; when one ends, or we are told to, all end."""
    processes = [subprocess.Popen([sys.executable, "-m", "demo.academy", one]) for one in academies]
    stopping = False

    def stop(signum: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopping and all(process.poll() is None for process in processes):
        time.sleep(0.2)
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()


def main() -> None:
    """One academy is served here, several in processes of their own."""
    academies = sys.argv[1:]
    if not academies or not all(":" in one for one in academies):
        raise SystemExit("usage: python -m demo.academy CODE:PORT [CODE:PORT …]")
    if len(academies) > 1:
        watch(academies)
        return
    code, _, port = academies[0].partition(":")
    serve(code, int(port))


if __name__ == "__main__":
    main()
