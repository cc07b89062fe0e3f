"""The demo's account types: standard with a mark-up, raw with a commission, Islamic."""

from accounts.models import Group
from market.enums import CommissionPer, CommissionType
from market.models import GroupTerms

# Pattern of symbols and mark-up of each side in points; the first that fits counts.
MARKUPS = (("BTC*", 250), ("US500", 15), ("XAU*", 6), ("*", 2))
FEES = {"XAU*": 7, "*": 3}  # dollars a lot and night
FREE_NIGHTS = 7
RAW_COMMISSION = 7  # dollars a lot, for opening and closing


def seed_terms() -> None:
    """Insert the terms of those demo groups that have none; a broker's changes stay."""
    for name, entries in demo_terms().items():
        group = Group.objects.filter(name=name, terms__isnull=True).first()
        if group is not None:
            for position, fields in enumerate(entries):
                GroupTerms.objects.create(group=group, position=position, **fields)


def demo_terms() -> dict[str, list[dict[str, object]]]:
    """Return the fields of each group's entries, in their order."""
    marked_up: list[dict[str, object]] = [
        {"symbols": pattern, "bid_markup": points, "ask_markup": points}
        for pattern, points in MARKUPS
    ]
    raw: dict[str, object] = {
        "symbols": "*,!BTC*,!US500",
        "comm_base": RAW_COMMISSION,
        "comm_type": CommissionType.MONEY,
        "comm_lots": CommissionPer.LOT,
        "comm_currency": "USD",
    }
    islamic = [
        {
            **entry,
            "swap_free": True,
            "swap_fee": FEES.get(str(entry["symbols"]), FEES["*"]),
            "swap_grace": FREE_NIGHTS,
        }
        for entry in marked_up
    ]
    return {"demo-usd": marked_up, "raw-usd": [raw], "islamic-usd": islamic}
