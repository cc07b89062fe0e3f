"""An order's explanation as lines of text."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from core.clock import utc_text, utc_text_ms
from core.json import plain
from market.models import format_lots
from trading.enums import FINANCE_CMDS, Activation, Cmd, Reason, State
from trading.wording import spelt


def lines(told: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of what `explain_order` returned, heading by heading."""
    yield from _order(told["order"])
    for fill in told["fills"]:
        yield from _fill(fill)
    for action in told["margin_actions"]:
        yield f"{action['kind'].replace('_', ' ')} at {utc_text(action['time'])}"
        yield from _indented(_decided(action))
        for symbol, quote in action["quotes"].items():
            yield f"  quote of {symbol}: {_quote(quote)}"
    for swap in told["swaps"]:
        days = f" for {swap['days']} nights" if swap["days"] != 1 else ""
        yield f"swap of {swap['night']}{days}: {_text(swap['amount'])}"
        yield from _indented(_pairs("terms", _spelt(swap["terms"])))
    for heading in ("pieces", "corrections"):
        for row in told[heading]:
            first, *rest = _order(row)
            yield f"{heading[:-1]}: {first}"
            yield from _indented(rest)


def _order(row: dict[str, Any]) -> Iterator[str]:
    cmd, state = Cmd(row["cmd"]), State(row["state"])
    what = "" if cmd in FINANCE_CMDS else f" {_lots(row['volume'])} {row['symbol']}"
    yield f"order {row['order']} of {row['login']}: {cmd.label}{what}, {state.label}"
    yield from _indented(_details(row))


def _details(row: dict[str, Any]) -> Iterator[str]:
    finance = row["cmd"] in FINANCE_CMDS
    if not finance:
        yield f"opened {utc_text(row['open_time'])} at {_text(row['open_price'])}"
    if row["state"] != State.OPEN:
        price = f" at {_text(row['close_price'])}" if row["close_price"] else ""
        yield f"{'booked' if finance else 'ended'} {utc_text(row['close_time'])}{price}"
    levels = [f"{name} {_text(row[name])}" for name in ("sl", "tp") if row[name]]
    if levels:
        yield ", ".join(levels)
    money = ("profit", "commission", "storage")
    yield ", ".join(f"{name} {_text(row[name])}" for name in money)
    by = [f"by {Reason(row['reason']).label}"]
    if row["activation"]:
        by.append(f"activation: {Activation(row['activation']).label}")
    names = {"staff": "staff", "parent_order": "piece of", "corrects_order": "corrects"}
    by += [f"{said} {row[name]}" for name, said in names.items() if row[name] is not None]
    yield ", ".join(by)
    if row["closed_volume"]:
        yield f"{_lots(row['closed_volume'])} of it closed in pieces"
    if row["comment"]:
        yield f"comment: {row['comment']}"


def _fill(fill: dict[str, Any]) -> Iterator[str]:
    price = _text(fill["price"])
    yield f"{fill['kind']} of {fill['order']}: {_lots(fill['volume'])} at {price}"
    yield from _indented([f"at {utc_text(fill['time'])}", *_decided(fill)])
    for name, rate in fill["rates"].items():
        chain = " → ".join(f"{symbol} {side} {at}" for symbol, side, at in rate["chain"])
        yield f"  {name} converted at {_text(rate['rate'])}" + (f" ({chain})" if chain else "")
    yield "  quotes around it (bid, ask, time, received):"
    for quote in fill["around"]:
        mark = ">" if quote[-1] == fill["quote"][-1] else " "
        yield f"  {mark} {_quote(quote)}"


def _decided(told: dict[str, Any]) -> Iterator[str]:
    yield from _pairs("rules", _spelt(told["rules"]))
    yield from _pairs("before", told["before"])
    yield from _pairs("after", told["after"])


def _spelt(rules: dict[str, Any]) -> dict[str, Any]:
    return {name: spelt(name, value) for name, value in rules.items()}


def _pairs(heading: str, pairs: dict[str, Any]) -> Iterator[str]:
    if pairs:
        yield f"{heading}: " + ", ".join(f"{name} {_text(at)}" for name, at in pairs.items())


def _indented(told: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in told)


def _quote(quote: list[Any]) -> str:
    bid, ask, time, received, _ = quote
    return f"{_text(bid)} {_text(ask)} {_moment(time)} {_moment(received)}"


def _text(value: Any) -> str:
    """Format a value; numbers without trailing zeros and with at most eight decimals."""
    if isinstance(value, Decimal):
        return plain(round(value, 8))
    return "none" if value is None else str(value)


def _lots(volume: int) -> str:
    return f"{format_lots(volume)} lots"


def _moment(ms: int | None) -> str:
    return "?" if ms is None else utc_text_ms(ms)
