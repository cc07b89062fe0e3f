"""Sentences that say what the margin rules did to an account, with the figures that decided."""

from collections.abc import Mapping
from decimal import Decimal

from accounts.enums import LevelUnit
from backoffice.columns import format_money, format_utc, format_utc_ms
from core.json import plain_digits
from market.backoffice.symbol_prices import format_symbol_price
from market.models import format_lots
from trading.evidence.labels import format_rule
from trading.evidence.quotes_around import QuoteRow
from trading.models import MarginAction

MOST_DIGITS = 8  # of a level that would round to its threshold


def margin_verdict(action: MarginAction) -> list[str]:
    """Return what was done when, and the comparison that demanded it."""
    currency, time = (
        action.account.group.currency,
        moment(action.time, list(action.quotes.values())),
    )
    match action.kind:
        case MarginAction.Kind.CALL:
            return [f"Margin call on {time}: {comparison(action, 'margin_call')}."]
        case MarginAction.Kind.STOP_OUT:
            return [
                f"Stopped out on {time}: {comparison(action, 'margin_stopout')}.",
                *_closed_sentences(action),
            ]
        case MarginAction.Kind.RECOVERY:
            return [f"The margin call ended on {time}: {_recovery(action)}."]
    currency = action.account.group.currency
    negative = f"{format_money(_figure(action, 'balance'), currency)} {currency}"
    why = f"no position was left, and the balance of {negative} was brought to 0"
    return [f"Negative balance protection on {time}: {why}."]


def comparison(action: MarginAction, rule: str) -> str:
    """Return the figures with the threshold that they fell short of, by the name of its rule."""
    threshold = Decimal(str(action.rules.get(rule, 0)))
    names = {"margin_call": "below the margin call", "margin_stopout": "at or below the stop-out"}
    below = f"{names[rule]} of {_threshold(action, threshold)}"
    if action.before.get("level") is None:
        equity = format_money(_figure(action, "equity"), action.account.group.currency)
        return f"equity {equity} without used margin, which is not above 0"
    return f"{level_text(action, threshold)}, {below}"


def level_text(action: MarginAction, threshold: Decimal) -> str:
    """Return the margin base, and the division by the used margin where levels are percent."""
    currency = action.account.group.currency
    used = _figure(action, "margin")
    base = _figure(action, "margin_free") + used
    counts = "equity" if base == _figure(action, "equity") else "equity that counts for the margin"
    text = f"{counts} {format_money(base, currency)}"
    if is_in_percent(action):
        level = format_level(_figure(action, "level"), threshold)
        return f"{text} / margin {format_money(used, currency)} = {level}"
    return f"{text} {currency}"


def format_level(level: Decimal, threshold: Decimal | None = None) -> str:
    """Format a margin level with two decimals, or more where it would round to the threshold."""
    digits = 2
    while round(level, digits) == threshold != level and digits < MOST_DIGITS:
        digits += 1
    return f"{level:,.{digits}f} %"


def is_in_percent(action: MarginAction) -> bool:
    """Return whether the group's levels were percent of used margin, not money."""
    return bool(action.rules.get("margin_type", LevelUnit.PERCENT) == LevelUnit.PERCENT)


def moment(seconds: int, quotes: list[QuoteRow]) -> str:
    """Return a time in UTC, to the millisecond of the last quote that is of that second."""
    times = [quote[2] for quote in quotes if quote[2] and quote[2] // 1000 == seconds]
    return f"{format_utc_ms(max(times)) if times else format_utc(seconds)} UTC"


def _recovery(action: MarginAction) -> str:
    if action.before.get("level") is None:
        return "no margin is used any more"
    call = Decimal(str(action.rules.get("margin_call", 0)))
    ends = call + Decimal(str(action.rules.get("margin_call_recovery", 0)))
    return f"{level_text(action, ends)}, at or above {_threshold(action, ends)}"


def _closed_sentences(action: MarginAction) -> list[str]:
    """Return which position was closed as the group's rule chose, at which price."""
    trade = action.trade
    if trade is None:
        return []
    rule = action.rules.get("stopout_order", "the position")
    label = str(format_rule("stopout_order", rule))
    whole = int(action.rules.get("of", 0)) or trade.volume
    of = f" of {format_lots(whole)}" if whole > trade.volume else ""
    side = "bid" if trade.direction > 0 else "ask"
    price = format_symbol_price(trade.close_price, trade.symbol_id)
    lots = f"{trade.kind.label} {format_lots(trade.volume)}{of} {trade.symbol_id}"
    return [f"{label[0].upper()}{label[1:]}, {lots}, was closed at {side} {price}."]


def _threshold(action: MarginAction, level: Decimal) -> str:
    if is_in_percent(action):
        return f"{plain_digits(level)} %"
    currency = action.account.group.currency
    return f"{format_money(level, currency)} {currency}"


def _figure(action: MarginAction, name: str) -> Decimal:
    """Return one of the figures that decided; 0 where it is not stored."""
    figures: Mapping[str, object] = action.before
    return Decimal(str(figures.get(name) or 0))
