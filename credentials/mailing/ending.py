"""The end of a mailing: « bilan d’envoi » in the mailbox of who asked, with its list (R-E6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.timezone import localtime

from credentials.enums import CampaignState, Purpose, RecipientState, SkipReason
from credentials.journal import MailingAct
from credentials.mailing.answers import explain
from credentials.mailing.following import UNREACHABLE
from credentials.mailing.models import Campaign, CampaignRecipient
from credentials.perms import may_still_handle_files
from directory.enums import Profile
from directory.models import Person, School
from ent.audit.services import record
from ent.files.models import StoredFile
from ent.files.writing import create_file
from ent.mail.messages import portal_address
from ent.pages.french import number_words
from ent.tabular import delimited
from messaging.notices.sending import send_report

HEADER: Final = ("nom", "prenom", "profil", "adresse", "resultat", "detail", "date")
_GONE: Final = "personne effacée"
_READ: Final = (
    "account__person__family_name",
    "account__person__given_name",
    "account__person__profile",
    "address",
    "state",
    "reason",
    "code",
    "answer",
    "started_at",
    "ended_at",
)


def end_campaigns(*, now: datetime) -> int:
    """Close the mailings in which nothing waits any more; return how many."""
    stopped = CampaignRecipient.objects.waiting().filter(
        campaign__state=CampaignState.CANCELLED, claim__isnull=True
    )
    stopped.update(state=RecipientState.CANCELLED, next_at=None)
    unfinished = CampaignRecipient.objects.in_progress().filter(campaign=OuterRef("pk"))
    over = Campaign.objects.filter(~Exists(unfinished), state=CampaignState.RUNNING)
    return sum(_end(pk, now) for pk in list(over.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _end(pk: int, now: datetime) -> int:
    """Close one mailing and leave its report, together; another worker's is left to it."""
    campaign = (
        Campaign.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("school")
        .filter(pk=pk, state=CampaignState.RUNNING)
        .first()
    )
    if campaign is None or campaign.recipients.in_progress().exists():
        return 0
    Campaign.objects.filter(pk=pk).update(state=CampaignState.DONE, finished_at=now)
    record(
        act=MailingAct.ENDED,
        actor=campaign.requested_by,
        school_uai=campaign.school.uai,
        details={"reference": campaign.uuid, "count": campaign.recipients.count()},
    )
    owner = Person.objects.filter(uuid=campaign.requested_by, left_at__isnull=True).first()
    if owner is not None:
        send_report(
            to=owner,
            subject=f"Bilan d’envoi\u00a0: identifiants, {campaign.school.name}"[:150],
            body=_body(campaign),
            attachments=[_list(campaign)],
        )
    return 1


def may_download(stored: StoredFile, person_uuid: UUID) -> bool:
    """May this person download the list now? Whoever administers the school's credentials."""
    school = School.objects.filter(uai=stored.school_uai).first()
    return school is not None and may_still_handle_files(person_uuid, school)


def _body(campaign: Campaign) -> str:
    counts = campaign.recipients.count_by_state()
    asked = f"{localtime(campaign.created_at):%d/%m/%Y à %H:%M}"
    lines = [
        f"Objet du courriel\u00a0: {campaign.subject}",
        f"Demandé le {asked}, pour\u00a0: {campaign.words}.",
        "",
        f"Destinataires\u00a0: {number_words(sum(counts.values()))}",
        *(
            f"{state.label}\u00a0: {number_words(counts[state])}"
            for state in RecipientState
            if counts.get(state)
        ),
        "",
        "La liste jointe dit, pour chaque destinataire, ce qu’il en est.",
        "Suivi de l’envoi\u00a0: "
        + portal_address(reverse("credentials:mailing", args=[campaign.uuid])),
    ]
    if campaign.recipients.filter(reason__in=SkipReason.unreachable()).exists():
        lines.append(
            "Utilisateurs sans adresse électronique utilisable\u00a0: "
            + portal_address(reverse("credentials:mailing-recipients", args=[campaign.uuid]))
            + f"?etat={UNREACHABLE}"
        )
    return "\n".join(lines)


def _list(campaign: Campaign) -> StoredFile:
    with create_file(
        name=f"bilan-envoi-{campaign.school.uai}.csv",
        media_type=delimited.CONTENT_TYPE,
        purpose=Purpose.MAILING.value,
        school_uai=campaign.school.uai,
    ) as out:
        lines = delimited.DelimitedWriter(out.write, header=HEADER)
        lines.write_rows(report_rows(campaign))
        lines.close()
    return out.file


def report_rows(campaign: Campaign) -> Iterator[tuple[str, ...]]:
    """Give the rows of the report, one per recipient, by name."""
    rows = campaign.recipients.order_by("account__person__sort_key", "pk")
    profiles, states = dict(Profile.choices), dict(RecipientState.choices)
    for values in rows.values_list(*_READ).iterator(chunk_size=2_000):
        family_name, given_name, profile, address, state, *why, started_at, ended_at = values
        when = ended_at or started_at
        yield (
            family_name if family_name is not None else _GONE,
            given_name or "",
            profiles.get(profile, ""),
            address,
            states[state],
            _detail(state, *why),
            f"{localtime(when):%d/%m/%Y %H:%M}" if when is not None else "",
        )


def _detail(state: str, reason: str, code: int | None, answer: str) -> str:
    """Say why, in the words of the report: the reason of ours, or what the server's means."""
    if reason:
        return SkipReason(reason).label
    if state == RecipientState.ACCEPTED:
        return ""
    return explain(code, answer)
