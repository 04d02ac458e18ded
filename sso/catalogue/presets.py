"""Well-known services, so that registering one starts from what its client expects.

A preset fills in the protocol's settings. What is nominative is only proposed: the administrator
ticks it (R-G3).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sso.enums import AttributeFormat, AttributeSource, ProfileVocabulary, TicketLength

Attribute = tuple[str, AttributeSource, AttributeFormat]
_PLAIN = AttributeFormat.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What one kind of service starts with."""

    key: str
    label: str
    words: str
    icon: str
    name: str = ""
    host_hint: str = "service.exemple.fr"
    path: str = "/"
    ticket_length: TicketLength = TicketLength.STANDARD
    vocabulary: ProfileVocabulary = ProfileVocabulary.OURS
    usual_attributes: tuple[Attribute, ...] = ()
    advice: tuple[str, ...] = field(default=())


#: Attribute names: the vendor's 2019 guide for Pronote; the defaults of the CAS plug-ins of Moodle
#: (« Data mapping ») and of Nextcloud (`user_cas`).
PRESETS: Final[dict[str, Preset]] = {
    preset.key: preset
    for preset in (
        Preset(
            key="generique",
            label="Service CAS",
            words="Tout service qui sait se connecter par CAS 2 ou 3.",
            icon="external",
        ),
        Preset(
            key="pronote",
            label="Pronote",
            words="Emploi du temps, notes, cahier de textes.",
            icon="calendar",
            name="Pronote",
            host_hint="0123456a.index-education.net",
            path="/pronote",
            vocabulary=ProfileVocabulary.NATIONAL_NUMBERS,
            usual_attributes=(
                ("nom", AttributeSource.FAMILY_NAME, _PLAIN),
                ("prenom", AttributeSource.GIVEN_NAME, _PLAIN),
                ("dateNaissance", AttributeSource.BIRTH_DATE, AttributeFormat.FRENCH_DATE),
                ("codePostal", AttributeSource.POSTAL_CODE, _PLAIN),
                ("categories", AttributeSource.PROFILE, _PLAIN),
            ),
            advice=(
                (
                    "Pronote reconnaît les personnes par leur identifiant opaque, après un"
                    " rapprochement\u00a0: rien de nominatif n’est nécessaire."
                ),
                (
                    "On ne sait pas si Pronote tient compte de la déconnexion qui lui est"
                    " envoyée\u00a0: conseillez de fermer le navigateur sur un poste partagé."
                ),
            ),
        ),
        Preset(
            key="moodle",
            label="Moodle",
            words="Cours en ligne, devoirs à rendre.",
            icon="book",
            name="Moodle",
            host_hint="moodle.exemple.fr",
            usual_attributes=(
                ("firstname", AttributeSource.GIVEN_NAME, _PLAIN),
                ("lastname", AttributeSource.FAMILY_NAME, _PLAIN),
                ("mail", AttributeSource.EMAIL, AttributeFormat.LOWER),
            ),
            advice=("Dans Moodle\u00a0: serveur CAS, version 2.0 ou 3.0, déconnexion activée.",),
        ),
        Preset(
            key="nextcloud",
            label="Nextcloud",
            words="Fichiers personnels et partagés.",
            icon="file",
            name="Nextcloud",
            host_hint="nuage.exemple.fr",
            usual_attributes=(
                ("displayName", AttributeSource.FULL_NAME, _PLAIN),
                ("email", AttributeSource.EMAIL, AttributeFormat.LOWER),
            ),
            advice=(
                (
                    "L’identifiant opaque devient le nom du dossier de la personne dans"
                    " Nextcloud\u00a0: ne changez plus l’identité transmise ensuite."
                ),
            ),
        ),
    )
}
