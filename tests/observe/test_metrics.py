"""`/metrics` about requests, trades, alerts and processes."""

from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Account
from core import heartbeats, redis
from market.models import Symbol
from market.quotes.quote import LatestQuotes
from tests import factories
from tests.conftest import Signed
from tests.observe.captured_output import scrape
from trading import services
from trading.enums import Activation
from trading.services.triggers import close_by_trigger

BUY = {"cmd": 0, "symbol": "EURUSD", "volume": 10, "sl": 0, "tp": 0}
COUNT, SECONDS = "broker_http_requests_total", "broker_http_request_seconds"


@pytest.mark.usefixtures("eurusd")
def test_requests_are_counted_by_route_method_and_status(signed_in: Signed, alice: Account) -> None:
    client = signed_in(alice)
    for _ in range(3):
        client.get("/account/me")
    client.get("/account/me/")
    client.post("/trade/open", {"cmd": 99})
    client.delete("/price_alert/7")
    client.delete("/price_alert/8")
    found = scrape()
    assert found[COUNT]["GET", "/account/me", "200"] == 4
    assert found[COUNT]["POST", "/trade/open", "400"] == 1
    assert found[COUNT]["DELETE", "/price_alert/<id>", "404"] == 2
    assert found[f"{SECONDS}_count"]["GET", "/account/me"] == 4
    assert found[f"{SECONDS}_bucket"]["+Inf", "GET", "/account/me"] == 4
    assert 0 < found[f"{SECONDS}_sum"]["GET", "/account/me"] < 60


def test_unknown_paths_and_methods_create_no_new_series(anonymous: APIClient, db: None) -> None:
    for number in range(50):
        anonymous.get(f"/nowhere/{number}?x={number}")
        anonymous.generic(f"INVENTED{number}", f"/{number}")
        anonymous.get(f"/static/{number}")
    Client().get("/admin/accounts/user/1/change/")
    Client().get("/admin/accounts/user/2/change/")
    routes = {key[1] for key in scrape()[COUNT]}
    assert {"none", "/static"} < routes
    assert len(routes) == 3
    assert {key[0] for key in scrape()[COUNT]} == {"GET", "OTHER"}


def test_probes_are_not_counted() -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        Client().get(path)
    assert COUNT not in scrape()


def test_histogram_buckets_are_cumulative(anonymous: APIClient, db: None) -> None:
    for _ in range(10):
        anonymous.get("/sign/check")
    buckets = scrape()[f"{SECONDS}_bucket"]
    numbers = [buckets[key] for key in buckets if key[2] == "/sign/check"]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 10


@pytest.mark.django_db(transaction=True)
def test_trades_and_triggers_are_counted(alice: Account, eurusd: Symbol) -> None:
    first = services.open_market(login=alice.login, cmd=0, symbol="EURUSD", volume=10)
    second = services.open_market(
        login=alice.login, cmd=0, symbol="EURUSD", volume=10, tp=Decimal("1.2")
    )
    services.close_position(login=alice.login, order=first.order)
    quote = factories.quote("EURUSD", 1.3, 1.3001)
    close_by_trigger(
        login=alice.login,
        order=second.order,
        activation=Activation.TAKE_PROFIT,
        quote=quote,
        quotes=LatestQuotes(),
    )
    found = scrape()
    assert found["broker_trades_opened_total"] == {("request",): 2}
    assert found["broker_trades_closed_total"] == {("request",): 1, ("take profit",): 1}
    assert found["broker_triggers_total"] == {("take profit",): 1}


@pytest.mark.django_db(transaction=True)
def test_a_trade_that_is_rolled_back_does_not_count(alice: Account, eurusd: Symbol) -> None:
    with transaction.atomic():
        services.open_market(login=alice.login, cmd=0, symbol="EURUSD", volume=10)
        transaction.set_rollback(True)
    assert "broker_trades_opened_total" not in scrape()


def test_heartbeats_are_exported_by_process() -> None:
    heartbeats.report_heartbeat("engine", shard=0, leader=1, lag_ms=1500, pass_ms=12.5, orders=7)
    heartbeats.report_heartbeat("stream", sockets=3, frames=70, merged=2, slow=1)
    heartbeats.report_heartbeat("feed", newest_ms=250, accepted=10, refused=1, waiting=0)
    heartbeats.report_heartbeat("alerts", lag_ms=40, batch=1)
    found, here = scrape(), (heartbeats.instance_name(),)
    assert found["broker_engine_lag_seconds"] == {here: 1.5}
    assert found["broker_engine_pass_seconds"] == {here: 0.0125}
    assert found["broker_stream_sockets"] == {here: 3}
    assert found["broker_stream_frames_total"] == {here: 70}
    assert found["broker_feed_age_seconds"] == {here: 0.25}
    assert found["broker_alert_lag_seconds"] == {here: 0.04}


def test_the_queue_length_is_exported() -> None:
    from celery import current_app

    assert scrape()["broker_celery_queue_length"] == {("celery",): 0}
    for _ in range(3):
        current_app.send_task("nobody.knows.it")
    assert scrape()["broker_celery_queue_length"] == {("celery",): 3}


def test_the_state_of_each_part_is_exported(db: None) -> None:
    redis.mark_alive("engine")
    up = scrape()["broker_up"]
    assert (up[("database",)], up[("Redis",)], up[("engine",)]) == (1, 1, 1)
    assert (up[("feed",)], up[("worker",)]) == (0, 0)


def test_every_source_of_metrics_succeeds() -> None:
    assert set(scrape()["broker_scrape_ok"].values()) == {1}


def test_the_connection_pool_of_each_process_is_exported(db: None) -> None:
    from core.postgresql.base import DatabaseWrapper

    heartbeats.report_heartbeat("pool", **DatabaseWrapper.pool_numbers())
    assert scrape()["broker_db_pool_connections"][(heartbeats.instance_name(),)] >= 1
