import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import pronote_bridge.instances.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("directory", "0002_academies_of_persons"),
        ("sso", "0002_catalogue_version"),
    ]

    operations = [
        migrations.CreateModel(
            name="Instance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=80, verbose_name="nom")),
                ("address", models.CharField(max_length=300, verbose_name="adresse de Pronote")),
                (
                    "includes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("personnels", "Personnels"),
                                ("professeurs", "Professeurs"),
                                ("responsables", "Responsables"),
                                ("eleves", "Élèves"),
                            ],
                            max_length=16,
                        ),
                        default=pronote_bridge.instances.models.every_list,
                        size=None,
                        verbose_name="listes du fichier",
                    ),
                ),
                (
                    "extras",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("ine", "Numéro national des élèves (INE)"),
                                ("adresse-eleves", "Adresse des élèves"),
                                ("naissance-professeurs", "Date de naissance des professeurs"),
                            ],
                            max_length=24,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="données en plus",
                    ),
                ),
                (
                    "is_sign_out_notified",
                    models.BooleanField(default=False, verbose_name="prévenir à la déconnexion"),
                ),
                (
                    "allowed_by",
                    models.UUIDField(
                        blank=True, null=True, verbose_name="adresse inhabituelle permise par"
                    ),
                ),
                ("created_by", models.UUIDField(blank=True, null=True, verbose_name="créée par")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="créée le")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="retirée le"),
                ),
                (
                    "key_school",
                    models.ForeignKey(
                        help_text="Son UAI nomme le fichier.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="directory.school",
                        verbose_name="établissement du fichier",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pronote_instances",
                        to="sso.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "instance de Pronote",
                "verbose_name_plural": "instances de Pronote",
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("complet", "Complet"),
                            ("differentiel", "Nouveautés et changements"),
                        ],
                        max_length=16,
                        verbose_name="étendue",
                    ),
                ),
                (
                    "envelope",
                    models.CharField(
                        choices=[
                            ("editeur", "Enveloppe de l’éditeur"),
                            ("w3c", "XML Encryption (W3C)"),
                        ],
                        max_length=10,
                        verbose_name="enveloppe",
                    ),
                ),
                (
                    "requested_by",
                    models.UUIDField(
                        blank=True,
                        help_text="Vide : la machine de l’instance.",
                        null=True,
                        verbose_name="demandé par",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("attente", "En préparation"), ("pret", "Prêt")],
                        default="attente",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("staff_count", models.PositiveIntegerField(default=0, verbose_name="personnels")),
                (
                    "teacher_count",
                    models.PositiveIntegerField(default=0, verbose_name="professeurs"),
                ),
                (
                    "guardian_count",
                    models.PositiveIntegerField(default=0, verbose_name="responsables"),
                ),
                ("pupil_count", models.PositiveIntegerField(default=0, verbose_name="élèves")),
                (
                    "exported_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="date de l’export"),
                ),
                (
                    "fingerprint",
                    models.CharField(blank=True, max_length=60, verbose_name="empreinte de la clé"),
                ),
                (
                    "sha256",
                    models.CharField(blank=True, max_length=64, verbose_name="somme de contrôle"),
                ),
                ("size", models.PositiveBigIntegerField(default=0, verbose_name="taille (octets)")),
                ("stored_uuid", models.UUIDField(blank=True, null=True, unique=True)),
                ("job_uuid", models.UUIDField(db_index=True, verbose_name="travail")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="demandé le")),
                (
                    "downloaded_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="téléchargé le"),
                ),
                (
                    "base",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pronote_bridge.export",
                        verbose_name="depuis",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sso.service",
                    ),
                ),
                (
                    "instance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to="pronote_bridge.instance",
                    ),
                ),
            ],
            options={
                "verbose_name": "export pour Pronote",
                "verbose_name_plural": "exports pour Pronote",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="InstanceSchool",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("joined_at", models.DateTimeField(auto_now_add=True, verbose_name="depuis")),
                ("left_at", models.DateTimeField(blank=True, null=True, verbose_name="jusqu’à")),
                (
                    "instance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="pronote_bridge.instance",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="directory.school",
                    ),
                ),
            ],
            options={
                "verbose_name": "établissement d’une instance",
                "verbose_name_plural": "établissements d’une instance",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="MachineAccess",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_open", models.BooleanField(default=False, verbose_name="ouverte")),
                (
                    "networks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=43),
                        blank=True,
                        default=list,
                        help_text="Adresses ou réseaux (192.0.2.0/24).",
                        size=None,
                        verbose_name="réseaux permis",
                    ),
                ),
                (
                    "instance",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="machine_access",
                        to="pronote_bridge.instance",
                    ),
                ),
            ],
            options={
                "verbose_name": "accès d’une machine",
                "verbose_name_plural": "accès des machines",
            },
        ),
        migrations.CreateModel(
            name="MachineCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.BinaryField(max_length=32)),
                ("window", models.DateTimeField(db_index=True, verbose_name="fenêtre")),
                ("calls", models.PositiveIntegerField(verbose_name="appels")),
            ],
            options={
                "verbose_name": "compteur d’appels",
                "verbose_name_plural": "compteurs d’appels",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "window"), name="pronote_machine_count_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MachineSecret",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("slot", models.PositiveSmallIntegerField(verbose_name="place")),
                ("secret_hash", models.BinaryField(max_length=32, verbose_name="empreinte")),
                ("public_key", models.BinaryField(max_length=32, verbose_name="clé publique")),
                ("created_by", models.UUIDField(verbose_name="créé par")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="créé le")),
                (
                    "last_used_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="utilisé le"),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="retiré le"),
                ),
                (
                    "instance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="machine_secrets",
                        to="pronote_bridge.instance",
                    ),
                ),
            ],
            options={
                "verbose_name": "secret d’une machine",
                "verbose_name_plural": "secrets des machines",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="MachineFileKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("wrapped_key", models.BinaryField(max_length=128, verbose_name="clé scellée")),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="machine_keys",
                        to="pronote_bridge.export",
                    ),
                ),
                (
                    "secret",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="file_keys",
                        to="pronote_bridge.machinesecret",
                    ),
                ),
            ],
            options={
                "verbose_name": "clé d’un fichier pour une machine",
                "verbose_name_plural": "clés de fichiers pour des machines",
            },
        ),
        migrations.CreateModel(
            name="VendorPartner",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                (
                    "partner_id",
                    models.CharField(max_length=80, verbose_name="identifiant de partenaire"),
                ),
                (
                    "partner_name",
                    models.CharField(max_length=120, verbose_name="nom de partenaire"),
                ),
                (
                    "container_version",
                    models.CharField(max_length=20, verbose_name="version du conteneur"),
                ),
                (
                    "envelope",
                    models.CharField(
                        choices=[
                            ("editeur", "Enveloppe de l’éditeur"),
                            ("w3c", "XML Encryption (W3C)"),
                        ],
                        default="editeur",
                        max_length=10,
                        verbose_name="enveloppe",
                    ),
                ),
                (
                    "support_address",
                    models.CharField(
                        blank=True, max_length=254, verbose_name="adresse de l’assistance"
                    ),
                ),
                (
                    "mail_subject",
                    models.CharField(blank=True, max_length=120, verbose_name="objet du courriel"),
                ),
                ("public_key", models.TextField(blank=True, verbose_name="clé publique (PEM)")),
                (
                    "fingerprint",
                    models.CharField(blank=True, max_length=60, verbose_name="empreinte"),
                ),
                (
                    "key_bits",
                    models.PositiveSmallIntegerField(
                        default=0, verbose_name="taille de la clé (bits)"
                    ),
                ),
                (
                    "key_changed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="clé du"),
                ),
            ],
            options={
                "verbose_name": "éditeur de Pronote",
                "verbose_name_plural": "éditeur de Pronote",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)),
                        name="vendor_partner_one_row",
                        violation_error_message="Le portail a un seul éditeur de Pronote.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("envelope__in", ["editeur", "w3c"])),
                        name="vendor_partner_envelope_known",
                        violation_error_message="Choisissez l’une des enveloppes proposées.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("fingerprint", ""),
                                ("key_changed_at__isnull", True),
                                ("public_key", ""),
                            ),
                            models.Q(
                                models.Q(("public_key", ""), _negated=True),
                                models.Q(("fingerprint", ""), _negated=True),
                                ("key_changed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="vendor_partner_key_whole",
                        violation_error_message=(
                            "La clé publique se change en entier, avec son empreinte."
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportedPerson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("personnels", "Personnels"),
                            ("professeurs", "Professeurs"),
                            ("responsables", "Responsables"),
                            ("eleves", "Élèves"),
                        ],
                        max_length=16,
                        verbose_name="liste",
                    ),
                ),
                ("digest", models.BinaryField(max_length=16, verbose_name="empreinte")),
                ("is_written", models.BooleanField(verbose_name="dans le fichier")),
                (
                    "export",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="people",
                        to="pronote_bridge.export",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="directory.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "personne d’un export",
                "verbose_name_plural": "personnes d’un export",
                "indexes": [
                    models.Index(fields=["person", "export"], name="pronote_exported_person")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("export", "person", "kind"), name="pronote_exported_person_once"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="instance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "includes__contained_by",
                        ["personnels", "professeurs", "responsables", "eleves"],
                    ),
                    models.Q(("includes", []), _negated=True),
                ),
                name="pronote_instance_lists_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="instance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("extras__contained_by", ["ine", "adresse-eleves", "naissance-professeurs"])
                ),
                name="pronote_instance_extras_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="instance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("service",),
                name="pronote_service_has_one_instance",
                violation_error_message="Ce service est déjà celui d’une autre instance.",
            ),
        ),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(fields=["instance", "-created_at"], name="pronote_export_recent"),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["attente", "pret"])),
                name="pronote_export_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("base__isnull", True), ("scope", "complet")),
                    models.Q(("base__isnull", False), ("scope", "differentiel")),
                    _connector="OR",
                ),
                name="pronote_export_differs_from_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "pret"), _negated=True),
                    models.Q(
                        ("exported_at__isnull", False),
                        ("stored_uuid__isnull", False),
                        models.Q(("sha256", ""), _negated=True),
                        models.Q(("fingerprint", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="pronote_export_ready_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="instanceschool",
            constraint=models.UniqueConstraint(
                condition=models.Q(("left_at__isnull", True)),
                fields=("school",),
                name="pronote_school_has_one_instance",
                violation_error_message="Cet établissement a déjà une instance de Pronote.",
            ),
        ),
        migrations.AddConstraint(
            model_name="machinesecret",
            constraint=models.UniqueConstraint(
                fields=("secret_hash",), name="pronote_machine_secret_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="machinesecret",
            constraint=models.CheckConstraint(
                condition=models.Q(("slot__in", [1, 2])), name="pronote_machine_two_slots"
            ),
        ),
        migrations.AddConstraint(
            model_name="machinesecret",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("instance", "slot"),
                name="pronote_machine_slot_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="machinefilekey",
            constraint=models.UniqueConstraint(
                fields=("export", "secret"), name="pronote_machine_file_key_once"
            ),
        ),
    ]
