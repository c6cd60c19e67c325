"""Reason codes in a few words, for tabs, tables and downloads."""

from __future__ import annotations

from voisoadmin.pushes.reasons import BY_CODE, Bucket
from voisoadmin.uploads.fields import PROBLEMS, WARNINGS

TITLES = {
    "added": "Added",
    "inserted_by_update": "Added by an update",
    "updated": "Updated",
    "in_campaign": "Was in the campaign",
    "known_here": "Known to be in the campaign",
    "other_campaign": "In another campaign",
    "same_number_in_file": "Twice in this file",
    "interrupted_call": "Interrupted call",
    "refused_by_voiso": "Refused by Voiso",
    "refused_alone": "Refused by Voiso, alone",
    "refused_update": "Change refused by Voiso",
    "suppressed": "Do-not-call",
    "cancelled": "Cancelled",
    "not_named": "Not named by Voiso",
    "no_clear_answer": "No clear answer",
    "cancelled_uncertain": "Cancelled without an answer",
    "waiting": "Waiting",
    "phone_missing": "No phone number",
    "no_digits": "No digits",
    "letters": "Letters",
    "extension": "Extension",
    "tel_link": "A tel: address",
    "bidi_control": "Digits turned round",
    "mixed_digits": "Mixed scripts",
    "unexpected_character": "Odd character",
    "two_numbers": "Two numbers",
    "date": "A date",
    "damaged_scientific": "Shortened by the spreadsheet",
    "damaged_decimal": "Became a decimal",
    "damaged_fraction": "Has a fraction",
    "damaged_too_many_digits": "Over 15 digits",
    "damaged_rounded": "Rounded by the spreadsheet",
    "unknown_calling_code": "Unknown calling code",
    "too_short": "Too short",
    "too_long": "Too long",
    "not_in_use": "Not a number in use",
    "no_country": "No country",
    "ambiguous_number": "Ambiguous number",
    "name_too_long": "Name too long",
    "source_too_long": "Source too long",
    "control_character": "Control character",
    "url_too_long": "URL too long",
    "url_without_scheme": "URL without https://",
    "url_not_web": "Not a web address",
    "url_malformed": "URL not whole",
    "priority_not_whole": "Priority is no number",
    "priority_out_of_range": "Priority out of range",
    "active_unclear": "Active or not",
    "trunk_prefix_removed": "Trunk prefix removed",
    "leading_zero_missing": "Lost its leading zero",
    "could_be_national": "Could be national",
    "could_be_international": "Could be international",
    "characters_replaced": "Characters written plainly",
    "priority_zero_raised": "Priority 0 sent as 1",
}


def bucket_of(code: str) -> Bucket:
    """The bucket of a reason code; a reason that isn't one of the pushes' own comes from our check."""
    reason = BY_CODE.get(code)
    return reason.bucket if reason is not None else Bucket.INVALID


def title_of(code: str) -> str:
    """The reason in two or three words."""
    return TITLES.get(code) or code.replace("_", " ").capitalize()


def sentence_of(code: str) -> str:
    """What happened to a row, in one sentence."""
    if code in BY_CODE:
        return BY_CODE[code].sentence
    words = PROBLEMS.get(code) or WARNINGS.get(code)
    return words.sentence if words is not None else title_of(code) + "."


def advice_of(code: str) -> str:
    """What to do about it; empty if nothing can be done."""
    if code in BY_CODE:
        return BY_CODE[code].advice
    words = PROBLEMS.get(code) or WARNINGS.get(code)
    return words.advice if words is not None else ""
