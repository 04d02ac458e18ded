"""The running program: its settings, its key, the base in memory and who is in."""

from __future__ import annotations

import threading

from demo.pronote.base.base import Base
from demo.pronote.base.storage import BaseFile, read_people
from demo.pronote.entry.sessions import Sessions
from demo.pronote.reconciliation.keys import private_key
from demo.pronote.settings import Settings


class Program:
    """One base that is open. Whoever changes it holds `lock` and calls `note_change`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.key = private_key(settings.base_folder)
        self.sessions = Sessions()
        self.lock = threading.RLock()
        self.port = settings.port
        self._file = BaseFile(settings.base_folder)
        if not self._file.exists:
            self._file.save(_new_base(settings))
        self.base = self._file.load()
        self.is_changed = False

    @property
    def public_url(self) -> str:
        """The address that browsers know, without final slash."""
        return self.settings.public_url or f"http://127.0.0.1:{self.port}"

    @property
    def cas_base_url(self) -> str:
        """The CAS server of the ENT that sign-in is delegated to; "" when it is to none."""
        delegation = self.base.delegation
        if not delegation.ent:
            return ""
        return delegation.cas_base_url or self.settings.ents.get(delegation.ent, "")

    def note_change(self) -> None:
        """Remember that the base in memory is not the saved one any more."""
        self.is_changed = True

    def save(self) -> None:
        """« Enregistrer »."""
        with self.lock:
            self._file.save(self.base)
            self.is_changed = False

    def reload(self) -> None:
        """Forget what was not saved."""
        with self.lock:
            self.base = self._file.load()
            self.is_changed = False

    def back_up(self) -> str:
        """Copy the saved base; return the name of the copy."""
        with self.lock:
            return self._file.back_up()

    def backups(self) -> list[str]:
        """Return the names of the copies, newest first."""
        return self._file.backups()

    def restore(self, name: str) -> None:
        """Go back to a copy; what was not saved is forgotten."""
        with self.lock:
            self.base = self._file.restore(name)
            self.is_changed = False


def _new_base(settings: Settings) -> Base:
    base = read_people(settings.people) if settings.people else Base()
    base.delegation.endpoint = settings.endpoint.value
    if settings.is_delegated:
        base.delegation.ent = settings.our_ent
    return base
