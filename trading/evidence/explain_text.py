"""An order's explanation as lines of text."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from core.clock import utc_text, utc_text_ms
from core.json import plain_digits
from market.models import format_lots
from trading.enums import FINANCE_CMDS, Activation, Cmd, Reason, State
from trading.evidence.labels import INTERNAL_RULES, format_rule
from trading.evidence.quotes_around import QuoteRow

Evidence = dict[str, Any]  # an object of the JSON that `explain_order` returns


def explanation_lines(explanation: Evidence) -> Iterator[str]:
    """Yield the lines of what `explain_order` returned, heading by heading."""
    yield from _order_lines(explanation["order"])
    for fill in explanation["fills"]:
        yield from _fill_lines(fill)
    for action in explanation["margin_actions"]:
        yield f"{action['kind'].replace('_', ' ')} at {utc_text(action['time'])}"
        yield from _indented_lines(_decision_lines(action))
        for symbol, quote in action["quotes"].items():
            seen = action["seen"].get(symbol)
            marked_up = f" ({describe_markup(quote, seen)})" if seen else ""
            yield f"  quote of {symbol}: {_format_quote(quote)}{marked_up}"
    for swap in explanation["swaps"]:
        days = f" for {swap['days']} nights" if swap["days"] != 1 else ""
        yield f"swap of {swap['night']}{days}: {_format_value(swap['amount'])}"
        yield from _indented_lines(_pairs_line("terms", _labelled_rules(swap["terms"])))
    for heading in ("pieces", "corrections"):
        for row in explanation[heading]:
            first, *rest = _order_lines(row)
            yield f"{heading[:-1]}: {first}"
            yield from _indented_lines(rest)


def _order_lines(row: Evidence) -> Iterator[str]:
    cmd, state = Cmd(row["cmd"]), State(row["state"])
    what = "" if cmd in FINANCE_CMDS else f" {_format_lots(row['volume'])} {row['symbol']}"
    yield f"order {row['order']} of {row['login']}: {cmd.label}{what}, {state.label}"
    yield from _indented_lines(_detail_lines(row))


def _detail_lines(row: Evidence) -> Iterator[str]:
    finance = row["cmd"] in FINANCE_CMDS
    if not finance:
        yield f"opened {utc_text(row['open_time'])} at {_format_value(row['open_price'])}"
    if row["state"] != State.OPEN:
        price = f" at {_format_value(row['close_price'])}" if row["close_price"] else ""
        yield f"{'booked' if finance else 'ended'} {utc_text(row['close_time'])}{price}"
    levels = [f"{name} {_format_value(row[name])}" for name in ("sl", "tp") if row[name]]
    if levels:
        yield ", ".join(levels)
    money = ("profit", "commission", "storage")
    yield ", ".join(f"{name} {_format_value(row[name])}" for name in money)
    causes = [f"by {Reason(row['reason']).label}"]
    if row["activation"]:
        causes.append(f"activation: {Activation(row['activation']).label}")
    names = {"staff": "staff", "parent_order": "piece of", "corrects_order": "corrects"}
    causes += [f"{phrase} {row[name]}" for name, phrase in names.items() if row[name] is not None]
    yield ", ".join(causes)
    if row["closed_volume"]:
        yield f"{_format_lots(row['closed_volume'])} of it closed in pieces"
    if row["comment"]:
        yield f"comment: {row['comment']}"


def _fill_lines(fill: Evidence) -> Iterator[str]:
    price = _format_value(fill["price"])
    yield f"{fill['kind']} of {fill['order']}: {_format_lots(fill['volume'])} at {price}"
    yield from _indented_lines([f"at {utc_text(fill['time'])}"])
    if fill["seen"]:
        yield f"  {describe_markup(fill['quote'], fill['seen'])}"
    yield from _indented_lines(_decision_lines(fill))
    for name, rate in fill["rates"].items():
        chain = " → ".join(f"{symbol} {side} {at}" for symbol, side, at in rate["chain"])
        yield f"  {name} converted at {_format_value(rate['rate'])}" + (
            f" ({chain})" if chain else ""
        )
    yield "  quotes around it (bid, ask, time, received):"
    for quote in fill["around"]:
        mark = ">" if quote[-1] == fill["quote"][-1] else " "
        yield f"  {mark} {_format_quote(quote)}"


def describe_markup(quote: QuoteRow, seen: Sequence[Decimal]) -> str:
    """Return the market's prices and those with the group's mark-up as a phrase."""
    prices = [Decimal(str(price)) for price in (*quote[:2], *seen)]
    digits = max(-int(price.normalize().as_tuple().exponent) for price in prices)
    bid, ask, seen_bid, seen_ask = (f"{price:.{max(digits, 0)}f}" for price in prices)
    return f"market {bid}/{ask}, your group's {seen_bid}/{seen_ask}"


def _decision_lines(evidence: Evidence) -> Iterator[str]:
    yield from _pairs_line("rules", _labelled_rules(evidence["rules"]))
    yield from _pairs_line("before", evidence["before"])
    yield from _pairs_line("after", evidence["after"])


def _labelled_rules(rules: dict[str, object]) -> dict[str, object]:
    """Return the rules for people, without those that only the platform's tests ask for."""
    return {
        name: format_rule(name, value)
        for name, value in rules.items()
        if name not in INTERNAL_RULES
    }


def _pairs_line(heading: str, pairs: dict[str, object]) -> Iterator[str]:
    if pairs:
        yield f"{heading}: " + ", ".join(
            f"{name} {_format_value(at)}" for name, at in pairs.items()
        )


def _indented_lines(texts: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in texts)


def _format_quote(quote: QuoteRow) -> str:
    bid, ask, time, received, _ = quote
    prices = f"{_format_value(bid)} {_format_value(ask)}"
    return f"{prices} {_format_time_ms(time)} {_format_time_ms(received)}"


def _format_value(value: object) -> str:
    """Format a value; numbers without trailing zeros and with at most eight decimals."""
    if isinstance(value, Decimal):
        return plain_digits(round(value, 8))
    return "none" if value is None else str(value)


def _format_lots(volume: int) -> str:
    return f"{format_lots(volume)} lots"


def _format_time_ms(ms: int | None) -> str:
    return "?" if ms is None else utc_text_ms(ms)
