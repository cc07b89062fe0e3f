"""The demo's market: four groups, twelve symbols with realistic conditions."""

from decimal import Decimal

from market.demo_hours import seed_hours
from market.enums import MarginMode, ProfitMode, SwapType, Weekday
from market.models import Symbol, SymbolGroup
from market.terms.demo_terms import seed_terms

GROUPS = ("Forex", "Metals", "Indices", "Crypto")
# name, description, price, spread in points
FOREX = (
    ("EURUSD", "Euro vs US Dollar", "1.17000", 8),
    ("GBPUSD", "British Pound vs US Dollar", "1.34000", 12),
    ("USDJPY", "US Dollar vs Japanese Yen", "155.000", 10),
    ("AUDUSD", "Australian Dollar vs US Dollar", "0.66000", 10),
    ("NZDUSD", "New Zealand Dollar vs US Dollar", "0.58000", 14),
    ("USDCAD", "US Dollar vs Canadian Dollar", "1.39000", 14),
    ("USDCHF", "US Dollar vs Swiss Franc", "0.80000", 13),
    ("EURGBP", "Euro vs British Pound", "0.87313", 12),
    ("EURJPY", "Euro vs Japanese Yen", "181.350", 16),
)
# Points a night for longs and shorts, as the interest of the two currencies makes them.
SWAPS = {
    "EURUSD": ("-7.8", "3.1"),
    "GBPUSD": ("-2.9", "-2.4"),
    "USDJPY": ("9.6", "-21.4"),
    "AUDUSD": ("-2.1", "-0.6"),
    "NZDUSD": ("-2.6", "0.4"),
    "USDCAD": ("2.7", "-8.3"),
    "USDCHF": ("5.4", "-11.7"),
    "EURGBP": ("-6.3", "2.2"),
    "EURJPY": ("4.8", "-14.9"),
    "XAUUSD": ("-64.5", "27.5"),
}
CFD = {"profit_mode": ProfitMode.CFD, "margin_mode": MarginMode.CFD_LEVERAGE}
# Yearly percent of the value; the weekend's nights fall on Friday.
INTEREST = {
    "swap_enable": True,
    "swap_type": SwapType.INTEREST_CURRENT,
    "swap_rollover3days": Weekday.FRIDAY,
}
# The factor multiplies the margin: at an account's leverage of 100, 5 means 1:20.
OTHERS: dict[str, dict[str, object]] = {
    "XAUUSD": {
        **CFD,
        "group_id": "Metals",
        "exchange": "OTC",
        "category": "Metals",
        "sector": "Commodities",
        "industry": "Precious metals",
        "description": "Gold, troy ounce, vs US Dollar",
        "currency": "XAU",
        "digits": 2,
        "contract_size": 100,
        "lot_max": 5_000,
        "stops_level": 20,
        "demo_price": Decimal(4200),
        "demo_spread": 25,
    },
    "US500": {
        **CFD,
        **INTEREST,
        "swap_long": Decimal("-6.8"),
        "swap_short": Decimal("0.9"),
        "group_id": "Indices",
        "exchange": "CME",
        "category": "Indices",
        "sector": "Equity indices",
        "industry": "US large caps",
        "description": "US 500 index",
        "currency": "USD",
        "digits": 2,
        "contract_size": 10,
        "margin_divider": 5,
        "stops_level": 20,
        "demo_price": Decimal(6900),
        "demo_spread": 50,
    },
    "BTCUSD": {
        **CFD,
        **INTEREST,
        "swap_long": Decimal(-20),
        "swap_short": Decimal(-4),
        "group_id": "Crypto",
        "exchange": "Crypto OTC",
        "category": "Crypto",
        "sector": "Digital assets",
        "industry": "Proof of work",
        "description": "Bitcoin vs US Dollar",
        "currency": "BTC",
        "digits": 2,
        "contract_size": 1,
        "margin_divider": 10,
        "lot_max": 1_000,
        "stops_level": 500,
        "demo_price": Decimal(95_000),
        "demo_spread": 2_000,
    },
}


def seed() -> None:
    """Insert the missing groups and symbols; existing rows stay as the broker has set them."""
    for index, name in enumerate(GROUPS):
        SymbolGroup.objects.get_or_create(name=name, defaults={"sort_index": index})
    for index, (name, fields) in enumerate(demo_symbols().items()):
        defaults = {**fields, "sort_index": index}
        Symbol.objects.get_or_create(name=name, defaults=defaults)
    seed_hours()
    seed_terms()


def demo_symbols() -> dict[str, dict[str, object]]:
    """Return the fields of the demo symbols, by name, in the market's order."""
    forex = {name: _currency_pair(name, text, price, spread) for name, text, price, spread in FOREX}
    dollars = {"quote_currency": "USD", "margin_currency": "USD"}
    others = {name: {**dollars, **fields} for name, fields in OTHERS.items()}
    return {name: {**fields, **_swap_fields(name)} for name, fields in (forex | others).items()}


def _currency_pair(name: str, description: str, price: str, spread: int) -> dict[str, object]:
    """Return the fields of a forex symbol; `spread` is in points."""
    base, quote = name[:3], name[3:]
    return {
        "group_id": "Forex",
        "exchange": "Interbank",
        "category": "Forex",
        "sector": "Currencies",
        "industry": "Majors" if "USD" in name else "Crosses",
        "description": description,
        "currency": base,
        "quote_currency": quote,
        "margin_currency": base,
        "digits": 3 if quote == "JPY" else 5,
        "contract_size": 100_000,
        "stops_level": 5,
        "demo_price": Decimal(price),
        "demo_spread": spread,
    }


def _swap_fields(name: str) -> dict[str, object]:
    """Return the swap fields, in points, of a symbol that has them; else an empty dict."""
    if name not in SWAPS:
        return {}
    long, short = map(Decimal, SWAPS[name])
    return {"swap_enable": True, "swap_long": long, "swap_short": short}
