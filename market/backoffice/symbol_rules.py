"""Rules over several conditions of a symbol, for the admin's form."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from market.enums import LEVERAGED_MODES, CommissionType, MarginMode, ProfitMode
from market.models import LastQuote

Values = Mapping[str, Any]  # by field
Problem = tuple[str, str]  # the field, and the message about it


def find_problems(name: str, values: Values) -> Iterator[Problem]:
    """Yield the problems; `values` has all fields of the symbol, each valid by itself."""
    yield from _check_ticks(values)
    yield from _check_margin(values)
    yield from _check_distances(name, values)
    if values["comm_type"] == CommissionType.PERCENT and values["comm_base"] > 100:
        yield "comm_base", "More than 100 percent of the deal."


def _check_ticks(values: Values) -> Iterator[Problem]:
    """Yield the problems of tick size and tick value."""
    point = Decimal(1).scaleb(-values["digits"])
    if values["tick_size"] % point:
        yield "tick_size", f"Must be a multiple of the point, {point:f}."
    by_tick = (
        values["profit_mode"] == ProfitMode.FUTURES or values["margin_mode"] == MarginMode.CFD_INDEX
    )
    if values["tick_value"] and not values["tick_size"]:
        yield "tick_size", "A tick value takes a tick size."
    if by_tick and values["tick_size"] and not values["tick_value"]:
        yield "tick_value", "Futures and CFD indices with a tick size take the value of a tick."


def _check_margin(values: Values) -> Iterator[Problem]:
    """Yield the problems of futures margin and leverage tiers."""
    if values["margin_mode"] == MarginMode.FUTURES and not values["margin_initial"]:
        yield "margin_initial", "In futures mode it is the whole margin: without it none is asked."
    if values["leverage_tiers"] and values["margin_mode"] not in LEVERAGED_MODES:
        yield "leverage_tiers", "Only the modes forex and CFD leverage go by leverage."


def _check_distances(name: str, values: Values) -> Iterator[Problem]:
    """Yield the distances that would reach down to zero from the last bid."""
    quote = LastQuote.objects.filter(pk=name).first()
    if quote is None:
        return
    point = Decimal(1).scaleb(-values["digits"])
    for field in ("stops_level", "freeze_level"):
        if values[field] * point >= quote.bid:
            yield field, f"That is {values[field] * point:f}, and the last price is {quote.bid:f}."
