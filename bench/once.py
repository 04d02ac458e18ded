"""One import in a process of its own, so that its memory can be told: prints a line of JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path


def main() -> None:
    """``python -m bench.once FOLDER AUTHORITY``."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ent.settings.demo")
    import django

    django.setup()
    from directory.imports.runs.sequence import run_import
    from directory.models import Authority

    outcome = run_import(
        paths=[Path(sys.argv[1])], authority=Authority.objects.get(code=sys.argv[2])
    )
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    readers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    sys.stdout.write(
        json.dumps(
            {
                "state": outcome.state.value,
                "refusal": outcome.delivery.refusal,
                "seconds": outcome.seconds,
                "memory_mb": max(own, readers) / 1024,
                "steps": [[timing.title, timing.seconds] for timing in outcome.timings],
            }
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
