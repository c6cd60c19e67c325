from voisoadmin.pushes.models.batch import Batch, Call
from voisoadmin.pushes.models.contact import Contact, SentFields
from voisoadmin.pushes.models.push import Push, PushQuerySet
from voisoadmin.pushes.models.stored_rows import EditedRow, RejectedRecord, RowList

__all__ = ["Batch", "Call", "Contact", "EditedRow", "Push", "PushQuerySet", "RejectedRecord", "RowList", "SentFields"]
