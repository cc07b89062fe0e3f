"""The links of accounts in the sidebar of the backoffice."""

from backoffice.look import page, section

NAVIGATION = (
    section(
        "Accounts",
        page("Users", "person", "accounts.user"),
        page("Trading accounts", "account_balance_wallet", "accounts.account"),
        page("Groups", "groups", "accounts.group"),
    ),
)
