"""Explaining an order: quotes around each fill, figures before and after, rules and rates."""

from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.enums import SessionType
from accounts.models import Account, User
from core.clock import now
from market.models import Symbol
from tests import factories
from tests.conftest import Signed, error_of, staff
from tests.factories import D
from trading import services
from trading.engine.engine import Engine
from trading.enums import Activation, Cmd
from trading.models import Fill, MarginAction, Rollover, SwapCharge, Trade


def buy(login: int = 100001, **fields: Any) -> Trade:
    return services.open_market(login=login, cmd=Cmd.BUY, symbol="EURUSD", volume=100, **fields)


def explained(client: Any, order: int) -> dict[str, Any]:
    answer = client.get(f"/trade/explain/{order}")
    assert answer.status_code == 200, answer.content
    reply: dict[str, Any] = answer.json()
    return reply


def test_a_fill_has_the_figures_before_and_after_it(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    order = buy().order
    factories.quote("EURUSD", 1.102, 1.1021)
    services.close_position(login=100001, order=order)
    opened, closed = explained(signed_in(alice), order)["fills"]
    assert (opened["kind"], opened["price"], opened["volume"]) == ("open", 1.1001, 100)
    assert opened["before"] == {
        "balance": 10000, "credit": 0, "profit": 0, "equity": 10000, "margin": 0,
        "margin_free": 10000, "level": None,
    }  # fmt: skip
    assert opened["after"]["equity"] == 9990
    assert opened["after"]["margin"] == 1100.1
    assert opened["after"]["level"] == pytest.approx(9990 / 1100.1 * 100)
    assert (closed["before"]["balance"], closed["before"]["profit"]) == (10000, 190)
    assert closed["after"] == opened["before"] | {
        "balance": 10190, "equity": 10190, "margin_free": 10190
    }  # fmt: skip


def test_explained_figures_equal_those_sent_to_the_client(
    signed_in: Signed, bob: Account, eurusd: Symbol
) -> None:
    first, second = buy(bob.login), buy(bob.login)
    services.close_position(login=bob.login, order=first.order, volume=40)
    client = signed_in(bob)
    piece = Trade.objects.get(parent=first)
    after = explained(client, piece.order)["fills"][-1]["after"]
    reply = client.get("/account/balance").json()
    for name in ("balance", "credit", "profit", "equity", "margin", "margin_free"):
        assert round(after[name], 2) == reply[name], name
    before = explained(client, second.order)["fills"][0]["after"]
    assert explained(client, piece.order)["fills"][-1]["before"]["equity"] == pytest.approx(
        before["equity"]
    )


def test_a_fill_has_its_quote_its_chain_and_the_rules_of_the_group(
    signed_in: Signed, bob: Account, eurusd: Symbol
) -> None:
    order = buy(bob.login).order
    factories.quote("EURUSD", 1.11, 1.1101)
    services.close_position(login=bob.login, order=order)
    closed = explained(signed_in(bob), order)["fills"][1]
    assert closed["quote"][:2] == [1.11, 1.1101]
    assert closed["rates"]["profit"]["chain"] == [["EURUSD", "ask", "1.1101"]]
    assert closed["rates"]["profit"]["rate"] == pytest.approx(1 / 1.1101)
    rules = {"conversion": "by_sign", "gap_rule": "limit", "hedge_margin": "larger_leg"}
    assert rules.items() <= closed["rules"].items()
    assert closed["rules"]["leverage"] == 100


def test_the_explained_rules_are_those_of_the_fills_time(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    order = buy().order
    alice.group.conversion, alice.group.hedge_margin = "mid", "sum"
    alice.group.save()
    rules = explained(signed_in(alice), order)["fills"][0]["rules"]
    assert (rules["conversion"], rules["hedge_margin"]) == ("by_sign", "larger_leg")


@pytest.mark.django_db(transaction=True)
def test_activations_and_stops_are_explained(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    pending = services.open_pending(
        login=100001, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=100, open_price=D("1.095"),
        sl=D("1.09"),
    )  # fmt: skip
    engine = Engine()
    engine.load()
    engine.batch -= 1000
    for price in (1.097, 1.094, 1.0912, 1.0895, 1.1):
        factories.quote("EURUSD", price, round(price + 0.0001, 5))
    engine.step()
    reply = explained(signed_in(alice), pending.order)
    assert reply["order"]["activation"] == Activation.STOP_LOSS
    activated, closed = reply["fills"]
    assert (activated["kind"], activated["price"], activated["quote"][:2]) == (
        "activate", 1.095, [1.094, 1.0941],
    )  # fmt: skip
    assert (closed["price"], closed["quote"][:2]) == (1.0895, [1.0895, 1.0896])
    bids = [quote[0] for quote in closed["around"]]
    assert bids == [1.1, 1.097, 1.094, 1.0912, 1.0895, 1.1]


def test_an_explanation_includes_swaps_partial_closes_and_corrections(
    signed_in: Signed, alice: Account, eurusd: Symbol, dan: User
) -> None:
    order = buy().order
    night = Rollover.objects.create(night=date(2026, 11, 20), moment=now())
    terms = {"type": "points", "rate": "-7.2"}
    SwapCharge.objects.create(trade_id=order, night=night, days=3, amount=D("-2.16"), terms=terms)
    piece = services.close_position(login=100001, order=order, volume=30)
    services.close_position(login=100001, order=order)
    fixed = services.correct_entry(
        login=100001, order=order, amount=D(5), reason="spike", staff=dan
    )
    reply = explained(signed_in(alice), order)
    assert reply["swaps"] == [{"night": "2026-11-20", "days": 3, "amount": -2.16, "terms": terms}]
    assert [row["order"] for row in reply["pieces"]] == [piece.order]
    assert [(row["order"], row["profit"], row["comment"]) for row in reply["corrections"]] == [
        (fixed.order, 5, "spike")
    ]
    of_piece = explained(signed_in(alice), piece.order)
    assert of_piece["order"]["parent_order"] == order
    assert [(fill["kind"], fill["order"]) for fill in of_piece["fills"]] == [
        ("open", order), ("close", piece.order),
    ]  # fmt: skip
    of_fixed = explained(signed_in(alice), fixed.order)
    assert (of_fixed["order"]["corrects_order"], of_fixed["fills"]) == (order, [])


def test_an_explanation_includes_margin_actions(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    order = buy().order
    MarginAction.objects.create(
        account=alice, kind=MarginAction.Kind.STOP_OUT, time=1_800_000_000, trade_id=order,
        before={"equity": "540.5", "level": "49.13"}, after={"equity": "540.5", "level": None},
        quotes={"EURUSD": [1.1, 1.1001, 1, 2, 3]}, rules={"margin_stopout": "50"},
    )  # fmt: skip
    (action,) = explained(signed_in(alice), order)["margin_actions"]
    assert (action["kind"], action["time"]) == ("stop_out", 1_800_000_000)
    assert action["before"] == {"equity": 540.5, "level": 49.13}
    assert action["quotes"]["EURUSD"][:2] == [1.1, 1.1001]
    assert action["rules"] == {"margin_stopout": "50"}
    output = StringIO()
    call_command("explain", str(order), stdout=output)
    assert "  quote of EURUSD: 1.1 1.1001 1970-01-01 00:00:00.001 1970-" in output.getvalue()


def test_another_clients_order_is_refused(
    signed_in: Signed, alice: Account, bob: Account, eurusd: Symbol
) -> None:
    order = buy().order
    client = signed_in(bob)
    assert error_of(client.get(f"/trade/explain/{order}")) == (403, "PERMISSION_DENIED")
    assert error_of(client.get("/trade/explain/999999")) == (404, "RET_NOT_FOUND")


def test_staff_need_the_permission_and_no_login(
    signed_in: Signed, alice: Account, bob: Account, eurusd: Symbol, carol: User, dan: User
) -> None:
    order = buy().order
    for who in (carol, dan):
        assert explained(signed_in(who), order)["order"]["login"] == 100001
    other_dealer = signed_in(staff(8, "Nobody", SessionType.DEALER))
    for number in (order, 999_999):
        answer = other_dealer.get(f"/trade/explain/{number}")
        assert error_of(answer) == (403, "PERMISSION_DENIED")
    answer = signed_in(carol).get(f"/trade/explain/{order}", {"login": bob.login})
    assert error_of(answer) == (403, "PERMISSION_DENIED")


def test_clients_do_not_see_which_staff_member_acted(
    signed_in: Signed, alice: Account, carol: User, dan: User
) -> None:
    deposit = Trade.objects.get(account=alice)
    row = services.correct_entry(
        login=100001, order=deposit.order, amount=D(1), reason="x", staff=dan
    )
    assert explained(signed_in(alice), row.order)["order"]["staff"] is None
    assert explained(signed_in(alice), deposit.order)["corrections"][0]["staff"] is None
    assert explained(signed_in(carol), row.order)["order"]["staff"] == dan.pk
    assert explained(signed_in(carol), deposit.order)["corrections"][0]["staff"] == dan.pk


def test_the_command_prints_the_explanation_as_text(
    alice: Account, eurusd: Symbol, dan: User
) -> None:
    order = buy(sl=D("1.05")).order
    piece = services.close_position(login=100001, order=order, volume=30, comment="half a step")
    fixed = services.correct_entry(
        login=100001, order=piece.order, amount=D("-3"), reason="wrong side", staff=dan
    )
    output = StringIO()
    call_command("explain", str(order), stdout=output)
    for line in (
        f"order {order} of 100001: buy 0.70 lots EURUSD, open",
        "  sl 1.05",
        "  0.30 lots of it closed in pieces",
        f"open of {order}: 1.00 lots at 1.1001",
        (
            "  before: balance 10000, credit 0, profit 0, equity 10000, margin 0,"
            " margin_free 10000, level none"
        ),
        f"piece: order {piece.order} of 100001: buy 0.30 lots EURUSD, closed part",
        "    comment: half a step",
    ):
        assert line in output.getvalue().splitlines(), line
    output = StringIO()
    call_command("explain", str(piece.order), stdout=output)
    assert f"correction: order {fixed.order} of 100001: balance out, closed" in output.getvalue()
    assert f"by dealer, staff 2, corrects {piece.order}" in output.getvalue()


def test_the_command_leaves_out_what_only_the_platform_reads(
    alice: Account, eurusd: Symbol
) -> None:
    order = buy().order
    MarginAction.objects.create(
        account=alice, trade_id=order, kind=MarginAction.Kind.STOP_OUT, time=1, before={}, after={},
        quotes={}, rules={"margin_stopout": "50", "looked_at": 17958525640520004},
    )  # fmt: skip
    output = StringIO()
    call_command("explain", str(order), stdout=output)
    assert "rules: margin_stopout 50\n" in output.getvalue()
    assert "looked_at" not in output.getvalue()


def test_the_command_marks_the_filling_quote(alice: Account, eurusd: Symbol) -> None:
    order = buy().order
    factories.quote("EURUSD", 1.2, 1.2001)
    output = StringIO()
    call_command("explain", str(order), stdout=output)
    marked = [line for line in output.getvalue().splitlines() if line.startswith("  > ")]
    assert len(marked) == 1
    assert marked[0].startswith("  > 1.1 1.1001 20")
    assert "    1.2 1.2001 20" in output.getvalue()


def test_prices_of_many_zeros_are_never_in_exponent_form(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    Symbol.objects.update(digits=8)
    factories.quote("EURUSD", 0.00000123, 0.00000125)
    order = buy().order
    reply = signed_in(alice).get(f"/trade/explain/{order}").content
    assert b'"quote":[0.00000123,0.00000125,' in reply
    assert reply.count(b"[0.00000123,0.00000125,") == 2  # and among those around it
    output = StringIO()
    call_command("explain", str(order), stdout=output)
    assert "  > 0.00000123 0.00000125 20" in output.getvalue()


def test_the_command_refuses_an_unknown_order(db: None) -> None:
    with pytest.raises(CommandError, match="no such order"):
        call_command("explain", "77")


def test_every_fill_stores_its_figures(alice: Account, eurusd: Symbol) -> None:
    order = buy().order
    services.close_position(login=100001, order=order, volume=10)
    services.close_position(login=100001, order=order)
    assert not Fill.objects.filter(before={}).exists()
    assert not Fill.objects.filter(after={}).exists()
