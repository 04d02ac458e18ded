"""Rescuing somebody at a counter, or a whole class: « Régénérer le mot de passe » (R-E8).

Regenerating brings an account back to where it was on its first day: no password, every session
ended, and one code to hand over, with which its owner chooses a password before anything else
(R-E9). The code is shown in one answer to whoever drew it, or printed on the slips of a class.

Who may do so on whom is decided by the caller (`directory.rights.perms.can_rescue`); the ceiling of
single rescues is decided here, because it must hold across simultaneous requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.account.access_state import copy_access_states
from accounts.desk.blocking import forget_wait
from accounts.enums import AccountKind, AccountState
from accounts.models import Account, ActivationCode
from accounts.provisioning import journal
from accounts.provisioning.login_changes import change_login
from credentials.choice.population import PopulationChoice
from credentials.codes.issuing import draw_codes
from credentials.enums import SlipLayout
from credentials.slips.models import SlipPrinting
from credentials.slips.services import request_slips
from directory.models import Group, Person
from ent.audit.enums import Act, Outcome
from ent.audit.models import AuditEvent
from ent.audit.origin import Origin
from ent.audit.services import record, record_many
from ent.pages.french import of_name
from messaging.notices.sending import notify_owner, send_report
from signin.enums import Realm
from signin.one_time_codes import display
from signin.sessions.endings import end_sessions
from signin.sessions.models import Session

#: Single rescues of one person within an hour; beyond, a class at once is the way (T-F8).
MOST_AN_HOUR: Final = 30
_RESCUED_STATES: Final = (AccountState.PENDING, AccountState.ACTIVE)
_TOLD = (
    "Votre mot de passe a été remplacé, à votre demande ou à celle de votre établissement, par "
    "un code à usage unique qui vous est remis en main propre. Vos connexions ouvertes ont été "
    "fermées.\n\nSi vous n’avez rien demandé, prévenez votre établissement."
)


class OvertakenError(Exception):
    """Somebody regenerated this password, or its owner changed it, since the page was shown."""


class CeilingError(Exception):
    """Too many single rescues within an hour."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Rescued:
    """What is handed over, once."""

    person: Person
    login: str
    code: str


@transaction.atomic
def regenerate_password(
    *, account: Account, seen_generation: int, actor: Person, origin: Origin
) -> Rescued:
    """Replace the password by a code, and return it for one answer.

    *seen_generation* is the account's when the page was shown: of two managers at the same second
    one rescues, and the other is told (`OvertakenError`), so that a code that was read out always
    works (T-F9).
    """
    _count(actor)
    locked = (
        Account.objects.select_for_update(of=("self",), no_key=True)
        .select_related("person__main_school")
        .get(pk=account.pk)
    )
    is_open = locked.kind == AccountKind.LOCAL and locked.state in _RESCUED_STATES
    if locked.code_generation != seen_generation or not is_open:
        raise OvertakenError
    code = _back_to_first_day([locked.pk])[locked.pk]
    forget_wait(account=locked, actor=actor.uuid, origin=origin)
    journal.password_regenerated(locked, actor=actor.uuid, origin=origin)
    notify_owner(person=locked.person, subject="Votre mot de passe a été remplacé", body=_TOLD)
    send_report(
        to=actor,
        subject="Mot de passe régénéré",
        body=f"Vous avez régénéré le mot de passe {of_name(locked.person.full_name)} "
        f"({locked.login}). Le code affiché ne peut plus être relu\u00a0: s’il est perdu, "
        "régénérez-le à nouveau.",
    )
    return Rescued(person=locked.person, login=locked.login, code=display(code))


@transaction.atomic
def regenerate_class(
    *,
    group: Group,
    choice: PopulationChoice,
    accounts: Sequence[Account],
    seen_at: datetime | None,
    actor: Person,
    origin: Origin,
) -> SlipPrinting:
    """Replace the passwords of these accounts of a class, and ask for their slips.

    *seen_at* is when the page was shown: a code drawn since then is in somebody's hands, so nothing
    is replaced and the second manager is told (`OvertakenError`, T-F9).

    The slips come out of the ordinary printing: its worker asks for the rights again, and prints
    the codes drawn here.
    """
    locked = Account.objects.select_for_update(of=("self",), no_key=True).select_related("person")
    rescued = list(
        locked.filter(
            pk__in=[account.pk for account in accounts],
            kind=AccountKind.LOCAL,
            state__in=_RESCUED_STATES,
        ).order_by("pk")
    )
    codes = ActivationCode.objects.filter(account__in=rescued)
    if seen_at is None or codes.filter(created_at__gt=seen_at).exists():
        raise OvertakenError
    _back_to_first_day([account.pk for account in rescued])
    people = [account.person for account in rescued]
    record_many(
        act=Act.PASSWORD_REGENERATED,
        subjects=[person.uuid for person in people],
        actor=actor.uuid,
        school_uai=group.school.uai,
        origin=origin,
        details={"group": group.uuid},
    )
    notify_owner(person=people, subject="Votre mot de passe a été remplacé", body=_TOLD)
    send_report(
        to=actor,
        subject=f"Mots de passe régénérés\u00a0: {group.code}",
        body=f"{_done(len(rescued))} de la classe {group.code}. Les fiches sont à "
        "télécharger dans «\u00a0Fiches et lettres\u00a0».",
    )
    return request_slips(
        school=group.school,
        choice=choice,
        layout=SlipLayout.EIGHT,
        words=f"Classe {group.code}, mots de passe régénérés",
        actor=actor,
        at=origin,
    )


def _done(count: int) -> str:
    if count == 1:
        return "Vous avez régénéré un mot de passe"
    return f"Vous avez régénéré {count} mots de passe"


@transaction.atomic
def give_login(*, account: Account, login: str, actor: Person, origin: Origin) -> str:
    """Change the login of somebody, tell them both ways, and return the former one."""
    former = change_login(account=account, login=login, actor=actor.uuid, origin=origin)
    notify_owner(
        person=account.person,
        subject="Votre identifiant a changé",
        body=f"Votre identifiant de connexion est maintenant {account.login}. "
        "Votre mot de passe n’a pas changé.",
    )
    send_report(
        to=actor,
        subject="Identifiant modifié",
        body=f"L’identifiant {of_name(account.person.full_name)} est maintenant {account.login} "
        f"(auparavant {former}).",
    )
    return former


def _back_to_first_day(account_ids: Sequence[int]) -> dict[int, str]:
    """Take passwords and sessions away, and draw the codes."""
    Account.objects.filter(pk__in=account_ids).update(
        state=AccountState.PENDING, password="", epoch=F("epoch") + 1
    )
    principals = Account.objects.filter(pk__in=account_ids).values_list("uuid", flat=True)
    end_sessions(sessions=Session.objects.of(Realm.PORTAL, *principals))
    codes = draw_codes(account_ids=account_ids, now=timezone.now())
    copy_access_states(account_ids=account_ids)
    return codes


def _count(actor: Person) -> None:
    """Hold one person's rescues in a queue of their own, and refuse what passes the ceiling.

    A class rescued at once is not counted: it is what the ceiling sends people to.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"credentials.rescue:{actor.uuid}"],
        )
    an_hour_ago = timezone.now() - timedelta(hours=1)
    acts = AuditEvent.objects.by(actor.uuid).of_acts([Act.PASSWORD_REGENERATED])
    singles = acts.filter(outcome=Outcome.SUCCESS).exclude(details__has_key="group")
    if singles.since(an_hour_ago).count() >= MOST_AN_HOUR:
        raise CeilingError


def note_ceiling(*, actor: Person, origin: Origin) -> None:
    """Leave the alert of a ceiling reached, outside the act that was refused."""
    record(act=Act.CEILING_REACHED, actor=actor.uuid, origin=origin, outcome=Outcome.REFUSED)
