"""Slips and letters: who stands on them, in which order, what a PDF shows, who may have it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zipfile import ZipFile

import pypdfium2
import pytest
import zxingcpp
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from accounts.enums import AccountState
from accounts.models import Account, ActivationCode
from credentials.choice.population import PopulationChoice, chosen_accounts, tally
from credentials.codes.issuing import issue_codes
from credentials.enums import FileState, LeftOut, SlipLayout
from credentials.models import SlipPrinting
from credentials.slips.making import may_download
from credentials.slips.people import SlipPerson
from credentials.slips.services import request_slips
from credentials.slips.sheets import draw, head_of
from directory.enums import Profile, Role
from directory.models import Group, Membership, Person, RoleGrant, School
from directory.rights.actors import actor_for
from directory.rights.acts import Act
from ent.audit.models import AuditEvent
from ent.files.models import StoredFile
from ent.files.reading import read_file
from tests import factories as make
from tests.cast import Cast
from tests.credentials.test_files import run_waiting_jobs
from tests.kit import canaries

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person | None], Client]
SLIPS = "/annuaire/administration/fiches/"


def pending(
    school: School,
    given_name: str,
    family_name: str,
    *,
    group: Group | None = None,
    profile: Profile = Profile.PUPIL,
    **fields: Any,
) -> Account:
    """Somebody whose code waits to be handed over."""
    person = make.make_person(
        school=school, given_name=given_name, family_name=family_name, profile=profile, **fields
    )
    if group is not None:
        make.put_in_group(person=person, group=group)
    account = make.make_account(person=person, state=AccountState.PENDING)
    issue_codes(account_ids=[account.pk], now=datetime.now(UTC))
    return account


def printed(
    school: School, actor: Person, layout: SlipLayout = SlipLayout.EIGHT, **choice: Any
) -> SlipPrinting:
    """Ask for sheets, let the worker make them, and return what there is then."""
    printing = request_slips(
        school=school,
        choice=PopulationChoice(school_id=school.pk, **choice),
        layout=layout,
        words="essai",
        actor=actor,
    )
    run_waiting_jobs()
    printing.refresh_from_db()
    return printing


def stored_of(printing: SlipPrinting) -> StoredFile:
    """The encrypted file of what was printed."""
    assert printing.stored_uuid is not None, printing.state
    return StoredFile.objects.get(uuid=printing.stored_uuid)


def content(printing: SlipPrinting) -> bytes:
    """Read the bytes as the worker can."""
    return b"".join(read_file(stored_of(printing)))


def text_of(pdf: bytes) -> str:
    """The words of a PDF in the order in which a screen reader says them."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def codes_read_on(pdf: bytes, page: int = 0) -> list[str]:
    """What the QR codes of a page say, read from its picture."""
    picture = pypdfium2.PdfDocument(pdf)[page].render(scale=3).to_pil()
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def test_a_class_is_one_pdf_in_the_order_of_names(cast: Cast) -> None:
    pending(cast.school_a, "Zoé", "Abadie", group=cast.class_a)
    pending(cast.school_a, "Émile", "Zola", group=cast.class_a)
    pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    pending(cast.school_a, "Une", "Autre", group=cast.other_class_a)
    printing = printed(
        cast.school_a, cast.manager_a, profiles=(Profile.PUPIL,), groups=(cast.class_a.uuid,)
    )
    assert printing.state == FileState.READY
    assert printing.name == "fiches-0541111A-eleves-4E3.pdf"
    assert (printing.account_count, printing.code_count, printing.file_count) == (3, 3, 1)
    words = text_of(content(printing))
    places = [words.index(name) for name in ("Zoé Abadie", "Lou Nadal", "Émile Zola")]
    assert places == sorted(places)
    assert "Autre" not in words


def test_the_code_on_the_slip_is_the_one_that_opens_the_account(cast: Cast) -> None:
    from signin.one_time_codes import matches

    account = pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    words = text_of(content(printed(cast.school_a, cast.manager_a)))
    code = ActivationCode.objects.get(account=account)
    shown = [word for word in words.split() if word.count("-") == 2 and len(word) == 14]
    assert len(shown) == 1
    assert matches(code.verifier, shown[0], account.uuid, code.generation)


def test_a_code_is_copied_without_a_space_in_it(cast: Cast) -> None:
    """Kerning draws « j » under « q », and readers of PDFs make a space of it."""
    code = "gqjz-qj2j-wqja"
    person = SlipPerson(
        account_id=1,
        profile=Profile.PUPIL,
        title="",
        name="Lou Nadal",
        login="lou.nadal",
        is_active=False,
        code=code,
        generation=1,
        until="",
        class_code="4E3",
        children=(),
        address_lines=(),
    )
    for layout in SlipLayout:
        sheet = head_of(cast.school_a, layout)
        assert code in text_of(draw([person], sheet=sheet, title="Essai"))


def test_the_qr_code_leads_to_the_school_s_sign_in_page_and_holds_no_secret(cast: Cast) -> None:
    for number in range(9):
        pending(cast.school_a, f"Lou{number}", "Nadal", group=cast.class_a)
    for layout, count in ((SlipLayout.EIGHT, 8), (SlipLayout.TWO, 2), (SlipLayout.ONE, 1)):
        pdf = content(printed(cast.school_a, cast.manager_a, layout, profiles=(Profile.PUPIL,)))
        address = f"{settings.PUBLIC_BASE_URL}/connexion/?etablissement=0541111A"
        assert codes_read_on(pdf) == [address] * count


def test_the_pdf_is_tagged_titled_and_in_french(cast: Cast) -> None:
    pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    for layout in SlipLayout:
        reader = PdfReader(io.BytesIO(content(printed(cast.school_a, cast.manager_a, layout))))
        root: Any = reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF boolean
        assert str(root["/Lang"]).startswith("fr")
        assert "/StructTreeRoot" in root
        assert reader.metadata is not None
        assert reader.metadata.title


def test_several_classes_are_an_archive_with_a_pdf_per_class(cast: Cast) -> None:
    pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    pending(cast.school_a, "Une", "Autre", group=cast.other_class_a)
    printing = printed(cast.school_a, cast.manager_a, profiles=(Profile.PUPIL,))
    assert printing.name == "fiches-0541111A.zip"
    with ZipFile(io.BytesIO(content(printing))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["01-eleves-4E3.pdf", "02-eleves-6E1.pdf"]
        assert "Une Autre" in text_of(archive.read("02-eleves-6E1.pdf"))


def test_a_parent_has_one_letter_for_all_children_of_this_school_only(cast: Cast) -> None:
    """T-F5: the child in school B is not named by school A; the sheet follows the first child."""
    account = pending(
        cast.school_a,
        "Mireille",
        "Nadal",
        profile=Profile.GUARDIAN,
        title="Mme",
        address="12 rue des Lilas",
        postal_code="54000",
        town="NANCY",
    )
    older = make.make_person(school=cast.school_a, given_name="Ugo", family_name="Nadal")
    make.put_in_group(person=older, group=cast.class_a)
    younger = make.make_person(school=cast.school_a, given_name="Lou", family_name="Nadal")
    make.put_in_group(person=younger, group=cast.other_class_a)
    elsewhere = make.make_person(school=cast.school_b, given_name="Caché", family_name="Nadal")
    for child in (older, younger, elsewhere):
        make.make_child_of(guardian=account.person, pupil=child)
    printing = printed(
        cast.school_a, cast.manager_a, SlipLayout.LETTER, profiles=(Profile.GUARDIAN,)
    )
    assert printing.name == "lettres-0541111A-parents-4E3.pdf"
    words = " ".join(text_of(content(printing)).split())
    assert "d’Ugo Nadal (4E3) et de Lou Nadal (6E1)" in words
    assert "Caché" not in words
    assert "Mme Mireille Nadal 12 rue des Lilas 54000 NANCY" in words
    assert words.count("Madame,") == 1


def test_the_parents_of_a_class_are_one_pile_whatever_their_other_children(cast: Cast) -> None:
    """Whoever asks for 6E1 finds no sheet under 4E3, where an elder child is."""
    account = pending(cast.school_a, "Mireille", "Nadal", profile=Profile.GUARDIAN)
    for name, group in (("Ugo", cast.class_a), ("Lou", cast.other_class_a)):
        child = make.make_person(school=cast.school_a, given_name=name, family_name="Nadal")
        make.put_in_group(person=child, group=group)
        make.make_child_of(guardian=account.person, pupil=child)
    printing = printed(
        cast.school_a,
        cast.manager_a,
        SlipLayout.LETTER,
        profiles=(Profile.GUARDIAN,),
        groups=(cast.other_class_a.uuid,),
    )
    assert printing.name == "lettres-0541111A-parents-6E1.pdf"
    words = " ".join(text_of(content(printing)).split())
    assert "de Lou Nadal (6E1) et d’Ugo Nadal (4E3)" in words


def test_who_stands_in_other_letters_on_paper_is_named_in_the_list(
    cast: Cast, client_of: SignIn
) -> None:
    """One name outside our fonts stops no class; files and screens keep it as it is."""
    odd = pending(cast.school_a, "Ming", "Wang", group=cast.class_a)
    kept = pending(cast.school_a, "Alexandra", "Nadal", group=cast.class_a)
    Person.objects.filter(account=odd).update(given_name="小明", family_name="王")
    Person.objects.filter(account=kept).update(given_name="Александра")
    printing = printed(
        cast.school_a, cast.manager_a, profiles=(Profile.PUPIL,), groups=(cast.class_a.uuid,)
    )
    assert printing.state == FileState.READY
    words = text_of(content(printing))
    assert "XiaoMing Wang" in words
    assert "Александра Nadal" in words
    page = client_of(cast.manager_a).get(SLIPS).content.decode()
    assert "<bdi>小明 王</bdi> (<bdi>XiaoMing Wang</bdi>)" in page
    assert "<bdi>Александра" not in page
    odd.person.refresh_from_db()
    assert odd.person.given_name == "小明"
    other = client_of(cast.credentials_manager).get(SLIPS).content.decode()
    assert "小明" not in other


def test_letters_without_a_postal_address_are_counted_and_left_out(
    cast: Cast, client_of: SignIn
) -> None:
    """Who cannot be written to has no letter unless somebody asks; slips do not mind."""
    there: dict[str, Any] = {"address": "12 rue des Lilas", "postal_code": "54000", "town": "NANCY"}
    parents: tuple[tuple[str, dict[str, Any]], ...] = (
        ("Posté", there),
        ("Sansrue", there | {"address": ""}),
        ("Sansville", there | {"town": "", "postal_code": ""}),
        ("Sansrien", {}),
    )
    for name, fields in parents:
        account = pending(cast.school_a, "Ada", name, profile=Profile.GUARDIAN, **fields)
        make.make_child_of(guardian=account.person, pupil=cast.pupil)
    client = client_of(cast.manager_a)
    address = f"{SLIPS}preparer/{cast.school_a.uai}/"
    asked = {"profils": Profile.GUARDIAN.value, "etats": "non-active", "format": "lettre"}
    page = " ".join(client.post(address, {**asked, "compter": "1"}).content.decode().split())
    assert '<span class="numbers">1</span> fiche' in page
    assert '<span class="numbers">3</span> sans adresse postale' in page
    for more, count in (({}, 1), ({"sans_adresse": "on"}, 4), ({"format": "8"}, 4)):
        assert client.post(address, {**asked, **more}).status_code == 302
        run_waiting_jobs()
        assert SlipPrinting.objects.latest("pk").account_count == count


def test_nursery_classes_get_no_code_unless_the_school_asks(cast: Cast, client_of: SignIn) -> None:
    client = client_of(cast.manager_a)
    address = f"{SLIPS}preparer/{cast.school_a.uai}/"
    assert 'name="maternelle"' not in client.get(address).content.decode()
    for number, level in enumerate(("PS", "GS", "CP")):
        pending(cast.school_a, "Lou", f"Nadal{number}", level=level)
    pupils, all_pupils = ({"profils": "eleve", "etats": "non-active", "format": "8"} for _ in "12")
    all_pupils["maternelle"] = "on"
    page = " ".join(client.post(address, {**pupils, "compter": "1"}).content.decode().split())
    assert '<span class="numbers">2</span> en maternelle' in page
    for asked, count in ((pupils, 1), (all_pupils, 3)):
        assert client.post(address, asked).status_code == 302
        run_waiting_jobs()
        assert SlipPrinting.objects.latest("pk").account_count == count


def test_reprinting_keeps_the_codes_and_leaves_a_trace_on_each_person(cast: Cast) -> None:
    account = pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    first = text_of(content(printed(cast.school_a, cast.manager_a)))
    second = text_of(content(printed(cast.school_a, cast.manager_a)))
    assert first == second
    acts = list(
        AuditEvent.objects.about(account.person.uuid).order_by("id").values_list("act", flat=True)
    )
    assert acts == ["slip:printed", "slip:reprinted"]


def test_an_expired_code_is_replaced_and_a_valid_one_is_not(cast: Cast) -> None:
    expired = pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    valid = pending(cast.school_a, "Ugo", "Nadal", group=cast.class_a)
    past = datetime.now(UTC) - timedelta(days=1)
    ActivationCode.objects.filter(account=expired).update(expires_at=past)
    printing = printed(cast.school_a, cast.manager_a)
    assert printing.issued_count == 1
    generations = dict(
        ActivationCode.objects.filter(account__in=[expired, valid]).values_list(
            "account", "generation"
        )
    )
    assert generations == {expired.pk: 2, valid.pk: 1}


def test_the_choice_says_who_is_left_out_and_why(cast: Cast) -> None:
    pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    handed = pending(cast.school_a, "Ugo", "Nadal", group=cast.class_a)
    ActivationCode.objects.filter(account=handed).update(handed_over_at=datetime.now(UTC))
    blocked = pending(cast.school_a, "Ève", "Nadal", group=cast.class_a)
    Account.objects.filter(pk=blocked.pk).update(state=AccountState.BLOCKED)
    choice = PopulationChoice(
        school_id=cast.school_a.pk,
        profiles=(Profile.PUPIL,),
        groups=(cast.class_a.uuid,),
        is_only_not_handed_over=True,
    )
    actor = actor_for(cast.manager_a)
    counted = tally(choice, actor=actor, act=Act.SLIPS)
    assert counted.chosen == 1
    assert dict(counted.reasons) == {
        LeftOut.BLOCKED: 1,
        LeftOut.STATE: 2,  # the pupil and the child of the cast are active
        LeftOut.HANDED_OVER: 1,
    }
    assert chosen_accounts(choice, actor=actor, act=Act.SLIPS).count() == counted.chosen


def test_a_form_teacher_prints_their_class_and_no_other(cast: Cast, client_of: SignIn) -> None:
    mine = pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    pending(cast.school_a, "Une", "Autre", group=cast.other_class_a)
    actor = actor_for(cast.form_teacher)
    everybody = PopulationChoice(school_id=cast.school_a.pk)
    assert list(chosen_accounts(everybody, actor=actor, act=Act.SLIPS)) == [mine]
    client = client_of(cast.form_teacher)
    page = client.get(f"{SLIPS}preparer/{cast.school_a.uai}/").content.decode()
    assert "4E3" in page
    assert "6E1" not in page
    address = f"{SLIPS}preparer/{cast.school_a.uai}/"
    asked = {"profils": "eleve", "etats": "non-active", "format": "8"}
    none = client.post(address, asked)
    assert "Cochez au moins une classe" in none.content.decode()
    foreign = client.post(address, {**asked, "classes": str(cast.other_class_a.uuid)})
    assert "Choisissez seulement des classes de la liste" in foreign.content.decode()
    assert not SlipPrinting.objects.exists()
    assert client.post(address, {**asked, "classes": str(cast.class_a.uuid)}).status_code == 302
    assert SlipPrinting.objects.get().requested_by == cast.form_teacher.uuid


def test_a_right_withdrawn_before_the_worker_prints_nothing(cast: Cast) -> None:
    """T-F4."""
    account = pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    printing = request_slips(
        school=cast.school_a,
        choice=PopulationChoice(school_id=cast.school_a.pk, groups=(cast.class_a.uuid,)),
        layout=SlipLayout.EIGHT,
        words="4E3",
        actor=cast.form_teacher,
    )
    cast.form_teacher.role_grants.update(withdrawn_at=datetime.now(UTC))
    run_waiting_jobs()
    printing.refresh_from_db()
    assert printing.state == FileState.WAITING
    assert not StoredFile.objects.exists()
    assert ActivationCode.objects.get(account=account).handed_over_at is None


def test_a_manager_downloads_their_own_printing_and_nobody_else_s(
    cast: Cast, client_of: SignIn
) -> None:
    pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    printing = printed(cast.school_a, cast.credentials_manager)
    address = reverse("credentials:download-slips", args=[printing.uuid])
    for stranger in (cast.manager_b, cast.form_teacher, cast.teacher):
        assert client_of(stranger).post(address).status_code in {403, 404}
    client = client_of(cast.credentials_manager)
    waiting = client.post(address)
    run_waiting_jobs()
    page = client.get(waiting["Location"])
    answer = client.get(page["Refresh"].split("url=")[1])
    assert b"".join(answer.streaming_content)[:5] == b"%PDF-"  # type: ignore[attr-defined]
    assert answer["Cache-Control"] == "no-store, private"


def test_the_ticked_people_of_a_search_are_printed_or_all_refused(
    cast: Cast, client_of: SignIn
) -> None:
    """T-F3."""
    account = pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    client = client_of(cast.manager_a)
    mixed = [str(account.person.uuid), str(cast.pupil_b.uuid)]
    address = reverse("credentials:prepare-selected-slips")
    assert client.post(address, {"personne": mixed}).status_code == 404
    good = client.post(address, {"personne": mixed[:1]})
    page = " ".join(client.get(good["Location"]).content.decode().split())
    assert '<span class="numbers">1</span> fiche' in page
    asked = {"personne": mixed[:1], "etats": "non-active", "format": "8"}
    assert client.post(good["Location"].split("?")[0], asked).status_code == 302
    run_waiting_jobs()
    assert SlipPrinting.objects.get().account_count == 1


def test_who_has_no_sheet_is_said_and_left_out(cast: Cast, client_of: SignIn) -> None:
    """Contacts and staff of the academy stand in the same results as everybody else."""
    account = pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    client = client_of(cast.manager_a)
    address = reverse("credentials:prepare-selected-slips")
    ticked = [str(account.person.uuid), str(cast.teacher.uuid)]
    good = client.post(address, {"personne": ticked}, follow=True)
    page = good.content.decode()
    assert "1 personne reste de côté" in page
    assert f'name="personne" value="{ticked[0]}"' in page
    assert ticked[1] not in page
    search = "/annuaire/?q=professeure"
    none = client.post(
        address, {"personne": ticked[1:]}, headers={"referer": f"http://testserver{search}"}
    )
    assert none.headers["Location"] == search
    assert "Aucune fiche à imprimer ici" in client.get(search).content.decode()


def test_a_form_teacher_finds_their_class_ticked(cast: Cast, client_of: SignIn) -> None:
    client = client_of(cast.form_teacher)
    page = client.get(f"{SLIPS}preparer/{cast.school_a.uai}/").content.decode()
    assert "Il y a une erreur" not in page
    assert re.search(rf'value="{cast.class_a.uuid}"[^>]* checked', page)
    assert "Classes (facultatif)" not in re.sub(r"<[^>]+>", "", page)


def test_a_form_teacher_downloads_the_people_they_ticked_while_these_are_theirs(
    cast: Cast,
) -> None:
    """T-F4: as for a class; somebody who leaves it takes the document away."""
    account = pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    printing = printed(cast.school_a, cast.form_teacher, persons=(account.person.uuid,))
    stored = stored_of(printing)
    assert may_download(stored, cast.form_teacher.uuid)
    Membership.objects.filter(person=account.person).delete()
    assert not may_download(stored, cast.form_teacher.uuid)


def test_an_administrator_elsewhere_is_no_administrator_here(cast: Cast) -> None:
    """J3: a form teacher who lost the class has no more right for a role in another school."""
    pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    make.give_role(person=cast.form_teacher, role=Role.FORM_TEACHER, group=cast.other_class_a)
    make.give_role(person=cast.form_teacher, role=Role.SCHOOL_ADMINISTRATOR, school=cast.school_b)
    printing = printed(cast.school_a, cast.form_teacher, groups=(cast.class_a.uuid,))
    stored = stored_of(printing)
    assert may_download(stored, cast.form_teacher.uuid)
    RoleGrant.objects.filter(group=cast.class_a).update(withdrawn_at=datetime.now(UTC))
    assert not may_download(stored, cast.form_teacher.uuid)


def test_people_of_another_school_of_mine_are_not_silently_left_out(
    cast: Cast, client_of: SignIn
) -> None:
    """T-F3: the address holds a school; somebody of another one refuses them all."""
    make.give_role(person=cast.manager_a, role=Role.SCHOOL_ADMINISTRATOR, school=cast.school_b)
    account = pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    asked = {
        "personne": [str(account.person.uuid), str(cast.pupil_b.uuid)],
        "etats": "non-active",
        "format": "8",
    }
    client = client_of(cast.manager_a)
    assert client.post(f"{SLIPS}preparer/{cast.school_a.uai}/", asked).status_code == 404
    apart = client.post(reverse("credentials:prepare-selected-slips"), asked)
    assert apart["Location"] == reverse("directory:search")
    assert not SlipPrinting.objects.exists()


def test_other_accounts_are_one_document_whatever_their_names(cast: Cast) -> None:
    """Guests and staff of the authority: two piles, not one for each change of profile."""
    for number, profile in enumerate((Profile.GUEST, Profile.LOCAL_AUTHORITY) * 2):
        pending(cast.school_a, f"Lou{number}", f"Nadal{number}", profile=profile)
    printing = printed(
        cast.school_a,
        cast.ent_administrator,
        profiles=(Profile.GUEST, Profile.LOCAL_AUTHORITY),
    )
    assert (printing.account_count, printing.file_count) == (4, 2)


def test_a_code_that_does_not_open_is_not_handed_over(cast: Cast) -> None:
    """T-F1b: its sheet says to ask for another, and « pas encore remis » still finds it."""
    good = pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    bad = pending(cast.school_a, "Ada", "Nadal", group=cast.class_a)
    box = bytes(bad.activation_code.box)
    ActivationCode.objects.filter(account=bad).update(box=box[:-1] + bytes([box[-1] ^ 1]))
    printing = printed(cast.school_a, cast.manager_a, groups=(cast.class_a.uuid,))
    assert (printing.account_count, printing.code_count) == (2, 1)
    codes = ActivationCode.objects
    assert codes.get(account=good).handed_over_at is not None
    assert codes.get(account=bad).handed_over_at is None
    assert not AuditEvent.objects.about(bad.person.uuid).exists()


def test_no_code_stands_in_a_log_nor_in_the_database(cast: Cast) -> None:
    pending(cast.school_a, "Lou", "Nadal", group=cast.class_a)
    words = text_of(content(printed(cast.school_a, cast.manager_a)))
    code = next(word for word in words.split() if word.count("-") == 2 and len(word) == 14)
    canaries.watch(code)
    again = printed(cast.school_a, cast.manager_a)
    assert code not in str(again.choice)
    assert code in text_of(content(again))
