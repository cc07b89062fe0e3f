"""Symbols as the UDF protocol of TradingView's charting library describes them."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from accounts.models import Group
from core.clock import now
from market.enums import Resolution
from market.group_quotes import quotes_seen
from market.hours import DAY_MINUTES
from market.models import Candle, Symbol
from market.quotes.quote import LatestQuotes, Quote
from market.sessions.state import sessions_of_week

RESOLUTIONS = ("1", "5", "15", "30", "60", "240", "1D", "1W", "1M")
INTRADAY = RESOLUTIONS[:6]
WHOLE_DAY = [(0, DAY_MINUTES)]
ALWAYS_OPEN = "24x7"
# The rows of `/udf/symbol_info`: names there, keys of `serialize_symbol`.
INFO_COLUMNS = {
    "symbol": "name", "ticker": "ticker", "description": "description", "type": "type",
    "exchange-listed": "listed_exchange", "exchange-traded": "exchange",
    "timezone": "timezone", "session-regular": "session", "minmovement": "minmov",
    "minmovement2": "minmove2", "fractional": "fractional", "pricescale": "pricescale",
    "has-intraday": "has_intraday", "has-daily": "has_daily",
    "has-weekly-and-monthly": "has_weekly_and_monthly",
    "intraday-multipliers": "intraday_multipliers",
    "supported-resolutions": "supported_resolutions", "visible-plots-set": "visible_plots_set",
    "volume-precision": "volume_precision", "currency-code": "currency_code",
}  # fmt: skip


def serialize_config(symbols: Iterable[Symbol]) -> dict[str, object]:
    """Return the answer of `/udf/config`, with the exchanges and kinds of these symbols."""
    symbols = list(symbols)
    exchanges = sorted({symbol.exchange for symbol in symbols if symbol.exchange})
    kinds = list(dict.fromkeys(symbol.group_id for symbol in symbols))
    return {
        "supports_search": True,
        "supports_group_request": False,
        "supports_marks": False,
        "supports_timescale_marks": False,
        "supports_time": True,
        "supported_resolutions": RESOLUTIONS,
        "exchanges": [
            {"value": "", "name": "All", "desc": "All"},
            *({"value": name, "name": name, "desc": name} for name in exchanges),
        ],
        "symbols_types": [
            {"name": "All", "value": ""},
            *({"name": name, "value": name} for name in kinds),
        ],
    }


def serialize_symbol(symbol: Symbol, group: Group | None) -> dict[str, object]:
    """Return the answer of `/udf/symbols`: prices move by `minmov` / `pricescale`."""
    return {
        "name": symbol.name,
        "ticker": symbol.name,
        "full_name": symbol.name,
        "description": symbol.description or symbol.name,
        "type": symbol.group_id,
        "exchange": symbol.exchange,
        "listed_exchange": symbol.exchange,
        "session": format_sessions(symbol, group),
        "timezone": "Etc/UTC",
        "minmov": int(symbol.tick / symbol.point),
        "minmove2": 0,
        "fractional": False,
        "pricescale": 10**symbol.digits,
        "has_intraday": True,
        "has_daily": True,
        "has_weekly_and_monthly": True,
        "intraday_multipliers": INTRADAY,
        "daily_multipliers": ["1"],
        "weekly_multipliers": ["1"],
        "monthly_multipliers": ["1"],
        "supported_resolutions": RESOLUTIONS,
        "visible_plots_set": "ohlcv",
        "volume_precision": 0,
        "currency_code": symbol.quote_currency,
        "data_status": "streaming",
        "format": "price",
    }


def format_sessions(symbol: Symbol, group: Group | None) -> str:
    """Return the week in UTC as `2200-2400:1|0000-2400:2345|0000-2200:6`; 1 is Sunday."""
    days: dict[str, str] = defaultdict(str)
    week = sessions_of_week(symbol, group, now())
    if all(sessions == WHOLE_DAY for sessions in week) or not any(week):
        return ALWAYS_OPEN  # a chart cannot be drawn without any session
    for number, sessions in enumerate(week, 1):
        text = ",".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in sessions)
        if text:
            days[text] += str(number)
    return "|".join(f"{text}:{numbers}" for text, numbers in days.items())


def _clock(minute: int) -> str:
    """Return a minute of the day as HHMM."""
    return f"{minute // 60:02}{minute % 60:02}"


def serialize_symbol_info(symbols: Iterable[Symbol], group: Group | None) -> dict[str, object]:
    """Return the answer of `/udf/symbol_info`: a list for each column."""
    rows = [serialize_symbol(symbol, group) for symbol in symbols]
    return {name: [row[key] for row in rows] for name, key in INFO_COLUMNS.items()}


def search_symbols(
    symbols: Iterable[Symbol], query: str, kind: str, exchange: str
) -> list[dict[str, object]]:
    """Return the answer of `/udf/search`: those that begin with `query`, then those with it."""
    wanted = query.strip().upper()
    found = [
        symbol
        for symbol in symbols
        if kind in ("", symbol.group_id)
        and exchange in ("", symbol.exchange)
        and (wanted in symbol.name or wanted in symbol.description.upper())
    ]
    found.sort(key=lambda symbol: not symbol.name.startswith(wanted))
    return [
        {
            "symbol": symbol.name,
            "full_name": symbol.name,
            "ticker": symbol.name,
            "description": symbol.description or symbol.name,
            "exchange": symbol.exchange,
            "type": symbol.group_id,
        }
        for symbol in found
    ]


def serialize_quotes(
    names: list[str], visible: dict[str, Symbol], group: Group | None
) -> list[dict[str, object]]:
    """Return the quotes of `/udf/quotes` in the order of `names`, which may hold unknown ones.

    They are as the group sees them.
    """
    known = [name for name in dict.fromkeys(map(chart_symbol_name, names)) if name in visible]
    quotes = quotes_seen(LatestQuotes().load(known), group)
    days = Candle.objects.newest(known, Resolution.DAY, 2)
    return [
        _serialize_quote(name, symbol, quotes.get(symbol.name), days.get(symbol.name, []))
        if (symbol := visible.get(chart_symbol_name(name))) is not None
        else {"s": "error", "n": name, "v": {}}
        for name in names
    ]


def chart_symbol_name(text: str) -> str:
    """Return the symbol that a chart means, without an exchange before it."""
    return text.rpartition(":")[2].upper()


def _serialize_quote(
    name: str, symbol: Symbol, quote: Quote | None, days: list[Candle]
) -> dict[str, object]:
    """Return one quote; the day's figures where there is a candle of it, the last is the bid.

    Candles are the market's, so the change against one is that of the market's bid.
    """
    if quote is None:
        return {"s": "error", "n": name, "v": {}}
    values: dict[str, object] = {
        "lp": quote.bid,
        "bid": quote.bid,
        "ask": quote.ask,
        "spread": quote.ask - quote.bid,
        "short_name": symbol.name,
        "original_name": symbol.name,
        "exchange": symbol.exchange,
        "description": symbol.description or symbol.name,
    }
    if days:
        day = days[-1]
        values |= {
            "open_price": day.open, "high_price": day.high, "low_price": day.low,
            "volume": day.volume,
        }  # fmt: skip
    if len(days) > 1:
        values |= _serialize_change(quote.market.bid, days[0].close)
    return {"s": "ok", "n": name, "v": values}


def _serialize_change(bid: Decimal, close: Decimal) -> dict[str, object]:
    """Return the change against the close of the day before, absolute and in percent."""
    percent = (bid - close) / close * 100 if close else Decimal(0)
    return {"prev_close_price": close, "ch": bid - close, "chp": round(percent, 2)}
