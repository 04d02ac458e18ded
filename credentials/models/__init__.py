"""What the credentials' room keeps: files of credentials, printings of slips."""

from credentials.models.files import CredentialFile, CredentialFileQuerySet, file_name
from credentials.models.slips import SlipPrinting, SlipPrintingQuerySet

__all__ = [
    "CredentialFile",
    "CredentialFileQuerySet",
    "SlipPrinting",
    "SlipPrintingQuerySet",
    "file_name",
]
