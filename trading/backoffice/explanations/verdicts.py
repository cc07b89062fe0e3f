"""Sentences that say what happened to an order, with the figures that decided it."""

from collections.abc import Iterator
from decimal import Decimal

from backoffice.columns import format_amount, format_money, format_utc
from market.backoffice.symbol_prices import format_points, format_symbol_price
from market.models import format_lots
from trading.backoffice.explanations.margin_verdicts import margin_verdict, moment
from trading.backoffice.order_words import type_word
from trading.enums import FINANCE_CMDS, Activation, State
from trading.evidence.order_evidence import OPENING_KINDS, OrderEvidence
from trading.models import Fill, MarginAction, Trade

SIDES = ("bid", "ask")


def order_verdict(found: OrderEvidence) -> list[str]:
    """Return what became of the order, how it was filled, and what it brought."""
    trade = found.trade
    if trade.cmd in FINANCE_CMDS:
        return [_finance_sentence(trade)]
    opening = next((fill for fill in found.fills if fill.kind in OPENING_KINDS), None)
    closing = next((fill for fill in found.fills if fill.kind == Fill.Kind.CLOSE), None)
    sentences = [*_ending(found, closing), *_opening(trade, opening)]
    if trade.closed_volume:
        sentences.append(f"{format_lots(trade.closed_volume)} lots of it were closed in parts.")
    if trade.state in (State.CLOSED, State.CLOSED_PART):
        sentences.append(result_sentence(trade))
    return sentences


def fill_verdict(fill: Fill) -> list[str]:
    """Return what was filled, when, at which price of which quote."""
    trade, price = fill.trade, format_symbol_price(fill.price, fill.trade.symbol_id)
    verb = "Closed" if fill.kind == Fill.Kind.CLOSE else "Opened"
    lots = f"{trade.kind.position_cmd.label} {format_lots(fill.volume)} {trade.symbol_id}"
    return [f"{verb} on {fill_time(fill)}: {lots} at {price}.", *quote_sentences(fill)]


def quote_sentences(fill: Fill) -> Iterator[str]:
    """Yield which quote filled: the one place that says what the market's quote was."""
    if len(fill.quote) == 5:
        bid, ask = (format_symbol_price(at, fill.trade.symbol_id) for at in fill.quote[:2])
        if fill.seen is None:
            yield f"The quote was bid {bid} / ask {ask}."
            return
        own = (format_symbol_price(Decimal(at), fill.trade.symbol_id) for at in fill.seen)
        yield f"The quote was market {bid}/{ask}, your group's {'/'.join(own)}."


def account_price(fill: Fill, *, opening: bool) -> tuple[str, Decimal] | None:
    """Return side and price at which the account opens or closes at the fill's quote."""
    if len(fill.quote) != 5:
        return None
    side = int((fill.trade.direction > 0) == opening)
    return SIDES[side], Decimal(str((fill.seen or fill.quote)[side]))


def result_sentence(trade: Trade) -> str:
    """Return what a closed row brought, with its parts."""
    currency = trade.account.group.currency
    parts = {"profit": trade.profit, "commission": trade.commission, "swap": trade.storage}
    amounts = ", ".join(f"{name} {format_amount(at, currency)}" for name, at in parts.items())
    return f"Result: {format_amount(sum(parts.values()), currency)} {currency} ({amounts})."


def client_text(trade: Trade, sentences: list[str]) -> str:
    """Return the sentences as a text for the client, with the order that they are about."""
    return "\n".join([f"Order {trade.order}, account {trade.account_id}", *sentences])


def fill_time(fill: Fill) -> str:
    """Return when the fill was, to the millisecond where its quote says so."""
    return moment(fill.time, [fill.quote] if len(fill.quote) == 5 else [])


def _finance_sentence(trade: Trade) -> str:
    amount = format_money(abs(trade.profit), trade.account.group.currency)
    what = f"{type_word(trade.cmd).capitalize()} of {amount} {trade.account.group.currency}"
    about = f", for order {trade.corrects_id}" if trade.corrects_id else ""
    return f"{what}, booked on {format_utc(trade.close_time or trade.open_time)} UTC{about}."


def _ending(found: OrderEvidence, closing: Fill | None) -> Iterator[str]:
    """Yield how the order ended, or that it goes on."""
    trade = found.trade
    if trade.state == State.DELETED:
        yield _cancelled(trade)
    elif trade.state == State.OPEN and not trade.is_position:
        price = format_symbol_price(trade.open_price, trade.symbol_id)
        until = f", until {format_utc(trade.expiration)} UTC" if trade.expiration else ""
        yield f"The {describe(trade)} waits for {price}{until}."
    elif trade.state == State.OPEN:
        yield f"The {describe(trade)} is open."
    elif trade.activation == Activation.STOP_OUT and (stops := _stop_outs(found)):
        yield from margin_verdict(stops[-1])
    else:
        yield from _closed(trade, closing)


def _stop_outs(found: OrderEvidence) -> list[MarginAction]:
    return [one for one in found.margin_actions if one.kind == MarginAction.Kind.STOP_OUT]


def _cancelled(trade: Trade) -> str:
    expired = trade.expiration and trade.close_time == trade.expiration
    verb = "expired" if expired else "was cancelled"
    comment = f" ({trade.comment})" if trade.activation == Activation.CANCEL else ""
    return f"The {describe(trade)} {verb} on {format_utc(trade.close_time)} UTC{comment}."


def _closed(trade: Trade, fill: Fill | None) -> Iterator[str]:
    """Yield by what the row was closed, when, and how its price came about."""
    at = format_symbol_price(trade.close_price, trade.symbol_id)
    time = fill_time(fill) if fill else f"{format_utc(trade.close_time)} UTC"
    found = account_price(fill, opening=False) if fill else None
    what = f"part of it, {describe(trade)}," if trade.parent_id else describe(trade)
    levels = {
        Activation.STOP_LOSS: ("stop loss", trade.sl, -trade.direction),
        Activation.TAKE_PROFIT: ("take profit", trade.tp, trade.direction),
    }
    kind = Activation(trade.activation)
    if kind not in levels or found is None:
        cause = f" by the {kind.label}" if kind != Activation.NONE else ""
        side = f"the {found[0]} " if found else ""
        yield f"Closed{cause} on {time}: {what} at {side}{at}."
        return
    name, level, way = levels[kind]
    side, quoted = found
    price, reached = format_symbol_price(quoted, trade.symbol_id), "above" if way > 0 else "below"
    yield (
        f"Closed by the {name} on {time}: the {side} {price} was at or {reached} "
        f"the {name} of {format_symbol_price(level, trade.symbol_id)}."
    )
    yield f"The {what} was filled at {at}{_slip(trade, level)}."


def _slip(trade: Trade, level: Decimal) -> str:
    """Return how far the close is from its level."""
    gain = (trade.close_price - level) * trade.direction
    if not gain:
        return ", exactly its level"
    better = "better" if gain > 0 else "worse"
    points = format_points(abs(gain), trade.symbol_id or "")
    return f", {points} {better} than its level, as the first price past it"


def _opening(trade: Trade, fill: Fill | None) -> Iterator[str]:
    """Yield how the position was opened, and the quote of it."""
    if fill is None:
        return
    found = account_price(fill, opening=True)
    at = format_symbol_price(fill.price, trade.symbol_id)
    cause = " by its pending order" if fill.kind == Fill.Kind.ACTIVATE else ""
    lots = f"{trade.kind.label} {format_lots(fill.volume)} {trade.symbol_id}"
    side = f"the {found[0]} " if found and found[1] == fill.price else ""
    yield f"Opened{cause} on {fill_time(fill)}: {lots} at {side}{at}."


def describe(trade: Trade) -> str:
    """Return for example "buy 0.10 EURUSD"; of a finance row its kind alone."""
    if trade.symbol_id is None:
        return trade.kind.label
    return f"{trade.kind.label} {format_lots(trade.volume)} {trade.symbol_id}"
