"""The catalogue in memory: what it holds, and what reading it costs (decision 0041)."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from directory.models import School
from sso.catalogue import registry
from sso.catalogue.access import AccessFacts, decide
from sso.catalogue.models import ServiceQuerySet
from sso.models import ReleasedAttribute, Service, ServiceAudience
from sso.release.contracts import contract_of
from tests import factories as make
from tests.sso.kit import add_address, make_service


def make_services(count: int, school: School) -> None:
    for number in range(count):
        service = make_service(f"https://s{number}.example.fr/a", code=f"s{number}", school=school)
        add_address(service, f"https://s{number}.example.fr/b")
        ServiceAudience.objects.create(service=service, school=school)
        for name in ("nom", "prenom"):
            ReleasedAttribute.objects.create(service=service, name=name, source=name)
    Service.objects.get(code="s0").allowed_proxies.add(Service.objects.get(code="s1"))
    registry.forget()


@pytest.mark.parametrize("count", [2, 12])
def test_reading_costs_the_same_statements_whatever_the_services(db: None, count: int) -> None:
    make_services(count, make.make_school())
    with CaptureQueriesContext(connection) as asked:
        held = registry.catalogue()
        for service in held.services.values():
            assert service.school is not None
            assert service.school.authority.code
    assert len(held.services) == count
    assert len(asked) == 7  # the version, then each table once


def test_it_holds_what_the_tables_hold_in_their_order(db: None) -> None:
    make_services(3, make.make_school())
    make_service("https://portail.example.fr/", code="portail")
    for pk, held in registry.catalogue().services.items():
        stored = Service.objects.get(pk=pk)
        assert held == stored
        assert held.school == stored.school
        assert held.details.proxy_ids == {proxy.pk for proxy in stored.allowed_proxies.all()}
        for name in ("addresses", "audiences", "attributes"):
            rows = [row._asdict() for row in getattr(held.details, name)]
            found = getattr(stored, name).order_by("pk")
            columns = rows[0] if rows else ()
            assert rows == list(found.values(*columns)), name
            assert len(rows) == found.count()


def test_a_decision_and_a_contract_cost_no_statement_more(db: None) -> None:
    """A statement nobody counted would hide in the path of every ticket."""
    make_services(2, make.make_school())
    [held, _] = registry.catalogue().services.values()
    with CaptureQueriesContext(connection) as asked:
        assert decide(held, AccessFacts(), timezone.localdate()).is_allowed
        assert [rule.name for rule in contract_of(held).rules] == ["nom", "prenom"]
        assert held.details.addresses
        assert held.school is not None
    assert len(asked) == 0


@pytest.mark.django_db(transaction=True)
def test_of_many_threads_one_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    make_services(2, make.make_school())
    reads, read, start = [], ServiceQuerySet.with_details, threading.Barrier(4)

    def slow(services: ServiceQuerySet) -> list[Service]:
        reads.append(1)
        time.sleep(0.3)
        return read(services)

    def ask(_: int) -> int:
        start.wait()
        try:
            return len(registry.catalogue().services)
        finally:
            connection.close()

    monkeypatch.setattr(ServiceQuerySet, "with_details", slow)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(4))) == [2, 2, 2, 2]
    assert len(reads) == 1
