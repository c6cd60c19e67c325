"""An installation of the first release, brought up to date."""

import pytest

from tests.support.installation import Installation
from tests.upgrades.schema import schema_of

APPS = ("accounts", "operations", "connections", "campaigns", "pushes", "uploads", "assignments")
pytestmark = pytest.mark.kills  # starts programs, once on each database


@pytest.fixture
def first_release(tmp_path) -> Installation:
    old = Installation(tmp_path / "old", empty=True, env={"DJANGO_SETTINGS_MODULE": "tests.upgrades.first_release"})
    for app in APPS:
        old.manage("migrate", app, "0001", "-v0")
    old.env["DJANGO_SETTINGS_MODULE"] = "voisoadmin.settings"
    return old


def test_its_database_becomes_the_one_of_a_new_installation(first_release, tmp_path):
    new = Installation(tmp_path / "new")
    assert ("index", "rejected_latest") in schema_of(first_release)
    assert ("index", "rejected_by_bucket") not in schema_of(first_release)

    first_release.manage("migrate", "-v0")

    assert schema_of(first_release) == schema_of(new)


def test_a_repeated_repair_changes_nothing(first_release):
    first_release.manage("migrate", "-v0")
    repaired = schema_of(first_release)

    first_release.manage("migrate", "pushes", "0002", "-v0")
    first_release.manage("migrate", "-v0")

    assert schema_of(first_release) == repaired
