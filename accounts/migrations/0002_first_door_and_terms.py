"""What a new portal starts with: the door of other accounts, and general terms of use."""

from django.db import migrations
from django.utils import timezone

TERMS_TITLE = "Conditions d’utilisation de l’espace numérique de travail"
TERMS_BODY = """L’espace numérique de travail (ENT) est mis à votre disposition par votre établissement. Il vous donne accès, avec un seul identifiant, aux informations et aux services de votre établissement.

Votre identifiant et votre mot de passe sont personnels. Ne les confiez à personne, pas même à un proche ou à un camarade. Si vous pensez que quelqu’un les connaît, changez votre mot de passe et prévenez votre établissement.

Sur un ordinateur partagé, déconnectez-vous avec le bouton « Se déconnecter », fermez le navigateur, puis fermez votre session de l’ordinateur.

Respectez les personnes : pas d’insulte, de moquerie, de menace, de propos discriminatoire, ni de photo ou de message de quelqu’un diffusé sans son accord. Respectez les œuvres : ne diffusez pas ce qui appartient à d’autres sans leur autorisation.

N’essayez pas d’entrer dans le compte de quelqu’un d’autre, ni de gêner le fonctionnement du service. Les connexions et les actes sur les comptes sont enregistrés pendant douze mois au plus ; les personnes habilitées de votre établissement peuvent les consulter.

L’établissement peut fermer un compte utilisé en contradiction avec ces règles. Vos données ne servent qu’au fonctionnement de l’ENT ; vos droits sont expliqués sur la page « Données personnelles »."""


def create(apps, schema_editor):
    Door = apps.get_model("accounts", "Door")
    TermsText = apps.get_model("accounts", "TermsText")
    Door.objects.get_or_create(
        code="autres-comptes",
        defaults={
            "label": "avec un compte de l’ENT",
            "kind": "local",
            "audiences": ["autres"],
            "position": 300,
            "is_open": True,
        },
    )
    TermsText.objects.get_or_create(
        authority=None,
        version=1,
        defaults={
            "title": TERMS_TITLE,
            "body": TERMS_BODY.replace(" :", "\u00a0:")
            .replace(" ;", "\u00a0;")
            .replace("« ", "«\u00a0")
            .replace(" »", "\u00a0»"),
            "published_at": timezone.now(),
        },
    )


def remove(apps, schema_editor):
    Door = apps.get_model("accounts", "Door")
    TermsText = apps.get_model("accounts", "TermsText")
    Door.objects.filter(code="autres-comptes").delete()
    TermsText.objects.filter(authority=None, version=1, acceptances=None).delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(create, remove)]
