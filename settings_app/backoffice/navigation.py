"""The link of client settings in the sidebar of the backoffice."""

from backoffice.look import page, section

NAVIGATION = (section("Terminals", page("Client settings", "tune", "settings_app.setting")),)
