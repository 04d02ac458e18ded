"""The account as the directory shows it: state, door, last sign-in, and what explains it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.account.models import Account, AccountBlock, SignInState
from accounts.account.perms import can_reset_second_factor
from accounts.activation.models import ActivationCode
from accounts.doors.base.models import Door
from accounts.enums import AccountKind, AccountState
from directory.enums import Profile
from directory.lifecycle.leavers import describe_leavers
from directory.models import Person
from directory.rights.actors import actor_of
from directory.rights.acts import Act
from directory.rights.walls import visible_persons
from directory.sheets.registry import (
    SheetAct,
    SheetActs,
    SheetPanel,
    register_panel,
    register_sheet_acts,
)
from ent.pages.french import day_words, moment_words

_NEVER = "Jamais"


def register_account_panel() -> None:
    """Register at start, when every room is loaded."""
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
    account = Account.objects.with_authenticator().filter(person=person).first()
    if account is None or not can_reset_second_factor(actor_of(request), account):
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
        ("Identifiant", _login_words(account)),
        ("Nature", account.get_kind_display()),
        ("État", person.state_label),
        ("Activé le", _moment(account.activated_at, empty="Pas encore")),
        ("Dernière connexion", _moment(state.last_sign_in_at if state else None, empty=_NEVER)),
    ]
    sees_reason = visible_persons(actor_of(request), Act.LIFE_CYCLE).filter(pk=person.pk).exists()
    if door is not None:
        pairs.append(("Dernier guichet", door.label))
    return {"pairs": pairs, "words": _words(account, person, sees_reason=sees_reason)}


def _login_words(account: Account) -> str:
    """What the person types: of an academic account the ENT's own login serves nobody."""
    if account.kind == AccountKind.ACADEMIC:
        return "Celui de son compte académique"
    return account.login


def _words(account: Account, person: Person, *, sees_reason: bool) -> str:
    if person.left_at is not None:
        return _leaver_words(person)
    if person.profile == Profile.CONTACT:
        return (
            "N’a plus de responsabilité légale dans l’alimentation : l’accès est fermé, et sera "
            "rétabli avec le même identifiant si elle revient."
        )
    if account.state == AccountState.BLOCKED:
        return _block_words(account, sees_reason=sees_reason)
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


def _block_words(account: Account, *, sees_reason: bool) -> str:
    """Until when for everybody, why for those who may restore the account."""
    block = AccountBlock.objects.filter(account=account).first()
    if block is None:
        return "Ce compte est bloqué : aucune connexion n’est possible."
    until = f" jusqu’au {day_words(block.last_day)} inclus" if block.last_day is not None else ""
    words = f"Ce compte est bloqué{until} : aucune connexion n’est possible."
    return f"{words} Motif : {block.reason}" if sees_reason else words


def _leaver_words(person: Person) -> str:
    words = "Absente de l’alimentation : l’accès est fermé et peut être rétabli."
    (leaver,) = describe_leavers([person])
    if leaver.erased_on is None:
        return f"{words} Un rôle encore en vigueur empêche l’effacement du compte."
    return f"{words} Le compte sera effacé le {day_words(leaver.erased_on)}."


def _moment(moment: datetime | None, *, empty: str) -> str:
    if moment is None:
        return empty
    return moment_words(moment)
