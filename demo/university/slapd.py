"""A real OpenLDAP server of our own on a port of 127.0.0.1: the system's slapd is never touched.

It runs Debian's `/usr/sbin/slapd` with a configuration, a database, an authority and a certificate
in one folder, over TLS alone. Used by `make demo-university` and by the tests; loads no Django.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROGRAM: Final = "/usr/sbin/slapd"
BASE: Final = "dc=univ-demo,dc=fr"
PEOPLE: Final = f"ou=people,{BASE}"
READER_DN: Final = f"cn=lecteur,ou=services,{BASE}"
DECOY_DN: Final = f"cn=leurre,ou=services,{BASE}"
ADMIN_DN: Final = f"cn=admin,{BASE}"
#: Passwords of the demonstration, which serves this machine only.
READER_PASSWORD: Final = "lecteur de demonstration"  # noqa: S105
ADMIN_PASSWORD: Final = "admin de demonstration"  # noqa: S105
LOCKS_AFTER: Final = 10
"""Wrong passwords after which the server itself locks an account."""

_MODULES: Final = "/usr/lib/ldap"
_START_SECONDS: Final = 15
_CONFIGURATION: Final = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include {schema}
modulepath {modules}
moduleload back_mdb
moduleload ppolicy
moduleload syncprov
moduleload argon2 m=19456 t=2 p=1
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
password-hash {{ARGON2}}
TLSCACertificateFile {folder}/authority.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
security tls=1
sizelimit 500
database mdb
maxsize 1073741824
suffix "{base}"
rootdn "{admin}"
rootpw {password}
directory {folder}/data
limits dn.exact="{reader}" size.soft=unlimited size.hard=unlimited
  size.pr=1000 size.prtotal={reads_at_most}
index objectClass eq
index uid,mail,supannAliasLogin,supannEtuId,supannEmpId,supannCodeINE eq
index entryUUID,entryCSN,modifyTimestamp eq
overlay ppolicy
ppolicy_default "cn=default,ou=policies,{base}"
overlay syncprov
access to attrs=userPassword by self =xw by anonymous auth by * none
access to * by dn.exact="{reader}" read by self read by * none
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Slapd:
    """A server that runs."""

    url: str
    folder: Path

    @property
    def authority(self) -> str:
        """The certificate of its authority, in PEM."""
        return (self.folder / "authority.pem").read_text(encoding="ascii")

    def modify(self, ldif: str) -> None:
        """Apply changes written in LDIF, as the administrator, by Debian's `ldapmodify`."""
        subprocess.run(
            ["ldapmodify", "-x", "-H", self.url, "-D", ADMIN_DN, "-w", ADMIN_PASSWORD],
            input=ldif,
            text=True,
            check=True,
            capture_output=True,
            env=self.client_environment(),
        )

    def client_environment(self) -> dict[str, str]:
        """What Debian's LDAP tools need to believe the server's certificate."""
        return {**os.environ, "LDAPTLS_CACERT": str(self.folder / "authority.pem")}


def is_installed() -> bool:
    """Are the server and Debian's tools there?"""
    return Path(PROGRAM).exists() and shutil.which("ldapmodify") is not None


@contextmanager
def running(
    folder: Path,
    entries: Iterable[str],
    *,
    port: int | None = None,
    reads_at_most: int | None = None,
) -> Iterator[Slapd]:
    """Run a server in *folder*, filled with these entries (LDIF) when its database is empty."""
    folder.mkdir(parents=True, exist_ok=True)
    _make_certificates(folder)
    configuration = folder / "slapd.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            schema=Path(__file__).with_name("supann.schema"),
            modules=_MODULES,
            folder=folder,
            base=BASE,
            admin=ADMIN_DN,
            reader=READER_DN,
            password=ADMIN_PASSWORD.join('""'),
            reads_at_most=reads_at_most or "unlimited",
        ),
        encoding="utf-8",
    )
    data = folder / "data"
    if not (data / "data.mdb").exists():
        data.mkdir(exist_ok=True)
        _load(folder, configuration, entries)
    port = port or _free_port()
    url = f"ldaps://127.0.0.1:{port}"
    # `-d 0` keeps it in the foreground: it ends with whoever started it.
    with (folder / "slapd.log").open("ab") as log:
        process = subprocess.Popen(
            [PROGRAM, "-f", str(configuration), "-h", url, "-d", "0"],
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    try:
        _wait(process, port, folder)
        yield Slapd(url=url, folder=folder)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _load(folder: Path, configuration: Path, entries: Iterable[str]) -> None:
    ldif = folder / "entries.ldif"
    with ldif.open("w", encoding="utf-8") as stream:
        for entry in entries:
            stream.write(entry.strip() + "\n\n")
    done = subprocess.run(
        ["/usr/sbin/slapadd", "-q", "-f", str(configuration), "-l", str(ldif)],
        capture_output=True,
        text=True,
        check=False,
    )
    ldif.unlink()
    if done.returncode != 0:
        raise RuntimeError(f"slapadd: {done.stderr[-1000:]}")


def _make_certificates(folder: Path) -> None:
    """An authority, and a certificate of the server signed by it."""
    if (folder / "server.pem").exists():
        return
    authority, key = folder / "authority.pem", folder / "authority.key"
    _openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650"),
        *("-subj", "/CN=Autorite de demonstration", "-keyout", str(key), "-out", str(authority)),
    )
    request, names = folder / "server.csr", folder / "names.txt"
    names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n", encoding="ascii")
    _openssl(
        *("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1"),
        *("-keyout", str(folder / "server.key"), "-out", str(request)),
    )
    _openssl(
        *("x509", "-req", "-in", str(request), "-CA", str(authority), "-CAkey", str(key)),
        *("-CAcreateserial", "-days", "3650", "-extfile", str(names)),
        *("-out", str(folder / "server.pem")),
    )


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"slapd: {(folder / 'slapd.log').read_text(errors='replace')[-1000:]}")
