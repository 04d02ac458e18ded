"""The tests: the embedded server without durability, everything else as the demonstration."""

from pathlib import Path

from ent.settings.base import *  # noqa: F403
from ent.settings.base import (
    DATABASES,
    FOLDER_BROKER,
    INSTALLED_APPS,
    PREAU_REALM,
    STORAGES,
    TEMPLATES,
    VAR_DIR,
    describe_folder_broker,
)
from ent.settings.environment import read_bool, read_int, read_path, read_text
from ent.settings.guichet import GUICHET, guichet_settings
from tests.kit.templates import UndefinedVariable

DEMO = True
INSTALLED_APPS = [*INSTALLED_APPS, "demo"]
ROOT_URLCONF = "demo.urls"
SHOW_STYLEGUIDE = True
PLAIN_HTTP_ACADEMIES = True
SECRET_KEY = "a-key-of-the-tests-that-opens-nothing-anywhere-0123456789abcdef"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost", ".localhost"]
PORTAL_HOSTS = ["testserver", "127.0.0.1", "localhost"]
SCHOOL_DOMAIN = "localhost"
VAR_DIR = read_path("PREAU_TEST_VAR", default=VAR_DIR / "test")
KEYS_DIR = VAR_DIR / "keys"
KEYS_CREATE_MISSING = True
# The test process plays the web and the worker; the live server is told that it is no worker.
RUNS_WORKER = read_bool("PREAU_RUNS_WORKER", default=True)

if DATABASES["default"]["ENGINE"] == "ent.embedded":
    DATABASES["default"] |= {"CLUSTER": VAR_DIR / "postgres", "NAME": "postgres", "DURABLE": False}
# A process of the suite (the live server, its worker) is told the clone it works on.
if read_text("PREAU_TEST_DATABASE", ""):
    DATABASES["default"]["NAME"] = read_text("PREAU_TEST_DATABASE")
    GUICHET_KEPT_SECONDS = 0  # it outlives the tests, and their guichets

TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = UndefinedVariable("%s")
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
# The live worker sends for real, to the suite's own server.
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", read_int("PREAU_TEST_SMTP_PORT", default=0)
if EMAIL_PORT:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT = None
CELERY_BROKER_TRANSPORT_OPTIONS = {}
# The live server and its worker talk to each other through a broker of their own.
_BROKER = read_text("PREAU_TEST_BROKER", "")
if "://" in _BROKER:
    CELERY_BROKER_URL = _BROKER
elif _BROKER:
    CELERY_BROKER_URL = "filesystem://localhost/"
    CELERY_BROKER_TRANSPORT = FOLDER_BROKER
    CELERY_BROKER_TRANSPORT_OPTIONS = describe_folder_broker(Path(_BROKER))
# What one process changes in the catalogue of services the other sees at once.
SSO_CATALOGUE_SECONDS = 0
CELERY_IMPORTS = ["tests.ent.job_kinds"]
# A beat for each process of the suite: two that shared a file spoiled it for each other.
_BEAT_FOLDER = Path(_BROKER).parent if _BROKER and "://" not in _BROKER else VAR_DIR
CELERY_BEAT_SCHEDULE_FILENAME = str(_BEAT_FOLDER / "beat" / "schedule")

if PREAU_REALM == GUICHET:
    globals().update(guichet_settings(globals()))
