"""Lets lower layers ask which campaigns a user may see."""

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.operations.access import answers_for_campaigns


@answers_for_campaigns
def visible_name(user: User, campaign_id: int) -> str | None:
    campaign = Campaign.objects.visible_to(user).filter(pk=campaign_id).only("name", "voiso_id").first()
    return None if campaign is None else str(campaign)
