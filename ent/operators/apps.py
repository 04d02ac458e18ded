"""Django's registration: the admin, with our site as its default one."""

from django.contrib.admin.apps import AdminConfig


class OperatorsConfig(AdminConfig):
    """Every ``admin.register`` of the rooms lands on the operators' site."""

    default_site = "ent.operators.site.OperatorsSite"
