"""Numbers and dates as French pages write them: « 4 896 », « 1er octobre 2026 à 23 h 01 »."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.timezone import is_aware, localtime

#: Between thousands: narrow, and never at the end of a line.
NARROW_SPACE = "\u202f"


def number_words(number: int) -> str:
    """12345 → « 12 345 »."""
    return f"{number:,}".replace(",", NARROW_SPACE)


def size_words(size: int) -> str:
    """« 1 Go », « 10 Mo »: how large a file may be, rounded down."""
    megabytes = size // 1024**2
    if megabytes >= 1024 and megabytes % 1024 < 100:
        return f"{number_words(megabytes // 1024)}\u00a0Go"
    return f"{number_words(megabytes)}\u00a0Mo"


def of_name(name: str) -> str:
    """« d’Anatole », « de Manon »: whose something is. A first h is mute before e, i, o, u, y."""
    start = unicodedata.normalize("NFD", name[:2].lower())
    is_mute = start[:1] == "h" and start[1:2] in set("eiouy")
    is_vowel = start[:1] in set("aeiouœæ") or (start[:1] == "y" and start[1:2] not in set("aeiou"))
    return f"{'d’' if is_vowel or is_mute else 'de '}{name}"


def clock_words(when: datetime) -> str:
    """« 23 h 01 », in the portal's time."""
    local = localtime(when) if is_aware(when) else when
    return f"{local.hour}\u00a0h\u00a0{local.minute:02d}"


def day_words(day: date, *, with_weekday: bool = False) -> str:
    """« 1er octobre 2026 »: only the first of a month is an ordinal."""
    if isinstance(day, datetime) and is_aware(day):
        day = localtime(day)
    rank = "1er" if day.day == 1 else str(day.day)
    weekday = date_format(day, "l") + " " if with_weekday else ""
    return f"{weekday}{rank} {date_format(day, 'F Y')}"


def moment_words(when: datetime, *, with_weekday: bool = False) -> str:
    """« 1er octobre 2026 à 23 h 01 »."""
    return f"{day_words(when, with_weekday=with_weekday)} à {clock_words(when)}"
