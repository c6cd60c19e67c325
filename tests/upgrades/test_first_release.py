"""An installation of the first release, brought up to date."""

import pytest

from tests.support.installation import Installation
from tests.upgrades.schema import schema_of

APPS = ("accounts", "operations", "connections", "campaigns", "pushes", "uploads", "assignments")
MIGRATE = f"""
from django.core.management import call_command
for app in {APPS}:
    call_command("migrate", app, "0001", verbosity=0)
"""
pytestmark = pytest.mark.kills  # starts programs, once on each database


def test_its_database_becomes_the_one_of_a_new_installation_however_often_it_is_repaired(tmp_path):
    first_release = Installation(tmp_path / "old", empty=True, env={"DJANGO_SETTINGS_MODULE": "tests.upgrades.first_release"})
    first_release.manage("shell", "--no-imports", "-c", MIGRATE)
    first_release.env["DJANGO_SETTINGS_MODULE"] = "voisoadmin.settings"
    of_a_new_one = schema_of(Installation(tmp_path / "new"))  # whose tables were made at once
    assert ("index", "rejected_latest") in schema_of(first_release)
    assert ("index", "rejected_by_bucket") not in schema_of(first_release)

    first_release.manage("migrate", "-v0")

    assert schema_of(first_release) == of_a_new_one

    # The same again changes nothing.
    first_release.manage("migrate", "pushes", "0002", "-v0")
    first_release.manage("migrate", "-v0")

    assert schema_of(first_release) == of_a_new_one
