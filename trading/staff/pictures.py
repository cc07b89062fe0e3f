"""Charts of the quotes around a fill or a margin action, with what happened at them."""

from backoffice.chart import AMBER, BLUE, GREEN, RED, Dot, Level, Line, Mark, drawn
from backoffice.columns import price
from backoffice.parts import Picture
from core.money import exact
from market import past
from trading.around import QuoteRow
from trading.models import Fill, MarginAction

SYMBOLS = 4  # charts of one margin action
LINES = "plain line: bid, amber line: ask"
CANDLES = "line: bid, from candles of a minute"
NEAR = 2  # a level is drawn up to so many times the quotes' span away from them


def of_fill(fill: Fill) -> Picture | None:
    """Return the quotes around the fill with price, stop loss and take profit.

    None where no quotes are stored.
    """
    symbol = fill.trade.symbol_id
    if not symbol or len(fill.quote) != 5:
        return None
    rows: list[QuoteRow] = fill.around
    lines, words = courses(rows), LINES
    if len(rows) < 2:
        lines, words = candles(symbol, fill.time), CANDLES
    mark = Mark(f"{fill.kind} at {price(fill.price)}", Dot(moment(fill.quote), float(fill.price)))
    asked = (("stop loss", fill.trade.sl, RED), ("take profit", fill.trade.tp, GREEN))
    levels = [Level(f"{name} {price(at)}", float(at), colour) for name, at, colour in asked if at]
    said = [words, f"dot: {mark.name}", *(level.name for level in levels)]
    chart = drawn(f"{symbol} around the {fill.kind}", lines, near(levels, lines, mark), [mark])
    return Picture(chart, ", ".join(said))


def of_action(action: MarginAction) -> list[Picture]:
    """Return the quotes around those that judged the account, of the action's own symbol first."""
    own = action.trade.symbol_id if action.trade else None
    quotes: dict[str, QuoteRow] = action.quotes
    chosen = sorted(quotes, key=lambda symbol: (symbol != own, symbol))[:SYMBOLS]
    ticks = past.ticks(chosen, max((quotes[symbol][-1] or 0 for symbol in chosen), default=0))
    pictures = []
    for symbol in chosen:
        rows = [list(tick[1:]) for tick in ticks if tick.symbol == symbol]
        lines, words = (courses(rows), LINES) if rows else (candles(symbol, action.time), CANDLES)
        if lines:
            judged = quotes[symbol]
            marks = [
                Mark(f"{side} {price(exact(float(at)))}", Dot(moment(judged), at), colour)
                for side, at, colour in zip(("bid", "ask"), judged, (RED, BLUE), strict=False)
            ]
            said = [words, "dots: the quote it was judged by"]
            chart = drawn(f"{symbol} around the {action.get_kind_display()}", lines, [], marks)
            pictures.append(Picture(chart, f"{symbol}: {', '.join(said)}"))
    return pictures


def courses(rows: list[QuoteRow]) -> list[Line]:
    """Return lines of bid and ask; none without quotes."""
    sides = enumerate((Line([]).colour, AMBER))
    return [
        Line([Dot(moment(row), row[side]) for row in rows], colour)
        for side, colour in sides
        if rows
    ]


def candles(symbol: str, at: int) -> list[Line]:
    """Return a line of the bid by the candles around; none without candles."""
    dots = [Dot(*dot) for dot in past.bids(symbol, at)]
    return [Line(dots)] if dots else []


def near(levels: list[Level], lines: list[Line], mark: Mark) -> list[Level]:
    """Return the levels that leave the quotes readable when they are drawn as well."""
    prices = [mark.dot.price, *(dot.price for line in lines for dot in line.dots)]
    low, high = min(prices), max(prices)
    room = NEAR * (high - low)
    return [level for level in levels if low - room <= level.price <= high + room]


def moment(row: QuoteRow) -> int:
    """Return the quote's source time in unix ms, or its receipt time where that is missing."""
    time: int = row[2] or row[3]
    return time
