"""Django's registration of the demonstration."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """What only the demonstration needs; nothing of the product imports it."""

    name = "demo"
    verbose_name = "démonstration"
