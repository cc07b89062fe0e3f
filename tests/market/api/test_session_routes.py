"""Market state, reason and sessions over REST, for the client's own group."""

from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest

from accounts.models import Account, User
from market.enums import TradeMode
from market.models import Symbol, WatchItem
from market.schedules import GroupSchedule, Holiday
from market.sessions import state
from tests.conftest import Signed
from tests.market.sessions.short_schedules import (
    closed_schedule,
    daily_schedule,
    unix_time,
    week_schedule,
)

NONE = {"open_hour": 0, "open_min": 0, "close_hour": 0, "close_min": 0}
ROUND_THE_CLOCK = {
    "trade_overnight": 1,
    "trade": [{"open_hour": 0, "open_min": 0, "close_hour": 23, "close_min": 59}, NONE, NONE],
}
CLOSED_DAY = {"trade_overnight": 0, "trade": [NONE, NONE, NONE]}


def market_states(client: Any) -> list[tuple[int, int]]:
    """Return market state and reason on each of the four routes."""
    table = client.get("/market/short/list").json()["assets"]
    assets = [
        client.get("/market").json()["assets"]["EURUSD"],
        client.get("/market/symbol?symbol=EURUSD").json(),
        dict(zip(table["structure"], table["rows"][0], strict=True)),
        client.get("/market/watch/list?prefix=web").json()["assets"]["EURUSD"],
    ]
    return [(asset["market_state"], asset["market_reason"]) for asset in assets]


@pytest.fixture
def watched(eurusd: Symbol, alice: Account, bob: Account) -> None:
    for account in (alice, bob):
        WatchItem.objects.create(login=account.login, symbol=eurusd)


@pytest.mark.usefixtures("watched")
def test_every_route_shows_state_and_reason(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    assert market_states(client) == [(1, 0)] * 4
    eurusd.schedule = closed_schedule()
    eurusd.save()
    assert market_states(client) == [(0, 3)] * 4
    GroupSchedule.objects.create(group=alice.group, schedule=eurusd.schedule)
    assert market_states(client) == [(0, 2)] * 4
    Holiday.objects.create(name="Day", date=today())
    assert market_states(client) == [(0, 1)] * 4
    eurusd.trade = TradeMode.NO
    eurusd.save()
    assert market_states(client) == [(0, 4)] * 4


def today() -> date:
    return datetime.now(UTC).date()


@pytest.mark.usefixtures("watched")
def test_each_client_sees_the_market_of_its_group(
    signed_in: Signed, alice: Account, bob: Account, carol: User
) -> None:
    GroupSchedule.objects.create(group=alice.group, schedule=closed_schedule(), symbols="EUR*")
    assert market_states(signed_in(alice)) == [(0, 2)] * 4
    assert market_states(signed_in(bob)) == [(1, 0)] * 4
    staff = signed_in(carol)
    market = staff.get("/market").json()["assets"]["EURUSD"]
    assert (market["market_state"], market["sessions"]) == (1, [ROUND_THE_CLOCK] * 7)
    named = staff.get(f"/market?login={alice.login}").json()["assets"]["EURUSD"]
    assert (named["market_state"], named["sessions"]) == (0, [CLOSED_DAY] * 7)


def test_the_market_state_is_not_cached_with_the_specification(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    assert client.get("/market").json()["assets"]["EURUSD"]["market_state"] == 1
    Holiday.objects.create(name="Day", date=today())  # the symbol itself stays in the catalog
    assert client.get("/market").json()["assets"]["EURUSD"]["market_state"] == 0


def trade(*spans: str) -> list[dict[str, int]]:
    """The contract's three sessions of `22:00-24:00`."""
    found = []
    for span in spans:
        ends = span.replace("24:00", "23:59").split("-")  # a day's end on the wire
        opens, closes = (list(map(int, end.split(":"))) for end in ends)
        found.append(dict(zip(NONE, (*opens, *closes), strict=True)))
    return found + [NONE] * (3 - len(found))


def week(client: Any) -> list[Any]:
    whole = client.get("/market").json()["assets"]["EURUSD"]["sessions"]
    assert client.get("/market/symbol?symbol=EURUSD").json()["sessions"] == whole
    assert len(whole) == 7
    return [(day["trade_overnight"], day["trade"]) for day in whole]


def test_sessions_are_seven_days_from_sunday(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    assert client.get("/market").json()["assets"]["EURUSD"]["sessions"] == [ROUND_THE_CLOCK] * 7
    eurusd.schedule = week_schedule(
        sunday="22:00-24:00", monday="00:00-24:00", tuesday="00:00-20:30",
        wednesday="08:00-10:00, 11:00-12:30, 20:00-24:00", friday="22:00-04:00",
    )  # fmt: skip
    eurusd.save()
    assert week(client) == [
        (1, trade("22:00-24:00")),
        (1, trade("00:00-24:00")),
        (0, trade("00:00-20:30")),
        (0, trade("08:00-10:00", "11:00-12:30", "20:00-24:00")),
        (0, trade()),
        (1, trade("22:00-24:00")),
        (0, trade("00:00-04:00")),
    ]


def test_a_holiday_is_not_in_the_weeks_sessions(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    Holiday.objects.create(name="Day", date=today())
    assert week(signed_in(alice)) == [(1, trade("00:00-24:00"))] * 7


@pytest.mark.parametrize(
    ("moment", "opens", "closes"),
    [("2026-11-25", "14:30", "21:00"), ("2026-07-01", "13:30", "20:00")],
)
@pytest.mark.django_db
def test_sessions_are_in_utc(moment: str, opens: str, closes: str, eurusd: Symbol) -> None:
    eurusd.schedule = daily_schedule("shares", "09:30-16:00", "America/New_York")
    shown = sessions_of_week(eurusd, f"{moment} 12:00")
    assert shown == [{"trade_overnight": 0, "trade": trade(f"{opens}-{closes}")}] * 7


def test_a_session_over_two_utc_days_is_listed_on_both(eurusd: Symbol) -> None:
    eurusd.schedule = week_schedule("sydney", "Australia/Sydney", monday="08:00-16:00")
    shown = sessions_of_week(eurusd, "2026-07-01 12:00")  # ten hours ahead of UTC
    assert shown[0] == {"trade_overnight": 1, "trade": trade("22:00-24:00")}
    assert shown[1] == {"trade_overnight": 0, "trade": trade("00:00-06:00")}
    assert shown[2:] == [CLOSED_DAY] * 5


def test_a_week_with_a_clock_change_has_the_real_utc_hours(eurusd: Symbol) -> None:
    eurusd.schedule = daily_schedule("shares", "09:30-16:00", "America/New_York")
    days = (
        sessions_of_week(eurusd, "2026-10-31 12:00")[6],
        sessions_of_week(eurusd, "2026-11-01 12:00")[0],
    )
    hours = [day["trade"][0]["open_hour"] for day in days]
    assert hours == [13, 14]


def test_four_sessions_of_a_day_are_joined_to_three_over_the_shortest_break(eurusd: Symbol) -> None:
    text = "09:00-10:15, 10:30-11:30, 13:30-02:30"
    eurusd.schedule = daily_schedule("night", text)
    assert sessions_of_week(eurusd, "2026-07-01 12:00")[0]["trade"] == trade(
        "00:00-02:30", "09:00-11:30", "13:30-24:00"
    )


def sessions_of_week(symbol: Symbol, moment: str) -> list[Any]:
    """Return the sessions of the week around the moment."""
    found: list[Any] = orjson.loads(
        orjson.dumps(state.serialize_week(symbol, None, unix_time(moment)))
    )
    return found


def test_the_listed_week_is_the_utc_week(eurusd: Symbol) -> None:
    eurusd.schedule = week_schedule("sydney", "Australia/Sydney", monday="08:00-16:00")
    # Sunday there, after the clocks went forward, and still Saturday in UTC.
    assert sessions_of_week(eurusd, "2026-10-03 20:00")[0]["trade"] == trade("22:00-24:00")
    assert sessions_of_week(eurusd, "2026-10-04 00:00")[0]["trade"] == trade("21:00-24:00")
