"""Events by which one part of a campaign's page tells the others to refresh (htmx)."""

CHANGED = "campaign-changed"
