"""Addresses of « Annuaire > Administration > Imports » (namespace ``directory``)."""

from django.urls import path

from directory.imports.desk import views

urlpatterns = [
    path("", views.imports, name="imports"),
    path("deposer/", views.deposit_files, name="import-deposit"),
    path("<uuid:delivery>/", views.delivery_page, name="import"),
    path("<uuid:delivery>/appliquer/", views.apply_delivery, name="import-apply"),
    path("<uuid:delivery>/relancer/", views.restart_delivery, name="import-restart"),
    path("<uuid:delivery>/abandonner/", views.abandon_delivery, name="import-abandon"),
    path("<uuid:delivery>/anomalies/", views.anomalies, name="import-anomalies"),
    path(
        "<uuid:delivery>/anomalies/<slug:file_format>/",
        views.export_anomalies,
        name="import-anomalies-export",
    ),
]
