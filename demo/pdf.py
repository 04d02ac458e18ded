"""A page of plain words as a PDF, for the documents of the demonstration's schools."""

from __future__ import annotations

from collections.abc import Sequence


def one_page_pdf(lines: Sequence[str]) -> bytes:
    """Return a page A4 with these lines, in ASCII, the first one larger."""
    shown = [f"BT /F1 {22 if at == 0 else 12} Tf 70 {760 - 32 * at} Td ({line}) Tj ET"
             for at, line in enumerate(lines)]  # fmt: skip
    content = "\n".join(shown).encode("ascii")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/Lang(fr)>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
            b"/Resources<</Font<</F1 5 0 R>>>>>>"
        ),
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    written = b"%PDF-1.4\n"
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(written)
    return written + b"xref\n0 6\n0000000000 65535 f \n" + table + end
