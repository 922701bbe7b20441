"""Cells of the trade, read as canbao reads them: numbers, names, days, amounts, statuses, insurances.

The rivals hand in only words they have not seen before (every distinct day, amount or status once), or rows whose number is
not eighteen plain characters with a right check digit. What is bulk they do themselves, in their own engine.
"""

import hashlib
import re
import unicodedata
from datetime import date, timedelta

EPOCH = date(1970, 1, 1)
NOTHING = {"无", "空", "NULL", "null", "N/A", "n/a"}
QUOTES = set("'’‘`\"“”")
DOTS = set("·•.‧・∙⋅")
UNREADABLE = "unreadable"
CHECK = "10X98765432"


def is_blank(c):
    """White space, and what nobody sees."""
    return (
        c.isspace()
        or c in "\0\ufeff\u00ad"
        or "\u200b" <= c <= "\u200f"
        or "\u202a" <= c <= "\u202e"
        or "\u2060" <= c <= "\u2069"
    )


BLANKS = "".join(chr(at) for at in range(0x10000) if is_blank(chr(at)))
WITHOUT_BLANKS = dict.fromkeys(map(ord, BLANKS))
WITHOUT_MARKS = dict.fromkeys(map(ord, BLANKS + "".join(QUOTES)))


def trim(text):
    """The text without blanks at both ends."""
    return text.strip(BLANKS)


def nfkc(text):
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


SPACES = dict.fromkeys(ord(c) for c in BLANKS if c.isspace() or c in "\u200b\ufeff")


def region_word(text):
    """A word without blanks, in one form: what vocabularies and places are compared by."""
    return nfkc(text).translate(SPACES)


def without_equals(text):
    return text[1:] if text[:1] == "=" and text[1:2] in QUOTES and len(text) > 1 else text


def is_nothing(text):
    return text in NOTHING or all(c in "-—–/\\" for c in text)


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

TYPES = [
    ("02", "军官证 军官证件 解放军军官证"),
    ("03", "武警 武警证 武警警官证 武装警察身份证"),
    ("04", "香港 香港特区护照 香港通行证 港澳居民来往内地通行证 港澳通行证 香港居民来往内地通行证"),
    ("05", "澳门 澳门特区护照 澳门通行证 澳门居民来往内地通行证"),
    ("06", "台湾 台湾通行证 台湾居民来往大陆通行证 台胞证"),
    ("07", "外国人永久居留证 外国人永久居留身份证 永久居留证"),
    ("08", "外国人护照 外国护照 护照"),
    ("09", "残疾人证 残疾证"),
    ("16", "中国护照"),
    ("17", "港澳台居民居住证 港澳居民居住证 台湾居民居住证 居住证"),
    ("90", "社保卡 社会保障卡"),
    ("99", "其他 其他证件 其它"),
]
NATIONAL = "01"


def document(cell):
    """证件类型: `01` for a national number, else the two-digit code of the document."""
    word = region_word(cell or "")
    digits = re.match(r"[0-9]*", word).group()
    code = digits.lstrip("0")
    for known, words in TYPES:
        if (len(digits) <= 2 and known.lstrip("0") == code) if digits else word in words.split():
            return known
    if not word or code == "1" or "身份证" in word or "户口" in word:
        return NATIONAL
    return "99"


def clean_number(text):
    if re.fullmatch(r"[0-9A-Z]*", text):
        return text
    text = without_equals(trim(text))
    cleaned = nfkc(text).translate(WITHOUT_MARKS).upper()
    if not cleaned.isascii():
        cleaned = "".join("X" if c in "Х×Χ" else c for c in cleaned)
    if len(cleaned.encode()) == 18 and cleaned.endswith("*"):
        cleaned = cleaned[:-1] + "X"
    return cleaned


def check_of(digits17):
    total = 0
    for digit in digits17:
        total = (total + ord(digit) - 48) * 2
    return CHECK[total % 11]


def exists(year, month, day):
    if year <= 0:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def has_birth(digits17):
    return exists(int(digits17[6:10]), int(digits17[10:12]), int(digits17[12:14]))


def _judge(text, lossy):
    """Why eighteen characters are no number, or None."""
    checks = check_of(text[:17]) == text[17]
    if lossy and text[17] != "X":
        value = int(text)
        if value % 1000 == 0 or (not checks and value % 16 == 0):
            return "id-truncated"
    if not has_birth(text[:17]):
        return "id-birthdate"
    return None if checks else "id-checksum"


def is_scientific(text):
    found = re.fullmatch(r"(\d(?:\.[\d.]*)?)E\+?(\d{2,3})", text, re.ASCII)
    return bool(found) and 14 <= int(found.group(2)) <= 19


def is_disability_number(text):
    cleaned = clean_number(text)
    return len(cleaned) == 20 or bool(re.fullmatch(r".{20}B[0-9]", cleaned, re.DOTALL))


def _hash(*parts):
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:8], "big")


def _signed(key):
    return key - (1 << 64) if key >= 1 << 63 else key


def examine(text, kind=NATIONAL, lossy=False):
    """(key, code, text): the person's key, or why there is none; the text as canbao prints it."""
    if text is None or text == "":
        return None, "id-missing", ""
    cleaned = clean_number(text)
    if is_nothing(cleaned):
        return None, "id-missing", ""
    if is_scientific(cleaned):
        return None, "id-truncated", cleaned
    if kind == "09" and is_disability_number(cleaned):
        cleaned, kind = cleaned[:18], NATIONAL
    of_document = lambda: (_signed(_hash(kind, cleaned) | 1 << 63), None, cleaned)
    if re.fullmatch(r"[0-9]{17}[0-9X]", cleaned):
        code = _judge(cleaned, lossy)
        if code is None:
            return int(cleaned[:17]), None, cleaned
        if kind in (NATIONAL, "17") or code == "id-truncated":
            return None, code, cleaned
        return of_document()
    if kind == NATIONAL:
        if not re.fullmatch(r"[0-9]{15}", cleaned):
            return None, "id-malformed", cleaned
        digits = cleaned[:6] + "19" + cleaned[6:]
        if not has_birth(digits):
            return None, "id-birthdate", cleaned
        return int(digits), None, digits + check_of(digits)
    if kind == "17" and len(cleaned) == 18:
        return None, "id-malformed", cleaned
    return of_document()


def number_rules(written, read):
    """The repairs it took to read a number."""
    rules = set()
    if read == written or not read:
        return []
    kept = [at for at, c in enumerate(written) if not is_blank(c) and c not in QUOTES]
    for at, c in enumerate(written):
        ends_in_x = kept and at == kept[-1] and len(read) == 18 and read.endswith("X")
        if c.isdigit() and c.isascii():
            continue
        for plain in nfkc(c):
            upper = plain.upper()[0]
            if is_blank(plain):
                rules.add("blanks")
            elif plain in QUOTES:
                rules.add("quotes")
            elif upper in "Х×Χ" or ends_in_x and c != "X" and upper in "X*":
                rules.add("check-letter")
            else:
                rules |= ({"full-width"} if plain != c else set()) | ({"letter-case"} if upper != plain else set())
    if len(clean_number(written)) == 15 and len(read) == 18:
        rules.add("fifteen-digits")
    if len(read) == 18 and is_disability_number(written):
        rules.add("disability-card")
    return sorted(rules or {"full-width"})


def unusable_person(source, text, name, birth):
    """What equal rows with an unusable number share: only such rows may repeat each other."""
    return _signed((_hash(source, text, name or "", birth or "", "0") & ~(1 << 63)) | 1 << 62)


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────


SAME_DOT = dict.fromkeys(map(ord, DOTS), "·")


def clean_name(written):
    """The name without blanks, every dot the same; None when nothing is left."""
    return unicodedata.normalize("NFKC", written).translate(WITHOUT_BLANKS).translate(SAME_DOT) or None


def name_rules(written, cleaned):
    """The repairs it took to read a name."""
    rules = set()
    if cleaned == written:
        return []
    for c in written:
        for plain in unicodedata.normalize("NFKC", c):
            if is_blank(plain):
                rules.add("blanks")
            elif plain in DOTS:
                rules |= {"middle-dot"} if c != "·" else set()
            elif plain != c:
                rules.add("full-width")
    return sorted(rules or {"full-width"})


def _is_letter(c):
    return "a" <= c <= "z" or "A" <= c <= "Z"


def _is_unwritable(c):
    private = "\ue000" <= c <= "\uf8ff" or "\U000f0000" <= c <= "\U000ffffd" or "\U00100000" <= c <= "\U0010fffd"
    return private or c in "?□〓*\ufffd"


def has_unwritable(name):
    return any(_is_unwritable(c) or _is_letter(c) for c in name)


def _pattern(name):
    pattern, in_letters = [], False
    for c in name:
        letter = _is_letter(c)
        if (letter and not in_letters) or _is_unwritable(c):
            pattern.append(None)
        elif not letter:
            pattern.append(c)
        in_letters = letter
    return pattern


def differ_only_in_unwritable(one, other):
    a, b = _pattern(one), _pattern(other)
    return one != other and len(a) == len(b) and all(x is None or y is None or x == y for x, y in zip(a, b))


# ── days ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

HAN = {c: at for at, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
CLOCK = r"(?:\d{1,2}(?::\d{1,2}(?::\d{0,2})?)?|(?P<stamp>\d{4}|\d{6}))(?:\.\d*)?\s*(?:Z|[+-][\d:]{2,5})?"
TIME = re.compile(rf"(?:[ T](?:\s*{CLOCK}\s*)?)?", re.ASCII)


def _is_stamp(digits):
    """Hour, minute and perhaps second."""
    limits = zip(range(0, 6, 2), (24, 60, 60))
    return all(not digits[at : at + 2] or len(digits[at : at + 2]) < 2 or int(digits[at : at + 2]) < most for at, most in limits)


def _is_time(rest):
    found = TIME.fullmatch(rest)
    return bool(found) and (not found["stamp"] or _is_stamp(found["stamp"]))


def _is_clock(text):
    return _is_time(" " + text.strip())


def _day(year, month, day):
    if 1800 <= year < 2200 and exists(year, month, day):
        return (date(year, month, day) - EPOCH).days
    return UNREADABLE


def _parse(text):
    """A day of digits and separators: (day, rules)."""
    if not text:
        return None, []
    found = re.match(r"(\d{4})([-/. ])", text, re.ASCII)
    if found:
        return _separated(text)
    digits = re.match(r"\d*", text, re.ASCII).group()
    rest = text[len(digits) :]
    if len(digits) == 8 and _is_time(rest):
        return _day(int(digits[:4]), int(digits[4:6]), int(digits[6:])), []
    if len(digits) in (12, 14, 17) and not rest and _is_stamp(digits[8:]):
        return _day(int(digits[:4]), int(digits[4:6]), int(digits[6:8])), []
    if len(digits) == 5 and digits[0] != "0" and re.fullmatch(r"(?:\.\d*)?", rest, re.ASCII):
        return int(digits) - 25569, ["serial-day"]
    return UNREADABLE, []


def _separated(text):
    found = re.match(r"(\d{4})( *)([-/.])( *)(\d{1,2})( *)([-/.])( *)(\d{1,2})(?!\d)(.*)", text, re.ASCII | re.DOTALL)
    if not found or found[3] != found[7] or not _is_time(found[10]):
        return UNREADABLE, []
    spaced = any(found[at] for at in (2, 4, 6, 8))
    return _day(int(found[1]), int(found[5]), int(found[9])), ["blanks"] if spaced else []


def _clock_words(text):
    for week in ("星期", "周"):
        before, found, tail = text.partition(week)
        if found and tail[:1] and tail[0] in "一二三四五六日天":
            text = before + " " + tail[1:]
    for word in ("凌晨", "早上", "上午", "中午", "下午", "晚上", "AM", "PM", "am", "pm"):
        text = text.replace(word, " ", 1)
    return re.sub("[时点分]", ":", text).replace("秒", "").rstrip(": ")


def _number(text, most):
    if text[0].isdigit() and text.isascii():
        fits = len(text) == 4 if most == 4 else len(text) <= most
        return int(text) if fits else None
    if most == 4:
        return int("".join(str(HAN[c]) for c in text)) if len(text) == 4 and all(c in HAN for c in text) else None
    tens, ten, ones = text.partition("十")
    if not ten:
        return HAN.get(tens) if len(tens) == 1 else None
    high = 1 if not tens else HAN.get(tens)
    low = 0 if not ones else HAN.get(ones)
    return None if high is None or low is None else high * 10 + low


MARKED = re.compile(r"( *)([0-9]+|[〇零○一二三四五六七八九十]+)( *)([年月./-])( *)([0-9]+|[〇零○一二三四五六七八九十]+)( *)"
                    r"([年月./-])( *)([0-9]+|[〇零○一二三四五六七八九十]+)(.*)", re.DOTALL)


def _marked(text):
    """`2021年12月31日` and what is written in between."""
    found = MARKED.fullmatch(text)
    if not found:
        return UNREADABLE, []
    numbers = [_number(found[at], most) for at, most in ((2, 4), (6, 2), (10, 2))]
    first, second, rest = found[4], found[8], found[11]
    last = rest.lstrip()[:1] if rest.lstrip()[:1] in ("日", "号") else ""
    spaced = any(found[at] for at in (1, 3, 5, 7, 9)) or (last and rest.startswith(" "))
    if last:
        rest = rest.lstrip()[1:]
    dash = lambda mark: "-" if mark in "年月" else mark
    time = _clock_words(rest)
    in_place = first != "月" and second != "年" and dash(first) == dash(second)
    if None in numbers or not in_place or not (_is_time(time) or last and _is_clock(time)):
        return UNREADABLE, []
    declared = (first, second, last) == ("年", "月", "日") or (not last and first == second)
    han = any(not found[at].isascii() for at in (2, 6, 10))
    rules = [rule for rule, on in (("blanks", spaced), ("han-numerals", han), ("date-marks", not declared)) if on]
    return _day(*numbers), rules


def day(cell):
    """(day since 1970, None for a blank, or UNREADABLE; rules it took)."""
    if cell is None or cell == "":
        return None, []
    if cell.isascii():
        found, rules = _parse(cell.strip())
        if found != UNREADABLE:
            return found, rules
    rules, text = [], []
    for c in without_equals(trim(cell)):
        for plain in unicodedata.normalize("NFKC", c):
            if plain in QUOTES:
                rules.append("quotes")
            elif is_blank(plain):
                if plain.isspace():
                    text.append(" ")
                else:
                    rules.append("blanks")
            else:
                if plain != c and plain != ":":
                    rules.append("full-width")
                text.append(plain)
    text = "".join(text).strip()
    if is_nothing(text):
        return None, []
    found, more = _parse(_clock_words(text).strip()) if text.isascii() else _marked(text)
    return (UNREADABLE, [UNREADABLE]) if found == UNREADABLE else (found, sorted(set(rules + more)))


def end_day(cell):
    """The same; an end that never comes is none."""
    text = (cell or "").strip()
    if text in ("长期", "长期有效", "至今", "99991231") or text.startswith("9999-12-31"):
        return None, []
    return day(cell)


def of_epoch(days):
    return None if days is None else EPOCH + timedelta(days=days)


# ── amounts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _plain_fen(text):
    found = re.fullmatch(r"([+-]?)(\d{1,15})(?:\.(\d{0,2})0*)?", text, re.ASCII)
    if not found:
        return None
    fen = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
    return -fen if found[1] == "-" else fen


def _without_marks(text, rules):
    for mark in ("人民币", "RMB", "CNY", "¥", "￥"):
        for bare in (text.removeprefix(mark), text.removesuffix(mark)):
            if bare != text:
                rules.append("currency-mark")
                text = bare
                break
    for unit in ("元整", "元正", "圆整", "圆正", "元", "圆"):
        if text.endswith(unit):
            rules.append("unit")
            return text[: -len(unit)]
    return text


def amount(cell):
    """(fen, None for a blank, or UNREADABLE; rules it took)."""
    if cell is None or cell == "":
        return None, []
    fen = _plain_fen(cell)
    if fen is not None:
        return fen, []
    trimmed = trim(cell)
    rules, text = ["blanks"] if len(trimmed) < len(cell) else [], []
    for c in without_equals(trimmed):
        for plain in unicodedata.normalize("NFKC", c):
            if plain in QUOTES:
                rules.append("quotes")
            elif is_blank(plain):
                rules.append("blanks")
            elif plain in "−–":
                rules.append("minus-sign")
                text.append("-")
            else:
                if plain != c and plain not in "¥(),":
                    rules.append("full-width")
                text.append(plain.upper() if plain.isascii() else plain)
    text = "".join(text)
    if is_nothing(text):
        return None, []
    text, negative = _without_marks(text, rules), False
    if text.startswith("(") and text.endswith(")") and len(text) > 1:
        rules.append("parentheses")
        text, negative = _without_marks(text[1:-1], rules), True
    if text.startswith("-") and not negative:
        text, negative = _without_marks(text[1:], rules), True
    whole, point, rest = text.partition(".")
    groups = whole.split(",")
    grouped = (len(groups) == 1 or 1 <= len(groups[0]) <= 3) and all(len(group) == 3 for group in groups[1:])
    fen = _plain_fen(whole.replace(",", "") + point + rest) if grouped and "," not in rest else None
    if fen is None or fen < 0:
        return UNREADABLE, [UNREADABLE]
    if "," in text:
        rules.append("thousands")
    return -fen if negative else fen, sorted(set(rules))


def yuan(fen):
    """320, or 320.50"""
    sign, fen = "-" if fen < 0 else "", abs(fen)
    return f"{sign}{fen // 100}" + (f".{fen % 100:02}" if fen % 100 else "")


def count(cell):
    """A count of persons, None, or UNREADABLE."""
    if cell is None or cell == "":
        return None, []
    number = cell.rstrip("人个")
    fen, rules = amount(number)
    if fen is None:
        return None, rules
    if fen == UNREADABLE or fen % 100:
        return UNREADABLE, [UNREADABLE]
    return fen // 100, rules + (["unit"] if number != cell else [])


# ── words of statuses, insurances, years ─────────────────────────────────────────────────────────────────────────────

STATUSES = {
    "never": "未参保 否 未缴费 未缴",
    "normal": "正常参保 正常 参保 已参保 是 参保缴费 正常缴费 已缴费 已缴 缴费成功 在保 参保中 有效",
    "suspended": "暂停参保 暂停 中断 中断参保",
    "invalid": "无效参保 无效",
    "ended": "终止参保 终止 停保 退保 注销",
}
STATUS_OF = {word: status for status, words in STATUSES.items() for word in words.split()}
STATUS_CODES = {"": "never", "1": "normal", "2": "suspended", "3": "invalid", "4": "ended"}
STATUS_ORDER = ["normal", "suspended", "ended", "invalid", "never", "unknown"]


def _built_in_status(word):
    digits = re.match(r"[0-9]*", word).group()
    return STATUS_CODES.get(digits.lstrip("0")) if digits else STATUS_OF.get(word)


def status(cell, source, scheme):
    """The status and, where nobody knows it, the word."""
    word = region_word(cell or "")
    if not word:
        return "normal", None
    bare = word.partition("(")[0] if "(" in word else ""
    found = scheme.meaning("status", source, word) or _built_in_status(word) or (_built_in_status(bare) if bare else None)
    return (found, None) if found else ("unknown", cell)


def _built_in_cover(word):
    if word.startswith("310"):
        return "employee"
    if word.startswith(("390", "391", "380")):
        return "resident"
    says = lambda parts: any(part in word for part in parts.split())
    if says("大额 补充 补助 长期护理 长护") or says("养老 失业 工伤 生育") and not says("医疗 医保"):
        return "other"
    if says("居民 新农合 城居 合作医疗"):
        return "resident"
    return "employee" if says("职工 灵活就业") else None


def cover(cell, source, scheme):
    """The insurance and, where nobody knows it, the word."""
    word = region_word(cell or "")
    if not word:
        return "resident", None
    found = scheme.meaning("scheme", source, word) or _built_in_cover(word)
    return (found, None) if found else ("other", cell)


def year(cell):
    found = re.search(r"[0-9]{4}", nfkc(cell or ""))
    return int(found.group()) if found else None


def category_word(text):
    """Words of rosters, with one kind of bracket and one kind of dash."""
    kept = (c for c in nfkc(text) if not c.isspace() and c not in "\u200b\ufeff")
    same = {**dict.fromkeys("[【〔〖{", "("), **dict.fromkeys("]】〕〗}", ")"), **dict.fromkeys("～—–-", "~")}
    return "".join(same.get(c, c) for c in kept)
