"""Conditions saved in the admin are used by the running engine and feed."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, User
from market import catalog
from market.feed.intake import Intake
from market.feed.persister import Persister
from market.models import Symbol
from tests import factories
from tests.market.backoffice.test_save_previews import confirmed, filled
from trading import services
from trading.engine.engine import Engine
from trading.enums import Activation, State
from trading.models import MarginAction

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/admin/market/symbol/EURUSD/change/"


def save(client: Client, who: User, url: str, **changes: Any) -> None:
    """Post the form, and confirm its preview."""
    client.force_login(who)
    values = filled(client, url, **changes)
    answer = client.post(url, values)
    assert client.post(url, confirmed(answer, values)).status_code == 302
    catalog.clear_catalog()  # the engine is another process, whose copy is two seconds old at most


def test_a_confirmed_margin_factor_stops_out_the_previewed_account(
    engine: Engine, dan: User, client: Client
) -> None:
    trade = services.open_market(login=100001, cmd=0, symbol="EURUSD", volume=100)
    engine.step()
    save(client, dan, URL, margin_divider="20")
    trade.refresh_from_db()
    assert trade.state == State.OPEN
    engine.margin.refresh_settings()
    factories.publish(("EURUSD", 1.1, 1.1001))
    engine.step()
    trade.refresh_from_db()
    assert (trade.state, trade.activation) == (State.CLOSED, Activation.STOP_OUT)


def test_the_engine_uses_a_confirmed_margin_call_level(
    engine: Engine, admin: User, alice: Account, client: Client
) -> None:
    services.open_market(login=100001, cmd=0, symbol="EURUSD", volume=100)
    engine.step()
    save(client, admin, f"/admin/accounts/group/{alice.group_id}/change/", margin_call="1000")
    engine.margin.refresh_settings()
    factories.publish(("EURUSD", 1.1, 1.1001))
    engine.step()
    assert [action.kind for action in MarginAction.objects.all()] == ["call"]


def test_the_engine_uses_a_confirmed_hedge_price(
    engine: Engine, admin: User, alice: Account, client: Client
) -> None:
    for cmd in (0, 1):
        services.open_market(login=100001, cmd=cmd, symbol="EURUSD", volume=100)
    engine.step()
    place = engine.margin.book.accounts.index_of(100001)
    assert engine.margin.scan.figures_of(place).margin == pytest.approx(1100.1)
    save(client, admin, f"/admin/accounts/group/{alice.group_id}/change/", hedge_price="all")
    engine.margin.refresh_settings()
    assert engine.margin.scan.figures_of(place).margin == pytest.approx(1100.05)


def test_the_engine_reads_changed_conditions_each_second(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(engine.margin, "refresh_settings", lambda: asked.append(1))

    class Lead:
        def check(self) -> None: ...

    engine.do_upkeep(Lead())  # type: ignore[arg-type]  # leads without a lock
    assert asked == [1]


def test_the_feed_uses_a_saved_filter_after_its_next_reload(
    dan: User, client: Client, eurusd: Symbol
) -> None:
    class Leads:
        is_held = False

        def check(self) -> None: ...

    persister = Persister(Leads())  # type: ignore[arg-type]  # its lock is not what this is about
    intake = Intake(Symbol.objects.all())
    client.force_login(dan)
    assert client.post(URL, filled(client, URL, filter_percent="1")).status_code == 302
    persister._run_round(read_symbols=True)
    listed = persister.take_symbols()
    assert listed is not None
    intake.update_symbols(*listed)
    received = 1_000_000
    assert intake.accept("EURUSD", 1.1, 1.1001, received, received) is None
    assert intake.accept("EURUSD", 1.13, 1.1301, received + 1, received + 1) == "FILTERED"
