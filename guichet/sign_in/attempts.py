"""One try at the page: what was typed, whose it is, how it ended.

Every path costs the same: the identifier and its keys are read, the try is counted, one Argon2 and
one keyed hash are computed, and the same statements write what follows. In the single field a text
of figures may be either, so both hashes are computed, whoever it is typed for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from django.db import transaction
from django.utils import timezone

from ent.audit.origin import Origin
from ent.web.client_address import address_group
from guichet import journal
from guichet.agents.models import AcademicCredential
from guichet.agents.uids import normalise_uid
from guichet.authority.models import Guichet
from guichet.enums import Verdict
from guichet.keys import verification
from guichet.keys.models import OtpKey
from guichet.keys.passcodes import looks_like_passcode
from guichet.keys.verification import KeyCheck, TypedPasscode
from signin import one_time_codes as codes
from signin.enums import Method
from signin.form_tickets.using import refuse_ticket, use_ticket
from signin.passwords.hashing import (
    hash_of_nobody,
    hash_password,
    is_password_of,
    needs_new_hash,
)
from signin.throttle import journal as throttle_journal
from signin.throttle import services as throttle


class Asked(Enum):
    """What the form says was typed."""

    PASSWORD = auto()
    KEY = auto()
    EITHER = auto()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Attempt:
    """What was posted; its `repr` shows nothing of it."""

    uid: str
    secret: str
    asked: Asked
    origin: Origin
    devices: Mapping[str, str]
    ticket: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How it ended; *methods* is what was proved, none before a first use is finished."""

    verdict: Verdict | None
    agent: AcademicCredential | None = None
    key: OtpKey | None = None
    methods: frozenset[Method] = field(default_factory=frozenset)
    is_code: bool = False
    wait_seconds: int = 0
    is_address_slow: bool = False

    @property
    def is_success(self) -> bool:
        """Does it open a session, if only for the first steps?"""
        return self.verdict in {Verdict.OPENED, Verdict.FIRST_USE}


def attempt_sign_in(attempt: Attempt, *, guichet: Guichet) -> SignIn:
    """Evaluate one try. Raises `StaleTicketError` for a form that was refused before."""
    use_ticket(attempt.ticket)
    uid = normalise_uid(attempt.uid)
    agent = _agent(guichet, uid)
    keys = verification.keys_of(agent)
    source = _source(attempt, agent, guichet, counted_as=uid or attempt.uid[:200].lower())
    admission = throttle.admit(source)
    if not admission.is_admitted:
        return SignIn(
            verdict=None,
            wait_seconds=admission.wait_seconds,
            is_address_slow=admission.is_address_slow,
        )
    asks_for_key = attempt.asked == Asked.KEY or (
        attempt.asked == Asked.EITHER and looks_like_passcode(attempt.secret)
    )
    is_password = is_code = False
    if attempt.asked != Asked.KEY:
        is_password, is_code = _check_password(agent, attempt.secret)
    typed = None
    if asks_for_key:
        typed = verification.prepare(attempt.secret, keys)
    present = agent if agent is not None and agent.is_active else None
    with transaction.atomic():
        result = _conclude(present, typed, guichet, is_password=is_password, is_code=is_code)
        if result.is_success and present is not None:
            throttle.count_success(source, admission)
            now = timezone.now()
            AcademicCredential.objects.filter(pk=present.pk).update(last_sign_in_at=now)
            journal.signed_in(present, origin=attempt.origin, mode=_mode_of(result))
            _rehash(present, attempt.secret, is_password=is_password)
            return result
        verdict = _reason(agent, result)
        throttle.count_failure(source)
        refuse_ticket(attempt.ticket)
        journal.sign_in_failed(
            agent,
            authority_code=guichet.authority.code,
            origin=attempt.origin,
            verdict=verdict,
        )
    return _refused(source, admission, attempt, verdict)


def _agent(guichet: Guichet, uid: str) -> AcademicCredential | None:
    agents = AcademicCredential.objects.select_related("authority", "person")
    return agents.of(guichet.authority).filter(uid=uid).first()


def _source(
    attempt: Attempt, agent: AcademicCredential | None, guichet: Guichet, *, counted_as: str
) -> throttle.Source:
    device = attempt.devices.get(agent.uuid.hex, "") if agent is not None else ""
    return throttle.source_of(
        login=counted_login(guichet, counted_as),
        address_group=address_group(attempt.origin.address or ""),
        device_id=device,
    )


def counted_login(guichet: Guichet, uid: str) -> str:
    """Return under which name tries are counted: the same identifier of two academies is two."""
    return f"{guichet.authority.code}:{uid}"


def _conclude(
    agent: AcademicCredential | None,
    typed: TypedPasscode | None,
    guichet: Guichet,
    *,
    is_password: bool,
    is_code: bool,
) -> SignIn:
    """A right password never touches the key; whatever else was typed is tried on it."""
    if agent is not None and (is_password or is_code):
        return SignIn(
            verdict=Verdict.OPENED,
            agent=agent,
            methods=frozenset({Method.CODE if is_code else Method.PASSWORD}),
            is_code=is_code,
        )
    if typed is None:
        return SignIn(verdict=Verdict.WRONG_PASSWORD)
    found = typed if agent is not None else _of_nobody(typed)
    checked = verification.check(found, authority=guichet.authority)
    if not checked.is_success:
        return SignIn(verdict=checked.verdict)
    return SignIn(
        verdict=checked.verdict,
        agent=agent,
        key=checked.key,
        methods=_methods_of(checked, typed, guichet),
    )


def _of_nobody(typed: TypedPasscode) -> TypedPasscode:
    """Somebody who left, or nobody: their key is not touched, the work is the same."""
    return TypedPasscode(passcode=typed.passcode, key=None, pin_hash="", is_pin_right=False)


def _methods_of(checked: KeyCheck, typed: TypedPasscode, guichet: Guichet) -> frozenset[Method]:
    if checked.verdict == Verdict.FIRST_USE:
        return frozenset()
    if not typed.passcode.is_rescue:
        return frozenset({Method.KEY})
    if guichet.rescue_counts_as_key:
        return frozenset({Method.RESCUE, Method.KEY})
    return frozenset({Method.RESCUE})


def _mode_of(result: SignIn) -> str:
    if result.verdict == Verdict.FIRST_USE:
        return Verdict.FIRST_USE.value
    return ",".join(sorted(method.value for method in result.methods))


def _reason(agent: AcademicCredential | None, result: SignIn) -> Verdict:
    if agent is None:
        return Verdict.UNKNOWN
    if not agent.is_active:
        return Verdict.CLOSED
    if result.verdict == Verdict.WRONG_PASSWORD and not agent.password:
        return Verdict.NO_PASSWORD
    return result.verdict or Verdict.UNKNOWN


def _check_password(agent: AcademicCredential | None, typed: str) -> tuple[bool, bool]:
    """Return whether it is the password, and whether it is the code of a first sign-in."""
    encoded = agent.password if agent is not None and agent.password else hash_of_nobody()
    is_password = is_password_of(encoded, typed) and agent is not None and bool(agent.password)
    is_code = codes.matches(
        agent.code_verifier if agent is not None else None,
        typed,
        agent.uuid if agent is not None and agent.code_verifier is not None else None,
        agent.code_generation if agent is not None else 0,
    )
    is_code_valid = (
        is_code
        and agent is not None
        and agent.code_expires_at is not None
        and agent.code_expires_at > timezone.now()
    )
    return is_password, is_code_valid


def _rehash(agent: AcademicCredential, typed: str, *, is_password: bool) -> None:
    if is_password and needs_new_hash(agent.password):
        same = AcademicCredential.objects.filter(pk=agent.pk, password=agent.password)
        same.update(password=hash_password(typed))


def _refused(
    source: throttle.Source,
    admission: throttle.Admission,
    attempt: Attempt,
    verdict: Verdict,
) -> SignIn:
    if not admission.is_address_slow:
        return SignIn(verdict=verdict)
    if throttle.raise_address_alert(source):
        throttle_journal.address_slowed(origin=attempt.origin)
    return SignIn(verdict=None, wait_seconds=throttle.ADDRESS_PACE_SECONDS, is_address_slow=True)
