"""One's personal address: asked with a recent proof, used once its owner opened the mailed link.

It receives the link that sets a forgotten password (`guichet.lost`). The mailed token is signed and
holds no address; it confirms for nobody but the agent who asked, signed in, and only the address
that was asked last.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from ent.audit.origin import Origin
from ent.jobs.services import enqueue
from ent.mail.messages import Mail, deliver, portal_address
from guichet import journal
from guichet.agents.models import AcademicCredential
from guichet.assistance.notices import tell_owner
from guichet.journal import GuichetAct
from guichet.lost.services import is_too_often

KIND: Final = "guichet.mail_address_check"
CHECK_SECONDS: Final = 24 * 3600
_SALT: Final = "guichet.my_address"


@transaction.atomic
def ask_for_check(agent: AcademicCredential, address: str) -> None:
    """Keep the address beside the present one, and ask for the mail that proves it."""
    AcademicCredential.objects.filter(pk=agent.pk).update(asked_personal_email=address)
    enqueue(kind=KIND, params={"agents": [agent.uuid]}, authority_code=agent.authority.code)


@transaction.atomic
def remove_address(agent: AcademicCredential, *, origin: Origin) -> None:
    """Forget it: a forgotten password is then for the key or the helpdesk."""
    AcademicCredential.objects.filter(pk=agent.pk).update(
        personal_email="", asked_personal_email="", personal_email_confirmed_at=None
    )
    journal.of_oneself(GuichetAct.ADDRESS_REMOVED, agent, origin=origin)
    tell_owner(agent, "adresse-retiree")


def mail_check(agents: list[str], *, job: UUID) -> None:
    """Send the link; nothing when no address waits any more."""
    agent = AcademicCredential.objects.select_related("authority").filter(uuid__in=agents).first()
    if agent is None or not agent.asked_personal_email or is_too_often(KIND, agents[0], job):
        return
    address = agent.asked_personal_email
    token = signing.dumps([agent.uuid.hex, _digest(address)], salt=_SALT)
    deliver(
        Mail(
            to=address,
            subject="Confirmer votre adresse personnelle",
            signature=agent.authority.name,
            paragraphs=(
                f"Bonjour {agent.full_name},",
                "Cette adresse a été indiquée pour retrouver un mot de passe académique oublié.",
                "Le lien ci-dessous la confirme, après connexion, pendant 24 heures.",
                "Si vous n’avez rien demandé, ne faites rien.",
            ),
            link_words="Confirmer cette adresse",
            link_href=portal_address(reverse("guichet:confirm_address", args=[token])),
        )
    )


def address_of(token: str, agent: AcademicCredential) -> str:
    """Return the address that the token confirms for this agent, "" when it confirms none."""
    try:
        whose, digest = signing.loads(token, salt=_SALT, max_age=CHECK_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    asked = agent.asked_personal_email
    is_theirs = whose == agent.uuid.hex and hmac.compare_digest(str(digest), _digest(asked))
    return asked if is_theirs else ""


@transaction.atomic
def confirm_address(token: str, agent: AcademicCredential, *, origin: Origin) -> bool:
    """Make the asked address the one that serves; False when another was asked meanwhile."""
    row = AcademicCredential.objects.select_for_update().get(pk=agent.pk)
    address = address_of(token, row)
    if not address:
        return False
    row.personal_email, row.asked_personal_email = address, ""
    row.personal_email_confirmed_at = timezone.now()
    row.save(
        update_fields=["personal_email", "asked_personal_email", "personal_email_confirmed_at"]
    )
    journal.of_oneself(GuichetAct.ADDRESS_CONFIRMED, agent, origin=origin)
    tell_owner(agent, "adresse-confirmee")
    return True


def _digest(address: str) -> str:
    return hashlib.sha256(address.lower().encode()).hexdigest()[:32]
