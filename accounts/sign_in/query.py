"""What travels through the sign-in: the school one comes from, the page one wanted, the profile.

All of it stands in the query, so that it survives a new tab, a reload and a browser without
JavaScript; nothing of it is believed before it was looked up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from django.http import HttpRequest

from accounts.enums import Audience
from directory.models import School
from directory.schools.remembered import remembered_uai
from signin.destinations import safe_path

_UAI = re.compile(r"[0-9]{7}[A-Za-z]")
_SLUG = re.compile(r"[a-z0-9-]{1,80}")
SCHOOL = "etablissement"
NEXT = "next"
AUDIENCE = "profil"
RENEW = "renouveler"
"""Asks to prove again who one is, whatever an academy remembers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignInQuery:
    """The school, the wanted page and the profile of one sign-in, and whether it must be fresh."""

    school: School | None = None
    """Of the address, else the one that this browser was last in."""
    is_school_named: bool = False
    """Does the address name the school?"""
    next_path: str = ""
    audience: Audience | None = None
    renew: bool = False
    is_served_here: bool = False
    """Does the answer to the form itself open the wanted page? Then no mark of it is kept."""

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Read the sign_in_query of a request; what is unknown or foreign is left out."""
        audience = request.GET.get(AUDIENCE, "")
        named = _school_named(request.GET.get(SCHOOL, ""))
        return cls(
            school=named or _school_named(remembered_uai(request)),
            is_school_named=named is not None,
            next_path=safe_path(request.GET.get(NEXT, "")),
            audience=Audience(audience) if audience in Audience.values else None,
            renew=RENEW in request.GET,
        )

    @classmethod
    def named(cls, *, school: str, next_path: str) -> Self:
        """Return the sign_in_query of a school's UAI and a page, judged as those of a request."""
        found = _school_named(school)
        return cls(school=found, is_school_named=found is not None, next_path=safe_path(next_path))

    def query(self, *, audience: Audience | None = None, **more: str) -> str:
        """Return "?…" that carries the sign_in_query on, "" when there is nothing to carry."""
        chosen = audience or self.audience
        values = {
            SCHOOL: self.school.uai if self.school is not None else "",
            NEXT: self.next_path,
            AUDIENCE: chosen.value if chosen is not None else "",
            RENEW: "1" if self.renew else "",
            **more,
        }
        text = urlencode({name: value for name, value in values.items() if value})
        return f"?{text}" if text else ""


def _school_named(name: str) -> School | None:
    """Return the open school that bears this slug or UAI."""
    if _UAI.fullmatch(name):
        wanted = School.objects.filter(uai=name.upper())
    elif _SLUG.fullmatch(name):
        wanted = School.objects.filter(slug=name)
    else:
        return None
    return wanted.filter(is_active=True).select_related("authority").first()
