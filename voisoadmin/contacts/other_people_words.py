"""Words in the names of columns that are about someone else than the contact: an agent, an owner, a relative, a branch.

Words are compared with the whole words of a name, beginnings with the start of each word, in languages that inflect or write
compounds, and stems with any part of the name, blanks left out.
"""

from voisoadmin.contacts.phone_column_words import stems, words_of

OTHER_PEOPLE = words_of(
    """
    agent, agents, agency, owner, rep, reps, representative, salesrep, salesperson, salesman, seller, advisor,
    adviser, consultant, branch, store, dealer, broker, manager, supervisor, assigned, assignee, operator, staff,
    employee, emergency, kin, referrer, referral, referred, spouse, partner, guarantor, doctor, gp, physician,
    support, hotline, helpdesk, assistant, secretary, landlord, officer, handler, asst, attorney, lawyer, solicitor,
    accountant, notary, caregiver, carer, guardian, parent, parents, mother, father, mom, mum, dad, husband, wife,
    brother, sister, sibling, daughter, relative, friend, neighbour, neighbor, boss, employer, driver, technician,
    engineer, installer, recruiter, vendor, supplier, witness, helpline, callcenter, callcentre, outbound, twilio,
    teacher, coach, tutor, trainer, instructor, introducer, sponsor, underwriter, lender, executor, codebtor,
    cosigner, coapplicant, coborrower, closer, setter, sdr, bdr, csr, csm, sales, telesales, telemarketer, courier,
    colleague, coworker, reception, receptionist, dispatcher, nurse, school, bank, insurance, realtor, pharmacy, vet,
    worker, provider, pcp, pa, ice, inbound, our, did, queue, household, coowner, angehöriger, angehörige, kollege,
    kollegin, gutachter, versicherung, garant, referencia, recado, referência, amministratore, osoby, referans,
    yakınının, vợ, chồng, reseller, distributor, franchisee, administrator, admin, author, creator, vermittler,
    berater, betreuer, mitarbeiter, filiale, agentur, notfall, notfallkontakt, vertreter, sachbearbeiter,
    zweigstelle, makler, verkäufer, chef, anwalt, arzt, hausarzt, eltern, mutter, vater, bruder, schwester, bürge,
    zeuge, fahrer, lieferant, vertrieb, außendienst, innendienst, inhaber, eigentümer, vorgesetzter, ehefrau,
    ehemann, ehepartner, arbeitgeber, steuerberater, vermieter, verwalter, empfehler, tippgeber, sekretariat,
    conseiller, agence, commercial, urgence, vendeur, succursale, courtier, conjoint, conjointe, époux, épouse, père,
    mère, parrain, tuteur, avocat, médecin, notaire, bailleur, propriétaire, fournisseur, chauffeur, technicien,
    responsable, employeur, mandataire, magasin, apporteur, gestionnaire, collègue, mari, femme, asesor, agente,
    sucursal, emergencia, vendedor, comercial, gestor, consultor, propietario, dueño, cónyuge, esposo, esposa, madre,
    padre, abogado, médico, proveedor, chofer, técnico, arrendador, casero, representante, ejecutivo, asistente,
    referido, familiar, jefe, aval, fiador, empleador, emergencias, asignado, corretor, filial, emergência, agência,
    responsável, proprietário, dono, cônjuge, marido, mãe, pai, advogado, fornecedor, motorista, gerente, empregador,
    indicação, atendente, operador, loja, agenzia, consulente, emergenza, venditore, proprietario, coniuge, moglie,
    marito, genitore, genitori, avvocato, fornitore, autista, tecnico, commerciale, responsabile, garante,
    segretaria, capo, rappresentante, operatore, adviseur, medewerker, filiaal, noodgeval, makelaar, echtgenoot,
    echtgenote, vader, moeder, ouder, ouders, advocaat, huisarts, arts, leverancier, monteur, verhuurder, eigenaar,
    werkgever, voogd, begeleider, noodcontact, doradca, oddział, opiekun, handlowiec, agencja, żona, żony, mąż, męża,
    matka, matki, ojciec, ojca, säljare, handläggare, kontor, sælger, medarbejder, selger, mamma, pappa, ägare, eier,
    ejer, lege, læge, läkare, myyjä, konttori, äiti, isä, prodejce, pobočka, poradce, predajca, matka, otec, řidič,
    ügynök, értékesítő, iroda, anya, apa, agent vanzari, sucursala, soț, soție, temsilci, şube, danışman, eşi,
    eşinin, anne, baba, veli, bayi, doktor, kefil, personel, satış, sahibi, yakını, менеджер, агент, филиал,
    оператор, сотрудник, офис, муж, мужа, жена, жены, мать, матери, мама, папа, врач, врача, босс, радник, філія,
    чоловіка, мати, σύμβουλος, υποκατάστημα, suprug, supruga, agen, karyawan, darurat, suami, istri, ayah, atasan
    """
)
BEGINNINGS = stems(
    """
    менеджер, агент, оператор, сотрудник, куратор, ответственн, филиал, продавц, консультант, брокер, экстренн,
    супруг, родител, родствен, адвокат, поставщик, водител, владел, собственник, работодател, поручител,
    представител, бухгалтер, руководител, начальник, секретар, диспетчер, риелтор, риэлтор, опекун, співробітник,
    екстрен, дружин, родич, представник, постачальник, водія, водій, власник, роботодав, керівник, відповідальн,
    лікар, prodejc, obchodník, poradc, poboč, makléř, asistent, assistent, assistant, obchodn, handlow, opiekun,
    doradc, oddzia, pośrednik, agent, przedstawiciel, małżonk, rodzic, dostawc, kierowc, właściciel, pracodawc,
    kierowni, pełnomocni, poręczyciel, recepcj, sprzedawc, pracowni, lekarz, manžel, rodič, advokát, lékař, lekár,
    dodavatel, dodávateľ, majitel, vlastník, zaměstnan, zaměstnav, zamestnáv, zástupc, nouzov, ügynök, üzletkötő,
    értékesítő, fiók, kolléga, házastárs, szülő, ügyvéd, orvos, beszállító, sofőr, tulajdonos, munkáltató, tanácsadó,
    képviselő, vészhelyzet, hozzátartozó, myyj, edustaj, asiakaspalvelij, konttor, hätä, omaise, lähiomai, puoliso,
    vanhem, lääkär, omistaj, työnantaj, esimie, kuljettaj, huoltaj, handläggar, säljar, mäklar, anhörig, föräld,
    advokat, leverantör, arbetsgivar, pårørend, ektefelle, ægtefælle, foresat, forælder, arbeidsgiver,
    arbejdsgiver, nødkontakt, nöd, selger, sælger, medarbej, πωλητ, σύμβουλ, υποκατάστ, εκτάκτ, συζυγ, δικηγορ,
    προμηθευτ, ιδιοκτητ, εργοδοτ, εκπροσωπ, υπαλληλ, temsilci, danışman, şube, acil, tedarikçi, işveren, avukat,
    acente, vânzăt, sucursal, consilier, urgenț, părint, furnizor, proprietar, angajator, reprezentant, prodavač,
    savjetnik, poslovnic, svetovalec, roditelj, vlasnik, odvjetnik, poslodav, müüja, pārdevēj, pardavėj, filiāl,
    filial, vendedor, vendeur, venditor, verkäufer, verkoper
    """
)
"""Beginnings of words, in languages that inflect or write compounds."""
STEMS = stems(
    """
    secondcontact, othercontact, transferredto, hausverwaltung, contactpersoonnood, értesítendő, 勤務先, 紹介者,
    điện thoại vợ, điện thoại chồng, kontaktperson notfall, контактноголица2, callcenter, callcentre,
    customerservice, contactcenter, frontdesk, reportsto, createdby, modifiedby, addedby, assignedto, sentfrom,
    sentby, nextofkin, coapplicant, coborrower, cosigner, jointapplicant, callerid, outboundcli, callercli,
    trackingnumber, berater, betreuer, vertreter, vermittler, mitarbeiter, vermieter, sachbearbeiter, notfall,
    accountmanager, adviseur, medewerker, kundenservice, klantenservice, servicioalcliente, atencionalcliente,
    atendimento, serviceclient, servizioclienti, orangtua, 担当, 営業, 店舗, 支店, 緊急, 代理, 紹介者, 保護者,
    配偶者, 家族, 上司, 业务员, 客户经理, 门店, 分行, 紧急, 客服, 销售, 顾问, 经纪, 推荐人, 家属, 配偶, 父母, 父亲,
    母亲, 监护人, 經紀, 業務員, 家屬, 監護人, 推薦人, 담당, 지점, 비상, 대리점, 영업, 추천인, 보호자, 배우자, 상담원,
    직원, 매니저, 가족, 부모, nhân viên, người thân, khẩn cấp, đại lý, chi nhánh, tư vấn viên, người giới thiệu,
    phụ huynh, quản lý, พนักงาน, ฉุกเฉิน, ผู้ปกครอง, ตัวแทน, สาขา, مندوب, وكيل, الوكيل, الطوارئ, طوارئ, الموظف, موظف,
    المدير, الزوج, الفرع, סוכן, נציג, חירום, מנהל, סניף, בן זוג, הורה, نماینده, اضطراری, कर्मचारी, एजेंट, आपातकालीन
    """
)
