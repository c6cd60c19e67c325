from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("uploads", "0004_discarded_files")]

    operations = [migrations.RemoveField("upload", "client_token")]
