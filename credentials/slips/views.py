"""« Fiches et lettres »: printing credentials for the form teacher and for the parents."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from credentials.choice.forms import default_selection
from credentials.choice.population import LOCAL_PROFILES, missing_persons, tally
from credentials.handover import hand_over, waiting_answer
from credentials.perms import schools_with_slips_of
from credentials.slips.forms import SlipsForm
from credentials.slips.listed import count_printings_in_preparation, listed_printings
from credentials.slips.models import SlipPrinting
from credentials.slips.perms import visible_printings
from credentials.slips.services import delete_slips, request_slips, try_slips_again
from directory.models import Affiliation, Person, School
from directory.rights.actors import Actor, actor_of, person_of, require
from directory.rights.acts import Act
from directory.rights.walls import visible_persons
from directory.schools.lookup import school_or_404
from directory.search.ticked import NOBODY_TICKED, parse_identifiers
from ent.audit.origin import Origin
from ent.pages.french import number_words
from ent.pages.pagination import paginate
from ent.pages.previous import previous_page
from ent.web.acts import asks_for_recent_proof

_ASKED = (
    "Les fiches sont en préparation\u00a0: "
    "elles apparaissent dans la liste dès qu’elles sont prêtes."
)
_AGAIN = "L’impression est relancée."
_NOT_TOGETHER = (
    "Ces personnes ne sont pas du même établissement\u00a0: imprimez leurs fiches séparément."
)
_WHY = (
    "les personnels de l’académie n’ont pas de code, les contacts pas de compte, et l’on n’imprime "
    "pas la fiche de qui gère aussi des comptes"
)
_NO_SHEET = f"Aucune fiche à imprimer ici\u00a0: {_WHY}."
_LEFT_OUT = (
    f"personne reste de côté\u00a0: {_WHY}.",
    f"personnes restent de côté\u00a0: {_WHY}.",
)
_DELETED = "Le document est supprimé. Les codes imprimés restent valables."


def _printing(request: HttpRequest, printing: uuid.UUID) -> SlipPrinting:
    found = visible_printings(require(request, Act.SLIPS)).select_related("school")
    return get_object_or_404(found, uuid=printing)


@require_GET
def slips(request: HttpRequest) -> HttpResponse:
    """List the printings that the actor may see, newest first."""
    actor = require(request, Act.SLIPS)
    found = visible_printings(actor).select_related("school")
    page = paginate(found, request.GET.get("page"), cap=None)
    context = {
        "page": page,
        "rows": listed_printings(page.object_list, actor=actor),
        "waiting": count_printings_in_preparation(found),
    }
    return render(request, "credentials/slips.html", context)


@require_GET
def progress(request: HttpRequest) -> JsonResponse:
    """Tell the script of the list how many of the printings it saw waiting are ready."""
    found = visible_printings(require(request, Act.SLIPS))
    return waiting_answer(request, count_printings_in_preparation(found))


progress.is_polling = True  # type: ignore[attr-defined]


@require_GET
def choose_school(request: HttpRequest) -> HttpResponse:
    """Lead to the one school, or let the actor choose."""
    schools = schools_with_slips_of(require(request, Act.SLIPS)).in_name_order()
    few = list(schools[:2])
    if len(few) == 1:
        return redirect("credentials:prepare-slips", uai=few[0].uai)
    typed = request.GET.get("q", "")
    found = schools.filter(pk__in=School.objects.matching(typed).values("pk"))
    page = paginate(found, request.GET.get("page"), cap=None)
    context = {"page": page, "typed": typed}
    return render(request, "credentials/slips_school.html", context)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def prepare(request: HttpRequest, uai: str) -> HttpResponse:
    """Choose whose sheets; the count and the reasons follow the choice before anything is made."""
    actor = require(request, Act.SLIPS)
    school = school_or_404(schools_with_slips_of(actor), uai)
    asked = request.POST if request.method == "POST" else request.GET
    form = _form(actor, school, asked)
    if request.method == "POST" and "compter" not in request.POST and form.is_valid():
        printed = _request(request, school, form)
        if printed:
            return redirect("credentials:slips")
    counted = tally(form.choice(), actor=actor, act=Act.SLIPS) if form.is_valid() else None
    context = {"form": form, "school": school, "counted": counted}
    return render(request, "credentials/prepare_slips.html", context)


def _form(actor: Actor, school: School, asked: QueryDict) -> SlipsForm:
    persons = tuple(parse_identifiers(asked.getlist("personne")))
    data: Any = asked if "format" in asked else {**default_selection(), **SlipsForm.defaults()}
    form = SlipsForm(data, actor=actor, school=school, act=Act.SLIPS, persons=persons)
    if "format" not in asked:
        data["classes"] = form.own_classes()
    form.persons = persons  # type: ignore[attr-defined]  # hidden fields of the page
    return form


def _request(request: HttpRequest, school: School, form: SlipsForm) -> bool:
    """Ask for the sheets; somebody out of reach refuses them all, an empty choice asks nothing."""
    actor, choice = actor_of(request), form.choice()
    if missing_persons(choice, actor=actor, act=Act.SLIPS):
        raise Http404("one of the persons is not there")
    if not tally(choice, actor=actor, act=Act.SLIPS).chosen:
        form.add_error(None, "Personne ne correspond à ce choix\u00a0: élargissez-le.")
        return False
    request_slips(
        school=school,
        choice=choice,
        layout=form.layout,
        words=form.words(),
        actor=person_of(request),
        at=Origin.of(request),
    )
    messages.success(request, _ASKED)
    return True


@require_POST
def prepare_selected(request: HttpRequest) -> HttpResponse:
    """« Pour la sélection… » of a search: the ticked people's sheets, in the school they share."""
    actor = require(request, Act.SLIPS)
    if not request.POST.getlist("personne"):
        messages.warning(request, NOBODY_TICKED)
        return redirect(previous_page(request, reverse("directory:search")))
    wanted = parse_identifiers(request.POST.getlist("personne"))
    seen = visible_persons(actor).filter(uuid__in=wanted)
    if not wanted or seen.count() != len(wanted):
        raise Http404("one of the persons is not there")
    found = visible_persons(actor, Act.SLIPS).filter(uuid__in=wanted, profile__in=LOCAL_PROFILES)
    left_out = len(wanted) - found.count()
    school = _shared_school(actor, found) if left_out < len(wanted) else None
    if school is None:
        messages.warning(request, _NOT_TOGETHER if left_out < len(wanted) else _NO_SHEET)
        return redirect(previous_page(request, reverse("directory:search")))
    if left_out:
        messages.warning(request, f"{number_words(left_out)} {_LEFT_OUT[left_out > 1]}")
    query = QueryDict(mutable=True)
    query.setlist("personne", [str(uuid) for uuid in found.values_list("uuid", flat=True)])
    address = reverse("credentials:prepare-slips", args=[school.uai])
    return redirect(f"{address}?{query.urlencode()}")


def _shared_school(actor: Actor, people: QuerySet[Person]) -> School | None:
    """Return the first school of the actor to which all these people belong."""
    there = Affiliation.objects.filter(person__in=people.values("pk")).order_by().values("school")
    shared = there.annotate(number=Count("person", distinct=True)).filter(number=people.count())
    schools = schools_with_slips_of(actor).filter(pk__in=shared.values("school"))
    return schools.in_name_order().first()


@require_POST
def again(request: HttpRequest, printing: uuid.UUID) -> HttpResponse:
    """Make again a printing that failed."""
    try_slips_again(printing=_printing(request, printing), actor=person_of(request))
    messages.success(request, _AGAIN)
    return redirect("credentials:slips")


@require_POST
def delete(request: HttpRequest, printing: uuid.UUID) -> HttpResponse:
    """Delete the document; nothing that was printed stops working."""
    delete_slips(
        printing=_printing(request, printing), actor=person_of(request), at=Origin.of(request)
    )
    messages.success(request, _DELETED)
    return redirect("credentials:slips")


@require_POST
def download(request: HttpRequest, printing: uuid.UUID) -> HttpResponse:
    """Ask a worker to hand the document over to this session."""
    found = _printing(request, printing)
    if found.stored_uuid is None:
        raise Http404
    return hand_over(request, found.stored_uuid, back="credentials:slips")
