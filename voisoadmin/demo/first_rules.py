"""The rules that a new demo begins with: each acts within its first minutes, so that a newcomer sees one act."""

from datetime import datetime

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.rules.models import Rule
from voisoadmin.rules.saving import save_rule, set_mode
from voisoadmin.rules.sentence import EVERY_DAY
from voisoadmin.rules.sentence_check import from_json

ENOUGH = 20_000  # of the contacts that are being sent: about a minute


def make_rules(by: User, *, at: datetime) -> None:
    quota = {"kind": "accepted", "since": "today", "at_least": ENOUGH}
    stopped_dialling = {"kind": "auto_pause", "minutes": 1}
    agents = {"kind": "agents", "which": "available", "of": "centre", "at_least": 3, "minutes": 1}
    _make("Tariff quota", "Tariff change calls", quota, "pause", by, at, is_on=True)
    _make("Win-back watch", "Win-back autumn", stopped_dialling, "notify", by, at, is_on=True)
    _make("Belfast when agents are free", "Door appointments Belfast", agents, "start", by, at, is_on=False)


def _make(name: str, campaign: str, condition: dict[str, object], then: str, by: User, at: datetime, *, is_on: bool) -> None:
    chosen = Campaign.objects.select_related("connection").get(name=campaign)
    sentence = from_json(
        {
            "any": [condition],
            "then": then,
            # Whenever someone tries the demo.
            "hours": {"weekdays": list(EVERY_DAY), "from": "00:00", "to": "23:59"} if then == "start" else None,
            "zone": chosen.connection.zone.key,
        }
    )
    rule = save_rule(None, name=name, sentence=sentence, campaigns=[chosen], by=by, at=at)
    if is_on:
        set_mode(rule, Rule.Mode.ON, by=by, at=at)
