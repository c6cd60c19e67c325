"""The settings of the first release as far as its database goes: its migration of `pushes` was edited after it."""

from voisoadmin.settings import *  # noqa: F403

MIGRATION_MODULES = {"pushes": "tests.upgrades.first_release_pushes"}
