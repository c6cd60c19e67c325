"""The first release made other indexes of rejected records; its installations get those that new ones have."""

from django.db import migrations

FIRST_RELEASE = "rejected_latest"


def repair(apps, schema_editor):
    """Change nothing where the indexes are right already."""
    record = apps.get_model("pushes", "RejectedRecord")
    table = record._meta.db_table
    introspection = schema_editor.connection.introspection
    with schema_editor.connection.cursor() as cursor:
        there = introspection.get_constraints(cursor, table)
    wanted = {index.name: index for index in record._meta.indexes}
    extra = [
        name
        for name, found in there.items()
        if name == FIRST_RELEASE
        # The index of the foreign key, over all records; its name has a hash in it. The constraint itself stays.
        or (found["index"] and found["columns"] == ["replaced_by_id"] and name not in wanted)
    ]
    for name in extra:
        schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")
    for name, index in wanted.items():
        if name not in there:
            schema_editor.add_index(record, index)


class Migration(migrations.Migration):
    dependencies = [("pushes", "0002_alter_batch_state_alter_call_outcome")]

    operations = [migrations.RunPython(repair, migrations.RunPython.noop)]
