"""The account as the directory shows it: state, door, last sign-in, and what explains it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import AccountKind, AccountState
from accounts.models import Account, ActivationCode, Authenticator, Door, SignInState
from accounts.perms import can_reset_second_factor
from directory.actors import actor_of
from directory.enums import Profile
from directory.extensions import (
    SheetAct,
    SheetActs,
    SheetPanel,
    register_panel,
    register_sheet_acts,
)
from directory.models import Person
from ent.pages.french import day_words, moment_words

_NEVER = "Jamais"


def register_account_panel() -> None:
    """Called once the rooms are loaded."""
    register_panel(
        SheetPanel(
            code="compte",
            title="Compte",
            template="accounts/_sheet_account.html",
            build=build_account_panel,
            rank=10,
        )
    )


def register_account_acts() -> None:
    """« Réinitialiser le second facteur », for who lost the device."""
    register_sheet_acts(SheetActs(code="second-facteur", build=_second_factor_acts, rank=80))


def _second_factor_acts(request: HttpRequest, person: Person) -> list[SheetAct]:
    authenticator = (
        Authenticator.objects.select_related("user__person").filter(user__person=person).first()
    )
    if authenticator is None:
        return []
    if not can_reset_second_factor(actor_of(request), authenticator.user):
        return []
    href = reverse("accounts:reset_second_factor", args=[person.uuid])
    return [SheetAct(label="Réinitialiser le second facteur", href=href, icon="refresh")]


def build_account_panel(request: HttpRequest, person: Person) -> Mapping[str, Any]:
    """Say how this person signs in, at a glance; no secret stands here."""
    account = Account.objects.filter(person=person).first()
    if account is None:
        return {"pairs": [], "words": "Cette personne n’a pas de compte."}
    state = SignInState.objects.filter(account=account).first()
    door = Door.objects.filter(code=state.last_door_code).first() if state else None
    pairs = [
        ("Identifiant", account.login),
        ("Nature", account.get_kind_display()),
        ("État", person.state_label),
        ("Activé le", _moment(account.activated_at, empty="Pas encore")),
        ("Dernière connexion", _moment(state.last_sign_in_at if state else None, empty=_NEVER)),
    ]
    if door is not None:
        pairs.append(("Dernier guichet", door.label))
    return {"pairs": pairs, "words": _words(account, person)}


def _words(account: Account, person: Person) -> str:
    if person.left_at is not None:
        return "Absente de l’alimentation : l’accès est fermé et peut être rétabli."
    if person.profile == Profile.CONTACT:
        return (
            "N’a plus de responsabilité légale dans l’alimentation : l’accès est fermé, et sera "
            "rétabli avec le même identifiant si elle revient."
        )
    if account.state == AccountState.BLOCKED:
        return "Ce compte est bloqué : aucune connexion n’est possible."
    if account.kind == AccountKind.ACADEMIC:
        return (
            "Connexion par le portail de l’académie : l’ENT ne détient aucun mot de passe, "
            "et cette personne ne figure dans aucun fichier d’identifiants."
        )
    if account.state == AccountState.PENDING:
        code = ActivationCode.objects.filter(account=account).first()
        if code is None or code.expires_at <= timezone.now():
            return "Le code d’activation a expiré : régénérez le fichier des identifiants."
        return f"Le code d’activation est valable jusqu’au {day_words(code.expires_at)}."
    return ""


def _moment(moment: datetime | None, *, empty: str) -> str:
    if moment is None:
        return empty
    return moment_words(moment)
