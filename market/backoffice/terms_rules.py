"""Rules over the terms of an account group, for the admin's form."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from accounts.models import Group
from core import name_patterns
from market.catalog import current_catalog
from market.enums import CommissionType
from market.models import GroupTerms, Symbol, format_lots
from market.quotes.quote import read_newest_quotes

Problem = tuple[str, str]  # the field, and the message about it
LOT_FIELDS = ("lot_min", "lot_max", "lot_step")
WIDEST_SPREAD = Decimal("0.1")  # of the price


def find_problems(entry: GroupTerms, others: Sequence[GroupTerms]) -> Iterator[Problem]:
    """Yield the problems of an entry whose fields are each valid by themselves.

    `others` are the group's other enabled entries.
    """
    symbols = current_catalog().matching(entry.symbols)
    if not symbols:
        yield "symbols", "There is no such symbol."
        return
    yield from _check_parts(entry)
    if entry.enabled:
        yield from _check_overlap(entry, symbols, others)
    prices = last_prices(symbols)
    for symbol in symbols:
        problems = [*_check_lots(entry, symbol), *_check_points(entry, symbol, prices)]
        yield from problems
        if problems:  # those of the other symbols are mostly the same
            return


def last_prices(symbols: Sequence[Symbol]) -> dict[str, Decimal]:
    """Return the last bid of each symbol, or the price that its demo starts at; none without."""
    prices = {one.name: one.demo_price for one in symbols if one.demo_price}
    newest = read_newest_quotes([one.name for one in symbols])
    return prices | {name: quote.bid for name, quote in newest.items() if quote is not None}


def _check_parts(entry: GroupTerms) -> Iterator[Problem]:
    """Yield what contradicts itself whatever the symbols are."""
    marked_up = entry.bid_markup is not None or entry.ask_markup is not None
    if entry.spread is not None and marked_up:
        yield "spread", "Give a mark-up or a fixed spread, not both."
    if entry.swap_free:
        for field in ("swap_type", "swap_long", "swap_short"):
            if getattr(entry, field) is not None:
                yield field, "There is no swap where the entry is swap-free."
    else:
        for field in ("swap_fee", "swap_grace"):
            if getattr(entry, field) is not None:
                yield field, "Only a swap-free entry has a fee instead of the swap."
    yield from _check_commission(entry)


def _check_commission(entry: GroupTerms) -> Iterator[Problem]:
    kind, base, currency = entry.comm_type, entry.comm_base, entry.comm_currency
    if kind is not None and base is None:
        yield "comm_base", "Give the commission that the type is of."
    if kind == CommissionType.PERCENT and base is not None and base > 100:
        yield "comm_base", "More than 100 percent of the deal."
    if currency and kind != CommissionType.MONEY and entry.comm_minimum is None:
        yield "comm_currency", "Only a commission in money, or a least one, has a currency."
    elif currency and currency not in known_currencies():
        yield "comm_currency", f"{currency} is the currency of no symbol and no account group."


def known_currencies() -> set[str]:
    """Return the currencies of all symbols and account groups."""
    symbols = current_catalog().symbols.values()
    pairs = {currency for one in symbols for currency in (one.currency, one.quote_currency)}
    return pairs | set(Group.objects.values_list("currency", flat=True))


def _check_overlap(
    entry: GroupTerms, symbols: Sequence[Symbol], others: Sequence[GroupTerms]
) -> Iterator[Problem]:
    """Yield entries of which it would be open which one counts, and one that never would."""
    names = {symbol.name for symbol in symbols}
    left, place = set(names), entry.position
    for other in others:
        fitting = {name for name in names if name_patterns.matches_patterns(other.symbols, name)}
        if not fitting:
            continue
        if other.position == place:
            yield "position", f"“{other.symbols}” has the same place, and fits {min(fitting)} too."
            return
        if other.position < place:
            left -= fitting
        elif {one.name for one in current_catalog().matching(other.symbols)} <= names:
            yield "position", f"“{other.symbols}” would never count, as it comes after this."
            return
    if not left:
        yield "position", "Earlier entries of the group fit all of these symbols."


def _check_lots(entry: GroupTerms, symbol: Symbol) -> Iterator[Problem]:
    """Yield volume bounds that do not fit together, those left open being the symbol's."""
    least, most, step = (
        getattr(symbol, name) if getattr(entry, name) is None else getattr(entry, name)
        for name in LOT_FIELDS
    )
    given = [
        name for name in ("lot_min", "lot_max", "lot_step") if getattr(entry, name) is not None
    ]
    if not given:
        return
    if least > most:
        field = "lot_max" if "lot_max" in given else "lot_min"
        yield field, f"{symbol.name} would have a least volume above its largest."
    elif least % step or most % step:
        field = "lot_step" if "lot_step" in given else given[0]
        text = f"must be multiples of the step, {format_lots(step)}."
        yield field, f"Lot min and lot max of {symbol.name} {text}"


def _check_points(
    entry: GroupTerms, symbol: Symbol, prices: Mapping[str, Decimal]
) -> Iterator[Problem]:
    """Yield distances that are absurd beside the symbol's last price."""
    price = prices.get(symbol.name)
    if not price:
        return
    for field in ("stops_level", "freeze_level"):
        distance = (getattr(entry, field) or 0) * symbol.point
        if distance >= price:
            yield field, f"That is {distance:f}, and {symbol.name} is at {price:f}."
    bid, ask = entry.markup.apply(price, price, symbol.point)
    if ask - bid > price * WIDEST_SPREAD:
        fields = ("spread", "ask_markup", "bid_markup")
        field = max(fields, key=lambda name: getattr(entry, name) or 0)
        yield field, f"A spread of {ask - bid:f} is more than 10 % of {symbol.name}, at {price:f}."
