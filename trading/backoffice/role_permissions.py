"""What each role of the staff may see and do in trading, beyond the roles that it includes."""

LISTS = (
    "trading.view_trade",
    "trading.view_fill",
    "trading.view_marginaction",
    "trading.view_rollover",
    "trading.view_swapcharge",
)
ROLE_PERMISSIONS = {
    "support": (*LISTS, "trading.view_statement"),
    "dealer": (*LISTS, "trading.deal", "trading.view_exposure"),
    "manager": ("trading.correct", "trading.view_totals", "trading.view_report"),
}
