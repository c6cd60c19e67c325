"""The uploads to a campaign, as a part of the campaign's page."""

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.pages.sections import Column, Section, add_section
from voisoadmin.uploads.models import Upload, UploadQuerySet

SHOWN = 8  # the latest; their own page has all
_FACTS = (
    "pk",
    "stage",
    "version",
    "rows_read",
    "pushes__pk",
    "pushes__state",
    "pushes__calls",
    "pushes__pending",
    "pushes__rows",
    "pushes__replaced_rows",
    "pushes__dismissed_rows",
    "pushes__paused_reason",
)


def uploads_of(campaign: Campaign) -> UploadQuerySet:
    """Uploads to the campaign, whichever connection shows it, because they share its lane."""
    return Upload.objects.filter(campaign__lane_id=campaign.lane_id)


def version(campaign: Campaign, _: User) -> str:
    lane = campaign.lane
    facts = uploads_of(campaign).filter(pk__in=uploads_of(campaign).values("pk")[: SHOWN + 1]).values_list(*_FACTS)
    return repr([lane.sending_state, lane.sending_reason, lane.held_reason, *facts])


def register() -> None:
    add_section(
        Section(
            id="campaign-uploads",
            title="Uploads",
            view="uploads:of_campaign",
            link="All uploads to this campaign",
            column=Column.MAIN,
            place=10,
            version=version,
        )
    )
