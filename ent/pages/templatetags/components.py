"""The components of ``templates/components/`` as template tags.

A component's options are the keyword arguments of its function: an unknown option is a template
error when the page is compiled, a wrong value (an icon, a tone or a kind that does not exist) is a
:class:`ComponentError` at render. ``/charte/`` shows them all in the demonstration.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import forms, template
from django.conf import settings
from django.core.paginator import Page
from django.template.loader import get_template
from django.urls import reverse
from django.utils.html import escape, format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe

from ent.pages.french import clock_words, day_words, moment_words, number_words, of_name
from ent.pages.icons import PATHS
from ent.pages.names import calm_name, calm_street

register = template.Library()

TONES = ("neutral", "good", "warn", "bad", "info")
BUTTON_KINDS = ("primary", "secondary", "quiet", "danger", "accent")
NOTICE_ICONS = {"info": "info", "good": "check", "warn": "warning", "bad": "error"}


class ComponentError(ValueError):
    """A component was given a value that it does not know."""


def _one_of(what: str, value: str, allowed: Iterable[str]) -> str:
    if value not in allowed:
        raise ComponentError(f"{what}: {value!r} is none of {', '.join(allowed)}")
    return value


def _component(template_name: str, /, **options: Any) -> SafeString:
    text = get_template(f"components/{template_name}.html").render(options)
    return mark_safe(text.strip())  # noqa: S308  # the template escapes what it is given


@register.simple_tag
def icon(name: str, *, label: str = "") -> SafeString:
    """Draw an icon; hidden from screen readers unless *label* says what no word beside it says."""
    if name not in PATHS:
        raise ComponentError(f"icon: {name!r} is not drawn in ent/pages/icons.py")
    return _drawn_icon(name, label)


@lru_cache(maxsize=512, typed=True)
def _drawn_icon(name: str, label: str) -> SafeString:
    # The same few stand many times in a page: drawn once per process. `typed`: a text that is safe
    # and one that is not are two keys, though they are equal.
    return _component("icon", path=PATHS[name], label=label)


@register.simple_tag
def mark() -> SafeString:
    """Draw the product's mark: the roof of a covered yard on its posts."""
    return _component("mark")


@register.simple_tag
def button(
    words: str,
    *,
    kind: str = "primary",
    icon: str = "",
    href: str = "",
    type: str = "submit",
    name: str = "",
    value: str = "",
    form: str = "",
    formaction: str = "",
    about: str = "",
    large: bool = False,
    wide: bool = False,
    disabled: bool = False,
    download: bool = False,
) -> SafeString:
    """Draw a button, or a link that looks like one when *href* is given.

    *about* completes the words for a screen reader (« Télécharger » + « ENT-Identifiants… »).
    """
    _one_of("button kind", kind, BUTTON_KINDS)
    _one_of("button type", type, ("submit", "button", "reset"))
    shape = [
        f"button button-{kind}",
        "button-large" if large else "",
        "button-wide" if wide else "",
    ]
    return _component(
        "button",
        words=words,
        classes=" ".join(part for part in shape if part),
        icon=icon,
        href=href,
        type=type,
        name=name,
        value=value,
        form=form,
        formaction=formaction,
        about=about,
        disabled=disabled,
        download=download,
    )


@register.simple_tag
def badge(words: str, *, tone: str = "neutral", icon: str = "") -> SafeString:
    """Draw a state: always a word, with a colour that only repeats it."""
    _one_of("badge tone", tone, TONES)
    return _drawn_badge(words, tone, icon)


@lru_cache(maxsize=512, typed=True)
def _drawn_badge(words: str, tone: str, icon: str) -> SafeString:
    return _component("badge", words=words, tone=tone, icon=icon)


@register.simple_tag
def empty_state(
    title: str,
    words: str = "",
    *,
    icon: str = "search",
    action: str = "",
    href: str = "",
    level: int = 2,
) -> SafeString:
    """Say that there is nothing, why, and what to do."""
    return _component(
        "empty_state", title=title, words=words, icon=icon, action=action, href=href, level=level
    )


@register.simple_tag
def breadcrumb(*parts: str) -> SafeString:
    """« Vous êtes ici » and « Retour »: label, address, label, address…, then this page's label.

    An address is a path, or the name of one (`directory:search`, `directory:administration#part`).
    « Retour » leads to the page above.
    """
    if len(parts) % 2 == 0:
        raise ComponentError("breadcrumb: pairs of label and address, then the page's own label")
    links = [
        {"label": parts[at], "href": _path_of(parts[at + 1])} for at in range(0, len(parts) - 1, 2)
    ]
    return _component(
        "breadcrumb",
        links=links,
        current=parts[-1],
        back=links[-1]["href"] if links else "",
    )


def _path_of(address: str) -> str:
    name, mark, part = address.partition("#")
    if "/" in address or ":" not in name:
        return address
    return f"{reverse(name)}{mark}{part}"


@register.simple_tag
def back_link(href: str, words: str = "Retour") -> SafeString:
    """A way back above the title."""
    return _component("back_link", href=href, words=words)


@register.simple_tag(takes_context=True)
def pagination(
    context: template.Context, page: Page[Any], *, noun: str = "résultat", plural: str = ""
) -> SafeString:
    """« premier, précédent, suivant, dernier »; the other parameters of the address are kept."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    kept = query.urlencode()
    return _component(
        "pagination",
        page=page,
        prefix=f"?{kept}&page=" if kept else "?page=",
        noun=noun if page.paginator.count < 2 else plural or f"{noun}s",
    )


@register.simple_tag(takes_context=True)
def sort_header(
    context: template.Context, words: str, key: str, *, default: str = "", number: bool = False
) -> SafeString:
    """A ``<th>`` that sorts by *key* with ``?tri=``; *default* is the order without parameter."""
    query = context["request"].GET.copy()
    current = query.get("tri", default)
    direction = {key: "ascending", f"-{key}": "descending"}.get(current, "none")
    query["tri"] = f"-{key}" if current == key else key
    query.pop("page", None)
    return _component(
        "sort_header",
        words=words,
        href=f"?{query.urlencode()}",
        direction=direction,
        number=number,
    )


@register.simple_block_tag
def table(
    content: str, *, caption: str, is_caption_hidden: bool = False, id: str = "tableau"
) -> SafeString:
    """A table with its caption; the block holds ``thead`` and ``tbody``.

    Give each ``td`` a ``data-label`` with its column's words: under 600 px rows become cards.
    """
    return _component(
        "table",
        content=content,
        caption=caption,
        is_caption_hidden=is_caption_hidden,
        id=id,
    )


@register.simple_block_tag
def filters(
    content: str,
    *,
    action: str = "",
    label: str = "Filtrer",
    submit: str = "Filtrer",
    reset: str = "",
) -> SafeString:
    """A search form above a list, by GET: filters stand in the address. *reset* clears them."""
    return _component(
        "filters", content=content, action=action, label=label, submit=submit, reset=reset
    )


@register.simple_block_tag
def notice(content: str, *, tone: str = "info", title: str = "", level: int = 2) -> SafeString:
    """A coloured band with a sign: info, good, warn or bad."""
    _one_of("notice tone", tone, NOTICE_ICONS)
    return _component(
        "notice", content=content, tone=tone, title=title, icon=NOTICE_ICONS[tone], level=level
    )


@register.simple_tag
def messages_list(messages: Iterable[Any]) -> SafeString:
    """Django's messages as notices, each announced."""
    tones = {"success": "good", "warning": "warn", "error": "bad"}
    shown = [
        {"tone": tone, "words": message, "icon": NOTICE_ICONS[tone]}
        for message in messages
        for tone in [tones.get(str(message.level_tag), "info")]
    ]
    return _component("messages", shown=shown) if shown else mark_safe("")


@register.simple_tag
def error_summary(form: forms.BaseForm, *, title: str = "") -> SafeString:
    """Every error of *form* at once, each a link to its field; nothing when there is none."""
    if not form.is_bound or not form.errors:
        return mark_safe("")
    errors = [
        {
            "target": "" if name == "__all__" else _anchor_of(form[name]),
            "label": "" if name == "__all__" else str(form[name].label).rstrip(".:\u00a0 "),
            "words": words,
        }
        for name, list_of_words in form.errors.items()
        for words in list_of_words
    ]
    if not title:
        title = "Il y a une erreur" if len(errors) == 1 else f"Il y a {len(errors)} erreurs"
    return _component("error_summary", errors=errors, title=title)


def _anchor_of(field: forms.BoundField) -> str:
    return str(field.id_for_label or field.auto_id)


@register.simple_tag
def progress(
    *,
    done: int,
    total: int,
    step: str = "",
    words: str = "",
    noun: str = "éléments",
    id: str = "progression",
) -> SafeString:
    """Numbers first, then the bar; *total* 0 means "not known yet". *words*: remaining time…"""
    return _component(
        "progress",
        done=done,
        total=total,
        step=step,
        words=words,
        noun=noun,
        id=id,
        percent=min(100, done * 100 // total) if total else None,
    )


@register.simple_tag
def definitions(pairs: Iterable[tuple[str, Any]], *, empty: str = "Non renseigné") -> SafeString:
    """A list of term and value; an empty value says so."""
    return _component("definitions", pairs=[(term, value or empty) for term, value in pairs])


@register.simple_tag
def figures(items: Iterable[Sequence[Any]]) -> SafeString:
    """Numbers to compare: (label, number) or (label, number, tone)."""
    shown = [
        {"label": item[0], "number": item[1], "tone": item[2] if len(item) > 2 else "neutral"}
        for item in items
    ]
    for item in shown:
        _one_of("figure tone", str(item["tone"]), TONES)
    return _component("figures", shown=shown)


@register.simple_tag
def tile(
    *, title: str, words: str = "", icon: str, href: str, notice: str = "", figure: str = ""
) -> SafeString:
    """A service that one may open.

    *notice*: what to know before the click; *figure*: what there is now (« 7 fichiers »).
    """
    return _component(
        "tile", title=title, words=words, icon=icon, href=href, notice=notice, figure=figure
    )


@register.simple_block_tag
def card(content: str, *, title: str, href: str = "", foot: str = "", level: int = 3) -> SafeString:
    """An object in a grid: title (a link over the whole card when *href*), body, foot."""
    return _component("card", content=content, title=title, href=href, foot=foot, level=level)


@register.simple_block_tag
def choice(
    content: str,
    *,
    title: str,
    hint: str = "",
    icon: str,
    open: bool = False,
    group: str = "",
    id: str = "",
) -> SafeString:
    """A large choice that opens its doors in place (``<details>``); *group* keeps one open."""
    return _component(
        "choice",
        content=content,
        title=title,
        hint=hint,
        icon=icon,
        open=open,
        group=group,
        id=id,
    )


@register.simple_tag
def choice_link(*, title: str, href: str, hint: str = "", icon: str) -> SafeString:
    """A large choice that leads elsewhere."""
    return _component("choice_link", title=title, href=href, hint=hint, icon=icon)


@register.simple_block_tag
def disclosure(content: str, *, title: str, open: bool = False) -> SafeString:
    """A question that opens its answer."""
    return _component("disclosure", content=content, title=title, open=open)


@register.simple_tag
def timeline(events: Iterable[Mapping[str, Any]]) -> SafeString:
    """Events, newest first: each has ``when`` (datetime), ``title`` and may have ``words``."""
    shown = [
        {"when": event["when"], "title": event["title"], "words": event.get("words", "")}
        for event in events
    ]
    return _component("timeline", events=shown)


@register.simple_tag
def steps(current: int, *labels: str) -> SafeString:
    """Where one is in a series: ``{% steps 2 "Fichier" "Aperçu" "Résultat" %}``."""
    if not 1 <= current <= len(labels):
        raise ComponentError(f"steps: {current} is not a step of {len(labels)}")
    return _component(
        "steps",
        shown=[
            {"number": number, "label": label, "is_current": number == current}
            for number, label in enumerate(labels, start=1)
        ],
        current=current,
        count=len(labels),
    )


@register.simple_tag
def tabs(current: str, *parts: str, label: str = "Vues") -> SafeString:
    """Links side by side: the current label, then label, address, label, address…"""
    links = [
        {"label": parts[at], "href": parts[at + 1], "is_current": parts[at] == current}
        for at in range(0, len(parts), 2)
    ]
    return _component("tabs", links=links, label=label)


@register.simple_tag
def select_all(*, scope: str, words: str = "Tout sélectionner") -> SafeString:
    """A box that ticks every box named *scope* of its form; shown when scripts run."""
    return _component("select_all", scope=scope, words=words)


@register.simple_tag
def selection_count(*, scope: str, noun: str = "sélectionné") -> SafeString:
    """How many boxes named *scope* are ticked, kept up to date by the script."""
    return _component("selection_count", scope=scope, noun=noun)


@register.filter
def field_kind(field: forms.BoundField) -> str:
    """What a field is for its template: ``check``, ``group``, ``file``, ``secret`` or ``line``."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if widget.use_fieldset:
        return "group"
    if isinstance(widget, forms.PasswordInput):
        return "secret"
    return "file" if isinstance(widget, forms.FileInput) else "line"


@register.filter
def calm(name: str) -> str:
    """A school's or a town's name without the capitals of the feeds."""
    return calm_name(name)


@register.filter(name="calm_street")
def calm_street_filter(line: str) -> str:
    """The street of a school without the capitals of the feeds."""
    return calm_street(line)


@register.filter
def of(name: str) -> str:
    """« d’Anatole », « de Manon »."""
    return of_name(name)


@register.filter
def thousands(number: int) -> SafeString:
    """Write 12345 as « 12 345 », with a narrow space that does not break."""
    return format_html("{}", number_words(number))


@register.filter
def days_ago(days: int) -> str:
    """« aujourd’hui », « hier », « il y a 12 jours »."""
    if days < 2:
        return "hier" if days else "aujourd’hui"
    return f"il y a {number_words(days)}\u00a0jours"


@register.filter(expects_localtime=True)
def day(value: date | None) -> str:
    """« 1er octobre 2026 »; nothing for no date."""
    return day_words(value) if value else ""


@register.filter(expects_localtime=True)
def weekday(value: date | None) -> str:
    """« jeudi 1er octobre 2026 »."""
    return day_words(value, with_weekday=True) if value else ""


@register.filter(expects_localtime=True)
def moment(value: datetime | None) -> str:
    """« 1er octobre 2026 à 23 h 01 »."""
    return moment_words(value) if value else ""


@register.filter(expects_localtime=True)
def clock(value: datetime | None) -> str:
    """« 23 h 01 »."""
    return clock_words(value) if value else ""


@register.filter
def own_links(text: str) -> SafeString:
    """Paragraphs in which the addresses of this portal are links; nobody else's ever is."""
    base = re.escape(escape(settings.PUBLIC_BASE_URL.rstrip("/")))
    paragraphs = str(linebreaks(text, autoescape=True))
    # What comes out is the escaped text, with elements of our own around pieces of it.
    return mark_safe(re.sub(rf"{base}/[^\s<]*", r'<a href="\g<0>">\g<0></a>', paragraphs))  # noqa: S308


@register.filter
def file_size(size_bytes: int) -> str:
    """Write a size in the words of a screen: « 512 octets », « 24 ko », « 3,1 Mo »."""
    if size_bytes < 1000:
        return f"{size_bytes}\u00a0octet{'s' if size_bytes > 1 else ''}"
    if size_bytes < 1_000_000:
        return f"{size_bytes / 1000:.0f}\u00a0ko"
    return f"{size_bytes / 1_000_000:.1f}\u00a0Mo".replace(".", ",")
