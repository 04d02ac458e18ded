"""The one renderer of forms: every field of the product has the same shape."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class PreauRenderer(TemplatesSetting):
    """Render ``{{ form.name.as_field_group }}`` and ``{{ form }}`` with our components."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
