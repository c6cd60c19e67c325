from voisoadmin.pushes.models.batch import Batch, Call
from voisoadmin.pushes.models.contact import Contact, SentFields
from voisoadmin.pushes.models.inbound import Inbox, Intake, WaitingLead
from voisoadmin.pushes.models.push import Push, PushQuerySet
from voisoadmin.pushes.models.row_counters import Counted
from voisoadmin.pushes.models.search_block import SearchBlock, SearchProgress
from voisoadmin.pushes.models.stored_rows import EditedRow, RejectedRecord, RowList

__all__ = [
    "Batch",
    "Call",
    "Contact",
    "Counted",
    "EditedRow",
    "Inbox",
    "Intake",
    "Push",
    "PushQuerySet",
    "RejectedRecord",
    "RowList",
    "SearchBlock",
    "SearchProgress",
    "SentFields",
    "WaitingLead",
]
