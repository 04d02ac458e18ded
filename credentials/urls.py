"""Addresses of the credentials' room."""

from django.urls import path

from credentials.views import files

app_name = "credentials"

_DESK = "annuaire/administration/fichiers-des-identifiants/"

urlpatterns = [
    path(_DESK, files.files, name="files"),
    path(f"{_DESK}avancement/", files.progress, name="progress"),
    path(f"{_DESK}regenerer/", files.regenerate, name="regenerate"),
    path(f"{_DESK}reemettre/", files.reissue, name="reissue"),
    path(f"{_DESK}reemettre/confirmer/", files.confirm_reissue, name="confirm-reissue"),
    path(f"{_DESK}remise/<uuid:job>/", files.handover, name="handover"),
    path(f"{_DESK}<uuid:file>/supprimer/", files.delete, name="delete"),
    path(f"{_DESK}<uuid:file>/relancer/", files.retry, name="retry"),
    path(f"{_DESK}<uuid:file>/telecharger/<slug:file_format>/", files.download, name="download"),
]
