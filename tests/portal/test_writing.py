"""Texts of schools: Markdown and HTML give each other back, and nothing else gets through."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.writing.cleaning import (
    TAGS,
    beginning_of,
    clean_html,
    html_of,
    markdown_of,
    read_html,
    words_of,
)
from portal.writing.document import (
    Block,
    Break,
    Document,
    Heading,
    Item,
    ItemList,
    Link,
    Paragraph,
    Picture,
    Quotation,
    Table,
    Text,
    normal,
    to_html,
)
from portal.writing.markdown import read_markdown, write_markdown

PICTURE = "/site/fichiers/00000000-0000-4000-8000-000000000000"
#: What Markdown and HTML make something of, more often than chance would type it.
SIGNS = st.sampled_from(
    list("#->+*_`~|\\[]()!<>&;:@=\"'./ \n\t1é\u00a0\u2028\x00")
) | st.sampled_from(
    ["1. ", "- ", "---", "https://a.fr/x", "a@b.fr", "&amp;", "&lt", "&copy;", "](", "![", "<b>"]
)
WORDS = st.lists(SIGNS | st.characters(), max_size=8).map("".join)
HREFS = st.sampled_from(
    [
        "https://a.fr/",
        "http://a.fr/?a=1&copy=2&lt;#b",
        "mailto:a@b.fr",
        "tel:+33102030405",
        "/site/x_(y)",
        "https://a.fr/(é) \\|",
        "https://a.fr/x",
        "javascript:alert(1)",
        "//a.fr",
    ]
) | WORDS.map(lambda words: f"https://a.fr/{words}")
INLINES = st.lists(
    st.builds(Text, WORDS)
    | st.builds(Break)
    | st.builds(Link, HREFS, WORDS | st.just("https://a.fr/x") | st.just("a@b.fr"))
    | st.builds(Picture, st.just(PICTURE), WORDS),
    max_size=4,
).map(tuple)


def _lists(inner: st.SearchStrategy[ItemList]) -> st.SearchStrategy[ItemList]:
    items = st.builds(Item, INLINES, st.lists(inner, max_size=2).map(tuple))
    return st.builds(ItemList, st.booleans(), st.lists(items, max_size=3).map(tuple))


LISTS = st.recursive(st.builds(ItemList, st.booleans(), st.just(())), _lists, max_leaves=6)
PARAGRAPHS = st.builds(Paragraph, INLINES)
BLOCKS: st.SearchStrategy[Block] = (
    st.builds(Heading, st.integers(1, 6), INLINES)
    | PARAGRAPHS
    | LISTS
    | st.builds(Quotation, st.lists(PARAGRAPHS, max_size=3).map(tuple))
    | st.builds(Table, st.lists(st.lists(INLINES, max_size=3).map(tuple), max_size=3).map(tuple))
)
DOCUMENTS: st.SearchStrategy[Document] = st.lists(BLOCKS, max_size=4).map(normal)


@given(DOCUMENTS)
@settings(max_examples=150, deadline=None)
def test_a_document_comes_back_from_its_markdown_and_from_its_html(document: Document) -> None:
    assert normal(document) == document
    assert read_markdown(write_markdown(document)) == document
    html = to_html(document)
    assert read_html(html) == document
    assert html_of(markdown_of(html)) == clean_html(html)


@given(st.lists(SIGNS | st.characters(), max_size=40).map("".join))
@settings(max_examples=150, deadline=None)
def test_whatever_is_typed_is_kept_within_the_list_and_stays_as_it_is(typed: str) -> None:
    html = html_of(typed)
    assert {name.lower() for name in re.findall(r"</?([a-zA-Z0-9]+)", html)} <= TAGS
    assert clean_html(html) == html
    assert html_of(markdown_of(html)) == html


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<ul>",
                "<li>",
                "<table>",
                "<td>",
                "<a href=x>",
                "<h2>",
                "<blockquote>",
                "<script>",
                "<svg>",
                "<img src=x onerror=a()>",
                "</li>",
                "</table>",
                "x",
                " ",
                "&lt;b&gt;",
                "<ol>",
                "<br>",
                "<div>",
                "<o:p>",
            ]
        ),
        max_size=14,
    ).map("".join)
)
@settings(max_examples=100, deadline=None)
def test_any_html_becomes_a_text_that_comes_back(pasted: str) -> None:
    html = to_html(read_html(pasted))
    assert html_of(markdown_of(html)) == clean_html(html) == html


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        (
            "## Inscriptions\n\nLes dossiers :\n- un\n- deux\n",
            "<h2>Inscriptions</h2>\n<p>Les dossiers :</p>\n<ul><li>un</li><li>deux</li></ul>",
        ),
        ("# Titre", "<h2>Titre</h2>"),
        ("ligne\nautre", "<p>ligne<br>autre</p>"),
        ("voir https://a.fr/x.", '<p>voir <a href="https://a.fr/x">https://a.fr/x</a>.</p>'),
        ("[ici](https://a.fr) **gras**", '<p><a href="https://a.fr">ici</a> **gras**</p>'),
        ("[x](javascript:alert(1))", "<p>x</p>"),
        ("![Une cour](/site/x)", ""),
        ("> dit-il", "<blockquote><p>dit-il</p></blockquote>"),
        ("<script>a</script>", "<p>&lt;script&gt;a&lt;/script&gt;</p>"),
    ],
)
def test_what_editors_type(typed: str, html: str) -> None:
    assert html_of(typed) == html


def test_a_text_as_plain_words() -> None:
    html = html_of("## Fête\n\nSamedi & dimanche, 2 < 3\n- un\n- deux")
    assert words_of(html).split() == [
        "Fête",
        "Samedi",
        "&",
        "dimanche,",
        "2",
        "<",
        "3",
        "un",
        "deux",
    ]
    assert beginning_of(html, limit=12) == "Fête Samedi…"
