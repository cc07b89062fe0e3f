"""Existing positions can be reduced or closed whatever limits changed since the opening."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal as D

import pytest
from django.db import transaction

from accounts.models import Account, Group, User
from market import catalog
from market.models import Symbol
from market.quotes.quote import LatestQuotes
from tests import factories
from trading import errors, services
from trading.enums import Activation, Cmd, State
from trading.ledger_audit import find_differences
from trading.models import Trade
from trading.services import ledger

pytestmark = pytest.mark.usefixtures("alice", "eurusd")
LOGIN = 100001
# Each makes a thousand minimal lots of a sale, or a pending like it, impossible to open now.
CHANGES: dict[str, Callable[[], object]] = {
    "lot_max": lambda: Symbol.objects.update(lot_max=500),
    "lot_min": lambda: Symbol.objects.update(lot_min=5_000),
    "lot_step": lambda: Symbol.objects.update(lot_min=300, lot_step=300, lot_max=9_000),
    "close only": lambda: Symbol.objects.update(trade=1),
    "long only": lambda: Symbol.objects.update(long_only=True),
    "max_positions": lambda: Group.objects.update(max_positions=0),
    "hedge_allowed": lambda: Group.objects.update(hedge_allowed=False),
    "fifo": lambda: Group.objects.update(fifo=True),
    "group that does not trade": lambda: Group.objects.update(trade_enabled=False),
    "disabled group": lambda: Group.objects.update(enabled=False),
    "hidden symbol": lambda: Group.objects.update(hidden_symbols="EUR*"),
    "leverage": lambda: Account.objects.update(leverage=1),
    "stops_level": lambda: Symbol.objects.update(stops_level=90_000),
    "tick": lambda: Symbol.objects.update(tick_size=D("0.25"), digits=2),
}
BY = [None, 2]


@pytest.fixture
def thousand(dan: User) -> Trade:
    """Ten lots sold, whose margin takes the whole balance."""
    ledger.post_operation(login=LOGIN, cmd=Cmd.BALANCE_IN, amount=D(10_000))
    return services.open_market(login=LOGIN, cmd=Cmd.SELL, symbol="EURUSD", volume=1000)


def staff(login: int | None) -> User | None:
    return None if login is None else User.objects.get(pk=login)


@contextmanager
def undone(subtests: pytest.Subtests, change: str) -> Iterator[None]:
    """Make the change for a subtest of its own; undo all that it does."""
    catalog.clear_catalog()
    with subtests.test(change), transaction.atomic():
        try:
            CHANGES[change]()
            yield
        finally:
            transaction.set_rollback(True)


@pytest.mark.parametrize("by", BY)
def test_a_whole_position_can_be_closed_after_any_change(
    thousand: Trade, subtests: pytest.Subtests, by: int | None
) -> None:
    done = (thousand.order, State.CLOSED, 1000)
    for change in CHANGES:
        with undone(subtests, change):
            closed = services.close_position(login=LOGIN, order=thousand.order, staff=staff(by))
            assert (closed.order, closed.state, closed.volume) == done
            assert not list(find_differences())


@pytest.mark.parametrize("by", BY)
def test_a_part_can_be_closed_after_any_change(
    thousand: Trade, subtests: pytest.Subtests, by: int | None
) -> None:
    order = thousand.order
    for change in sorted({*CHANGES} - {"lot_min"}):
        with undone(subtests, change):
            piece = services.close_position(login=LOGIN, order=order, volume=100, staff=staff(by))
            thousand.refresh_from_db()
            assert (piece.state, piece.volume) == (State.CLOSED_PART, 100)
            assert (thousand.state, thousand.volume) == (State.OPEN, 900)
            assert not list(find_differences())


def test_a_stop_out_closes_a_position_after_any_change(
    thousand: Trade, subtests: pytest.Subtests
) -> None:
    Group.objects.update(margin_stopout=D(1_000_000), margin_call=D(1_000_000))
    for change in CHANGES:
        with undone(subtests, change):
            quote = factories.quote("EURUSD", 1.1, 1.1001)
            quotes = LatestQuotes()
            changed = services.enforce_margin_levels(login=LOGIN, quotes=quotes, quote=quote)
            assert [(one.order, one.state) for one in changed] == [(thousand.order, State.CLOSED)]


def test_a_stop_loss_closes_a_position_after_any_change(
    thousand: Trade, subtests: pytest.Subtests
) -> None:
    services.modify_position(login=LOGIN, order=thousand.order, sl=D("1.2"))
    for change in CHANGES:
        with undone(subtests, change):
            quote = factories.quote("EURUSD", 1.1999, 1.2)
            closed = services.close_by_trigger(
                login=LOGIN, order=thousand.order, activation=Activation.STOP_LOSS,
                quote=quote, quotes=LatestQuotes(),
            )  # fmt: skip
            assert closed is not None
            assert (closed.order, closed.state) == (thousand.order, State.CLOSED)


@pytest.mark.parametrize("by", BY)
def test_a_pending_can_be_cancelled_after_any_change(
    dan: User, subtests: pytest.Subtests, by: int | None
) -> None:
    pending = services.open_pending(
        login=LOGIN, cmd=Cmd.SELL_LIMIT, symbol="EURUSD", volume=1000, open_price=D("1.2")
    )
    for change in CHANGES:
        with undone(subtests, change):
            gone = services.cancel_pending(login=LOGIN, order=pending.order, staff=staff(by))
            assert gone.state == State.DELETED


@pytest.mark.parametrize(
    ("lot_min", "step", "possible"),
    [
        (1, 1, [1, 4, 14]),
        (5, 1, [1, 4, 10]),  # the piece may be below the smallest lot, what remains may not
        (10, 1, [1, 5]),
        (5, 5, [5, 10]),
        (4, 4, [3, 7, 11]),  # off the new step: only back onto it
        (10, 10, [5]),
        (15, 15, []),
        (16, 16, []),
    ],
)
def test_the_remaining_volume_must_be_a_valid_lot_size(
    lot_min: int, step: int, possible: list[int]
) -> None:
    trade = services.open_market(login=LOGIN, cmd=Cmd.BUY, symbol="EURUSD", volume=15)
    Symbol.objects.update(lot_min=lot_min, lot_step=step, lot_max=step * 100)
    rests = {15 - lots for lots in possible}
    assert all(rest >= lot_min and not rest % step for rest in rests)
    for lots in range(1, 15):
        allowed = 15 - lots >= lot_min and not (15 - lots) % step
        assert allowed or lots not in possible
        if not allowed:
            with pytest.raises(errors.BadVolume, match=f"at least {lot_min}"):
                services.close_position(login=LOGIN, order=trade.order, volume=lots)
    for lots in possible[:1]:
        assert services.close_position(login=LOGIN, order=trade.order, volume=lots).volume == lots
    rest = services.close_position(login=LOGIN, order=trade.order)
    assert rest.volume == 15 - sum(possible[:1])


@pytest.mark.parametrize("volume", [0, -1, 1001])
def test_a_close_takes_from_one_unit_up_to_the_open_volume(thousand: Trade, volume: int) -> None:
    with pytest.raises(errors.BadVolume, match="from 1 to 1000"):
        services.close_position(login=LOGIN, order=thousand.order, volume=volume)
