"""The floor of a crowd: the rows that the engine has written, written again by bare SQL.

What a case changed is copied, taken back, and written once more by set-based statements, some
hundred accounts a transaction with their rows locked first.
"""

import time
from typing import Any

from django.db import connection

PORTION = 200  # accounts of a transaction
UPDATED = {"trading_trade": "order", "accounts_account": "login"}
# Table: the account of a row r, and whether the case has written it.
OWNER_OF_FILL = '(SELECT login FROM trading_trade t WHERE t."order" = r."order")'
NEW_ID = "r.id > %s"
NEW_EVENT = "r.seq > (SELECT seq FROM before_accounts_account b WHERE b.login = r.login)"
NEW_ORDER = 'NOT EXISTS (SELECT FROM before_trading_trade b WHERE b."order" = r."order")'
INSERTED = {
    "trading_trade": ("r.login", NEW_ORDER),
    "trading_fill": (OWNER_OF_FILL, NEW_ID),
    "trading_marginaction": ("r.login", NEW_ID),
    "realtime_notification": ("r.login", NEW_ID),
    "realtime_accountevent": ("r.login", NEW_EVENT),
}


class CrowdFloor:
    """The tables before a case, from which its changes are known afterwards."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            for table, key in UPDATED.items():
                cursor.execute(f"DROP TABLE IF EXISTS before_{table}, changed_{table}")
                cursor.execute(f"CREATE UNLOGGED TABLE before_{table} AS TABLE {table}")
                cursor.execute(f'CREATE UNIQUE INDEX ON before_{table} ("{key}")')
                cursor.execute(f"ANALYZE before_{table}")
            self._is_new = {
                name: new % self._highest_id(cursor, name) if new == NEW_ID else new
                for name, (_, new) in INSERTED.items()
            }

    def seconds(self) -> float:
        """Return how long bare SQL takes for the same rows."""
        with connection.cursor() as cursor:
            for table, key in UPDATED.items():
                cursor.execute(
                    f"CREATE UNLOGGED TABLE changed_{table} AS SELECT n.* FROM {table} n"
                    f' JOIN before_{table} b ON b."{key}" = n."{key}"'
                    " WHERE to_jsonb(n) <> to_jsonb(b)"
                )
                cursor.execute(f"CREATE INDEX ON changed_{table} (login)")
            for table, (owner, _) in INSERTED.items():
                cursor.execute(f"DROP TABLE IF EXISTS new_{table}")
                cursor.execute(
                    f"CREATE UNLOGGED TABLE new_{table} AS SELECT r.*, {owner} AS owner"
                    f" FROM {table} r WHERE {self._is_new[table]}"
                )
                cursor.execute(f"CREATE INDEX ON new_{table} (owner)")
            cursor.execute("SELECT login FROM changed_accounts_account ORDER BY login")
            logins = [login for (login,) in cursor.fetchall()]
            self._take_back(cursor)
            cursor.execute("ANALYZE")
            statements = [self._update(cursor, table, key) for table, key in UPDATED.items()]
            statements += [self._insert(cursor, table) for table in INSERTED]
            began = time.perf_counter()
            for start in range(0, len(logins), PORTION):
                self._write(cursor, statements, logins[start : start + PORTION])
            return time.perf_counter() - began

    def _take_back(self, cursor: Any) -> None:
        """Restore the rows from before the case; no trigger keeps a closed row from it."""
        cursor.execute("BEGIN")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in INSERTED:
            cursor.execute(f"DELETE FROM {table} r WHERE {self._is_new[table]}")
        for table, key in UPDATED.items():
            columns = self._columns(cursor, table, key)
            cursor.execute(
                f"UPDATE {table} n SET ({', '.join(columns)}) ="
                f" ROW({', '.join(f'b.{name}' for name in columns)}) FROM before_{table} b"
                f' WHERE b."{key}" = n."{key}"'
                f' AND b."{key}" IN (SELECT "{key}" FROM changed_{table})'
            )
        cursor.execute("COMMIT")

    @staticmethod
    def _write(cursor: Any, statements: list[str], logins: list[int]) -> None:
        """Write a portion of accounts in one transaction."""
        lock = "SELECT * FROM accounts_account WHERE login = ANY(%s) ORDER BY login"
        cursor.execute("BEGIN")
        cursor.execute(f"{lock} FOR NO KEY UPDATE", [logins])
        cursor.fetchall()
        for statement in statements:
            cursor.execute(statement, [logins])
        cursor.execute("COMMIT")

    def _update(self, cursor: Any, table: str, key: str) -> str:
        columns = self._columns(cursor, table, key)
        return (
            f"UPDATE {table} n SET ({', '.join(columns)}) ="
            f" ROW({', '.join(f'a.{name}' for name in columns)}) FROM changed_{table} a"
            f' WHERE a."{key}" = n."{key}" AND a.login = ANY(%s)'
        )

    def _insert(self, cursor: Any, table: str) -> str:
        columns = ", ".join(self._columns(cursor, table, ""))
        return (
            f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
            f" SELECT {columns} FROM new_{table} WHERE owner = ANY(%s)"
        )

    @staticmethod
    def _columns(cursor: Any, table: str, without: str) -> list[str]:
        """Return the quoted columns of a table, but one."""
        cursor.execute(
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND NOT attisdropped AND attname <> %s AND attgenerated = ''",
            [table, without],
        )
        return [name for (name,) in cursor.fetchall()]

    @staticmethod
    def _highest_id(cursor: Any, table: str) -> int:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
        return int(cursor.fetchone()[0])
