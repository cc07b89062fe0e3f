"""Claims of idempotency keys: the advisory lock of a running write, and what is stored already.

The lock is tried before the key is looked up, by a statement of its own: one statement would look
with the snapshot from before the lock.
"""

from django.db import DataError

from api.models import IdempotencyKey
from core.locks import TRY_LOCK, advisory_key
from core.postgresql.batch import StatementBatch

STORED_NAMES = ("login", "key", "route", "fingerprint", "status", "answer", "created")
STORED = f"SELECT {', '.join(STORED_NAMES)} FROM api_idempotencykey WHERE login = %s AND key = %s"  # noqa: S608
NOT_FREE = "the idempotency key is not free"  # in the error of a claim that PostgreSQL refuses
# Both fail where the key is not free, so that nothing after them in the batch is executed.
REQUIRE_LOCK = f"""
WITH claim AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(%s) AS held)
SELECT CASE WHEN held THEN 1 ELSE ('{NOT_FREE}: ' || held::text)::integer END FROM claim
"""  # noqa: S608
REQUIRE_UNUSED = f"""
SELECT CASE count(*) WHEN 0 THEN 0 ELSE ('{NOT_FREE}: ' || count(*))::integer END
FROM api_idempotencykey WHERE login = %s AND key = %s
"""  # noqa: S608


def write_lock_name(login: int, key: str) -> str:
    """Return the name of the advisory lock that a running write holds."""
    return f"request {login} {key}"


def try_claim(login: int, key: str) -> tuple[bool, IdempotencyKey | None]:
    """Try to take the lock of the key's write; return whether it is held, and what is stored."""
    batch = StatementBatch()
    locking = batch.add(TRY_LOCK, [advisory_key(write_lock_name(login, key))])
    finding = batch.add(STORED, [login, key])
    batch.run()
    found = [dict(zip(STORED_NAMES, row, strict=True)) for row in finding.rows]
    return bool(locking.rows[0][0]), IdempotencyKey(**found[0]) if found else None


def claim_with_next_statement(login: int, key: str) -> None:
    """Claim the key in the round trip of the transaction's next statement.

    That raises an error where another write has the key (`is_refused_claim`).
    """
    batch = StatementBatch()
    batch.add(REQUIRE_LOCK, [advisory_key(write_lock_name(login, key))])
    batch.add(REQUIRE_UNUSED, [login, key])
    batch.defer()


def is_refused_claim(error: DataError) -> bool:
    """Return whether the error is that of `claim_with_next_statement`."""
    return NOT_FREE in str(error)
