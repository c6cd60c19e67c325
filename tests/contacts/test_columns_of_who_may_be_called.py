"""Columns that say who may be called are known by the parts of their names, and remarks by what is in them."""

import pytest

from voisoadmin.contacts.do_not_call import CALL, meaning_of
from voisoadmin.contacts.flag_columns import find_flag_columns
from voisoadmin.contacts.questions import LEAVE_OUT

pytestmark = pytest.mark.once

SAYING = [line.split("|") for line in """
Telefonwerbung erlaubt|Nein|Ja
Anruf erwünscht|nein|ja
Accepte les appels|non|oui
Bloqueado para ligações|sim|não
Hívható|nem|igen
Отказ от звонков|да|нет
電話連絡可否|不可|可
架電NG|NG|
允许致电|否|是
拒绝来电|是|否
통화 거부|Y|N
ห้ามโทร|ใช่|ไม่
אישור שיחות|לא|כן
Jangan hubungi|ya|tidak
Do not allow Phone Calls|Do Not Allow|Allow
Call Restriction|Restricted|None
Contact by phone|No|Yes
Exclude from calling|Y|N
Callable|No|Yes
Litigator|Y|N
Withdrawn consent|Y|N
Objection to calls|Y|N
Phone calls|Not allowed|Allowed
I agree to be called|No|Yes
Werbeanruf|unerwünscht|erwünscht
Ne souhaite pas être appelé|oui|non
Contattabile telefonicamente|no|sì
Telefonisch benaderen toegestaan|nee|ja
Чёрный список|да|нет
不接受电话|是|否
ไม่ต้องการรับสาย|ใช่|ไม่
Δεν επιθυμεί κλήσεις|ναι|όχι
May we call you?|No|Yes
¿Acepta que le llamemos?|No|Sí
Deceased|TRUE|FALSE
""".strip().splitlines()]  # fmt: skip


@pytest.mark.parametrize(("header", "never", "may"), SAYING)
def test_a_column_that_says_it_in_other_words(header, never, may):
    found, _ = find_flag_columns(["Phone", header], [0], [["1", never], ["2", may], ["3", may]])

    assert [meaning_of(column, text) for column in found for text in (never, may)] == [LEAVE_OUT, CALL]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Phone No", ["020 7946 0123", "020 7946 0124"]),
        ("No of calls", ["4", "12"]),
        ("Phone verified", ["yes", "no"]),
        ("Called", ["yes", "no"]),
        ("Not contacted", ["yes", "no"]),
        ("Telephone banking", ["yes", "no"]),
        ("Status", ["New", "Open"]),
        ("Notes", ["do not call before nine", "wrong number of guests"]),
    ],
)
def test_a_column_that_only_looks_alike(header, cells):
    found, _ = find_flag_columns(["Name", header], [0], [["Ann", text] for text in cells])

    assert found == []


@pytest.mark.parametrize("header", ["Status", "Lead status", "Tags", "Kontaktstatus", "Observações", "Статус", "备注"])
def test_a_remark_that_is_nothing_else_says_it(header):
    columns, _ = find_flag_columns(["Phone", header], [0], [["1", "New"], ["2", "Do not call"]])
    (column,) = columns

    said = [meaning_of(column, text) for text in ("DNC", "vip; do not call", "Wrong number", "New", "Call again", "")]
    assert said == [LEAVE_OUT] * 3 + [CALL] * 3
