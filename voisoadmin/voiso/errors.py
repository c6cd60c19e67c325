"""The kind of error says what may be done next (docs/sending.md, "Reading an answer").

No error carries an address, a key or a contact: `words` are Voiso's own, redacted and cut.
"""

from collections.abc import Mapping

from voisoadmin.voiso.sent_forms import Field, Types


class VoisoError(Exception):
    """Voiso didn't do what was asked, or we don't know whether it did."""

    def __init__(self, message: str, *, http_status: int | None = None, words: str = "", excerpt: str = "") -> None:
        super().__init__(message)
        self.message = message  # a sentence for a supervisor
        self.http_status = http_status
        self.words = words  # Voiso's own sentence, if it gave one
        self.excerpt = excerpt  # the beginning of an answer we couldn't read, redacted, without contact data


class NotSent(VoisoError):
    """No request reached Voiso: it may be sent again at any time."""


class NotConnected(NotSent):
    """No connection could be made: name, route, refusal, connect timeout."""


class UnknownName(NotConnected):
    """No name server resolved the host's name: it is mistyped, or none could be asked."""


class UntrustedAddress(NotSent):
    """We may not connect to this address, or its certificate isn't Voiso's. A person must check."""


class NotActed(VoisoError):
    """Voiso said that it didn't act: the same request may be sent later."""


class RateLimited(NotActed):
    """429. `retry_after` in seconds, as Voiso asked, unclamped; None if missing."""

    def __init__(self, message: str, *, retry_after: float | None = None, **kwargs: object) -> None:
        super().__init__(message, **kwargs)  # type: ignore[arg-type]
        self.retry_after = retry_after


class Busy(NotActed):
    """Voiso says that it is still processing or importing. However long it takes, no person is needed."""


class Refused(VoisoError):
    """Voiso refused the request as a whole (400, 409, 413, 422, 424, `success: false`); nothing was done.

    For contacts it is first taken as *refused for now*: the text of "still processing" is not documented.
    """


class TooLarge(Refused):
    """Too large for one request (413, or its text): splitting helps, waiting doesn't."""


class NameRequired(Refused):
    """A legacy add without a name was refused with `Required contact field missing` (voiso-api.md, C1)."""


class WrongType(Refused):
    """The refusal names a field and a type: `types` says which form Voiso requires, or doesn't accept."""

    def __init__(self, message: str, *, types: Mapping[Field, Types], **kwargs: object) -> None:
        super().__init__(message, **kwargs)  # type: ignore[arg-type]
        self.types = types


class MethodNotAllowed(Refused):
    """405 or 406: the other method of the update call may be the right one."""


class Stopped(VoisoError):
    """Nothing more can be sent until a person acts."""


class KeyRefused(Stopped):
    """401, or 403 `Invalid api_key`: holds the whole connection."""


class Forbidden(Stopped):
    """Another 403: the key lacks a permission, named in the message."""


class CampaignGone(Stopped):
    """The campaign doesn't exist (404, or 400 `Campaign not found`)."""


class NotLive(Stopped):
    """The campaign isn't Live, so it takes no contacts."""


class CampaignEnded(Stopped):
    """The refusal names a campaign that is completed or stopped."""


class NoReply(VoisoError):
    """The request was sent and no usable answer came (timeout, reset, 5xx, unreadable, anything unlisted).

    Voiso may have acted.
    """


class NamedNothing(NoReply):
    """A 2xx to a request with contacts that was read completely and names no number: it proves nothing about any row."""


class Redirected(NoReply):
    """Voiso answered with a redirect, which is never followed. It may have acted; a person must check the address."""
