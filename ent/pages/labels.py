"""Labels of the nomenclatures as people write them: feeds shout without accents, pages do not.

« EDUCATION MUSICALE » becomes « Éducation musicale », « 3EME » « 3e », « ADJOINT CHEF
D'ETABLISSEMENT » « adjoint au chef d’établissement ». For screens, mails and papers only: what is
stored, searched, exported and released to services stays as delivered. Names of people, schools and
towns are read by :mod:`ent.pages.names`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from ent.text.folding import fold

#: Words of the nomenclatures that have an accent, whatever their sense.
_ACCENTED: Final = """
    accès accélérée activité activités aéronautique aérostructure agroéquipement agroéquipements
    allégé allégés aménagement aménagements année années antiquité août arménien avancé avancée
    avancés bâtiment bâtiments béarnais céramique chorégraphie cinéma cinquième compétence
    compétences comptabilité confirmé confirmés conseillère contrôle coréen cosmétique créateur
    créatif création créative créole deuxième débat débutant débutante débutantes débutants
    décembre décor décoration découverte découvertes dédoublé dédoublés délégué déléguée délégués
    démarche département départemental développement entraînement entrée esthétique européen
    européenne européennes expérimental expérimentale école écoles écologie économie économique
    économiques écriture éducateur éducatif éducation éducative éducatrice égalité élargi
    électricien électricité électronique électrotechnique élevage élève élèves élémentaire
    éléments énergétique énergie énergies épreuve équestre équilibre équine équipe équipement
    équipements équipes établissement établissements été éthique étranger étrangers étrangère
    étrangères étude études évaluation éveil février forêt forêts français française fromagère
    général générale générales généraux génie géographie géologie géomatique géomètre géopolitique
    hébergement hébreu hétérogène hôtelier hôtelière hôtellerie hygiène ingénierie ingénieur
    ingénieurs intensité interprétation intégré intégrée itinéraire journée laïcité libérale
    littéraire littérature maçonnerie maître maîtresse maîtrise matériaux matériel matériels
    mathématique mathématiques matière matières matinée mécanicien mécanique mécaniques médecin
    média médias médiathèque médiation médical médicale médico méditerranée mémoire métallerie
    méthode méthodes méthodologie métier métiers modélisation multimédia néerlandais norvégien
    numérique numériques opérateur opération opérations paléographie pâtisserie pâtissier
    pédagogie pédagogique pédagogiques périscolaire plâtrerie poésie première préparation
    préparatoire préprofessionnel préprofessionnelle présentation prévention procédé procédés
    propreté qualité quatrième remédiation renforcé renforcés réalisation référent référente régie
    régionale régionales régulier régulière réseau réseaux réservé réussite santé secrétaire
    secrétariat sécurité sérigraphie sixième société sociétés soirée spécialisé spécialisée
    spécialité spécialités spécifique suédois supérieur supérieure surveillé surveillée sûreté
    système systèmes télécommunications télévision théâtral théâtrale théâtre théorique trésorerie
    troisième végétal végétale végétales véhicule véhicules vélo vétérinaire
"""
_ACRONYMS: Final = frozenset((
    "AED", "AES", "AESH", "AP", "AS", "BEP", "BTS", "CAP", "CDI", "CFA", "CGEA", "CNED", "CPE",
    "DASEN", "DNB", "DNL", "EMC", "ENT", "EPI", "EPLE", "EPS", "EREA", "GRETA", "GT", "HGGSP",
    "HLP", "IEN", "LCA", "LLCE", "MELEC", "MFR", "NC", "NSI", "PSE", "SEGPA", "SES", "SI",
    "SII", "SNT", "STAV", "STHR", "STL", "STMG", "SVT", "TICE", "TP", "TPE", "ULIS", "UNSS",
))  # fmt: skip
#: What a reader expects where the nomenclature is short of words, after capitals are lowered.
_SPELLED_OUT: Final = ((re.compile(r"\badjoint(e?) chef\b"), r"adjoint\1 au chef"),)
_LEVELS: Final = {
    "1ERE": "1re",
    "1RE": "1re",
    "2NDE": "2de",
    "TERM": "terminale",
    "TLE": "terminale",
}
_LEVEL: Final = re.compile(r"([1-9])(?:I?EME|E)\Z")
_WORD: Final = re.compile(r"\w+")
_WORDS: Final = {fold(word): word for word in _ACCENTED.split()}
#: What a feed writes where it has nothing to say.
_NOTHING: Final = frozenset({"", "sans objet", "aucune", "aucun", "sans correspondance"})
#: Two labels of the same thing, where one is not the other's beginning.
_SAME: Final = {"enseignement": "enseignant", "education": "vie scolaire"}


def calm_label(label: str, *, is_first: bool = True) -> str:
    """Return *label* as a reader expects it; one that is not all in capitals is left alone.

    *is_first*: it begins a line, and with a capital. A label that is a code (« 308700 ») stays.
    """
    label = " ".join(label.split()).replace("'", "’")
    if label == label.upper() and any(char.isalpha() for char in label):
        label = _WORD.sub(_calm_word, label)
        for pattern, words in _SPELLED_OUT:
            label = pattern.sub(words, label)
    if not is_first:
        return _without_capital(label)
    return label[:1].upper() + label[1:]


def said_once(parts: Iterable[str]) -> list[str]:
    """Return the labels of one line, each saying only what those before it did not.

    « Direction », « DIRECTION », « DIRECTION ADJOINT CHEF D'ETABLISSEMENT » are « Direction » and
    « adjoint au chef d’établissement ». A label that says nothing (« SANS OBJET ») is left out.
    """
    said: list[str] = []
    lines: list[str] = []
    for part in parts:
        words = fold(part)
        words = _SAME.get(words, words)
        if words in _NOTHING or any(_holds(before, words) for before in said):
            continue
        begun = max((s for s in said if words.startswith(f"{s} ")), key=len, default="")
        said.append(words)
        rest = _after_words(part, len(begun.split()))
        lines.append(calm_label(rest, is_first=not lines))
    return lines


def function_words(profile: str, function: str, post: str) -> str:
    """« Direction, adjoint au chef d’établissement »: what somebody is in a school."""
    return ", ".join(said_once((profile, function, post)))


def subject_words(label: str, code: str, *, is_first: bool = False) -> str:
    """« éducation musicale »; a subject that the nomenclature of the feed does not name says so."""
    if label.strip() and label.strip() != code:
        return calm_label(label, is_first=is_first)
    words = f"matière sans nom (code\u00a0{code})"
    return words[:1].upper() + words[1:] if is_first else words


def is_level(label: str) -> bool:
    """Does the label begin with a level of study: « 3EME SEGPA », « TERMINALE »?"""
    first = label.strip().upper().replace("-", " ").split()[:1]
    return bool(first) and (
        first[0] in _LEVELS or first[0] == "TERMINALE" or _LEVEL.match(first[0]) is not None
    )


def _calm_word(found: re.Match[str]) -> str:
    word = found[0]
    if word in _LEVELS:
        return _LEVELS[word]
    if level := _LEVEL.match(word):
        return f"{level[1]}e"
    if word == "A" and found.start() and found.string[found.end() :][:1] == " ":
        return "à"
    is_letter = len(word) == 1 and not found.string[found.end() :].startswith("’")
    if word in _ACRONYMS or is_letter or any(char.isdigit() for char in word):
        return word
    return _WORDS.get(fold(word), word.lower()) if word.isascii() else word.lower()


def _without_capital(label: str) -> str:
    first = _WORD.match(label)
    if first is None or first[0] in _ACRONYMS or first[0] == first[0].upper():
        return label
    return label[:1].lower() + label[1:]


def _holds(said: str, words: str) -> bool:
    """Are these whole words of what was said?"""
    return f" {words} " in f" {said} "


def _after_words(label: str, count: int) -> str:
    """Return the label without its first words, which are parted as folding parts them."""
    plain = unicodedata.normalize("NFC", label)
    ends = [found.end() for found in _WORD.finditer(plain)]
    return plain[ends[count - 1] :].lstrip(" -,/:") if count else plain
