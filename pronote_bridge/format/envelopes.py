"""From rows to an encrypted file: the document, its schema and one of the two envelopes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from pronote_bridge.enums import EnvelopeKind
from pronote_bridge.format.checking import InnerChecker
from pronote_bridge.format.document import Lists, write_document
from pronote_bridge.format.rows import Header
from pronote_bridge.format.vendor import VendorEnvelope
from pronote_bridge.format.w3c import W3cEnvelope


class Envelope(Protocol):
    """One way of encrypting the inner document while it is written."""

    @property
    def has_declaration(self) -> bool:
        """Does the inner document begin with its XML declaration?"""

    def write(self, data: bytes) -> None:
        """Take the next bytes of the inner document."""

    def close(self) -> None:
        """Write what is left; the file is whole then."""


_KINDS: dict[EnvelopeKind, Callable[..., Envelope]] = {
    EnvelopeKind.VENDOR: VendorEnvelope,
    EnvelopeKind.W3C: W3cEnvelope,
}


def write_file(
    write: Callable[[bytes], Any],
    *,
    kind: EnvelopeKind,
    header: Header,
    lists: Lists,
    public_key: RSAPublicKey,
) -> None:
    """Write the encrypted file; the clear document exists only piece by piece, in memory.

    Raises `SchemaBroken` when the document does not follow its schema: what was written then is
    half a file, which the caller drops.
    """
    envelope = _KINDS[kind](write, header=header, public_key=public_key)
    checker = InnerChecker()

    def take(data: bytes) -> None:
        checker.feed(data)
        envelope.write(data)

    write_document(take, header, lists, has_declaration=envelope.has_declaration)
    checker.close()
    envelope.close()
