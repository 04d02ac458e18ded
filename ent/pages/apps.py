"""Django's registration of the pages' kernel."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Layouts, components and their template tags."""

    name = "ent.pages"
    label = "pages"
    verbose_name = "pages"
