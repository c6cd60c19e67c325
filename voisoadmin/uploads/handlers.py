"""Django's upload handler: straight to the disk where files stay, never through memory."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest

from voisoadmin.uploads.spool import FileRefused, Spool, SpooledFile

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
        self.expected = content_length - FORM_SLACK

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            raise SkipFile
        self.spool = Spool()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.spool is None:
            return
        try:
            self.spool.write(raw_data, expected=self.expected)
        except FileRefused as refusal:
            self.spool = None
            self.request.upload_refusal = str(refusal)  # type: ignore[union-attr]
            raise StopUpload(connection_reset=True) from None

    def file_complete(self, file_size: int) -> ReceivedFile | None:
        if self.spool is None:
            return None
        spooled, self.spool = self.spool.finish(), None
        return ReceivedFile(spooled, self.file_name or "")

    def upload_interrupted(self) -> None:
        if self.spool is not None:
            self.spool.discard()
            self.spool = None


def refusal_of(request: HttpRequest) -> str:
    """Why the file of this request was refused, as a sentence; empty if it wasn't."""
    return getattr(request, "upload_refusal", "")
