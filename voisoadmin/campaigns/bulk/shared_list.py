"""The list of one connection's campaigns, read every few seconds for all campaigns of a bulk that wait for their outcome."""

from collections.abc import Iterable
from datetime import datetime
from math import ceil

from django.utils import timezone

from voisoadmin.campaigns import polling
from voisoadmin.campaigns.bulk.bulk_pace import Pace
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.polling import ListRead
from voisoadmin.connections.families import why_not
from voisoadmin.connections.models import Connection, Family
from voisoadmin.connections.opening import client_for
from voisoadmin.lib.clock import monotonic, scaled
from voisoadmin.voiso import CampaignFacts, Listing, Pages, VoisoError

EVERY = 3.0  # seconds
RESTS_AS_LONG = 2.0  # times as long as the last read took: a list of many pages is read less often


class SharedList:
    """`begin` and `save` in the thread that has the database, `ask` in any."""

    def __init__(self, connection: Connection, pace: Pace) -> None:
        self._connection = connection
        self._pace = pace
        self._read: ListRead | None = None
        self._due = self._began = 0.0
        self.may_be_read = True
        self.pages = _pages(connection)

    @property
    def is_due(self) -> bool:
        return self._read is None and monotonic() >= self._due

    def skip(self, at: datetime) -> bool:
        """Read the campaigns themselves instead, this time; False if they may not be read."""
        self._due = monotonic() + scaled(EVERY)
        self.may_be_read = not why_not(self._connection, Family.LIST, at)
        return self.may_be_read

    def begin(self, at: datetime) -> bool:
        """False: not now, because another process reads it, or it may not be read."""
        if not self.skip(at):
            return False
        self._read, self._began = ListRead.begin(self._connection, at=at), monotonic()
        return self._read is not None

    def ask(self) -> Listing[CampaignFacts]:
        with client_for(self._connection) as client:
            return client.list_campaigns(
                Pages(may_ask=self._pace.wait, identity=lambda facts: facts.id, stub=lambda name: CampaignFacts(id=name))
            )

    def save(self, found: Listing[CampaignFacts] | VoisoError) -> int:
        """Mirror it, and return its number."""
        assert self._read is not None
        read, self._read = self._read, None
        try:
            if isinstance(found, VoisoError):
                polling.note_unread(self._connection, found, asked_at=read.at)
            else:
                read.save(found, at=timezone.now())
        finally:
            read.end()
        self._due = monotonic() + max(scaled(EVERY), RESTS_AS_LONG * (monotonic() - self._began))
        return read.list_no


def _pages(connection: Connection) -> int:
    """How many requests the list takes; 0 if a campaign can't be read on its own."""
    capabilities = connection.capabilities
    if not capabilities.reads_one_campaign or not capabilities.list_page:
        return 0
    return ceil(Campaign.objects.filter(connection=connection, missing_since=None).count() / capabilities.list_page)


def statuses_listed(campaign_ids: Iterable[int]) -> dict[int, tuple[int, str]]:
    """For each campaign that waits for an outcome the number of the last list with it, and its status there."""
    rows = Campaign.objects.filter(pk__in=list(campaign_ids)).values_list("pk", "list_no", "list_status")
    return {pk: (list_no, status) for pk, list_no, status in rows}
