"""The sentences that answer why an order was closed, and why an account was stopped out."""

import re

import pytest

from accounts.models import Account
from market.models import Symbol
from market.quotes.quote import LatestQuotes
from tests import factories
from tests.factories import D
from trading import services
from trading.backoffice.explanations.margin_verdicts import format_level, margin_verdict
from trading.backoffice.explanations.verdicts import client_text, fill_verdict, order_verdict
from trading.enums import Activation, Cmd
from trading.evidence.order_evidence import load_evidence
from trading.models import Fill, MarginAction, Trade

pytestmark = pytest.mark.django_db
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC"


def verdict(trade: Trade) -> list[str]:
    """Return the sentences about the order; every time in them is to the millisecond."""
    trade.refresh_from_db()
    return [re.sub(TIME, "TIME", one) for one in order_verdict(load_evidence(trade))]


@pytest.fixture
def trade(alice: Account, eurusd: Symbol) -> Trade:
    return services.open_market(
        login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100, sl=D("1.09"), tp=D("1.12")
    )


def test_a_stop_out_is_answered_with_the_figures_that_demanded_it(stopped: MarginAction) -> None:
    first, second = margin_verdict(stopped)
    assert re.sub(TIME, "TIME", first) == (
        "Stopped out on TIME: equity 1,100.00 / margin 2,200.00 = 50.00 %, "
        "at or below the stop-out of 50 %."
    )
    assert second == "The largest loss, buy 2.00 EURUSD, was closed at bid 1.09450."
    assert stopped.trade is not None
    words = verdict(stopped.trade)
    assert words[1] == second
    assert words[-1] == "Result: -1,100.00 USD (profit -1,100.00, commission 0.00, swap 0.00)."


def test_a_margin_call_and_its_end_are_answered(stopped: MarginAction) -> None:
    call, recovery = MarginAction.objects.exclude(kind="stop_out").order_by("pk")
    assert "below the margin call of 100 %" in margin_verdict(call)[0]
    assert margin_verdict(recovery)[0].endswith("no margin is used any more.")


STOPPED = """\
Closed by the stop loss on TIME: the bid 1.08970 was at or below the stop loss of 1.09000.
The buy 1.00 EURUSD was filled at 1.08970, 30 points worse than its level, as the first price past \
it."""
TAKEN = """\
Closed by the take profit on TIME: the bid 1.12000 was at or above the take profit of 1.12000.
The buy 1.00 EURUSD was filled at 1.12000, exactly its level."""


@pytest.mark.parametrize(
    ("bid", "activation", "text"),
    [(1.0897, Activation.STOP_LOSS, STOPPED), (1.12, Activation.TAKE_PROFIT, TAKEN)],
)
def test_a_close_by_a_level_names_quote_level_and_slippage(
    trade: Trade, bid: float, activation: Activation, text: str
) -> None:
    quote = factories.quote("EURUSD", bid, bid + 0.0001)
    services.close_by_trigger(
        login=100001, order=trade.order, activation=activation, quote=quote,
        quotes=LatestQuotes(),
    )  # fmt: skip
    words = verdict(trade)
    assert words[:2] == text.splitlines()
    assert words[2] == "Opened on TIME: buy 1.00 EURUSD at the ask 1.10010."


def test_open_pending_cancelled_and_finance_rows_say_what_they_are(
    trade: Trade, pending: Trade
) -> None:
    assert verdict(trade)[0] == "The buy 1.00 EURUSD is open."
    assert verdict(pending) == ["The buy limit 0.10 EURUSD waits for 1.05000."]
    services.cancel_pending(login=100001, order=pending.order)
    assert re.match(r"The buy limit 0\.10 EURUSD was cancelled on .* UTC\.", verdict(pending)[0])
    deposit = Trade.objects.get(account=100001, cmd=Cmd.BALANCE_IN)
    assert re.match(r"Deposit of 10,000\.00 USD, booked on .* UTC\.", verdict(deposit)[0])


def test_a_fill_is_answered_with_its_quote_and_the_client_gets_no_names_of_staff(
    trade: Trade,
) -> None:
    closed = services.close_position(login=100001, order=trade.order, volume=30)
    fill = Fill.objects.get(trade=closed)
    first, second = fill_verdict(fill)
    assert re.sub(TIME, "TIME", first) == "Closed on TIME: buy 0.30 EURUSD at 1.10000."
    assert second == "The quote was bid 1.10000 / ask 1.10010."
    words = verdict(closed)
    assert words[0] == "Closed on TIME: part of it, buy 0.30 EURUSD, at the bid 1.10000."
    assert verdict(trade)[-1] == "0.30 lots of it were closed in parts."
    assert client_text(closed, words).startswith(f"Order {closed.order}, account 100001\nClosed on")


@pytest.mark.parametrize(
    ("level", "text"),
    [
        ("49.7995213", "49.80 %"),
        ("49.9996", "49.9996 %"),
        ("50", "50.00 %"),
        ("1700", "1,700.00 %"),
    ],
)
def test_a_level_that_is_not_its_threshold_does_not_look_like_it(level: str, text: str) -> None:
    assert format_level(D(level), D(50)) == text
