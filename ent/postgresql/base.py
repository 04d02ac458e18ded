"""A connection whose health is looked at, not asked for; Django wants this module name."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL; a kept connection on which the server said nothing is still the same.

    A server that stops, restarts or ends a connection says so on it: that word waits in the socket,
    unread, until the next request. Only then is it asked (`SELECT 1`), as Django does at each; and
    after an error.
    """

    def is_usable(self) -> bool:
        """Tell whether the connection of the request before can be used again."""
        if self.connection is None or self.connection.closed:
            return False
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        if self.errors_occurred or waiting.poll(0):
            return super().is_usable()
        return True
