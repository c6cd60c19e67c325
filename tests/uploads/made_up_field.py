"""Run by test_a_new_field.py in a copy of the project that has one more field: the CRM ID of a contact."""

import csv
import io
import uuid

from django.urls import reverse

from tests.support.queue import run_jobs
from voisoadmin.pushes.models import Contact

FILE = "Phone,CRM ID,Name\n+44 7415 550012,A-17,Zoë\n+44 7415 550013,,Bo\n+44 7415 550014,{},Al\n".format("x" * 41)


def table(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_the_field_goes_from_a_column_to_voiso_and_back_into_the_download(any_campaign, sandbox, give, look, page):
    offered = page.get(f"{reverse('uploads:new')}?campaign={any_campaign.pk}").content.decode()
    (example,) = table(page.get(reverse("uploads:template", args=["csv"])))
    assert "as the CRM shows it" in offered
    assert example["CRM ID"] == "A-1"

    upload = give(FILE, to=any_campaign)

    assert upload.mapping["crm_id"]["columns"] == [1]
    check = look(upload)
    assert '<option value="crm_id" selected>CRM ID</option>' in check
    assert "A-17" in check

    sent = {"client_token": str(uuid.uuid4()), "version": upload.version}
    page.post(reverse("uploads:send", args=[upload.pk]), sent)
    run_jobs()

    leads = [sandbox.lead(any_campaign.voiso_id, f"4474155500{end}") for end in (12, 13, 14)]
    assert [lead.crm_id for lead in leads] == ["A-17", "", "x" * 40]
    assert list(Contact.objects.order_by("number").values_list("crm_id", flat=True)) == ["A-17", "", "x" * 40]
    rows = table(page.get(reverse("uploads:download", args=[upload.pk, "all", "csv"])))
    assert [(row["CRM ID"], row["Outcome"], row["Reason"]) for row in rows] == [
        ("A-17", "Added", "Added"),
        ("", "Added", "Added"),
        ("x" * 41, "Added", "Added"),
    ]
