"""A seeded generator of complete AAF deliveries about invented people, of both degrees.

It serves the demo, the tests and the benches. It writes what real files of 2018 and later look
like (the importer reads them in `directory/imports/aaf`), and knows the truth about what it wrote::

    truth = generate(GeneratorSpec(seed=1, authority="NANCY-METZ", schools=3), Path("out"))
    truth.pupils, truth.parents_with_account, truth.contacts
"""

from demo.aaf.delivery import generate
from demo.aaf.first_degree import generate_first_degree
from demo.aaf.spec import (
    DeliveryTruth,
    Encoding,
    GeneratorSpec,
    Layout,
    SchoolTruth,
)

__all__ = [
    "DeliveryTruth",
    "Encoding",
    "GeneratorSpec",
    "Layout",
    "SchoolTruth",
    "generate",
    "generate_first_degree",
]
