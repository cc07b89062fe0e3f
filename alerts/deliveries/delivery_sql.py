"""The two statements of deliveries; `state` is written out for the partial indexes."""

# Inserts a delivery for each firing and address up to the hourly limit, and for all others one
# summary, due when the hour is over for every transaction that writes in it. The accounts are
# locked: no address changes its state meanwhile. Returns how many can be sent now.
INSERT_FOR_LOGS = """
WITH firing AS (
    SELECT log.id AS log_id, address.id AS address_id,
        row_number() OVER (PARTITION BY address.id ORDER BY log.id) AS place,
        CASE address.channel WHEN 0 THEN %(emails)s ELSE %(webhooks)s END AS most
    FROM unnest(%(ids)s::bigint[], %(logins)s::bigint[]) AS log(id, login)
    JOIN alerts_address AS address ON address.login = log.login AND address.state = 1
), counted AS (
    UPDATE alerts_address AS address SET hour = %(hour)s,
        fired = new.fired + CASE address.hour WHEN %(hour)s THEN address.fired ELSE 0 END
    FROM (SELECT address_id, count(*) AS fired FROM firing GROUP BY address_id) AS new
    WHERE address.id = new.address_id
    RETURNING address.id, address.fired - new.fired AS before
), judged AS (
    SELECT firing.*, before + place <= most AS fits
    FROM firing JOIN counted ON counted.id = firing.address_id
), written AS (
    INSERT INTO alerts_delivery (address_id, log_id, left_out, state, attempts, step, answer,
        next_try, created_at, done_at)
    SELECT address_id, log_id, 0, 0, 0, 0, '', %(now)s, %(now)s, 0
    FROM judged WHERE fits ORDER BY log_id, address_id
    RETURNING id
), summed AS (
    INSERT INTO alerts_delivery AS summary (address_id, hour, left_out, state, attempts, step,
        answer, next_try, created_at, done_at)
    SELECT address_id, %(hour)s, count(*), 0, 0, 0, '', %(summary)s, %(now)s, 0
    FROM judged WHERE NOT fits GROUP BY address_id
    ON CONFLICT (address_id, hour) WHERE hour IS NOT NULL
    DO UPDATE SET left_out = summary.left_out + excluded.left_out
)
SELECT count(*) FROM written
"""

# Claims a due delivery whose address is not paused. Both get a lease that is longer than an
# attempt can take: a webhook's deadline is 15 s, an e-mail is a dozen steps of at most 15 s.
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
