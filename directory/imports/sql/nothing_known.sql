-- The same tables, empty, where the directory knows nobody of the authority and degree.
--
-- makes   multi: nobody yet
-- makes   unchanged: nothing yet

-- step: Recherche des objets modifiés
CREATE UNLOGGED TABLE staging.unchanged (rid bigint, record_id bigint, category text,
external_id text, was_absent boolean, is_of_another boolean);

CREATE UNLOGGED TABLE staging.multi (person_id bigint);
