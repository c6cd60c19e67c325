"""A name in several columns is joined as its language writes it, in sight, and one answer turns it."""

import pytest

from tests.support.inspecting import inspect_text
from voisoadmin.contacts.mapped import cell_reader
from voisoadmin.contacts.mapping import map_columns

pytestmark = [pytest.mark.once]


@pytest.fixture
def inspect(tmp_path):
    """Inspect a table of these columns; return its record and the names that are sent."""

    def run(header, *rows, options=()):
        lines = [f"{header};E164", *(f"{cells};+4474155500{at + 10}" for at, cells in enumerate(rows))]
        record, found = inspect_text(tmp_path, "\n".join(lines) + "\n", options=options)
        return record, [row["name"] for row in found]

    return run


def name_in(header, cells):
    """The name that a table with these columns and cells gives."""
    columns, row = [*header.split(";"), "E164"], [*cells.split(";"), "+447415550012"]
    return cell_reader(map_columns(columns, [row] * 3).fields["name"])(row)


@pytest.mark.parametrize(
    ("header", "cells", "name"),
    [
        ("First Name;Last Name", "Zoë;Marsh", "Zoë Marsh"),
        ("Last Name;First Name", "Marsh;Zoë", "Zoë Marsh"),
        ("first_name;middle_initial;last_name", "Zoë;K;Marsh", "Zoë K Marsh"),
        ("FIRSTNAME;LASTNAME", "Zoë;Marsh", "Zoë Marsh"),
        ("Contact First Name;Contact Last Name", "Zoë;Marsh", "Zoë Marsh"),
        ("Person - First name;Person - Last name", "Zoë;Marsh", "Zoë Marsh"),
        ("Name (First);Name (Last)", "Zoë;Marsh", "Zoë Marsh"),
        ("Given Name;Additional Name;Family Name", "Zoë;K.;Marsh", "Zoë K. Marsh"),
        ("Forename;Surname", "Zoë;Marsh", "Zoë Marsh"),
        ("First name / Vorname;Last name / Nachname", "Zoë;Marsh", "Zoë Marsh"),
        ("Salutation;First Name;Last Name;Suffix", "Ms;Zoë;Marsh;PhD", "Zoë Marsh"),
        ("Name;Surname", "Zoë;Marsh", "Zoë Marsh"),
        ("Anrede;Titel;Vorname;Nachname", "Frau;Dr.;Zoë;Groß", "Zoë Groß"),
        ("Name;Vorname", "Groß;Zoë", "Zoë Groß"),
        ("Nom;Prénom", "Petit;Zoé", "Zoé Petit"),
        ("Civilité;Prénom;Nom de famille", "Mme;Zoé;Petit", "Zoé Petit"),
        ("Nombre;Apellidos", "Lucía;García Peña", "Lucía García Peña"),
        ("Nombres;Apellido paterno;Apellido materno", "Lucía;García;Peña", "Lucía García Peña"),
        ("Primer apellido;Segundo apellido;Nombre", "García;Peña;Lucía", "Lucía García Peña"),
        ("Nome;Cognome", "Ugo;Bò", "Ugo Bò"),
        ("Nome;Sobrenome", "João;Sá", "João Sá"),
        ("Nome próprio;Apelido", "João;Sá", "João Sá"),
        ("Nom;Cognoms", "Núria;Puig", "Núria Puig"),
        ("Voornaam;Tussenvoegsel;Achternaam", "Jan;van der;Meer", "Jan van der Meer"),
        ("Voorletters;Achternaam", "J.P.;Bos", "J.P. Bos"),
        ("Förnamn;Efternamn", "Åsa;Öberg", "Åsa Öberg"),
        ("Fornavn;Etternavn", "Kåre;Bø", "Kåre Bø"),
        ("Etunimi;Sukunimi", "Aino;Mäki", "Aino Mäki"),
        ("Imię;Nazwisko", "Łucja;Żak", "Łucja Żak"),
        ("Příjmení;Jméno", "Černá;Eva", "Eva Černá"),
        ("Meno;Priezvisko", "Ľuba;Malá", "Ľuba Malá"),
        ("Ad;Soyad", "Çiğdem;Şahin", "Çiğdem Şahin"),
        ("Adı;Soyadı", "Çiğdem;Şahin", "Çiğdem Şahin"),
        ("Prenume;Nume", "Ștefan;Țîru", "Ștefan Țîru"),
        ("Ime;Prezime", "Đorđe;Ćirić", "Đorđe Ćirić"),
        ("Ime;Priimek", "Žiga;Čop", "Žiga Čop"),
        ("Vardas;Pavardė", "Ona;Šarka", "Ona Šarka"),
        ("Vārds;Uzvārds", "Ilze;Bērziņa", "Ilze Bērziņa"),
        ("Eesnimi;Perekonnanimi", "Õie;Mägi", "Õie Mägi"),
        ("Имя;Фамилия", "Анна;Белова", "Анна Белова"),
        ("Фамилия;Имя;Отчество", "Белова;Анна;Ивановна", "Анна Ивановна Белова"),
        ("Прізвище;Ім'я;По батькові", "Коваль;Олег;Ігорович", "Олег Ігорович Коваль"),
        ("Име;Презиме;Фамилия", "Иван;Петров;Колев", "Иван Петров Колев"),
        ("Име;Презиме", "Иван;Петров", "Иван Петров"),
        ("Όνομα;Επώνυμο", "Ζωή;Παππά", "Ζωή Παππά"),
        ("الاسم الأول;اسم العائلة", "ليلى;حداد", "ليلى حداد"),
        ("שם פרטי;שם משפחה", "נועה;כהן", "נועה כהן"),
        ("ชื่อ;นามสกุล", "มาลี;ใจดี", "มาลี ใจดี"),
        ("Nama depan;Nama belakang", "Budi;Santoso", "Budi Santoso"),
        # the family name first
        ("姓;名", "山田;花子", "山田花子"),
        ("名;姓", "花子;山田", "山田花子"),
        ("姓（漢字）;名（漢字）;セイ;メイ", "山田;花子;ヤマダ;ハナコ", "山田花子"),
        ("苗字;名前", "山田;花子", "山田花子"),
        ("姓氏;名字", "王;小明", "王小明"),
        ("성;이름", "김;민수", "김민수"),
        ("이름;성", "민수;김", "김민수"),
        ("Họ;Tên", "Nguyễn;An", "Nguyễn An"),
        ("Tên;Họ", "An;Nguyễn", "Nguyễn An"),
        ("Họ;Tên đệm;Tên", "Nguyễn;Văn;An", "Nguyễn Văn An"),
        ("Họ và tên đệm;Tên", "Nguyễn Văn;An", "Nguyễn Văn An"),
        ("Vezetéknév;Keresztnév", "Kovács;Ági", "Kovács Ági"),
        ("Utónév;Családnév", "Ági;Kovács", "Kovács Ági"),
    ],
)
def test_the_parts_are_joined_as_their_language_writes_them(header, cells, name):
    assert name_in(header, cells) == name


@pytest.mark.parametrize(
    ("header", "cells", "name"),
    [
        ("Name;Given Name;Additional Name;Family Name", "Zoë Marsh;Zoë;;Marsh", "Zoë Marsh"),
        ("Name;First Name;Last Name", "Marsh, Zoë;Zoë;Marsh", "Marsh, Zoë"),
        ("Full name;First name;Last name", "Zoë Marsh;Zoë;Marsh", "Zoë Marsh"),
        ("Contact Name;First Name", "Zoë Marsh;Zoë", "Zoë Marsh"),
        ("Họ và tên;Họ;Tên", "Nguyễn An;Nguyễn;An", "Nguyễn An"),
        ("ФИО;Фамилия;Имя", "Белова Анна;Белова;Анна", "Белова Анна"),
        ("First Name;Company", "Zoë;Marsh Ltd", "Zoë"),
        ("Last Name;Title", "Marsh;Ms", "Marsh"),
        ("First Name;Phonetic Last Name;Last Name", "Zoë;Marsch;Marsh", "Zoë Marsh"),
        ("First Name;Last Name;Owner First Name;Owner Last Name", "Zoë;Marsh;Tom;Hill", "Zoë Marsh"),
        ("Agent First Name;Agent Last Name;Customer", "Tom;Hill;Zoë Marsh", "Zoë Marsh"),
        ("Billing First Name;Billing Last Name;First Name;Last Name", "Al;Ford;Zoë;Marsh", "Zoë Marsh"),
        ("Account Name;First Name;Last Name", "Marsh Ltd;Zoë;Marsh", "Zoë Marsh"),
        ("First Name;Last", "Zoë;2026-01-02", "Zoë"),
        ("Vorname;Name;Firma", "Zoë;Groß;Groß KG", "Zoë Groß"),
    ],
)
def test_only_a_whole_name_is_taken_where_there_is_one_and_never_that_of_other_people(header, cells, name):
    assert name_in(header, cells) == name


EAST_ASIAN = {
    ("姓;名", "王;小明"): "王小明",
    ("姓;名", "佐藤;アキラ"): "佐藤アキラ",
    ("성;이름", "김;민수"): "김민수",
    ("First Name;Last Name", "花子;佐々木"): "佐々木花子",
    ("First Name;Last Name", "민수;김"): "김민수",
    ("Given name;Middle name;Family name", "小明;;王"): "王小明",
    ("First Name;Last Name", "Xiaoming;王"): "Xiaoming 王",
    ("First Name;Last Name", "ジョン;スミス"): "ジョン スミス",
    ("姓;名", "Smith;John"): "Smith John",
}


@pytest.mark.parametrize(("table", "name"), EAST_ASIAN.items())
def test_a_name_in_east_asian_writing_has_its_family_name_first_and_no_blank(table, name):
    assert name_in(*table) == name


def test_each_row_of_a_mixed_file_is_joined_as_it_is_written(inspect):
    _, names = inspect("First name;Last name", "Ann;Lee", "小明;王")
    _, turned = inspect("First name;Last name", "Ann;Lee", "小明;王", options=["--answer", "name_order=family_first"])

    assert names == ["Ann Lee", "王小明"]
    assert turned == ["Lee Ann", "王小明"]


def test_the_joined_name_is_shown_with_samples_and_one_answer_turns_it(inspect):
    rows = ["Zoë;;Marsh", "Bo;K;Nkemelu", ";;", "Ann;;Lee", "Al;;Ford"]

    record, names = inspect("First Name;Middle Name;Last Name", *rows)

    assert names == ["Zoë Marsh", "Bo K Nkemelu", "", "Ann Lee", "Al Ford"]
    assert record["mapping"]["name"] == "First Name + Middle Name + Last Name"
    (note,) = record["notes"]
    assert note["code"] == "joined_names"
    assert note["sentence"] == (
        "Names are joined from “First Name”, “Middle Name” and “Last Name”: Zoë Marsh, Bo K Nkemelu, Ann Lee."
    )
    (offer,) = record["offers"]
    assert (offer["code"], offer["chosen"]) == ("name_order", "given_first")
    assert offer["answers"] == [{"value": "given_first", "ready": 5}, {"value": "family_first", "ready": 5}]
    assert record["questions"] == []

    record, names = inspect("First Name;Middle Name;Last Name", *rows, options=["--answer", "name_order=family_first"])

    assert names == ["Marsh Zoë", "Nkemelu Bo K", "", "Lee Ann", "Ford Al"]
    assert record["offers"][0]["chosen"] == "family_first"


def test_columns_chosen_by_hand_are_joined_in_the_order_of_the_file(inspect):
    _, names = inspect("Title;Last Name;First Name", "Ms;Marsh;Zoë", options=["--map", "name=First Name+Last Name+Title"])

    assert names == ["Ms Marsh Zoë"]
