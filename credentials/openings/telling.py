"""Messages about opened codes: to the head of the school, and to whoever waited."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from directory.enums import Profile
from directory.models import Affiliation, Person, School
from ent.pages.french import number_words
from ent.pages.names import calm_name
from messaging.notices.sending import send_report


def tell_heads(*, school: School, by: Person, opened: int) -> None:
    """Tell the heads of a school that somebody opened the codes of more than one class.

    Once a day for each person and school; a head is not told of what they did themselves.
    """
    rows = Affiliation.objects.filter(school=school, profile=Profile.HEAD)
    heads = list(
        Person.objects.filter(pk__in=rows.values("person"), left_at__isnull=True)
        .exclude(pk=by.pk)
        .order_by("pk")
    )
    if not heads or by.pk in set(rows.values_list("person", flat=True)):
        return
    send_report(
        to=heads,
        subject="Les codes de plusieurs classes ont été ouverts",
        body=(
            f"{by.full_name} a ouvert aujourd’hui un fichier de {number_words(opened)} codes "
            f"d’activation de votre établissement, {calm_name(school.name)}\u00a0: il contient "
            "plus d’une classe.\n\n"
            "Vous n’avez rien à faire si vous le saviez. Sinon, demandez-lui pourquoi\u00a0; ses "
            f"accès se retirent ici\u00a0: {_address('directory:roles')}"
        ),
    )


def tell_allowed(*, person: Person, name: str) -> None:
    """Tell whoever waited that the file can be opened today."""
    send_report(
        to=person,
        subject="Vous pouvez ouvrir votre fichier de codes",
        body=(
            f"Un administrateur de l’ENT a permis l’ouverture de «\u00a0{name}\u00a0» pour "
            "aujourd’hui. Téléchargez-le à nouveau depuis la page où vous l’avez demandé."
        ),
    )


def _address(name: str) -> str:
    return f"{str(settings.PUBLIC_BASE_URL).rstrip('/')}{reverse(name)}"
