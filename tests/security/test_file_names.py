"""A file name is a text written by a stranger: shown, never followed."""

import unicodedata
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.html import escape

from tests.security.answers import content_of
from tests.support.queue import run_jobs
from voisoadmin.uploads.models import Upload

TARGET = "secret_key"
NAMES = [
    *(
        "../../" + TARGET,
        "..\\..\\" + TARGET,
        "/etc/passwd",
        "C:\\Windows\\win.ini",
        "\\\\server\\share\\a.csv",
        "....//....//a.csv",
    ),
    *("..", ".", "...", "/", "\\", "../", ".csv", ".htaccess", "~", "~root/a.csv", "a/../../b.csv", "%2e%2e%2f%2e%2e%2fa.csv"),
    *(
        "a.csv/",
        "a.csv/.",
        "a\0.csv",
        "\0",
        "a.csv\0.exe",
        "a\r\nSet-Cookie: x=1.csv",
        "a\tb.csv",
        "\x1b[31mred.csv",
        "\x7f.csv",
    ),
    *(
        "CON",
        "NUL.csv",
        "aux.xlsx",
        "a:b.csv",
        "a.csv::$DATA",
        "a|b.csv",
        "$(id).csv",
        "`id`.csv",
        "; rm -rf .csv",
        "-rf",
        "--help",
    ),
    *(
        "<script>alert(1)</script>.csv",
        '"><img src=x onerror=alert(1)>.csv',
        "' onmouseover='alert(1).csv",
        "{{ 7|add:7 }}.csv",
    ),
    *("{% debug %}.csv", "%s%s%n.csv", "{0.__class__}.csv", "=cmd|'/C calc'!A0.csv", "javascript:alert(1).csv"),
    *("\u202egnp.exe.csv", "a\u200bb.csv", "a\u2028b.csv", "\ufeffa.csv", "a\u0301" * 40 + ".csv", "\U0001f600" * 300 + ".csv"),
    *("x" * 5000 + ".csv", "." * 5000, " " * 5000, "a." + "b" * 5000, "", "\ud800.csv", "\u0130\u0131.CSV"),
]


def files_below(folder: Path) -> set[Path]:
    own = {folder / "beats", folder / "locks"}
    return {path for path in folder.rglob("*") if path.is_file() and path.parent not in own and ".sqlite3" not in path.name}


def multipart(name: str) -> bytes:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8", "surrogatepass")
    fields = {"client_token": str(uuid.uuid4()), "kind": "add"}
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode() for key, value in fields.items()
    ]
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + quoted + b'"\r\nContent-Type: text/csv\r\n\r\n'
    return b"".join(parts) + head + b"Phone\n+447400300001\n\r\n--b--\r\n"


@pytest.mark.slow
def test_no_name_moves_a_file_or_appears_unescaped_on_a_page(client, ada, campaign):
    client.force_login(ada)
    address = reverse("uploads:new") + f"?campaign={campaign.pk}"
    before, here = files_below(settings.DATA_DIR), set(Path.cwd().iterdir())
    taken = 0

    for name in NAMES:
        answer = client.post(address, multipart(name), content_type="multipart/form-data; boundary=b")
        # Django doesn't read a header with a name of more than a kilobyte: a page explains it.
        assert answer.status_code in ({400} if len(multipart(name)) > 1300 else {302, 422}), name[:40]
        taken += answer.status_code == 302
    run_jobs(rounds=500)

    uploads = list(Upload.objects.all())
    assert len(uploads) == taken > 40
    root = settings.UPLOAD_ROOT
    new = files_below(settings.DATA_DIR) - before
    # Beside each file that was checked lies the index of its numbers, under the same random name.
    assert {path.parent for path in new} == {root, root / "numbers"}
    assert {path.name for path in new if path.parent == root} == {upload.stored_name for upload in uploads}
    assert {path.name for path in new} == {upload.stored_name for upload in uploads}
    assert all(upload.stored_name.isalnum() for upload in uploads)
    assert set(Path.cwd().iterdir()) == here
    for upload in uploads:
        assert 0 < len(upload.file_name) <= 200
        assert "/" not in upload.file_name
        assert not [c for c in upload.file_name if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
        assert upload.stage == Upload.Stage.CHECKED, (upload.file_name, upload.problem)
    pages = ["/uploads/", "/activity/", f"/campaigns/{campaign.pk}/uploads/", f"/campaigns/{campaign.pk}/activity/"]
    pages += [f"/uploads/{upload.pk}/" for upload in uploads if "<" in upload.file_name or '"' in upload.file_name]
    for page in pages:
        shown = client.get(page).content.decode()
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
    template = next(upload for upload in uploads if upload.file_name.startswith("{{"))
    assert "{{ 7|add:7 }}.csv" in client.get(f"/uploads/{template.pk}/").content.decode()
    marked = next(upload for upload in uploads if upload.file_name.startswith('">'))
    assert escape(marked.file_name) in client.get(f"/uploads/{marked.pk}/").content.decode()


@pytest.mark.parametrize("name", ["a\r\nX-Evil: 1.csv", 'a".html', "é\u202e.csv", "x" * 400])
def test_no_name_becomes_a_header_of_a_download(client, ines, finished_upload, name):
    client.force_login(ines)
    Upload.objects.filter(pk=finished_upload.pk).update(file_name=name[:255])

    for ending in ("csv", "xlsx"):
        answer = client.get(f"/uploads/{finished_upload.pk}/download/all.{ending}")
        assert answer.status_code == 200
        assert content_of(answer)
        assert answer["Content-Disposition"].startswith("attachment; filename")
        assert "X-Evil" not in answer.headers
