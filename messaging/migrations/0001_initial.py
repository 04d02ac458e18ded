import uuid

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("directory", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="MailPreference",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="mail_preference",
                        serialize=False,
                        to="directory.person",
                    ),
                ),
                (
                    "frequency",
                    models.CharField(
                        choices=[
                            ("chaque", "À chaque message"),
                            ("jour", "Une fois par jour"),
                            ("jamais", "Jamais"),
                        ],
                        default="chaque",
                        max_length=8,
                        verbose_name="fréquence",
                    ),
                ),
                (
                    "last_digest_on",
                    models.DateField(blank=True, null=True, verbose_name="dernier rappel du jour"),
                ),
            ],
            options={
                "verbose_name": "préférence de courriel",
                "verbose_name_plural": "préférences de courriel",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("frequency__in", ["chaque", "jour", "jamais"])),
                        name="mail_preference_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(max_length=20, verbose_name="nature"),
                ),
                ("subject", models.CharField(max_length=200, verbose_name="objet")),
                ("body", models.TextField(verbose_name="texte")),
                (
                    "search_key",
                    models.TextField(
                        editable=False,
                        help_text="Objet, texte et expéditeur repliés, pour chercher.",
                    ),
                ),
                (
                    "sent_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="envoyé le"
                    ),
                ),
                ("expires_at", models.DateTimeField(db_index=True, verbose_name="supprimé le")),
                (
                    "sender",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="directory.person",
                        verbose_name="expéditeur",
                    ),
                ),
            ],
            options={
                "verbose_name": "message",
                "ordering": ["-sent_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="MailboxEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="lu le")),
                (
                    "archived_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="archivé le"),
                ),
                (
                    "deleted_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="mis à la corbeille le"
                    ),
                ),
                (
                    "notified_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Vide tant qu’un courriel peut l’annoncer.",
                        null=True,
                        verbose_name="annoncé le",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mailbox_entries",
                        to="directory.person",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="messaging.message",
                    ),
                ),
            ],
            options={
                "verbose_name": "remise",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("file_uuid", models.UUIDField(db_index=True, verbose_name="fichier")),
                ("name", models.CharField(max_length=150, verbose_name="nom")),
                ("size", models.PositiveBigIntegerField(verbose_name="taille (octets)")),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="messaging.message",
                    ),
                ),
            ],
            options={
                "verbose_name": "pièce jointe",
                "verbose_name_plural": "pièces jointes",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="NotificationAddress",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notification_address",
                        serialize=False,
                        to="directory.person",
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        blank=True, max_length=254, verbose_name="adresse de notification"
                    ),
                ),
                ("confirmed_at", models.DateTimeField(verbose_name="confirmée le")),
                (
                    "previous_email",
                    models.EmailField(
                        blank=True, max_length=254, verbose_name="adresse précédente"
                    ),
                ),
                (
                    "replaced_email",
                    models.EmailField(
                        blank=True, max_length=254, verbose_name="adresse à prévenir"
                    ),
                ),
            ],
            options={
                "verbose_name": "adresse de notification",
                "verbose_name_plural": "adresses de notification",
                "indexes": [
                    models.Index(
                        django.db.models.functions.text.Upper("email"),
                        name="notification_address_folded",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AddressConfirmation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("email", models.EmailField(max_length=254, verbose_name="nouvelle adresse")),
                (
                    "token_hash",
                    models.BinaryField(blank=True, max_length=32, null=True, unique=True),
                ),
                ("epoch", models.PositiveIntegerField()),
                ("asked_at", models.DateTimeField(verbose_name="demandée le")),
                (
                    "expires_at",
                    models.DateTimeField(db_index=True, verbose_name="valable jusqu’au"),
                ),
                (
                    "used_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="confirmée le"),
                ),
                (
                    "killed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="remplacée le"),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="address_confirmations",
                        to="directory.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "confirmation d’adresse",
                "verbose_name_plural": "confirmations d’adresse",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("asked_at"))),
                        name="address_confirmation_expires",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("killed_at__isnull", True), ("used_at__isnull", True)),
                        fields=("person",),
                        name="address_confirmation_one_alive",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__regex", "^[a-z][a-z-]{0,19}$")),
                name="message_kind_format",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("subject", ""), _negated=True),
                name="message_has_subject",
                violation_error_message="Un message a un objet.",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("sent_at"))),
                name="message_expires_after_it_was_sent",
            ),
        ),
        migrations.AddIndex(
            model_name="mailboxentry",
            index=models.Index(fields=["recipient", "-id"], name="mailbox_entry_mailbox"),
        ),
        migrations.AddIndex(
            model_name="mailboxentry",
            index=models.Index(
                condition=models.Q(
                    ("read_at__isnull", True),
                    ("archived_at__isnull", True),
                    ("deleted_at__isnull", True),
                ),
                fields=["recipient"],
                name="mailbox_entry_unread",
            ),
        ),
        migrations.AddIndex(
            model_name="mailboxentry",
            index=models.Index(
                condition=models.Q(("notified_at__isnull", True)),
                fields=["message"],
                name="mailbox_entry_unannounced",
            ),
        ),
        migrations.AddIndex(
            model_name="mailboxentry",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)),
                fields=["deleted_at"],
                name="mailbox_entry_bin",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailboxentry",
            constraint=models.UniqueConstraint(
                fields=("message", "recipient"), name="mailbox_entry_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.UniqueConstraint(
                fields=("message", "file_uuid"), name="attachment_once"
            ),
        ),
    ]
