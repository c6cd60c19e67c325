"""Parts of the names of columns that say who may be called, in many languages, and of columns for remarks."""

from voisoadmin.contacts.do_not_call_words import phrases
from voisoadmin.contacts.phone_column_words import stems

CALL_WORDS = phrases(
    """
    call, calls, called, calling, phone, phones, telephone, dial, tel, bel, bellen, gebeld, ring, ringe, ringas,
    hivas, hivasok, hivhato, appel, appels, volat, volani, hovor, hovory, sunat, sunati, apel, apeluri, zvati, poziv,
    pozivi, soittaa, aranma, arama, aramalar
    """
)
CALL_PARTS = stems(
    """
    appelé, telefonic, перезвон, перезван, שיחות, קריאות, κλήσ, รับสาย, uppring, ringas, chiamate, chiamato, pozive,
    pozivi, opkald, กสาย, 接受电话, phonecall, callable, dialable, contactable, telephon, téléphon, telefon,
    telefoon, puhelin, puhelu, anruf, anzuruf, llamem, llame, appeler, appels, démarch, llamad, llamar, ligaç, ligar,
    chiamat, chiamar, dzwon, telefonát, звон, дзвін, дзвон, звън, 電話, 架電ng, 架電, 电话, 致电, 来电, 撥打, 拨打,
    전화, 통화, gọi, điện thoại, اتصال, تتصل, مكالم, تماس, التماس, שיח, להתקשר, โทร, κλησ, κληθ, τηλεφ, hubungi,
    telepon, ditelepon
    """
)
BLOCK_WORDS = phrases(
    """
    not, never, dont, non, δεν, δε, stop, stopped, without, nicht, kein, keine, keinen, niet, geen, ne, nie, inte, ej, ikke,
    ei, nem, nu, nao, nunca, jamais, mai, не, ні, никогда, yok, tidak, jangan, khong, ng
    """
)
BLOCK_PARTS = stems(
    """
    סירוב, ไม่ต้องการ, ไม่ยินยอม, ไม่อนุญาต, 不接受, 不同意, 不想, 不希望, 希望しない, không đồng, không muốn, لايرغب,
    object, oppos, withdr, objec, block, bloqu, blocc, blokk, refus, rechaz, recus, rifiut, exclu, exclude, restrict,
    prohib, proibid, vietat, interdi, disturb, unsubscrib, optout, verbot, verweig, sperr, unerwünscht, opposition,
    zakaz, odmow, zabron, зaпрет, запрет, запрещ, отказ, заборон, відмов, забран, отказан, tilos, tilt, kielt,
    förbud, forbud, forbudt, yasak, engel, istemiyor, zabran, larang, 禁, 不可, 拒, 勿, 不要, 架電ng, 電話ng, 거부,
    금지, ห้าม, منع, رفض, ممنوع, خودداری, نگیر, cấm gọi, từ chối
    """
)
ALLOW_PARTS = stems(
    """
    agree, like, wish, desir, desea, desej, quer, quier, vuole, vill, ønsk, onsk, wunsch, wens, chce, chci, želi,
    kíván, szeret, istiyor, хоч, жела, бажа, 希望, 要望, 희망, ingin, επιθυμ, dore, ต้องการ, muốn, يرغب, רוצה,
    joignable, contattabile, contactab, erreichbar, engedély, får, ניתן, يمكن, allow, accept, acept, maywe, canwe,
    mayi, cani, shallwe, durfen, pouvons, puisje, podemos, possiamo, mogen, możemy, můžeme, hívhat, arayabilir,
    можемли, можемо, permit, permission, authori, autoriz, autoris, consent, wants, callable, dialable, contactable,
    erlaub, gestatt, erwünscht, darf, zulässig, einwillig, zustimm, anrufbar, souhait, consentement, puede, permit,
    aceit, pode, accett, permess, consens, mag, toest, toegest, pertelefon, portelefono, partelephone, akkoord, zgod,
    można, wolno, hívható, hozzájár, souhlas, súhlas, lze, může, izni, izin, onay, соглас, разреш, можно, дозв, згод,
    съглас, 可, 允许, 許可, 允許, 同意, 동의, 허용, 가능, đồng ý, cho phép, موافق, يسمح, אישור, İletişim izni, מותר,
    מאשר, ยินยอม, อนุญาต, suostum, lupa, samtyck, tillåt, samtykk, tillat, tillad, συγκατ, επιτρέπ, acord, suglas,
    pristan, dopušt, setuju, boleh, bersedia, رضایت, اجازه, okto, byphone, viaphone
    """
)
CONTACT_PARTS = stems(
    """
    contactar, contatar, contactad, contato, contacto, kontaktow, kontaktu, benader, kontakt per, contact by, 連絡,
    联系, 聯絡, 연락, hubung, iletişim, contatto, perezvan, перезван
    """
)
"""Of columns about contact of any kind; they count beside a word that forbids or allows."""
CONSENT_PARTS = stems(
    """
    consent, einwillig, einverständ, zustimm, hozzájár, souhlas, súhlas, onayı, соглас, згода, съглас, 동의, đồng ý, suglas,
    samtyck, samtykk, suostum, συγκατ, συναίν, opt in, optin
    """
)
OBJECTION_PARTS = stems(
    """
    withdrawn, objection, to object, widerruf, widerspruch, sperrvermerk, keine werbung, kein kontakt, opposition,
    oposicion, opposizion, sprzeciw, blacklist, black list, schwarze liste, liste noire, lista negra, lista nera,
    zwarte lijst, czarna lista, černá listina, kara liste, feketelista, чёрный список, черный список, стоп лист,
    чорний список, 黑名单, 黑名單, ブラックリスト, 블랙리스트, القائمة السوداء, danh sách đen, không làm phiền,
    reservasjon, telemarkkinointikielto, kielto, μητρώο άρθρου 11, robinson, nix
    """
)
WHOLE_ALLOWING_NAMES = phrases(
    """
    calls, phone calls, telephone calls, phone marketing, telemarketing, anrufe, anruf, werbeanruf, werbeanrufe,
    telefonwerbung, telefonkontakt, appels, démarchage téléphonique, prospection telephonique, llamadas, ligacoes,
    chiamate, telefonate, telefoontjes, polaczenia, hivasok, звонки, дзвінки, aramalar, samtal, puhelut, apeluri,
    pozivi
    """
)
WHETHER_OR_NOT = stems("可否, 是否可, 가능여부, 동의여부, 수신여부")
WHOLE_NAMES = phrases(
    """
    blocked, baja, do not solicit, cease and desist, litigator, remove from list, removed, deceased, dead, exclude,
    excluded, gesperrt, verstorben, bloque, decede, bloqueado, fallecido, falecido, bloccato, deceduto, geblokkeerd,
    overleden, zablokowany, zmarly, zmarla, zablokowano, blokovano, zemrel, letiltva, elhunyt, engelli numara, vefat,
    заблокирован, умер, блокирован, blokkert, avliden, sparrad, dod, kuollut, estetty, 死亡, 차단, 사망
    """
)
REMARK_WORDS = phrases(
    """
    preference, preferences, preferred, praferenz, preferencia, preferenza, preference, status, disposition, outcome,
    result, stage, tag, tags, label, labels, note, notes, comment, comments, remark, remarks, segment, flag, flags,
    reason, statut, resultat, commentaire, remarque, estado, resultado, observaciones, comentarios, etiqueta,
    etiquetas, situacao, observacoes, stato, esito, nota, annotazioni, opmerking, opmerkingen, uwagi, wynik,
    megjegyzes, allapot, stav, poznamka, vysledek, durum, aciklama, sonuc, bemerkung, bemerkungen, kommentar,
    hinweis, ergebnis, notiz, anmerkung, статус, комментарий, примечание, результат, примітка, коментар, huomautus,
    tila, anteckning, merknad, stare, observatii, napomena, catatan, keterangan, κατασταση, σχολια
    """
)
REMARK_PARTS = stems(
    """
    status, 备注, 備註, 状态, 狀態, 備考, ステータス, 状況, 메모, 비고, 상태, trạng thái, ghi chú, الحالة, ملاحظ,
    סטטוס, הערות, สถานะ, หมายเหตุ
    """
)
OUT_OF_REACH = phrases(
    """
    email only, e mail only, only email, sms only, text only, post only, mail only, nur e mail, nur email,
    solo email, no phone, deceased, dead, wrong number, wrong person, wrong no, verstorben, falsche nummer, decede,
    decedee, faux numero, mauvais numero, fallecido, fallecida, numero equivocado, numero errado, falecido, falecida,
    deceduto, deceduta, numero sbagliato, numero errato, overleden, verkeerd nummer, zmarl, zmarly, zmarla,
    zly numer, bledny numer, zemrel, spatne cislo, elhunyt, rossz szam, vefat etti, yanlis numara, умер, умерла,
    неверный номер, не тот номер, неправильный номер, avliden, fel nummer, dod, feil nummer, forkert nummer, kuollut,
    vaara numero
    """
)
"""Remarks that say that the contact isn't reached by this number."""
