-- The schools for which a credential file is made after an import.
--
-- reads   accounts_account, directory_affiliation, directory_school

-- query: schools
-- Schools of the accounts that this transaction created: their date of creation is the
-- transaction's own, or a moment of it.
SELECT school.id, school.uai, count(DISTINCT account.id), min(account.created_at),
       max(account.created_at)
FROM accounts_account account
JOIN directory_affiliation affiliation ON affiliation.person_id = account.person_id
JOIN directory_school school ON school.id = affiliation.school_id AND school.is_active
WHERE account.created_at >= transaction_timestamp() AND account.kind = {AccountKind.LOCAL}
GROUP BY school.id, school.uai
ORDER BY school.uai;
