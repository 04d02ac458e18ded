"""« Diffusion des identifiants »: choosing, reading before, sending, following, deciding."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from credentials.mailing import circuit_breaker, doubts
from credentials.mailing import services as campaigns
from credentials.mailing.choosing import already_written_to, expect, first_account
from credentials.mailing.following import counted_campaigns, followed, listed_recipients
from credentials.mailing.forms import ConfirmMailingForm, MailingForm, default_mailing
from credentials.mailing.letters import letters_without_address
from credentials.mailing.models import Campaign
from credentials.mailing.perms import visible_campaigns
from credentials.mailing.trials import example
from credentials.mailing.unreached import HEADER, export_unreached
from credentials.mailing.writing import default_subject, frame, text_of
from credentials.perms import schools_with_files_of
from credentials.wording import ALIKE_RUNNING, of_mailing_act
from directory.models import School
from directory.rights.actors import actor_of, person_of, require
from directory.rights.acts import Act
from directory.schools.lookup import school_or_404
from ent.audit.origin import Origin
from ent.pages.pagination import paginate
from ent.tabular.responses import CSV, table_response
from ent.web.acts import asks_for_recent_proof
from messaging.addresses.known import contact_address

PER_PAGE = 50
_DRAFT: Final = "mailing_draft"
_ACTS: Final = {
    "arreter": campaigns.cancel_campaign,
    "reprendre": campaigns.resume_campaign,
    "renvoyer": campaigns.resend_failures,
}


def _school(request: HttpRequest, uai: str) -> School:
    return school_or_404(schools_with_files_of(require(request, Act.CREDENTIAL_FILES)), uai)


def _campaign(request: HttpRequest, campaign: uuid.UUID) -> Campaign:
    found = visible_campaigns(require(request, Act.CREDENTIAL_FILES)).select_related("school")
    return get_object_or_404(found, uuid=campaign)


@require_GET
def mailings(request: HttpRequest) -> HttpResponse:
    """List the mailings of the actor's schools, newest first."""
    found = visible_campaigns(require(request, Act.CREDENTIAL_FILES)).select_related("school")
    page = paginate(found, request.GET.get("page"), size=PER_PAGE, cap=None)
    rows = counted_campaigns(page.object_list)
    return render(request, "credentials/mailings.html", {"page": page, "rows": rows})


@require_GET
def choose_school(request: HttpRequest) -> HttpResponse:
    """Lead to the one school, or let the actor choose."""
    schools = schools_with_files_of(require(request, Act.CREDENTIAL_FILES)).in_name_order()
    few = list(schools[:2])
    if len(few) == 1:
        return redirect("credentials:prepare-mailing", uai=few[0].uai)
    typed = request.GET.get("q", "").strip()
    found = schools.filter(pk__in=School.objects.matching(typed).values("pk"))
    page = paginate(found, request.GET.get("page"), size=PER_PAGE, cap=None)
    context = {"page": page, "typed": typed}
    return render(request, "credentials/mailing_school.html", context)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def prepare(request: HttpRequest, uai: str) -> HttpResponse:
    """Choose whom and write the two texts; the count and the reasons follow the choice."""
    school = _school(request, uai)
    asked = request.POST if request.method == "POST" else _asked_in_address(request, school)
    form = _form(request, school, asked, is_new=True)
    is_valid = form.is_valid()
    if request.method == "POST" and "compter" not in request.POST and is_valid:
        draft = {"uai": school.uai, "key": str(uuid.uuid4()), "asked": request.POST.urlencode()}
        request.session[_DRAFT] = draft
        return redirect("credentials:confirm-mailing", uai=school.uai)
    counted = None
    if is_valid:
        counted = expect(form.choice(), actor=actor_of(request), is_repeated=form.is_repeated)
    context = {"form": form, "school": school, "counted": counted, "policy": doubts.policy()}
    return render(request, "credentials/prepare_mailing.html", context)


def _asked_in_address(request: HttpRequest, school: School) -> QueryDict | None:
    """Whom another page proposes (« Activation des comptes »); never words: a link writes none."""
    if "cible" not in request.GET:
        return None
    asked = request.GET.copy()
    asked["objet"], asked["texte"] = default_subject(school), ""
    return asked


def _form(
    request: HttpRequest, school: School, asked: QueryDict | None, *, is_new: bool = False
) -> MailingForm:
    """What was typed, or what this session was preparing for the school, or what is proposed.

    *is_new*: a mailing that has left is not proposed again.
    """
    draft = request.session.get(_DRAFT, {})
    data: Any = asked
    if data is None and draft.get("uai") == school.uai and not (is_new and _sent(school, draft)):
        data = QueryDict(draft["asked"])
    if data is None:
        data = default_mailing(default_subject(school))
    return MailingForm(data, actor=actor_of(request), school=school, act=Act.CREDENTIAL_FILES)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def confirm(request: HttpRequest, uai: str) -> HttpResponse:
    """Read who gets what before anything leaves; mails cannot be taken back, so who is it again."""
    return _confirm(request, _school(request, uai))


def _confirm(request: HttpRequest, school: School) -> HttpResponse:
    draft = request.session.get(_DRAFT, {})
    form = _form(request, school, None)
    if draft.get("uai") != school.uai or not form.is_valid():
        return redirect("credentials:prepare-mailing", uai=school.uai)
    if "essai" in request.POST:
        return _try(request, school, form)
    known = _sent(school, draft)
    if known is not None:  # sent twice, reloaded, « back »: this page has done its work (T-G2)
        return redirect("credentials:mailing", campaign=known.uuid)
    counted = expect(form.choice(), actor=actor_of(request), is_repeated=form.is_repeated)
    posted = request.POST if request.method == "POST" else None
    confirmation = ConfirmMailingForm(posted, expected=counted.chosen)
    if counted.chosen and confirmation.is_valid():
        return _send(request, school, form, draft["key"])
    context: dict[str, Any] = {"form": form, "school": school, "counted": counted}
    context |= {"confirmation": confirmation, **_preview(request, school, form)}
    return render(request, "credentials/confirm_mailing.html", context)


def _sent(school: School, draft: dict[str, str]) -> Campaign | None:
    return Campaign.objects.filter(school=school, key=draft["key"]).first()


def _preview(request: HttpRequest, school: School, form: MailingForm) -> dict[str, Any]:
    data = form.cleaned_data
    actor, choice = actor_of(request), form.choice()
    account = first_account(choice, actor=actor, is_repeated=form.is_repeated)
    shared = frame(school=school, subject=data["objet"], text=data["texte"])
    return {
        "preview": text_of(shared, example(account)),
        "subject": data["objet"],
        "own_address": contact_address(person_of(request)),
        "policy": doubts.policy(),
        "written_to": already_written_to(choice, actor=actor, is_repeated=form.is_repeated),
    }


def _try(request: HttpRequest, school: School, form: MailingForm) -> HttpResponse:
    data, person = form.cleaned_data, person_of(request)
    if contact_address(person):
        campaigns.request_trial(
            school=school, subject=data["objet"], text=data["texte"], actor=person
        )
        messages.success(request, "L’essai part à votre adresse. Personne d’autre ne le reçoit.")
    else:
        messages.warning(
            request, "Aucune adresse n’est connue pour vous\u00a0: l’essai ne part pas."
        )
    return redirect("credentials:confirm-mailing", uai=school.uai)


def _send(request: HttpRequest, school: School, form: MailingForm, key: str) -> HttpResponse:
    asked = campaigns.request_campaign(
        school=school,
        choice=form.choice(),
        subject=form.cleaned_data["objet"],
        text=form.cleaned_data["texte"],
        words=form.words(),
        key=uuid.UUID(key),
        actor=person_of(request),
        at=Origin.of(request),
        is_repeated=form.is_repeated,
    )
    if not asked.is_new:
        messages.info(request, "Cet envoi a déjà été demandé\u00a0: le voici.")
    return redirect("credentials:mailing", campaign=asked.campaign.uuid)


@require_GET
def mailing(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    """Show how far a mailing is, what can be done, and what failed."""
    found = _campaign(request, campaign)
    context = {
        "campaign": found,
        "follow": followed(found),
        "server": circuit_breaker.resting_server(timezone.now()),
        "policy": doubts.policy(),
        "slips_url": letters_without_address(found.school, found.chosen),
    }
    return render(request, "credentials/mailing.html", context)


@require_GET
def progress(request: HttpRequest, campaign: uuid.UUID) -> JsonResponse:
    """Tell the script of the page how far the mailing is."""
    follow = followed(_campaign(request, campaign))
    return JsonResponse(
        {"done": follow.settled, "total": follow.mails, "finished": not follow.is_running}
    )


progress.is_polling = True  # type: ignore[attr-defined]


@require_POST
def act(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    """Stop, take up, or send failures again."""
    found = _campaign(request, campaign)
    word = request.POST.get("acte", "")
    if word not in _ACTS:
        raise Http404("no such act")
    try:
        count = _ACTS[word](campaign=found, actor=person_of(request), at=Origin.of(request))
        messages.success(request, of_mailing_act(word, count))
    except campaigns.AlikeRunningError:
        messages.warning(request, ALIKE_RUNNING)
    return redirect("credentials:mailing", campaign=found.uuid)


@require_GET
def recipients(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    """List the recipients in one state, or set aside for one reason."""
    found = _campaign(request, campaign)
    wanted = request.GET.get("etat", "")
    rows = listed_recipients(found, wanted, actor=actor_of(request))
    page = paginate(rows, request.GET.get("page"), size=PER_PAGE, cap=None)
    context = {"campaign": found, "page": page, "wanted": wanted, "follow": followed(found)}
    return render(request, "credentials/mailing_recipients.html", context)


@require_GET
@asks_for_recent_proof
def without_address(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    """Give the list of those whom no mail reached, for letters of the office's own; journaled."""
    found = _campaign(request, campaign)
    rows = export_unreached(campaign=found, actor=person_of(request), at=Origin.of(request))
    name = f"non-joints-{found.school.uai}"
    return table_response(rows, header=HEADER, name=name, file_format=CSV)
