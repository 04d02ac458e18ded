"""The frame of the portal's pages: identity, navigation, account menu, footer."""

from __future__ import annotations

import re
from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from directory.enums import Profile
from directory.models import School
from directory.schools.current import CAME_FROM_KEY, current_place, person_of, places_of
from directory.schools.remembered import remembered_uai
from ent.pages.chrome import Chrome, Link, SchoolChoice
from ent.pages.names import calm_name
from ent.pages.tiles import allowed_tiles
from portal.addresses import SCHOOL_PARAMETER, is_on_school_host, portal_href, portal_path
from portal.addresses import sign_in_href as sign_in_address
from portal.enums import TextKind
from portal.identity import portal_settings
from portal.school_pages.appearance import colour_of, logo_href, page_of, theme_href

# The account menu: label, page, icon.
_ACCOUNT_PAGES = (
    ("Mon compte", "accounts:profile", "user"),
    ("Changer de mot de passe", "accounts:change_password", "key"),
    ("Mes préférences", "messaging:preferences", "settings"),
)
SIGN_OUT_PATH = "/deconnexion/"
_UAI = re.compile(r"[0-9]{7}[A-Za-z]")


def build(request: HttpRequest) -> Chrome:
    """The frame for whoever asks; named by ``PAGE_CHROME`` in the settings."""
    if is_signed_in(request):
        return _signed_in(request)
    return public_chrome(
        request,
        school=_school_of_host(request) or _school_of_sign_in(request),
        is_noindex=True,
        with_sign_in=not request.path.startswith(settings.LOGIN_URL),
    )


def is_signed_in(request: HttpRequest) -> bool:
    """Does this page know who is signed in? A school's own host never does: it has no session.

    A visitor without the session's cookie costs no look at a session, and pages that are kept for
    all visitors stay the same for all.
    """
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    return has_session and not is_on_school_host(request) and person_of(request) is not None


def page_chrome(
    request: HttpRequest, *, school: School | None = None, with_sign_in: bool = True
) -> Chrome:
    """The frame of a public page: nobody's, or that of whoever is signed in.

    The frame says who one is and where one is at home; the colour is that of the page's school.
    """
    if not is_signed_in(request):
        return public_chrome(request, school=school, with_sign_in=with_sign_in)
    frame = _signed_in(request)
    if with_sign_in:
        frame = replace(frame, space_href=portal_path("portal:connected"))
    if school is None:
        return frame
    return replace(frame, theme_href=theme_href(colour_of(school, page_of(school))))


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
    )


def _portal_logo_href() -> str:
    logo_uuid = getattr(portal_settings(), "logo_uuid", None)
    return portal_path("portal:logo", logo_uuid) if logo_uuid else ""


def _school_of_host(request: HttpRequest) -> School | None:
    slug: str = getattr(request, "host_school_slug", "")
    if not slug:
        return None
    return School.objects.active().select_related("page__logo").filter(slug=slug).first()


def _school_of_sign_in(request: HttpRequest) -> School | None:
    """The school that somebody came from: by the address, the session, or what the browser kept.

    Error pages ask, too: before any session was opened, and whatever the address holds.
    """
    uai = request.GET.get(SCHOOL_PARAMETER, "")
    if not uai and hasattr(request, "session") and settings.SESSION_COOKIE_NAME in request.COOKIES:
        uai = request.session.get(CAME_FROM_KEY, "")
    uai = uai or remembered_uai(request)
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
            also_at=tile.also_at,
        )
        for tile in allowed_tiles(request)
        if tile.in_nav
    ]
    longest = max(link.length_of_match(request.path) for link in links)
    return tuple(
        replace(link, is_current=0 < longest == link.length_of_match(request.path))
        for link in links
    )


def _account_links() -> list[Link]:
    return [Link(label, reverse(name), icon) for label, name, icon in _ACCOUNT_PAGES]


def _help_link() -> Link:
    return Link("Aide", portal_path("portal:text", TextKind.HELP), "help")


def _footer(request: HttpRequest) -> tuple[Link, ...]:
    words = {TextKind.ACCESSIBILITY: str(getattr(portal_settings(), "accessibility", ""))}
    return tuple(
        Link(
            words.get(kind) or kind.label,
            portal_href(request, portal_path("portal:text", kind.value)),
        )
        for kind in TextKind
    )
