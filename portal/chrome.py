"""The frame of the portal's pages: identity, navigation, account menu, footer."""

from __future__ import annotations

import re
from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from directory.enums import Profile
from directory.models import School
from ent.pages.chrome import Chrome, Link, SchoolChoice
from ent.pages.names import calm_name
from ent.pages.tiles import allowed_tiles
from portal.addresses import SCHOOL_PARAMETER, is_on_school_host, portal_href, portal_path
from portal.addresses import sign_in_href as sign_in_address
from portal.enums import TextKind
from portal.faces import face_of
from portal.identity import portal_settings
from portal.models import SchoolPage
from portal.places import current_place, person_of, places_of

# Names of pages of the accounts' room that the account menu offers when they exist.
_ACCOUNT_PAGES = (
    ("Mon compte", "accounts:profile", "user"),
    ("Changer de mot de passe", "accounts:change_password", "key"),
    ("Mes préférences", "messaging:preferences", "settings"),
)
SIGN_OUT_PATH = "/deconnexion/"
_UAI = re.compile(r"[0-9]{7}[A-Za-z]")


def build(request: HttpRequest) -> Chrome:
    """The frame for whoever asks; named by ``PAGE_CHROME`` in the settings."""
    if person_of(request) is not None and not is_on_school_host(request):
        return _signed_in(request)
    return public_chrome(
        request,
        school=_school_of_sign_in(request),
        is_noindex=True,
        with_sign_in=not request.path.startswith(settings.LOGIN_URL),
    )


def public_chrome(
    request: HttpRequest,
    *,
    school: School | None = None,
    is_noindex: bool = False,
    with_sign_in: bool = True,
) -> Chrome:
    """The frame without any person: it reads no session, so that pages can be cached.

    A page that is itself a way in (mire, a school's banner) shows no second « Se connecter ».
    """
    portal = portal_settings()
    page = page_of(school)
    home = "/" if not is_on_school_host(request) else portal_href(request, "/")
    if school is not None:
        home = "/" if is_on_school_host(request) else portal_path("portal:school", school.slug)
    return Chrome(
        portal_name=portal.name,
        home_href=home,
        place=calm_name(school.name) if school is not None else portal.tagline,
        logo_href=logo_href(page) if page is not None and page.logo_id else _portal_logo_href(),
        theme_href=theme_href(colour_of(school, page)),
        is_noindex=is_noindex,
        sign_in_href=sign_in_address(request, school=school) if with_sign_in else "",
        footer=_footer(request),
        is_demo=bool(getattr(settings, "DEMO", False)),
    )


def _signed_in(request: HttpRequest) -> Chrome:
    portal = portal_settings()
    person = person_of(request)
    place = current_place(request)
    places = places_of(request)
    # A step comes before everything: no link is shown that would only lead back to it.
    is_bound = bool(getattr(request, "has_forced_step", False))
    school = place.school if place is not None else None
    page = page_of(school)
    profile = place.profile if place is not None else Profile(person.profile) if person else None
    names = [choice.school.uai for choice in places]
    return Chrome(
        portal_name=portal.name,
        home_href=portal_path("portal:connected"),
        place=calm_name(school.name) if school is not None else portal.tagline,
        logo_href=logo_href(page) if page is not None and page.logo_id else _portal_logo_href(),
        theme_href=theme_href(colour_of(school, page)),
        sign_out_href=SIGN_OUT_PATH,
        account_name=person.full_name if person is not None else "",
        account_detail=profile.label if profile is not None else "",
        account_links=(_help_link(),) if is_bound else (*_account_links(), _help_link()),
        nav=() if is_bound else _navigation(request),
        schools=tuple(
            SchoolChoice(
                uai=choice.key,
                name=calm_name(choice.school.name)
                if names.count(choice.school.uai) == 1
                else f"{calm_name(choice.school.name)} ({choice.profile.label})",
                is_current=choice == place,
            )
            for choice in places
        )
        if len(places) > 1 and not is_bound
        else (),
        switch_href=portal_path("portal:switch"),
        footer=_footer(request),
        is_demo=bool(getattr(settings, "DEMO", False)),
    )


def page_of(school: School | None) -> SchoolPage | None:
    """What the school chose for its page; nothing when it has chosen nothing."""
    # The missing row of a one-to-one is an AttributeError, too: getattr gives the default.
    page: SchoolPage | None = getattr(school, "page", None)
    return page


def colour_of(school: School | None, page: SchoolPage | None) -> str:
    """The school's colour: chosen, else derived from its UAI; the portal's without school."""
    if school is None:
        return portal_settings().colour
    chosen = page.colour if page is not None else ""
    return face_of(uai=school.uai, name=school.name, colour=chosen).colour


def theme_href(colour: str) -> str:
    """The style sheet of a colour; the same path on every host."""
    return portal_path("portal:theme", colour.removeprefix("#").lower())


def logo_href(page: SchoolPage) -> str:
    """The school's logo; the same path on every host."""
    return portal_path("portal:logo", page.logo.uuid) if page.logo is not None else ""


def _portal_logo_href() -> str:
    logo_uuid = getattr(portal_settings(), "logo_uuid", None)
    return portal_path("portal:logo", logo_uuid) if logo_uuid else ""


def _school_of_sign_in(request: HttpRequest) -> School | None:
    """The school that somebody signing in came from: by the address, else by the session.

    Error pages ask, too: before any session was opened, and whatever the address holds.
    """
    uai = request.GET.get(SCHOOL_PARAMETER, "")
    if not uai and hasattr(request, "session") and settings.SESSION_COOKIE_NAME in request.COOKIES:
        uai = request.session.get("school_uai", "")
    if not _UAI.fullmatch(uai):
        return None
    return School.objects.active().select_related("page__logo").filter(uai=uai.upper()).first()


def _navigation(request: HttpRequest) -> tuple[Link, ...]:
    home = Link("Accueil", portal_path("portal:connected"))
    links = [home] + [
        Link(
            tile.title,
            reverse(tile.url_name),
            tile.icon,
            count=tile.counted(request),
            count_noun=tile.count_noun,
        )
        for tile in allowed_tiles(request)
        if tile.in_nav
    ]
    longest = max(
        (link.href for link in links if request.path.startswith(link.href)), key=len, default=""
    )
    return tuple(replace(link, is_current=link.href == longest) for link in links)


def _account_links() -> list[Link]:
    links = []
    for label, name, icon in _ACCOUNT_PAGES:
        try:
            links.append(Link(label, reverse(name), icon))
        except NoReverseMatch:
            continue
    return links


def _help_link() -> Link:
    return Link("Aide", portal_path("portal:text", TextKind.HELP), "help")


def _footer(request: HttpRequest) -> tuple[Link, ...]:
    return tuple(
        Link(kind.label, portal_href(request, portal_path("portal:text", kind.value)))
        for kind in TextKind
    )
