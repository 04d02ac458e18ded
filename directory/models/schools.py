"""Authorities and the schools that they feed."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from directory.enums import LINKS_WITH_RIGHT, AuthorityKind
from ent.text.folding import fold

UAI_PATTERN = r"^[0-9]{7}[A-Z]$"

_SHORT_WORDS = {"st": "saint", "ste": "sainte", "clg": "college", "lyc": "lycee"}
# How the feeds write the kind of a school, where people write the word.
_WRITTEN_SHORT = {
    "college": "clg|col",
    "lycee": "lyc|lgt|lg|lt|lp|lpo|lpa|legta|legtpa",
    "ecole": "ec|eco|eepu|empu|ee|em",
    "professionnel": "lp|lpo|lpa",
    "agricole": "lpa|legta|legtpa|eplefpa",
    "saint": "st",
    "sainte": "ste",
}
_LITTLE_WORDS = frozenset(["a", "au", "aux", "d", "de", "des", "du", "en", "l", "la", "le", "les"])


def meaningful_words(typed: str) -> list[str]:
    """The folded words that a search of schools asks for: little words only when alone."""
    words = fold(typed).split()
    return [word for word in words if word not in _LITTLE_WORDS] or words


def spellings_of_kind(word: str) -> frozenset[str]:
    """« college » → « college », « clg », « col »; nothing for a word that is no kind of school."""
    word = _SHORT_WORDS.get(word, word)
    short = _WRITTEN_SHORT.get(word)
    return frozenset([word, *short.split("|")]) if short else frozenset()


class Authority(models.Model):
    """An academy, the agricultural network, a university or a local authority."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(
        "code",
        max_length=40,
        help_text="Par exemple NANCY-METZ ; figure dans les clés de jointure (AC-NANCY-METZ$…).",
    )
    name = models.CharField("nom", max_length=120)
    kind = models.CharField("nature", max_length=16, choices=AuthorityKind.choices)
    feed_name = models.CharField(
        "nom dans les fichiers AAF",
        max_length=60,
        blank=True,
        help_text="Valeur de ENTServAcAcademie ; vide : le code de l’autorité.",
    )
    helpdesk_email = models.EmailField("courriel de l’assistance", blank=True)
    helpdesk_phone = models.CharField("téléphone de l’assistance", max_length=30, blank=True)
    second_factor_from = models.DateField(
        "second facteur exigé à partir du",
        null=True,
        blank=True,
        help_text="Pour les chefs d’établissement, les gestionnaires et les professeurs principaux "
        "de ses établissements. Vide : il reste facultatif pour eux.",
    )

    first_degree_links = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name="liens du premier degré qui donnent aussi accès au suivi",
        default=list,
        db_default=[],
        blank=True,
        help_text="Codes des liens, en plus de mère, père, tuteur et aide sociale à l’enfance.",
    )

    class Meta:
        verbose_name = "autorité"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                name="authority_code_unique",
                violation_error_message="Ce code désigne déjà une autorité.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def links_with_right(self) -> list[int]:
        """The links of the first degree, which delivers no level, that let a guardian follow."""
        return sorted({*LINKS_WITH_RIGHT, *self.first_degree_links})


class SchoolQuerySet(models.QuerySet["School"]):
    """Reads of schools."""

    def active(self) -> SchoolQuerySet:
        """Schools that have a page and people on the portal."""
        return self.filter(is_active=True)

    def in_name_order(self) -> SchoolQuerySet:
        """By folded name: « École » stands among the E, not behind the Z."""
        return self.order_by("search_key", "uai")

    def matching(self, typed: str) -> SchoolQuerySet:
        """Schools whose name, town, postal code or UAI hold every word typed (R-A5).

        Accents, case, hyphens and order do not matter; « St » finds « Saint », « collège » the
        « CLG » of the feeds, and little words (« collège de Toul ») ask for nothing. Nothing but
        signs (« % ») finds nothing. The table holds about nine hundred rows at most: no index is
        needed.
        """
        found = self.in_name_order()
        words = meaningful_words(typed)
        if typed.strip() and not words:
            return found.none()
        for word in words:
            either = Q(search_key__contains=word)
            if word in _SHORT_WORDS:
                either |= Q(search_key__contains=_SHORT_WORDS[word])
            if word in _WRITTEN_SHORT:
                either |= Q(search_key__regex=rf"\m({_WRITTEN_SHORT[word]})\M")
            found = found.filter(either)
        return found


class School(models.Model):
    """A structure listed by a feed; a *school* of ours when it is active.

    A delivery lists every structure around a school (rectorate, inspections): those stay
    inactive. A school becomes active with its first class or pupil, or by an administrator.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="schools")
    uai = models.CharField("UAI", max_length=8, validators=[RegexValidator(UAI_PATTERN)])
    name = models.CharField("nom", max_length=160)
    kind_label = models.CharField("type", max_length=80, blank=True)
    kind_code = models.CharField("code du type", max_length=10, blank=True)
    sector = models.CharField("contrat", max_length=10, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    street = models.CharField("adresse", max_length=200, blank=True)
    post_box = models.CharField("boîte postale", max_length=60, blank=True)
    postal_code = models.CharField("code postal", max_length=10, blank=True)
    town = models.CharField("commune", max_length=100, blank=True)
    phone = models.CharField("téléphone", max_length=40, blank=True)
    fax = models.CharField("télécopie", max_length=40, blank=True)
    email = models.CharField("courriel", max_length=254, blank=True)
    functional_refs = ArrayField(
        models.CharField(max_length=40),
        verbose_name="rattachements fonctionnels",
        default=list,
        blank=True,
        help_text="Structures dont celle-ci dépend : identifiants dans le flux.",
    )
    slug = models.SlugField("adresse de la page", max_length=80)
    search_key = models.CharField(
        max_length=400,
        blank=True,
        editable=False,
        help_text="Nom, commune, code postal et UAI repliés (ent.text.folding).",
    )
    is_active = models.BooleanField("ouvert sur le portail", default=False)
    is_active_by_hand = models.BooleanField("ouvert par un administrateur", default=False)
    created_at = models.DateTimeField("créé le", auto_now_add=True)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        verbose_name = "établissement"
        ordering = ["name", "uai"]
        constraints = [
            models.UniqueConstraint(
                fields=["uai"],
                name="school_uai_unique",
                violation_error_message="Un établissement porte déjà cette UAI.",
            ),
            models.UniqueConstraint(
                fields=["slug"],
                name="school_slug_unique",
                violation_error_message="Cette adresse de page est déjà prise.",
            ),
            models.CheckConstraint(
                condition=Q(uai__regex=UAI_PATTERN),
                name="school_uai_format",
                violation_error_message="L’UAI compte sept chiffres et une lettre.",
            ),
        ]
        indexes = [models.Index(fields=["authority", "is_active"], name="school_authority_active")]

    def __str__(self) -> str:
        return f"{self.name} ({self.uai})"
