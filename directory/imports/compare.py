"""Comparing a staged delivery with the directory, set-wise, before any transaction.

Everything the transaction will write is prepared here in the staging schema: who is new (with
primary key and UUID already drawn), who changed, which links come and go, who leaves. The
directory is only read. Each list is run in order by :func:`directory.imports.steps.run_steps`.

Tables made here (``rid`` is the place of the object in the delivery):

``multi``      persons who own several records: all of these are read at each delivery, so that
               their links are compared over all records together
``unchanged``  objects whose checksum the directory holds
``cand``       one row per object to look at, duplicates out, with its record if there is one
``p_school``   structures → school (``school_id``, ``is_new``)
``ref_school`` every structure id the directory will know → school
``p_person``   persons → ``person_id, person_uuid, is_new, main_school_id``
``elsewhere``  of them, those who own a record that this delivery does not speak of: nothing of
               theirs is removed
``p_group``    classes and groups → ``group_id, is_new``
``w_…``        what the feed wants for the touched persons; ``add_…`` and ``del_…`` the differences
``account_wanted``  persons with a right to an account; ``accounts`` fills login and state
``leaving``, ``partly``, ``back``  who goes, who leaves one school only, who returns
``losing``     who stays without access: guardians no longer responsible, others without school;
               and those of ``stranger``
``stranger``   pupils who would be somebody else: other names and another date of birth
``touched``    records that are unchanged, of persons whom other objects have changed
"""

from __future__ import annotations

from directory.imports.steps import Step

MINE = "r.authority_id = %(authority)s AND r.degree = %(degree)s"

FIND_CHANGED = [
    # How many there are matters here, and what they hold does not: a tenth of the usual sample.
    Step("Recherche des objets modifiés", "SET default_statistics_target = 10"),
    Step("Recherche des objets modifiés", "ANALYZE {s}.seen"),
    Step("Recherche des objets modifiés", "RESET default_statistics_target"),
    Step(
        "Recherche des objets modifiés",
        """CREATE UNLOGGED TABLE {s}.multi AS SELECT person_id FROM directory_record
        WHERE person_id IS NOT NULL GROUP BY person_id HAVING count(*) > 1""",
    ),
    Step("Recherche des objets modifiés", "CREATE UNIQUE INDEX ON {s}.multi (person_id)"),
    Step("Recherche des objets modifiés", "ANALYZE {s}.multi"),
    Step(
        "Recherche des objets modifiés",
        f"""CREATE UNLOGGED TABLE {{s}}.unchanged AS
        SELECT s.rid, r.id AS record_id, s.category, s.external_id
        FROM {{s}}.seen s JOIN directory_record r
          ON {MINE} AND r.category = s.category AND r.external_id = s.external_id
         AND r.checksum = s.checksum
        WHERE NOT EXISTS (SELECT 1 FROM {{s}}.multi m WHERE m.person_id = r.person_id)""",
    ),
    Step(
        "Recherche des objets modifiés",
        """CREATE UNLOGGED TABLE {s}.todo AS
        SELECT s.rid, s.length, s.operation, s.checksum FROM {s}.seen s
        WHERE NOT EXISTS (SELECT 1 FROM {s}.unchanged u WHERE u.rid = s.rid)""",
    ),
    Step("Recherche des objets modifiés", "CREATE INDEX ON {s}.todo (rid)"),
    Step("Recherche des objets modifiés", "ANALYZE {s}.todo"),
    Step("Recherche des objets modifiés", "CREATE INDEX ON {s}.unchanged (record_id)"),
    Step("Recherche des objets modifiés", "ANALYZE {s}.unchanged"),
]

NOTHING_KNOWN = [
    Step(
        "Recherche des objets modifiés",
        """CREATE UNLOGGED TABLE {s}.unchanged (rid bigint, record_id bigint, category text,
        external_id text)""",
    ),
    Step("Recherche des objets modifiés", "CREATE UNLOGGED TABLE {s}.multi (person_id bigint)"),
]

FINDING = "INSERT INTO {s}.in_finding (rid, severity, code, external_id, category, message)"

IDENTIFY = [
    Step(
        "Recherche des doublons",
        f"""CREATE UNLOGGED TABLE {{s}}.cand AS
        SELECT i.rid, i.category, i.external_id, i.checksum, r.id AS record_id,
               r.person_id, r.school_id, coalesce(r.is_present, true) AS was_present
        FROM (SELECT rid, category, external_id, checksum FROM {{s}}.in_person
              UNION ALL SELECT rid, 'EtabEducNat', external_id, checksum FROM {{s}}.in_structure
              UNION ALL SELECT rid, 'MatiereEducNat', external_id, checksum FROM {{s}}.in_subject
             ) i
        LEFT JOIN directory_record r
          ON {MINE} AND r.category = i.category AND r.external_id = i.external_id""",
    ),
    Step("Recherche des doublons", "ANALYZE {s}.cand"),
    Step(
        "Recherche des doublons",
        # Unchanged objects are known by the number of their record; few others need comparing.
        """CREATE UNLOGGED TABLE {s}.doubled AS
        SELECT category, external_id, min(rid) AS first_rid FROM (
            SELECT rid, category, external_id FROM {s}.cand
            UNION ALL SELECT u.rid, u.category, u.external_id FROM {s}.unchanged u
            WHERE u.record_id IN (SELECT record_id FROM {s}.unchanged
                                  GROUP BY record_id HAVING count(*) > 1)
               OR u.record_id IN (SELECT record_id FROM {s}.cand)) k
        GROUP BY category, external_id HAVING count(*) > 1""",
    ),
    Step(
        "Recherche des doublons",
        f"""{FINDING}
        SELECT k.rid, 'rejet', 'duplicate_id', k.external_id, k.category,
               'Identifiant déjà livré plus haut dans le même envoi : le premier objet est retenu.'
        FROM {{s}}.doubled d JOIN (
            SELECT rid, category, external_id FROM {{s}}.cand
            UNION ALL SELECT rid, category, external_id FROM {{s}}.unchanged) k
          ON k.category = d.category AND k.external_id = d.external_id AND k.rid > d.first_rid""",
        counter="duplicates",
    ),
    Step(
        "Recherche des doublons",
        """DELETE FROM {s}.cand c USING {s}.doubled d
        WHERE c.category = d.category AND c.external_id = d.external_id AND c.rid > d.first_rid""",
    ),
    Step(
        "Recherche des doublons",
        """DELETE FROM {s}.unchanged c USING {s}.doubled d
        WHERE c.category = d.category AND c.external_id = d.external_id AND c.rid > d.first_rid""",
    ),
    Step("Recherche des doublons", "CREATE UNIQUE INDEX ON {s}.cand (rid)"),
]

SCHOOLS = [
    Step(
        "Établissements",
        """CREATE UNLOGGED TABLE {s}.p_school AS
        SELECT DISTINCT ON (s.rid) s.rid, c.external_id, s.uai,
               coalesce(c.school_id, known.id) AS school_id,
               false AS is_new, known.id IS NOT NULL AND known.authority_id <> %(authority)s
                    AND c.school_id IS NULL AS is_foreign,
               row_number() OVER (PARTITION BY coalesce(c.school_id::text, s.uai) ORDER BY s.rid)
                    AS nth
        FROM {s}.in_structure s JOIN {s}.cand c ON c.rid = s.rid
        LEFT JOIN directory_school known ON known.uai = s.uai
        ORDER BY s.rid""",
    ),
    Step(
        "Établissements",
        f"""{FINDING}
        SELECT rid, 'rejet', 'foreign_school', external_id, 'EtabEducNat',
               'L’établissement ' || uai || ' est déjà alimenté par une autre autorité : écarté.'
        FROM {{s}}.p_school WHERE is_foreign""",
    ),
    Step("Établissements", "DELETE FROM {s}.p_school WHERE is_foreign"),
    Step(
        "Établissements",
        f"""{FINDING}
        SELECT p.rid, 'alerte', 'uai_differs', p.external_id, 'EtabEducNat',
               'UAI ' || p.uai || ' au lieu de ' || x.uai || ' connue pour cet établissement : '
               || 'l’UAI connue est gardée, demandez à un exploitant.'
        FROM {{s}}.p_school p JOIN directory_school x ON x.id = p.school_id
        WHERE x.uai <> p.uai""",
    ),
    Step(
        "Établissements",
        """UPDATE {s}.p_school p SET is_new = true, school_id = n.id FROM (
            SELECT uai, nextval('directory_school_id_seq') AS id
            FROM {s}.p_school WHERE school_id IS NULL GROUP BY uai) n
        WHERE n.uai = p.uai AND p.school_id IS NULL""",
    ),
    Step(
        "Établissements",
        """UPDATE {s}.p_school p SET nth = n.nth FROM (
            SELECT rid, row_number() OVER (PARTITION BY school_id ORDER BY rid) AS nth
            FROM {s}.p_school) n WHERE n.rid = p.rid""",
    ),
    Step(
        "Établissements",
        f"""CREATE UNLOGGED TABLE {{s}}.ref_school AS
        SELECT external_id AS ref, school_id FROM {{s}}.p_school
        UNION
        SELECT r.external_id, r.school_id FROM directory_record r
        WHERE {MINE} AND r.category = 'EtabEducNat' AND r.school_id IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM {{s}}.p_school p WHERE p.external_id = r.external_id)""",
    ),
    Step("Établissements", "CREATE UNIQUE INDEX ON {s}.ref_school (ref)"),
    Step("Établissements", "ANALYZE {s}.ref_school"),
]

PERSONS = [
    Step(
        "Personnes",
        """CREATE UNLOGGED TABLE {s}.p_person WITH (fillfactor = 70) AS
        SELECT i.rid, c.category, c.external_id, c.checksum, c.record_id, c.was_present,
               coalesce(c.person_id, nextval('directory_person_id_seq'))
                   AS person_id,
               CASE WHEN c.person_id IS NULL THEN gen_random_uuid() END AS person_uuid,
               c.person_id IS NULL AS is_new,
               i.profile, m.school_id AS main_school_id, i.given_name <> '' AS has_given_name
        FROM (SELECT rid, profile, given_name, main_ref FROM {s}.in_person ORDER BY rid) i
        JOIN {s}.cand c ON c.rid = i.rid
        LEFT JOIN {s}.ref_school m ON m.ref = i.main_ref""",
    ),
    Step("Personnes", "CREATE UNIQUE INDEX ON {s}.p_person (rid)"),
    Step("Personnes", "CREATE INDEX ON {s}.p_person (person_id)"),
    Step("Personnes", "ANALYZE {s}.p_person"),
    Step(
        "Personnes",
        f"""CREATE UNLOGGED TABLE {{s}}.elsewhere AS
        SELECT r.person_id, bool_or(r.category <> 'PersRelEleve') AS is_more
        FROM directory_record r JOIN {{s}}.multi m ON m.person_id = r.person_id
        WHERE r.is_present AND NOT EXISTS (SELECT 1 FROM {{s}}.cand c WHERE c.record_id = r.id)
          AND (NOT ({MINE}) OR r.category <> ALL(%(delivered)s) OR %(scope)s <> ''
               OR EXISTS (SELECT 1 FROM {{s}}.in_finding f WHERE f.severity = 'rejet'
                          AND f.category = r.category AND f.external_id = r.external_id))
        GROUP BY r.person_id""",
    ),
    Step(
        "Personnes",
        f"""CREATE UNLOGGED TABLE {{s}}.ref_guardian AS
        SELECT external_id, person_id, has_given_name FROM {{s}}.p_person
        WHERE category = 'PersRelEleve'
        UNION ALL
        SELECT r.external_id, r.person_id, p.given_name <> ''
        FROM directory_record r JOIN directory_person p ON p.id = r.person_id
        WHERE {MINE} AND r.category = 'PersRelEleve'
          AND r.external_id IN (SELECT guardian FROM {{s}}.in_link)
          AND NOT EXISTS (SELECT 1 FROM {{s}}.cand c WHERE c.record_id = r.id)""",
    ),
    Step("Personnes", "CREATE INDEX ON {s}.ref_guardian (external_id)"),
    Step("Personnes", "ANALYZE {s}.ref_guardian"),
]

_PERSON_FIELDS = (
    "title", "family_name", "given_name", "birth_name", "other_names", "birth_date", "ine",
    "email", "home_phone", "work_phone", "mobile_phone", "address", "postal_code", "town",
    "country", "sort_key", "search_key",
)  # fmt: skip


def person_fields(prefix: str) -> str:
    """The columns that the feed fills, prefixed."""
    return ", ".join(f"{prefix}.{field}" for field in _PERSON_FIELDS)


_RANK = "array_position(ARRAY['PersEducNat', 'Eleve', 'PersRelEleve'], {}.category)"
"""Of several records of one person, the first of these categories says who they are."""

OUTCOME = [
    Step(
        "Différences",
        f"""CREATE UNLOGGED TABLE {{s}}.upd_person AS
        SELECT DISTINCT ON (p.person_id) p.person_id, p.rid, x.main_school_id AS old_school_id
        FROM {{s}}.p_person p JOIN {{s}}.in_person i ON i.rid = p.rid
        JOIN directory_person x ON x.id = p.person_id
        WHERE NOT p.is_new AND x.source = 'flux' AND (
            ({person_fields("x")}) IS DISTINCT FROM ({person_fields("i")})
            OR x.profile <> p.profile
            OR x.main_school_id IS DISTINCT FROM p.main_school_id)
          AND NOT (p.category = 'PersRelEleve' AND EXISTS (
              SELECT 1 FROM {{s}}.elsewhere e WHERE e.person_id = p.person_id AND e.is_more))
          AND NOT (EXISTS (SELECT 1 FROM {{s}}.multi m WHERE m.person_id = p.person_id)
              AND EXISTS (SELECT 1 FROM {{s}}.p_person q WHERE q.person_id = p.person_id
                  AND ({_RANK.format("q")}, q.rid) < ({_RANK.format("p")}, p.rid)))
        ORDER BY p.person_id, p.rid""",
    ),
    Step(
        "Différences",
        """CREATE UNLOGGED TABLE {s}.upd_guardian AS
        SELECT x.id AS person_id, g.is_legal FROM {s}.p_guardian g
        JOIN directory_person x ON x.id = g.person_id
        WHERE x.source = 'flux'
          AND x.profile <> CASE WHEN g.is_legal THEN 'tuteur' ELSE 'contact' END
          AND x.profile IN ('tuteur', 'contact')
          AND NOT EXISTS (SELECT 1 FROM {s}.p_person p WHERE p.person_id = x.id)""",
    ),
    Step(
        "Différences",
        """CREATE UNLOGGED TABLE {s}.changed AS
        SELECT person_id FROM {s}.upd_person
        UNION SELECT a.person_id FROM {s}.add_affiliation a
              WHERE EXISTS (SELECT 1 FROM {s}.p_person p
                            WHERE p.person_id = a.person_id AND NOT p.is_new)
        UNION SELECT person_id FROM {s}.del_affiliation
        UNION SELECT a.person_id FROM {s}.add_membership a
              WHERE EXISTS (SELECT 1 FROM {s}.p_person p
                            WHERE p.person_id = a.person_id AND NOT p.is_new)
        UNION SELECT person_id FROM {s}.del_membership
        UNION SELECT a.pupil_id FROM {s}.add_link a
              WHERE EXISTS (SELECT 1 FROM {s}.p_person p
                            WHERE p.person_id = a.pupil_id AND NOT p.is_new)
        UNION SELECT pupil_id FROM {s}.del_link
        UNION SELECT pupil_id FROM {s}.upd_link
        UNION SELECT person_id FROM {s}.upd_guardian""",
    ),
    Step(
        "Différences",
        # Record by record: nobody has counted how few have changed.
        """CREATE UNLOGGED TABLE {s}.touched AS
        SELECT r.id AS record_id, r.person_id, r.category FROM (
            SELECT person_id FROM {s}.changed c
            WHERE NOT EXISTS (SELECT 1 FROM {s}.p_person p WHERE p.person_id = c.person_id)
            OFFSET 0) c CROSS JOIN LATERAL (
            SELECT id, person_id, category FROM directory_record o
            WHERE o.person_id = c.person_id
              AND (SELECT true FROM {s}.unchanged u WHERE u.record_id = o.id LIMIT 1)
            OFFSET 0) r""",
    ),
    Step(
        "Différences",
        """CREATE UNLOGGED TABLE {s}.stranger AS
        SELECT x.id AS person_id, p.category, x.main_school_id
        FROM {s}.upd_person u JOIN {s}.p_person p ON p.rid = u.rid AND p.category = 'Eleve'
        JOIN {s}.in_person i ON i.rid = u.rid JOIN directory_person x ON x.id = u.person_id
        WHERE x.left_at IS NULL AND x.birth_date <> i.birth_date
          AND x.family_name <> i.family_name AND x.given_name <> i.given_name""",
    ),
    Step(
        "Différences",
        """CREATE UNLOGGED TABLE {s}.losing AS
        SELECT * FROM {s}.stranger
        UNION
        SELECT x.id AS person_id, 'PersRelEleve'::text AS category, x.main_school_id
        FROM {s}.p_guardian g JOIN directory_person x ON x.id = g.person_id
        WHERE NOT g.is_legal AND x.profile = 'tuteur' AND x.source = 'flux' AND x.left_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM {s}.leaving l WHERE l.person_id = x.id)
        UNION
        SELECT x.id, p.category, x.main_school_id
        FROM (SELECT DISTINCT person_id FROM {s}.del_affiliation) d
        JOIN {s}.p_person p ON p.person_id = d.person_id AND p.category <> 'PersRelEleve'
        JOIN directory_person x ON x.id = d.person_id
        WHERE x.source = 'flux' AND x.left_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM {s}.add_affiliation a WHERE a.person_id = x.id)
          AND NOT EXISTS (SELECT 1 FROM directory_affiliation a WHERE a.person_id = x.id
              AND NOT EXISTS (SELECT 1 FROM {s}.del_affiliation e WHERE e.id = a.id))""",
    ),
    Step(
        "Comptes à créer",
        """CREATE UNLOGGED TABLE {s}.account_wanted AS
        SELECT DISTINCT ON (p.person_id) p.person_id, p.person_uuid, p.is_new, p.rid,
               i.login_base, p.category = 'PersEducNat' AS is_academic,
               ''::text AS login, ''::text AS access_state
        FROM {s}.p_person p JOIN {s}.in_person i ON i.rid = p.rid
        WHERE (p.category <> 'PersRelEleve' OR p.profile = 'tuteur')
          AND EXISTS (SELECT 1 FROM {s}.w_affiliation a WHERE a.person_id = p.person_id)
        ORDER BY p.person_id, p.rid""",
    ),
    Step(
        "Comptes à créer",
        """INSERT INTO {s}.account_wanted
        SELECT x.id, x.uuid, false, 0, '', false, '', '' FROM {s}.p_guardian g
        JOIN directory_person x ON x.id = g.person_id
        WHERE g.is_legal AND NOT EXISTS (SELECT 1 FROM {s}.p_person p WHERE p.person_id = x.id)
          AND EXISTS (SELECT 1 FROM {s}.w_affiliation a WHERE a.person_id = x.id)""",
    ),
    Step("Comptes à créer", "CREATE UNIQUE INDEX ON {s}.account_wanted (person_id)"),
    Step("Comptes à créer", "ANALYZE {s}.account_wanted"),
]
