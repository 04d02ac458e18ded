"""The addresses of the portal: one line per room; a room owns what stands under its prefix."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from ent.operators.views import second_factor
from ent.web import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("sante/", health.health, name="health"),
    path("sante/pages/", health.can_serve, name="can_serve"),
    # The admin's own sign-in form counts no tries: operators come in by a door like everybody.
    path("operateurs/login/", second_factor, name="operator_login"),
    path("operateurs/", admin.site.urls),
    path("travaux/", include("ent.jobs.urls")),
    path("fichiers/", include("ent.files.urls")),
    path("charte/", include("ent.pages.urls")),
    path("annuaire/", include("directory.urls")),
    path("cas/", include("sso.urls")),
    path("gestion/services/", include("sso.urls_desk")),
    path("", include("pronote_bridge.urls")),  # « gestion/pronote/ », « pronote/machines/ »
    path("messagerie/", include("messaging.urls")),
    path("", include("credentials.urls")),  # « connexion/mot-de-passe-oublie/ » is not a door
    path("", include("accounts.urls")),
    path("", include("portal.urls")),  # last: its public pages answer at the root
]

handler400 = "ent.web.errors.bad_request"
handler403 = "ent.web.errors.permission_denied"
handler404 = "ent.web.errors.not_found"
handler500 = "ent.web.errors.server_error"
