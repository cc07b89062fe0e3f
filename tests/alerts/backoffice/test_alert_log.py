from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, User
from alerts.deliveries.enums import Channel, DeliveryState
from alerts.deliveries.models import Address, Delivery
from alerts.models import AlertLog
from market.models import Candle
from market.quotes import tick_log
from market.quotes.tick_log import Batch
from tests.backoffice.fixtures import Browser

LIST = "/admin/alerts/alertlog/"


def found(client: Client, **query: str) -> list[int]:
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return [row.pk for row in answer.context["cl"].result_list]


@pytest.fixture
def other(log: AlertLog, bob: Account) -> AlertLog:
    """Another row, of Bob, hidden by him, a day later."""
    row = AlertLog.objects.get(pk=log.pk)
    row.pk, row._state.adding = None, True
    row.login, row.symbol, row.condition, row.hidden = bob.login, "GBPUSD", 2, True
    row.quote_number, row.triggered_at = 78, log.triggered_at + 86_400
    row.save()
    return row


def test_support_finds_a_clients_log_by_its_login(
    carol: User, log: AlertLog, other: AlertLog, browser: Browser
) -> None:
    client = browser(carol)
    assert found(client) == [other.pk, log.pk]
    assert found(client, q="100001") == [log.pk]
    assert found(client, q="gbpusd") == [other.pk]
    assert found(client, q="100001 GBPUSD") == []
    assert found(client, q=str(log.alert_id)) == [other.pk, log.pk]


def test_the_filters_find_one_of_two(
    carol: User, log: AlertLog, other: AlertLog, browser: Browser
) -> None:
    client = browser(carol)
    assert found(client, symbol="EURUSD") == [log.pk]
    assert found(client, condition__exact="2") == [other.pk]
    assert found(client, hidden__exact="1") == [other.pk]
    assert found(client, hidden__exact="0") == [log.pk]
    assert found(client, triggered_at_from_0="2023-11-15") == [other.pk]
    assert found(client, triggered_at_to_0="2023-11-14") == [log.pk]
    second = {"triggered_at_to_0": "2023-11-14", "triggered_at_to_1": "22:13:20"}
    assert found(client, **second) == [log.pk]
    assert found(client, **{**second, "triggered_at_to_1": "22:13:19"}) == []
    assert found(client, triggered_at_from_0="nonsense") == []


def test_the_list_shows_the_evidence(carol: User, log: AlertLog, browser: Browser) -> None:
    page = browser(carol).get(LIST).content.decode()
    for text in (
        "100001",
        "EURUSD",
        "crossing either",
        "1.1005",
        "1.1006",
        "1.1004",
        "2023-11-14 22:13:20.123",
        "2023-11-14 22:13:20.373",
        "250",
    ):
        assert text in page, text


def test_the_page_shows_the_evidence_and_no_button_to_save(
    carol: User, log: AlertLog, browser: Browser
) -> None:
    client = browser(carol)
    url = f"{LIST}{log.pk}/change/"
    page = client.get(url).content.decode()
    for text in ("RSI", "1.1006", "1.1004", "2023-11-14 22:13:20.123", "77", "250"):
        assert text in page, text
    sentence = "the bid of EURUSD was 1.10060, after 1.10040 (crossing either 1.10050)."
    assert f"Fired on 2023-11-14 22:13:20.123 UTC: {sentence}" in page
    assert 'name="_save"' not in page
    assert client.post(url, {"hidden": "on"}).status_code == 403


def test_the_log_is_filtered_by_login_and_delivery_state(
    carol: User, log: AlertLog, other: AlertLog, bob: Account, browser: Browser
) -> None:
    address = Address.objects.create(
        account=bob, channel=Channel.EMAIL, address="b@example.com", created_at=1, updated_at=1
    )
    Delivery.objects.create(
        address=address, log=other, state=DeliveryState.GIVEN_UP, next_try=1, created_at=1
    )
    client = browser(carol)
    assert found(client, login="100001") == [log.pk]
    assert found(client, login="100002") == [other.pk]
    assert found(client, outcome="none") == [log.pk]
    assert found(client, outcome="2") == [other.pk]
    assert found(client, outcome="1") == []
    assert found(client, outcome="nonsense") == [other.pk, log.pk]
    assert client.get(LIST, {"login": "nonsense"}).status_code == 200


def test_the_page_shows_the_price_around_the_firing(
    carol: User, log: AlertLog, browser: Browser
) -> None:
    url = f"{LIST}{log.pk}/change/"
    client = browser(carol)
    assert "<polyline" not in client.get(url).content.decode()
    Candle.objects.create(
        symbol_id="EURUSD", resolution=1, time=log.triggered_at // 60 * 60, open="1.1004",
        high="1.1007", low="1.1003", close="1.1006", volume=4,
    )  # fmt: skip
    page = client.get(url).content.decode()
    assert page.count("<polyline") == 1
    assert 'aria-label="EURUSD bid, bid candles of a minute"' in page


def test_the_tick_log_is_read_once_a_page(
    carol: User, log: AlertLog, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """unfold asks for a field's value five times: reading the quotes must not be one."""
    real, reads = tick_log.read_batches_with, []

    def counted(*args: Any) -> Iterator[Batch]:
        reads.append(args)
        return real(*args)

    monkeypatch.setattr(tick_log, "read_batches_with", counted)
    assert browser(carol).get(f"{LIST}{log.pk}/change/").status_code == 200
    assert len(reads) == 1
