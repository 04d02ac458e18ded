"""Comparing a staged delivery with the directory, set-wise, before any transaction.

Everything the transaction will write is prepared here in the staging schema: who is new (with
primary key and UUID already drawn), who changed, which links come and go, who leaves. The
directory is only read. Each list below is run in order by :func:`directory.imports.steps.run_steps`.

Tables made here (``rid`` is the place of the object in the delivery):

``unchanged``  objects whose checksum the directory holds
``cand``       one row per object to look at, duplicates out: ``rid, category, external_id, checksum, record_id``
``p_school``   structures → school (``school_id``, ``is_new``)
``ref_school`` every structure id the directory will know → school
``p_person``   persons → ``person_id, person_uuid, is_new, main_school_id``
``p_group``    classes and groups → ``group_id, is_new``
``w_…``        what the feed wants for the touched persons; ``add_…`` and ``del_…`` the differences
``account_wanted``  persons with a right to an account; ``accounts`` fills login and state
``leaving``, ``partly``, ``back``  who goes, who leaves one school only, who returns
"""

from __future__ import annotations

from directory.imports.steps import Step

_MINE = "r.authority_id = %(authority)s AND r.degree = %(degree)s"

FIND_CHANGED = [
    Step(
        "Recherche des objets modifiés",
        f"""CREATE UNLOGGED TABLE {{s}}.unchanged AS
        SELECT s.rid, r.id AS record_id, s.category, s.external_id
        FROM {{s}}.seen s JOIN directory_record r
          ON {_MINE} AND r.category = s.category AND r.external_id = s.external_id
         AND r.checksum = s.checksum""",
    ),
    Step(
        "Recherche des objets modifiés",
        """CREATE UNLOGGED TABLE {s}.todo AS
        SELECT s.rid, s.length, s.operation, s.checksum FROM {s}.seen s
        WHERE NOT EXISTS (SELECT 1 FROM {s}.unchanged u WHERE u.rid = s.rid)""",
    ),
    Step("Recherche des objets modifiés", "CREATE INDEX ON {s}.todo (rid)"),
    Step("Recherche des objets modifiés", "ANALYZE {s}.todo"),
    Step("Recherche des objets modifiés", "ANALYZE {s}.unchanged"),
]

NOTHING_KNOWN = [
    Step(
        "Recherche des objets modifiés",
        """CREATE UNLOGGED TABLE {s}.unchanged (rid bigint, record_id bigint, category text,
        external_id text)""",
    ),
]

_FINDING = "INSERT INTO {s}.in_finding (rid, severity, code, external_id, category, message)"

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
          ON {_MINE} AND r.category = i.category AND r.external_id = i.external_id""",
    ),
    Step("Recherche des doublons", "ANALYZE {s}.cand"),
    Step(
        "Recherche des doublons",
        """CREATE UNLOGGED TABLE {s}.doubled AS
        SELECT category, external_id, min(rid) AS first_rid FROM (
            SELECT rid, category, external_id FROM {s}.cand
            UNION ALL SELECT rid, category, external_id FROM {s}.unchanged) k
        GROUP BY category, external_id HAVING count(*) > 1""",
    ),
    Step(
        "Recherche des doublons",
        f"""{_FINDING}
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
        f"""{_FINDING}
        SELECT rid, 'rejet', 'foreign_school', external_id, 'EtabEducNat',
               'L’établissement ' || uai || ' est déjà alimenté par une autre autorité : écarté.'
        FROM {{s}}.p_school WHERE is_foreign""",
    ),
    Step("Établissements", "DELETE FROM {s}.p_school WHERE is_foreign"),
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
        WHERE {_MINE} AND r.category = 'EtabEducNat' AND r.school_id IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM {{s}}.p_school p WHERE p.external_id = r.external_id)""",
    ),
    Step("Établissements", "CREATE UNIQUE INDEX ON {s}.ref_school (ref)"),
    Step("Établissements", "ANALYZE {s}.ref_school"),
]

PERSONS = [
    Step(
        "Personnes",
        """CREATE UNLOGGED TABLE {s}.p_person AS
        SELECT i.rid, c.category, c.external_id, c.checksum, c.record_id, c.was_present,
               coalesce(c.person_id, nextval('directory_person_id_seq'))
                   AS person_id,
               CASE WHEN c.person_id IS NULL THEN gen_random_uuid() END AS person_uuid,
               c.person_id IS NULL AS is_new,
               i.profile, m.school_id AS main_school_id, i.given_name <> '' AS has_given_name
        FROM {s}.in_person i JOIN {s}.cand c ON c.rid = i.rid
        LEFT JOIN {s}.ref_school m ON m.ref = i.main_ref""",
    ),
    Step("Personnes", "CREATE UNIQUE INDEX ON {s}.p_person (rid)"),
    Step("Personnes", "CREATE INDEX ON {s}.p_person (person_id)"),
    Step("Personnes", "ANALYZE {s}.p_person"),
    Step(
        "Personnes",
        f"""CREATE UNLOGGED TABLE {{s}}.ref_guardian AS
        SELECT external_id, person_id, has_given_name FROM {{s}}.p_person
        WHERE category = 'PersRelEleve'
        UNION ALL
        SELECT r.external_id, r.person_id, p.given_name <> ''
        FROM directory_record r JOIN directory_person p ON p.id = r.person_id
        WHERE {_MINE} AND r.category = 'PersRelEleve'
          AND r.external_id IN (SELECT guardian FROM {{s}}.in_link)
          AND NOT EXISTS (SELECT 1 FROM {{s}}.cand c WHERE c.record_id = r.id)""",
    ),
    Step("Personnes", "CREATE INDEX ON {s}.ref_guardian (external_id)"),
    Step("Personnes", "ANALYZE {s}.ref_guardian"),
]

_UNKNOWN_SCHOOL = (
    "'Établissement ' || {column} || ' absent du fichier des établissements : "
    "rattachement laissé de côté.'"
)

LINKS = [
    Step(
        "Rattachements",
        """CREATE UNLOGGED TABLE {s}.w_affiliation AS
        SELECT DISTINCT ON (p.person_id, rs.school_id, a.profile, a.function_code, a.post_code)
               p.rid, p.person_id, rs.school_id, a.profile, a.function_code, a.function_label,
               a.post_code, a.post_label
        FROM {s}.in_affiliation a JOIN {s}.p_person p ON p.rid = a.rid
        JOIN {s}.ref_school rs ON rs.ref = a.ref
        ORDER BY p.person_id, rs.school_id, a.profile, a.function_code, a.post_code, p.rid""",
    ),
    Step("Rattachements", "CREATE INDEX ON {s}.w_affiliation (person_id)"),
    Step("Rattachements", "ANALYZE {s}.w_affiliation"),
    Step(
        "Rattachements",
        f"""{_FINDING}
        SELECT DISTINCT a.rid, 'alerte', 'unknown_school', p.external_id, p.category,
               {_UNKNOWN_SCHOOL.format(column="left(a.ref, 40)")}
        FROM {{s}}.in_affiliation a JOIN {{s}}.p_person p ON p.rid = a.rid
        WHERE NOT EXISTS (SELECT 1 FROM {{s}}.ref_school rs WHERE rs.ref = a.ref)""",
    ),
    Step(
        "Rattachements",
        """UPDATE {s}.p_person p SET main_school_id = w.school_id FROM (
            SELECT person_id, min(school_id) AS school_id FROM {s}.w_affiliation GROUP BY person_id) w
        WHERE p.main_school_id IS NULL AND w.person_id = p.person_id""",
    ),
    Step(
        "Classes et groupes",
        """CREATE UNLOGGED TABLE {s}.w_member AS
        SELECT p.rid, p.person_id, p.external_id, p.category, rs.school_id, m.kind, m.code, m.role
        FROM {s}.in_membership m JOIN {s}.p_person p ON p.rid = m.rid
        JOIN {s}.ref_school rs ON rs.ref = m.ref""",
    ),
    Step(
        "Classes et groupes",
        """CREATE UNLOGGED TABLE {s}.w_teach AS
        SELECT p.rid, p.person_id, rs.school_id, t.kind, t.code, t.subject
        FROM {s}.in_teaching t JOIN {s}.p_person p ON p.rid = t.rid
        JOIN {s}.ref_school rs ON rs.ref = t.ref""",
    ),
    Step(
        "Classes et groupes",
        """CREATE UNLOGGED TABLE {s}.listed AS
        SELECT DISTINCT ON (s.school_id, g.kind, g.code) s.school_id, g.kind, g.code, g.label,
               g.sort_key, g.mef_codes, g.class_codes
        FROM {s}.in_group g JOIN {s}.p_school s ON s.rid = g.rid
        ORDER BY s.school_id, g.kind, g.code, g.rid""",
    ),
    Step("Classes et groupes", "CREATE UNIQUE INDEX ON {s}.listed (school_id, kind, code)"),
    Step(
        "Classes et groupes",
        """CREATE UNLOGGED TABLE {s}.p_group AS
        SELECT w.school_id, w.kind, w.code, coalesce(l.label, '') AS label,
               coalesce(l.sort_key, lower(w.code)) AS sort_key,
               coalesce(l.mef_codes, '{{}}') AS mef_codes,
               coalesce(l.class_codes, '{{}}') AS class_codes,
               l.code IS NOT NULL AS is_listed, g.id IS NULL AS is_new,
               coalesce(g.id, nextval('directory_group_id_seq')) AS group_id
        FROM (SELECT school_id, kind, code FROM {s}.listed
              UNION SELECT school_id, kind, code FROM {s}.w_member
              UNION SELECT school_id, kind, code FROM {s}.w_teach) w
        LEFT JOIN {s}.listed l USING (school_id, kind, code)
        LEFT JOIN directory_group g
          ON g.school_id = w.school_id AND g.kind = w.kind AND g.code = w.code""".replace(
            "{{}}", "{}"
        ),
    ),
    Step("Classes et groupes", "CREATE UNIQUE INDEX ON {s}.p_group (school_id, kind, code)"),
    Step("Classes et groupes", "ANALYZE {s}.p_group"),
    Step(
        "Classes et groupes",
        f"""{_FINDING}
        SELECT DISTINCT ON (m.school_id, m.kind, m.code) m.rid, 'info', 'group_not_listed',
               m.external_id, m.category,
               CASE m.kind WHEN 'classe' THEN 'Classe ' ELSE 'Groupe ' END || m.code
               || ' absent(e) de la description de l’établissement : créé(e) d’après les élèves '
               || 'et les enseignants.'
        FROM {{s}}.w_member m JOIN {{s}}.p_group g USING (school_id, kind, code)
        WHERE g.is_new AND NOT g.is_listed
        ORDER BY m.school_id, m.kind, m.code, m.rid""",
    ),
    Step(
        "Classes et groupes",
        """CREATE UNLOGGED TABLE {s}.w_membership AS
        SELECT DISTINCT m.person_id, g.group_id, m.role
        FROM {s}.w_member m JOIN {s}.p_group g USING (school_id, kind, code)""",
    ),
    Step("Classes et groupes", "CREATE INDEX ON {s}.w_membership (person_id)"),
    Step(
        "Classes et groupes",
        """CREATE UNLOGGED TABLE {s}.p_subject AS
        SELECT w.code, w.label, s.id IS NULL AS is_new, coalesce(s.label, '') AS known_label,
               coalesce(s.id, nextval('directory_subject_id_seq'))
                   AS subject_id
        FROM (SELECT code, max(label) AS label FROM (
                SELECT c.external_id AS code, i.label FROM {s}.in_subject i
                JOIN {s}.cand c ON c.rid = i.rid
                UNION ALL SELECT subject, '' FROM {s}.w_teach) u GROUP BY code) w
        LEFT JOIN directory_subject s ON s.authority_id = %(authority)s AND s.code = w.code""",
    ),
    Step(
        "Classes et groupes",
        """CREATE UNLOGGED TABLE {s}.w_teaching AS
        SELECT DISTINCT t.person_id, g.group_id, s.subject_id
        FROM {s}.w_teach t JOIN {s}.p_group g USING (school_id, kind, code)
        JOIN {s}.p_subject s ON s.code = t.subject""",
    ),
    Step(
        "Responsables",
        """CREATE UNLOGGED TABLE {s}.w_link AS
        SELECT p.rid, g.person_id AS guardian_id, p.person_id AS pupil_id, l.relationship, l.level,
               l.is_legal AND g.has_given_name AS is_legal, l.is_financial, l.is_contact,
               l.is_payer, l.is_home
        FROM {s}.in_link l JOIN {s}.p_person p ON p.rid = l.rid
        JOIN {s}.ref_guardian g ON g.external_id = l.guardian
        WHERE g.person_id <> p.person_id""",
    ),
    Step("Responsables", "CREATE INDEX ON {s}.w_link (pupil_id)"),
    Step("Responsables", "ANALYZE {s}.w_link"),
    Step(
        "Responsables",
        f"""{_FINDING}
        SELECT l.rid, 'alerte', 'unknown_guardian', p.external_id, p.category,
               'Responsable ' || left(l.guardian, 40)
               || ' cité par l’élève mais absent de la livraison : lien laissé de côté.'
        FROM {{s}}.in_link l JOIN {{s}}.p_person p ON p.rid = l.rid
        WHERE NOT EXISTS (SELECT 1 FROM {{s}}.ref_guardian g WHERE g.external_id = l.guardian)""",
    ),
]

_LINK_FIELDS = "relationship, level, is_legal, is_financial, is_contact, is_payer, is_home"

LINK_DIFFERENCES = [
    Step(
        "Responsables",
        """CREATE UNLOGGED TABLE {s}.del_link AS
        SELECT x.id, x.guardian_id, x.pupil_id FROM directory_responsibility x
        JOIN {s}.p_person p ON p.person_id = x.pupil_id AND p.category = 'Eleve' AND NOT p.is_new
        WHERE x.source = 'flux' AND NOT EXISTS (
            SELECT 1 FROM {s}.w_link w
            WHERE w.pupil_id = x.pupil_id AND w.guardian_id = x.guardian_id)""",
    ),
    Step(
        "Responsables",
        f"""CREATE UNLOGGED TABLE {{s}}.upd_link AS
        SELECT x.id, w.guardian_id, w.pupil_id, {_LINK_FIELDS.replace("relationship", "w.relationship").replace(", ", ", w.")}
        FROM directory_responsibility x JOIN {{s}}.w_link w
          ON w.pupil_id = x.pupil_id AND w.guardian_id = x.guardian_id
        WHERE x.source = 'flux' AND (x.relationship, x.level, x.is_legal, x.is_financial,
              x.is_contact, x.is_payer, x.is_home) IS DISTINCT FROM (w.relationship, w.level,
              w.is_legal, w.is_financial, w.is_contact, w.is_payer, w.is_home)""",
    ),
    Step(
        "Responsables",
        f"""CREATE UNLOGGED TABLE {{s}}.add_link AS
        SELECT w.rid, w.guardian_id, w.pupil_id, {_LINK_FIELDS.replace("relationship", "w.relationship").replace(", ", ", w.")}
        FROM {{s}}.w_link w WHERE NOT EXISTS (
            SELECT 1 FROM directory_responsibility x
            WHERE x.pupil_id = w.pupil_id AND x.guardian_id = w.guardian_id)""",
    ),
    Step(
        "Responsables",
        """CREATE UNLOGGED TABLE {s}.moved_pupil AS
        SELECT person_id FROM {s}.p_person p WHERE category = 'Eleve' AND NOT is_new AND (
            EXISTS (SELECT 1 FROM {s}.w_affiliation w WHERE w.person_id = p.person_id
                    AND NOT EXISTS (SELECT 1 FROM directory_affiliation x
                        WHERE x.person_id = w.person_id AND x.school_id = w.school_id))
         OR EXISTS (SELECT 1 FROM directory_affiliation x WHERE x.person_id = p.person_id
                    AND x.source = 'flux' AND NOT EXISTS (SELECT 1 FROM {s}.w_affiliation w
                        WHERE w.person_id = x.person_id AND w.school_id = x.school_id)))""",
    ),
    Step(
        "Responsables",
        """CREATE UNLOGGED TABLE {s}.guardian AS
        SELECT DISTINCT person_id FROM (
            SELECT person_id FROM {s}.p_person WHERE category = 'PersRelEleve'
            UNION ALL SELECT guardian_id FROM {s}.add_link
            UNION ALL SELECT guardian_id FROM {s}.upd_link
            UNION ALL SELECT guardian_id FROM {s}.del_link
            UNION ALL SELECT x.guardian_id FROM directory_responsibility x
                JOIN {s}.moved_pupil m ON m.person_id = x.pupil_id) g""",
    ),
    Step("Responsables", "CREATE UNIQUE INDEX ON {s}.guardian (person_id)"),
    Step("Responsables", "ANALYZE {s}.guardian"),
    Step(
        "Responsables",
        """CREATE UNLOGGED TABLE {s}.future_link AS
        SELECT a.guardian_id, a.pupil_id, a.is_legal FROM {s}.add_link a
        UNION ALL SELECT u.guardian_id, u.pupil_id, u.is_legal FROM {s}.upd_link u
        UNION ALL SELECT x.guardian_id, x.pupil_id, x.is_legal FROM directory_responsibility x
        JOIN {s}.guardian g ON g.person_id = x.guardian_id
        WHERE NOT EXISTS (SELECT 1 FROM {s}.upd_link u WHERE u.id = x.id)
          AND NOT EXISTS (SELECT 1 FROM {s}.del_link d WHERE d.id = x.id)""",
    ),
    Step("Responsables", "ANALYZE {s}.future_link"),
    Step(
        "Responsables",
        """CREATE UNLOGGED TABLE {s}.p_guardian AS
        SELECT g.person_id, coalesce(bool_or(f.is_legal), false) AS is_legal
        FROM {s}.guardian g LEFT JOIN {s}.future_link f ON f.guardian_id = g.person_id
        GROUP BY g.person_id""",
    ),
    Step("Responsables", "CREATE UNIQUE INDEX ON {s}.p_guardian (person_id)"),
    Step("Responsables", "ANALYZE {s}.p_guardian"),
    Step(
        "Responsables",
        """CREATE UNLOGGED TABLE {s}.g_affiliation AS
        SELECT person_id, school_id,
               CASE WHEN bool_or(is_legal) THEN 'tuteur' ELSE 'contact' END AS profile
        FROM (
            SELECT f.guardian_id AS person_id, w.school_id, f.is_legal
            FROM {s}.future_link f JOIN {s}.w_affiliation w
              ON w.person_id = f.pupil_id AND w.profile = 'eleve'
            UNION ALL
            SELECT f.guardian_id, x.school_id, f.is_legal
            FROM {s}.future_link f JOIN directory_affiliation x
              ON x.person_id = f.pupil_id AND x.profile = 'eleve'
            WHERE NOT EXISTS (SELECT 1 FROM {s}.p_person p WHERE p.person_id = f.pupil_id)
        ) a GROUP BY person_id, school_id""",
    ),
    Step(
        "Responsables",
        """INSERT INTO {s}.w_affiliation
        SELECT 0, person_id, school_id, profile, '', '', '', '' FROM {s}.g_affiliation""",
    ),
    Step(
        "Responsables",
        """UPDATE {s}.p_person p SET profile = CASE WHEN g.is_legal THEN 'tuteur' ELSE 'contact' END,
               main_school_id = a.school_id
        FROM {s}.p_guardian g LEFT JOIN (SELECT person_id, min(school_id) AS school_id
             FROM {s}.g_affiliation GROUP BY person_id) a ON a.person_id = g.person_id
        WHERE g.person_id = p.person_id AND p.category = 'PersRelEleve'
          AND (g.is_legal OR a.school_id IS NOT NULL)""",
    ),
    Step("Responsables", "ANALYZE {s}.w_affiliation"),
]


def _differences(name: str, table: str, keys: tuple[str, ...], touched: str) -> list[Step]:
    """Rows to add to and to delete from a link table, for touched persons only, feed rows only."""
    same = " AND ".join(f"w.{key} = x.{key}" for key in keys)
    return [
        Step(
            "Différences",
            f"""CREATE UNLOGGED TABLE {{s}}.add_{name} AS
            SELECT w.* FROM {{s}}.w_{name} w
            WHERE NOT EXISTS (SELECT 1 FROM {table} x WHERE {same})""",
        ),
        Step(
            "Différences",
            f"""CREATE UNLOGGED TABLE {{s}}.del_{name} AS
            SELECT x.id, x.person_id FROM {table} x
            WHERE x.source = 'flux' AND x.person_id IN ({touched})
              AND NOT EXISTS (SELECT 1 FROM {{s}}.w_{name} w WHERE {same})""",
        ),
    ]


_TOUCHED = """SELECT person_id FROM {s}.p_person WHERE NOT is_new
              UNION SELECT person_id FROM {s}.guardian"""
_TOUCHED_STAFF_PUPILS = """SELECT person_id FROM {s}.p_person
              WHERE NOT is_new AND category <> 'PersRelEleve'"""

DIFFERENCES = [
    *_differences(
        "affiliation",
        "directory_affiliation",
        ("person_id", "school_id", "profile", "function_code", "post_code"),
        _TOUCHED,
    ),
    *_differences(
        "membership",
        "directory_membership",
        ("person_id", "group_id", "role"),
        _TOUCHED_STAFF_PUPILS,
    ),
    *_differences(
        "teaching",
        "directory_teaching",
        ("person_id", "group_id", "subject_id"),
        _TOUCHED_STAFF_PUPILS,
    ),
]

_PERSON_FIELDS = (
    "title", "family_name", "given_name", "birth_name", "other_names", "birth_date", "ine",
    "email", "home_phone", "work_phone", "mobile_phone", "address", "postal_code", "town",
    "country", "sort_key", "search_key",
)  # fmt: skip


def person_fields(prefix: str) -> str:
    """The columns that the feed fills, prefixed."""
    return ", ".join(f"{prefix}.{field}" for field in _PERSON_FIELDS)


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
              WHERE EXISTS (SELECT 1 FROM {s}.p_person p WHERE p.person_id = a.person_id AND NOT p.is_new)
        UNION SELECT person_id FROM {s}.del_affiliation
        UNION SELECT a.person_id FROM {s}.add_membership a
              WHERE EXISTS (SELECT 1 FROM {s}.p_person p WHERE p.person_id = a.person_id AND NOT p.is_new)
        UNION SELECT person_id FROM {s}.del_membership
        UNION SELECT a.pupil_id FROM {s}.add_link a
              WHERE EXISTS (SELECT 1 FROM {s}.p_person p WHERE p.person_id = a.pupil_id AND NOT p.is_new)
        UNION SELECT pupil_id FROM {s}.del_link
        UNION SELECT pupil_id FROM {s}.upd_link
        UNION SELECT person_id FROM {s}.upd_guardian""",
    ),
    Step(
        "Comptes à créer",
        """CREATE UNLOGGED TABLE {s}.account_wanted AS
        SELECT DISTINCT ON (p.person_id) p.person_id, p.person_uuid, p.is_new, p.rid,
               i.login_base, p.category = 'PersEducNat' AS is_academic,
               ''::text AS login, ''::text AS access_state
        FROM {s}.p_person p JOIN {s}.in_person i ON i.rid = p.rid
        JOIN (SELECT DISTINCT person_id FROM {s}.w_affiliation) a ON a.person_id = p.person_id
        WHERE p.category <> 'PersRelEleve' OR p.profile = 'tuteur'
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

COVERAGE = [
    Step(
        "Départs",
        """CREATE UNLOGGED TABLE {s}.covered AS
        SELECT school_id FROM {s}.listed WHERE kind = 'classe'
        UNION SELECT g.school_id FROM {s}.unchanged u JOIN directory_record r ON r.id = u.record_id
              JOIN directory_group g ON g.school_id = r.school_id
              WHERE u.category = 'EtabEducNat' AND g.kind = 'classe' AND g.is_present
                AND g.source = 'flux'
        UNION SELECT school_id FROM {s}.w_affiliation WHERE profile = 'eleve'
        UNION SELECT DISTINCT a.school_id FROM {s}.unchanged u
              JOIN directory_record r ON r.id = u.record_id
              JOIN directory_affiliation a ON a.person_id = r.person_id AND a.profile = 'eleve'
              WHERE u.category = 'Eleve'""",
    ),
    Step(
        "Départs",
        """CREATE UNLOGGED TABLE {s}.open_school AS SELECT school_id FROM {s}.covered""",
    ),
    Step(
        "Départs",
        """INSERT INTO {s}.covered SELECT id FROM directory_school s
        WHERE s.uai = ANY(%(covered_before)s) AND s.authority_id = %(authority)s
          AND NOT EXISTS (SELECT 1 FROM {s}.covered c WHERE c.school_id = s.id)""",
    ),
    Step(
        "Départs",
        f"""CREATE UNLOGGED TABLE {{s}}.gone AS
        SELECT r.id AS record_id, r.person_id, r.category FROM directory_record r
        WHERE {_MINE} AND r.is_present AND r.person_id IS NOT NULL
          AND r.category = ANY(%(delivered)s)
          AND NOT EXISTS (SELECT 1 FROM {{s}}.unchanged u WHERE u.record_id = r.id)
          AND NOT EXISTS (SELECT 1 FROM {{s}}.cand c WHERE c.record_id = r.id)
          AND NOT EXISTS (SELECT 1 FROM {{s}}.rejected_key k
                          WHERE k.category = r.category AND k.external_id = r.external_id)""",
    ),
    Step(
        "Départs",
        """CREATE UNLOGGED TABLE {s}.partly AS
        SELECT DISTINCT g.record_id, g.person_id FROM {s}.gone g
        JOIN directory_affiliation a ON a.person_id = g.person_id
        WHERE a.source = 'flux'
          AND NOT EXISTS (SELECT 1 FROM {s}.covered c WHERE c.school_id = a.school_id)""",
    ),
    Step(
        "Départs",
        """CREATE UNLOGGED TABLE {s}.leaving AS
        SELECT DISTINCT g.person_id, g.category, p.main_school_id FROM {s}.gone g
        JOIN directory_person p ON p.id = g.person_id
        WHERE p.left_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM {s}.partly x WHERE x.person_id = g.person_id)
          AND (%(scope)s = '' OR EXISTS (
                SELECT 1 FROM directory_affiliation a JOIN {s}.covered c USING (school_id)
                WHERE a.person_id = g.person_id))
          AND NOT EXISTS (SELECT 1 FROM directory_record o WHERE o.person_id = g.person_id
                          AND o.is_present
                          AND NOT EXISTS (SELECT 1 FROM {s}.gone h WHERE h.record_id = o.id))""",
    ),
    Step(
        "Départs",
        """DELETE FROM {s}.partly p WHERE EXISTS (SELECT 1 FROM {s}.gone g
            WHERE g.person_id = p.person_id AND g.category = 'PersRelEleve') OR NOT EXISTS (
            SELECT 1 FROM directory_affiliation a JOIN {s}.covered c ON c.school_id = a.school_id
            WHERE a.person_id = p.person_id AND a.source = 'flux')""",
    ),
    Step(
        "Départs",
        """CREATE UNLOGGED TABLE {s}.back AS
        SELECT DISTINCT r.person_id FROM directory_record r JOIN directory_person p ON p.id = r.person_id
        WHERE p.left_at IS NOT NULL AND (
            r.id IN (SELECT record_id FROM {s}.unchanged)
            OR r.id IN (SELECT record_id FROM {s}.cand))""",
    ),
    Step(
        "Départs",
        """CREATE UNLOGGED TABLE {s}.present_again AS
        SELECT u.record_id FROM {s}.unchanged u JOIN directory_record r ON r.id = u.record_id
        WHERE NOT r.is_present""",
    ),
]

REJECTED_KEYS = [
    Step(
        "Départs",
        """CREATE UNLOGGED TABLE {s}.rejected_key AS
        SELECT DISTINCT category, external_id FROM {s}.in_finding
        WHERE severity = 'rejet' AND external_id <> ''""",
    ),
]
