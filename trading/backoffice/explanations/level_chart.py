"""The margin level before a margin call or stop-out, with the thresholds, as a chart.

Only the level that decided is stored. The others are computed from the positions of then at the
quotes, or candles, before; nothing is drawn where that does not give the stored level as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Max, Q

from backoffice.columns import format_money
from backoffice.widgets.content import CaptionedChart
from backoffice.widgets.price_chart import (
    AMBER,
    RED,
    ChartLevel,
    ChartLine,
    ChartMark,
    ChartPoint,
    draw_chart,
    levels_in_view,
)
from core.money import exact_decimal
from market.catalog import current_converter, find_instrument
from market.errors import OffQuotes
from market.quotes.around import read_bids_around, read_ticks_around
from market.quotes.quote import FixedQuotes, Quote
from trading.backoffice.explanations.margin_verdicts import format_level, is_in_percent
from trading.enums import MARKET_CMDS, State
from trading.evidence.quotes_around import QuoteRow
from trading.models import MarginAction, Trade
from trading.valuation.account import Valuation

KINDS = {
    MarginAction.Kind.CALL: "margin_call",
    MarginAction.Kind.STOP_OUT: "margin_stopout",
}
LINES = (("margin call", "margin_call", AMBER), ("stop-out", "margin_stopout", RED))
MOST_SYMBOLS = 8
MOST_POINTS, MOST_VALUED = 80, 3000  # points of the line, and values of positions for all of them
TOLERANCE = Decimal("0.0001")  # of the stored level


class _PastQuote(NamedTuple):
    """A quote before the decision; its time is unix ms."""

    time: int
    symbol: str
    bid: Decimal
    ask: Decimal


def draw_level_chart(action: MarginAction) -> CaptionedChart | None:
    """Draw the level up to the decision; None where it cannot be computed as it was then."""
    own_rule = KINDS.get(MarginAction.Kind(action.kind))
    decided = _stored_value(action)
    if own_rule is None or decided is None or not 0 < len(action.quotes) <= MOST_SYMBOLS:
        return None
    positions = _positions_before(action)
    judged = {name: _judged_quote(name, row) for name, row in action.quotes.items()}
    values = _values(action, positions, [judged])
    if not values or abs(values[0] - decided) > abs(decided) * TOLERANCE:
        return None
    begin = _unchanged_since(action, positions) * 1000
    times, states = _sample(_quotes_before(action, judged), judged, begin, len(positions))
    values = _values(action, positions, states)
    if len(values) < 2:
        return None
    last = ChartPoint(max([action.time * 1000, *times]), float(decided))
    points = [ChartPoint(time, float(value)) for time, value in zip(times, values, strict=False)]
    return _chart(action, own_rule, [*points, last])


def _chart(action: MarginAction, own_rule: str, points: list[ChartPoint]) -> CaptionedChart:
    mark = ChartMark(f"{_format(action, points[-1].price)} when it was decided", points[-1])
    line = ChartLine(points)
    rules = {name: float(action.rules[name]) for _, name, _ in LINES if name in action.rules}
    named = {
        rule: ChartLevel(f"{name} {_format(action, rules[rule])}", rules[rule], colour)
        for name, rule, colour in LINES
        if rule in rules
    }
    near = levels_in_view(list(named.values()), [line], [mark])
    levels = [level for rule, level in named.items() if rule == own_rule or level in near]
    what = "margin level" if is_in_percent(action) else "equity for the margin"
    chart = draw_chart(
        f"{what} before the {action.get_kind_display()}",
        [line], levels, [mark], lambda value: _format(action, value),
    )  # fmt: skip
    captions = [f"line: {what}, dot: {mark.name}", *(f"dashed: {level.name}" for level in levels)]
    return CaptionedChart(chart, ", ".join(captions))


def _stored_value(action: MarginAction) -> Decimal | None:
    """Return the level, or the margin base where the group's levels are money."""
    figures: Mapping[str, object] = action.before
    if figures.get("level") is None:
        return None
    if is_in_percent(action):
        return Decimal(str(figures["level"]))
    return Decimal(str(figures["margin"])) + Decimal(str(figures["margin_free"]))


def _positions_before(action: MarginAction) -> list[Trade]:
    """Return the positions that were open when it was decided, as they are stored now."""
    closed_before = MarginAction.objects.filter(
        account=action.account_id, time=action.time, kind=action.kind, pk__lt=action.pk
    )
    live = Q(state=State.OPEN) | Q(close_time__gte=action.time)
    rows = Trade.objects.filter(
        live, account=action.account_id, cmd__in=MARKET_CMDS, open_time__lte=action.time
    )
    gone = closed_before.exclude(trade=None).values("trade")
    positions = list(rows.exclude(pk__in=gone))
    for trade in positions:
        trade.symbol = find_instrument(action.account.group_id, trade.symbol_id or "")
    return positions


def _unchanged_since(action: MarginAction, positions: list[Trade]) -> int:
    """Return the unix second since which the account had these positions and this balance."""
    ended = Trade.objects.filter(account=action.account_id, close_time__lt=action.time)
    newest = ended.aggregate(newest=Max("close_time"))["newest"] or 0
    return max([newest, *(trade.open_time for trade in positions)])


def _judged_quote(symbol: str, row: QuoteRow) -> Quote:
    bid, ask, time, received, seq_no = row
    prices = exact_decimal(float(bid)), exact_decimal(float(ask))
    return Quote(symbol, *prices, time or 0, received or 0, seq_no or 0)


def _quotes_before(action: MarginAction, judged: Mapping[str, Quote]) -> list[_PastQuote]:
    """Return the quotes before the decision from the tick log, or else from minute candles."""
    last = max(quote.seq_no for quote in judged.values())
    ticks = [tick for tick in read_ticks_around(judged, last) if tick.seq_no <= last]
    if ticks:
        quotes = (tick.to_quote() for tick in ticks)
        return [_PastQuote(one.time, one.symbol, one.bid, one.ask) for one in quotes]
    found = [
        _PastQuote(time, name, exact_decimal(bid), exact_decimal(bid) + quote.ask - quote.bid)
        for name, quote in judged.items()
        for time, bid in read_bids_around(name, action.time)
        if time < action.time * 1000
    ]
    return sorted(found)


def _sample(
    past: list[_PastQuote], judged: Mapping[str, Quote], begin: int, positions: int
) -> tuple[list[int], list[dict[str, Quote]]]:
    """Return times from `begin` on and all quotes at them, as many as a page can value."""
    most = max(2, min(MOST_POINTS, MOST_VALUED // max(positions, 1)))
    step = -(-sum(one.time >= begin for one in past) // most) or 1
    quotes = dict(judged)
    for one in reversed(past):  # before its first quote a symbol has that one
        quotes[one.symbol] = _as_quote(one, judged)
    times, states = [], []
    number = 0
    for one in past:
        quotes[one.symbol] = _as_quote(one, judged)
        if one.time < begin:
            continue
        if number % step == 0:
            times.append(one.time)
            states.append(dict(quotes))
        number += 1
    return times, states


def _as_quote(one: _PastQuote, judged: Mapping[str, Quote]) -> Quote:
    return Quote(one.symbol, one.bid, one.ask, one.time, one.time, judged[one.symbol].seq_no)


def _values(
    action: MarginAction, positions: list[Trade], states: Iterable[Mapping[str, Quote]]
) -> list[Decimal]:
    """Return the account's level, or margin base, at each of these quotes; empty without one."""
    try:
        return list(_compute(action, positions, states))
    except OffQuotes:
        return []


def _compute(
    action: MarginAction, positions: list[Trade], states: Iterable[Mapping[str, Quote]]
) -> Iterator[Decimal]:
    account = copy(action.account)
    account.leverage = int(action.rules.get("leverage", account.leverage))
    account.balance, account.credit = (
        Decimal(str(action.before.get(name, 0))) for name in ("balance", "credit")
    )
    for quotes in states:
        valuation = Valuation(account, current_converter(), FixedQuotes(quotes), strict=True)
        figures = valuation.figures(positions)
        base = figures.margin + figures.margin_free
        yield base if not is_in_percent(action) else figures.level or Decimal(0)


def _format(action: MarginAction, value: float) -> str:
    if is_in_percent(action):
        return format_level(Decimal(str(value)))
    return format_money(value, action.account.group.currency)
