"""Addresses of the credentials' room."""

from django.urls import path

from credentials import handover
from credentials.blocking import views as blocking
from credentials.dashboard import views as dashboard
from credentials.files import views as files
from credentials.links import views as links
from credentials.lost import views as lost
from credentials.mailing import views as mailings
from credentials.openings import views as openings
from credentials.rescue import views as rescue
from credentials.slips import views as slips

app_name = "credentials"

_DESK = "annuaire/administration/fichiers-des-identifiants/"
_SLIPS = "annuaire/administration/fiches/"
_PERSON = "annuaire/personnes/<uuid:person>/"
_ACTIVATION = "annuaire/administration/activation/"
_CLASSES = "annuaire/administration/classes-a-depanner/"
_OPENINGS = "annuaire/administration/ouvertures-en-attente/"
_MAILINGS = "annuaire/administration/diffusion-des-identifiants/"

urlpatterns = [
    path(_DESK, files.files, name="files"),
    path(f"{_DESK}avancement/", files.progress, name="progress"),
    path(f"{_DESK}regenerer/", files.regenerate, name="regenerate"),
    path(f"{_DESK}reemettre/", files.reissue, name="reissue"),
    path(f"{_DESK}reemettre/confirmer/", files.confirm_reissue, name="confirm-reissue"),
    path(f"{_DESK}remise/<uuid:job>/", handover.handover, name="handover"),
    path(f"{_DESK}<uuid:file>/supprimer/", files.delete, name="delete"),
    path(f"{_DESK}<uuid:file>/relancer/", files.retry, name="retry"),
    path(f"{_DESK}<uuid:file>/telecharger/<slug:file_format>/", files.download, name="download"),
    path(_OPENINGS, openings.openings, name="openings"),
    path(f"{_OPENINGS}<uuid:opening>/permettre/", openings.allow, name="allow-opening"),
    path(_SLIPS, slips.slips, name="slips"),
    path(f"{_SLIPS}avancement/", slips.progress, name="slips-progress"),
    path(f"{_SLIPS}preparer/", slips.choose_school, name="choose-slips-school"),
    path(f"{_SLIPS}selection/", slips.prepare_selected, name="prepare-selected-slips"),
    path(f"{_SLIPS}preparer/<str:uai>/", slips.prepare, name="prepare-slips"),
    path(f"{_SLIPS}<uuid:printing>/relancer/", slips.again, name="retry-slips"),
    path(f"{_SLIPS}<uuid:printing>/supprimer/", slips.delete, name="delete-slips"),
    path(f"{_SLIPS}<uuid:printing>/telecharger/", slips.download, name="download-slips"),
    path(_MAILINGS, mailings.mailings, name="mailings"),
    path(f"{_MAILINGS}preparer/", mailings.choose_school, name="choose-mailing-school"),
    path(f"{_MAILINGS}preparer/<str:uai>/", mailings.prepare, name="prepare-mailing"),
    path(f"{_MAILINGS}diffuser/<str:uai>/", mailings.confirm, name="confirm-mailing"),
    path(f"{_MAILINGS}<uuid:campaign>/", mailings.mailing, name="mailing"),
    path(f"{_MAILINGS}<uuid:campaign>/avancement/", mailings.progress, name="mailing-progress"),
    path(f"{_MAILINGS}<uuid:campaign>/acte/", mailings.act, name="mailing-act"),
    path(
        f"{_MAILINGS}<uuid:campaign>/destinataires/",
        mailings.recipients,
        name="mailing-recipients",
    ),
    path(
        f"{_MAILINGS}<uuid:campaign>/sans-adresse/",
        mailings.without_address,
        name="mailing-without-address",
    ),
    path("connexion/mot-de-passe-oublie/", lost.forgotten_password, name="forgotten-password"),
    path("connexion/mot-de-passe-oublie/recu/", lost.password_asked, name="password-asked"),
    path("connexion/identifiant-oublie/", lost.forgotten_login, name="forgotten-login"),
    path("connexion/identifiant-oublie/recu/", lost.login_asked, name="login-asked"),
    path("connexion/lien/<str:token>/", links.password_link, name="password-link"),
    path("connexion/nouveau-mot-de-passe/", links.new_password, name="new-password"),
    path(f"{_PERSON}regenerer/", rescue.regenerate, name="regenerate-password"),
    path(f"{_PERSON}identifiant/", rescue.login, name="change-login"),
    path(f"{_PERSON}bloquer/", blocking.block, name="block"),
    path(f"{_PERSON}retablir/", blocking.restore, name="restore"),
    path(f"{_PERSON}debloquer/", rescue.unlock, name="unlock"),
    path(_ACTIVATION, dashboard.schools, name="activation"),
    path(f"{_ACTIVATION}export/<slug:table>/", dashboard.download, name="download-activation"),
    path(f"{_ACTIVATION}<str:uai>/", dashboard.school, name="activation-school"),
    path(
        f"{_ACTIVATION}<str:uai>/export/<slug:table>/",
        dashboard.download_school,
        name="download-school-activation",
    ),
    path(_CLASSES, rescue.classes, name="rescue-classes"),
    path(f"{_CLASSES}<uuid:group>/", rescue.whole_class, name="rescue-class"),
]
