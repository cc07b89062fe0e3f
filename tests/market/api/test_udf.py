"""The feed for charting libraries, called as TradingView's unmodified adapter calls it.

`udf_adapter_calls.json` has the calls that its `UDFCompatibleDatafeed` made while a chart was
loaded, resolved, drawn in each resolution, scrolled back to the beginning and updated.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.models import Account
from core.clock import DAY_S
from market.api.udf_symbols import format_sessions
from market.enums import Resolution
from market.models import Candle, Symbol
from market.schedules import Schedule
from tests.conftest import Signed

CALLS = json.loads(Path(__file__).with_name("udf_adapter_calls.json").read_text(encoding="utf-8"))
DRAWN = 1_795_888_140  # when the calls were recorded, on a full minute
COUNTS = {Resolution.MINUTE: 400, Resolution.HOUR: 350, Resolution.DAY: 340}
COUNTBACK = 329  # as the library asks on a usual screen


@pytest.fixture
def client(signed_in: Signed, alice: Account, eurusd: Symbol) -> Any:
    """Alice's session; each stored resolution has some more candles than one call asks for."""
    prices = {"open": 1.1, "high": 1.2, "low": 1.05, "close": 1.15}
    Candle.objects.bulk_create(
        Candle(
            symbol=eurusd, resolution=resolution, volume=1, **prices,
            time=(DRAWN // (resolution * 60) - back) * resolution * 60,
        )
        for resolution, count in COUNTS.items()
        for back in range(count)
    )  # fmt: skip
    return signed_in(alice)


def read_bars(body: dict[str, Any]) -> list[int]:
    """Read a history as the adapter does; return the bars' times."""
    assert body["s"] in ("ok", "no_data")
    if body["s"] == "no_data":
        return []
    assert {len(body[name]) for name in "tohlcv"} == {len(body["t"])}
    assert body["t"] == sorted(set(body["t"]))
    times: list[int] = body["t"]
    return times


def test_every_recorded_call_of_the_adapter_is_answered_as_it_needs(client: Any) -> None:
    for url in CALLS:
        answer = client.get(url)
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        body = answer.json()
        match parts.path.removeprefix("/udf/"):
            case "config":
                assert body["supports_search"] or body["supports_group_request"]
            case "time":
                assert int(str(body)) > DRAWN - DAY_S
            case "search":
                assert [found["symbol"] for found in body] == ["EURUSD"]
            case "symbols":
                assert ("s" in body) == (query["symbol"] == "NOPE")
            case "history":
                times = read_bars(body)
                assert all(time < int(query["to"]) for time in times)
                assert len(times) <= int(query.get("countback", COUNTBACK))
            case "quotes":
                assert (body["s"], [one["s"] for one in body["d"]]) == ("ok", ["ok", "error"])
            case other:
                pytest.fail(f"the adapter has no call {other}")


@pytest.mark.parametrize(
    ("resolution", "seconds", "bars"),
    [
        ("1", 60, 400), ("5", 300, 80), ("60", 3600, 350), ("240", 14400, 88), ("1D", DAY_S, 340),
        ("W", 7 * DAY_S, 49), ("1M", 31 * DAY_S, 12),
    ],
)  # fmt: skip
def test_a_chart_is_scrolled_back_to_its_beginning(
    client: Any, resolution: str, seconds: int, bars: int
) -> None:
    to = DRAWN + 60
    drawn: list[int] = []
    for _ in range(4):
        query = {"symbol": "EURUSD", "resolution": resolution, "countback": COUNTBACK}
        body = client.get("/udf/history", query | {"from": to - COUNTBACK * seconds, "to": to})
        times = read_bars(body.json())
        if not times:
            assert body.json() == {"s": "no_data"}  # without nextTime: there is nothing before
            break
        drawn = [*times, *drawn]
        to = times[0]
    assert len(drawn) == len(set(drawn)) == bars
    assert drawn == sorted(drawn)


def test_an_empty_range_says_where_earlier_bars_are(client: Any) -> None:
    query = {"symbol": "EURUSD", "resolution": "1", "from": DRAWN + 600, "to": DRAWN + 900}
    body = client.get("/udf/history", query).json()
    assert body == {"s": "no_data", "nextTime": DRAWN}


def test_sessions_are_in_the_charting_librarys_form(eurusd: Symbol) -> None:
    assert format_sessions(eurusd, None) == "24x7"
    weekdays = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday"), "00:00-24:00")
    eurusd.schedule = Schedule.objects.create(
        name="FX", time_zone="UTC", sunday="22:00-24:00", friday="00:00-12:00,13:00-21:55",
        saturday="", **weekdays,
    )  # fmt: skip
    assert format_sessions(eurusd, None) == "2200-2400:1|0000-2400:2345|0000-1200,1300-2155:6"


def test_the_change_is_against_the_close_of_the_day_before(client: Any) -> None:
    (one,) = client.get("/udf/quotes", {"symbols": "FX:eurusd"}).json()["d"]
    values = one["v"]
    assert (one["n"], values["prev_close_price"], values["lp"]) == ("FX:eurusd", 1.15, 1.1)
    assert (values["ch"], values["chp"], values["spread"]) == (-0.05, -4.35, 0.0001)
