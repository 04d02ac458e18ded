-- What an import did or would do, in numbers.
--
-- reads   account_wanted, changed, directory_person, directory_school, ended_role, in_anomaly,
--         in_structure, leaving, p_person, p_school, touched, unchanged, upd_person

-- query: per_school
SELECT s.uai, s.name, x.kind, x.category, x.n FROM (
    SELECT main_school_id AS school_id, {Change.CREATED} AS kind, category, count(*) AS n
    FROM staging.p_person WHERE is_new GROUP BY 1, 3
    UNION ALL
    SELECT p.main_school_id, {Change.CHANGED}, p.category, count(DISTINCT p.person_id)
    FROM staging.p_person p JOIN staging.changed c ON c.person_id = p.person_id
    WHERE NOT p.is_new GROUP BY 1, 3
    UNION ALL
    SELECT d.main_school_id, {Change.CHANGED}, t.category, count(DISTINCT t.person_id)
    FROM staging.touched t JOIN directory_person d ON d.id = t.person_id GROUP BY 1, 3
    UNION ALL
    SELECT p.main_school_id, {Change.ARRIVED}, p.category, count(DISTINCT p.person_id)
    FROM staging.p_person p JOIN staging.upd_person u ON u.person_id = p.person_id
    WHERE u.old_school_id IS NOT NULL AND p.main_school_id IS DISTINCT FROM u.old_school_id
    GROUP BY 1, 3
    UNION ALL
    SELECT u.old_school_id, {Change.MOVED}, p.category, count(DISTINCT p.person_id)
    FROM staging.p_person p JOIN staging.upd_person u ON u.person_id = p.person_id
    WHERE u.old_school_id IS NOT NULL AND p.main_school_id IS DISTINCT FROM u.old_school_id
    GROUP BY 1, 3
    UNION ALL
    SELECT main_school_id, {Change.LEAVING}, category, count(*) FROM staging.leaving GROUP BY 1, 3
) x LEFT JOIN (SELECT id, uai, name FROM directory_school
               UNION SELECT p.school_id, i.uai, i.name FROM staging.p_school p
               JOIN staging.in_structure i ON i.rid = p.rid WHERE p.is_new AND p.nth = 1) s
  ON s.id = x.school_id
ORDER BY s.uai NULLS LAST, x.kind, x.category;

-- query: totals
SELECT {Change.CREATED}, category, count(*) FROM staging.p_person WHERE is_new GROUP BY 2
UNION ALL
SELECT {Change.CHANGED}, p.category, count(DISTINCT p.person_id) FROM staging.p_person p
JOIN staging.changed c ON c.person_id = p.person_id WHERE NOT p.is_new GROUP BY 2
UNION ALL
SELECT {Change.CHANGED}, category, count(DISTINCT person_id) FROM staging.touched GROUP BY 2
UNION ALL
SELECT {Change.MOVED}, p.category, count(DISTINCT p.person_id) FROM staging.p_person p
JOIN staging.upd_person u ON u.person_id = p.person_id
WHERE u.old_school_id IS NOT NULL AND p.main_school_id IS DISTINCT FROM u.old_school_id GROUP BY 2
UNION ALL
SELECT {Change.LEAVING}, category, count(*) FROM staging.leaving GROUP BY 2
UNION ALL
SELECT {Change.UNCHANGED}, category, sum(n)::bigint FROM (
    SELECT category, count(*) AS n FROM staging.unchanged
    WHERE category IN ({Category.PUPIL}, {Category.GUARDIAN}, {Category.STAFF}) GROUP BY 1
    UNION ALL SELECT p.category, count(*) FROM staging.p_person p WHERE NOT p.is_new
      AND NOT EXISTS (SELECT 1 FROM staging.changed c WHERE c.person_id = p.person_id) GROUP BY 1
    UNION ALL SELECT category, -count(*) FROM staging.touched GROUP BY 1) u GROUP BY 2;

-- query: anomalies
SELECT code, severity, count(*) FROM staging.in_anomaly GROUP BY 1, 2 ORDER BY 1;

-- query: accounts
SELECT count(*) FROM staging.account_wanted WHERE is_new;

-- query: guardians
SELECT count(*) FILTER (WHERE a.person_id IS NOT NULL), count(*)
FROM staging.p_person p LEFT JOIN staging.account_wanted a ON a.person_id = p.person_id
WHERE p.category = {Category.GUARDIAN};

-- query: ended_roles
SELECT count(*) FROM staging.ended_role;
