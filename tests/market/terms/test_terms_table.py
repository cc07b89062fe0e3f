"""What an account group trades a symbol on, and the prices that it sees."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Account
from market import catalog
from market.group_quotes import market_quotes, quotes_of_group
from market.models import GroupTerms, Markup, Symbol
from market.quotes.quote import FixedQuotes, Quote
from tests import factories

POINT = Decimal("0.00001")
MARKET = Quote("EURUSD", Decimal("1.10000"), Decimal("1.10011"), 1, 1, 7)


@pytest.fixture
def symbols(db: None) -> None:
    factories.symbol("EURUSD")
    factories.symbol("XAUUSD", 2)


@pytest.mark.parametrize(
    ("markup", "bid", "ask"),
    [
        (Markup(), "1.10000", "1.10011"),
        (Markup(4, 4), "1.09996", "1.10015"),
        (Markup(0, 7), "1.10000", "1.10018"),
        (Markup(spread=8), "1.10001", "1.10009"),  # mid 1.100055 − 4 points, rounded down
        (Markup(spread=30), "1.09990", "1.10020"),
        (Markup(spread=0), "1.10005", "1.10005"),
    ],
)
def test_a_markup_moves_bid_and_ask(markup: Markup, bid: str, ask: str) -> None:
    assert markup.apply(MARKET.bid, MARKET.ask, POINT) == (Decimal(bid), Decimal(ask))


@pytest.mark.parametrize("markup", [Markup(500, 0), Markup(spread=900)])
def test_a_bid_never_falls_below_a_point(markup: Markup) -> None:
    bid, ask = markup.apply(Decimal("0.00100"), Decimal("0.00110"), POINT)
    assert bid == POINT
    assert ask > bid


@pytest.mark.usefixtures("symbols")
def test_the_first_fitting_entry_counts_whole(alice: Account) -> None:
    group = alice.group
    GroupTerms.objects.create(group=group, symbols="*", position=2, bid_markup=9, comm_base=7)
    GroupTerms.objects.create(group=group, symbols="EUR*", position=1, ask_markup=3, stops_level=5)
    euro = catalog.current_catalog().instrument(group, "EURUSD")
    assert (euro.markup, euro.stops_level, int(euro.comm_base)) == (Markup(0, 3), 5, 0)
    gold = catalog.current_catalog().instrument(group, "XAUUSD")
    assert (gold.markup, int(gold.comm_base)) == (Markup(9, 0), 7)


@pytest.mark.usefixtures("symbols")
def test_without_terms_the_symbol_itself_is_traded(alice: Account) -> None:
    GroupTerms.objects.create(group=alice.group, symbols="XAU*", comm_base=7)
    GroupTerms.objects.create(group=alice.group, symbols="*", enabled=False, comm_base=7)
    found = catalog.current_catalog()
    assert found.instrument(alice.group, "EURUSD") is found.symbols["EURUSD"]


@pytest.mark.usefixtures("symbols")
@pytest.mark.parametrize(
    ("tiers", "capped"),
    [([], [[None, 30]]), ([[5, 200], [None, 20]], [[5, 30], [None, 20]])],
)
def test_a_leverage_cap_lowers_every_tier(
    alice: Account, tiers: list[object], capped: list[object]
) -> None:
    Symbol.objects.filter(pk="EURUSD").update(leverage_tiers=tiers)
    GroupTerms.objects.create(group=alice.group, symbols="EURUSD", leverage_cap=30)
    found = catalog.current_catalog()
    assert found.instrument(alice.group, "EURUSD").leverage_tiers == capped
    assert found.symbols["EURUSD"].leverage_tiers == tiers


@pytest.mark.usefixtures("symbols")
def test_a_group_sees_marked_up_quotes_and_keeps_the_markets_at_hand(alice: Account) -> None:
    market = FixedQuotes({"EURUSD": MARKET})
    assert quotes_of_group(market, alice.group) is market
    GroupTerms.objects.create(group=alice.group, symbols="EURUSD", bid_markup=4, ask_markup=4)
    seen = quotes_of_group(market, alice.group)
    quote = seen.get("EURUSD")
    assert quote is not None
    assert (quote.bid, quote.ask) == (Decimal("1.09996"), Decimal("1.10015"))
    assert quote.seq_no == MARKET.seq_no
    assert quote.market is MARKET
    assert market_quotes(seen) is market
    assert quotes_of_group(seen, alice.group) is seen


@pytest.mark.usefixtures("symbols")
@pytest.mark.parametrize(
    "fields",
    [
        {"spread": 5, "bid_markup": 1},
        {"swap_free": True, "swap_long": 1},
        {"swap_fee": 1},
        {"leverage_cap": 0},
        {"comm_minimum": -1},
    ],
    ids=str,
)
def test_the_table_refuses_terms_that_contradict(alice: Account, fields: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupTerms.objects.create(group=alice.group, **fields)
