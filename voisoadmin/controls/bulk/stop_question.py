"""What is asked before many campaigns are stopped: their names, or how many in which contact centre."""

from dataclasses import dataclass

from django.db.models import Count

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.bulk.selection import Shown, freeze
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.lib.numbers import whole_number

MOST_NAMED = 10
TYPED_ABOVE = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class StopQuestion:
    count: int
    left_out: int
    frozen: str
    names: list[str]  # empty: they are too many
    centres: list[tuple[str, int]]
    sending: int  # contacts that are still to be sent to them

    @property
    def must_type(self) -> bool:
        return self.count > TYPED_ABOVE


def stop_question(shown: Shown, user: User, *, left_out: int) -> StopQuestion:
    campaigns = Campaign.objects.visible_to(user).filter(pk__in=[key for key, _ in shown])
    count = campaigns.count()
    lanes = Lane.objects.filter(campaigns__in=campaigns.values("pk")).exclude(sending_state="").distinct()
    centres = campaigns.order_by("connection__name").values_list("connection__name").annotate(count=Count("pk"))
    return StopQuestion(
        count=count,
        left_out=left_out,
        frozen=freeze(shown, user),
        names=[str(campaign) for campaign in campaigns.order_by("name", "pk")] if count <= MOST_NAMED else [],
        centres=list(centres),
        sending=sum(lane.sending_left for lane in lanes),
    )


def is_typed(typed: str, question: StopQuestion) -> bool:
    return not question.must_type or whole_number(typed.replace(",", "").strip()) == question.count
