"""The links from a pseudonym to a person stand in a chain of their own, and change no more.

Identities are numbered, and carry the number of their transaction as events do, so that a batch of
finished transactions can be sealed. The server refuses to change one, and to delete one whose
erasure was not written before.
"""

import django.contrib.postgres.fields
import django.db.models.functions
from django.db import migrations, models
from django.db.models.expressions import RawSQL

CREATE = """
CREATE SEQUENCE audit_identity_number AS bigint;
ALTER TABLE audit_auditidentity
    ADD COLUMN number bigint NOT NULL DEFAULT nextval('audit_identity_number'),
    ADD COLUMN transaction_id bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint);
ALTER SEQUENCE audit_identity_number OWNED BY audit_auditidentity.number;
CREATE INDEX audit_identity_transaction ON audit_auditidentity (transaction_id);

CREATE TABLE audit_identityerasure (
    pseudonym uuid PRIMARY KEY,
    number bigint NOT NULL DEFAULT nextval('audit_identity_number'),
    transaction_id bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    erased_at timestamp with time zone NOT NULL DEFAULT now()
);
CREATE INDEX audit_erasure_transaction ON audit_identityerasure (transaction_id);

CREATE FUNCTION audit_refuse_identity_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT FROM audit_identityerasure WHERE pseudonym = OLD.pseudonym) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the identities of the journal are append-only'
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE FUNCTION audit_refuse_any_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the chain of the journal is append-only'
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_auditidentity
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_identity_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_auditidentity
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_any_change();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_identityerasure
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_any_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_identityerasure
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_any_change();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_identityseal
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_any_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_identityseal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_any_change();
"""

DROP = """
DROP TRIGGER audit_no_truncate ON audit_identityseal;
DROP TRIGGER audit_append_only ON audit_identityseal;
DROP TRIGGER audit_no_truncate ON audit_auditidentity;
DROP TRIGGER audit_append_only ON audit_auditidentity;
DROP TABLE audit_identityerasure;
DROP FUNCTION audit_refuse_identity_change();
DROP FUNCTION audit_refuse_any_change();
ALTER TABLE audit_auditidentity DROP COLUMN number, DROP COLUMN transaction_id;
"""

NUMBER = models.BigIntegerField(
    db_default=RawSQL("nextval('audit_identity_number')", ()), editable=False
)
TRANSACTION = models.BigIntegerField(
    db_default=RawSQL("pg_current_xact_id()::text::bigint", ()), editable=False
)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AddField("journalstate", "identity_floor", models.BigIntegerField(default=0)),
        migrations.CreateModel(
            name="IdentitySeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveBigIntegerField(unique=True)),
                (
                    "pseudonyms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
                ("digests", models.BinaryField()),
                ("previous", models.BinaryField(max_length=32)),
                ("key_id", models.CharField(max_length=8)),
                ("hash", models.BinaryField(max_length=32)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "scellé des identités",
                "verbose_name_plural": "scellés des identités",
                "ordering": ["number"],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(CREATE, DROP)],
            state_operations=[
                migrations.AddField("auditidentity", "number", NUMBER),
                migrations.AddField("auditidentity", "transaction_id", TRANSACTION),
                migrations.AddIndex(
                    "auditidentity",
                    models.Index(fields=["transaction_id"], name="audit_identity_transaction"),
                ),
                migrations.CreateModel(
                    name="IdentityErasure",
                    fields=[
                        (
                            "pseudonym",
                            models.UUIDField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("number", NUMBER),
                        ("transaction_id", TRANSACTION),
                        (
                            "erased_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.Now(),
                                verbose_name="effacée le",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "identité effacée",
                        "verbose_name_plural": "identités effacées",
                        "indexes": [
                            models.Index(
                                fields=["transaction_id"], name="audit_erasure_transaction"
                            )
                        ],
                    },
                ),
            ],
        ),
    ]
