"""The campaigns of a rule, as its form names them: by name or number one at a time, or all with a text in the name."""

from dataclasses import dataclass, field

from django.http import QueryDict

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign, CampaignQuerySet
from voisoadmin.lib.numbers import whole_number
from voisoadmin.lib.searching import contains

MOST = 500
SUGGESTED = 300
NAMED = 4  # in an answer to a name that fits several


def choosable(user: User) -> CampaignQuerySet:
    """Those that the user may start and pause."""
    return Campaign.objects.visible_to(user).filter(missing_since=None)


def named(user: User, text: str) -> list[Campaign]:
    """All with this text in the name, as many as a rule may have and one more."""
    if not text.strip():
        return []
    found = choosable(user).filter(contains(text.strip(), "name")).select_related("connection")
    return list(found.order_by("name", "pk")[: MOST + 1])


@dataclass
class ChosenCampaigns:
    user: User
    chosen: list[Campaign] = field(default_factory=list)
    every_named: str = ""
    problem: str = ""

    @classmethod
    def posted(cls, user: User, posted: QueryDict) -> "ChosenCampaigns":
        """What the form holds, with what its button adds or removes."""
        keys = [key for text in posted.getlist("campaign") if (key := whole_number(text)) is not None]
        found = choosable(user).filter(pk__in=keys[: MOST + 1]).select_related("connection")
        chosen = cls(user, list(found.order_by("name", "pk")), posted.get("every_named", "")[:200])
        do, typed = posted.get("do", ""), posted.get("add_campaign", "").strip()[:200]
        if do.startswith("drop-"):
            chosen.drop(do.removeprefix("drop-"))
        elif do == "add-named":
            chosen.add_all(typed)
        elif typed:
            chosen.add(typed)
        return chosen

    @property
    def typed_again(self) -> bool:
        """Whether what was typed stays in the field: it named no campaign."""
        return bool(self.problem)

    def drop(self, key: str) -> None:
        if key == "all":
            self.chosen = []
        self.chosen = [campaign for campaign in self.chosen if str(campaign.pk) != key]
        self.every_named = ""

    def add(self, typed: str) -> None:
        every = choosable(self.user).select_related("connection")
        exact = list(every.filter(name__iexact=typed)[: MOST + 1]) or list(every.filter(voiso_id=typed)[: MOST + 1])
        found = exact or named(self.user, typed)
        if len(found) == 1:
            self._take(found)
        elif found:
            names = ", ".join(f"“{campaign}” ({campaign.voiso_id})" for campaign in found[:NAMED])
            more = " and more" if len(found) > NAMED else ""
            self.problem = f"Several campaigns fit: {names}{more}. Enter the number of one, or add all."
        else:
            self.problem = f"No campaign here has “{typed}” in its name or as its number."

    def add_all(self, typed: str) -> None:
        found = named(self.user, typed)
        if not typed:
            self.problem = "Enter a part of the name first."
        elif not found:
            self.problem = f"No campaign here has “{typed}” in its name."
        else:
            self._take(found)
            self.every_named = "" if self.problem else typed

    def _take(self, found: list[Campaign]) -> None:
        together = {campaign.pk: campaign for campaign in [*self.chosen, *found]}
        if len(together) > MOST:
            self.problem = f"A rule has at most {MOST} campaigns. Make another rule for the rest."
            return
        self.chosen = sorted(together.values(), key=lambda campaign: (str(campaign).casefold(), campaign.pk))

    @property
    def suggestions(self) -> list[Campaign]:
        return list(choosable(self.user).only("name", "voiso_id").order_by("-changed_at", "-pk")[:SUGGESTED])

    @property
    def words(self) -> str:
        return campaigns_in_words([str(campaign) for campaign in self.chosen])


def campaigns_in_words(names: list[str]) -> str:
    """`Bath`, `Bath and York`, `Bath, York and 3 more`."""
    if len(names) <= 3:
        return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]])) or "no campaign"
    return f"{', '.join(names[:2])} and {len(names) - 2} more"
