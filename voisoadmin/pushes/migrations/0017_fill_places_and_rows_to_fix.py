"""The group of the board in which each campaign is, and how many rows to fix each lane has."""

from django.db import migrations, models
from django.db.models import Case, F, Q, Sum, Value, When

ATTENTION, ACTIVE, PAUSED, NOT_STARTED, ENDED, GONE = 1, 2, 3, 4, 5, 9


def fill_rows_to_fix(apps, schema_editor):
    Lane = apps.get_model("campaigns", "Lane")
    Push = apps.get_model("pushes", "Push")
    rows = Sum(F("invalid") + F("rejected") + F("needs_review") - F("dismissed_rows"))
    confirmed = Push.objects.exclude(state="draft").order_by()
    for lane, to_fix in confirmed.values_list("lane").annotate(to_fix=rows).filter(to_fix__gt=0):
        Lane.objects.filter(pk=lane).update(rows_to_fix=to_fix)


def fill_places(apps, schema_editor):
    Campaign = apps.get_model("campaigns", "Campaign")
    without_agents = Q(status__in=["draft", "active"], agents_count=0)
    Campaign.objects.update(
        place=Case(
            When(missing_since__isnull=False, then=Value(GONE)),
            When(Q(status__in=["import_error", "auto_paused"]) | without_agents, then=Value(ATTENTION)),
            When(status="active", then=Value(ACTIVE)),
            When(status__in=["auto_pausing", "auto_paused", "pausing", "paused"], then=Value(PAUSED)),
            When(status__in=["stopping", "stopped", "completed"], then=Value(ENDED)),
            default=Value(NOT_STARTED),
            output_field=models.PositiveSmallIntegerField(),
        )
    )


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0013_places_and_rows_to_fix"),
        ("pushes", "0016_rejected_by_number"),
    ]

    operations = [
        migrations.RunPython(fill_rows_to_fix, migrations.RunPython.noop),
        migrations.RunPython(fill_places, migrations.RunPython.noop),
    ]
