"""Workbooks written by hand, part by part: files that no library would write."""

import io
import struct
import zipfile

OOXML = "http://schemas.openxmlformats.org"
MAIN = f"{OOXML}/spreadsheetml/2006/main"
DOCUMENT = f"{OOXML}/officeDocument/2006/relationships"
PACKAGE = f"{OOXML}/package/2006"
XML = '<?xml version="1.0" encoding="UTF-8"?>'


def xlsx_parts(*sheets: str, strings: str = "", names: tuple[str, ...] = (), states: tuple[str, ...] = ()) -> dict[str, str]:
    """The parts of a workbook whose sheets have this XML inside `<worksheet>`."""
    names = names or tuple(f"Sheet{number}" for number in range(1, len(sheets) + 1))
    states = states or ("visible",) * len(sheets)
    book = "".join(
        f'<sheet name="{name}" sheetId="{number}" state="{state}" r:id="rId{number}"/>'
        for number, (name, state) in enumerate(zip(names, states, strict=True), start=1)
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{DOCUMENT}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": f'{XML}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": f'{XML}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>{book}</sheets></workbook>',
    }
    if strings:
        parts["xl/sharedStrings.xml"] = f'{XML}<sst xmlns="{MAIN}">{strings}</sst>'
        relations += f'<Relationship Id="rIdS" Type="{DOCUMENT}/sharedStrings" Target="sharedStrings.xml"/>'
    parts["xl/_rels/workbook.xml.rels"] = f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>'
    for number, sheet in enumerate(sheets, start=1):
        parts[f"xl/worksheets/sheet{number}.xml"] = f'{XML}<worksheet xmlns="{MAIN}">{sheet}</worksheet>'
    return parts


def zipped(parts: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def xlsx(*sheets: str, **options) -> bytes:
    return zipped(xlsx_parts(*sheets, **options))


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def number_cell(place: str, number: str) -> str:
    return f'<c r="{place}"><v>{number}</v></c>'


def contacts(rows: int, first: int = 2) -> str:
    """Rows of a phone and a name below a header, as in `<sheetData>`."""
    header = f'<row r="{first - 1}">{text_cell(f"A{first - 1}", "Phone")}{text_cell(f"B{first - 1}", "Name")}</row>'
    return header + "".join(
        f'<row r="{row}">{text_cell(f"A{row}", f"+44741500{row:04}")}{text_cell(f"B{row}", f"Name {row}")}</row>'
        for row in range(first, first + rows)
    )


def with_lied_sizes(archive: bytes, name: str, size: int) -> bytes:
    """The archive, with a false uncompressed size for a part in its directory and local header."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        offset = opened.getinfo(name).header_offset
    lied = bytearray(archive)
    struct.pack_into("<I", lied, offset + 22, size)
    at = lied.find(b"PK\x01\x02")
    while at >= 0:
        length = struct.unpack_from("<H", lied, at + 28)[0]
        if lied[at + 46 : at + 46 + length] == name.encode():
            struct.pack_into("<I", lied, at + 24, size)
        at = lied.find(b"PK\x01\x02", at + 4)
    return bytes(lied)
