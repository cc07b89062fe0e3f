"""Who uses actions of lists and autocompletes: letters of the roles in test_matrix."""

STAFF = "SAMDC"
LIST_ACTIONS = {
    "alerts.delivery/send_again": "SAMC",
    "scripts.script/publish": "SA",
    "scripts.script/make_private": "SA",
}
AUTOCOMPLETED = {
    "accounts.user.groups": "S",
    "market.groupschedule.schedule": STAFF,
    "market.symbol.group": STAFF,
    "market.symbol.schedule": STAFF,
    "market.symbolgroup.schedule": STAFF,
}
