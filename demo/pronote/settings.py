"""What the program is told at its start."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from demo.pronote.entry.cas import Endpoint

PASSWORD_OF_SUPERVISOR = "spr du preau"  # noqa: S105 - printed on the terminal, demonstration only


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one base."""

    base_folder: Path
    port: int = 8301
    public_url: str = ""
    """Where browsers reach the program; http://127.0.0.1:<port> by itself."""
    cas_base_url: str = ""
    """Of the ENT in the list of ENTs, without `/login`."""
    ent_name: str = "Préau (Région de démonstration)"
    people: Path | None = None
    """The school's people, read when the base does not exist yet."""
    is_delegated: bool = False
    """A new base begins with the delegation to the ENT, which « SPR » chooses otherwise."""
    endpoint: Endpoint = Endpoint.SERVICE_VALIDATE
    password: str = PASSWORD_OF_SUPERVISOR
    """Of « SPR »."""

    @property
    def ents(self) -> dict[str, str]:
        """The list of ENTs: what is shown → the CAS server's address."""
        return {
            f"{self.ent_name} : Mode avec alimentation": self.cas_base_url,
            "Cartable de la Rive (Département voisin) : Mode avec alimentation": "",
            "Lycées du Plateau (Région voisine) : Mode sans alimentation": "",
        }

    @property
    def our_ent(self) -> str:
        """The entry of the ENT of the demonstration."""
        return next(iter(self.ents))


def read_settings(arguments: list[str] | None = None) -> Settings:
    """Read the command line."""
    read = _parser().parse_args(arguments)
    return Settings(
        base_folder=read.base_folder,
        port=read.port,
        public_url=read.public_url.rstrip("/"),
        cas_base_url=read.cas_base_url.rstrip("/"),
        ent_name=read.ent_name,
        people=read.people,
        is_delegated=read.delegated,
        endpoint=Endpoint(read.endpoint),
        password=read.password,
    )


def _parser() -> argparse.ArgumentParser:
    usual = Settings(base_folder=Path())
    parser = argparse.ArgumentParser(
        prog="python -m demo.pronote", description="A stand-in for Pronote."
    )
    add = parser.add_argument
    add("--base-folder", type=Path, required=True, help="the base, its backups and the key")
    add("--port", type=int, default=usual.port, help="0: any free one")
    add("--public-url", default="", help="where browsers reach it, without final slash")
    add("--cas-base-url", default="", help="of the ENT's CAS server, without /login")
    add("--ent-name", default=usual.ent_name, help="as the list of ENTs shows it")
    add("--people", type=Path, help="JSON, read when there is no base yet")
    add("--delegated", action="store_true", help="a new base delegates its sign-in to the ENT")
    endpoints = [one.value for one in Endpoint]
    add("--endpoint", default=usual.endpoint.value, choices=endpoints, help="of a new base")
    add("--password", default=usual.password, help="of SPR")
    return parser
