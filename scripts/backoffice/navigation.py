"""The link of scripts in the sidebar of the backoffice."""

from backoffice.look import page, section

NAVIGATION = (section("Terminals", page("Scripts", "code", "scripts.script")),)
