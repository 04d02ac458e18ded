"""Tags of the portal's own pages: faces of schools, light writing."""

from __future__ import annotations

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from portal.faces import Face
from portal.markup import first_words, to_html

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
def beginning(text: str) -> str:
    """The first words of a text, as one line."""
    return first_words(text)
