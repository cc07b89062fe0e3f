"""Register the section's pages; Django's admin looks for them here."""

from market.backoffice import feed_health_page, pages, schedule_pages, terms_page

__all__ = ["feed_health_page", "pages", "schedule_pages", "terms_page"]
