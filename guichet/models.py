"""The room's models, for Django: import each from its own module."""

from guichet.agents.models import AcademicCredential
from guichet.authority.models import Guichet
from guichet.keys.models import KeyAct, OtpKey, RescuePassword
from guichet.lost.models import AgentPasswordLink
from guichet.seed_files.models import SeedImport

__all__ = [
    "AcademicCredential",
    "AgentPasswordLink",
    "Guichet",
    "KeyAct",
    "OtpKey",
    "RescuePassword",
    "SeedImport",
]
