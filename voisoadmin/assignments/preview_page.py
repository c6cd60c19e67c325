"""The page that shows what a change would do: the names in three lists, and its words for adding and removing."""

from collections.abc import Iterable
from dataclasses import dataclass

from voisoadmin.assignments.models import Roster
from voisoadmin.assignments.preview import Action, NameChange, fingerprint, teams_in, why_unread
from voisoadmin.campaigns.models import Campaign
from voisoadmin.operations.presenting import NAME_WORDS

NEEDS_NOTHING = {"already_there", "not_in_campaign", "twice"}
IMPOSSIBLE = {"not_found", "ambiguous", "not_possible"}
NOT_LISTED = "Voiso lists no one with this name or email."


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionWords:
    verb: str
    heading: str  # in front of the campaign
    done: str
    preposition: str  # in front of campaigns
    of_team: str  # what happens to the agents of a team
    glyph: str
    css: str
    button_css: str


ACTION_WORDS: dict[Action, ActionWords] = {
    "add": ActionWords(
        verb="Add",
        heading="Add to",
        done="added",
        preposition="to",
        of_team="added one by one. Agents who join the team later aren't added.",
        glyph="user-plus",
        css="good",
        button_css="btn-primary",
    ),
    "remove": ActionWords(
        verb="Remove",
        heading="Remove from",
        done="removed",
        preposition="from",
        of_team="removed one by one, also those who were added without the team.",
        glyph="circle-minus",
        css="warn",
        button_css="btn-danger",
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class NotSentLine:
    """A name that isn't sent, and why."""

    name: str
    word: str
    glyph: str
    css: str
    note: str = ""
    via: str = ""
    nearest: str = ""

    @classmethod
    def of(cls, entry: NameChange) -> "NotSentLine":
        word, glyph, css = NAME_WORDS[entry.outcome]
        note = entry.note or (NOT_LISTED if entry.outcome == "not_found" else "")
        return cls(name=entry.name, word=word, glyph=glyph, css=css, note=note, via=entry.via, nearest=entry.nearest)


def preview_page(campaign: Campaign, entries: list[NameChange], action: Action, *, problem: str = "") -> dict[str, object]:
    """The context of the page. `problem`: why it wasn't applied."""
    return {
        "campaign": campaign,
        "do": action,
        "words": ACTION_WORDS[action],
        "problem": problem,
        "will": [entry for entry in entries if entry.outcome == "waiting"],
        "need_nothing": _lines(entries, NEEDS_NOTHING),
        "cannot": _lines(entries, IMPOSSIBLE),
        "names": as_typed(dict.fromkeys(entry.via or entry.name for entry in entries)),
        "teams": {name: len(members) for name, members in teams_in(entries).items()},
        "members": fingerprint(entries),
        "roster": Roster.objects.filter(connection=campaign.connection).first(),
        "unread": why_unread(campaign.connection),
    }


def _lines(entries: Iterable[NameChange], outcomes: set[str]) -> list[NotSentLine]:
    return [NotSentLine.of(entry) for entry in entries if entry.outcome in outcomes]


def as_typed(names: Iterable[str]) -> str:
    """A list as one types it; quoted, so that a comma in a name doesn't split it when the list comes back."""
    return "\n".join(f'"{name}"' if "," in name else name for name in names)
