"""Phones of agents, relatives and suppliers never take the place of the contact's own, in whatever language they are named."""

import pytest

from voisoadmin.contacts.mapping import map_columns

pytestmark = pytest.mark.once

OTHERS = """
Phone:Witness phone,Attorney Phone,Head Office Telephone,Technician mobile,Helpline,Twilio number,Lighthouse keeper phone;
Telefonnummer:Tel. Vermieter,Beraternummer,Telefon Außendienstmitarbeiter;Téléphone:Tél. conseiller,Téléphone du conjoint;
Teléfono:Teléfono del cónyuge;Telefone:Telefone do responsável;Telefoon:Telefoon accountmanager;
Telefon:Telefon przedstawiciela,Kapcsolattartó kolléga telefon,Telefon anhörig;Телефон:Телефон супруга,Телефон водителя;
電話番号:保護者電話;电话:客服电话;전화번호:배우자 전화;Số điện thoại:SĐT người thân;رقم الهاتف:هاتف الوكيل;טלפון:טלפון נציג;
โทรศัพท์:เบอร์โทรพนักงานขาย
"""
PAIRS = [
    (own.strip(), other.strip())
    for group in OTHERS.split(";")
    for own, _, others in [group.partition(":")]
    for other in others.split(",")
    if other.strip()
]


def _rows(*templates):
    return [[template.format(at) for template in templates] for at in range(100, 106)]


@pytest.mark.parametrize(("own", "other"), PAIRS)
def test_the_contacts_own_phone_is_called_or_none(own, other):
    columns = ["Name", other, own]

    for number in ("02079462{}", ""):
        mapping = map_columns(columns, _rows("Ann {}", "02079461{}", number), region="GB")
        assert mapping.needs_mapping or mapping.fields["phone"].columns == (2,)


@pytest.mark.parametrize("other", ["Work phone", "Mobile phone (private)", "Customer telephone number", "Telefon privat"])
def test_another_phone_of_the_contact_is_called_where_the_first_column_is_blank(other):
    mapping = map_columns(["Name", other, "Phone"], _rows("Ann {}", "02079461{}", ""), region="GB")

    assert mapping.fields["phone"].columns == (1,)


@pytest.mark.parametrize("header", ["VIN", "NHS Number", "Card number", "Antragsnummer", "マイナンバー", "TAJ szám"])
def test_numbers_beside_a_column_of_contacts_ask(header):
    mapping = map_columns([header, "Name", "Contact"], _rows("02079461{}", "Ann {}", "02079462{}"), region="GB")

    assert mapping.needs_mapping or mapping.fields["phone"].columns == (2,)


@pytest.mark.parametrize(
    "header", ["Old phone", "Alte Telefonnummer", "Ancien téléphone", "Старый телефон", "旧電話番号", "Wrong number"]
)
def test_a_phone_that_is_no_longer_theirs_asks(header):
    mapping = map_columns(["Name", header, "City"], _rows("Ann {}", "02079461{}", "Leeds"), region="GB")

    assert (mapping.needs_mapping, mapping.code) == (True, "other_peoples_phone")


def test_f_beside_t_is_a_fax():
    blank = map_columns(["Firm", "T", "F"], _rows("Firm {}", "", "02079461{}"), region="GB")
    filled = map_columns(["Firm", "T", "F"], _rows("Firm {}", "02079462{}", "02079461{}"), region="GB")

    assert blank.needs_mapping or blank.fields["phone"].columns == (1,)
    assert filled.fields["phone"].columns == (1,)


@pytest.mark.parametrize("header", ["Nurse phone", "Case worker phone", "Telefon Angehöriger", "Tél. du garant", "勤務先電話"])
def test_the_only_phone_of_a_file_asks_if_it_is_someone_elses(header):
    mapping = map_columns(["Name", header, "City"], _rows("Ann {}", "02079461{}", "Leeds"), region="GB")

    assert (mapping.needs_mapping, mapping.code) == (True, "other_peoples_phone")


@pytest.mark.parametrize(
    "header", ["Policyholder Phone", "Telefon Zentrale", "Telefone comercial", "Teléfono particular", "客户电话"]
)
def test_the_only_phone_of_a_file_is_called_if_it_may_be_the_contacts(header):
    mapping = map_columns(["Name", header, "City"], _rows("Ann {}", "02079461{}", "Leeds"), region="GB")

    assert not mapping.needs_mapping
