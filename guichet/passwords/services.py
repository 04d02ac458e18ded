"""The academic password: its rules, choosing it, and the code of a first sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ent.audit.enums import Act
from ent.audit.origin import Origin
from ent.text.folding import fold
from guichet import journal
from guichet.agents.models import AcademicCredential
from signin import one_time_codes as codes
from signin.enums import Realm
from signin.passwords.hashing import hash_password
from signin.passwords.rules import PasswordRules, ReceivedCode, forbidden_words
from signin.sessions.endings import end_other_sessions, end_sessions
from signin.sessions.models import Session

_BIRTH_FORMS: Final = ("%d%m%Y", "%d%m%y", "%Y%m%d", "%y%m%d", "%m%d%Y", "%m%d%y")


class OvertakenError(Exception):
    """Another browser or the desk was first; nothing was changed."""


def rules_of(agent: AcademicCredential) -> PasswordRules:
    """Return what the agent's password must be."""
    return PasswordRules(
        minimum=settings.PASSWORD_MINIMUM_LENGTHS["default"],
        tokens=tuple(_tokens(agent)),
        code=ReceivedCode(
            verifier=bytes(agent.code_verifier),
            principal=agent.uuid,
            generation=agent.code_generation,
        )
        if agent.code_verifier is not None
        else None,
    )


def choose_password(
    agent: AcademicCredential, password: str, *, keep: UUID | None, origin: Origin, mode: str
) -> int:
    """Set the password; the code dies, other sessions end. Return the epoch of the session kept.

    The epoch is the condition: of two changes at once one wins, the other is `OvertakenError`.
    """
    hashed = hash_password(password)
    with transaction.atomic():
        same = AcademicCredential.objects.filter(
            pk=agent.pk, epoch=agent.epoch, left_at__isnull=True
        )
        changed = same.update(
            password=hashed,
            must_choose_password=False,
            code_verifier=None,
            code_expires_at=None,
            epoch=F("epoch") + 1,
        )
        if not changed:
            raise OvertakenError
        _end_sessions(agent, keep)
        journal.of_oneself(Act.PASSWORD_CHOSEN, agent, origin=origin, mode=mode)
    agent.refresh_from_db(fields=["password", "must_choose_password", "epoch", "code_verifier"])
    return agent.epoch


def issue_code(agent: AcademicCredential, *, days: int) -> str:
    """Draw the code of a first sign-in and return it as it is shown, once; the former one dies.

    Typed in the password field it opens only « Choisissez votre mot de passe ». The password of
    before goes, and so do all sessions. The caller holds the transaction and writes the journal.
    """
    code = codes.generate_code()
    locked = AcademicCredential.objects.select_for_update().get(pk=agent.pk)
    locked.code_generation += 1
    locked.code_verifier = codes.verifier(code, locked.uuid, locked.code_generation)
    locked.code_expires_at = timezone.now() + timedelta(days=days)
    locked.password, locked.must_choose_password = "", True
    locked.epoch += 1
    locked.save()
    _end_sessions(locked, None)
    return codes.display(code)


def end_agent_sessions(agent: AcademicCredential) -> None:
    """End every session of an agent: another epoch, and no row left."""
    AcademicCredential.objects.filter(pk=agent.pk).update(epoch=F("epoch") + 1)
    _end_sessions(agent, None)


def _end_sessions(agent: AcademicCredential, keep: UUID | None) -> None:
    if keep is None:
        end_sessions(sessions=Session.objects.of(Realm.GUICHET, agent.uuid))
    else:
        end_other_sessions(realm=Realm.GUICHET, principal=agent.uuid, keep=keep)


def _tokens(agent: AcademicCredential) -> Iterator[tuple[str, str]]:
    yield from forbidden_words(agent.uid.replace(".", " "), "votre identifiant", joined=True)
    yield from forbidden_words(agent.family_name, "votre nom", joined=True)
    yield from forbidden_words(agent.given_name, "votre prénom", joined=True)
    if agent.birth_date is not None:
        for form in _BIRTH_FORMS:
            yield agent.birth_date.strftime(form), "votre date de naissance"
    if agent.authority_id:
        yield fold(agent.authority.code).replace(" ", ""), "le nom de votre académie"
