"""The two statements of the deliveries. `state` is written out for the partial indexes."""

# %s: time, time (unix ms), ids of log rows, their logins.
WRITE = """
INSERT INTO alerts_delivery
    (address_id, log_id, state, attempts, step, answer, next_try, created_at, done_at)
SELECT address.id, log.id, 0, 0, 0, '', %s, %s, 0
FROM unnest(%s::bigint[], %s::bigint[]) AS log(id, login)
JOIN alerts_address AS address ON address.login = log.login AND address.state = 1
ORDER BY log.id, address.id
"""

# One that is due, whose address rests no more. Both are moved on by a lease that is longer than
# an attempt can take: a webhook's deadline is 15 s, an e-mail is a dozen steps of at most 15 s.
CLAIM = """
WITH due AS (
    SELECT delivery.id, address.id AS address_id,
        %(now)s + CASE address.channel WHEN 0 THEN 300000 ELSE 60000 END AS lease
    FROM alerts_delivery AS delivery
    JOIN alerts_address AS address ON address.id = delivery.address_id
    WHERE delivery.state = 0 AND delivery.next_try <= %(now)s AND address.rest_until <= %(now)s
    ORDER BY delivery.next_try, delivery.id
    LIMIT 1
    FOR NO KEY UPDATE OF delivery, address SKIP LOCKED
), taken AS (
    UPDATE alerts_address SET rest_until = due.lease FROM due
    WHERE alerts_address.id = due.address_id
)
UPDATE alerts_delivery SET attempts = attempts + 1, next_try = due.lease FROM due
WHERE alerts_delivery.id = due.id
RETURNING alerts_delivery.id
"""
