"""Accounts, activation codes, doors and terms of use."""

import uuid

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("directory", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("login", models.CharField(max_length=70, verbose_name="identifiant")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("local", "Compte géré par l’ENT"),
                            ("academique", "Compte académique"),
                        ],
                        default="local",
                        max_length=12,
                        verbose_name="nature",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("non-active", "Non activé"),
                            ("active", "Activé"),
                            ("bloque", "Bloqué"),
                        ],
                        default="non-active",
                        max_length=12,
                        verbose_name="état",
                    ),
                ),
                (
                    "must_choose_password",
                    models.BooleanField(default=False, verbose_name="doit choisir un mot de passe"),
                ),
                (
                    "code_generation",
                    models.PositiveIntegerField(
                        default=0, help_text="Numéro du dernier code d’activation émis."
                    ),
                ),
                ("epoch", models.PositiveIntegerField(default=0)),
                (
                    "is_operator",
                    models.BooleanField(
                        default=False,
                        help_text="Accès à l’administration technique.",
                        verbose_name="exploitant",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="créé le")),
                (
                    "activated_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="activé le"),
                ),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="account",
                        to="directory.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "compte",
                "ordering": ["login"],
            },
        ),
        migrations.CreateModel(
            name="Door",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("code", models.SlugField(max_length=60, verbose_name="code")),
                (
                    "label",
                    models.CharField(
                        help_text="Par exemple « de l’académie de Nancy-Metz ».",
                        max_length=120,
                        verbose_name="libellé",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("local", "Mot de passe de l’ENT"),
                            ("cas", "Portail académique (CAS)"),
                            ("guichet", "Guichet OTP"),
                            ("ldap", "Annuaire LDAP"),
                        ],
                        max_length=10,
                        verbose_name="nature",
                    ),
                ),
                (
                    "audiences",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("eleve-parent", "Élève ou parent"),
                                ("enseignant", "Enseignant"),
                                ("personnel", "Personnel non enseignant"),
                                ("autres", "Autres comptes et invités"),
                            ],
                            max_length=16,
                        ),
                        size=None,
                        verbose_name="publics",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=100, verbose_name="ordre")),
                ("is_open", models.BooleanField(default=True, verbose_name="ouvert")),
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
                    "key_method",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="méthode qui vaut la clé OTP"
                    ),
                ),
                (
                    "authority",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="doors",
                        to="directory.authority",
                    ),
                ),
            ],
            options={
                "verbose_name": "guichet",
                "ordering": ["position", "label", "id"],
            },
        ),
        migrations.CreateModel(
            name="ReservedLogin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("base_hash", models.BinaryField(max_length=32, unique=True)),
                ("last_number", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "identifiant réservé",
            },
        ),
        migrations.CreateModel(
            name="SealingBatchRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("header", models.BinaryField(max_length=128)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "lot de codes",
            },
        ),
        migrations.CreateModel(
            name="SignInState",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="sign_in_state",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("first_sign_in_at", models.DateTimeField(verbose_name="première connexion")),
                ("last_sign_in_at", models.DateTimeField(verbose_name="dernière connexion")),
                (
                    "last_door_code",
                    models.CharField(blank=True, max_length=60, verbose_name="dernier guichet"),
                ),
                (
                    "sign_in_count",
                    models.PositiveIntegerField(default=1, verbose_name="connexions"),
                ),
            ],
            options={
                "verbose_name": "état de connexion",
            },
        ),
        migrations.CreateModel(
            name="StaleAccessState",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("noted_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "état à recopier",
                "verbose_name_plural": "états à recopier",
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
                    "method_parameter",
                    models.CharField(
                        blank=True,
                        default="authn_method",
                        max_length=80,
                        verbose_name="paramètre de la méthode",
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
            },
        ),
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
                ("answer_hash", models.BinaryField(max_length=32, null=True)),
                ("session_hash", models.BinaryField(max_length=32)),
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
            },
        ),
        migrations.CreateModel(
            name="StoredReturn",
            fields=[
                (
                    "token_hash",
                    models.BinaryField(max_length=32, primary_key=True, serialize=False),
                ),
                ("nonce", models.TextField(null=True)),
                ("answer", models.TextField(blank=True)),
                ("values", models.JSONField()),
                ("source_hash", models.BinaryField(max_length=32)),
                ("stored_at", models.DateTimeField()),
                (
                    "door",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stored_returns",
                        to="accounts.door",
                    ),
                ),
            ],
            options={
                "verbose_name": "retour en attente",
                "verbose_name_plural": "retours en attente",
            },
        ),
        migrations.CreateModel(
            name="TermsText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("title", models.CharField(max_length=160, verbose_name="titre")),
                (
                    "body",
                    models.TextField(
                        help_text="Paragraphes séparés par une ligne vide.", verbose_name="texte"
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="en vigueur depuis"),
                ),
                (
                    "authority",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="terms",
                        to="directory.authority",
                    ),
                ),
            ],
            options={
                "verbose_name": "conditions d’utilisation",
                "verbose_name_plural": "conditions d’utilisation",
                "ordering": ["-version", "id"],
            },
        ),
        migrations.CreateModel(
            name="TermsAcceptance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("accepted_at", models.DateTimeField(auto_now_add=True, verbose_name="accepté le")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="accepted_terms",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acceptances",
                        to="accounts.termstext",
                    ),
                ),
            ],
            options={
                "verbose_name": "acceptation",
            },
        ),
        migrations.CreateModel(
            name="ActivationCode",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="activation_code",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("generation", models.PositiveIntegerField()),
                ("box", models.BinaryField(max_length=64)),
                ("verifier", models.BinaryField(max_length=36)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="émis le")),
                ("expires_at", models.DateTimeField(verbose_name="valable jusqu’au")),
                (
                    "handed_over_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="remis le"),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="codes",
                        to="accounts.sealingbatchrow",
                    ),
                ),
            ],
            options={
                "verbose_name": "code d’activation",
            },
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                fields=("login",),
                name="account_login_unique",
                violation_error_message="Cet identifiant est déjà pris.",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("login__regex", "^[a-z0-9][a-z0-9._-]{0,69}$")),
                name="account_login_ascii",
                violation_error_message="Lettres sans accent, chiffres, points et tirets.",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "academique"), _negated=True),
                    ("password", ""),
                    _connector="OR",
                ),
                name="account_academic_without_secret",
            ),
        ),
        migrations.AddConstraint(
            model_name="casserver",
            constraint=models.CheckConstraint(
                condition=models.Q(("deadline_seconds__gte", 1), ("deadline_seconds__lte", 4)),
                name="cas_server_deadline",
                violation_error_message="Entre 1 et 4 secondes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="door",
            constraint=models.UniqueConstraint(
                fields=("code",),
                name="door_code_unique",
                violation_error_message="Ce code désigne déjà un guichet.",
            ),
        ),
        migrations.AddConstraint(
            model_name="doorbinding",
            constraint=models.UniqueConstraint(
                fields=("door", "subject"), name="binding_subject_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="doorbinding",
            constraint=models.UniqueConstraint(
                fields=("door", "account"), name="binding_account_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="doorsession",
            index=models.Index(fields=["sign_on"], name="door_session_sign_on"),
        ),
        migrations.AddIndex(
            model_name="doorsession",
            index=models.Index(fields=["door", "session_hash"], name="door_session_name"),
        ),
        migrations.AddConstraint(
            model_name="doorsession",
            constraint=models.UniqueConstraint(
                fields=("door", "answer_hash"), name="door_session_answer"
            ),
        ),
        migrations.AddIndex(
            model_name="refusedbinding",
            index=models.Index(fields=["-last_at"], name="refused_binding_last_at"),
        ),
        migrations.AddConstraint(
            model_name="refusedbinding",
            constraint=models.UniqueConstraint(
                fields=("door", "subject", "reason"), name="refused_binding_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="storedreturn",
            index=models.Index(fields=["stored_at"], name="stored_return_stored_at"),
        ),
        migrations.AddIndex(
            model_name="storedreturn",
            index=models.Index(fields=["source_hash"], name="stored_return_source"),
        ),
        migrations.AddConstraint(
            model_name="termstext",
            constraint=models.UniqueConstraint(
                fields=("authority", "version"),
                name="terms_version_unique",
                violation_error_message="Cette version existe déjà pour cette autorité.",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="termsacceptance",
            constraint=models.UniqueConstraint(
                fields=("account", "text"), name="terms_accepted_once"
            ),
        ),
    ]
