"""Who leaves, who leaves one school only, who comes back (see ``compare.py`` for the tables).

Somebody of a delivered category whose record is absent leaves only if their school is *covered*:
it has classes or pupils in this set, or had in the last one applied of the same level.

Somebody absent who also belongs to a school that is not covered leaves the covered ones only
(``partly``): their record stays present, so that the other school's delivery can end it. A record
that disappears while another one of the same person stays is ``dropped``; the person stays.

Run before the differences of links: the parents of somebody who leaves a school follow at once.
"""

from __future__ import annotations

from directory.imports.compare import MINE as _MINE
from directory.imports.steps import Step

COVERAGE = [
    Step(
        "Départs",
        """CREATE UNLOGGED TABLE {s}.covered AS
        SELECT school_id FROM {s}.listed WHERE kind = 'classe'
        UNION SELECT r.school_id FROM {s}.unchanged u JOIN directory_record r ON r.id = u.record_id
              WHERE u.category = 'EtabEducNat' AND EXISTS (
                  SELECT 1 FROM directory_group g WHERE g.school_id = r.school_id
                  AND g.kind = 'classe' AND g.is_present AND g.source = 'flux')
        UNION SELECT school_id FROM {s}.w_affiliation WHERE profile = 'eleve'""",
    ),
    Step(
        "Départs",
        # One pupil is enough: looked for in each of the other schools, not by reading all of them.
        """INSERT INTO {s}.covered SELECT s.id FROM directory_school s CROSS JOIN LATERAL (
            SELECT 1 FROM directory_affiliation a
            JOIN directory_record r ON r.person_id = a.person_id AND r.category = 'Eleve'
            WHERE a.school_id = s.id AND a.profile = 'eleve'
              AND (SELECT true FROM {s}.unchanged u WHERE u.record_id = r.id LIMIT 1)
            LIMIT 1) pupil
        WHERE NOT EXISTS (SELECT 1 FROM {s}.covered c WHERE c.school_id = s.id)""",
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
          AND NOT EXISTS (SELECT 1 FROM {s}.covered c WHERE c.school_id = a.school_id)
          AND NOT EXISTS (SELECT 1 FROM {s}.multi m JOIN {s}.p_person p
                          ON p.person_id = m.person_id WHERE m.person_id = g.person_id)""",
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
    Step("Départs", "CREATE INDEX ON {s}.leaving (person_id)"),
    Step("Départs", "ANALYZE {s}.leaving"),
    Step(
        "Départs",
        """DELETE FROM {s}.partly p WHERE EXISTS (SELECT 1 FROM {s}.gone g
            WHERE g.person_id = p.person_id AND g.category = 'PersRelEleve') OR NOT EXISTS (
            SELECT 1 FROM directory_affiliation a JOIN {s}.covered c ON c.school_id = a.school_id
            WHERE a.person_id = p.person_id AND a.source = 'flux')""",
    ),
    Step(
        "Départs",
        """CREATE UNLOGGED TABLE {s}.dropped AS
        SELECT g.record_id FROM {s}.gone g JOIN {s}.multi m ON m.person_id = g.person_id
        WHERE %(scope)s = '' AND EXISTS (SELECT 1 FROM {s}.p_person p
                                         WHERE p.person_id = g.person_id)
          AND NOT EXISTS (SELECT 1 FROM {s}.leaving l WHERE l.person_id = g.person_id)""",
    ),
    Step(
        "Départs",
        """CREATE UNLOGGED TABLE {s}.back AS
        SELECT DISTINCT r.person_id FROM directory_record r
        JOIN directory_person p ON p.id = r.person_id
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
