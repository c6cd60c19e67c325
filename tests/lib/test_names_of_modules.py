"""A module's name says what it holds without its folder: two that share one send a reader to the wrong file."""

from collections import defaultdict
from pathlib import Path

import pytest

import voisoadmin

pytestmark = pytest.mark.once

PRODUCT = Path(voisoadmin.__file__).parent

# Names with one meaning wherever they are: Django's, Python's, and those of commands, which people type.
ONE_MEANING = {
    *("apps", "forms", "middleware", "models", "receivers", "services", "signals", "tasks", "urls", "views"),
    *("__init__", "__main__"),
}
REASONS = {
    "fields": "connections: a column of Django, named by migrations; contacts: the table of a contact's fields",
    "reasons": "pushes: the first migration reads Bucket there, and a landed migration isn't edited",
    "inbound": "pushes: the tables of leads that come one by one, and what is done with them",
    "legacy": "the sandbox answers what voiso asks, generation by generation",
    "v4": "the sandbox answers what voiso asks, generation by generation",
}


def test_no_two_modules_share_a_name_without_a_reason():
    homes = defaultdict(list)
    for module in PRODUCT.rglob("*.py"):
        if module.parent.name not in {"commands", "migrations"} and module.stem not in ONE_MEANING:
            homes[module.stem].append(str(module.relative_to(PRODUCT)))

    shared = {name: found for name, found in homes.items() if len(found) > 1}
    assert shared.keys() == REASONS.keys(), shared
