from tests.pushes.support import buckets, numbers, reasons


def test_contacts_of_a_push_reach_the_campaign(any_cast):
    given = numbers(2500)
    push = any_cast.push(given)

    any_cast.drain()

    assert any_cast.sandbox.numbers_in(any_cast.id) == set(given)
    assert buckets(push) == {"added": 2500}
    assert push.state == "finished"
    assert push.calls == 3
    assert min(any_cast.gaps()) >= 0.020


def test_a_lost_answer_is_never_called_a_duplicate(cast):
    given = numbers(3)
    cast.sandbox.fault("answer_lost", times=1)
    push = cast.push(given)

    cast.drain()

    assert cast.sandbox.numbers_in(cast.id) == set(given)
    assert buckets(push) == {"unattributed": 3}
    assert reasons(push) == {"interrupted_call": 3}
    assert min(cast.gaps()) >= 0.30
