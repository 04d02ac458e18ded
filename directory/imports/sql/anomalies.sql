-- Anomalies of a run: their places become lines, then they are written, worst first, in file order.
--
-- makes   anomaly_line: file and line of each anomaly
-- reads   directory_school, in_anomaly, p_person, p_school
-- changes directory_anomaly

-- query: write
INSERT INTO directory_anomaly (delivery_id, severity, code, file, line, object_id, school_uai,
    message)
SELECT %(delivery)s, f.severity, f.code, coalesce(l.file, ''), l.line, left(f.external_id, 40),
    coalesce(s.uai, ''), left(f.message, 500)
FROM staging.in_anomaly f LEFT JOIN staging.anomaly_line l ON l.rid = f.rid
LEFT JOIN staging.p_person p ON p.rid = f.rid
LEFT JOIN staging.p_school e ON e.rid = f.rid
LEFT JOIN LATERAL (SELECT uai FROM directory_school
    WHERE id = coalesce(p.main_school_id, e.school_id)
    UNION ALL SELECT q.uai FROM staging.p_school q
    WHERE q.is_new AND q.school_id = coalesce(p.main_school_id, e.school_id)
    LIMIT 1) s ON true
ORDER BY CASE f.severity WHEN {AnomalySeverity.REJECTED} THEN 0
                         WHEN {AnomalySeverity.WARNING} THEN 1 ELSE 2 END, f.rid, f.code;

-- query: make_lines
CREATE UNLOGGED TABLE staging.anomaly_line (rid bigint, file text, line integer);

-- query: places
SELECT DISTINCT rid FROM staging.in_anomaly ORDER BY rid;

-- query: first_rejection
SELECT message FROM staging.in_anomaly
WHERE category = %(category)s AND severity = {AnomalySeverity.REJECTED} ORDER BY rid LIMIT 1;
