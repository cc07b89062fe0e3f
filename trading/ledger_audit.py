"""The audit of the ledger: what must be true after every commit.

Each check is one statement that returns only differences, so it is one snapshot even while
trading goes on, and its cost here does not grow with the accounts that are right.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection

from core.clock import LAST_TIME
from core.money import CURRENCY_DIGITS, DEFAULT_DIGITS
from trading.reports import posted_rows
from trading.valuation import partial_close

ROWS_PER_FETCH = 1000  # rows that are taken from the server at a time


class LedgerCheck(NamedTuple):
    """A statement that returns differences, and the line that reports one.

    The columns, login first, fill the line's placeholders.
    """

    line: str
    sql: str
    parameters: tuple[int | None, ...] = ()


BALANCE = LedgerCheck(
    "{}: {} is {}, its rows sum to {}",
    """
    SELECT account.login, figure.name, figure.held, figure.booked
    FROM accounts_account AS account
    LEFT JOIN (
        SELECT login,
            sum(profit + commission + storage) FILTER (WHERE cmd NOT IN (7, 9)) AS balance,
            sum(profit + commission + storage) FILTER (WHERE cmd IN (7, 9)) AS credit
        FROM trading_trade WHERE state IN (3, 4) GROUP BY login
    ) AS rows USING (login)
    CROSS JOIN LATERAL (VALUES
        ('balance', account.balance, coalesce(rows.balance, 0)),
        ('credit', account.credit, coalesce(rows.credit, 0))
    ) AS figure (name, held, booked)
    WHERE figure.held <> figure.booked ORDER BY 1, 2
    """,
)
# The event log is gapless from the oldest event that retention has left.
EVENT_LOG = LedgerCheck(
    "{}: seq is {}, the log has {} events from {} to {}",
    """
    SELECT account.login, account.seq, coalesce(log.rows, 0),
        coalesce(log.first, 0), coalesce(log.last, 0)
    FROM accounts_account AS account
    LEFT JOIN (
        SELECT login, count(*) AS rows, min(seq) AS first, max(seq) AS last
        FROM realtime_accountevent GROUP BY login
    ) AS log USING (login)
    WHERE account.seq <> coalesce(log.last, 0) OR log.rows <> log.last - log.first + 1
    ORDER BY 1
    """,
)
# The partial closes of a trade are the rows with its order as parent; they are never open.
PARTIAL_CLOSES = LedgerCheck(
    "{}: order {} says that {} of it are closed, its pieces sum to {}",
    """
    SELECT whole.login, whole."order", whole.closed_volume, coalesce(pieces.volume, 0)
    FROM trading_trade AS whole
    LEFT JOIN (
        SELECT parent_order, sum(volume) AS volume FROM trading_trade
        WHERE parent_order IS NOT NULL GROUP BY parent_order
    ) AS pieces ON pieces.parent_order = whole."order"
    WHERE whole.closed_volume <> coalesce(pieces.volume, 0) ORDER BY 1, 2
    """,
)
PARENTS = LedgerCheck(
    "{}: order {} is in state {} with parent {}, which does not fit",
    """
    SELECT piece.login, piece."order", piece.state, coalesce(piece.parent_order::text, 'none')
    FROM trading_trade AS piece
    LEFT JOIN trading_trade AS whole ON whole."order" = piece.parent_order
    WHERE (piece.state = 4 OR piece.parent_order IS NOT NULL)
    AND (
        piece.state = 4 AND whole.parent_order IS NULL
        AND (whole.login, whole.symbol, whole.cmd) = (piece.login, piece.symbol, piece.cmd)
    ) IS NOT TRUE ORDER BY 1, 2
    """,
)
# A swap is in the trade's storage or, if charged after the close, in the correction it points to.
SWAPS = LedgerCheck(
    "{}: order {} and its pieces have a storage of {}, its swaps sum to {}",
    """
    SELECT login, "order", coalesce(parts.storage, 0), coalesce(swaps.amount, 0)
    FROM (
        SELECT coalesce(parent_order, "order") AS "order", sum(storage) AS storage
        FROM trading_trade WHERE storage <> 0 GROUP BY 1
    ) AS parts
    FULL JOIN (
        SELECT coalesce(parent_order, "order") AS "order", sum(amount) AS amount
        FROM trading_swapcharge JOIN trading_trade USING ("order")
        WHERE correction_order IS NULL GROUP BY 1
    ) AS swaps USING ("order")
    JOIN trading_trade AS whole USING ("order")
    WHERE coalesce(parts.storage, 0) <> coalesce(swaps.amount, 0) ORDER BY 1, 2
    """,
)
CLOSES = LedgerCheck(
    "{}: order {} was closed at {} with a volume of {}, its fills say {}",
    """
    SELECT trade.login, trade."order", trim_scale(trade.close_price), trade.volume,
        coalesce(string_agg(fill.volume || ' at ' || trim_scale(fill.price), ', '), 'nothing')
    FROM trading_trade AS trade
    LEFT JOIN trading_fill AS fill ON fill."order" = trade."order" AND fill.kind = 'close'
    WHERE trade.state IN (3, 4) AND trade.cmd IN (0, 1) GROUP BY trade."order"
    HAVING count(*) <> 1 OR bool_and(
        (fill.price, fill.volume) = (trade.close_price, trade.volume)
    ) IS NOT TRUE ORDER BY 1, 2
    """,
)
OPENS = LedgerCheck(
    "{}: order {} was opened at {} with a volume of {}, its fills say {}",
    """
    SELECT trade.login, trade."order", trim_scale(trade.open_price),
        trade.volume + trade.closed_volume,
        coalesce(string_agg(fill.volume || ' at ' || trim_scale(fill.price), ', '), 'nothing')
    FROM trading_trade AS trade
    LEFT JOIN trading_fill AS fill
        ON fill."order" = trade."order" AND fill.kind IN ('open', 'activate')
    WHERE trade.cmd IN (0, 1) AND trade.parent_order IS NULL GROUP BY trade."order"
    HAVING count(*) <> 1 OR bool_and(
        (fill.price, fill.volume) = (trade.open_price, trade.volume + trade.closed_volume)
    ) IS NOT TRUE ORDER BY 1, 2
    """,
)
CORRECTIONS = LedgerCheck(
    "{}: order {} corrects {}, without its reason, its staff member or its account",
    """
    SELECT new.login, new."order", new.corrects_order
    FROM trading_trade AS new JOIN trading_trade AS old ON old."order" = new.corrects_order
    LEFT JOIN trading_swapcharge AS late ON late.correction_order = new."order"
    WHERE new.comment = '' OR new.login <> old.login
        OR new.cmd NOT IN (6, 7, 8, 9) OR old.state NOT IN (3, 4)
        OR (late."order" = old."order" AND late.amount = new.profit OR new.staff IS NOT NULL)
            IS NOT TRUE ORDER BY 1, 2
    """,
)
UNBOOKED = LedgerCheck(
    "{}: order {} was never filled, yet it carries {}",
    """
    SELECT login, "order", profit + commission + storage + markup FROM trading_trade
    WHERE (state = 6 OR cmd BETWEEN 2 AND 5)
        AND (profit, commission, storage, markup, open_markup) <> (0, 0, 0, 0, 0)
    ORDER BY 1, 2
    """,
)
# What each closed row earned, unrounded: from its own prices and volume, and from the contract and
# the rate stored with its fill. Fills from before these were stored prove nothing and are left out.
DIGITS_CASES = " ".join(
    f"WHEN '{currency}' THEN {digits}" for currency, digits in CURRENCY_DIGITS.items()
)


def earned_ctes(posted: str, move: str, condition: str = "true") -> str:
    """Return the closed rows with what they earned by `move`, in the price, and what is `posted`.

    `condition` may leave out rows that have neither.
    """
    return f"""
    closed AS NOT MATERIALIZED (
        SELECT trade.login, trade."order", trade.{posted} AS posted,
            coalesce(trade.parent_order, trade."order") AS whole,
            trade.parent_order IS NULL AS last,
            trade.parent_order IS NOT NULL OR trade.closed_volume > 0 AS parted,
            fill.rules ? 'contract_size' AS known,
            CASE fill.rules ->> 'currency' {DIGITS_CASES} ELSE {DEFAULT_DIGITS} END AS digits,
            round(
                ({move}) * trade.volume * 0.01 * (fill.rules ->> 'contract_size')::numeric
                * (fill.rules ->> 'tick_factor')::numeric
                * (fill.rates -> 'profit' ->> 0)::numeric, {partial_close.REALIZED_DECIMALS}
            ) AS earned
        FROM trading_trade AS trade
        JOIN trading_fill AS fill ON fill."order" = trade."order" AND fill.kind = 'close'
        WHERE trade.state IN (3, 4) AND trade.cmd IN (0, 1) AND ({condition})
    ),
    parts AS (SELECT DISTINCT ON ("order") * FROM closed WHERE parted ORDER BY "order")
"""  # noqa: S608 - constants


def posted_check(line: str, closed_rows: str) -> LedgerCheck:
    """Return the check that closed rows have what they earned.

    Parts are paid what their rounded sum grows by (`trading.valuation.partial_close`), in the order
    of their closes: that of their order numbers, with the remaining position last.
    """
    return LedgerCheck(
        line,
        f"""
    WITH {closed_rows}, sums AS (
        SELECT login, "order", posted, digits, known, earned, earned AS total
        FROM closed WHERE NOT parted
        UNION ALL
        SELECT login, "order", posted, digits,
            bool_and(known) OVER (PARTITION BY whole), earned,
            sum(earned) OVER (PARTITION BY whole ORDER BY last, "order")
        FROM parts
    ), paid AS (
        SELECT *, round(round(total, {partial_close.RELIABLE_DECIMALS}), digits)
            - round(round(total - earned, {partial_close.RELIABLE_DECIMALS}), digits) AS due
        FROM sums WHERE known
    )
    SELECT login, "order", trim_scale(posted), coalesce(trim_scale(due)::text, 'nothing') FROM paid
    WHERE posted IS DISTINCT FROM due ORDER BY 1, 2
    """,  # noqa: S608 - constants
    )


def realized_check(line: str, closed_rows: str, column: str) -> LedgerCheck:
    """Return the check that a trade has the unrounded sum of what its closed parts earned."""
    return LedgerCheck(
        line,
        f"""
    WITH {closed_rows}
    SELECT whole.login, whole."order", trim_scale(whole.{column}), trim_scale(sum(earned))
    FROM parts JOIN trading_trade AS whole ON whole."order" = parts.whole
    WHERE NOT last GROUP BY whole."order"
    HAVING bool_and(known)
    AND abs(whole.{column} - sum(earned)) >= 0.{"0" * (partial_close.RELIABLE_DECIMALS - 1)}1
    ORDER BY 1, 2
    """,  # noqa: S608 - constants
    )


EARNED = earned_ctes("profit", "(1 - 2 * trade.cmd) * (trade.close_price - trade.open_price)")
PROFITS = posted_check(
    "{}: order {} has a profit of {}, its prices, volume and rate say {}", EARNED
)
REALIZED = realized_check(
    "{}: order {} says that its closed parts earned {}, their prices, volumes and rates say {}",
    EARNED,
    "realized",
)
# A mark-up is the difference of what the account saw and the market's quote, on the side of the
# fill: the bid is element 0, the ask 1.
MARKUP_OF_FILL = """(1 - 2 * trade.cmd) * coalesce(
    (fill.seen ->> {side})::numeric - (fill.quote ->> {side})::numeric, 0)"""
MARKED_UP = earned_ctes(
    "markup",
    f"trade.open_markup - {MARKUP_OF_FILL.format(side='trade.cmd')}",
    "fill.seen IS NOT NULL OR trade.open_markup <> 0 OR trade.markup <> 0",
)
MARKUPS = posted_check("{}: order {} has a mark-up of {}, its fills say {}", MARKED_UP)
REALIZED_MARKUPS = realized_check(
    "{}: order {} says that the mark-up of its closed parts was {}, their fills say {}",
    MARKED_UP,
    "realized_markup",
)
OPEN_MARKUPS = LedgerCheck(
    "{}: order {} was opened with a mark-up of {}, its fill says {}",
    f"""
    SELECT login, "order", trim_scale(open_markup), trim_scale(due) FROM (
        SELECT trade.login, trade."order", trade.open_markup,
            {MARKUP_OF_FILL.format(side="1 - trade.cmd")} AS due
        FROM trading_trade AS trade
        JOIN trading_fill AS fill ON fill."order" = coalesce(trade.parent_order, trade."order")
            AND fill.kind IN ('open', 'activate')
        WHERE trade.cmd IN (0, 1) AND (fill.seen IS NOT NULL OR trade.open_markup <> 0)
    ) AS opened WHERE open_markup <> due ORDER BY 1, 2
    """,  # noqa: S608 - constants
)
# The broker's report, whose columns of a day are to be what the balances moved by.
REPORT = LedgerCheck(
    "{}: {} in the report of {:%Y-%m-%d} moved by {}, its rows say {}",
    posted_rows.DIFFERENCES,
    (0, LAST_TIME, None, None),
)
CHECKS = (
    BALANCE, EVENT_LOG, PARTIAL_CLOSES, PARENTS, SWAPS, CLOSES, OPENS, CORRECTIONS, UNBOOKED,
    PROFITS, REALIZED, MARKUPS, REALIZED_MARKUPS, OPEN_MARKUPS, REPORT,
)  # fmt: skip


def find_differences() -> Iterator[str]:
    """Yield one line for each figure of an account that its rows do not confirm."""
    for check in CHECKS:
        with connection.chunked_cursor() as cursor:  # a server-side cursor
            cursor.execute(check.sql, check.parameters or None)
            while found := cursor.fetchmany(ROWS_PER_FETCH):
                for row in found:
                    yield check.line.format(*row)
