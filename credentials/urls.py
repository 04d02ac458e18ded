"""Addresses of the credentials' room."""

from django.urls import path

from credentials import views

app_name = "credentials"

_DESK = "annuaire/administration/fichiers-des-identifiants/"

urlpatterns = [
    path(_DESK, views.files, name="files"),
    path(f"{_DESK}avancement/", views.progress, name="progress"),
    path(f"{_DESK}regenerer/", views.regenerate, name="regenerate"),
    path(f"{_DESK}reemettre/", views.reissue, name="reissue"),
    path(f"{_DESK}reemettre/confirmer/", views.confirm_reissue, name="confirm-reissue"),
    path(f"{_DESK}remise/<uuid:job>/", views.handover, name="handover"),
    path(f"{_DESK}<uuid:file>/supprimer/", views.delete, name="delete"),
    path(f"{_DESK}<uuid:file>/relancer/", views.retry, name="retry"),
    path(f"{_DESK}<uuid:file>/telecharger/<slug:file_format>/", views.download, name="download"),
]
