"""Shown equity − shown margin = shown free margin, also without decimals."""

from decimal import Decimal as D
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import FloatingMode, SessionType
from accounts.models import Account, Group, User
from market.quotes.quote import LatestQuotes
from realtime.models import AccountEvent
from tests import factories
from tests.backoffice.actions.account_actions import action_url, form_data
from tests.backoffice.fixtures import Browser
from tests.backoffice.tile_reader import read_tiles
from tests.conftest import Signed, staff
from trading import services
from trading.engine import floating_frames
from trading.engine.engine import Engine
from trading.enums import Cmd, LevelType
from trading.events import rounded_figures
from trading.valuation.account import Figures, current_figures

LOGIN = 200300
AMOUNT = st.decimals(-(10**6), 10**6, places=4)
WHOLE = st.integers(0, 10**6).map(D)


@pytest.fixture
def yen(db: None) -> Account:
    """An equity of 9,999.40 and a margin of 150.60 JPY: 9,848.80 of it are free."""
    account = factories.client(LOGIN, factories.group("yen", "JPY", leverage=1))
    factories.symbol("USDJPY", digits=3, contract_size=100)
    factories.quote("USDJPY", 150.5, 150.6)
    services.open_market(login=LOGIN, cmd=Cmd.BUY, symbol="USDJPY", volume=1)
    factories.quote("USDJPY", 150.0, 150.1)
    account.refresh_from_db()
    return account


def number(text: Any) -> D:
    return D(str(text).split()[0].replace(",", ""))


def test_figures_add_up_in_rest_answers(yen: Account, signed_in: Signed) -> None:
    for path in ("/account/balance", "/account/me"):
        shown = signed_in(yen).get(path).json()
        assert (shown["equity"], shown["margin"], shown["margin_free"]) == (9999, 151, 9848)


def test_figures_add_up_in_the_check_of_an_order(yen: Account, signed_in: Signed) -> None:
    client = signed_in(yen)
    order = {"cmd": 0, "volume": 1, "symbol": "USDJPY", "sl": 0, "tp": 0}
    reply = client.post("/trade/check", order, format="json").json()
    client.post("/trade/open", order, format="json")
    shown = client.get("/account/balance").json()
    assert shown["equity"] - shown["margin"] == shown["margin_free"] == reply["margin_free_after"]
    assert set(reply) == {
        "margin", "margin_free_after", "margin_level_after", "commission", "price", "error",
    }  # fmt: skip


def test_figures_add_up_in_events_and_floating_frames(yen: Account) -> None:
    engine = Engine()
    engine.load()
    place = engine.margin.book.accounts.index_of(LOGIN)
    factories.quote("USDJPY", 150.0, 150.1)
    engine.step()
    seen = floating_frames.figures_from_floats(yen, engine.margin.scan.figures_of(place))
    shown = rounded_figures(yen.group, seen)
    assert [shown[name] for name in ("equity", "margin", "margin_free")] == [9999, 151, 9848]
    services.modify_position(login=LOGIN, order=yen.trades.latest("order").order, sl=D(140))
    event = AccountEvent.objects.filter(login=LOGIN).latest("seq").event
    assert event[0] == "b"
    assert (event[6], event[3], event[4]) == (9999, 151, 9848)


def test_figures_add_up_on_the_account_page(yen: Account, admin: User, browser: Browser) -> None:
    client = browser(admin)
    live = client.get(f"/admin/accounts/account/{LOGIN}/live/", headers={"X-Background": "1"})
    shown = {label: str(value) for label, value in live.context["client"].figures.figures}
    shown |= dict(one[:2] for one in read_tiles(live)["figures"][0]["figures"])
    assert number(shown["Equity"]) - number(shown["Margin"]) == number(shown["Free margin"]) == 9848


def test_figures_add_up_in_the_preview_of_account_terms(
    yen: Account, admin: User, browser: Browser
) -> None:
    for rows in previewed(browser(admin), yen, "terms", group=yen.group_id, leverage=3):
        equity, margin, free = (number(rows[name]) for name in ("equity", "margin", "free margin"))
        assert equity - margin == free


def test_figures_add_up_in_the_preview_of_an_order(yen: Account, browser: Browser) -> None:
    dealer = staff(2, "Dan", SessionType.DEALER, "dealer")
    sent = {"cmd": 0, "symbol": "USDJPY", "lots": "0.01"}
    before, after = previewed(browser(dealer), yen, "open-trade", **sent)
    assert [number(before[name]) for name in ("Margin", "Free margin")] == [151, 9848]
    services.open_market(login=LOGIN, cmd=Cmd.BUY, symbol="USDJPY", volume=1)
    yen.refresh_from_db()
    shown = rounded_figures(yen.group, current_figures(yen, LatestQuotes()))
    assert number(after["Margin"]) == shown["margin"]
    assert number(after["Free margin"]) == shown["margin_free"]


def previewed(client: Client, account: Account, action: str, **sent: Any) -> list[dict[str, str]]:
    """What an action's preview shows: before it and after it, by name."""
    preview = client.post(action_url(account, action), form_data(**sent)).context["preview"]
    return [{name: both[side] for name, *both in preview.rows} for side in (0, 1)]


@given(
    st.sampled_from(FloatingMode), st.sampled_from(["JPY", "USD"]),
    WHOLE, WHOLE, AMOUNT, WHOLE, AMOUNT.map(abs),
)  # fmt: skip
def test_figures_add_up_for_random_figures_and_modes(
    mode: FloatingMode, currency: str, balance: D, credit: D, profit: D, costs: D, margin: D
) -> None:
    group = Group(currency=currency, margin_mode=mode)
    floats = profit - costs
    counted = {0: D(0), 1: floats, 2: max(floats, D(0)), 3: min(floats, D(0))}[mode]
    figures = Figures(
        balance=balance, credit=credit, profit=profit, storage=-costs, commission=D(0),
        margin=margin, equity=balance + credit + floats,
        margin_free=balance + credit + counted - margin, level=None, level_type=LevelType.OK,
    )  # fmt: skip
    shown = rounded_figures(group, figures)
    base = shown["equity"] if counted == floats else balance + credit
    assert base - shown["margin"] == shown["margin_free"]
    unit = 1 if currency == "JPY" else D("0.01")
    for name in ("equity", "margin"):
        assert abs(shown[name] - getattr(figures, name)) <= unit / 2
    assert abs(shown["margin_free"] - figures.margin_free) <= unit
