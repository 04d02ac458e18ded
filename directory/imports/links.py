"""Links of the touched persons: what the feed wants, and the differences with the directory.

Part of the comparison (see ``compare.py`` for the tables). An import adds and removes feed rows
only; what people added by hand is never looked at.
"""

from __future__ import annotations

from directory.imports.compare import FINDING as _FINDING
from directory.imports.steps import Step

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
            SELECT person_id, min(school_id) AS school_id FROM {s}.w_affiliation
            GROUP BY person_id) w
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
               || ' absent(e) de la description de l’établissement : créé(e) ou rouvert(e) d’après '
               || 'les élèves et les enseignants.'
        FROM {{s}}.w_member m JOIN {{s}}.p_group g USING (school_id, kind, code)
        WHERE NOT g.is_listed AND (g.is_new OR EXISTS (
            SELECT 1 FROM directory_group x WHERE x.id = g.group_id AND NOT x.is_present))
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
    Step(
        "Responsables",
        """DELETE FROM {s}.w_link a USING {s}.w_link b
        WHERE a.pupil_id = b.pupil_id AND a.guardian_id = b.guardian_id
          AND (EXISTS (SELECT 1 FROM {s}.multi m WHERE m.person_id = a.guardian_id)
               OR EXISTS (SELECT 1 FROM {s}.multi m WHERE m.person_id = a.pupil_id))
          AND (b.is_legal::int, -b.rid, b.ctid) > (a.is_legal::int, -a.rid, a.ctid)""",
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

_W_LINK_FIELDS = (
    "w.relationship, w.level, w.is_legal, w.is_financial, w.is_contact, w.is_payer, w.is_home"
)

LINK_DIFFERENCES = [
    Step(
        "Responsables",
        """CREATE UNLOGGED TABLE {s}.del_link AS
        SELECT x.id, x.guardian_id, x.pupil_id FROM directory_responsibility x
        JOIN {s}.p_person p ON p.person_id = x.pupil_id AND p.category = 'Eleve' AND NOT p.is_new
        WHERE x.source = 'flux'
          AND NOT EXISTS (SELECT 1 FROM {s}.elsewhere e WHERE e.person_id = x.pupil_id)
          AND NOT EXISTS (
            SELECT 1 FROM {s}.w_link w
            WHERE w.pupil_id = x.pupil_id AND w.guardian_id = x.guardian_id)""",
    ),
    Step(
        "Responsables",
        f"""CREATE UNLOGGED TABLE {{s}}.upd_link AS
        SELECT x.id, w.guardian_id, w.pupil_id, {_W_LINK_FIELDS}
        FROM directory_responsibility x JOIN {{s}}.w_link w
          ON w.pupil_id = x.pupil_id AND w.guardian_id = x.guardian_id
        WHERE x.source = 'flux' AND (x.relationship, x.level, x.is_legal, x.is_financial,
              x.is_contact, x.is_payer, x.is_home) IS DISTINCT FROM (w.relationship, w.level,
              w.is_legal, w.is_financial, w.is_contact, w.is_payer, w.is_home)""",
    ),
    Step(
        "Responsables",
        f"""CREATE UNLOGGED TABLE {{s}}.add_link AS
        SELECT w.rid, w.guardian_id, w.pupil_id, {_W_LINK_FIELDS}
        FROM {{s}}.w_link w WHERE NOT EXISTS (
            SELECT 1 FROM directory_responsibility x
            WHERE x.pupil_id = w.pupil_id AND x.guardian_id = w.guardian_id)""",
    ),
    Step(
        "Responsables",
        """CREATE UNLOGGED TABLE {s}.moved_pupil AS
        SELECT p.person_id FROM {s}.p_person p JOIN {s}.w_affiliation w
          ON w.person_id = p.person_id
        WHERE p.category = 'Eleve' AND NOT p.is_new AND NOT EXISTS (
            SELECT 1 FROM directory_affiliation x
            WHERE x.person_id = w.person_id AND x.school_id = w.school_id)
        UNION SELECT p.person_id FROM {s}.p_person p JOIN directory_affiliation x
          ON x.person_id = p.person_id AND x.source = 'flux'
        WHERE p.category = 'Eleve' AND NOT p.is_new AND NOT EXISTS (
            SELECT 1 FROM {s}.w_affiliation w
            WHERE w.person_id = x.person_id AND w.school_id = x.school_id)
        UNION SELECT person_id FROM {s}.partly""",
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
              AND NOT EXISTS (SELECT 1 FROM {s}.partly q JOIN {s}.covered c
                  ON c.school_id = x.school_id WHERE q.person_id = f.pupil_id)
        ) a GROUP BY person_id, school_id""",
    ),
    Step(
        "Responsables",
        """INSERT INTO {s}.w_affiliation
        SELECT 0, person_id, school_id, profile, '', '', '', '' FROM {s}.g_affiliation""",
    ),
    Step(
        "Responsables",
        """UPDATE {s}.p_person p SET
               profile = CASE WHEN g.is_legal THEN 'tuteur' ELSE 'contact' END,
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
            WHERE x.source = 'flux' AND {touched}
              AND NOT EXISTS (SELECT 1 FROM {{s}}.w_{name} w WHERE {same})""",
        ),
    ]


_OWN = """x.person_id IN (
                SELECT person_id FROM {s}.p_person
                WHERE NOT is_new AND category <> 'PersRelEleve'
                UNION SELECT p.person_id FROM {s}.p_person p JOIN {s}.multi m USING (person_id)
                EXCEPT SELECT person_id FROM {s}.elsewhere)"""
"""Links that records of pupils and staff make: the delivery must speak of all their records."""
_OWN_OR_THROUGH_CHILDREN = f"""(CASE WHEN x.profile IN ('tuteur', 'contact') THEN x.person_id IN (
                SELECT person_id FROM {{s}}.p_person WHERE NOT is_new
                UNION SELECT person_id FROM {{s}}.guardian) ELSE {_OWN} END)"""

DIFFERENCES = [
    *_differences(
        "affiliation",
        "directory_affiliation",
        ("person_id", "school_id", "profile", "function_code", "post_code"),
        _OWN_OR_THROUGH_CHILDREN,
    ),
    *_differences(
        "membership",
        "directory_membership",
        ("person_id", "group_id", "role"),
        _OWN,
    ),
    *_differences(
        "teaching",
        "directory_teaching",
        ("person_id", "group_id", "subject_id"),
        _OWN,
    ),
]
