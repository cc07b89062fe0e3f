"""A write that is repeated with its key takes effect once and is answered the same."""

from typing import Any

import pytest

from accounts.models import Account
from api.models import IdempotencyKey
from market.models import Symbol
from settings_app.models import Setting
from tests import factories
from tests.api.idempotency.keyed_writes import BUY, is_replayed, send_buy, send_write
from tests.conftest import Signed, error_of
from trading.models import Trade


def positions() -> int:
    return Trade.objects.positions().count()


def test_a_repeated_open_opens_one_trade_and_gets_the_first_answer(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    first = send_buy(signed_in(alice), "a-1")
    again = send_buy(signed_in(alice), "a-1")
    assert first.status_code == again.status_code == 200
    assert first.json()["accepted"] is True
    assert first.content == again.content
    assert not is_replayed(first)
    assert is_replayed(again)
    assert positions() == 1


def test_without_a_key_every_request_takes_effect(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    for _ in range(2):
        assert signed_in(alice).post("/trade/open", BUY).status_code == 200
    assert positions() == 2
    assert not IdempotencyKey.objects.exists()


def test_another_key_opens_another_order(signed_in: Signed, alice: Account, eurusd: Symbol) -> None:
    assert send_buy(signed_in(alice), "a-1").json() != send_buy(signed_in(alice), "a-2").json()
    assert positions() == 2


def test_a_key_reused_for_another_body_is_refused_and_changes_nothing(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    send_buy(signed_in(alice), "a-1")
    answer = send_buy(signed_in(alice), "a-1", volume=200)
    assert error_of(answer) == (422, "RET_ERR_DUPLICATE")
    assert positions() == 1


def test_a_key_reused_for_another_route_or_query_is_refused(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    send_buy(client, "a-1")
    assert error_of(send_write(client, "a-1", "post", "/trade/open/pending", BUY))[0] == 422
    assert error_of(send_write(client, "a-1", "delete", "/trade/open", BUY))[0] == 405
    assert error_of(send_write(client, "a-1", "post", "/trade/open?login=100001", BUY))[0] == 422
    assert positions() == 1


def test_post_put_and_the_trailing_slash_are_the_same_route(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    send_buy(client, "a-1")
    assert is_replayed(client.put("/trade/open", BUY, HTTP_IDEMPOTENCY_KEY="a-1"))
    assert is_replayed(client.put("/trade/open/", BUY, HTTP_IDEMPOTENCY_KEY="a-1"))


def test_the_same_key_of_another_login_is_another_request(
    signed_in: Signed, alice: Account, bob: Account, eurusd: Symbol
) -> None:
    factories.symbol("EURJPY")
    orders = {send_buy(signed_in(who), "same").json()["order"] for who in (alice, bob)}
    assert len(orders) == 2
    assert is_replayed(send_buy(signed_in(bob), "same"))
    assert positions() == 2


def test_a_repeated_delete_closes_once(signed_in: Signed, alice: Account, eurusd: Symbol) -> None:
    client = signed_in(alice)
    order = send_buy(client, "open").json()["order"]

    def close(where: str) -> Any:
        if where == "query":
            return client.delete(f"/trade/close?order={order}", HTTP_IDEMPOTENCY_KEY="q")
        return client.delete("/trade/close", {"order": order}, HTTP_IDEMPOTENCY_KEY="b")

    assert close("query").json()["close_volume"] == 100
    assert close("query").json()["close_volume"] == 100
    assert error_of(close("body")) == (400, "RET_TRADE_INCORRECT_STATE")
    assert not Trade.objects.positions().exists()


def test_two_ids_in_the_path_are_two_requests(signed_in: Signed, alice: Account) -> None:
    client = signed_in(alice)
    first, second = (
        send_write(client, "k", "delete", f"/price_alert/{number}") for number in (1, 2)
    )
    assert error_of(first) == (404, "NOT_FOUND")
    assert error_of(second) == (422, "RET_ERR_DUPLICATE")


def test_a_refusal_is_replayed_although_the_request_would_succeed_now(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    first = send_buy(client, "much", volume=1000)
    assert error_of(first) == (409, "RET_TRADE_NO_MONEY")
    Account.objects.filter(pk=alice.pk).update(leverage=1000)
    again = send_buy(client, "much", volume=1000)
    assert again.status_code == 409
    assert again.content == first.content
    assert is_replayed(again)
    assert send_buy(client, "anew", volume=1000).status_code == 200


def test_a_refusal_rolls_back_earlier_writes_of_the_request(
    signed_in: Signed, alice: Account
) -> None:
    values = {f"name-{number}": number for number in range(900)}
    client = signed_in(alice)
    saved = client.put("/settings", {"prefix": "web", "values": values})
    assert saved.status_code == 200
    more = {"prefix": "mobile", "values": values}
    answer = client.put("/settings", more, HTTP_IDEMPOTENCY_KEY="k")
    assert error_of(answer) == (400, "INVALID_DATA")
    assert "at most" in answer.json()["message"]
    assert Setting.objects.filter(user=alice.pk).count() == 900
    assert IdempotencyKey.objects.get().status == 400


def test_a_temporary_refusal_is_not_stored_under_the_key(
    signed_in: Signed, alice: Account, db: None
) -> None:
    client = signed_in(alice)
    factories.symbol("EURUSD")
    assert error_of(send_buy(client, "k")) == (503, "RET_TRADE_OFFQUOTES")
    factories.quote("EURUSD", 1.1, 1.1001)
    answer = send_buy(client, "k")
    assert answer.status_code == 200
    assert not is_replayed(answer)


def test_a_refusal_of_invalid_input_is_stored_under_the_key(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    assert error_of(send_buy(client, "k", volume="x")) == (400, "INVALID_DATA")
    assert is_replayed(send_buy(client, "k", volume="x"))
    assert error_of(send_buy(client, "k")) == (422, "RET_ERR_DUPLICATE")


@pytest.mark.parametrize("key", ["", "x" * 65, "a b", "a.b", "ä", "a\n"])
def test_a_malformed_key_is_refused(
    signed_in: Signed, alice: Account, eurusd: Symbol, key: str
) -> None:
    assert error_of(send_buy(signed_in(alice), key)) == (400, "INVALID_DATA")
    assert positions() == 0


@pytest.mark.parametrize("key", ["a", "Z" * 64, "0_-9"])
def test_every_well_formed_key_is_accepted(
    signed_in: Signed, alice: Account, eurusd: Symbol, key: str
) -> None:
    assert send_buy(signed_in(alice), key).status_code == 200


def test_a_read_ignores_the_key(signed_in: Signed, alice: Account) -> None:
    answer = signed_in(alice).get("/account/me", HTTP_IDEMPOTENCY_KEY="no key at all")
    assert answer.status_code == 200


def test_an_answer_with_a_token_is_never_stored(signed_in: Signed, alice: Account) -> None:
    client = signed_in(alice)
    body = {"login": alice.login, "password": factories.PASSWORD}
    tokens = {
        client.post("/sign/in", body, HTTP_IDEMPOTENCY_KEY="k").json()["__token"] for _ in range(2)
    }
    assert len(tokens) == 2
    assert not IdempotencyKey.objects.exists()


def test_the_stored_fingerprint_depends_on_the_secret_key(
    signed_in: Signed, alice: Account, settings: Any
) -> None:
    body = {"prefix": "web", "name": "x", "value": "secret"}
    signed_in(alice).put("/settings", body, HTTP_IDEMPOTENCY_KEY="k")
    one = IdempotencyKey.objects.get().fingerprint
    IdempotencyKey.objects.all().delete()
    settings.SECRET_KEY = "another" * 10
    signed_in(alice).put("/settings", body, HTTP_IDEMPOTENCY_KEY="k")
    assert IdempotencyKey.objects.get().fingerprint != one
