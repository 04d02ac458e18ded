"""Addresses of the portal: public pages at the root, the connected page under ``accueil/``."""

from __future__ import annotations

from django.urls import include, path

from portal.connected import views as connected
from portal.public import assets
from portal.public import views as public
from portal.site.files import views as files

app_name = "portal"
urlpatterns = [
    path("", public.home, name="home"),
    path("etablissements/<slug:slug>/", public.school, name="school"),
    path(
        "etablissements/<slug:slug>/actualites/<uuid:item_uuid>/",
        public.news_item,
        name="news_item",
    ),
    path(
        "etablissements/<slug:slug>/pages/<slug:page_slug>/",
        public.practical_page,
        name="practical_page",
    ),
    path("etablissements/<slug:slug>/actualites.rss", public.feed, name="feed"),
    path("site/fichiers/<uuid:file_uuid>", files.serve, name="site_file"),
    path("gestion/site/", include("portal.site.urls")),
    path("accueil/", connected.connected, name="connected"),
    path("accueil/etablissement/", connected.switch, name="switch"),
    path("accueil/actualites/<uuid:item_uuid>/", connected.connected_news, name="connected_news"),
    path("informations/<text_kind:kind>/", public.text, name="text"),
    path("couleurs/<colour:colour>.css", assets.theme, name="theme"),
    path("logos/<uuid:logo_uuid>", assets.logo, name="logo"),
    path("robots.txt", assets.robots, name="robots"),
    path("sitemap.xml", assets.sitemap, name="sitemap"),
]
