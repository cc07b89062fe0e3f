"""The SQL that says what each posted row of the ledger is to the broker's result.

Each row counts once. A correction counts as what it corrects in the end: one of a deposit is a
payment, one of a compensation is a compensation, and one of a trade is a correction and belongs to
the trade's symbol. A swap that was charged after the close is a swap.
"""

from core.clock import LAST_TIME
from trading.enums import Cmd
from trading.models import MarginAction

# The amounts that together are the movement of a balance, in the order of the columns.
BALANCE_PARTS = (
    "profit", "commission", "swap", "compensation", "correction", "deposit", "withdrawal",
)  # fmt: skip

# `posted` are the rows of a period and of a login, NULL for all (four parameters: unix seconds, the
# second one excluded, and the login twice), `kinds` the same rows with what they are and the symbol
# that they belong to. Its OFFSET keeps the planner from working out a kind once for each sum.
KINDS_CTES = f"""
    posted AS NOT MATERIALIZED (
        SELECT "order", login, symbol, cmd, volume, close_price, close_time, corrects_order,
            profit, commission, storage, markup, profit + commission + storage AS amount
        FROM trading_trade
        WHERE state IN (3, 4) AND close_time > 0 AND close_time >= %s AND close_time < %s
        AND (%s::bigint IS NULL OR login = %s)
    ),
    corrected AS (
        SELECT "order", corrects_order AS origin FROM posted WHERE corrects_order IS NOT NULL
        UNION ALL
        SELECT corrected."order", row.corrects_order
        FROM corrected JOIN trading_trade AS row ON row."order" = corrected.origin
        WHERE row.corrects_order IS NOT NULL
    ),
    origins AS (
        SELECT corrected."order", row."order" AS origin, row.cmd, row.symbol
        FROM corrected JOIN trading_trade AS row ON row."order" = corrected.origin
        WHERE row.corrects_order IS NULL
    ),
    kinds AS (
        SELECT posted.*, coalesce(posted.symbol, origins.symbol) AS of_symbol,
            CASE
                WHEN posted.cmd IN ({Cmd.BUY}, {Cmd.SELL}) THEN 'trade'
                WHEN posted.cmd IN ({Cmd.CREDIT_IN}, {Cmd.CREDIT_OUT}) THEN 'credit'
                WHEN posted.corrects_order IS NOT NULL AND EXISTS (
                    SELECT FROM trading_swapcharge AS late
                    WHERE late.correction_order = posted."order"
                ) THEN 'swap'
                WHEN origins.cmd IN ({Cmd.BUY}, {Cmd.SELL}) THEN 'correction'
                WHEN EXISTS (
                    SELECT FROM trading_marginaction AS action
                    WHERE action."order" = coalesce(origins.origin, posted."order")
                    AND action.kind = '{MarginAction.Kind.COMPENSATION}'
                ) THEN 'compensation'
                WHEN coalesce(origins.cmd, posted.cmd) = {Cmd.BALANCE_IN} THEN 'deposit'
                WHEN coalesce(origins.cmd, posted.cmd) = {Cmd.BALANCE_OUT} THEN 'withdrawal'
            END AS kind
        FROM posted LEFT JOIN origins USING ("order")
        OFFSET 0
    )
"""  # noqa: S608 - constants
# The sums of any rows of `kinds`, by the names of BALANCE_PARTS, `credit` and `mark_up`.
SUMS = """
    coalesce(sum(profit) FILTER (WHERE kind = 'trade'), 0) AS profit,
    coalesce(sum(commission) FILTER (WHERE kind = 'trade'), 0) AS commission,
    coalesce(sum(CASE kind WHEN 'trade' THEN storage ELSE amount END)
        FILTER (WHERE kind IN ('trade', 'swap')), 0) AS swap,
    coalesce(sum(amount) FILTER (WHERE kind = 'compensation'), 0) AS compensation,
    coalesce(sum(amount) FILTER (WHERE kind = 'correction'), 0) AS correction,
    coalesce(sum(amount) FILTER (WHERE kind = 'deposit'), 0) AS deposit,
    coalesce(sum(amount) FILTER (WHERE kind = 'withdrawal'), 0) AS withdrawal,
    coalesce(sum(amount) FILTER (WHERE kind = 'credit'), 0) AS credit,
    coalesce(sum(markup) FILTER (WHERE kind = 'trade'), 0) AS mark_up
"""
# What the report says of each account and day, where its rows say something else.
DIFFERENCES = f"""
    WITH RECURSIVE {KINDS_CTES}, reported AS (
        SELECT login, close_time / 86400 AS day, {SUMS} FROM kinds GROUP BY 1, 2
    ), moved AS (
        SELECT login, close_time / 86400 AS day,
            coalesce(sum(profit + commission + storage) FILTER (WHERE cmd NOT IN (7, 9)), 0)
                AS balance,
            coalesce(sum(profit + commission + storage) FILTER (WHERE cmd IN (7, 9)), 0) AS credit
        FROM trading_trade WHERE state IN (3, 4) GROUP BY 1, 2
    )
    SELECT coalesce(reported.login, moved.login), figure.name,
        to_timestamp(least(coalesce(reported.day, moved.day) * 86400, {LAST_TIME}))
            AT TIME ZONE 'UTC',
        figure.reported, figure.moved
    FROM reported FULL JOIN moved USING (login, day)
    CROSS JOIN LATERAL (VALUES
        ('balance', {" + ".join(f"reported.{name}" for name in BALANCE_PARTS)}, moved.balance),
        ('credit', reported.credit, moved.credit)
    ) AS figure (name, reported, moved)
    WHERE figure.reported IS DISTINCT FROM figure.moved ORDER BY 1, 3, 2
"""  # noqa: S608 - constants
