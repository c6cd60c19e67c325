"""What people call the columns that say who must not be called, and what they write into them."""

from voisoadmin.contacts.synonyms import plain


def phrases(text: str) -> frozenset[str]:
    return frozenset(plain(phrase) for phrase in text.split(","))


BLOCKING = """
    dnc, dncr, dnd, do not call, donotcall, do not contact, do not phone, do not dial, do not telephone, dont call,
    dont contact, dont phone, never call, never contact, no call, no calls, no phone calls, no contact,
    not to be called, not callable, no telemarketing, opt out, opted out, optout, optedout, unsubscribe,
    unsubscribed, tps, ctps, tps registered, robinson, robinson list, call blocked, blacklist, blacklisted,
    suppressed, suppress, suppression, niet benaderen, ikke kontakt, ingen kontakt, 두낫콜, nicht anrufen,
    nicht kontaktieren, keine anrufe, kein anruf, anrufsperre, anruf gesperrt, kontaktsperre, werbesperre,
    telefonsperre, telefonisch gesperrt, robinsonliste, werbewiderspruch, widerspruch, ne pas appeler,
    ne pas contacter, ne plus appeler, pas d appel, bloctel, liste rouge, opposition, desinscrit, no llamar,
    no contactar, no molestar, lista robinson, baja telefonica, nao ligar, nao contactar, nao contatar, nao chamar,
    nao telefonar, nao perturbe, nao me perturbe, non chiamare, non contattare, non telefonare, registro opposizioni,
    registro delle opposizioni, niet bellen, niet contacteren, bel me niet, bel me niet register, geen oproepen,
    nie dzwonic, nie kontaktowac, zakaz kontaktu, zakaz dzwonienia, sprzeciw, ring inte, ring ej, kontakta inte,
    kontakta ej, nix, nix registret, ring ikke, ikke ring, ma ikke kontaktes, reservert, ala soita, ei saa soittaa,
    ei puheluita, soittokielto, kielto, nevolat, nekontaktovat, zakaz volani, ne hivd, ne hivjuk, nem hivhato,
    ne keresse, tilto lista, tiltolista, nu apela, nu sunati, nu suna, nu contacta, aramayin, aranmasin,
    aranmasin mi, arama yapma, не звонить, не беспокоить, не связываться, не дзвонити, не телефонувати, не турбувати,
    να μην κληθει, μην καλειτε, ne zvati, ne zovi, ne klici, ne klicati, neskambinti, nezvanit, mitte helistada,
    不要致电, 请勿致电, 请勿拨打, 勿打, 勿扰, 拒接, 架電禁止, 架電不可, 電話不可, 電話禁止, 전화금지, 전화 금지,
    연락금지, 수신거부, 수신 거부, لا تتصل, عدم الاتصال, לא להתקשר, khong goi
    """
ALLOWING = """
    consent, consented, call consent, phone consent, opt in, opted in, optin, optedin, may call, can call,
    can be called, ok to call, okay to call, allow calls, call allowed, calls allowed, permission,
    contact permission, call permission, einwilligung, zustimmung, anruf erlaubt, anrufe erlaubt,
    darf angerufen werden, telefon erlaubt, werbeeinwilligung, anruferlaubnis, einverstanden, consentement,
    peut etre appele, appel autorise, accord appel, consentimiento, acepta llamadas, autoriza llamadas, puede llamar,
    consentimento, aceita ligacoes, autoriza contacto, autoriza contato, consenso, consenso telefonate,
    consenso marketing, toestemming, mag bellen, mag gebeld worden, zgoda, zgoda na kontakt, zgoda na telefon,
    samtycke, samtykke, suostumus, soittolupa, souhlas, suhlas, hozzajarulas, consimtamant, acord apel, riza,
    arama izni, accepts marketing, marketing opt in, marketing permission, marketing allowed, согласие,
    согласие на звонок, згода, згода на дзвінок, συγκαταθεση, συναινεση, privola, pristanak, soglasje, sutikimas,
    piekrisana, nousolek, 同意, 可致电, 架電可, 電話可, 동의, 수신동의, موافقة, הסכמה, dong y
    """
OTHER_CHANNELS = phrases(
    """email, emails, e, mail, mails, mailing, sms, text, texts, texting, post, postal, letter, letters, fax, newsletter,
    newsletters, whatsapp, brief, briefe, correo, courriel, courrier, lettera, posta, brev, kirje, push, cookies"""
)
CALLS = phrases(
    """call, calls, called, calling, phone, telephone, telefon, telefono, tel, dial, anrufen, anruf, anrufe, appeler, appel,
    llamar, llamadas, ligar, chamar, chiamare, bellen, dzwonic, ring, ringe, soita, volat"""
)
DESCRIBING = phrases("date, datum, time, timestamp, at, since, ip, source, reason, grund, by, method, text, id, type, count")
"""Words of columns that describe a flag: when it was set, and why."""

SAYS_NO_CALLS = phrases(
    """
    dnc, do not call, do not contact, opted out, opt out, optout, unsubscribed, revoked, withdrawn, refused, denied,
    declined, blocked, stop, never, no calls, widerrufen, abgelehnt, gesperrt, refuse, rechazado, recusado,
    rifiutato, geweigerd, odmowa, restricted, unerwunscht, refusee, refusees, ret, しない, 不要, do not allow,
    not allowed, no permission, opt out requested, nicht erlaubt, nicht einverstanden, non autorise, no autorizado,
    nao autorizado, non autorizzato, niet toegestaan, brak zgody, nesouhlasi, запрещено, отказ, 不可, 禁止, 拒绝,
    拒絶, 不同意, ng, 미동의, 거부, 불가, 거절, رفض, مرفوض
    """
)
SAYS_CALL = phrases(
    """
    opted in, opt in, optin, subscribed, granted, given, allowed, accepted, callable, can call, ok, okay, erteilt,
    erlaubt, accepte, aceptado, aceito, concesso, accettato, gegeven, allow, einverstanden, autorise, autorizado,
    autorizzato, toegestaan, souhlasi, разрешено, согласен, согласна, 可, 允许, 許可, 同意, 동의, 가능, 허용, موافق,
    erwunscht, acceptee, onay, する, non dnd, not listed, clear, not registered, not on list
    """
)
NOT_FILLED = frozenset({"", "n a", "na", "none", "null", "nan"})
