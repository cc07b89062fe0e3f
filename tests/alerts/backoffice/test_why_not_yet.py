"""The page of an alert says why it has not fired yet."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account, User
from alerts.backoffice.why_not_yet import alert_section
from alerts.enums import AlertStatus
from alerts.models import Alert
from backoffice.widgets.content import CaptionedChart, FigureList, Section, Table, Verdict
from core import heartbeats
from core.clock import now, utc_text
from market.enums import Resolution
from market.models import Candle, GroupTerms, Symbol
from tests import factories
from tests.backoffice.fixtures import Browser

pytestmark = pytest.mark.django_db
HOUR = 3600
Make = Callable[..., Alert]


@pytest.fixture
def begin() -> int:
    """A whole hour five hours ago, at which the alerts were armed."""
    return now() // HOUR * HOUR - 5 * HOUR


@pytest.fixture
def make(alice: Account, begin: int) -> Make:
    """Creates one of Alice's alerts on EURUSD, which has had a quote at 1.1 just now."""
    symbol = factories.symbol("EURUSD")
    factories.quote("EURUSD", 1.1, 1.1002)

    def create(**fields: Any) -> Alert:
        known = {
            "condition": 0, "side": 0, "repeat_mode": 0, "target_price": "1.105",
            "created_at": begin, "updated_at": begin, "armed_at": begin, "fresh": False,
        }  # fmt: skip
        alert = Alert.objects.create(account=alice, symbol=symbol, **(known | fields))
        return Alert.objects.select_related("symbol").get(pk=alert.pk)

    return create


def candle(time: int, high: str, low: str, resolution: Resolution = Resolution.MINUTE) -> None:
    Candle.objects.create(
        symbol_id="EURUSD", resolution=resolution, time=time, open=low, high=high, low=low,
        close=high, volume=1,
    )  # fmt: skip


def verdict(section: Section) -> list[str]:
    (found,) = [one for one in section.contents if isinstance(one, Verdict)]
    return list(found.sentences)


def client_text(section: Section) -> str:
    (found,) = [one for one in section.contents if isinstance(one, Verdict)]
    return found.client_text


def table(section: Section) -> Table:
    (found,) = [one for one in section.contents if isinstance(one, Table)]
    return found


def test_the_range_since_the_arming_and_the_distance_now_are_told(make: Make, begin: int) -> None:
    candle(begin - 60, "1.2", "1.0")  # before it was armed
    candle(begin, "1.1032", "1.0990", Resolution.HOUR)
    for minute, high in ((4, "1.1001"), (7, "1.1032"), (8, "1.1032")):
        candle(begin + 60 * minute, high, "1.0990")
    sentences = verdict(alert_section(make()))
    assert sentences[0] == "It waits for the bid of EURUSD to rise to 1.10500."
    assert sentences[1] == (
        f"Since {utc_text(begin)} UTC the bid was between 1.09900 ({utc_text(begin + 240)}) and "
        f"1.10320 ({utc_text(begin + 420)}), 180 points short of it."
    )
    assert sentences[2] == "Now the bid is 1.10000: 500 points to go."


def test_a_jump_over_an_outage_is_named_where_it_passed_the_level(make: Make, begin: int) -> None:
    candle(begin, "1.1040", "1.1040")
    candle(begin + 20 * 60, "1.1060", "1.1060")
    section = alert_section(make())
    assert any("a jump over such a time is no crossing" in one for one in verdict(section))
    last, jump = table(section).rows
    assert [str(cell) for cell in jump] == [
        utc_text(begin + 60), utc_text(begin + 1200), "outage", "1.10400", "1.10600", "yes",
    ]  # fmt: skip
    assert (str(last[1]), str(last[5])) == ("now", "no")


def test_closed_hours_are_no_outage(make: Make, begin: int) -> None:
    candle(begin, "1.1", "1.1")
    Symbol.objects.filter(pk="EURUSD").update(trade=0)
    rows = table(alert_section(make())).rows
    assert [str(row[2]) for row in rows] == ["market closed"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"condition": 1}, "it is past the level already, and has to come back"),
        ({"condition": 3}, "the condition is met"),
        ({"repeat_mode": 1, "armed": False}, "fires again only after it was not met"),
        ({"repeat_mode": 1, "rests_until": 32_503_680_000}, "It rests after its last firing until"),
        ({"status": AlertStatus.DISABLED}, "It is disabled and does not fire"),
        ({"status": AlertStatus.EXPIRED, "expires_at": 1}, "expired on 1970-01-01 00:00:01 UTC"),
        ({"status": AlertStatus.DELETED}, "It was deleted on"),
        ({"side": 1}, "Now the ask is 1.10020"),
        ({"condition": 8, "reference_price": "1.1", "move_threshold": "0.01"}, "rise by 0.01 from"),
        ({"condition": 4, "channel_low": "1.2", "channel_high": "1.3"}, "1.20000 to 1.30000"),
    ],
)
def test_what_hinders_an_alert_is_named(make: Make, fields: dict[str, Any], sentence: str) -> None:
    assert sentence in " ".join(verdict(alert_section(make(**fields))))


def test_a_worker_that_evaluates_nothing_or_late_is_named(make: Make) -> None:
    alert = make()
    assert "No worker reports that it evaluates alerts" in verdict(alert_section(alert))[-1]
    assert "worker" not in client_text(alert_section(alert))
    assert client_text(alert_section(alert)).startswith(
        f"Alert {alert.pk}, account 100001\nIt waits"
    )
    heartbeats.report_heartbeat("alerts", lag_ms=90_000)
    assert verdict(alert_section(alert))[-1].startswith("Alerts are evaluated 90")
    heartbeats.report_heartbeat("alerts", lag_ms=10)
    assert "evaluate" not in " ".join(verdict(alert_section(alert)))


def test_the_page_shows_it_with_a_chart_and_links(
    carol: User, make: Make, begin: int, browser: Browser
) -> None:
    candle(begin, "1.1032", "1.0990", Resolution.HOUR)
    candle(begin, "1.1032", "1.0990")
    alert = make()
    page = browser(carol).get(f"/admin/alerts/alert/{alert.pk}/change/").content.decode()
    for text in (
        "Why it has not fired yet",
        "180 points short of it",
        "house-chart",
        f"/admin/alerts/alertlog/?q={alert.pk}",
        f"/admin/alerts/address/?q={alert.account_id}",
    ):
        assert text in page, text


def test_a_far_level_leaves_the_prices_readable(make: Make, begin: int) -> None:
    candle(begin, "1.1032", "1.0990")
    for target, drawn in (("1.15", True), ("9", False)):
        section = alert_section(make(target_price=target))
        (chart,) = [one for one in section.contents if isinstance(one, CaptionedChart)]
        assert ("stroke-dasharray" in chart.chart) is drawn
        assert ("far away" in chart.caption) is not drawn


@pytest.mark.parametrize(
    ("side", "terms", "sentences"),
    [
        (0, {"bid_markup": 20, "ask_markup": 0}, ("1.10300 (", "1.09980: 520 points to go")),
        (1, {"bid_markup": 0, "ask_markup": 30}, ("about 130 points short", "1.10050: 450 points")),
        (0, {"spread": 100}, ("1.10280 (", "1.09960: 540 points to go")),
    ],
)
def test_prices_are_those_that_the_account_sees(
    make: Make, begin: int, side: int, terms: dict[str, int], sentences: tuple[str, str]
) -> None:
    alert = make(side=side)
    GroupTerms.objects.create(group=alert.account.group, symbols="EUR*", **terms)
    candle(begin, "1.1032", "1.0990", Resolution.HOUR)
    section = alert_section(alert)
    text = " ".join(verdict(section))
    for sentence in sentences:
        assert sentence in text, text
    (figures,) = [dict(one.figures) for one in section.contents if isinstance(one, FigureList)]
    assert figures["Market's bid / ask now"] == "1.10000 / 1.10020"
    assert figures["Bid / ask now"] != "1.10000 / 1.10020"
