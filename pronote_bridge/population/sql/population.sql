-- Who belongs to the file of an instance, in which list, and who is left out and why: one rule for
-- the file, the report, the dry reconciliation and the counts.
--
-- `{rule}` stands after WITH. Parameters: %(schools)s keys of the instance's schools, %(service)s
-- key of its service, %(lists)s the lists that it includes.
--
-- Conditions between these sets are booleans that they bring along: the planner takes one row in
-- two for true, where it would expect one in two hundred of a word or of NULL in a set that it has
-- no statistics of, and join thousands of rows pair by pair.
--
-- reads   directory_affiliation, directory_membership, directory_group, directory_person,
--         directory_responsibility, sso_serviceidentifier
-- makes   pronote_row

-- query: rule
here AS MATERIALIZED (
    SELECT person_id, profile, function_code FROM directory_affiliation
     WHERE school_id = ANY(%(schools)s::bigint[])
), candidate AS (
    SELECT person_id, {ListKind.PUPILS} AS kind FROM here WHERE profile = {Profile.PUPIL}
    UNION
    -- ENS and DOC stand in Professeurs, other functions in Personnels, both when both. Without a
    -- function (somebody written by hand) the profile decides.
    SELECT person_id,
           CASE WHEN function_code IN ('ENS', 'DOC')
                  OR (function_code = '' AND profile IN ({Profile.TEACHER}, {Profile.LIBRARIAN}))
                THEN {ListKind.TEACHERS} ELSE {ListKind.STAFF} END
      FROM here
     WHERE profile NOT IN ({Profile.PUPIL}, {Profile.GUARDIAN}, {Profile.CONTACT})
    UNION
    SELECT person_id, {ListKind.GUARDIANS} FROM here WHERE profile = {Profile.GUARDIAN}
    UNION
    SELECT link.guardian_id, {ListKind.GUARDIANS}
      FROM here JOIN directory_responsibility link ON link.pupil_id = here.person_id
     WHERE here.profile = {Profile.PUPIL} AND link.is_legal
), judged AS MATERIALIZED (
    SELECT candidate.kind, person.id, person.sort_key,
           candidate.kind = {ListKind.PUPILS} AS is_pupil,
           candidate.kind = {ListKind.GUARDIANS} AS is_guardian,
           candidate.kind = ANY(%(lists)s::text[]) AS is_included,
           CASE
               WHEN person.left_at IS NOT NULL THEN {LeftOut.LEAVING}
               WHEN person.access_state = {AccessState.BLOCKED} THEN {LeftOut.BLOCKED}
               WHEN person.family_name !~ '[^[:space:]]' OR person.given_name !~ '[^[:space:]]'
                   THEN {LeftOut.NO_NAME}
               WHEN person.family_name ~ {unwritable} OR person.given_name ~ {unwritable}
                   THEN {LeftOut.UNWRITABLE}
               WHEN candidate.kind = {ListKind.PUPILS} AND person.birth_date IS NULL
                   THEN {LeftOut.NO_BIRTH_DATE}
           END AS reason
      FROM candidate JOIN directory_person person ON person.id = candidate.person_id
), sorted_out AS MATERIALIZED (
    SELECT *, reason IS NULL AS is_fit FROM judged
), follows AS MATERIALIZED (
    -- The right to follow a pupil of the file, whether or not the guardian is in the file.
    SELECT link.guardian_id, link.pupil_id
      FROM sorted_out pupil JOIN directory_responsibility link ON link.pupil_id = pupil.id
     WHERE pupil.is_pupil AND pupil.is_fit AND link.is_legal
), decided AS MATERIALIZED (
    SELECT kind, id, sort_key, is_pupil, is_guardian, is_included,
           is_fit AND (NOT is_guardian OR guardian_id IS NOT NULL) AS is_member,
           coalesce(reason, {LeftOut.NO_CHILD}) AS reason
      FROM sorted_out
      LEFT JOIN (SELECT DISTINCT guardian_id FROM follows) following ON guardian_id = id
), member AS MATERIALIZED (
    -- Somebody who stands in two lists has one number in the file.
    SELECT kind, id, sort_key, is_pupil, is_guardian, dense_rank() OVER (ORDER BY id) - 1 AS ident
      FROM decided WHERE is_included AND is_member
)

-- query: missing identifiers
WITH {rule}
SELECT DISTINCT member.id
  FROM member
  LEFT JOIN sso_serviceidentifier known
         ON known.person_id = member.id AND known.service_id = %(service)s AND known.is_current
 WHERE known.id IS NULL

-- query: members
WITH {rule}
SELECT person.id, member.kind, person.family_name, person.given_name, person.birth_date,
       coalesce(known.value, ''),
       coalesce(classes.codes, '{}'), coalesce(children.ids, '{}')
  FROM member
  JOIN directory_person person ON person.id = member.id
  LEFT JOIN sso_serviceidentifier known
         ON known.person_id = member.id AND known.service_id = %(service)s AND known.is_current
  LEFT JOIN (
      SELECT place.person_id, array_agg(DISTINCT class.code::text ORDER BY class.code::text) AS codes
        FROM directory_group class JOIN directory_membership place ON place.group_id = class.id
       WHERE class.school_id = ANY(%(schools)s::bigint[]) AND class.kind = {GroupKind.CLASS}
         AND place.role = {MembershipRole.PUPIL}
       GROUP BY place.person_id
  ) classes ON classes.person_id = member.id AND member.is_pupil
  LEFT JOIN (
      SELECT guardian_id, array_agg(pupil_id ORDER BY pupil_id) AS ids
        FROM follows GROUP BY guardian_id
  ) children ON children.guardian_id = member.id AND member.is_guardian
 ORDER BY member.kind, member.sort_key COLLATE "C", member.id

-- query: said
-- What the file says of everybody, in columns that hold exactly what is written.
said AS (
    SELECT member.kind, member.id AS person_id, member.ident, member.sort_key,
           person.family_name, person.given_name, known.value AS identifier,
           CASE
               WHEN member.is_pupil THEN person.birth_date
               WHEN member.kind = {ListKind.TEACHERS}
                   AND {Extra.TEACHER_BIRTH_DATE} = ANY(%(extras)s::text[]) THEN person.birth_date
           END AS birth_date,
           CASE WHEN member.is_guardian THEN person.title ELSE '' END AS title,
           CASE WHEN has_address THEN regexp_replace(person.address, {unwritable}, ' ', 'g')
                ELSE '' END AS address,
           CASE WHEN has_address THEN regexp_replace(person.postal_code, {unwritable}, ' ', 'g')
                ELSE '' END AS postal_code,
           CASE WHEN has_address THEN regexp_replace(person.town, {unwritable}, ' ', 'g')
                ELSE '' END AS town,
           CASE WHEN has_address THEN regexp_replace(person.country, {unwritable}, ' ', 'g')
                ELSE '' END AS country,
           CASE WHEN member.is_pupil AND {Extra.NATIONAL_NUMBER} = ANY(%(extras)s::text[])
                THEN regexp_replace(person.ine, {unwritable}, ' ', 'g') ELSE '' END AS national_number,
           guardians.ids AS guardian_ids, guardians.idents AS guardian_idents
      FROM member
      JOIN directory_person person ON person.id = member.id
      CROSS JOIN LATERAL (
          SELECT member.is_guardian OR (
              member.is_pupil AND {Extra.PUPIL_ADDRESS} = ANY(%(extras)s::text[])
          ) AS has_address
      ) asked
      LEFT JOIN sso_serviceidentifier known
             ON known.person_id = member.id AND known.service_id = %(service)s AND known.is_current
      LEFT JOIN (
          SELECT follows.pupil_id, array_agg(guardian.id ORDER BY guardian.id) AS ids,
                 array_agg(guardian.ident ORDER BY guardian.id) AS idents
            FROM follows
            JOIN member guardian
              ON guardian.id = follows.guardian_id AND guardian.is_guardian
           GROUP BY follows.pupil_id
      ) guardians ON guardians.pupil_id = member.id AND member.is_pupil
)

-- query: fill rows
-- One statement, hence one state of the directory.
CREATE TEMPORARY TABLE pronote_row ON COMMIT DROP AS
WITH {rule}, {said}
SELECT *, true AS is_written, {digest} AS digest FROM said

-- query: counts
SELECT kind, count(*)
  FROM pronote_row WHERE is_written GROUP BY kind

-- query: rows
SELECT ident, family_name, given_name, identifier, birth_date, title, address, postal_code, town,
       country, national_number, guardian_idents
  FROM pronote_row
 WHERE kind = %(kind)s AND is_written
 ORDER BY sort_key COLLATE "C", person_id
