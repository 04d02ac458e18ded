"""Django's PostgreSQL backend on the private server; Django wants this module name."""

from typing import Any

from ent.embedded.cluster import Cluster
from ent.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL; before each connection the server is there, or is started."""

    def get_connection_params(self) -> dict[str, Any]:
        """Start the server when it does not run, and answer where its socket is."""
        cluster = Cluster.from_settings(self.settings_dict)
        socket_dir = cluster.ensure_running()
        self.settings_dict["HOST"] = str(socket_dir)
        self.settings_dict["PORT"] = ""
        self.settings_dict["USER"] = cluster.user
        name = self.settings_dict["NAME"]
        if name and name != "postgres":
            cluster.ensure_database(str(name))
        return super().get_connection_params()
