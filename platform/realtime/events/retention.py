"""The retention of the event log: older events are deleted, each login's newest event stays."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection

from core.clock import DAY_S, now

LOGINS, ROWS = 500, 5000  # of one statement
# The first event of each log that stays. Times may disagree with the order by a little (clocks of
# several machines), so a log is cut before its first young event and stays without a gap.
FIRST_STAYING = """
    SELECT asked.login, kept.seq
    FROM unnest(%(logins)s::bigint[]) AS asked (login)
    CROSS JOIN LATERAL (SELECT min(seq) AS seq, max(seq) AS newest FROM realtime_accountevent
        WHERE login = asked.login) AS whole
    CROSS JOIN LATERAL (SELECT coalesce((
        SELECT seq FROM realtime_accountevent
        WHERE login = asked.login AND time >= %(before)s ORDER BY seq LIMIT 1
    ), whole.newest) AS seq) AS kept
    WHERE whole.seq < kept.seq
"""
OLD = """
    SELECT event.login, event.seq
    FROM unnest(%(logins)s::bigint[], %(seqs)s::bigint[]) AS kept (login, seq)
    JOIN realtime_accountevent AS event ON event.login = kept.login AND event.seq < kept.seq
"""
COUNT = f"SELECT count(*) FROM ({OLD}) AS old"  # noqa: S608 - constants
# The oldest first: there is no gap even if this statement is the last.
PRUNE = f"""
    DELETE FROM realtime_accountevent
    WHERE (login, seq) IN ({OLD} ORDER BY event.login, event.seq LIMIT {ROWS})
"""  # noqa: S608 - constants


def prune_event_log(*, dry_run: bool = False) -> int:
    """Delete the events older than EVENT_LOG_DAYS, a bounded number a transaction.

    Returns how many they were; with `dry_run` they stay. Nothing waits for it: events are
    only appended, and what is read from before the log's beginning is answered with
    `resync`.
    """
    if not settings.EVENT_LOG_DAYS:
        return 0
    before = now() - settings.EVENT_LOG_DAYS * DAY_S
    return sum(_prune_logins(logins, before, dry_run) for logins in _login_pages())


def _login_pages() -> Iterator[list[int]]:
    users = get_user_model()._default_manager
    last = 0
    while page := list(
        users.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:LOGINS]
    ):
        yield page
        last = page[-1]


def _prune_logins(logins: list[int], before: int, dry_run: bool) -> int:
    with connection.cursor() as cursor:
        cursor.execute(FIRST_STAYING, {"logins": logins, "before": before})
        found: list[tuple[int, int]] = cursor.fetchall()
        params = dict(zip(("logins", "seqs"), map(list, zip(*found, strict=True)), strict=False))
        if not found:
            return 0
        if dry_run:
            cursor.execute(COUNT, params)
            return int(cursor.fetchone()[0])
        deleted, pruned = -1, 0
        while deleted:
            cursor.execute(PRUNE, params)
            deleted = cursor.rowcount
            pruned += deleted
        return pruned
