"""Addresses of a school's own host: its public pages; everything else is on the portal host."""

from __future__ import annotations

from django.urls import include, path, re_path

from portal.views import assets, public

_pages = (
    [
        path("", public.school_by_host, name="home"),
        path("actualites/<uuid:item_uuid>/", public.news_item_by_host, name="news_item"),
        path("couleurs/<colour:colour>.css", assets.theme, name="theme"),
        path("logos/<uuid:logo_uuid>", assets.logo, name="logo"),
        path("robots.txt", assets.robots, name="robots"),
        path("sitemap.xml", assets.sitemap, name="sitemap"),
        re_path(r"^(?P<path>.+)$", assets.to_portal_host, name="elsewhere"),
    ],
    "portal_school",
)
urlpatterns = [path("", include(_pages))]

handler400 = "ent.errors.bad_request"
handler403 = "ent.errors.permission_denied"
handler404 = "ent.errors.not_found"
handler500 = "ent.errors.server_error"
