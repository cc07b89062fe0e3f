"""The links of the market in the sidebar of the backoffice."""

from backoffice.look import page, section

NAVIGATION = (
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
)
