"""Exports of well-known programs are matched as a person would match them: name, phone, and what is optional."""

import pytest

from voisoadmin.contacts.mapped import in_words
from voisoadmin.contacts.mapping import map_columns

pytestmark = [pytest.mark.once]

MOBILE = ["+447415550012", "+447415550013", "+447415550014"]
LANDLINE = ["+442079461234", "+442079461235", "+442079461236"]
OTHERS = ["+442079462000"] * 3  # of an agent, or a fax
ID = ["447415550900", "447415550901", "447415550902"]
GIVEN, FAMILY = ["Zoë", "Bo", "Ann"], ["Marsh", "Nkemelu", "Lee"]
WHOLE = ["Zoë Marsh", "Bo Nkemelu", "Ann Lee"]
COMPANY, PERSON = ["Marsh Ltd", "Shop Ltd", "Lee Ltd"], ["Tom Hill"] * 3
SITE, SOURCE = ["a.example", "b.example", "c.example"], ["web", "fair", "web"]
NORMAL, BLANK = ["Normal"] * 3, [""] * 3

SALESFORCE = {
    "Lead ID": ["00Q5g00001", "00Q5g00002", "00Q5g00003"],
    "Salutation": ["Ms.", "Mr.", "Ms."],
    "First Name": GIVEN,
    "Last Name": FAMILY,
    "Company / Account": COMPANY,
    "Phone": LANDLINE,
    "Mobile": MOBILE,
    "Lead Owner": PERSON,
    "Lead Source": SOURCE,
    "Rating": ["Hot", "Warm", "Cold"],
    "Website": SITE,
}
HUBSPOT = {
    "Record ID": ID,
    "First Name": GIVEN,
    "Last Name": FAMILY,
    "Phone Number": LANDLINE,
    "Mobile Phone Number": MOBILE,
    "Contact owner": PERSON,
    "Priority": ["high", "low", "medium"],
    "Website URL": SITE,
}
ZOHO = {
    "Lead Owner": PERSON,
    "Company": COMPANY,
    "First Name": GIVEN,
    "Last Name": FAMILY,
    "Lead Name": WHOLE,
    "Phone": MOBILE,
    "Fax": OTHERS,
    "Lead Source": SOURCE,
}
PIPEDRIVE = {
    "Person - First name": GIVEN,
    "Person - Last name": FAMILY,
    "Person - Organization": COMPANY,
    "Person - Phone - Work": LANDLINE,
    "Person - Phone - Mobile": MOBILE,
    "Person - Owner": PERSON,
}
OUTLOOK = {
    "Anrede": ["Frau", "Herr", "Frau"],
    "Vorname": GIVEN,
    "Weitere Vornamen": BLANK,
    "Nachname": FAMILY,
    "Fax geschäftlich": OTHERS,
    "Telefon geschäftlich": LANDLINE,
    "Mobiltelefon": MOBILE,
    "Telefon Assistent": OTHERS,
    "Priorität": NORMAL,
    "Vertraulichkeit": NORMAL,
    "Webseite": SITE,
}
OUTLOOK_FRENCH = {
    "Titre": BLANK,
    "Prénom": GIVEN,
    "Deuxième prénom": BLANK,
    "Nom": FAMILY,
    "Télécopie (bureau)": OTHERS,
    "Tél. mobile": MOBILE,
    "Priorité": ["Normale"] * 3,
}
MAILCHIMP = {
    "Email Address": ["a@b.example"] * 3,
    "First Name": GIVEN,
    "Last Name": FAMILY,
    "Phone Number": MOBILE,
    "MEMBER_RATING": ["2", "3", "4"],
    "LEID": ID,
}
ZENDESK = {
    "Id": ID,
    "Name": WHOLE,
    "Phone": MOBILE,
    "Assignee": PERSON,
    "Ticket priority": ["Low", "High", "Urgent"],
    "Ticket status": ["Open", "Closed", "New"],
}
FRESHSALES = {"First name": GIVEN, "Last name": FAMILY, "Mobile": MOBILE, "Sales owner": PERSON, "Sales owner: Phone": OTHERS}
BITRIX = {
    "Имя": GIVEN,
    "Отчество": BLANK,
    "Фамилия": FAMILY,
    "Рабочий телефон": LANDLINE,
    "Мобильный телефон": MOBILE,
    "Ответственный": PERSON,
    "Источник": SOURCE,
    "Корпоративный сайт": SITE,
}
AMOCRM = {"Полное имя контакта": WHOLE, "Ответственный": PERSON, "Факс": OTHERS, "Мобильный телефон": MOBILE, "ID": ID}
ICLOUD = {"First name": GIVEN, "Last name": FAMILY, "Phone": MOBILE, "Phone 2": BLANK, "Birthday": ["2001-02-03"] * 3}
VICIDIAL = {"vendor_lead_code": ID, "phone_number": MOBILE, "first_name": GIVEN, "middle_initial": BLANK, "last_name": FAMILY}
JAPANESE_CRM = {"顧客番号": ID, "姓": FAMILY, "名": GIVEN, "セイ": FAMILY, "メイ": GIVEN, "携帯電話": MOBILE, "担当者": PERSON}
KOREAN_CRM = {"고객번호": ID, "성": FAMILY, "이름": GIVEN, "휴대폰": MOBILE, "담당자": PERSON}
SPANISH_CRM = {
    "Nº de cliente": ID,
    "Nombre": GIVEN,
    "Primer apellido": FAMILY,
    "Segundo apellido": BLANK,
    "Móvil": MOBILE,
    "Teléfono del vendedor": OTHERS,
    "Página web": SITE,
}


@pytest.mark.parametrize(
    ("export", "phone", "name", "others"),
    [
        (SALESFORCE, "Mobile", "First Name + Last Name", {"source": "Lead Source", "url": "Website"}),
        (HUBSPOT, "Mobile Phone Number", "First Name + Last Name", {"url": "Website URL"}),
        (ZOHO, "Phone", "Lead Name", {"source": "Lead Source"}),
        (PIPEDRIVE, "Person - Phone - Mobile", "Person - First name + Person - Last name", {}),
        (OUTLOOK, "Mobiltelefon", "Vorname + Weitere Vornamen + Nachname", {"url": "Webseite"}),
        (OUTLOOK_FRENCH, "Tél. mobile", "Prénom + Deuxième prénom + Nom", {}),
        (MAILCHIMP, "Phone Number", "First Name + Last Name", {}),
        (ZENDESK, "Phone", "Name", {}),
        (FRESHSALES, "Mobile", "First name + Last name", {}),
        (BITRIX, "Мобильный телефон", "Имя + Отчество + Фамилия", {"source": "Источник", "url": "Корпоративный сайт"}),
        (AMOCRM, "Мобильный телефон", "Полное имя контакта", {}),
        (ICLOUD, "Phone", "First name + Last name", {}),
        (VICIDIAL, "phone_number", "first_name + middle_initial + last_name", {}),
        (JAPANESE_CRM, "携帯電話", "姓 + 名", {}),
        (KOREAN_CRM, "휴대폰", "성 + 이름", {}),
        (SPANISH_CRM, "Móvil", "Nombre + Primer apellido + Segundo apellido", {"url": "Página web"}),
    ],
)
def test_the_columns_of_an_export_are_matched(export, phone, name, others):
    columns, rows = list(export), [list(row) for row in zip(*export.values(), strict=True)]

    found = map_columns(columns, rows)

    assert {field: in_words(mapped, columns) for field, mapped in found.fields.items()} == {
        "phone": phone,
        "name": name,
        **others,
    }
