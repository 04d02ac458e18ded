"""The staging tables that readers fill: one row or more for each object, each with its place.

``rid`` is the place of the object in the delivery (file number and byte offset): it is unique,
orders objects as they were delivered, and joins the rows of one object together.

Imported by the reader processes, which start without Django.
"""

from __future__ import annotations

from directory.imports.columns import person_columns

_TABLES: dict[str, tuple[str, ...]] = {
    "in_affiliation": (
        "rid bigint", "ref text", "profile text", "function_code text", "function_label text",
        "post_code text", "post_label text",
    ),
    "in_membership": (
        "rid bigint", "ref text", "kind text", "code text", "role text", "label text",
        "sort_key text",
    ),
    "in_teaching": ("rid bigint", "ref text", "kind text", "code text", "subject text"),
    "in_link": (
        "rid bigint", "guardian text", "relationship text", "level text", "is_financial boolean",
        "is_contact boolean", "is_payer boolean", "is_home boolean",
    ),
    "in_structure": (
        "rid bigint", "external_id text", "checksum bytea", "uai text", "name text",
        "kind_label text", "kind_code text", "sector text", "siret text", "street text",
        "post_box text", "postal_code text", "town text", "phone text", "fax text", "email text",
        "functional_refs varchar[]", "search_key text",
    ),
    "in_group": (
        "rid bigint", "kind text", "code text", "label text", "sort_key text",
        "mef_codes text[]", "class_codes text[]",
    ),
    "in_subject": (
        "rid bigint", "external_id text", "checksum bytea", "label text", "parent_code text",
    ),
    "in_mef": ("rid bigint", "external_id text", "checksum bytea", "label text", "stat_code text"),
    "in_kept": ("rid bigint", "what text"),
    "in_delete": ("rid bigint", "category text", "external_id text"),
    "in_anomaly": (
        "rid bigint", "severity text", "code text", "external_id text", "category text",
        "message text",
    ),
    "seen": (
        "rid bigint", "category text", "external_id text", "checksum bytea", "length integer",
        "operation text",
    ),
}  # fmt: skip

_PERSON = (
    "rid bigint", "category text", "external_id text", "checksum bytea", "profile text",
    "main_ref text", "login_base text", "absent varchar[]",
)  # fmt: skip
"""What a staged person holds beside the kept columns, which follow."""


def staging_tables() -> dict[str, tuple[str, ...]]:
    """Table → its columns, each with its SQL type."""
    columns = tuple(column.staged for column in person_columns())
    return {"in_person": (*_PERSON, *columns), **_TABLES}
