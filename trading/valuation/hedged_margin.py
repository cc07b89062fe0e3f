"""The margin of opposite positions in one symbol (domain rules, section 2), by the group's model.

A leg is all positions of one side. Of the legs A and B, with volumes a and b and margins A and B
of their own, c = min(a, b) is covered; A is the larger leg by volume, so that a - c is uncovered:

    larger_leg  max(A, B)
    zero        A · (a - c) / a
    half_each   A · (a - c) / a  +  (A · c / a + B · c / b) / 2
    contract    A · (a - c) / a  +  c · (A + B) / (a + b) · h
    sum         A + B

h is the symbol's margin_hedged / contract_size; where that is 0 a covered pair ties nothing.
(A + B) / (a + b) is the margin of one lot at the volume-weighted open price of both legs, at
their volume-weighted rate and leverage.

By the group's `hedge_price` each leg is margined at its own opens (`leg`), or both at the
volume-weighted average price of all of them, rounded to the symbol's digits, and their average
rate (`all`); a rate that is the symbol's own price is rounded like it. A symbol with positions on
one side only is not hedged and knows no average; nor does rate mode `mid`, where all positions
have one price.

With `leg` the following holds, and is held by properties in the tests:

- An opposite position no larger than the uncovered part never raises the margin with `zero`,
  whatever its price. With `larger_leg` it does not in rate mode `mid`, where both legs have one
  price and one rate; with `half_each` and `contract` (h <= 1) neither, unless leverage tiers make
  a second slice of the smaller leg dearer: then it stays at most that of the larger leg alone.
- In rate mode `open` each leg keeps the price and rate of its opens. A hedge that was opened at a
  higher price may then raise the margin in every model but `zero`.
- Closing one leg can raise the margin. No close is refused for that.
"""

from dataclasses import dataclass
from decimal import Decimal

from accounts.enums import HedgeMargin
from core.money import ZERO, round_amount
from market.models import Symbol
from trading.valuation import formulas


@dataclass(slots=True)
class Leg:
    """The positions of one side: minimal lots, and their margin in the account's currency."""

    volume: int = 0
    margin: Decimal = ZERO

    def margin_of_part(self, volume: int) -> Decimal:
        """Return the margin of `volume` minimal lots of the leg."""
        return self.margin if volume == self.volume else self.margin * volume / self.volume


def hedged_margin(model: str, one: Leg, other: Leg, contract: Decimal) -> Decimal:
    """Return the margin of both legs together by the group's model; `contract` is h.

    A leg without positions is empty.
    """
    if model == HedgeMargin.LARGER_LEG:
        return max(one.margin, other.margin)
    if model == HedgeMargin.SUM or not one.volume or not other.volume:
        return one.margin + other.margin
    large, small = (one, other) if one.volume >= other.volume else (other, one)
    covered = small.volume
    uncovered = large.margin_of_part(large.volume - covered)
    match HedgeMargin(model):
        case HedgeMargin.HALF_EACH:
            return uncovered + (large.margin_of_part(covered) + small.margin) / 2
        case HedgeMargin.CONTRACT:
            both = Leg(large.volume + small.volume, large.margin + small.margin)
            return uncovered + both.margin_of_part(covered) * contract
    return uncovered


def average_price_and_rate(
    symbol: Symbol, currency: str, volume: int, prices: Decimal, rates: Decimal
) -> tuple[Decimal, Decimal]:
    """Return the average price and margin rate of a symbol's positions, for hedge price `all`.

    `prices` and `rates` are the sums of open prices and margin rates, each times its volume;
    `currency` is the account's.
    """
    price, rate = round_amount(prices / volume, symbol.digits), rates / volume
    if formulas.rate_is_price(symbol, currency):
        rate = round_amount(rate, symbol.digits)
    return price, rate
