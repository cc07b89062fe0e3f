"""Register the section's pages; Django's admin looks for them here."""

from alerts.backoffice import delivery_pages, pages

__all__ = ["delivery_pages", "pages"]
