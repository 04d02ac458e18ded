"""The addresses of a guichet: its whole host."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from ent.web import health
from guichet.assistance import list_views as key_lists
from guichet.assistance import views as assistance
from guichet.authority import views as authority
from guichet.lost import views as lost
from guichet.my_address import views as own_address
from guichet.my_key import views as own_key
from guichet.passwords import views as passwords
from guichet.seed_files import views as seed_files
from guichet.sign_in import views as sign_in
from guichet.steps import confirm_views as confirm
from guichet.steps import views as steps

_PAGES = [
    path("", sign_in.root, name="root"),
    path("entrer/", sign_in.enter, name="enter"),
    path("accueil/", own_key.home, name="home"),
    path("quitter/", sign_in.sign_out, name="sign_out"),
    path("quitter/termine/", sign_in.signed_out, name="signed_out"),
    path("premiere-utilisation/second-code/", steps.second_code, name="second_code"),
    path("premiere-utilisation/code-pin/", steps.choose_pin, name="choose_pin"),
    path("premiers-pas/mot-de-passe/", passwords.choose_step, name="choose_password"),
    path("premiers-pas/cle/", confirm.prove_key, name="prove_key"),
    path("preuve/", confirm.confirm, name="confirm"),
    path("identifiant/", lost.find_uid, name="find_uid"),
    path("mot-de-passe/oublie/", lost.forgotten_password, name="forgotten_password"),
    path("mot-de-passe/lien/<str:token>/", lost.password_link, name="password_link"),
    path("mot-de-passe/choisir/", lost.link_password, name="link_password"),
    path("mot-de-passe/nouveau/", passwords.new_by_key, name="new_password"),
    path("ma-cle/", own_key.my_key, name="my_key"),
    path("ma-cle/code-pin/", own_key.change_pin_page, name="change_pin"),
    path("ma-cle/perdue/", own_key.report_lost_page, name="report_lost"),
    path("mon-adresse/", own_address.my_address, name="my_address"),
    path("mon-adresse/<str:token>/", own_address.confirm_address, name="confirm_address"),
    path("mot-de-passe/changer/", passwords.change, name="change_password"),
    path("assistance/", assistance.desk, name="assistance"),
    path("assistance/import/", seed_files.upload, name="seed_import"),
    path("assistance/import/<uuid:uuid>/", seed_files.preview, name="seed_preview"),
    path("assistance/attribuer/", key_lists.assign_by_list, name="assign_by_list"),
    path("assistance/listes/<slug:slug>/", assistance.listed, name="assistance_list"),
    path("assistance/agents/<uuid:uuid>/", assistance.person, name="assistance_person"),
    path("assistance/agents/<uuid:uuid>/<slug:slug>/", assistance.act, name="assistance_act"),
    path(
        "assistance/agents/<uuid:uuid>/cles/<uuid:key>/<slug:slug>/",
        assistance.act,
        name="assistance_key_act",
    ),
    path("couleurs/<slug:colour>.css", authority.theme, name="theme"),
    path("logo/", authority.logo, name="logo"),
    path("infos-securite/", authority.security, name="security"),
    path("charte/", authority.charter, name="charter"),
    path("guide-cle-otp/", authority.key_guide, name="key_guide"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("sante/", health.health, name="health"),
    path("cas/", include("sso.urls")),
    path("", include((_PAGES, "guichet"))),
]

handler400 = "ent.web.errors.bad_request"
handler403 = "ent.web.errors.permission_denied"
handler404 = "ent.web.errors.not_found"
handler500 = "ent.web.errors.server_error"
