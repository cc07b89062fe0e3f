"""The value of one night of a position in its account's currency, with the evidence."""

from decimal import Decimal

from core.json import plain_digits
from core.money import ZERO
from market.enums import SwapType
from market.models import LOT
from market.quotes.quote import Quotes, require_quote
from trading.evidence.figures import prices_as_seen
from trading.models import Trade
from trading.rollover.swap_formulas import swap_of_night, swap_rate
from trading.valuation.account import Valuation

SWAP_FREE = "fee of a swap-free account"  # instead of a swap type in the evidence


def night_swap(
    valuation: Valuation, trade: Trade, volume: int
) -> tuple[Decimal, dict[str, object]]:
    """Return the swap of one night for `volume` of the trade, unrounded, and its evidence.

    Converted as a profit is: a credit at the rate at which its currency is sold, a cost at which
    it is bought, or at mid where the group converts so.

    Raises:
        OffQuotes: a price or a rate is missing.
    """
    symbol = trade.instrument
    quote = valuation.quotes.get(symbol.name)
    price = interest_price(trade, valuation.quotes)
    amount, currency = swap_of_night(symbol, trade.direction, volume, price or ZERO)
    rate = valuation.rate(currency or valuation.currency, valuation.side_of(amount))
    terms: dict[str, object] = {
        "type": symbol.swap_type,
        "swap": str(swap_rate(symbol, trade.direction)),
        "volume": volume,
        "quote": [str(quote.market.bid), str(quote.market.ask), quote.time] if quote else None,
        "price": None if price is None else str(price),
        "currency": currency or valuation.currency,
        "rate": [str(rate.value), rate.chain],
        "conversion": valuation.group.conversion,
    }
    if quote and (seen := prices_as_seen(quote)):
        terms["seen"] = seen
    return amount * rate.value, terms


def night_fee(valuation: Valuation, trade: Trade, volume: int) -> tuple[Decimal, dict[str, object]]:
    """Return what a night costs a swap-free position of `volume`, unrounded, and its evidence.

    It is so much a lot in the account's currency, and below zero as a cost.
    """
    symbol = trade.instrument
    terms: dict[str, object] = {
        "type": SWAP_FREE,
        "fee": plain_digits(symbol.swap_fee),
        "grace": symbol.swap_grace,
        "volume": volume,
        "currency": valuation.currency,
    }
    return -symbol.swap_fee * volume / LOT, terms


def interest_price(trade: Trade, quotes: Quotes) -> Decimal | None:
    """Return P of the interest types: the night's mid, the open price, or the closing side.

    None for points and money, which need none.

    Raises:
        OffQuotes: the quote that it takes is missing.
    """
    opened: Decimal = trade.open_price
    match SwapType(trade.instrument.swap_type):
        case SwapType.INTEREST:
            return require_quote(quotes, trade.instrument).mid
        case SwapType.INTEREST_OPEN:
            return opened
        case SwapType.INTEREST_CURRENT:
            return require_quote(quotes, trade.instrument).closing_price(trade.direction)
    return None
