"""Settings of a guichet's process for the protocol's tests: those that `ent.processes` gives it."""

import os

os.environ["PREAU_REALM"] = "guichet"
os.environ["GUICHET_AUTHORITY"] = "NANCY-METZ"

from ent.settings.test import *  # noqa: F403

SSO_REALM_KIT = "tests.guichet.realm_kit.GuichetKit"
CELERY_IMPORTS = []
