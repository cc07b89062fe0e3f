"""The formulas of domain.md, sections 1 to 4: pure functions in `Decimal`, nothing rounded."""

from decimal import Decimal

from core.money import ZERO
from market.enums import (
    LEVERAGED_MODES,
    PRICED_MODES,
    CommissionPer,
    CommissionType,
    MarginMode,
    ProfitMode,
)
from market.models import LOT, Symbol

ONE, HUNDRED = Decimal(1), Decimal(100)


def tick_factor(symbol: Symbol) -> Decimal:
    """Return tick value / tick size of futures and indices, else 1 (domain.md, section 3)."""
    futures = symbol.profit_mode == ProfitMode.FUTURES
    index = symbol.margin_mode == MarginMode.CFD_INDEX
    if (futures or index) and symbol.tick_size and symbol.tick_value:
        return Decimal(symbol.tick_value / symbol.tick_size)
    return ONE


def quote_currency_profit(
    symbol: Symbol, direction: int, opened: Decimal, closed: Decimal, volume: int
) -> Decimal:
    """Return d · (close - open) · V in the quote currency (domain.md, section 3)."""
    units = symbol.base_units(volume)
    return value_of_move(direction, opened, closed, units, tick_factor(symbol))


def value_of_move(
    direction: int, opened: Decimal, closed: Decimal, units: Decimal, factor: Decimal
) -> Decimal:
    """Return d · (close - open) · V · tick factor; `units` is V."""
    return direction * (closed - opened) * units * factor


def tiered_margin(
    symbol: Symbol, volume: int, price: Decimal, leverage: int
) -> tuple[Decimal, str]:
    """Return a volume's margin before conversion, and its currency (domain.md, section 2)."""
    amount, currency = margin_by_leverage(symbol, volume, price, leverage)
    return apply_leverage_tiers(symbol, amount, volume, leverage), currency


def margin_by_leverage(
    symbol: Symbol, volume: int, price: Decimal, leverage: int
) -> tuple[Decimal, str]:
    """Return the margin at the account's leverage without tiers, and its currency.

    Raises:
        ValueError: the symbol's margin mode is unknown.
    """
    units = symbol.base_units(volume)
    match symbol.margin_mode:
        case MarginMode.FOREX:
            amount, currency = units / leverage, symbol.margin_currency
        case MarginMode.CFD:
            amount, currency = units * price, symbol.quote_currency
        case MarginMode.CFD_LEVERAGE:
            amount, currency = units * price / leverage, symbol.quote_currency
        case MarginMode.CFD_INDEX:
            amount, currency = units * price * tick_factor(symbol), symbol.quote_currency
        case MarginMode.FUTURES:
            amount = symbol.margin_initial * volume / LOT
            currency = symbol.margin_currency
        case mode:
            raise ValueError(f"{symbol.name}: no margin mode {mode}")
    return amount * symbol.margin_divider, currency


def apply_leverage_tiers(symbol: Symbol, amount: Decimal, volume: int, leverage: int) -> Decimal:
    """Return a leg's margin after the symbol's leverage tiers; `amount` is that at `leverage`.

    The leg's volume is sliced by the tiers; each slice has the account's leverage or its
    tier's, if that is less. Margin modes without leverage have no tiers (domain.md, section
    2).
    """
    if not symbol.leverage_tiers or not volume or symbol.margin_mode not in LEVERAGED_MODES:
        return amount
    begin, weighted = 0, ZERO
    for lots, tier_leverage in symbol.leverage_tiers:
        end = volume if lots is None else min(volume, round(lots * LOT))
        if end > begin:
            weighted += Decimal((end - begin) * leverage) / min(leverage, tier_leverage)
            begin = end
    return amount * weighted / volume


def margin_currency(symbol: Symbol) -> str:
    """Return the currency of the margin that `tiered_margin` computes."""
    return symbol.quote_currency if symbol.margin_mode in PRICED_MODES else symbol.margin_currency


def rate_is_price(symbol: Symbol, currency: str) -> bool:
    """Return whether the symbol's own price converts its margin to this currency."""
    pair = symbol.currency, symbol.quote_currency
    return symbol.margin_mode not in PRICED_MODES and (symbol.margin_currency, currency) == pair


def opening_commission(symbol: Symbol, volume: int, price: Decimal) -> tuple[Decimal, str | None]:
    """Return the charge for opening, positive, and its currency; None: the account's.

    It is without the least commission a deal. Money is in the account's currency, or in that
    of the group's terms; pips and percent are in the quote currency. For
    futures and indices the value of a move comes from their ticks, as in
    `quote_currency_profit`. Per deal the size does not count, except for percent, which is
    always of the deal's value (domain.md, section 4).
    """
    if symbol.comm_type == CommissionType.PERCENT:
        value = price * symbol.base_units(volume) * tick_factor(symbol)
        return symbol.comm_base / HUNDRED * value, symbol.quote_currency
    lots = Decimal(volume) / LOT if symbol.comm_lots == CommissionPer.LOT else Decimal(1)
    if symbol.comm_type == CommissionType.MONEY:
        return symbol.comm_base * lots, symbol.comm_currency or None
    pip_value = pip_size(symbol) * tick_factor(symbol) * symbol.contract_size
    return symbol.comm_base * pip_value * lots, symbol.quote_currency


def least_commission(symbol: Symbol) -> tuple[Decimal, str | None]:
    """Return the least commission a deal by the group's terms, and its currency as above.

    Without a currency in the terms it is in that of the commission.
    """
    in_quotes = symbol.comm_type != CommissionType.MONEY
    default = symbol.quote_currency if in_quotes else None
    return symbol.comm_minimum, symbol.comm_currency or default


def pip_size(symbol: Symbol) -> Decimal:
    """Return ten points on symbols with an odd number of digits, one point on the others."""
    return symbol.point * (10 if symbol.digits % 2 else 1)
