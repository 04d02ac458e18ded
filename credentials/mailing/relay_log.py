"""What the log of a relay on this machine says of a mail: Postfix's, as syslog writes it.

    … postfix/cleanup[812]: 4Xyz1: message-id=<…>
    … postfix/qmgr[331]: 4Xyz1: from=<…>, size=2210, nrcpt=1 (queue active)

The first line comes while the mail is being read, the second once it was taken for good: only both
together say that the relay has it. Another format says nothing, and the mail stays in doubt.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

_IDENTIFIER: Final = re.compile(r"cleanup\[\d+\]: ([0-9A-Za-z]+): message-id=(<[^>]*>)")
_TAKEN: Final = re.compile(r"qmgr\[\d+\]: ([0-9A-Za-z]+): from=<")


def taken_by_relay(identifiers: Collection[str], *, log: str) -> set[str] | None:
    """Return which of these Message-IDs the relay has taken, None when its log does not tell."""
    wanted = set(identifiers)
    queued: dict[str, str] = {}
    taken: set[str] = set()
    seen_any = False
    try:
        for line in _lines(Path(log)):
            if found := _IDENTIFIER.search(line):
                seen_any = True
                # Postfix may give a name again: that of a mail it never took to another mail.
                queued.pop(found[1], None)
                if found[2] in wanted:
                    queued[found[1]] = found[2]
            elif queued and (found := _TAKEN.search(line)) and found[1] in queued:
                taken.add(queued[found[1]])
    except OSError:
        return None
    return taken if seen_any else None


def _lines(log: Path) -> Iterator[str]:
    """Give the lines of the former log, if there is one, then those of today's."""
    former = log.with_name(f"{log.name}.1")
    for path in (former, log):
        if path is log or path.exists():
            with path.open(encoding="utf-8", errors="replace") as stream:
                yield from stream
