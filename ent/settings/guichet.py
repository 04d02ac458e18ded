"""What a process of an academy's guichet has otherwise than the portal: rooms, cookies, keys.

Each way of running ends with it, and only the process's realm decides (`ent.processes`). The rooms
of the portal are not loaded at all: nothing of theirs runs where seeds can be opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ent.settings.environment import read_list, read_path, read_text

GUICHET: Final = "guichet"
_ROOMS_OF_THE_PORTAL: Final = (
    *("ent.operators.apps.OperatorsConfig", "import_export", "accounts", "messaging"),
    *("credentials", "pronote_bridge", "portal", "demo"),
)
_MIDDLEWARE_OF_THE_PORTAL: Final = ("portal.", "directory.schools.")


def guichet_settings(portal: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that differ; *portal* is those of the way of running."""
    is_secure = bool(portal.get("SESSION_COOKIE_SECURE", False))
    prefix = "__Host-" if is_secure else ""
    base_url = read_text("GUICHET_BASE_URL", "http://127.0.0.1:8100")
    var = Path(portal["VAR_DIR"]) / GUICHET
    return {
        "PREAU_REALM": GUICHET,
        "INSTALLED_APPS": [
            name for name in portal["INSTALLED_APPS"] if name not in _ROOMS_OF_THE_PORTAL
        ],
        "MIDDLEWARE": [
            name for name in portal["MIDDLEWARE"] if not name.startswith(_MIDDLEWARE_OF_THE_PORTAL)
        ],
        "ROOT_URLCONF": "guichet.urls",
        "AUTH_USER_MODEL": "auth.User",
        "AUTHENTICATION_BACKENDS": [],
        "PAGE_CHROME": "guichet.authority.chrome.build",
        "PUBLIC_BASE_URL": base_url,
        "ALLOWED_HOSTS": read_list("GUICHET_HOSTS", default=portal["ALLOWED_HOSTS"]),
        "LOGIN_URL": "/entrer/",
        "LOGIN_REDIRECT_URL": "/accueil/",
        "SESSION_COOKIE_NAME": f"{prefix}guichet_session",
        "CSRF_COOKIE_NAME": f"{prefix}guichet_csrf",
        "CSRF_FAILURE_VIEW": "guichet.sign_in.stale.stale_form",
        # Keys of its own, in a folder of its own: the portal's open nothing here, and the reverse.
        "KEYS_DIR": read_path("PREAU_GUICHET_KEYS", default=var / "keys"),
        "OPENS_OTP_SEEDS": True,
        "SHOW_STYLEGUIDE": False,
    }
