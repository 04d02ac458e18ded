"""Texts of the demonstration's schools: invented, in the words of real schools."""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.enums import NewsAudience

_BEFORE_SIGN = re.compile(r" ([:;!?»])")

COLOURS = (
    "#0d6b5e", "#8a2846", "#1f4e8c", "#7a4a00", "#4b3a8f", "#2f6b1f", "#a03a12", "#005f73",
    "#6a2c70", "#3d4f2f", "#9b1c31", "#28527a", "#5c4d00", "#00695c", "#7b3f61", "#37474f",
    "#884400", "#1b5e20", "#4a148c", "#0b5394",
)  # fmt: skip
"""Each readable with white on it (WCAG AA)."""

INTRODUCTIONS: dict[str, tuple[str, ...]] = {
    "college": (
        (
            "Au bord du parc, notre collège accueille ses élèves de la sixième à la troisième. "
            "Deux classes à horaires aménagés, une section sportive d’athlétisme et un dispositif "
            "« Devoirs faits » ouvert à tous, du lundi au jeudi jusqu’à 18 h."
        ),
        (
            "Un collège à taille humaine, où chaque élève est connu par son prénom. L’anglais et "
            "l’allemand commencent dès la sixième, le latin en cinquième, et la chorale répète "
            "tous les mardis sous le préau."
        ),
        (
            "Collège rural desservi par onze lignes de cars : la journée commence à 8 h 30 et "
            "s’arrête à 16 h 30 pour que personne n’attende. Le foyer, la radio et le potager "
            "font vivre la pause de midi."
        ),
        (
            "Notre collège fait le pari de la lecture : un quart d’heure chaque jour, pour tous, "
            "adultes compris. Le centre de documentation est ouvert sans interruption."
        ),
    ),
    "lycee": (
        (
            "Lycée général et technologique au cœur de la ville. Sept spécialités de première, "
            "une section européenne, un internat de quatre-vingts places et un partenariat ancien "
            "avec le conservatoire."
        ),
        (
            "De la seconde au baccalauréat, le lycée accompagne chacun vers la formation de son "
            "choix : entretiens d’orientation, tutorat par les étudiants, forum des métiers en "
            "janvier."
        ),
    ),
    "professionnel": (
        (
            "Lycée professionnel des métiers de l’électricité et de la maintenance. Les ateliers "
            "ont été refaits en 2024 ; chaque élève y travaille sur les équipements des "
            "entreprises de la région. Apprentissage possible dès la première."
        ),
    ),
    "agricole": (
        (
            "Lycée agricole public et son exploitation : polyculture, élevage laitier, atelier de "
            "transformation. Les élèves participent aux travaux des saisons, et la boutique est "
            "ouverte à tous le vendredi."
        ),
        (
            "Au milieu de soixante hectares, le lycée forme aux métiers du vivant, du conseil et "
            "du paysage. Internat, foyer animé par les élèves, chevaux et ruches pédagogiques."
        ),
    ),
}

LINKS: tuple[tuple[str, str], ...] = (
    ("Menus de la cantine", "https://cantine.example.org/menus"),
    ("Transports scolaires", "https://transports.example.org/lignes"),
    ("Bourses et aides", "https://www.service-public.fr/particuliers/vosdroits/N67"),
    ("Calendrier des vacances", "https://www.education.gouv.fr/calendrier-scolaire"),
    ("Orientation : Onisep", "https://www.onisep.fr"),
    ("Numéro contre le harcèlement : 3018", "https://e-enfance.org/numero-3018/"),
)


def typeset(text: str) -> str:
    """Spaces that must not break: before double punctuation, inside « », before units."""
    text = _BEFORE_SIGN.sub("\u00a0\\1", text)
    return text.replace("« ", "«\u00a0").replace(" h ", "\u00a0h ").replace(" h.", "\u00a0h.")


@dataclass(frozen=True, slots=True)
class NewsText:
    """A piece of news, with how many days ago it was published (negative: scheduled)."""

    title: str
    body: str
    audience: NewsAudience
    days_ago: int


_PUBLIC, _CONNECTED = NewsAudience.PUBLIC, NewsAudience.CONNECTED

NEWS: tuple[NewsText, ...] = (
    NewsText(
        "Portes ouvertes samedi de 9 h à 12 h 30",
        "Venez découvrir les salles, rencontrer les professeurs et goûter à la cuisine de la "
        "cantine. Des élèves vous guident, les parents délégués répondent à vos questions.\n\n"
        "## Au programme\n\n- 9 h 30 : présentation en salle polyvalente\n"
        "- 10 h 30 : démonstrations de sciences et de théâtre\n- 11 h 30 : la chorale",
        _PUBLIC,
        2,
    ),
    NewsText(
        "Réunion des parents de sixième",
        "L’équipe de sixième vous attend jeudi à 18 h. Chaque professeur principal recevra "
        "ensuite les familles de sa classe.\n\nUne garde est prévue pour les plus jeunes.",
        _CONNECTED,
        1,
    ),
    NewsText(
        "La chorale chante pour la maison de retraite",
        "Quarante élèves ont donné un concert aux résidents. Les chansons étaient les leurs : "
        "ils les avaient apprises auprès d’eux à l’automne.",
        _PUBLIC,
        9,
    ),
    NewsText(
        "Cross annuel : tous sur la ligne de départ",
        "Le cross aura lieu au stade. Prévoyez une tenue chaude et une bouteille d’eau. Les "
        "droits d’inscription vont à la recherche sur les maladies de l’enfant.",
        _PUBLIC,
        16,
    ),
    NewsText(
        "Manuels : rendez-vous au centre de documentation",
        "Les derniers manuels se retirent cette semaine à la récréation du matin. Pensez à "
        "les couvrir.",
        _CONNECTED,
        5,
    ),
    NewsText(
        "Une journée sans téléphone",
        "Les délégués proposent de laisser les téléphones à la maison vendredi. Jeux de "
        "société, ateliers et tournoi de tennis de table toute la journée.",
        _PUBLIC,
        23,
    ),
    NewsText(
        "Conseils de classe du premier trimestre",
        "Le calendrier est affiché à la vie scolaire. Les bulletins seront consultables le "
        "lendemain de chaque conseil.",
        _CONNECTED,
        3,
    ),
    NewsText(
        "Le club radio cherche des voix",
        "Une émission par mois, préparée le mardi entre 12 h et 13 h. Aucune expérience n’est "
        "demandée, seulement de la curiosité.",
        _PUBLIC,
        12,
    ),
    NewsText(
        "Bourses : dernière semaine pour le dossier",
        "Le secrétariat aide à remplir la demande, sans rendez-vous, de 8 h à 17 h. Apportez "
        "votre dernier avis d’imposition.",
        _CONNECTED,
        7,
    ),
)

#: Pages of the menu: title, then the text as an editor types it.
PAGES: tuple[tuple[str, str], ...] = (
    (
        "Restauration",
        (
            "Le restaurant scolaire sert 420 repas par jour, préparés sur place. La moitié des "
            "légumes vient de fermes du département.\n\n"
            "## Tarifs au forfait\n\n"
            "| Forfait | Par trimestre |\n| --- | --- |\n| 4 jours | 148 € |\n| 5 jours | 178 € |\n"
            "| Repas à l’unité | 4,35 € |\n\n"
            "## Aides\n\nLes bourses nationales et le fonds social réduisent la facture : demandez "
            "le dossier à l’intendance avant le 15 octobre.\n\n"
            "- Les régimes et allergies font l’objet d’un projet d’accueil individualisé.\n"
            "- Un repas décommandé avant 9 h n’est pas facturé."
        ),
    ),
    (
        "Inscriptions",
        (
            "Les familles du secteur reçoivent le dossier en mai. Les autres demandent d’abord une "
            "dérogation à la direction académique.\n\n"
            "## Les pièces à réunir\n\n"
            "1. Le livret de famille ou un acte de naissance\n"
            "2. Un justificatif de domicile de moins de trois mois\n"
            "3. Le carnet de santé (pages des vaccinations)\n"
            "4. Le dernier bulletin\n\n"
            "> Un élève qui arrive en cours d’année est reçu avec ses parents sous deux jours."
        ),
    ),
    (
        "Vie de l’établissement",
        (
            "## L’association sportive\n\nLe mercredi de 13 h à 16 h : badminton, escalade, "
            "athlétisme. La licence coûte 20 € pour l’année.\n\n"
            "## Le foyer et les clubs\n\n- Échecs, lundi à midi\n- Radio, mardi à midi\n"
            "- Potager, jeudi à midi\n\n"
            "## Le centre de documentation\n\nOuvert de 8 h à 17 h. Dix mille livres, et un "
            "professeur documentaliste pour chercher avec vous."
        ),
    ),
)

#: When schools are open: Monday to Friday, Wednesday until noon.
HOURS: tuple[tuple[int, str, str], ...] = (
    *((day, "07:45", "17:45") for day in (1, 2, 4, 5)),
    (3, "07:45", "12:30"),
)
HOURS_NOTE = "Pendant les vacances, une permanence est assurée la première semaine."

#: Documents to download: name, lines of the page.
DOCUMENTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Règlement intérieur", ("Reglement interieur", "Adopte par le conseil d'administration.")),
    ("Liste des fournitures", ("Liste des fournitures", "Un cartable leger suffit.")),
    ("Menus de la semaine", ("Menus de la semaine", "Lundi : lentilles, pomme.")),
)

PORTAL_NEWS = NewsText(
    "Bienvenue dans votre espace numérique",
    "Votre ENT change d’adresse et de visage. Vos identifiants arrivent par votre "
    "établissement : à la première connexion, vous choisissez votre mot de passe.",
    _CONNECTED,
    4,
)

TERMS_TITLE = "Conditions d’utilisation de l’espace numérique"
TERMS_BODY = """\
Cet espace est celui de votre établissement. En vous connectant, vous acceptez quelques règles \
simples, les mêmes pour les élèves, les familles et les adultes.

Votre identifiant et votre mot de passe sont personnels : ne les prêtez pas, même à un ami. Si \
quelqu’un les connaît, changez de mot de passe et prévenez votre établissement.

Écrivez comme vous parleriez à cette personne devant vous. Les propos blessants, les images prises \
sans accord et les copies d’œuvres protégées n’ont pas leur place ici.

Vos données viennent de la base de votre établissement et servent à votre scolarité. Pour les voir \
ou les faire corriger, adressez-vous au chef d’établissement.

Responsable de cet espace : {authority}.
"""
