"""The download of a list of rows to fix holds exactly its rows, before the upload is sent and after."""

import csv
import io
import uuid

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from tests.support.markup import markup

FILE = "phone,name,url\n" + "".join(f"+4474155{at:05},Ann,\n" for at in range(50000, 50004))
FILE += "n/a,Bo,\n447,Cy,https://example.org/\n,Di,\n"


@pytest.fixture
def download(page):
    def do(upload, what: str, ending: str = "csv", **query: str) -> list[list[str]]:
        answer = page.get(reverse("uploads:download", args=[upload.pk, what, ending]), query)
        assert answer.status_code == 200
        body = b"".join(answer.streaming_content)
        if ending == "csv":
            return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
        return load_workbook(io.BytesIO(body)).active

    return do


def test_the_button_says_how_many_rows_the_file_has(campaign, give, page, download):
    upload = give(FILE)
    for stage in ("checked", "sent"):
        assert upload.stage == stage
        shown = markup(page.get(reverse("uploads:rejected_of", args=[upload.pk])))
        assert "These 3 (XLSX)" in shown

        header, *rows = download(upload, "to-fix")
        assert header == ["phone", "name", "url", "Row", "Outcome", "Reason", "What happened", "What to do", "Code"]
        assert [(row[1], row[3], row[4], row[5], row[8]) for row in rows] == [
            ("Bo", "6", "Invalid", "No digits", "no_digits"),
            ("Cy", "7", "Invalid", "Too short", "too_short"),
            ("Di", "8", "Invalid", "No phone number", "phone_missing"),
        ]
        assert [row[1] for row in download(upload, "to-fix", reason="too_short")[1:]] == ["Cy"]

        page.post(reverse("uploads:send", args=[upload.pk]), {"client_token": uuid.uuid4(), "version": upload.version})
        upload.refresh_from_db()


def test_the_cells_with_a_problem_are_coloured(campaign, give, download):
    sheet = download(give(FILE), "to-fix", "xlsx")

    coloured = {cell.coordinate for row in sheet for cell in row if cell.fill.fill_type}
    assert coloured == {"A2", "A3", "A4"}
    assert sheet["A3"].value == "447"


def test_an_upload_without_rows_has_no_download(campaign, give, page):
    upload = give(FILE, run=False)

    assert page.get(reverse("uploads:download", args=[upload.pk, "to-fix", "csv"])).status_code == 404
