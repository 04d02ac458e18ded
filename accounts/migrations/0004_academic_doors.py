"""Academic doors: how each server is reached, whom it knows here, how it is doing."""

import uuid

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_session_sign_on"),
    ]

    operations = [
        migrations.CreateModel(
            name="DoorHealth",
            fields=[
                (
                    "door",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="health",
                        serialize=False,
                        to="accounts.door",
                    ),
                ),
                (
                    "failures",
                    models.PositiveIntegerField(default=0, verbose_name="échecs de suite"),
                ),
                (
                    "closed_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="au repos jusqu’à"),
                ),
                (
                    "last_fault",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("dns", "Le nom du serveur est introuvable (DNS)."),
                            (
                                "refusee",
                                "Le serveur refuse la connexion, ou n’est pas joignable d’ici.",
                            ),
                            (
                                "tls",
                                "Le certificat du serveur n’est pas accepté, ou la liaison chiffrée échoue.",
                            ),
                            ("muet", "Le serveur n’a pas répondu dans le délai."),
                            ("panne", "Le serveur répond par une erreur interne."),
                            (
                                "pas-cas",
                                "La réponse n’est pas celle d’un serveur CAS : vérifiez l’adresse.",
                            ),
                            (
                                "redirige",
                                "Le serveur renvoie vers une autre adresse : indiquez l’adresse finale.",
                            ),
                            (
                                "suspendu",
                                "Le guichet vient de cesser de répondre : il est laissé au repos.",
                            ),
                            ("occupe", "Trop de connexions attendent la réponse de ce portail."),
                            ("ticket", "Le ticket est périmé ou déjà utilisé."),
                            (
                                "service",
                                "Le serveur ne connaît pas l’adresse de l’ENT : elle doit y être déclarée.",
                            ),
                            (
                                "a-nouveau",
                                "L’identification n’a pas été refaite, alors qu’elle était demandée.",
                            ),
                            ("methode", "La réponse ne nomme pas la méthode demandée."),
                            (
                                "sans-identifiant",
                                "La réponse ne porte pas d’identifiant utilisable.",
                            ),
                        ],
                        max_length=20,
                        verbose_name="dernier défaut",
                    ),
                ),
                (
                    "last_failure_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="dernier échec"),
                ),
            ],
            options={
                "verbose_name": "santé d’un guichet",
            },
        ),
        migrations.CreateModel(
            name="CasServer",
            fields=[
                (
                    "door",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="cas",
                        serialize=False,
                        to="accounts.door",
                    ),
                ),
                ("public_url", models.URLField(max_length=300, verbose_name="adresse publique")),
                (
                    "back_channel_url",
                    models.URLField(
                        blank=True, max_length=300, verbose_name="adresse de validation"
                    ),
                ),
                (
                    "version",
                    models.CharField(
                        choices=[("1", "CAS 1"), ("2", "CAS 2"), ("3", "CAS 3")],
                        default="3",
                        max_length=1,
                        verbose_name="version du protocole",
                    ),
                ),
                (
                    "match_on",
                    models.CharField(
                        choices=[
                            ("courriel", "Courriel académique"),
                            ("cle-de-jointure", "Clé de jointure (AAF)"),
                        ],
                        default="courriel",
                        max_length=20,
                        verbose_name="rapprochement par",
                    ),
                ),
                (
                    "match_attribute",
                    models.CharField(blank=True, max_length=80, verbose_name="attribut transmis"),
                ),
                (
                    "renew_policy",
                    models.CharField(
                        choices=[
                            ("apres-deconnexion", "Après une déconnexion sur le même navigateur"),
                            ("toujours", "À chaque connexion"),
                        ],
                        default="apres-deconnexion",
                        max_length=20,
                        verbose_name="identification redemandée",
                    ),
                ),
                (
                    "method_parameter",
                    models.CharField(
                        blank=True,
                        default="authn_method",
                        max_length=80,
                        verbose_name="paramètre de la méthode",
                    ),
                ),
                (
                    "key_method",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="méthode qui vaut la clé OTP"
                    ),
                ),
                (
                    "deadline_seconds",
                    models.PositiveSmallIntegerField(
                        default=4,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(4),
                        ],
                        verbose_name="délai de réponse",
                    ),
                ),
            ],
            options={
                "verbose_name": "serveur CAS",
                "verbose_name_plural": "serveurs CAS",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("deadline_seconds__gte", 1), ("deadline_seconds__lte", 4)
                        ),
                        name="cas_server_deadline",
                        violation_error_message="Entre 1 et 4 secondes.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("version", "1"), _negated=True),
                            ("match_attribute", ""),
                            _connector="OR",
                        ),
                        name="cas_server_v1_without_attribute",
                        violation_error_message="CAS 1 ne transmet pas d’attribut.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DoorBinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "subject",
                    models.CharField(max_length=200, verbose_name="identifiant académique"),
                ),
                ("matched", models.CharField(max_length=254, verbose_name="rapproché par")),
                ("bound_at", models.DateTimeField(auto_now_add=True, verbose_name="rattaché le")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bindings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "door",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bindings",
                        to="accounts.door",
                    ),
                ),
            ],
            options={
                "verbose_name": "rattachement académique",
                "verbose_name_plural": "rattachements académiques",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("door", "subject"), name="binding_subject_unique"
                    ),
                    models.UniqueConstraint(
                        fields=("door", "account"), name="binding_account_unique"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DoorSession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ticket_hash", models.BinaryField(max_length=32)),
                ("sign_on", models.UUIDField()),
                ("opened_at", models.DateTimeField(auto_now_add=True, verbose_name="ouverte le")),
                (
                    "door",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="door_sessions",
                        to="accounts.door",
                    ),
                ),
            ],
            options={
                "verbose_name": "session académique",
                "verbose_name_plural": "sessions académiques",
                "indexes": [models.Index(fields=["sign_on"], name="door_session_sign_on")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("door", "ticket_hash"), name="door_session_ticket"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RefusedBinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "reference",
                    models.CharField(max_length=12, unique=True, verbose_name="référence"),
                ),
                (
                    "subject",
                    models.CharField(max_length=200, verbose_name="identifiant académique"),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("sans-attribut", "Le portail ne transmet pas l’attribut attendu"),
                            ("personne", "Aucune personne ne correspond"),
                            ("plusieurs", "Plusieurs personnes correspondent"),
                            ("deuxieme", "La personne est déjà rattachée à un autre identifiant"),
                            ("change", "L’attribut a changé depuis le rattachement"),
                            ("ferme", "Le compte est bloqué, ou la personne est partie"),
                        ],
                        max_length=20,
                        verbose_name="motif",
                    ),
                ),
                (
                    "attribute",
                    models.CharField(blank=True, max_length=254, verbose_name="attribut transmis"),
                ),
                ("count", models.PositiveIntegerField(default=1, verbose_name="essais")),
                ("first_at", models.DateTimeField(verbose_name="premier essai")),
                ("last_at", models.DateTimeField(verbose_name="dernier essai")),
                (
                    "door",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refused_bindings",
                        to="accounts.door",
                    ),
                ),
            ],
            options={
                "verbose_name": "rattachement refusé",
                "verbose_name_plural": "rattachements refusés",
                "indexes": [models.Index(fields=["-last_at"], name="refused_binding_last_at")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("door", "subject", "reason"), name="refused_binding_unique"
                    )
                ],
            },
        ),
    ]
