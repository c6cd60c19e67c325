"""Case-insensitive search in columns, in every script and on both databases."""

import re
from collections.abc import Mapping
from typing import Any

from django.db.models import Q


def search_text(query: Mapping[str, Any], *, longest: int = 100) -> str:
    """What was typed into a page's search, `q`: without a NUL, which PostgreSQL refuses, and with single blanks."""
    return " ".join(str(query.get("q", "")).replace("\0", "").split())[:longest]


def contains(text: str, *columns: str) -> Q:
    """Rows with the text in one of the columns. `ÜBER` finds `über`."""
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}__icontains": text})
        if not text.isascii():
            # SQLite's LIKE ignores case only for English letters; its REGEXP is Python's. Both databases understand this
            # escape.
            found |= Q(**{f"{column}__iregex": re.escape(text)})
    return found
