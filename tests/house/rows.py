"""Invented rows in every table, with a value in every column that may have one.

A few tables are filled by the product itself (the journal, a file, a printed code, the cast of the
tests); every table gets one row more, made from the fields of its model. `FIELDS` holds what a
constraint wants otherwise.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.enums import AccountState
from accounts.models import ActivationCode
from credentials.models import PasswordLink
from directory.enums import Profile
from directory.models import Record
from ent.audit.chain import seal_journal
from ent.audit.enums import Act
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.files.writing import create_file
from tests import factories as make
from tests.accounts.signing import give_code
from tests.cast import Cast, make_cast
from tests.kit.pictures import encoded_picture

LOGIN: Final = "denis.principal"
"""Somebody of the dump who signs in with `tests.factories.PASSWORD`."""
FILE_TEXT: Final = "Prénom;Nom\r\nAnna;Martin\r\n"

#: Filled by Django, by a migration or by `_call_the_product`, and by nothing else.
_LEFT_OUT: Final = frozenset(
    {
        "contenttypes.ContentType",
        "auth.Permission",
        "audit.AuditEvent",
        "audit.AuditIdentity",
        "audit.JournalSeal",
        "audit.JournalState",
        "files.StoredFile",
        "files.FileChunk",
        "sso.RegistryStamp",
        "accounts.SealingBatchRow",
        "accounts.ActivationCode",
    }
)

_numbers = itertools.count(1)


def _tomorrow() -> object:
    return timezone.now() + timedelta(days=1)


#: What a constraint wants otherwise than `_value` makes it; a function is called for its value.
FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "jobs.Job": {"state": "succeeded"},
    "files.FileHandoff": {"expires_at": _tomorrow},
    "directory.School": {"uai": "0549999Z"},
    "directory.Delivery": {"state": "appliquee"},
    "directory.Record": {"school": None},
    "directory.Responsibility": {"pupil": lambda: make.make_person(profile=Profile.PUPIL)},
    "directory.RoleGrant": {"school": None, "group": None},
    "accounts.Account": {
        "login": "compte.ajoute",
        "password": make.password_hash,
        "state": AccountState.ACTIVE,
    },
    "accounts.Door": {"kind": "cas", "is_open": False},
    "accounts.TermsText": {"version": 2},
    "sso.ServiceAddress": {"host": "service.invalid"},
    "sso.ServiceIdentifier": {"is_current": False},
    "messaging.AddressConfirmation": {"expires_at": _tomorrow},
    "messaging.Message": {"kind": "avis", "expires_at": _tomorrow},
    "credentials.CredentialFile": {"state": "pret"},
    "credentials.PasswordLink": {"expires_at": _tomorrow, "killed_at": None},
    "credentials.Campaign": {"state": "terminee"},
    "credentials.MailServer": {"failures": 1},
    "portal.Logo": {"content_type": "image/png", "data": lambda: encoded_picture("PNG")},
    "portal.NewsItem": {"shows_until": _tomorrow},
    "portal.SchoolPage": {"own_host": "www.college.invalid"},
}


def fill_every_table() -> None:
    """Write the cast and what the product makes of it, then a row of each table; seal last."""
    _call_the_product(make_cast())
    for model in _in_order_of_references():
        if model._meta.label not in _LEFT_OUT:
            _add_row(model)
    seal_journal()


def _call_the_product(cast: Cast) -> None:
    """Have the product write what no field says how to make: sealed, chained or encrypted.

    Beside it the second rows of the tables whose columns exclude each other.
    """
    school, academy = cast.school_a, cast.academy
    record(
        act=Act.PERSON_VIEWED,
        actor=cast.head.uuid,
        subject=cast.pupil.uuid,
        school_uai=school.uai,
        authority_code=academy.code,
        origin=Origin(address="192.0.2.1", door="autres-comptes", device="Firefox, Linux"),
    )
    seal_journal()
    record(act=Act.SIGN_IN_FAILED, subject=cast.parent.uuid, details={"count": 3})
    pupil = make.make_account(person=make.make_person(school=school), state=AccountState.PENDING)
    give_code(pupil)
    ActivationCode.objects.filter(account=pupil).update(handed_over_at=timezone.now())
    with create_file(
        name="liste.csv",
        media_type="text/csv",
        purpose="credentials",
        school_uai=school.uai,
        authority_code=academy.code,
    ) as out:
        out.write(FILE_TEXT.encode())
    _add_row(Record, person=None, school=school, external_id="1")
    _add_row(PasswordLink, account=pupil, used_at=None, expires_at=_tomorrow())


def _in_order_of_references() -> list[type[models.Model]]:
    """Return the models, each after those that it points to."""
    ordered: dict[type[models.Model], None] = {}

    def add(model: type[models.Model]) -> None:
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is not model:
                add(field.related_model)
        ordered.setdefault(model)

    for model in apps.get_models(include_auto_created=True):
        add(model)
    return list(ordered)


def _add_row(model: type[models.Model], **others: object) -> None:
    wanted = others or FIELDS.get(model._meta.label, {})
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.name in wanted:
            value = wanted[field.name]
            values[field.name] = value() if callable(value) else value
        elif isinstance(field, ArrayField | models.JSONField) or not (
            isinstance(field, models.AutoField) or field.has_default()
        ):
            values[field.name] = _value(field)
    model._base_manager.create(**values)


def _value(field: models.Field[Any, Any]) -> object:
    """Return a value of the field's type that no other row has; of a choice the first one."""
    if isinstance(field, models.ForeignKey):
        return field.related_model._base_manager.latest("pk")
    if isinstance(field, ArrayField):
        return [_value(field.base_field)]
    if field.choices:
        return next(value for value, _ in field.flatchoices if value)
    number = next(_numbers)
    longest = field.max_length or 60
    match field:
        case models.EmailField():
            return f"personne{number}@exemple.invalid"
        case models.URLField():
            return f"https://exemple.invalid/{number}"
        case models.SlugField() | models.CharField() | models.TextField():
            return f"{field.name.replace('_', '-')}{number}"[-longest:].strip("-")
        case models.DateTimeField():
            return timezone.now()
        case models.DateField():
            return date(2026, 9, 1)
        case models.UUIDField():
            return uuid.UUID(int=number)
        case models.BinaryField():
            return number.to_bytes(field.max_length or 32, "big")
        case models.JSONField():
            return {"nombre": number}
        case models.BooleanField():
            return True
        case models.IntegerField():
            return number
    raise NotImplementedError(f"{field} ({type(field).__name__}): say here what to put into it")
