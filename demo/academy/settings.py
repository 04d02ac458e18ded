"""Settings of one academy's CAS server; see the package."""

import os
import secrets
from pathlib import Path

ACADEMY = os.environ["ACADEMY"]
FOLDER = Path(os.environ["ACADEMY_FOLDER"])
SERVICES = os.environ.get("ACADEMY_SERVICES", r"^http://(127\.0\.0\.1|localhost)(:\d+)?/")

SECRET_KEY = secrets.token_urlsafe(48)  # one run, one key: nobody stays signed in longer
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "cas_server",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "demo.academy.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "demo.academy.people.name_of_the_academy",
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": FOLDER / f"{ACADEMY}.sqlite3",
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
STATIC_URL = "/static/"
LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_TZ = True
# Cookies know no port: two academies on one machine would share them.
SESSION_COOKIE_NAME = f"academie_{ACADEMY}"
CSRF_COOKIE_NAME = f"academie_{ACADEMY}_csrf"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

CAS_AUTH_CLASS = "demo.academy.people.AcademyUser"
CAS_LOGIN_TEMPLATE = "academy/login.html"
CAS_WARN_TEMPLATE = "academy/warn.html"
CAS_LOGGED_TEMPLATE = "academy/logged.html"
CAS_LOGOUT_TEMPLATE = "academy/logout.html"
CAS_NEW_VERSION_HTML_WARNING = False  # it would ask another machine
CAS_NEW_VERSION_EMAIL_WARNING = False
CAS_TICKET_VALIDITY = 30
