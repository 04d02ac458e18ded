"""Levels of study, subjects, kinds of school, functions: the codes that deliveries carry.

Codes have the shape of the national nomenclatures (MEF: 11 characters, subject: 6, function: 3
letters and a post of 5). They serve to make files that look right, not as a reference.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """A MEF (module élémentaire de formation) with what its pupils are taught."""

    mef: str
    label: str
    training_level: str
    track: str
    class_prefix: str
    age: int
    """Age reached in the calendar year in which the school year starts."""
    weight: int
    """Share of the school's classes."""
    common: tuple[str, ...]
    """Subjects that everybody follows."""
    options: tuple[tuple[str, ...], ...]
    """Choices: a pupil follows one of each, a class is taught them all."""
    is_apprenticeship: bool = False


SUBJECTS: dict[str, str] = {
    "008400": "VIE DE CLASSE",
    "020300": "LANGUES ET CULTURES DE L'ANTIQUITE LATIN",
    "020700": "FRANCAIS",
    "030101": "ALLEMAND LV1",
    "030102": "ALLEMAND LV2",
    "030201": "ANGLAIS LV1",
    "030602": "ESPAGNOL LV2",
    "030702": "ITALIEN LV2",
    "041700": "PHILOSOPHIE",
    "043700": "HISTOIRE-GEOGRAPHIE",
    "043800": "ENSEIGNEMENT MORAL ET CIVIQUE",
    "050600": "SCIENCES ECONOMIQUES ET SOCIALES",
    "061300": "MATHEMATIQUES",
    "062300": "PHYSIQUE-CHIMIE",
    "062900": "SCIENCES DE LA VIE ET DE LA TERRE",
    "063800": "ENSEIGNEMENT SCIENTIFIQUE",
    "064300": "NUMERIQUE ET SCIENCES INFORMATIQUES",
    "068100": "AGRONOMIE - TERRITOIRES - DEVELOPPEMENT DURABLE",
    "070800": "TECHNOLOGIE",
    "073500": "MAINTENANCE DES EQUIPEMENTS",
    "074200": "ELECTROTECHNIQUE",
    "081300": "EDUCATION MUSICALE",
    "085100": "EDUCATION SOCIOCULTURELLE",
    "090100": "ARTS PLASTIQUES",
    "100100": "EDUCATION PHYSIQUE ET SPORTIVE",
    "114200": "ECONOMIE - GESTION",
    "120600": "PREVENTION SANTE ENVIRONNEMENT",
    "130100": "ZOOTECHNIE",
    "130200": "PRODUCTION VEGETALE",
    "308700": "CHANT CHORAL",
}

SUBJECT_MISSING_FROM_FILE = "308700"
"""Taught in every college, absent from MatiereEducNat: an importer has to cope."""

_BASIS = ("020700", "061300", "043700", "043800", "030201", "100100", "008400")
_COLLEGE = (*_BASIS, "090100", "081300", "070800", "062900")
_GENERAL = (*_BASIS, "063800")
_TRADE = (*_BASIS, "090100", "120600", "114200")

COLLEGE_LEVELS = (
    Level("10010012110", "6EME", "6EME", "6EME", "6", 11, 1, _COLLEGE, ()),
    Level(
        "10110001110", "5EME", "5EME", "5EME", "5", 12, 1,
        (*_COLLEGE, "062300"), (("030602", "030102"),),
    ),
    Level(
        "10210001110", "4EME", "4EME (NC 4E AES)", "4EME (NC 4E AES)", "4", 13, 1,
        (*_COLLEGE, "062300"), (("030602", "030102", "030702"), ("", "020300")),
    ),
    Level(
        "10310019110", "3EME", "3EME", "3EME", "3", 14, 1,
        (*_COLLEGE, "062300"), (("030602", "030102", "030702"), ("", "020300", "308700")),
    ),
    Level("1011000C11A", "5EME SEGPA", "5EME SEGPA", "SEGPA", "5S", 12, 0, _COLLEGE, ()),
)  # fmt: skip

LYCEE_LEVELS = (
    Level(
        "20010019110", "2NDE GENERALE & TECHNO", "2NDE-GT", "2NDE-GT", "2-", 15, 3,
        (*_GENERAL, "062300", "062900", "050600"), (("030602", "030102", "030702"),),
    ),
    Level(
        "20111019113", "1ERE GENERALE", "1ERE-G", "1ERE-G", "1G", 16, 2,
        _GENERAL, (("030602", "030102"), ("062300", "050600", "064300"), ("062900", "050600")),
    ),
    Level(
        "20213019113", "TERMINALE GENERALE", "TERM-G", "TERM-G", "TG", 17, 2,
        (*_GENERAL, "041700"), (("030602", "030102"), ("062300", "050600", "064300")),
    ),
    Level(
        "21131022110", "1ERE STMG", "1ERE-T", "STMG", "1STMG", 16, 1,
        (*_BASIS, "114200"), (("030602", "030102"),),
    ),
    Level(
        "21231022110", "TERMINALE STMG", "TERM-T", "STMG", "TSTMG", 17, 1,
        (*_BASIS, "114200", "041700"), (("030602", "030102"),),
    ),
)  # fmt: skip

TRADE_LEVELS = (
    Level("24725511310", "2NDE PRO ELECTRICITE", "2NDE PRO", "MELEC", "2MELEC", 15, 1,
          (*_TRADE, "074200", "062300"), ()),
    Level("24725511320", "1ERE PRO ELECTRICITE", "1ERE PRO", "MELEC", "1MELEC", 16, 1,
          (*_TRADE, "074200", "062300"), ()),
    Level("24725511330", "TERM PRO ELECTRICITE", "TERM PRO", "MELEC", "TMELEC", 17, 1,
          (*_TRADE, "074200", "062300"), ()),
    Level("24125201321", "CAP MAINTENANCE 1", "CAP1", "CAP MAINTENANCE", "C1MAINT", 15, 1,
          (*_TRADE, "073500"), (), True),
    Level("24125201322", "CAP MAINTENANCE 2", "CAP2", "CAP MAINTENANCE", "C2MAINT", 16, 1,
          (*_TRADE, "073500"), (), True),
)  # fmt: skip

AGRICULTURAL_LEVELS = (
    Level("20010019A10", "2NDE GENERALE & TECHNO", "2NDE-GT", "2NDE-GT", "2GT", 15, 2,
          (*_GENERAL, "062300", "062900", "068100", "085100"), (("030602", "030102"),)),
    Level("21121001A10", "1ERE STAV", "1ERE-T", "STAV", "1STAV", 16, 1,
          (*_BASIS, "062900", "068100", "085100"), (("030602", "030102"),)),
    Level("21221001A10", "TERMINALE STAV", "TERM-T", "STAV", "TSTAV", 17, 1,
          (*_BASIS, "062900", "068100", "041700"), (("030602", "030102"),)),
    Level("24721001A31", "2NDE PRO PRODUCTIONS", "2NDE PRO", "CGEA", "2PRO", 15, 1,
          (*_TRADE, "130100", "130200"), ()),
    Level("24721001A33", "TERM PRO CGEA", "TERM PRO", "CGEA", "TCGEA", 17, 1,
          (*_TRADE, "130100", "130200", "085100"), (), True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SchoolKind:
    """A nature of school, with the acronym that opens its name."""

    acronym: str
    type_label: str
    type_code: str
    levels: tuple[Level, ...]


COLLEGE = SchoolKind("CLG", "COLLEGE", "340", COLLEGE_LEVELS)
LYCEE = SchoolKind("LGT", "LYCEE ENSEIGNT GENERAL ET TECHNOLOGIQUE", "302", LYCEE_LEVELS)
TRADE_LYCEE = SchoolKind("LP", "LYCEE PROFESSIONNEL", "320", TRADE_LEVELS)
POLYVALENT = SchoolKind("LPO", "LYCEE POLYVALENT", "306", (*LYCEE_LEVELS, *TRADE_LEVELS[:3]))
LEGTA = SchoolKind("LEGTA", "LYCEE ENS GENERAL TECHNO PROF AGRICOLE", "307", AGRICULTURAL_LEVELS)

ACADEMY_CYCLE = (COLLEGE, LYCEE, COLLEGE, COLLEGE, TRADE_LYCEE, COLLEGE, POLYVALENT)
"""Two of three schools are colleges; the order makes neighbours whose siblings mix."""

LEVELS = (*COLLEGE_LEVELS, *LYCEE_LEVELS, *TRADE_LEVELS, *AGRICULTURAL_LEVELS)


@dataclass(frozen=True, slots=True)
class Discipline:
    """What a teacher is recruited for, and the subjects they then teach."""

    post: str
    label: str
    category: str
    category_label: str
    subjects: tuple[str, ...]


DISCIPLINES = (
    Discipline("L0202", "LETTRES MODERNES", "02", "LETTRES", ("020700", "008400")),
    Discipline("L0201", "LETTRES CLASSIQUES", "02", "LETTRES", ("020300", "020700")),
    Discipline("L1300", "MATHEMATIQUES", "13", "MATHEMATIQUES", ("061300", "064300")),
    Discipline("L1000", "HISTOIRE GEOGRAPHIE", "10", "HISTOIRE ET GEOGRAPHIE",
               ("043700", "043800")),
    Discipline("L0422", "ANGLAIS", "04", "LANGUES VIVANTES", ("030201",)),
    Discipline("L0426", "ESPAGNOL", "04", "LANGUES VIVANTES", ("030602",)),
    Discipline("L0421", "ALLEMAND", "04", "LANGUES VIVANTES", ("030101", "030102")),
    Discipline("L0429", "ITALIEN", "04", "LANGUES VIVANTES", ("030702",)),
    Discipline("L1500", "SCIENCES PHYSIQUES ET CHIMIQUES", "15", "PHYSIQUE - CHIMIE",
               ("062300", "063800")),
    Discipline("L1600", "SCIENCES DE LA VIE ET DE LA TERRE", "16", "SCIENCES NATURELLES",
               ("062900",)),
    Discipline("L1900", "EDUCATION PHYSIQUE ET SPORTIVE", "19",
               "EDUCATION PHYSIQUE ET SPORTIVE", ("100100",)),
    Discipline("L1400", "TECHNOLOGIE", "14", "TECHNOLOGIE", ("070800",)),
    Discipline("L1700", "EDUCATION MUSICALE", "17", "EDUCATION MUSICALE", ("081300", "308700")),
    Discipline("L1800", "ARTS PLASTIQUES", "18", "ARTS PLASTIQUES", ("090100",)),
    Discipline("L0100", "PHILOSOPHIE", "01", "PHILOSOPHIE", ("041700",)),
    Discipline("L1100", "SCIENCES ECONOMIQUES ET SOCIALES", "11",
               "SCIENCES ECONOMIQUES ET SOCIALES", ("050600",)),
    Discipline("L8010", "ECONOMIE ET GESTION", "80", "ECONOMIE ET GESTION", ("114200",)),
    Discipline("P5100", "GENIE ELECTRIQUE", "51", "GENIE ELECTRIQUE", ("074200", "073500")),
    Discipline("P7200", "BIOTECHNOLOGIES SANTE ENVIRONNEMENT", "72", "BIOTECHNOLOGIES",
               ("120600",)),
    Discipline("C0681", "AGRONOMIE", "68", "AGRONOMIE", ("068100", "130100", "130200")),
    Discipline("C0851", "EDUCATION SOCIOCULTURELLE", "85", "EDUCATION SOCIOCULTURELLE",
               ("085100",)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the staff file: code, label, post, label of the post."""

    code: str
    label: str
    post: str
    post_label: str
    is_teaching: bool = False


NO_FUNCTION = Function("-", "SANS OBJET", "-", "SANS OBJET")
HEAD = Function("DIR", "DIRECTION", "D0010", "DIRECTION CHEF D'ETABLISSEMENT")
DEPUTY_HEAD = Function("DIR", "DIRECTION", "D0020", "DIRECTION ADJOINT CHEF D'ETABLISSEMENT")
LIBRARIAN = Function("DOC", "DOCUMENTATION", "L0080", "DOCUMENTATION")
SCHOOL_LIFE = Function("EDU", "EDUCATION", "E0030", "EDUCATION  (CE ,CPE)")
ASSISTANT = Function("AED", "ASSISTANT D'EDUCATION", "-", "SANS OBJET")
ASSISTANT_POST = Function(
    "AED", "ASSISTANT D'EDUCATION", "S0054", "ENCADRE. SUR. DES ELEVES (HORS INTERNAT)"
)
OFFICE = (
    Function("ADF", "PERSONNELS ADMINISTRATIFS", "P9103", "GESTION COMPTABLE"),
    Function("ADF", "PERSONNELS ADMINISTRATIFS", "P0000", "SANS SPECIALITE"),
    Function("ADF", "PERSONNELS ADMINISTRATIFS", "P9102", "GESTION MATERIELLE"),
)
PSYCHOLOGIST = Function("PSY", "PSYCHOLOGUE DE L'EDUCATION NATIONALE", "Y0012", "EDU.DEV.CONS.ORI")

RARE_FUNCTIONS = (
    Function("OUV", "PERSONNELS OUVRIERS ET DE SERVICE", "P9200", "SERVICE GENERAL"),
    Function("ORI", "ORIENTATION", "O0040", "CONSEILLER D'ORIENTATION"),
    Function("CFC", "CONSEILLER FORMATION CONTINUE", "-", "SANS OBJET"),
    Function("CTR", "CHEF DE TRAVAUX", "P0001", "DIRECTEUR DELEGUE AUX FORMATIONS"),
    Function("LAB", "PERSONNELS DE LABORATOIRE", "P9300", "LABORATOIRE"),
    Function("MDS", "MEDICO-SOCIAL", "P9400", "INFIRMERIE"),
    Function("ADA", "ADMINISTRATION CENTRALE", "P0000", "SANS SPECIALITE"),
    Function("FIJ", "FORMATION INSERTION DES JEUNES", "L0000", "SANS SPECIALITE", True),
    Function("AES", "ACCOMPAGNANT DES ELEVES EN SITUATION DE HANDICAP", "-", "SANS OBJET"),
    Function("TEC", "PERSONNELS TECHNIQUES", "P9500", "MAINTENANCE INFORMATIQUE"),
    Function("ASE", "ASSISTANT ETRANGER", "L0422", "ANGLAIS"),
    Function("ALB", "AGENT DE LABORATOIRE", "P9300", "LABORATOIRE"),
    Function("SUR", "SURVEILLANCE", "S0050", "SURVEILLANT D'EXTERNAT"),
    Function("ADM", "ADMINISTRATION", "P0000", "SANS SPECIALITE"),
    Function("ASH", "ADAPTATION SCOLAIRE ET HANDICAP", "-", "SANS OBJET"),
    Function("CPD", "CONSEILLER PEDAGOGIQUE DEPARTEMENTAL", "-", "SANS OBJET"),
    Function("BED", "BESOINS EDUCATIFS PARTICULIERS", "L0000", "SANS SPECIALITE", True),
    Function("FCA", "FORMATION CONTINUE DES ADULTES", "L0000", "SANS SPECIALITE", True),
    Function("FCP", "FORMATION CONTINUE DES PERSONNELS", "L0000", "SANS SPECIALITE", True),
    Function("IS", "INSTITUTEUR SPECIALISE", "G0164", "ENSEIGNEMENT EN SEGPA", True),
    Function("ISES", "INSTITUTEUR SPECIALISE EN SEGPA", "G0164", "ENSEIGNEMENT EN SEGPA", True),
    Function("PPA", "PREPARATION PEDAGOGIQUE", "L0000", "SANS SPECIALITE", True),
    Function("RPL", "REMPLACEMENT", "L0202", "LETTRES MODERNES", True),
    Function("UPI", "UNITE PEDAGOGIQUE D'INTEGRATION", "G0163", "COORDINATION ULIS", True),
    Function("DSES", "DIRECTION DE SEGPA", "D0030", "DIRECTEUR ADJOINT SEGPA"),
    Function("DEC", "DIRECTION D'ECOLE", "D0000", "DIRECTION"),
    Function("INS", "INSPECTION", "-", "SANS OBJET"),
    Function("INJ", "INSPECTION JEUNESSE ET SPORTS", "-", "SANS OBJET"),
)
"""Dealt out over the schools, so that a delivery of some size holds every one of them."""
