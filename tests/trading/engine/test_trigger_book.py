"""The trigger book finds each level's first quote, in the order of the quotes."""

import random

from market.quotes.tick_log import Tick
from trading.book_updates import OrderUpdate
from trading.engine.triggers.levels import TriggerKind
from trading.engine.triggers.trigger_book import TriggerBook, TriggerHit
from trading.enums import Cmd


def row(order: int, cmd: Cmd, **fields: float) -> OrderUpdate:
    known = {
        "login": 1, "symbol": "EURUSD", "live": True, "revision": 1, "price": 1.1, "sl": 0.0,
        "tp": 0.0, "expiration": 0, "seen": 0, "sl_seen": 0, "tp_seen": 0,
    }  # fmt: skip
    return OrderUpdate(order=order, cmd=cmd, **{**known, **fields})  # type: ignore[arg-type]


def make_ticks(*prices: float, spread: float = 0.0) -> list[Tick]:
    return [Tick("EURUSD", p, p + spread, 1000 * n, 1000 * n, n) for n, p in enumerate(prices, 1)]


def find_hits(rows: list[OrderUpdate], ticks: list[Tick]) -> list[tuple[int, int, TriggerKind]]:
    book = TriggerBook()
    for each in rows:
        book.apply(each)
    return [(hit.order, hit.tick.seq_no, hit.kind) for hit in book.find_hits(ticks)]


def test_each_order_triggers_on_its_side_of_the_quote() -> None:
    rows = [
        row(1, Cmd.BUY_LIMIT, price=1.0),  # ask <= 1.0
        row(2, Cmd.SELL_LIMIT, price=1.2),  # bid >= 1.2
        row(3, Cmd.BUY_STOP, price=1.2),  # ask >= 1.2
        row(4, Cmd.SELL_STOP, price=1.0),  # bid <= 1.0
    ]
    ticks = make_ticks(1.1, 1.0, 0.95, 1.15, 1.2, spread=0.05)
    assert find_hits(rows, ticks) == [
        (4, 2, TriggerKind.PENDING),
        (1, 3, TriggerKind.PENDING),
        (3, 4, TriggerKind.PENDING),
        (2, 5, TriggerKind.PENDING),
    ]


def test_a_stop_loss_wins_over_a_take_profit_in_the_same_quote() -> None:
    rows = [row(1, Cmd.BUY, sl=1.2, tp=1.1)]
    assert find_hits(rows, make_ticks(1.15))[0] == (1, 1, TriggerKind.STOP_LOSS)


def test_a_spike_between_other_quotes_triggers() -> None:
    rows = [row(1, Cmd.BUY, sl=1.0), row(2, Cmd.SELL, sl=1.3)]
    assert find_hits(rows, make_ticks(1.1, 0.9, 1.4, 1.1)) == [
        (1, 2, TriggerKind.STOP_LOSS),
        (2, 3, TriggerKind.STOP_LOSS),
    ]


def test_quotes_up_to_the_last_seq_no_do_not_trigger() -> None:
    rows = [row(1, Cmd.BUY, sl=1.0, sl_seen=2)]
    assert find_hits(rows, make_ticks(0.9, 0.9, 1.1)) == []
    assert find_hits(rows, make_ticks(0.9, 0.9, 0.99)) == [(1, 3, TriggerKind.STOP_LOSS)]


def test_an_expiration_is_due_by_the_quotes_time() -> None:
    rows = [row(1, Cmd.BUY_LIMIT, price=0.5, expiration=3)]
    assert find_hits(rows, make_ticks(1.0, 1.0)) == []
    assert find_hits(rows, make_ticks(1.0, 1.0, 1.0, 1.0)) == [(1, 3, TriggerKind.EXPIRY)]


def test_an_outdated_order_update_is_ignored() -> None:
    book = TriggerBook()
    assert book.apply(row(1, Cmd.BUY, sl=1.0, revision=3))
    assert not book.apply(row(1, Cmd.BUY, sl=1.5, revision=2))
    assert book.find_hits(make_ticks(1.2)) == []


def test_a_closed_order_leaves_the_book() -> None:
    book = TriggerBook()
    book.apply(row(1, Cmd.BUY, sl=1.0))
    book.apply(row(2, Cmd.BUY, sl=1.0))
    book.apply(row(1, Cmd.BUY, sl=1.0, revision=2, live=False))
    assert [hit.order for hit in book.find_hits(make_ticks(0.9))] == [2]
    assert set(book.revisions) == {2}


def brute_force(rows: list[OrderUpdate], ticks: list[Tick]) -> list[tuple[int, int, TriggerKind]]:
    """Every level of every row against every tick, in plain Python."""
    hits = []
    for each in rows:
        for kind, level, seen in (
            (TriggerKind.STOP_LOSS, each.sl, each.sl_seen),
            (TriggerKind.TAKE_PROFIT, each.tp, each.tp_seen),
        ):
            for tick in ticks:
                falling = (each.cmd == Cmd.BUY) == (kind == TriggerKind.STOP_LOSS)
                price = tick.bid if each.cmd == Cmd.BUY else tick.ask
                if tick.seq_no > seen and level and (price <= level if falling else price >= level):
                    hits.append(TriggerHit(tick, each.order, kind))
                    break
    return [(hit.order, hit.tick.seq_no, hit.kind) for hit in sorted(hits)]


def test_random_books_agree_with_a_scan_of_every_tick() -> None:
    chance = random.Random(7)
    for _ in range(50):
        price, prices = 1.1, []
        for _ in range(40):
            price = round(price + chance.uniform(-0.002, 0.002), 5)
            prices.append(price)
        ticks = make_ticks(*prices, spread=0.0001)
        rows = [
            row(
                order,
                chance.choice([Cmd.BUY, Cmd.SELL]),
                sl=round(chance.uniform(1.09, 1.11), 5),
                tp=round(chance.uniform(1.09, 1.11), 5),
                sl_seen=chance.randrange(40),
                tp_seen=chance.randrange(40),
            )
            for order in range(1, 60)
        ]
        assert find_hits(rows, ticks) == brute_force(rows, ticks)
