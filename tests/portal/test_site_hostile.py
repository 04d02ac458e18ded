"""Hostile texts through every way in: typed, restored, raw in the row, in a name, in a file (T-I2).

What comes out is parsed as a browser does, and judged by what it holds, not by how it is spelled.
"""

from __future__ import annotations

import pytest
from django.test import Client
from lxml import html as lxml_html

from portal.models import NewsItem, PracticalPage, SavedVersion, SchoolPage, UsefulLink
from portal.writing.cleaning import TAGS, clean_html, html_of, normal_html
from tests.cast import Cast
from tests.portal.test_site_editing import ClientOf, fields, href

pytestmark = pytest.mark.django_db

_RUN = "alert(1)"
_HANDLERS = ("onerror", "onload", "onfocus", "onmouseover", "ontoggle", "onbegin", "onpointerdown")
_ELEMENTS = (
    "script", "img", "svg", "iframe", "object", "embed", "form", "input", "video", "audio",
    "details", "math", "style", "link", "meta", "base", "template", "noscript", "marquee", "button",
)  # fmt: skip
_SCHEMES = (
    "javascript:", "JaVaScRiPt:", "java\tscript:", "java\nscript:", "\x01javascript:",
    " javascript:",
    "&#106;avascript:", "&#x6A&#x61vascript:", "data:text/html,", "vbscript:", "feed:javascript:",
    "view-source:javascript:", "blob:", "filesystem:", "jar:", "\\\\evil.example\\",
    "//evil.example/",
)  # fmt: skip
PAYLOADS = [
    *(f"<{name} {_HANDLERS[at % 7]}={_RUN} src=x href=x>" for at, name in enumerate(_ELEMENTS)),
    *(f"<a {handler}={_RUN} href=https://a.fr>x</a>" for handler in _HANDLERS),
    *(f'<a href="{scheme}{_RUN}">x</a>' for scheme in _SCHEMES),
    *(f"[x]({scheme.strip()}{_RUN})" for scheme in _SCHEMES),
    *(f"![x]({scheme.strip()}{_RUN})" for scheme in _SCHEMES),
    *(f'<img src="{scheme}{_RUN}" alt="x">' for scheme in _SCHEMES),
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=1 onerror=alert(1)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    '<p style="background:url(javascript:alert(1))" class="x" id="main">x</p>',
    "<table background=javascript:alert(1)><td background=x onload=alert(1)>x</table>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    '"><script>alert(1)</script>',
    "'-alert(1)-'",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "{{ request.user }} {% load x %} ${alert(1)}",
    '[x](https://a.fr/"onmouseover=alert(1) y=")',
    "[x](https://a.fr 'a\" onfocus=alert(1)')",
    '![" onerror="alert(1)](/site/fichiers/00000000-0000-4000-8000-000000000000)',
    "![x](/site/fichiers/00000000-0000-4000-8000-000000000000?a)",
    "![x](/site/fichiers/../../connexion/)",
    "![x](https://evil.example/pixel.png)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "<https://a.fr/onclick=alert(1)>",
    "```html\n<script>alert(1)</script>\n```",
    "    <script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u2028<script>\u2029alert(1)</script>\u202e",
    "\ud83d\ude00<b>\ufeff".encode("utf-16", "surrogatepass").decode("utf-16"),
    "> " * 200 + "x",
    "- " * 200 + "x",
    "[" * 2_000,
    "![[](](" * 300,
    "|" * 3_000,
]

#: Several at once: each costs requests, and stands alone in a paragraph of its own.
BATCHES = ["\n\n".join(PAYLOADS[at : at + 16]) for at in range(0, len(PAYLOADS), 16)]


def faults_in(stored: str) -> list[str]:
    """What a text may not hold, as a browser would read it."""
    root = lxml_html.fragment_fromstring(stored, create_parent="div")
    faults = []
    for element in root.iterdescendants():
        if not isinstance(element.tag, str) or element.tag not in TAGS:
            faults.append(str(element.tag))
            continue
        allowed = {"a": {"href"}, "img": {"src", "alt"}, "th": {"scope"}}.get(element.tag, set())
        faults += [f"{element.tag} {name}" for name in set(element.attrib) - allowed]
        target = element.get("href") or ""
        if target and not target.lower().startswith(
            ("http://", "https://", "mailto:", "tel:", "/")
        ):
            faults.append(target)
        if target.startswith(("//", "/\\")):
            faults.append(target)
        if element.tag == "img" and not (element.get("src") or "").startswith("/site/fichiers/"):
            faults.append("foreign picture")
    return faults


def test_there_are_more_than_a_hundred() -> None:
    assert len(set(PAYLOADS)) > 100


@pytest.mark.parametrize("payload", PAYLOADS)
def test_each_is_harmless_once_typed_or_pasted(payload: str) -> None:
    assert faults_in(html_of(payload)) == []
    assert faults_in(normal_html(payload)) == []


def test_the_judge_finds_what_it_is_there_for() -> None:
    assert faults_in('<p onclick="x">x</p><script>x</script><a href="javascript:x">x</a>')


def test_hostile_texts_are_harmless_by_every_way_in(
    cast: Cast, client: Client, client_of: ClientOf
) -> None:
    """Typed by the form, restored from a version, written into the row by something else."""
    editor = client_of(cast.editor)
    editor.post(href("news-add", cast), fields(acte="publier"))
    item = NewsItem.objects.get()
    path = href("news-change", cast, item.uuid)
    versions = href("news-versions", cast, item.uuid)
    address = f"/etablissements/{cast.school_a.slug}/actualites/{item.uuid}/"
    for payload in BATCHES:
        NewsItem.objects.update(version=1)
        SavedVersion.objects.exclude(number=1).delete()
        assert editor.post(path, fields(version=1, body=payload)).status_code == 302
        item.refresh_from_db()
        assert item.version == 2
        assert faults_in(item.body) == []
        NewsItem.objects.update(version=1)
        SavedVersion.objects.exclude(number=1).delete()
        SavedVersion.objects.update(body=payload)
        assert editor.post(versions, {"version": 1, "sur": 1}).status_code == 302
        item.refresh_from_db()
        assert faults_in(item.body) == []
        NewsItem.objects.update(body=payload)  # an operator, a script: whatever wrote it
        _assert_page_is_ours(client, address)


def test_hostile_words_in_the_small_facts(cast: Cast, client: Client) -> None:
    """Titles, labels, presentation, pages: raw in their rows, shown on the public page."""
    school = cast.school_a
    for payload in BATCHES[::2]:
        NewsItem.objects.all().delete()
        UsefulLink.objects.all().delete()
        PracticalPage.objects.all().delete()
        SchoolPage.objects.update_or_create(school=school, defaults={"introduction": payload})
        UsefulLink.objects.create(school=school, label=payload[:80], address="https://a.fr/")
        PracticalPage.objects.create(
            school=school, slug="x", title=payload[:60], body=payload, is_published=True
        )
        for page in ("", "pages/x/"):
            _assert_page_is_ours(client, f"/etablissements/{school.slug}/{page}")


def _assert_page_is_ours(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    root = lxml_html.fromstring(answer.content.decode())
    for element in root.iterdescendants():
        assert element.tag not in {"iframe", "object", "embed", "style", "base", "math"}
        assert not any(str(name).startswith("on") for name in element.attrib), element.attrib
        for name in ("href", "src", "action"):
            value = (element.get(name) or "").strip().lower()
            assert not value.startswith(("javascript:", "data:text", "vbscript:", "//")), value
    scripts = [one.get("type") or one.get("src") or "" for one in root.iter("script")]
    assert all(one == "application/ld+json" or one.startswith("/static/") for one in scripts)


def test_cleaning_keeps_what_is_clean() -> None:
    text = '<h2>a</h2>\n<p>b<br>c <a href="https://a.fr/?a=1&amp;b=2">d</a></p>'
    assert clean_html(text) == text
