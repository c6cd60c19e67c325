"""Voiso's sentences with one meaning whatever their status: the documented ones, and similar ones."""

import re

from voisoadmin.voiso.errors import (
    Busy,
    CampaignEnded,
    CampaignGone,
    KeyRefused,
    NameRequired,
    NotLive,
    TooLarge,
    VoisoError,
)

# No word in it may also match as two others: the ways to match a text would double with each repetition.
_KEY = r"(?:(?:api|access|user|client|auth(?:ori[sz]ation|entication)?|contact[ _-]?cent(?:er|re))[ _-]{0,2})+(?:key|token)"
_WRONG = r"(?:invalid|incorrect|wrong|expired|revoked|unknown|not (?:valid|recogni[sz]ed|accepted|correct|found))"
_IS = r"\W{0,3}(?:is |was |has )?(?:been )?"
INVALID_KEY = re.compile(
    rf"\b{_WRONG}[ _-](?:{_KEY})\b|\b(?:{_KEY})\b{_IS}{_WRONG}\b"
    # Without other words it must be the whole sentence: "invalid key colour in contact 3" is about a contact.
    r"|(?:^|[;:] ?)(?:invalid|incorrect|wrong|expired|revoked)[ _-]?(?:key|token)[.! ]*(?:$|;)"
    rf"|(?:^|[;:] ?)(?:the |your )?(?:key|token){_IS}(?:invalid|incorrect|wrong|expired|revoked|not valid)[.! ]*(?:$|;)",
    re.IGNORECASE,
)
GONE = re.compile(r"campaign (was )?not found", re.IGNORECASE)
NOT_LIVE = re.compile(
    r"\b(should|must|has to|needs to) (be|have) (an? |the |of type |set to )*live\b|\bnot (an? |the |of type |set to )*live\b"
    r"|\bnon-?live\b|\bonly\b[^.;]{0,40}\blive\b"
    r"|\blive\b[^.;]{0,40}\b(enabled|disabled|(turned|switched) (on|off)|must be true|is false)\b"
    r"|\benable\b[^.;]{0,30}\blive\b",
    re.IGNORECASE,
)
OVER_1000 = re.compile(r"maximum limit of \d+ contacts|(too many|more than \d+) (contacts|leads)", re.IGNORECASE)
FIELD_MISSING = re.compile(r"required contact field missing", re.IGNORECASE)
BUSY = re.compile(
    r"\b(still|being|currently|already being) (process|import)|\balready (process|import)ing"
    r"|\b(import|request|processing)\w* (is )?(still |already )?(in progress|running|under ?way|pending)"
    r"|\bprevious (request|import|call|batch|upload|job)|\bis processing|\bstatus\b\W{0,3}(is )?processing\b",
    re.IGNORECASE,
)
# The bare words don't count if something failed during processing.
_AT_WORK = re.compile(r"\b(processing|importing)\b", re.IGNORECASE)
_FAILED = re.compile(
    r"\b(errors?|fail\w*|problem|exception|unable|could ?n.t|could not)\b[^.;]{0,60}\b(processing|importing)\b"
    r"|\b(processing|importing)\b[^.;]{0,30}\b(errors?|fail\w*)\b",
    re.IGNORECASE,
)
IMPORT_ERROR = re.compile(r"\bimport[ _-]error\b", re.IGNORECASE)
_ENDED = r"(?:completed|stopped|finished|ended|archived)"
ENDED = re.compile(
    rf"\b(?:(?:campaign|status|state)\b(?P<between>[^.;]{{0,40}}?)\b{_ENDED}\b|{_ENDED} (?:\w+ )?campaigns?\b)",
    re.IGNORECASE,
)
# A possibility or a wish isn't a fact; and a finished import isn't a finished campaign.
_NOT_SO = re.compile(
    r"\b(not|until|unless|must|should|has to|needs? to|only|before|after|yet|wait\w*|import\w*|process\w*|request\w*)\b"
    r"|n['’]t\b",
    re.IGNORECASE,
)
_NOT_YET = re.compile(r"\b(cannot|be|will|being)\b", re.IGNORECASE)


def listed(words: str, status: int, *, contacts: bool = False) -> VoisoError | None:
    """The error for a known text, whatever its status.

    `contacts`: it answers a request with contacts, so a campaign state named in these words counts too.
    """
    if INVALID_KEY.search(words):
        return KeyRefused("Voiso doesn't accept the API key.", http_status=status, words=words)
    if GONE.search(words):
        return CampaignGone("Voiso doesn't know this campaign.", http_status=status, words=words)
    if NOT_LIVE.search(words):
        return NotLive("This isn't a Live campaign, so Voiso accepts no contacts for it.", http_status=status, words=words)
    if OVER_1000.search(words):
        return TooLarge("Voiso says the request is too large.", http_status=status, words=words)
    if FIELD_MISSING.search(words):
        return NameRequired("Voiso requires a field that was not sent.", http_status=status, words=words)
    if BUSY.search(words) or (contacts and says_at_work(words)):
        return Busy("Voiso is still working on the previous request for this campaign.", http_status=status, words=words)
    if contacts and says_ended(words):
        return CampaignEnded("This campaign has ended, so Voiso accepts no contacts for it.", http_status=status, words=words)
    return None


def says_at_work(words: str) -> bool:
    """Whether the words say that Voiso is processing or importing, or that its own import failed: both pass."""
    if IMPORT_ERROR.search(words):
        return True
    return _AT_WORK.search(words) is not None and _FAILED.search(words) is None


def says_ended(words: str) -> bool:
    """Whether the words name a campaign that has ended."""
    for clause in re.split("[.;]", words):
        begin = 0
        for found in ENDED.finditer(clause):
            if not _NOT_SO.search(clause[begin : found.end()]) and not _NOT_YET.search(found["between"] or ""):
                return True
            begin = found.end()
    return False
