"""The pictures of symbols: where each is served, and the drawings of those without an own one.

A drawing is made of its name alone, so it is served without asking the database: `EUR-USD` is
a currency pair, any other name a kind of instrument.
"""

import re
from html import escape

from market.models import Symbol

ICON_FOLDER = "/icons/"
PAIR_PATTERN = r"[A-Z0-9]{2,8}-[A-Z0-9]{2,8}"
KIND_PATTERN = r"[a-z][a-z0-9-]{0,31}"
NAME_PATTERN = rf"({PAIR_PATTERN}|{KIND_PATTERN})"
# Colour and sign of what is quoted most; others get a colour of their own and their letters.
CURRENCIES = {
    "EUR": ("#1d4ed8", "€"), "USD": ("#15803d", "$"), "GBP": ("#7c3aed", "£"),
    "JPY": ("#dc2626", "¥"), "CHF": ("#b91c1c", "₣"), "AUD": ("#0369a1", "A$"),
    "NZD": ("#0f766e", "N$"), "CAD": ("#e11d48", "C$"), "XAU": ("#b45309", "Au"),
    "XAG": ("#64748b", "Ag"), "BTC": ("#ea580c", "₿"), "ETH": ("#4f46e5", "Ξ"),
}  # fmt: skip
COLOURS = ("#0e7490", "#4d7c0f", "#9333ea", "#be185d", "#a16207", "#475569")
# Paths in a square of 40: a rising line, bars of metal, a coin, a barrel, a house, a tag.
KIND_DRAWINGS = {
    "indices": ("#0f766e", "M9 29l7-9 6 5 9-13M24 12h7v7"),
    "index": ("#0f766e", "M9 29l7-9 6 5 9-13M24 12h7v7"),
    "metals": ("#b45309", "M8 29l3-8h8l3 8zM18 29l3-8h8l3 8zM13 21l3-8h8l3 8z"),
    "crypto": ("#ea580c", "M20 10l9 5v10l-9 5-9-5V15zM20 20l9-5M20 20v10M20 20l-9-5"),
    "energies": ("#334155", "M20 9c6 8 8 11 8 14a8 8 0 0 1-16 0c0-3 2-6 8-14z"),
    "energy": ("#334155", "M20 9c6 8 8 11 8 14a8 8 0 0 1-16 0c0-3 2-6 8-14z"),
    "stocks": ("#1d4ed8", "M11 30V14h8v16M19 30V10h10v20M8 30h24M23 15h2M23 20h2M14 19h2"),
    "shares": ("#1d4ed8", "M11 30V14h8v16M19 30V10h10v20M8 30h24M23 15h2M23 20h2M14 19h2"),
}
OTHER_DRAWING = "M12 30V17M12 20h4v6h-4M24 32V12M22 15h5v11h-5"  # two candles


def icon_path(symbol: Symbol) -> str:
    """Return the path of the symbol's picture: its own, or else a drawing."""
    return symbol.icon or f"{ICON_FOLDER}{drawing_name(symbol)}.svg"


def drawing_name(symbol: Symbol) -> str:
    """Return the name of the symbol's drawing: its currency pair, or else its kind."""
    pair = f"{symbol.currency}-{symbol.quote_currency}".upper()
    if symbol.currency != symbol.quote_currency and re.fullmatch(PAIR_PATTERN, pair):
        return pair
    text = (symbol.category or symbol.group_id).lower()
    kind = "-".join(re.findall(r"[a-z0-9]+", text))[:32].rstrip("-")
    return kind if re.fullmatch(KIND_PATTERN, kind) else "other"


def draw_icon(name: str) -> str:
    """Return the SVG document of a drawing; `name` is of NAME_PATTERN."""
    base, _, quote = name.partition("-")
    if re.fullmatch(PAIR_PATTERN, name):
        shapes = _draw_coin(quote, 26, 26, 13) + _draw_coin(base, 15, 15, 14)
    else:
        colour, path = KIND_DRAWINGS.get(name, ("#475569", OTHER_DRAWING))
        shapes = (
            f'<circle cx="20" cy="20" r="20" fill="{colour}"/><path d="{path}" fill="none" '
            'stroke="#fff" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"/>'
        )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="64" height="64" '
        f'role="img"><title>{escape(name)}</title>{shapes}</svg>'
    )


def _draw_coin(currency: str, x: int, y: int, radius: int) -> str:
    """Return a disc with the currency's sign."""
    other = COLOURS[sum(currency.encode()) % len(COLOURS)], currency[:2]
    colour, sign = CURRENCIES.get(currency, other)
    size = radius if len(sign) == 1 else radius * 3 // 4
    return (
        f'<circle cx="{x}" cy="{y}" r="{radius - 1}" fill="{colour}" stroke="#fff" '
        f'stroke-width="1.5"/><text x="{x}" y="{y}" dy=".36em" text-anchor="middle" '
        f'font-family="sans-serif" font-weight="700" font-size="{size}" fill="#fff">'
        f"{escape(sign)}</text>"
    )
