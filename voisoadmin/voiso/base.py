"""What the clients of both generations share: asking, judging, and one error for answers that can't be read."""

import traceback
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self, TypeVar

from voisoadmin.voiso.answers import Asked, judge, unreadable
from voisoadmin.voiso.contact_answers import judge_contacts
from voisoadmin.voiso.errors import VoisoError
from voisoadmin.voiso.payloads import MAX_CONTACTS_PER_CALL, ContactFields, ContactsAnswer
from voisoadmin.voiso.redaction import redact
from voisoadmin.voiso.shapes import Unreadable
from voisoadmin.voiso.wire import Key, Query, Reply, Wire

T = TypeVar("T")


class BaseClient:
    """Holds the wire and the key; for one thread."""

    def __init__(self, wire: Wire, key: Key) -> None:
        self._wire = wire
        self._key = key

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
        bearer: bool = True,
        query: Query | None = None,
        body: object = None,
    ) -> T:
        """Send a request and read its answer with `read(data, status)`; `data` is None for a 204."""

        def conclude(reply: Reply) -> T:
            data = judge(reply, asked, key=self._key)
            try:
                return read(data, reply.status)
            except Unreadable:
                pass
            raise unreadable(reply.status, reply.body, self._key)

        return self._exchange(method, path, conclude, bearer=bearer, query=query, body=body)

    def _send_contacts(
        self,
        method: str,
        path: str,
        contacts: Sequence[ContactFields],
        *,
        body: object,
        update: bool,
        bearer: bool = True,
    ) -> ContactsAnswer:
        """Send contacts, and read what the answer says about their numbers."""
        sent = frozenset(contact.number for contact in contacts)

        def conclude(reply: Reply) -> ContactsAnswer:
            return judge_contacts(reply, sent, update=update, method=method, key=self._key)

        return self._exchange(method, path, conclude, bearer=bearer, body=body)

    def _exchange(
        self,
        method: str,
        path: str,
        conclude: Callable[[Reply], T],
        *,
        bearer: bool,
        query: Query | None = None,
        body: object = None,
    ) -> T:
        problem: Exception
        try:
            return conclude(self._wire.send(method, path, key=self._key, bearer=bearer, query=query, body=body))
        except VoisoError as known:
            problem = known
        except Exception as bug:
            # A fault in our code or in a library; its text may quote the address or the answer.
            told = redact("".join(traceback.format_exception(bug)), *self._key.spellings())
            problem = RuntimeError(f"Unexpected error in a request to Voiso.\n{told}")
        # Raised here and without its cause: the frames below hold headers, addresses and Voiso's echo of them, and an error
        # tracker would record the values of their variables.
        raise problem.with_traceback(None)


def check_size(contacts: Sequence[ContactFields]) -> None:
    if not 0 < len(contacts) <= MAX_CONTACTS_PER_CALL:
        raise ValueError(f"A call takes 1 to {MAX_CONTACTS_PER_CALL} contacts, not {len(contacts)}.")
