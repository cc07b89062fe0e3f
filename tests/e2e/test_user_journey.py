"""End to end as a new user: real processes, real HTTP, a real socket."""

import http.cookiejar
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.running_platform import Platform, SignedInClient
from tests.runtime.process_helpers import ROOT, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def is_frame(frame: Any, letter: str, **fields: Any) -> bool:
    places = {"order": 1, "login": 1, "id": 1, "code": -1}
    return (
        isinstance(frame, list)
        and frame[0] == letter
        and all(frame[places[name]] == value for name, value in fields.items())
    )


def test_a_client_signs_in_trades_and_gets_the_profit_in_the_balance(platform: Platform) -> None:
    alice = platform.sign_in(100001)
    before = alice.call("GET", "/account/me")
    assert (before["currency"], before["group"]) == ("USD", "demo-usd")
    assert len(alice.call("GET", "/market")["assets"]) == 12
    added = alice.call("POST", "/market/watch", symbol="EURUSD", prefix="web")
    assert list(added) == ["EURUSD"]
    assert "EURUSD" in alice.call("GET", "/market/watch/list?prefix=web")["assets"]
    with alice.stream() as stream:
        stream.send({"event": "subscribe", "data": ["eurusd"]})
        quote = stream.receive_first("t")
        assert quote[1] == "EURUSD"
        assert 0 < quote[2] < quote[3]
        opened = alice.call("POST", "/trade/open", cmd=0, volume=10, symbol="EURUSD", sl=0, tp=0)
        order = opened["order"]
        stream.receive_until(lambda f: is_frame(f, "o", order=order, code=0))
        assert stream.receive_first("b")[3] > 0  # margin in use
        listed = alice.call("GET", "/trades?limit=10&offset=0&tradeType=1")
        assert order in [row[0] for row in listed["rows"]]
        alice.call("PUT", "/trade/modify", order=order, sl=0.5)
        # Floating profits come with code 1 as well, and may be on their way already.
        stream.receive_until(lambda f: is_frame(f, "o", order=order, code=1) and f[11] == 0.5)
        alice.call("DELETE", "/trade/close", order=order)
        closed = stream.receive_until(lambda f: is_frame(f, "o", order=order, code=6))[-1]
        balance = stream.receive_first("b")
    after = alice.call("GET", "/account/balance")
    assert after["balance"] == balance[2] == round(before["balance"] + closed[15], 2)
    assert "exact" in platform.manage("check_ledger")


def test_stops_and_pendings_are_triggered_by_the_engine(platform: Platform) -> None:
    bob = platform.sign_in(100002)
    symbol = "BTCUSD"
    order = {"volume": 1, "symbol": symbol}
    with bob.stream() as stream:

        def above(_: float, ask: float) -> dict[str, Any]:
            return {**order, "cmd": 4, "open_price": round(ask + 8, 2)}

        def below(bid: float, _: float) -> dict[str, Any]:
            return {**order, "cmd": 5, "open_price": round(bid - 8, 2)}

        path = "/trade/open/pending"
        pendings = [
            send_at_price(bob, symbol, "POST", path, terms)["order"] for terms in (above, below)
        ]
        activated = stream.receive_until(lambda f: is_frame(f, "o", code=5), 60)[-1][1]
        assert activated in pendings
        direction = 1 if activated == pendings[0] else -1

        def levels(bid: float, ask: float) -> dict[str, Any]:
            price = bid if direction > 0 else ask
            return {
                "order": activated,
                "sl": round(price - direction * 8, 2),
                "tp": round(price + direction * 8, 2),
            }

        send_at_price(bob, symbol, "PUT", "/trade/modify", levels)
        closed = stream.receive_until(lambda f: is_frame(f, "o", order=activated, code=6), 60)[-1]
        for other in set(pendings) - {activated}:
            way = "cancel" if pending(bob, other) else "close"
            bob.call("DELETE", f"/trade/{way}", order=other)
    listed = bob.call("GET", "/trades?limit=10&offset=0&tradeType=2")["rows"]
    assert activated in [row[0] for row in listed]
    dollars = (closed[7] - closed[6]) * direction * 0.01
    assert closed[15] == pytest.approx(dollars / bob.quote("EURUSD")[0], abs=0.011)  # euros
    assert "exact" in platform.manage("check_ledger")


def send_at_price(
    person: SignedInClient,
    symbol: str,
    method: str,
    path: str,
    terms: Callable[[float, float], dict[str, Any]],
) -> Any:
    """Send the request with levels around the price; retry where the price passed them."""
    for attempt in range(10):
        try:
            return person.call(method, path, **terms(*person.quote(symbol)))
        except urllib.error.HTTPError as error:
            if error.code != 400 or attempt == 9:
                raise
    raise AssertionError("unreachable")


def pending(person: SignedInClient, order: int) -> bool:
    rows = person.call("GET", "/trades?limit=50&offset=0&tradeType=3")["rows"]
    return order in [row[0] for row in rows]


def test_an_alert_fires_once_and_support_finds_its_log(platform: Platform) -> None:
    alice = platform.sign_in(100001)
    with alice.stream() as stream:
        alerts = alerts_around(alice)
        frame = stream.receive_until(fired(alerts), 90)[-1]
    assert frame[12] == 1  # triggered
    assert logged(alice, frame[1]) == 1
    page = support(platform).open(f"{platform.url}/admin/alerts/alertlog/?q=100001").read().decode()
    assert "EURUSD" in page
    assert "100001" in page


def alerts_around(person: SignedInClient) -> list[int]:
    """Alerts "crossing either" three points above and below the bid: one of them fires soon."""
    bid, _ = person.quote("EURUSD")
    alert = {"symbol": "EURUSD", "side": 0, "condition": 12, "repeat_mode": 0}
    prices = (round(bid + 0.00003, 5), round(bid - 0.00003, 5))
    answers = [person.call("POST", "/price_alert", **alert, target_price=p) for p in prices]
    return [answer["rows"][0][0] for answer in answers]


def fired(alerts: list[int]) -> Callable[[Any], bool]:
    return lambda frame: is_frame(frame, "a", code=5) and frame[1] in alerts


def logged(person: SignedInClient, alert: int) -> int:
    """How many log rows the alert has."""
    rows = person.call("GET", "/price_alert/logs?limit=100")["rows"]
    return [row[1] for row in rows].count(alert)


def support(platform: Platform) -> urllib.request.OpenerDirector:
    """Return a client in which Carol of support is signed in to the admin."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    form = browser.open(f"{platform.url}/admin/login/?next=/admin/").read().decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert found
    fields = {"csrfmiddlewaretoken": found[1], "username": 3, "password": "demo1234"}
    data = urllib.parse.urlencode({**fields, "next": "/admin/"}).encode()
    request = urllib.request.Request(
        f"{platform.url}/admin/login/?next=/admin/", data, {"Referer": platform.url}
    )
    assert browser.open(request).geturl() == f"{platform.url}/admin/"
    return browser


def test_the_readmes_tour_runs_unchanged(platform: Platform) -> None:
    readme = Path(ROOT, "README.md").read_text(encoding="utf-8")
    tour = next(
        block for block in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL) if "sign/in" in block
    )
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", tour],
        env={**platform.environment, "BROKER": platform.url},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert '"state":7' in done.stdout  # the position was closed
    assert '"structure":["id"]' in done.stdout  # the alert was created


def test_the_home_page_links_docs_and_admin_and_tells_staff_the_stream(
    platform: Platform,
) -> None:
    page = urllib.request.urlopen(platform.url + "/", timeout=10).read().decode()
    staff_page = support(platform).open(platform.url + "/").read().decode()
    stream = f"ws://127.0.0.1:{platform.port}/ws"
    for link in ("/docs", "/admin/"):
        assert link in page
    assert (stream in page, stream in staff_page) == (False, True)
    docs = urllib.request.urlopen(platform.url + "/docs", timeout=20).read().decode()
    assert "swagger" in docs


@pytest.mark.parametrize("victim", ["feed", "engine", "worker"])
def test_a_killed_process_is_restarted_and_nothing_is_lost(platform: Platform, victim: str) -> None:
    alice = platform.sign_in(100001)
    symbol = "EURUSD"

    def near_stop(bid: float, _: float) -> dict[str, Any]:
        return {"cmd": 0, "volume": 1, "symbol": symbol, "sl": round(bid - 0.0003, 5), "tp": 0}

    with alice.stream() as stream:
        order = send_at_price(alice, symbol, "POST", "/trade/open", near_stop)["order"]
        alerts = alerts_around(alice)
        platform.kill(victim)
        frame = stream.receive_until(fired(alerts), 90)[-1]
        assert logged(alice, frame[1]) == 1
    close_if_open(alice, order)
    closed = alice.call("GET", "/trades?limit=100&offset=0&tradeType=2")["rows"]
    assert [row[0] for row in closed].count(order) == 1
    assert "exact" in platform.manage("check_ledger")


def close_if_open(person: SignedInClient, order: int) -> None:
    """The engine may have been first; after a killed feed it takes a moment until quotes come."""

    def closed() -> bool:
        try:
            person.call("DELETE", "/trade/close", order=order)
        except urllib.error.HTTPError as error:
            return error.code == 400  # RET_TRADE_INCORRECT_STATE
        return True

    wait_until(closed, 60)


def test_a_restart_keeps_the_data(platform: Platform) -> None:
    alice = platform.sign_in(100001)
    alice.call("PUT", "/settings", prefix="web", name="theme", value="dark")
    balance = alice.call("GET", "/account/me")["balance"]
    code, taken = platform.end()
    assert code == 0
    assert taken < 10
    platform.start()
    platform.wait_until_ready()
    again = platform.sign_in(100001)
    assert again.call("GET", "/settings")["rows"][0][:3] == ["web", "theme", "dark"]
    assert again.call("GET", "/account/me")["balance"] == balance
    assert "exact" in platform.manage("check_ledger")
