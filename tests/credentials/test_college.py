"""The main job: the sample school's delivery ends in a file whose codes open accounts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from accounts.models import Account, ActivationCode
from credentials.enums import FileOrigin
from credentials.models import CredentialFile
from directory.imports.runs.sequence import run_import
from signin.one_time_codes import matches
from tests.credentials.test_files import made, rows
from tests.factories import make_authority

pytestmark = pytest.mark.django_db


def test_the_college_s_import_makes_its_file(shared_data: Path) -> None:
    """R-E1, R-E2: 277 pupils and 468 parents, nobody else, and every code is the right one."""
    run_import(
        paths=[shared_data / "aaf" / "college-2d-complet"],
        authority=make_authority(code="CRETEIL"),
    )
    file = made(CredentialFile.objects.get())
    assert file.origin == FileOrigin.IMPORT
    assert file.name == "ENT-Identifiants-0949999Z.csv"
    found = rows(file)
    assert Counter(row["profil"] for row in found) == {"Élève": 277, "Tuteur": 468}
    assert len({row["uid"] for row in found}) == len(found) == file.account_count
    codes = {code.account.login: code for code in ActivationCode.objects.select_related("account")}
    for row in found:
        code = codes[row["login"]]
        assert matches(code.verifier, row["mot de passe"], code.account.uuid, code.generation)
        assert row["cle de jointure"].startswith("AC-CRETEIL$")
    assert all(row["enfants"] for row in found if row["profil"] == "Tuteur")
    classes = [row["classe"] for row in found if row["profil"] == "Élève"]
    order = list(dict.fromkeys(classes))
    assert [name for name in order for _ in range(classes.count(name))] == classes
    assert Account.objects.filter(kind="academique").count() == 52
