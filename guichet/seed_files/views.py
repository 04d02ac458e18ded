"""Importing keys: the file, what it holds, and the confirmation."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ent.web.acts import asks_for_recent_proof
from guichet.agents.current import agent_of
from guichet.assistance.perms import for_helpdesk
from guichet.authority.current import current_guichet
from guichet.enums import SeedImportState
from guichet.seed_files import services
from guichet.seed_files.models import OVER, SeedImport

MOST_MEGABYTES = 9
_INTERVALS = (("", "Le fichier le dit"), ("60", "60 secondes"), ("30", "30 secondes"))


class SeedFileForm(forms.Form):
    """The file, and what opens it."""

    file = forms.FileField(
        label="Fichier des clés",
        help_text="CSV, OATH CSV ou PSKC, tel que le fournisseur l’a remis.",
        error_messages={"required": "Choisissez le fichier."},
    )
    transport = forms.CharField(
        label="Clé de transport ou mot de passe",
        required=False,
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Remis par le fournisseur, à part. Vide pour un fichier en clair.",
    )
    interval = forms.ChoiceField(label="Intervalle", choices=_INTERVALS, required=False)

    def clean_file(self) -> bytes:
        """Return what the file holds, bounded."""
        uploaded = self.cleaned_data["file"]
        if uploaded.size > MOST_MEGABYTES * 1024 * 1024:
            raise forms.ValidationError(
                f"Plus de {MOST_MEGABYTES}\u00a0Mo\u00a0: coupez le fichier."
            )
        return bytes(uploaded.read())


@asks_for_recent_proof
@never_cache
@for_helpdesk
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file of keys."""
    form = SeedFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        interval = form.cleaned_data["interval"]
        received = services.receive_file(
            form.cleaned_data["file"],
            transport=form.cleaned_data["transport"],
            interval=int(interval) if interval else None,
            guichet=current_guichet(),
            actor=agent_of(request),
        )
        address = reverse("guichet:seed_preview", args=[received.uuid])
        return HttpResponseRedirect(address, status=303)
    recent = SeedImport.objects.filter(authority=current_guichet().authority)[:10]
    return render(request, "guichet/assistance/seed_upload.html", {"form": form, "recent": recent})


@asks_for_recent_proof
@never_cache
@for_helpdesk
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What the file holds, all its faults; then « Importer » or « Abandonner »."""
    imports = SeedImport.objects.select_related("authority")
    found = get_object_or_404(imports, uuid=uuid, authority=current_guichet().authority)
    if request.method == "POST":
        if "abandonner" in request.POST:
            services.cancel(found)
        else:
            services.confirm(found, actor=agent_of(request))
        return HttpResponseRedirect(request.path, status=303)
    context = {
        "found": found,
        "new_count": found.count - found.known_count,
        "is_waiting": found.state in (SeedImportState.RECEIVED, SeedImportState.APPLYING),
        "is_previewed": found.state == SeedImportState.PREVIEWED,
        "is_over": found.state in OVER,
    }
    return render(request, "guichet/assistance/seed_preview.html", context)
