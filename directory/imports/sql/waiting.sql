-- What objects cite and nobody has delivered: it is kept, and follows when it arrives, although the
-- objects themselves are not delivered again.
--
-- makes   not_found: what the objects of this delivery cite in vain
-- makes   replaced_waiting: what was kept of objects that say it anew
-- makes   woken: what was kept and is found now
-- reads   cand, directory_record, directory_waitingreference, in_affiliation, in_kept, in_link,
--         in_membership, in_person, in_teaching, p_person, ref_guardian, ref_school

-- step: Références en attente
CREATE UNLOGGED TABLE staging.not_found AS
SELECT a.rid, {WaitingKind.AFFILIATION}::text AS kind, a.ref, to_jsonb(a) AS said
FROM staging.in_affiliation a
WHERE NOT EXISTS (SELECT 1 FROM staging.ref_school rs WHERE rs.ref = a.ref)
UNION ALL
SELECT m.rid, {WaitingKind.MEMBERSHIP}, m.ref, to_jsonb(m)
FROM staging.in_membership m
WHERE NOT EXISTS (SELECT 1 FROM staging.ref_school rs WHERE rs.ref = m.ref)
UNION ALL
SELECT t.rid, {WaitingKind.TEACHING}, t.ref, to_jsonb(t)
FROM staging.in_teaching t
WHERE NOT EXISTS (SELECT 1 FROM staging.ref_school rs WHERE rs.ref = t.ref)
UNION ALL
SELECT l.rid, {WaitingKind.LINK}, l.guardian, to_jsonb(l)
FROM staging.in_link l
WHERE NOT EXISTS (SELECT 1 FROM staging.ref_guardian g WHERE g.external_id = l.guardian);

CREATE UNLOGGED TABLE staging.replaced_waiting AS
SELECT w.id FROM directory_waitingreference w
JOIN staging.cand c ON c.record_id = w.record_id
CROSS JOIN LATERAL jsonb_to_record(w.said) AS v(kind text)
WHERE NOT EXISTS (SELECT 1 FROM staging.in_kept k WHERE k.rid = c.rid AND CASE w.kind
    WHEN {WaitingKind.LINK} THEN k.what = {Kept.LINKS}
    WHEN {WaitingKind.TEACHING} THEN k.what = 'teaching:' || v.kind
    WHEN {WaitingKind.MEMBERSHIP} THEN k.what IN ('member:' || v.kind,
        'teaching:' || v.kind, {Kept.PRINCIPAL})
    ELSE k.what IN ({Kept.FUNCTIONS}, {Kept.HEAD}, {Kept.MAIN}) OR left(k.what, 7) = 'member:' END);

CREATE UNLOGGED TABLE staging.woken AS
SELECT w.id, w.kind, w.ref, w.said, r.person_id, r.category, r.external_id
FROM directory_waitingreference w
JOIN directory_record r ON r.id = w.record_id AND r.is_present
    AND r.authority_id = %(authority)s AND r.degree = %(degree)s
WHERE NOT EXISTS (SELECT 1 FROM staging.replaced_waiting x WHERE x.id = w.id)
  AND CASE WHEN w.kind = {WaitingKind.LINK}
      THEN EXISTS (SELECT 1 FROM staging.p_person g
          WHERE g.category = {Category.GUARDIAN} AND g.external_id = w.ref)
      ELSE EXISTS (SELECT 1 FROM staging.ref_school rs WHERE rs.ref = w.ref) END;

-- query: cited_in_vain
-- Of a first import: links to guardians and those in vain; guardians who cite pupils, and those all
-- of whose pupils are missing.
WITH citing AS (
    SELECT bool_or(p.external_id IS NOT NULL) AS is_known
    FROM staging.in_person g
    CROSS JOIN unnest(g.child_ids) AS child
    LEFT JOIN staging.p_person p ON p.category = {Category.PUPIL} AND p.external_id = child
    WHERE g.category = {Category.GUARDIAN}
    GROUP BY g.rid
)
SELECT (SELECT count(*) FROM staging.in_link),
       (SELECT count(*) FROM staging.not_found WHERE kind = {WaitingKind.LINK}),
       count(*), count(*) FILTER (WHERE NOT is_known)
FROM citing;
