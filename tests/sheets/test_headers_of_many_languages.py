"""The names of columns are not mixed up with a first contact without a number, whatever language they are in."""

import json

import pytest
from django.core.management import call_command

pytestmark = [pytest.mark.once]

CONTACTS = "Ann Contact;;Mobile Lead Ltd\nBo Nkemelu;+447415550012;Shop Ltd\nAl Ford;+447415550013;Ford Ltd\n"


@pytest.mark.parametrize(
    "header",
    [
        "Họ tên;Điện thoại;Công ty",
        "이름;전화;회사",
        "氏名;電話番号;会社名",
        "姓名;手机号码;公司",
        "Név;Telefonszám;Cég",
        "Imię i nazwisko;Numer telefonu;Firma",
        "Jméno;Telefonní číslo;Společnost",
        "Ad Soyad;Cep telefonu;Şirket",
        "Nume;Număr de telefon;Companie",
        "Vardas;Telefonas;Įmonė",
        "Όνομα;Τηλέφωνο;Εταιρεία",
        "Имя;Телефон;Компания",
        "الاسم;الهاتف;الشركة",
        "שם;טלפון;חברה",
        "ชื่อ;โทรศัพท์;บริษัท",
        "Nama;Telepon;Perusahaan",
        "Ainm;Fón;Comhlacht",
        "Izena;Telefonoa;Enpresa",
    ],
)
def test_a_first_contact_without_a_number_is_no_header(tmp_path, capsys, header):
    path = tmp_path / "leads.csv"
    path.write_text(f"{header}\n{CONTACTS}", "utf-8")

    call_command("inspect", str(path), "--json")

    record = json.loads(capsys.readouterr().out.splitlines()[0])
    assert record["header_row"] == 1
    assert record["columns"] == header.split(";")
    assert (record["rows"], record["ready"], record["reasons"]) == (3, 2, {"phone_missing": 1})
