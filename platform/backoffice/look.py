"""How the admin looks, for unfold's setting: title, colours, and the sidebar by section.

Read while the settings load, so nothing here may touch a model: links and permissions are lazy.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def may_view(model: str) -> Callable[[HttpRequest], bool]:
    """Whether the signed-in person sees `section.model`."""
    section, name = model.split(".")
    return lambda request: request.user.has_perm(f"{section}.view_{name}")


def page(title: str, icon: str, model: str) -> dict[str, Any]:
    """A link of the sidebar to the list of `section.model`."""
    link = reverse_lazy(f"admin:{model.replace('.', '_')}_changelist")
    return {"title": title, "icon": icon, "link": link, "permission": may_view(model)}


def section(title: str, *pages: dict[str, Any]) -> dict[str, Any]:
    """A heading of the sidebar with its links."""
    return {"title": title, "items": list(pages)}


NAVIGATION = [
    section(
        "Accounts",
        page("Users", "person", "accounts.user"),
        page("Trading accounts", "account_balance_wallet", "accounts.account"),
        page("Groups", "groups", "accounts.group"),
    ),
    section(
        "Market",
        page("Symbols", "candlestick_chart", "market.symbol"),
        page("Symbol groups", "category", "market.symbolgroup"),
        page("Schedules", "schedule", "market.schedule"),
        page("Working times", "work_history", "market.groupschedule"),
        page("Holidays", "event_busy", "market.holiday"),
        page("Last quotes", "speed", "market.lastquote"),
    ),
    section(
        "Trading",
        page("Trades", "swap_vert", "trading.trade"),
        page("Fills", "receipt_long", "trading.fill"),
        page("Margin actions", "warning", "trading.marginaction"),
    ),
    section(
        "Price alerts",
        page("Alerts", "notifications", "alerts.alert"),
        page("Alert log", "history", "alerts.alertlog"),
        page("Deliveries", "outgoing_mail", "alerts.delivery"),
        page("Addresses", "contact_mail", "alerts.address"),
    ),
    section(
        "Terminals",
        page("Scripts", "code", "scripts.script"),
        page("Client settings", "tune", "settings_app.setting"),
    ),
    section("Access", page("Roles", "shield_person", "auth.group")),
]

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Broker platform",
    "SITE_HEADER": "Broker platform",
    "SITE_SYMBOL": "candlestick_chart",
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _request: static("backoffice/icon.svg"),
        }
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        }
    },
    "SIDEBAR": {"show_search": False, "navigation": NAVIGATION},
}
