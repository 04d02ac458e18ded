"""What the credentials' room keeps: files, printings of slips, mailed links, mailings."""

from credentials.files.models import CredentialFile, CredentialFileQuerySet, file_name
from credentials.links.models import LostCount, LostRequest, PasswordLink
from credentials.mailing.models import (
    Campaign,
    CampaignRecipient,
    CampaignRecipientQuerySet,
    MailingTrial,
    MailServer,
)
from credentials.openings.models import CodeOpening
from credentials.slips.models import SlipPrinting, SlipPrintingQuerySet

__all__ = [
    "Campaign",
    "CampaignRecipient",
    "CampaignRecipientQuerySet",
    "CodeOpening",
    "CredentialFile",
    "CredentialFileQuerySet",
    "LostCount",
    "LostRequest",
    "MailServer",
    "MailingTrial",
    "PasswordLink",
    "SlipPrinting",
    "SlipPrintingQuerySet",
    "file_name",
]
