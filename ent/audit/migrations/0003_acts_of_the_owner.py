"""What changes or takes away lines of the journal is done by functions of its owner.

The roles of the application then need no right to change or delete there (`create_database_roles`):
each function does one thing, within bounds that the server's own clock gives. They name everything
with its schema and search nowhere else, so that nobody puts something of theirs in between.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION audit_make_month(month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := 'audit_auditevent_m' || to_char(month, 'YYYYMM');
    first timestamptz := month::timestamp AT TIME ZONE 'UTC';
    next timestamptz := (month + interval '1 month')::timestamp AT TIME ZONE 'UTC';
BEGIN
    IF extract(day FROM month) <> 1 THEN
        RAISE EXCEPTION 'a month begins on its first day' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(1246907980);
    IF to_regclass('public.' || name) IS NOT NULL OR EXISTS (
        SELECT FROM public.audit_auditevent_default WHERE occurred_at >= first AND occurred_at < next
    ) THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.audit_auditevent'
                   ' INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    EXECUTE format('ALTER TABLE public.audit_auditevent ATTACH PARTITION public.%I'
                   ' FOR VALUES FROM (%L) TO (%L)', name, first, next);
    -- Triggers of rows follow the parent by themselves, those of statements do not.
    EXECUTE format('CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON public.%I'
                   ' FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change()', name);
    RETURN true;
END
$$;

CREATE FUNCTION audit_drop_month(month date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := 'audit_auditevent_m' || to_char(month, 'YYYYMM');
    count bigint;
BEGIN
    IF month >= date_trunc('month', (now() AT TIME ZONE 'UTC') - interval '12 months')::date THEN
        RAISE EXCEPTION 'this month of the journal is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    EXECUTE format('SELECT count(*) FROM public.%I', name) INTO count;
    EXECUTE format('DROP TABLE public.%I', name);
    RETURN count;
END
$$;

CREATE FUNCTION audit_purge_default(before timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    -- The trigger refuses what is younger than its retention.
    DELETE FROM public.audit_auditevent_default WHERE occurred_at < before;
$$;

CREATE FUNCTION audit_forget_seals(before date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first_kept bigint;
    last_gone record;
    gone bigint;
BEGIN
    PERFORM FROM public.audit_journalstate FOR UPDATE;
    SELECT min(number) INTO first_kept FROM public.audit_journalseal WHERE month >= before;
    SELECT number, hash INTO last_gone FROM public.audit_journalseal
     WHERE month < before AND (first_kept IS NULL OR number < first_kept)
     ORDER BY number DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    UPDATE public.audit_journalstate
       SET purged_number = last_gone.number, purged_hash = last_gone.hash;
    DELETE FROM public.audit_journalseal WHERE number <= last_gone.number;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;

CREATE FUNCTION audit_forget_persons(persons uuid[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    INSERT INTO public.audit_identityerasure (pseudonym)
    SELECT pseudonym FROM public.audit_auditidentity WHERE person_uuid = ANY (persons);
    DELETE FROM public.audit_auditidentity WHERE person_uuid = ANY (persons);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;

-- Within it the names of the journal's tables are found without the caller's search path.
ALTER FUNCTION audit_refuse_identity_change() SET search_path = public, pg_temp;

REVOKE ALL ON FUNCTION audit_make_month(date), audit_drop_month(date),
    audit_purge_default(timestamptz), audit_forget_seals(date), audit_forget_persons(uuid[])
    FROM PUBLIC;
"""

DROP = """
ALTER FUNCTION audit_refuse_identity_change() RESET search_path;
DROP FUNCTION audit_make_month(date);
DROP FUNCTION audit_drop_month(date);
DROP FUNCTION audit_purge_default(timestamptz);
DROP FUNCTION audit_forget_seals(date);
DROP FUNCTION audit_forget_persons(uuid[]);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_identities_in_the_chain")]

    operations = [migrations.RunSQL(CREATE, DROP)]
