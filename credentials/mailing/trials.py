"""« M’envoyer un essai » and the preview: the mail with an example in the place of a person."""

from __future__ import annotations

from uuid import UUID

from accounts.models import Account
from credentials.mailing.carrier import open_carrier
from credentials.mailing.models import MailingTrial
from credentials.mailing.outcomes import Ending
from credentials.mailing.writing import Addressee, Frame, frame, write
from ent.jobs.errors import JobFailed
from ent.mail.messages import portal_address
from messaging.addresses.known import contact_address

#: In the place of a link: it leads to the sign-in page and opens nothing.
EXAMPLE_PATH = "/connexion/?exemple"


def example(account: Account | None, *, address: str = "") -> Addressee:
    """Return somebody to show the mail with: one who would get it, or nobody real."""
    name = "Camille Martin"
    login = "camille.martin"
    if account is not None:
        name = account.person.full_name
        login = account.login
    return Addressee(
        recipient=0, address=address, name=name, login=login, href=portal_address(EXAMPLE_PATH)
    )


def send_trial(*, trial_uuid: UUID) -> None:
    """Send the example to who asked for it; a second run finds nothing any more (worker)."""
    trial = MailingTrial.objects.select_related("school__authority").filter(uuid=trial_uuid).first()
    if trial is None:
        return
    account = Account.objects.select_related("person").filter(person__uuid=trial.requested_by)
    author = account.first()
    address = contact_address(author.person) if author is not None else ""
    trial.delete()
    if author is None or not address or not author.is_active:
        return
    shared: Frame = frame(
        school=trial.school,
        subject=trial.subject,
        text=trial.text,
        campaign_uuid=str(trial.uuid),
    )
    carrier = open_carrier()
    try:
        outcome = carrier.carry(write(shared, example(None, address=address)))
    finally:
        carrier.close()
    if outcome.ending is not Ending.ACCEPTED:
        raise JobFailed("Le serveur de courriel n’a pas pris l’essai. Réessayez plus tard.")
