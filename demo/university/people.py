"""The invented students and staff of the demonstration's university, as LDIF; loads no Django."""

from __future__ import annotations

import base64
import random
import unicodedata
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from argon2 import PasswordHasher

from demo.university.slapd import BASE, DECOY_DN, LOCKS_AFTER, PEOPLE, READER_DN, READER_PASSWORD

#: The password of everybody in the demonstration.
PASSWORD: Final = "neuf hiboux gris"  # noqa: S105
COMPONENTS: Final = (
    ("SCI", "Faculté des sciences", ("L1-INFO", "L2-MATH", "M1-PHYS")),
    ("LET", "Faculté des lettres", ("L1-LETT", "L3-HIST")),
    ("DRT", "Faculté de droit", ("L1-DROIT", "M2-DROIT")),
)
_GIVEN: Final = (
    *("Aïcha", "Bruno", "Chloé", "Driss", "Élodie", "Félix", "Gaëlle", "Hugo", "Inès", "Jules"),
    *("Karim", "Léa", "Maël", "Noémie", "Oscar", "Perrine", "Quentin", "Rose", "Samir", "Tess"),
)
_FAMILY: Final = (
    *("Arnaud", "Bélanger", "Colin", "D’Arc", "Évrard", "Fournier", "Guérin", "Henriot"),
    *("Imbert", "Jacquot", "Klein", "L’Hôte", "Masson", "Nguyen", "Ould-Ali", "Picard"),
    *("Quéré", "Renard", "Simonin", "Thiébaut", "Urbain", "Vautrin", "Weber", "Zimmermann"),
)
_NAMESPACE: Final = uuid.UUID("5a0f2c52-7a3f-4d0d-9a39-1d4f0d6c1a19")


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """Somebody of the university."""

    number: str
    login: str
    given_name: str
    family_name: str
    is_student: bool
    component: str
    programme: str
    ine: str
    born: str

    @property
    def dn(self) -> str:
        """The name of the entry."""
        return f"uid={self.login},{PEOPLE}"

    @property
    def key(self) -> str:
        """Its `entryUUID`, the same at each filling."""
        return str(uuid.uuid5(_NAMESPACE, self.number))

    @property
    def mail(self) -> str:
        """The address that the university gives."""
        domain = "etu.univ-demo.example" if self.is_student else "univ-demo.example"
        name = f"{_plain(self.given_name)}.{_plain(self.family_name)}".lower()
        return f"{name}.{self.number}@{domain}"


def invent(students: int, staff: int, *, seed: int = 19) -> list[Member]:
    """Return so many students and staff, the same for the same numbers."""
    source = random.Random(seed)  # noqa: S311  invented people, not secrets
    members = []
    for position in range(students + staff):
        is_student = position < students
        code, _, programmes = source.choice(COMPONENTS)
        given, family = source.choice(_GIVEN), source.choice(_FAMILY)
        number = f"{22000000 + position}" if is_student else f"E{position - students + 1:05}"
        login = f"{_plain(family)[0].lower()}{number.lower()}"
        year = source.randint(1998, 2006) if is_student else source.randint(1962, 1994)
        members.append(
            Member(
                number=number,
                login=login,
                given_name=given,
                family_name=family,
                is_student=is_student,
                component=code,
                programme=source.choice(programmes) if is_student else "",
                ine=f"{source.randrange(10**9):09}{source.choice('ABCDEFGHJK')}"
                f"{source.choice('ABCDEFGHJK')}"
                if is_student
                else "",
                born=f"{year}-{source.randint(1, 12):02}-{source.randint(1, 28):02}",
            )
        )
    return members


def entries(members: list[Member], *, password: str = PASSWORD) -> Iterator[str]:
    """Write the tree: services, policies, components, people. All share one hash: it is slow."""
    hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
    shared = "{ARGON2}" + hasher.hash(password)
    yield _ldif(
        BASE, objectClass=["top", "dcObject", "organization"], dc="univ-demo", o="Université"
    )
    for name in ("people", "services", "policies", "structures"):
        yield _ldif(f"ou={name},{BASE}", objectClass=["organizationalUnit"], ou=name)
    yield _ldif(
        f"cn=default,ou=policies,{BASE}",
        objectClass=["device", "pwdPolicy"],
        cn="default",
        pwdAttribute="userPassword",
        pwdMaxFailure=str(LOCKS_AFTER),
        pwdLockout="TRUE",
        pwdLockoutDuration="900",
        pwdMustChange="TRUE",
        pwdMinLength="8",
        pwdCheckQuality="1",
    )
    # Nobody signs in as the decoy: it makes a wrong login as slow as a wrong password, and is
    # never locked. It writes its failures down as people's entries do: that takes time too.
    yield _ldif(
        f"cn=never,ou=policies,{BASE}",
        objectClass=["device", "pwdPolicy"],
        cn="never",
        pwdAttribute="userPassword",
        pwdLockout="FALSE",
        pwdMaxRecordedFailure="5",
    )
    services = ((READER_DN, READER_PASSWORD), (DECOY_DN, uuid.uuid4().hex))
    for dn, secret in services:
        yield _ldif(
            dn,
            objectClass=["organizationalRole", "simpleSecurityObject"],
            cn=dn.split(",")[0].removeprefix("cn="),
            userPassword="{ARGON2}" + hasher.hash(secret),
            pwdPolicySubentry=f"cn=never,ou=policies,{BASE}",
        )
    for code, name, _ in COMPONENTS:
        yield _ldif(
            f"ou={code},ou=structures,{BASE}",
            objectClass=["organizationalUnit", "supannEntite"],
            ou=code,
            supannCodeEntite=code,
            description=name,
        )
    for member in members:
        yield entry_of(member, shared)


def entry_of(member: Member, hashed: str) -> str:
    """Write one person's entry."""
    kind = "student" if member.is_student else "employee"
    more: dict[str, str | list[str]] = (
        {
            "supannEtuId": member.number,
            "supannCodeINE": member.ine,
            "supannEtuEtape": member.programme,
            "supannEtuInscription": f"[etape={member.programme}][anneeinsc=2026]",
        }
        if member.is_student
        else {"supannEmpId": member.number, "title": "Maître de conférences"}
    )
    return _ldif(
        member.dn,
        objectClass=["inetOrgPerson", "eduPerson", "supannPerson"],
        entryUUID=member.key,
        uid=member.login,
        cn=f"{member.given_name} {member.family_name}",
        sn=member.family_name,
        givenName=member.given_name,
        displayName=f"{member.given_name} {member.family_name}",
        mail=member.mail,
        userPassword=hashed,
        supannEntiteAffectationPrincipale=member.component,
        supannOIDCDateDeNaissance=member.born,
        supannRessourceEtat="{COMPTE}A:SupannActif",
        eduPersonPrimaryAffiliation=kind,
        eduPersonAffiliation=["member", kind],
        **more,
    )


def _ldif(dn: str, **values: str | list[str]) -> str:
    lines = [_line("dn", dn)]
    for name, value in values.items():
        lines += [_line(name, one) for one in ([value] if isinstance(value, str) else value)]
    return "\n".join(lines)


def _line(name: str, value: str) -> str:
    """RFC 2849: what is no plain ASCII stands in base64."""
    if value.isascii() and value.isprintable() and value[:1] not in {" ", ":", "<", ""}:
        return f"{name}: {value}"
    return f"{name}:: {base64.b64encode(value.encode()).decode('ascii')}"


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(char for char in decomposed if char.isascii() and char.isalnum())
