"""Authorities, invented towns and streets, and the number of a school (UAI).

Departments are real because the first three digits of a UAI are one; towns, streets and school
names are invented, and serial numbers stay in a range that the real register does not use.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

from demo.aaf.names import fold, to_xml

UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def uai(department: str, serial: int) -> str:
    """The eight characters of a UAI: department, serial number, check letter.

    The letter is the seven digits modulo 23 in an alphabet without I, O, Q.

    >>> uai("077", 1972)
    '0771972A'
    """
    digits = f"{department}{serial:04d}"
    return digits + UAI_LETTERS[int(digits) % 23]


@dataclass(frozen=True, slots=True)
class Town:
    """An invented town."""

    name: str
    """As in a family's address, escaped for XML."""
    postal_code: str
    name_value: str = ""
    """The ``<value>`` elements that a million records repeat, made once."""
    postal_value: str = ""

    @classmethod
    def of(cls, name: str, postal_code: str) -> Town:
        """A town with its values made."""
        return cls(name, postal_code, f"<value>{name}</value>", f"<value>{postal_code}</value>")


@dataclass(frozen=True, slots=True)
class GeneratorAuthority:
    """Who delivers: an academy, or the agricultural network."""

    code: str
    """As it stands in ENTServAcAcademie (« NANCY-METZ »)."""
    number: str
    """ENTServAcCodeAcademie, three digits."""
    departments: tuple[str, ...]
    phone_prefix: str
    is_agricultural: bool = False

    @property
    def mail_domain(self) -> str:
        """A domain that can never exist (RFC 2606)."""
        return f"ac-{self.code.lower()}.invalid"


AGRICULTURAL_CODE = "AGRICOLE"

_KNOWN: dict[str, tuple[str, tuple[str, ...], str]] = {
    "NANCY-METZ": ("012", ("054", "055", "057", "088"), "+33 3 53 01"),
    "REIMS": ("019", ("008", "010", "051", "052"), "+33 3 53 01"),
    "STRASBOURG": ("015", ("067", "068"), "+33 3 53 01"),
    "BESANCON": ("003", ("025", "039", "070", "090"), "+33 3 53 01"),
    "DIJON": ("007", ("021", "058", "071", "089"), "+33 3 53 01"),
    "LYON": ("010", ("001", "042", "069"), "+33 4 65 71"),
    "RENNES": ("014", ("022", "029", "035", "056"), "+33 2 61 91"),
    "PARIS": ("001", ("075",), "+33 1 99 00"),
    "CRETEIL": ("024", ("077", "093", "094"), "+33 1 99 00"),
    AGRICULTURAL_CODE: ("099", ("054", "057", "088", "051", "010", "052"), "+33 3 53 01"),
}


def known_authorities() -> tuple[str, ...]:
    """The codes that the generator has departments for."""
    return tuple(_KNOWN)


def authority(code: str) -> GeneratorAuthority:
    """The authority of that code; an unknown code gets a department that does not exist."""
    invented = 900 + crc32(code.encode()) % 70
    unknown = (str(invented), (str(invented),), "+33 1 99 00")
    number, departments, phone = _KNOWN.get(code, unknown)
    return GeneratorAuthority(
        code=code,
        number=number,
        departments=departments,
        phone_prefix=phone,
        is_agricultural=code == AGRICULTURAL_CODE,
    )


_TOWN_STEMS = """
Valmoncel, Bréhancourt, Saint-Èvre-la-Rivière, Ligneville-sur-Orne, Hautecombe, Marancy, Vézelois,
Corbigny-le-Vieux, Domfaing-les-Bains, Sainte-Libaire, Rosières-aux-Chênes, Montplaine,
Frouillières, L'Écluse-du-Roi, Bains-l'Abbaye, Clairefontaine-Haute, Norroyes, Port-sur-Marnelle,
Tillencourt, Vaubriel, La Chapelle-aux-Ormes, Bussièrecourt, Épinoy-le-Sec, Fontenelle-en-Plaine,
Aubrelieu, Saint-Phalier, Grandvillars-le-Petit, Neuvelotte, Ormancey, Champfleury-sous-Bois,
Œuilly-la-Vigne, Sérancourt, Le Mesnil-Aubert, Brévillers, Pontarcy-sur-Vesle, Thélonnes,
Haraumont, Boulzicourtel, Les Trois-Étangs, Warquignies, Charmoisel, Dampierrecourt, Louvemonteil,
Saint-Gorgon-le-Haut, Vignoret, Moyenvic-la-Forge, Xermaménil-Bas, Goussaincourtel, Réchicourtel,
Aÿ-la-Montagne
"""

TOWN_NAMES = tuple(name.strip() for name in _TOWN_STEMS.replace("\n", " ").split(",") if name)

STREETS = tuple(
    to_xml(street.strip())
    for street in """
rue de l'Église, rue des Écoles, rue du Moulin, avenue de la Gare, place du Marché, rue Haute
rue Basse, chemin des Vignes, impasse des Lilas, rue des Tilleuls, allée des Érables, rue du Lavoir
boulevard des Promenades, rue de la Fontaine, rue des Jardins, quai des Tanneurs, rue du Château
rue Neuve, route de la Forêt, rue du Four-à-Chaux, rue des Prés-Fleuris, cité des Cheminots
résidence Bellevue, rue de l'Abreuvoir, sentier des Crêtes, rue du Vieux-Pont, rue des Mésanges
square de l'Île, rue du Puits-de-l'Œuvre, lotissement Le Clos-Fleuri, rue du 8-Septembre
rue de la Tuilerie, passage des Orfèvres, rue du Grand-Pré, chemin de Halage, rue des Hêtres
rue de la Verrerie, voie des Sorbiers, hameau de La Croisette, rue d'En-Haut, cours des Arts
""".replace("\n", ",").split(",")
    if street.strip()
)

SCHOOL_NAMES = tuple(
    name.strip()
    for name in """
LES TILLEULS, DU VIEUX PONT, JEANNE VALLOIS, LES HAUTS DE VESLE, RENÉ COURTILLON, DES TROIS RIVIÈRES
ALICE MARCHENOIR, LE CHÂTEAU D'EAU, PAULINE ORMESSEL, DE L'ABBAYE, MARCEL THÉVENOUX, LA PLANTE GRIBÉ
HENRI VAUBERTIN, LES AVRILS, SIMONE LAUZERAY, DU PRÉ SAINT JEAN, LE CLOS DES VERRIERS
ÉMILE FONTBRUNE, LOUISE DELACHESNAYE, DES FORGES, VAL DE MARNELLE, LA CÔTE AUX FÉES, JEAN MORANCEL
LES CINQ TOURS, BERTHE AUBRESSON, DU GRAND CHÊNE, PIERRE ORVILLIERS, LE BREUIL, CLAIRE VALMONDOIS
LES PORTES DU SEL, ANDRÉ TISSERAND, DE LA CRISTALLERIE
""".replace("\n", ",").split(",")
    if name.strip()
)


def towns_of(who: GeneratorAuthority) -> tuple[tuple[str, Town], ...]:
    """Invented towns with their department, always the same for one authority."""
    towns = []
    for index, name in enumerate(TOWN_NAMES):
        department = who.departments[index % len(who.departments)]
        postal_code = f"{department[1:]}{900 - 10 * (index // len(who.departments)):03d}"
        towns.append((department, Town.of(to_xml(name), postal_code)))
    return tuple(towns)


def capitals_without_accents(text: str) -> str:
    """A town as the post office prints it on a structure: « L HAY LES ROSES »."""
    spaced = "".join(c if c.isalnum() else " " for c in text)
    return " ".join(fold(word).upper() for word in spaced.split())
