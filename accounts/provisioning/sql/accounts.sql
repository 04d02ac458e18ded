-- Accounts and codes, and what the directory shows of them.
--
-- makes   account_wanted: persons who get an account, with login and state
-- makes   account_wanted_done: the same, while it is made again
-- reads   accounts_account, accounts_batch, accounts_new, accounts_sealed, upd_guardian, upd_person
-- changes accounts_account, accounts_activationcode, accounts_sealingbatchrow, directory_person

-- query: take_logins
CREATE UNLOGGED TABLE staging.account_wanted_done AS
SELECT w.person_id, w.person_uuid, w.is_new, w.rid, w.login_base, w.is_academic, n.login,
    {AccountState.PENDING}::text AS access_state
FROM staging.account_wanted w JOIN staging.accounts_new n ON n.person_id = w.person_id;

DROP TABLE staging.account_wanted;
ALTER TABLE staging.account_wanted_done RENAME TO account_wanted;
ANALYZE staging.account_wanted;

-- query: count_codes
SELECT coalesce(max(local_nth), 0) FROM staging.accounts_new;

-- query: analyze_sealed
ANALYZE staging.accounts_sealed;

-- query: create_accounts
INSERT INTO accounts_account (id, uuid, person_id, login, password, kind, state,
    must_choose_password, code_generation, epoch, is_operator, created_at)
SELECT n.account_id, coalesce(s.account_uuid, gen_random_uuid()), n.person_id, n.login, '',
    CASE WHEN is_academic THEN {AccountKind.ACADEMIC} ELSE {AccountKind.LOCAL} END,
    {AccountState.PENDING}, false, CASE WHEN is_academic THEN 0 ELSE %(generation)s END, 0, false,
    now()
FROM staging.accounts_new n LEFT JOIN staging.accounts_sealed s
  ON s.nth = n.local_nth AND NOT n.is_academic;

-- query: create_batches
INSERT INTO accounts_sealingbatchrow (id, header, created_at)
SELECT id, header, now() FROM staging.accounts_batch b
WHERE b.id IN (SELECT batch_id FROM staging.accounts_sealed
               WHERE nth <= (SELECT max(local_nth) FROM staging.accounts_new));

-- query: create_codes
INSERT INTO accounts_activationcode (account_id, generation, batch_id, box, verifier, created_at,
    expires_at)
SELECT n.account_id, %(generation)s, s.batch_id, s.box, s.verifier, now(),
    now() + %(days)s * interval '1 day'
FROM staging.accounts_new n JOIN staging.accounts_sealed s
  ON s.nth = n.local_nth AND NOT n.is_academic;

-- query: show_new
-- Persons who were known before they got an account.
UPDATE directory_person p SET login = n.login, access_state = n.state
FROM (SELECT person_id, login, {AccountState.PENDING} AS state
      FROM staging.accounts_new WHERE NOT is_new ORDER BY person_id) n
WHERE p.id = n.person_id;

-- query: show_changed
UPDATE directory_person p SET access_state = {shown_state}
FROM accounts_account a, (
    SELECT person_id FROM staging.upd_guardian
    UNION SELECT person_id FROM staging.upd_person ORDER BY 1) g
WHERE p.id = g.person_id AND a.person_id = p.id AND p.access_state <> {shown_state};
