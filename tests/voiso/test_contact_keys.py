"""Each field of a contact has a key in both API generations, or a reason why not; the sandbox has its own list."""

import pytest

from voisoadmin.connections.opening import client_for
from voisoadmin.contacts.cleaning import ContactLimits
from voisoadmin.contacts.fields import BY_NAME, OPTIONAL
from voisoadmin.voiso import ContactFields
from voisoadmin.voiso.contact_keys import KEYS, Absent, JsonKey, contact_body
from voisoadmin.voiso.payloads import Generation
from voisoadmin.voiso.sent_forms import DOCUMENTED

NUMBER = "447415992548"
EXAMPLES = {spec.name: spec.cleaner(ContactLimits())(spec.example)[0] for spec in OPTIONAL}


@pytest.mark.parametrize("generation", Generation)
@pytest.mark.parametrize("name", EXAMPLES)
def test_no_field_lacks_a_key_or_a_reason(name, generation):
    match KEYS[name][generation]:
        case JsonKey(path):
            assert all(path)
        case Absent(reason):
            assert len(reason) > 20


def test_no_key_is_left_of_a_field_that_is_gone():
    assert KEYS.keys() <= BY_NAME.keys()


def test_the_sandbox_keeps_the_value_of_each_field(any_connection, sandbox):
    spring = str(sandbox.add_campaign("Spring renewals"))

    with client_for(any_connection) as client:
        client.add_contacts(spring, [ContactFields(number=NUMBER, values=EXAMPLES)])

    lead = sandbox.lead(spring, NUMBER)
    assert {name: getattr(lead, name) for name in EXAMPLES} == EXAMPLES


@pytest.mark.parametrize("generation", Generation)
def test_a_blank_field_has_no_key(generation):
    assert len(contact_body(ContactFields(number=NUMBER, values={"name": ""}), generation, DOCUMENTED)) == 1
