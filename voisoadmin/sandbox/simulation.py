"""Agents log in and out, calls happen, the dialer pauses and resumes, so that a demo looks alive."""

import random
import time

from voisoadmin.sandbox.app import Sandbox
from voisoadmin.sandbox.centre import Campaign, Centre, User, timestamp

LOG_OUT, LOG_IN = 0.002, 0.02  # chances for one user at each tick
BREAK, END_OF_BREAK = 0.004, 0.03
ON_A_CALL = 0.4  # of the agents of a campaign that dials
BREAKS = ("Lunch", "Training", "idle", "inbound")  # codes of this contact centre, and what else an agent does
ANSWERED = 0.35  # chance for one dialled contact


def tick(sandbox: Sandbox, chance: random.Random, *, at: float | None = None) -> int:
    """Simulate about a second of a contact centre; return how many calls were made."""
    now = time.monotonic() if at is None else at
    with sandbox.lock:
        centre = sandbox.centre
        dialing = {
            user.id for campaign in centre.campaigns.values() if campaign.status == "active" for user in centre.staff(campaign)
        }
        for user in centre.users.values():
            _come_and_go(user, chance, dials=user.id in dialing)
        drain = sandbox.behaviour.transition_seconds * sandbox.time_scale
        return sum(
            _dial(centre, campaign, chance, now=now, drain=drain) for campaign in centre.campaigns.values() if not campaign.gone
        )


def _come_and_go(user: User, chance: random.Random, *, dials: bool) -> None:
    if chance.random() < (LOG_OUT if user.logged_in else LOG_IN):
        user.logged_in, user.status = not user.logged_in, ""
    elif user.status in BREAKS:
        user.status = "" if chance.random() < END_OF_BREAK else user.status
    elif chance.random() < BREAK:
        user.status = chance.choice(BREAKS)
    elif dials:
        user.status = "outbound" if chance.random() < ON_A_CALL else "dialer waiting"
    else:
        user.status = ""


def _dial(centre: Centre, campaign: Campaign, chance: random.Random, *, now: float, drain: float) -> int:
    campaign.settle(now)
    if campaign.status not in {"active", "auto_paused"}:
        return 0
    agents = sum(user.logged_in for user in centre.staff(campaign))
    can_dial = bool(agents) and campaign.has_callable_leads()
    if campaign.status == "auto_paused":
        if can_dial:
            campaign.become("active")
        return 0
    if not can_dial:
        # A Live campaign never completes on its own: it pauses until there are contacts and agents again.
        campaign.turn("auto_pausing", "auto_paused" if campaign.live else "completed", now=now, seconds=drain)
        return 0
    calls = 0
    for _ in range(chance.randint(0, max(1, round(agents * campaign.dial_level)))):
        if not campaign.has_callable_leads():
            break
        number = campaign.to_dial.popleft()
        lead = campaign.leads[number]
        lead.attempts += 1
        lead.answered = chance.random() < ANSWERED
        if lead.is_callable():
            campaign.to_dial.append(number)
        calls += 1
    if calls:
        campaign.updated_at = timestamp()
    return calls
