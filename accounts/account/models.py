"""The account of a person, its sign-in state, and logins that are never given again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from accounts.account.logins import LOGIN_PATTERN
from accounts.enums import AccountKind, AccountState
from directory.enums import Profile
from directory.models import Person
from signin.enums import Realm
from signin.second_factor.models import Authenticator
from signin.sessions.models import Session, SessionQuerySet


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by login, whatever the case that was typed."""

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.select_related("person").get(login=(username or "").strip().lower())

    def with_authenticator(self) -> models.QuerySet[Account]:
        """Return the accounts that have an authenticator application, with their persons."""
        held = Authenticator.objects.filter(realm=Realm.PORTAL).values("principal")
        return self.select_related("person").filter(uuid__in=held)


class Account(AbstractBaseUser):
    """How one person signs in.

    An academic account has no local secret at all. A local account is *pending* until its owner
    has typed the activation code and chosen a password. ``epoch`` goes up whenever open sessions
    must die (block, new password, role loss); sessions carry the value they were opened with.
    """

    last_login = None  # lives in SignInState: a sign-in never waits for an import's row locks

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.OneToOneField(Person, models.CASCADE, related_name="account")
    login = models.CharField("identifiant", max_length=70)
    kind = models.CharField(
        "nature", max_length=12, choices=AccountKind.choices, default=AccountKind.LOCAL
    )
    state = models.CharField(
        "état", max_length=12, choices=AccountState.choices, default=AccountState.PENDING
    )
    must_choose_password = models.BooleanField("doit choisir un mot de passe", default=False)
    code_generation = models.PositiveIntegerField(
        default=0, help_text="Numéro du dernier code d’activation émis."
    )
    epoch = models.PositiveIntegerField(default=0)
    is_operator = models.BooleanField(
        "exploitant", default=False, help_text="Accès à l’administration technique."
    )
    created_at = models.DateTimeField("créé le", auto_now_add=True)
    activated_at = models.DateTimeField("activé le", null=True, blank=True)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    class Meta:
        verbose_name = "compte"
        ordering = ["login"]
        constraints = [
            models.UniqueConstraint(
                fields=["login"],
                name="account_login_unique",
                violation_error_message="Cet identifiant est déjà pris.",
            ),
            models.CheckConstraint(
                condition=Q(login__regex=LOGIN_PATTERN),
                name="account_login_ascii",
                violation_error_message="Lettres sans accent, chiffres, points et tirets.",
            ),
            models.CheckConstraint(
                condition=~Q(kind=AccountKind.ACADEMIC) | Q(password=""),
                name="account_academic_without_secret",
            ),
        ]

    def __str__(self) -> str:
        return f"compte {self.uuid}"

    @property
    def sessions(self) -> SessionQuerySet:
        """The sessions of this account in the portal's realm."""
        return Session.objects.of(Realm.PORTAL, self.uuid)

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """May this account sign in, and a session of it go on?

        Not while its owner is a mere contact: a parent who lost the last legal responsibility
        finds the same account, login and password again on the day it returns.
        """
        return (
            self.state != AccountState.BLOCKED
            and self.person.left_at is None
            and self.person.profile != Profile.CONTACT
        )

    @property
    def is_staff(self) -> bool:
        """Operators only: Django's admin is never needed by schools."""
        return self.is_operator

    def get_session_auth_hash(self) -> str:
        """Return what a session keeps of this account: its epoch, nothing made of a password."""
        return str(self.epoch)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Return no other value: a session of a former epoch stays dead."""
        return iter(())

    def has_perm(self, perm: str, obj: object | None = None) -> bool:
        return self.is_active and self.is_operator

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_operator


class SignInState(models.Model):
    """What signing in writes; apart from ``Account`` so that it never waits for an import."""

    account = models.OneToOneField(
        Account, models.CASCADE, primary_key=True, related_name="sign_in_state"
    )
    first_sign_in_at = models.DateTimeField("première connexion")
    last_sign_in_at = models.DateTimeField("dernière connexion")
    last_door_code = models.CharField("dernier guichet", max_length=60, blank=True)
    sign_in_count = models.PositiveIntegerField("connexions", default=1)

    class Meta:
        verbose_name = "état de connexion"

    def __str__(self) -> str:
        return f"connexions du compte {self.account_id}"


class AccountBlock(models.Model):
    """Why an account was blocked by hand, by whom, and until when; it goes with the block."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="block")
    reason = models.CharField("motif", max_length=200)
    last_day = models.DateField("jusqu’au (inclus)", null=True, blank=True)
    blocked_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="bloqué par"
    )
    blocked_at = models.DateTimeField("bloqué le", auto_now_add=True)

    class Meta:
        verbose_name = "blocage"
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="account_block_has_a_reason",
                violation_error_message="Écrivez pourquoi ce compte est bloqué.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["last_day"],
                name="account_block_last_day",
                condition=Q(last_day__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"blocage du compte {self.account_id}"


class StaleAccessState(models.Model):
    """An account whose state is still to be copied to its person, whose row was held."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="+")
    noted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "état à recopier"
        verbose_name_plural = "états à recopier"

    def __str__(self) -> str:
        return f"état du compte {self.account_id}"


class ReservedLogin(models.Model):
    """What a freed login leaves, so that it is never given to anybody else.

    A changed login keeps its whole keyed hash; an erased account leaves the keyed hash of its
    base (``prenom.nom``) with the highest number given so far.
    """

    base_hash = models.BinaryField(max_length=32, unique=True)
    last_number = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "identifiant réservé"

    def __str__(self) -> str:
        return f"identifiant réservé {self.pk}"
