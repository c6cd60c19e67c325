"""How well the names of columns fit the fields."""

from collections.abc import Sequence

from voisoadmin.contacts.fields import FIELDS, NAME, PHONE, FieldSpec
from voisoadmin.contacts.phone_columns import is_of_others, without_number
from voisoadmin.contacts.synonyms import plain

FULL_NAME = frozenset({"full", "name"})
"""In “User: Full Name” the first word says nothing against a name."""


def scores_of(columns: Sequence[str]) -> dict[str, list[int]]:
    """How well each column's name fits each field; a name counts only for its best field."""
    scores = {spec.name: [_score(spec, column) for column in columns] for spec in FIELDS}
    best = [max(of_field[at] for of_field in scores.values()) for at in range(len(columns))]
    return {name: [score if score == best[at] else 0 for at, score in enumerate(scores[name])] for name in scores}


def _score(spec: FieldSpec, column: str) -> int:
    """How well a column's name fits this field: 0 not at all, 100 exactly."""
    names = spec.column_names
    words_in_order = plain(without_number(column) if spec.name == PHONE and "164" not in column else column)
    words = set(words_in_order.split())
    if words_in_order in names.scores:
        return names.scores[words_in_order]
    joined = words_in_order.replace(" ", "")
    if joined in names.scores:
        return names.scores[joined]
    is_full_name = spec.name == NAME and words >= FULL_NAME
    if (words & names.others and not is_full_name) or (spec.name == NAME and is_of_others(column)):
        return 0
    # One of several words, or part of a long one: "phone of customer", "Kundentelefonnummer".
    known = [score for synonym, score in names.scores.items() if set(synonym.split()) <= words]
    if known:
        return max(30, max(known) - 20 - 5 * (len(words) - 1))
    return 40 if any(stem in joined for stem in names.stems) else 0
