-- Objects of a delta that name some attributes only: the others stay as they are known. Run for
-- deltas only, once each object is beside its record.
--
-- reads   cand, directory_person, in_kept, in_person
-- changes cand, in_anomaly, in_person

-- step: Objets modifiés
UPDATE staging.in_person i SET {filled_columns},
    profile = CASE WHEN EXISTS (
        SELECT 1 FROM staging.in_kept k WHERE k.rid = i.rid AND k.what = {Kept.FUNCTIONS})
        THEN x.profile ELSE i.profile END
FROM staging.cand c JOIN directory_person x ON x.id = c.person_id
WHERE c.rid = i.rid AND i.absent IS NOT NULL;

INSERT INTO staging.in_anomaly (rid, severity, code, external_id, category, message)
SELECT c.rid, CASE WHEN i.family_name = '' THEN {AnomalySeverity.REJECTED}
                   ELSE {AnomalySeverity.WARNING} END,
       {AnomalyCode.UNKNOWN_MODIFIED}, c.external_id, c.category,
       CASE WHEN i.family_name = '' THEN 'Modification d’une personne inconnue, sans nom : écartée.'
            ELSE 'Modification d’une personne inconnue : elle est créée.' END
FROM staging.cand c JOIN staging.in_person i ON i.rid = c.rid
WHERE c.record_id IS NULL AND i.absent IS NOT NULL;

DELETE FROM staging.cand c USING staging.in_person i
WHERE i.rid = c.rid AND c.record_id IS NULL AND i.absent IS NOT NULL AND i.family_name = '';

-- query: names
SELECT rid, family_name, given_name, birth_name, other_names FROM staging.in_person
WHERE absent && string_to_array('family_name given_name birth_name other_names', ' ')::varchar[];

-- query: set_names
UPDATE staging.in_person SET family_name = %(family)s, sort_key = %(sort)s,
    search_key = %(search)s, login_base = %(base)s
WHERE rid = %(rid)s;
