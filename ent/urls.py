"""The addresses of the portal: one line per room; a room owns what stands under its prefix."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from ent import health
from ent.operators.views import second_factor

# prefix, module; the public pages come last because they answer at the root.
_ROOMS = [
    ("travaux/", "ent.jobs.urls"),
    ("fichiers/", "ent.files.urls"),
    ("journal/", "ent.audit.urls"),
    ("charte/", "ent.pages.urls"),
    ("annuaire/", "directory.urls"),
    ("cas/", "sso.urls"),
    ("gestion/services/", "sso.urls_desk"),
    ("messagerie/", "messaging.urls"),
    ("", "credentials.urls"),  # before the doors: « connexion/mot-de-passe-oublie/ » is none
    ("", "accounts.urls"),
    ("pronote/", "pronote_bridge.urls"),
    ("", "portal.urls"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("sante/", health.health, name="health"),
    # The admin's own sign-in form counts no tries: operators come in by a door like everybody.
    path("operateurs/login/", second_factor, name="operator_login"),
    path("operateurs/", admin.site.urls),
    *[path(prefix, include(module)) for prefix, module in _ROOMS if find_spec(module)],
]

handler400 = "ent.errors.bad_request"
handler403 = "ent.errors.permission_denied"
handler404 = "ent.errors.not_found"
handler500 = "ent.errors.server_error"
