"""How lines begin below a table: sums and counts, and what programs and people write under a list."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(" ".join(word.split()) for word in text.split(","))


SUMS = _words(
    """
    total, totals, sum, sums, subtotal, subtotals, sub total, grand total, count, row count, number of rows, average, mean,
    summe, zwischensumme, gesamt, gesamtsumme, insgesamt, anzahl, durchschnitt, mittelwert, totaux, somme, sous-total,
    moyenne, total général, suma, subtotales, total general, promedio, soma, subtotais, média, totale, totali, somma, media,
    subtotale, conteggio, totaal, subtotaal, aantal, gemiddelde, razem, łącznie, średnia, celkem, součet, spolu, súčet,
    összesen, összeg, totalt, summa, antal, antall, i alt, yhteensä, итого, всего, сумма, количество, среднее, разом,
    σύνολο, toplam, ara toplam, ukupno, skupaj, kokku, kopā, iš viso, 合计, 总计, 小计, 合計, 小計, 総計, 합계, 소계, 총계,
    المجموع, الإجمالي, مجموع, جمع, total geral, suma total, soma total, totale generale, totale complessivo, eindtotaal, suma
    końcowa, végösszeg, celkový součet, celkový súčet, genel toplam, общий итог, общая сумма, усього, загалом, всього, общо,
    ukupan zbroj, jumlah, tổng cộng, tổng, סה"כ, סה״כ, סהכ, รวม, รวมทั้งหมด, รวมทั้งสิ้น, 總計, 总和, 总数, 計
    """
)
ROWS = _words(
    """
    rows, records, contacts, leads, entries, items, results, zeilen, datensätze, kontakte, einträge, lignes, filas, registros,
    contactos, righe, contatti, rijen, wierszy
    """
)
BEGINNINGS = _words(
    """
    generated, exported, export date, printed, created by, report date, report generated, confidential, copyright, ©, page 1,
    page 2, end of, source:, filter:, filters:, filtered by, prepared by, data as of, as of, note:, notes:, records:, rows:,
    eof, erstellt am, erstellt von, exportiert, gedruckt, vertraulich, seite 1, quelle:, ende der, généré le, exporté,
    imprimé, confidentiel, édité le, fin de, generado, exportado, impreso, confidencial, página 1, gerado, generato,
    esportato, stampato, riservato, pagina 1, wygenerowano, wydrukowano, poufne, strona 1, gegenereerd, vertrouwelijk,
    отчет, отчёт, сформирован, страница 1, конец, printed on, last updated, druckdatum, export vom
    """
)
