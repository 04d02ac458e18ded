"""The vendor's public key, as `ssh-keygen` and `openssl` write it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pronote_bridge.format.public_keys import KeyRefused, read_public_key


def run(*words: str | Path) -> bytes:
    """Run a program and return what it prints."""
    return subprocess.run([str(word) for word in words], capture_output=True, check=True).stdout


@pytest.fixture
def private_key(tmp_path: Path) -> Path:
    """A key pair of 2,048 bits made by `ssh-keygen`."""
    path = tmp_path / "key"
    run("ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "", "-f", path)
    return path


def forms_of(key: Path) -> dict[str, bytes]:
    """Return the public key in every form that is read."""
    public = key.with_suffix(".pub")
    pem = run("openssl", "rsa", "-in", key, "-pubout")
    certificate = run(
        *("openssl", "req", "-new", "-x509", "-key", key, "-subj", "/CN=editeur", "-days", "9")
    )
    der = key.with_suffix(".crt")
    der.write_bytes(certificate)
    return {
        "SSH2": run("ssh-keygen", "-e", "-m", "RFC4716", "-f", public),
        "SSH2, lines of Windows": run("ssh-keygen", "-e", "-f", public).replace(b"\n", b"\r\n"),
        "OpenSSH": public.read_bytes(),
        "PEM": pem,
        "PEM of PKCS#1": run("openssl", "rsa", "-in", key, "-RSAPublicKey_out"),
        "certificate": certificate,
        "DER certificate": run("openssl", "x509", "-in", der, "-outform", "DER"),
        "DER key": run("openssl", "rsa", "-in", key, "-pubout", "-outform", "DER"),
    }


def test_every_form_gives_the_same_key_and_the_fingerprint_of_ssh_keygen(private_key: Path) -> None:
    shown = run("ssh-keygen", "-l", "-f", private_key.with_suffix(".pub")).decode().split()
    for form, content in forms_of(private_key).items():
        key = read_public_key(content)
        assert [str(key.bits), key.fingerprint] == shown[:2], form
        assert not key.is_weak, form


def test_a_header_continued_on_a_second_line_is_left_out(private_key: Path) -> None:
    """RFC 4716, 3.3: a backslash at the end of a line continues the header."""
    public = private_key.with_suffix(".pub")
    written = run("ssh-keygen", "-e", "-f", public).decode()
    first, rest = written.split("\n", 1)
    continued = f"{first}\nx-note: one line \\\nand another\n{rest}"
    assert (
        read_public_key(continued.encode()).fingerprint
        == read_public_key(public.read_bytes()).fingerprint
    )


def test_a_private_key_is_refused_and_the_reason_says_so(private_key: Path) -> None:
    with pytest.raises(KeyRefused, match="clé privée"):
        read_public_key(private_key.read_bytes())


@pytest.mark.parametrize(
    ("kind", "words"), [(["-t", "ed25519"], "RSA"), (["-t", "ecdsa"], "RSA")], ids=["ed", "ec"]
)
def test_another_algorithm_is_refused(kind: list[str], words: str, tmp_path: Path) -> None:
    path = tmp_path / "other"
    run("ssh-keygen", "-q", *kind, "-N", "", "-f", path)
    with pytest.raises(KeyRefused, match=words):
        read_public_key(path.with_suffix(".pub").read_bytes())


def test_a_short_key_is_refused_and_a_weak_one_is_told(tmp_path: Path) -> None:
    for bits in (512, 1024):
        pem = run("openssl", "genrsa", str(bits))
        path = tmp_path / str(bits)
        path.write_bytes(pem)
        public = run("openssl", "rsa", "-in", path, "-pubout")
        if bits < 1024:
            with pytest.raises(KeyRefused, match="512 bits"):
                read_public_key(public)
        else:
            assert read_public_key(public).is_weak


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff", b"ssh-rsa AAAA", b"-----BEGIN PUBLIC KEY-----\nAA\n-----END", b"x" * 70_000],
)
def test_what_is_no_key_gets_a_sentence(content: bytes) -> None:
    with pytest.raises(KeyRefused, match=r"^Ce fichier .*\.$"):
        read_public_key(content)
