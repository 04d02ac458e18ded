"""The acts of the helpdesk (R-C4): one transaction, one line of the journal, the owner is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ent.audit.enums import Act
from ent.audit.origin import Origin
from guichet import journal
from guichet.agents.models import AcademicCredential
from guichet.assistance.notices import tell_owner
from guichet.authority.models import Guichet
from guichet.enums import IdentityProof, KeyEvent, KeyState, RescueState
from guichet.journal import GuichetAct
from guichet.keys import acts
from guichet.keys.codes import Clock
from guichet.keys.models import HELD, KeyAct, OtpKey, RescuePassword
from guichet.keys.passcodes import bare
from guichet.keys.rescue_verifiers import verifier_of
from guichet.keys.seeds import clock_of
from guichet.keys.transitions import IllegalTransition
from guichet.keys.verification import use_up_rescues
from guichet.passwords.services import end_agent_sessions, issue_code
from guichet.sign_in.attempts import counted_login
from signin import one_time_codes as codes
from signin.throttle import services as throttle

CODE_DAYS: Final = 7
RESYNC_SECONDS: Final = 6 * 3600
_JOURNALED: Final = {
    KeyEvent.PIN_CANCELLED: GuichetAct.PIN_CANCELLED,
    KeyEvent.UNLOCKED: GuichetAct.KEY_UNLOCKED,
    KeyEvent.TAKEN_BACK: GuichetAct.KEY_TAKEN_BACK,
    KeyEvent.WITHDRAWN: GuichetAct.KEY_WITHDRAWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskAct:
    """Who acts, for which guichet, from where, and how the owner proved who they are."""

    guichet: Guichet
    actor: AcademicCredential | None
    origin: Origin
    proof: IdentityProof | None = None

    @property
    def proof_value(self) -> str:
        """What the timeline keeps of it."""
        return self.proof.value if self.proof is not None else ""


class RefusedAct(Exception):
    """The act cannot be done; the argument says why, in French."""


@transaction.atomic
def change_key(key_uuid: UUID, event: KeyEvent, desk: DeskAct) -> OtpKey:
    """Cancel a PIN, unlock, disable, withdraw, take back: what the table allows."""
    key = _locked(key_uuid, desk)
    holder, now = key.holder, timezone.now()
    try:
        acts.happen(key, event, guichet=desk.guichet, now=now)
    except IllegalTransition:
        raise RefusedAct("Cette clé n’est plus dans l’état où vous l’avez vue.") from None
    key.save()
    if event in acts.DISABLING:
        use_up_rescues(key)
    if holder is not None and event in (*acts.DISABLING, KeyEvent.PIN_CANCELLED):
        end_agent_sessions(holder)
    if holder is not None and event == KeyEvent.UNLOCKED:
        throttle.forget_login(counted_login(desk.guichet, holder.uid))
    _note(key, holder, event, desk, _JOURNALED.get(event, GuichetAct.KEY_DISABLED))
    return key


@transaction.atomic
def assign_key(serial: str, agent: AcademicCredential, desk: DeskAct) -> OtpKey:
    """Give a key of the stock to somebody; it becomes theirs by its first use."""
    found = OtpKey.objects.select_for_update().of(desk.guichet.authority)
    key = found.filter(serial=bare(serial).upper()).first() or found.filter(serial=serial).first()
    if key is None:
        raise RefusedAct(f"Aucune clé ne porte le numéro {serial}.")
    if key.state != KeyState.STOCK:
        raise RefusedAct(f"La clé {key.serial} n’est pas en stock : {key.get_state_display()}.")
    if not agent.is_active:
        raise RefusedAct("Cette personne est partie.")
    if OtpKey.objects.filter(holder=agent, slot="suivante").exists():
        raise RefusedAct("Une clé lui est déjà attribuée et n’a pas encore servi.")
    try:
        acts.assign(key, agent, guichet=desk.guichet, now=timezone.now())
    except IllegalTransition:
        raise RefusedAct(f"La clé {key.serial} a expiré.") from None
    key.save()
    _note(key, agent, KeyEvent.ASSIGNED, desk, GuichetAct.KEY_ASSIGNED)
    return key


@transaction.atomic
def issue_rescue(key_uuid: UUID, desk: DeskAct) -> tuple[str, datetime]:
    """Draw the rescue password of the day and return it once, with its last instant.

    For a key that was forgotten at home: one per key and day, until 23:59:59 of Paris. For one that
    is lost while another travels, the authority may allow some days. It asks the PIN too.
    """
    key = _locked(key_uuid, desk)
    now, today = timezone.now(), timezone.localdate()
    is_travelling = key.state in (KeyState.LOST, KeyState.STOLEN, KeyState.BROKEN)
    days = desk.guichet.travel_days if is_travelling else 1
    is_fit = key.state == KeyState.ACTIVE or (is_travelling and days > 0)
    if not is_fit or key.holder is None:
        raise RefusedAct("Un mot de passe de secours ne se donne que pour une clé en service.")
    if RescuePassword.objects.filter(key=key, day=today).exists():
        raise RefusedAct("Un mot de passe de secours a déjà été remis aujourd’hui pour cette clé.")
    use_up_rescues(key)
    code = codes.generate_code()
    last_day = today + timedelta(days=days - 1)
    until = timezone.make_aware(datetime.combine(last_day, time(23, 59, 59)))
    RescuePassword.objects.create(
        key=key,
        day=today,
        verifier=verifier_of(code, key=key, day_number=today.toordinal()),
        state=RescueState.LIVE,
        valid_until=until,
        issued_at=now,
    )
    _note(key, key.holder, KeyEvent.RESCUE_ISSUED, desk, GuichetAct.RESCUE_ISSUED)
    return codes.display(code), until


@transaction.atomic
def resynchronise(key_uuid: UUID, first: str, second: str, desk: DeskAct) -> OtpKey:
    """Two codes in a row, read out: within six hours of now, both later than any before."""
    key = _locked(key_uuid, desk)
    if key.state not in HELD:
        raise RefusedAct("Cette clé n’est plus en service.")
    clock = clock_of(key, authority=desk.guichet.authority.uuid)
    step = _step_of_pair(clock, bare(first), bare(second), after=key.last_step)
    if step is None:
        raise RefusedAct(
            "Ces deux codes ne se suivent pas, ou ont déjà servi : attendez-en deux nouveaux."
        )
    drift = clock.proved(step, now=timezone.now().timestamp())
    acts.resynchronise(key, step=step, drift=drift)
    key.save()
    _note(key, key.holder, KeyEvent.RESYNCHRONISED, desk, GuichetAct.KEY_RESYNCHRONISED)
    return key


@transaction.atomic
def give_first_code(agent: AcademicCredential, desk: DeskAct) -> str:
    """Draw the one-time code that opens « Choisissez votre mot de passe », and return it once."""
    if not agent.is_active:
        raise RefusedAct("Cette personne est partie.")
    code = issue_code(agent, days=CODE_DAYS)
    throttle.forget_login(counted_login(desk.guichet, agent.uid))
    journal.of_the_desk(
        GuichetAct.CODE_ISSUED,
        agent,
        actor=desk.actor,
        authority_code=desk.guichet.authority.code,
        origin=desk.origin,
        proof=desk.proof_value,
    )
    tell_owner(agent, "code-remis")
    return code


@transaction.atomic
def forget_tries(agent: AcademicCredential, desk: DeskAct) -> None:
    """Lift the growing wait of an identifier."""
    throttle.forget_login(counted_login(desk.guichet, agent.uid))
    journal.of_the_desk(
        Act.ACCOUNT_UNLOCKED,
        agent,
        actor=desk.actor,
        authority_code=desk.guichet.authority.code,
        origin=desk.origin,
    )


@transaction.atomic
def close_agent(agent: AcademicCredential, desk: DeskAct) -> None:
    """Somebody left: sessions, code and keys end now; the keys stand « à récupérer »."""
    now = timezone.now()
    AcademicCredential.objects.filter(pk=agent.pk, left_at__isnull=True).update(
        left_at=now, code_verifier=None, code_expires_at=None
    )
    end_agent_sessions(agent)
    for key_uuid in list(OtpKey.objects.filter(holder=agent).values_list("uuid", flat=True)):
        key = _locked(key_uuid, desk)
        if key.state == KeyState.WITHDRAWN:
            continue
        acts.happen(key, KeyEvent.HOLDER_LEFT, guichet=desk.guichet, now=now)
        key.save()
        use_up_rescues(key)
        _note(key, agent, KeyEvent.HOLDER_LEFT, desk, GuichetAct.KEY_DISABLED)
    journal.of_the_desk(
        GuichetAct.AGENT_LEFT,
        agent,
        actor=desk.actor,
        authority_code=desk.guichet.authority.code,
        origin=desk.origin,
    )


def _locked(key_uuid: UUID, desk: DeskAct) -> OtpKey:
    keys = OtpKey.objects.select_for_update(of=("self",)).select_related("holder__person")
    key = keys.of(desk.guichet.authority).filter(uuid=key_uuid).first()
    if key is None:
        raise RefusedAct("Cette clé n’existe pas.")
    return key


def _step_of_pair(clock: Clock, first: str, second: str, *, after: int) -> int | None:
    centre = clock.step_at(timezone.now().timestamp())
    reach = RESYNC_SECONDS // clock.interval
    for step in range(max(centre - reach, after + 1, 0), centre + reach):
        if clock.code(step) == first and clock.code(step + 1) == second:
            return step + 1
    return None


def _note(
    key: OtpKey,
    holder: AcademicCredential | None,
    event: KeyEvent,
    desk: DeskAct,
    act: GuichetAct,
) -> None:
    KeyAct.objects.create(
        key=key,
        holder=holder,
        at=timezone.now(),
        event=event,
        proof=desk.proof_value,
        actor=desk.actor,
    )
    journal.of_the_desk(
        act,
        holder,
        actor=desk.actor,
        authority_code=desk.guichet.authority.code,
        origin=desk.origin,
        serial=key.serial,
        kind=event.value,
        proof=desk.proof_value,
    )
    if holder is not None:
        tell_owner(holder, event.value)
