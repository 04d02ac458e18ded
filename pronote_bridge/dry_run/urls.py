"""Addresses of the dry reconciliation (namespace ``pronote``)."""

from django.urls import path

from pronote_bridge.dry_run import views

_RUN = "rapprochements/<uuid:run>/"

urlpatterns = [
    path("<uuid:instance>/rapprochement/", views.dry_runs, name="dry-runs"),
    path("<uuid:instance>/rapprochement/deposer/", views.deposit, name="dry-run-deposit"),
    path("<uuid:instance>/rapprochement/a-la-main/", views.hand_pairings, name="hand-pairings"),
    path(_RUN, views.dry_run_page, name="dry-run"),
    path(f"{_RUN}relancer/", views.again, name="dry-run-again"),
    path(f"{_RUN}supprimer/", views.delete, name="dry-run-delete"),
    path(f"{_RUN}colonnes/<slug:kind>/", views.columns, name="dry-run-columns"),
    path(f"{_RUN}absents/<slug:kind>/", views.absent, name="dry-run-absent"),
    path(f"{_RUN}export/<slug:file_format>/", views.export, name="dry-run-export"),
    path("rapprochements/lignes/<uuid:line>/", views.pair, name="dry-run-pair"),
    path("rapprochements/a-la-main/<uuid:pairing>/annuler/", views.unpair, name="unpair"),
]
