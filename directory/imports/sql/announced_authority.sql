-- Structures that are identical to applied ones: they count for the announced authority.
--
-- reads   directory_group, directory_record, in_affiliation, in_delete, in_person, in_structure,
--         unchanged

-- query: same_structures
SELECT count(*), count(*) FILTER (WHERE EXISTS (
    SELECT 1 FROM directory_group g WHERE g.school_id = r.school_id
      AND g.kind = {GroupKind.CLASS} AND g.is_present AND g.source = {Source.FEED}))
FROM staging.unchanged u JOIN directory_record r ON r.id = u.record_id
WHERE u.category = {Category.STRUCTURE};

-- query: known_ids
-- Of a delta: its ids and those that are known, the structures that it cites and the known ones.
WITH ids AS (
    SELECT category, external_id FROM staging.in_person
    UNION SELECT {Category.STRUCTURE}, external_id FROM staging.in_structure
    UNION SELECT category, external_id FROM staging.in_delete
    UNION SELECT category, external_id FROM staging.unchanged),
refs AS (SELECT DISTINCT ref FROM staging.in_affiliation)
SELECT (SELECT count(*) FROM ids), (SELECT count(*) FROM ids JOIN directory_record r
            ON r.authority_id = %(authority)s AND r.degree = %(degree)s
           AND r.category = ids.category AND r.external_id = ids.external_id),
       (SELECT count(*) FROM refs), (SELECT count(*) FROM refs JOIN directory_record r
            ON r.authority_id = %(authority)s AND r.degree = %(degree)s
           AND r.category = {Category.STRUCTURE} AND r.external_id = refs.ref);
