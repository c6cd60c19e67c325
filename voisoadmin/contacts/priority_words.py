"""Priorities in words, stars or letters, as other programs write them. The lowest number goes first in Voiso."""

import re

from voisoadmin.contacts.synonyms import plain

HIGHEST, HIGH, NORMAL, LOW, LOWEST = range(1, 6)
WORDS = {
    HIGHEST: """highest, very high, urgent, critical, top, top priority, asap, immediate, emergency, blocker, sehr hoch,
        höchste, dringend, kritisch, sofort, eilig, très haute, très élevée, urgente, critique, muy alta, crítica,
        altissima, urgentissimo, critica, molto alta, muito alta, zeer hoog, spoed, bardzo wysoki, pilne, pilny, krytyczny,
        brådskande, mycket hög, kritisk, haster, meget høj, hastende, kiireellinen, kriittinen, urgentní, kritická, sürgős,
        acil, kritik, срочно, срочный, критический, очень высокий, терміново, критичний, επείγον, sürgos, foarte ridicată,
        hitno, 紧急, 非常高, 緊急, 至急, 最高, 긴급, 매우 높음, khẩn cấp, عاجل, דחוף, קריטי, ด่วน, mendesak""",
    HIGH: """high, hot, important, major, hoch, wichtig, haute, haut, élevée, élevé, importante, alta, alto, elevata, hoog,
        wysoki, wysoka, wysoki priorytet, hög, høj, høy, korkea, tärkeä, vysoká, vysoký, magas, fontos, ridicată, mare,
        yüksek, высокий, высокая, высоко, важно, висок, висока, високий, υψηλή, υψηλό, visok, visoka, kõrge, augsta, augsts,
        aukštas, aukšta, 高, 높음, cao, عالية, عالي, גבוה, גבוהה, สูง, tinggi, उच्च""",
    NORMAL: """normal, medium, middle, mid, standard, moderate, regular, average, default, warm, mittel, mittlere, normale,
        moyenne, moyen, media, medio, média, médio, normaal, gemiddeld, middel, średni, średnia, normalny, zwykły, medel,
        mellan, mellem, middels, keskitaso, normaali, střední, normální, stredná, normálna, közepes, normál, medie, orta,
        средний, средняя, обычный, нормальный, средно, среден, середній, звичайний, μεσαία, κανονική, srednji, srednja,
        keskmine, vidēja, vidējs, vidutinis, 中, 普通, 中等, 一般, 標準, 보통, 중간, trung bình, bình thường, متوسطة, متوسط,
        عادي, בינוני, רגיל, ปานกลาง, ปกติ, sedang""",
    LOW: """low, minor, cold, niedrig, gering, basse, bas, faible, baja, bajo, bassa, basso, baixa, baixo, laag, niski,
        niska, låg, lav, matala, nízká, nízký, nízka, alacsony, scăzută, mică, düşük, düşük öncelik, низкий, низкая, нисък,
        ниско, низький, χαμηλή, nizak, niska, nizka, madal, zema, zems, žemas, žema, 低, 낮음, thấp, منخفضة, منخفض, נמוך,
        נמוכה, ต่ำ, rendah""",
    LOWEST: """lowest, very low, trivial, sehr niedrig, très basse, très faible, muy baja, molto bassa, muito baixa,
        zeer laag, bardzo niski, mycket låg, meget lav, очень низкий, 非常低, 最低, 매우 낮음, rất thấp""",
}
RANKS = {plain(word): rank for rank, words in WORDS.items() for word in words.split(",")}
MOST_STARS = 5
STARS = re.compile(r"([★⭐*]\ufe0f?\s*){1,5}[☆\s]*")
NUMBERED = re.compile(r"(?:p|prio|priority)?\s*([0-9])(?:\s*[-–:.)(/]\s*\D{1,40}|(?<=[Pp]\d))?", re.IGNORECASE)
"""“1 - urgent”, “P2”, “prio 3”, “2: high”: the number ranks, whatever word follows it."""
LONGEST = 60


def priority_of_word(text: str) -> int | None:
    """The number for a priority that isn't written as one; None if it isn't a priority."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        return None
    rank = RANKS.get(plain(text))
    if rank is not None:
        return rank
    if STARS.fullmatch(text):
        return MOST_STARS + 1 - sum(char in "★⭐*" for char in text)
    numbered = NUMBERED.fullmatch(text)
    return int(numbered[1]) if numbered else None
