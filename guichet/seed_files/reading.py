"""Reading a file of seeds: our CSV, OATH CSV or PSKC, with every reason to refuse a line.

A file is refused whole when it cannot be read at all (`UnreadableFile`: what it is not, and which
formats are read); otherwise each line is a seed or a fault, all of them told at once. What was in a
line never stands in its fault.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from guichet.enums import Algorithm
from guichet.keys.models import SERIAL
from guichet.keys.seeds import LONGEST_SEED, SHORTEST_SEED
from guichet.seed_files import pskc
from guichet.seed_files.faults import SeedFault, UnreadableFile

MOST_LINES: Final = 200_000
FORMATS: Final = (
    "Formats lus\u00a0: CSV (en-tête serial;seed;…), OATH CSV (série, graine hexadécimale, type, "
    "chiffres, intervalle) et PSKC (RFC 6030)."
)
_SERIAL: Final = re.compile(SERIAL)
_HEADER: Final = ("serial", "seed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What this authority accepts, and the interval of a file that names none."""

    accepts_short_intervals: bool = False
    accepts_eight_digits: bool = False
    interval: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Seed:
    """One key of a file."""

    line: int
    serial: str
    seed: bytes
    interval: int
    digits: int = 6
    algorithm: Algorithm = Algorithm.SHA1
    expires_on: date | None = None


@dataclass(slots=True)
class SeedFile:
    """What was read."""

    seeds: list[Seed] = field(default_factory=list)
    faults: list[SeedFault] = field(default_factory=list)


def read_seeds(content: bytes, *, transport: str, rules: Rules) -> SeedFile:
    """Read a whole file; *transport* is the pre-shared key in hexadecimal, or the password."""
    start = content.lstrip()[:200]
    if start.startswith((b"<", b"\xef\xbb\xbf<")):
        raw = pskc.read_container(content, transport=transport)
    else:
        raw = list(_read_lines(_text_of(content)))
    found = SeedFile()
    serials: set[str] = set()
    for one in raw:
        try:
            if isinstance(one, SeedFault):
                raise one
            seed = _checked(one, rules, serials)
            serials.add(seed.serial)
            found.seeds.append(seed)
        except SeedFault as fault:
            found.faults.append(fault)
    if not found.seeds and not found.faults:
        raise UnreadableFile(f"Ce fichier ne contient aucune clé. {FORMATS}")
    return found


def _text_of(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFile(f"Ce fichier n’est pas du texte UTF-8. {FORMATS}") from None
    if "\x00" in text:
        raise UnreadableFile(f"Ce fichier n’est pas du texte. {FORMATS}")
    return text


def _read_lines(text: str) -> Iterator[pskc.RawSeed | SeedFault]:
    said = [one for one in text.splitlines() if one.strip() and not one.startswith("#")]
    first = said[0] if said else ""
    delimiter = ";" if first.count(";") >= first.count(",") else ","
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        table = [(number, [cell.strip() for cell in row]) for number, row in enumerate(rows, 1)]
    except csv.Error:
        raise UnreadableFile(f"Ce fichier n’est pas un CSV. {FORMATS}") from None
    table = [(n, row) for n, row in table if any(row) and not row[0].startswith("#")]
    if len(table) > MOST_LINES:
        raise UnreadableFile(f"Ce fichier compte plus de {MOST_LINES} lignes\u00a0: coupez-le.")
    if not table or len(table[0][1]) < 2:
        raise UnreadableFile(f"Ce fichier n’a ni en-tête ni colonnes connues. {FORMATS}")
    head = [cell.lower() for cell in table[0][1]]
    if set(_HEADER) <= set(head):
        yield from (_of_ours(n, dict(zip(head, row, strict=False))) for n, row in table[1:])
    else:
        yield from (_of_oath(number, row) for number, row in table)


def _of_ours(line: int, row: dict[str, str]) -> pskc.RawSeed | SeedFault:
    try:
        return pskc.RawSeed(
            line=line,
            serial=row.get("serial", ""),
            seed=_seed_of(line, row.get("seed", "")),
            interval=_number(line, row.get("interval", ""), "intervalle"),
            digits=_number(line, row.get("digits", ""), "nombre de chiffres"),
            algorithm=row.get("algorithm", ""),
            expires=row.get("expires", ""),
        )
    except SeedFault as fault:
        return fault


def _of_oath(line: int, row: list[str]) -> pskc.RawSeed | SeedFault:
    """Serial, seed in hexadecimal, type, digits, interval (the last three may be missing)."""
    cells = [*row, "", "", ""][:5]
    try:
        kind = cells[2].lower()
        return pskc.RawSeed(
            line=line,
            serial=cells[0],
            seed=_seed_of(line, cells[1]),
            is_by_counter=kind == "hotp",
            kind=kind if kind not in {"", "totp", "hotp"} else "",
            digits=_number(line, cells[3], "nombre de chiffres"),
            interval=_number(line, cells[4], "intervalle"),
        )
    except SeedFault as fault:
        return fault


def _seed_of(line: int, text: str) -> bytes:
    """Read hexadecimal, else Base32."""
    bare = "".join(text.split()).replace("-", "")
    if bare and len(bare) % 2 == 0 and re.fullmatch(r"[0-9A-Fa-f]+", bare):
        return bytes.fromhex(bare)
    try:
        return base64.b32decode(bare.upper() + "=" * (-len(bare) % 8))
    except (binascii.Error, ValueError):
        raise SeedFault(line, "La graine n’est ni en hexadécimal ni en Base32.") from None


def _number(line: int, text: str, what: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise SeedFault(line, f"Le champ «\u00a0{what}\u00a0» n’est pas un nombre.")
    return int(text)


def _checked(raw: pskc.RawSeed, rules: Rules, serials: set[str]) -> Seed:
    line = raw.line
    serial = raw.serial.upper()
    if not _SERIAL.fullmatch(serial):
        raise SeedFault(line, "Le numéro de série manque, ou compte d’autres signes.")
    if serial in serials:
        raise SeedFault(line, "Ce numéro de série est deux fois dans le fichier.")
    if raw.is_by_counter:
        raise SeedFault(line, "C’est une clé à compteur (HOTP)\u00a0: seules les clés à temps.")
    if raw.kind:
        raise SeedFault(line, "Ce type de clé est inconnu\u00a0: seul TOTP est lu.")
    if not SHORTEST_SEED <= len(raw.seed) <= LONGEST_SEED:
        raise SeedFault(line, f"La graine compte {len(raw.seed)} octets\u00a0: 16 à 64 attendus.")
    interval = raw.interval if raw.interval is not None else rules.interval
    if interval is None:
        raise SeedFault(line, "Le fichier ne dit pas l’intervalle\u00a0: choisissez-le à l’envoi.")
    _check_shape(line, interval, raw.digits if raw.digits is not None else 6, rules)
    name = raw.algorithm.upper().replace("-", "").replace("HMAC", "") or Algorithm.SHA1
    if name not in Algorithm.values:
        raise SeedFault(line, "L’algorithme n’est ni SHA1, ni SHA256, ni SHA512.")
    return Seed(
        line=line,
        serial=serial,
        seed=raw.seed,
        interval=interval,
        digits=raw.digits or 6,
        algorithm=Algorithm(name),
        expires_on=_expiry(line, raw.expires),
    )


def _check_shape(line: int, interval: int, digits: int, rules: Rules) -> None:
    if interval not in (30, 60):
        raise SeedFault(line, f"Un intervalle de {interval} secondes\u00a0: 60 attendu.")
    if interval == 30 and not rules.accepts_short_intervals:
        raise SeedFault(
            line, "Un intervalle de 30 secondes\u00a0: l’académie n’a pas de telle clé."
        )
    if digits not in (6, 8):
        raise SeedFault(line, f"Un code de {digits} chiffres\u00a0: 6 attendus.")
    if digits == 8 and not rules.accepts_eight_digits:
        raise SeedFault(line, "Un code de 8 chiffres\u00a0: l’académie n’a pas de telle clé.")


def _expiry(line: int, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise SeedFault(line, "La date d’expiration ne se lit pas\u00a0: AAAA-MM-JJ.") from None
