"""Symbols as clients see them: specification, price and state in one flat object."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from orjson import Fragment

from accounts.models import Group
from core.clock import DAY_S, HOUR_S, now
from core.json import dumps, plain_digits
from core.money import ZERO
from market.enums import Resolution
from market.group_quotes import quotes_seen
from market.icons import icon_path
from market.models import Candle, Symbol
from market.quotes.performance import percent_change, price_changes
from market.quotes.quote import LatestQuotes, Quote
from market.sessions.state import market_state_of, serialize_week

WATCH_CANDLES = 24
SHORT_COLUMNS = (
    "symbol", "description", "currency", "margin_currency", "quote_currency", "group", "digits",
    "trade", "spread", "spread_balance", "swap_enable", "margin_divider", "margin_mode",
    "stops_level", "contract_size", "long_only", "ask", "bid", "point", "tick_value", "tick_size",
    "market_state", "market_reason", "lot_min", "lot_max", "lot_step", "comm_base", "comm_type",
    "exchange", "category", "industry", "sector", "shareholders", "market_cap", "price1d", "icon",
)  # fmt: skip


class RecentCandles(NamedTuple):
    """A symbol's last hourly candles, oldest first, and its close 24 hours ago."""

    candles: list[Candle]
    close: Decimal | None


def serialize_market_state(symbol: Symbol, group: Group | None, at: float) -> dict[str, int]:
    """Return whether the group can trade the symbol at `at` (unix seconds), and why not."""
    state, reason = market_state_of(symbol, group, at)
    return {"market_state": state, "market_reason": reason}


def serialize_asset(symbol: Symbol, quote: Quote | None, group: Group | None) -> dict[str, object]:
    """Return one symbol as `GET /market` lists it; prices are 0 before the first quote.

    Symbol and quote are as the group trades and sees them.
    """
    bid, ask = (quote.bid, quote.ask) if quote else (ZERO, ZERO)
    spread, at = int((ask - bid) / symbol.point), now()
    return {
        **serialize_specification(symbol),
        **serialize_market_state(symbol, group, at),
        "spread": spread,
        "ask": ask,
        "bid": bid,
        "sessions": serialize_week(symbol, group, at),
    }


def serialize_specification(symbol: Symbol) -> dict[str, object]:
    """Return the part of the asset that changes neither with the quotes nor with the clock.

    It is built once for each instance, as the catalog's instances serve many requests; its
    decimals are ready JSON.
    """
    cached: dict[str, object] | None = symbol.__dict__.get("specification")
    if cached is None:
        plain_values = _build_specification(symbol)
        cached = {
            name: Fragment(plain_digits(value)) if isinstance(value, Decimal) else value
            for name, value in plain_values.items()
        }
        symbol.__dict__["specification"] = cached
    return cached


def _build_specification(symbol: Symbol) -> dict[str, object]:
    """Return the specification, with decimals as they are and a place for what moves."""
    has_swap = symbol.swap_enable and not symbol.swap_free
    return {
        "symbol": symbol.name,
        "description": symbol.description,
        "currency": symbol.currency,
        "margin_currency": symbol.margin_currency,
        "quote_currency": symbol.quote_currency,
        "group": symbol.group_id,
        "digits": symbol.digits,
        "trade": symbol.trade,
        "spread": 0,
        "swap_enable": int(has_swap),
        "swap_type": symbol.swap_type,
        "swap_long": ZERO if symbol.swap_free else symbol.swap_long,
        "swap_short": ZERO if symbol.swap_free else symbol.swap_short,
        "swap_rollover3days": symbol.swap_rollover3days,
        "margin_divider": symbol.margin_divider,
        "margin_mode": symbol.margin_mode,
        "profit_mode": symbol.profit_mode,
        "exemode": symbol.exemode,
        "contract_size": symbol.contract_size,
        "stops_level": symbol.stops_level,
        "freeze_level": symbol.freeze_level,
        "long_only": int(symbol.long_only),
        **dict.fromkeys(("ask", "bid"), 0),
        "point": symbol.point,
        "tick_value": symbol.tick_value or symbol.contract_size * symbol.tick,
        "tick_size": symbol.tick,
        **dict.fromkeys(("market_state", "market_reason"), 0),
        "lot_min": symbol.lot_min,
        "lot_max": symbol.lot_max,
        "lot_step": symbol.lot_step,
        "comm_base": symbol.comm_base,
        "comm_type": symbol.comm_type,
        "comm_lots": symbol.comm_lots,
    }


def serialize_detail(symbol: Symbol, group: Group | None) -> dict[str, object]:
    """Return the answer of `GET /market/symbol`: its asset, description, terms, performance."""
    market = LatestQuotes()
    return {
        **serialize_asset(symbol, quotes_seen(market, group).get(symbol.name), group),
        **serialize_description(symbol),
        **serialize_further_terms(symbol),
        "performance": price_changes(symbol, market.get(symbol.name)),
    }


def serialize_description(symbol: Symbol) -> dict[str, object]:
    """Return what terminals show of the symbol beside its terms."""
    return {
        "spread_balance": symbol.spread_balance,
        "exchange": symbol.exchange,
        "category": symbol.category,
        "industry": symbol.industry,
        "sector": symbol.sector,
        "shareholders": symbol.shareholders,
        "market_cap": symbol.market_cap,
        "icon": icon_path(symbol),
    }


def serialize_further_terms(symbol: Symbol) -> dict[str, object]:
    """Return terms that clients of the public API know; neutral where we have no such rule.

    Pendings stay until they are cancelled or expire; an order is filled at once up to the
    largest volume; a position needs the margin that its opening needed.
    """
    return {
        "seasons": 0,
        "gtc_pendings": 1,
        "instant_max_volume": symbol.lot_max,
        "max_volume": symbol.lot_max,
        "comm_agent": 0,
        "margin_initial": symbol.margin_initial,
        "margin_maintenance": symbol.margin_initial,
        "margin_hedged": symbol.margin_hedged,
        "swap_daily": int(symbol.swap_enable and not symbol.swap_free),
    }


def serialize_market(symbols: Iterable[Symbol], group: Group | None) -> dict[str, object]:
    """Return the answer of `GET /market`."""
    symbols = list(symbols)
    quotes = quotes_seen(LatestQuotes().load(symbol.name for symbol in symbols), group)
    groups = list(dict.fromkeys(symbol.group_id for symbol in symbols))
    assets = {s.name: serialize_asset(s, quotes.get(s.name), group) for s in symbols}
    return {"assets": assets, "groups": groups}


def serialize_short_list(symbols: Iterable[Symbol], group: Group | None) -> dict[str, object]:
    """Return the answer of `GET /market/short/list`: a table of the contract's 36 columns."""
    symbols = list(symbols)
    quotes = quotes_seen(LatestQuotes().load(symbol.name for symbol in symbols), group)
    closes = read_closes_a_day_ago([symbol.name for symbol in symbols])
    rows = [serialize_short_row(s, quotes.get(s.name), closes.get(s.name), group) for s in symbols]
    groups = list(dict.fromkeys(symbol.group_id for symbol in symbols))
    return {"assets": {"structure": SHORT_COLUMNS, "rows": rows}, "groups": groups}


def serialize_short_row(
    symbol: Symbol, quote: Quote | None, close: Decimal | None, group: Group | None
) -> Fragment:
    """Return one row as ready JSON, cached on the symbol's instance until a value changes."""
    moving = (quote, close, market_state_of(symbol, group, now()))
    cached: tuple[object, Fragment] | None = symbol.__dict__.get("short_row")
    if cached is None or cached[0] != moving:
        day = change_over_a_day(quote, close)
        whole = {
            **serialize_asset(symbol, quote, group),
            **serialize_description(symbol),
            "price1d": day,
        }
        cached = (moving, Fragment(dumps([whole[name] for name in SHORT_COLUMNS])))
        symbol.__dict__["short_row"] = cached
    return cached[1]


def read_closes_a_day_ago(symbols: list[str]) -> dict[str, Decimal]:
    """Return the close of each symbol's last hour that had ended 24 hours ago."""
    ended = Candle.objects.newest(symbols, Resolution.HOUR, 1, until=now() - DAY_S - HOUR_S)
    return {symbol: candles[0].close for symbol, candles in ended.items()}


def read_recent_candles(symbols: list[str]) -> dict[str, RecentCandles]:
    """Return the candles and closes from which watch lists show the symbols' past."""
    last = Candle.objects.newest(symbols, Resolution.HOUR, WATCH_CANDLES)
    closes = read_closes_a_day_ago(symbols)
    return {name: RecentCandles(last.get(name, []), closes.get(name)) for name in symbols}


def change_over_a_day(quote: Quote | None, close: Decimal | None) -> Decimal:
    """Return the change in percent of the market's bid against the close 24 h ago, or 0.

    It is 0 if one of the two is missing.
    """
    return percent_change(quote.market if quote else None, close) or ZERO


def serialize_watched(
    symbol: Symbol, quote: Quote | None, past: RecentCandles
) -> dict[str, object]:
    """Return a symbol as watch lists show it: its last 24 hourly candles, however old."""
    last = past.candles
    return {
        "symbol": symbol.name,
        "price1d": change_over_a_day(quote, past.close),
        "high": last[-1].high if last else 0,
        "low": last[-1].low if last else 0,
        "prices": [candle.close for candle in last],
    }
