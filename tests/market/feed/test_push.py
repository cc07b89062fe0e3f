"""`POST /feed/quotes` with a running feed: quotes are published exactly once or not at all."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any

import orjson
import pytest
from rest_framework.test import APIClient

from accounts.models import Account, User
from api.models import IdempotencyKey
from core import redis
from core.clock import LAST_TIME, now_ms
from market.errors import FeedBusy
from market.feed.adapters import push_inbox
from market.feed.adapters.push import PushAdapter
from market.feed.adapters.push_inbox import INBOX
from market.feed.publisher import REFUSED
from market.models import LastQuote
from tests import factories
from tests.conftest import Signed, error_of
from tests.market.feed.feed_helpers import published_ticks, running_feed, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("market.api.urls")]
URL = "/feed/quotes"
TOKEN = "bridge-token"


@pytest.fixture(autouse=True)
def _pushed(settings: Any, transactional_db: None) -> None:
    settings.FEED, settings.FEED_TOKEN = "push", TOKEN
    factories.symbol("EURUSD")


@pytest.fixture
def feed() -> Iterator[None]:
    with running_feed(PushAdapter()):
        yield


@pytest.fixture
def bridge() -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=TOKEN)
    client.default_format = "json"
    return client


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push_inbox, "ANSWER_TIMEOUT", 0.3)


def quotes(*bids: float) -> dict[str, Any]:
    return {"quotes": [["EURUSD", bid, 1.2, now_ms()] for bid in bids]}


@pytest.mark.usefixtures("feed")
def test_the_answer_counts_the_accepted_and_names_the_refused(bridge: APIClient) -> None:
    now = now_ms()
    body = [
        ["eurusd", 1.1, 1.2, now],
        ["EURUSD", 1.2, 1.2, now],
        ["NOPE", 1.1, 1.2, now],
        ["EURUSD", 1.1, 1.2, now - 1],
        ["EURUSD", 0, 1.2, now],
        ["EURUSD", 9, 9.1, now],
        ["EURUSD", 1, 1.25, now],
    ]
    answer = bridge.post(URL, {"quotes": body})
    assert answer.status_code == 200
    refused = [
        [1, "CROSSED"], [2, "UNKNOWN_SYMBOL"], [3, "OUT_OF_ORDER"], [4, "BAD_PRICE"],
        [5, "FILTERED"],
    ]  # fmt: skip
    assert answer.json() == {"accepted": 2, "refused": refused}
    assert [(t.symbol, t.bid, t.ask, t.time) for t in published_ticks()] == [
        ("EURUSD", 1.1, 1.2, now),
        ("EURUSD", 1.0, 1.25, now),
    ]
    assert redis.sync_client().hget(REFUSED, "?:UNKNOWN_SYMBOL") == "1"
    wait_until(lambda: LastQuote.objects.filter(bid=1).exists())


@pytest.mark.usefixtures("feed")
def test_quotes_are_in_the_tick_log_before_the_answer(
    bridge: APIClient,
) -> None:
    for i in range(5):
        assert bridge.put(f"{URL}/", quotes(1.1 + i / 100)).json()["accepted"] == 1
        assert len(published_ticks()) == i + 1
    assert redis.sync_client().xlen(INBOX) == 0


@pytest.mark.usefixtures("feed")
def test_quotes_of_many_concurrent_pushers_are_published_exactly_once(bridge: APIClient) -> None:
    now = now_ms()
    bodies = [[["EURUSD", 1 + n / 1e5, 1.2, now]] * 50 for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda body: push_inbox.push_quotes(quotes=body), bodies))
    assert [answer["accepted"] for answer in answers] == [50] * 24
    requests = [(bid, len(list(same))) for bid, same in groupby(t.bid for t in published_ticks())]
    assert sorted(requests) == [(1 + n / 1e5, 50) for n in range(24)]  # each in one piece


@pytest.mark.usefixtures("feed")
def test_a_request_without_quotes_is_answered(bridge: APIClient) -> None:
    assert bridge.post(URL, {"quotes": []}).json() == {"accepted": 0, "refused": []}


@pytest.mark.usefixtures("_impatient")
def test_without_a_feed_the_answer_is_busy_and_the_inbox_is_empty(bridge: APIClient) -> None:
    answer = bridge.post(URL, quotes(1.1))
    assert error_of(answer) == (503, "FEED_BUSY")
    assert "nothing of them was accepted" in answer.json()["message"]
    assert redis.sync_client().xlen(INBOX) == 0
    with running_feed(PushAdapter()):
        assert bridge.post(URL, quotes(1.15)).json()["accepted"] == 1
    assert [tick.bid for tick in published_ticks()] == [1.15]


@pytest.mark.usefixtures("_impatient")
def test_a_withdrawn_request_is_not_published_even_if_written_twice(
    bridge: APIClient,
) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(push_inbox.push_quotes, quotes=[("EURUSD", 1.1, 1.2, now_ms())])
        wait_until(lambda: redis.sync_client().xlen(INBOX) == 1)
        entries: Any = redis.sync_client().xrange(INBOX)
        redis.sync_client().xadd(
            INBOX, entries[0][1]
        )  # as the client library does after a lost answer
        with pytest.raises(FeedBusy, match="nothing of them was accepted"):
            asked.result(10)
    with running_feed(PushAdapter()):
        assert bridge.post(URL, quotes(1.15)).json()["accepted"] == 1
    assert [tick.bid for tick in published_ticks()] == [1.15]


@pytest.mark.usefixtures("_impatient")
def test_a_claimed_but_unconfirmed_request_is_answered_as_not_known(
    bridge: APIClient,
) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(bridge.post, URL, quotes(1.1))
        wait_until(lambda: redis.sync_client().xlen(INBOX))
        redis.sync_client().xtrim(INBOX, 0)  # what a feed does that dies before it publishes
        answer = asked.result()
    assert error_of(answer) == (503, "FEED_BUSY")
    assert "not known" in answer.json()["message"]


def test_a_request_that_arrives_twice_is_published_once() -> None:
    for _ in range(2):  # as a client library does after a lost answer
        entry: Any = {"k": "feed:answer:1", "q": orjson.dumps([["EURUSD", 1.1, 1.2, now_ms()]])}
        redis.sync_client().xadd(INBOX, entry)
    with running_feed(PushAdapter()):
        wait_until(lambda: redis.sync_client().xlen(INBOX) == 0)
        wait_until(lambda: redis.sync_client().llen("feed:answer:1"))
    assert len(published_ticks()) == 1
    assert redis.sync_client().llen("feed:answer:1") == 1


@pytest.mark.usefixtures("_impatient")
def test_requests_older_than_the_wait_are_dropped(bridge: APIClient) -> None:
    entry: Any = {"k": "feed:answer:1", "q": b"[]"}
    redis.sync_client().xadd(INBOX, entry, id=f"{now_ms() - 61_000}-0")
    assert bridge.post(URL, quotes(1.1)).status_code == 503
    assert redis.sync_client().xlen(INBOX) == 0


def test_another_adapter_refuses_pushed_quotes(bridge: APIClient, settings: Any) -> None:
    settings.FEED = "simulated"
    assert error_of(bridge.post(URL, quotes(1.1))) == (409, "FEED_NOT_PUSH")


@pytest.mark.parametrize(
    ("element", "index"),
    [
        (["EURUSD", 1.1, 1.2], 1),
        (["EURUSD", 1.1, 1.2, 5, 6], 1),
        (["EURUSD", "1.1", 1.2, 5], 1),
        (["EURUSD", True, 1.2, 5], 1),
        (["EURUSD", 1.1, 1.2, 5.5], 1),
        (["EURUSD", 1.1, 1.2, True], 1),
        (["EURUSD", 1.1, 1.2, 0], 1),
        (["EURUSD", 1.1, 1.2, 1_700_000_000_000_000], 1),
        ([7, 1.1, 1.2, 5], 1),
        ("EURUSD", 1),
        ({}, 1),
        (None, 1),
        (["EURUSD", 1.1, 1.2, LAST_TIME * 1000 + 1], 1),
        (["EURUSD", 1.1, 1.2, 2**63 - 1], 1),
    ],
)
def test_a_malformed_element_is_named_by_its_index(
    bridge: APIClient, element: Any, index: int
) -> None:
    answer = bridge.post(URL, {"quotes": [["EURUSD", 1.1, 1.2, now_ms()], element]})
    assert error_of(answer) == (400, "INVALID_DATA")
    assert f"element {index} " in answer.json()["message"]


@pytest.mark.parametrize("body", [{}, {"quotes": None}, {"quotes": {}}, {"quotes": "x"}, {"q": []}])
def test_a_body_of_another_shape_is_refused(bridge: APIClient, body: Any) -> None:
    assert error_of(bridge.post(URL, body)) == (400, "INVALID_DATA")


def test_more_than_ten_thousand_quotes_are_refused(bridge: APIClient) -> None:
    body = {"quotes": [["EURUSD", 1.1, 1.2, 5]] * 10_001}
    assert error_of(bridge.post(URL, body)) == (400, "INVALID_DATA")


@pytest.mark.usefixtures("feed")
def test_only_dealers_and_administrators_push(
    signed_in: Signed, dan: User, admin: User, carol: User, alice: Account, anonymous: APIClient
) -> None:
    for allowed in (dan, admin):
        assert signed_in(allowed).post(URL, quotes(1.1)).json()["accepted"] == 1
    for denied in (carol, alice):
        assert error_of(signed_in(denied).post(URL, quotes(1.1))) == (403, "PERMISSION_DENIED")
    assert error_of(anonymous.post(URL, quotes(1.1))) == (401, "PERMISSION_DENIED")
    assert len(published_ticks()) == 2


@pytest.mark.parametrize("sent", ["wrong", TOKEN + "x", "bridge-tökén", "Bearer "])
def test_a_wrong_token_is_no_session(anonymous: APIClient, sent: str) -> None:
    anonymous.credentials(HTTP_AUTHORIZATION=sent)
    assert error_of(anonymous.post(URL, quotes(1.1))) == (401, "PERMISSION_DENIED")


def test_an_empty_feed_token_is_refused(anonymous: APIClient, settings: Any) -> None:
    settings.FEED_TOKEN = ""
    for header in ("", "Bearer", "Bearer "):
        anonymous.credentials(HTTP_AUTHORIZATION=header)
        assert error_of(anonymous.post(URL, quotes(1.1))) == (401, "PERMISSION_DENIED")


def test_the_feed_token_is_valid_for_no_other_route(bridge: APIClient) -> None:
    body = {**quotes(1.1), "login": 100001}
    assert error_of(bridge.post(URL, body)) == (403, "PERMISSION_DENIED")


@pytest.mark.usefixtures("feed")
def test_a_repeat_with_its_key_is_answered_the_same_and_changes_nothing(bridge: APIClient) -> None:
    body = quotes(1.1, 1.3, 1.12)
    first = bridge.post(URL, body, HTTP_IDEMPOTENCY_KEY="p-1")
    again = bridge.post(URL, body, HTTP_IDEMPOTENCY_KEY="p-1")
    assert first.json() == again.json() == {"accepted": 2, "refused": [[1, "CROSSED"]]}
    assert again["Idempotent-Replay"] == "true"
    assert [tick.bid for tick in published_ticks()] == [1.1, 1.12]
    other = bridge.post(URL, quotes(1.13), HTTP_IDEMPOTENCY_KEY="p-1")
    assert error_of(other) == (422, "RET_ERR_DUPLICATE")


@pytest.mark.usefixtures("feed")
def test_a_repeat_after_a_crash_before_the_answer_was_noted_changes_nothing(
    bridge: APIClient,
) -> None:
    body = quotes(1.1)
    first = bridge.post(URL, body, HTTP_IDEMPOTENCY_KEY="p-1").json()
    IdempotencyKey.objects.all().delete()  # the web process died before its commit
    again = bridge.post(URL, body, HTTP_IDEMPOTENCY_KEY="p-1")
    assert again.json() == first
    assert [tick.bid for tick in published_ticks()] == [1.1]


def test_two_copies_of_a_keyed_request_in_the_inbox_take_effect_once() -> None:
    body = orjson.dumps(quotes(1.1)["quotes"]).decode()
    for copy in ("a", "b"):
        redis.sync_client().xadd(INBOX, {"k": f"answer:{copy}", "q": body, "once": "feed:kept:x"})
    with running_feed(PushAdapter()):
        popped = [redis.sync_client().blpop([f"answer:{copy}"], timeout=10) for copy in ("a", "b")]
    answers = [answer[1] for answer in popped if answer]
    assert len(answers) == 2
    assert answers[0] == answers[1]
    assert [tick.bid for tick in published_ticks()] == [1.1]
