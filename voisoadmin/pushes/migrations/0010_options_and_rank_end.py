from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pushes", "0009_columns_instead_of_options")]

    operations = [
        migrations.RemoveIndex("push", "push_running"),
        migrations.RemoveField("push", "options"),
        migrations.RemoveField("push", "rank"),
        migrations.AlterField(
            "push",
            "origin",
            models.CharField(choices=[("upload", "Upload"), ("inbound", "Inbound")], default="upload", max_length=8),
        ),
        migrations.AddIndex(
            "push",
            models.Index(
                condition=models.Q(("state__in", ["sending", "paused"])), fields=["lane", "confirmed_at"], name="push_running"
            ),
        ),
    ]
