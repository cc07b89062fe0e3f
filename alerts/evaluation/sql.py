"""The prepared statements of the evaluation, each over arrays: one round trip for any count.

`status = 0` is written out so that the partial indexes alert_up, alert_down, alert_ends and
alert_rests apply whatever the parameters are. The bounds that every row satisfies turn the
comparisons into ranges: of a range the planner expects 0.5 % of the rows, of an open end a
third of them, for which it would read the whole table.
"""

# The checkpoint under lock.
CHECKPOINT = """
SELECT shard, batch, quiet, markups FROM alerts_alertplace
WHERE shard = %s FOR UPDATE SKIP LOCKED
"""

UNEVALUATED = "SELECT {columns} FROM alerts_alert a WHERE a.status = 0 AND a.fresh"

# %s: ids of account groups and symbols.
SEEN_OTHERWISE = """
SELECT {columns} FROM unnest(%s::bigint[], %s::varchar[]) AS changed(group_id, symbol)
JOIN alerts_alert a ON a.symbol = changed.symbol
JOIN accounts_account account ON account.login = a.login AND account.group_id = changed.group_id
WHERE a.status = 0 AND NOT a.fresh
"""

# %s: symbols, sides, lowest and highest price, newest time in unix seconds of each price range.
DUE = """
SELECT a.* FROM unnest(%s::varchar[], %s::int[], %s::float8[], %s::float8[], %s::bigint[])
    AS hull(symbol, side, low, high, newest)
CROSS JOIN LATERAL (
    SELECT {columns} FROM alerts_alert a
    WHERE a.status = 0 AND NOT a.fresh
      AND a.symbol = hull.symbol AND coalesce(a.watched, a.side) = hull.side
      AND a.wake_up BETWEEN '-Infinity' AND hull.high
    UNION ALL
    SELECT {columns} FROM alerts_alert a
    WHERE a.status = 0 AND NOT a.fresh
      AND a.symbol = hull.symbol AND coalesce(a.watched, a.side) = hull.side
      AND a.wake_down BETWEEN hull.low AND 'Infinity'
    UNION ALL
    SELECT {columns} FROM alerts_alert a
    WHERE a.status = 0 AND NOT a.fresh
      AND a.symbol = hull.symbol AND coalesce(a.watched, a.side) = hull.side
      AND a.expires_at > 0 AND a.expires_at < hull.newest
    UNION ALL
    SELECT {columns} FROM alerts_alert a
    WHERE a.status = 0 AND NOT a.fresh AND a.wake_up IS NULL AND a.wake_down IS NULL
      AND a.symbol = hull.symbol AND coalesce(a.watched, a.side) = hull.side
      AND a.rests_until BETWEEN 0 AND hull.newest
) a
"""

# %s: symbols and sides. For each side the lowest wake level above, the highest one below, the
# first end of an alert or of a cool-down; where there is none, a number beyond all others.
NEAREST_LEVELS = """
SELECT asked.symbol, asked.side,
    coalesce((
        SELECT a.wake_up FROM alerts_alert a
        WHERE a.status = 0 AND NOT a.fresh
          AND a.symbol = asked.symbol AND coalesce(a.watched, a.side) = asked.side
          AND a.wake_up IS NOT NULL
        ORDER BY a.wake_up LIMIT 1
    ), 'Infinity'),
    coalesce((
        SELECT a.wake_down FROM alerts_alert a
        WHERE a.status = 0 AND NOT a.fresh
          AND a.symbol = asked.symbol AND coalesce(a.watched, a.side) = asked.side
          AND a.wake_down IS NOT NULL
        ORDER BY a.wake_down DESC LIMIT 1
    ), '-Infinity'),
    least((
        SELECT a.expires_at FROM alerts_alert a
        WHERE a.status = 0 AND NOT a.fresh
          AND a.symbol = asked.symbol AND coalesce(a.watched, a.side) = asked.side
          AND a.expires_at > 0
        ORDER BY a.expires_at LIMIT 1
    ), (
        SELECT a.rests_until - 1 FROM alerts_alert a
        WHERE a.status = 0 AND NOT a.fresh
          AND a.symbol = asked.symbol AND coalesce(a.watched, a.side) = asked.side
          AND a.wake_up IS NULL AND a.wake_down IS NULL
        ORDER BY a.rests_until LIMIT 1
    ), 9007199254740992)
FROM unnest(%s::varchar[], %s::int[]) AS asked(symbol, side)
"""

# %s: ids, revisions and the columns of models.EVALUATED_COLUMNS in their order.
CLAIM = """
UPDATE alerts_alert a SET
    status = new.status, armed = new.armed,
    reference_price = new.reference_price, reference_time = new.reference_time,
    triggered_at = new.triggered_at, triggered_price = new.triggered_price,
    wake_up = new.wake_up, wake_down = new.wake_down, watched = new.watched,
    rests_until = new.rests_until,
    seen = new.seen, fresh = new.fresh, updated_at = new.updated_at
FROM unnest(
    %s::bigint[], %s::int[], %s::int[], %s::bool[], %s::numeric[], %s::bigint[], %s::bigint[],
    %s::numeric[], %s::float8[], %s::float8[], %s::int[], %s::bigint[], %s::bigint[], %s::bool[],
    %s::bigint[]
) AS new(
    id, revision, status, armed, reference_price, reference_time, triggered_at,
    triggered_price, wake_up, wake_down, watched, rests_until, seen, fresh, updated_at
)
WHERE a.id = new.id AND a.revision = new.revision AND a.status = 0
RETURNING a.id
"""
