"""« Gestion portail > Site de l’établissement », under ``/gestion/site/``."""

from __future__ import annotations

from django.urls import path

from portal.site.files import views as files
from portal.site.views import desk, facts, news, pages, versions

_NEWS = "<str:uai>/actualites/"
_PAGES = "<str:uai>/pages/"
_FILES = "<str:uai>/fichiers/"

urlpatterns = [
    path("", desk.choose, name="site"),
    path("<str:uai>/", desk.overview, name="site-school"),
    path("<str:uai>/presentation/", pages.presentation, name="site-presentation"),
    path(
        "<str:uai>/presentation/versions/",
        versions.presentation_versions,
        name="site-presentation-versions",
    ),
    path("<str:uai>/message/", facts.message, name="site-message"),
    path("<str:uai>/horaires/", facts.hours, name="site-hours"),
    path("<str:uai>/liens/", facts.links, name="site-links"),
    path("<str:uai>/liens/agir/", facts.links_act, name="site-links-act"),
    path(_NEWS, news.news, name="site-news"),
    path(f"{_NEWS}ajouter/", news.add, name="site-news-add"),
    path(f"{_NEWS}<uuid:item>/", news.change, name="site-news-change"),
    path(f"{_NEWS}<uuid:item>/apercu/", news.preview, name="site-news-preview"),
    path(f"{_NEWS}<uuid:item>/agir/", news.act, name="site-news-act"),
    path(f"{_NEWS}<uuid:item>/versions/", versions.news_versions, name="site-news-versions"),
    path(_PAGES, pages.pages, name="site-pages"),
    path(f"{_PAGES}ajouter/", pages.add, name="site-page-add"),
    path(f"{_PAGES}<uuid:page>/", pages.change, name="site-page-change"),
    path(f"{_PAGES}<uuid:page>/agir/", pages.act, name="site-page-act"),
    path(f"{_PAGES}<uuid:page>/versions/", versions.page_versions, name="site-page-versions"),
    path(_FILES, files.files, name="site-files"),
    path(f"{_FILES}<uuid:file>/", files.change, name="site-file-change"),
    path(f"{_FILES}<uuid:file>/supprimer/", files.delete, name="site-file-delete"),
]
