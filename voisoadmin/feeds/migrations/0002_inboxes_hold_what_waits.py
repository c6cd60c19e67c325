"""What waits, and the days of a feed, moved into `pushes`, below the engine. No release had feeds before."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feeds", "0001_initial"),
        ("pushes", "0014_inboxes_and_intakes"),
    ]

    operations = [
        migrations.DeleteModel(name="Lead"),
        migrations.DeleteModel(name="Intake"),
        migrations.RemoveField(model_name="feed", name="duplicates"),
        migrations.RemoveField(model_name="feed", name="paused_at"),
        migrations.AddField(
            model_name="feed",
            name="inbox",
            field=models.OneToOneField(
                default=0, on_delete=django.db.models.deletion.PROTECT, related_name="feed", to="pushes.inbox"
            ),
            preserve_default=False,
        ),
        migrations.AddField(model_name="feedrequest", name="places", field=models.JSONField(default=list)),
    ]
