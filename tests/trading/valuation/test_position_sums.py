"""Running sums of positions that come and go are those that are worked out anew."""

from decimal import Decimal as D

from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.enums import HedgeMargin, HedgePrice
from tests.trading.valuation.in_memory import make_valuation, position, symbol
from trading.unit.running_sums import RunningSums
from trading.valuation.positions import Position

PRICES = {"EURUSD": ("1.1", "1.1002"), "USDJPY": ("155.13", "155.17"), "EURJPY": ("170.6", "170.7")}
SYMBOLS = [symbol(name, margin_hedged=D(50_000), digits=5) for name in PRICES]
TIERED = symbol("GBPUSD", leverage_tiers=[[1, 300], [None, 7]])
COSTS = st.decimals(D("-9.99"), D(9), places=2)
POSITION = st.builds(
    lambda of, direction, volume, price, rate, costs: position(
        of, direction, volume, price, rate, commission=costs, storage=-costs
    ),
    st.sampled_from([*SYMBOLS, TIERED]),
    st.sampled_from([1, -1]),
    st.integers(1, 500),
    st.decimals(D("0.5"), D(200), places=5),
    st.decimals(D("0.01"), D(100), places=12),
    COSTS,
)
STEPS = st.lists(st.tuples(st.integers(1, 5), st.one_of(st.none(), POSITION)), max_size=12)


@settings(deadline=None)
@given(
    STEPS,
    st.sampled_from(HedgeMargin.values),
    st.sampled_from(HedgePrice.values),
    st.sampled_from(["open", "mid"]),
)
def test_running_sums_equal_those_that_are_worked_out_anew(
    steps: list[tuple[int, Position | None]], model: str, price: str, mode: str
) -> None:
    prices = {**PRICES, "GBPUSD": ("1.25", "1.2502")}
    value = make_valuation(
        prices, *SYMBOLS, TIERED,
        currency="EUR", hedge_margin=model, hedge_price=price, margin_rate_mode=mode,
    )  # fmt: skip
    held: dict[int, Position] = {}
    running = RunningSums(value, held)
    for order, changed in steps:
        held.pop(order, None)
        if changed is not None:
            held[order] = changed
        running.mark_changed(order)
        assert value.figures_of_sums(running.current()) == value.figures(held.values())
