-- Who would lose their access, for the guard against mass disappearance.
--
-- makes   counted: who would lose their access, as the thresholds count
-- reads   add_affiliation, del_affiliation, directory_affiliation, directory_group,
--         directory_membership, directory_person, directory_record, directory_school, leaving,
--         losing, multi, stranger

-- query: emptied_by_moves
-- Schools whose last pupils would move elsewhere and where nobody arrives.
-- OFFSET 0 and LIMIT 1: school by school, at whose first pupil one stops. A table that nobody has
-- counted passes for a large one, and everybody would be compared.
SELECT a.school_id FROM (
    SELECT DISTINCT school_id FROM staging.del_affiliation d CROSS JOIN LATERAL (
        SELECT school_id FROM directory_affiliation o
        WHERE o.id = d.id AND o.profile = {Profile.PUPIL}
        OFFSET 0) left_behind OFFSET 0) a
WHERE NOT EXISTS (SELECT 1 FROM staging.add_affiliation n
                  WHERE n.school_id = a.school_id AND n.profile = {Profile.PUPIL})
  AND (SELECT true FROM directory_affiliation b
       JOIN directory_person p ON p.id = b.person_id AND p.left_at IS NULL
       WHERE b.school_id = a.school_id AND b.profile = {Profile.PUPIL}
         AND NOT EXISTS (SELECT 1 FROM staging.del_affiliation e WHERE e.id = b.id)
         AND NOT EXISTS (SELECT 1 FROM staging.leaving l WHERE l.person_id = b.person_id)
       LIMIT 1) IS NULL;

-- query: present
-- Persons of this feed: records, less those of whoever has left, and one for each person.
SELECT count(*) FROM directory_record r
WHERE r.authority_id = %(authority)s AND r.degree = %(degree)s
  AND r.is_present AND r.person_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM directory_person p
                  WHERE p.id = r.person_id AND p.left_at IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM staging.multi m JOIN directory_record other
                  ON other.person_id = m.person_id AND other.authority_id = %(authority)s
                 AND other.degree = %(degree)s AND other.is_present
                  WHERE m.person_id = r.person_id AND other.id < r.id);

-- query: per_school
-- « IN (SELECT …) » as a value is looked up in a small hash; as a join, everybody was put into one.
SELECT s.uai, s.name, x.leaving, x.present, x.pupils_left, x.pupils FROM (
    SELECT school_id, count(*) AS present, count(*) FILTER (WHERE leaves) AS leaving,
        count(*) FILTER (WHERE is_pupil) AS pupils,
        count(*) FILTER (WHERE is_pupil_lost) AS pupils_left
    FROM (
        SELECT school_id, person_id, bool_or(leaves) AS leaves, bool_or(is_pupil) AS is_pupil,
            bool_or(is_pupil AND (leaves OR is_deleted)) AS is_pupil_lost
        FROM (
            SELECT a.school_id, a.person_id, a.profile = {Profile.PUPIL} AS is_pupil,
                a.person_id IN (SELECT person_id FROM staging.counted) AS leaves,
                a.id IN (SELECT id FROM staging.del_affiliation) AS is_deleted
            FROM directory_affiliation a
            WHERE (a.school_id IN (SELECT b.school_id FROM directory_affiliation b
                       JOIN staging.counted k ON k.person_id = b.person_id)
                   OR a.school_id = ANY(%(emptied)s))
              AND NOT EXISTS (SELECT 1 FROM directory_person p
                              WHERE p.id = a.person_id AND p.left_at IS NOT NULL)) link
        GROUP BY school_id, person_id) here
    GROUP BY school_id) x
JOIN directory_school s ON s.id = x.school_id
WHERE x.leaving > 0 OR x.school_id = ANY(%(emptied)s)
ORDER BY x.leaving DESC, s.uai;

-- query: losses
SELECT (SELECT count(*) FROM staging.leaving), (SELECT count(*) FROM staging.losing),
       (SELECT count(*) FROM staging.stranger);

-- query: count_losses
-- In summer, pupils of final years who leave do not count.
CREATE UNLOGGED TABLE staging.counted AS
SELECT l.* FROM staging.leaving l
WHERE NOT (%(is_summer)s AND l.category = {Category.PUPIL} AND EXISTS (
    SELECT 1 FROM directory_membership m JOIN directory_group g ON g.id = m.group_id
    WHERE m.person_id = l.person_id AND g.kind = {GroupKind.CLASS} AND EXISTS (
        SELECT 1 FROM unnest(g.mef_codes) AS mef WHERE left(mef, 3) = ANY(%(final_years)s))))
UNION ALL SELECT * FROM staging.losing;

-- query: counted
SELECT count(*) FROM staging.counted;
