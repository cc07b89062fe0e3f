"""The links of trading in the sidebar of the backoffice, and the tabs above its lists."""

from backoffice.site.navigation import link_group, list_tabs, page_link

NAVIGATION = (
    link_group(
        "Trading",
        page_link("Trades", "swap_vert", "trading.trade"),
        page_link("Exposure", "balance", "trading.exposure", "admin:trading_exposure"),
        page_link("Fills", "receipt_long", "trading.fill"),
        page_link("Margin actions", "warning", "trading.marginaction"),
        page_link("Rollovers", "bedtime", "trading.rollover"),
        page_link("Swap charges", "percent", "trading.swapcharge"),
        page_link("Reports", "monitoring", "trading.report", "admin:trading_report"),
    ),
)
LIST_TABS = (list_tabs("trading.trade", "kind", "open", "pending", "closed", "finance"),)
