from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("operations", "0004_queued_is_waiting")]

    operations = [migrations.RenameField("operation", "client_token", "once_key")]
