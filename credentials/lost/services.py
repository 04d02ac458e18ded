"""« Mot de passe oublié », « Identifiant oublié »: asked on a page, answered by a job.

The page writes down what was typed and looks nothing up: same bytes, same statements, same time
whoever it is about (T-A2, T-A3). The job finds out, sends one mail or none, and forgets the words.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.account.logins import normalise_login
from accounts.models import Account
from credentials.enums import LinkPurpose, LostKind
from credentials.links.models import LostCount, LostRequest, PasswordLink
from credentials.links.services import issue_link, link_address, may_have_link
from directory.schools.web import signature_of
from ent.audit.origin import Origin
from ent.jobs.services import enqueue
from ent.mail.addresses import is_usable
from ent.mail.messages import Mail, Sent, deliver, portal_address
from ent.pages.names import calm_name
from ent.sealing.hashing import keyed_hash
from ent.sealing.keys import KeyRole
from ent.web.client_address import address_group
from messaging.addresses.known import holders_of, recovery_address

ANSWER: Final = "credentials.answer_lost"
WINDOW: Final = timedelta(hours=1)
#: Mails about one account, or to one address, within an hour (T-A3).
MOST_MAILS: Final = 3
#: Requests from one place within an hour: a whole school sits behind one address.
MOST_REQUESTS: Final = 200
_LATE_AFTER = timedelta(minutes=5)
_MOST_LOGINS = 30

_COUNT = """
INSERT INTO credentials_lostcount AS c (key, since, count) VALUES (%(key)s, %(now)s, 1)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN c.since <= %(over)s THEN 1 ELSE c.count + 1 END,
    since = CASE WHEN c.since <= %(over)s THEN %(now)s ELSE c.since END
RETURNING count
"""


class TooManyRequestsError(Exception):
    """This place has asked too often; it says nothing about any account."""


@transaction.atomic
def ask(*, kind: LostKind, typed: str, origin: Origin) -> None:
    """Keep what was typed and wake the job: three statements, whoever it is about."""
    if _count(b"place:", address_group(origin.address or "")) > MOST_REQUESTS:
        raise TooManyRequestsError
    request = LostRequest.objects.create(
        kind=kind, typed=typed.replace("\x00", "")[:254], created_at=timezone.now()
    )
    enqueue(kind=ANSWER, params={"request": request.uuid})


def answer(*, request_uuid: UUID) -> int:
    """Answer one request by mail when there is somebody to answer; return how many mails left.

    Killed on the way, it starts again: the request goes when its mail has gone.
    """
    request = LostRequest.objects.filter(uuid=request_uuid).first()
    if request is None:
        return 0
    is_password = request.kind == LostKind.PASSWORD
    mail = _reset_mail(request.typed) if is_password else _logins_mail(request.typed.strip())
    outcome = None if mail is None else deliver(mail)
    if outcome is not None and not outcome.is_over:  # the regular round asks again
        _uncount(request)
        return 0
    request.delete()
    return int(outcome is Sent.TAKEN)


@transaction.atomic
def _reset_mail(typed: str) -> Mail | None:
    """Issue a link for the account that bears this login, unless nobody may have one."""
    account = (
        Account.objects.select_for_update(of=("self",), no_key=True)
        .select_related("person__main_school")
        .filter(login=normalise_login(typed))
        .first()
    )
    if account is None or not may_have_link(account):
        return None
    address = recovery_address(account.person)
    recent = PasswordLink.objects.filter(
        account=account, purpose=LinkPurpose.RESET, created_at__gt=timezone.now() - WINDOW
    )
    if not address or recent.count() >= MOST_MAILS:
        return None
    token = issue_link(account=account, purpose=LinkPurpose.RESET)
    signature, home = signature_of(account.person.main_school)
    return Mail(
        to=address,
        subject="Réinitialisation de votre mot de passe",
        paragraphs=(
            f"Bonjour {account.person.full_name},",
            "Un nouveau mot de passe a été demandé pour votre compte ENT.",
            f"Identifiant\u00a0: {account.login}",
        ),
        link_words="Choisir un nouveau mot de passe",
        link_href=link_address(token),
        after=(
            "Ce lien est valable une heure et ne sert qu’une fois.",
            "Vous n’avez rien demandé\u00a0? Ne faites rien, votre mot de passe ne change pas.",
            "Si cela se répète, prévenez votre établissement.",
        ),
        signature=signature,
        home=home,
    )


def _logins_mail(email: str) -> Mail | None:
    """List the logins of the open accounts whose mails go to this address."""
    holders = holders_of(email)
    accounts = (
        Account.objects.filter(person__in=holders)
        .select_related("person__main_school")
        .order_by("person__sort_key", "pk")
    )
    listed = [account for account in accounts[:_MOST_LOGINS] if may_have_link(account)]
    lines = [_login_line(account) for account in listed]
    if not lines or not is_usable(email):
        return None
    if _count(b"logins:", email.lower()) > MOST_MAILS:
        return None
    many = len(lines) > 1
    schools = {account.person.main_school for account in listed}
    # A parent of two schools is written to by the portal.
    signature, home = signature_of(schools.pop() if len(schools) == 1 else None)
    return Mail(
        to=email,
        subject="Vos identifiants ENT" if many else "Votre identifiant ENT",
        paragraphs=(
            "Bonjour,",
            "Voici les identifiants rattachés à cette adresse\u00a0:"
            if many
            else "Voici l’identifiant rattaché à cette adresse\u00a0:",
            "\n".join(lines),
        ),
        link_words="Aller à l’ENT",
        link_href=portal_address("/"),
        after=("Vous n’avez rien demandé\u00a0? Ne faites rien\u00a0: rien n’a changé.",),
        signature=signature,
        home=home,
    )


def _login_line(account: Account) -> str:
    school = account.person.main_school
    where = f" ({calm_name(school.name)})" if school is not None else ""
    return f"{account.person.shown_given_name}{where}\u00a0: {account.login}"


def _uncount(request: LostRequest) -> None:
    """Forget a mail that did not leave: a server that is down for long uses nobody's three up."""
    if request.kind == LostKind.PASSWORD:
        login = normalise_login(request.typed)
        unsent = PasswordLink.objects.alive().filter(purpose=LinkPurpose.RESET)
        unsent.filter(account__login=login).delete()
        return
    key = _key(b"logins:", request.typed.strip().lower())
    LostCount.objects.filter(key=key, count__gt=0).update(count=F("count") - 1)


def answer_late() -> int:
    """Ask again for the answers that no mail server took; forget what is an hour old."""
    now = timezone.now()
    LostRequest.objects.filter(created_at__lt=now - WINDOW).delete()
    LostCount.objects.filter(since__lt=now - WINDOW).delete()
    late = LostRequest.objects.filter(created_at__lt=now - _LATE_AFTER).order_by("pk")
    uuids = list(late.values_list("uuid", flat=True)[:200])
    for request_uuid in uuids:
        enqueue(kind=ANSWER, params={"request": request_uuid})
    return len(uuids)


def _count(what: bytes, value: str) -> int:
    """Count one more for this value, and return how many within the window: one statement."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": _key(what, value), "now": now, "over": now - WINDOW})
        return int(cursor.fetchone()[0])


def _key(what: bytes, value: str) -> bytes:
    return keyed_hash(KeyRole.THROTTLE_HASH, b"lost:" + what + value.encode())
