"""A real Postfix of its own: it takes mails on a free port of 127.0.0.1 and keeps them in a folder.

It cannot send a mail anywhere: its list of services holds no SMTP client at all, every address is
delivered into one maildir, and it looks nothing up in the DNS. It ends by itself, whatever happens
to the tests. Its log is what `MAIL_RELAY_LOG` names on a server of a portal.
"""

from __future__ import annotations

import email
import email.policy
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import require
from tests.kit.ports import free_port

_PROGRAM: Final = "/usr/sbin/postfix"
_START_SECONDS: Final = 30
_LONGEST_WAIT_SECONDS: Final = 30
_LONGEST_LIFE_SECONDS: Final = 3_600

# Addresses that begin with « inconnu » are unknown to it.
_MAIN: Final = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
myhostname = relais.test
mydestination =
mynetworks = 127.0.0.1/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
smtpd_tls_security_level = none
append_dot_mydomain = no
alias_maps =
alias_database =
local_recipient_maps =
biff = no
virtual_mailbox_domains = static:all
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{user}
virtual_gid_maps = static:{group}
virtual_transport = virtual
default_transport = error:5.7.1 nothing leaves this machine
relay_transport = error:5.7.1 nothing leaves this machine
smtpd_recipient_restrictions =
    check_recipient_access regexp:{{ {{/^inconnu/ 550 5.1.1 User unknown}} }}
    reject_unauth_destination
"""

# No line of smtp(8): whatever the settings said, there is nothing here that speaks to a server.
_MASTER: Final = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup   unix  n - n - 0   cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - -   trivial-rewrite
bounce    unix  - - n - 0   bounce
defer     unix  - - n - 0   bounce
trace     unix  - - n - 0   bounce
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - -   proxymap
error     unix  - - n - -   error
virtual   unix  - n n - -   virtual
anvil     unix  - - n - 1   anvil
postlog   unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, kw_only=True)
class Relay:
    """A running Postfix: where it listens, what it logs, what it delivered."""

    port: int
    folder: Path

    @property
    def log(self) -> Path:
        """Its log, as syslog would have it."""
        return self.folder / "mail.log"

    @property
    def maildir(self) -> Path:
        """The folder into which each mail is delivered as a file."""
        return self.folder / "mail" / "all" / "new"

    def addresses(self) -> list[str]:
        """To whom mails were delivered, in no order."""
        return [str(message["Delivered-To"]) for message in self.messages()]

    def messages(self) -> list[EmailMessage]:
        """Every mail that was delivered, parsed."""
        files = sorted(self.maildir.iterdir()) if self.maildir.exists() else []
        return [_parsed(file) for file in files]

    def message_to(self, address: str) -> EmailMessage:
        """Wait for the one mail that is delivered to this address."""
        self.until(lambda: address in self.addresses(), f"no mail to {address}")
        (message,) = [one for one in self.messages() if one["Delivered-To"] == address]
        return message

    def wait_for(self, count: int) -> list[EmailMessage]:
        """Wait until so many mails are delivered, and return them."""
        self.until(lambda: len(self.messages()) >= count, f"fewer than {count} mails")
        return self.messages()

    def is_at_rest(self) -> bool:
        """Has it delivered everything that it took?"""
        return not any(
            file.is_file()
            for name in ("incoming", "active", "deferred")
            for file in (self.folder / "queue" / name).rglob("*")
        )

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something that the relay does a moment later."""
        deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
        while not condition():
            if time.monotonic() >= deadline:
                log = self.log.read_text() if self.log.exists() else ""
                pytest.fail(f"{what}; its log ends with:\n{log[-2000:]}")
            time.sleep(0.05)


@pytest.fixture
def relay() -> Iterator[Relay]:
    """A relay of this test alone."""
    with running_postfix() as running:
        yield running


@contextmanager
def running_postfix() -> Iterator[Relay]:
    """Start a relay, stop it, and take its folder away."""
    require(Path(_PROGRAM).exists(), "Postfix")
    require(os.geteuid() == 0, "root, without whom Postfix does not start,")
    # Not the test's own folder: Postfix's user must be able to reach it.
    relay = Relay(port=free_port(), folder=Path(tempfile.mkdtemp(prefix="preau-postfix-")))
    try:
        with _running(_configured(relay)):
            yield relay
    finally:
        shutil.rmtree(relay.folder, ignore_errors=True)


def _configured(relay: Relay) -> Relay:
    owner = pwd.getpwnam("postfix")
    relay.folder.chmod(0o755)
    for name in ("conf", "queue", "data", "mail"):
        (relay.folder / name).mkdir()
    for name in ("data", "mail"):
        os.chown(relay.folder / name, owner.pw_uid, owner.pw_gid)
    main = _MAIN.format(folder=relay.folder, user=owner.pw_uid, group=owner.pw_gid)
    (relay.folder / "conf" / "main.cf").write_text(main)
    (relay.folder / "conf" / "master.cf").write_text(_MASTER.format(port=relay.port))
    return relay


@contextmanager
def _running(relay: Relay) -> Iterator[None]:
    """Run Postfix's master, which ends by itself after a while and takes its children with it."""
    conf = str(relay.folder / "conf")
    subprocess.run([_PROGRAM, "-c", conf, "check"], check=True, timeout=_START_SECONDS)
    where = subprocess.run(
        ["/usr/sbin/postconf", "-c", conf, "-h", "daemon_directory"],
        check=True,
        capture_output=True,
        text=True,
        timeout=_START_SECONDS,
    )
    master = subprocess.Popen(
        [f"{where.stdout.strip()}/master", "-c", conf, "-d", "-e", str(_LONGEST_LIFE_SECONDS)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        relay.until(lambda: _listens(relay.port), "Postfix did not start")
        yield
    finally:
        master.terminate()
        try:
            master.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(master.pid, signal.SIGKILL)
            master.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _parsed(file: Path) -> EmailMessage:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message
