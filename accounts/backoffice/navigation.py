"""The links of accounts in the sidebar of the backoffice."""

from backoffice.site.navigation import link_group, page_link

NAVIGATION = (
    link_group(
        "Accounts",
        page_link("Users", "person", "accounts.user"),
        page_link("Trading accounts", "account_balance_wallet", "accounts.account"),
        page_link("Groups", "groups", "accounts.group"),
    ),
)
