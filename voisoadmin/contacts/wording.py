"""Reason codes in a few words, for tabs, tables and downloads."""

from __future__ import annotations

from voisoadmin.contacts.fields import PROBLEMS, WARNINGS
from voisoadmin.contacts.reasons import BY_CODE, Bucket
from voisoadmin.phones import Words

TITLES = {
    "added": "Added",
    "inserted_by_update": "Added by update",
    "updated": "Updated",
    "in_campaign": "Already in campaign",
    "known_here": "Already known",
    "same_number_in_file": "Repeated in file",
    "interrupted_call": "Added or already there",
    "refused_by_voiso": "Rejected by Voiso",
    "refused_alone": "Row rejected by Voiso",
    "refused_update": "Update rejected",
    "suppressed": "Do-not-call",
    "flagged_in_file": "Do-not-call in file",
    "left_out": "Left out",
    "hidden_row": "Hidden row",
    "footer": "Footer or sum",
    "struck_row": "Struck out",
    "example_row": "Template's example",
    "optional_field": "Optional cell unusable",
    "cancelled": "Not sent",
    "not_named": "Missing from answer",
    "no_clear_answer": "No clear answer",
    "cancelled_uncertain": "Cancelled, unclear",
    "voiso_named_nothing": "No number named",
    "waiting": "Waiting",
    "phone_missing": "No phone number",
    "no_digits": "No digits",
    "letters": "Contains letters",
    "extension": "Has an extension",
    "tel_link": "“tel:” link",
    "fax_number": "A fax",
    "other_person": "Another person",
    "old_number": "Old number",
    "unknown_label": "Unknown label",
    "bidi_control": "Hidden characters",
    "mixed_digits": "Mixed digits",
    "unexpected_character": "Unexpected character",
    "two_numbers": "Two numbers",
    "date": "A date",
    "damaged_scientific": "Digits lost",
    "damaged_decimal": "Decimal number",
    "damaged_fraction": "Has a fraction",
    "damaged_too_many_digits": "Over 15 digits",
    "damaged_rounded": "Possibly rounded",
    "unknown_calling_code": "Unknown country code",
    "too_short": "Too short",
    "too_long": "Too long",
    "not_in_use": "Not a valid number",
    "no_country": "No country code",
    "ambiguous_number": "Ambiguous",
    "trunk_prefix_removed": "Extra prefix removed",
    "leading_zero_missing": "Missing leading zero",
    "could_be_national": "Read as international",
    "could_be_international": "Read as national",
    "mark_removed": "Mark removed",
    "characters_replaced": "Characters replaced",
}


def bucket_of(code: str) -> Bucket:
    """The bucket of a reason code; a reason that isn't one of the pushes' own comes from our check."""
    reason = BY_CODE.get(code)
    return reason.bucket if reason is not None else Bucket.INVALID


def title_of(code: str) -> str:
    """The reason in two or three words."""
    words = _words(code)
    return TITLES.get(code) or (words.title if words is not None else "") or code.replace("_", " ").capitalize()


def sentence_of(code: str) -> str:
    """What happened to a row, in one sentence."""
    if code in BY_CODE:
        return BY_CODE[code].sentence
    words = _words(code)
    return words.sentence if words is not None else title_of(code) + "."


def advice_of(code: str) -> str:
    """What to do about it; empty if nothing can be done."""
    if code in BY_CODE:
        return BY_CODE[code].advice
    words = _words(code)
    return words.advice if words is not None else ""


def _words(code: str) -> Words | None:
    return PROBLEMS.get(code) or WARNINGS.get(code)
