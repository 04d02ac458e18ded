"""Typed reading of the environment.

Every setting that an operator may give is read here, once, with its type; a value that does not
parse stops the start with the variable's name. A secret may also come from a file: `NAME_FILE`
holds its path (Docker and systemd hand secrets over that way).
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on", "oui"}
_FALSE = {"0", "false", "no", "off", "non", ""}


def read_text(name: str, default: str | None = None) -> str:
    """Return the variable's text, from `NAME` or from the file that `NAME_FILE` names."""
    value = os.environ.get(name)
    if value is not None:
        return value
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}") from error
    if default is None:
        raise ImproperlyConfigured(f"{name} (or {name}_FILE) must be set")
    return default


def read_bool(name: str, *, default: bool) -> bool:
    """Return a boolean: 1/true/yes/on/oui or 0/false/no/off/non."""
    value = os.environ.get(name)
    if value is None:
        return default
    folded = value.strip().lower()
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be a boolean, not {value!r}")


def read_int(name: str, *, default: int, minimum: int | None = None) -> int:
    """Return a whole number, at least `minimum`; nothing between quotes is nothing."""
    value = os.environ.get(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from error
    if minimum is not None and number < minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum}, not {number}")
    return number


def read_list(name: str, *, default: list[str]) -> list[str]:
    """Return a comma-separated list, blanks dropped."""
    value = os.environ.get(name)
    if value is None:
        return default
    return [item.strip() for item in value.split(",") if item.strip()]


def read_path(name: str, *, default: Path) -> Path:
    """Return an absolute path."""
    value = os.environ.get(name)
    return Path(value).expanduser().resolve() if value else default


def read_database(name: str) -> dict[str, Any] | None:
    """Return Django's description of the PostgreSQL database in a URL, None when unset.

    Shape: `postgresql://user:password@host:port/name?sslmode=require`; a socket folder goes in
    `?host=/run/postgresql`. Other engines are refused: there is one engine and no second branch.
    """
    text = read_text(name, "")
    if not text:
        return None
    url = urlsplit(text)
    if url.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must be a postgresql:// URL")
    options = dict(parse_qsl(url.query))
    host = options.pop("host", "") or unquote(url.hostname or "")
    return {
        "ENGINE": "ent.postgresql",
        "NAME": unquote(url.path.lstrip("/")) or "preau",
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": host,
        "PORT": str(url.port or ""),
        "OPTIONS": options,
    }


def read_or_create_secret(name: str, path: Path) -> str:
    """Return the secret of the environment, or one made once and kept in a private file.

    Only the demonstration and the tests may make their own: in production a secret that appears by
    itself would differ from one machine to the next.
    """
    value = read_text(name, "")
    if value:
        return value
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_urlsafe(64))
    return path.read_text(encoding="ascii").strip()
