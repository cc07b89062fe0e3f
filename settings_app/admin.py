"""Register the section's pages; Django's admin looks for them here."""

from settings_app.backoffice import pages

__all__ = ["pages"]
