"""Production: https behind a proxy, secrets given by the operator, an operator's PostgreSQL."""

from django.core.exceptions import ImproperlyConfigured

from ent.settings.base import *  # noqa: F403
from ent.settings.base import ALLOWED_HOSTS, DATABASES, PREAU_REALM
from ent.settings.environment import read_bool, read_int, read_text
from ent.settings.guichet import GUICHET, guichet_settings

SECRET_KEY = read_text("SECRET_KEY")
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts that this ENT serves")
if DATABASES["default"]["ENGINE"] == "ent.embedded":
    # It trusts every local process of its user and has no backups: never for real people.
    raise ImproperlyConfigured("DATABASE_URL must be set: production refuses the embedded server")

PUBLIC_BASE_URL = read_text("PUBLIC_BASE_URL")

SECURE_SSL_REDIRECT = read_bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^sante/(pages/)?$"]  # the probe of a container speaks plain http
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = read_int("SECURE_HSTS_SECONDS", default=63_072_000, minimum=0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# The prefix makes browsers refuse the cookie unless it is Secure, without Domain and for path "/".
SESSION_COOKIE_NAME = "__Host-preau_session"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-preau_csrf"
CSRF_COOKIE_SECURE = True

EMAIL_BACKEND = "ent.mail.timed.TimedBackend"
EMAIL_HOST = read_text("EMAIL_HOST", "localhost")
EMAIL_PORT = read_int("EMAIL_PORT", default=25, minimum=1)
EMAIL_HOST_USER = read_text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = read_text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = read_bool("EMAIL_USE_TLS", default=False)

if PREAU_REALM == GUICHET:
    globals().update(guichet_settings(globals()))
