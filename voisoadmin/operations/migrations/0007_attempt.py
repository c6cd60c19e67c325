from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("operations", "0006_forget_request_form")]

    operations = [migrations.RenameField(model_name="operation", old_name="turn", new_name="attempt")]
