"""A Django application that trusts the portal: django-cas-ng, unmodified.

``python django_client.py PORT CAS_URL FOLDER``; ``/qui/`` answers who is signed in.
"""

from __future__ import annotations

import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

PORT, CAS_URL, FOLDER = sys.argv[1:4]

settings.configure(
    SECRET_KEY="of the tests",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="__main__",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django_cas_ng",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(Path(FOLDER) / "db.sqlite")}
    },
    AUTHENTICATION_BACKENDS=["django_cas_ng.backends.CASBackend"],
    CAS_SERVER_URL=CAS_URL,
    CAS_VERSION="3",
    LOGIN_URL="/entrer/",
    CAS_REDIRECT_URL="/qui/",
)
django.setup()

from django_cas_ng import views  # noqa: E402 - needs the settings above


@login_required
def who(request: HttpRequest) -> HttpResponse:
    """Say who is signed in here."""
    return HttpResponse(request.user.get_username(), content_type="text/plain")


urlpatterns = [
    path("qui/", who),
    path("entrer/", views.LoginView.as_view(), name="cas_ng_login"),
    path("sortir/", views.LogoutView.as_view(), name="cas_ng_logout"),
]


class Server(ThreadingMixIn, WSGIServer):
    """The portal may call while a page waits for the portal."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """No line per request."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    server = make_server("127.0.0.1", int(PORT), get_wsgi_application(), Server, Quiet)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    server.serve_forever()
