"""Dashboard tiles about risk: exposure and accounts near a stop-out, by the viewer's scope."""

from decimal import Decimal as D
from unittest.mock import patch

import pytest

from accounts.models import Account, User
from core import heartbeats, redis
from market.models import Symbol
from market.quotes.quote import LatestQuotes
from tests import factories
from tests.backoffice.dashboard.conftest import Ask, figure, publish_overview, send_heartbeat, texts
from trading import services
from trading.backoffice.read_book_summary import read_summary
from trading.engine.book_summary import SUMMARY_KEY, SUMMARY_LIFE
from trading.engine.engine import Engine
from trading.enums import Cmd
from trading.models import Trade
from trading.valuation.account import current_figures

pytestmark = pytest.mark.django_db(transaction=True)
FIGURES = dict.fromkeys(("lag_ms", "pass_ms", "trades", "triggers"), 0)


def trade(login: int, volume: int, cmd: Cmd = Cmd.BUY) -> None:
    services.open_market(login=login, cmd=cmd, symbol="EURUSD", volume=volume)


def test_the_exposure_moves_when_a_trade_is_opened(engine: Engine, dan: User, ask: Ask) -> None:
    publish_overview(engine)
    assert ask(dan)["exposure"][0]["rows"] == []
    trade(100001, 250)
    publish_overview(engine)
    assert texts(ask(dan)["exposure"][0]) == [  # 250 000 · 1.10005 at mid
        ["EURUSD", "2.50", "2.50", "0.00", "275,012.50", "0.00", "-25.00"]
    ]
    trade(100001, 400, Cmd.SELL)
    publish_overview(engine)
    [row] = ask(dan)["exposure"][0]["rows"]
    assert row[0]["href"] == "/admin/trading/trade/?kind=open&symbol=EURUSD"
    assert row[-1]["tone"] == "bad"
    assert texts(ask(dan)["exposure"][0]) == [
        ["EURUSD", "-1.50", "2.50", "4.00", "-165,007.50", "0.00", "-65.00"]
    ]


def test_the_running_engine_publishes_by_itself(engine: Engine, dan: User, ask: Ask) -> None:
    trade(100001, 100)
    engine.load()
    send_heartbeat(engine)
    assert texts(ask(dan)["exposure"][0])[0][:2] == ["EURUSD", "1.00"]
    assert 0 < redis.sync_client().ttl(f"{SUMMARY_KEY}0") <= SUMMARY_LIFE


def test_groups_of_other_currencies_are_converted_into_one(
    engine: Engine, bob: Account, dan: User, ask: Ask
) -> None:
    trade(100001, 100)
    trade(bob.login, 100)
    publish_overview(engine)
    ((_, net, _, _, notional, _, floating),) = texts(ask(dan)["exposure"][0])
    assert (net, notional) == ("2.00", "220,010.00")
    # In euros the loss of 10 dollars is bought at the bid, then shown at mid.
    assert D(floating) == pytest.approx(D(-20), abs=D("0.01"))


def test_the_account_nearest_to_a_stop_out_comes_first(
    engine: Engine, alice: Account, bob: Account, dan: User, ask: Ask
) -> None:
    trade(alice.login, 800)
    trade(bob.login, 100)
    publish_overview(engine)
    tile = ask(dan)["nearest"][0]
    figures = current_figures(alice, LatestQuotes())
    assert figures.level is not None
    assert texts(tile)[0] == [
        "100001",
        "Alice",
        "demo-usd",
        f"{figures.level:,.1f} %",
        f"{figures.level - 50:,.1f} %",
        f"{figures.equity:,.2f} USD",
        f"{figures.margin:,.2f} USD",
        "-80.00 USD",
        "ok",
    ]
    assert [row[0] for row in texts(tile)] == ["100001"]  # Bob's level is far above 200 %
    assert tile["rows"][0][0]["href"] == "/admin/accounts/account/100001/change/"


def test_what_a_move_would_do_and_what_was_closed_today(
    engine: Engine, bob: Account, dan: User, ask: Ask
) -> None:
    trade(100001, 200)
    trade(bob.login, 100, Cmd.SELL)
    order = Trade.objects.get(account=100001, symbol="EURUSD").order
    services.close_position(login=100001, order=order, volume=100)
    publish_overview(engine)
    tiles = ask(dan, "exposure_totals", "exposure_what_if", "exposure_groups", "exposure")
    # Bob holds the other side, so that no move would change the clients' result.
    assert texts(tiles["exposure_what_if"][0])[0][3:] == ["0.00"] * 4
    results = {row[0]: row[1:] for row in texts(tiles["exposure_groups"][0])}
    assert results["demo-usd"] == ["1", "1", "-10.00", "-10.00"]  # a spread of 0.0001 on a lot
    assert results["std-eur"][:3] == ["1", "1", "0.00"]
    assert D(results["std-eur"][3]) == pytest.approx(D(-10), abs=D("0.01"))
    page = tiles["exposure_groups"][0]["rows"][0][0]["href"]
    assert page.startswith("/admin/trading/trade/?kind=open&account__group__id__exact=")
    net = texts(tiles["exposure_groups"][1])[0][1:]
    assert sorted(net) == ["-110,005.00", "110,005.00"]
    cells = tiles["exposure_groups"][1]["rows"][0]
    usd = Account.objects.get(pk=100001).group_id
    assert any(cell.get("href", "").endswith(f"group__id__exact={usd}") for cell in cells[1:])
    assert figure(tiles["exposure_totals"], "Long and short together, USD") == "220,010.00"
    assert texts(tiles["exposure"][0])[0][5] == "-10.00"
    trade(100001, 300)
    publish_overview(engine)
    moves = texts(ask(dan, "exposure_what_if")["exposure_what_if"][0])[0][3:]
    assert moves == ["-16,500.75", "-3,300.15", "3,300.15", "16,500.75"]  # of 330 015


def test_a_margin_call_is_marked(engine: Engine, dan: User, ask: Ask) -> None:
    trade(100001, 900)
    factories.quote("EURUSD", 1.0960, 1.0961)
    publish_overview(engine)
    state = ask(dan)["nearest"][0]["rows"][0][-1]
    assert state == {"text": "margin call", "tone": "warn"}


def test_a_scoped_dealer_sees_only_its_groups(
    engine: Engine, bob: Account, dan: User, ask: Ask
) -> None:
    trade(100001, 800)
    trade(bob.login, 900)
    publish_overview(engine)
    User.objects.filter(pk=dan.pk).update(managed_groups="std-*")
    found = ask(dan)
    assert texts(found["exposure"][0])[0][1] == "9.00"
    assert [row[0] for row in texts(found["nearest"][0])] == ["100002"]
    User.objects.filter(pk=dan.pk).update(managed_groups="nobody")
    found = ask(dan)
    assert found["exposure"][0]["rows"] == found["nearest"][0]["rows"] == []


def test_figures_of_all_shards_are_added_up(alice: Account, bob: Account, eurusd: Symbol) -> None:
    trade(alice.login, 100)
    trade(bob.login, 300)
    for shard in (0, 1):
        publish_overview(Engine(shard, 2))
    seen = read_summary()
    assert sum(view.accounts for view in seen.groups.values()) == 2
    assert {view.currency: view.symbols["EURUSD"].long for view in seen.groups.values()} == {
        "USD": 100,
        "EUR": 300,
    }
    assert read_summary([alice.group_id]).groups.keys() == {alice.group_id}


def test_an_account_counts_once_while_the_number_of_shards_is_changed(
    alice: Account, bob: Account, eurusd: Symbol, dan: User, ask: Ask
) -> None:
    trade(alice.login, 100)
    trade(bob.login, 300)
    for shard, shards in ((0, 1), (1, 2)):  # the old one is still there
        publish_overview(Engine(shard, shards))
    seen = read_summary()
    assert sum(view.accounts for view in seen.groups.values()) == 2
    assert ask(dan)["engine"][0]["kind"] == "figures"
    publish_overview(Engine(0, 2))
    seen = read_summary()
    assert sum(view.accounts for view in seen.groups.values()) == 2
    assert read_summary([alice.group_id]).groups[alice.group_id].symbols["EURUSD"].long == 100


def test_engines_with_different_shard_counts_are_named(dan: User, ask: Ask) -> None:
    with patch.object(heartbeats, "instance_name", return_value="old"):
        heartbeats.report_heartbeat("engine", shard=0, shards=1, leader=1, **FIGURES)
    heartbeats.report_heartbeat("engine", shard=1, shards=2, leader=1, **FIGURES)
    note = ask(dan)["engine"][-1]
    assert (note["kind"], note["tone"]) == ("note", "warn")
    assert note["text"].startswith("engines of 1 and 2 shards lead at once")


def test_a_missing_engine_is_shown(engine: Engine, dan: User, ask: Ask) -> None:
    found = ask(dan)
    assert found["exposure"][-1]["text"] == "no engine publishes figures"
    assert found["engine"][0]["text"] == "no engine leads"
    publish_overview(engine)
    found = ask(dan)
    assert len(found["exposure"]) == 1
    assert figure(found["engine"], "Shards") == "1"
