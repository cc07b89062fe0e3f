"""Daily totals of firings by account group and symbol, counted when the alerts fire.

Only the worker that holds the AlertCheckpoint writes logs, so no transaction waits for
these rows. They outlive the logs, which may be archived.
"""

from collections import Counter
from collections.abc import Iterable

from django.db import connection

from accounts.models import Account
from alerts.models import AlertLog
from core.clock import DAY_MS

ADD = """
INSERT INTO alerts_daytotal (day, group_id, symbol, fired)
SELECT to_timestamp(day / 1000) AT TIME ZONE 'UTC', group_id, symbol, fired
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[]) AS new (day, group_id, symbol, fired)
ORDER BY 1, 2, 3
ON CONFLICT (day, group_id, symbol) DO UPDATE SET fired = alerts_daytotal.fired + excluded.fired
"""
RECOUNT = """
INSERT INTO alerts_daytotal (day, group_id, symbol, fired)
SELECT (to_timestamp(log.evaluated_at / 1000.0) AT TIME ZONE 'UTC')::date AS day,
    account.group_id, log.symbol, count(*)
FROM alerts_alertlog AS log JOIN accounts_account AS account ON account.login = log.login
GROUP BY 1, 2, 3
ON CONFLICT (day, group_id, symbol) DO UPDATE SET fired = excluded.fired
"""


def add_to_daily_totals(logs: Iterable[AlertLog], accounts: Iterable[Account]) -> None:
    """Add new logs to the totals, in their transaction, so that each counts once."""
    groups = {account.login: account.group_id for account in accounts}
    counts = Counter(
        (log.evaluated_at - log.evaluated_at % DAY_MS, groups[log.login], log.symbol)
        for log in logs
    )
    if counts:
        days, ids, symbols = zip(*counts, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(ADD, [list(days), list(ids), list(symbols), list(counts.values())])


def recount_daily_totals() -> None:
    """Count all stored logs again, after a bulk load; days without logs stay as they are."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT)
