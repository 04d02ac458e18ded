"""Address of the style guide."""

from __future__ import annotations

from django.urls import path

from ent.pages.styleguide import styleguide

app_name = "pages"
urlpatterns = [path("", styleguide, name="styleguide")]
