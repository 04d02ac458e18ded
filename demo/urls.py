"""The addresses of the demonstration: those of the portal, and one page more."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from demo.mail_views import messages
from ent import urls as product

_demo = ([path("courriels/", messages, name="mail")], "demo")
urlpatterns: list[URLPattern | URLResolver] = [
    path("demonstration/", include(_demo)),
    *product.urlpatterns,
]

handler400 = product.handler400
handler403 = product.handler403
handler404 = product.handler404
handler500 = product.handler500
