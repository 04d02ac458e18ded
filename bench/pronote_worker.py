"""A process that makes Pronote's file twice: `… -m bench.pronote_worker INSTANCE`.

It says « ready » once the first is made, waits for « go », makes the second, and says how many
seconds that took and how many megabytes the process holds at most.
"""

from __future__ import annotations

import os
import resource
import sys
import time


def main() -> None:
    """Make both as the worker does, the job's row included."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ent.settings.demo")
    import django

    django.setup()
    from ent.audit.origin import Origin
    from ent.jobs.enums import JobState
    from ent.jobs.models import Job
    from ent.jobs.running import run_job
    from pronote_bridge.exports.services import MAKE_EXPORT, request_export_of_machine
    from pronote_bridge.models import Instance

    instance = Instance.objects.get(uuid=sys.argv[1])

    def export() -> None:
        made = request_export_of_machine(instance=instance, kind=MAKE_EXPORT, at=Origin())
        run_job(Job.objects.get(uuid=made.job_uuid).pk)
        if Job.objects.get(uuid=made.job_uuid).state != JobState.SUCCEEDED:
            raise RuntimeError("an export of the bench did not end well")

    export()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    began = time.perf_counter()
    export()
    seconds = time.perf_counter() - began
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{seconds} {megabytes}\n")


if __name__ == "__main__":
    main()
