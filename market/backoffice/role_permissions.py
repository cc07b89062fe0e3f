"""What each role of the staff may see and do in the market."""

TRADING_HOURS = tuple(
    f"market.{act}_{model}"
    for model in ("schedule", "groupschedule", "holiday")
    for act in ("view", "add", "change")
)
ROLE_PERMISSIONS = {
    "support": (
        "market.view_symbol",
        "market.view_symbolgroup",
        "market.view_schedule",
        "market.view_groupterms",
        "market.view_groupschedule",
        "market.view_holiday",
        "market.view_lastquote",
        "market.view_watchitem",
    ),
    "manager": ("market.change_watchitem",),
    "dealer": (
        "market.view_symbol",
        "market.change_symbol",
        "market.view_symbolgroup",
        "market.change_symbolgroup",
        "market.view_groupterms",
        "market.add_groupterms",
        "market.change_groupterms",
        *TRADING_HOURS,
        "market.view_lastquote",
    ),
}
