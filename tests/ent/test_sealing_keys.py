"""Keys: made once, private, one role each, rotated without anything closing."""

import io
import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ent.sealing.hashing import keyed_hash, keyed_hashes
from ent.sealing.keys import (
    CREATED,
    OTP_ONLY,
    PAIRS,
    WORKER_ONLY,
    ForbiddenKeyError,
    KeyringError,
    KeyRole,
    MissingKeyError,
    UnknownKeyError,
    create_missing_keys,
    current_key,
    forget_loaded_keys,
    key_by_id,
    retire_former_keys,
    role_keys,
    rotate_key,
)

#: What the portal's processes have: all but the pair of the processes that check OTP keys.
PORTAL_ROLES = [role for role in KeyRole if role not in OTP_ONLY | {PAIRS[one] for one in OTP_ONLY}]


def test_keys_are_created_once_for_their_owner_only(keys_folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in keys_folder.iterdir()}

    assert create_missing_keys(keys_folder) == []
    assert {path.name: path.read_bytes() for path in keys_folder.iterdir()} == before
    assert len(before) == len(PORTAL_ROLES)
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys_folder.iterdir()} == {0o600}


def test_every_role_has_its_own_key(keys_folder: Path) -> None:
    assert len({current_key(role).secret for role in PORTAL_ROLES}) == len(PORTAL_ROLES)
    hashed = [role for role in CREATED if role in PORTAL_ROLES]
    assert len({keyed_hash(role, b"dupont") for role in hashed}) == len(hashed)


def test_a_web_process_gets_no_key_of_the_worker(settings: Settings) -> None:
    settings.RUNS_WORKER = False

    for role in PORTAL_ROLES:
        if role in WORKER_ONLY:
            with pytest.raises(ForbiddenKeyError, match=role.value):
                current_key(role)
        else:
            assert current_key(role).role is role


def test_the_portal_makes_and_gets_no_key_of_otp_seeds(
    keys_folder: Path, settings: Settings
) -> None:
    """A worker of the portal no more than its web; the processes that check keys do."""
    for role in OTP_ONLY:
        with pytest.raises(ForbiddenKeyError, match=role.value):
            current_key(role)
    settings.OPENS_OTP_SEEDS = True
    assert set(create_missing_keys(keys_folder)) == OTP_ONLY
    assert {current_key(role).role for role in OTP_ONLY} == OTP_ONLY


def test_a_key_never_shows_in_a_representation() -> None:
    key = current_key(KeyRole.LOGIN_HASH)

    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)


def test_after_a_rotation_former_hashes_are_still_found(keys_folder: Path) -> None:
    stored = keyed_hash(KeyRole.LOGIN_HASH, b"jean.dupont")
    rotate_key(keys_folder, KeyRole.LOGIN_HASH)

    assert keyed_hash(KeyRole.LOGIN_HASH, b"jean.dupont") != stored
    assert stored in keyed_hashes(KeyRole.LOGIN_HASH, b"jean.dupont")

    assert retire_former_keys(keys_folder, KeyRole.LOGIN_HASH) == 1
    assert stored not in keyed_hashes(KeyRole.LOGIN_HASH, b"jean.dupont")


def test_a_key_that_arrived_later_is_found_without_restart(keys_folder: Path) -> None:
    role_keys(KeyRole.CODE_VERIFIER)  # loaded before the rotation
    path = keys_folder / "code_verifier.key"
    path.write_text("0badcafe " + "A" * 43 + "=\n" + path.read_text())

    assert key_by_id(KeyRole.CODE_VERIFIER, bytes.fromhex("0badcafe")).secret == bytes(32)
    with pytest.raises(UnknownKeyError):
        key_by_id(KeyRole.CODE_VERIFIER, bytes.fromhex("00000000"))


def test_a_key_comes_from_the_environment_or_from_the_file_it_names(
    keys_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREAU_KEY_LOGIN_HASH", "00000001 " + "B" * 43 + "=")
    forget_loaded_keys()
    assert current_key(KeyRole.LOGIN_HASH).id == bytes.fromhex("00000001")

    secret = tmp_path / "secret"
    secret.write_text("00000002 " + "C" * 43 + "=\n")
    monkeypatch.delenv("PREAU_KEY_LOGIN_HASH")
    monkeypatch.setenv("PREAU_KEY_LOGIN_HASH_FILE", str(secret))
    forget_loaded_keys()
    assert current_key(KeyRole.LOGIN_HASH).id == bytes.fromhex("00000002")


@pytest.mark.parametrize("text", ["", "zz AAAA", "00000001", "00000001 AAAA", "00000001 ???"])
def test_a_bad_key_file_is_refused_without_showing_it(keys_folder: Path, text: str) -> None:
    (keys_folder / "login_hash.key").write_text(text)
    forget_loaded_keys()

    with pytest.raises(KeyringError) as caught:
        current_key(KeyRole.LOGIN_HASH)
    assert "login_hash" in str(caught.value)
    assert not text or text not in str(caught.value)


def test_a_key_file_that_others_may_read_is_refused(keys_folder: Path) -> None:
    (keys_folder / "login_hash.key").chmod(0o644)
    forget_loaded_keys()

    with pytest.raises(KeyringError, match="chmod 600"):
        current_key(KeyRole.LOGIN_HASH)


def test_a_missing_key_stops_what_needs_it(keys_folder: Path, settings: Settings) -> None:
    settings.KEYS_CREATE_MISSING = False
    (keys_folder / "login_hash.key").unlink()
    forget_loaded_keys()

    with pytest.raises(MissingKeyError, match="create_keys"):
        current_key(KeyRole.LOGIN_HASH)


def test_the_command_creates_rotates_and_retires(keys_folder: Path) -> None:
    (keys_folder / "login_hash.key").unlink()
    out = io.StringIO()
    call_command("create_keys", stdout=out)
    call_command("create_keys", rotate="file_wrap_private", stdout=out)
    call_command("create_keys", retire="file_wrap_private", stdout=out)

    said = out.getvalue().splitlines()
    assert said[0].startswith("1 clé")
    assert current_key(KeyRole.FILE_WRAP_PRIVATE).id == current_key(KeyRole.FILE_WRAP_PUBLIC).id
    assert current_key(KeyRole.FILE_WRAP_PUBLIC).id.hex() in said[1]
    assert said[2] == "file_wrap_private: 1 ancienne(s) clé(s) oubliée(s)"


def test_sealing_again_asks_for_a_worker(settings: Settings) -> None:
    settings.RUNS_WORKER = False

    with pytest.raises(CommandError, match="PREAU_RUNS_WORKER"):
        call_command("reseal")
