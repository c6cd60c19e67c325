"""The sandbox: a simulated Voiso, both API generations over the same campaigns, as a plain WSGI app."""

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voisoadmin.sandbox import answer_forms, fault_effects, routes
from voisoadmin.sandbox.behaviour import Behaviour
from voisoadmin.sandbox.centre import ALL_SCOPES, LOGOUT, Campaign, Centre, Key, Lead, User, new_campaign
from voisoadmin.sandbox.exchange import Answer, Declined, Environ, Request, RequestContext, first_contact, numbers_of
from voisoadmin.sandbox.faults import CONTACTS, ConnectionCut, Fault, Faults, Order
from voisoadmin.sandbox.voiso_rules import Refusal


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """One request as the sandbox saw it. Times use the monotonic clock, which all processes of a host share."""

    no: int  # what `creator_of` names
    campaign: int | None
    kind: str  # add, update, start, pause, stop, people, read
    numbers: tuple[str, ...]
    started: float  # when it was completely read
    finished: float  # when its answer was ready, or the connection was cut
    status: int  # 0: no answer
    fault: Fault | None
    method: str = ""
    path: str = ""  # as in `routes`, without the key
    first: Mapping[str, Any] = field(default_factory=dict)  # the first contact, as sent


class Sandbox:
    """Enforces documented behaviour, records the true origin of each number, and fails on demand.

    Where Voiso is undocumented, `behaviour` decides. Thread-safe. `time_scale` multiplies all durations of Voiso.
    """

    V4_KEY = "sandbox-v4-key-2f9d1c7a"
    LEGACY_KEY = "sandbox-legacy-key-8b3e5d"

    def __init__(self, *, time_scale: float = 1.0, centre: Centre | None = None) -> None:
        self.time_scale = time_scale
        self.behaviour = Behaviour()
        self.faults = Faults(time_scale)
        self.lock = threading.RLock()
        self.centre = centre or _new_centre(self.V4_KEY, self.LEGACY_KEY)
        self.seen: list[SeenRequest] = []
        self._numbers = itertools.count(self.centre.next_request)
        self._open: dict[int, int] = {}  # campaign -> open requests with contacts
        self._most_open: dict[int, int] = {}
        self._last_finished: dict[int, float] = {}

    # Contents

    def add_key(self, key: str, *, generation: str, scopes: Iterable[str] = ALL_SCOPES) -> str:
        with self.lock:
            self.centre.keys[key] = Key(generation, frozenset(scopes))
        return key

    def revoke_key(self, key: str) -> None:
        with self.lock:
            self.centre.revoked.add(key)

    def restore_key(self, key: str) -> None:
        with self.lock:
            self.centre.revoked.discard(key)

    def add_user(self, name: str, email: str, *, teams: Sequence[str] = (), logged_in: bool = True) -> User:
        with self.lock:
            return self.centre.add_user(name, email, teams=teams, logged_in=logged_in)

    def set_status(self, email: str, status: str) -> None:
        """The status of a user, in a word of the legacy API. `logout`: they are logged out; another: they are logged in."""
        with self.lock:
            user = self.centre.user_by_email(email)
            assert user is not None, email
            user.status, user.logged_in = status, status != LOGOUT

    def presence_requests(self) -> list[SeenRequest]:
        """The requests that read the status of agents, of each API version."""
        with self.lock:
            return [seen for seen in self.seen if seen.path in routes.PRESENCE]

    def add_team(self, name: str) -> None:
        with self.lock:
            self.centre.add_team(name)

    def add_campaign(
        self,
        name: str,
        *,
        status: str = "active",
        live: bool = True,
        agents: Sequence[str] | None = None,
        teams: Sequence[str] = (),
        numbers: Iterable[str] = (),
        id: int | None = None,
    ) -> int:
        """`agents`: emails of users; without it the contact centre's first user. `numbers`: initial leads."""
        with self.lock:
            number = id or max(self.centre.campaigns, default=4700) + 1
            campaign = new_campaign(number, name, status, live=live)
            for email in [next(iter(self.centre.users.values())).email] if agents is None else agents:
                user = self.centre.user_by_email(email) or self.centre.add_user(email.partition("@")[0].title(), email)
                campaign.agents.append(user.id)
            for team in teams:
                self.centre.add_team(team)
                campaign.teams.append(team)
            self.centre.campaigns[number] = campaign
            self.add_leads(number, numbers)
            return number

    def add_leads(self, campaign_id: int | str, numbers: Iterable[str]) -> None:
        """Contacts that someone else added: `creator_of` is 0."""
        with self.lock:
            campaign = self.campaign(campaign_id)
            for number in numbers:
                if number not in campaign.leads:
                    campaign.leads[number] = Lead(0)
                    campaign.to_dial.append(number)

    def campaign(self, campaign_id: int | str) -> Campaign:
        """The campaign itself, to look at and to change."""
        with self.lock:
            campaign = self.centre.campaigns[int(campaign_id)]
            campaign.settle(time.monotonic())
            return campaign

    def numbers_in(self, campaign_id: int | str) -> set[str]:
        with self.lock:
            return set(self.campaign(campaign_id).leads)

    def lead(self, campaign_id: int | str, number: str) -> Lead:
        with self.lock:
            return self.campaign(campaign_id).leads[number]

    def creator_of(self, campaign_id: int | str, number: str) -> int | None:
        """The `no` of the request that created a lead: the oracle. 0: no request did. None: it isn't in the campaign."""
        with self.lock:
            lead = self.campaign(campaign_id).leads.get(number)
            return None if lead is None else lead.creator

    # History

    def requests(self, campaign_id: int | str, *kinds: str) -> list[SeenRequest]:
        """Requests on one campaign in the order they ended; without kinds those with contacts."""
        wanted = frozenset(kinds) or CONTACTS
        with self.lock:
            return [x for x in self.seen if x.campaign == int(campaign_id) and x.kind in wanted]

    def max_in_flight(self, campaign_id: int | str) -> int:
        """The most requests with contacts that were open at one time."""
        with self.lock:
            return self._most_open.get(int(campaign_id), 0)

    def gaps(self, campaign_id: int | str) -> list[float]:
        """Real seconds from the end of each request with contacts to the start of the next."""
        calls = sorted(self.requests(campaign_id), key=lambda seen: seen.started)
        return [after.started - before.finished for before, after in itertools.pairwise(calls)]

    def breaches(self, campaign_id: int | str) -> list[float]:
        """The gaps that were shorter than the pace."""
        return [gap for gap in self.gaps(campaign_id) if gap < self.behaviour.pace_seconds * self.time_scale]

    def forget(self) -> None:
        """Forget the requests seen so far; campaigns and leads stay."""
        with self.lock:
            self.seen.clear()
            self._most_open.clear()

    # Faults

    def fault(
        self, fault: Fault, *, times: float | None = None, after: int = 0, campaign: int | str | None = None, **options: Any
    ) -> None:
        """Make requests fail: the next `times` (1), once `after` have passed unharmed. Options: see `Fault`.

        KEY_REVOKED, CAMPAIGN_GONE, NOT_LIVE and POISON last until `heal`. `on` is one of `faults.TARGETS`.
        """
        chosen = None if campaign is None else int(campaign)
        self.faults.ask(Fault(fault), times=times, after=after, campaign=chosen, options=options)

    def heal(self, fault: Fault | None = None) -> None:
        """End a fault, or all of them, with its after-effects."""
        self.faults.heal(fault)
        with self.lock:
            if fault in {None, Fault.KEY_REVOKED}:
                self.centre.revoked.clear()
            for campaign in self.centre.campaigns.values():
                if fault in {None, Fault.CAMPAIGN_GONE}:
                    campaign.gone = False
                if fault in {None, Fault.NOT_LIVE} and campaign.was_live:
                    campaign.live, campaign.was_live = True, False

    # WSGI

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer, or raise ConnectionCut, which a server or a test's transport carries out."""
        request = Request(environ)
        answer = self._answer(request)
        body = answer.body()
        start_response(answer.status_line, answer.all_headers(len(body)))
        return [body]

    def _answer(self, request: Request) -> Answer:
        found = routes.find(request)
        if isinstance(found, Answer):
            return found
        numbers = numbers_of(request.json) if found.is_contacts else ()
        order = self.faults.take(found.kinds, found.campaign_id, numbers)
        if order is not None and order.fault is Fault.UNREACHABLE:
            raise ConnectionCut("unreachable")
        started = time.monotonic()
        no, status = self._arrive(found), 0
        try:
            answer = self._process(found, request, no, order)
            status = answer.status
            return answer
        finally:
            fault = None if order is None else order.fault
            seen = SeenRequest(
                no,
                found.campaign_id,
                found.kind,
                numbers,
                started,
                time.monotonic(),
                status,
                fault,
                method=request.method,
                path=found.route.path,
                first=first_contact(request.json) if found.is_contacts else {},
            )
            self._leave(found, seen)

    def _arrive(self, found: routes.Found) -> int:
        with self.lock:
            if found.is_contacts and found.campaign_id is not None:
                now_open = self._open[found.campaign_id] = self._open.get(found.campaign_id, 0) + 1
                self._most_open[found.campaign_id] = max(now_open, self._most_open.get(found.campaign_id, 0))
            no = next(self._numbers)
            self.centre.next_request = no + 1
            return no

    def _leave(self, found: routes.Found, seen: SeenRequest) -> None:
        with self.lock:
            self.seen.append(seen)
            if found.is_contacts and found.campaign_id is not None:
                self._open[found.campaign_id] -= 1
                self._last_finished[found.campaign_id] = seen.finished

    def _process(self, found: routes.Found, request: Request, no: int, order: Order | None) -> Answer:
        context = self._context(found, no)
        if order is not None:
            with self.lock:
                instead = fault_effects.before(order, context, found, request)
            if instead is not None:
                return instead
        answer = self._obey(found, request, context, order)
        if found.is_contacts:
            answer = answer_forms.shaped(answer, self.behaviour.answer_form)
        return answer if order is None else fault_effects.after(order, answer, request)

    def _context(self, found: routes.Found, no: int) -> RequestContext:
        return RequestContext(
            self.centre,
            self.behaviour,
            time.monotonic(),
            self.behaviour.transition_seconds * self.time_scale,
            no,
            found.kind,
            found.campaign_id,
            found.user_id,
            found.key,
        )

    def _obey(self, found: routes.Found, request: Request, context: RequestContext, order: Order | None) -> Answer:
        try:
            if found.is_contacts:
                with self.lock:
                    found.check(context, request)
                    self._one_at_a_time(context)
                time.sleep(self.behaviour.latency * self.time_scale)
            else:
                time.sleep(self.behaviour.other_latency * self.time_scale)
            with self.lock, fault_effects.holding_back(order, request):
                answer = found.route.handler(context, request)
                if found.is_contacts and context.campaign_id is not None:
                    seconds = self.behaviour.import_seconds * self.time_scale
                    self.centre.campaigns[context.campaign_id].importing_until = time.monotonic() + seconds
                return answer
        except Declined as declined:
            return declined.answer
        except Refusal as refusal:
            return found.refuse(refusal, context)

    def _one_at_a_time(self, context: RequestContext) -> None:
        assert context.campaign_id is not None
        if self._open[context.campaign_id] > 1:
            raise Refusal("busy")
        if self.behaviour.enforce_pace:
            rested = context.now - self._last_finished.get(context.campaign_id, float("-inf"))
            if rested < self.behaviour.pace_seconds * self.time_scale:
                raise Refusal("busy")

    # Saved state

    def save(self, path: Path) -> None:
        with self.lock:
            self.centre.save(path)

    @classmethod
    def load(cls, path: Path, *, time_scale: float = 1.0) -> "Sandbox":
        """A sandbox that continues from a saved one. Faults and behaviour aren't saved."""
        return cls(time_scale=time_scale, centre=Centre.load(path))


def _new_centre(v4_key: str, legacy_key: str) -> Centre:
    centre = Centre()
    centre.keys[v4_key] = Key("v4", ALL_SCOPES)
    centre.keys[legacy_key] = Key("legacy", ALL_SCOPES)
    centre.add_user("Lena Fischer", "lena.fischer@example.com", teams=["Evening"])
    centre.add_user("Tom Okafor", "tom.okafor@example.com", teams=["Evening"])
    centre.add_user("Priya Nair", "priya.nair@example.com", teams=["Morning"])
    return centre
