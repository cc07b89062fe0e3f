"""Bars for charts."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Account
from core.clock import now
from market.enums import Resolution
from market.models import Candle, Symbol
from market.quotes.charts import CHART_RESOLUTIONS
from tests.conftest import Signed, error_of

MONDAY = int(datetime(2026, 11, 16, tzinfo=UTC).timestamp())
MINUTE, HOUR, DAY = 60, 3_600, 86_400
NO_DATA = {"s": "no_data", "nextTime": None}


@pytest.fixture
def client(signed_in: Signed, alice: Account, eurusd: Symbol) -> Any:
    return signed_in(alice)


def bars(client: Any, resolution: str, **query: int) -> dict[str, Any]:
    asked = {"symbol": "EURUSD", "resolution": resolution, **query}
    answer = client.get("/market/history", asked)
    assert answer.status_code == 200, answer.json()
    body: dict[str, Any] = answer.json()
    return body


def candle(time: int, *prices: float, resolution: Resolution, volume: int = 1) -> None:
    """Prices: open, high, low, close."""
    named = dict(zip(("open", "high", "low", "close"), prices, strict=True))
    Candle.objects.create(
        symbol_id="EURUSD", resolution=resolution, time=time, volume=volume, **named
    )


def steps(begin: int, count: int, resolution: Resolution) -> None:
    """Candles one after another; the nth opens at n and closes at n + 1."""
    Candle.objects.bulk_create(
        Candle(
            symbol_id="EURUSD", resolution=resolution, time=begin + n * resolution * MINUTE,
            open=n, high=n + 2, low=n - 1, close=n + 1, volume=1,
        )
        for n in range(count)
    )  # fmt: skip


def test_stored_candles_are_answered_unchanged(client: Any) -> None:
    candle(MONDAY, 1.1, 1.2, 1.0, 1.15, resolution=Resolution.MINUTE, volume=7)
    candle(MONDAY + 60, 1.15, 1.16, 1.14, 0.00001, resolution=Resolution.MINUTE)
    candle(MONDAY, 9, 9, 9, 9, resolution=Resolution.HOUR)
    assert bars(client, "1", **{"from": MONDAY, "to": MONDAY + 120}) == {
        "s": "ok", "t": [MONDAY, MONDAY + 60], "o": [1.1, 1.15], "h": [1.2, 1.16],
        "l": [1, 1.14], "c": [1.15, 0.00001], "v": [7, 1],
    }  # fmt: skip


def test_prices_have_no_exponent(client: Any) -> None:
    candle(MONDAY, *[0.00001] * 4, resolution=Resolution.MINUTE)
    query: dict[str, Any] = {"symbol": "EURUSD", "resolution": "1", "from": 0}
    assert b'"o":[0.00001]' in client.get("/market/history", query).content


@pytest.mark.parametrize(
    ("resolution", "base", "each"),
    [
        ("5", Resolution.MINUTE, 5),
        ("15", Resolution.MINUTE, 15),
        ("30", Resolution.MINUTE, 30),
        ("240", Resolution.HOUR, 4),
        ("1W", Resolution.DAY, 7),
    ],
)
def test_longer_bars_are_aggregated(
    client: Any, resolution: str, base: Resolution, each: int
) -> None:
    steps(MONDAY, 2 * each + 1, base)
    length = each * base * MINUTE
    assert bars(client, resolution, **{"from": MONDAY, "to": MONDAY + 3 * length}) == {
        "s": "ok",
        "t": [MONDAY, MONDAY + length, MONDAY + 2 * length],
        "o": [0, each, 2 * each],
        "h": [each + 1, 2 * each + 1, 2 * each + 2],
        "l": [-1, each - 1, 2 * each - 1],
        "c": [each, 2 * each, 2 * each + 1],
        "v": [each, each, 1],
    }


@pytest.mark.parametrize("resolution", ["60", "1D"])
def test_hours_and_days_have_candles_of_their_own(client: Any, resolution: str) -> None:
    base = CHART_RESOLUTIONS[resolution].base
    steps(MONDAY, 3, base)
    assert bars(client, resolution, countback=2)["o"] == [1, 2]


def test_weeks_begin_on_monday_and_days_at_midnight(client: Any) -> None:
    steps(MONDAY - 3 * DAY, 5, Resolution.DAY)  # from Friday to Tuesday
    assert bars(client, "1W", countback=5)["t"] == [MONDAY - 7 * DAY, MONDAY]
    candle(0, 1, 1, 1, 1, resolution=Resolution.DAY)  # a Thursday
    assert bars(client, "1W", countback=5)["t"][0] == -3 * DAY


def test_months_are_those_of_the_calendar(client: Any) -> None:
    begins = [MONDAY + number * DAY for number in range(70)]
    steps(MONDAY, len(begins), Resolution.DAY)
    days = [datetime.fromtimestamp(begin, UTC) for begin in begins]
    months = sorted({int(day.replace(day=1).timestamp()) for day in days})
    body = bars(client, "1M", **{"from": months[0], "to": months[-1] + 1})
    assert body["t"] == months
    assert sum(body["v"]) == len(begins)
    second = [number for number, day in enumerate(days) if day.month == days[0].month % 12 + 1]
    assert (body["o"][1], body["c"][1]) == (second[0], second[-1] + 1)
    assert bars(client, "1M", to=months[1], countback=9)["t"] == months[:1]
    late = {"from": months[-1] + 32 * DAY, "to": months[-1] + 64 * DAY}
    assert bars(client, "1M", **late) == {"s": "no_data", "nextTime": months[-1]}


def test_bars_that_begin_in_the_range_are_complete(client: Any) -> None:
    steps(MONDAY, 20, Resolution.MINUTE)
    body = bars(client, "5", **{"from": MONDAY + 1, "to": MONDAY + 11 * MINUTE})
    assert body["t"] == [MONDAY + 5 * MINUTE, MONDAY + 10 * MINUTE]
    assert body["v"] == [5, 5]
    exact = bars(client, "5", **{"from": MONDAY + 5 * MINUTE, "to": MONDAY + 10 * MINUTE})
    assert exact["t"] == [MONDAY + 5 * MINUTE]


def test_countback_goes_before_from_and_jumps_over_gaps(client: Any) -> None:
    steps(MONDAY, 10, Resolution.MINUTE)
    steps(MONDAY + DAY, 1, Resolution.MINUTE)
    query = {"from": MONDAY + DAY, "to": MONDAY + 2 * DAY, "countback": 3}
    body = bars(client, "5", **query)
    assert body["t"] == [MONDAY, MONDAY + 5 * MINUTE, MONDAY + DAY]
    assert body["v"] == [5, 5, 1]


def test_the_default_of_to_is_now(client: Any) -> None:
    minute = now() // 60 * 60
    steps(minute, 1, Resolution.MINUTE)
    steps(minute + 10 * MINUTE, 1, Resolution.MINUTE)  # nobody has seen it yet
    assert bars(client, "1", countback=5)["t"] == [minute]
    assert bars(client, "1", **{"from": minute})["t"] == [minute]


def test_an_empty_range_names_the_last_bar_before_it(client: Any) -> None:
    steps(MONDAY, 7, Resolution.MINUTE)
    empty = {"from": MONDAY + HOUR, "to": MONDAY + 2 * HOUR}
    assert bars(client, "5", **empty) == {"s": "no_data", "nextTime": MONDAY + 5 * MINUTE}
    # The bar at minute 5 began before `from`, so it is the one before.
    late = {"from": MONDAY + 6 * MINUTE, "to": MONDAY + 8 * MINUTE}
    assert bars(client, "5", **late) == {"s": "no_data", "nextTime": MONDAY + 5 * MINUTE}


def test_before_the_first_candle_there_is_no_data(client: Any) -> None:
    assert bars(client, "1", countback=5) == NO_DATA
    steps(MONDAY, 7, Resolution.MINUTE)
    assert bars(client, "5", **{"from": 0, "to": MONDAY}) == NO_DATA
    assert bars(client, "5", to=MONDAY, countback=5) == NO_DATA
    for resolution in CHART_RESOLUTIONS:
        assert bars(client, resolution, **{"from": 0, "to": 0}) == NO_DATA


def test_no_range_answers_more_than_the_newest_5000_bars(client: Any) -> None:
    steps(MONDAY, 5_003, Resolution.MINUTE)
    body = bars(client, "1", **{"from": 0, "to": MONDAY + 5 * DAY})
    assert (len(body["t"]), body["o"][0], body["o"][-1]) == (5000, 3, 5002)
    short = bars(client, "5", to=MONDAY + 5 * DAY, countback=2)
    assert (short["t"], short["v"]) == ([MONDAY + 4995 * 60, MONDAY + 5000 * 60], [5, 3])


def test_an_unknown_symbol_is_not_found(client: Any) -> None:
    query = {"symbol": "NOPE", "resolution": "1", "countback": 1}
    answer = client.get("/market/history", query)
    assert error_of(answer) == (404, "RET_SYMBOL_NOT_FOUND")


INVALID: list[dict[str, Any]] = [
    {"resolution": "2"},
    {"resolution": "1d"},
    {"resolution": ""},
    {"countback": 0},
    {"countback": 5001},
    {"from": -1},
    {"from": 10, "to": 9},
    {"to": 1_700_000_000_000},
    {"from": "x"},
    {"symbol": ""},
    {"symbol": "x" * 17},
    {"limit": 1},
]


def test_invalid_parameters_are_refused(client: Any, subtests: pytest.Subtests) -> None:
    for change in INVALID:
        query = {"symbol": "EURUSD", "resolution": "1", "countback": 1, **change}
        with subtests.test(str(change)):
            assert error_of(client.get("/market/history", query)) == (400, "INVALID_DATA")


@pytest.mark.parametrize("query", ["to=5", "", "to=5&resolution=1"])
def test_from_or_countback_is_required(client: Any, query: str) -> None:
    path = f"/market/history?symbol=EURUSD&{query}"
    assert error_of(client.get(path)) == (400, "INVALID_DATA")


@pytest.mark.parametrize("resolution", [True, None, [], {}, 1.5])
def test_a_resolution_of_another_type_is_refused(client: Any, resolution: object) -> None:
    body = json.dumps({"symbol": "EURUSD", "resolution": resolution, "countback": 1})
    answer = client.generic("GET", "/market/history", body, content_type="application/json")
    assert error_of(answer) == (400, "INVALID_DATA")
