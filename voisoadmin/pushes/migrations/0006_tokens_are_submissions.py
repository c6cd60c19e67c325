from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("pushes", "0005_problem_of_a_request")]

    operations = [migrations.RemoveField("push", "client_token")]
