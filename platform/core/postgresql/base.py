"""Django's PostgreSQL backend, with a pool that outlives a restart of PostgreSQL.

The pool's own check of each connection costs a round trip a request, and it waits longer and longer
between two broken ones: with sixteen of them nobody got a connection within ten seconds.
"""

import select
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """As soon as one pooled connection is found dead, all dead ones are replaced."""

    def get_new_connection(self, conn_params: Any) -> Any:
        connection: Any = super().get_new_connection(conn_params)
        pool: Any = self.pool
        if pool is None or not has_ended(connection):
            return connection
        pool.putconn(connection)
        pool.check()
        return super().get_new_connection(conn_params)


def has_ended(connection: Any) -> bool:
    """Whether the server has hung up: on an idle connection it says nothing but that.

    Asked of the socket, without a round trip. A mistake costs one check of the pool.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
