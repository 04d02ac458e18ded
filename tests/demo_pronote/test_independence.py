"""The stand-in is the other side: nothing of the product runs in it."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import requests

from demo.processes import PRONOTE, module_of
from scripts.walls import LEVELS, ROOT
from tests.demo_pronote.conftest import PEOPLE
from tests.demo_pronote.kit import settings_for
from tests.kit.ports import free_port

_FOLDER = ROOT / "demo" / "pronote"
_LOADED = """
import sys
from demo.pronote import __main__
print("\\n".join(sys.modules))
"""


def imported_by(path: Path) -> set[str]:
    """The modules that a file names in its imports, wherever they stand."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            names.add(node.module or "")
    return names


def test_no_file_of_the_stand_in_imports_the_product_or_the_rest_of_the_demonstration() -> None:
    files = sorted(_FOLDER.rglob("*.py"))
    assert len(files) > 20
    rooms = tuple(f"{room}." for room in LEVELS)
    for path in files:
        for name in imported_by(path):
            is_own = f"{name}.".startswith("demo.pronote.")
            assert is_own or not f"{name}.".startswith(rooms), f"{path} imports {name}"


def test_nothing_of_the_product_is_loaded_in_its_process() -> None:
    """Not even by something that it imports."""
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert "demo.pronote.web.server" in loaded
    product = {room for room in LEVELS if room != "demo"}
    assert not [name for name in loaded if name.split(".")[0] in product]
    assert {name for name in loaded if name.startswith("demo.")} == {
        name for name in loaded if f"{name}.".startswith("demo.pronote.")
    }


def test_the_program_runs_by_itself_and_keeps_its_base(folder: Path) -> None:
    start = settings_for(folder, PEOPLE)
    arguments = ["--port", "0", "--base-folder", str(folder), "--people", str(start.people)]
    command = [sys.executable, "-m", "demo.pronote", *arguments, "--delegated"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            with urllib.request.urlopen(address, timeout=10) as answer:
                assert "Espace Élèves" in answer.read().decode()
        finally:
            process.terminate()
    saved = json.loads((folder / "base.json").read_text(encoding="utf-8"))
    assert len(saved["people"]) == len(PEOPLE)
    assert saved["delegation"]["ent"] == start.our_ent


def test_the_demonstration_starts_it_on_its_port_with_its_people(folder: Path) -> None:
    """`python -m demo.processes pronote`, as the supervisor does."""
    home = folder / "demo" / "pronote"
    home.mkdir(parents=True)
    settings_for(home, PEOPLE)
    port = free_port()
    environment = {
        **os.environ,
        "PREAU_VAR": str(folder),
        "DEMO_PRONOTE_PORT": str(port),
        "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
    }
    command = [sys.executable, "-m", module_of(PRONOTE), PRONOTE]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == f"http://127.0.0.1:{port}/pronote/"
            space = f"http://127.0.0.1:{port}/pronote/eleve.html"
            answer = requests.get(space, allow_redirects=False, timeout=10)
        finally:
            process.terminate()
    assert answer.headers["Location"].startswith("http://127.0.0.1:8000/cas/login?service=")
