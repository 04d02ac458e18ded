"""Finding one's identifier, and another password when it was forgotten: neutral, and by mail.

The professional mailbox opens with the very password that was forgotten: it serves only where the
authority says so. A link sets the password and nothing else: whoever must have the key is asked for
it as before (T-C10).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from ent.audit.origin import Origin
from ent.jobs.models import Job
from ent.jobs.services import enqueue
from ent.mail.messages import Mail, deliver, portal_address
from guichet.agents.models import AcademicCredential
from guichet.agents.uids import normalise_uid
from guichet.assistance.notices import tell_owner
from guichet.authority.models import Guichet
from guichet.lost.models import AgentPasswordLink
from guichet.passwords.services import OvertakenError, choose_password
from signin.mailed_links import hash_token, new_token

UID_KIND: Final = "guichet.mail_uids"
LINK_KIND: Final = "guichet.mail_link"
LINK_HOURS: Final = 1
_MOST_AN_HOUR: Final = 3


@transaction.atomic
def ask_for_uid(address: str, *, guichet: Guichet) -> None:
    """Ask for the mail that lists an address's identifiers: the same statements for any address."""
    agents = AcademicCredential.objects.of(guichet.authority).present()
    wanted = Q(email__iexact=address)
    wanted |= Q(personal_email__iexact=address, personal_email_confirmed_at__isnull=False)
    found = list(agents.filter(wanted).order_by("pk").values_list("uuid", flat=True)[:5])
    is_personal = bool(found) and not agents.filter(uuid=found[0], email__iexact=address).exists()
    enqueue(
        kind=UID_KIND,
        params={"agents": found, "is_personal": is_personal},
        authority_code=guichet.authority.code,
    )


@transaction.atomic
def ask_for_link(typed: str, *, guichet: Guichet) -> None:
    """Ask for the mail with a link: the same statements for any identifier."""
    uid = normalise_uid(typed)
    agents = AcademicCredential.objects.of(guichet.authority).present()
    found = list(agents.filter(uid=uid).values_list("uuid", flat=True)[:1])
    enqueue(kind=LINK_KIND, params={"agents": found}, authority_code=guichet.authority.code)


def mail_uids(agents: list[str], *, is_personal: bool, job: UUID) -> None:
    """Send one mail that lists the identifiers."""
    rows = AcademicCredential.objects.select_related("authority").filter(uuid__in=agents)
    found = list(rows.order_by("pk"))
    if not found or is_too_often(UID_KIND, agents[0], job):
        return
    to = found[0].personal_email if is_personal else found[0].email
    lines = tuple(f"{agent.given_name}\u00a0: {agent.uid}" for agent in found)
    deliver(
        Mail(
            to=to,
            subject="Votre identifiant académique",
            signature=found[0].authority.name,
            paragraphs=("Vous avez demandé à connaître votre identifiant académique.", *lines),
        )
    )


def mail_link(agents: list[str], *, job: UUID) -> None:
    """Make the link and send it where the authority allows; nothing without such an address."""
    agent = AcademicCredential.objects.select_related("authority").filter(uuid__in=agents).first()
    if agent is None or is_too_often(LINK_KIND, agents[0], job):
        return
    guichet = Guichet.objects.get(authority=agent.authority)
    to = agent.personal_email if agent.personal_email_confirmed_at is not None else ""
    if not to and guichet.professional_mail_recovers:
        to = agent.email
    if not to:
        return
    token = new_token()
    with transaction.atomic():
        AgentPasswordLink.objects.filter(agent=agent, used_at__isnull=True).delete()
        AgentPasswordLink.objects.create(
            token_hash=hash_token(token),
            agent=agent,
            epoch=agent.epoch,
            expires_at=timezone.now() + timedelta(hours=LINK_HOURS),
        )
    deliver(
        Mail(
            to=to,
            subject="Choisir un nouveau mot de passe académique",
            signature=guichet.name,
            paragraphs=(
                f"Bonjour {agent.full_name},",
                "Le lien ci-dessous ouvre le choix d’un nouveau mot de passe, une seule fois.",
                "Il vaut une heure. Si vous n’avez rien demandé, ne faites rien.",
            ),
            link_words="Choisir mon mot de passe",
            link_href=portal_address(reverse("guichet:password_link", args=[token])),
        )
    )


def link_of(token_hash: bytes, *, guichet: Guichet) -> AgentPasswordLink | None:
    """Return a link that still opens: unused, in time, and nothing changed since."""
    links = AgentPasswordLink.objects.select_related("agent__authority", "agent__person")
    link = links.filter(token_hash=token_hash, used_at__isnull=True).first()
    if link is None or link.expires_at <= timezone.now() or not link.agent.is_active:
        return None
    is_ours = link.agent.authority_id == guichet.authority_id
    return link if is_ours and link.epoch == link.agent.epoch else None


def use_link(link: AgentPasswordLink, password: str, *, origin: Origin) -> None:
    """Set the password; of two posts at once one wins, the other is `OvertakenError`."""
    now: datetime = timezone.now()
    with transaction.atomic():
        unused = AgentPasswordLink.objects.filter(pk=link.pk, used_at__isnull=True)
        if not unused.update(used_at=now):
            raise OvertakenError
        choose_password(link.agent, password, keep=None, origin=origin, mode="lien")
        tell_owner(link.agent, "mot-de-passe-choisi")


def is_too_often(kind: str, agent: str, job: UUID) -> bool:
    """At most three mails an hour to one agent (T-A3)."""
    hour_ago = timezone.now() - timedelta(hours=1)
    asked = Job.objects.of_kind(kind).filter(params__agents__contains=[agent])
    mine = Job.objects.get(uuid=job)
    return asked.filter(created_at__gt=hour_ago, pk__lt=mine.pk).count() >= _MOST_AN_HOUR
