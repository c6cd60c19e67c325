"""What the clients of both generations share: asking, judging, and one error for answers that can't be read."""

import traceback
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self, TypeVar

import httpx

from voisoadmin.voiso.answers import Asked, judge, unreadable
from voisoadmin.voiso.contact_answers import judge_contacts
from voisoadmin.voiso.errors import VoisoError
from voisoadmin.voiso.http.redaction import redact
from voisoadmin.voiso.http.wire import Query, Reply, Wire
from voisoadmin.voiso.keys import Key
from voisoadmin.voiso.listing import names_of_list, part_of
from voisoadmin.voiso.page_by_page import ListPage
from voisoadmin.voiso.payloads import MAX_CONTACTS_PER_CALL, CampaignFacts, ContactFields, ContactsAnswer
from voisoadmin.voiso.shapes import UnusableShape, campaign_of
from voisoadmin.voiso.streaming import ListReader

T = TypeVar("T")
# Until the answer to a read begins: pages say within half a minute that a contact centre fell silent.
READ_SECONDS = 12.0


class BaseClient:
    """Holds the wire and the key; for one thread."""

    def __init__(self, wire: Wire, key: Key) -> None:
        self._wire = wire
        self._key = key

    @property
    def clock_ahead(self) -> float | None:
        """By how many seconds our clock is ahead of Voiso's; None if no answer said so."""
        return self._wire.clock_ahead

    def close(self) -> None:
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def _ask(
        self,
        method: str,
        path: str,
        read: Callable[[object, int], T],
        *,
        asked: Asked,
        auth: httpx.Auth,
        body: object = None,
        answers_within: float | None = None,
    ) -> T:
        """Send a request and read its answer with `read(data, status)`; `data` is None for a 204."""

        def exchange() -> T:
            reply = self._wire.send(method, path, auth=auth, body=body, answers_within=answers_within)
            return self._read(reply, lambda: read(judge(reply, asked, key=self._key), reply.status))

        return self._safely(exchange)

    def _campaign_of(self, data: object, known_id: str = "") -> CampaignFacts:
        return campaign_of(data, known_id=known_id, secrets=self._key.spellings())

    def _send_contacts(
        self,
        method: str,
        path: str,
        contacts: Sequence[ContactFields],
        *,
        auth: httpx.Auth,
        body: object,
        update: bool,
    ) -> ContactsAnswer:
        """Send contacts, and read what the answer says about their numbers."""
        sent = frozenset(contact.number for contact in contacts)

        def exchange() -> ContactsAnswer:
            reply = self._wire.send(method, path, auth=auth, body=body)
            return judge_contacts(reply, sent, update=update, method=method, key=self._key)

        return self._safely(exchange)

    def _ask_for_part(
        self,
        path: str,
        name: str,
        parse: Callable[[object], T],
        *,
        auth: httpx.Auth,
        query: Query,
        asked: Asked = Asked.READ,
        is_first: bool = True,
        may_be_one: bool = False,
    ) -> ListPage[T]:
        """Request one page of a list, whose items are parsed while they arrive.

        `may_be_one`: an answer without a list may be its only item.
        """
        names = names_of_list(name)

        def exchange() -> ListPage[T]:
            reader = ListReader(names, parse)
            reply = self._wire.send("GET", path, auth=auth, query=query, reader=reader, answers_within=READ_SECONDS)

            def read() -> ListPage[T]:
                data = judge(reply, asked, key=self._key, content=reader.finish)
                if may_be_one and isinstance(data, dict) and not any(other in data for other in names):
                    return ListPage([parse(data)], more=False)
                return part_of(data, names, total=reply.total, link=reply.link, is_first=is_first)

            return self._read(reply, read)

        return self._safely(exchange)

    def _read(self, reply: Reply, read: Callable[[], T]) -> T:
        try:
            return read()
        except UnusableShape:
            pass
        raise unreadable(reply.status, reply.body, self._key)

    def _safely(self, exchange: Callable[[], T]) -> T:
        problem: Exception
        try:
            return exchange()
        except VoisoError as known:
            problem = known
        except Exception as bug:
            # A fault in our code or in a library; its text may quote the address or the answer.
            trace = redact("".join(traceback.format_exception(bug)), *self._key.spellings())
            problem = RuntimeError(f"Unexpected error in a request to Voiso.\n{trace}")
        # Raised here and without its cause: the frames below hold headers, addresses and Voiso's echo of them, and an error
        # tracker would record the values of their variables.
        raise problem.with_traceback(None)


def check_size(contacts: Sequence[ContactFields]) -> None:
    if not 0 < len(contacts) <= MAX_CONTACTS_PER_CALL:
        raise ValueError(f"A call takes 1 to {MAX_CONTACTS_PER_CALL} contacts, not {len(contacts)}.")
