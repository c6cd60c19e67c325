"""Stored causes become codes: a text in the database couldn't be reworded, and pages compared it."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Case, Q, Value, When

CODES = (
    ("first_seen", Q(cause="Already so when we first looked")),
    ("continued", Q(cause="Went on by itself")),
    ("elsewhere", Q(cause="Not asked for here")),
    ("accepted", Q(cause__startswith="Inferred: Voiso accepted our ") | Q(cause__startswith="Assumed: Voiso accepted our ")),
)


def store_codes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    code = Case(*(When(text, then=Value(code)) for code, text in CODES), default=Value(""))
    for model in ("Campaign", "CampaignState"):
        apps.get_model("campaigns", model).objects.exclude(cause="").update(cause=code)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0002_alter_lane_sending_state")]

    operations = [migrations.RunPython(store_codes, migrations.RunPython.noop)]
