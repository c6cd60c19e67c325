"""A nearly full disk: a file without room is refused with a message and leaves nothing behind; the database keeps its
reserve."""

import io
import os
import resource
import subprocess
import sys
import tempfile
import textwrap
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from tests.support.markup import markup
from tests.support.queue import run_jobs, take_jobs
from voisoadmin.sheets.out import MarkedRow
from voisoadmin.sheets.out_workbook import write_xlsx
from voisoadmin.uploads import tasks
from voisoadmin.uploads.intake import receiving, removing, spool
from voisoadmin.uploads.models import Upload

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024
NO_ROOM = "There isn't enough disk space on the server for this file."


@pytest.fixture
def small_disk(upload_root, monkeypatch) -> Iterator[Path]:
    """Uploads are on a disk of 4 MiB: a real one for root, for others one that the kernel seems to report."""
    upload_root.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", upload_root]
    if subprocess.run(mount, capture_output=True).returncode == 0:
        yield upload_root
        subprocess.run(["umount", "-l", upload_root], check=True)
        return
    ask = os.statvfs

    def statvfs(path: Path) -> object:
        if not Path(path).is_relative_to(upload_root):
            return ask(path)
        return SimpleNamespace(f_frsize=1, f_bavail=4 * MIB - sum(file.stat().st_size for file in files(upload_root)))

    monkeypatch.setattr(os, "statvfs", statvfs)
    yield upload_root


@pytest.fixture
def post(page, campaign):
    def do(mib: float, name: str = "leads.csv"):
        form = {"client_token": str(uuid.uuid4()), "kind": "add", "region": "GB"}
        content = b"phone\n" + b"+447415550012\n" * int(mib * MIB / 14)
        address = f"{reverse('uploads:new')}?campaign={campaign.pk}"
        return page.post(address, {**form, "file": SimpleUploadedFile(name, content)})

    return do


@pytest.fixture
def discard(page):
    def do(upload: Upload) -> None:
        page.post(reverse("uploads:discard", args=[upload.pk]), {"client_token": str(uuid.uuid4())})
        upload.refresh_from_db()
        assert upload.stage == "cancelled"

    return do


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file grows beyond it, although the disk has room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def path_of(upload: Upload) -> Path:
    return spool.stored_path(upload.stored_name)


def refused(answer, upload_root: Path) -> None:
    """With a message, leaving nothing behind."""
    assert answer.status_code == 507
    assert NO_ROOM in markup(answer).replace("&#x27;", "'")
    assert files(upload_root) == []
    assert not Upload.objects.exists()


def test_a_file_larger_than_the_disk_is_refused_before_it_is_received(small_disk, post, settings):
    settings.DISK_RESERVE_MIB = 0

    refused(post(5), small_disk)

    assert post(3).status_code == 302


def test_the_reserve_for_the_database_stays_free(small_disk, post, settings):
    settings.DISK_RESERVE_MIB = 2

    refused(post(3), small_disk)

    assert post(1).status_code == 302


def test_a_disk_below_the_reserve_takes_no_file(small_disk, post):
    refused(post(0.1), small_disk)


def test_a_file_is_refused_when_the_disk_fills_up_while_it_arrives(small_disk, settings):
    settings.DISK_RESERVE_MIB = 1
    incoming = spool.Spool()
    incoming.write(bytes(MIB))
    (small_disk / "another").write_bytes(bytes(MIB))
    incoming.write(bytes(MIB // 2))

    with pytest.raises(spool.NotStored):
        incoming.write(bytes(MIB))

    assert [path.name for path in files(small_disk)] == ["another"]


def test_a_failed_write_despite_free_space_is_refused_with_the_same_message(post, upload_root):
    with files_of_at_most(5 * MIB):
        answer = post(6)

    refused(answer, upload_root)
    assert post(1).status_code == 302


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_download_without_room_is_explained_and_leaves_nothing_behind(page, settings, ending):
    page.raise_request_exception = False
    address = reverse("uploads:template", args=[ending])
    before = files(settings.TEMP_ROOT)

    with files_of_at_most(3000):
        answer = page.get(address)
        content = answer.getvalue().decode()

    # A CSV needs no file.
    assert answer.status_code == (200 if ending == "csv" else 507)
    assert ("Ask an administrator to free some space, then try again." in content) == (ending == "xlsx")
    assert files(settings.TEMP_ROOT) == before
    again = page.get(address)
    assert again.status_code == 200
    again.close()


def test_an_unfinished_workbook_leaves_no_parts_behind(settings):
    before = files(settings.TEMP_ROOT)

    with (
        files_of_at_most(100_000),
        (settings.TEMP_ROOT / "book.xlsx").open("wb") as book,
        pytest.raises(OSError, match="large"),
    ):
        write_xlsx(book, ["Phone"], (MarkedRow([f"+4474{at:08}"]) for at in range(20_000)))

    (settings.TEMP_ROOT / "book.xlsx").unlink()
    assert files(settings.TEMP_ROOT) == before


class Cut(io.BytesIO):
    """A body whose connection ends early."""

    def read(self, size: int | None = -1, /) -> bytes:
        if not (chunk := super().read(size)):
            raise OSError("Connection reset by peer")
        return chunk


@pytest.mark.parametrize("how", ["cut off", "not base64", "too many files"])
def test_an_interrupted_request_leaves_no_partial_file(page, campaign, upload_root, how):
    page.raise_request_exception = False
    encoding = "Content-Transfer-Encoding: base64\r\n" if how == "not base64" else ""
    part = f'--x\r\nContent-Disposition: form-data; name="file"; filename="leads.csv"\r\n{encoding}\r\n'.encode()
    body = part + b"phone\n" * MIB + b"x" + (b"\r\n" + part + b"phone\n" if how == "too many files" else b"")
    length = len(body) + (1000 if how == "cut off" else 0)
    stream = Cut(body) if how == "cut off" else io.BytesIO(body + b"\r\n--x--\r\n")

    answer = page.generic(
        "POST",
        f"{reverse('uploads:new')}?campaign={campaign.pk}",
        **{"wsgi.input": stream, "CONTENT_LENGTH": str(length), "CONTENT_TYPE": "multipart/form-data; boundary=x"},
    )

    assert answer.status_code == (422 if how == "cut off" else 400)  # of a form that is cut off, nothing is read
    assert files(upload_root) == []


def test_the_sweep_removes_partial_files_of_killed_processes_but_not_of_live_ones(db, upload_root):
    code = f"""
        import django, time
        django.setup()
        from django.conf import settings
        from pathlib import Path
        settings.UPLOAD_ROOT = Path({str(upload_root)!r})
        from voisoadmin.uploads.intake.spool import Spool
        spool = Spool()
        spool.write(b"x" * 100_000)
        print("begun", flush=True)
        time.sleep(600)
    """
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "voisoadmin.settings"}
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, env=env, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"begun\n"
    process.kill()
    process.wait()
    process.stdout.close()
    (dead,) = files(upload_root)
    with spool.Spool() as living:
        living.write(b"phone\n")

        removed = receiving.remove_orphans(at=timezone.now() + timedelta(minutes=2))

        assert removed == 1
        assert files(upload_root) == [living.path] != [dead]


def test_the_file_of_a_discarded_upload_is_removed_an_hour_later(give, discard, look):
    upload = give("phone\n+447415550012\n")
    discard(upload)
    run_jobs()
    assert path_of(upload).exists()

    removing.remove_discarded(at=upload.discarded_at + timedelta(minutes=59, seconds=59))
    assert path_of(upload).exists()
    removing.remove_discarded(at=upload.discarded_at + timedelta(hours=1))

    assert not path_of(upload).exists()
    assert "leads.csv" in look(upload)


def test_the_file_of_a_discarded_upload_is_removed_at_once_on_a_full_disk(give, discard, settings):
    upload = give("phone\n+447415550012\n")
    settings.DISK_RESERVE_MIB = 1_000_000_000

    discard(upload)
    run_jobs()

    assert not path_of(upload).exists()


def test_an_incoming_file_takes_the_space_of_discarded_ones(small_disk, post, discard, settings):
    settings.DISK_RESERVE_MIB = 0
    assert post(3, "first.csv").status_code == 302
    first = Upload.objects.get()
    take_jobs()
    discard(first)
    assert path_of(first).exists()

    assert post(3, "second.csv").status_code == 302

    assert not path_of(first).exists()
    assert path_of(Upload.objects.get(file_name="second.csv")).exists()


@pytest.mark.parametrize("stage", [stage for stage in Upload.Stage if stage != Upload.Stage.CANCELLED])
def test_no_other_upload_ever_loses_its_file(give, settings, stage):
    upload = give("phone\n+447415550012\nn/a\n")
    Upload.objects.filter(pk=upload.pk).update(stage=stage, check_tries=3)
    settings.DISK_RESERVE_MIB = 1_000_000_000
    at = timezone.now() + timedelta(days=1000)

    removing.free_up()
    removing.remove_discarded(at=at)
    receiving.remove_orphans(at=at)

    assert path_of(upload).exists()


def test_sending_that_was_cancelled_keeps_its_file(give, page, settings):
    upload = give("phone\n+447415550012\nn/a\n")
    page.post(reverse("uploads:send", args=[upload.pk]), {"client_token": str(uuid.uuid4()), "version": upload.version})
    page.post(reverse("uploads:cancel", args=[upload.pk]), {"client_token": str(uuid.uuid4())})
    take_jobs()
    assert list(upload.pushes.values_list("state", flat=True)) == ["cancelled"]
    settings.DISK_RESERVE_MIB = 1_000_000_000

    tasks.sweep()

    assert path_of(upload).exists()


def test_a_file_from_the_command_line_is_refused_with_the_same_message(campaign, tmp_path, settings, upload_root):
    settings.DISK_RESERVE_MIB = 1_000_000_000
    path = tmp_path / "leads.csv"
    path.write_text("phone\n+447415550012\n")

    with pytest.raises(CommandError) as problem:
        call_command("push", str(path), campaign=campaign.voiso_id)

    assert NO_ROOM in str(problem.value)
    assert problem.value.returncode == 1
    assert files(upload_root) == []


def test_temporary_files_are_in_the_data_directory(settings):
    assert settings.TEMP_ROOT.parent == settings.DATA_DIR

    with tempfile.NamedTemporaryFile() as named, TemporaryUploadedFile("a.csv", "text/csv", 1, None) as uploaded:
        assert {Path(named.name).parent, Path(uploaded.temporary_file_path()).parent} == {settings.TEMP_ROOT}
