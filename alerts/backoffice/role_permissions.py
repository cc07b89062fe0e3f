"""What each role of the staff may see and do in alerts."""

ROLE_PERMISSIONS = {
    "support": (
        "alerts.view_alert",
        "alerts.view_alertlog",
        "alerts.view_address",
        "alerts.view_delivery",
        "alerts.resend_delivery",
    ),
}
