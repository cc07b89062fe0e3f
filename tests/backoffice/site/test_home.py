import os
import re
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import Account, User
from core import redis
from market.models import Symbol
from tests import factories, forked

ROOT = Path(__file__).resolve().parents[3]
PROCESSES = ("feed", "engine", "worker")


def text_of(answer: object) -> str:
    page = answer.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.fixture
def staff_client(client: Client, carol: User) -> Client:
    """A browser of support: details are for staff."""
    client.force_login(carol)
    return client


@pytest.mark.usefixtures("eurusd")
def test_the_home_page_is_well_when_everything_answers(staff_client: Client) -> None:
    for process in PROCESSES:
        redis.mark_alive(process)
    answer = staff_client.get("/", headers={"host": "broker.example:8000"})
    assert answer.status_code == 200
    text = text_of(answer)
    assert "All is well" in text
    assert "Version 1.0.0" in text
    assert re.search(r"of 1 symbols, the newest \d\.\d s old", text)
    page = answer.content.decode()
    assert "ws://broker.example:8000/ws" in page
    assert 'href="/docs"' in page
    assert 'href="/admin/"' in page


@pytest.mark.usefixtures("eurusd")
def test_the_public_sees_only_whether_all_is_well(alice: Account, client: Client) -> None:
    for person in (None, alice.user):
        if person:
            client.force_login(person)
        redis.sync_client().delete("alive:worker")
        assert "Not all is well" in text_of(client.get("/"))
        for process in PROCESSES:
            redis.mark_alive(process)
        page = client.get("/").content.decode()
        assert "All is well" in page
        for detail in ("Version", "worker", "quotes", "/ws"):
            assert detail not in page


def test_an_expired_session_sees_no_details(staff_client: Client) -> None:
    session = staff_client.session
    session["began"] = 1
    session.save()
    assert "Version" not in staff_client.get("/").content.decode()


def test_over_https_the_stream_is_wss(staff_client: Client) -> None:
    page = staff_client.get("/", secure=True).content.decode()
    assert "wss://testserver/ws" in page


@pytest.mark.parametrize("gone", PROCESSES)
@pytest.mark.usefixtures("eurusd")
def test_a_process_that_does_not_run_is_named(gone: str, staff_client: Client) -> None:
    for process in PROCESSES:
        if process != gone:
            redis.mark_alive(process)
    answer = staff_client.get("/")
    assert answer.status_code == 200
    assert f"Not well: {gone} " in text_of(answer)


def test_without_fresh_quotes_the_home_page_is_not_well(
    eurusd: Symbol, staff_client: Client
) -> None:
    for process in PROCESSES:
        redis.mark_alive(process)
    factories.quote("EURUSD", 1.1, 1.1001, received=1_700_000_000_000)
    assert "Not well: quotes " in text_of(staff_client.get("/"))
    factories.remove_quotes()
    assert "none yet" in text_of(staff_client.get("/"))


def page_of_a_fresh_process(**environment: str) -> str:
    """Status and page of the first request that a new process answers."""
    code = (
        "import django; django.setup(); from django.test import Client;"
        "from observe.health import check_platform; answer = Client().get('/');"
        "down = [check.name for check in check_platform() if not check.ok];"
        "print(answer.status_code, answer.content.decode(), ', '.join(down))"
    )
    base = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")]),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = forked.run(["-c", code], base | environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_with_database_and_redis_down_the_page_still_answers_and_says_so(tmp_path: Path) -> None:
    nowhere = str(tmp_path).replace("/", "%2F")
    page = page_of_a_fresh_process(
        DATABASE_URL=f"postgresql://broker@{nowhere}/broker",
        REDIS_URL=f"unix://{tmp_path}/redis.sock?db=0",
    )
    assert page.startswith("200 ")
    assert "Not all is well" in page
    assert page.rstrip().endswith("database, Redis")


def test_the_first_request_of_a_process_reports_the_database_as_up() -> None:
    page = page_of_a_fresh_process()
    assert page.startswith("200 ")
    assert "Not all is well" in page
    assert page.rstrip().endswith("feed, engine, worker, quotes")


@pytest.mark.django_db
def test_the_page_has_no_script_and_no_style_of_its_own() -> None:
    page = Client().get("/").content.decode()
    assert "<script" not in page
    assert "<style" not in page
    assert " style=" not in page


@pytest.mark.django_db
def test_another_method_is_refused_in_the_contracts_shape() -> None:
    answer = Client(enforce_csrf_checks=True).post("/", {})
    assert (answer.status_code, answer.json()["error"]) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.django_db
def test_the_style_sheet_and_the_icon_are_served() -> None:
    page = Client().get("/").content.decode()
    addresses = re.findall(r'<link rel="[^"]*" href="([^"]*)"', page)
    assert len(addresses) == 2
    for address in addresses:
        assert Client().get(address).status_code == 200
