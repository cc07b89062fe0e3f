"""The processes of compose.yml together: trading, a dead leader, and a clean end."""

import shutil
import tempfile
import threading
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.deployment import compose
from tests.deployment.front_client import Caddy, Front, FrontClient, front_of
from tests.deployment.proxy import ABSENT
from tests.deployment.slow_clients import SlowClients
from tests.deployment.stand_in import DATABASE, StandIn
from tests.runtime.process_helpers import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.in_order, pytest.mark.timeout(400)]
PASSWORD = "a password of this deployment"
ANSWERED = 5.0  # seconds, of a busy machine
DEMO = f"""
from django.core.management import call_command
from accounts.models import User
call_command("seed_demo")
for user in User.objects.all():
    user.set_password({PASSWORD!r})
    user.save()
"""


@pytest.fixture(scope="module")
def platform() -> Iterator[StandIn]:
    """Everything is up; the demo's clients have passwords that production takes."""
    folder = Path(tempfile.mkdtemp(prefix="deployment-"))
    stand_in = StandIn(folder)
    try:
        stand_in.run_job("migrate")
        words = ["python", "manage.py", "shell", "-v0", "-c", DEMO]
        stand_in.run_job("migrate", *words, ENVIRONMENT="development")
        stand_in.up()
        yield stand_in
    finally:
        stand_in.end()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def front(platform: StandIn) -> Iterator[Front]:
    front = front_of(platform)
    yield front
    front.end()


@pytest.fixture(scope="module")
def alice(front: Front) -> FrontClient:
    return FrontClient(front, 100001, PASSWORD)


def trade(person: FrontClient, **changed: Any) -> int:
    fields = {"cmd": 0, "volume": 1, "symbol": "EURUSD", "sl": 0, "tp": 0, **changed}
    return int(person.call("POST", "/trade/open", **fields)["order"])


@pytest.mark.parametrize("path", ["/ws", "/"])
def test_a_client_trades_over_web_and_gets_events_on_the_stream(
    alice: FrontClient, path: str
) -> None:
    with alice.stream(path) as stream:
        order = trade(alice)
        stream.receive_until(lambda frame: is_event(frame, order, 0))
        alice.call("DELETE", "/trade/close", order=order)
        stream.receive_until(lambda frame: is_event(frame, order, 6))


def is_event(frame: Any, order: int, code: int) -> bool:
    """Of an order: 0 opened, 6 closed."""
    return isinstance(frame, list) and (frame[0], frame[1], frame[-1]) == ("o", order, code)


def test_pages_and_static_files_are_served_but_internal_paths_are_not(
    alice: FrontClient, platform: StandIn
) -> None:
    assert alice.get_status("/docs") == 200
    assert alice.get_status("/static/admin/css/base.css") == 200
    assert alice.get_status("/admin/") == 200  # after the redirect to the form
    assert alice.get_status("/metrics") in (404, 401)  # of the proxy, or of web without the token
    assert alice.call("GET", "/readyz")["data"] == "OK"


@pytest.mark.parametrize(("bodies", "headers", "readers"), [(40, 0, 0), (0, 40, 0), (0, 0, 40)])
def test_slow_clients_do_not_block_other_clients(
    alice: FrontClient, bodies: int, headers: int, readers: int
) -> None:
    if not isinstance(alice.front, Caddy):
        pytest.skip(ABSENT)
    pages = ["/docs", "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"]
    slow = SlowClients(alice.front.port, pages, bodies, headers, readers).begin()
    try:
        for path in ("/account/balance", "/market", "/admin/login/", "/docs", pages[-1]) * 4:
            began = time.monotonic()
            assert alice.get_status(path) == 200
            assert time.monotonic() - began < ANSWERED
    finally:
        slow.end()
    assert slow.refused == 0


def test_the_first_administrator_is_created_as_documented(front: Front, platform: StandIn) -> None:
    words = ["python", "manage.py", "createsuperuser", "--login", "77", "--no-input"]
    platform.run_job("migrate", *words, DJANGO_SUPERUSER_PASSWORD=PASSWORD)
    assert FrontClient(front, 77, PASSWORD).token


def test_the_backup_job_writes_a_restorable_file(platform: StandIn) -> None:
    backups = platform.folder / "backups"
    backups.mkdir()
    job = [word.replace("/backups", str(backups)) for word in platform.services["backup"].command]
    text = platform.run_job("backup", *job)
    (dump,) = backups.glob("*.dump")
    assert text.startswith(str(dump))
    with pytest.raises(AssertionError, match="is in use"):
        platform.run_job("backup", "python", "manage.py", "restore", str(dump), "--force")


def test_another_engine_leads_when_the_leader_is_killed(
    alice: FrontClient, platform: StandIn
) -> None:
    engines = platform.containers_of("engine")
    wait_until(lambda: any(engine.has_logged("leading") for engine in engines))
    leader = next(engine for engine in engines if engine.has_logged("leading"))
    standby = next(engine for engine in engines if engine is not leader)
    assert standby.has_logged("standing by")
    leader.kill()
    began = time.monotonic()
    wait_until(lambda: standby.has_logged("leading"), 20)
    assert time.monotonic() - began < 10
    order = trade(alice, symbol="BTCUSD")
    wait_until(lambda: set_near_levels(alice, order), 30)
    wait_until(lambda: order in closed_orders(alice), 60)
    assert "exact" in platform.run_job("migrate", "python", "manage.py", "check_ledger")


def set_near_levels(person: FrontClient, order: int) -> bool:
    """Set levels close to the price; return False where the price has just passed them."""
    bid = person.call("GET", "/market")["assets"]["BTCUSD"]["bid"]
    levels = {"sl": round(bid - 15, 2), "tp": round(bid + 15, 2)}
    try:
        person.call("PUT", "/trade/modify", order=order, **levels)
    except urllib.error.HTTPError as error:
        if error.code != 400:
            raise
        return False
    return True


def closed_orders(person: FrontClient) -> list[int]:
    rows = person.call("GET", "/trades?limit=50&offset=0&tradeType=2")["rows"]
    return [row[0] for row in rows]


def test_a_running_request_is_answered_although_web_is_stopped(
    alice: FrontClient, platform: StandIn
) -> None:
    """Every web replica is stopped while a request waits for the account's lock."""
    answers: list[int] = []
    database = (platform.secrets / "database_url").read_text()
    began = threading.Thread(target=lambda: answers.append(trade(alice)))
    with psycopg.connect(database) as holder:
        holder.execute("SELECT FROM accounts_account WHERE login = 100001 FOR UPDATE")
        began.start()
        wait_until(lambda: is_waiting(database))
        for web in platform.containers_of("web"):
            web.process.terminate()
        wait_until(lambda: all(refuses(web.port) for web in platform.containers_of("web")))
        assert any(web.process.poll() is None for web in platform.containers_of("web"))
        holder.rollback()
    began.join(20)
    assert len(answers) == 1
    for web in platform.containers_of("web"):
        assert web.process.wait(web.service.grace) == 0


def is_waiting(database: str) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    with psycopg.connect(database) as session:
        row = session.execute(query, [DATABASE]).fetchone()
    return bool(row and row[0])


def refuses(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_all_processes_end_by_the_stop_signal_within_their_grace(platform: StandIn) -> None:
    living = [c for c in platform.containers if c.process.poll() is None]
    assert {c.service.name for c in living} == {"stream", "worker", "beat", "feed", "engine"}
    for container in living:
        assert container.stop() < container.service.grace
    codes = {c.name: c.process.returncode for c in living}
    assert set(codes.values()) == {0}, codes


def test_nothing_was_written_into_the_image(platform: StandIn) -> None:
    assert compose.files_of(platform.app) == platform.built
