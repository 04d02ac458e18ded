"""Settings read typed variables, secrets also from files (rule 17)."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from ent.settings import environment

_ROOT = Path(__file__).resolve().parent.parent.parent


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Docker and systemd hand secrets over as files; the final newline is not part of them."""
    (tmp_path / "secret").write_text("vérité\n", encoding="utf-8")
    monkeypatch.setenv("EXAMPLE_FILE", str(tmp_path / "secret"))
    assert environment.read_text("EXAMPLE") == "vérité"
    monkeypatch.setenv("EXAMPLE", "given")
    assert environment.read_text("EXAMPLE") == "given"


def test_a_missing_value_or_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator reads the name of the variable, not a KeyError."""
    with pytest.raises(ImproperlyConfigured, match="EXAMPLE"):
        environment.read_text("EXAMPLE")
    monkeypatch.setenv("EXAMPLE_FILE", "/nowhere/secret")
    with pytest.raises(ImproperlyConfigured, match="EXAMPLE_FILE"):
        environment.read_text("EXAMPLE")


@pytest.mark.parametrize("value", ["peut-être", "2", "tru"])
def test_a_value_that_is_no_boolean_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """A typing error must not silently mean "no"."""
    monkeypatch.setenv("EXAMPLE", value)
    with pytest.raises(ImproperlyConfigured, match="EXAMPLE"):
        environment.read_bool("EXAMPLE", default=True)


@pytest.mark.parametrize("value", ["x", "1.5", "-1"])
def test_a_value_that_is_no_whole_number_or_too_small_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """Type and bound."""
    monkeypatch.setenv("EXAMPLE", value)
    with pytest.raises(ImproperlyConfigured, match="EXAMPLE"):
        environment.read_int("EXAMPLE", default=3, minimum=0)


def test_a_database_url_is_read_with_its_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password may hold an @ and a socket folder stands in the query."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p%40ss@db.example:5433/ent?sslmode=require")
    found = environment.read_database("DATABASE_URL")
    assert found is not None
    assert (found["USER"], found["PASSWORD"]) == ("u", "p@ss")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "5433", "ent")
    assert found["OPTIONS"] == {"sslmode": "require"}
    monkeypatch.setenv("DATABASE_URL", "postgresql:///ent?host=/run/postgresql")
    assert (environment.read_database("DATABASE_URL") or {})["HOST"] == "/run/postgresql"


def test_another_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is one engine and no second branch."""
    monkeypatch.setenv("DATABASE_URL", "sqlite:///x.db")
    with pytest.raises(ImproperlyConfigured, match="postgresql"):
        environment.read_database("DATABASE_URL")


def test_the_demonstration_makes_its_own_secret_once(tmp_path: Path) -> None:
    """Private to its owner, and the same at the next start."""
    path = tmp_path / "secrets" / "key"
    first = environment.read_or_create_secret("EXAMPLE_KEY", path)
    assert len(first) >= 50
    assert environment.read_or_create_secret("EXAMPLE_KEY", path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


_PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "ent.settings.production",
    "SECRET_KEY": "x" * 20 + "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG",
    "ALLOWED_HOSTS": "ent.example",
    "PUBLIC_BASE_URL": "https://ent.example",
    "DATABASE_URL": "postgresql://preau@127.0.0.1/preau",
}


def _check_deploy(settings: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=_ROOT,
        env=kept | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_passes_the_deployment_check_without_a_warning() -> None:
    """T-B8: `check --deploy` = 0."""
    done = _check_deploy(_PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_BASE_URL"])
def test_production_does_not_start_without(missing: str) -> None:
    """What an operator must decide has no default."""
    done = _check_deploy({k: v for k, v in _PRODUCTION.items() if k != missing})
    assert done.returncode != 0
    assert missing in done.stderr


def test_production_refuses_the_embedded_server() -> None:
    """It trusts local processes and has no backup: never for real people."""
    done = _check_deploy({k: v for k, v in _PRODUCTION.items() if k != "DATABASE_URL"})
    assert done.returncode != 0
    assert "production refuses the embedded server" in done.stderr
