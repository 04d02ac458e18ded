"""What the credentials' room keeps: credential files, printings of slips, mailed links."""

from credentials.models.files import CredentialFile, CredentialFileQuerySet, file_name
from credentials.models.links import LostCount, LostRequest, PasswordLink
from credentials.models.slips import SlipPrinting, SlipPrintingQuerySet

__all__ = [
    "CredentialFile",
    "CredentialFileQuerySet",
    "LostCount",
    "LostRequest",
    "PasswordLink",
    "SlipPrinting",
    "SlipPrintingQuerySet",
    "file_name",
]
