"""What all rivals do alike, row by row, for the few rows that need it."""

import re
from pathlib import Path

import board
import rules
import words
from books import COUNT, DAYS, END, MONEY, PLACES, READ
from office import Judge, understand
from regions import locate
from scheme import CODES, KINDS, Scheme, epoch

SHIFT = 1 << 32


class Rival:
    """A run: the scheme, the files, and what was decided one by one."""

    def __init__(self, pipeline, data, as_of, out):
        self.scheme, self.data, self.as_of, self.out = Scheme(pipeline), data, as_of, Path(out)
        self.today, self.no_payment = epoch(as_of), min(as_of, self.scheme.window[1])
        self.scheme.cut_off_day = epoch(self.scheme.cut_off) if self.scheme.cut_off else None
        self.files, self.unusable, self.aside = [], 0, {}
        self.places, self.bad, self.repaired = {}, {}, []
        for kind in KINDS:
            if kind in self.scheme.sources:
                for name in self.scheme.files(kind, self.data):
                    self.files.append(understand(kind, name, self.data, self.scheme, len(self.files)))

    def has(self, kind):
        return any(file.kind == kind for file in self.files)

    def of(self, kind):
        return [file for file in self.files if file.kind == kind]

    # ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def loses_digits(self, file, plain, round_, odd):
        """Whether more than 1 % of a column's eighteen digits end in 000. `plain`, `round_`: counts of the plain numbers."""
        texts = [words.clean_number(cells[file.columns["id"]] or "") for _, cells in odd]
        long = [text for text in texts if len(text) == 18 and text.isascii() and text.isdigit()]
        file.lossy = (round_ + sum(text.endswith("000") for text in long)) * 100 > plain + len(long)
        return file.lossy

    def odd_rows(self, file, odd, cut):
        """Rows whose number is not plain: are they records, and whose? `odd`: (position, all cells); `cut`: (position, key,
        name) of plain numbers that a spreadsheet cut. Returns (rn, key, person, code) and the numbers' texts."""
        found, numbers, judge = [], [], Judge(file)
        of = lambda cells, name: cells[file.columns[name]] if file.has(name) else None
        aside = self.aside.setdefault(file.at, {})
        header = judge.headings[-1][file.columns["id"]]
        disability = "残疾证" in header or "残疾人证" in header
        base = file.at * SHIFT + file.first_row()
        for at, cells in odd:
            fate = judge.fate(cells)
            if fate:
                aside.setdefault(fate, []).append((at + file.first_row(), cells))
                continue
            text, type_ = of(cells, "id"), of(cells, "id-type")
            by_header = disability and not type_ and text and words.is_disability_number(text)
            document = "09" if by_header else words.document(type_)
            examined = words.examine(text, document, file.lossy)
            for rule in words.number_rules(text, examined[2]) if text else ():
                self.repaired.append((base + at, "id", text, examined[2], rule))
            self._keep(file.kind, found, numbers, base + at, examined, of(cells, "name"), of(cells, "birth"))
        for at, key, name in cut:
            text = f"{key:017d}" + words.check_of(f"{key:017d}")
            self._keep(file.kind, found, numbers, base + at, (None, "id-truncated", text), name, None)
        return found, numbers

    def _keep(self, kind, found, numbers, rn, examined, name, birth):
        key, code, text = examined
        person = key
        if key is None:
            self.unusable += 1
            key = (1 << 62) + self.unusable
            person = words.unusable_person(kind, text, words.clean_name(name or ""), (birth or "").strip())
        if code or key < 0:
            numbers.append((key, text, code))
        found.append((rn, key, person, code))

    @staticmethod
    def read(how, words_):
        """Distinct words → (word, value, whether it cannot be read, rules it took, the cell, what it is read as)."""
        text = {DAYS: lambda value: str(words.of_epoch(value)), END: lambda value: str(words.of_epoch(value)), MONEY: words.yuan, COUNT: str}
        for word in words_:
            cell = words.trim(word)
            value, rules_ = READ[how](cell)
            bad = value == words.UNREADABLE
            value = None if bad else value
            yield word, value, bad, rules_, cell, "" if value is None else text[how](value)

    @staticmethod
    def read_names(names):
        """Distinct names → (written, cleaned, rules it took)."""
        for name in names:
            cleaned = words.clean_name(name)
            yield name, cleaned, words.name_rules(name, cleaned)

    # ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def located(self, kind, names, rows):
        """Distinct words of places → (words …, region, word, verdict, here, pool)."""
        known = self.places.setdefault(kind if kind in ("elsewhere", "tasks") else "", {})
        for row in rows:
            cells = tuple(dict(zip(names, row)).get(name) for name in PLACES)
            if cells not in known:
                known[cells] = locate(self.scheme, kind, cells)
            yield (*row, *known[cells])

    def late_case(self, word):
        """(case, unknown word) of a cell; what stands in brackets behind a case is a remark."""
        if words.is_nothing(word.strip()):
            return None, None
        plain = re.split(r"[(（\[【〔]", word)[0].strip()
        known = next((one for one in (word, plain) if one and self.scheme.names_late_case(one)), None)
        return (known, None) if known else (None, word)

    # ── persons ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def open_dossiers(self, keys, employed, stopped, listed, declared):
        """What the books say of the concerned: (key, begun) · (key, begun, ended) · (key, category, identified, ended) ·
        (key, case, day)."""
        day, all_ = words.of_epoch, {key: rules.Dossier(key) for key in keys}
        for key, begun in employed:
            all_[key].employed.append(day(begun))
        for key, begun, ended in stopped:
            all_[key].stopped.append((day(begun), day(ended)))
        for key, category, identified, ended in listed:
            all_[key].rosters.append((category, day(identified), day(ended)))
        for key, case, on in declared:
            all_[key].declared.append((words.region_word(case) if case else None, day(on)))
        self.dossiers = all_

    def outside(self, late):
        """rn of payments (rn, key, day, student, enrolled) after the window that no rule lets in."""
        for rn, key, paid, student, enrolled in late:
            day, dossier = words.of_epoch(paid), self.dossiers.get(key)
            if day and dossier and rules.entry(dossier, day, self.scheme) is not None:
                continue
            if day and self.scheme.students and student and self._in_time(words.of_epoch(enrolled), day):
                continue
            yield rn

    def _in_time(self, enrolled, paid):
        rule = self.scheme.students
        begin = enrolled if enrolled and rule["from"] <= enrolled <= rule["to"] else rule["from"]
        return paid <= rules.months_later(begin, rule.get("pay-within-months", 1))

    @staticmethod
    def nearest(pairs):
        """Findings of (book, key, rn, number, code, other number, other rn): the lowest number that nearly is the person's."""
        best = {}
        for book, key, rn, lost, code, number, other in pairs:
            if rules.is_near(lost, code == "id-truncated", number):
                mine = (number, other, rn, lost)
                best[book, key] = min(best.get((book, key), mine), mine)
        return [("id-suspect", None, rn, rn, None, number, lost, other, None) for number, other, rn, lost in best.values()]

    def read_tables(self):
        """The tasks tables."""
        tables = []
        for file in self.of("tasks"):
            with open(file.path, encoding=file.encoding, newline="") as source:
                tables.append((file, board.lines(source, file)))
        self.tables = board.Tables(self.scheme, tables)
        return [(code, None, None, None, region, str(expected), str(found), None, None)
                for code, region, expected, found in self.tables.findings()]

    def codes_that_run(self, states):
        """Codes of checks whose books are there; `states`: whether the register states deaths, or departures."""
        is_there = lambda kind: self.has(kind) or states.get(kind, False)
        return [code for code in CODES if all(map(is_there, board.needs(code, self.has)))]
