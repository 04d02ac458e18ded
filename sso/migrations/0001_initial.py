import uuid

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("directory", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="RegistryStamp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.UUIDField(default=uuid.uuid4)),
            ],
            options={
                "verbose_name": "version du catalogue",
            },
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "code",
                    models.SlugField(
                        help_text="Nom court, dans les statistiques.",
                        max_length=60,
                        verbose_name="code",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="nom")),
                (
                    "description",
                    models.CharField(blank=True, max_length=200, verbose_name="description"),
                ),
                ("icon", models.CharField(default="external", max_length=30, verbose_name="icône")),
                (
                    "realm",
                    models.CharField(
                        choices=[("portail", "Portail"), ("guichet", "Guichet")],
                        default="portail",
                        max_length=10,
                        verbose_name="domaine",
                    ),
                ),
                (
                    "home_url",
                    models.URLField(
                        blank=True,
                        help_text="Où mène la tuile de la page d’accueil ; vide : pas de tuile.",
                        max_length=500,
                        verbose_name="adresse d’accueil",
                    ),
                ),
                (
                    "contact",
                    models.CharField(
                        blank=True,
                        help_text="Montré à qui n’a pas accès ; vide : l’établissement.",
                        max_length=200,
                        verbose_name="qui contacter",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=100, verbose_name="ordre")),
                ("is_open", models.BooleanField(default=True, verbose_name="ouvert")),
                ("opens_on", models.DateField(blank=True, null=True, verbose_name="ouvre le")),
                ("closes_on", models.DateField(blank=True, null=True, verbose_name="dernier jour")),
                (
                    "required_strength",
                    models.CharField(
                        choices=[
                            ("aucune", "Toute connexion"),
                            ("cle-otp", "Clé de sécurité OTP de l’académie"),
                            ("totp", "Second facteur de l’ENT"),
                        ],
                        default="aucune",
                        max_length=10,
                        verbose_name="connexion exigée",
                    ),
                ),
                (
                    "may_proxy",
                    models.BooleanField(
                        default=False,
                        verbose_name="peut agir pour l’utilisateur auprès d’autres services",
                    ),
                ),
                (
                    "logout_mode",
                    models.CharField(
                        choices=[
                            ("directe", "Prévenir le service (recommandé)"),
                            ("aucune", "Ne rien envoyer"),
                        ],
                        default="directe",
                        max_length=10,
                        verbose_name="déconnexion",
                    ),
                ),
                (
                    "ticket_length",
                    models.CharField(
                        choices=[
                            ("standard", "Standard (51 caractères)"),
                            ("court", "Court, pour les anciens clients (32 caractères)"),
                        ],
                        default="standard",
                        max_length=10,
                        verbose_name="longueur des tickets",
                    ),
                ),
                (
                    "ticket_seconds",
                    models.PositiveSmallIntegerField(
                        default=10,
                        validators=[
                            django.core.validators.MinValueValidator(10),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="durée d’un ticket (secondes)",
                    ),
                ),
                (
                    "user_attribute",
                    models.CharField(
                        choices=[
                            ("identifiant-opaque", "Identifiant opaque"),
                            ("identifiant", "Identifiant de connexion"),
                            ("uuid", "UUID de la personne, le même pour tous les services"),
                            ("nom", "Nom"),
                            ("prenom", "Prénom"),
                            ("nom-complet", "Prénom et nom"),
                            ("civilite", "Civilité"),
                            ("date-naissance", "Date de naissance"),
                            ("code-postal", "Code postal"),
                            ("courriel", "Courriel"),
                            ("profil", "Profil"),
                            ("uai", "UAI de l’établissement principal"),
                            ("uais", "UAI de tous les établissements"),
                            ("classes", "Classes"),
                        ],
                        default="identifiant-opaque",
                        max_length=20,
                        verbose_name="identité transmise (cas:user)",
                    ),
                ),
                (
                    "profile_vocabulary",
                    models.CharField(
                        choices=[
                            ("preau", "eleve, tuteur, enseignant…"),
                            ("national-numeros", "National_1, National_2… (Pronote)"),
                            ("sdet", "National_ELV, National_TUT, National_ENS… (SDET)"),
                            ("eduperson", "student, teacher, staff… (SupAnn, eduPerson)"),
                        ],
                        default="preau",
                        max_length=20,
                        verbose_name="mots du profil",
                    ),
                ),
                (
                    "releases_over_http",
                    models.BooleanField(
                        default=False,
                        help_text="Un service en http ne reçoit sinon que son identifiant.",
                        verbose_name="attributs même sans https",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="enregistré le"),
                ),
                (
                    "allowed_proxies",
                    models.ManyToManyField(
                        blank=True,
                        related_name="+",
                        to="sso.service",
                        verbose_name="mandataires acceptés",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        blank=True,
                        help_text="Vide : service du portail.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="services",
                        to="directory.school",
                        verbose_name="établissement propriétaire",
                    ),
                ),
            ],
            options={
                "verbose_name": "service tiers",
                "verbose_name_plural": "services tiers",
                "ordering": ["position", "name", "id"],
            },
        ),
        migrations.CreateModel(
            name="ReleasedAttribute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        max_length=80,
                        validators=[
                            django.core.validators.RegexValidator("^[A-Za-z_][A-Za-z0-9_.-]{0,79}$")
                        ],
                        verbose_name="nom",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("identifiant-opaque", "Identifiant opaque"),
                            ("identifiant", "Identifiant de connexion"),
                            ("uuid", "UUID de la personne, le même pour tous les services"),
                            ("nom", "Nom"),
                            ("prenom", "Prénom"),
                            ("nom-complet", "Prénom et nom"),
                            ("civilite", "Civilité"),
                            ("date-naissance", "Date de naissance"),
                            ("code-postal", "Code postal"),
                            ("courriel", "Courriel"),
                            ("profil", "Profil"),
                            ("uai", "UAI de l’établissement principal"),
                            ("uais", "UAI de tous les établissements"),
                            ("classes", "Classes"),
                        ],
                        max_length=20,
                        verbose_name="donnée",
                    ),
                ),
                (
                    "format",
                    models.CharField(
                        choices=[
                            ("tel-quel", "Tel quel"),
                            ("majuscules", "En majuscules"),
                            ("minuscules", "En minuscules"),
                            ("date-iso", "Date AAAA-MM-JJ"),
                            ("date-francaise", "Date JJ/MM/AAAA"),
                        ],
                        default="tel-quel",
                        max_length=16,
                        verbose_name="écriture",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attributes",
                        to="sso.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "attribut transmis",
                "verbose_name_plural": "attributs transmis",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ProxyGrant",
            fields=[
                ("hash", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                (
                    "realm",
                    models.CharField(
                        choices=[("portail", "Portail"), ("guichet", "Guichet")],
                        max_length=10,
                        verbose_name="domaine",
                    ),
                ),
                ("subject", models.UUIDField(verbose_name="titulaire")),
                ("sign_on", models.UUIDField()),
                (
                    "profile",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("eleve", "Élève"),
                            ("tuteur", "Parent"),
                            ("enseignant", "Enseignant"),
                            ("direction", "Direction"),
                            ("vie-scolaire", "Vie scolaire"),
                            ("documentation", "Documentation"),
                            ("personnel", "Personnel non enseignant"),
                            ("academique", "Personnel académique"),
                            ("collectivite", "Personnel de collectivité"),
                            ("invite", "Invité"),
                            ("contact", "Contact"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "proxies",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2000), default=list, size=None
                    ),
                ),
                ("authenticated_at", models.DateTimeField(verbose_name="identifié le")),
                ("created_at", models.DateTimeField(verbose_name="créé le")),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="sso.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "mandat",
            },
        ),
        migrations.CreateModel(
            name="LogoutNotice",
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
                ("address", models.CharField(max_length=2000, verbose_name="adresse")),
                ("session_index", models.CharField(max_length=256)),
                ("created_at", models.DateTimeField(verbose_name="écrit le")),
                ("next_try_at", models.DateTimeField(verbose_name="prochain envoi")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="envois")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="envoyé le")),
                (
                    "given_up_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="abandonné le"),
                ),
                ("outcome", models.CharField(blank=True, max_length=40, verbose_name="issue")),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="sso.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "avis de déconnexion",
                "verbose_name_plural": "avis de déconnexion",
            },
        ),
        migrations.CreateModel(
            name="ServiceAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "use",
                    models.CharField(
                        choices=[
                            ("connexion", "Connexion et déconnexion"),
                            ("mandat", "Réception des mandats (pgtUrl)"),
                        ],
                        default="connexion",
                        max_length=10,
                        verbose_name="usage",
                    ),
                ),
                (
                    "scheme",
                    models.CharField(
                        choices=[("https", "https"), ("http", "http")],
                        max_length=5,
                        verbose_name="protocole",
                    ),
                ),
                (
                    "host",
                    models.CharField(
                        help_text="En minuscules.",
                        max_length=253,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^([a-z0-9]([a-z0-9_-]*[a-z0-9])?)(\\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)*$|^\\[[0-9a-f:.]+\\]$"
                            )
                        ],
                        verbose_name="hôte",
                    ),
                ),
                ("port", models.PositiveIntegerField(verbose_name="port")),
                (
                    "path_prefix",
                    models.CharField(
                        default="/",
                        max_length=300,
                        validators=[django.core.validators.RegexValidator("^/[\\x21-\\x7e]*$")],
                        verbose_name="début du chemin",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="sso.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "adresse",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ServiceAudience",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "profile",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("eleve", "Élève"),
                            ("tuteur", "Parent"),
                            ("enseignant", "Enseignant"),
                            ("direction", "Direction"),
                            ("vie-scolaire", "Vie scolaire"),
                            ("documentation", "Documentation"),
                            ("personnel", "Personnel non enseignant"),
                            ("academique", "Personnel académique"),
                            ("collectivite", "Personnel de collectivité"),
                            ("invite", "Invité"),
                            ("contact", "Contact"),
                        ],
                        max_length=16,
                        verbose_name="profil",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="directory.group",
                        verbose_name="classe",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="directory.school",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="audiences",
                        to="sso.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "accès population",
                "verbose_name_plural": "accès population",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ServiceGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "right",
                    models.CharField(
                        choices=[("acces", "Accéder au service")],
                        default="acces",
                        max_length=20,
                        verbose_name="droit",
                    ),
                ),
                ("granted_at", models.DateTimeField(auto_now_add=True, verbose_name="donné le")),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="retiré le"),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="directory.person",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="service_grants",
                        to="directory.person",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to="sso.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "accès utilisateur",
                "verbose_name_plural": "accès utilisateur",
                "ordering": ["-granted_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ServiceIdentifier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.CharField(max_length=64, verbose_name="identifiant opaque")),
                ("is_current", models.BooleanField(default=True, verbose_name="en usage")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="créé le")),
                (
                    "replaced_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="remplacé le"),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="service_identifiers",
                        to="directory.person",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identifiers",
                        to="sso.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "identifiant opaque",
                "verbose_name_plural": "identifiants opaques",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ServiceUsage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="jour")),
                (
                    "profile",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("eleve", "Élève"),
                            ("tuteur", "Parent"),
                            ("enseignant", "Enseignant"),
                            ("direction", "Direction"),
                            ("vie-scolaire", "Vie scolaire"),
                            ("documentation", "Documentation"),
                            ("personnel", "Personnel non enseignant"),
                            ("academique", "Personnel académique"),
                            ("collectivite", "Personnel de collectivité"),
                            ("invite", "Invité"),
                            ("contact", "Contact"),
                        ],
                        max_length=16,
                    ),
                ),
                ("visits", models.PositiveIntegerField(default=0, verbose_name="connexions")),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="usage",
                        to="sso.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "fréquentation",
                "ordering": ["day", "profile"],
            },
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                ("hash", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("ST", "Ticket de service"), ("PT", "Ticket mandaté")],
                        max_length=2,
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
                ("subject", models.UUIDField(verbose_name="titulaire")),
                ("address", models.CharField(max_length=2000, verbose_name="adresse exacte")),
                ("sign_on", models.UUIDField()),
                (
                    "is_primary",
                    models.BooleanField(default=False, verbose_name="issu d’une identification"),
                ),
                (
                    "methods",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("mot-de-passe", "Mot de passe de l’ENT"),
                                ("code", "Code d’activation"),
                                ("academie", "Portail de l’académie"),
                                ("totp", "Code de l’application d’authentification"),
                                ("cle-otp", "Clé de sécurité OTP"),
                            ],
                            max_length=12,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "profile",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("eleve", "Élève"),
                            ("tuteur", "Parent"),
                            ("enseignant", "Enseignant"),
                            ("direction", "Direction"),
                            ("vie-scolaire", "Vie scolaire"),
                            ("documentation", "Documentation"),
                            ("personnel", "Personnel non enseignant"),
                            ("academique", "Personnel académique"),
                            ("collectivite", "Personnel de collectivité"),
                            ("invite", "Invité"),
                            ("contact", "Contact"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "proxies",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2000),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("authenticated_at", models.DateTimeField(verbose_name="identifié le")),
                ("created_at", models.DateTimeField(verbose_name="créé le")),
                ("expires_at", models.DateTimeField(verbose_name="valable jusqu’à")),
                (
                    "consumed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="consommé le"),
                ),
                ("consumed_value", models.CharField(blank=True, max_length=256)),
                (
                    "ended_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="session terminée le"),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="sso.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "ticket",
            },
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.UniqueConstraint(
                fields=("code",),
                name="service_code_unique",
                violation_error_message="Ce code désigne déjà un service.",
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(("ticket_seconds__gte", 10), ("ticket_seconds__lte", 60)),
                name="service_ticket_seconds",
                violation_error_message="Un ticket dure de 10 à 60 secondes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("opens_on__isnull", True),
                    ("closes_on__isnull", True),
                    ("closes_on__gte", models.F("opens_on")),
                    _connector="OR",
                ),
                name="service_dates_in_order",
                violation_error_message="Le dernier jour vient après l’ouverture.",
            ),
        ),
        migrations.AddConstraint(
            model_name="releasedattribute",
            constraint=models.UniqueConstraint(
                fields=("service", "name"),
                name="released_attribute_once",
                violation_error_message="Cet attribut est déjà dans la liste.",
            ),
        ),
        migrations.AddConstraint(
            model_name="releasedattribute",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__regex", "^[A-Za-z_][A-Za-z0-9_.-]{0,79}$")),
                name="released_attribute_name",
                violation_error_message="Lettres sans accent, chiffres, point, tiret ; pas de chiffre au début.",
            ),
        ),
        migrations.AddIndex(
            model_name="proxygrant",
            index=models.Index(fields=["sign_on"], name="proxy_grant_sign_on"),
        ),
        migrations.AddIndex(
            model_name="proxygrant",
            index=models.Index(fields=["created_at"], name="proxy_grant_created_at"),
        ),
        migrations.AddIndex(
            model_name="logoutnotice",
            index=models.Index(
                condition=models.Q(("given_up_at__isnull", True), ("sent_at__isnull", True)),
                fields=["realm", "next_try_at"],
                name="logout_notice_due",
            ),
        ),
        migrations.AddIndex(
            model_name="logoutnotice",
            index=models.Index(fields=["created_at"], name="logout_notice_created_at"),
        ),
        migrations.AddConstraint(
            model_name="serviceaddress",
            constraint=models.UniqueConstraint(
                fields=("service", "use", "scheme", "host", "port", "path_prefix"),
                name="service_address_once",
                violation_error_message="Cette adresse est déjà dans la liste.",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceaddress",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("scheme__in", ("https", "http")), ("port__gte", 1), ("port__lte", 65535)
                ),
                name="service_address_scheme_port",
                violation_error_message="http ou https, et un port de 1 à 65535.",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceaddress",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "host__regex",
                        "^([a-z0-9]([a-z0-9_-]*[a-z0-9])?)(\\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)*$|^\\[[0-9a-f:.]+\\]$",
                    )
                ),
                name="service_address_host",
                violation_error_message="Un nom d’hôte en minuscules, sans port ni chemin.",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceaddress",
            constraint=models.CheckConstraint(
                condition=models.Q(("path_prefix__regex", "^/[\\x21-\\x7e]*$")),
                name="service_address_path",
                violation_error_message="Le chemin commence par une barre oblique.",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceaddress",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("use", "mandat"), _negated=True), ("scheme", "https"), _connector="OR"
                ),
                name="service_address_callback_https",
                violation_error_message="Un mandat ne se reçoit qu’en https.",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceaudience",
            constraint=models.UniqueConstraint(
                fields=("service", "profile", "school", "group"),
                name="service_audience_once",
                nulls_distinct=False,
                violation_error_message="Cette population a déjà accès.",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceaudience",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("profile", ""),
                    (
                        "profile__in",
                        [
                            "eleve",
                            "tuteur",
                            "enseignant",
                            "direction",
                            "vie-scolaire",
                            "documentation",
                            "personnel",
                            "academique",
                            "collectivite",
                            "invite",
                            "contact",
                        ],
                    ),
                    _connector="OR",
                ),
                name="service_audience_profile_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicegrant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("service", "person", "right"),
                name="service_grant_once",
                violation_error_message="Cette personne a déjà cet accès.",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceidentifier",
            constraint=models.UniqueConstraint(fields=("value",), name="service_identifier_unique"),
        ),
        migrations.AddConstraint(
            model_name="serviceidentifier",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_current", True)),
                fields=("person", "service"),
                name="service_identifier_current",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceidentifier",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_current", True), ("replaced_at__isnull", True)),
                    models.Q(("is_current", False), ("replaced_at__isnull", False)),
                    _connector="OR",
                ),
                name="service_identifier_history",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceusage",
            constraint=models.UniqueConstraint(
                fields=("service", "day", "profile"), name="service_usage_once"
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["sign_on"], name="ticket_sign_on"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["created_at"], name="ticket_created_at"),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("consumed_value", ""), ("consumed_at__isnull", False), _connector="OR"
                ),
                name="ticket_value_only_when_consumed",
            ),
        ),
    ]
