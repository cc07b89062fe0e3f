"""Valuation of an account at given quotes: profit, margin, equity, margin level.

domain.md, sections 2 and 3. Everything is unrounded; callers round what they write or send.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from accounts.enums import Conversion, ConversionPrices, FloatingMode, LevelUnit, RateMode
from accounts.models import Account, Group
from core.money import ZERO
from market.catalog import current_converter
from market.conversion import ConversionRate, ConversionSide, Converter, conversion_sides
from market.errors import OffQuotes
from market.group_quotes import market_quotes, quotes_of_group
from market.models import Symbol
from market.quotes.quote import LatestQuotes, Quotes, require_quote, shared_quotes_of
from trading.enums import LevelType
from trading.valuation import formulas
from trading.valuation.position_sums import CountedPosition, PositionSums
from trading.valuation.positions import load_account_snapshot
from trading.valuation.profit_terms import ConvertedProfit, ProfitTerms, ValuedTrade, profit_terms


class Figures(NamedTuple):
    """An account's figures in its currency; `level` in percent, None without used margin."""

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
    """The formulas bound to one account, the conversion paths and one set of quotes.

    `quotes` are those that the account's group sees; the market's may be given.
    A `strict` one raises OffQuotes where a price is missing: nothing is admitted or paid
    out on an unknown figure. Otherwise such a position has no profit and the margin of its
    open.
    """

    def __init__(
        self, account: Account, paths: Converter, quotes: Quotes, *, strict: bool = False
    ) -> None:
        self.strict = strict
        self.account, self.group = account, account.group
        self.currency = account.group.currency
        self.sides = conversion_sides(at_mid=account.group.conversion == Conversion.MID)
        self._at_mid = account.group.margin_rate_mode == RateMode.MID
        self.converter, self.quotes = paths, quotes_of_group(quotes, self.group)
        at_own = self.group.conversion_prices == ConversionPrices.OWN
        self._converting = self.quotes if at_own else market_quotes(self.quotes)
        self._rates: dict[tuple[str, ConversionSide], ConversionRate] = {}

    def rate(self, source: str, side: ConversionSide) -> ConversionRate:
        """Return the rate to the account's currency; the same all through one valuation.

        Raises:
            OffQuotes: nothing converts `source`.
        """
        key = (source, side)
        if key not in self._rates:
            self._rates[key] = self.converter.find_shared_rate(
                source, self.currency, side, self._converting
            )
        return self._rates[key]

    def side_of(self, amount: Decimal) -> ConversionSide:
        """Return the side that converts the amount, a gain or a loss."""
        gain, loss = self.sides
        return gain if amount >= 0 else loss

    def profit(
        self, trade: ValuedTrade, close_price: Decimal, volume: int | None = None
    ) -> ConvertedProfit:
        """Return the result of closing `volume` (default: all) at `close_price`.

        A gain is converted at the rate at which the quote currency is sold, a loss at which it is
        bought, unless the group converts at mid (domain.md, section 3). Raises OffQuotes.
        """
        symbol = trade.instrument
        amount = formulas.quote_currency_profit(
            symbol, trade.direction, trade.open_price, close_price, volume or trade.volume
        )
        rate = self.rate(symbol.quote_currency, self.side_of(amount))
        return ConvertedProfit(amount * rate.value, rate)

    def floating_profit(self, trade: ValuedTrade) -> Decimal:
        """Return the profit at the quote's closing side, as `floating_profits` does."""
        return next(self.floating_profits([profit_terms(trade)]))

    def floating_profits(self, positions: Iterable[ProfitTerms]) -> Iterator[Decimal]:
        """Yield each position's profit at the quote's closing side, 0 where a price is not known.

        Raises:
            OffQuotes: of a strict valuation, where a price is not known.
        """
        quote_of, shared = self.quotes.get, shared_quotes_of(self._converting)
        known = {} if shared is None else shared.rates  # of all that read the same quotes
        rates = known.setdefault((self.converter, self.currency, self.sides), {})
        for symbol, currency, direction, open_price, units, factor in positions:
            quote = quote_of(symbol)
            if quote is None and self.strict:
                raise OffQuotes(f"there is no quote of {symbol}")
            if quote is None:
                yield ZERO
                continue
            price = quote.closing_price(direction)
            amount = formulas.value_of_move(direction, open_price, price, units, factor)
            key = (currency, amount >= 0)
            rate = rates.get(key)
            if rate is None:
                rate = self._floating_rate(currency, self.side_of(amount))
                if shared is not None and shared_quotes_of(self._converting) is not shared:
                    shared, rates = None, dict(rates)  # a quote was only read now, and is newer
                if rate:
                    rates[key] = rate
            yield amount * rate

    def _floating_rate(self, currency: str, side: ConversionSide) -> Decimal:
        """Return the rate of a floating profit, 0 where nothing converts it."""
        try:
            return self.rate(currency, side).value
        except OffQuotes:
            if self.strict:
                raise
            return ZERO

    def margin_rate(self, symbol: Symbol, direction: int) -> ConversionRate:
        """Return R for an order's margin: bought for a buy, sold for a sell.

        Raises:
            OffQuotes: nothing converts the margin's currency.
        """
        side = ConversionSide.BOUGHT if direction > 0 else ConversionSide.SOLD
        if self._at_mid:
            side = ConversionSide.MID
        return self.rate(formulas.margin_currency(symbol), side)

    def commission_rate(self, currency: str) -> ConversionRate:
        """Return the rate of a commission: what is owed is bought, unless all is at mid.

        Raises:
            OffQuotes: nothing converts `currency`.
        """
        return self.rate(currency, self.sides[1])

    def position_margin(self, trade: ValuedTrade) -> Decimal:
        """Return the margin of one position on its own, in the account's currency."""
        amount, leverage = self._margin_by_leverage(trade), self.account.leverage
        return formulas.apply_leverage_tiers(trade.instrument, amount, trade.volume, leverage)

    def _margin_by_leverage(self, trade: ValuedTrade) -> Decimal:
        """Return a position's margin without leverage tiers, which apply to the whole leg."""
        symbol = trade.instrument
        price, rate = trade.open_price, trade.margin_rate
        if self._at_mid:
            try:
                mid = require_quote(self.quotes, symbol).mid
                price, rate = mid, self.margin_rate(symbol, trade.direction).value
            except OffQuotes:
                if self.strict:
                    raise
        leverage = self.account.leverage
        return formulas.margin_by_leverage(symbol, trade.volume, price, leverage)[0] * rate

    def used_margin(self, positions: Iterable[ValuedTrade]) -> Decimal:
        """Return the margin of all positions; opposite ones count by the group's model."""
        sums = PositionSums(self.group, self.account.leverage)
        sums.add(CountedPosition(one, ZERO, self._margin_by_leverage(one)) for one in positions)
        return sums.margin

    def free_margin_with(self, sums: PositionSums, order: ValuedTrade) -> Decimal:
        """Return the free margin with a new order, whose commission and spread always count."""
        own = min(self.floating_profit(order) + order.commission, ZERO)
        base = self.account.balance + self.account.credit + own
        floating = sums.profit + sums.commission + sums.storage
        base += counted_floating(FloatingMode(self.group.margin_mode), floating)
        return Decimal(base - sums.margin_with(order, self._margin_by_leverage(order)))

    def load_quotes(self, positions: Iterable[ValuedTrade]) -> None:
        """Read the quotes that these positions and their conversions need in one round trip."""
        market = market_quotes(self.quotes)
        if isinstance(market, LatestQuotes):
            symbols = {position.instrument.name: position.instrument for position in positions}
            market.load(self.symbols_for(symbols.values()))

    def symbols_for(self, symbols: Iterable[Symbol]) -> Iterator[str]:
        """Yield the symbols' names and those of the symbols that convert their money."""
        for symbol in symbols:
            yield symbol.name
            for currency in (symbol.quote_currency, formulas.margin_currency(symbol)):
                yield from self.converter.likely_symbols(currency, self.currency)

    def sums_of(self, positions: Iterable[ValuedTrade]) -> PositionSums:
        """Return the sums over these open positions."""
        sums = PositionSums(self.group, self.account.leverage)
        sums.add(self.count_positions(list(positions)))
        return sums

    def count_positions(self, positions: Sequence[ValuedTrade]) -> Iterator[CountedPosition]:
        """Yield the positions with what each counts with in the sums."""
        profits = self.floating_profits(map(profit_terms, positions))
        for position, profit in zip(positions, profits, strict=True):
            yield CountedPosition(position, profit, self._margin_by_leverage(position))

    def figures(self, positions: Iterable[ValuedTrade]) -> Figures:
        """Compute all figures of the account with these open positions."""
        return self.figures_of_sums(self.sums_of(positions))

    def figures_of_sums(self, sums: PositionSums) -> Figures:
        """Compute all figures from the sums over the positions."""
        return self.figures_of(
            profit=sums.profit,
            storage=sums.storage,
            commission=sums.commission,
            margin=sums.margin,
        )

    def figures_of(
        self, *, profit: Decimal, storage: Decimal, commission: Decimal, margin: Decimal
    ) -> Figures:
        """Compute all figures from the sums of the positions and their used margin."""
        own = self.account.balance + self.account.credit
        base = own + counted_floating(
            FloatingMode(self.group.margin_mode), profit + storage + commission
        )
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
            level_type=reached_level_type(self.group, level, base),
        )


def counted_floating(mode: FloatingMode, floating: Decimal) -> Decimal:
    """Return the part of the floating result that counts in free margin and margin level."""
    match mode:
        case FloatingMode.NONE:
            return ZERO
        case FloatingMode.PROFIT:
            return max(floating, ZERO)
        case FloatingMode.LOSS:
            return min(floating, ZERO)
    return floating


def reached_level_type(group: Group, level: Decimal | None, base: Decimal) -> LevelType:
    """Return which of the group's levels is reached; OK without used margin.

    `base` is the margin base, which levels in money are compared with.
    """
    if level is None:
        return LevelType.OK
    measured = level if group.margin_type == LevelUnit.PERCENT else base
    if measured <= group.margin_stopout:
        return LevelType.STOP_OUT
    return LevelType.MARGIN_CALL if measured < group.margin_call else LevelType.OK


def has_recovered(group: Group, figures: Figures) -> bool:
    """Check whether a margin call ends at these figures: its recovery margin above its level."""
    if figures.level is None:
        return True
    base = figures.margin_free + figures.margin
    measured = figures.level if group.margin_type == LevelUnit.PERCENT else base
    return figures.level_type is LevelType.OK and measured >= group.call_end_level


def current_figures(account: Account, quotes: Quotes, *, strict: bool = False) -> Figures:
    """Compute the account's figures with the positions stored now, in one database snapshot.

    Updates `account`: balance, credit and seq are those that the figures belong to.
    `strict`: raise OffQuotes where a price is missing.
    """
    stored = load_account_snapshot(account)
    account.balance, account.credit, account.seq = stored.balance, stored.credit, stored.seq
    valuation = Valuation(account, current_converter(), quotes, strict=strict)
    valuation.load_quotes(stored.positions)
    return valuation.figures(stored.positions)
