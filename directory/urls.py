"""Addresses of the directory, under ``/annuaire/``."""

from django.urls import URLPattern, URLResolver, include, path

from directory.authorities import views as authorities
from directory.class_teachers import views as class_teachers
from directory.desk import views as administration
from directory.groups import views as groups
from directory.journal import views as journal
from directory.lifecycle import views as lifecycle
from directory.roles import views as roles
from directory.schools import views as schools
from directory.search import views as search
from directory.sheets import views as sheet

app_name = "directory"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", search.search, name="search"),
    path("exporter/", search.export, name="export"),
    path("groupes/", groups.groups, name="groups"),
    path("mes-classes/", groups.my_classes, name="my-classes"),
    path("mes-classes/<uuid:group>/", groups.my_class, name="my-class"),
    path("personnes/<uuid:person>/", sheet.sheet, name="person"),
    path("etablissements/<str:uai>/", schools.school, name="school"),
    path("etablissements/<str:uai>/enseignants/", class_teachers.attach, name="class-teachers"),
    path(
        "etablissements/<str:uai>/enseignants/detacher/",
        class_teachers.detach,
        name="class-teacher-detach",
    ),
    path("classes/<uuid:group>/", groups.group, name="group"),
    path("journal/", journal.journal, name="journal"),
    path("journal/exporter/", journal.export, name="journal-export"),
    path("administration/", administration.desk, name="administration"),
    path("administration/etablissements/", schools.schools, name="schools"),
    path("administration/departs/", lifecycle.leavers, name="leavers"),
    path("administration/autorites/", authorities.authorities, name="authorities"),
    path("administration/autorites/ajouter/", authorities.edit, name="authority-add"),
    path("administration/autorites/<uuid:authority>/", authorities.edit, name="authority"),
    path("administration/acces/", roles.summary, name="roles"),
    path("administration/acces/ajouter/", roles.add, name="role-add"),
    path("administration/acces/ajouter/<uuid:person>/", roles.give, name="role-give"),
    path("administration/acces/<uuid:grant>/retirer/", roles.withdraw, name="role-withdraw"),
    path("administration/imports/", include("directory.imports.desk.urls")),
]
