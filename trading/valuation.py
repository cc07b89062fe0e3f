"""What an account is worth at a moment's quotes: profit, margin, equity, level.

Domain rules, sections 2 and 3. Everything is unrounded; callers round what they write or send.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from accounts.enums import Conversion, FloatingMode, LevelUnit, RateMode
from accounts.models import Account, Group
from core.money import ZERO
from market.catalog import converter
from market.conversion import Converter, Rate, Side
from market.errors import OffQuotes
from market.models import Symbol
from market.quotes import Quotes
from trading import formulas
from trading.enums import LevelType
from trading.models import Trade


@dataclass(frozen=True, slots=True)
class Result:
    """A profit in the account's currency, with the rate that converted it."""

    amount: Decimal
    rate: Rate


@dataclass(frozen=True, slots=True)
class Figures:
    """An account's figures in its currency. `level` is percent, None while no margin is used."""

    balance: Decimal
    credit: Decimal
    profit: Decimal
    storage: Decimal
    commission: Decimal
    margin: Decimal
    equity: Decimal
    margin_free: Decimal
    level: Decimal | None
    level_type: LevelType


class Valuation:
    """The formulas bound to one account, the conversion paths and one moment's quotes."""

    def __init__(self, account: Account, paths: Converter, quotes: Quotes) -> None:
        self.account, self.group = account, account.group
        self.currency = account.group.currency
        self.converter, self.quotes = paths, quotes

    def profit(self, trade: Trade, close_price: Decimal, volume: int | None = None) -> Result:
        """The result of closing `volume` (default: all) at `close_price`.

        A gain is converted at the rate at which the quote currency is sold, a loss at which it is
        bought, unless the group converts at mid.
        """
        symbol = trade.instrument
        amount = formulas.profit(
            symbol, trade.direction, trade.open_price, close_price, volume or trade.volume
        )
        side = Side.SOLD if amount >= 0 else Side.BOUGHT
        if self.group.conversion == Conversion.MID:
            side = Side.MID
        rate = self.converter.rate(symbol.quote_currency, self.currency, side, self.quotes)
        return Result(amount * rate.value, rate)

    def floating(self, trade: Trade) -> Decimal:
        """The profit at the closing side of the symbol's quote; 0 while no price is known."""
        quote = self.quotes.get(trade.instrument.name)
        if quote is None:
            return ZERO
        try:
            return self.profit(trade, quote.closing(trade.direction)).amount
        except OffQuotes:
            return ZERO

    def margin_rate(self, symbol: Symbol, direction: int) -> Rate:
        """R for the margin of an order: bought for a buy, sold for a sell, as P is ask or bid."""
        side = Side.BOUGHT if direction > 0 else Side.SOLD
        if self.group.margin_rate_mode == RateMode.MID:
            side = Side.MID
        source = formulas.margin_currency(symbol)
        return self.converter.rate(source, self.currency, side, self.quotes)

    def margin(self, trade: Trade) -> Decimal:
        """The margin of one position on its own, in the account's currency."""
        symbol = trade.instrument
        price, rate = trade.open_price, trade.margin_rate
        if self.group.margin_rate_mode == RateMode.MID:
            quote = self.quotes.get(symbol.name)
            price = quote.mid if quote else price
            rate = self.margin_rate(symbol, trade.direction).value
        return formulas.margin(symbol, trade.volume, price, self.account.leverage)[0] * rate

    def used_margin(self, positions: Iterable[Trade]) -> Decimal:
        """The margin of all positions; of opposite ones in a symbol the larger leg counts."""
        legs: dict[str, dict[int, Decimal]] = defaultdict(lambda: {1: ZERO, -1: ZERO})
        for trade in positions:
            legs[trade.instrument.name][trade.direction] += self.margin(trade)
        return sum((max(leg.values()) for leg in legs.values()), ZERO)

    def figures(self, positions: Iterable[Trade]) -> Figures:
        """All figures of the account with these open positions."""
        positions = list(positions)
        profit = sum((self.floating(trade) for trade in positions), ZERO)
        storage = sum((trade.storage for trade in positions), ZERO)
        commission = sum((trade.commission for trade in positions), ZERO)
        margin = self.used_margin(positions)
        own = self.account.balance + self.account.credit
        base = own + counted(FloatingMode(self.group.margin_mode), profit + storage + commission)
        level = base / margin * 100 if margin else None
        return Figures(
            balance=self.account.balance,
            credit=self.account.credit,
            profit=profit,
            storage=storage,
            commission=commission,
            margin=margin,
            equity=own + profit + storage + commission,
            margin_free=base - margin,
            level=level,
            level_type=level_type(self.group, level, base),
        )


def counted(mode: FloatingMode, floating: Decimal) -> Decimal:
    """The part of the floating result that counts in free margin and level."""
    match mode:
        case FloatingMode.NONE:
            return ZERO
        case FloatingMode.PROFIT:
            return max(floating, ZERO)
        case FloatingMode.LOSS:
            return min(floating, ZERO)
    return floating


def level_type(group: Group, level: Decimal | None, base: Decimal) -> LevelType:
    """Which of the group's levels is reached; none without used margin."""
    if level is None:
        return LevelType.OK
    measured = level if group.margin_type == LevelUnit.PERCENT else base
    if measured <= group.margin_stopout:
        return LevelType.STOP_OUT
    return LevelType.MARGIN_CALL if measured < group.margin_call else LevelType.OK


def current(account: Account, quotes: Quotes) -> Figures:
    """The account's figures with the positions that the database holds now."""
    positions = Trade.objects.positions().filter(account=account).select_related("symbol")
    return Valuation(account, converter(), quotes).figures(positions)
