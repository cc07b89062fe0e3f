"""Rules over several conditions of a symbol, for the admin's form."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import Any

from market.enums import LEVERAGED_MODES, CommissionType, MarginMode, ProfitMode
from market.models import LastQuote

Values = Mapping[str, Any]  # by field
Problem = tuple[str, str]  # the field, and the message about it
Rule = Callable[[Values], Iterator[Problem]]
DISTANCES = ("stops_level", "freeze_level")


def find_problems(name: str, values: Values) -> Iterator[Problem]:
    """Yield the problems; `values` has the fields of the symbol that are valid by themselves.

    A rule about a field that is not valid is left out.
    """
    rules: tuple[Rule, ...] = (
        _check_tick_size, _check_tick_value, _check_futures_margin, _check_tiers, _check_commission
    )  # fmt: skip
    distances: list[Rule] = [partial(_check_distance, name, of) for of in DISTANCES]
    for rule in (*rules, *distances):
        with suppress(KeyError):
            yield from list(rule(values))


def _check_tick_size(values: Values) -> Iterator[Problem]:
    point = Decimal(1).scaleb(-values["digits"])
    if values["tick_size"] % point:
        yield "tick_size", f"Must be a multiple of the point, {point:f}."
    if values["tick_value"] and not values["tick_size"]:
        yield "tick_size", "A tick value takes a tick size."


def _check_tick_value(values: Values) -> Iterator[Problem]:
    by_tick = (
        values["profit_mode"] == ProfitMode.FUTURES or values["margin_mode"] == MarginMode.CFD_INDEX
    )
    if by_tick and values["tick_size"] and not values["tick_value"]:
        yield "tick_value", "Futures and CFD indices with a tick size take the value of a tick."


def _check_futures_margin(values: Values) -> Iterator[Problem]:
    if values["margin_mode"] == MarginMode.FUTURES and not values["margin_initial"]:
        yield "margin_initial", "In futures mode it is the whole margin: without it none is asked."


def _check_tiers(values: Values) -> Iterator[Problem]:
    if values["leverage_tiers"] and values["margin_mode"] not in LEVERAGED_MODES:
        yield "leverage_tiers", "Only the modes forex and CFD leverage go by leverage."


def _check_commission(values: Values) -> Iterator[Problem]:
    if values["comm_type"] == CommissionType.PERCENT and values["comm_base"] > 100:
        yield "comm_base", "More than 100 percent of the deal."


def _check_distance(name: str, field: str, values: Values) -> Iterator[Problem]:
    """Yield a distance that would reach down to zero from the last bid."""
    distance = values[field] * Decimal(1).scaleb(-values["digits"])
    quote = LastQuote.objects.filter(pk=name).first() if distance else None
    if quote is not None and distance >= quote.bid:
        yield field, f"That is {distance:f}, and the last price is {quote.bid:f}."
