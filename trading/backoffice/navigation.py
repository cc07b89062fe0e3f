"""The links of trading in the sidebar of the backoffice, and the tabs above its lists."""

from backoffice.look import page, section, tabs

NAVIGATION = (
    section(
        "Trading",
        page("Trades", "swap_vert", "trading.trade"),
        page("Fills", "receipt_long", "trading.fill"),
        page("Margin actions", "warning", "trading.marginaction"),
        page("Rollovers", "bedtime", "trading.rollover"),
        page("Swap charges", "percent", "trading.swapcharge"),
    ),
)
LIST_TABS = (tabs("trading.trade", "kind", "open", "pending", "closed", "finance"),)
