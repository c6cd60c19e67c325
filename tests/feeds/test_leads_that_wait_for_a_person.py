"""Leads that wait are not sent if their source flags them since, or an administrator cancels them."""

from django.urls import reverse

from tests.feeds.support import a_source, outcomes
from tests.support.markup import markup
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.models import Intake, WaitingLead


def test_a_lead_that_its_source_flags_before_it_is_sent_is_not_sent(db, campaign):
    source = a_source(campaign)
    source.post([{"phone": "+447400300018"}, {"phone": "+447400300019"}])

    answer = source.post([{"phone": "+447400300018", "do_not_call": "yes"}])

    assert outcomes(answer)[0][0] == "refused"
    marked = WaitingLead.objects.filter(suppressed=True).values_list("number", flat=True)
    assert list(marked) == [447400300018]


def test_an_administrator_cancels_what_the_page_showed_as_waiting(db, campaign, client, ada):
    source = a_source(campaign)
    source.post([{"phone": "+447400300018"}, {"phone": "+447400300019"}])
    client.force_login(ada)
    page, address = reverse("feeds:detail", args=[source.feed.pk]), reverse("feeds:cancel", args=[source.feed.pk])
    assert "Cancel waiting leads (2)" in markup(client.get(page))
    source.post([{"phone": "+447400300020"}])

    said = markup(client.post(address, {"waiting": 2}, follow=True))

    assert "2 leads were not sent." in said
    assert Intake.objects.get().reasons == {"cancelled": 2}
    assert WaitingLead.objects.get().number == 447400300020
    assert Operation.objects.filter(kind="cancel_sending", subject_kind="feed").count() == 1
    assert "No lead waits any more" not in said
