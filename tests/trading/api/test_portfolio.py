"""The positions that a process keeps by the account's `seq` are those of the database."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Group, User
from market import catalog
from market.models import Symbol
from tests import factories
from tests.conftest import Signed
from tests.factories import D
from tests.realtime.events import test_state_and_events as steps
from trading import services
from trading.api import portfolio
from trading.api.portfolio import Portfolio, PortfolioCache, cached_portfolios
from trading.enums import Cmd
from trading.models import Trade
from trading.services import ledger

LOGIN = steps.LOGIN
OPEN_TRADES = {"limit": 1000, "offset": 0, "tradeType": 1}
SHOWN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/account/me", {}),
    ("/account/balance", {}),
    ("/trades", OPEN_TRADES),
)


@pytest.fixture
def account(alice: Account, dan: User) -> Account:
    """Alice's account with positions in two currencies and a pending order."""
    factories.symbol("EURUSD", swap_enable=True, swap_long=D("-7.5"), comm_base=D(3))
    factories.symbol("GBPUSD")
    factories.symbol("USDJPY", 3, comm_base=D("1.5"))
    factories.publish(("EURUSD", 1.1, 1.1001), ("GBPUSD", 1.3, 1.3001), ("USDJPY", 150.1, 150.12))
    ledger.post_operation(login=LOGIN, cmd=Cmd.BALANCE_IN, amount=D(10_000))
    steps.placed()
    services.open_market(login=LOGIN, cmd=Cmd.SELL, symbol="USDJPY", volume=20)
    steps.opened()
    steps.alert()
    return alice


def shown(client: Any) -> list[dict[str, Any]]:
    answers = [client.get(path, data) for path, data in SHOWN]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    return [answer.json() for answer in answers]


def shown_afresh(client: Any) -> list[dict[str, Any]]:
    cached_portfolios.clear()
    return shown(client)


@pytest.mark.parametrize("name", sorted(steps.STEPS))
def test_after_every_service_the_kept_positions_are_the_stored_ones(
    account: Account, signed_in: Signed, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(account)
    compared = []

    def checked(service: Any) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            shown(client)
            done = service(*args, **kwargs)
            compared.append(shown(client) == shown_afresh(client))
            return done

        return run

    for service in services.__all__:
        monkeypatch.setattr(services, service, checked(getattr(services, service)))
    shown(client)
    steps.STEPS[name][0]()
    assert shown(client) == shown_afresh(client)
    assert all(compared)


def test_a_read_whose_positions_are_kept_takes_one_statement(
    account: Account, signed_in: Signed
) -> None:
    client = signed_in(account)
    before = shown(client)
    for (path, data), answer in zip(SHOWN, before, strict=True):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path, data).json() == answer
        assert len(captured) == 1, path


def test_the_quotes_move_the_kept_positions(account: Account, signed_in: Signed) -> None:
    client = signed_in(account)
    before = shown(client)[0]["equity"]
    factories.quote("EURUSD", 1.11, 1.1101)
    after = shown(client)
    assert after[0]["equity"] != before
    assert after == shown_afresh(client)


@pytest.mark.parametrize(
    "terms",
    [
        {"margin_rate_mode": "mid"},
        {"hedge_margin": "sum"},
        {"hedge_price": "all"},
        {"conversion": "mid"},
        {"margin_mode": 0},
        {"currency": "EUR"},
    ],
)
def test_other_terms_of_the_group_count_at_once(
    account: Account, signed_in: Signed, terms: dict[str, Any]
) -> None:
    services.open_market(login=LOGIN, cmd=Cmd.SELL, symbol="EURUSD", volume=70)
    client = signed_in(account)
    shown(client)
    Group.objects.filter(pk=account.group_id).update(**terms)
    assert shown(client) == shown_afresh(client)


def test_another_contract_of_a_symbol_counts_at_once(account: Account, signed_in: Signed) -> None:
    client = signed_in(account)
    before = shown(client)
    eurusd = Symbol.objects.get(pk="EURUSD")
    eurusd.contract_size = D(1000)
    eurusd.save()
    assert shown(client) != before
    assert shown(client) == shown_afresh(client)


def test_pages_of_the_table_are_those_of_the_statement(account: Account, signed_in: Signed) -> None:
    for volume in (1, 2, 3):
        steps.opened(volume, comment=f'"{volume}", é')
    client = signed_in(account)
    for offset, limit in ((0, 1000), (1, 2), (4, 5), (9, 3)):
        data: dict[str, Any] = {"tradeType": 1, "limit": limit, "offset": offset}
        usual = client.get("/trades", data).json()
        filtered = client.get("/trades", {**data, "where": '[["order", ">", 0]]'}).json()
        assert usual == filtered


def test_a_change_by_hand_is_seen_in_the_end(
    account: Account, signed_in: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(account)
    shown(client)
    Trade.objects.positions().update(storage=D(-7))  # without an event
    monkeypatch.setattr(portfolio, "LONGEST_CACHED", 0.0)
    assert shown(client)[0]["storage"] == -14


def test_no_more_positions_are_kept_than_the_limit(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portfolio, "MOST_POSITIONS", 5)
    kept = PortfolioCache()
    for login in range(20):
        kept.put(login, Portfolio(1, catalog.current_catalog(), []))
        kept.put(login, Portfolio(2, catalog.current_catalog(), []))
    assert 0 < len(kept._found) <= 5
    assert kept._positions == len(kept._found)


def test_staff_see_the_same_of_another_account(
    account: Account, admin: User, signed_in: Signed
) -> None:
    own, staff = signed_in(account), signed_in(admin)
    for _ in range(2):
        assert staff.get("/account/me", {"login": LOGIN}).json() == own.get("/account/me").json()
        services.open_market(login=LOGIN, cmd=Cmd.BUY, symbol="GBPUSD", volume=5)
