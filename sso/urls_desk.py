"""« Gestion portail > Services tiers », under ``/gestion/services/``."""

from django.urls import path

from sso.desk.access import views as accesses
from sso.desk.addresses import views as addresses
from sso.desk.contract import views as identity
from sso.desk.registration import views as catalogue
from sso.desk.usage import views as usage

app_name = "services"

urlpatterns = [
    path("", catalogue.services, name="services"),
    path("ajouter/", catalogue.choose_preset, name="choose-preset"),
    path("ajouter/<slug:preset>/", catalogue.register, name="register"),
    path("<uuid:service>/", catalogue.general, name="service"),
    path("<uuid:service>/ouverture/", catalogue.opening, name="opening"),
    path("<uuid:service>/supprimer/", catalogue.delete, name="delete"),
    path("<uuid:service>/adresses/", addresses.addresses, name="addresses"),
    path("<uuid:service>/adresses/retirer/", addresses.remove, name="address-remove"),
    path("<uuid:service>/population/", accesses.population, name="population"),
    path("<uuid:service>/population/retirer/", accesses.remove, name="population-remove"),
    path("<uuid:service>/utilisateurs/", accesses.users, name="users"),
    path("<uuid:service>/utilisateurs/ajouter/", accesses.add, name="user-add"),
    path("<uuid:service>/utilisateurs/ajouter/<uuid:person>/", accesses.give, name="user-give"),
    path(
        "<uuid:service>/utilisateurs/<uuid:grant>/retirer/",
        accesses.withdraw,
        name="user-withdraw",
    ),
    path("<uuid:service>/identite/", identity.contract, name="contract"),
    path("<uuid:service>/identite/apercu/", identity.preview, name="preview"),
    path(
        "<uuid:service>/identite/apercu/<uuid:person>/",
        identity.preview_person,
        name="preview-person",
    ),
    path("<uuid:service>/frequentation/", usage.usage, name="usage"),
    path("<uuid:service>/frequentation/exporter/", usage.export, name="usage-export"),
]
