"""The link of client settings in the sidebar of the backoffice."""

from backoffice.site.navigation import link_group, page_link

NAVIGATION = (
    link_group("Terminals", page_link("Client settings", "tune", "settings_app.setting")),
)
