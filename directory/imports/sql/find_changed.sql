-- The objects whose checksum the directory lacks: these are parsed, the others are not.
--
-- makes   multi: persons who own several records: these are read at each delivery
-- makes   todo: places of the objects to parse
-- makes   unchanged: objects whose checksum the directory holds, with their record
-- reads   directory_record, seen

-- step: Recherche des objets modifiés
SET default_statistics_target = 10;

ANALYZE staging.seen;

RESET default_statistics_target;

CREATE UNLOGGED TABLE staging.multi AS SELECT person_id FROM directory_record
WHERE person_id IS NOT NULL GROUP BY person_id HAVING count(*) > 1;

CREATE UNIQUE INDEX ON staging.multi (person_id);

ANALYZE staging.multi;

CREATE UNLOGGED TABLE staging.unchanged AS
SELECT s.rid, r.id AS record_id, s.category, s.external_id,
       NOT r.is_present AS was_absent, r.project <> %(project)s AS is_of_another
FROM staging.seen s JOIN directory_record r
  ON r.authority_id = %(authority)s AND r.degree = %(degree)s
 AND r.category = s.category AND r.external_id = s.external_id
 AND r.checksum = s.checksum
WHERE NOT EXISTS (SELECT 1 FROM staging.multi m WHERE m.person_id = r.person_id);

CREATE UNLOGGED TABLE staging.todo AS
SELECT s.rid, s.length, s.operation, s.checksum FROM staging.seen s
WHERE NOT EXISTS (SELECT 1 FROM staging.unchanged u WHERE u.rid = s.rid);

CREATE INDEX ON staging.todo (rid);

ANALYZE staging.todo;

CREATE INDEX ON staging.unchanged (record_id);

ANALYZE staging.unchanged;
