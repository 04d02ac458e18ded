"""Addresses of the directory, under ``/annuaire/``."""

from django.urls import URLPattern, URLResolver, include, path

from directory.views import administration, authorities, journal, roles, schools, search, sheet

app_name = "directory"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", search.search, name="search"),
    path("exporter/", search.export, name="export"),
    path("groupes/", search.browse_groups, name="groups"),
    path("personnes/<uuid:person>/", sheet.sheet, name="person"),
    path("etablissements/<str:uai>/", schools.school, name="school"),
    path("classes/<uuid:group>/", schools.group, name="group"),
    path("journal/", journal.journal, name="journal"),
    path("journal/exporter/", journal.export, name="journal-export"),
    path("administration/", administration.desk, name="administration"),
    path("administration/etablissements/", schools.schools, name="schools"),
    path("administration/autorites/", authorities.authorities, name="authorities"),
    path("administration/autorites/ajouter/", authorities.edit, name="authority-add"),
    path("administration/autorites/<uuid:authority>/", authorities.edit, name="authority"),
    path("administration/acces/", roles.summary, name="roles"),
    path("administration/acces/ajouter/", roles.add, name="role-add"),
    path("administration/acces/ajouter/<uuid:person>/", roles.give, name="role-give"),
    path("administration/acces/<uuid:grant>/retirer/", roles.withdraw, name="role-withdraw"),
    path("administration/imports/", include("directory.imports.urls")),
]
