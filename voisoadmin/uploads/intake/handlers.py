"""Django's upload handler: straight to the disk where files stay, never through memory."""

from collections.abc import Callable
from typing import Any, NoReturn

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest, HttpResponse

from voisoadmin.uploads.intake.removing import free_up
from voisoadmin.uploads.intake.spool import FileRefused, Spool, SpooledFile

FORM_SLACK = 64 * 1024  # bytes of the form around the file


class ReceivedFile(UploadedFile):  # type: ignore[type-arg]  # generic only for the type checker
    """A file of a form, already whole on disk. Unless it is kept, it is removed with the request."""

    def __init__(self, spooled: SpooledFile, name: str) -> None:
        super().__init__(file=None, name=name, size=spooled.size)
        self.spooled = spooled
        self.raw_name = name

    def close(self) -> None:
        self.spooled.path.unlink(missing_ok=True)


class SpoolHandler(FileUploadHandler):
    """Streams each file of a signed-in user's form into the incoming folder; refuses too large ones at once.

    A refusal is left on the request (`refusal_of`), because the form's other fields are still read and the view answers.
    """

    chunk_size = 256 * 1024
    spool: Spool | None = None
    expected = 0

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: str | None = None
    ) -> None:
        self.expected = max(0, content_length - FORM_SLACK)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            raise SkipFile
        self.request.upload_handler = self  # type: ignore[union-attr]
        try:
            self.spool = Spool(expected=self.expected, free_up=free_up)
        except FileRefused as refusal:
            self._refuse(refusal)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.spool is None:
            return
        try:
            self.spool.write(raw_data)
        except FileRefused as refusal:
            self._refuse(refusal)

    def file_complete(self, file_size: int) -> ReceivedFile | None:
        if self.spool is None:
            return None
        try:
            spooled, self.spool = self.spool.finish(), None
        except FileRefused as refusal:
            self._refuse(refusal)
        return ReceivedFile(spooled, self.file_name or "")

    def upload_interrupted(self) -> None:
        if self.spool is not None:
            self.spool.discard()
            self.spool = None

    def _refuse(self, refusal: FileRefused) -> NoReturn:
        self.spool = None
        self.request.upload_refusal = refusal  # type: ignore[union-attr]
        raise StopUpload(connection_reset=True) from None


def refusal_of(request: HttpRequest) -> FileRefused | None:
    """Why the file of this request was refused; None if it wasn't."""
    return getattr(request, "upload_refusal", None)


class PartialFileMiddleware:
    """Removes the file of an interrupted request, whatever the exception: Django informs its handlers only of an orderly
    end."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            handler = getattr(request, "upload_handler", None)
            if handler is not None:
                handler.upload_interrupted()
