"""News and presentations, typed in the light writing, become cleaned HTML; back: Markdown."""

from __future__ import annotations

from collections.abc import Callable

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from portal.texts.markup import to_html as light_to_html
from portal.writing.cleaning import markdown_of, normal_html

_FIELDS = (("NewsItem", "body"), ("SchoolPage", "introduction"))


def _rewrite(apps: Apps, rewrite: Callable[[str], str]) -> None:
    for model, field in _FIELDS:
        rows = apps.get_model("portal", model).objects.exclude(**{field: ""})
        for pk, text in rows.values_list("pk", field).iterator(chunk_size=500):
            rows.filter(pk=pk).update(**{field: rewrite(text)})


def to_elements(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Paragraphs, « ## » titles, « - » lists and bare addresses, as elements."""
    _rewrite(apps, lambda text: normal_html(light_to_html(text)))


def to_light_writing(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The same as Markdown, which the light writing nearly is."""
    _rewrite(apps, markdown_of)


class Migration(migrations.Migration):
    dependencies = [("portal", "0002_what_schools_keep_on_their_site")]

    operations = [migrations.RunPython(to_elements, to_light_writing)]
