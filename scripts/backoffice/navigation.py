"""The link of scripts in the sidebar of the backoffice."""

from backoffice.site.navigation import link_group, page_link

NAVIGATION = (link_group("Terminals", page_link("Scripts", "code", "scripts.script")),)
