"""The container files: no engine runs here, so what can be read is checked, and what they start is
started by the tests and by the demonstration too."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ent.processes import NAMES, command_of

_ROOT = Path(__file__).resolve().parent.parent.parent
_COMPOSE = _ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file with its anchors resolved."""
    loaded: dict[str, Any] = yaml.safe_load(_COMPOSE.read_text(encoding="utf-8"))
    return loaded


def test_the_compose_file_follows_the_compose_schema() -> None:
    """Against the schema of the specification, which the checker carries with it."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema", "--builtin-schema"),
            *("vendor.compose-spec", str(_COMPOSE)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_process_has_a_service_started_as_elsewhere(compose: dict[str, Any]) -> None:
    """Same entry points as the demonstration and the live server of the tests."""
    services = compose["services"]
    for name in NAMES:
        assert services[name]["command"] == ["python", "-m", "ent.processes", name]
        assert command_of(name)
    assert services["migrate"]["command"][:3] == ["python", "manage.py", "migrate"]


def test_tables_are_ready_before_any_process_starts(compose: dict[str, Any]) -> None:
    """Migrations run once, and the others wait for their end."""
    for name in NAMES:
        condition = compose["services"][name]["depends_on"]["migrate"]["condition"]
        assert condition == "service_completed_successfully"


def test_secrets_come_from_files_and_are_all_declared(compose: dict[str, Any]) -> None:
    """No secret stands in the file, and none is used without being declared."""
    for service in compose["services"].values():
        assert set(service.get("secrets", [])) <= set(compose["secrets"])
        for name, value in service.get("environment", {}).items():
            if re.search("SECRET|PASSWORD|DATABASE_URL|PRIVATE", name):
                assert name.endswith("_FILE")
                assert value.removeprefix("/run/secrets/") in service["secrets"]


def test_every_setting_of_the_compose_file_is_read_somewhere(compose: dict[str, Any]) -> None:
    """A variable that nothing reads is a promise that nothing keeps."""
    sources = [*_ROOT.glob("ent/settings/*.py"), _ROOT / "ent/processes.py"]
    sources += [_ROOT / "ent/web/gunicorn.py", _ROOT / "manage.py"]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    for name in (
        compose["services"]["web"]["environment"] | (compose["services"]["worker"]["environment"])
    ):
        assert f'"{name.removesuffix("_FILE")}"' in text, name


def test_only_the_worker_is_given_the_private_keys(compose: dict[str, Any]) -> None:
    """A broken web process must not be able to open a sealed code."""
    for name, service in compose["services"].items():
        holds = any("keys-worker" in volume for volume in service.get("volumes", []))
        assert holds == (name == "worker")


def test_the_image_runs_the_web_process_without_root() -> None:
    """And nothing of the checkout's private folders goes into it."""
    dockerfile = (_ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert 'CMD ["python", "-m", "ent.processes", "web"]' in dockerfile
    assert dockerfile.rindex("USER preau") > dockerfile.rindex("RUN ")
    ignored = (_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".git", "var", ".env", ".venv"} <= set(ignored)
