"""The links of alerts in the sidebar of the backoffice."""

from backoffice.site.navigation import link_group, page_link

NAVIGATION = (
    link_group(
        "Price alerts",
        page_link("Alerts", "notifications", "alerts.alert"),
        page_link("Alert log", "history", "alerts.alertlog"),
        page_link("Deliveries", "outgoing_mail", "alerts.delivery"),
        page_link("Addresses", "contact_mail", "alerts.address"),
    ),
)
