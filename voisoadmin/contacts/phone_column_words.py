"""Words in the names of columns that hold numbers: of phones, of faxes and pagers, of contracts.

Words are compared with the whole words of a name, stems with any part of it, blanks left out: compound words have them inside.
"""

from voisoadmin.contacts.synonyms import plain


def stems(text: str) -> tuple[str, ...]:
    return tuple(plain(stem).replace(" ", "") for stem in text.split(","))


def words_of(text: str) -> frozenset[str]:
    return frozenset(plain(word) for word in text.split(","))


FAX = stems(
    """fax, faks, telecop, facsimil, факс, φαξ, 传真, 傳真, ファックス, ファクス, ファクシミリ, 팩스, فاكس, פקס, โทรสาร,
    máy nhắn tin, телекс, テレックス, 电传, пейджер, pejdžr, peidžer, pageur, bipeur, beeper, ポケベル, ポケットベル, 寻呼,
    传呼, 傳呼, 呼叫器, 삐삐, 무선호출, buscapersona, radiobusca, cercapersone, teledrin, semafoon, semafono, funkruf,
    personenruf, piepser, personsök, personsøk, personsøg, hakulait, csipogó, személyhívó, çağrı cihaz, เพจเจอร์,
    بيجر, جهاز النداء, זימונית, איתורית, belgegeçer, belgec, फैक्स, फ़ैक्स, فکس, نمابر, دورنگار, bréfsím, telekopio,
    fac simile, telfx, telecopiadora, แฟกซ์, แฟ็กซ์, ফ্যাক্স, ֆաքս, ფაქსი"""
)
"""Of machines that no one speaks to: faxes, telexes, pagers, modems."""
FAX_WORDS = words_of(
    """fx, modem, telex, télex, τέλεξ, tty, tdd, pager, pagers, beep, bip, biper, bíper, pieper, buzzer, pejdżer, pejdzer"""
)
PHONE = stems(
    """phone, telefon, telefoon, telepon, ponsel, มือถือ, เบอร์โทร, موبايل,
    rufnummer, handy, mobil, mobile, puhelin, телефон, τηλεφων, msisdn, movil, celular,
    cellular, telemov, komork, matkapuh, téléphone, 电话, 電話, 手机, 手機, 携帯, 전화, 휴대, 핸드폰, điện thoại,
    هاتف, جوال, טלפון, โทรศัพท์"""
)
PHONE_WORDS = words_of(
    """tel, cell, gsm, cep, tlf, tfno, tel nr, тел, моб, whatsapp, dial, ring, landline, festnetz, fixe, fijo"""
)
MOBILE = stems(
    """mobil, mobile, mobiel, mobiiltelefon, mobitel, ponsel, มือถือ, موبايل,
    handy, telemov, celular, cellular, movil, komork, matkapuh, мобил, мобіл, κινητο, 手机, 手機,
    携帯, 휴대, 핸드폰, 모바일, di động, جوال, נייד"""
)
MOBILE_WORDS = words_of("""cell, cells, gsm, cep, portable, моб, whatsapp, mob""")
IDS = words_of(
    """
    id, ids, account, acct, loan, policy, order, invoice, contract, member, membership, ssn, vat, tax, reference,
    ref, serial, imei, iban, ticket, case, claim, booking, patient, student, employee, customer, client, subscriber,
    file, record, lead, meter, nif, nie, cif, dni, cpf, cnpj, pesel, nip, regon, siret, siren, kvk, bsn, inn, инн,
    снилс, rg, passport, plate, zip, postcode, plz, cap, code, kod, codigo, barcode, ean, sku, matricule, dossier,
    commande, contrat, facture, tracking, client no, cliente, contrato, pedido, factura, cuenta, poliza, prestamo,
    conta, apolice, fatura, ordine, contratto, conto, polizza, klant, klantnr, order nr, polis, rekening, konto,
    kunde, kunden, vertrag, auftrag, rechnung, mitglied, police, договор, счет, заказ, полис, клиент, договір,
    sözleşme, müşteri, sipariş, poliçe, hesap, dosya, kimlik, abone, العقد, العميل, الحساب, الطلب, الهوية, البوليصة,
    الوثيقة, الفاتورة, العضوية, المشترك, الملف, ugovora, računa, klijenta, kupca, člana, narudžbe, pogodbe,
    sutarties, kliento, sąskaitos, līguma, klienta, rēķina, lepingu, kliendi, arve, contractului, clientului,
    facturii, συμβολαίου, πελάτη, λογαριασμού, ταυτότητας, παραγγελίας, expediente, socio, afiliado, abonado,
    processo, sócio, tessera, adhérent, abonné, sinistre
    """
)
NUMBER = words_of("""
    number, no, nr, num, nummer, numero, numer, nro, n, numéro, номер, №, #, cislo, szam, رقم, numara, numarası,
    numaralı, číslo, broj, številka, numeris, numurs, număr, numar, αριθμός, αρ, nomor, mã, số, מספר, เลขที่, รหัส
    """)
ID_COMPOUNDS = stems(
    """
    kundennummer, kundennr, kontonummer, kontonr, bestellnummer, auftragsnummer, rechnungsnummer, vertragsnummer,
    vertragsnr, mitgliedsnummer, mitgliedsnr, policennummer, versicherungsnummer, versicherungsschein, steuernummer,
    personalnummer, aktenzeichen, zählernummer, klantnummer, ordernummer, polisnummer, rekeningnummer, lidnummer,
    medlemsnummer, kundnummer, kundenummer, ordrenummer, asiakasnumero, jasennumero, tilausnumero, accountnumber,
    ordernumber, membernumber, policynumber, loannumber, customernumber, 订单, 客户编号, 会员号, 合同, 保单, 顧客番号,
    会員番号, 注文番号, 申込番号, 管理番号, 受付番号, 契約番号, 証券番号, 고객번호, 회원번호, 주문번호, 계약번호, 口座,
    账号, 帳號, 身份证, 合約, 保險單, 编号, 編號, 주민등록번호, 사업자번호, 접수번호, szerződésszám, ügyfélszám,
    számlaszám, rendelésszám, kötvényszám, ügyszám, azonosító, adószám, avtalsnummer, avtalsnr, fakturanummer,
    personnummer, organisationsnummer, försäkringsnummer, avtalenummer, aftalenummer, kontraktnummer, kontraktsnummer,
    policenummer, forsikringsnummer, saksnummer, sagsnummer, ärendenummer, sopimusnumero, laskunumero, henkilötunnus,
    tilinumero, vakuutusnumero, potilasnumero, contractnummer, factuurnummer, dossiernummer, relatienummer,
    debiteurnummer, vorgangsnummer, schadennummer, fallnummer, debitorennummer, kd nr, số hợp đồng, mã hợp đồng,
    mã khách hàng, số tài khoản, mã đơn hàng, số đơn hàng, số thẻ, cmnd, cccd, mã số thuế, เลขที่สัญญา, รหัสลูกค้า,
    เลขบัญชี, เลขที่บัญชี, เลขที่กรมธรรม์, เลขบัตร, nomor kontrak, nomor rekening, nomor polis, no rekening,
    no pelanggan, kode pelanggan, codice fiscale, partita iva, codice cliente, numero pratica, rodné číslo,
    asmens kodas, isikukood, personas kods, αφμ, κωδικός πελάτη, תעודת זהות, מספר לקוח, מספר חוזה, מספר חשבון
    """
)
INFLECTED_IDS = stems(
    """klient, kontrakt, umow, zamówien, smlouv, zmluv, zákazn, objednáv, договор, договір, клиент, клієнт, заказ, замовлен"""
)
"""Beginnings, in languages that inflect: “Numer klienta”."""
OWN = stems(
    """
    home, work, business, office, private, personal, main, primary, secondary, other, direct, company, corporate, daytime,
    evening, night, first, second, third, alternative, alternate, preferred, best, contact, customer, client, lead, person,
    current, default, verified, valid, formatted, full, clean, international, national, intl, value, billing, shipping,
    mailing, delivery, account, applicant, borrower, member, patient, subscriber, student, tenant, buyer, candidate,
    prospect, donor, user, registered, land line, fixed, local, voice, general, organization, organisation, debtor,
    privat, dienstlich, dienst, geschäftlich, geschäft, arbeit, büro, haupt, festnetz, kunden, kunde, kontakt, tagsüber,
    domicile, bureau, travail, professionnel, personnel, principal, principale, fixe, casa, trabajo, oficina, particular,
    cliente, contacto, trabalho, residencial, residência, escritório, contato, ufficio, lavoro, abitazione, contatto, fisso,
    thuis, werk, zakelijk, privé, klant, vast, domowy, służbowy, prywatny, stacjonarny, klienta, kontaktowy, główny,
    otthoni, munkahelyi, vezetékes, ügyfél, domů, práce, soukromý, pracovní, pevná, zákazníka, müşteri, sabit,
    домашний, рабочий, личный, клиента, контактный, основной, стационарный, городской, hem, arbete, bostad, kund,
    自宅, 会社, 固定, 客户, 客戶, 联系, 聯絡, 住宅, 公司, 办公, 자택, 회사, 고객, nhà, khách hàng
    """
)
"""What a name says of the contact's own phone."""
SMALL_WORDS = words_of(
    "of, for, to, the, de, du, des, la, le, el, da, do, di, del, van, der, und, and, or, a, day, alt, new, ev, iş"
)
NO_LONGER = words_of(
    """
    old, previous, former, invalid, wrong, bad, disconnected, incorrect, outdated, ex, alte, altes, frühere, ehemalige,
    ungültige, falsche, ancien, ancienne, précédent, invalide, erroné, anterior, antiguo, inválido, equivocado, erróneo,
    antigo, errado, vecchio, precedente, errato, oud, oude, vorig, vorige, ongeldig, stary, poprzedni,
    nieaktualny, błędny, régi, korábbi, hibás, starý, předchozí, neplatný, predchádzajúci, eski, önceki, yanlış, geçersiz,
    старый, прежний, предыдущий, неверный, бывший, старий, попередній, стар, gammal, gammelt, gammel, tidligere, tidigare,
    vanha, entinen, virheellinen, παλιό, παλαιό, vechi, stari, prethodni, lama, cũ, القديم, ישן
    """
)
NO_LONGER_STEMS = stems("旧, 舊, 以前の, 無効, 无效, 原电话, 이전, 옛, เก่า")
