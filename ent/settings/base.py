"""Settings that every way of running shares.

A setting that an operator may change is read from the environment (see `docs/operations.md`);
everything else is a decision, and its reason stands beside it.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF

from ent.deployment.machine import core_count, sign_in_room, web_process_count
from ent.settings.environment import (
    read_bool,
    read_database,
    read_int,
    read_list,
    read_path,
    read_text,
)

# Makes Django's generic classes subscriptable: `forms.ModelForm[Person]`.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = read_path("PREAU_VAR", default=BASE_DIR / "var")
KEYS_DIR = read_path("PREAU_KEYS", default=VAR_DIR / "keys")

DEBUG = False
ALLOWED_HOSTS = read_list("ALLOWED_HOSTS", default=[])
# Where mails and the pages of other hosts send people: never taken from a request's Host header.
PUBLIC_BASE_URL = read_text("PUBLIC_BASE_URL", "http://127.0.0.1:8000")
# How many reverse proxies stand before us: that many hops of X-Forwarded-For are believed.
TRUSTED_PROXY_COUNT = read_int("TRUSTED_PROXY_COUNT", default=0, minimum=0)
PLATFORM_NAME = "Préau"
# The portal's own hosts; any other host is a school's (`<slug>.<SCHOOL_DOMAIN>` or its own domain).
PORTAL_HOSTS = read_list("PORTAL_HOSTS", default=[urlsplit(PUBLIC_BASE_URL).hostname or ""])
SCHOOL_DOMAIN = read_text("SCHOOL_DOMAIN", "")
# What builds the frame of a page: the kernel knows neither portal nor accounts.
PAGE_CHROME = "portal.chrome.build"
# Every component on one page (`ent.pages.styleguide`), for those who work on the pages.
SHOW_STYLEGUIDE = False

INSTALLED_APPS = [
    "ent.operators.apps.OperatorsConfig",  # Django's admin, behind a second factor
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "import_export",
    "csp",
    "ent",
    "ent.jobs",
    "ent.audit",
    "ent.sealing",
    "ent.files",
    "ent.pages",
    "directory",
    "signin",
    "accounts",
    "sso",
    "guichet",
    "messaging",
    "credentials",
    "pronote_bridge",
    "portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "ent.web.headers.HstsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ent.web.headers.PolicyMiddleware",
    "ent.web.headers.SecurityHeadersMiddleware",
    # Above everything that reads the database, even to know who asks.
    "ent.web.health.HealthMiddleware",
    "ent.database.middleware.PatienceMiddleware",
    "portal.hosts.middleware.SchoolHostMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "signin.middleware.PrincipalMiddleware",
    # After who is signed in is known: its page says so, as every page does.
    "ent.web.unreadable.RefuseNulMiddleware",
    "directory.schools.remembered.KeepSchoolMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "signin.middleware.ForcedStepsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "signin.kept_answers.middleware.KeptAnswerMiddleware",
    "signin.kept_forms.middleware.RecentProofMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "ent.web.errors.NotAllowedMiddleware",
]

ROOT_URLCONF = "ent.urls"
WSGI_APPLICATION = "ent.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ent.pages.chrome.chrome",
            ],
        },
    },
]
# Every form and field has the shape of templates/components/.
FORM_RENDERER = "ent.pages.forms.PreauRenderer"

_DATABASE_COMMON: dict[str, Any] = {
    "CONN_MAX_AGE": read_int("DATABASE_CONN_MAX_AGE", default=60, minimum=0),
    "CONN_HEALTH_CHECKS": True,
    "ATOMIC_REQUESTS": False,
}
_DATABASE_URL = read_database("DATABASE_URL")
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **_DATABASE_COMMON,
        **(
            _DATABASE_URL
            if _DATABASE_URL is not None
            # The private server of `ent.embedded`, started at the first connection.
            else {"ENGINE": "ent.embedded", "NAME": "preau", "CLUSTER": VAR_DIR / "postgres"}
        ),
    }
}
# The few hot statements are prepared (`ent.database.prepared`); switched off behind a transaction
# pooler that does not follow prepared statements.
DATABASE_PREPARES = read_bool("DATABASE_PREPARES", default=True)
# The longest that a page waits for one answer of the database; then it says 503 (`ent.database`).
DATABASE_PAGE_SECONDS = read_int("DATABASE_PAGE_SECONDS", default=5, minimum=2)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people who sign in -------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.Account"
LOGIN_URL = "/connexion/"
LOGIN_REDIRECT_URL = "/accueil/"
# Where a door leads who has forgotten something: pages of a room above it.
FORGOTTEN_PASSWORD_URL = "/connexion/mot-de-passe-oublie/"  # noqa: S105 - an address
FORGOTTEN_LOGIN_URL = "/connexion/identifiant-oublie/"
PASSWORD_HASHERS = [
    "signin.passwords.hashers.PreauArgon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# How many sign-ins may be under way or wait for that, and how many passwords be hashed, at once on
# this machine (`signin.places`).
_CORES = core_count()
_WEB_PROCESSES = read_int("WEB_PROCESSES", default=web_process_count(_CORES), minimum=1)
_PLACES, _WAITING = sign_in_room(cores=_CORES, web_processes=_WEB_PROCESSES)
SIGN_IN_HASH_SLOTS = read_int("SIGN_IN_HASH_SLOTS", default=_CORES, minimum=1)
SIGN_IN_PLACES = read_int("SIGN_IN_PLACES", default=_PLACES, minimum=1)
SIGN_IN_WAITING = read_int("SIGN_IN_WAITING", default=_WAITING, minimum=0)
# How many requests to one academy, and to all of them, may be under way at once on this machine
# (`accounts.doors.base.places`): a slow academy never holds the web processes of everybody else.
DOOR_PLACES = read_int("DOOR_PLACES", default=(_WEB_PROCESSES + 2) // 3, minimum=1)
DOORS_PLACES = read_int("DOORS_PLACES", default=(_WEB_PROCESSES + 1) // 2, minimum=1)
# A PEM file of authorities to believe instead of the usual ones (an academy's own authority).
DOORS_CA_FILE = read_text("DOORS_CA_FILE", "")
# Whether an academy's server may be reached without TLS: never on a network.
PLAIN_HTTP_ACADEMIES = False
# Doors check secrets (`accounts.local.sign_in`); no library's own form does.
AUTHENTICATION_BACKENDS = ["accounts.doors.returns.backends.DoorBackend"]
# Shortest password by kind of person; never below 8 (`signin.passwords.rules`).
PASSWORD_MINIMUM_LENGTHS = {
    "default": read_int("PASSWORD_MINIMUM_LENGTH", default=12, minimum=8),
    "administrator": read_int("PASSWORD_MINIMUM_LENGTH_ADMINISTRATOR", default=15, minimum=12),
    "first_degree_pupil": read_int("PASSWORD_MINIMUM_LENGTH_FIRST_DEGREE", default=8, minimum=8),
}
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
]

# A printed activation code opens its account for that long, whoever issued it: the import, a
# regeneration or a re-issue.
ACTIVATION_CODE_DAYS = read_int("ACTIVATION_CODE_DAYS", default=90, minimum=1)

# How long a process trusts its copy of the catalogue of services before it asks for its version.
SSO_CATALOGUE_SECONDS = 2

# --- sessions and cookies -----------------------------------------------------------------------
# A message may hold a name: it stays in the session's row and never in a cookie of its own.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_ENGINE = "signin.sessions.store"
# Which sign-ins this process serves (`signin.realms`): the portal's, or those of a guichet.
PREAU_REALM = read_text("PREAU_REALM", "portail")
# The authority whose guichet a process of that realm serves.
GUICHET_AUTHORITY = read_text("GUICHET_AUTHORITY", "")
# How long a process trusts its copy of that guichet's look and rules.
GUICHET_KEPT_SECONDS = 2
SESSION_COOKIE_NAME = "preau_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # the absolute limit; the idle limit is the session store's
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "preau_csrf"
CSRF_COOKIE_HTTPONLY = True  # pages hand the token over in the form, no script reads the cookie
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "accounts.session_ends.stale_form.stale_form"
CSRF_TRUSTED_ORIGINS = read_list("CSRF_TRUSTED_ORIGINS", default=[])

# --- headers ------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# --- language and time --------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "français")]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True

# --- files --------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = read_path("STATIC_ROOT", default=VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "media"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# One body holds at most a form; deliveries come as files, streamed to disk, encrypted. What the
# files of one form may weigh: everywhere, and where deliveries are taken (`UPLOAD_MOST_MEGABYTES`).
FORM_FILES_MOST_BYTES = 10 * 1024 * 1024
UPLOAD_MOST_BYTES = read_int("UPLOAD_MOST_MEGABYTES", default=1024, minimum=1) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "ent.files.uploads.SealedUploadHandler",
]

# --- mail ---------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = read_text("DEFAULT_FROM_EMAIL", "Préau <ne-pas-repondre@preau.invalid>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Who gets the journal's heads once a day.
ADMINS = [("", address) for address in read_list("OPERATOR_EMAILS", default=[])]
EMAIL_TIMEOUT = 20
# All the waits of one mail together (`ent.mail.timed`); `EMAIL_TIMEOUT` bounds each of them.
MAIL_SECONDS = read_int("MAIL_SECONDS", default=30, minimum=1)
# Mailings (`credentials.mailing`). Pace over all workers, 0 for none; connections at once, over all
# workers, too; mails a minute to one domain, 0 for no cap.
MAIL_PER_SECOND = read_int("MAIL_PER_SECOND", default=20, minimum=0)
MAIL_CONNECTIONS = read_int("MAIL_CONNECTIONS", default=2, minimum=1)
MAIL_PER_DOMAIN_PER_MINUTE = read_int("MAIL_PER_DOMAIN_PER_MINUTE", default=0, minimum=0)
# What a worker takes at once without a pace; with one, what it sends in five seconds.
MAIL_BATCH = 1_000
# Mails that come back reach `manage.py receive_bounce` by addresses of this domain; "": none do.
MAIL_BOUNCE_DOMAIN = read_text("MAIL_BOUNCE_DOMAIN", "")
# What becomes of a mail whose end nobody saw (a worker died while it spoke to the server): with a
# relay on this machine its log tells, once the relay cannot be waiting for its end any more;
# otherwise it is sent again (nobody is forgotten), or shown for somebody to decide.
MAIL_RELAY_IS_LOCAL = read_bool("MAIL_RELAY_IS_LOCAL", default=False)
MAIL_RELAY_LOG = read_text("MAIL_RELAY_LOG", "")
MAIL_RECONCILE_AFTER_SECONDS = read_int("MAIL_RECONCILE_AFTER_SECONDS", default=330, minimum=0)
MAIL_RESENDS_DOUBTFUL = read_bool("MAIL_RESENDS_DOUBTFUL", default=True)


# --- background work ----------------------------------------------------------------------------
# Rows are the truth (`ent.jobs`); a broker only says "there is work", so results are never kept and
# a task's arguments are identifiers. Without Redis the message is a file in a folder of our own.
def describe_folder_broker(folder: Path) -> dict[str, Any]:
    """Return the options of the broker on disk: what one process writes the other reads."""
    return {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "processed_folder": str(folder / "processed"),
        "control_folder": str(folder / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }


_REDIS_URL = read_text("REDIS_URL", "")
FOLDER_BROKER = "ent.broker.folder:Transport"
CELERY_BROKER_URL = _REDIS_URL or "filesystem://localhost/"
CELERY_BROKER_TRANSPORT = None if _REDIS_URL else FOLDER_BROKER
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"visibility_timeout": 3600, "socket_timeout": 5, "socket_connect_timeout": 5}
    if _REDIS_URL
    else describe_folder_broker(VAR_DIR / "broker")
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
# A realm's work waits for the workers of that realm: only they may send its notices.
CELERY_TASK_DEFAULT_QUEUE = "preau" if PREAU_REALM == "portail" else f"preau-{PREAU_REALM}"
# A publication happens at commit and must never hold a page for long: the sweeper publishes again.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_ENABLE_UTC = True
# Each room adds its periodic tasks in its own `tasks.py` (`ent.celery.every`).
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat" / f"schedule-{PREAU_REALM}")

# --- logs ---------------------------------------------------------------------------------------
LOG_LEVEL = read_text("LOG_LEVEL", "INFO")
# An error report holds nothing that was typed (`ent.logging.error_reports`).
DEFAULT_EXCEPTION_REPORTER = "ent.logging.error_reports.Reporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "ent.logging.error_reports.ReporterFilter"
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "ent.logging.lines.OneLineFormatter"}},
    "filters": {"one_time": {"()": "ent.logging.lines.OneTimeFilter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django.db.backends": {"level": "INFO"},
        # At DEBUG they write addresses with their tickets, and what academies say of people.
        "urllib3": {"level": "INFO"},
        "cas": {"level": "INFO"},
        "django.request": {"filters": ["one_time"]},
        "django.security.csrf": {"filters": ["one_time"]},
        # Anybody may send any Host header as often as they like: the 400 is answer enough.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}

# --- keys (`ent.sealing`) -----------------------------------------------------------------------
# Only the processes of a guichet open the seeds of OTP keys (`ent.settings.guichet`).
OPENS_OTP_SEEDS = False
# Activation codes that one person may open in a day; 0: the accounts of their schools, and 100.
CODES_A_DAY = read_int("PREAU_CODES_A_DAY", default=0, minimum=0)
# Only workers hold the private keys: a web process that asks for one gets an exception.
RUNS_WORKER = read_bool("PREAU_RUNS_WORKER", default=False)
# Where a worker's machine notes the heads of the journal's chains, outside the database.
JOURNAL_ANCHOR = read_path("PREAU_JOURNAL_ANCHOR", default=VAR_DIR / "journal" / "anchor.json")
# Where it notes whom it erased, so that a restored backup erases them again.
ERASURE_LIST = read_path("PREAU_ERASURE_LIST", default=VAR_DIR / "journal" / "erasures.txt")
# The tests let missing key files appear by themselves; elsewhere `create_keys` makes them, once.
KEYS_CREATE_MISSING = False
