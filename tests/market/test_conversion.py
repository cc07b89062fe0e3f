"""Conversion rates: sides, chains, and what happens without a path."""

from decimal import Decimal as D
from itertools import permutations

import pytest

from market.conversion import ConversionSide, Converter
from market.errors import OffQuotes
from market.models import Symbol
from market.quotes.quote import FixedQuotes, Quote

PRICES = {
    "EURUSD": ("1.1000", "1.1002"),
    "USDJPY": ("150.00", "150.02"),
    "GBPUSD": ("1.3000", "1.3002"),
    "EURGBP": ("0.8460", "0.8462"),
}


def rate(
    source: str, target: str, side: ConversionSide, *symbols: str
) -> tuple[D, list[list[str]]]:
    names = symbols or tuple(PRICES)
    pairs = [Symbol(name=n, currency=n[:3], quote_currency=n[3:]) for n in names]
    quotes = {n: Quote(n, D(PRICES[n][0]), D(PRICES[n][1]), 0, 0, 0) for n in names}
    found = Converter(pairs).find_rate(source, target, side, FixedQuotes(quotes))
    return found.value, found.chain


@pytest.mark.parametrize(
    ("side", "value"),
    [
        (ConversionSide.SOLD, D("1.1000")),
        (ConversionSide.BOUGHT, D("1.1002")),
        (ConversionSide.MID, D("1.1001")),
    ],
)
def test_a_direct_pair_uses_the_side_of_the_deal(side: ConversionSide, value: D) -> None:
    assert rate("EUR", "USD", side)[0] == value


def test_an_inverted_pair_divides_by_the_other_side() -> None:
    assert rate("USD", "EUR", ConversionSide.SOLD) == (
        1 / D("1.1002"),
        [["EURUSD", "ask", "1.1002"]],
    )
    assert rate("USD", "EUR", ConversionSide.BOUGHT)[0] == 1 / D("1.1000")


def test_a_chain_takes_each_step_at_its_own_side() -> None:
    value, chain = rate("JPY", "EUR", ConversionSide.SOLD)
    assert [step[:2] for step in chain] == [["USDJPY", "ask"], ["EURUSD", "ask"]]
    assert value == 1 / D("150.02") / D("1.1002")


def test_a_chain_has_at_most_three_symbols() -> None:
    symbols = ("USDJPY", "GBPUSD", "EURGBP")
    assert len(rate("JPY", "EUR", ConversionSide.SOLD, *symbols)[1]) == 3
    pairs = [
        Symbol(name=f"{a}{b}", currency=a, quote_currency=b)
        for a, b in (("AAA", "BBB"), ("BBB", "CCC"), ("CCC", "DDD"), ("DDD", "EEE"))
    ]
    assert Converter(pairs).find_paths("AAA", "EEE") == []


@pytest.mark.parametrize(
    ("side", "used", "value"),
    [
        (ConversionSide.SOLD, "ask", 1 / D("150.02") / D("1.3002") / D("0.8462")),
        (ConversionSide.BOUGHT, "bid", 1 / D("150.00") / D("1.3000") / D("0.8460")),
        (ConversionSide.MID, "mid", 1 / D("150.01") / D("1.3001") / D("0.8461")),
    ],
)
def test_three_inverted_steps_use_one_side_each(side: ConversionSide, used: str, value: D) -> None:
    found, chain = rate("JPY", "EUR", side, "USDJPY", "GBPUSD", "EURGBP")
    assert found == value
    assert [step[:2] for step in chain] == [["USDJPY", used], ["GBPUSD", used], ["EURGBP", used]]


@pytest.mark.parametrize(
    ("side", "value"),
    [
        (ConversionSide.SOLD, D("1.3000") * D("150.00")),
        (ConversionSide.BOUGHT, D("1.3002") * D("150.02")),
        (ConversionSide.MID, D("1.3001") * D("150.01")),
    ],
)
def test_steps_forward_multiply_by_the_other_side(side: ConversionSide, value: D) -> None:
    assert rate("GBP", "JPY", side, "GBPUSD", "USDJPY")[0] == value


@pytest.mark.parametrize(("source", "target"), list(permutations(("EUR", "USD", "JPY", "GBP"), 2)))
def test_selling_brings_less_than_mid_and_buying_costs_more(source: str, target: str) -> None:
    sold, mid, bought = (
        rate(source, target, side)[0]
        for side in (ConversionSide.SOLD, ConversionSide.MID, ConversionSide.BOUGHT)
    )
    assert sold < mid < bought
    assert abs(sold * rate(target, source, ConversionSide.BOUGHT)[0] - 1) < D("1e-26")


@pytest.mark.parametrize("silent", ["USDJPY", "GBPUSD", "EURGBP"])
@pytest.mark.parametrize("side", ConversionSide)
def test_a_chain_with_an_unquoted_step_has_no_rate(silent: str, side: ConversionSide) -> None:
    names = ("USDJPY", "GBPUSD", "EURGBP")
    pairs = [Symbol(name=n, currency=n[:3], quote_currency=n[3:]) for n in names]
    quotes = {n: Quote(n, D(1), D(1), 0, 0, 0) for n in names if n != silent}
    with pytest.raises(OffQuotes, match="nothing converts JPY to EUR"):
        Converter(pairs).find_rate("JPY", "EUR", side, FixedQuotes(quotes))


def test_without_a_chain_there_is_no_rate_and_never_1() -> None:
    with pytest.raises(OffQuotes):
        rate("CHF", "USD", ConversionSide.MID)


def test_without_a_quote_there_is_no_rate() -> None:
    pairs = [Symbol(name="EURUSD", currency="EUR", quote_currency="USD")]
    with pytest.raises(OffQuotes):
        Converter(pairs).find_rate("EUR", "USD", ConversionSide.MID, FixedQuotes({}))


def test_the_same_currency_needs_no_symbol() -> None:
    assert rate("USD", "USD", ConversionSide.BOUGHT) == (D(1), [])


def test_a_quoted_chain_is_used_instead_of_an_unquoted_pair() -> None:
    pairs = [Symbol(name=n, currency=n[:3], quote_currency=n[3:]) for n in PRICES]
    quotes = {n: Quote(n, D(b), D(a), 0, 0, 0) for n, (b, a) in PRICES.items() if n != "EURUSD"}
    found = Converter(pairs).find_rate("EUR", "USD", ConversionSide.SOLD, FixedQuotes(quotes))
    assert [step[0] for step in found.chain] == ["EURGBP", "GBPUSD"]


def test_a_cfd_is_not_used_as_an_exchange_rate() -> None:
    index = Symbol(name="DAXUSD", currency="EUR", quote_currency="USD", margin_mode=4)
    quotes = {"DAXUSD": Quote("DAXUSD", D(18000), D(18001), 0, 0, 0)}
    with pytest.raises(OffQuotes):
        Converter([index]).find_rate("EUR", "USD", ConversionSide.SOLD, FixedQuotes(quotes))
