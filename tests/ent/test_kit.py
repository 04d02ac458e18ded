"""The strict kit itself: each of its rules is shown to fail (rule 15)."""

import logging
import socket
import warnings

import pytest
from django.template import Context, Engine

from tests.kit import canaries
from tests.kit.canaries import CanaryHandler
from tests.kit.network import NetworkForbidden
from tests.kit.pages import page_faults
from tests.kit.templates import UndefinedTemplateVariable

_GOOD = '<html><body><main id="a"><p>Bonjour</p></main></body></html>'


def test_a_sound_page_has_no_fault() -> None:
    """The reference that the next tests spoil, one rule at a time."""
    assert page_faults(_GOOD) == []


@pytest.mark.parametrize(
    ("spoiled", "fault"),
    [
        ("<p>{{ name }}</p>", "unrendered template syntax"),
        ("<p>{% if %}</p>", "unrendered template syntax"),
        ('<p onclick="go()">x</p>', "inline handler onclick"),
        ('<p style="color:red">x</p>', "inline style"),
        ("<script>go()</script>", "inline script without nonce"),
        ("<style>p{}</style>", "inline style sheet without nonce"),
        ('<a href="javascript:go()">x</a>', "javascript: URL"),
        ('<img alt="" src="https://ailleurs.example/x.png">', "from another host"),
        ('<link rel="stylesheet" href="//ailleurs.example/x.css">', "from another host"),
        ('<form method="post" action="/x/"></form>', "without CSRF token"),
        ('<p id="a">x</p>', "stands twice"),
    ],
)
def test_a_page_that_breaks_a_rule_is_refused(spoiled: str, fault: str) -> None:
    """Each rule of rule 15 finds what it is for."""
    page = _GOOD.replace("</main>", f"{spoiled}</main>")
    assert any(fault in found for found in page_faults(page)), page_faults(page)


def test_an_undefined_template_variable_is_an_error() -> None:
    """A view that forgets a variable fails its test."""
    template = Engine.get_default().from_string("{{ forgotten }}")
    with pytest.raises(UndefinedTemplateVariable, match="forgotten"):
        template.render(Context({}))


def test_a_connection_to_another_machine_is_refused() -> None:
    """By address and by name."""
    with socket.socket() as probe, pytest.raises(NetworkForbidden):
        probe.connect(("192.0.2.1", 80))
    with pytest.raises(NetworkForbidden):
        socket.getaddrinfo("ailleurs.example", 443)


def test_a_warning_is_an_error() -> None:
    """Unordered pagination, naive datetimes and the rest are warnings of Django's."""
    with pytest.raises(DeprecationWarning):
        warnings.warn("old", DeprecationWarning, stacklevel=1)


@pytest.mark.leaks_allowed
@pytest.mark.parametrize("place", ["message", "argument", "traceback"])
def test_a_canary_in_a_log_record_is_found(place: str) -> None:
    """T-M1: wherever in the record it stands, and at any level."""
    handler = CanaryHandler()
    logger = logging.getLogger("tests.kit")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    canaries.watch("Zébulon-Canari")
    try:
        if place == "message":
            logger.debug("signed in: Zébulon-Canari")
        elif place == "argument":
            logger.debug("signed in: %s", {"who": "Zébulon-Canari"})
        else:
            logger.debug("failed", exc_info=ValueError("Zébulon-Canari"))
    finally:
        logger.removeHandler(handler)
    assert len(handler.find_leaks()) == 1
    assert "Zébulon-Canari" not in handler.find_leaks()[0]
