"""« Comptes effacés dans une semaine »: told to the administrators of the school (R-D5)."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from directory.enums import Role
from directory.lifecycle.telling import ErasureNews
from directory.models import Person, RoleGrant
from ent.pages.french import day_words, number_words
from ent.pages.names import calm_name
from messaging.notices.sending import send_report


def tell_administrators(news: ErasureNews) -> None:
    """Leave the news in the mailboxes of the school's heads and administrators; it names nobody."""
    grants = RoleGrant.objects.in_force().filter(
        role=Role.SCHOOL_ADMINISTRATOR, school=news.school, person__left_at__isnull=True
    )
    readers = list(Person.objects.filter(pk__in=grants.values("person")).order_by("pk"))
    if not readers:
        return
    count = "Un compte" if news.count == 1 else f"{number_words(news.count)} comptes"
    verb = "sera effacé" if news.count == 1 else "seront effacés"
    address = f"{str(settings.PUBLIC_BASE_URL).rstrip('/')}{reverse('directory:leavers')}"
    send_report(
        to=readers,
        subject=f"{count} en départ {verb} dans une semaine",
        body=(
            f"{calm_name(news.school.name)}\u00a0: {count.lower()} de personnes parties "
            f"{verb} à partir du {day_words(news.first_day)}, trois mois après leur départ, "
            "avec tout ce qui leur appartient.\n\n"
            f"Qui est concerné\u00a0: {address}\n\n"
            "Une personne qui revient dans l’alimentation de l’annuaire avant ce jour retrouve "
            "son compte\u00a0: faites corriger sa fiche dans Siècle, ONDE ou STS."
        ),
    )
