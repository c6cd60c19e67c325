"""Each entry of the activity gets the contact centre that it is about, so that users of other centres don't see it."""

from django.db import migrations, models


def fill(apps, schema_editor):
    Operation = apps.get_model("operations", "Operation")
    Campaign = apps.get_model("campaigns", "Campaign")
    without = Operation.objects.filter(connection_ref=None)
    without.filter(subject_kind="connection").update(connection_ref=models.F("subject_id"))
    centre = Campaign.objects.filter(pk=models.OuterRef("campaign_ref")).values("connection_id")[:1]
    without.exclude(campaign_ref=None).update(connection_ref=models.Subquery(centre))


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0009_how_long_sending_takes"),
        ("operations", "0011_contact_centres_and_sign_ins"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
