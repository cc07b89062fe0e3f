"""Which hours apply: heading, symbol, account group, date; the more specific replaces."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Account, Group
from market.enums import MarketReason, TradeMode
from market.models import Symbol, SymbolGroup
from market.schedules import GroupSchedule, Holiday, Schedule
from market.sessions import state, timetable
from tests import factories
from tests.market.sessions.short_schedules import daily_schedule, unix_time, week_schedule

MOMENT = unix_time("2026-11-25 12:00")  # a Wednesday
OPEN, HOLIDAY = (1, MarketReason.NONE), (0, MarketReason.HOLIDAY)
WORK_TIME, SESSION = (0, MarketReason.WORK_TIME), (0, MarketReason.SESSION)
DISABLED = (0, MarketReason.DISABLED)


@pytest.fixture
def group(alice: Account) -> Group:
    return alice.group


@pytest.fixture
def open_() -> Schedule:
    return daily_schedule("open", "08:00-20:00")


@pytest.fixture
def closed() -> Schedule:
    return daily_schedule("closed", "20:00-08:00")


def market_state(name: str, group: Group | None, moment: float = MOMENT) -> tuple[int, int]:
    """Return the market state by the symbol's stored row."""
    symbol = Symbol.objects.get(pk=name)
    found = state.market_state_of(symbol, group, moment)
    assert state.is_open(symbol, group, moment) is bool(found[0])
    return found


def heading(schedule: Schedule) -> None:
    found = SymbolGroup.objects.get(name="Forex")
    found.schedule = schedule
    found.save()


def own(name: str, schedule: Schedule) -> None:
    symbol = Symbol.objects.get(pk=name)
    symbol.schedule = schedule
    symbol.save()


def working(group: Group, schedule: Schedule, mask: str = "*", **fields: bool) -> GroupSchedule:
    return GroupSchedule.objects.create(group=group, schedule=schedule, symbols=mask, **fields)


def holiday(mask: str = "*", hours: str = "", **fields: bool) -> Holiday:
    day = date(2026, 11, 25)
    return Holiday.objects.create(name="Day", date=day, symbols=mask, hours=hours, **fields)


def test_without_any_rule_a_symbol_trades_round_the_clock(eurusd: Symbol, group: Group) -> None:
    for moment in ("2026-11-22 03:00", "2026-11-25 12:00", "2026-12-25 00:00"):
        assert market_state("EURUSD", group, unix_time(moment)) == OPEN


def test_the_headings_hours_are_those_of_its_symbols(
    eurusd: Symbol, group: Group, closed: Schedule
) -> None:
    heading(closed)
    assert market_state("EURUSD", group) == SESSION
    assert market_state("EURUSD", group, unix_time("2026-11-25 20:00")) == OPEN
    SymbolGroup.objects.create(name="Metals")
    gold = factories.symbol("XAUUSD", group_id="Metals")
    assert market_state(gold.name, group) == OPEN


def test_a_symbols_own_hours_replace_its_headings(
    eurusd: Symbol, group: Group, open_: Schedule, closed: Schedule
) -> None:
    heading(closed)
    own("EURUSD", open_)
    assert market_state("EURUSD", group) == OPEN
    heading(open_)
    own("EURUSD", closed)
    assert market_state("EURUSD", group) == SESSION


def test_the_working_time_of_the_account_group_replaces_the_symbols(
    eurusd: Symbol, group: Group, bob: Account, open_: Schedule, closed: Schedule
) -> None:
    own("EURUSD", closed)
    working(group, open_)
    assert market_state("EURUSD", group) == OPEN
    assert market_state("EURUSD", bob.group) == market_state("EURUSD", None) == SESSION
    own("EURUSD", open_)
    working(group, closed)
    assert market_state("EURUSD", group) == WORK_TIME
    assert market_state("EURUSD", bob.group) == market_state("EURUSD", None) == OPEN


def test_a_date_replaces_everything(
    eurusd: Symbol, group: Group, open_: Schedule, closed: Schedule
) -> None:
    own("EURUSD", open_)
    working(group, open_)
    holiday()
    assert market_state("EURUSD", group) == HOLIDAY
    assert market_state("EURUSD", group, unix_time("2026-11-26 12:00")) == OPEN
    working(group, closed)
    holiday(hours="11:00-13:00")
    assert market_state("EURUSD", group) == OPEN
    assert market_state("EURUSD", group, unix_time("2026-11-25 13:00")) == HOLIDAY


def test_a_symbol_that_is_not_traded_is_disabled_whatever_the_hours(
    eurusd: Symbol, group: Group, open_: Schedule
) -> None:
    own("EURUSD", open_)
    Symbol.objects.update(trade=TradeMode.NO)
    assert market_state("EURUSD", group) == DISABLED
    holiday()
    assert market_state("EURUSD", group) == DISABLED
    Symbol.objects.update(trade=TradeMode.CLOSE_ONLY)
    assert market_state("EURUSD", group) == HOLIDAY
    assert market_state("EURUSD", group, unix_time("2026-11-26 12:00")) == OPEN


def test_name_patterns_choose_the_symbols(group: Group, closed: Schedule) -> None:
    for name in ("US500", "US30", "DE40"):
        factories.symbol(name, currency="USD", quote_currency="USD", margin_currency="USD")
    holiday("US*,!US500")
    found = {name: market_state(name, group) for name in ("US500", "US30", "DE40")}
    assert found == {"US500": OPEN, "US30": HOLIDAY, "DE40": OPEN}
    working(group, closed, "*,!US30")
    found = {name: market_state(name, group) for name in ("US500", "US30", "DE40")}
    assert found == {"US500": WORK_TIME, "US30": HOLIDAY, "DE40": WORK_TIME}


def test_of_several_matching_rules_the_last_added_applies(
    eurusd: Symbol, group: Group, open_: Schedule, closed: Schedule
) -> None:
    working(group, closed)
    working(group, open_, "EUR*")
    assert market_state("EURUSD", group) == OPEN
    working(group, closed, "GBP*")
    assert market_state("EURUSD", group) == OPEN
    holiday("EUR*", "10:00-14:00")
    holiday()
    assert market_state("EURUSD", group) == HOLIDAY


def test_disabled_rules_do_not_apply(eurusd: Symbol, group: Group, closed: Schedule) -> None:
    working(group, closed, enabled=False)
    holiday(enabled=False)
    assert market_state("EURUSD", group) == OPEN


def test_a_holiday_lasts_from_midnight_to_midnight_of_the_schedules_time_zone(
    eurusd: Symbol, group: Group
) -> None:
    own("EURUSD", daily_schedule("tokyo", "00:00-24:00", "Asia/Tokyo"))
    holiday()
    found = [market_state("EURUSD", group, unix_time(f"2026-11-{day}")) for day in
             ("24 14:59", "24 15:00", "25 14:59", "25 15:00")]  # fmt: skip
    assert found == [OPEN, HOLIDAY, HOLIDAY, OPEN]


def test_a_change_of_any_rule_is_seen_at_once_in_the_process_that_made_it(
    eurusd: Symbol, group: Group
) -> None:
    week = week_schedule(wednesday="08:00-20:00")
    own("EURUSD", week)
    assert market_state("EURUSD", group) == OPEN
    week.wednesday = "13:00-20:00"
    week.save()
    assert market_state("EURUSD", group) == SESSION
    day = holiday(hours="10:00-14:00")
    assert market_state("EURUSD", group) == OPEN
    day.enabled = False
    day.save()
    assert market_state("EURUSD", group) == SESSION


def test_a_change_by_another_process_is_seen_after_the_cache_time(
    eurusd: Symbol, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    own("EURUSD", week_schedule(wednesday="08:00-20:00"))
    assert market_state("EURUSD", group) == OPEN
    Schedule.objects.update(wednesday="")  # no signal, as from elsewhere
    assert market_state("EURUSD", group) == OPEN
    monkeypatch.setattr(timetable, "CACHE_SECONDS", 0.0)
    assert market_state("EURUSD", group) == SESSION


def test_unchanged_rules_keep_their_cached_hours(
    eurusd: Symbol, group: Group, open_: Schedule
) -> None:
    own("EURUSD", open_)
    market_state("EURUSD", group)
    before = timetable.current_timetable()
    timetable.clear_timetable()
    assert timetable.current_timetable() is before
    holiday()
    assert timetable.current_timetable() is not before


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["9-17", "09:30-25:00", "always"])
def test_the_database_refuses_malformed_hours(text: str) -> None:
    for model, fields in ((Schedule, {"monday": text}), (Holiday, {"hours": text})):
        required = {"date": date(2026, 1, 1)} if model is Holiday else {}
        with pytest.raises(IntegrityError), transaction.atomic():
            model._default_manager.create(name="x", **required, **fields)
