"""« Pronote » and « Exports » under ``/gestion/``, and the address for machines."""

from django.urls import URLPattern, URLResolver, include, path

from pronote_bridge.desk import views as desk
from pronote_bridge.exports import views as exports
from pronote_bridge.instances import views as instances
from pronote_bridge.machines import desk as machine_desk
from pronote_bridge.machines import views as machines
from pronote_bridge.vendor import views as vendor

app_name = "pronote"

_ONE = "gestion/pronote/<uuid:instance>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("gestion/pronote/", instances.instances, name="instances"),
    path("gestion/pronote/ajouter/", instances.add, name="add"),
    path("gestion/pronote/editeur/", vendor.vendor, name="vendor"),
    path("gestion/pronote/editeur/cle/", vendor.key, name="key"),
    path("gestion/pronote/guide/", desk.guide, name="guide"),
    path(_ONE, desk.instance, name="instance"),
    path(f"{_ONE}modifier/", instances.change, name="change"),
    path(f"{_ONE}etablissements/", instances.schools, name="schools"),
    path(f"{_ONE}retirer/", instances.withdraw, name="withdraw"),
    path(f"{_ONE}rapport/", exports.report, name="report"),
    path(f"{_ONE}rapport/<slug:code>/", exports.section, name="report-section"),
    path(f"{_ONE}exporter/", exports.ask, name="ask"),
    path(f"{_ONE}machines/", machine_desk.machines, name="machines"),
    path(f"{_ONE}machines/secrets/", machine_desk.add_secret, name="add-secret"),
    path(
        f"{_ONE}machines/secrets/<uuid:secret>/retirer/",
        machine_desk.remove_secret,
        name="remove-secret",
    ),
    path("gestion/pronote/", include("pronote_bridge.dry_run.urls")),
    path("gestion/exports/", exports.exports, name="exports"),
    path("gestion/exports/<uuid:export>/", exports.export, name="export"),
    path("gestion/exports/<uuid:export>/relancer/", exports.retry, name="retry"),
    path("gestion/exports/<uuid:export>/telecharger/", exports.download, name="download"),
    path("pronote/machines/<uuid:instance>/", machines.start, name="machine-start"),
    path(
        "pronote/machines/<uuid:instance>/exports/<uuid:export>/",
        machines.state,
        name="machine-state",
    ),
    path("pronote/machines/<uuid:instance>/fichier/", machines.file, name="machine-file"),
]
