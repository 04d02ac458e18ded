"""« Mes préférences »: how the ENT tells somebody of what happens."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from directory.rights.actors import actor_of
from ent.web.acts import needs_no_recent_proof
from messaging.addresses.known import addresses_of
from messaging.addresses.services import waiting_confirmation
from messaging.enums import Frequency
from messaging.preferences.forms import FrequencyForm
from messaging.preferences.services import choose_frequency, frequency_of


@needs_no_recent_proof
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Show the address in place, and choose how often mails announce messages."""
    person_id = actor_of(request).person_id
    if request.method == "POST":
        form = FrequencyForm(request.POST)
        if form.is_valid():
            choose_frequency(
                person_id=person_id, frequency=Frequency(form.cleaned_data["frequence"])
            )
            messages.success(request, "Votre choix est enregistré.")
            return redirect("messaging:preferences")
    else:
        form = FrequencyForm(initial={"frequence": frequency_of(person_id=person_id)})
    context = {
        "form": form,
        "known": addresses_of([person_id])[person_id],
        "waiting": waiting_confirmation(person_id=person_id),
    }
    return render(request, "messaging/preferences.html", context)
