"""Addresses of a school's own host: its public pages; everything else is on the portal host."""

from __future__ import annotations

from django.urls import include, path, re_path

from portal.public import assets
from portal.public import views as public
from portal.site.files import views as files

_pages = (
    [
        path("", public.school_by_host, name="home"),
        path("actualites/<uuid:item_uuid>/", public.news_item_by_host, name="news_item"),
        path("actualites.rss", public.feed_by_host, name="feed"),
        path("pages/<slug:page_slug>/", public.practical_page_by_host, name="practical_page"),
        path("site/fichiers/<uuid:file_uuid>", files.serve, name="site_file"),
        path("couleurs/<colour:colour>.css", assets.theme, name="theme"),
        path("logos/<uuid:logo_uuid>", assets.logo, name="logo"),
        path("robots.txt", assets.robots, name="robots"),
        path("sitemap.xml", assets.sitemap, name="sitemap"),
        re_path(r"^(?P<path>.+)$", assets.to_portal_host, name="elsewhere"),
    ],
    "portal_school",
)
urlpatterns = [path("", include(_pages))]

handler400 = "ent.web.errors.bad_request"
handler403 = "ent.web.errors.permission_denied"
handler404 = "ent.web.errors.not_found"
handler500 = "ent.web.errors.server_error"
