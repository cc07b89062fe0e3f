"""The risk scan: which accounts a batch may concern, and one account's figures at one quote."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from market.quotes.tick_log import Tick
from trading.engine.risk.accounts import rounding_slack
from trading.engine.risk.position_blocks import NO_TERMS, BlockTerms, PositionBlock
from trading.engine.risk.price_ranges import QuoteRange
from trading.engine.risk.risk_book import RiskBook


class CheckReason(IntEnum):
    """Why the service is asked to check an account's margin."""

    CALL = 1
    RECOVERY = 2
    STOP_OUT = 3


@dataclass(slots=True)
class FloatFigures:
    """One account's figures at the newest processed quotes, in its currency.

    `base` is what counts against the margin, `profits` are by order; `is_priced` when all
    prices and rates are there.
    """

    balance: float
    credit: float
    costs: float
    margin: float
    base: float
    equity: float
    profits: dict[int, float]
    is_priced: bool


class RiskScan:
    """The prices of the market as the engine processes them, applied to one risk book."""

    def __init__(self, book: RiskBook) -> None:
        self.book = book
        self._ranging: set[str] = set()  # symbols whose last batch was more than one price
        self._blocks_by_symbol: dict[
            str, set[int]
        ] = {}  # symbol → blocks that it prices or converts
        self._symbols_by_block: list[
            set[str]
        ] = []  # block number → the symbols that price or convert it

    def set_initial_price(self, symbol: str, bid: float, ask: float) -> None:
        """Set a price from before the quotes that are about to be processed."""
        for rates in (self.book.range_rates, self.book.current_rates):
            rates.set_range(symbol, QuoteRange.from_quote(bid, ask))

    def advance(self, tick: Tick) -> None:
        """Take over the next quote of the tick log."""
        self.book.current_rates.set_range(tick.symbol, QuoteRange.from_quote(tick.bid, tick.ask))

    def scan_batch(self, ticks: Iterable[Tick]) -> list[int]:
        """Value a batch at its worst prices; return the indexes of accounts that it may concern.

        Each symbol's range begins with the previous quote, as the symbols moved one after the
        other.
        """
        book = self.book
        book.refresh_margins()
        ranges = {
            s: book.current_rates.ranges[s] for s in self._ranging if s in book.current_rates.ranges
        }
        self._ranging.clear()
        for tick in ticks:
            previous = ranges.get(tick.symbol) or book.current_rates.ranges.get(tick.symbol)
            price = tick.bid, tick.ask
            ranges[tick.symbol] = (
                previous.extended_to(*price) if previous else QuoteRange.from_quote(*price)
            )
        opened = [book.range_rates.set_range(symbol, span) for symbol, span in ranges.items()]
        self._ranging = {symbol for symbol, span in ranges.items() if not span.is_single_quote}
        numbers = self._moved_blocks(ranges, everything=any(opened))
        return self._revalue(numbers)

    def revalue_all(self) -> list[int]:
        """Value everything at the newest processed quotes; return the accounts concerned."""
        self.book.refresh_margins()
        for symbol, quote_range in self.book.current_rates.ranges.items():
            self.book.range_rates.set_range(symbol, quote_range)
        self._ranging.clear()
        return self._revalue(self._moved_blocks((), everything=True))

    def _moved_blocks(self, symbols: Iterable[str], *, everything: bool) -> list[int]:
        """Return the numbers of the blocks that these symbols price or convert."""
        if everything:
            self._symbols_by_block.clear()
            self._blocks_by_symbol.clear()
        for number in range(len(self._symbols_by_block), len(self.book.blocks)):
            self._symbols_by_block.append(self._symbols_of_block(self.book.blocks[number]))
            for symbol in self._symbols_by_block[number]:
                self._blocks_by_symbol.setdefault(symbol, set()).add(number)
        if everything:
            return list(range(len(self.book.blocks)))
        return sorted(set().union(*(self._blocks_by_symbol.get(symbol, ()) for symbol in symbols)))

    def _symbols_of_block(self, block: PositionBlock) -> set[str]:
        steps = (
            self.book.range_rates.conversion_path(*pair) or ()
            for pair in self.book.conversions_of(block)
        )
        return {block.key.symbol, *(step.symbol for path in steps for step in path)}

    def _revalue(self, numbers: list[int]) -> list[int]:
        book, accounts = self.book, self.book.accounts
        blocks = [block for block in map(book.blocks.__getitem__, numbers) if block.size]
        for block in blocks:
            block.revalue(book.range_rates, accounts.data["profit"])
        for key in {key for block in blocks for key in block.margin_keys()}:
            if key in book.mid_margins:
                book.mid_margins[key].revalue(book.range_rates, accounts.data["margin"])
        indexes: NDArray[np.intp] | slice = slice(0, accounts.size)
        if sum(block.size for block in blocks) < accounts.size:
            parts = [block.used("account") for block in blocks]
            indexes = np.concatenate(parts) if parts else np.empty(0, np.intp)
        return [int(index) for index in accounts.find_suspects(indexes)]

    def moving_symbols(self, index: int) -> set[str]:
        """Return the symbols whose quotes move the account."""
        self._moved_blocks((), everything=False)
        return set().union(
            *(self._symbols_by_block[number] for number, _ in self.book.positions_of(index))
        )

    def figures_of(self, index: int) -> FloatFigures:
        """Return the account's figures at the newest processed quotes."""
        book = self.book
        book.refresh_margins()
        row = book.accounts.updates[index]
        terms: dict[int, BlockTerms] = {}
        profits: dict[int, float] = {}
        costs = 0.0
        for number, block_row in book.positions_of(index):
            block = book.blocks[number]
            if number not in terms:
                markup = block.data["markup"].item(block_row)  # of all the account has here
                terms[number] = block.terms_at(book.current_rates, markup)
            profits[int(block.data["order"][block_row])] = block.profit_of(block_row, terms[number])
            costs += float(block.data["costs"][block_row])
        margin, floating = book.margin_of(index), sum(profits.values()) + costs
        own, figures = row.balance + row.credit, book.accounts.data
        least = float(figures["counted_least"][index])
        most = float(figures["counted_most"][index])
        base = own + min(max(floating, least), most)
        is_priced = NO_TERMS not in terms.values()
        return FloatFigures(
            row.balance, row.credit, costs, margin, base, own + floating, profits, is_priced
        )

    def check_reason(self, index: int) -> CheckReason | None:
        """Return what the account's figures demand now; rounding slack counts towards a check."""
        values, figures = self.figures_of(index), self.book.accounts.data
        if not (values.is_priced and values.profits):
            return None
        slack = rounding_slack(abs(values.base) + abs(values.equity) + values.margin)
        if not values.margin:
            called = bool(figures["called"][index])
            stopped = values.equity <= slack
            return CheckReason.STOP_OUT if stopped else CheckReason.RECOVERY if called else None
        stop = figures["stop_factor"][index] * values.margin + figures["stop_money"][index]
        call = figures["call_factor"][index] * values.margin + figures["call_money"][index]
        if values.base <= stop + slack and not self._is_spared_as_hedged(
            index, values.equity > slack
        ):
            return CheckReason.STOP_OUT
        if not figures["called"][index]:
            return CheckReason.CALL if values.base <= max(stop, call) + slack else None
        end = figures["end_factor"][index] * values.margin + figures["end_money"][index]
        has_recovered = values.base >= end - slack and values.base > stop - slack
        return CheckReason.RECOVERY if has_recovered else None

    def _is_spared_as_hedged(self, index: int, solvent: bool) -> bool:
        """Return whether the group leaves the account alone: fully hedged, with positive equity."""
        if not (solvent and self.book.accounts.groups[index].stopout_skip_hedged):
            return False
        net: dict[str, float] = defaultdict(float)
        for number, row in self.book.positions_of(index):
            block = self.book.blocks[number]
            net[block.key.symbol] += block.key.direction * block.data["volume"].item(row)
        return not any(net.values())
