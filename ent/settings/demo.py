"""The demonstration: one machine, no configuration, plain http on the loopback address."""

from ent.settings.base import *  # noqa: F403
from ent.settings.base import INSTALLED_APPS, PREAU_REALM, VAR_DIR
from ent.settings.environment import (
    read_bool,
    read_list,
    read_or_create_secret,
    read_text,
)
from ent.settings.guichet import GUICHET, guichet_settings

DEBUG = read_bool("DEBUG", default=False)
DEMO = True
INSTALLED_APPS = [*INSTALLED_APPS, "demo"]
ROOT_URLCONF = "demo.urls"
SHOW_STYLEGUIDE = True
PLAIN_HTTP_ACADEMIES = True
# One for each realm: what one signs is nothing to the other.
_SECRET = "secret_key" if PREAU_REALM != GUICHET else "secret_key_guichet"
SECRET_KEY = read_or_create_secret("SECRET_KEY", VAR_DIR / "secrets" / _SECRET)
ALLOWED_HOSTS = read_list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", ".localhost"])
PORTAL_HOSTS = read_list("PORTAL_HOSTS", default=["127.0.0.1", "localhost"])
SCHOOL_DOMAIN = read_text("SCHOOL_DOMAIN", "localhost")

# Mail goes to a folder that a page of the demonstration shows.
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"

if PREAU_REALM == GUICHET:
    globals().update(guichet_settings(globals()))
