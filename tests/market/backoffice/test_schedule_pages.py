"""A dealer edits schedules, working times and holidays; errors are shown at the field."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, User
from market.enums import MarketReason
from market.models import Symbol, SymbolGroup
from market.schedules import GroupSchedule, Holiday, Schedule
from market.sessions import state
from tests.backoffice.forms import submit
from tests.market.sessions.short_schedules import daily_schedule, unix_time

NIGHT = unix_time("2026-11-25 03:00")


@pytest.fixture
def dealer(dan: User, client: Client) -> Client:
    client.force_login(dan)
    return client


def field_errors(client: Client, url: str, **fields: str) -> Any:
    """Return the form's errors for these fields."""
    return client.post(url, fields).context["adminform"].form.errors


def test_a_dealer_gives_a_heading_and_a_symbol_their_hours(dealer: Client, eurusd: Symbol) -> None:
    text = "08:00-12:00, 13:00-20:00"
    url = "/admin/market/schedule/add/"
    submit(dealer, url, name="Office", time_zone="Europe/Berlin", wednesday=text)
    week = Schedule.objects.get()
    assert (week.time_zone, week.wednesday, week.sunday) == ("Europe/Berlin", text, "")
    submit(dealer, "/admin/market/symbolgroup/Forex/change/", schedule=week.pk)
    assert SymbolGroup.objects.get().schedule == week
    assert state.market_state_of(eurusd, None, NIGHT) == (0, MarketReason.SESSION)
    always = daily_schedule("always", "00:00-24:00")
    submit(dealer, "/admin/market/symbol/EURUSD/change/", schedule=always.pk)
    eurusd.refresh_from_db()
    assert state.is_open(eurusd, None, NIGHT)


def test_a_dealer_gives_an_account_group_its_working_time(
    dealer: Client, alice: Account, eurusd: Symbol
) -> None:
    week = daily_schedule("work", "08:00-20:00")
    url = "/admin/market/groupschedule/add/"
    submit(dealer, url, group=alice.group.pk, schedule=week.pk, symbols="EUR*,!EURGBP")
    assert state.market_state_of(eurusd, alice.group, NIGHT) == (0, MarketReason.WORK_TIME)
    row = GroupSchedule.objects.get()
    page = dealer.get(f"/admin/market/groupschedule/{row.pk}/change/").context["adminform"].form
    values = {name: page[name].value() for name in page.fields} | {
        "enabled": None,
        "_reason": "asked",
    }
    sent = {name: value for name, value in values.items() if value is not None}
    assert dealer.post(f"/admin/market/groupschedule/{row.pk}/change/", sent).status_code == 302
    assert state.is_open(eurusd, alice.group, NIGHT)


def test_a_dealer_enters_a_holiday(dealer: Client, eurusd: Symbol) -> None:
    url = "/admin/market/holiday/add/"
    submit(dealer, url, name="Christmas", date="2026-12-25", symbols="*", hours="")
    assert Holiday.objects.get().hours == ""
    moments = unix_time("2026-12-25 12:00"), unix_time("2026-12-26 12:00")
    assert [state.is_open(eurusd, None, moment) for moment in moments] == [False, True]


def test_what_has_no_effect_is_saved_with_a_warning(dealer: Client, eurusd: Symbol) -> None:
    url = "/admin/market/holiday/"
    submit(dealer, f"{url}add/", name="Old", date="2020-12-25", symbols="ZZ*", hours="")
    page = dealer.get(url).content.decode()
    assert "“ZZ*” fits no symbol" in page
    assert "2020-12-25 is over" in page
    submit(dealer, f"{url}add/", name="Far", date="2999-12-25", symbols="EUR*", hours="")
    page = dealer.get(url).content.decode()
    assert "no effect" not in page
    assert ">2999-12-25<" in page


def test_errors_are_shown_at_the_field(dealer: Client, alice: Account) -> None:
    found = field_errors(
        dealer, "/admin/market/schedule/add/",
        name="x", time_zone="Mars/Olympus", monday="9-17", tuesday="22:00-02:00, 23:00-24:00",
    )  # fmt: skip
    assert set(found) == {"time_zone", "monday", "tuesday"}
    assert "America/New_York" in found["time_zone"][0]
    for zone in ("../UTC", "/etc/passwd", "America", "utc\0", "right/UTC", "localtime"):
        found = field_errors(dealer, "/admin/market/schedule/add/", name="x", time_zone=zone)
        assert "time_zone" in found
    found = field_errors(
        dealer, "/admin/market/holiday/add/", name="x", date="2026-12-25", hours="10"
    )
    assert set(found) == {"hours", "symbols"}
    assert not Schedule.objects.exists()


def test_support_sees_hours_and_cannot_change_them(carol: User, client: Client) -> None:
    client.force_login(carol)
    week = daily_schedule("week", "08:00-20:00")
    for page in ("schedule", "groupschedule", "holiday"):
        assert client.get(f"/admin/market/{page}/").status_code == 200
        assert client.get(f"/admin/market/{page}/add/").status_code == 403
    url = f"/admin/market/schedule/{week.pk}/change/"
    assert client.post(url, {"monday": ""}).status_code == 403
    week.refresh_from_db()
    assert week.monday == "08:00-20:00"
