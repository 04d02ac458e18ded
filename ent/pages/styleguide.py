"""« Charte »: every component on one page, where the settings say so.

The page is where a component is looked at before it is used, and what the screenshots and axe
visit; a component that is not here does not exist.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ent.pages.pagination import paginate

_TOKENS = ("paper", "surface", "sunken", "ink", "ink-quiet", "action", "link", "accent")


class ExampleForm(forms.Form):
    """One field of each kind."""

    login = forms.CharField(
        label="Identifiant",
        help_text="Du type prenom.nom, en minuscules ou en majuscules.",
        widget=forms.TextInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label="Mot de passe",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    day = forms.DateField(
        label="Date de recherche",
        required=False,
        help_text="Sans date\u00a0: tous les comptes de l’établissement.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    profile = forms.ChoiceField(
        label="Profil", choices=[("", "Tous"), ("eleve", "Élève"), ("tuteur", "Parent")]
    )
    remember = forms.ChoiceField(
        label="Mémoriser ce choix",
        choices=[("non", "Non, l’ordinateur est partagé"), ("oui", "Oui, c’est le mien")],
        widget=forms.RadioSelect,
        initial="non",
    )
    terms = forms.BooleanField(label="J’accepte les conditions d’utilisation")
    delivery = forms.FileField(label="Fichier à importer", required=False)
    note = forms.CharField(
        label="Texte personnalisable",
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@login_not_required
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component with every option."""
    if not settings.SHOW_STYLEGUIDE:
        raise Http404
    now = timezone.now()
    context: dict[str, Any] = {
        "tokens": _TOKENS,
        "form": ExampleForm(),
        "refused": ExampleForm({"login": "", "password": "x", "profile": ""}, prefix="refuse"),
        "page": paginate(range(134), 2),
        "rows": [
            ("ENT-Identifiants-0540001A.csv", 48_112, now),
            ("ENT-Identifiants-0540002B.csv", 1_204_998, now - timedelta(days=3)),
        ],
        "people": [
            ("Lina", "Abadie", "Élève", "4E3", "Activé", "good"),
            ("Mathéo", "Aubry-Delacroix", "Élève", "4E3", "Non activé", "neutral"),
            ("Élodie", "Zimmermann", "Parent", "", "Bloqué", "bad"),
        ],
        "pairs": [("Identifiant", "lina.abadie"), ("Classe", "4E3"), ("Courriel", "")],
        "numbers": [
            ("Créés", 12_480, "good"),
            ("Modifiés", 212, "neutral"),
            ("Anomalies", 17, "warn"),
            ("Refusés", 3, "bad"),
        ],
        "events": [
            {"when": now, "title": "Connexion", "words": "Guichet de l’académie de Nancy-Metz"},
            {"when": now - timedelta(hours=1), "title": "Mot de passe choisi"},
            {"when": now - timedelta(days=9), "title": "Code d’activation émis"},
        ],
    }
    return render(request, "pages/styleguide.html", context)
