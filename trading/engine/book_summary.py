"""Sums of the whole book, which a shard's leader publishes for staff every two seconds.

One document a shard in Redis (`SUMMARY_KEY`, expires after SUMMARY_LIFE seconds), by account
group: its accounts with positions, their figures in the group's currency, what they hold of each
symbol, and who is nearest to a stop-out. All sums are made over whole arrays, at the newest
processed quotes.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.conversion import ConversionSide
from trading.engine.risk.position_blocks import PositionBlock
from trading.engine.risk.risk_book import RiskBook
from trading.enums import LevelType
from trading.valuation import formulas

SUMMARY_KEY = "engine:overview:"  # and the shard
SUMMARY_LIFE = 15  # seconds
NEAREST = 50  # accounts of a group
NO_MARGIN = 1e-6  # less is a remainder of sums of floats

Floats = NDArray[np.float64]


class PositionArrays(NamedTuple):
    """All open positions, an entry each."""

    account: NDArray[np.intp]
    block: NDArray[np.intp]
    volume: Floats
    profit: Floats
    costs: Floats


class AccountArrays(NamedTuple):
    """The figures of the book's accounts, an entry each."""

    trades: NDArray[np.int64]  # open positions
    floating: Floats  # with commission and storage
    equity: Floats
    margin: Floats
    base: Floats  # what counts against the margin
    above: Floats  # percent of the margin until the stop-out; infinite without margin


def summarize_book(book: RiskBook) -> dict[int, dict[str, Any]]:
    """Return the sums by account group id, as `trading.backoffice.read_book_summary` reads them."""
    book.refresh_margins()
    positions = positions_of(book)
    figures = figures_of_accounts(book, positions)
    with_positions = np.flatnonzero(figures.trades)
    ids, at = np.unique(book.accounts.used("group")[with_positions], return_inverse=True)
    sums = {
        "accounts": np.bincount(at),
        "trades": np.bincount(at, figures.trades[with_positions]).astype(np.int64),
        "own": np.bincount(at, book.accounts.used("own")[with_positions]),
        "floating": np.bincount(at, figures.floating[with_positions]),
        "equity": np.bincount(at, figures.equity[with_positions]),
        "margin": np.bincount(at, figures.margin[with_positions]),
    }
    row = np.zeros(book.accounts.size, np.intp)
    row[with_positions] = at
    symbols = holdings_by_group(book, positions, row[positions.account], len(ids))
    nearest = nearest_to_stop_out(book, figures)
    return {
        group: {
            "currency": book.groups[group].currency,
            **{name: column.item(place) for name, column in sums.items()},
            "symbols": symbols[place],
            "nearest": nearest.get(group, []),
        }
        for place, group in enumerate(ids.tolist())
    }


def positions_of(book: RiskBook) -> PositionArrays:
    """Return every position with its profit at the newest processed quotes.

    Money is in the currency of the position's account.
    """
    blocks = book.blocks
    profits = [block.profits_at(book.current_rates) for block in blocks]
    return PositionArrays(
        _concatenated(blocks, "account").astype(np.intp),
        np.repeat(np.arange(len(blocks)), [block.size for block in blocks]),
        _concatenated(blocks, "volume"),
        np.concatenate(profits) if profits else np.empty(0),
        _concatenated(blocks, "costs"),
    )


def figures_of_accounts(book: RiskBook, positions: PositionArrays) -> AccountArrays:
    """Return every account's figures; formulas as in `trading.valuation.account`."""
    accounts, size = book.accounts, book.accounts.size
    floating: Floats = np.zeros(size)
    floating += np.bincount(positions.account, positions.profit + positions.costs, size)
    own = accounts.used("own")
    base = own + np.clip(floating, accounts.used("counted_least"), accounts.used("counted_most"))
    margin = margins_of_accounts(book)
    stop = accounts.used("stop_factor") * margin + accounts.used("stop_money")
    above = np.full(size, np.inf)
    np.divide((base - stop) * 100, margin, out=above, where=margin > NO_MARGIN)
    trades = np.bincount(positions.account, minlength=size).astype(np.int64)
    return AccountArrays(trades, floating, own + floating, margin, base, above)


def margins_of_accounts(book: RiskBook) -> Floats:
    """Return every account's margin; the book holds the most of the last batch's range."""
    margin: Floats = book.accounts.used("margin").copy()
    for holdings in book.mid_margins.values():
        factor = holdings.factor_at(book.current_rates)
        now = holdings.used("units") * factor[1] if factor else holdings.used("fixed")
        np.add.at(margin, holdings.used("account"), now - holdings.used("margin"))
    return margin


def _concatenated(blocks: list[PositionBlock], name: str) -> Any:
    return np.concatenate([block.used(name) for block in blocks]) if blocks else np.empty(0)


def holdings_by_group(
    book: RiskBook, positions: PositionArrays, row: NDArray[np.intp], groups: int
) -> list[dict[str, list[float]]]:
    """Return for each group: symbol → volume long and short, floating profit, value of a pip up.

    `row` is the index of each position's group; volumes are minimal lots, money is in the
    group's currency.
    """
    blocks = book.blocks
    names = list(dict.fromkeys(block.key.symbol for block in blocks))
    column = {name: number for number, name in enumerate(names)}
    shape = (groups, len(blocks))
    cell, size = row * len(blocks) + positions.block, groups * len(blocks)
    volume = np.bincount(cell, positions.volume, size).reshape(shape)
    profit = np.bincount(cell, positions.profit, size).reshape(shape)
    of_symbol = np.zeros((len(blocks), len(names)))
    of_symbol[np.arange(len(blocks)), [column[block.key.symbol] for block in blocks]] = 1.0
    long = np.array([float(block.key.direction > 0) for block in blocks])
    pip = np.array([block.key.direction * pip_value(block, book) for block in blocks])
    parts = (volume * long, volume * (1.0 - long), profit, volume * pip)
    sums = np.stack([part @ of_symbol for part in parts], axis=2).tolist()
    return [
        {name: held for name, held in zip(names, of_group, strict=True) if held[0] or held[1]}
        for of_group in sums
    ]


def pip_value(block: PositionBlock, book: RiskBook) -> float:
    """Return the value of a pip up for a minimal lot, converted at mid; 0 without a rate."""
    symbol, key = block.symbol, block.key
    pair = symbol.quote_currency, key.currency
    rate = book.current_rates.bounds(*pair, ConversionSide.MID, key.converts_as)
    unit = symbol.base_units(1) * formulas.tick_factor(symbol) * formulas.pip_size(symbol)
    return float(unit) * rate[0] if rate else 0.0


def nearest_to_stop_out(book: RiskBook, figures: AccountArrays) -> dict[int, list[list[float]]]:
    """Return for each group the accounts with the least margin until their stop-out, those first.

    Each is [login, level in percent, equity, margin, `LevelType`, `AccountArrays.above`].
    """
    accounts = book.accounts
    used = np.flatnonzero(np.isfinite(figures.above) & (figures.trades > 0))
    used = used[np.lexsort((figures.above[used], accounts.used("group")[used]))]
    group = accounts.used("group")[used]
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    return {
        group.item(begin): _nearest_rows(book, figures, used[begin : min(end, begin + NEAREST)])
        for begin, end in pairwise([*begins.tolist(), len(used)])
    }


def _nearest_rows(
    book: RiskBook, figures: AccountArrays, chosen: NDArray[np.intp]
) -> list[list[float]]:
    accounts, above = book.accounts, figures.above[chosen]
    margin, base = figures.margin[chosen], figures.base[chosen]
    call = accounts.used("call_factor")[chosen] * margin + accounts.used("call_money")[chosen]
    called = np.where(base < call, LevelType.MARGIN_CALL, LevelType.OK)
    kind = np.where(above <= 0, LevelType.STOP_OUT, called)
    login, equity = accounts.used("login")[chosen], figures.equity[chosen]
    columns = (login, base / margin * 100, equity, margin, kind, above)
    return [list(row) for row in zip(*(column.tolist() for column in columns), strict=True)]
