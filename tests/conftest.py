import shutil
from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.backends.postgresql.operations import DatabaseOperations as PostgresqlOperations
from django.db.backends.sqlite3.base import DatabaseOperations as SqliteOperations

from tests.support import template
from tests.support.sandbox import (  # noqa: F401
    any_campaign,
    any_connection,
    campaign,
    connection,
    generation,
    legacy_connection,
    sandbox,
)
from voisoadmin.accounts.models import User
from voisoadmin.operations.models import Door

DOORS = Door._meta.db_table


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """An existing file is used: the copy made below."""
    return django_settings.EMBEDDED


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The tests' database starts as a copy of the migrated one, so nothing needs migrating."""
    migrated = template.migrated()
    test = django_settings.DATABASES["default"].setdefault("TEST", {})
    if django_settings.EMBEDDED:
        shutil.copy(migrated, test["NAME"])
    else:
        test["TEMPLATE"] = template.DATABASE


@pytest.fixture(scope="session", autouse=True)
def quick_flush() -> Iterator[None]:
    """Removes what a test has written: hundreds of times, so it must not take a quarter of a second.

    Truncating creates new files for each table and index, so a few rows are deleted instead; deleted rows slow down later
    tests, so a large table is truncated. No test uses the permissions that Django would write again each time.
    """
    truncate = PostgresqlOperations.sql_flush
    delete = SqliteOperations.sql_flush

    def flush(ops: PostgresqlOperations, style, tables, **options) -> list[str]:
        with ops.connection.cursor() as cursor:
            cursor.execute(
                "SELECT max(pg_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname = ANY(%s)", [tables]
            )
            (largest,) = cursor.fetchone()
        if largest > 200_000:
            return through_the_door(ops, truncate(ops, style, tables, **options))
        return through_the_door(ops, ["; ".join(f"DELETE FROM {ops.quote_name(table)}" for table in tables if table != DOORS)])

    def flush_file(ops: SqliteOperations, style, tables, **options) -> list[str]:
        return through_the_door(ops, delete(ops, style, [table for table in tables if table != DOORS], **options))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PostgresqlOperations, "sql_flush", flush)
        patch.setattr(SqliteOperations, "sql_flush", flush_file)
        patch.setattr("django.core.management.commands.flush.emit_post_migrate_signal", lambda *_, **__: None)
        yield


def through_the_door(ops: BaseDatabaseOperations, statements: list[str]) -> list[str]:
    """Entries of the activity are kept by triggers: what empties the tables passes where the retention job does."""
    doors = ops.quote_name(DOORS)
    return [f"INSERT INTO {doors} (why) VALUES ('{Door.Why.RETENTION}')", *statements, f"DELETE FROM {doors}"]


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Templates name their files without a manifest, because nothing was collected."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def fast_passwords(settings):
    """Nearly every test creates a user; scrypt would take a fifth of a second each time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ines(db) -> User:
    """Ines supervises campaigns."""
    return User.objects.create_user("ines", password="correct horse battery", first_name="Ines", last_name="Sousa")


@pytest.fixture
def omar(db) -> User:
    """Omar supervises campaigns as well."""
    return User.objects.create_user("omar", password="correct horse battery", first_name="Omar", last_name="Haddad")


@pytest.fixture
def ada(db) -> User:
    """Ada is an administrator."""
    return User.objects.create_user(
        "ada", password="correct horse battery", first_name="Ada", last_name="Berg", role=User.Role.ADMINISTRATOR
    )
