"""The order of open positions by result or volume, which no index knows.

PostgreSQL ranks all that are selected, whatever the filters: a position's result follows from the
move of its price by two factors that it shares with others of its group, symbol and side.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, F, Func, IntegerField, Model, QuerySet, Value
from django.http import HttpRequest

from accounts.models import Group
from backoffice.pages.list_filters import DropdownFilter
from core.money import ZERO
from market.catalog import current_converter, find_instrument
from market.errors import OffQuotes
from market.models import LOT
from market.quotes.quote import LatestQuotes
from trading.backoffice.floating_profit import FloatingProfits
from trading.enums import DIRECTIONS
from trading.valuation.positions import Position
from trading.valuation.reporting_rates import rates_to

PARAMETER = "sort"
SORTS = {"worst": "worst result", "best": "best result", "largest": "largest"}
ORDERS = {
    "worst": "result, number",
    "best": "result DESC, number",
    "largest": "volume DESC, number",
}
MAX_RANKED = 500  # positions that such a list shows
COLUMNS = ("account__group_id", "symbol_id", "cmd")  # that the factors depend on
UNKNOWN_PRICE = 0.0  # the result of a position without a price or a rate
RANK_SQL = """
WITH selected (group_id, symbol, cmd, number, volume, open_price) AS ({rows}),
terms AS (
    SELECT * FROM unnest(
        %s::bigint[], %s::text[], %s::int[], %s::float8[], %s::float8[], %s::float8[]
    ) AS columns (group_id, symbol, cmd, close, gain, loss)
),
results AS (
    SELECT number, volume, coalesce(least(amount * gain, amount * loss), {unknown}) AS result
    FROM selected LEFT JOIN terms USING (group_id, symbol, cmd)
    CROSS JOIN LATERAL (SELECT (close - open_price::float8) * volume AS amount) AS move
)
SELECT number FROM results ORDER BY {order} LIMIT {most}
"""
Rows = QuerySet[Model]


class SortFilter(DropdownFilter):
    """The parameter of these orders, which the list itself applies."""

    title = "order of open positions"
    parameter_name = PARAMETER

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return list(SORTS.items())

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        return queryset


class ResultTerms(NamedTuple):
    """What turns the open price of a kind of positions into the result in REPORTING_CURRENCY.

    That is the smaller of move · minimal lots · `gain` or `loss`, whose signs are those of the
    side: a gain never converts better than a loss.
    """

    group: int
    symbol: str
    cmd: int
    close: float
    gain: float
    loss: float


def sort_positions(rows: Rows, sort: str) -> Rows:
    """Return the first MAX_RANKED of the selected open positions, in one of SORTS.

    Raises:
        RedisError: Redis does not answer.
    """
    numbers = Value(rank_positions(rows, sort), output_field=ArrayField(BigIntegerField()))
    place = Func(numbers, F("pk"), function="array_position", output_field=IntegerField())
    return rows.filter(pk__in=numbers.value).order_by(place)


def rank_positions(rows: Rows, sort: str) -> list[int]:
    """Return the order numbers of the first positions."""
    terms = [] if sort == "largest" else list(result_terms(rows))
    columns = [list(column) for column in zip(*terms, strict=True)] or [[]] * 6
    chosen = rows.order_by().values_list(*COLUMNS, "pk", "volume", "open_price")
    try:
        selected, parameters = chosen.query.sql_with_params()
    except EmptyResultSet:  # the filters exclude one another
        return []
    statement = RANK_SQL.format(
        rows=selected, order=ORDERS[sort], most=MAX_RANKED, unknown=UNKNOWN_PRICE
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, *columns])
        return [number for (number,) in cursor.fetchall()]


def result_terms(rows: Rows) -> Iterator[ResultTerms]:
    """Yield the terms of all kinds of positions that are selected and have a price and a rate."""
    kinds = list(rows.order_by().values_list(*COLUMNS).distinct())
    groups = Group.objects.in_bulk({group for group, _, _ in kinds})
    probes = [
        (
            groups[group],
            Position(0, find_instrument(group, symbol), DIRECTIONS[cmd], LOT, *[ZERO] * 4),
        )
        for group, symbol, cmd in kinds
    ]
    floating = FloatingProfits()
    floating.load(probes)
    rates = rates_to(
        {group.currency for group, _ in probes},
        settings.REPORTING_CURRENCY,
        current_converter(),
        LatestQuotes(),
    )
    for (group, probe), (_, _, cmd) in zip(probes, kinds, strict=True):
        quote = floating.quote_of(group, probe.instrument.name)
        rate = rates.get(group.currency)
        if quote is None or rate is None:
            continue
        close = quote.closing_price(probe.direction)
        try:
            gain, loss = (value_of_point(floating, group, probe, close, move) for move in (1, -1))
        except OffQuotes:
            continue
        yield ResultTerms(
            group.pk, probe.instrument.name, cmd, float(close), gain * rate, loss * rate
        )


def value_of_point(
    floating: FloatingProfits, group: Group, probe: Position, close: Decimal, move: int
) -> float:
    """Return what one in the price is worth for a minimal lot, with the sign of the side.

    `move` is 1 for a position that has gained, -1 for one that has lost.

    Raises:
        OffQuotes: there is no rate.
    """
    position = probe._replace(open_price=close - probe.direction * move)
    profit = floating.valuation_of(group).floating_profit(position)
    return float(profit) / LOT * move * probe.direction
