"""Results of tasks and schedules are no longer kept in tables. What is there is not looked at, only deleted."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("runtime", "0001_last_sweep"), ("django_q", "0001_initial")]

    operations = [
        migrations.RunSQL("DELETE FROM django_q_task", migrations.RunSQL.noop),
        migrations.RunSQL("DELETE FROM django_q_schedule", migrations.RunSQL.noop),
    ]
