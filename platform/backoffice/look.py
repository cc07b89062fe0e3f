"""How the admin looks, for unfold's setting: title, colours, and the sidebar by section.

Read while the settings load, so nothing here may touch a model: links and permissions are lazy.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy


def may_view(model: str) -> Callable[[HttpRequest], bool]:
    """Whether the signed-in person sees `section.model`."""
    section, name = model.split(".")
    return lambda request: request.user.has_perm(f"{section}.view_{name}")


def page(title: str, icon: str, model: str, route: str = "") -> dict[str, Any]:
    """A link of the sidebar to the list of `section.model`, or to the page `route` beside it."""
    link = reverse_lazy(route or f"admin:{model.replace('.', '_')}_changelist")
    return {"title": title, "icon": icon, "link": link, "permission": may_view(model)}


def section(title: str, *pages: dict[str, Any]) -> dict[str, Any]:
    """A heading of the sidebar with its links."""
    return {"title": title, "items": list(pages)}


def tabs(model: str, parameter: str, *choices: str) -> dict[str, Any]:
    """Tabs above the list of `section.model`: all of it, and one for each choice of a filter."""
    route = f"admin:{model.replace('.', '_')}_changelist"

    def tab(choice: str) -> dict[str, Any]:
        query = f"?{parameter}={choice}" if choice else ""
        return {
            "title": (choice or "all").capitalize(),
            "link": lambda _request: f"{reverse(route)}{query}",
            "active": lambda request: request.GET.get(parameter, "") == choice,
            "permission": may_view(model),
        }

    return {"models": [model], "items": [tab(choice) for choice in ("", *choices)]}


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
        page("Feed health", "monitor_heart", "market.lastquote", "admin:market_feed_health"),
    ),
    section(
        "Trading",
        page("Trades", "swap_vert", "trading.trade"),
        page("Fills", "receipt_long", "trading.fill"),
        page("Margin actions", "warning", "trading.marginaction"),
        page("Rollovers", "bedtime", "trading.rollover"),
        page("Swap charges", "percent", "trading.swapcharge"),
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
    section(
        "Access",
        page("Roles", "shield_person", "auth.group"),
        page("Approvals", "approval", "backoffice.approval"),
        page("Audit", "fact_check", "audit.entry"),
        page("Sign-ins", "login", "audit.signin"),
    ),
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
    "STYLES": [
        lambda _request: static("backoffice/colors.css"),
        lambda _request: static("backoffice/admin.css"),
        lambda _request: static("door/door.css"),
    ],
    "SCRIPTS": [lambda _request: static("door/htmx.js")],
    "ACCOUNT": {
        "navigation": [
            {"title": "Second factor", "link": reverse_lazy("admin:second_factor")},
        ]
    },
    "DASHBOARD_CALLBACK": "backoffice.dashboard.index",
    "SHOW_HISTORY": may_view("audit.entry"),  # where the history is
    "SHOW_VIEW_ON_SITE": False,
    "TABS": [tabs("trading.trade", "kind", "open", "pending", "closed", "finance")],
    "SIDEBAR": {"show_search": False, "navigation": NAVIGATION},
}
