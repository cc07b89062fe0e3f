"""Register the section's pages; Django's admin looks for them here."""

from scripts.backoffice import pages

__all__ = ["pages"]
