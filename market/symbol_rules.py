"""Rules over several conditions of a symbol, for the admin's form."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from market.enums import LEVERAGED, CommissionType, MarginMode, ProfitMode
from market.models import LastQuote

Problem = tuple[str, str]  # the field, and the message about it


def problems(name: str, of: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the problems; `values` has all fields of the symbol, each valid by itself."""
    yield from _ticks(of)
    yield from _margin(of)
    yield from _distances(name, of)
    if of["comm_type"] == CommissionType.PERCENT and of["comm_base"] > 100:
        yield "comm_base", "More than 100 percent of the deal."


def _ticks(of: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the problems of tick size and tick value."""
    point = Decimal(1).scaleb(-of["digits"])
    if of["tick_size"] % point:
        yield "tick_size", f"Must be a multiple of the point, {point:f}."
    by_tick = of["profit_mode"] == ProfitMode.FUTURES or of["margin_mode"] == MarginMode.CFD_INDEX
    if of["tick_value"] and not of["tick_size"]:
        yield "tick_size", "A tick value takes a tick size."
    if by_tick and of["tick_size"] and not of["tick_value"]:
        yield "tick_value", "Futures and CFD indices with a tick size take the value of a tick."


def _margin(of: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the problems of futures margin and leverage tiers."""
    if of["margin_mode"] == MarginMode.FUTURES and not of["margin_initial"]:
        yield "margin_initial", "In futures mode it is the whole margin: without it none is asked."
    if of["leverage_tiers"] and of["margin_mode"] not in LEVERAGED:
        yield "leverage_tiers", "Only the modes forex and CFD leverage go by leverage."


def _distances(name: str, of: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the distances that would reach down to zero from the last bid."""
    quote = LastQuote.objects.filter(pk=name).first()
    if quote is None:
        return
    point = Decimal(1).scaleb(-of["digits"])
    for field in ("stops_level", "freeze_level"):
        if of[field] * point >= quote.bid:
            yield field, f"That is {of[field] * point:f}, and the last price is {quote.bid:f}."
