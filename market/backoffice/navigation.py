"""The links of the market in the sidebar of the backoffice."""

from backoffice.site.navigation import link_group, page_link

NAVIGATION = (
    link_group(
        "Market",
        page_link("Symbols", "candlestick_chart", "market.symbol"),
        page_link("Symbol groups", "category", "market.symbolgroup"),
        page_link("Account types", "price_change", "market.groupterms"),
        page_link("Schedules", "schedule", "market.schedule"),
        page_link("Group trading hours", "work_history", "market.groupschedule"),
        page_link("Holidays", "event_busy", "market.holiday"),
        page_link("Last quotes", "speed", "market.lastquote"),
        page_link("Feed health", "monitor_heart", "market.lastquote", "admin:market_feed_health"),
    ),
)
