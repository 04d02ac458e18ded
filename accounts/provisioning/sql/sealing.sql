-- Activation codes, sealed before anybody knows whose they will be.
--
-- makes   accounts_batch: headers of the batches under which codes were sealed
-- makes   accounts_sealed: the nth code, with the UUID of the account it is for

-- query: make_tables
CREATE UNLOGGED TABLE IF NOT EXISTS staging.accounts_sealed (nth bigint, account_uuid uuid,
    batch_id bigint, box bytea, verifier bytea);

CREATE UNLOGGED TABLE IF NOT EXISTS staging.accounts_batch (id bigint, header bytea);

-- query: count_sealed
SELECT count(*) FROM staging.accounts_sealed;

-- query: open_batch
INSERT INTO staging.accounts_batch
SELECT nextval('accounts_sealingbatchrow_id_seq'), %(header)s RETURNING id;
