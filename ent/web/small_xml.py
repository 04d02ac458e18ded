"""Small XML from the other side, which may be rubbish or hostile.

No document type of any kind (so no entity, internal or external, no bomb), no network, 64 KiB at
most. What passes is handed on as a tree; nobody parses the original bytes a second time.
"""

from __future__ import annotations

from lxml import etree

LONGEST_BYTES = 64 * 1024


def parse_small(content: bytes) -> etree._Element | None:
    """Return the root element, None when the content is not XML that we accept."""
    if not content or len(content) > LONGEST_BYTES:
        return None
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None
    if root.getroottree().docinfo.internalDTD is not None:
        return None
    return root
