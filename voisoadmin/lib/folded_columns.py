"""Columns that are made of other columns of their row, for a search and an order in which case and accents don't count.

They are set whenever a row is saved or created in bulk. An `update` of what they are made of has to set them as well.
"""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import Q

from voisoadmin.lib.letters import plain_letters, search_text

MOST_WORDS = 10
SORTED_BY = 60  # characters


class SearchText(models.TextField):  # type: ignore[type-arg]
    """What a search looks in: `Müller` is found by müller, MULLER and mueller."""

    def __init__(self, *args: Any, of: Sequence[str] = (), **kwargs: Any) -> None:
        self.of = tuple(of)
        options: dict[str, Any] = {"blank": True, "default": "", "editable": False} | kwargs
        super().__init__(*args, **options)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        text = search_text(*(str(getattr(model_instance, name)) for name in self.of))
        setattr(model_instance, self.attname, text)
        return text


class SortKey(models.CharField):  # type: ignore[type-arg]
    """The first of some columns that isn't empty, as lists are sorted by it."""

    def __init__(self, *args: Any, of: Sequence[str] = (), **kwargs: Any) -> None:
        self.of = tuple(of)
        options: dict[str, Any] = {"max_length": SORTED_BY, "blank": True, "default": "", "editable": False} | kwargs
        super().__init__(*args, **options)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        texts = (str(getattr(model_instance, name)) for name in self.of)
        text = plain_letters(next(filter(None, texts), ""))[:SORTED_BY]
        setattr(model_instance, self.attname, text)
        return text


def has_words(query: str, *columns: str) -> Q:
    """Rows with every word of the query in one of these columns for search."""
    found = Q()
    for word in plain_letters(query).split()[:MOST_WORDS]:
        anywhere = Q()
        for column in columns:
            anywhere |= Q(**{f"{column}__contains": word})
        found &= anywhere
    return found
