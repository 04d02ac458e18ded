"""The private database of the demonstration, when it has one."""

import os
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def var_folder() -> Path:
    """Where the demonstration keeps everything."""
    return Path(os.environ.get("PREAU_VAR", _ROOT / "var")).resolve()


def stop_database() -> None:
    """Stop the private server; a database that DATABASE_URL names is left alone."""
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        return
    from ent.embedded.cluster import Cluster

    Cluster(home=var_folder() / "postgres").stop()
