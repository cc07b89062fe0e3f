"""Rules that bind a dealer acting for a client, and rules that bind only the client."""

from collections.abc import Callable

import pytest

from accounts.models import Account, Group, User
from core.clock import now
from core.errors import BrokerError, Denied
from market.errors import OffQuotes, SymbolNotFound
from market.models import Symbol
from market.quotes.quote import LatestQuotes
from tests import factories
from tests.factories import D
from trading import errors, services
from trading.enums import Cmd, Reason, State
from trading.models import Fill, Trade

pytestmark = pytest.mark.usefixtures("alice", "eurusd")


def buy(dan: User | None, **fields: object) -> Trade:
    asked = {"login": 100001, "cmd": Cmd.BUY, "symbol": "EURUSD", "volume": 100, **fields}
    return services.open_market(staff=dan, **asked)  # type: ignore[arg-type]  # mixed values


def limit(dan: User | None, price: str = "1.05", cmd: Cmd = Cmd.BUY_LIMIT) -> Trade:
    return services.open_pending(
        login=100001, cmd=cmd, symbol="EURUSD", volume=10, open_price=D(price), staff=dan
    )


def bar_from_trading() -> None:
    Account.objects.update(enable_read_only=True)
    Group.objects.update(trade_enabled=False, enabled=False)


def test_orders_opened_by_a_dealer_name_the_dealer(dan: User) -> None:
    for trade in (buy(dan), limit(dan)):
        trade.refresh_from_db()
        assert (trade.reason, trade.staff_id) == (Reason.DEALER, 2)
    by_client = services.open_market(
        login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=1, reason=Reason.API
    )
    assert (by_client.reason, by_client.staff_id) == (Reason.API, None)


def test_a_clients_order_that_a_dealer_ends_keeps_its_reason_and_names_the_dealer(
    dan: User,
) -> None:
    trade, pending = buy(None), limit(None)
    piece = services.close_position(login=100001, order=trade.order, volume=10, staff=dan)
    assert (piece.staff_id, piece.reason) == (2, Reason.CLIENT)
    trade.refresh_from_db()
    assert trade.staff_id is None
    gone = services.cancel_pending(login=100001, order=pending.order, staff=dan)
    gone.refresh_from_db()
    assert (gone.staff_id, gone.reason) == (2, Reason.CLIENT)


@pytest.mark.parametrize(
    "action",
    [
        lambda who, trade, pending: buy(who, volume=1),
        lambda who, trade, pending: limit(who),
        lambda who, trade, pending: services.close_position(login=100001, order=trade, staff=who),
        lambda who, trade, pending: services.cancel_pending(login=100001, order=pending, staff=who),
        lambda who, trade, pending: services.modify_position(
            login=100001, order=trade, sl=D("1.05"), staff=who
        ),
        lambda who, trade, pending: services.modify_pending(
            login=100001, order=pending, sl=D("1.04"), staff=who
        ),
    ],
)
def test_only_the_client_is_barred_from_trading(
    alice: Account, dan: User, action: Callable[[User | None, int, int], Trade]
) -> None:
    orders = buy(None).order, limit(None).order
    bar_from_trading()
    with pytest.raises((errors.ReadOnly, errors.TradeDisabled)):
        action(None, *orders)
    with pytest.raises(Denied, match="only staff"):
        action(alice.user, *orders)
    assert action(dan, *orders).order


def test_the_freeze_level_binds_only_the_client(dan: User) -> None:
    trade = buy(None, sl=D("1.0999"))
    Symbol.objects.update(freeze_level=100)
    with pytest.raises(errors.OrderLocked):
        services.close_position(login=100001, order=trade.order)
    assert services.close_position(login=100001, order=trade.order, staff=dan).state == State.CLOSED


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda: Symbol.objects.update(trade=1), errors.TradeDisabled),
        (lambda: Symbol.objects.update(long_only=True), errors.LongOnly),
        (lambda: Symbol.objects.update(lot_min=200), errors.BadVolume),
        (lambda: Group.objects.update(max_positions=0), errors.TooManyOrders),
        (lambda: Group.objects.update(hidden_symbols="EUR*"), SymbolNotFound),
        (lambda: Account.objects.update(balance=0), errors.NoMoney),
        (
            lambda: factories.quote("EURUSD", 1.1, 1.2, received=(now() - 9_999) * 1000),
            OffQuotes,
        ),
    ],
)
def test_rules_of_symbol_and_account_bind_the_dealer_as_well(
    dan: User, change: Callable[[], object], error: type[BrokerError]
) -> None:
    change()
    with pytest.raises(error):
        buy(dan, cmd=Cmd.SELL)
    assert not Trade.objects.filter(symbol="EURUSD").exists()


def test_first_in_first_out_binds_the_dealer_as_well(dan: User) -> None:
    Group.objects.update(fifo=True)
    buy(None)
    second = buy(None)
    with pytest.raises(errors.ProhibitedByFifo):
        services.close_position(login=100001, order=second.order, staff=dan)


def test_a_dealers_pending_is_activated_where_the_client_may_not_trade(dan: User) -> None:
    Group.objects.update(allow_sl_tp_slippage=True)
    own, clients = limit(dan), limit(None)
    bar_from_trading()
    quote = factories.quote("EURUSD", 1.0499, 1.05)
    activated = services.activate_pending(
        login=100001, order=own.order, quote=quote, quotes=LatestQuotes()
    )
    assert activated is not None
    assert (activated.cmd, activated.open_price) == (Cmd.BUY, D("1.05"))
    assert Fill.objects.filter(trade=own, kind="activate").exists()
    with pytest.raises(errors.ReadOnly):
        services.activate_pending(
            login=100001, order=clients.order, quote=quote, quotes=LatestQuotes()
        )
