-- What an export of this moment would leave out, what will not match alone, and what changed since
-- an earlier export: one statement, hence one state of the directory.
--
-- Parameters: those of the rule, %(seen)s keys of the schools whose people are named, %(is_whole)s
-- whether these are all schools of the instance, %(base)s key of the export to compare with,
-- %(parted)s keys of the schools that left the instance and whose people are not told,
-- %(is_of_own_only)s whether the export is older than that: it may then hold people of these schools
-- whom nothing ties to them any more, so that only those of the schools of %(seen)s are told.
--
-- reads   directory_affiliation, directory_membership, directory_group, directory_person,
--         directory_responsibility, sso_serviceidentifier, pronote_bridge_exportedperson

-- query: counts
WITH {rule}
SELECT kind, count(*) FROM member AS told WHERE {seen} GROUP BY kind

-- query: report
WITH {rule}, {said}, homonym AS (
    SELECT member.kind, member.id,
           count(*) OVER (PARTITION BY member.kind, member.sort_key) AS alike,
           count(person.birth_date) OVER (
               PARTITION BY member.kind, member.sort_key, person.birth_date) AS alike_and_born
      FROM member JOIN directory_person person ON person.id = member.id
), earlier AS (
    SELECT person_id, kind, digest FROM pronote_bridge_exportedperson WHERE export_id = %(base)s
), told (part, kind, id) AS (
    SELECT reason, kind, id FROM decided WHERE is_included AND NOT is_member
    UNION ALL
    SELECT CASE WHEN alike_and_born > 1 THEN {ReportPart.TWINS} ELSE {ReportPart.HOMONYMS} END,
           kind, id
      FROM homonym WHERE alike > 1
    UNION ALL
    SELECT {ReportPart.STAFF_PARENTS}, own.kind, own.id
      FROM member own JOIN member parent ON parent.id = own.id AND parent.is_guardian
     WHERE NOT own.is_guardian AND NOT own.is_pupil
    UNION ALL
    SELECT {ReportPart.FORMER}, member.kind, member.id
      FROM member
     WHERE EXISTS (SELECT FROM sso_serviceidentifier former
                    WHERE former.person_id = member.id AND former.service_id = %(service)s
                      AND NOT former.is_current)
    UNION ALL
    SELECT CASE WHEN earlier.digest IS NULL THEN {ReportPart.NEW} ELSE {ReportPart.CHANGED} END,
           said.kind, said.person_id
      FROM said LEFT JOIN earlier USING (person_id, kind)
     WHERE %(base)s::bigint IS NOT NULL AND earlier.digest IS DISTINCT FROM {digest}
    UNION ALL
    SELECT {ReportPart.DEPARTED}, earlier.kind, earlier.person_id
      FROM earlier LEFT JOIN member ON member.id = earlier.person_id
       AND member.kind = earlier.kind
     WHERE member.id IS NULL
       AND NOT EXISTS (SELECT FROM directory_affiliation place
                        WHERE place.person_id = earlier.person_id
                          AND place.school_id = ANY(%(parted)s::bigint[]))
       AND (NOT %(is_of_own_only)s OR EXISTS (
           SELECT FROM directory_affiliation place
            WHERE place.person_id = earlier.person_id
              AND place.school_id = ANY(%(seen)s::bigint[])))
)
SELECT told.part, told.kind, person.family_name, person.given_name, person.birth_date
  FROM told JOIN directory_person person ON person.id = told.id
 WHERE {seen}
 ORDER BY told.part, person.sort_key COLLATE "C", person.id, told.kind
