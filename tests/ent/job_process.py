"""A worker's process reduced to one job: `python -m tests.ent.job_process <id>`."""

import sys

import django

django.setup()

from ent.jobs.running import run_job  # noqa: E402 - after the set-up
from tests.ent import job_kinds  # noqa: E402, F401 - declares the kinds

if __name__ == "__main__":
    sys.exit(0 if run_job(int(sys.argv[1])) else 3)
