"""Components check their options and write what a screen reader needs."""

from __future__ import annotations

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.test import Client, RequestFactory, override_settings
from lxml import html

from ent.pages.pagination import paginate
from ent.pages.templatetags.components import ComponentError


def rendered(text: str, **context: object) -> html.HtmlElement:
    """Render a template that loads the components, as a parsed fragment."""
    source = Template("{% load components %}" + text).render(Context(context))
    return html.fragment_fromstring(source, create_parent="div")


@pytest.mark.parametrize(
    "text",
    [
        '{% icon "rien" %}',
        '{% button "Valider" kind="enorme" %}',
        '{% badge "Activé" tone="vert" %}',
        '{% steps 4 "Fichier" "Aperçu" %}',
        '{% breadcrumb "Annuaire" "/annuaire/" %}',
    ],
)
def test_a_wrong_option_is_an_error_at_render(text: str) -> None:
    """Rule 11: options are checked, so that a slip does not become a broken page."""
    with pytest.raises(ComponentError):
        rendered(text)


def test_an_unknown_option_is_an_error_when_the_page_is_read() -> None:
    """The tag's signature is the list of options."""
    with pytest.raises(TemplateSyntaxError):
        rendered('{% button "Valider" couleur="rouge" %}')


def test_pagination_keeps_the_filters_of_the_address() -> None:
    """« premier, précédent, suivant, dernier », with the search still there."""
    request = RequestFactory().get("/", {"q": "dupon d’été", "page": "3"})
    page = paginate(range(95), 3)
    tree = rendered("{% pagination page %}", page=page, request=request)
    links = {link.text_content().strip(): link.get("href") for link in tree.findall(".//a")}
    assert set(links) == {"premier", "précédent", "suivant", "dernier"}
    assert links["dernier"] == "?q=dupon+d%E2%80%99%C3%A9t%C3%A9&page=5"
    assert links["précédent"].endswith("&page=2")


def test_the_first_page_offers_no_way_back() -> None:
    """Nothing to click that does nothing."""
    request = RequestFactory().get("/")
    page = paginate(range(95), 1)
    tree = rendered("{% pagination page %}", page=page, request=request)
    assert [link.text_content().strip() for link in tree.findall(".//a")] == ["suivant", "dernier"]


def test_a_sorted_column_says_so_and_turns_around() -> None:
    """aria-sort on the header, the opposite order behind its link."""
    request = RequestFactory().get("/", {"tri": "nom", "page": "4"})
    tree = rendered('{% sort_header "Nom" "nom" %}', request=request)
    header = tree.find(".//th")
    assert header.get("aria-sort") == "ascending"
    assert header.find("a").get("href") == "?tri=-nom"


class _Form(forms.Form):
    login = forms.CharField(label="Identifiant", help_text="Du type prenom.nom")
    choice = forms.ChoiceField(label="Choix", choices=[("a", "A")], widget=forms.RadioSelect)


def test_a_refused_field_is_tied_to_its_error_and_its_hint() -> None:
    """What aria-describedby names exists in the page."""
    form = _Form({"login": ""})
    tree = rendered("{{ form }}", form=form)
    field = tree.xpath(".//input[@name='login']")[0]
    assert field.get("aria-invalid") == "true"
    for identifier in field.get("aria-describedby").split():
        assert tree.xpath(f".//*[@id='{identifier}']"), identifier
    summary = tree.xpath(".//*[@role='alert']")[0]
    targets = [link.get("href")[1:] for link in summary.findall(".//a")]
    assert len(targets) == 2
    for target in targets:
        assert tree.xpath(f".//*[@id='{target}']"), target
    assert "Identifiant" in summary.text_content()


def test_markup_in_an_option_is_text() -> None:
    """T-I2: a component escapes what it is given."""
    tree = rendered("{% badge words %}{% button words %}", words="<script>alert(1)</script>")
    assert not tree.findall(".//script")


@pytest.mark.django_db
def test_the_style_guide_is_shown_only_where_the_settings_say_so(client: Client) -> None:
    """Every component renders; elsewhere the page does not exist."""
    assert client.get("/charte/").status_code == 200
    with override_settings(SHOW_STYLEGUIDE=False):
        assert client.get("/charte/").status_code == 404
