"""The two statements of the evaluation, each over arrays: one round trip for any number of alerts.

`status = 0` is written out so that the partial indexes alert_up, alert_down and alert_expiry
apply whatever the parameters are. The bounds that every row fulfils make ranges of the
comparisons: of a range the planner expects 0.5 % of the rows, of an open end a third of them,
for which it would read the whole table.
"""

# %s: symbols, sides, lowest and highest price, newest time in unix seconds of each path.
WOKEN = """
WITH hull AS (
    SELECT * FROM unnest(%s::varchar[], %s::int[], %s::float8[], %s::float8[], %s::bigint[])
        AS hull(symbol, side, low, high, newest)
)
SELECT woken.* FROM hull CROSS JOIN LATERAL (
    SELECT * FROM alerts_alert a
    WHERE a.status = 0 AND NOT a.fresh
      AND a.symbol = hull.symbol AND a.side = hull.side
      AND a.wake_up BETWEEN '-Infinity' AND hull.high
    UNION ALL
    SELECT * FROM alerts_alert a
    WHERE a.status = 0 AND NOT a.fresh
      AND a.symbol = hull.symbol AND a.side = hull.side
      AND a.wake_down BETWEEN hull.low AND 'Infinity'
) woken
UNION ALL
SELECT a.* FROM alerts_alert a JOIN hull USING (symbol, side)
WHERE a.status = 0 AND NOT a.fresh
  AND a.expires_at > 0 AND a.expires_at < (SELECT max(newest) FROM hull)
  AND a.expires_at < hull.newest
"""

# %s: ids, revisions and the columns of models.STATE in their order.
CLAIM = """
UPDATE alerts_alert a SET
    status = new.status, armed = new.armed,
    reference_price = new.reference_price, reference_time = new.reference_time,
    triggered_at = new.triggered_at, triggered_price = new.triggered_price,
    wake_up = new.wake_up, wake_down = new.wake_down, seen = new.seen, fresh = new.fresh
FROM unnest(
    %s::bigint[], %s::int[], %s::int[], %s::bool[], %s::numeric[], %s::bigint[], %s::bigint[],
    %s::numeric[], %s::float8[], %s::float8[], %s::bigint[], %s::bool[]
) AS new(
    id, revision, status, armed, reference_price, reference_time, triggered_at,
    triggered_price, wake_up, wake_down, seen, fresh
)
WHERE a.id = new.id AND a.revision = new.revision AND a.status = 0
RETURNING a.id
"""
