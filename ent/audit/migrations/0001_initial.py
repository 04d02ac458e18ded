"""The journal: a table partitioned by month, its identities and its chain.

The table of events is made by hand because Django knows no partitioned tables; the state that it is
told is the columns of the model. Rules that no code of ours can forget stand in the server:
- `audit_pseudonym` finds or makes the pseudonym of a person inside the statement that inserts;
- triggers refuse UPDATE, TRUNCATE, and the DELETE of anything younger than its retention.
"""

import uuid

import django.contrib.postgres.fields
import django.utils.timezone
from django.db import migrations, models

CREATE = """
CREATE SEQUENCE audit_auditevent_id_seq AS bigint;
CREATE TABLE audit_auditevent (
    id bigint NOT NULL DEFAULT nextval('audit_auditevent_id_seq'),
    uuid uuid NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    act varchar(80) NOT NULL,
    outcome varchar(10) NOT NULL,
    actor_pseudonym uuid NULL,
    subject_pseudonym uuid NULL,
    school_uai varchar(8) NOT NULL,
    authority_code varchar(40) NOT NULL,
    address inet NULL,
    door varchar(60) NOT NULL,
    device varchar(60) NOT NULL,
    details jsonb NOT NULL,
    transaction_id bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    PRIMARY KEY (occurred_at, id)
) PARTITION BY RANGE (occurred_at);
ALTER SEQUENCE audit_auditevent_id_seq OWNED BY audit_auditevent.id;

CREATE INDEX audit_event_id ON audit_auditevent (id);
CREATE INDEX audit_event_uuid ON audit_auditevent (uuid);
CREATE INDEX audit_event_actor ON audit_auditevent (actor_pseudonym, occurred_at DESC);
CREATE INDEX audit_event_subject ON audit_auditevent (subject_pseudonym, occurred_at DESC);
CREATE INDEX audit_event_school ON audit_auditevent (school_uai, occurred_at DESC);
CREATE INDEX audit_event_authority ON audit_auditevent (authority_code, occurred_at DESC);
CREATE INDEX audit_event_transaction ON audit_auditevent (transaction_id);

CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.occurred_at < now() - interval '12 months' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();

CREATE TABLE audit_auditevent_default PARTITION OF audit_auditevent DEFAULT;
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_auditevent_default
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();

CREATE FUNCTION audit_refuse_seal_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.month < now() - interval '12 months' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the seals of the journal are append-only'
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_journalseal
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_seal_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_journalseal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_seal_change();

CREATE FUNCTION audit_pseudonym(person uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    found_pseudonym uuid;
BEGIN
    IF person IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT pseudonym INTO found_pseudonym FROM audit_auditidentity WHERE person_uuid = person;
    IF found_pseudonym IS NULL THEN
        INSERT INTO audit_auditidentity (pseudonym, person_uuid, created_at)
        VALUES (gen_random_uuid(), person, now())
        ON CONFLICT (person_uuid) DO NOTHING;
        SELECT pseudonym INTO found_pseudonym FROM audit_auditidentity WHERE person_uuid = person;
    END IF;
    RETURN found_pseudonym;
END
$$;

INSERT INTO audit_journalstate (transaction_id, floor_id, purged_number, purged_hash)
VALUES (0, 0, 0, decode(repeat('00', 32), 'hex'));
"""

DROP = """
DROP FUNCTION audit_pseudonym(uuid);
DROP TRIGGER audit_no_truncate ON audit_journalseal;
DROP TRIGGER audit_append_only ON audit_journalseal;
DROP FUNCTION audit_refuse_seal_change();
DROP TABLE audit_auditevent;
DROP FUNCTION audit_refuse_change();
"""

EVENT = migrations.CreateModel(
    name="AuditEvent",
    fields=[
        ("id", models.BigAutoField(primary_key=True, serialize=False)),
        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
        (
            "occurred_at",
            models.DateTimeField(default=django.utils.timezone.now, verbose_name="date"),
        ),
        ("act", models.CharField(max_length=80, verbose_name="acte")),
        (
            "outcome",
            models.CharField(
                choices=[("success", "Réussi"), ("refused", "Refusé"), ("failed", "Échoué")],
                max_length=10,
                verbose_name="résultat",
            ),
        ),
        ("actor_pseudonym", models.UUIDField(blank=True, null=True, verbose_name="auteur")),
        (
            "subject_pseudonym",
            models.UUIDField(blank=True, null=True, verbose_name="personne concernée"),
        ),
        (
            "school_uai",
            models.CharField(blank=True, max_length=8, verbose_name="établissement"),
        ),
        (
            "authority_code",
            models.CharField(blank=True, max_length=40, verbose_name="autorité"),
        ),
        ("address", models.GenericIPAddressField(blank=True, null=True, verbose_name="adresse")),
        ("door", models.CharField(blank=True, max_length=60, verbose_name="guichet")),
        ("device", models.CharField(blank=True, max_length=60, verbose_name="appareil")),
        ("details", models.JSONField(default=dict, verbose_name="détails")),
        (
            "transaction_id",
            models.BigIntegerField(
                db_default=models.expressions.RawSQL("pg_current_xact_id()::text::bigint", ()),
                editable=False,
            ),
        ),
    ],
    options={
        "verbose_name": "événement",
        "verbose_name_plural": "journal",
        "ordering": ["-occurred_at", "-id"],
        "indexes": [
            models.Index(fields=["id"], name="audit_event_id"),
            models.Index(fields=["uuid"], name="audit_event_uuid"),
            models.Index(fields=["actor_pseudonym", "-occurred_at"], name="audit_event_actor"),
            models.Index(fields=["subject_pseudonym", "-occurred_at"], name="audit_event_subject"),
            models.Index(fields=["school_uai", "-occurred_at"], name="audit_event_school"),
            models.Index(fields=["authority_code", "-occurred_at"], name="audit_event_authority"),
        ],
    },
)


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditIdentity",
            fields=[
                (
                    "pseudonym",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("person_uuid", models.UUIDField(unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "identité du journal",
                "verbose_name_plural": "identités du journal",
            },
        ),
        migrations.CreateModel(
            name="JournalSeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveBigIntegerField(unique=True)),
                ("month", models.DateField(db_index=True, verbose_name="mois")),
                (
                    "event_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                ("digests", models.BinaryField()),
                ("previous", models.BinaryField(max_length=32)),
                ("key_id", models.CharField(max_length=8)),
                ("hash", models.BinaryField(max_length=32)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "scellé du journal",
                "verbose_name_plural": "scellés du journal",
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="JournalState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("transaction_id", models.BigIntegerField(default=0)),
                ("floor_id", models.BigIntegerField(default=0)),
                ("purged_number", models.PositiveBigIntegerField(default=0)),
                ("purged_hash", models.BinaryField(default=bytes(32), max_length=32)),
            ],
            options={"verbose_name": "état du journal"},
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(CREATE, DROP)],
            state_operations=[EVENT],
        ),
    ]
