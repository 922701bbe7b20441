"""Makes the gallery again: one folder a habit or a fault, its files, what they must yield. See README.md.

The expectations are written here by hand, from the issue and the domain reference; no reader is asked.
People are synthetic; their check digits are right where nothing else is said.
"""

import datetime
import io
import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib

import docx
import msoffcrypto
import odf.opendocument
import odf.table
import odf.text
import olefile
import openpyxl
import pandas
import pyarrow
import pyarrow.parquet
import pyexcel_ods
import xlsxwriter
import xlwt

HERE = pathlib.Path(__file__).resolve().parent
SCRATCH = pathlib.Path(tempfile.mkdtemp())
SHEETJS, OFFICE = [], []


# --- people -----------------------------------------------------------------------------------------------------------


def whole(seventeen):
    """The number with its check digit (GB 11643)."""
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return seventeen + "10X98765432"[sum(w * int(d) for w, d in zip(weights, seventeen)) % 11]


def ending_in_x(stem):
    """A number on this stem of 14 whose check is X."""
    return next(n for n in (whole(f"{stem}{k:03}") for k in range(1, 999)) if n.endswith("X"))


ZHANG, LI, OUYANG = whole("43032119750312001"), whole("43032119820715002"), ending_in_x("43032119901023")
ZHAO, SUN, WU = whole("43032119690104003"), whole("43032120010530012"), ending_in_x("43032119550809")
HEADER = ["序号", "姓名", "身份证号", "乡镇", "村"]
PEOPLE = [
    [1, "张建国", ZHANG, "易俗河镇", "烟塘村"],
    [2, "李秀英", LI, "谭家山镇", "双扬村"],
    [3, "欧阳雪梅", OUYANG, "易俗河镇", "郭家桥社区"],
]
PLAIN = [HEADER] + PEOPLE
FIELDS = ["row", "serial", "name", "id", "township", "village"]


def expected(first, people=PEOPLE):
    return [FIELDS] + [[first + n] + row for n, row in enumerate(people)]


# --- a case -----------------------------------------------------------------------------------------------------------


class Case:
    """A folder: `case.toml`, perhaps `expected.csv` and `typed.csv`, and the files."""

    def __init__(self, name, toml, expected=None, typed=None):
        self.folder = HERE / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        (self.folder / "case.toml").write_text(toml.strip() + "\n", encoding="utf-8")
        for file, table in [("expected.csv", expected), ("typed.csv", typed)]:
            if table is not None:
                (self.folder / file).write_text(separated(table), encoding="utf-8")

    def __truediv__(self, file):
        return self.folder / file

    def bytes(self, file, bytes):
        (self / file).write_bytes(bytes)
        return self

    def text(self, file, text, encoding="utf-8"):
        return self.bytes(file, text.encode(encoding))


def separated(table, separator=",", end="\n"):
    def cell(value):
        text = "" if value is None else str(value)
        return '"' + text.replace('"', '""') + '"' if re.search(f'["\r\n{re.escape(separator)}]', text) else text

    return "".join(separator.join(cell(value) for value in row) + end for row in table)


class Sheet:
    def __init__(self, grid, name="Sheet1", merges=(), hidden_rows=(), hidden_columns=(), hidden=False):
        self.grid, self.name, self.merges = grid, name, list(merges)  # merges: (row, column, row, column) from 0
        self.hidden_rows, self.hidden_columns, self.hidden = list(hidden_rows), list(hidden_columns), hidden


def sheets(of):
    return [of if isinstance(of, Sheet) else Sheet(of)] if not (isinstance(of, list) and of and isinstance(of[0], Sheet)) else of


# --- the writers --------------------------------------------------------------------------------------------------------


def by_openpyxl(path, of, change=None):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for one in sheets(of):
        sheet = book.create_sheet(one.name)
        for r, row in enumerate(one.grid, 1):
            for c, value in enumerate(row, 1):
                if value not in ("", None):
                    sheet.cell(r, c, value)
        for r1, c1, r2, c2 in one.merges:
            sheet.merge_cells(start_row=r1 + 1, start_column=c1 + 1, end_row=r2 + 1, end_column=c2 + 1)
        for r in one.hidden_rows:
            sheet.row_dimensions[r + 1].hidden = True
        for c in one.hidden_columns:
            sheet.column_dimensions[openpyxl.utils.get_column_letter(c + 1)].hidden = True
        if one.hidden:
            sheet.sheet_state = "hidden"
    if change:
        change(book)
    book.save(path)
    return path


def by_xlsxwriter(path, of, options=None):
    book = xlsxwriter.Workbook(str(path), options or {})
    for one in sheets(of):
        sheet = book.add_worksheet(one.name)
        for r1, c1, r2, c2 in one.merges:
            sheet.merge_range(r1, c1, r2, c2, "")
        for r, row in enumerate(one.grid):
            for c, value in enumerate(row):
                if value not in ("", None):
                    sheet.write_string(r, c, value) if isinstance(value, str) else sheet.write(r, c, value)
        for r in one.hidden_rows:
            sheet.set_row(r, None, None, {"hidden": True})
        for c in one.hidden_columns:
            sheet.set_column(c, c, None, None, {"hidden": True})
        if one.hidden:
            sheet.hide()
    book.close()
    return path


def by_xlwt(path, of, change=None):
    book = xlwt.Workbook(encoding="utf-8")
    for one in sheets(of):
        sheet = book.add_sheet(one.name, cell_overwrite_ok=True)
        for r1, c1, r2, c2 in one.merges:
            sheet.merge(r1, r2, c1, c2)
        for r, row in enumerate(one.grid):
            for c, value in enumerate(row):
                if value not in ("", None):
                    sheet.write(r, c, value)
        for r in one.hidden_rows:
            sheet.row(r).hidden = True
        for c in one.hidden_columns:
            sheet.col(c).hidden = True
        if one.hidden:
            sheet.visibility = 1
    if change:
        change(book)
    book.save(str(path))
    return path


def by_pyexcel(path, of):
    memory = io.BytesIO()  # its own choice of writer goes by the ending
    pyexcel_ods.save_data(memory, {one.name: one.grid for one in sheets(of)})
    path.write_bytes(memory.getvalue())


def by_odfpy(path, of, repeated=None, collapse=False):
    """Rows alike are written once with a count, as some programs do; `repeated` blank rows and columns at the end."""
    book = odf.opendocument.OpenDocumentSpreadsheet()
    for one in sheets(of):
        table = odf.table.Table(name=one.name)
        for r, row in enumerate(one.grid):
            hidden = {"visibility": "collapse"} if r in one.hidden_rows else {}
            line = odf.table.TableRow(**hidden)
            c = 0
            while c < len(row):
                value, times = row[c], 1
                while collapse and c + times < len(row) and row[c + times] == value:
                    times += 1
                more = {"numbercolumnsrepeated": times} if times > 1 else {}
                if value in ("", None):
                    cell = odf.table.TableCell(**more)
                elif isinstance(value, (int, float)):
                    cell = odf.table.TableCell(valuetype="float", value=value, **more)
                    cell.addElement(odf.text.P(text=str(value)))
                else:
                    cell = odf.table.TableCell(valuetype="string", **more)
                    for line_of_text in value.split("\n"):
                        cell.addElement(odf.text.P(text=line_of_text))
                line.addElement(cell)
                c += times
            if repeated:
                line.addElement(odf.table.TableCell(numbercolumnsrepeated=repeated[1]))
            table.addElement(line)
        if repeated:
            line = odf.table.TableRow(numberrowsrepeated=repeated[0])
            line.addElement(odf.table.TableCell(numbercolumnsrepeated=repeated[1]))
            table.addElement(line)
        book.spreadsheet.addElement(table)
    book.save(str(path))


def by_sheetjs(path, kind, of, options=None, dates=()):
    """Ordered now, written in one go at the end."""
    SHEETJS.append(
        {
            "out": str(path),
            "type": kind,
            "options": options or {},
            "sheets": [
                {
                    "name": one.name,
                    "grid": one.grid,
                    "merges": one.merges,
                    "hidden_rows": one.hidden_rows,
                    "hidden_columns": one.hidden_columns,
                    "hidden": one.hidden,
                    "dates": list(dates),
                }
                for one in sheets(of)
            ],
        }
    )


def lengthened(part):
    """A sheet part of xlsb with every cell in full (type 1–7, its column told), as Excel writes them; SheetJS writes the
    cells behind the first of a row short (type 12–18, the column counted on)."""
    out, at, column = bytearray(), 0, 0
    while at < len(part):
        start, kind = at, part[at]
        at += 1
        if kind & 0x80:
            kind, at = (kind & 0x7F) | part[at] << 7, at + 1
        length = shift = 0
        while True:
            length, shift, at = length | (part[at] & 0x7F) << shift, shift + 7, at + 1
            if not part[at - 1] & 0x80:
                break
        body = part[at : at + length]
        if 1 <= kind <= 11:
            (column,) = struct.unpack_from("<I", body)
        if 12 <= kind <= 18:
            column += 1
            body = struct.pack("<I", column) + body
            size = len(body)
            out += bytes([kind - 11]) + (bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])) + body
        else:
            out += part[start : at + length]
        at += length
    return bytes(out)


def by_office(path, source, form=None):
    """LibreOffice opens `source` (a workbook) and saves it as `path`. Ordered now, done in one go a form."""
    OFFICE.append((pathlib.Path(path), pathlib.Path(source), form or path.suffix[1:]))


def from_xlsx(of, change=None):
    """A workbook for LibreOffice to open."""
    return by_openpyxl(SCRATCH / f"{len(list(SCRATCH.iterdir()))}.xlsx", of, change)


def everywhere(case, of, xlsx=True, xls=True, ods=True, xlsb=False, office=False):
    """The same sheets by the usual writers; `office`: xls by LibreOffice too."""
    if xlsx:
        by_openpyxl(case / "openpyxl.xlsx", of)
    if xls:
        by_xlwt(case / "xlwt.xls", of)
    if xlsb:
        by_sheetjs(case / "sheetjs.xlsb", "xlsb", of)
    source = from_xlsx(of)
    if office:
        by_office(case / "office.xls", source)
    if ods:
        by_office(case / "office.ods", source)


def finish():
    if SHEETJS:
        orders = SCRATCH / "orders.json"
        orders.write_text(json.dumps(SHEETJS, ensure_ascii=False), encoding="utf-8")
        subprocess.run(["node", str(HERE / "make.js"), str(orders)], check=True)
    for path in [pathlib.Path(order["out"]) for order in SHEETJS if order["type"] == "xlsb" and "short" not in order["out"]]:
        with zipfile.ZipFile(path) as archive:
            parts = [part for part in archive.namelist() if part.startswith("xl/worksheets/sheet")]
        rezip(path, SCRATCH / "long.xlsb", {part: lengthened for part in parts})
        shutil.copy(SCRATCH / "long.xlsb", path)
    forms = sorted({form for _, _, form in OFFICE})
    for form in forms:
        jobs = [(path, source) for path, source, of in OFFICE if of == form]
        inbox, outbox = SCRATCH / f"in-{len(form)}-{form[:4].strip()}", SCRATCH / f"out-{len(form)}-{form[:4].strip()}"
        inbox.mkdir()
        copies = []
        for n, (_, source) in enumerate(jobs):
            copy = inbox / f"{n}{source.suffix}"
            shutil.copy(source, copy)
            copies.append(str(copy))
        profile = f"-env:UserInstallation={(SCRATCH / 'profile').as_uri()}"
        convert = ["soffice", profile, "--headless", "--convert-to", form, "--outdir", str(outbox)]
        subprocess.run(convert + copies, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        suffix = form.split(":")[0]
        for n, (path, _) in enumerate(jobs):
            made = outbox / f"{n}.{suffix}"
            if suffix == "ods":  # without the picture of the first page and the empty folders, which are most of the file
                with zipfile.ZipFile(made) as archive:
                    surplus = [part for part in archive.namelist() if part.startswith(("Thumbnails", "Configurations2"))]
                rezip(made, path, drop=surplus)
            else:
                shutil.copy(made, path)


# --- archives by hand -----------------------------------------------------------------------------------------------------


def rezip(source, target, change=None, add=None, drop=(), rename=None):
    """A zip with some parts changed, added, dropped or renamed; checksums right."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = entry.filename
            if part in drop:
                continue
            bytes = old.read(part)
            if change and part in change:
                bytes = change[part](bytes)
            new.writestr((rename or {}).get(part, part), bytes, entry.compress_type)
        for part, bytes in (add or {}).items():
            new.writestr(part, bytes)


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def raw_xlsx(path, sheet, shared=None, prefix="", absolute=False, styles=None):
    """The least of an xlsx around a worksheet part written by hand."""
    p = prefix + ":" if prefix else ""
    xmlns = f'xmlns:{prefix}="{MAIN}"' if prefix else f'xmlns="{MAIN}"'
    at = "/xl/" if absolute else ""
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    more = {"sharedStrings": shared, "styles": styles}
    links = [f'<Relationship Id="rId1" Type="{LINKS}/worksheet" Target="{at}worksheets/sheet1.xml"/>']
    types = [f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}worksheet+xml"/>']
    for n, (part, bytes) in enumerate(more.items(), 2):
        if bytes:
            links.append(f'<Relationship Id="rId{n}" Type="{LINKS}/{part}" Target="{at}{part}.xml"/>')
            types.append(f'<Override PartName="/xl/{part}.xml" ContentType="{kinds}{part}+xml"/>')
    parts = {
        "[Content_Types].xml": f'{head}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
        f'"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType='
        f'"{kinds}sheet.main+xml"/>{"".join(types)}</Types>',
        "_rels/.rels": f'{head}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type='
        f'"{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="{PACKAGE}/relationships">{"".join(links)}</Relationships>',
        "xl/workbook.xml": f'{head}<{p}workbook {xmlns} xmlns:r="{LINKS}"><{p}sheets><{p}sheet name="Sheet1" sheetId="1" '
        f'r:id="rId1"/></{p}sheets></{p}workbook>',
        "xl/worksheets/sheet1.xml": sheet,
        **{f"xl/{part}.xml": bytes for part, bytes in more.items() if bytes},
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, text in parts.items():
            archive.writestr(part, text)


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def inline(grid, places=True, prefix="", order=None, before="", after="", start=""):
    """A worksheet part with the texts in the cells; without `places` no cell says where it is."""
    p = prefix + ":" if prefix else ""
    xmlns = f'xmlns:{prefix}="{MAIN}"' if prefix else f'xmlns="{MAIN}"'
    rows = []
    for r, row in enumerate(grid, 1):
        cells = ""
        for c, value in enumerate(row):
            at = f' r="{openpyxl.utils.get_column_letter(c + 1)}{r}"' if places else ""
            if isinstance(value, (int, float)):
                cells += f"<{p}c{at}><{p}v>{value}</{p}v></{p}c>"
            elif value:
                cells += f'<{p}c{at} t="inlineStr"><{p}is><{p}t>{escaped(value)}</{p}t></{p}is></{p}c>'
            elif not places:
                cells += f"<{p}c/>"
        rows.append(f"<{p}row{f' r={chr(34)}{r}{chr(34)}' if places else ''}>{cells}</{p}row>")
    rows = [rows[n] for n in order] if order else rows
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{start}<{p}worksheet {xmlns}>{before}'
        f'<{p}sheetData>{"".join(rows)}{after}</{p}sheetData></{p}worksheet>'
    )


def html(grid, charset="utf-8", before="", after="", spans=None):
    rows = ""
    for r, row in enumerate(grid):
        cells = ""
        for c, value in enumerate(row):
            span = (spans or {}).get((r, c), "")
            if span is not None:
                tag = "th" if r == 0 else "td"
                cells += f"<{tag}{span}>{value}</{tag}>"
        rows += f"<tr>{cells}</tr>\n"
    return (
        f'<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">\n'
        f'<head><meta http-equiv="Content-Type" content="text/html; charset={charset}"><style>td {{mso-number-format:"\\@";}}'
        f"</style></head>\n<body>{before}<table border=1>\n{rows}</table>{after}</body></html>\n"
    )


# --- formats --------------------------------------------------------------------------------------------------------------


def formats():
    case = Case("01-xlsx-by-several-writers", 'habit = "xlsx, as four programs write it"\n[fates]\nheading = 1', expected(2))
    by_openpyxl(case / "openpyxl.xlsx", PLAIN)
    by_xlsxwriter(case / "xlsxwriter.xlsx", PLAIN)
    by_xlsxwriter(case / "streamed.xlsx", PLAIN, {"constant_memory": True})
    by_office(case / "office.xlsx", from_xlsx(PLAIN), "xlsx:Calc MS Excel 2007 XML")
    by_sheetjs(case / "sheetjs.xlsx", "xlsx", PLAIN, {"bookSST": True})
    pandas.DataFrame(PEOPLE, columns=HEADER).to_excel(case / "pandas.xlsx", index=False)

    case = Case("02-xlsm", 'habit = "a workbook with macros allowed, and its ending changed"\n[fates]\nheading = 1', expected(2))
    by_sheetjs(case / "sheetjs.xlsm", "xlsm", PLAIN)
    by_sheetjs(case / "macros-named.xls", "xlsm", PLAIN)
    by_openpyxl(case / "named.csv", PLAIN)

    case = Case("03-xlsb", 'habit = "the binary workbook that large exports are saved as"\n[fates]\nheading = 1', expected(2))
    by_sheetjs(case / "sheetjs.xlsb", "xlsb", PLAIN)
    by_sheetjs(case / "shared-texts.xlsb", "xlsb", PLAIN, {"bookSST": True})
    by_sheetjs(case / "short-records.xlsb", "xlsb", PLAIN)
    by_sheetjs(case / "short-records-shared-texts.xlsb", "xlsb", PLAIN, {"bookSST": True})
    by_sheetjs(case / "named.xlsx", "xlsb", PLAIN)

    case = Case("04-xls", 'habit = "the old binary workbook of office systems, as three programs write it"\n[fates]\nheading = 1', expected(2))
    by_xlwt(case / "xlwt.xls", PLAIN)
    by_office(case / "office.xls", from_xlsx(PLAIN))
    by_sheetjs(case / "sheetjs-biff8.xls", "biff8", PLAIN)
    by_xlwt(case / "named.xlsx", PLAIN)
    by_xlwt(case / "et-of-wps.et", PLAIN)

    case = Case(
        "05-xls-of-excel-95-and-older",
        'habit = "formats before Excel 97: the table, or a refusal that says so"\nor_refused = true\n[fates]\nheading = 1',
        expected(2),
    )
    by_sheetjs(case / "biff5.xls", "biff5", PLAIN, {"codepage": 936})
    by_sheetjs(case / "biff2.xls", "biff2", PLAIN, {"codepage": 936})

    case = Case("06-ods", 'habit = "ods, as four programs write it"\n[fates]\nheading = 1', expected(2))
    by_office(case / "office.ods", from_xlsx(PLAIN))
    by_pyexcel(case / "pyexcel.ods", PLAIN)
    by_odfpy(case / "odfpy.ods", PLAIN)
    by_sheetjs(case / "sheetjs.ods", "ods", PLAIN)
    by_pyexcel(case / "named.xls", PLAIN)

    rows = PEOPLE[:2] + [[3, "欧阳雪梅", OUYANG, "易俗河镇", "易俗河镇"]]
    case = Case(
        "07-ods-with-repeats",
        'habit = "ods writes equal cells and the empty rest of a sheet once, with a count"\n[fates]\nheading = 1',
        expected(2, rows),
    )
    by_odfpy(case / "odfpy.ods", [HEADER] + rows, repeated=(1_048_000, 16_000), collapse=True)

    case = Case("08-html-named-xls", 'habit = "a web page under the name .xls"\n[fates]\nheading = 1', expected(2))
    case.text("utf-8.xls", html(PLAIN))
    case.text("bom.xls", html(PLAIN), "utf-8-sig")
    case.text("gb2312.xls", html(PLAIN, "gb2312"), "gb18030")
    case.text("no-charset-gbk.xls", html(PLAIN).replace('<meta http-equiv="Content-Type" content="text/html; charset=utf-8">', ""), "gb18030")
    case.text("utf-16.xls", html(PLAIN, "unicode"), "utf-16")
    case.text("bare-table.xls", html(PLAIN)[html(PLAIN).index("<table") : html(PLAIN).index("</body>")])
    case.text("upper-case.xls", re.sub(r"</?[a-z]+", lambda m: m[0].upper(), html(PLAIN)))
    case.text("unclosed.xls", re.sub(r"</t[dhr]>", "", html(PLAIN)))
    case.text("marked-up.xls", html([HEADER] + [[n, f"<b>{a[0]}</b>{a[1:]}", f"<span>{b}</span>", f"&nbsp;{c}&#160;", f" {d}<!-- x -->\n"] for n, a, b, c, d in PEOPLE]))
    by_sheetjs(case / "sheetjs.xls", "html", PLAIN)
    by_office(case / "office.html", from_xlsx(PLAIN), "html")

    case = Case("09-spreadsheet-2003-xml", 'habit = "the XML workbook of Excel 2003, under the name .xls or .xml"\n[fates]\nheading = 1', expected(2))
    by_sheetjs(case / "sheetjs.xls", "xlml", PLAIN)

    text = separated(PLAIN)
    toml = 'habit = "separated text: encodings, separators, line ends, whatever the name"\n[fates]\nheading = 1\n[encodings]\n'
    files = {
        "utf-8.csv": (text, "utf-8", "UTF-8"),
        "bom.csv": (text, "utf-8-sig", "UTF-8 BOM"),
        "gb18030.csv": (text, "gb18030", "GB18030"),
        "gbk.txt": (text.replace(",", "\t"), "gbk", "GB18030"),
        "semicolon.csv": (text.replace(",", ";"), "utf-8", "UTF-8"),
        "bar.txt": (text.replace(",", "|"), "gbk", "GB18030"),
        "tab.tsv": (text.replace(",", "\t"), "utf-8", "UTF-8"),
        "unicode-text.txt": ("\ufeff" + text.replace(",", "\t").replace("\n", "\r\n"), "utf-16-le", "UTF-16"),
        "utf-16-be.csv": ("\ufeff" + text, "utf-16-be", "UTF-16"),
        "named.xls": (text.replace(",", "\t"), "gbk", "GB18030"),
        "named.xlsx": (text, "utf-8-sig", "UTF-8 BOM"),
        "old-mac.csv": (text.replace("\n", "\r"), "utf-8", "UTF-8"),
        "windows.csv": (text.replace("\n", "\r\n").rstrip(), "gbk", "GB18030"),
        "all-quoted.csv": (re.sub(r"[^,\n]+", lambda m: f'"{m[0]}"', text), "utf-8", "UTF-8"),
    }
    case = Case("10-text", toml + "\n".join(f'"{file}" = "{name}"' for file, (_, _, name) in files.items()), expected(2))
    for file, (text, encoding, _) in files.items():
        case.bytes(file, text.encode(encoding))

    case = Case("11-text-utf-16-without-bom", 'habit = "UTF-16 without its mark: the table, or a refusal that says so"\nor_refused = true\n[fates]\nheading = 1', expected(2))
    case.text("le.txt", separated(PLAIN, "\t"), "utf-16-le").text("be.txt", separated(PLAIN, "\t"), "utf-16-be")

    people = [["1", "歐陽雪梅", OUYANG], ["2", "張建國", ZHANG], ["3", "葉麗華", LI], ["4", "陳國榮", ZHAO], ["5", "羅志強", SUN]]
    header = ["編號", "姓名", "證件號碼"]
    case = Case(
        "12-text-big5",
        'habit = "Big5 text, its headers settled by the pipeline"\ncolumns = { id = "證件號碼" }\npartial = true\n[fates]\nheading = 1\n[encodings]\n"big5.csv" = "Big5"',
        [["row", "name", "id"]] + [[2 + n, row[1], row[2]] for n, row in enumerate(people)],
    )
    case.text("big5.csv", separated([header] + people, end="\r\n"), "big5")

    frame = pandas.DataFrame([[str(a), b, c, d, e] for a, b, c, d, e in PEOPLE], columns=HEADER)
    case = Case("13-parquet", 'habit = "parquet: its names are the header, its first row is row 1"\n[encodings]\n"pandas.parquet" = "parquet"', expected(1))
    frame.to_parquet(case / "pandas.parquet")
    table = pyarrow.table({name: pyarrow.array([row[n] for row in PEOPLE]) for n, name in enumerate(HEADER)})
    pyarrow.parquet.write_table(table, case / "numbers-dictionary-zstd.parquet", compression="zstd", row_group_size=2)
    strings = {name: pyarrow.array([str(row[n]) for row in PEOPLE]).dictionary_encode() for n, name in enumerate(HEADER)}
    pyarrow.parquet.write_table(pyarrow.table(strings), case / "categories.parquet", compression="gzip")
    pyarrow.parquet.write_table(table.cast(pyarrow.schema([(n, pyarrow.large_string()) for n in HEADER])), case / "large-texts.csv")

    case = Case("14-text-with-sep-line", 'habit = "Excel\'s own first line sep=; before the header"\n[fates]\nheading = 2', expected(3))
    case.text("sep.csv", "sep=;\r\n" + separated(PLAIN, ";", "\r\n"), "gb18030")

    case = Case("15-wide-xml-habits", 'habit = "worksheet parts as other libraries write them"\n[fates]\nheading = 1', expected(2))
    raw_xlsx(case / "without-places.xlsx", inline(PLAIN, places=False))
    raw_xlsx(case / "with-prefix.xlsx", inline(PLAIN, prefix="x"), prefix="x")
    raw_xlsx(case / "absolute-targets.xlsx", inline(PLAIN), absolute=True)
    dimension = '<dimension ref="A1:XFD1048576"/>'
    raw_xlsx(case / "claims-the-whole-sheet.xlsx", inline(PLAIN, before=dimension))
    raw_xlsx(case / "claims-nothing.xlsx", inline(PLAIN, before='<dimension ref="A1"/>'))
    raw_xlsx(case / "utf-8-bom.xlsx", "\ufeff" + inline(PLAIN))
    wide = "".join(f'<row r="{n}" spans="1:16384" ht="14" customHeight="1"/>' for n in range(5, 900))
    raw_xlsx(case / "formatted-below.xlsx", inline(PLAIN, after=wide))
    texts = list(dict.fromkeys(cell for row in PLAIN for cell in row if isinstance(cell, str)))
    body = inline([[texts.index(cell) + 0.0 if isinstance(cell, str) else cell for cell in row] for row in PLAIN])
    body = re.sub(r"<c( r=\"[A-Z]+\d+\")><v>(\d+)\.0</v>", r'<c\1 t="s"><v>\2</v>', body)
    rich = "".join(
        f'<si><r><t>{t[0]}</t></r><r><rPr><b/></rPr><t xml:space="preserve">{t[1:]}</t></r><rPh sb="0" eb="1"><t>pin yin</t></rPh><phoneticPr fontId="1"/></si>'
        for t in texts
    )
    raw_xlsx(case / "rich-and-phonetic.xlsx", body, shared=f'<sst xmlns="{MAIN}" count="{len(texts)}" uniqueCount="{len(texts)}">{rich}</sst>')
    plain = "".join(f"<si><t>{t}</t></si>" for t in texts)
    raw_xlsx(case / "counts-too-high.xlsx", body, shared=f'<sst xmlns="{MAIN}" count="900" uniqueCount="300">{plain}</sst>')
    raw_xlsx(case / "counts-too-low.xlsx", body, shared=f'<sst xmlns="{MAIN}" count="1" uniqueCount="1">{plain}</sst>')
    raw_xlsx(SCRATCH / "counts-lie.xlsx", body, shared=f'<sst xmlns="{MAIN}" count="4294967295" uniqueCount="4294967295">{plain}</sst>')

    case = Case("16-xlsx-of-odd-archives", 'habit = "archives that are not quite as the standard says: the table, or a refusal"\nor_refused = true\n[fates]\nheading = 1', expected(2))
    plain = by_openpyxl(SCRATCH / "odd.xlsx", PLAIN)
    with zipfile.ZipFile(plain) as archive:
        names = archive.namelist()
    rezip(plain, case / "backslashes.xlsx", rename={n: n.replace("/", "\\") for n in names})
    rezip(plain, case / "upper-case.xlsx", rename={n: n.replace("sheet1.xml", "Sheet1.xml") for n in names})
    rezip(plain, case / "strict.xlsx", {n: lambda b: b.replace(MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main").replace(LINKS.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships") for n in names})
    case.bytes("bytes-before.xlsx", b"\r\n\r\n" + plain.read_bytes())
    case.bytes("bytes-behind.xlsx", plain.read_bytes() + b"\0" * 600)
    rezip(plain, case / "no-styles.xlsx", drop=["xl/styles.xml"])
    by_sheetjs(case / "flat.fods", "fods", PLAIN)


# --- layout ---------------------------------------------------------------------------------------------------------------


def layout():
    blank = [""] * 5
    grid = [
        ["湘潭县2022年度城乡居民基本医疗保险参保人员名册"] + [""] * 4,
        ["填报单位：易俗河镇", "", "", "", "单位：人"],
        blank,
        HEADER,
        *PEOPLE,
        ["合计", "3人", "", "", ""],
        blank,
        ["填表人：赵六", "", "审核人：钱七", "", "2021年12月31日"],
        ["注：以上人员均为常住人口。"] + [""] * 4,
    ]
    merges = [(0, 0, 0, 4), (10, 0, 10, 4)]
    case = Case(
        "20-titles-units-totals-signatures",
        'habit = "title and unit lines above, total, signature and note below"\n[fates]\nblank = 2\nheading = 3\nnote = 2\ntotal = 1',
        expected(5),
    )
    everywhere(case, Sheet(grid, merges=merges), xlsb=True, office=True)
    case.text("gb18030.csv", separated(grid), "gb18030")
    case.text("page.xls", html(grid))

    header = [
        ["序号", "基本信息", "", "家庭住址", "", "缴费情况", ""],
        ["", "姓名", "身份证号", "乡镇", "村", "缴费金额（元）", "缴费日期"],
    ]
    people = [row + [320, "2021-12-15"] for row in PEOPLE]
    fields = ["row", "serial", "name", "id", "township", "village", "total", "paid-on"]
    merges = [(0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 0, 4), (0, 5, 0, 6)]
    case = Case(
        "21-header-of-two-rows",
        'habit = "two header rows with merged cells, joined as 上级/下级"\nsource = "payments"\n[fates]\nheading = 2\n[headers]\nname = "基本信息/姓名"\n'
        'village = "家庭住址/村"\ntotal = "缴费情况/缴费金额（元）"\nserial = "序号"',
        [fields] + [[3 + n] + row for n, row in enumerate(people)],
    )
    everywhere(case, Sheet(header + people, merges=merges), xlsb=True, office=True)
    by_xlsxwriter(case / "xlsxwriter.xlsx", Sheet(header + people, merges=merges))
    case.text("no-merges.csv", separated(header + people))
    spans = {(0, 0): " rowspan=2", (0, 1): " colspan=2", (0, 2): None, (0, 3): " colspan=2", (0, 4): None, (0, 5): " colspan='2'", (0, 6): None, (1, 0): None}
    case.text("spans.xls", html(header + people, spans=spans))

    header = [
        ["序号", "参保人员信息", "", "", "", "缴费信息", ""],
        ["", "姓名", "身份证号", "家庭住址", "", "个人", ""],
        ["", "", "", "乡镇", "村", "缴费金额", "缴费日期"],
    ]
    merges = [(0, 0, 2, 0), (0, 1, 0, 4), (0, 5, 0, 6), (1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 1, 4), (1, 5, 1, 6)]
    case = Case(
        "22-header-of-three-rows",
        'habit = "three header rows, merged across and down"\nsource = "payments"\n[fates]\nheading = 4\n[headers]\nname = "参保人员信息/姓名"\n'
        'village = "参保人员信息/家庭住址/村"\n"paid-on" = "缴费信息/个人/缴费日期"',
        [[f if f != "total" else "personal" for f in fields]] + [[5 + n] + row for n, row in enumerate(people)],
    )
    # 个人 over 缴费金额 says that it is the person's own money.
    title = [["2022年度缴费明细表"] + [""] * 6]
    moved = [(0, 0, 0, 6)] + [(a + 1, b, c + 1, d) for a, b, c, d in merges]
    everywhere(case, Sheet(title + header + people, merges=moved), xlsb=True)
    case.text("no-merges.csv", separated(title + header + people), "gb18030")

    header = [["序号", "单位", "2022年任务", "", "2021年"], ["", "", "常住人口（人）", "目标任务数", "实际参保人数"]]
    rows = [[1, "易俗河镇", 1000, 880, 870], [2, "谭家山镇", 500, 440, ""]]
    case = Case(
        "23-tasks-table-of-two-rows",
        'habit = "a notice\'s tasks table with a year over its figures"\nsource = "tasks"\n[fates]\nheading = 3\ntotal = 1',
        [["row", "serial", "township", "population", "task", "last-year"]] + [[4 + n] + row for n, row in enumerate(rows)],
    )
    everywhere(case, Sheet([["附件1 2022年任务分解表", "", "", "", ""]] + header + rows + [["合计", "", 1500, 1320, 870]], merges=[(0, 0, 0, 4), (1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 1, 3)]))

    side = [row + ["", *more] for row, more in zip([["名册", "", "", "", ""]] + PLAIN, [["各镇人数", ""], ["乡镇", "人数"], ["易俗河镇", 2], ["谭家山镇", 1], ["合计", 3]])]
    case = Case(
        "24-side-table",
        'habit = "a summary beside the table: set aside and listed, no column of the table"\n[fates]\nheading = 2\n'
        '[beside]\ntables = [{ row = 2, column = 6, headers = ["乡镇", "人数"] }]',
        expected(3),
    )
    everywhere(case, side, xlsb=True)
    case.text("utf-8.csv", separated(side))

    below = [HEADER, *PEOPLE, blank, ["各镇汇总", "", "", "", ""], ["乡镇", "人数", "", "", ""], ["易俗河镇", 2, "", "", ""], ["谭家山镇", 1, "", "", ""]]
    case = Case(
        "25-table-below",
        'habit = "a summary below the table: none of its rows is a person"\naside = 6\n[beside]\ntables = [{ row = 7, column = 0, headers = ["乡镇", "人数"] }]',
        expected(2),
    )
    everywhere(case, below)
    case.text("utf-8.csv", separated(below))

    towns = [Sheet([HEADER, PEOPLE[0]], "易俗河镇"), Sheet([["谭家山镇名册", "", "", "", ""], HEADER, PEOPLE[1]], "谭家山镇"), Sheet([["姓名", "身份证号", "序号", "村", "乡镇"], [PEOPLE[2][n] for n in (1, 2, 0, 4, 3)]], "其他")]
    notes = Sheet([["填写说明"], ["请按户填写，不得改动表头。"]], "说明")
    table = [["sheet", *FIELDS], ["易俗河镇", 2, *PEOPLE[0]], ["谭家山镇", 3, *PEOPLE[1]], ["其他", 2, *PEOPLE[2]]]
    case = Case("26-several-sheets", 'habit = "a sheet a township, one with its columns shuffled, a sheet of notes, an empty one"\n[fates]\nheading = 4\nnote = 2', table)
    book = towns + [notes, Sheet([], "Sheet5")]
    everywhere(case, book, xlsb=True)
    by_sheetjs(case / "sheetjs-2003.xls", "xlml", book)

    hidden = [HEADER, *PEOPLE, [4, "赵福生", ZHAO, "谭家山镇", "双扬村"], [5, "孙小妹", SUN, "谭家山镇", "双扬村"]]
    rows = hidden[1:]
    filtered = Sheet(hidden, hidden_rows=[2, 4, 5])
    case = Case("27-hidden-rows-are-read", 'habit = "hidden rows: read, and reported"\n[fates]\nheading = 1\n[beside]\nhidden_rows = 3', expected(2, rows))
    everywhere(case, filtered, office=True)
    by_xlsxwriter(case / "xlsxwriter.xlsx", filtered)
    by_sheetjs(case / "sheetjs.xlsb", "xlsb", filtered)
    by_odfpy(case / "odfpy.ods", filtered)
    kept = [["row", *FIELDS[1:]], [2, *rows[0]], [4, *rows[2]]]
    case = Case("28-hidden-rows-set-aside", 'habit = "hidden rows, set aside by setting"\nhidden = "set-aside"\n[fates]\nheading = 1\nhidden = 3\n[beside]\nhidden_rows = 3', kept)
    everywhere(case, filtered)
    by_sheetjs(case / "sheetjs.xlsb", "xlsb", filtered)

    def autofilter(book):
        sheet = book.active
        sheet.auto_filter.ref = "A1:E6"
        sheet.auto_filter.add_filter_column(3, ["易俗河镇"])

    by_office(case / "office-filtered.ods", from_xlsx(filtered, autofilter))
    by_openpyxl(case / "openpyxl-filtered.xlsx", filtered, autofilter)

    column = Sheet(PLAIN, hidden_columns=[3, 4])
    case = Case("29-hidden-columns-are-read", 'habit = "hidden columns: read, and reported"\n[fates]\nheading = 1\n[beside]\nhidden_columns = ["乡镇", "村"]', expected(2))
    everywhere(case, column, office=True)
    by_xlsxwriter(case / "xlsxwriter.xlsx", column)
    by_sheetjs(case / "sheetjs.xlsb", "xlsb", column)
    without = [FIELDS[:4]] + [row[:4] for row in expected(2)[1:]]
    case = Case("30-hidden-columns-set-aside", 'habit = "hidden columns, set aside by setting: no field is read from them"\nhidden = "set-aside"\n[fates]\nheading = 1\n[beside]\nhidden_columns = ["乡镇", "村"]', without)
    everywhere(case, column)
    by_sheetjs(case / "sheetjs.xlsb", "xlsb", column)

    book = [Sheet(PLAIN[:3], "名册"), Sheet([HEADER, PEOPLE[2]], "旧名册", hidden=True)]
    table = [["sheet", *FIELDS], ["名册", 2, *PEOPLE[0]], ["名册", 3, *PEOPLE[1]], ["旧名册", 2, *PEOPLE[2]]]
    case = Case("31-hidden-sheet-is-read", 'habit = "a hidden sheet: read, and reported"\n[fates]\nheading = 2\n[beside]\nhidden_sheets = 1', table)
    everywhere(case, book, xlsb=True, office=True)
    case = Case("32-hidden-sheet-set-aside", 'habit = "a hidden sheet, set aside by setting"\nhidden = "set-aside"\naside = 3\n[beside]\nhidden_sheets = 1', [["sheet", *FIELDS], *table[1:3]])
    everywhere(case, book, xlsb=True)

    grid = [
        HEADER,
        PEOPLE[0],
        ["", "小计", "", "", ""],
        [2, "李秀英", LI, "谭家山镇", "双扬村"],
        [3, "小 计", "1人", "", ""],
        PEOPLE[2],
        ["本页小计", "", "", "", ""],
        [5, "合  计", "", "", ""],
        ["总计：", "3", "", "", ""],
        ["共计", "", "", "", ""],
        ["易俗河镇合计", "2", "", "", ""],
    ]
    table = [FIELDS, [2, *PEOPLE[0]], [4, *PEOPLE[1]], [6, *PEOPLE[2]]]
    case = Case("33-totals-of-every-kind", 'habit = "合计 小计 总计 本页小计, with or without a serial number"\n[fates]\nheading = 1\ntotal = 7', table)
    everywhere(case, grid)
    case.text("utf-8.csv", separated(grid))

    grid = [["名册", "", "", "", ""], HEADER, PEOPLE[0], ["名册", "", "", "", ""], HEADER, PEOPLE[1], blank, HEADER, PEOPLE[2]]
    table = [FIELDS, [3, *PEOPLE[0]], [6, *PEOPLE[1]], [9, *PEOPLE[2]]]
    case = Case("34-header-repeated-after-page-breaks", 'habit = "title and header again on every page"\n[fates]\nblank = 1\nheading = 5', table)
    everywhere(case, grid)
    case.text("utf-8.csv", separated(grid))

    shifted = [[""] * 8] * 3 + [["", "", *HEADER[:2], "", *HEADER[2:]]] + [["", "", *row[:2], "", *row[2:]] for row in PEOPLE]
    case = Case("35-blank-rows-and-columns", 'habit = "the table begins at C4 and has an empty column inside"\n[fates]\nblank = 3\nheading = 1', expected(5))
    everywhere(case, shifted, xlsb=True)
    case.text("utf-8.csv", separated(shifted))

    pair = ["姓名", "身份证号"]
    grid = [
        ["序号", "村", *pair * 3],
        [1, "烟塘村", "张建国", ZHANG, "李秀英", LI, "", ""],
        [2, "双扬村", "欧阳雪梅", OUYANG, "赵福生", ZHAO, "孙小妹", SUN],
        ["合计", "", "5", "", "", "", "", ""],
    ]
    fields = ["row", "serial", "village", "name", "id"]
    members = [[2, 1, "烟塘村", "张建国", ZHANG], [2, 1, "烟塘村", "李秀英", LI]]
    members += [[3, 2, "双扬村", name, id] for name, id in [("欧阳雪梅", OUYANG), ("赵福生", ZHAO), ("孙小妹", SUN)]]
    case = Case("36-household-rows", 'habit = "a household a row: (姓名, 身份证号) × 3, one person each by `unpivot`"\nunpivot = ["name", "id"]', [fields, *members])
    everywhere(case, grid, xlsb=True)
    case.text("utf-8.csv", separated(grid))
    triple = ["姓名", "身份证号", "与户主关系"]
    family = [["户主情况", "", "", "家庭成员1", "", "", "家庭成员2", "", "", "乡镇"], triple * 3 + [""], ["张建国", ZHANG, "户主", "李秀英", LI, "配偶", "欧阳雪梅", OUYANG, "女", "易俗河镇"], ["赵福生", ZHAO, "户主", "", "", "", "孙小妹", SUN, "孙女", "谭家山镇"]]
    merges = [(0, 0, 0, 2), (0, 3, 0, 5), (0, 6, 0, 8), (0, 9, 1, 9)]
    table = [
        ["row", "name", "id", "relation", "township"],
        [3, "张建国", ZHANG, "户主", "易俗河镇"],
        [3, "李秀英", LI, "配偶", "易俗河镇"],
        [3, "欧阳雪梅", OUYANG, "女", "易俗河镇"],
        [4, "赵福生", ZHAO, "户主", "谭家山镇"],
        [4, "孙小妹", SUN, "孙女", "谭家山镇"],
    ]
    case = Case("37-household-rows-under-merged-headers", 'habit = "households of three columns a member, under a second header row"\nunpivot = ["name", "id", "relation"]', table)
    everywhere(case, Sheet(family, merges=merges))
    case = Case("38-household-rows-undeclared", 'habit = "household rows without `unpivot`: a question, never the first member only"\nrefused = ["ColumnAmbiguous", "PeopleBeside"]\nnames = ["姓名"]')
    everywhere(case, grid)
    case.text("utf-8.csv", separated(grid))

    spaced = ["序 号", "姓　名\n(必填)", "身份证\n号  码*", " 所属\u00a0乡（镇）", "\u200b村（居）"]
    case = Case("39-header-words-in-disguise", 'habit = "headers with blanks, line breaks, full-width marks, * and U+200B"\npartial = true\n[fates]\nheading = 1', [["row", "id", "village"]] + [[2 + n, row[2], row[4]] for n, row in enumerate(PEOPLE)])
    everywhere(case, [spaced] + PEOPLE)

    words = ["缴费人名称", "公民身份证号码", "镇（街）", "村（社区）", "实缴金额（元）", "入库日期", "电子税票号码"]
    rows = [["张建国", ZHANG, "易俗河镇", "烟塘村", 320, "2021-12-15", "443211220000000017"]]
    case = Case(
        "40-header-synonyms-of-the-tax-office",
        'habit = "the tax office\'s words; a voucher of 18 digits is no number"\nsource = "payments"\n[fates]\nheading = 1',
        [["row", "name", "id", "township", "village", "total", "paid-on", "voucher"], [2, *rows[0]]],
    )
    everywhere(case, [words] + rows)

    case = Case("41-two-columns-agree", 'habit = "one thing in two columns, equal in every row"\nsource = "payments"\n[fates]\nheading = 1', [["row", "id", "total"], [2, ZHANG, 320], [3, LI, 320]])
    everywhere(case, [["身份证号", "缴费金额", "实缴金额"], [ZHANG, 320, 320], [LI, 320, 320]])
    case = Case("42-two-columns-differ", 'habit = "one thing in two columns that differ: a question with both headers"\nsource = "payments"\nrefused = ["ColumnAmbiguous"]\nnames = ["缴费金额", "实缴金额"]')
    everywhere(case, [["身份证号", "缴费金额", "实缴金额"], [ZHANG, 320, 320], [LI, 320, 160]])
    case = Case("43-two-columns-settled", 'habit = "the question of 42, settled by `columns`"\nsource = "payments"\ncolumns = { total = "实缴金额" }\n[fates]\nheading = 1', [["row", "id", "total"], [2, ZHANG, 320], [3, LI, 160]])
    everywhere(case, [["身份证号", "缴费金额", "实缴金额"], [ZHANG, 320, 320], [LI, 320, 160]])

    case = Case("44-no-number-column", 'habit = "a list of names without numbers is refused with the headers it has"\nrefused = ["UnknownColumn", "NoHeader"]\nnames = ["姓名", "乡镇"]')
    everywhere(case, [["姓名", "乡镇", "联系方式"], ["张建国", "易俗河镇", "无"]])
    case = Case("45-header-only", 'habit = "a month without a payment: a table without rows"\nsource = "payments"\n[fates]\nheading = 1', [["row", "id", "name", "total"]])
    everywhere(case, [["身份证号", "姓名", "缴费金额"]], xlsb=True)
    case.text("utf-8.csv", "身份证号,姓名,缴费金额\n")

    chart = [Sheet(PLAIN, "名册")]

    def with_chart(book):
        sheet = book.create_chartsheet("图表")
        sheet.add_chart(openpyxl.chart.BarChart())

    case = Case("46-chart-sheet-and-protection", 'habit = "a chart sheet is none; a protected sheet is no locked file"\n[fates]\nheading = 1', expected(2))
    import openpyxl.chart

    by_openpyxl(case / "chart.xlsx", chart, with_chart)

    def protected(book):
        book.active.protection.set_password("123")
        book.security = openpyxl.workbook.protection.WorkbookProtection(workbookPassword="123", lockStructure=True)

    by_openpyxl(case / "protected.xlsx", chart, protected)

    def old_protected(book):
        sheet = book.get_sheet(0)
        sheet.protect, sheet.password = True, "123"
        book.protect = True

    by_xlwt(case / "protected.xls", chart, old_protected)

    spread = [HEADER + ["备注"], *[row + ["x" * 32_767] for row in PEOPLE]]
    case = Case("47-cells-of-32767-characters", 'habit = "the longest cell a spreadsheet holds"\n[fates]\nheading = 1', expected(2))
    everywhere(case, spread, xls=False)

    far = inline(PLAIN, after='<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>')
    case = Case("48-stray-cell-in-the-far-corner", 'habit = "one forgotten cell at XFD1048576"\naside = 1048573', expected(2))
    raw_xlsx(case / "raw.xlsx", far)

    case = Case("49-rows-out-of-order", 'habit = "rows not in their order: the table in whatever order, or a refusal"\nor_refused = true\nany_order = true\n[fates]\nheading = 1', expected(2))
    raw_xlsx(case / "raw.xlsx", inline(PLAIN, order=[0, 3, 1, 2]))


# --- values ---------------------------------------------------------------------------------------------------------------


def values():
    day = datetime.date(2021, 12, 31)
    ids = [whole(f"4303211980010100{n}") for n in range(1, 10)] + [whole(f"430321198002010{n}") for n in range(10, 40)]
    payments = ["身份证号", "缴费金额", "缴费日期"]

    written = [
        ("20211231", "2021-12-31"),
        ("2021.12.31", "2021-12-31"),
        ("2021/12/31", "2021-12-31"),
        ("2021-12-31 08:30", "2021-12-31"),
        ("2021-12-31 08:30:15", "2021-12-31"),
        ("2021-12-31T08:30:15", "2021-12-31"),
        ("2021年12月31日", "2021-12-31"),
        ("２０２１年１２月３１日", "2021-12-31"),
        ("2021/1/5", "2021-01-05"),
        ("2021.1.5", "2021-01-05"),
        ("2021年1月5日", "2021-01-05"),
        ("44561", "2021-12-31"),
        ("2021-02-30", ""),
        ("2021-13-01", ""),
        ("20211331", ""),
        ("01/02/2021", ""),
        ("十二月底", ""),
    ]
    grid = [payments] + [[ids[n], 320, text] for n, (text, _) in enumerate(written)]
    toml = 'habit = "days as clerks type them; impossible and ambiguous ones are told, not guessed"\nsource = "payments"\n[fates]\nheading = 1'
    table = [["row", "paid_on", "unreadable"]] + [[2 + n, found, "" if found else text] for n, (text, found) in enumerate(written)]
    case = Case("60-days-as-text", toml, None, table)
    by_openpyxl(case / "openpyxl.xlsx", grid)
    by_xlwt(case / "xlwt.xls", grid)
    by_office(case / "office.ods", from_xlsx(grid))
    case.text("utf-8.csv", separated(grid))

    table = [["row", "id", "total", "paid-on"]] + [[2 + n, ids[n], 320, "2021-12-31"] for n in range(4)]
    grid = [payments] + [[ids[n], 320, day] for n in range(4)]

    def formatted(book):
        for row, form in zip(range(2, 6), ["yyyy-mm-dd", '[$-804]yyyy"年"m"月"d"日";@', "yyyy/m/d h:mm", '[DBNum1][$-804]yyyy"年"m"月"d"日"']):
            book.active.cell(row, 3).number_format = form

    def old_formatted(book):
        sheet = book.get_sheet(0)
        for row, form in zip(range(1, 5), ["yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "yyyy/m/d h:mm", "m/d/yy"]):
            sheet.write(row, 2, day, xlwt.easyxf(num_format_str=form))

    case = Case("61-days-as-cells", 'habit = "real date cells, in Western and Chinese formats"\nsource = "payments"\n[fates]\nheading = 1', table)
    by_openpyxl(case / "openpyxl.xlsx", grid, formatted)
    by_xlwt(case / "xlwt.xls", [payments] + [[ids[n], 320, ""] for n in range(4)], old_formatted)
    source = from_xlsx(grid, formatted)
    by_office(case / "office.xls", source)
    by_office(case / "office.ods", source)
    dates = [{"row": 1 + n, "column": 2, "serial": 44561, "format": form} for n, form in enumerate(["yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "yyyy/m/d h:mm", "m/d/yy"])]
    plain = [payments] + [[ids[n], 320, 44561] for n in range(4)]
    by_sheetjs(case / "sheetjs.xlsb", "xlsb", plain, dates=dates)

    def since_1904(book):
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        for row in range(2, 6):
            book.active.cell(row, 3).number_format = "yyyy-mm-dd"

    import openpyxl.utils.datetime

    def old_1904(book):
        book.dates_1904 = True
        for row in range(1, 5):
            book.get_sheet(0).write(row, 2, 44561 - 1462, xlwt.easyxf(num_format_str="yyyy-mm-dd"))

    case = Case("62-days-since-1904", 'habit = "workbooks that count days since 1904"\nsource = "payments"\n[fates]\nheading = 1', table)
    by_openpyxl(case / "openpyxl.xlsx", grid, since_1904)
    by_xlwt(case / "xlwt.xls", [payments] + [[ids[n], 320, ""] for n in range(4)], old_1904)
    source = from_xlsx(grid, since_1904)
    by_office(case / "office.xls", source)
    by_office(case / "office.ods", source)
    book = xlsxwriter.Workbook(str(case / "xlsxwriter.xlsx"), {"date_1904": True})
    sheet = book.add_worksheet()
    for r, row in enumerate(grid):
        for c, value in enumerate(row):
            if isinstance(value, datetime.date):
                sheet.write_datetime(r, c, value, book.add_format({"num_format": 14}))
            else:
                sheet.write(r, c, value)
    book.close()

    asian = [27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58]
    table = [["row", "id", "total", "paid-on"]] + [[2 + n, ids[n], 320, "2021-12-31"] for n in range(len(asian))]
    case = Case("63-days-in-east-asian-formats", 'habit = "built-in formats 27–36 and 50–58, which no styles part declares"\nsource = "payments"\n[fates]\nheading = 1', table)
    book = xlsxwriter.Workbook(str(case / "xlsxwriter.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, payments)
    for n, number in enumerate(asian):
        sheet.write_row(n + 1, 0, [ids[n], 320])
        sheet.write_number(n + 1, 2, 44561, book.add_format({"num_format": number}))
    book.close()

    def old_asian(book):
        for n, _ in enumerate(asian):
            book.get_sheet(0).write(n + 1, 2, 44561, xlwt.easyxf(num_format_str=f'"{n}"0'))

    path = by_xlwt(case / "xlwt.xls", [payments] + [[ids[n], 320, ""] for n in range(len(asian))], old_asian)
    renumber_formats(path, {165 + n: number for n, number in enumerate(asian)})

    written = [
        ("￥320", 32000), ("¥320.00", 32000), ("320.00元", 32000), ("320 元", 32000), ("1,280", 128000), ("1，280.50", 128050), ("３２０", 32000), ("320.5", 32050),
        ("人民币320元", 32000), ("0", 0), ("三百二十", None), ("320.005", None), ("3 2 0 元整吗", None),
    ]  # fmt: skip
    grid = [payments] + [[ids[n], text, "2021-12-31"] for n, (text, _) in enumerate(written)]
    table = [["row", "personal", "unreadable_amount"]] + [[2 + n, fen or 0, "" if fen is not None else text] for n, (text, fen) in enumerate(written)]
    case = Case("64-money-as-text", 'habit = "amounts as clerks type them, exact to the fen"\nsource = "payments"\n[fates]\nheading = 1', None, table)
    by_openpyxl(case / "openpyxl.xlsx", grid)
    by_xlwt(case / "xlwt.xls", grid)
    case.text("gb18030.csv", separated(grid), "gb18030")

    numbers = [(320, 32000), (320.5, 32050), (0.1 + 0.2, 30), (1279.9999999999998, 128000), (128.1 * 10, 128100), (-320, -32000), (19.99, 1999)]
    grid = [payments] + [[ids[n], value, "2021-12-31"] for n, (value, _) in enumerate(numbers)]
    table = [["row", "personal", "unreadable_amount"]] + [[2 + n, fen, ""] for n, (_, fen) in enumerate(numbers)]
    case = Case("65-money-as-numbers", 'habit = "number cells of formulas carry the dust of binary arithmetic; a spreadsheet shows 15 digits"\nsource = "payments"\n[fates]\nheading = 1', None, table)
    everywhere(case, grid, xlsb=True)

    negatives = [("(320)", -32000), ("（320）", -32000), ("-320", -32000), ("－320.00", -32000), ("-￥320", -32000), ("￥-320", -32000)]
    grid = [payments] + [[ids[n], text, "2021-12-31"] for n, (text, _) in enumerate(negatives)]
    case = Case("66-money-taken-back", 'habit = "reversals in brackets and with every minus"\nsource = "payments"\n[fates]\nheading = 1', None, [["row", "personal"]] + [[2 + n, fen] for n, (_, fen) in enumerate(negatives)])
    by_openpyxl(case / "openpyxl.xlsx", grid)
    case.text("utf-8.csv", separated(grid))

    xs = [ending_in_x(f"430321{year}0101") for year in range(1960, 1990)]
    wide = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
    forms = [
        xs[0][:-1] + "x",
        xs[1][:-1] + "Ｘ",
        xs[2][:-1] + "Х",
        xs[3][:-1] + "×",
        xs[4][:-1] + "*",
        xs[5].translate(wide),
        "'" + xs[6],
        "’" + xs[7],
        f"{xs[8][:6]} {xs[8][6:14]} {xs[8][14:]}",
        xs[9] + "\u00a0",
        "\u200b" + xs[10],
        xs[11][:6] + "\t" + xs[11][6:],
        xs[12][:-1] + "х",
        "\u3000" + xs[13] + "\u3000",
        "‘" + xs[14],
        "`" + xs[15],
    ]
    grid = [["姓名", "身份证号"]] + [[f"张{'一二三四五六七八九十甲乙丙丁戊己'[n]}", form] for n, form in enumerate(forms)]
    table = [["row", "id", "id_verdict"]] + [[2 + n, xs[n], ""] for n in range(len(forms))]
    case = Case("67-numbers-in-disguise", 'habit = "X in every script, full-width digits, quotes and blanks: cleaned"\n[fates]\nheading = 1', None, table)
    everywhere(case, grid)
    case.text("utf-8.csv", separated(grid))

    broken = [
        ("4.30321E+17", "id-truncated"),
        ("4.30321197503120E+17", "id-truncated"),
        (ZHANG[:15] + "000", "id-truncated"),
        (ZHANG[:17] + ("1" if ZHANG[17] != "1" else "2"), "id-checksum"),
        (whole("43032119751312001"), "id-birthdate"),
        (whole("43032119750230001"), "id-birthdate"),
        (ZHANG[:17], "id-malformed"),
        (ZHANG + "1", "id-malformed"),
        ("430321", "id-malformed"),
        ("", "id-missing"),
        ("110105491231002", ""),
        ("11010519491231002X", ""),
        ("440524188001010014", ""),
        ("810000199408230021", ""),
    ]
    grid = [["姓名", "身份证号", "村"]] + [[f"李{'一二三四五六七八九十甲乙丙丁'[n]}", text, "烟塘村"] for n, (text, _) in enumerate(broken)]
    table = [["row", "id_verdict"]] + [[2 + n, verdict] for n, (_, verdict) in enumerate(broken)]
    case = Case("68-numbers-that-cannot-be-used", 'habit = "each number\'s fault by its code, in order; digits are never invented"\n[fates]\nheading = 1', None, table)
    everywhere(case, grid)
    case.text("utf-8.csv", separated(grid))

    numeric = [(int(ZHANG[:17] + "0") if ZHANG.isdigit() else 0, "id-truncated"), (int(LI) if LI.isdigit() else 430321198207150021, "id-truncated"), (110105491231002, "")]
    grid = [["姓名", "身份证号", "村"]] + [[f"王{'一二三'[n]}", float(value), "烟塘村"] for n, (value, _) in enumerate(numeric)]
    case = Case("69-numbers-stored-as-numbers", 'habit = "numbers in number cells: 18 digits are lost, 15 are whole"\n[fates]\nheading = 1', None, [["row", "id_verdict"]] + [[2 + n, verdict] for n, (_, verdict) in enumerate(numeric)])
    everywhere(case, grid, xlsb=True)

    cards = [ZHANG + "43", LI + "11", OUYANG + "62", ZHANG[:12]]
    grid = [["姓名", "残疾证号", "残疾类别"]] + [[name, card, "肢体"] for name, card in zip(["张建国", "李秀英", "欧阳雪梅", "赵福生"], cards)]
    case = Case("70-numbers-of-disability-cards", 'habit = "残疾证号: the identity number is its first 18 characters"\n[fates]\nheading = 1', None, [["row", "id", "id_verdict"], [2, ZHANG, ""], [3, LI, ""], [4, OUYANG, ""], [5, ZHANG[:12], "id-malformed"]])
    everywhere(case, grid)

    names = [("张 三", "张三"), ("　李四　", "李四"), ("阿卜杜拉•买买提", "阿卜杜拉·买买提"), ("阿卜杜拉．买买提", "阿卜杜拉·买买提"), ("王\u200b五", "王五"), ("赵六\u00a0", "赵六"), ("", "")]
    grid = [["姓名", "身份证号", "村"]] + [[written, xs[n], "烟塘村"] for n, (written, _) in enumerate(names)]
    case = Case("71-names", 'habit = "blanks inside names, and the dots of minority names"\n[fates]\nheading = 1', None, [["row", "name"]] + [[2 + n, clean] for n, (_, clean) in enumerate(names)])
    everywhere(case, grid)

    case = Case("72-text-with-quotes-and-line-breaks", 'habit = "separators, quotes and line breaks inside cells; numbers kept by =\\"…\\""\n[fates]\nheading = 1', [["row", "name", "id", "village"], [2, "张建国", ZHANG, '烟塘村,"东"组'], [3, "李秀英", LI, "双扬村\n2组"], [5, "欧阳雪梅", OUYANG, ""]])
    case.text("utf-8.csv", f'姓名,身份证号,村\r\n张建国,="{ZHANG}","烟塘村,""东""组"\r\n李秀英,"{LI}","双扬村\n2组"\r\n欧阳雪梅,{OUYANG}\r\n')

    book = xlsxwriter.Workbook(str((case := Case("73-formulas-and-errors", 'habit = "cached results of formulas; errors stay visible"\n[fates]\nheading = 1', [["row", "name", "id", "village"], [2, "张建国", ZHANG, "烟塘村"], [3, "李秀英", "#N/A", "#REF!"], [4, "欧阳雪梅", OUYANG, "#DIV/0!"]])) / "xlsxwriter.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["姓名", "身份证号", "村"])
    sheet.write_formula(1, 0, '=CONCATENATE("张","建国")', None, "张建国")
    sheet.write_formula(1, 1, "=VLOOKUP(A2,X:Y,2,0)", None, ZHANG)
    sheet.write_string(1, 2, "烟塘村")
    sheet.write_string(2, 0, "李秀英")
    sheet.write_formula(2, 1, "=NA()", None, "#N/A")
    sheet.write_formula(2, 2, "=#REF!", None, "#REF!")
    sheet.write_string(3, 0, "欧阳雪梅")
    sheet.write_string(3, 1, OUYANG)
    sheet.write_formula(3, 2, "=1/0", None, "#DIV/0!")
    book.close()
    recalculated = from_xlsx([["姓名", "身份证号", "村"], ['=CONCATENATE("张","建国")', f'="{ZHANG}"', "烟塘村"], ["李秀英", "=NA()", "=INDIRECT(\"Q\")"], ["欧阳雪梅", OUYANG, "=1/0"]])
    by_office(case / "office.xls", recalculated)
    by_office(case / "office.ods", recalculated)


def renumber_formats(path, numbers):
    """Gives cell formats of an xls other number formats, in place."""
    with olefile.OleFileIO(str(path), write_mode=True) as ole:
        stream = bytearray(ole.openstream("Workbook").read())
        at = 0
        while at + 4 <= len(stream):
            kind, length = struct.unpack_from("<HH", stream, at)
            if kind == 0x00E0:
                (number,) = struct.unpack_from("<H", stream, at + 6)
                struct.pack_into("<H", stream, at + 6, numbers.get(number, number))
            at += 4 + length
        ole.write_stream("Workbook", bytes(stream))


# --- faults ---------------------------------------------------------------------------------------------------------------


def faults():
    plain = from_xlsx(PLAIN)
    case = Case("80-password", 'habit = "a password: said so, whatever the format"\nrefused = ["Password"]\nwords = ["密码"]')
    with open(plain, "rb") as file, open(case / "msoffcrypto.xlsx", "wb") as out:
        msoffcrypto.OfficeFile(file).encrypt("123", out)
    locked = [(case / "office.xls", "MS Excel 97"), (case / "office.ods", "calc8")]
    python = "/usr/bin/python3"  # LibreOffice's module `uno` belongs to the system's Python
    subprocess.run([python, str(HERE / "make_uno.py"), str(plain), "123", *[str(part) for pair in locked for part in pair]], check=True)
    locked_zip(case / "locked-zip.xlsx", plain)

    sources = {"xlsx": plain, "xls": by_xlwt(SCRATCH / "cut.xls", PLAIN), "ods": SCRATCH / "cut.ods", "parquet": SCRATCH / "cut.parquet"}
    by_pyexcel(sources["ods"], PLAIN)
    pandas.DataFrame([[str(v) for v in row] for row in PEOPLE], columns=HEADER).to_parquet(sources["parquet"])
    case = Case("81-truncated", 'habit = "half a file: broken, said so"\nrefused = ["*"]')
    for kind, path in sources.items():
        size = path.stat().st_size
        case.bytes(f"half.{kind}", path.read_bytes()[: size // 2])
        case.bytes(f"no-tail.{kind}", path.read_bytes()[: size - size // 10 - 40])

    case = Case("82-other-kinds", 'habit = "a file of another kind under a workbook\'s name: refused as what it is"\nrefused = ["WrongKind"]')
    letter = docx.Document()
    letter.add_paragraph("关于报送名册的函")
    letter.save(str(SCRATCH / "letter.docx"))
    surplus = ["word/styles.xml", "word/theme/theme1.xml", "docProps/thumbnail.jpeg", "word/numbering.xml", "word/stylesWithEffects.xml"]
    rezip(SCRATCH / "letter.docx", case / "letter.xlsx", drop=surplus)
    old = bytearray(sources["xls"].read_bytes())
    at = old.index("Workbook".encode("utf-16-le"))
    old[at : at + 24], old[at + 64 : at + 66] = "WordDocument".encode("utf-16-le"), struct.pack("<H", 26)
    case.bytes("letter.xls", bytes(old))
    rezip(sources["ods"], case / "letter.ods", {n: lambda b: b.replace(b"opendocument.spreadsheet", b"opendocument.text").replace(b"office:spreadsheet", b"office:text") for n in ["mimetype", "content.xml", "META-INF/manifest.xml"]})
    case.bytes("printed.xlsx", converted(plain, "pdf").read_bytes()[:2000])
    with zipfile.ZipFile(case / "packed.xlsx", "w") as archive:
        archive.write(plain, "名册.xlsx")
    case.bytes("picture.xls", bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301010018dd8db00000000049454e44ae426082"))
    case.bytes("photo.xls", bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb"))
    case.bytes("packed.csv", zlib.compress(b"x" * 64, wbits=31))
    case.bytes("archive.rar", b"Rar!\x1a\x07\x01\x00" + bytes(40))
    case.bytes("archive.7z", b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(40))
    case.text("letter.html", "<html><body><p>系统登录已超时，请重新登录。</p></body></html>")
    case.text("feed.xml", '<?xml version="1.0" encoding="UTF-8"?><rss><channel><title>x</title></channel></rss>')
    case.bytes("program.csv", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(64))

    case = Case("83-text-of-other-kinds", 'habit = "texts that are no table of persons: refused"\nrefused = ["*"]')
    case.text("memo.txt", "关于报送名册的函\n各乡镇：\n请于月底前报送。\n")
    case.text("data.json", json.dumps([{"姓名": "张建国", "身份证号": ZHANG}], ensure_ascii=False))
    by_sheetjs(case / "sylk.slk", "sylk", PLAIN)
    by_sheetjs(case / "rich-text.rtf", "rtf", PLAIN)
    by_sheetjs(case / "dbase.dbf", "dbf", PLAIN, {"codepage": 936})

    text = separated(PLAIN)
    case = Case("84-undecodable-bytes", 'habit = "bytes that no encoding explains: refused with the row"\nrefused = ["Undecodable"]\nnames = ["row: 3"]')
    damaged = bytearray(text.encode())
    damaged[damaged.index("秀".encode())] = 0xFF
    case.bytes("utf-8.csv", bytes(damaged))
    damaged = bytearray(text.encode("gb18030"))
    at = damaged.index("秀".encode("gb18030"))
    damaged[at : at + 2] = b"\xff\xff"
    case.bytes("gb18030.csv", bytes(damaged))

    case = Case("85-unclosed-quote", 'habit = "a quote that never closes: refused with the row"\nrefused = ["UnclosedQuote"]\nnames = ["row: 3"]')
    case.text("utf-8.csv", text.replace("李秀英", '李秀英,"x').replace("2,李秀英", '2,"李秀英', 1).replace(',"x', ""))

    case = Case("86-nothing-in-it", 'habit = "empty files and sheets"\nrefused = ["EmptySheet"]')
    case.bytes("zero.csv", b"").text("blank-lines.csv", "\n\n \n").bytes("bom-only.csv", b"\xef\xbb\xbf").text("commas.csv", ",,,\n,,,\n")
    everywhere(case, [Sheet([], "Sheet1"), Sheet([], "Sheet2")])

    case = Case("87-zip-bombs", 'habit = "parts that inflate beyond measure: refused before they are read"\nrefused = ["*"]')
    start, end = inline(PLAIN).split("</sheetData>")
    raw_xlsx(case / "blanks-in-sheet.xlsx", start + " " * 60_000_000 + "</sheetData>" + end)
    shared = f'<sst xmlns="{MAIN}"><si><t>{"x" * 50_000_000}</t></si></sst>'
    raw_xlsx(case / "one-long-text.xlsx", inline(PLAIN), shared=shared)
    lie_about_size(case / "one-long-text.xlsx", case / "size-lies.xlsx", "xl/sharedStrings.xml", 1000)
    (case / "one-long-text.xlsx").unlink()
    source = SCRATCH / "bomb.ods"
    by_pyexcel(source, PLAIN)
    rezip(source, case / "blanks-in-content.ods", {"content.xml": lambda b: b.replace(b"</office:body>", b" " * 50_000_000 + b"</office:body>")})

    case = Case("88-xml-entities", 'habit = "entities that multiply: the table without them or a refusal, in no time"\nor_refused = true\npartial = true', [["row", "serial"], [2, 1], [3, 2], [4, 3]])
    laughs = '<!DOCTYPE worksheet [<!ENTITY a "哈哈哈哈哈哈哈哈哈哈">' + "".join(f'<!ENTITY {y} "{f"&{x};" * 10}">' for x, y in zip("abcdefgh", "bcdefghi")) + "]>"
    raw_xlsx(case / "in-sheet.xlsx", inline(PLAIN, start=laughs).replace("烟塘村", "&i;"))

    case = Case("89-far-rows-in-every-format", 'habit = "rows said to repeat a million times: the table, or a refusal, in bounded time"\nor_refused = true\npartial = true', [["row", "serial"], [2, 1], [3, 2], [4, 3]])
    source = SCRATCH / "far.ods"
    by_odfpy(source, PLAIN, repeated=(1_048_570, 16_370))
    rezip(source, case / "blank.ods", {"content.xml": lambda b: b.replace(b'"1048570"', b'"4294967295"').replace(b'"16370"', b'"4294967295"')})


def converted(source, form):
    """One file through LibreOffice, now."""
    profile = f"-env:UserInstallation={(SCRATCH / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", form, "--outdir", str(SCRATCH), str(source)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return SCRATCH / f"{source.stem}.{form.split(':')[0]}"


def found_by_fuzzing():
    case = Case("90-cells-beyond-the-sheet", 'habit = "cells at places that no spreadsheet has, texts that are not there: no memory for them"\nor_refused = true\npartial = true', [["row", "name"], [2, "张建国"], [3, "李秀英"], [4, "欧阳雪梅"]])
    raw_xlsx(case / "column.xlsx", inline(PLAIN).replace('r="A1"', 'r="ZZZZZZZZ1"'))
    shutil.copy(SCRATCH / "counts-lie.xlsx", case / "texts-that-are-not-there.xlsx")
    raw_xlsx(case / "row.xlsx", inline(PLAIN, after='<row r="4294967295"><c r="A4294967295"><v>1</v></c></row>'))
    raw_xlsx(case / "row-of-twenty-digits.xlsx", inline(PLAIN, after='<row r="99999999999999999999"><c r="A99999999999999999999"><v>1</v></c></row>'))
    raw_xlsx(case / "no-place.xlsx", inline(PLAIN).replace('r="A1"', 'r=""').replace('r="A2"', 'r="2"').replace('r="A3"', 'r="A0"'))

    case = Case("91-one-part-as-many-sheets", 'habit = "a workbook of a few bytes that names one part as twenty thousand sheets"\nrefused = ["*"]')
    raw_xlsx(SCRATCH / "many.xlsx", inline(PLAIN))
    sheet = b'<sheet name="Sheet1" sheetId="1" r:id="rId1"/>'
    rezip(SCRATCH / "many.xlsx", case / "raw.xlsx", {"xl/workbook.xml": lambda b: b.replace(sheet, sheet * 20_000)})


def locked_zip(path, source):
    """A zip whose every part says that it is encrypted."""
    bytes = bytearray(pathlib.Path(source).read_bytes())
    for mark, flags in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)]:
        at = bytes.find(mark)
        while at >= 0:
            bytes[at + flags] |= 1
            at = bytes.find(mark, at + 4)
    path.write_bytes(bytes)


def lie_about_size(source, target, part, size):
    """The same archive, its headers telling another inflated size."""
    bytes = bytearray(pathlib.Path(source).read_bytes())
    name = part.encode()
    for mark, at_size, at_name in [(b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)]:
        at = bytes.find(mark)
        while at >= 0:
            if bytes[at + at_name : at + at_name + len(name)] == name:
                struct.pack_into("<I", bytes, at + at_size, size)
            at = bytes.find(mark, at + 4)
    target.write_bytes(bytes)


if __name__ == "__main__":
    formats()
    layout()
    values()
    faults()
    found_by_fuzzing()
    finish()
    shutil.rmtree(SCRATCH)
    total = sum(path.stat().st_size for path in HERE.rglob("*") if path.is_file())
    print(f"{total:,} bytes", file=sys.stderr)
