"""The one next step that a campaign's page shows, in the order in which a person should take them."""

import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.campaigns.support import make_campaign, make_connection
from tests.support.markup import markup
from voisoadmin.campaigns.models import Campaign
from voisoadmin.pushes.models import Push
from voisoadmin.uploads.models import Upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def step(client, ines):
    """What the page's first poll says is next, and the address of its button."""
    client.force_login(ines)

    def read(campaign: Campaign) -> tuple[str, str]:
        text = markup(client.get(reverse("campaigns:detail", args=[campaign.pk])))
        if 'id="next-step"' not in text:
            return "", ""
        part = text.split('id="next-step"')[1].split("<nav")[0].split('class="acts"')
        address = re.search('href="([^"]+)"', part[1].split("</div>")[0]) if len(part) > 1 else None
        return " ".join(re.sub("<[^>]*>", " ", part[0]).split("> ", 1)[-1].split()), address[1] if address else ""

    return read


def an_upload(campaign: Campaign, name: str, *, stage: str = "sent", push: dict | None = None) -> Upload:
    upload = Upload.objects.create(
        campaign=campaign,
        stage=stage,
        by_label="Ines Sousa",
        received_at=timezone.now(),
        stored_name=uuid.uuid4().hex,
        file_name=name,
        file_size=1,
    )
    row = Push.objects.create(lane=campaign.lane, campaign=campaign, **(push or {}))
    if stage == "sent":
        upload.pushes.add(row)
    else:
        Upload.objects.filter(pk=upload.pk).update(draft=row)
    return upload


def test_the_steps_come_in_the_order_in_which_a_person_should_take_them(step):
    campaign = make_campaign(make_connection(), status="draft", agents_count=0)
    blocked = an_upload(campaign, "a.csv", push={"state": "paused", "paused_reason": "Voiso refuses the names."})
    to_fix = {"state": "finished", "rows": 268, "rejected": 268, "reasons": {"refused": 268}}
    faulty = an_upload(campaign, "b.csv", push=to_fix)
    draft = an_upload(campaign, "c.csv", stage="checked", push={"rows": 679, "pending": 679, "reasons": {"pending": 679}})

    words, address = step(campaign)
    assert "a.csv waits for your decision. Voiso refuses the names." in words
    assert address == reverse("uploads:detail", args=[blocked.pk])

    Push.objects.filter(uploads=blocked).update(state="cancelled")
    words, address = step(campaign)
    assert "268 rows of b.csv to fix." in words
    assert address == reverse("uploads:rejected_of", args=[faulty.pk])

    Push.objects.filter(uploads=faulty).update(dismissed_rows=268, dismissed={"refused": 268})
    words, address = step(campaign)
    assert "c.csv isn&#x27;t sent yet: 679 rows ready." in words
    assert address == reverse("uploads:detail", args=[draft.pk])

    Upload.objects.filter(pk=draft.pk).update(stage="cancelled")
    words, address = step(campaign)
    assert "No agents are assigned." in words
    assert address == reverse("assignments:panel", args=[campaign.pk])

    Campaign.objects.update(agents_count=3)
    assert step(campaign) == ("Next: Start it. It was never started.", "")

    Campaign.objects.update(status="active")
    assert step(campaign) == ("", "")


def test_nothing_is_next_while_the_contact_centre_does_not_answer(step):
    connection = make_connection(silent_since=timezone.now(), failures=5)

    assert step(make_campaign(connection, status="draft", agents_count=0)) == ("", "")
