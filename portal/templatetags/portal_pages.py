"""Tags of the portal's own pages: faces of schools, light writing."""

from __future__ import annotations

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from portal.school_pages.faces import Face
from portal.texts.markup import to_html
from portal.writing.cleaning import beginning_of, normal_html

register = template.Library()


@register.simple_tag
def school_pattern(face: Face) -> SafeString:
    """The quiet pattern of a school, coloured by the style sheet."""
    return mark_safe(get_template("portal/_pattern.html").render({"face": face}))  # noqa: S308


@register.simple_tag
def school_monogram(face: Face) -> SafeString:
    """The monogram of a school in its colour, small, for lists."""
    return mark_safe(get_template("portal/_monogram.html").render({"face": face}))  # noqa: S308


@register.filter
def markup(text: str, heading_level: int = 3) -> SafeString:
    """Paragraphs, titles and lists of a text typed by an editor, escaped."""
    return to_html(text, heading_level=heading_level)


@register.filter
def site_text(html: str) -> SafeString:
    """A stored text of a site, cleaned again: whatever wrote the row, nothing else shows."""
    shown = normal_html(html)
    shown = shown.replace("<img ", '<img loading="lazy" ')
    shown = shown.replace("<table>", '<div class="text-table"><table>')
    return mark_safe(shown.replace("</table>", "</table></div>"))  # noqa: S308  # nh3 wrote it


@register.filter
def beginning(html: str) -> str:
    """The first words of a stored text, as one line."""
    return beginning_of(html)
