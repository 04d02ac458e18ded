#!/usr/bin/env python
"""Entry point of every command: `python manage.py help` lists them."""

import os
import sys


def main() -> None:
    """Run the command, with the demonstration's settings unless told otherwise."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ent.settings.demo")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
