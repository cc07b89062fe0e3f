"""The links of accounts in the sidebar of the backoffice."""

from backoffice.site.navigation import link_group, page_link

NAVIGATION = (
    link_group(
        "Clients",
        page_link("Clients", "person", "accounts.user"),
        page_link("Accounts", "account_balance_wallet", "accounts.account"),
        page_link("Account groups", "groups", "accounts.group"),
    ),
)
