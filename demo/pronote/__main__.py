"""Run the stand-in for Pronote: `python -m demo.pronote --base-folder FOLDER [--port PORT …]`."""

from __future__ import annotations

import sys

from demo.pronote.program import Program
from demo.pronote.settings import read_settings
from demo.pronote.web.server import Server


def main() -> None:
    """Open the base, say where it is served, and serve it for ever."""
    program = Program(read_settings())
    server = Server(program)
    sys.stdout.write(f"{program.public_url}/pronote/\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
