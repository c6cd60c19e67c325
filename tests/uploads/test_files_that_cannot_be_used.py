"""Each ends in one plain sentence, on the page and on the command line, within seconds, with the worker alive."""

import io
import time
import zipfile

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from tests.support.markup import markup
from voisoadmin.pushes.models import Push
from voisoadmin.uploads.check import run
from voisoadmin.uploads.models import Upload

pytestmark = [pytest.mark.once, pytest.mark.slow]  # a reader answers before a row is stored

SECONDS = 30.0


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def bomb() -> bytes:
    """A workbook of a megabyte whose sheet has 300 megabytes of zeros."""
    whole = io.BytesIO(workbook([["phone"], ["+447415550012"]]))
    out = io.BytesIO()
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in source.namelist():
            if name != "xl/worksheets/sheet1.xml":
                target.writestr(name, source.read(name))
        with target.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(300):
                sheet.write(b"0" * 1_000_000)
    return out.getvalue()


GOOD_BOOK = workbook([["phone", "name"], *[[f"+4474155{at:05}", "Zoe"] for at in range(50_000, 52_000)]])
ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(2000)
UNCLOSED = 'phone,name\n+447415550012,"Zoe\n' + "".join(f"+4474155{at:05},Max\n" for at in range(50_013, 70_000))

FILES = {
    "empty": (b"", "leads.csv"),
    "header-only": (b"phone,name\n", "leads.csv"),
    "wrong-type": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 20, "leads.csv"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "leads.xlsx"),
    "encrypted": (ENCRYPTED, "leads.xlsx"),
    "truncated": (GOOD_BOOK[: len(GOOD_BOOK) // 2], "leads.xlsx"),
    "zip-bomb": (bomb, "leads.xlsx"),
    "no-phone-column": (b"Name,City\nZoe,Leeds\nMax,York\n", "leads.csv"),
}


@pytest.mark.parametrize("kind", FILES)
def test_an_unusable_file_is_explained_in_a_plain_sentence(kind, give, look, campaign, tmp_path):
    content, name = FILES[kind]
    data = content() if callable(content) else content
    (tmp_path / name).write_bytes(data)

    began = time.monotonic()
    upload = give(data, name)
    shown = look(upload)
    in_the_page = time.monotonic() - began
    with pytest.raises(CommandError) as complaint:
        call_command("push", str(tmp_path / name), "--campaign", campaign.voiso_id, "--region", "GB", "--wait")

    assert upload.stage in {"unreadable", "needs_mapping"}
    assert upload.problem[:1].isupper()
    assert upload.problem.endswith((".", "?"))
    assert not any(word in upload.problem for word in ("Traceback", "Error", "Exception", "/"))
    assert upload.problem.replace("“", "").split(".")[0] in shown.replace("“", "")
    assert complaint.value.returncode == 2
    assert str(complaint.value).startswith(upload.problem)
    assert in_the_page < SECONDS
    assert not Push.objects.exists()
    # The worker continues.
    assert give("phone\n+447415550012\n").stage == "checked"


def test_one_unclosed_quote_swallows_no_row(give, look):
    began = time.monotonic()
    upload = give(UNCLOSED)

    assert time.monotonic() - began < SECONDS
    if upload.stage == "unreadable":
        assert "quot" in upload.problem
    else:
        assert upload.rows == 19_988
    look(upload)


def test_twenty_thousand_columns_are_answered_within_seconds(give, look):
    wide = ",".join(["phone", *[f"c{at}" for at in range(20_000)]]) + "\n"

    began = time.monotonic()
    upload = give(wide + "+447415550012" + "," * 20_000 + "\n")
    shown = look(upload)

    assert time.monotonic() - began < SECONDS
    assert upload.stage in {"unreadable", "checked"}
    assert len(shown) < 400_000
    if upload.stage == "unreadable":
        assert "columns" in upload.problem


def test_hostile_cells_and_headers_are_only_ever_text(give, look, page):
    script = "<script>alert(1)</script>"
    upload = give(f'phone,"{script}",name\n"{script}","{script}","{script}"\n+447415550012,x,"{script}"\n')

    for html in (
        look(upload),
        markup(page.get(f"/uploads/{upload.pk}/rejected/")),
        markup(page.get("/uploads/")),
    ):
        assert "<script>alert" not in html


def test_an_internal_error_loses_no_file(give, look, settings, caplog):
    """An error in our own check is logged and reported; the worker continues."""
    upload = give("phone\n+447415550012\n", run=False)
    # The mirror has lost what the check needs: an unknown generation.
    type(upload.campaign.connection).objects.filter(pk=upload.campaign.connection_id).update(generation="v9")

    run.read_upload(upload.pk)

    upload = Upload.objects.get(pk=upload.pk)
    assert upload.stage == "unreadable"
    assert "VoisoAdmin had an internal error while checking the file. It was logged" in upload.problem
    assert "The check of upload" in caplog.text
