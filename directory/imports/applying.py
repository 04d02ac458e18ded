"""The one transaction: SQL only, everything was prepared in staging (``compare.py``).

Order: what is new first (nobody waits for rows that nobody sees), then links by difference, then
the rows that exist, in id order so that two writers never lock crosswise; the rest (deferred
constraints) is checked as a step of its own and not hidden in the commit.
"""

from __future__ import annotations

from directory.imports.steps import Step

_PERSON_COLUMNS = (
    "title, family_name, given_name, birth_name, other_names, birth_date, ine, email, home_phone,"
    " work_phone, mobile_phone, address, postal_code, town, country, sort_key, search_key"
)

UNSTABLE_FINDINGS = "('group_not_listed', 'duplicate_id')"
"""Findings that depend on more than the object: it need not be read again because of them."""

_CHECKSUM = f"""CASE WHEN EXISTS (SELECT 1 FROM {{s}}.in_finding f WHERE f.rid = {{rid}}
    AND f.code NOT IN {UNSTABLE_FINDINGS}) THEN ''::bytea ELSE {{value}} END"""


def _checksum(rid: str, value: str) -> str:
    return _CHECKSUM.replace("{rid}", rid).replace("{value}", value)


NEW_ROWS = [
    Step(
        "Création des établissements",
        """INSERT INTO directory_school (id, uuid, authority_id, uai, name, kind_label, kind_code,
            sector, siret, street, post_box, postal_code, town, phone, fax, email, slug,
            search_key, is_active, is_active_by_hand, created_at)
        SELECT p.school_id, gen_random_uuid(), %(authority)s, i.uai, i.name, i.kind_label,
            i.kind_code, i.sector, i.siret, i.street, i.post_box, i.postal_code, i.town, i.phone,
            i.fax, i.email,
            left(trim(both '-' from
                regexp_replace(lower(i.search_slug), '[^a-z0-9]+', '-', 'g')), 71)
                || '-' || lower(i.uai),
            i.search_key, false, false, now()
        FROM {s}.p_school p JOIN (SELECT *, replace(search_key, lower(uai), '') AS search_slug
            FROM {s}.in_structure) i ON i.rid = p.rid
        WHERE p.is_new AND p.nth = 1 ORDER BY p.school_id""",
        counter="schools_created",
    ),
    Step(
        "Création des classes et groupes",
        """INSERT INTO directory_group (id, uuid, school_id, kind, code, label, sort_key, mef_codes,
            class_codes, source, is_present)
        SELECT group_id, gen_random_uuid(), school_id, kind, code, label, sort_key, mef_codes,
            class_codes, 'flux', true
        FROM {s}.p_group WHERE is_new ORDER BY group_id""",
        counter="groups_created",
    ),
    Step(
        "Création des matières",
        """INSERT INTO directory_subject (id, authority_id, code, label)
        SELECT subject_id, %(authority)s, code, coalesce(label, '') FROM {s}.p_subject
        WHERE is_new ORDER BY subject_id""",
        counter="subjects_created",
    ),
]

_ACADEMIES = """SELECT w.person_id, CASE WHEN min(s.authority_id) = max(s.authority_id)
                THEN '@' || min(s.authority_id) || ' '
                ELSE (SELECT string_agg(DISTINCT '@' || t.authority_id || ' ', '')
                      FROM {s}.w_affiliation v JOIN directory_school t ON t.id = v.school_id
                      WHERE v.person_id = w.person_id) END AS academies
            FROM {s}.add_affiliation w JOIN directory_school s ON s.id = w.school_id
            GROUP BY w.person_id"""
"""What the database's own triggers would write afterwards, row by row; they find nothing to add."""

NEW_PERSONS = [
    Step(
        "Création des personnes",
        f"""INSERT INTO directory_person (id, uuid, profile, {
            _PERSON_COLUMNS
        }, main_school_id, login,
            access_state, source, left_at, created_at, academies)
        SELECT p.person_id, p.person_uuid, p.profile, {
            _PERSON_COLUMNS.replace("title", "i.title").replace(", ", ", i.")
        }, p.main_school_id, coalesce(a.login, ''),
            coalesce(a.access_state, ''), 'flux', NULL, now(),
            coalesce(h.academies, '')
        FROM {{s}}.p_person p JOIN {{s}}.in_person i ON i.rid = p.rid
        LEFT JOIN {{s}}.account_wanted a ON a.person_id = p.person_id
        LEFT JOIN (
            {_ACADEMIES}
        ) h ON h.person_id = p.person_id
        WHERE p.is_new""",
        counter="persons_created",
    ),
    Step(
        "Création des objets du flux",
        f"""INSERT INTO directory_record (authority_id, degree, category, external_id, person_id,
            school_id, checksum, is_present)
        SELECT %(authority)s, %(degree)s, category, external_id, person_id, NULL,
            {_checksum("p.rid", "p.checksum")}, true
        FROM {{s}}.p_person p WHERE record_id IS NULL ORDER BY person_id""",
    ),
    Step(
        "Création des objets du flux",
        f"""INSERT INTO directory_record (authority_id, degree, category, external_id, person_id,
            school_id, checksum, is_present)
        SELECT %(authority)s, %(degree)s, c.category, c.external_id, NULL, p.school_id,
            {_checksum("c.rid", "c.checksum")}, true
        FROM {{s}}.cand c LEFT JOIN {{s}}.p_school p ON p.rid = c.rid
        WHERE c.record_id IS NULL AND (p.school_id IS NOT NULL OR c.category = 'MatiereEducNat')
        ORDER BY c.rid""",
    ),
]

NEW_LINKS = [
    Step(
        "Création des rattachements",
        """INSERT INTO directory_affiliation (person_id, school_id, profile, function_code,
            function_label, post_code, post_label, source)
        SELECT person_id, school_id, profile, function_code, function_label, post_code, post_label,
            'flux' FROM {s}.add_affiliation ORDER BY person_id""",
    ),
    Step(
        "Création des inscriptions en classe",
        """INSERT INTO directory_membership (person_id, group_id, role, source)
        SELECT person_id, group_id, role, 'flux' FROM {s}.add_membership ORDER BY person_id""",
    ),
    Step(
        "Création des enseignements",
        """INSERT INTO directory_teaching (person_id, group_id, subject_id, source)
        SELECT person_id, group_id, subject_id, 'flux' FROM {s}.add_teaching ORDER BY person_id""",
    ),
    Step(
        "Création des liens avec les responsables",
        """INSERT INTO directory_responsibility (guardian_id, pupil_id, relationship, level,
            is_legal, is_financial, is_contact, is_payer, is_home, source)
        SELECT guardian_id, pupil_id, relationship, level, is_legal, is_financial, is_contact,
            is_payer, is_home, 'flux' FROM {s}.add_link ORDER BY pupil_id, guardian_id""",
    ),
    Step(
        "Rôles des chefs d’établissement",
        """INSERT INTO directory_rolegrant (uuid, person_id, role, school_id, source, granted_at)
        SELECT gen_random_uuid(), a.person_id, 'administrateur-etablissement', a.school_id, 'flux',
            now()
        FROM (SELECT DISTINCT person_id, school_id FROM {s}.add_affiliation
              WHERE profile = 'direction') a
        WHERE NOT EXISTS (SELECT 1 FROM directory_rolegrant r WHERE r.person_id = a.person_id
            AND r.role = 'administrateur-etablissement' AND r.school_id = a.school_id
            AND (r.withdrawn_at IS NULL OR r.source = 'flux' AND r.withdrawn_by_id IS NOT NULL))
        ORDER BY a.person_id, a.school_id""",
        counter="heads_granted",
    ),
]

_LEFT_DIRECTION = """NOT EXISTS (SELECT 1 FROM directory_affiliation a
            WHERE a.person_id = r.person_id AND a.school_id = r.school_id
              AND a.profile = 'direction')"""

EXISTING_ROWS = [
    *(
        Step(
            "Retrait des liens disparus",
            f"""DELETE FROM {table} x USING (SELECT id FROM {{s}}.del_{name} ORDER BY id) d
            WHERE x.id = d.id""",
        )
        for name, table in (
            ("link", "directory_responsibility"),
            ("affiliation", "directory_affiliation"),
            ("membership", "directory_membership"),
            ("teaching", "directory_teaching"),
        )
    ),
    Step(
        "Retrait des liens disparus",
        """DELETE FROM directory_affiliation a USING {s}.partly p, {s}.covered c
        WHERE a.person_id = p.person_id AND a.school_id = c.school_id AND a.source = 'flux'""",
    ),
    Step(
        "Retrait des liens disparus",
        """DELETE FROM directory_membership m USING {s}.partly p, {s}.covered c, directory_group g
        WHERE m.person_id = p.person_id AND m.group_id = g.id AND g.school_id = c.school_id
          AND m.source = 'flux'""",
    ),
    Step(
        "Retrait des liens disparus",
        """DELETE FROM directory_teaching m USING {s}.partly p, {s}.covered c, directory_group g
        WHERE m.person_id = p.person_id AND m.group_id = g.id AND g.school_id = c.school_id
          AND m.source = 'flux'""",
    ),
    Step(
        "Rôles des chefs d’établissement",
        f"""DELETE FROM directory_rolegrant r
        WHERE r.source = 'flux' AND r.role = 'administrateur-etablissement'
          AND r.withdrawn_at IS NULL AND r.person_id IN (
              SELECT person_id FROM {{s}}.del_affiliation UNION SELECT person_id FROM {{s}}.partly)
          AND {_LEFT_DIRECTION}""",
        counter="heads_withdrawn",
    ),
    Step(
        "Mise à jour des établissements",
        """UPDATE directory_school x SET name = i.name, kind_label = i.kind_label,
            kind_code = i.kind_code, sector = i.sector, siret = i.siret, street = i.street,
            post_box = i.post_box, postal_code = i.postal_code, town = i.town, phone = i.phone,
            fax = i.fax, email = i.email,
            search_key = replace(i.search_key, lower(i.uai), lower(x.uai))
        FROM {s}.p_school p JOIN {s}.in_structure i ON i.rid = p.rid
        WHERE x.id = p.school_id AND NOT p.is_new AND p.nth = 1
          AND (x.name, x.kind_label, x.kind_code, x.sector, x.siret, x.street, x.post_box,
               x.postal_code, x.town, x.phone, x.fax, x.email, x.search_key) IS DISTINCT FROM
              (i.name, i.kind_label, i.kind_code, i.sector, i.siret, i.street, i.post_box,
               i.postal_code, i.town, i.phone, i.fax, i.email,
               replace(i.search_key, lower(i.uai), lower(x.uai)))""",
        counter="schools_updated",
    ),
    Step(
        "Mise à jour des établissements",
        """UPDATE directory_school x SET is_active = true
        FROM {s}.open_school o WHERE x.id = o.school_id AND NOT x.is_active""",
        counter="schools_opened",
    ),
    Step(
        "Mise à jour des classes et groupes",
        """UPDATE directory_group x SET label = p.label, sort_key = p.sort_key,
            mef_codes = p.mef_codes, class_codes = p.class_codes, is_present = true
        FROM {s}.p_group p
        WHERE x.id = p.group_id AND NOT p.is_new AND p.is_listed AND x.source = 'flux'
          AND (x.label, x.sort_key, x.mef_codes::text[], x.class_codes::text[], x.is_present)
              IS DISTINCT FROM (p.label, p.sort_key, p.mef_codes, p.class_codes, true)""",
        counter="groups_updated",
    ),
    Step(
        "Mise à jour des classes et groupes",
        """UPDATE directory_group x SET is_present = false
        FROM {s}.p_school p
        WHERE p.nth = 1 AND NOT p.is_new AND x.school_id = p.school_id AND x.source = 'flux'
          AND x.is_present AND NOT EXISTS (SELECT 1 FROM {s}.listed l
              WHERE l.school_id = x.school_id AND l.kind = x.kind AND l.code = x.code)
          AND NOT EXISTS (SELECT 1 FROM directory_membership m
              JOIN directory_person p ON p.id = m.person_id AND p.left_at IS NULL
              WHERE m.group_id = x.id
                AND NOT EXISTS (SELECT 1 FROM {s}.leaving l WHERE l.person_id = m.person_id))""",
        counter="groups_closed",
    ),
    Step(
        "Mise à jour des classes et groupes",
        """UPDATE directory_group x SET is_present = true FROM (
            SELECT group_id FROM {s}.add_membership
            UNION SELECT m.group_id FROM {s}.back b JOIN directory_membership m USING (person_id)
            ) g
        WHERE x.id = g.group_id AND NOT x.is_present AND x.source = 'flux'""",
        counter="groups_reopened",
    ),
    Step(
        "Mise à jour des classes et groupes",
        """UPDATE directory_subject x SET label = p.label FROM {s}.p_subject p
        WHERE x.id = p.subject_id AND NOT p.is_new AND p.label <> '' AND x.label <> p.label""",
    ),
    Step(
        "Mise à jour des liens",
        """UPDATE directory_responsibility x SET relationship = u.relationship, level = u.level,
            is_legal = u.is_legal, is_financial = u.is_financial, is_contact = u.is_contact,
            is_payer = u.is_payer, is_home = u.is_home
        FROM (SELECT * FROM {s}.upd_link ORDER BY id) u WHERE x.id = u.id""",
        needs_known=True,
    ),
    Step(
        "Mise à jour des liens",
        """UPDATE directory_affiliation x SET function_label = w.function_label,
            post_label = w.post_label
        FROM {s}.w_affiliation w
        WHERE x.person_id = w.person_id AND x.school_id = w.school_id AND x.profile = w.profile
          AND x.function_code = w.function_code AND x.post_code = w.post_code
          AND x.source = 'flux' AND w.rid > 0
          AND (x.function_label, x.post_label) IS DISTINCT FROM (w.function_label, w.post_label)""",
        needs_known=True,
    ),
    Step(
        "Mise à jour des personnes",
        f"""UPDATE directory_person x SET ({_PERSON_COLUMNS}, profile, main_school_id) =
            ({_PERSON_COLUMNS.replace("title", "i.title").replace(", ", ", i.")}, i.new_profile,
             i.new_school_id)
        FROM (SELECT i.*, p.person_id, p.profile AS new_profile, p.main_school_id AS new_school_id
              FROM {{s}}.upd_person u JOIN {{s}}.in_person i ON i.rid = u.rid
              JOIN {{s}}.p_person p ON p.rid = u.rid ORDER BY p.person_id) i
        WHERE x.id = i.person_id""",
        needs_known=True,
    ),
    Step(
        "Mise à jour des personnes",
        """UPDATE directory_person x SET profile = CASE WHEN u.is_legal THEN 'tuteur'
            ELSE 'contact' END
        FROM (SELECT * FROM {s}.upd_guardian ORDER BY person_id) u WHERE x.id = u.person_id""",
        needs_known=True,
    ),
    # Parents follow their children, also those whose own record did not change.
    Step(
        "Mise à jour des personnes",
        """UPDATE directory_person x SET main_school_id = a.school_id
        FROM (SELECT person_id, min(school_id) AS school_id FROM {s}.g_affiliation
              GROUP BY person_id ORDER BY person_id) a
        WHERE x.id = a.person_id AND x.source = 'flux' AND x.profile IN ('tuteur', 'contact')
          AND NOT EXISTS (SELECT 1 FROM {s}.g_affiliation k
              WHERE k.person_id = x.id AND k.school_id = x.main_school_id)""",
        needs_known=True,
    ),
    Step(
        "Mise à jour des objets du flux",
        f"""UPDATE directory_record x SET checksum = c.checksum, is_present = true
        FROM (SELECT c.record_id, {_checksum("c.rid", "c.checksum")} AS checksum
              FROM {{s}}.cand c WHERE c.record_id IS NOT NULL ORDER BY c.record_id) c
        WHERE x.id = c.record_id AND (x.checksum <> c.checksum OR NOT x.is_present)""",
        counter="records_updated",
    ),
    Step(
        "Départs et retours",
        """UPDATE directory_record x SET is_present = true FROM {s}.present_again p
        WHERE x.id = p.record_id""",
    ),
    Step(
        "Départs et retours",
        """UPDATE directory_record x SET is_present = g.is_elsewhere,
            checksum = CASE WHEN g.is_read_again THEN ''::bytea ELSE x.checksum END
        FROM (SELECT record_id, false AS is_elsewhere, false AS is_read_again FROM {s}.gone g
              JOIN {s}.leaving l ON l.person_id = g.person_id
              UNION SELECT record_id, true, true FROM {s}.partly
              UNION SELECT record_id, false, true FROM {s}.dropped ORDER BY 1) g
        WHERE x.id = g.record_id""",
    ),
    Step(
        "Départs et retours",
        """UPDATE directory_person x SET left_at = now()
        FROM (SELECT person_id FROM {s}.leaving ORDER BY person_id) l
        WHERE x.id = l.person_id AND x.left_at IS NULL""",
        counter="left",
    ),
    Step(
        "Départs et retours",
        """UPDATE directory_person x SET left_at = NULL
        FROM (SELECT person_id FROM {s}.back ORDER BY person_id) b WHERE x.id = b.person_id""",
        counter="returned",
    ),
    Step(
        "Mise à jour des établissements",
        """UPDATE directory_school x SET is_active = false FROM {s}.covered c
        WHERE x.id = c.school_id AND x.is_active AND NOT x.is_active_by_hand
          AND NOT EXISTS (SELECT 1 FROM {s}.open_school o WHERE o.school_id = x.id)
          AND NOT EXISTS (SELECT 1 FROM directory_affiliation a
              JOIN directory_person p ON p.id = a.person_id AND p.left_at IS NULL
              WHERE a.school_id = x.id AND a.profile = 'eleve')""",
        counter="schools_closed",
    ),
]

CHECK_CONSTRAINTS = [Step("Vérification des contraintes", "SET CONSTRAINTS ALL IMMEDIATE")]

VACUUMED = (
    "directory_person",
    "directory_record",
    "directory_affiliation",
    "directory_membership",
    "directory_responsibility",
    "directory_teaching",
    "directory_group",
    "directory_school",
    "directory_subject",
)
"""Vacuumed and analysed after the commit."""
