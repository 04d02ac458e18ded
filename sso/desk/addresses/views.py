"""« Adresses »: where a service is, by component."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ent.text.numbers import read_number
from ent.web.acts import asks_for_recent_proof
from sso.catalogue.perms import can_manage_portal_services
from sso.catalogue.registration import add_address, remove_address
from sso.desk.addresses.forms import ServiceAddressForm
from sso.desk.managed import (
    managed,
    page_context,
    posted,
    words_of,
)
from sso.enums import AddressUse


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def addresses(request: HttpRequest, service: uuid.UUID) -> HttpResponse:
    """List the addresses, and add one: tickets go where they say, so the password is asked."""
    by, found = managed(request, service)
    may_proxy = found.may_proxy and can_manage_portal_services(by.actor)
    form = ServiceAddressForm(posted(request), may_proxy=may_proxy)
    if request.method == "POST" and form.is_valid() and form.address is not None:
        return _add(request, service, form)
    context = page_context(request, found, form=form, addresses=found.addresses.all())
    return render(request, "sso/desk/addresses.html", context)


def _add(request: HttpRequest, service: uuid.UUID, form: ServiceAddressForm) -> HttpResponse:
    by, found = managed(request, service)
    use = AddressUse(form.cleaned_data["use"])
    assert form.address is not None  # noqa: S101  # the form is valid
    try:
        add_address(service=found, address=form.address, use=use, by=by)
    except ValidationError as error:
        form.add_error("host", words_of(error))
        context = page_context(request, found, form=form, addresses=found.addresses.all())
        return render(request, "sso/desk/addresses.html", context)
    messages.success(request, f"Adresse ajoutée à «\u00a0{found.name}\u00a0».")
    return redirect("services:addresses", found.uuid)


@require_POST
@asks_for_recent_proof
def remove(request: HttpRequest, service: uuid.UUID) -> HttpResponse:
    """Remove one address; adding it again is all it takes to come back."""
    by, found = managed(request, service)
    place = get_object_or_404(found.addresses, pk=read_number(request.POST.get("adresse", "")))
    try:
        remove_address(service=found, address=place, by=by)
    except ValidationError as error:
        messages.error(request, words_of(error))
    else:
        messages.success(request, "Adresse retirée.")
    return redirect("services:addresses", found.uuid)
