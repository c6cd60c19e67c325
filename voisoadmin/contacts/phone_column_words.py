"""Words in the names of columns that hold numbers: of phones, of faxes and pagers, of contracts, of other people.

Words are compared with the whole words of a name, stems with any part of it, blanks left out: compound words have them inside.
"""

from voisoadmin.contacts.synonyms import plain


def _stems(text: str) -> tuple[str, ...]:
    return tuple(plain(stem).replace(" ", "") for stem in text.split(","))


def _words(text: str) -> frozenset[str]:
    return frozenset(plain(word) for word in text.split(","))


FAX = _stems(
    """fax, faks, telecop, facsimil, факс, φαξ, 传真, 傳真, ファックス, ファクス, ファクシミリ, 팩스, فاكس, פקס, โทรสาร,
    máy nhắn tin, телекс, テレックス, 电传, пейджер, pejdžr, peidžer, pageur, bipeur, beeper, ポケベル, ポケットベル, 寻呼,
    传呼, 傳呼, 呼叫器, 삐삐, 무선호출, buscapersona, radiobusca, cercapersone, teledrin, semafoon, semafono, funkruf,
    personenruf, piepser, personsök, personsøk, personsøg, hakulait, csipogó, személyhívó, çağrı cihaz, เพจเจอร์,
    بيجر, جهاز النداء, זימונית, איתורית"""
)
"""Of machines that no one speaks to: faxes, telexes, pagers, modems."""
FAX_WORDS = _words(
    """fx, modem, telex, télex, τέλεξ, tty, tdd, pager, pagers, beep, bip, biper, bíper, pieper, buzzer, pejdżer, pejdzer"""
)
PHONE = _stems(
    """phone, telefon, telefoon, telepon, ponsel, มือถือ, เบอร์โทร, موبايل,
    rufnummer, handy, mobil, mobile, puhelin, телефон, τηλεφων, msisdn, movil, celular,
    cellular, telemov, komork, matkapuh, téléphone, 电话, 電話, 手机, 手機, 携帯, 전화, 휴대, 핸드폰, điện thoại,
    هاتف, جوال, טלפון, โทรศัพท์"""
)
PHONE_WORDS = _words(
    """tel, cell, gsm, cep, tlf, tfno, tel nr, тел, моб, whatsapp, dial, ring, landline, festnetz, fixe, fijo"""
)
MOBILE = _stems(
    """mobil, mobile, mobiel, mobiiltelefon, mobitel, ponsel, มือถือ, موبايل,
    handy, telemov, celular, cellular, movil, komork, matkapuh, мобил, мобіл, κινητο, 手机, 手機,
    携帯, 휴대, 핸드폰, 모바일, di động, جوال, נייד"""
)
MOBILE_WORDS = _words("""cell, cells, gsm, cep, portable, моб, whatsapp, mob""")
IDS = _words(
    """
    id, ids, account, acct, loan, policy, order, invoice, contract, member, membership, ssn, vat, tax, reference, ref,
    serial, imei, iban, ticket, case, claim, booking, patient, student, employee, customer, client, subscriber, file,
    record, lead, meter, nif, nie, cif, dni, cpf, cnpj, pesel, nip, regon, siret, siren, kvk, bsn, inn, инн, снилс, rg,
    passport, plate, zip, postcode, plz, cap, code, kod, codigo, barcode, ean, sku, matricule, dossier, commande,
    contrat, facture, client no, cliente, contrato, pedido, factura, cuenta, poliza, prestamo, conta, apolice, fatura,
    ordine, contratto, conto, polizza, klant, klantnr, order nr, polis, rekening, konto, kunde, kunden, vertrag,
    auftrag, rechnung, mitglied, police, договор, счет, заказ, полис, клиент, договір, sözleşme, müşteri, sipariş,
    poliçe, hesap, dosya, kimlik, abone, العقد, العميل, الحساب, الطلب, الهوية, البوليصة, الوثيقة, الفاتورة, العضوية,
    المشترك, الملف, ugovora, računa, klijenta, kupca, člana, narudžbe, pogodbe, sutarties, kliento, sąskaitos, līguma,
    klienta, rēķina, lepingu, kliendi, arve, contractului, clientului, facturii, συμβολαίου, πελάτη, λογαριασμού,
    ταυτότητας, παραγγελίας, expediente, socio, afiliado, abonado, processo, sócio, tessera, adhérent, abonné, sinistre
    """
)
NUMBER = _words("""
    number, no, nr, num, nummer, numero, numer, nro, n, numéro, номер, №, #, cislo, szam, رقم, numara, numarası,
    numaralı, číslo, broj, številka, numeris, numurs, număr, numar, αριθμός, αρ, nomor, mã, số, מספר, เลขที่, รหัส
    """)
ID_COMPOUNDS = _stems(
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
OTHER_PEOPLE = _words(
    """agent, agents, agency, owner, rep, reps, representative, salesrep, salesperson, salesman, seller, advisor,
    adviser, consultant, branch, store, dealer, broker, manager, supervisor, assigned, assignee, operator, staff,
    employee, emergency, kin, referrer, referral, referred, spouse, partner, guarantor, doctor, gp, physician,
    support, hotline, helpdesk, assistant, secretary, landlord, officer, handler, vermittler, berater, betreuer,
    mitarbeiter, filiale, agentur, notfall, notfallkontakt, vertreter, sachbearbeiter, zweigstelle, makler,
    verkäufer, conseiller, agence, commercial, urgence, vendeur, succursale, courtier, asesor, agente, sucursal,
    emergencia, vendedor, comercial, gestor, consultor, corretor, filial, emergência, agência, agenzia, consulente,
    emergenza, venditore, referente filiale, adviseur, medewerker, filiaal, noodgeval, makelaar, doradca, oddział,
    opiekun, handlowiec, agencja, säljare, handläggare, kontor, sælger, medarbejder, selger, myyjä, konttori,
    prodejce, pobočka, poradce, predajca, ügynök, értékesítő, iroda, agent vanzari, sucursala, temsilci, şube,
    danışman, менеджер, агент, филиал, оператор, сотрудник, офис, радник, філія, σύμβουλος, υποκατάστημα"""
)
INFLECTED_PEOPLE = _stems(
    """
    менеджер, агент, оператор, сотрудник, куратор, ответственн, филиал, продавц, консультант, брокер, экстренн,
    співробітник, консультанта, екстрен, prodejc, obchodník, poradc, poboč, makléř, asistent, assistent, assistant,
    obchodn, handlow, opiekun, doradc, oddzia, pośrednik, agent, ügynök, üzletkötő, értékesítő, fiók, myyj, edustaj,
    asiakaspalvelij, konttor, hätä, handläggar, säljar, mäklar, nødkontakt, nöd, selger, sælger, medarbej, πωλητ,
    σύμβουλ, υποκατάστ, εκτάκτ, temsilci, danışman, şube, acil, vânzăt, sucursal, consilier, urgenț, prodavač, savjetnik,
    poslovnic, svetovalec, müüja, pārdevēj, pardavėj, filiāl, filial, vendedor, vendeur, venditor, verkäufer, verkoper
    """
)
"""Beginnings of words for other people, in languages that inflect or write compounds."""
OTHER_PEOPLE_STEMS = _stems(
    """
    담당, 営業, 担当者, 担当, 店舗, 支店, 緊急, 代理人, 代理, 业务员, 客户经理, 门店, 分行, 紧急, 담당자, 지점, 비상,
    대리점, مندوب, סוכן
    """
)
INFLECTED_IDS = _stems(
    """klient, kontrakt, umow, zamówien, smlouv, zmluv, zákazn, objednáv, договор, договір, клиент, клієнт, заказ, замовлен"""
)
"""Beginnings, in languages that inflect: “Numer klienta”."""
