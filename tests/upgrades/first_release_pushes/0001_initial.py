"""The migration as the first release had it. It was edited once after that, and is frozen since: the difference is all here."""

from copy import copy
from importlib import import_module

from django.db import migrations, models

frozen = import_module("voisoadmin.pushes.migrations.0001_initial").Migration


def as_it_was(operation: migrations.operations.base.Operation) -> migrations.operations.base.Operation | None:
    match operation:
        case migrations.CreateModel(name="RejectedRecord"):
            before = copy(operation)
            before.fields = [(name, _indexed(field) if name == "replaced_by" else field) for name, field in operation.fields]
            return before
        case migrations.AddIndex(index=models.Index(name="rejected_by_bucket")):
            return None
        case migrations.AddIndex(index=models.Index(name="rejected_replaced")):
            return migrations.AddIndex("rejectedrecord", models.Index(fields=["-created_at", "-id"], name="rejected_latest"))
    return operation


def _indexed(field: models.ForeignKey) -> models.ForeignKey:
    indexed = field.clone()
    indexed.db_index = True
    return indexed


class Migration(migrations.Migration):
    initial = True
    dependencies = frozen.dependencies
    operations = list(filter(None, map(as_it_was, frozen.operations)))
