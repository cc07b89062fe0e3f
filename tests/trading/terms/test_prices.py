"""What accounts of a group with a mark-up see, are filled at and judged by."""

from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import Account
from market.models import GroupTerms, Symbol
from market.quotes.quote import LatestQuotes
from tests import factories
from tests.conftest import Signed
from trading import services
from trading.enums import Activation, Cmd, State
from trading.errors import InvalidStops
from trading.evidence.explain_text import explanation_lines
from trading.evidence.order_evidence import explain_order
from trading.ledger_audit import find_differences
from trading.models import Fill, MarginAction, Trade
from trading.services.margin_control import enforce_margin_levels
from trading.services.order_request import OrderRequest
from trading.valuation.account import current_figures

SENTENCE = "market 1.10000/1.10010, your group's 1.09996/1.10014"


@pytest.fixture
def raw(alice: Account, eurusd: Symbol) -> Account:
    """An account without a mark-up, beside Alice's group, which has one of four points a side."""
    GroupTerms.objects.create(group=alice.group, symbols="*", bid_markup=4, ask_markup=4)
    return factories.client(100008, factories.group("raw"))


def open_trade(account: Account, cmd: Cmd = Cmd.BUY, volume: int = 100, **fields: Any) -> Trade:
    return services.open_market(
        login=account.login, cmd=cmd, symbol="EURUSD", volume=volume, **fields
    )


def test_fills_are_at_the_groups_prices(alice: Account, raw: Account) -> None:
    prices = [
        (open_trade(who).open_price, open_trade(who, Cmd.SELL).open_price) for who in (alice, raw)
    ]
    assert prices == [(D("1.10014"), D("1.09996")), (D("1.1001"), D("1.1"))]
    factories.quote("EURUSD", 1.102, 1.1021)
    for who, profit in ((alice, D(182)), (raw, D(190))):
        bought = Trade.objects.positions().get(account=who, cmd=Cmd.BUY)
        closed = services.close_position(login=who.login, order=bought.order)
        assert (closed.close_price, closed.profit) == (bought.open_price + profit / 100_000, profit)
    assert list(find_differences()) == []


def test_figures_and_lists_are_at_the_groups_prices(
    alice: Account, raw: Account, signed_in: Signed
) -> None:
    trade = open_trade(alice)
    client = signed_in(alice)
    balance = client.get("/account/balance").json()
    assert (balance["profit"], balance["equity"]) == (-18, 9982)
    assert balance["margin"] == 1100.1  # converted at the market's ask
    rows = client.get("/trades", {"tradeType": 1, "limit": 5, "offset": 0}).json()
    assert -18 in rows["rows"][0]
    assert client.get("/trades/order", {"order": trade.order}).json()["data"]["profit"] == -18
    assert current_figures(alice, LatestQuotes()).profit == D(-18)
    open_trade(raw)
    assert current_figures(raw, LatestQuotes()).profit == D(-10)


@pytest.mark.parametrize(("whose", "margin"), [("market", "1100.10"), ("own", "1100.14")])
def test_the_group_chooses_whose_prices_convert(
    alice: Account, raw: Account, whose: str, margin: str
) -> None:
    type(alice.group).objects.update(conversion_prices=whose)
    trade = open_trade(alice)
    alice.refresh_from_db()
    assert current_figures(alice, LatestQuotes()).margin == D(margin)
    assert trade.margin_rate == D(margin) / 1000
    assert Fill.objects.get().rules["conversion_prices"] == whose


def test_profits_convert_at_the_market_or_at_own_prices(bob: Account, eurusd: Symbol) -> None:
    factories.symbol("GBPUSD")
    factories.quote("GBPUSD", 1.3, 1.3001)
    GroupTerms.objects.create(group=bob.group, symbols="EUR*", bid_markup=1000, ask_markup=2000)
    for whose, rate in (("market", D("1.1")), ("own", D("1.09"))):
        type(bob.group).objects.update(conversion_prices=whose)
        trade = services.open_market(login=bob.login, cmd=Cmd.BUY, symbol="GBPUSD", volume=100)
        closed = services.close_position(login=bob.login, order=trade.order)
        assert closed.profit == round(D(-10) / rate, 2)
        bob.refresh_from_db()
    assert list(find_differences()) == []


def test_a_stop_loss_is_reached_by_the_price_that_the_account_sees(
    alice: Account, raw: Account
) -> None:
    held = [open_trade(who, sl=D("1.09990")) for who in (alice, raw)]
    quote = factories.quote("EURUSD", 1.09994, 1.10004)  # Alice sees a bid of 1.09990
    closed = [
        services.close_by_trigger(
            login=trade.account_id, order=trade.order, activation=Activation.STOP_LOSS,
            quote=quote, quotes=LatestQuotes(),
        )
        for trade in held
    ]  # fmt: skip
    assert closed[1] is None
    assert closed[0] is not None
    assert closed[0].close_price == D("1.0999")


@pytest.mark.parametrize(
    ("cmd", "price", "bid", "ask", "filled"),
    [
        (Cmd.BUY_LIMIT, "1.0990", 1.09885, 1.09896, "1.0990"),
        (Cmd.SELL_LIMIT, "1.1010", 1.10104, 1.10114, "1.1010"),
        (Cmd.BUY_STOP, "1.1010", 1.10087, 1.10097, "1.10101"),
        (Cmd.SELL_STOP, "1.0990", 1.09903, 1.09913, "1.09899"),
    ],
)
def test_pendings_are_activated_by_the_price_that_the_account_sees(
    alice: Account, raw: Account, cmd: Cmd, price: str, bid: float, ask: float, filled: str
) -> None:
    order = services.open_pending(
        login=alice.login, cmd=cmd, symbol="EURUSD", volume=10, open_price=D(price)
    ).order
    away = (
        -0.00002
        if cmd.direction * (1 if cmd in (Cmd.BUY_STOP, Cmd.SELL_STOP) else -1) > 0
        else 0.00002
    )
    near = factories.quote("EURUSD", round(bid + away, 5), round(ask + away, 5))
    assert activated(order, near) is None
    trade = activated(order, factories.quote("EURUSD", bid, ask))
    assert trade is not None
    assert trade.open_price == D(filled)


def activated(order: int, quote: Any) -> Trade | None:
    """Activate the pending at the quote, if it is reached."""
    login = Trade.objects.get(pk=order).account_id
    return services.activate_pending(login=login, order=order, quote=quote, quotes=LatestQuotes())


def test_distances_are_measured_from_the_price_that_the_account_sees(
    alice: Account, raw: Account
) -> None:
    trade = open_trade(alice)
    with pytest.raises(InvalidStops):
        services.modify_position(login=alice.login, order=trade.order, sl=D("1.09996"))
    assert services.modify_position(login=alice.login, order=trade.order, sl=D("1.09995"))


def test_a_stop_out_is_judged_and_filled_at_the_accounts_prices(eurusd: Symbol) -> None:
    group = factories.group("thin", margin_stopout=50, margin_call=60)
    GroupTerms.objects.create(group=group, symbols="*", spread=40)
    account = factories.client(100012, group, deposit="1200")
    trade = open_trade(account)
    assert trade.open_price == D("1.10025")  # mid 1.10005, 20 points each side
    # Equity 1200 − 649 is above half of 1100.10; one point less is not.
    for bid, closed in ((1.09391, 0), (1.0939, 1)):
        quote = factories.quote("EURUSD", bid, bid + 0.0001)
        assert (
            len(enforce_margin_levels(login=100012, quotes=LatestQuotes(), quote=quote)) == closed
        )
    trade.refresh_from_db()
    assert (trade.state, trade.close_price, trade.profit) == (State.CLOSED, D("1.09375"), D(-650))
    action = MarginAction.objects.get(kind=MarginAction.Kind.STOP_OUT)
    assert action.quotes["EURUSD"][:2] == [1.0939, 1.094]
    assert action.seen == {"EURUSD": ["1.09375", "1.09415"]}
    assert list(find_differences()) == []


def test_a_loss_beyond_the_money_is_made_good_by_the_accounts_prices(eurusd: Symbol) -> None:
    group = factories.group("thin")
    GroupTerms.objects.create(group=group, symbols="*", bid_markup=10)
    account = factories.client(100012, group, deposit="1200")
    open_trade(account)
    quote = factories.quote("EURUSD", 1.08, 1.0801)
    enforce_margin_levels(login=100012, quotes=LatestQuotes(), quote=quote)
    account.refresh_from_db()
    assert account.balance == 0
    compensation = Trade.objects.get(comment="negative balance protection")
    assert compensation.profit == D(2020) - 1200  # 202 points of 10 dollars
    action = MarginAction.objects.get(kind=MarginAction.Kind.COMPENSATION)
    assert (action.quotes["EURUSD"][0], action.seen) == (1.08, {"EURUSD": ["1.0799", "1.0801"]})


def test_an_order_is_checked_at_the_groups_prices(alice: Account, raw: Account) -> None:
    for who, price in ((alice, "1.10014"), (raw, "1.1001")):
        found = services.check_order(account=who, request=OrderRequest(Cmd.BUY, "EURUSD", 100))
        assert found.price == D(price)
    limit = OrderRequest(Cmd.BUY_LIMIT, "EURUSD", 100, open_price=D("1.09"))
    found = services.check_order(account=alice, request=limit)
    # At a market of 1.08986/1.08996: the spread as Alice sees it is 18 points.
    assert (found.price, found.margin_after) == (D("1.09"), D("1089.96"))
    assert found.margin_free_after == D(10_000) - D("1089.96") - 18


def test_a_fill_stores_the_markets_quote_and_what_the_account_saw(
    alice: Account, raw: Account, signed_in: Signed
) -> None:
    seen, plain = open_trade(alice), open_trade(raw)
    fills = {fill.trade_id: fill for fill in Fill.objects.all()}
    for trade, prices in ((seen, ["1.09996", "1.10014"]), (plain, None)):
        assert fills[trade.order].quote[:2] == [1.1, 1.1001]
        assert fills[trade.order].seen == prices
    assert f"  {SENTENCE}" in list(explanation_lines(explain_order(seen, to_staff=True)))
    assert "your group" not in " ".join(explanation_lines(explain_order(plain, to_staff=True)))
    answer = signed_in(alice).get(f"/trade/explain/{seen.order}").json()
    assert answer["fills"][0]["seen"] == [1.09996, 1.10014]
    assert answer["fills"][0]["quote"][:2] == [1.1, 1.1001]


def test_another_group_sees_other_prices_at_once(alice: Account, raw: Account) -> None:
    open_trade(alice)
    assert current_figures(alice, LatestQuotes()).equity == D(9982)
    services.change_account_terms(login=alice.login, group=raw.group, leverage=100)
    alice.refresh_from_db()
    assert current_figures(alice, LatestQuotes()).equity == D(9986)
    assert services.close_positions(login=alice.login).changed[0].profit == D(-14)
    assert list(find_differences()) == []
