"""A connection whose health is looked at, not asked for, and that is waited for within limits.

Django wants this module name.
"""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import IsolationLevel

from ent.database.patience import connect


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL; a kept connection on which the server said nothing is still the same.

    A server that stops, restarts or ends a connection says so on it: that word waits in the socket,
    unread, until the next request. Only then is it asked (`SELECT 1`), as Django does at each; and
    after an error.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open a connection on which nobody waits longer than they are ready to."""
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return connect(conn_params)

    def is_usable(self) -> bool:
        """Tell whether the connection of the request before can be used again."""
        if self.connection is None or self.connection.closed:
            return False
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        if self.errors_occurred or waiting.poll(0):
            return super().is_usable()
        return True
