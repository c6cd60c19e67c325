"""What people call the columns of parts of a name, in many languages; and what only looks like a name.

The words are compared in plain form with a whole column name, or with what is left of it without words such as “contact”.
"""

from voisoadmin.contacts.synonyms import plain


def _plain(text: str) -> frozenset[str]:
    return frozenset(plain(name) for name in text.split(","))


def _words(text: str) -> frozenset[str]:
    return frozenset(map(plain, text.split()))


GIVEN = _plain(
    """
    first name, firstname, first, fname, f name, given name, givenname, given names, given, forename, forenames,
    christian name, vorname, vornamen, rufname, prénom, prénoms, primer nombre, nombre de pila, nombres, nombre propio,
    nome próprio, primeiro nome, prenome, primo nome, nome di battesimo, voornaam, voornamen, roepnaam, eerste naam, imię,
    imiona, pierwsze imię, förnamn, tilltalsnamn, fornavn, etunimi, etunimet, kutsumanimi, křestní jméno, krstné meno,
    keresztnév, utónév, prenume, önad, ilk ad, ilk isim, eesnimi, vārds, vardas, osobno ime, vlastito ime, osebno ime,
    лично име, собствено име, личное имя, власне ім'я, μικρό όνομα, fornafn, eiginnafn, nom de pila, prenom, 名,
    ファーストネーム, ten goi, tên riêng, الاسم الأول, الاسم الاول, الإسم الأول, اسم الأول, שם פרטי, ชื่อจริง, ชื่อต้น,
    nama depan, nama pertama, पहला नाम, प्रथम नाम, نام کوچک, emri, անուն, სახელი
    """
)
FAMILY = _plain(
    """
    last name, lastname, last, lname, l name, surname, surnames, family name, familyname, family, nachname, nachnamen,
    familienname, zuname, nom de famille, nom d'usage, nom usuel, nom de naissance, apellido, apellidos, primer apellido,
    apellido paterno, apellido 1, apellido1, 1er apellido, sobrenome, sobrenomes, apelido, apelidos, último nome,
    ultimo nome, nome de família, cognome, cognomi, cognom, cognoms, achternaam, familienaam, nazwisko, efternamn,
    familjenamn, etternavn, efternavn, slektsnavn, sukunimi, příjmení, priezvisko, vezetéknév, családnév, nume de familie,
    soyad, soyadı, soyisim, soy isim, perekonnanimi, perenimi, uzvārds, pavardė, prezime, priimek, фамилия, фамилно име,
    прізвище, прозвішча, επώνυμο, επίθετο, eftirnafn, ættarnafn, abizena, abizenak, mbiemri, mbiemër, ազգանուն, გვარი, 姓,
    姓氏, 苗字, 氏, ラストネーム, 성, 성씨, họ, اسم العائلة, إسم العائلة, الاسم الأخير, الاسم الاخير, اللقب, العائلة,
    שם משפחה, นามสกุล, nama belakang, nama keluarga, nama akhir, अंतिम नाम, उपनाम, نام خانوادگی
    """
)
SECOND_FAMILY = _plain(
    """
    segundo apellido, apellido materno, apellido 2, apellido2, 2do apellido, 2o apellido, second last name, second surname,
    segon cognom, segundo sobrenome
    """
)
MIDDLE = _plain(
    """
    middle name, middlename, middle names, middle, mname, m name, middle initial, middle initials, mi, m i, additional name,
    additional names, second name, second forename, other names, other name, zweiter vorname, zweitname, mittelname,
    weitere vornamen, deuxième prénom, second prénom, autres prénoms, segundo nombre, otros nombres, nome do meio,
    segundo nome, secondo nome, tussenvoegsel, tussenvoegsels, tussenv, voorvoegsel, voorvoegsels, drugie imię, mellannamn,
    andranamn, mellomnavn, mellemnavn, toinen nimi, druhé jméno, prostřední jméno, druhé meno, második keresztnév,
    második utónév, ikinci ad, ikinci isim, göbek adı, отчество, по батькові, батьково име, бащино име, πατρώνυμο, patronym,
    patronymic, srednje ime, отчества, имя отца, 中间名, 中間名, ミドルネーム, tên đệm, chữ lót, tên lót, họ lót, đệm,
    اسم الأب, الاسم الأوسط, الاسم الثاني, שם אמצעי, ชื่อกลาง, nama tengah
    """
)
FAMILY_OR_MIDDLE = _plain("презиме")
"""The family name in some languages, and the middle one in Bulgarian."""
INITIALS = _plain("initials, initial, voorletters, voorletter, initialen, initiales, iniciales, iniziali, инициалы")
"""Before a family name, where there is no given one."""
BARE = _plain(
    """
    name, namen, nom, nombre, nome, naam, namn, navn, nimi, jméno, meno, név, nume, ime, ad, adı, isim, имя, име, ім'я, імя,
    όνομα, emri, nama, 名字, 名前, 이름, tên, ten, اسم, الاسم, الإسم, שם, نام, ชื่อ, नाम, nafn, izena, անուն, სახელი,
    nimet, name1, name 1
    """
)
"""A whole name; beside a family name the given one, beside a given name the family one."""
FAMILY_FIRST = _plain(
    """
    姓, 姓氏, 苗字, 氏, 名字, ラストネーム, 성, 성씨, họ, họ lót, họ và tên đệm, vezetéknév, családnév
    """
)
"""Names of columns in languages that write the family name first."""
FAMILY_AND_MIDDLE = _plain("họ và tên đệm, họ và đệm, họ và chữ lót, họ lót, họ đệm, họ tên đệm")
MIDDLE_BEFORE_GIVEN = _plain("họ, tên đệm, chữ lót, tên lót, đệm") | FAMILY_AND_MIDDLE
QUALIFIERS = _words(
    """
        contact contacts lead leads person persons people customer customers client clients subscriber prospect prospects
        buyer member patient guest borrower applicant recipient user student primary main your the of legal preferred
        required optional billing account holder ansprechpartner kunde kunden kontakt kontaktperson interessent des der
        contacto contactos cliente clientes persona titular del de la contatto referente contato pessoa do da klant
        contactpersoon klient klienta kontaktu osoba osoby kund asiakas zákazník zákazníka kontakta ügyfél ügyfel müşteri
        kişi клиента клиент контакта контакт лида лид клієнта покупателя asiakkaan name names 漢字 全角 氏名 お名前 客户
        顧客 お客様 联系人 聯絡人 고객 khách hàng العميل الزبون הלקוח לקוח
    """
)
"""Words beside the part of a name that don't change whose it is."""
PHONETIC = frozenset(
    stem.replace(" ", "")
    for stem in _plain(
        """
        phonetic, yomi, furigana, フリガナ, ふりがな, カナ, かな, ヨミ, よみ, セイ, メイ, romaji, pinyin, 拼音
        """
    )
)
"""How a name is spoken."""
