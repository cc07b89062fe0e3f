"""The volume that a partial stop-out closes, compared with trying every volume."""

from decimal import Decimal as D

from hypothesis import example, given
from hypothesis import strategies as st

from accounts.enums import HedgeMargin, HedgePrice
from accounts.models import Account, Group
from market.conversion import Converter
from market.models import Symbol
from market.quotes.quote import FixedQuotes, Quote
from trading.services.margin_actions import MarginSnapshot, RecordingQuotes
from trading.services.stop_out import (
    StopOutQueue,
    must_stop_out,
    snapshot_after_closing,
    volume_to_close,
)
from trading.valuation.account import Valuation
from trading.valuation.positions import Position

PRICE = D("1.1")
positions = st.lists(
    st.tuples(st.integers(1, 60), st.sampled_from([1, -1]), st.integers(10500, 11500)),
    min_size=1,
    max_size=4,
)


def make_snapshot(
    legs: list[tuple[int, int, int]], balance: int, group: Group, symbol: Symbol, spread: int
) -> tuple[MarginSnapshot, list[Position]]:
    """Return positions of (volume, direction, price) and their margin snapshot in memory."""
    account = Account(balance=D(balance), credit=D(0), leverage=100, group=group)
    ask = PRICE + spread * symbol.point
    noted = RecordingQuotes(FixedQuotes({"EURUSD": Quote("EURUSD", PRICE, ask, 0, 0, 0)}))
    held = [
        Position(order, symbol, way, volume, D(price) / 10_000, D(0), D(0), D(1))
        for order, (volume, way, price) in enumerate(legs, 1)
    ]
    valuation = Valuation(account, Converter([symbol]), noted, strict=True)
    sums = valuation.sums_of(held)
    figures = valuation.figures_of_sums(sums)
    return MarginSnapshot(account, sums, valuation, noted, figures), held


def smallest_sufficient(seen: MarginSnapshot, position: Position, symbol: Symbol) -> int:
    """Return the smallest possible volume after which no stop-out is due, by trying all."""
    for lots in range(1, position.volume):
        rest = position.volume - lots
        possible = rest >= symbol.lot_min and not rest % symbol.lot_step
        if possible and not must_stop_out(snapshot_after_closing(seen, position, lots)):
            return lots
    return position.volume


@given(
    legs=positions,
    balance=st.integers(50, 1500),
    stop=st.sampled_from([20, 50, 100, 400]),
    model=st.sampled_from(list(HedgeMargin)),
    price=st.sampled_from(list(HedgePrice)),
    step=st.integers(1, 7),
    least=st.integers(1, 3),
    spread=st.integers(0, 400),
    skip=st.booleans(),
)
@example(
    [(60, -1, 11000), (80, 1, 11000)], 2200, 1100, HedgeMargin.ZERO, HedgePrice.LEG, 1, 1, 0, False
)
def test_the_smallest_sufficient_volume_is_closed(
    legs: list[tuple[int, int, int]],
    balance: int,
    stop: int,
    model: HedgeMargin,
    price: HedgePrice,
    step: int,
    least: int,
    spread: int,
    skip: bool,
) -> None:
    group = Group(
        currency="USD", margin_stopout=D(stop), margin_call=D(stop), hedge_margin=model,
        hedge_price=price, stopout_order="partial", stopout_skip_hedged=skip,
    )  # fmt: skip
    symbol = Symbol(
        name="EURUSD", currency="EUR", quote_currency="USD", margin_currency="EUR", digits=5,
        contract_size=D(100_000), lot_step=step, lot_min=least * step, margin_divider=D(1),
        margin_hedged=D(50_000), leverage_tiers=[],
    )  # fmt: skip
    seen, held = make_snapshot(legs, balance, group, symbol, spread)
    if not must_stop_out(seen):
        return
    position = StopOutQueue(seen, held).take()
    assert position is not None
    assert volume_to_close(seen, position, symbol) == smallest_sufficient(seen, position, symbol)
