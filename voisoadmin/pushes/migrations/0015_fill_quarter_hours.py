"""Counters of each quarter of an hour, and of accepted rows, from the outcomes that are stored of each batch."""

from collections import Counter, defaultdict
from datetime import timedelta

from django.db import migrations, models

ADDED, INSERTED_BY_UPDATE, IN_CAMPAIGN, KNOWN_HERE, INTERRUPTED, REFUSED, REFUSED_ALONE, REFUSED_UPDATE = (
    10, 11, 20, 21, 30, 40, 41, 42,
)  # fmt: skip
BUCKETS = {
    ADDED: "added",
    INSERTED_BY_UPDATE: "added",
    IN_CAMPAIGN: "duplicate",
    KNOWN_HERE: "duplicate",
    INTERRUPTED: "unattributed",
    REFUSED: "rejected",
    REFUSED_ALONE: "rejected",
    REFUSED_UPDATE: "rejected",
}
AT_ONCE = 500


def quarter_of(moment):
    return moment - timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)


def fill_quarter_hours(apps, schema_editor):
    Batch = apps.get_model("pushes", "Batch")
    QuarterHour = apps.get_model("campaigns", "QuarterHour")
    found = defaultdict(Counter)
    # Rows that are left out of a file are counted when it is confirmed.
    batches = Batch.objects.exclude(push__confirmed_at=None).annotate(
        counted_at=models.Case(
            models.When(state="left_out", then=models.F("push__confirmed_at")), default=models.F("done_at")
        )
    )
    ended = batches.exclude(counted_at=None).order_by("pk")
    for lane, moment, outcomes in ended.values_list("lane_id", "counted_at", "outcomes").iterator(AT_ONCE):
        for code, rows in Counter(bytes(outcomes)).items():
            if code in BUCKETS:
                found[lane, quarter_of(moment)][BUCKETS[code]] += rows
    rows = (QuarterHour(lane_id=lane, began_at=quarter, **counts) for (lane, quarter), counts in found.items())
    QuarterHour.objects.bulk_create(rows, batch_size=AT_ONCE)


def fill_accepted(apps, schema_editor):
    Lane = apps.get_model("campaigns", "Lane")
    Push = apps.get_model("pushes", "Push")
    CampaignState = apps.get_model("campaigns", "CampaignState")
    Lane.objects.update(contacts_accepted=models.F("contacts_added"))
    in_doubt = Push.objects.exclude(confirmed_at=None).filter(unattributed__gt=0).order_by()
    for lane, rows in in_doubt.values_list("lane").annotate(rows=models.Sum("unattributed")):
        Lane.objects.filter(pk=lane).update(contacts_accepted=models.F("contacts_accepted") + rows)
    # Known of a state that began after the last answer, and of every state of a campaign that never took a contact.
    Campaign = apps.get_model("campaigns", "Campaign")
    own = Campaign.objects.filter(pk=models.OuterRef("campaign_id"))
    CampaignState.objects.filter(campaign__lane__contacts_accepted=0).update(accepted_before=0)
    CampaignState.objects.filter(models.Exists(own.filter(lane__last_call_at__lt=models.OuterRef("since")))).update(
        accepted_before=models.Subquery(own.values("lane__contacts_accepted")[:1])
    )


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0011_counters_of_quarter_hours"),
        ("pushes", "0014_inboxes_and_intakes"),
    ]

    operations = [
        migrations.RunPython(fill_quarter_hours, migrations.RunPython.noop),
        migrations.RunPython(fill_accepted, migrations.RunPython.noop),
    ]
