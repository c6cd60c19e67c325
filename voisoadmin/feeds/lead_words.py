"""What became of a posted lead, as a sentence for the developer of its source. None repeats a number or a name."""

from voisoadmin.contacts.verdicts import FLAGGED, SAME_NUMBER
from voisoadmin.contacts.wording import sentence_of
from voisoadmin.feeds.lead_judging import FIELD_TWICE, WRONG_TYPE

ALREADY_WAITING, BEING_SENT = "already_waiting", "being_sent"
SENTENCES = {
    "": "",
    SAME_NUMBER: "An earlier lead of this request has the same number.",
    ALREADY_WAITING: "An earlier lead with this number waits to be sent.",
    BEING_SENT: "An earlier lead with this number is being sent.",
    FLAGGED: "A field says not to call this number; it isn't sent.",
    FIELD_TWICE: "The lead has two values for one field.",
    WRONG_TYPE: "The number must be text.",
    "phone_missing": "The lead has no phone number.",
    "no_country": "The number has no country code. Write it with + and the country code.",
    "ambiguous_number": "Without a country code the number is ambiguous. Write it with + and the country code.",
    "other_writing": "The number isn't written as this feed expects. Write it with + and the country code.",
    "do_not_call_word": "A field says whether to call, but not clearly. Send true or false.",
    "active_unclear": "It's unclear whether the contact is active. Send true or false.",
    "unknown_label": "There is unexpected text beside the number. Send only the number.",
    "example_row": "This is the example of the documentation; it isn't sent.",
    "two_numbers": "The field contains two numbers. Send one.",
}


def message_of(code: str) -> str:
    found = SENTENCES.get(code)
    return sentence_of(code) if found is None else found
