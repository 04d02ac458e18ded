"""Addresses of the portal: public pages at the root, the connected page under ``accueil/``."""

from __future__ import annotations

from django.conf import settings
from django.urls import path

from portal.views import assets, connected, demo_mail, public

app_name = "portal"
urlpatterns = [
    path("", public.home, name="home"),
    path("etablissements/<slug:slug>/", public.school, name="school"),
    path(
        "etablissements/<slug:slug>/actualites/<uuid:item_uuid>/",
        public.news_item,
        name="news_item",
    ),
    path("accueil/", connected.connected, name="connected"),
    path("accueil/etablissement/", connected.switch, name="switch"),
    path("accueil/actualites/<uuid:item_uuid>/", connected.connected_news, name="connected_news"),
    path("informations/<text_kind:kind>/", public.text, name="text"),
    path("couleurs/<colour:colour>.css", assets.theme, name="theme"),
    path("logos/<uuid:logo_uuid>", assets.logo, name="logo"),
    path("robots.txt", assets.robots, name="robots"),
    path("sitemap.xml", assets.sitemap, name="sitemap"),
]

if settings.DEMO:
    urlpatterns.append(path("demonstration/courriels/", demo_mail.messages, name="demo_mail"))
