"""The order of open positions by result or volume, which no index knows.

A selection of up to MAX_POSITIONS is valued as for its totals; of a larger one the engine's
snapshot knows the first of each account group (`trading.engine.book_summary`).
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, IntegerField, Model, QuerySet, Value
from django.http import HttpRequest

from accounts.models import Group, User
from backoffice.pages.list_filters import DropdownFilter
from core.money import ZERO
from market.catalog import current_converter
from market.quotes.quote import LatestQuotes
from trading.backoffice.floating_profit import FloatingProfits
from trading.backoffice.read_book_summary import read_summary
from trading.backoffice.trade_totals import COLUMNS, MAX_POSITIONS, position_of_columns
from trading.valuation.positions import Position
from trading.valuation.reporting_rates import rates_to

PARAMETER = "sort"
SORTS = {"worst": "worst result", "best": "best result", "largest": "largest"}
MAX_RANKED = 500  # positions that such a list shows
Rows = QuerySet[Model]
Rates = dict[str, float]


class SortFilter(DropdownFilter):
    """The parameter of these orders, which the list itself applies."""

    title = "sort open positions by"
    parameter_name = PARAMETER

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return list(SORTS.items())

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        return queryset


def sort_positions(rows: Rows, sort: str, user: User) -> Rows:
    """Return the first open positions of the selection, in one of SORTS.

    Raises:
        RedisError: Redis does not answer.
    """
    orders = _ranked_by_value(rows, sort)
    if orders is None:
        orders = _ranked_by_engine(sort, user)
    numbers = Value(orders, output_field=ArrayField(BigIntegerField()))
    place = Func(numbers, F("pk"), function="array_position", output_field=IntegerField())
    return rows.filter(pk__in=orders).order_by(place)


def _ranked_by_value(rows: Rows, sort: str) -> list[int] | None:
    """Return the order numbers by valuing every position; None if there are too many."""
    found = list(rows.order_by().values_list(*COLUMNS)[: MAX_POSITIONS + 1])
    if len(found) > MAX_POSITIONS:
        return None
    groups = Group.objects.in_bulk({row[0] for row in found})
    positions = [(groups[row[0]], position_of_columns(*row)) for row in found]
    key = _key_of_value(positions, sort)
    ranked = sorted(positions, key=lambda one: (key(*one), one[1].order))
    return [position.order for _, position in ranked[:MAX_RANKED]]


def _key_of_value(
    positions: list[tuple[Group, Position]], sort: str
) -> Callable[[Group, Position], float]:
    """Return what the positions are sorted by; profits are compared in one currency."""
    if sort == "largest":
        return lambda _, position: -position.volume
    floating, sign = FloatingProfits(), 1 if sort == "worst" else -1
    floating.load(positions)
    rates = _rates({group.currency for group, _ in positions})

    def result(group: Group, position: Position) -> float:
        profit = floating.profit_of(group, position) or ZERO
        return sign * float(profit) * rates.get(group.currency, 0.0)

    return result


def _ranked_by_engine(sort: str, user: User) -> list[int]:
    """Return the order numbers that the engine published last, of the groups that one may see."""
    views = read_summary(user.visible_groups).groups.values()
    rates = {} if sort == "largest" else _rates({view.currency for view in views})
    found = [
        (value * rates.get(view.currency, 1.0), order)
        for view in views
        for order, value in view.ranks.get(sort, ())
    ]
    found.sort(reverse=sort != "worst")
    return [order for _, order in found[:MAX_RANKED]]


def _rates(currencies: set[str]) -> Rates:
    quotes = LatestQuotes()
    return rates_to(currencies, settings.REPORTING_CURRENCY, current_converter(), quotes)
