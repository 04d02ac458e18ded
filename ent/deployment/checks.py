"""System checks of the kernel: what must be true before anything is served (T-L1)."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.contrib.auth.hashers import get_hasher
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from ent.database.roles import journal_rights

# OWASP's minimum for Argon2id; the first figure is in KiB.
MINIMUM_MEMORY_KIB = 19456
MINIMUM_TIME_COST = 2
MINIMUM_PARALLELISM = 1


@register(Tags.security)
def check_password_hasher(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse to start with a first hasher weaker than Argon2id m=19456, t=2, p=1."""
    hasher = get_hasher("default")
    problems: list[CheckMessage] = []
    if hasher.algorithm != "argon2":
        problems.append(
            Error("The first password hasher must be Argon2id.", id="ent.E001", obj=settings)
        )
        return problems
    measured = (
        getattr(hasher, "memory_cost", 0),
        getattr(hasher, "time_cost", 0),
        getattr(hasher, "parallelism", 0),
    )
    wanted = (MINIMUM_MEMORY_KIB, MINIMUM_TIME_COST, MINIMUM_PARALLELISM)
    if any(have < need for have, need in zip(measured, wanted, strict=True)):
        problems.append(
            Error(
                f"Argon2id is weaker than m={wanted[0]}, t={wanted[1]}, p={wanted[2]}.",
                id="ent.E002",
                obj=settings,
            )
        )
    return problems


@register(Tags.database, deploy=True)
def check_database_role(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Warn when the role of this process may rewrite the journal (`create_database_roles`)."""
    if not databases:
        return []
    rights = journal_rights()
    if not rights:
        return []
    return [
        Warning(
            f"The database role of this process may change the journal: {'; '.join(rights)}.",
            hint="Connect the web and the workers as the roles of `create_database_roles`.",
            id="ent.W003",
        )
    ]
