"""Partial closes: the parts are paid exactly what closing the whole would pay."""

from decimal import Decimal as D
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, Group
from core.money import digits_of, round_to_currency
from market.models import Symbol
from market.quotes.quote import FixedQuotes, Quote
from tests import factories
from tests.fuzz import examples
from trading import services
from trading.enums import Activation, Cmd, State
from trading.ledger_audit import find_differences
from trading.models import Trade
from trading.services.closing import CloseDecision, execute_close
from trading.unit.unit import lock_account
from trading.valuation import partial_close

CURRENCIES = st.sampled_from(["USD", "JPY"])
PARTITION = st.lists(st.integers(1, 500), min_size=1, max_size=12)
PRICE = st.integers(50_000, 200_000).map(lambda points: D(points).scaleb(-5))
RATE = st.integers(1, 3_000_000).map(lambda points: D(points).scaleb(-5))


def round_exact(exact: Fraction, currency: str) -> D:
    """Return the exact figure rounded half away from zero, without decimals."""
    scaled = abs(exact) * 10 ** digits_of(currency)
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return D(whole if exact >= 0 else -whole).scaleb(-digits_of(currency))


def profits_of_parts(currency: str, volumes: list[int], earned: Any) -> list[D]:
    """Return the profits of parts of these volumes; `earned(volume)` is unrounded."""
    realized, profits = D(0), []
    for volume in volumes:
        share = partial_close.realised_share(realized, earned(volume), currency)
        realized = share.realized
        profits.append(share.profit)
    return profits


@settings(max_examples=examples(500), deadline=None)
@given(CURRENCIES, PARTITION, PRICE, PRICE, RATE, st.booleans())
def test_any_partition_sums_to_the_exact_profit_of_the_whole_rounded_once(
    currency: str, volumes: list[int], opened: D, closed: D, quote: D, divided: bool
) -> None:
    rate = 1 / quote if divided else quote
    profits = profits_of_parts(
        currency, volumes, lambda volume: (closed - opened) * volume * 1000 * rate
    )
    by_quote = 1 / Fraction(quote) if divided else Fraction(quote)
    exact = Fraction(closed - opened) * sum(volumes) * 1000 * by_quote
    assert sum(profits) == round_exact(exact, currency)


@pytest.mark.parametrize(
    ("whole", "count", "rate", "expected"),
    [
        ("0.015", 3, 1 / D(3), "0.01"),  # 0.005 over a division that does not end
        ("-0.015", 3, 1 / D(3), "-0.01"),
        ("0.105", 7, 1 / D(3), "0.04"),  # 0.035
        ("0.005", 5, D(1), "0.01"),
        ("-0.005", 5, D(1), "-0.01"),
        ("0.0049", 7, D(1), "0.00"),
    ],
)
def test_a_rounding_tie_stays_a_tie_in_parts(
    whole: str, count: int, rate: D, expected: str
) -> None:
    one = profits_of_parts("USD", [1], lambda _: D(whole) * rate)
    many = profits_of_parts("USD", [1] * count, lambda _: D(whole) / count * rate)
    assert one == [D(expected)]
    assert sum(many) == D(expected)


def test_a_rounding_tie_survives_parts_that_no_column_holds_exactly() -> None:
    # 0.0333… + 0.00133… + 0.000333… = 0.035, of which every piece has lost its end.
    profits = profits_of_parts("USD", [100, 4, 1], lambda volume: D(volume).scaleb(-3) / 3)
    assert sum(profits) == D("0.04")


def test_amounts_of_any_size_keep_their_cents() -> None:
    assert profits_of_parts("JPY", [1, 1], lambda _: D("1234567890123456.75")) == [
        D(1234567890123457),
        D(1234567890123457),
    ]


def test_parts_at_different_prices_are_paid_their_rounded_sum() -> None:
    earned = iter([D("1.004"), D("-2.003"), D("0.0044")])
    assert profits_of_parts("USD", [1, 1, 1], lambda _: next(earned)) == [
        D("1.00"),
        D("-2.00"),
        D("0.01"),
    ]


@pytest.fixture
def usdjpy(db: None) -> Symbol:
    return factories.symbol("USDJPY", digits=3)


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@pytest.mark.usefixtures("usdjpy")
@given(
    currency=CURRENCIES,
    volumes=st.lists(st.integers(1, 300), min_size=2, max_size=5),
    opened=PRICE,
    closed=PRICE,
    rate=st.integers(50, 200).map(lambda yen: D(yen) / 7),
    cents_=st.tuples(st.integers(-999, 0), st.integers(-999, 999)),
)
def test_the_parts_figures_sum_to_those_of_a_whole_close(
    alice: Account,
    eurusd: Symbol,
    currency: str,
    volumes: list[int],
    opened: D,
    closed: D,
    rate: D,
    cents_: tuple[int, int],
) -> None:
    Group.objects.update(currency=currency)
    alice.group.refresh_from_db()
    quotes = FixedQuotes(
        {
            "EURUSD": Quote("EURUSD", closed, closed, 1000, 0, 1),
            "USDJPY": Quote("USDJPY", round(rate, 8), round(rate, 8), 1000, 0, 1),
        }
    )
    closing = CloseDecision(closed, 1, quotes.get("EURUSD"))  # type: ignore[arg-type]
    whole, parts = (
        Trade.objects.create(
            account=alice, symbol=eurusd, cmd=Cmd.BUY, volume=sum(volumes), open_price=opened,
            open_time=1, commission=D(cents_[0]), storage=D(cents_[1]),
        )
        for _ in range(2)
    )  # fmt: skip
    with lock_account(alice.login) as locked:
        execute_close(locked, locked.trade(whole.pk)[0], whole.volume, closing, quotes)
        for volume in volumes:
            execute_close(locked, locked.trade(parts.pk)[0], volume, closing, quotes)
    whole.refresh_from_db()
    family = Trade.objects.filter(pk=parts.pk) | Trade.objects.filter(parent=parts)
    rows = list(family.filter(state__in=[State.CLOSED, State.CLOSED_PART]))
    assert len(rows) == len(volumes)
    for name in ("volume", "profit", "commission", "storage"):
        assert sum(getattr(row, name) for row in rows) == getattr(whole, name), name
    assert all(row.profit == round_to_currency(row.profit, currency) for row in rows)
    assert not [line for line in find_differences() if "balance" in line]


def test_the_realized_profit_stays_with_the_position(alice: Account, eurusd: Symbol) -> None:
    Symbol.objects.update(contract_size=1)
    trade = services.open_market(login=alice.login, cmd=Cmd.BUY, symbol="EURUSD", volume=300)
    factories.quote("EURUSD", 1.1043, 1.1044)
    got = [
        services.close_position(login=alice.login, order=trade.order, volume=100) for _ in range(2)
    ]
    trade.refresh_from_db()
    assert trade.realized == D("0.0084")  # twice 0.0042
    assert [piece.profit for piece in got] == [D("0.00"), D("0.01")]
    assert [piece.realized for piece in got] == [0, 0]
    last = services.close_position(login=alice.login, order=trade.order)
    assert last.profit == D("0.00")  # 0.0126 in all, of which 0.01 was paid
    alice.refresh_from_db()
    assert alice.balance == D("10000.01")


def test_a_trigger_after_a_partial_close_pays_the_remaining_cents(
    alice: Account, eurusd: Symbol
) -> None:
    Symbol.objects.update(contract_size=1)
    trade = services.open_market(
        login=alice.login, cmd=Cmd.BUY, symbol="EURUSD", volume=200, tp=D("1.1051")
    )
    quote = factories.quote("EURUSD", 1.1051, 1.1052)
    first = services.close_position(login=alice.login, order=trade.order, volume=100)
    quotes = FixedQuotes({"EURUSD": quote})
    rest = services.close_by_trigger(
        login=alice.login, order=trade.order, activation=Activation.TAKE_PROFIT,
        quote=quote, quotes=quotes,
    )  # fmt: skip
    assert rest is not None
    assert (first.profit, rest.profit) == (D("0.01"), D("0.00"))  # 0.0050 twice
