"""Events with which one part of a campaign's page makes the others refresh (htmx)."""

CHANGED = "campaign-changed"
