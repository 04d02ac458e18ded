"""The roles of the database: whoever breaks into the application rewrites no line of the journal.

The *owner* migrates, owns the journal and is used by no process. The *web* role reads and writes
rows. The *worker* role also makes and drops indexes of an import, so it owns, by membership in a
role without a sign-in, every table but the journal's. In the journal both insert; what changes or
takes away there is a function of the owner (`ent/audit/migrations/`), for the worker alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from psycopg import sql

#: Tables that only grow, and what each role may do in them besides reading.
_EVENTS: Final = ("audit_auditevent", "audit_auditidentity")
_SEALS: Final = ("audit_journalseal", "audit_identityseal")
_ERASURES: Final = "audit_identityerasure"
_STATE: Final = "audit_journalstate"
#: Where the sealing is; what was purged is the owner's to write.
_STATE_COLUMNS: Final = ("transaction_id", "floor_id", "identity_floor")
JOURNAL: Final = (*_EVENTS, *_SEALS, _ERASURES, _STATE)
_OWNERS_ACTS: Final = (
    "audit_make_month(date)",
    "audit_drop_month(date)",
    "audit_purge_default(timestamptz)",
    "audit_forget_seals(date)",
    "audit_forget_persons(uuid[])",
    "directory_put_checks_aside(boolean)",
)
_OBJECTS: Final = """
    SELECT c.relname, c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'S')
       AND c.relname NOT LIKE 'audit\\_%%'
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('e', 'i'))
       AND (c.relkind <> 'S' OR NOT EXISTS (
           SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'a'))
"""
_JOURNAL_SEQUENCES: Final = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind = 'S' AND c.relname LIKE 'audit\\_%%'
"""
_RIGHTS: Final = """
    SELECT t.name,
           pg_has_role(c.relowner, 'USAGE'),
           has_table_privilege(c.oid, 'UPDATE') AND t.name <> %(state)s,
           has_table_privilege(c.oid, 'DELETE'),
           has_table_privilege(c.oid, 'TRUNCATE')
      FROM unnest(%(tables)s::text[]) AS t(name)
      JOIN pg_class c ON c.oid = to_regclass('public.' || t.name)
"""


@dataclass(frozen=True, slots=True)
class Roles:
    """Their names."""

    web: str
    worker: str

    @property
    def data(self) -> str:
        """Who owns every table but the journal's; nobody signs in as it."""
        return f"{self.worker}_data"


@transaction.atomic
def create_roles(roles: Roles) -> None:
    """Make the roles that are missing, and give each what it needs: no more, also if it had more.

    Run by the owner of the journal's tables, who may make roles; again after each migration.
    """
    with connection.cursor() as cursor:
        for name, can_sign_in in ((roles.web, True), (roles.worker, True), (roles.data, False)):
            cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [name])
            if not cursor.fetchone()[0]:
                kind = sql.SQL("LOGIN" if can_sign_in else "NOLOGIN")
                cursor.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(name), kind))
        for statement in _grants(roles):
            cursor.execute(statement)


def journal_rights() -> list[str]:
    """Return what the connected role may do to the journal that no process should: [] is well."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            return ["le rôle est superutilisateur"]
        cursor.execute(_RIGHTS, {"tables": list(JOURNAL), "state": _STATE})
        found = []
        for name, owns, updates, deletes, truncates in cursor.fetchall():
            words = [
                word
                for word, has in (
                    ("possède", owns),
                    ("modifie", updates),
                    ("supprime", deletes),
                    ("vide", truncates),
                )
                if has
            ]
            if words:
                found.append(f"{name} : {', '.join(words)}")
        return found


def _grants(roles: Roles) -> Iterator[sql.Composed]:
    web, worker, data = (sql.Identifier(n) for n in (roles.web, roles.worker, roles.data))
    both = sql.SQL("{}, {}").format(web, worker)
    database = sql.Identifier(str(connection.settings_dict["NAME"]))

    def say(text: str, **names: sql.Composable) -> sql.Composed:
        return sql.SQL(text).format(web=web, worker=worker, data=data, both=both, **names)

    yield say("GRANT {data} TO {worker}, CURRENT_USER")
    yield say("GRANT USAGE ON SCHEMA public TO {both}, {data}")
    # Indexes, and the schemas that imports stage in.
    yield say("GRANT CREATE ON SCHEMA public TO {data}")
    yield say("GRANT CREATE, TEMPORARY ON DATABASE {database} TO {worker}", database=database)
    with connection.cursor() as cursor:
        cursor.execute(_OBJECTS)
        objects = cursor.fetchall()
        cursor.execute(_JOURNAL_SEQUENCES)
        sequences = [name for (name,) in cursor.fetchall()]
    for name, kind in objects:
        is_sequence = kind == "S"
        what = sql.SQL("SEQUENCE" if is_sequence else "TABLE")
        named = sql.Identifier("public", name)
        yield say("ALTER {what} {name} OWNER TO {data}", what=what, name=named)
        rights = sql.SQL("USAGE, SELECT" if is_sequence else "SELECT, INSERT, UPDATE, DELETE")
        yield say("GRANT {rights} ON {what} {name} TO {web}", rights=rights, what=what, name=named)
    yield say("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {both}")
    for name in JOURNAL:
        named = sql.Identifier("public", name)
        yield say("REVOKE ALL ON TABLE {name} FROM {both}, {data}", name=named)
        yield say("GRANT SELECT ON TABLE {name} TO {both}", name=named)
    for name in _EVENTS:
        yield say("GRANT INSERT ON TABLE {name} TO {both}", name=sql.Identifier("public", name))
    for name in _SEALS:
        yield say("GRANT INSERT ON TABLE {name} TO {worker}", name=sql.Identifier("public", name))
    columns = sql.SQL(", ").join(map(sql.Identifier, _STATE_COLUMNS))
    state = sql.Identifier("public", _STATE)
    yield say("GRANT UPDATE ({columns}) ON TABLE {name} TO {worker}", columns=columns, name=state)
    for name in sequences:
        named = sql.Identifier("public", name)
        yield say("GRANT USAGE, SELECT ON SEQUENCE {name} TO {both}", name=named)
    for signature in _OWNERS_ACTS:
        yield say(
            "GRANT EXECUTE ON FUNCTION public.{act} TO {worker}",
            act=sql.SQL(signature),  # our own constants
        )
