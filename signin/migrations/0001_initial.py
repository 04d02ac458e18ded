"""Sessions, form tickets, throttle counters and second factors, by realm and principal."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SlowAddress",
            fields=[
                ("address", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("alerted_at", models.DateTimeField(verbose_name="signalée le")),
                ("next_try_at", models.DateTimeField(verbose_name="prochain essai")),
            ],
            options={
                "verbose_name": "adresse ralentie",
                "verbose_name_plural": "adresses ralenties",
            },
        ),
        migrations.CreateModel(
            name="AddressTry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "realm",
                    models.CharField(
                        choices=[("portail", "Portail"), ("guichet", "Guichet")],
                        max_length=10,
                        verbose_name="domaine",
                    ),
                ),
                ("address", models.BinaryField(max_length=32)),
                ("login", models.BinaryField(max_length=32)),
                ("failures", models.PositiveIntegerField(default=0, verbose_name="échecs")),
                (
                    "last_failure_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="dernier échec"),
                ),
                (
                    "last_success_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="dernière réussite"),
                ),
                ("last_try_at", models.DateTimeField(verbose_name="dernier essai")),
            ],
            options={
                "verbose_name": "essais depuis une adresse",
                "indexes": [
                    models.Index(fields=["address", "last_try_at"], name="address_try_recent"),
                    models.Index(fields=["realm", "last_try_at"], name="address_try_last_try_at"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("address", "login"), name="address_try_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="Authenticator",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "realm",
                    models.CharField(
                        choices=[("portail", "Portail"), ("guichet", "Guichet")],
                        max_length=10,
                        verbose_name="domaine",
                    ),
                ),
                ("principal", models.UUIDField(editable=False)),
                ("locked_seed", models.BinaryField(max_length=64)),
                ("last_step", models.BigIntegerField(default=-1)),
                (
                    "enrolled_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="installée le"),
                ),
            ],
            options={
                "verbose_name": "application d’authentification",
                "verbose_name_plural": "applications d’authentification",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("principal", "realm"), name="authenticator_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LoginTicket",
            fields=[
                ("number", models.BinaryField(max_length=16, primary_key=True, serialize=False)),
                ("used_at", models.DateTimeField(verbose_name="utilisé le")),
            ],
            options={
                "verbose_name": "ticket de connexion utilisé",
                "verbose_name_plural": "tickets de connexion utilisés",
                "indexes": [models.Index(fields=["used_at"], name="login_ticket_used_at")],
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code_hash", models.BinaryField(max_length=32, unique=True)),
                (
                    "authenticator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recovery_codes",
                        to="signin.authenticator",
                    ),
                ),
            ],
            options={
                "verbose_name": "code de secours",
                "verbose_name_plural": "codes de secours",
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("key_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "realm",
                    models.CharField(
                        choices=[("portail", "Portail"), ("guichet", "Guichet")],
                        max_length=10,
                        verbose_name="domaine",
                    ),
                ),
                ("principal", models.UUIDField(editable=False, null=True)),
                ("sign_on", models.UUIDField(editable=False, null=True, unique=True)),
                ("epoch", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(verbose_name="ouverte le")),
                ("last_seen_at", models.DateTimeField(verbose_name="vue le")),
                ("door_code", models.CharField(blank=True, max_length=60, verbose_name="guichet")),
                (
                    "agent_family",
                    models.CharField(blank=True, max_length=40, verbose_name="navigateur"),
                ),
                ("data", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "session",
                "indexes": [
                    models.Index(fields=["created_at"], name="session_created_at"),
                    models.Index(fields=["principal", "realm"], name="session_principal"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("principal__isnull", True), ("sign_on__isnull", True)),
                            models.Q(("principal__isnull", False), ("sign_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="session_sign_on_of_principal",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ThrottleCounter",
            fields=[
                ("key", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("login", models.BinaryField(db_index=True, max_length=32)),
                ("tries", models.PositiveIntegerField(verbose_name="essais")),
                (
                    "blocked_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="en attente jusqu’à"),
                ),
                ("last_try_at", models.DateTimeField(verbose_name="dernier essai")),
            ],
            options={
                "verbose_name": "compteur d’essais",
                "verbose_name_plural": "compteurs d’essais",
                "indexes": [models.Index(fields=["last_try_at"], name="throttle_last_try_at")],
            },
        ),
        migrations.CreateModel(
            name="ThrottleShare",
            fields=[
                ("key", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("login", models.BinaryField(db_index=True, max_length=32)),
                ("tries", models.PositiveIntegerField(verbose_name="essais")),
                ("last_try_at", models.DateTimeField(verbose_name="dernier essai")),
            ],
            options={
                "verbose_name": "part d’une adresse",
                "indexes": [
                    models.Index(fields=["last_try_at"], name="throttle_share_last_try_at")
                ],
            },
        ),
    ]
