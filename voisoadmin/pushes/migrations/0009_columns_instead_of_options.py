"""What a push kept in its `options` becomes columns."""

import django.db.models.deletion
from django.db import migrations, models

AT_ONCE = 500


def unpack_options(apps, schema_editor):
    push_model, operation_model = apps.get_model("pushes", "Push"), apps.get_model("operations", "Operation")
    pushes = push_model.objects.exclude(options={}).only("pk", "options")
    fields = ("resends_known", "operation", "number_as_name", "each_batch_once", "forms_tried", "forms_accepted")
    last = 0
    while chunk := list(pushes.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        there = set(
            operation_model.objects.filter(
                pk__in=[push.options["operation"] for push in chunk if push.options.get("operation")]
            ).values_list("pk", flat=True)
        )
        for push in chunk:
            options = push.options
            operation = options.get("operation")
            push.operation_id = operation if operation in there else None
            push.resends_known = bool(options.get("resend_known"))
            push.number_as_name = bool(options.get("number_as_name"))
            push.each_batch_once = bool(options.get("each_batch_once"))
            push.forms_tried = options.get("forms", {})
            push.forms_accepted = options.get("forms_accepted", [])
        push_model.objects.bulk_update(chunk, fields)
        last = chunk[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0001_initial"),
        ("pushes", "0008_rows_that_are_sent_again"),
    ]

    operations = [
        migrations.AddField("push", "resends_known", models.BooleanField(default=False)),
        migrations.AddField(
            "push",
            "operation",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="operations.operation",
            ),
        ),
        migrations.AddField("push", "number_as_name", models.BooleanField(default=False)),
        migrations.AddField("push", "each_batch_once", models.BooleanField(default=False)),
        migrations.AddField("push", "forms_tried", models.JSONField(default=dict)),
        migrations.AddField("push", "forms_accepted", models.JSONField(default=list)),
        migrations.RunPython(unpack_options, migrations.RunPython.noop),
    ]
