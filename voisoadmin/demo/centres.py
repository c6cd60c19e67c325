"""The two contact centres of the demo, as their sandboxes have them at the first start."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from voisoadmin.campaigns.statuses import Status
from voisoadmin.demo import earlier_uploads, samples
from voisoadmin.sandbox import Sandbox, v4
from voisoadmin.sandbox.exchange import RequestContext
from voisoadmin.voiso.payloads import CampaignFacts
from voisoadmin.voiso.shapes import campaign_of


@dataclass(frozen=True, slots=True)
class DemoCentre:
    name: str  # of the connection, and of its state file
    generation: str
    key: str

    @property
    def slug(self) -> str:
        return f"sandbox-{self.generation}"


CENTRES = (
    DemoCentre("Brightwater Energy", "v4", Sandbox.V4_KEY),
    DemoCentre("Northgate Travel", "legacy", Sandbox.LEGACY_KEY),
)

_PEOPLE = {
    "Evening": ("Lena Fischer", "Tom Okafor", "Marek Dvořák", "Sofia Lindqvist"),
    "Morning": ("Priya Nair", "Jonas Weber", "Amina Haddad", "Liam Byrne"),
    "Weekend": ("Carla Rossi", "Ethan Clarke"),
    "Retention": ("Nadia Petrova", "Hugo Martin", "Grace Kim"),
}


def build(centre: DemoCentre, path: Path, *, time_scale: float) -> None:
    """Make the contact centre's state file."""
    sandbox = Sandbox(time_scale=time_scale)
    for team, people in _PEOPLE.items():
        sandbox.add_team(team)
        for name in people:
            email = _email(name)
            if sandbox.centre.user_by_email(email) is None:
                sandbox.add_user(name, email, teams=[team])
    if centre.generation == "v4":
        _energy(sandbox)
    else:
        _travel(sandbox)
    sandbox.save(path)


def campaigns_of(centre: DemoCentre, path: Path) -> list[CampaignFacts]:
    """The campaigns in a contact centre's state file, as the list of its API has them."""
    sandbox = Sandbox.load(path)
    campaigns = sandbox.centre.campaigns.values()
    if centre.generation != "v4":
        return [CampaignFacts(id=str(one.id), name=one.name, status=one.status, live=one.live) for one in campaigns]
    context = RequestContext(sandbox.centre, sandbox.behaviour, now=0.0, drain=0.0, number=0, kind="list")
    return [campaign_of(v4.describe(one, context)) for one in campaigns]


def _email(name: str) -> str:
    plain = name.lower().replace("ř", "r").replace("á", "a").replace(" ", ".")
    return f"{plain}@example.com"


def _numbers(first: int, count: int) -> list[str]:
    return [str(first + n) for n in range(count)]


def _agents(*names: str) -> list[str]:
    return [_email(name) for name in names]


def _energy(sandbox: Sandbox) -> None:
    """A campaign in every lasting state; the transitional ones appear when a campaign is paused or stopped."""
    some = _agents("Lena Fischer", "Tom Okafor", "Marek Dvořák")
    others = _agents("Priya Nair", "Jonas Weber")
    # The first numbers of the clean sample are already in the campaign, so that sending it shows duplicates too.
    known = [row[0].lstrip("+") for _, row in zip(range(150), samples.clean_rows(), strict=False)]

    def add(name: str, status: str, agents: Sequence[str], leads: Sequence[str] = (), *, live: bool = True) -> None:
        sandbox.add_campaign(name, status=status, live=live, agents=agents, numbers=leads)

    add("Spring renewals", Status.ACTIVE, some, [*known, *earlier_uploads.in_campaign("Spring renewals")])
    tariff = [*_numbers(447400600000, 4000), *earlier_uploads.in_campaign("Tariff change calls")]
    add("Tariff change calls", Status.ACTIVE, others, tariff)
    add("Smart meter visits", Status.PAUSED, some, _numbers(447400610000, 800))
    add("Win-back autumn", Status.AUTO_PAUSED, others)
    add("Heat pump interest", Status.DRAFT, some)
    add("Green tariff pilot", Status.DRAFT, [], _numbers(447400620000, 25))
    add("New homes", Status.DRAFT, [])
    add("Late payment reminders", Status.STOPPED, some, _numbers(447400630000, 300))
    add("Meter readings, file import", Status.PROCESSING, others, _numbers(447400640000, 100), live=False)
    add("Old customers 2024", Status.IMPORT_ERROR, [], live=False)
    add("Survey after repair", Status.COMPLETED, others, _numbers(447400650000, 60), live=False)
    for n, region in enumerate(("Leeds", "Cardiff", "Belfast", "Derby", "Exeter", "Perth", "Bath", "York", "Truro"), 1):
        add(
            f"Door appointments {region}",
            Status.ACTIVE if n % 3 else Status.PAUSED,
            some,
            _numbers(447400700000 + n * 1000, 40 * n),
        )


def _travel(sandbox: Sandbox) -> None:
    some = _agents("Carla Rossi", "Ethan Clarke")
    sandbox.add_campaign("Early bird Greece", status=Status.ACTIVE, agents=some, numbers=_numbers(353850100000, 1500), id=311)
    sandbox.add_campaign("Last minute Canaries", status=Status.PAUSED, agents=some, numbers=_numbers(353850110000, 200), id=312)
    sandbox.add_campaign("Rebooking help", status=Status.AUTO_PAUSED, agents=some, teams=["Retention"], id=313)
    sandbox.add_campaign("City breaks", status=Status.DRAFT, agents=[], id=314)
    sandbox.add_campaign("Cruise brochure 2025", status=Status.STOPPED, agents=some, numbers=_numbers(353850120000, 90), id=315)
