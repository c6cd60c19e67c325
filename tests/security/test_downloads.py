"""Every file that leaves the site: only for users who may see it now, never shown inline, never cached on the way."""

import csv
import io
import re
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from tests.security.answers import content_of
from tests.security.routes import all_routes
from voisoadmin.operations.models import Operation

ENDINGS = ("csv", "xlsx")
SIGNS = tuple("=+-@\t\r\n＝＋－＠")
FOR_PROGRAMS = {"feeds:leads", "feeds:status"}  # with a token, and JSON; tests/feeds
PHONE = re.compile(r"\+[\d ]+")


@pytest.fixture
def files(finished_upload) -> list[str]:
    """The address of each file, found by the parts of their routes."""
    addresses = []
    for route in all_routes():
        if "ending" in route.parameters:
            for ending in ENDINGS:
                for what in ("all", "not-added") if "what" in route.parameters else ("",):
                    addresses.append(route.address(pk=finished_upload.pk, what=what, ending=ending))
    assert len(addresses) >= 6
    return addresses


def take(client: Client, address: str) -> tuple[int, bytes]:
    """Download a whole file, as a browser would."""
    answer = client.get(address)
    return answer.status_code, content_of(answer)


@pytest.mark.slow
def test_every_answer_that_is_not_a_page_is_a_download(client, ada, campaign, finished_upload, files):
    """An answer that isn't HTML or plainly empty must be one of the files."""
    client.force_login(ada)
    odd = set()

    for route in all_routes():
        owner = {"campaigns": campaign.pk, "connections": campaign.connection_id, "users": ada.pk}
        pk = owner.get(route.pattern.split("/")[0], finished_upload.pk)
        answer = client.get(route.address(pk=pk))
        kind = answer.headers.get("Content-Type", "")
        content_of(answer)
        if kind and not kind.startswith("text/html"):
            odd.add(route.name)

    assert odd - FOR_PROGRAMS == {"feeds:openapi", "operations:download", "uploads:download", "uploads:template"}


def test_a_download_is_saved_never_shown_inline_and_never_cached(client, ines, files):
    client.force_login(ines)

    for address in files:
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment; filename")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "no-store"
        assert answer["Content-Security-Policy"]
        assert "html" not in answer["Content-Type"]
        assert content_of(answer)


def test_a_signed_out_user_gets_no_download(client, ines, files):
    client.force_login(ines)
    for address in files:
        assert take(client, address)[0] == 200

    client.post(reverse("accounts:sign_out"))

    for address in files:
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/")
    assert not Operation.objects.filter(kind=Operation.Kind.DOWNLOAD, by=None, by_label="").exists()


def test_a_deactivated_user_gets_no_download_with_an_old_session(client, ines, files):
    client.force_login(ines)
    ines.is_active = False
    ines.save()

    for address in files:
        assert client.get(address).status_code == 302


def test_other_methods_get_no_download(client, ines, files):
    client.force_login(ines)
    names = "upload.csv", "../../secret_key", "all"

    for address in files:
        for method in ("post", "put", "delete", "patch"):
            assert getattr(client, method)(address).status_code in {403, 405}
    for pk in (0, 999_999):
        assert client.get(f"/uploads/{pk}/download/all.csv").status_code == 404
    for what in (*names, "ALL", "all.csv", "%2e%2e%2fall"):
        for ending in ("csv", "html", "exe", "svg", "csv%00.html"):
            if (what, ending) != ("all", "csv"):
                assert client.get(f"/uploads/1/download/{what}.{ending}").status_code == 404


def test_each_download_of_rows_is_recorded_with_the_user(client, ines, finished_upload, files):
    client.force_login(ines)

    for address in files:
        take(client, address)

    taken = Operation.objects.filter(kind=Operation.Kind.DOWNLOAD).order_by("pk")
    assert [(operation.by, operation.request["what"], operation.request["format"]) for operation in taken] == [
        (ines, what, ending) for ending in ENDINGS for what in ("all", "not-added")
    ]


def test_no_cell_of_any_of_them_is_a_formula(client, ines, files):
    client.force_login(ines)
    in_csv: list[str] = []
    in_workbooks: list[str] = []

    for address in files:
        _, content = take(client, address)
        if address.endswith(".csv"):
            in_csv += [cell for line in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in line]
            continue
        for sheet in load_workbook(io.BytesIO(content)):
            filled = [cell for line in sheet.iter_rows() for cell in line if cell.value is not None]
            assert all(cell.data_type in {"s", "n", "inlineStr"} for cell in filled)
            assert all(isinstance(cell.value, str) for cell in filled if str(cell.value).startswith(SIGNS))
            in_workbooks += [str(cell.value) for cell in filled]
        with ZipFile(io.BytesIO(content)) as book:
            assert not [name for name in book.namelist() if b"<f>" in book.read(name) or "external" in name.lower()]

    for cells in (in_csv, in_workbooks):
        assert "'=cmd|'/C calc'!A0" in cells  # the uploaded file's attempt
    assert [cell for cell in in_csv if cell.startswith(SIGNS)] == []
    # Cells of a workbook say that they are text: `+44 ...` stays as it is there.
    assert [cell for cell in in_workbooks if cell.startswith(SIGNS) and not PHONE.fullmatch(cell)] == []
