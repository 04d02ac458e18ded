import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("directory", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LostCount",
            fields=[
                ("key", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("since", models.DateTimeField(db_index=True, verbose_name="depuis")),
                ("count", models.PositiveIntegerField(verbose_name="demandes")),
            ],
            options={
                "verbose_name": "compteur de demandes",
                "verbose_name_plural": "compteurs de demandes",
            },
        ),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("key", models.UUIDField()),
                ("sameness", models.BinaryField(max_length=32)),
                ("requested_by", models.UUIDField(verbose_name="demandé par")),
                ("subject", models.CharField(max_length=75, verbose_name="objet")),
                (
                    "text",
                    models.CharField(blank=True, max_length=600, verbose_name="texte personnalisé"),
                ),
                ("choice", models.JSONField(verbose_name="choix")),
                ("words", models.CharField(max_length=200, verbose_name="ce qui a été choisi")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("en-cours", "En cours"),
                            ("arretee", "Arrêtée"),
                            ("terminee", "Terminée"),
                        ],
                        default="en-cours",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="demandé le")),
                ("served_at", models.DateTimeField(blank=True, null=True)),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="terminé le"),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="campaigns",
                        to="directory.school",
                    ),
                ),
            ],
            options={
                "verbose_name": "diffusion",
                "verbose_name_plural": "diffusions",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="CampaignRecipient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=254, verbose_name="adresse")),
                ("domain", models.CharField(blank=True, max_length=254, verbose_name="domaine")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("attente", "En attente"),
                            ("envoi", "Envoi en cours"),
                            ("accepte", "Envoyé"),
                            ("differe", "Nouvel essai prévu"),
                            ("refuse", "Refusé"),
                            ("incertain", "Incertain"),
                            ("retourne", "Revenu en erreur"),
                            ("arrete", "Non envoyé (arrêt)"),
                            ("ecarte", "Écarté"),
                        ],
                        default="attente",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("sans-adresse", "sans adresse électronique"),
                            ("adresse-invalide", "dont l’adresse n’est pas valable"),
                            ("autre-envoi", "à qui un autre envoi en cours écrit déjà"),
                            ("active", "dont le compte a été activé entre-temps"),
                            ("bloque", "dont le compte a été bloqué entre-temps"),
                            ("parti", "qui ont quitté l’établissement entre-temps"),
                            ("efface", "dont le compte n’existe plus"),
                        ],
                        max_length=20,
                        verbose_name="motif",
                    ),
                ),
                ("claim", models.IntegerField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="essais")),
                (
                    "next_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="prochain essai"),
                ),
                (
                    "first_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="premier essai"),
                ),
                (
                    "started_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="dernier essai"),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="fin")),
                (
                    "code",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="code du serveur"
                    ),
                ),
                (
                    "answer",
                    models.CharField(blank=True, max_length=300, verbose_name="réponse du serveur"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="mailings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recipients",
                        to="credentials.campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "destinataire",
                "verbose_name_plural": "destinataires",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="CredentialFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("import", "Alimentation"),
                            ("regeneration", "Régénération"),
                            ("reemission", "Réémission"),
                        ],
                        max_length=12,
                        verbose_name="origine",
                    ),
                ),
                (
                    "delivery_uuid",
                    models.UUIDField(blank=True, null=True, verbose_name="livraison"),
                ),
                (
                    "requested_by",
                    models.UUIDField(blank=True, null=True, verbose_name="demandé par"),
                ),
                (
                    "since",
                    models.DateField(blank=True, null=True, verbose_name="date de recherche"),
                ),
                ("created_from", models.DateTimeField(blank=True, null=True)),
                ("created_until", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("attente", "En préparation"),
                            ("pret", "Prêt"),
                            ("supprime", "Supprimé"),
                        ],
                        default="attente",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="fichier")),
                ("account_count", models.PositiveIntegerField(default=0, verbose_name="comptes")),
                (
                    "code_count",
                    models.PositiveIntegerField(default=0, verbose_name="codes imprimés"),
                ),
                (
                    "issued_count",
                    models.PositiveIntegerField(default=0, verbose_name="codes nouveaux"),
                ),
                (
                    "csv_size",
                    models.PositiveBigIntegerField(
                        default=0, verbose_name="taille du CSV (octets)"
                    ),
                ),
                (
                    "xlsx_size",
                    models.PositiveBigIntegerField(
                        default=0, verbose_name="taille du XLSX (octets)"
                    ),
                ),
                ("csv_uuid", models.UUIDField(blank=True, null=True)),
                ("xlsx_uuid", models.UUIDField(blank=True, null=True)),
                ("job_uuid", models.UUIDField(db_index=True, verbose_name="travail")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="demandé le")),
                (
                    "generated_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="généré le"),
                ),
                (
                    "deleted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="supprimé le"),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="credential_files",
                        to="directory.school",
                    ),
                ),
            ],
            options={
                "verbose_name": "fichier des identifiants",
                "verbose_name_plural": "fichiers des identifiants",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="LostRequest",
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
                    models.CharField(
                        choices=[
                            ("mot-de-passe", "Mot de passe oublié"),
                            ("identifiant", "Identifiant oublié"),
                        ],
                        max_length=12,
                        verbose_name="demande",
                    ),
                ),
                ("typed", models.CharField(max_length=254, verbose_name="saisie")),
                ("created_at", models.DateTimeField(db_index=True, verbose_name="reçue le")),
            ],
            options={
                "verbose_name": "demande de secours",
                "verbose_name_plural": "demandes de secours",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["mot-de-passe", "identifiant"])),
                        name="lost_request_kind_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MailingTrial",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("requested_by", models.UUIDField(verbose_name="demandé par")),
                ("subject", models.CharField(max_length=75, verbose_name="objet")),
                (
                    "text",
                    models.CharField(blank=True, max_length=600, verbose_name="texte personnalisé"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="demandé le")),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="directory.school",
                    ),
                ),
            ],
            options={
                "verbose_name": "essai de diffusion",
                "verbose_name_plural": "essais de diffusion",
            },
        ),
        migrations.CreateModel(
            name="MailServer",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                (
                    "failures",
                    models.PositiveIntegerField(default=0, verbose_name="échecs de suite"),
                ),
                (
                    "open_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="pas d’essai avant"),
                ),
                (
                    "answer",
                    models.CharField(blank=True, max_length=300, verbose_name="dernière réponse"),
                ),
            ],
            options={
                "verbose_name": "serveur de courriel",
                "verbose_name_plural": "serveurs de courriel",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="mail_server_one_row"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("failures", 0), ("open_until__isnull", False), _connector="XOR"
                        ),
                        name="mail_server_rests_after_a_failure",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PasswordLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("oubli", "Mot de passe oublié"),
                            ("premier", "Premier mot de passe"),
                        ],
                        max_length=10,
                        verbose_name="usage",
                    ),
                ),
                ("token_hash", models.BinaryField(max_length=32, unique=True)),
                ("addresses_hash", models.BinaryField(max_length=32)),
                ("epoch", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(verbose_name="émis le")),
                (
                    "expires_at",
                    models.DateTimeField(db_index=True, verbose_name="valable jusqu’au"),
                ),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="utilisé le")),
                (
                    "killed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="annulé le"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="password_links",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "lien de mot de passe",
                "verbose_name_plural": "liens de mot de passe",
            },
        ),
        migrations.CreateModel(
            name="SlipPrinting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("requested_by", models.UUIDField(verbose_name="demandé par")),
                (
                    "layout",
                    models.CharField(
                        choices=[
                            ("8", "Fiches, 8 par page"),
                            ("2", "Fiches, 2 par page"),
                            ("1", "Fiches, 1 par page"),
                            ("lettre", "Lettres pour enveloppe à fenêtre"),
                        ],
                        max_length=8,
                        verbose_name="présentation",
                    ),
                ),
                ("choice", models.JSONField(verbose_name="choix")),
                ("words", models.CharField(max_length=200, verbose_name="ce qui a été choisi")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("attente", "En préparation"),
                            ("pret", "Prêt"),
                            ("supprime", "Supprimé"),
                        ],
                        default="attente",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="fichier")),
                ("account_count", models.PositiveIntegerField(default=0, verbose_name="comptes")),
                (
                    "code_count",
                    models.PositiveIntegerField(default=0, verbose_name="codes imprimés"),
                ),
                (
                    "issued_count",
                    models.PositiveIntegerField(default=0, verbose_name="codes nouveaux"),
                ),
                ("file_count", models.PositiveIntegerField(default=0, verbose_name="documents")),
                ("size", models.PositiveBigIntegerField(default=0, verbose_name="taille (octets)")),
                ("stored_uuid", models.UUIDField(blank=True, null=True)),
                ("job_uuid", models.UUIDField(db_index=True, verbose_name="travail")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="demandé le")),
                (
                    "generated_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="imprimé le"),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="slip_printings",
                        to="directory.school",
                    ),
                ),
            ],
            options={
                "verbose_name": "tirage de fiches",
                "verbose_name_plural": "tirages de fiches",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(fields=["school", "-created_at"], name="campaign_recent"),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["en-cours", "arretee", "terminee"])),
                name="campaign_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.UniqueConstraint(
                fields=("key",),
                name="campaign_asked_once",
                violation_error_message="Cet envoi a déjà été demandé.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "en-cours")),
                fields=("school", "sameness"),
                name="campaign_one_alike_running",
                violation_error_message="Le même envoi est déjà en cours.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("finished_at__isnull", True), ("state", "terminee"), _connector="XOR"
                ),
                name="campaign_done_has_a_date",
            ),
        ),
        migrations.AddIndex(
            model_name="campaignrecipient",
            index=models.Index(
                condition=models.Q(("state__in", ("attente", "differe"))),
                fields=["campaign", "id"],
                name="recipient_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="campaignrecipient",
            index=models.Index(fields=["campaign", "state"], name="recipient_state"),
        ),
        migrations.AddIndex(
            model_name="campaignrecipient",
            index=models.Index(
                condition=models.Q(("claim__isnull", False)),
                fields=["claim"],
                name="recipient_claimed",
            ),
        ),
        migrations.AddIndex(
            model_name="campaignrecipient",
            index=models.Index(
                condition=models.Q(("state", "envoi")), fields=["id"], name="recipient_sending"
            ),
        ),
        migrations.AddIndex(
            model_name="campaignrecipient",
            index=models.Index(
                condition=models.Q(("started_at__isnull", False)),
                fields=["started_at"],
                name="recipient_started",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignrecipient",
            constraint=models.UniqueConstraint(
                fields=("campaign", "account"), name="recipient_once_per_campaign"
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignrecipient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "attente",
                            "envoi",
                            "accepte",
                            "differe",
                            "refuse",
                            "incertain",
                            "retourne",
                            "arrete",
                            "ecarte",
                        ],
                    )
                ),
                name="recipient_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignrecipient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("claim__isnull", True),
                    ("state__in", ("attente", "differe", "envoi")),
                    _connector="OR",
                ),
                name="recipient_claimed_is_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignrecipient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "ecarte"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="recipient_skipped_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignrecipient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "envoi"), _negated=True),
                    ("started_at__isnull", False),
                    _connector="OR",
                ),
                name="recipient_sending_has_begun",
            ),
        ),
        migrations.AddIndex(
            model_name="credentialfile",
            index=models.Index(fields=["school", "-created_at"], name="credential_file_recent"),
        ),
        migrations.AddConstraint(
            model_name="credentialfile",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["attente", "pret", "supprime"])),
                name="credential_file_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="credentialfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "pret"), _negated=True),
                    ("generated_at__isnull", False),
                    _connector="OR",
                ),
                name="credential_file_ready_has_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="credentialfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "supprime"), _negated=True),
                    models.Q(
                        ("csv_uuid__isnull", True),
                        ("deleted_at__isnull", False),
                        ("xlsx_uuid__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="credential_file_deleted_is_empty",
            ),
        ),
        migrations.AddIndex(
            model_name="passwordlink",
            index=models.Index(fields=["account", "-created_at"], name="password_link_recent"),
        ),
        migrations.AddConstraint(
            model_name="passwordlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", ["oubli", "premier"])),
                name="password_link_purpose_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="passwordlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("created_at"))),
                name="password_link_expires",
            ),
        ),
        migrations.AddConstraint(
            model_name="passwordlink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("used_at__isnull", True), ("killed_at__isnull", True), _connector="OR"
                ),
                name="password_link_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="passwordlink",
            constraint=models.UniqueConstraint(
                condition=models.Q(("killed_at__isnull", True), ("used_at__isnull", True)),
                fields=("account", "purpose"),
                name="password_link_one_alive",
            ),
        ),
        migrations.AddIndex(
            model_name="slipprinting",
            index=models.Index(fields=["school", "-created_at"], name="slip_printing_recent"),
        ),
        migrations.AddConstraint(
            model_name="slipprinting",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["attente", "pret", "supprime"])),
                name="slip_printing_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="slipprinting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "pret"), _negated=True),
                    models.Q(("generated_at__isnull", False), ("stored_uuid__isnull", False)),
                    _connector="OR",
                ),
                name="slip_printing_ready_has_a_file",
            ),
        ),
    ]
