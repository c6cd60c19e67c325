"""What people call the columns of contacts, in the main European languages."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_NAME = 200  # characters of a column's name
WHOLE_LETTERS = str.maketrans("łøđıæœ", "lodiao")
"""Letters that Unicode normalisation doesn't reduce to ASCII."""


def plain(name: str) -> str:
    """A column's name in lower case without accents, its words separated by single blanks."""
    # Longer names say nothing, and the time for sorting accents grows with the square of their number.
    apart = re.sub(r"(?<=[a-zß-ÿ])(?=[A-Z])", " ", name[:LONGEST_NAME])
    letters = unicodedata.normalize("NFKD", apart.casefold()).translate(WHOLE_LETTERS)
    letters = "".join(char for char in letters if not unicodedata.combining(char))
    return " ".join(re.sub(r"[\W_]+", " ", letters).split())


def scored(names: Mapping[int, str]) -> dict[str, int]:
    """Column names to their score, from lists apart by commas."""
    return {plain(name): score for score, listed in names.items() for name in listed.split(",")}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnNames:
    """What a field's column is called, in plain words."""

    scores: Mapping[str, int]  # 100: exactly this field; from 90 on the cells needn't agree
    stems: tuple[str, ...] = ()  # parts of a name that make the field likely
    others: frozenset[str] = frozenset()  # words that show that the column only describes the field


_OF_PHONES = (
    "type typ art country land code vorwahl prefix extension ext durchwahl consent status fax telefax valid verified carrier"
)

PHONE = ColumnNames(
    scores=scored(
        {
            100: """phone, phone number, phonenumber, phone no, phone nr, phone num, telephone, telephone number,
                telephone no, contact number, contact no, contact nr, contact phone, contact phone number, tel, tel no,
                tel nr, telephone nr, telefon, telefonnummer, telefonnr, telefon nr, rufnummer,
                telefonnumber, phonenr, telephonenumber, contactnumber, contactphone, telnr,
                telno, telefonszam, telefonas, telefono, numero de telefono, telefono numero,
                numero telefono, numero di telefono, telefone, numero de telefone, numero de
                telephone, numero telephone, no de telephone, n de telephone, telefoon,
                telefoonnummer, telefoonnr, numer telefonu, nr telefonu, nr tel, numer tel,
                telefonni cislo, telefonne cislo, telefonu numarasi, telefon numarasi, numar de
                telefon, numar telefon, nr telefon, puhelin, puhelinnumero, puhelinnro,
                telefonnummer e164, e164, e 164, msisdn, телефон, номер телефона, номер
                телефону, τηλεφωνο, broj telefona, stevilka telefona, telefonska stevilka,
                telefoninumber, telefona numurs, telefono numeris, telefonszam, telefon szam,
                lead phone, customer phone, dial number, phone e164, phone1, phone 1, telefon1,
                telefon 1, tel1, tel 1, 电话, 電話, 電話番号, هاتف, טלפון,
                电话号码, 联系电话, 联系方式, 電話號碼, 聯絡電話, お電話番号, ご連絡先, 전화, 전화번호, 연락처,
                연락처번호, dien thoai,
                so dien thoai, sdt, الهاتف, رقم الهاتف, رقم هاتف, מספר טלפון, โทรศัพท์, เบอร์โทร, เบอร์โทรศัพท์, telepon,
                nomor telepon, no telepon, no telp, شماره تلفن,
                تلفن, फ़ोन, फोन नंबर""",
            97: """mobile, mobile phone, mobile number, mobile phone number, mobile no, mobilephone, mobilenumber,
                mobil, mobiltelefon, mobilnummer, handy, handynummer, handynr, mobilfunk,
                mobilfunknummer, mobiel, mobiel nummer, mobieltje, gsm, gsm nummer, cell, cell
                phone, cellphone, cell number, cellular, portable, telephone portable, tel
                portable, movil, telefono movil, celular, cellulare, telemovel, komorka, telefon
                komorkowy, matkapuhelin, мобильный, мобильный телефон, cep, cep telefonu,
                whatsapp, whatsapp number, mobiel telefoonnummer, 手机, 手机号, 手机号码, 手機, 手機號碼, 携帯, 携帯電話,
                携帯番号, 携帯電話番号, 휴대폰, 휴대전화, 핸드폰, 휴대폰번호, 휴대폰 번호, 핸드폰번호, di dong, so di dong,
                dien thoai di dong, الجوال, جوال, رقم الجوال, موبايل, נייד, טלפון נייד, มือถือ, เบอร์มือถือ, ponsel, no hp,
                κινητο, mobilni telefon, mobitel, mobilais telefons, mobilusis telefonas, mobiiltelefon, мобільний""",
            60: "number, nummer, numero, numer, numar, номер, cislo, szam, contact",
        }
    ),
    stems=(
        "phone",
        "telefon",
        "telefoon",
        "rufnummer",
        "handynummer",
        "mobilnummer",
        "puhelin",
        "телефон",
        "τηλεφων",
        "msisdn",
    ),
    others=frozenset(f"{_OF_PHONES} id model notes note notiz date time datum last calls count opt".split()),
)

_OF_OTHERS = "file user campaign list nick event product street city country datei id number nummer email mail date code"

NAME = ColumnNames(
    scores=scored(
        {
            100: """name, full name, fullname, contact name, contactname, lead name, customer name, client name, person,
                your name, subscriber, nominativo, nazwa, піб, vor und nachname, vorname und nachname, vorname nachname,
                vollstandiger name, kundenname, ansprechpartner, nom complet, nom et prenom, prenom et nom, nom prenom,
                nombre completo, nombre y apellidos, nome completo, nome e cognome, nome cognome, naam, volledige naam,
                imie i nazwisko, imie nazwisko, namn, fullstandigt namn, navn, fulde navn, fullt navn, nimi, koko nimi,
                jmeno, cele jmeno, jmeno a prijmeni, meno, meno a priezvisko, nev, teljes nev, nume, nume complet,
                nume si prenume, ad soyad, isim, имя, фио, полное имя, имя и фамилия, ім я, ονομα, ονοματεπωνυμο,
                ime i prezime, ime in priimek, vards, vards uzvards, vardas, vardas pavarde, 姓名, 名前, 氏名, الاسم, שם,
                first name last name, first and last name, name and surname, surname and name, display name, whole name,
                nachname vorname, nom prenoms, nom et prenoms, noms et prenoms, apellidos y nombre, apellidos nombre,
                nombres y apellidos, nombre apellidos, cognome e nome, cognome nome, nome e sobrenome, nazwisko i imie,
                prijmeni a jmeno, prezime i ime, ime priimek, nevu, ugyfel neve, nev teljes, adi soyadi, adi ve soyadi,
                ad ve soyad, isim soyisim, musteri adi, фамилия имя отчество, фамилия и имя, фамилия имя, имя фамилия,
                прізвище та ім я, прізвище ім я по батькові, контактное лицо, контактна особа, имя клиента, имя контакта,
                име и фамилия, ονομα και επωνυμο, ονομα επωνυμο, eesnimi ja perekonnanimi, vards un uzvards,
                etu ja sukunimi, fornamn efternamn, for og efternavn, fornavn etternavn, voor en achternaam, naam klant,
                nume prenume, nume si prenume client, ho ten, ho va ten, ten khach hang, ho ten khach hang, ten, quy danh,
                nama, nama lengkap, nama pelanggan, ชื่อ, ชื่อ นามสกุล, ชื่อลูกค้า, 이름, 성명, 성함, 고객명, 고객이름,
                고객 이름, お名前, 顧客名, お客様名, 客户名称, 客户名, 联系人, 联系人姓名, 聯絡人, 名字, 称呼,
                اسم, اسم العميل, الاسم الكامل, اسم الزبون, שם מלא, שם הלקוח, שם לקוח, نام, نام و نام خانوادگی,
                नाम, पूरा नाम""",
            97: "nom, nombre, nome, ime, ad, adi, izena, emri, name1, name 1",
            95: """contact person, contact, kontakt, kontaktperson, kunde, customer, client, lead, cliente, klant,
                klient, контакт, zakaznik, musteri, ugyfel, kund, asiakas, клиент, клієнт, πελατης, klijent, kupac, stranka,
                klients, klientas, 客户, 客戶, 顧客, お客様,
                고객, khach hang, العميل, الزبون, לקוח, pelanggan, nasabah""",
            92: """nachname, last name, lastname, surname, family name, cognome, apellidos, apellido, sobrenome,
                achternaam, nazwisko, prijmeni, priezvisko, sukunimi, efternamn, etternavn, efternavn, prezime, priimek,
                soyad, soyadi, фамилия, прізвище, επωνυμο, vezeteknev, csaladnev, nume de familie, 姓, 성, اسم العائلة,
                שם משפחה, นามสกุล""",
            91: """vorname, first name, firstname, given name, prenom, imie, voornaam, fornamn, fornavn, etunimi,
                prenume, krestni jmeno, given name, forename, roepnaam, keresztnev, utonev, eesnimi, الاسم الاول,
                שם פרטי, 名""",
            90: """company, company name, firma, firmenname, unternehmen, organisation, organization, societe,
                empresa, azienda, bedrijf, ragione sociale, razon social, raison sociale, entreprise, razao social,
                organization name, organisation name, account name, spolecnost, yritys, foretag, virksomhed, cong ty,
                компания, организация, компанія, 회사, 회사명, 会社名, 公司, 公司名称""",
        }
    ),
    stems=("姓名", "氏名"),
    others=frozenset(_OF_OTHERS.split()),
)

SOURCE = ColumnNames(
    scores=scored(
        {
            100: """source, lead source, leadsource, contact source, contactsource, origin, quelle, leadquelle,
                herkunft, origine, source du lead, provenance, origen, fuente, origem, fonte,
                provenienza, bron, herkomst, zrodlo, kalla, kilde, lahde, zdroj, forras, sursa,
                kaynak, источник, джерело, πηγη, izvor, vir, allikas, avots, saltinis, utm
                source, 来源, 來源, 流入元, 출처, 유입경로, nguon, المصدر, מקור""",
        }
    ),
    others=frozenset({"id", "code", "date"}),
)

URL = ColumnNames(
    scores=scored(
        {
            100: """url, contact url, contacturl, link, crm link, crm url, lead url, lead link, web address,
                webadresse, weblink, hyperlink, lien, enlace, vinculo, collegamento, odkaz,
                lank, linkki, 网址, 網址, 웹 주소, ссылка, посилання, συνδεσμος, baglanti, 链接""",
            95: """website, web site, web, webseite, homepage, site, site web, sitio web, pagina web, sito, sito
                web, strona, strona www, www, hemsida, hjemmeside, webova stranka, honlap,
                weboldal, 网站, 網站, ウェブサイト, ホームページ, 홈페이지, 웹사이트, trang web, เว็บไซต์,
                الموقع, الموقع الإلكتروني, אתר, אתר אינטרנט, spletna stran, veebileht, majaslapa, svetaine, сайт""",
        }
    ),
    others=frozenset({"id", "image", "photo", "bild", "text", "clicks"}),
)

PRIORITY = ColumnNames(
    scores=scored(
        {
            100: """priority, prio, call priority, lead priority, contact priority, prioritat, priorite, prioridad,
                priorita, prioridade, prioriteit, priorytet, prioritet, prioriteetti, prioritas,
                prioritate, oncelik, приоритет, пріоритет, προτεραιοτητα, prioriteet,
                prioriteta, 优先级, 優先度, 優先順位, 優先級, 우선순위, do uu tien, الأولوية, עדיפות""",
        }
    ),
    stems=("priorit", "prioryt", "приоритет"),
    others=frozenset({"id", "date", "reason"}),
)

ACTIVE = ColumnNames(
    scores=scored(
        {
            100: """active, is active, isactive, active yes no, enabled, is enabled, aktiv, ist aktiv, aktiviert,
                actif, activo, activa, attivo, attiva, ativo, ativa, actief, aktywny, aktywna,
                czy aktywny, aktivt, aktivni, aktivny, aktiivinen, activ, aktif, активен,
                активный, активний, ενεργο, aktivan, aktiven, aktiivne, aktivs, aktyvus, 有效, 启用, 有効, 활성, نشط, פעיל""",
        }
    ),
    others=frozenset({"id", "date", "since", "seit", "last", "days", "campaigns"}),
)
