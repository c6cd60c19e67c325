"""Makes all tables of an empty database at once, because each migration in turn takes twenty times as long.

What migrations fill or repair isn't there yet; what is needed from the beginning is made by receivers of `post_migrate`. That
this way leads to the same tables, indexes, triggers and rows is shown with an installation of the first release, which runs
every migration (tests/upgrades).
"""

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model


def create_tables(connection: BaseDatabaseWrapper) -> int:
    """Make the tables as they are after all migrations, and record these as applied: all or nothing.

    Return how many there are; 0 if the database has a table already, so that its own migrations have to run.
    """
    if connection.introspection.table_names():
        return 0
    loader = MigrationLoader(connection)
    record = MigrationRecorder.Migration
    applied = [record(app=app, name=name) for app, name in loader.graph.nodes]
    with connection.schema_editor() as editor:
        models: list[type[Model]] = [*loader.project_state().apps.get_models(), record]
        for model in models:
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        record.objects.using(connection.alias).bulk_create(applied)
    return len(applied)
