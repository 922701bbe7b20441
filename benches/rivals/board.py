"""What is written about regions and tables: coverage, bridge, funding, audit, checks, sources. Small, so in plain Python."""

import csv
from collections import Counter, defaultdict
from fractions import Fraction
from hashlib import sha256

import words
from office import FIGURES, Judge
from regions import locate
from scheme import CODES, NEEDS, half_up, share

STANDINGS = """pending deceased local-employee local-resident elsewhere-employee elsewhere-resident military prison unreachable
declined other uninsured""".split()
INSURED = STANDINGS[2:6]
SETTLED = INSURED + ["deceased", "military", "prison", "unreachable", "declined"]
LEVELS = ["city", "county", "township", "village"]
LAST = "\U0010ffff"


def needs(code, has):
    """Books without which a check says nothing."""
    if code == "footing" and has("household-totals"):
        return []
    return NEEDS.get(code, "").split()


def lines(source, file):
    """All rows under the header."""
    rows = list(csv.reader(source, delimiter=file.separator))
    return rows[file.skip :]


class Tables:
    """Tasks tables: the figures they declare, and whether they hold together."""

    def __init__(self, scheme, files):
        self.scheme, self.rows, self.totals = scheme, [], []
        for file, cells in files:
            judge = Judge(file)
            for at, row in enumerate(cells):
                row = row + [""] * (file.width - len(row))
                fate = judge.fate(row)
                of = lambda name: words.trim(row[file.columns[name]]) if file.has(name) else ""
                figures = [words.count(of(name))[0] for name in FIGURES]
                figures = [value if isinstance(value, int) and value >= 0 else None for value in figures]
                if fate == "total":
                    self.totals.append((file.at, at, figures, any("小" in cell and "计" in cell for cell in row)))
                elif fate is None:
                    places = [of(name) for name in ("place", "region-code", "county", "township", "village")]
                    region, word, verdict, _, _ = locate(scheme, "tasks", places)
                    self.rows.append((region, verdict is None, file.at, at, figures, word, verdict))
        self.declared = {}
        for region, understood, *_, figures, _, _ in self.rows:
            if region and understood:
                self.declared.setdefault(region, figures)

    def figure(self, code, which, peopled):
        """The sum of the children's where they have one, else the region's own."""
        children = [(child, self.figure(child.code, which, peopled)) for child in self.scheme.regions.children(code)]
        own = self.declared.get(code, [None] * 6)[which]
        if all(figure is None for _, figure in children):
            return own
        may_lack = lambda child: child.unit or not (child.code in peopled or self._states_any(child.code))
        if all(figure is not None or may_lack(child) for child, figure in children):
            return sum(figure for _, figure in children if figure is not None)
        return own

    def _states_any(self, code):
        own = any(value is not None for value in self.declared.get(code, []))
        return own or any(self._states_any(child.code) for child in self.scheme.regions.children(code))

    def findings(self):
        """(code, region, expected, found)."""
        rows = list(self._totals_off()) + list(self._sums_off()) + list(self._targets_off()) + list(self._parents_off())
        words_ = [(verdict, region, "", word) for region, _, _, _, _, word, verdict in self.rows if verdict]
        return rows + list(self._repeated()) + list(self._off_rule()) + list(self._rounded()) + words_

    def _of(self, code):
        return self.scheme.regions.by_code.get(code) if code else None

    def _totals_off(self):
        for nth, (f, at, figures, sub) in enumerate(self.totals):
            since = max((other[1] for other in self.totals[:nth] if other[0] == f), default=-1) if sub else -1
            closed = [row for row in self.rows if row[2] == f and row[3] > since and (row[3] < at or not sub)]
            codes = {row[0] for row in closed}
            inner = lambda row: row[1] and self._of(row[0]) and self._of(row[0]).parent in codes
            top = [row for row in closed if not inner(row)]
            for which, declared in enumerate(figures):
                total = sum(row[4][which] or 0 for row in top)
                if declared is not None and closed and total != declared:
                    yield "footing", None, total, declared

    def _sums_off(self):
        for region, _, f, _, figures, *_ in self.rows:
            resident, employee, total = figures[3:]
            states = lambda which: any(row[2] == f and row[4][which] is not None for row in self.rows)
            if total is None or resident is None and employee is None or not (states(3) and states(4)):
                continue
            if (resident or 0) + (employee or 0) != total:
                yield "footing", region, (resident or 0) + (employee or 0), total

    def _targets_off(self):
        whole = self.figure(self.scheme.root, 1, set())
        if whole is None or not self.rows and not self.totals:
            return
        targets = {rate["target-persons"] for rate in self.scheme.rates
                   if rate["against"] == "task" and not rate.get("against-by-region") and "target-persons" in rate}
        for target in sorted(targets - {whole}):
            yield "footing", None, target, whole

    def _parents_off(self):
        for region, understood, *_, figures, _, _ in self.rows:
            if not (understood and region):
                continue
            for which, own in enumerate(figures):
                children = [child for child in self.scheme.regions.children(region) if not child.unit]
                has = lambda code: any(row[1] and row[0] == code and row[4][which] is not None for row in self.rows)
                if own is None or not children or not all(has(child.code) for child in children):
                    continue
                below = [row[4][which] for row in self.rows if row[1] and self._of(row[0])
                         and self._of(row[0]).parent == region and row[4][which] is not None]
                if sum(below) != own:
                    yield "footing", region, sum(below), own

    def _repeated(self):
        seen = set()
        for region, understood, f, at, figures, *_ in sorted(self.rows, key=lambda row: (row[0] or "", row[2], row[3])):
            if not (understood and region) or not figures[1]:
                continue
            same = self._of(region).level, figures[0], figures[1]
            if same in seen:
                yield "figures-repeated", region, figures[1], figures[1]
            seen.add(same)

    def _off_rule(self):
        said = self.scheme.tasks
        for region, *_, (population, task, floor, last_year, _, both), _, _ in self.rows:
            for key, of, figure in (("task-share", population, task), ("floor-share", task, floor)):
                if key in said and of is not None and figure is not None and half_up(share(said[key]) * of) != figure:
                    yield "off-rule", region, half_up(share(said[key]) * of), figure
            if said.get("task-at-least") == "last-year" and None not in (task, last_year) and task < last_year:
                yield "off-rule", region, last_year, task
            if said.get("over-population") != "off" and population is not None:
                above = next((value for value in (both, last_year, task) if value is not None and value > population), None)
                if above is not None:
                    yield "off-rule", region, population, above

    def _rounded(self):
        if "floor-share" in self.scheme.tasks:
            for f, _, figures, _ in self.totals:
                task, floor = figures[1:3]
                if None not in (task, floor) and any(row[2] == f for row in self.rows):
                    rounded = half_up(share(self.scheme.tasks["floor-share"]) * task)
                    if rounded != floor:
                        yield "off-rule", None, rounded, floor


class Tallies:
    """Counts by region that the engines hand in."""

    def __init__(self):
        self.registered, self.standings, self.previous = Counter(), Counter(), Counter()
        self.lines, self.funding, self.audit = Counter(), {}, {}

    def add_registered(self, region, home, line, cover, count):
        self.registered[region, cover] += count
        self.lines[region, home, line] += count


class Row:
    """A line of the coverage table."""

    def __init__(self, level, code, parent, unit):
        self.level, self.code, self.parent, self.unit = level, code, parent, unit
        self.figures = [None] * 4
        self.registered, self.standings, self.bridge = Counter(), Counter(), Counter()
        self.rates, self.rank = [], None

    def register(self):
        return sum(self.standings.values())

    def rows(self):
        return sum(self.registered.values())


class Board:
    """Figures of every region at every level."""

    def __init__(self, scheme, tallies, tables):
        self.scheme, self.tables, self.memo = scheme, tables, {}
        self.lines = {(r.level, r.code): Row(r.level, r.code, r.parent, r.unit) for r in scheme.regions.inside()}
        for (region, cover), count in tallies.registered.items():
            for place in self.places(region):
                self.at(place).registered[cover] += count
        for (region, standing), count in tallies.standings.items():
            for place in self.places(region):
                self.at(place).standings[standing] += count
        self.bridge(tallies)
        self.declare(tallies)
        for which, rate in enumerate(scheme.rates):
            self.rate(which, rate)
        self.rank()

    def places(self, region):
        if region not in self.memo:
            tree = self.scheme.regions
            places = [(tree.by_code[code].level, code) for code in tree.path(region)]
            below = min((child.level for child in tree.children(region)), default=None)
            self.memo[region] = places + ([(below, region + LAST)] if below is not None else [])
        return self.memo[region]

    def at(self, place):
        if place not in self.lines:
            self.lines[place] = Row(place[0], "", place[1].rstrip(LAST), False)
        return self.lines[place]

    def bridge(self, tallies):
        names = {"unusable", "surplus", "not-on-register"}
        for (region, home, line), count in tallies.lines.items():
            here, there = self.places(region), self.places(home) if home else []
            for place in here:
                bridge = self.at(place).bridge
                bridge["registered"] += count
                what = line if line in names else "other-register" if place not in there else line
                if what != "insured":
                    bridge[what] += count
            if line in ("unpaid", "insured"):
                for place in there:
                    if place not in here:
                        self.at(place).bridge["counted-elsewhere"] += count
                        if line == "unpaid":
                            self.at(place).bridge["unpaid"] += count

    def declare(self, tallies):
        peopled = {row.code for row in self.lines.values() if row.code and row.register() + row.rows() > 0}
        states = any(figures[3] is not None for figures in self.tables.declared.values())
        before = Counter()
        for region, count in tallies.previous.items():
            for place in self.places(region):
                before[place] += count
        for place, row in list(self.lines.items()):
            row.figures = [self.tables.figure(place[1], which, peopled) for which in range(4)]
            if not states and tallies.previous:
                row.figures[3] = before[place]

    def rate(self, which, rate):
        known = {}
        for place in sorted(self.lines, reverse=True):
            row = self.lines[place]
            of, own = known[place[1]] = self.denominator(rate, row, known)
            row.rates.append((self.count(rate, row), None, None) if row.unit or not row.code else
                             self.figure_of(rate, row, of, own))

    def against(self, row, what):
        others = ("local-employee", "elsewhere-employee", "deceased")
        return {"register": row.register(), "population": row.figures[0], "task": row.figures[1], "last-year": row.figures[3],
                "residents": row.register() - sum(row.standings[name] for name in others)}[what]

    def denominator(self, rate, row, known):
        by_region = rate.get("against-by-region", {})
        own = by_region.get(row.code, rate["against"])
        plain = self.against(row, own), own
        if not by_region or not row.code:
            return plain
        below = []
        for child in self.scheme.regions.children(row.code):
            line = self.lines.get((child.level, child.code))
            if not child.unit and line and child.code in known:
                below.append((*known[child.code], line.register() + line.rows() > 0))
        if all(not of for of, _, _ in below):
            return plain
        if all(of is not None or not peopled for of, _, peopled in below):
            return sum(of for of, _, _ in below if of is not None), None
        alike = all(kind == own for _, kind, _ in below) or row.code in by_region
        return plain if alike else (None, None)

    def count(self, rate, row):
        if rate["count"] == "registered":
            return sum(row.registered[cover] for cover in rate["schemes"])
        return sum(row.standings[f"{where}-{cover}"] for where in ("local", "elsewhere") for cover in rate["schemes"])

    def figure_of(self, rate, row, of, own):
        of = of or None
        target = share(rate["target"]) if "target" in rate else None
        floor = row.figures[2] if own == "task" and of else None
        persons = rate.get("target-persons") if row.code == self.scheme.root else None
        shared = -(-target.numerator * of // target.denominator) if target is not None and of else None
        task = of if own == "task" and target is None and "target-persons" in rate else None
        need = next((value for value in (floor, persons, shared, task) if value is not None), None)
        return self.count(rate, row), of, need

    def rank(self):
        which = next(at for at, rate in enumerate(self.scheme.rates) if rate.get("primary"))
        for level in range(4):
            rows = [row for row in self.lines.values() if row.level == level and row.code and not row.unit and row.rates[which][1]]
            ratio = lambda row: Fraction(row.rates[which][0], row.rates[which][1])
            ratios = sorted((ratio(row) for row in rows), reverse=True)
            for row in rows:
                row.rank = ratios.index(ratio(row)) + 1
        self.primary = which

    def ordered(self):
        key = lambda item: (item[1].level, item[1].parent, item[0][1])
        return [row for _, row in sorted(self.lines.items(), key=key)]


def decimals(count, of):
    """Six decimals, half up."""
    if not of:
        return ""
    scaled = (2 * 10**6 * count + of) // (2 * of)
    return f"{scaled // 10**6}.{scaled % 10**6:06}"


BRIDGE = """registered unusable surplus not-on-register other-register deceased counted-elsewhere unpaid local
elsewhere-employee elsewhere-resident deceased-register military prison unreachable declined other uninsured pending
register""".split()


def write_csv(path, head, rows, bom=False):
    with open(path, "w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def blank(value):
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value


def write(scheme, tallies, tables, out):
    """coverage.csv, bridge.csv, funding.csv and audit.csv."""
    board = Board(scheme, tallies, tables)
    rows = board.ordered()
    head = ["level", "code", "name", "parent", "register", "population", "task", "floor", "last_year", "registered",
            "registered_resident", "registered_employee", *STANDINGS, "insured", "settled", "rate_strict", "rate_settled",
            "rate_register", "rate_population", "rate_task", "target_met", "missing", "rank"]
    write_csv(out / "coverage.csv", head, [coverage_row(scheme, board, row) for row in rows], bom=True)
    lines = [(row.code, line, bridge_line(row, line)) for row in rows if row.code for line in BRIDGE]
    write_csv(out / "bridge.csv", ["code", "line", "persons"], lines)
    write_csv(out / "funding.csv", ["payer", "category", "region_code", "persons", "fen"], funding(scheme, tallies))
    write_csv(out / "audit.csv", ["kind", "region_code", "persons", "registrations", "fen"], audit(scheme, tallies))


def coverage_row(scheme, board, row):
    name = scheme.regions.by_code[row.code].name if row.code else "其他"
    population, task, floor, last_year = row.figures
    register, rows = row.register(), row.rows()
    insured, settled = (sum(row.standings[name] for name in names) for names in (INSURED, SETTLED))
    count, _, need = row.rates[board.primary]
    met = None if need is None else count >= need
    missing = None if need is None else max(0, need - count)
    cells = [LEVELS[row.level], row.code, name, row.parent, register, population, task, floor, last_year, rows,
             row.registered["resident"], row.registered["employee"], *(row.standings[name] for name in STANDINGS), insured,
             settled, decimals(insured, register), decimals(settled, register), decimals(insured, register),
             decimals(rows, population), decimals(row.registered["resident"], task), met, missing, row.rank]
    return [blank(cell) for cell in cells]


def bridge_line(row, line):
    of = row.standings
    if line == "local":
        return of["local-employee"] + of["local-resident"]
    if line == "register":
        return row.register()
    if line == "deceased-register":
        return of["deceased"]
    return of[line] if BRIDGE.index(line) > BRIDGE.index("local") else row.bridge[line]


def funding(scheme, tallies):
    tree, rows = scheme.regions, defaultdict(lambda: [0, 0])
    payers = [one["payer"] for one in scheme.categories]
    for (category, region), (persons, fen) in tallies.funding.items():
        path = tree.path(region)
        township = next((code for code in path if tree.by_code[code].level == 2), path[1] if len(path) > 1 else "")
        row = rows[payers.index(payers[category]), category, township == "", township]
        row[0] += persons
        row[1] += fen
    return [(payers[category], scheme.categories[category]["name"], region, persons, fen)
            for (_, category, _, region), (persons, fen) in sorted(rows.items())]


def audit(scheme, tallies):
    kinds = ["same-pool", "cross-region", "cross-scheme"]
    rows = []
    for (kind, region), (persons, extra) in tallies.audit.items():
        region = "" if region == scheme.root else region
        rows.append((kinds.index(kind), region == "", region, persons, extra))
    fen = lambda extra: "" if scheme.fiscal is None else extra * scheme.fiscal
    return [(kinds[kind], region, persons, extra, fen(extra)) for kind, _, region, persons, extra in sorted(rows)]


def write_checks(out, counts):
    write_csv(out / "checks.csv", ["check", "rows"], [(code, counts.get(code, 0)) for code in CODES])


ASIDE = ["blank", "heading", "note", "total", "superseded", "repeated", "other-year", "other-scheme", "after-as-of", "reversed",
         "id-unusable", "used"]


def write_sources(out, files, fates):
    """sources.csv: rows by fate; the digest of each file as canbao prints it."""
    rows = []
    for file in files:
        digest = sha256()
        with open(file.path, "rb") as source:
            while block := source.read(1 << 20):
                digest.update(block)
        rows.append((file.kind, file.name, digest.hexdigest(), file.encoding, *(fates.get((file.at, fate), 0) for fate in ASIDE)))
    write_csv(out / "sources.csv", ["source", "file", "sha256", "encoding", *ASIDE], rows)
