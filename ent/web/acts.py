"""Which acts give power over somebody else, and so ask again who one is (R-B9).

Every POST of a signed-in person asks for a proof of the last quarter of an hour, unless its view
says by `needs_no_recent_proof` that it concerns its author only. The page of such an act, and every
file that holds people or codes, asks when it is opened: their views say so by
`asks_for_recent_proof`. `signin.kept_forms.middleware` holds it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

from django.http import HttpResponse

_P = ParamSpec("_P")


def needs_no_recent_proof(view: Callable[_P, HttpResponse]) -> Callable[_P, HttpResponse]:
    """Mark a view whose POST concerns its author only.

    `tests/security/proofs.py` holds the list of these views, with the reason of each.
    """
    view.needs_no_recent_proof = True  # type: ignore[attr-defined]
    return view


def asks_for_recent_proof(view: Callable[_P, HttpResponse]) -> Callable[_P, HttpResponse]:
    """Mark a view that asks for a recent proof also when it is only opened."""
    view.asks_for_recent_proof = True  # type: ignore[attr-defined]
    return view
