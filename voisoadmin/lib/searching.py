"""Looking for a text in columns, whatever its case, in every script and on both databases."""

import re

from django.db.models import Q


def contains(text: str, *columns: str) -> Q:
    """Rows of which one of the columns holds the text. `ÜBER` finds `über`."""
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}__icontains": text})
        if not text.isascii():
            # SQLite's LIKE knows the case of English letters alone; its REGEXP is Python's. Both databases read this escape.
            found |= Q(**{f"{column}__iregex": re.escape(text)})
    return found
