"""What a contacts spreadsheet looks like: shown before a file is chosen, and as a template to download."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.contacts.fields import FIELDS
from voisoadmin.phones.countries import countries
from voisoadmin.uploads.models import Upload

HEADER = [field.label for field in FIELDS]
EXAMPLE = [field.example for field in FIELDS]


def first_choices(*, region: str = "", offered: str = "") -> dict[str, Any]:
    """The choices of a new upload, before its columns are known. A country left as it was offered is no choice of a person."""
    code = region.strip().upper()
    if code not in countries():
        return {}
    return {"region": code, **({"region_is_default": True} if code == offered else {})}


def region_for(campaign: Campaign, user: User | None) -> str:
    """The country to offer: from the last upload to this campaign, else from the user's last one, else the
    installation's."""
    uploads = Upload.objects.exclude(choices__region=None)
    for mine in (uploads.filter(campaign=campaign), uploads.filter(by=user) if user else uploads.none()):
        latest = mine.order_by("-received_at", "-pk").values_list("choices", flat=True).first()
        if latest and latest.get("region") in countries():
            return str(latest["region"])
    return settings.DEFAULT_REGION
