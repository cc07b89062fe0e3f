"""Who uses actions of lists: letters of the roles in test_matrix."""

STAFF = "SAMDC"
LIST_ACTIONS = {
    "alerts.delivery/send_again": "SAMC",
    "scripts.script/publish": "SA",
    "scripts.script/make_private": "SA",
}
