"""The acts that need no recent proof: every other POST of a signed-in person asks for one.

A test compares this list with the views themselves, in both directions.
"""

from __future__ import annotations

from typing import Final

NO_PROOF: Final[dict[str, str]] = {
    "jobs:cancel": "stops one's own work",
    "accounts:choose_password": "a forced step of the sign-in that was just made",
    "accounts:accept_terms": "a forced step",
    "accounts:prove_second_factor": "is itself a proof",
    "accounts:enrol_second_factor": "asks by itself, also when it is a forced step",
    "accounts:strength": "leads to a proof",
    "accounts:change_password": "asks for the present password in the form",
    "accounts:confirm_password": "is itself the proof",
    "accounts:close_other_connections": "takes power away, and gives none",
    "accounts:close_connection": "takes power away, and gives none",
    "messaging:act": "one's own mailbox",
    "messaging:preferences": "how often one is told",
    "portal:switch": "which of one's own schools and profiles is shown",
}

#: Files and pages that hold people or codes and are opened by a GET.
FILES: Final[frozenset[str]] = frozenset(
    {"directory:import-anomalies-export", "credentials:mailing-without-address"}
)
#: Pages whose form is answered by itself and whose GET gives nothing to fill in.
ASKS_AT_POST_ONLY: Final[dict[str, str]] = {}
