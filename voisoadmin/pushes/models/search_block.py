"""The rows to fix as their search reads them."""

from __future__ import annotations

from django.db import models

from voisoadmin.pushes.models.push import Push


class SearchBlock(models.Model):
    """The phones and names of some rows to fix of one push, folded, in one text: to read half a million rows one by one takes
    longer than a page may.

    It is filled some time after its rows are stored, outside of their transactions. What it says of a row that is gone, or is
    dismissed by now, has to be compared with the row.
    """

    push = models.ForeignKey(Push, on_delete=models.CASCADE, related_name="+", db_index=False)
    first_row = models.PositiveIntegerField()
    last_row = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    text = models.TextField()  # a line for each row: its phone and `lib.letters.search_text` of its name, apart by tabs
    rows = models.JSONField()  # in the same order: [the record's ID, its row number, its reason]

    class Meta:
        indexes = [models.Index(fields=["push", "first_row"], name="search_block_of_push")]

    def __str__(self) -> str:
        return f"Rows {self.first_row} to {self.last_row} of push {self.push_id}"


class SearchProgress(models.Model):
    """How far the blocks are: the only row of its table."""

    last_record = models.BigIntegerField(default=0)  # the highest ID of a record that is in a block

    def __str__(self) -> str:
        return f"Searched until record {self.last_record}"
