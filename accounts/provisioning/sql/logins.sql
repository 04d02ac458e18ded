-- Logins: who lacks an account, and the next free number of each base.
--
-- makes   accounts_hash: keyed hashes of bases or logins, to look up those that were given up
-- makes   accounts_new: new accounts: number, login, place among the local ones
-- makes   accounts_taken: the highest number already given to each base
-- makes   accounts_taken_more: the same, while it is made again
-- reads   account_wanted, accounts_account, accounts_reservedlogin, directory_person
-- changes account_wanted

-- query: forget_known
-- Who has an account keeps it.
DELETE FROM staging.account_wanted w USING accounts_account a
WHERE NOT w.is_new AND a.person_id = w.person_id;

-- query: without_base
SELECT w.person_id, p.family_name, p.given_name
FROM staging.account_wanted w JOIN directory_person p ON p.id = w.person_id
WHERE w.login_base = '';

-- query: set_base
UPDATE staging.account_wanted SET login_base = %(base)s WHERE person_id = %(person)s;

-- query: make_taken
-- The highest number that accounts have of each base; words of trust count as taken.
DROP TABLE IF EXISTS staging.accounts_taken;
CREATE UNLOGGED TABLE staging.accounts_taken AS
SELECT b.login_base, max(CASE WHEN a.login = b.login_base THEN 1
    ELSE coalesce(nullif(left(substr(a.login, length(b.login_base) + 1), 9), '')::int, 1)
    END) AS last
FROM (SELECT DISTINCT login_base FROM staging.account_wanted) b
JOIN accounts_account a ON rtrim(a.login, '0123456789') = b.login_base
GROUP BY b.login_base;

INSERT INTO staging.accounts_taken
SELECT DISTINCT login_base, 1 FROM staging.account_wanted w
WHERE login_base = ANY(%(words)s) AND NOT EXISTS (
    SELECT 1 FROM staging.accounts_taken t WHERE t.login_base = w.login_base);

-- query: make_new
-- In file order: a school's codes side by side open six times faster.
DROP TABLE IF EXISTS staging.accounts_new;
CREATE UNLOGGED TABLE staging.accounts_new AS
SELECT person_id, is_new, is_academic, login_base,
    login_base || CASE WHEN nth = 1 THEN '' ELSE nth::text END AS login, nth,
    nextval('accounts_account_id_seq') AS account_id,
    count(*) FILTER (WHERE NOT is_academic) OVER (ORDER BY rid, person_id) AS local_nth
FROM (SELECT w.*, coalesce(t.last, 0) + row_number() OVER (
          PARTITION BY w.login_base ORDER BY w.rid, w.person_id) AS nth
      FROM staging.account_wanted w
      LEFT JOIN staging.accounts_taken t ON t.login_base = w.login_base) n
ORDER BY rid, person_id;

-- query: bases
SELECT DISTINCT login_base FROM staging.account_wanted;

-- query: numbered
SELECT login FROM staging.accounts_new WHERE nth > 1;

-- query: make_hashes
DROP TABLE IF EXISTS staging.accounts_hash;
CREATE UNLOGGED TABLE staging.accounts_hash (value text, hash bytea);

-- query: reserve_bases
CREATE UNLOGGED TABLE staging.accounts_taken_more AS
SELECT login_base, max(last) AS last FROM (
    SELECT login_base, last FROM staging.accounts_taken
    UNION ALL SELECT h.value, r.last_number FROM staging.accounts_hash h
    JOIN accounts_reservedlogin r ON r.base_hash = h.hash) t GROUP BY login_base;
DROP TABLE staging.accounts_taken;
ALTER TABLE staging.accounts_taken_more RENAME TO accounts_taken;

-- query: reserve_numbered
CREATE UNLOGGED TABLE staging.accounts_taken_more AS
SELECT login_base, max(last) AS last FROM (
    SELECT login_base, last FROM staging.accounts_taken
    UNION ALL SELECT n.login_base, n.nth FROM staging.accounts_hash h
    JOIN accounts_reservedlogin r ON r.base_hash = h.hash
    JOIN staging.accounts_new n ON n.login = h.value) t GROUP BY login_base;
DROP TABLE staging.accounts_taken;
ALTER TABLE staging.accounts_taken_more RENAME TO accounts_taken;

-- query: is_any_reserved
SELECT EXISTS (SELECT 1 FROM staging.accounts_hash h
               JOIN accounts_reservedlogin r ON r.base_hash = h.hash);
