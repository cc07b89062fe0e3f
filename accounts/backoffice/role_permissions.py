"""What each role of the staff may see and do in accounts, beyond the roles that it includes."""

ROLE_PERMISSIONS = {
    "support": ("accounts.view_user", "accounts.view_account", "accounts.view_group"),
    "dealer": ("accounts.view_account",),
    "manager": (
        "accounts.open_account",
        "accounts.change_terms",
        "accounts.manage_access",
        "accounts.move_money",
        "accounts.change_user",
    ),
    "administrator": ("accounts.change_group",),
}
