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

from market.conversion import Side
from trading import formulas
from trading.engine.risk.blocks import Block
from trading.engine.risk.book import RiskBook
from trading.enums import LevelType

KEY = "engine:overview:"  # and the shard
LIFE = 15  # seconds
NEAREST = 50  # accounts of a group
NO_MARGIN = 1e-6  # less is a remainder of sums of floats

Floats = NDArray[np.float64]


class Positions(NamedTuple):
    """All open positions, an entry each."""

    account: NDArray[np.intp]
    block: NDArray[np.intp]
    volume: Floats
    profit: Floats
    costs: Floats


class Worth(NamedTuple):
    """The figures of the book's accounts, an entry each."""

    trades: NDArray[np.int64]  # open positions
    floating: Floats  # with commission and storage
    equity: Floats
    margin: Floats
    base: Floats  # what counts against the margin
    above: Floats  # percent of the margin until the stop-out; infinite without margin


def overview(book: RiskBook) -> dict[int, dict[str, Any]]:
    """Return the sums by account group id, as `trading.overview` reads them."""
    book.refresh()
    positions = positions_of(book)
    worth = worth_of(book, positions)
    held = np.flatnonzero(worth.trades)
    ids, at = np.unique(book.accounts.used("group")[held], return_inverse=True)
    sums = {
        "accounts": np.bincount(at),
        "trades": np.bincount(at, worth.trades[held]).astype(np.int64),
        "own": np.bincount(at, book.accounts.used("own")[held]),
        "floating": np.bincount(at, worth.floating[held]),
        "equity": np.bincount(at, worth.equity[held]),
        "margin": np.bincount(at, worth.margin[held]),
    }
    row = np.zeros(book.accounts.size, np.intp)
    row[held] = at
    symbols = symbols_of(book, positions, row[positions.account], len(ids))
    nearest = nearest_of(book, worth)
    return {
        group: {
            "currency": book.groups[group].currency,
            **{name: column.item(place) for name, column in sums.items()},
            "symbols": symbols[place],
            "nearest": nearest.get(group, []),
        }
        for place, group in enumerate(ids.tolist())
    }


def positions_of(book: RiskBook) -> Positions:
    """Return every position with its profit at the newest processed quotes.

    Money is in the currency of the position's account.
    """
    blocks = book.blocks
    sizes = [block.size for block in blocks]
    terms = np.array([block.terms(book.now) for block in blocks]).reshape(-1, 3)
    close, gain, loss = (np.repeat(column, sizes) for column in terms.T)
    volume = _joined(blocks, "volume")
    amount = (close - _joined(blocks, "open")) * volume
    return Positions(
        _joined(blocks, "account").astype(np.intp),
        np.repeat(np.arange(len(blocks)), sizes),
        volume,
        np.minimum(amount * gain, amount * loss),
        _joined(blocks, "costs"),
    )


def worth_of(book: RiskBook, positions: Positions) -> Worth:
    """Return every account's figures; formulas as in `trading.valuation`."""
    accounts, size = book.accounts, book.accounts.size
    floating: Floats = np.zeros(size)
    floating += np.bincount(positions.account, positions.profit + positions.costs, size)
    own = accounts.used("own")
    base = own + np.clip(floating, accounts.used("counted_least"), accounts.used("counted_most"))
    margin = margins(book)
    stop = accounts.used("stop_factor") * margin + accounts.used("stop_money")
    above = np.full(size, np.inf)
    np.divide((base - stop) * 100, margin, out=above, where=margin > NO_MARGIN)
    trades = np.bincount(positions.account, minlength=size).astype(np.int64)
    return Worth(trades, floating, own + floating, margin, base, above)


def margins(book: RiskBook) -> Floats:
    """Return every account's margin; the book holds the most of the last batch's range."""
    margin: Floats = book.accounts.used("margin").copy()
    for holdings in book.holdings.values():
        factor = holdings.factor(book.now)
        now = holdings.used("units") * factor[1] if factor else holdings.used("fixed")
        np.add.at(margin, holdings.used("account"), now - holdings.used("margin"))
    return margin


def _joined(blocks: list[Block], name: str) -> Any:
    return np.concatenate([block.used(name) for block in blocks]) if blocks else np.empty(0)


def symbols_of(
    book: RiskBook, positions: Positions, row: NDArray[np.intp], groups: int
) -> list[dict[str, list[float]]]:
    """Return for each group: symbol → volume long and short, floating profit, value of a pip up.

    `row` is the index of each position's group; volumes are minimal lots, money is in the
    group's currency.
    """
    blocks = book.blocks
    names = list(dict.fromkeys(block.kind.symbol for block in blocks))
    column = {name: number for number, name in enumerate(names)}
    shape = (groups, len(blocks))
    cell, size = row * len(blocks) + positions.block, groups * len(blocks)
    volume = np.bincount(cell, positions.volume, size).reshape(shape)
    profit = np.bincount(cell, positions.profit, size).reshape(shape)
    of_symbol = np.zeros((len(blocks), len(names)))
    of_symbol[np.arange(len(blocks)), [column[block.kind.symbol] for block in blocks]] = 1.0
    long = np.array([float(block.kind.direction > 0) for block in blocks])
    pip = np.array([block.kind.direction * pip_value(block, book) for block in blocks])
    parts = (volume * long, volume * (1.0 - long), profit, volume * pip)
    sums = np.stack([part @ of_symbol for part in parts], axis=2).tolist()
    return [
        {name: held for name, held in zip(names, of_group, strict=True) if held[0] or held[1]}
        for of_group in sums
    ]


def pip_value(block: Block, book: RiskBook) -> float:
    """Return the value of a pip up for a minimal lot, converted at mid; 0 without a rate."""
    symbol = block.symbol
    rate = book.now.bounds(symbol.quote_currency, block.kind.currency, Side.MID)
    unit = symbol.units(1) * formulas.tick_factor(symbol) * formulas.pip(symbol)
    return float(unit) * rate[0] if rate else 0.0


def nearest_of(book: RiskBook, worth: Worth) -> dict[int, list[list[float]]]:
    """Return for each group the accounts with the least margin until their stop-out, those first.

    Each is [login, level in percent, equity, margin, `LevelType`, `AccountArrays.above`].
    """
    accounts = book.accounts
    used = np.flatnonzero(np.isfinite(worth.above) & (worth.trades > 0))
    used = used[np.lexsort((worth.above[used], accounts.used("group")[used]))]
    group = accounts.used("group")[used]
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    return {
        group.item(begin): _nearest(book, worth, used[begin : min(end, begin + NEAREST)])
        for begin, end in pairwise([*begins.tolist(), len(used)])
    }


def _nearest(book: RiskBook, worth: Worth, taken: NDArray[np.intp]) -> list[list[float]]:
    accounts, above = book.accounts, worth.above[taken]
    margin, base = worth.margin[taken], worth.base[taken]
    call = accounts.used("call_factor")[taken] * margin + accounts.used("call_money")[taken]
    called = np.where(base < call, LevelType.MARGIN_CALL, LevelType.OK)
    kind = np.where(above <= 0, LevelType.STOP_OUT, called)
    login, equity = accounts.used("login")[taken], worth.equity[taken]
    columns = (login, base / margin * 100, equity, margin, kind, above)
    return [list(row) for row in zip(*(column.tolist() for column in columns), strict=True)]
