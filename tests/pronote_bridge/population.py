"""An instance and people for the tests of the room."""

from __future__ import annotations

from datetime import date
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone

from directory.enums import Profile, Role
from directory.models import Person, School
from ent.audit.origin import Origin
from ent.files.reading import read_file
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.running import run_now
from pronote_bridge.enums import EnvelopeKind
from pronote_bridge.exports.services import request_export
from pronote_bridge.format.public_keys import read_public_key
from pronote_bridge.models import Export, Instance, InstanceSchool, VendorPartner
from sso.enums import AddressUse, ProfileVocabulary
from sso.models import Service, ServiceAddress, ServiceAudience
from tests import factories as make
from tests.pronote_bridge.files import KeyPair


def make_instance(*schools: School, **fields: Any) -> Instance:
    """An instance of these schools, the first one its key school, as rows."""
    key = schools[0]
    host = f"{key.uai.lower()}.index-education.net"
    service = fields.pop("service", None) or Service.objects.create(
        code=f"pronote-{key.uai.lower()}",
        name="Pronote",
        icon="calendar",
        school=key if len(schools) == 1 else None,
        home_url=f"https://{host}/pronote/",
        profile_vocabulary=ProfileVocabulary.NATIONAL_NUMBERS,
    )
    ServiceAddress.objects.get_or_create(
        service=service,
        use=AddressUse.SIGN_IN,
        scheme="https",
        host=host,
        port=443,
        path_prefix="/pronote",
    )
    instance = Instance.objects.create(
        **{
            "name": key.name,
            "address": f"https://{host}/pronote",
            "service": service,
            "key_school": key,
            **fields,
        }
    )
    for school in schools:
        InstanceSchool.objects.create(instance=instance, school=school)
        ServiceAudience.objects.get_or_create(service=service, school=school, profile="")
    return instance


def make_pupil(school: School, **fields: Any) -> Person:
    """A pupil with a birth date."""
    return make.make_person(
        school=school, **{"profile": Profile.PUPIL, "birth_date": date(2012, 3, 4), **fields}
    )


def make_staff(
    school: School, code: str, profile: Profile = Profile.TEACHER, **fields: Any
) -> Person:
    """Somebody of the staff with a function."""
    person = make.make_person(profile=profile, **fields)
    make.affiliate(person=person, school=school, function_code=code)
    return person


def make_vendor(pair: KeyPair) -> VendorPartner:
    """The vendor of the tests, whose private key they hold."""
    key = read_public_key(
        pair.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    return VendorPartner.objects.create(
        partner_id="ENT_PREAU",
        partner_name="Préau",
        container_version="1.0",
        support_address="pronote@exemple.fr",
        mail_subject="ENT_Pronote",
        public_key=key.pem,
        fingerprint=key.fingerprint,
        key_bits=key.bits,
        key_changed_at=timezone.now(),
    )


def manager_of(*schools: School) -> Person:
    """Somebody who administers these schools."""
    person = make.make_person(profile=Profile.HEAD, given_name="Denis")
    make.make_account(person=person)
    for school in schools:
        make.give_role(person=person, role=Role.SCHOOL_ADMINISTRATOR, school=school)
    return person


def made_export(
    instance: Instance, actor: Person, *, base: Export | None = None,
    envelope: EnvelopeKind = EnvelopeKind.VENDOR,
) -> Export:  # fmt: skip
    """An export that a worker has made."""
    export = request_export(
        instance=instance, base=base, envelope=envelope, actor=actor, at=Origin()
    )
    job = run_now(Job.objects.get(uuid=export.job_uuid))
    assert job.state == JobState.SUCCEEDED, job.error
    export.refresh_from_db()
    return export


def content_of(export: Export) -> bytes:
    """The encrypted file of an export."""
    stored = export.stored_file()
    assert stored is not None
    return b"".join(read_file(stored))


def downloaded(export: Export) -> Export:
    """The export, as once its file has left whole."""
    export.downloaded_at = timezone.now()
    export.save(update_fields=["downloaded_at"])
    return export


def work() -> None:
    """Do what waits for a worker, within the test's transaction."""
    for job in Job.objects.filter(state=JobState.QUEUED).order_by("pk"):
        run_now(job)
