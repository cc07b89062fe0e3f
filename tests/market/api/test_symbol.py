"""One symbol with its performance."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, User
from core.clock import now
from market.enums import Resolution
from market.icons import icon_path
from market.models import Candle, Symbol
from market.quotes.performance import PERIODS, period_begins
from tests import factories
from tests.conftest import Signed, error_of
from tests.market.api.test_market_routes import ASSET

DETAIL = ASSET | {
    "spread_balance", "exchange", "category", "industry", "sector", "market_cap", "performance",
    "shareholders", "icon", "seasons", "gtc_pendings", "instant_max_volume", "max_volume",
    "comm_agent", "margin_initial", "margin_maintenance", "margin_hedged", "swap_daily",
}  # fmt: skip
DAY = 86_400
HOUR = 3_600


def daily_close(symbol: Symbol, ended: int, close: float) -> None:
    """The candle of a day that ended at a unix time."""
    prices = dict.fromkeys(("open", "high", "low", "close"), close)
    Candle.objects.create(symbol=symbol, resolution=Resolution.DAY, time=ended - DAY, **prices)


def begins() -> dict[str, int]:
    return period_begins(datetime.fromtimestamp(now(), tz=UTC))


def test_a_symbol_has_every_field_of_the_contract(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    body = signed_in(alice).get("/market/symbol?symbol=eurusd").json()
    assert set(body) == DETAIL
    assert (body["symbol"], body["bid"], body["spread"]) == ("EURUSD", 1.1, 10)
    assert body["performance"] == dict.fromkeys(PERIODS)
    assert len(body["sessions"]) == 7
    assert all(len(day["trade"]) == 3 for day in body["sessions"])


def test_performance_starts_at_the_last_daily_close_before_the_period(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    for name, close in zip(PERIODS, (1.0, 1.1, 1.25, 0.55, 0.88, 2.2), strict=True):
        daily_close(eurusd, begins()[name], close)
        daily_close(eurusd, begins()[name] + HOUR, 99)  # had not ended yet
    body = signed_in(alice).get("/market/symbol?symbol=EURUSD").json()
    assert body["performance"] == {
        "1W": 10, "1M": 0, "3M": -12, "6M": 100, "YTD": 25, "1Y": -50,
    }  # fmt: skip


def test_a_period_longer_than_the_history_has_no_performance(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    daily_close(eurusd, now() - 8 * DAY, 1.0)
    found = signed_in(alice).get("/market/symbol?symbol=EURUSD").json()["performance"]
    assert found["1W"] == 10
    assert found["1Y"] is None


def test_without_a_quote_there_is_no_performance(signed_in: Signed, alice: Account) -> None:
    symbol = factories.symbol("GBPUSD")
    daily_close(symbol, now() - 500 * DAY, 1.0)
    body = signed_in(alice).get("/market/symbol?symbol=GBPUSD").json()
    assert (body["bid"], body["performance"]) == (0, dict.fromkeys(PERIODS))


@pytest.mark.parametrize(
    ("moment", "name", "begin"),
    [
        ("2026-11-22T10:30", "1W", "2026-11-15T10:30"),
        ("2026-11-22T10:30", "1M", "2026-10-22T10:30"),
        ("2026-05-31T10:30", "3M", "2026-02-28T10:30"),
        ("2024-05-31T10:30", "3M", "2024-02-29T10:30"),
        ("2026-03-05T00:00", "6M", "2025-09-05T00:00"),
        ("2026-01-01T00:00", "YTD", "2026-01-01T00:00"),
        ("2024-02-29T12:00", "1Y", "2023-02-28T12:00"),
    ],
)
def test_months_are_calendar_months(moment: str, name: str, begin: str) -> None:
    found = period_begins(datetime.fromisoformat(f"{moment}+00:00"))[name]
    assert found == datetime.fromisoformat(f"{begin}+00:00").timestamp()


def test_an_unknown_symbol_is_not_found(signed_in: Signed, alice: Account) -> None:
    answer = signed_in(alice).get("/market/symbol?symbol=NOPE")
    assert error_of(answer) == (404, "RET_SYMBOL_NOT_FOUND")


@pytest.mark.parametrize("query", ["", "symbol=", f"symbol={'x' * 17}", "symbol=EURUSD&a=1"])
def test_invalid_parameters_are_refused(signed_in: Signed, alice: Account, query: str) -> None:
    assert error_of(signed_in(alice).get(f"/market/symbol?{query}")) == (400, "INVALID_DATA")


def test_staff_read_a_symbol_without_an_account(
    signed_in: Signed, carol: User, eurusd: Symbol
) -> None:
    assert signed_in(carol).get("/market/symbol?symbol=EURUSD").status_code == 200


def test_what_staff_say_of_a_symbol_is_in_its_detail_and_in_the_short_list(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    terms = {
        "exchange": "NYSE", "category": "Stocks", "industry": "Steel", "sector": "Materials",
        "shareholders": 7, "market_cap": 2**53 - 1, "spread_balance": -3,
    }  # fmt: skip
    for name, value in terms.items():
        setattr(eurusd, name, value)
    eurusd.save()
    detail = signed_in(alice).get("/market/symbol?symbol=EURUSD").json()
    assets = signed_in(alice).get("/market/short/list").json()["assets"]
    short = dict(zip(assets["structure"], assets["rows"][0], strict=True))
    expected = {**terms, "icon": "/icons/EUR-USD.svg"}
    assert {name: detail[name] for name in expected} == expected
    assert {name: short[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("fields", "icon"),
    [
        ({}, "EUR-USD"),
        ({"quote_currency": "EUR"}, "forex"),
        ({"quote_currency": "EUR", "category": "US Stocks / big"}, "us-stocks-big"),
        ({"quote_currency": "EUR", "category": "Акции"}, "other"),
        ({"quote_currency": "EUR", "category": "1st"}, "other"),
        ({"currency": "a b"}, "forex"),
    ],
)
def test_every_symbol_has_a_drawing(
    anonymous: APIClient, eurusd: Symbol, fields: dict[str, str], icon: str
) -> None:
    for name, value in fields.items():
        setattr(eurusd, name, value)
    path = icon_path(eurusd)
    assert path == f"/icons/{icon}.svg"
    ElementTree.fromstring(anonymous.get(path).content)
