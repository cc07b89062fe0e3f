"""The header `X-Account-Seq`, on the answer of every write of a client's session."""

from accounts.models import Account, User
from market.models import Symbol
from tests import factories
from tests.api.idempotency.keyed_writes import BUY, send_buy
from tests.conftest import Signed


def seq(account: Account) -> str:
    return str(Account.objects.get(pk=account.pk).seq)


def test_the_header_is_the_seq_after_the_writes_events(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    before = alice.seq
    answer = signed_in(alice).post("/trade/open", BUY)
    assert answer.headers["X-Account-Seq"] == seq(alice)
    assert alice.seq == before < int(answer.headers["X-Account-Seq"])
    order = answer.json()["order"]
    closed = signed_in(alice).delete("/trade/close", {"order": order})
    assert closed.headers["X-Account-Seq"] == seq(alice) > answer.headers["X-Account-Seq"]


def test_a_write_without_events_has_the_present_seq(
    signed_in: Signed, alice: Account, bob: Account, eurusd: Symbol
) -> None:
    signed_in(bob).post("/trade/open", BUY)  # another login's events, in the same thread
    body = {"prefix": "web", "name": "x", "value": 1}
    assert signed_in(alice).put("/settings", body).headers["X-Account-Seq"] == seq(alice)


def test_refused_writes_and_replays_have_the_header(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    first = send_buy(client, "k")
    send_buy(client, "another")
    again = send_buy(client, "k")
    assert int(again.headers["X-Account-Seq"]) > int(first.headers["X-Account-Seq"])
    refused = send_buy(client, "much", volume=5000)
    assert refused.status_code >= 400
    assert again.headers["X-Account-Seq"] == refused.headers["X-Account-Seq"] == seq(alice)


def test_reads_and_staff_sessions_have_no_header(
    signed_in: Signed, alice: Account, admin: User, eurusd: Symbol
) -> None:
    answers = [
        signed_in(alice).get("/account/me"),
        signed_in(admin).post("/trade/open", BUY),
        signed_in(alice).post("/sign/in", {"login": alice.login, "password": factories.PASSWORD}),
    ]
    assert not any("X-Account-Seq" in answer.headers for answer in answers)
