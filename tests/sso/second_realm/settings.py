"""Settings of the second realm: the kernel, the directory, `signin`, `sso`, and itself."""

from pathlib import Path

from ent.settings.test import *  # noqa: F403
from ent.settings.test import INSTALLED_APPS, MIDDLEWARE, TEMPLATES

_ROOMS_ABOVE = {
    "ent.operators.apps.OperatorsConfig",
    "import_export",
    "accounts",
    "guichet",
    "messaging",
    "credentials",
    "pronote_bridge",
    "portal",
    "demo",
}

PREAU_REALM = "guichet"
SSO_REALM_KIT = "tests.sso.second_realm.kit.SecondRealmKit"
INSTALLED_APPS = [name for name in INSTALLED_APPS if name not in _ROOMS_ABOVE]
INSTALLED_APPS += ["tests.sso.second_realm.apps.SecondRealmConfig"]
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("portal.")]
TEMPLATES[0]["DIRS"] += [Path(__file__).parent / "templates"]
AUTH_USER_MODEL = "auth.User"
AUTHENTICATION_BACKENDS = []
ROOT_URLCONF = "tests.sso.second_realm.urls"
PAGE_CHROME = ""
LOGIN_URL = "/entrer/"
SESSION_COOKIE_NAME = "second_session"
CSRF_COOKIE_NAME = "second_csrf"
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
CELERY_IMPORTS = []
