"""What the credentials' room keeps: files, printings of slips, mailed links, mailings."""

from credentials.models.campaigns import (
    Campaign,
    CampaignQuerySet,
    CampaignRecipient,
    CampaignRecipientQuerySet,
    MailingTrial,
    MailServer,
)
from credentials.models.files import CredentialFile, CredentialFileQuerySet, file_name
from credentials.models.links import LostCount, LostRequest, PasswordLink
from credentials.models.slips import SlipPrinting, SlipPrintingQuerySet

__all__ = [
    "Campaign",
    "CampaignQuerySet",
    "CampaignRecipient",
    "CampaignRecipientQuerySet",
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
