"""The links of alerts in the sidebar of the backoffice."""

from backoffice.look import page, section

NAVIGATION = (
    section(
        "Price alerts",
        page("Alerts", "notifications", "alerts.alert"),
        page("Alert log", "history", "alerts.alertlog"),
        page("Deliveries", "outgoing_mail", "alerts.delivery"),
        page("Addresses", "contact_mail", "alerts.address"),
    ),
)
