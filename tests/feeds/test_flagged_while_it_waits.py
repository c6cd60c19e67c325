"""A source may say that a number must not be called after it posted it: a lead that still waits isn't sent."""

from tests.feeds.support import a_source, outcomes
from voisoadmin.pushes.models import WaitingLead


def test_a_lead_that_its_source_flags_before_it_is_sent_is_not_sent(db, campaign):
    source = a_source(campaign)
    source.post([{"phone": "+447400300018"}, {"phone": "+447400300019"}])

    answer = source.post([{"phone": "+447400300018", "do_not_call": "yes"}])

    assert outcomes(answer)[0][0] == "refused"
    marked = WaitingLead.objects.filter(suppressed=True).values_list("number", flat=True)
    assert list(marked) == [447400300018]
