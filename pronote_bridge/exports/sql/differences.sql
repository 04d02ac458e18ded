-- What a differential holds, and what every export leaves behind for the next one.
--
-- Parameters: %(base)s key of the export that Pronote holds, %(export)s key of this one.
--
-- reads     pronote_row, pronote_bridge_exportedperson
-- changes   pronote_row, pronote_bridge_exportedperson

-- query: keep differences
UPDATE pronote_row SET is_written = false
  FROM pronote_bridge_exportedperson earlier
 WHERE earlier.export_id = %(base)s AND earlier.person_id = pronote_row.person_id
   AND earlier.kind = pronote_row.kind AND earlier.digest = pronote_row.digest

-- query: keep whom they refer to
UPDATE pronote_row SET is_written = true
 WHERE kind = {ListKind.GUARDIANS} AND NOT is_written AND ident IN (
       SELECT unnest(guardian_idents) FROM pronote_row
        WHERE kind = {ListKind.PUPILS} AND is_written)

-- query: remember
INSERT INTO pronote_bridge_exportedperson (export_id, person_id, kind, digest, is_written)
SELECT %(export)s, person_id, kind, digest, is_written FROM pronote_row
