"""Files as offices send them: encoding, separator, title rows, header, and rows that are no records."""

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

from synonyms import TABLE
from words import region_word, trim

HEAD_BYTES = 1 << 18
HEAD_ROWS = 200
REGION = {"township", "village", "county", "place", "region-code"}
FIGURES = ["population", "task", "floor", "last-year", "last-year-employee", "last-year-total"]
MONEY = {"total", "personal", "subsidy"}
NEEDED = {"tasks": [REGION, set(FIGURES)], "payments": [{"id"}, MONEY],
          "household-totals": [{"household", "head"}, {"members", "total", "personal"}]}
NEVER_COMPARED = {"serial", "person-no", "sex", "birth", "head", "relation", "group"}
UNITS = "元 万元 人 万人 户 % 名 个 元/人 人、元 岁 周岁 元/年 元/人年 元/人·年 月 天 角 分".split()
REMARKS = tuple("必填 选填 必录 单位 填 请 格式 如 例 按 以 与 可 非必 不 限 同 若 年月日 yyyy YYYY 18位 15位 下拉 文本 见".split())


squeezed = region_word


def key(text):
    """A header as its word: without blanks, stars, numbers in front, units and remarks behind."""
    word = squeezed(text.strip()[:200]).replace("*", "")
    for bracket in ("【】", "〔〕", "[]", "{}"):
        if bracket[0] in word and word.endswith(bracket[1]):
            return key(word.replace(bracket[0], "(").replace(bracket[1], ")"))
    word = word.lstrip("★☆※●◆#▲△·")
    found = re.match(r"\(([0-9一二三四五六七八九十]{1,2})\)(.+)|[0-9一二三四五六七八九十]{1,2}[.、)](.+)", word)
    if found:
        word = found[2] or found[3]
    if word.startswith("其中") and word[2:].lstrip(":"):
        word = word[2:].lstrip(":")
    while True:
        shorter = word.rstrip(":、,※★")
        found = re.fullmatch(r"(.+)\(([^(]*)\)", shorter)
        if found and (found[2] in UNITS or found[2].startswith(REMARKS)):
            shorter = found[1]
        if shorter == word or not shorter:
            return word
        word = shorter


WORDS = {}
for _source, _field, _rank, _words in TABLE:
    for _word in _words.split():
        WORDS.setdefault(_word, []).append((_source, _field, _rank))
LAST_YEAR = {"last-year": ["", "城乡居民医保", "居民医保", "城乡居民", "居民", "城乡居民基本医疗保险"],
             "last-year-employee": ["城镇职工医保", "职工医保", "城镇职工", "职工", "城镇职工基本医疗保险", "职工基本医疗保险"],
             "last-year-total": ["基本医疗保险", "基本医保", "合计", "小计", "总数"]}


def meaning(kind, word, year):
    """(field, rank) of a header's word, or None."""
    for source, name, rank in WORDS.get(word, ()):
        if source in (None, kind):
            return name, rank
    found = re.fullmatch(r"([0-9]{4})年度?(.+)", word) if kind == "tasks" else None
    if not found:
        return None
    of, rest = int(found[1]), found[2]
    for persons in ("实际参保人数", "实际参保数", "参保人数", "参保数"):
        bare = rest.removeprefix(persons) if rest.startswith(persons) else rest.removesuffix(persons)
        if bare != rest:
            named = next((name for name, words in LAST_YEAR.items() if bare in words), None) if of == year - 1 else None
            if named:
                return named, 0
            break
    plain = meaning(kind, rest, year)
    return plain if plain and (plain[0] == "population" or of == year and plain[0] in ("task", "floor")) else None


@dataclass
class File:
    """One csv, understood."""

    kind: str
    name: str
    path: Path
    encoding: str
    separator: str
    skip: int
    width: int
    columns: dict
    doubles: list
    batch: str | None
    head: list
    at: int = 0
    seeds: list = field(default_factory=list)

    def has(self, name):
        return name in self.columns

    def first_row(self):
        """Number of the first row under the header, as a clerk counts."""
        return self.skip + 1


def encoding_of(start, whole):
    """Python's name of the encoding, from the first bytes."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if start.startswith(mark):
            return name
    for spare in range(4):
        try:
            start[: len(start) - spare].decode("utf-8")
            return "utf-8"
        except UnicodeDecodeError:
            if whole:
                break
    return "gb18030"


def understand(kind, name, folder, scheme, at):
    """Finds separator, header and fields of a file, or says that there are none."""
    path = Path(folder) / name
    with open(path, "rb") as file:
        start = file.read(HEAD_BYTES)
    encoding = encoding_of(start, len(start) < HEAD_BYTES)
    text = start.decode(encoding, "ignore")
    for separator in ",\t;|":
        rows = list(csv.reader(io.StringIO(text), delimiter=separator))[:HEAD_ROWS]
        for number, row in enumerate(rows):
            found = _columns(kind, [key(cell) for cell in row], scheme)
            if not all(found[0].keys() & group for group in NEEDED.get(kind, [{"id"}])) and number:
                found = _columns(kind, _two_levels(kind, rows[number - 1], row, scheme), scheme)
            if all(found[0].keys() & group for group in NEEDED.get(kind, [{"id"}])):
                batch = scheme.batch(kind, name.rsplit("/")[-1])
                head = [[trim(cell) for cell in row] for row in rows[: number + 1]]
                width = max(len(row) for row in rows)
                return File(kind, name, path, encoding, separator, number + 1, width, *found[:2], batch, head, at, found[2])
    raise SystemExit(f"{name}: no header found")


def _two_levels(kind, upper, lower, scheme):
    """A header of two rows: a merged cell above says what those below it are of (缴费人: 姓名, 身份证件号码)."""
    keys, over = [], ""
    for at in range(max(len(upper), len(lower))):
        above, leaf = (key(row[at]) if at < len(row) else "" for row in (upper, lower))
        over = above or (over if leaf else "")
        keys.append(next((word for word in (over + leaf, leaf, above) if word and meaning(kind, word, scheme.year)), leaf or above))
    return keys


def _columns(kind, keys, scheme):
    """Field → column, doubles of a field, and what each column is called (for digests). `keys`: the header's words."""
    declared = scheme.sources[kind].get("columns", {})
    claims = [meaning(kind, word, scheme.year) if word else None for word in keys]
    for name, headers in declared.items():
        for header in [headers] if isinstance(headers, str) else headers:
            if key(header) in keys:
                claims = [None if claim and claim[0] == name else claim for claim in claims]
                claims[keys.index(key(header))] = (name, 0)
                break
    best = {}
    for claim in filter(None, claims):
        best[claim[0]] = min(claim[1], best.get(claim[0], 9))
    columns, doubles = {}, []
    for column, claim in enumerate(claims):
        if not claim or best[claim[0]] != claim[1]:
            continue
        if claim[0] not in columns:
            columns[claim[0]] = column
        elif claim[0] not in NEVER_COMPARED:
            doubles.append((columns[claim[0]], column))
    of_column = {column: name for name, column in columns.items()}
    seeds = [of_column.get(column, word) for column, word in enumerate(keys)]
    return columns, doubles, seeds


# ── rows that are no records ─────────────────────────────────────────────────────────────────────────────────────────

TOTALS = ["合计", "总计", "小计", "共计", "总合计", "累计"]
FIGURE = set(",.()%¥-人户元角分整万千百十个名零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖拾佰仟圆0123456789")
SIGNED = tuple("填表人 填报人 填报单位 填表单位 填表日期 填报日期 填报时间 填表时间 审核人 审核: 审核签字 制表 复核人 复核: "
               "单位负责人 主要负责人 分管领导 主管领导 分管负责人 负责人: 负责人签字 负责人签名 统计负责人 经办人: "
               "经办人签字 签字: 签名: 签章: 盖章: 单位(盖章) 单位(公章) 报送日期 打印日期 打印时间 打印人 导出时间 "
               "导出日期 联系电话:".split())
STAMPED = ["(盖章)", "(公章)", "(签章)", "(签字)", "(签名)"]


def names_a_total(text):
    if not text or len(text.encode()) > 150 or not ("计" in text or "共" in text):
        return False
    word = squeezed(text)
    bare = word.rstrip(":()人户")
    if bare in TOTALS or bare.endswith(("合计", "小计", "总计")):
        return True
    figures = lambda rest: rest and (rest[0] in ":0123456789" or all(c in FIGURE for c in rest))
    starts = lambda word: any(word.startswith(name) and figures(word[len(name) :]) for name in TOTALS)
    heads = ("以上", "本页", "本表", "全镇", "全村", "全县", "全乡")
    counted = re.fullmatch(r"(?:以上)?共([0-9].*[人户元])", word)
    return (starts(word) or any(word.startswith(head) and starts(word[len(head) :]) for head in heads)
            or bool(counted) and all(c in FIGURE for c in counted[1]))


SIGNS = {word[0] for word in SIGNED} | set("(（")


def is_signature(text):
    if SIGNS.isdisjoint(text):
        return False
    start = squeezed(text[:24])
    return start.startswith(SIGNED) or any(stamp in start for stamp in STAMPED)


def is_remark(text):
    if not ("说" in text or "注" in text or "附" in text):
        return False
    return bool(re.match(r"(说明|填表说明|填报说明|备注|附注|注|附)[:.、123]", squeezed(text[:24])))


def is_page_number(text):
    return bool(re.match(r"第?共?[0-9一二三四五六七八九十/\-—]+页|页码", squeezed(text[:24])))


def is_citizen_number(text):
    digits = sum(c in "0123456789" for c in text)
    return (len(text.encode()), digits) in ((15, 15), (18, 17), (18, 18))


def looks_like_id(text):
    marks = sum(c.isascii() and c.isalnum() for c in text)
    return len(text.encode()) >= 10 and marks >= 10 and not any("\u3400" <= c <= "\u9fff" for c in text)


def _is_title(text):
    word = squeezed(text)[:300]
    word = re.sub(r"\([^(]*\)?$", "", word)
    return len(word) >= 4 and word.endswith(("表", "名册", "花名册", "名单", "一览", "台账", "汇总", "统计", "清册"))


SAID = set("以上已经无有的请按如为是在于名单表册员村镇乡县组市省街办年月号元共公示说填报审核位注缴费统分")


def _is_no_name(text):
    long = len(text) > 6 and not any(c in "·•．.・" for c in text) and not re.search("[A-Za-z]", text)
    said = any(c in SAID or c.isdigit() or not (c.isalnum() or c.isspace()) for c in text)
    return long and said or _is_title(text)


class Judge:
    """Whether a row of a file is a record; asked only about rows whose number is not plain."""

    def __init__(self, file):
        self.file = file
        of = file.columns.get
        self.id = of("id")
        self.names = [of("name")] if file.has("name") else []
        self.regions = [of(name) for name in REGION if file.has(name)]
        self.figures = [of(name) for name in FIGURES + ["members", "total"] if file.has(name)]
        self.persons = file.kind not in ("tasks", "household-totals")
        self.headings = [[cell for cell in row] for row in file.head]

    def fate(self, cells):
        """None for a record, else blank, heading, note or total."""
        cells = [trim(cell or "") for cell in cells]
        at = lambda column: cells[column] if column is not None and column < len(cells) else ""
        number = at(self.id)
        heading = any(number == other for row in self.headings for other in row)
        if number and not heading and is_citizen_number(number):
            return None
        if number and not heading and looks_like_id(number) and not self._total(at) and not self._about(cells, at):
            return None
        filled = [cell for cell in cells if cell]
        if not filled:
            return "blank"
        bare = lambda row: "\0".join(row).rstrip("\0")
        if any(bare(row) == bare(cells) for row in self.headings) or self._units(filled) or self._numbering(filled):
            return "heading"
        if self._total(at):
            return "total"
        return "note" if self._note(cells, filled, at) else None

    def _units(self, filled):
        return all(squeezed(cell).strip("()[]").removeprefix("单位:") in UNITS for cell in filled)

    def _numbering(self, filled):
        """1 2 3 … under the header."""
        numbers = [squeezed(cell).strip("()[]") for cell in filled]
        return len(numbers) >= 2 and len(numbers) * 2 >= self.file.width and numbers == [str(at + 1) for at in range(len(numbers))]

    def _total(self, at):
        return any(names_a_total(at(column)) for column in [0, 1, 2, 3, *self.names, *self.regions])

    def _about(self, cells, at):
        filled = [cell for cell in cells if cell]
        if not filled:
            return False
        if is_signature(filled[0]) or is_remark(filled[0]):
            return True
        signed = sum(map(is_signature, filled))
        named = any(at(column) and not is_signature(at(column)) for column in self.names)
        return signed > 0 and (signed * 2 >= len(filled) and signed > 1 or len(filled) <= 3 and not named)

    def _note(self, cells, filled, at):
        if self._about(cells, at) or len(filled) <= 3 and any(map(is_page_number, filled)):
            return True
        if len(filled) > 2:
            return False
        prose = len(filled) == 1 and len(filled[0]) > 30
        any_of = lambda columns: any(at(column) for column in columns)
        if not self.persons:
            return not any_of(self.figures) and (not any_of(self.regions) or prose)
        sentence = len(filled) == 1 and _is_no_name(filled[0])
        return not at(self.id) and (not any_of(self.names) or prose or sentence)
