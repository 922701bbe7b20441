"""The same findings, standings, cases and coverage as an office's analyst computes them: pandas, one table a book, merges and
groups, and a workbook at the end (openpyxl). `clerk.py PIPELINE DATA AS-OF OUT`
"""

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from openpyxl import Workbook

import board
import crowd
import rules
import words
from books import (AFTER, COVERS, DAYS, EMPLOYEE, END, FATES, OTHER_COVER, OTHER_SCHEME, OTHER_YEAR, PLACES, REPEATED,
                   RESIDENT, REVERSED, SAYS, STANDINGS, SUPERSEDED, TEXT, UNUSABLE, USED, WEIGHTS, WORDS)
from rival import SHIFT, Rival
from scheme import ACTS_OF, CODES, epoch

NAMED = ["register", "registrations", "payments", "rosters", "elsewhere"]
ZERO = """resident_here resident_away employee_here employee_away registration_subsidy resident_pools payments payments_here
payment_pools paid subsidised_paid paid_here subsidised_here roster_subsidy roster_grant roster_payers""".split()
FOUND = ["code", "key", "of_rn", "rn", "region", "expected", "found", "other", "amount"]
SHEET_ROWS = 1_000_000


def residue(keys):
    return sum((keys // 10 ** (16 - at) % 10) * weight for at, weight in enumerate(WEIGHTS)) % 11


def records(frame):
    """Rows as dicts, with None where there is nothing."""
    plain = frame.astype(object).where(frame.notna(), None)
    return plain.to_dict("records")


def rows(frame, *columns):
    plain = frame[list(columns)]
    return list(plain.astype(object).where(plain.notna(), None).itertuples(index=False, name=None))


def where(flag, then, otherwise):
    index = flag.index
    pick = lambda it: it.to_numpy() if isinstance(it, pd.Series) else it
    return pd.Series(np.where(flag.to_numpy(bool), pick(then), pick(otherwise)), index=index)


def text_where(flag, then, otherwise=None):
    base = otherwise if isinstance(otherwise, pd.Series) else pd.Series(otherwise, index=flag.index, dtype=object)
    return base.astype(object).where(~flag, then)


class Clerk(Rival):
    """One run."""

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def read_all(self):
        self.books, self.numbers, self.repeated, self.repairs = {}, {}, {}, []
        for kind in SAYS:
            if self.has(kind):
                self.type(kind)
            else:
                self.books[kind] = self.nothing(kind)
                self.repeated[kind], self.bad[kind] = {}, []

    def nothing(self, kind):
        columns = {"rn": "int64", "key": "int64", "person": "int64", "code": object, "name": object, "region": object, "word": object,
                   "verdict": object, "here": bool, "pool": object, "fate": "int8", "cover": "int8", "status": "int8",
                   "unknown": object, "category": "float64", "personal": "int64", "subsidised": "int64", "net_personal": "int64",
                   "net_subsidised": "int64", "unmatched": bool, "late_case": object, "unknown_case": object,
                   "is_registration": bool, "is_payment": bool, "unreadable": object, "unreadable_amount": object,
                   "stated": "float64", "last_year": bool, "digest": "uint64"}
        columns |= {column: object if how == TEXT else "float64" for column, (_, how) in SAYS[kind].items() if column not in columns}
        return pd.DataFrame({name: pd.Series(dtype=type_) for name, type_ in columns.items()})

    def load(self, file):
        """The file as text."""
        skip = file.skip
        frame = pd.read_csv(file.path, header=None, skiprows=skip, names=[f"c{at}" for at in range(file.width)], dtype=object,
                            encoding=file.encoding, sep=file.separator, keep_default_na=False, na_values=[""], skip_blank_lines=False)
        number = frame[f"c{file.columns['id']}"]
        fits = number.str.fullmatch(r"[1-9][0-9]{16}[0-9X]").fillna(False).astype(bool)
        key = number.str.slice(0, 17).where(fits, "0").astype("int64")
        y, m, d = key // 10**7 % 10000, key // 10**5 % 100, key // 1000 % 100
        leap = (y % 4 == 0) & ((y % 100 != 0) | (y % 400 == 0))
        longest = np.select([m == 2, m.isin([4, 6, 9, 11])], [28 + leap, 30], 31)
        last = number.str.slice(17).where(fits, "-1").replace("X", "10").astype("int64")
        plain = fits & m.between(1, 12) & (d >= 1) & (d <= longest) & (y > 0) & ((12 - residue(key)) % 11 == last)
        return frame, plain, key, last

    def type(self, kind):
        parts, have = [], set()
        for file in self.of(kind):
            frame, plain, key, last = self.load(file)
            odd = rows(frame[~plain], *frame.columns)
            lines = list(zip(frame.index[~plain].tolist(), map(list, odd)))
            cut_at = plain & (key % 100 == 0) & (last == 0)
            cut = []
            wanted = list(dict.fromkeys(["name", *PLACES, *WORDS.get(kind, []), *(field for field, _ in SAYS[kind].values())]))
            fields = {name: frame[f"c{file.columns[name]}"] for name in wanted if file.has(name)}
            for first, other in file.doubles:
                name = next(name for name, column in file.columns.items() if column == first)
                if name in fields:
                    fields[name] = fields[name].fillna(frame[f"c{other}"])
            if self.loses_digits(file, int((plain & (last != 10)).sum()), int(cut_at.sum()), lines):
                cut = list(zip(frame.index[cut_at].tolist(), key[cut_at].tolist(), fields["name"][cut_at].tolist()))
                plain &= ~cut_at
            found, numbers = self.odd_rows(file, lines, cut)
            self.numbers |= {number[0]: number for number in numbers}
            base = file.at * SHIFT + file.first_row()
            typed = pd.DataFrame({"rn": frame.index.to_numpy() + base, "key": key, "person": key, "code": None, **fields})
            typed["code"] = typed["code"].astype(object)
            typed["digest"] = self.digest(file, frame)
            known = pd.DataFrame(found, columns=["rn", "key", "person", "code"]).astype({"code": object}).set_index("rn")
            at = typed["rn"].isin(known.index)
            place = typed.loc[at, "rn"]
            for name in ("key", "person", "code") if at.any() else ():
                typed.loc[at, name] = known[name].loc[place].to_numpy()
            parts.append(typed[plain | at])
            have.update(fields)
        frame = pd.concat(parts, ignore_index=True)
        frame = self.words_read(kind, frame, have)
        frame["fate"] = self.fate(kind, frame)
        self.repeats(kind, frame)
        if kind in ("payments", "elsewhere"):
            self.reverse(kind, frame)
        frame.loc[frame["code"].notna() & (frame["fate"] == USED), "fate"] = UNUSABLE
        self.books[kind] = frame

    def digest(self, file, frame):
        if len(self.of(file.kind)) < 2 or file.kind == "payments" and file.has("voucher"):
            return np.zeros(len(frame), "uint64")
        total = np.zeros(len(frame), "uint64")
        for at, seed in enumerate(file.seeds):
            if seed and seed != "serial":
                cell = frame[f"c{at}"]
                hashes = pd.util.hash_array((seed + "\0" + cell.fillna("").astype(object)).to_numpy(object))
                total += np.where(cell.isna(), 0, hashes).astype("uint64")
        return total

    def words_read(self, kind, frame, have):
        """Every distinct word is read once."""
        frame["name"] = frame["name"].astype(object) if "name" in frame else None
        odd = ~frame["name"].str.fullmatch(r"[\u4e00-\u9fff·A-Za-z]+").fillna(True).astype(bool)
        names = list(self.read_names(frame.loc[odd, "name"].unique()))
        self.note(frame, "name", [(word, word, cleaned or "", rules_) for word, cleaned, rules_ in names])
        clean = {word: cleaned for word, cleaned, _ in names}
        frame.loc[odd, "name"] = frame.loc[odd, "name"].map(clean)
        places, located = [name for name in PLACES if name in have], ["region", "word", "verdict", "here", "pool"]
        if places:
            known = [row for row in self.located(kind, places, rows(frame[places].drop_duplicates(), *places))]
            table = pd.DataFrame(known, columns=[*places, *located]).astype(dict.fromkeys(places, object))
            frame = frame.merge(table, on=places, how="left").drop(columns=places)
        else:
            for name, value in zip(located, next(self.located(kind, [], [()]))):
                frame[name] = pd.Series(value, index=frame.index, dtype=bool if name == "here" else object)
        self.bad[kind], spent = [], set()
        made = {}
        for column, (field, how) in SAYS[kind].items():
            spent.add(field)
            if how == TEXT:
                made[column] = frame[field].astype(object) if field in have else pd.Series(None, index=frame.index, dtype=object)
            elif field not in have:
                made[column] = pd.Series(np.nan, index=frame.index)
            else:
                read = list(self.read(how, frame[field].dropna().unique()))
                self.note(frame, field, [(word, cell, after, rules_) for word, _, _, rules_, cell, after in read])
                bad = {row[0] for row in read if row[2]}
                made[column] = frame[field].map({row[0]: row[1] for row in read}).astype("float64")
                if bad:
                    made[f"bad_{column}"] = frame[field].where(frame[field].isin(bad)).astype(object)
                    self.bad[kind].append(column)
        made |= self.vocabulary(kind, frame, have, made)
        keep = frame[["rn", "key", "person", "code", "digest", "name", *located]].copy()
        frame = pd.concat([keep, pd.DataFrame(made, index=keep.index)], axis=1)
        if kind == "register":
            for column in ("death", "moved_out"):
                frame.loc[frame[column] > self.today, column] = np.nan
        return self.money(kind, frame)

    def note(self, frame, field, rows_):
        """Cells that are read as something else than what was written."""
        rows_ = [(word, cell, after, rule) for word, cell, after, rules_ in rows_ for rule in rules_]
        if rows_:
            table = pd.DataFrame(rows_, columns=[field, "before", "after", "rule"]).astype(object)
            found = frame[["rn", field]].astype({field: object}).merge(table, on=field).drop(columns=field)
            self.repairs.append(found.assign(field=field))

    def vocabulary(self, kind, frame, have, made):
        scheme, out, unknown, texts = self.scheme, {}, pd.Series(None, index=frame.index, dtype=object), WORDS.get(kind, [])
        distinct = lambda field: frame[field].dropna().unique()

        def look_up(field, read, default):
            table = {word: read(word) for word in distinct(field)}
            nonlocal unknown
            unknown = unknown.where(unknown.notna(), frame[field].map({word: both[1] for word, both in table.items()}))
            return frame[field].map({word: both[0] for word, both in table.items()}).fillna(default)

        if "scheme" in texts:
            read = lambda word: (COVERS.index((found := words.cover(word, kind, scheme))[0]), found[1])
            out["cover"] = look_up("scheme", read, RESIDENT).astype("int8") if "scheme" in have else RESIDENT
        if "status" in texts:
            read = lambda word: (words.STATUS_ORDER.index((found := words.status(word, kind, scheme))[0]), found[1])
            status = look_up("status", read, 0).astype("int8") if "status" in have else pd.Series(0, index=frame.index, dtype="int8")
            if "ended" in have:
                silent = frame["status"].isna() if "status" in have else True
                status = status.mask((made["ended"] <= self.today) & silent, 2)
            out["status"] = status
        if "year" in texts:
            years = frame["year"].map({word: words.year(word) for word in distinct("year")}) if "year" in have else pd.Series(np.nan, index=frame.index)
            out["other_year"], out["last_year"] = years.notna() & (years != scheme.year), years == scheme.year - 1
        if "late-case" in texts:
            cases = {word: self.late_case(word) for word in distinct("late-case")} if "late-case" in have else {}
            column = frame["late-case"] if "late-case" in have else pd.Series(None, index=frame.index, dtype=object)
            out["late_case"] = column.map({word: both[0] for word, both in cases.items()}).astype(object)
            out["unknown_case"] = column.map({word: both[1] for word, both in cases.items()}).astype(object)
        if kind == "rosters":
            declared = scheme.sources[kind].get("category")
            at = scheme.category(declared) if declared else None
            if "category" in have:
                read = {word: scheme.category(word) for word in distinct("category")}
                out["category"] = frame["category"].map(read).astype("float64")
                unknown = text_where(frame["category"].isna(), "", frame["category"].where(out["category"].isna()))
            else:
                out["category"] = pd.Series(np.nan if at is None else at, index=frame.index)
                unknown = pd.Series("" if at is None else None, index=frame.index, dtype=object)
        if texts:
            out["unknown"] = unknown
        return out

    def money(self, kind, frame):
        """Personal and subsidised money from the columns that each sheet has."""
        if kind == "households":
            frame["stated"] = frame["total"].fillna(frame["personal_"])
        if kind not in ("payments", "elsewhere"):
            return frame
        none = pd.Series(None, index=frame.index, dtype=object)
        bad = lambda column: frame[f"bad_{column}"] if column in self.bad[kind] else none
        zero = lambda column: frame[column].fillna(0)
        minus = lambda a, b: where(frame[a].isna() | bad(b).notna(), 0, frame[a] - zero(b))
        frame["personal"], frame["subsidised"], frame["unreadable_amount"] = 0, 0, none
        frame["is_registration"], frame["is_payment"] = False, False
        of_file = frame["rn"] // SHIFT
        for file in self.of(kind):
            mine = of_file == file.at
            personal, total, subsidy = (file.has(name) for name in ("personal", "total", "subsidy"))
            if personal:
                parts = zero("personal_"), zero("subsidy") if subsidy else minus("total", "personal_") if total else 0 * zero("total")
            else:
                parts = minus("total", "subsidy") if total and subsidy else zero("total"), zero("subsidy")
            unread = none
            for column, has in (("personal_", personal), ("total", total), ("subsidy", subsidy)):
                unread = unread.where(unread.notna(), bad(column)) if has else unread
            states = personal or total
            registration = file.has("status") or file.has("registration-no") or not states
            stated = frame["personal_"].notna() | frame["total"].notna() if registration else pd.Series(True, index=frame.index)
            for name, value in zip(("personal", "subsidised"), parts):
                frame.loc[mine, name] = value[mine].astype("int64")
            frame.loc[mine, "unreadable_amount"] = unread[mine]
            frame.loc[mine, "is_registration"], frame.loc[mine, "is_payment"] = registration, stated[mine] & states
        frame["unreadable"] = bad("paid_on")
        frame["net_personal"], frame["net_subsidised"], frame["unmatched"] = frame["personal"], frame["subsidised"], False
        return frame

    def fate(self, kind, frame):
        scheme, files, texts = self.scheme, self.of(kind), WORDS.get(kind, [])
        newest = max((file.batch for file in files if file.batch), default=None)
        dated = scheme.mode(kind) == "snapshot" and "batch" in scheme.sources[kind]
        old = [file.at for file in files if dated and file.batch != newest]
        no = pd.Series(False, index=frame.index)
        begun = no
        if kind in ("registrations", "elsewhere"):
            begun = frame["begun"] > where(frame["cover"] == RESIDENT, max(self.today, epoch(scheme.benefit[0])), self.today)
        after = {"registrations": lambda: begun, "payments": lambda: frame["paid_on"] > self.today,
                 "elsewhere": lambda: frame["is_payment"] & (frame["paid_on"] > self.today) | frame["is_registration"] & begun,
                 "deaths": lambda: frame["death"] > self.today, "departures": lambda: frame["moved_out"] > self.today}.get(kind, lambda: no)()
        flags = [(frame["rn"] // SHIFT).isin(old), frame["other_year"] if "year" in texts else no,
                 frame["cover"] == OTHER_COVER if "scheme" in texts else no, after]
        return np.select(flags, [SUPERSEDED, OTHER_YEAR, OTHER_SCHEME, AFTER], USED).astype("int8")

    def repeats(self, kind, frame):
        first = crowd.first_of
        mark, worth = {
            "registrations": (lambda r: r["number"], lambda r: (r["status"], first(r["begun"]), first(r["number"]))),
            "payments": (lambda r: r["voucher"] and (r["voucher"], r["personal"] + r["subsidised"]),
                         lambda r: (first(r["paid_on"]), first(r["voucher"]))),
            "elsewhere": (lambda r: (r["voucher"], r["personal"] + r["subsidised"]) if r["is_payment"] and r["voucher"]
                          else r["number"] if r["is_registration"] else None,
                          lambda r: (r["status"], first(r["paid_on"] if r["paid_on"] is not None else r["begun"]),
                                     first(r["voucher"] or r["number"]))),
        }.get(kind, (None, lambda r: (0,)))
        self.repeated[kind] = {}
        if mark is None and len(self.of(kind)) < 2:
            return
        open_ = frame[frame["fate"] != SUPERSEDED]
        several = open_[open_["person"].duplicated(keep=False)]
        found = self.repeated[kind] = crowd.repeats(records(several), mark or (lambda r: None), worth)
        frame.loc[frame["rn"].isin(found.keys()), "fate"] = REPEATED

    def reverse(self, kind, frame):
        open_ = (frame["fate"] == USED) & (frame["is_payment"] if kind == "elsewhere" else True)
        keys = frame.loc[open_ & (frame["personal"] + frame["subsidised"] < 0), "key"].unique()
        outcome = rules.cancel(records(frame[open_ & frame["key"].isin(keys)]))
        if not outcome:
            return
        table = pd.DataFrame(outcome, columns=["rn", "p", "s", "gone", "alone"]).set_index("rn")
        at = frame["rn"].isin(table.index)
        mine = table.reindex(frame.loc[at, "rn"])
        frame.loc[at, "net_personal"], frame.loc[at, "net_subsidised"] = mine["p"].to_numpy(), mine["s"].to_numpy()
        frame.loc[at, "unmatched"] = mine["alone"].to_numpy()
        frame.loc[frame["rn"].isin(table.index[table["gone"]]), "fate"] = REVERSED

    # ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def used(self, kind):
        frame = self.books[kind]
        return frame[frame["fate"] == USED]

    def gather(self):
        base = ["rn", "key", "name", "region", "here", "pool", "cover"]
        normal = lambda frame: frame[frame["status"] == 0]
        effective = lambda frame: frame[frame["net_personal"] + frame["net_subsidised"] > 0]
        mine, theirs, money = normal(self.used("registrations")), self.used("elsewhere"), [*base, "net_personal", "net_subsidised",
                              "paid_on", "voucher", "unreadable", "unreadable_amount"]
        stack = lambda columns, *frames: pd.concat([frame[columns] for frame in frames if len(frame)] or [frames[0][columns]], ignore_index=True)
        r = [*base, "number", "begun", "subsidised"]
        self.r = stack(r, mine, normal(theirs[theirs["is_registration"]]))
        self.p = stack(money, effective(self.used("payments")), effective(theirs[theirs["is_payment"]]))
        self.g, self.l, self.s, self.h = (self.used(kind) for kind in ("register", "rosters", "students", "households"))
        self.crowd = {book: frame[frame["key"].duplicated(keep=False)] for book, frame in
                      (("g", self.g), ("r", self.r), ("p", self.p), ("h", self.h))}
        self.lines = {book: records(frame) for book, frame in self.crowd.items()}
        self.sum_up()
        self.effects()
        self.people()

    def alone(self, book):
        frame = getattr(self, book)
        return frame[~frame["key"].duplicated(keep=False)]

    def and_several(self, alone, several):
        if not several:
            return alone
        several = pd.DataFrame(several, columns=alone.columns)
        for name in alone.columns:
            if pd.api.types.is_numeric_dtype(alone[name]):
                several[name] = pd.to_numeric(several[name])
        return pd.concat([alone, several], ignore_index=True)

    def sum_up(self):
        root = self.scheme.root
        resident, r, p = lambda f: f["cover"] == RESIDENT, self.alone("r"), self.alone("p")
        there = self.r[resident(self.r) & self.r["here"] & self.r["region"].notna()]
        registered = set(rows(there[there["key"].isin(self.crowd["g"]["key"])], "key", "region"))
        g = self.alone("g")
        alone = pd.DataFrame({"key": g["key"], "g_rn": g["rn"], "register_region": g["region"], "death": g["death"], "moved_out": g["moved_out"]})
        self.sum_g = self.and_several(alone, list(crowd.register(self.lines["g"], registered)))
        self.sum_g["register_region"] = self.sum_g["register_region"].fillna(root)
        home = self.sum_g[self.sum_g["key"].isin(self.crowd["r"]["key"]) & (self.sum_g["register_region"] != root)]
        res, emp, here = resident(r), r["cover"] == EMPLOYEE, r["here"]
        count = lambda flag: flag.astype("int64")
        alone = pd.DataFrame({
            "key": r["key"], "resident_here": count(res & here), "resident_away": count(res & ~here), "employee_here": count(emp & here),
            "employee_away": count(emp & ~here), "employee_begun": r["begun"].where(emp), "employee_pool": r["pool"].where(emp),
            "registration_subsidy": r["subsidised"].fillna(0), "resident_pools": count(res), "resident_pool": r["pool"].where(res),
            "counted_region": r["region"].where(here), "counted_rn": r["rn"].where(here), "r_rn": r["rn"]})
        self.sum_r = self.and_several(alone, list(crowd.registrations(self.lines["r"], dict(rows(home, "key", "register_region")))))
        res, here = resident(p), p["here"]
        alone = pd.DataFrame({
            "key": p["key"], "payments": count(res), "payments_here": count(res & here), "payment_pools": count(res),
            "paid": p["net_personal"].where(res, 0), "subsidised_paid": p["net_subsidised"].where(res, 0),
            "paid_here": p["net_personal"].where(res & here, 0), "subsidised_here": count(res & here & (p["net_subsidised"] > 0)),
            "first_paid": p["paid_on"].where(res), "first_paid_here": p["paid_on"].where(res & here), "last_paid": p["paid_on"].where(res),
            "last_paid_here": p["paid_on"].where(here), "first_pool": p["pool"], "payment_region": p["region"], "p_rn": p["rn"]})
        self.sum_p = self.and_several(alone, list(crowd.payments(self.lines["p"])))
        paid = self.sum_p[self.sum_p["key"].isin(self.l["key"]) & self.sum_p["first_paid"].notna()]
        lists = records(self.l)
        for row in lists:
            row["category"] = None if row["category"] is None else int(row["category"])
        found = list(crowd.rosters(lists, dict(rows(paid, "key", "first_paid")), self.scheme, self.today, epoch(self.no_payment)))
        columns = ["key", "roster_now", "roster_subsidy", "roster_region", "category_now", "roster_grant", "roster_category", "roster_payers", "l_rn"]
        self.sum_l = pd.DataFrame(found, columns=columns).astype({"key": "int64", "category_now": "float64", "roster_category": "float64"})

    def effects(self):
        scheme, end = self.scheme, epoch(self.scheme.window[1])
        until = epoch(scheme.until) if scheme.until else None
        keys = set()
        if scheme.late:
            p = self.p[(self.p["cover"] == RESIDENT) & self.p["paid_on"].notna()]
            late = p["here"] & (p["paid_on"] > end)
            # Born within a few months of paying: looked at closely further on.
            reach = [value if name == "born-within-days" else 31 * (value + 1) for rule in scheme.late for name, value in rule["when"]
                     if name in ("born-within-days", "born-within-months")]
            if reach:
                national = p["key"].between(10**13, 10**17 - 1)
                born = pd.to_datetime((p["key"] // 1000 % 10**8).where(national, 19000101).astype(str), format="%Y%m%d", errors="coerce")
                age = p["paid_on"] - (born - pd.Timestamp("1970-01-01")).dt.days
                late |= p["here"] & national & age.between(0, max(reach))
            if until:
                late |= p["paid_on"] > until
            keys = set(p.loc[late, "key"].tolist())
            if until and epoch(self.no_payment) > until:
                keys |= set(self.l["key"].tolist())
        self.concerned = keys
        of = lambda frame, *columns: rows(frame[frame["key"].isin(keys)], *columns)
        ended = lambda frame: frame[frame["ended"].notna() & (frame["cover"] == EMPLOYEE)]
        said = lambda frame: frame[frame["late_case"].notna() | frame["event_on"].notna()]
        theirs = self.used("elsewhere")
        listed = [(key, int(category), a, b) for key, category, a, b in of(self.l[self.l["category"].notna()], "key", "category", "identified", "ended")]
        self.open_dossiers(
            keys, of(self.r[self.r["cover"] == EMPLOYEE], "key", "begun"),
            of(ended(self.used("registrations")), "key", "begun", "ended") + of(ended(theirs[theirs["is_registration"]]), "key", "begun", "ended"),
            listed, of(said(self.used("registrations")), "key", "late_case", "event_on") + of(said(self.used("payments")), "key", "late_case", "event_on"))
        self.decide()

    def decide(self):
        scheme = self.scheme
        two_years = any(rule["price"] == "two-years" for rule in scheme.late)
        mine = self.p[self.p["key"].isin(self.concerned) & self.p["here"] & (self.p["cover"] == RESIDENT)]
        largest = mine.groupby("key")["net_personal"].max().to_dict()
        years, before, listed = {}, {}, set()
        registrations = self.used("registrations")
        for key, many, repaid in rows(registrations[registrations["broken"].notna()], "key", "broken", "repaid"):
            years[key] = max(years.get(key, (0, 0)), (int(many), int(repaid or 0)))
        if two_years:
            old = self.books["payments"]
            old = old[old["last_year"] & (old["fate"] == OTHER_YEAR) & (old["cover"] == RESIDENT) & old["here"] & ~(old["paid_on"] > self.today)]
            before = (old["personal"] + old["subsidised"]).groupby(old["key"]).sum().to_dict()
            listed = set(self.used("previous")["key"])
        persons = pd.DataFrame({"key": list(self.concerned)}, dtype="int64").merge(self.sum_p, on="key", how="left").merge(self.sum_l, on="key", how="left")
        found = []
        for person in records(persons):
            key, whole = person["key"], lambda value: None if value is None else int(value)
            person |= {"grant": whole(person["roster_grant"]), "category": whole(person["roster_category"]),
                       "payers": whole(person["roster_payers"]), "largest": largest.get(key), "paid_last_year": before.get(key),
                       "enrolled_last_year": key in listed, "broken": years.get(key, (0, 0))[0], "repaid": years.get(key, (0, 0))[1]}
            found.append((key, *rules.effect(person, self.dossiers[key], scheme, self.no_payment)))
        columns = ["key", "entry", "e_grant", "e_category", "e_payers", "e_payable", "price", "starts_on", "waits_until", "benefit_from", "benefit_to"]
        self.effect = pd.DataFrame(found, columns=columns).astype({"key": "int64"})

    def people(self):
        scheme, root, digits = self.scheme, self.scheme.root, self.scheme.pool_digits
        q = self.sum_g.merge(self.sum_r, on="key", how="outer").merge(self.sum_p, on="key", how="outer").merge(self.sum_l, on="key", how="outer")
        for kind, column, name in (("deaths", "death", "listed_death"), ("departures", "moved_out", "listed_move")):
            listed = self.used(kind).groupby("key")[column].min().rename(name).reset_index()
            listed[f"is_{name}"] = True
            q = q.merge(listed, on="key", how="left")
        schools = self.s.groupby("key").agg(school_pool=("pool", "min"), enrolled_on=("enrolled_on", "max"), graduates_on=("graduates_on", "max"))
        q = q.merge(schools.assign(student=True).reset_index(), on="key", how="left")
        q = q.merge(self.effect[["key", "entry", "e_grant", "e_category", "e_payers", "e_payable"]], on="key", how="left")
        for name in ZERO:
            q[name] = q[name].astype("float64").fillna(0).astype("int64")
        for name in ("roster_now", "student"):
            q[name] = q[name].astype(object).notna() & (q[name] == True)  # noqa: E712
        q["on_register"], q["on_roster"] = q["g_rn"].notna(), q["l_rn"].notna()
        q["register_pool"] = q["register_region"].str.slice(0, digits)
        q["employed"] = q["employee_here"] + q["employee_away"] > 0
        q["resident"] = q["resident_here"] + q["resident_away"] > 0
        late = q["e_payable"].notna()
        q["grant_"] = where(late, q["e_grant"].astype("float64"), q["roster_grant"]).astype("int64")
        q["category"] = where(late, q["e_category"].astype("float64"), q["roster_category"])
        q["grant_payers"] = where(late, q["e_payers"].astype("float64"), where(q["roster_grant"] > 0, q["roster_payers"], 0)).astype("int64")
        q["payable"] = where(late, q["e_payable"].astype("float64"), scheme.premium - q["roster_grant"]).astype("int64")
        q["dead"], q["departed"] = q["is_listed_death"].notna() | q["death"].notna(), q["is_listed_move"].notna() | q["moved_out"].notna()
        q["death_on"], q["departed_on"] = q[["listed_death", "death"]].min(axis=1), q[["listed_move", "moved_out"]].min(axis=1)
        region = q["register_region"].where(q["register_region"] != root)
        for name in ("counted_region", "roster_region", "payment_region", "register_region"):
            region = region.fillna(q[name])
        q["region"] = region
        q["face"] = q["g_rn"].fillna(q["r_rn"]).fillna(q["p_rn"]).fillna(q["l_rn"]).astype("int64")
        self.keep_relation(q)
        subsidy = q["registration_subsidy"] + q["roster_subsidy"] > 0
        insures = (q["payments"] > 0) | subsidy | (q["payable"] == 0) if scheme.insured_when_paid else pd.Series(True, index=q.index)
        flags = [q["dead"], q["employee_here"] > 0, (q["resident_here"] > 0) & insures, q["employed"], (q["resident_away"] > 0) & insures, q["departed"]]
        q["standing"] = np.select(flags, [1, 2, 3, 4, 5, 10], 11).astype("int8")
        self.q = q

    def keep_relation(self, q):
        pools = {}
        for row in self.lines["r"]:
            if row["cover"] == RESIDENT:
                pools.setdefault(row["key"], set()).add(row["pool"])
        many = q["resident_pools"] > 1
        has = lambda column: pd.Series([m and pool in pools.get(key, ()) for m, key, pool in zip(many, q["key"], q[column])], index=q.index, dtype=bool)
        choices = [(q["on_register"], "register_pool", "residence"), (many, "resident_pool", "lowest-code"), (many & has("register_pool"), "register_pool", "residence"),
                   (many & has("school_pool"), "school_pool", "school"), (q["resident_pools"] == 1, "resident_pool", "only-registration")]
        pool, why = q["first_pool"].astype(object), pd.Series("first-payment", index=q.index, dtype=object)
        for flag, column, because in choices:
            pool, why = pool.where(~flag, q[column]), why.where(~flag, because)
        q["kept_pool"], q["kept_why"] = pool, why

    # ── findings ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def add(self, code, frame, **columns):
        """Findings of the selected rows: columns by name, or values."""
        out = pd.DataFrame({"code": code}, index=frame.index)
        for name in FOUND[1:]:
            it = columns.get(name, "rn" if name in ("of_rn", "rn") else None)
            out[name] = frame[it] if isinstance(it, str) and it in frame else it
        self.found.append(out)

    def add_rows(self, found):
        self.found.append(pd.DataFrame(list(found), columns=FOUND))

    def judge(self):
        self.found = []
        self.of_rows()
        self.of_persons()
        self.of_records()
        self.of_amounts()
        self.of_names()
        self.suspects()
        self.add_rows(self.read_tables())
        found = pd.concat([frame.astype(object) for frame in self.found if len(frame)], ignore_index=True)
        states = {"deaths": self.g["death"].notna().any(), "departures": self.g["moved_out"].notna().any()}
        self.findings = found[found["code"].isin(self.codes_that_run(states))]

    def of_rows(self):
        ambiguous = []
        for kind in SAYS:
            if not self.has(kind):
                continue
            frame = self.books[kind].copy(deep=False)
            frame["owner"] = frame["key"].astype(object).where(frame["code"].isna(), None)
            counted = frame[frame["fate"].isin([USED, UNUSABLE])]
            bad = counted[counted["code"].notna()]
            for code in bad["code"].unique():
                self.add(code, bad[bad["code"] == code], region="region")
            named = [file.at for file in self.of(kind) if file.has("name")]
            self.add("name-missing", counted[counted["name"].isna() & (counted["rn"] // SHIFT).isin(named)], key="owner", region="region")
            self.add("region-unknown", counted[counted["verdict"] == "region-unknown"], key="owner", region="region", found="word")
            ambiguous.append(counted[counted["verdict"] == "region-ambiguous"][["key", "owner", "rn", "region", "word"]])
            if kind in WORDS:
                known = frame[frame["fate"].isin([USED, UNUSABLE, OTHER_SCHEME]) & frame["unknown"].notna()]
                self.add("category-unknown", known, key="owner", region="region", found="unknown")
            if "late-case" in WORDS.get(kind, []):
                self.add("category-unknown", counted[counted["unknown_case"].notna()], key="owner", region="region", found="unknown_case")
            said = {"paid_on", "personal_", "total", "subsidy"} if kind == "payments" else set()
            unread = [f"bad_{column}" for column in self.bad[kind] if column not in said]
            if unread:
                rest = counted[counted[unread].notna().any(axis=1) & (counted["unknown"].isna() if kind in WORDS else True)].copy()
                rest["text"] = rest[unread].apply(lambda row: "|".join(row.dropna()), axis=1) if len(rest) else None
                self.add("category-unknown", rest, key="owner", region="region", found="text")
            if kind in ("payments", "elsewhere"):
                alone = counted[counted["unmatched"]]
                self.add("reversal-unmatched", alone, key="owner", region="region", amount=alone["personal"] + alone["subsidised"])
            self.of_repeats(kind, frame)
        one = pd.concat(ambiguous).sort_values("rn").drop_duplicates("key")
        self.add("region-ambiguous", one, key="owner", region="region", found="word")

    def of_repeats(self, kind, frame):
        increment, pairs, single = self.scheme.mode(kind) == "increment", {}, {}
        for rn, kept in self.repeated[kind].items():
            if increment and rn // SHIFT != kept // SHIFT:
                pairs[rn // SHIFT, kept // SHIFT] = pairs.get((rn // SHIFT, kept // SHIFT), 0) + 1
            else:
                single[rn] = kept
        mine = frame[frame["rn"].isin(single.keys())]
        self.add("row-repeated", mine, key="owner", region="region", other=mine["rn"].map(single))
        self.add_rows(("row-repeated", None, None, one * SHIFT, None, None, str(count), kept * SHIFT, None) for (one, kept), count in pairs.items())

    def of_persons(self):
        scheme, day, q = self.scheme, epoch(self.scheme.benefit[0]), self.q
        here = q["resident_here"] + q["employee_here"] > 0
        before = lambda on: q[on].isna() | (q[on] < day)
        free = q["registration_subsidy"] + q["roster_subsidy"] == 0
        subsidised, entitled = q["subsidised_here"] > 0, q["grant_"] > 0
        as_day = lambda it: it.map(lambda days: None if pd.isna(days) else str(words.of_epoch(int(days)))) if isinstance(it, pd.Series) else it
        of = lambda column: lambda some: some[column]
        dated = lambda column: lambda some: as_day(some[column])
        none = lambda some: None
        name = lambda some: some["category_now"].map({at: one["name"] for at, one in enumerate(scheme.categories)})
        begins = lambda some: str(scheme.benefit[0])
        persons = [
            ("paid-not-registered", "p_rn", (q["payments_here"] > 0) & ~q["resident"], none, none, of("paid")),
            ("registered-not-paid", "counted_rn", (q["resident_here"] > 0) & (q["payments"] == 0) & free & (q["payable"] > 0), none, none, of("payable")),
            ("deceased-registered", "counted_rn", q["dead"] & before("death_on") & here, begins, dated("death_on"), none),
            ("deceased-paid", "p_rn", q["last_paid_here"] > q["death_on"], dated("death_on"), dated("last_paid_here"), of("paid")),
            ("moved-out", "counted_rn", q["departed"] & before("departed_on") & here, begins, dated("departed_on"), none),
            ("uninsured", "face", (q["on_register"] | q["on_roster"]) & (q["standing"] == 11), none, none, none),
            ("not-on-register", "counted_rn", here & ~q["on_register"], none, none, none),
            ("hardship-uninsured", "l_rn", q["roster_now"] & q["standing"].isin([8, 9, 10, 11]), name, none, none),
            ("subsidy-missed", "p_rn", entitled & (q["paid_here"] > q["payable"]), of("payable"), of("paid_here"), lambda some: some["paid_here"] - some["payable"]),
            ("subsidy-unentitled", "p_rn", subsidised & ~entitled, lambda some: "0", of("subsidised_paid"), of("subsidised_paid")),
            ("subsidy-while-employee", "p_rn", subsidised & q["employed"], none, none, of("subsidised_paid")),
        ]
        for code, rn, flag, expected, found, amount in persons:
            some = q[flag]
            other = some["l_rn"] if code.startswith("subsidy-") else None
            self.add(code, some, key="key", of_rn="face", rn=some[rn].fillna(some["face"]), region="region", expected=expected(some),
                     found=found(some), other=other, amount=amount(some))
        several = q[entitled & (q["grant_payers"] > 1)]
        for nth in range(1, int(several["grant_payers"].max()) if len(several) else 1):
            some = several[several["grant_payers"] > nth]
            self.add("subsidy-overlap", some, key="key", of_rn="face", rn=some["l_rn"].fillna(some["face"]), region="region", expected="grant_payers",
                     found="grant_payers", amount="grant_")

    def of_records(self):
        q, lines, scheme = self.q, self.lines, self.scheme
        crowded = pd.concat([frame["key"] for frame in self.crowd.values()])
        looked = q[q["key"].isin(crowded) | (q["resident_pools"] > 1) | (q["payment_pools"] > 1) | q["employed"] & q["resident"]]
        people = {row["key"]: row for row in records(looked)}
        self.add_rows(crowd.duplicates(lines["r"], lines["p"], lines["g"], lines["h"], {key: row["payable"] for key, row in people.items()}))
        self.add_rows(crowd.cross_region(lines["r"], lines["p"], people))
        self.add_rows(crowd.cross_scheme(lines["r"], people))
        elsewhere = lambda right: ~(q["first_pool"] == q[right])
        doubtful = q[(q["payments"] > 0) & (q["resident"] & elsewhere("resident_pool") | ~q["resident"] & q["on_register"] & elsewhere("register_pool"))]
        pools = lambda frame: frame[(frame["cover"] == RESIDENT) & frame["key"].isin(doubtful["key"])].groupby("key")["pool"].agg(set).to_dict()
        self.add_rows(crowd.wrong_region(records(doubtful), pools(self.p), pools(self.r)))
        school = self.s.groupby("key").agg(school=("pool", "min"), listed=("rn", "min")).reset_index()
        away = self.r[(self.r["cover"] == RESIDENT) & ~self.r["here"]].merge(school, on="key")
        self.add("student-duplicate", away, key="key", expected="school", found="pool", other="listed")
        approval = self.l["approved"].fillna(self.l["identified"])
        if scheme.cut_off:
            self.add("roster-late", self.l[approval > epoch(scheme.cut_off)], key="key", expected=str(scheme.cut_off))
        unentitled = q[(q["subsidised_here"] > 0) & (q["grant_"] == 0)][["key", "first_paid"]]
        ended = self.l.merge(unentitled, on="key")
        last, cut = ended["first_paid"].fillna(epoch(self.no_payment)), epoch(scheme.cut_off) if scheme.by_cut_off else None
        if cut is not None:
            last = last.clip(lower=cut) if scheme.by_payment_day else last * 0 + cut
        self.add("roster-ended", ended[ended["ended"] <= last], key="key")

    def of_amounts(self):
        q = self.q[["key", "payable", "grant_", "grant_payers", "employed", "student", "enrolled_on"]]
        here = self.p[(self.p["cover"] == RESIDENT) & self.p["here"]].merge(q, on="key", how="left")
        personal, subsidised = here["net_personal"], here["net_subsidised"]
        exact = personal == here["payable"]
        as_entitled = (personal > here["payable"]) | exact & ((subsidised == 0) | (subsidised == here["grant_"]))
        known = where(here["grant_"] > 0, as_entitled, (subsidised > 0) | exact) | here["employed"] & (subsidised > 0) | here["unreadable_amount"].notna()
        doubtful = here[~known.astype(bool)]
        mine = self.p[(self.p["cover"] == RESIDENT) & self.p["key"].isin(doubtful["key"])]
        sums = mine.groupby(["key", "pool"])[["net_personal", "net_subsidised"]].sum()
        self.add_rows(crowd.amount_wrong(records(doubtful), dict(zip(sums.index, sums.itertuples(index=False, name=None)))))
        for book in ("payments", "elsewhere"):
            frame = self.used(book)
            self.add("amount-wrong", frame[frame["is_payment"] & frame["here"] & (frame["cover"] == RESIDENT) & frame["unreadable_amount"].notna()],
                     key="key", found="unreadable_amount")
        late = here[(here["paid_on"] > epoch(self.scheme.window[1])) | here["paid_on"].isna() & here["unreadable"].notna()]
        outside = set(self.outside(rows(late, "rn", "key", "paid_on", "student", "enrolled_on")))
        self.add("outside-window", late[late["rn"].isin(outside)], key="key", expected=str(self.scheme.window[1]), amount="net_personal")
        self.of_households()

    def of_households(self):
        stated = self.h[self.h["stated"].notna()]
        if stated.empty:
            return
        kept = self.h.sort_values(["household", "rn"]).drop_duplicates("key")[["key", "rn"]].rename(columns={"rn": "kept"})
        all_ = stated.merge(kept, on="key").merge(self.q[["key", "dead", "death_on", "employed", "payable"]], on="key", how="left")
        gone = (all_["dead"] == True) & (all_["death_on"].isna() | (all_["death_on"] < epoch(self.scheme.benefit[0])))  # noqa: E712
        free = (all_["rn"] != all_["kept"]) | gone | (all_["employed"] == True)  # noqa: E712
        all_["charge"] = all_["payable"].fillna(self.scheme.premium).where(~free, 0)
        wrong = all_[all_["stated"] != all_["charge"]]
        self.add("amount-wrong", wrong, key="key", expected="charge", found="stated", amount=wrong["stated"] - wrong["charge"])

    def of_names(self):
        used = {book: self.used(book)[["key", "name", "rn"]].dropna(subset=["name"]) for book in NAMED}
        all_ = pd.concat([frame[["key", "name"]] for frame in used.values()]).drop_duplicates()
        doubtful = all_.loc[all_["key"].duplicated(), "key"].unique()
        found = [(key, book, name, rn) for book, frame in used.items()
                 for key, name, rn in rows(frame[frame["key"].isin(doubtful)], "key", "name", "rn")]
        self.add_rows((code, key, rn, rn, None, expected, name, other, None) for code, key, rn, expected, name, other in rules.conflicts(found))

    def id_of(self, key):
        odd = self.numbers.get(key)
        return odd[1] if odd else f"{key:017d}" + words.check_of(f"{key:017d}")

    def suspects(self):
        pairs = []
        if not self.has("register"):
            return
        register = self.g[["key", "name", "rn"]].dropna(subset=["name"])
        for kind in ("registrations", "payments", "rosters"):
            book = self.books[kind]
            used = book.loc[book["fate"] == USED, "key"]
            lost = book[book["name"].notna() & ((book["fate"] == UNUSABLE) | (book["fate"] == USED) & ~book["key"].isin(self.g["key"]))]
            lost = lost.sort_values("rn").drop_duplicates("key")[["key", "rn", "name", "code"]]
            near = register[register["name"].isin(lost["name"]) & ~register["key"].isin(used)]
            both = lost.merge(near, on="name", suffixes=("", "_other"))
            for key, rn, code, other_key, other in rows(both, "key", "rn", "code", "key_other", "rn_other"):
                lost_id = self.id_of(key)
                if lost_id:
                    pairs.append((kind, key, rn, lost_id, code, self.id_of(other_key), other))
        self.add_rows(self.nearest(pairs))

    # ── tallies and writing ──────────────────────────────────────────────────────────────────────────────────────────

    def tally(self):
        root, tallies, q = self.scheme.root, board.Tallies(), self.q
        r = self.r[self.r["here"]].merge(q[["key", "on_register", "register_region", "counted_rn", "standing"]], on="key")
        line = np.select([r["rn"] != r["counted_rn"], ~r["on_register"], r["standing"] == 1, r["standing"].isin([2, 3])],
                         ["surplus", "not-on-register", "deceased", "insured"], "unpaid")
        counted = pd.DataFrame({"region": r["region"].fillna(r["register_region"]).fillna(root), "home": r["register_region"].fillna(""),
                                "line": line, "cover": r["cover"]}).value_counts()
        for (region, home, what, cover), count in counted.items():
            tallies.add_registered(region, home, what, COVERS[cover], int(count))
        for kind in ("registrations", "elsewhere"):
            book = self.books[kind]
            bad = book[(book["fate"] == UNUSABLE) & (book["status"] == 0) & book["here"]] if len(book) else book
            bad = bad[bad["is_registration"]] if kind == "elsewhere" else bad
            for region, cover in rows(bad, "region", "cover"):
                tallies.add_registered(region or root, "", "unusable", COVERS[cover], 1)
        listed = q[q["on_register"]]
        for (region, standing), count in listed.value_counts(["register_region", "standing"]).items():
            tallies.standings[region, STANDINGS[standing]] += int(count)
        register = self.books["register"]
        for region, count in register.loc[register["fate"] == UNUSABLE, "region"].fillna(root).value_counts().items():
            tallies.standings[region, "pending"] += int(count)
        once = self.used("previous").sort_values("rn").drop_duplicates("key")[["key", "region"]].merge(
            q[["key", "region"]], on="key", how="left", suffixes=("", "_own"))
        for region, count in once["region"].fillna(once["region_own"]).fillna(root).value_counts().items():
            tallies.previous[region] += int(count)
        owed = q[(q["grant_"] > 0) & (q["resident_here"] > 0) & ~q["employed"]]
        for (category, region), own in owed.assign(region=owed["region"].fillna(root)).groupby(["category", "region"])["grant_"]:
            tallies.funding[int(category), region] = (len(own), int(own.sum()))
        n, pools, region = q["resident_here"] + q["resident_away"], q["resident_pools"], q["region"].fillna(root)
        for kind, flag, more in (("same-pool", ~q["employed"] & (n > pools) & (n > 1), n - pools), ("cross-region", ~q["employed"] & (pools > 1), pools - 1),
                                 ("cross-scheme", q["employed"] & (n > 0), n)):
            for place, own in more[flag].groupby(region[flag]):
                tallies.audit[kind, place] = (len(own), int(own.sum()))
        return tallies

    def find_cases(self):
        scheme, day, q = self.scheme, epoch(self.scheme.benefit[0]), self.q
        gone = {}
        if scheme.refunds.keys() & {"R06", "R09", "R10"}:
            left = self.used("departures")
            moved = q[q["departed_on"].notna() & ~q["key"].isin(left["key"])]
            entered = set(self.effect.loc[self.effect["entry"].notna(), "key"])
            gone = rules.left(rows(left, "key", "disposition", "moved_out"), rows(moved, "key", "departed_on"), entered, scheme)
        away = self.r[(self.r["cover"] == RESIDENT) & ~self.r["here"] & self.r["key"].isin(gone.keys())].groupby("key")["pool"].agg(["min", "nunique"])
        q = q[q["paid"] > 0].copy()
        q["left_as"] = q["key"].map({key: value[0] for key, value in gone.items()}).astype(object)
        q["left_on"] = q["key"].map({key: value[1] for key, value in gone.items()}).astype(object)
        q["away"], q["aways"] = q["key"].map(away["min"]), q["key"].map(away["nunique"])
        moved, q["home_pool"] = q["left_as"].notna() & q["away"].notna(), q["kept_pool"]
        q["kept_pool"] = q["kept_pool"].where(~moved, q["away"])
        q["kept_why"] = q["kept_why"].where(~moved, np.where(q["aways"] == 1, "only-registration", "lowest-code"))
        q["dead_before"] = q["dead"] & (q["death_on"].isna() | (q["death_on"] < day))
        q = q[(q["paid"] > q["payable"]) | (q["payment_pools"] > 1) | (q["first_pool"] != q["kept_pool"]) | q["employed"] | q["dead_before"] | q["left_as"].notna()]
        begun = self.r[(self.r["cover"] == RESIDENT)].merge(q[["key", "home_pool"]], on="key")
        begun = begun[begun["pool"] == begun["home_pool"]].groupby("key")["begun"].min()
        q = q.assign(kept_begun=q["key"].map(begun), name=q["face"].map(self.named(q["face"])), id=q["key"].map(self.id_of), employee=q["employed"],
                     several_pools=(q["resident_pools"] > 1) | (q["payment_pools"] > 1), grant=q["grant_"], first_paid_on=q["first_paid"], last_paid_on=q["last_paid"])
        vouchers = self.p[(self.p["cover"] == RESIDENT) & (self.p["net_personal"] > 0) & self.p["key"].isin(q["key"])]
        return rules.cases(records(q), records(vouchers), scheme)

    def named(self, rns):
        """rn → name of these rows."""
        wanted = set(rns.dropna().astype("int64"))
        return {rn: name for book in SAYS if self.has(book) for rn, name in rows(self.books[book][self.books[book]["rn"].isin(wanted)], "rn", "name")}

    def write(self):
        self.sheets = Workbook(write_only=True)
        self.write_findings()
        self.write_standings()
        self.write_subsidy()
        entered = self.effect[self.effect["entry"].notna()].merge(self.q[["key", "region", "payable", "paid_here"]], on="key")
        entered = entered.assign(id=entered["key"].map(self.id_of)).rename(columns={"region": "region_code", "payable": "payable_fen", "paid_here": "paid_fen"})
        self.save("entries", entered[["id", "region_code", "entry", "price", "payable_fen", "paid_fen", "starts_on", "waits_until", "benefit_from", "benefit_to"]])
        repairs = pd.concat([*self.repairs, pd.DataFrame(self.repaired, columns=["rn", "field", "before", "after", "rule"])])
        repairs = repairs.sort_values(["rn", "field", "rule"])
        self.placed(repairs, "rn")
        self.save("repairs", repairs[["source", "file", "row", "field", "before", "after", "rule"]])
        cases = sorted(self.find_cases(), key=lambda case: (case[0], case[2], case[9] or date.min))
        self.save("cases", pd.DataFrame(cases, columns=rules.CASE_COLUMNS), "退费台账")
        board.write(self.scheme, self.tally(), self.tables, self.out)
        board.write_checks(self.out, self.findings["code"].value_counts().to_dict())
        for name in ("coverage", "funding"):
            self.sheet(name, pd.read_csv(self.out / f"{name}.csv", dtype=object, encoding="utf-8-sig"))
        self.sheets.save(self.out / "report.xlsx")
        fates = {}
        for kind in SAYS:
            if self.has(kind):
                book = self.books[kind]
                fates |= {(int(f), FATES[fate]): int(count) for (f, fate), count in book.groupby([book["rn"] // SHIFT, "fate"]).size().items()}
        fates |= {(f, fate): len(lines) for f, aside in self.aside.items() for fate, lines in aside.items()}
        board.write_sources(self.out, self.files, fates)

    def save(self, name, frame, sheet=None):
        frame.to_csv(self.out / f"{name}.csv", index=False)
        if sheet:
            self.sheet(sheet, frame)

    def sheet(self, name, frame):
        for part, start in enumerate(range(0, max(len(frame), 1), SHEET_ROWS)):
            sheet = self.sheets.create_sheet(f"{name}{part or ''}")
            sheet.append(list(frame.columns))
            for line in rows(frame.iloc[start : start + SHEET_ROWS], *frame.columns):
                sheet.append(line)

    def placed(self, frame, rn, prefix=""):
        rn = frame[rn].astype("float64")
        kinds, names = ({file.at: value for file in self.files for value in [getattr(file, of)]} for of in ("kind", "name"))
        frame[prefix + "source"], frame[prefix + "file"] = (rn // SHIFT).map(kinds).fillna(""), (rn // SHIFT).map(names).fillna("")
        frame[prefix + "row"] = (rn % SHIFT).astype("Int64")

    def write_findings(self):
        f, scheme = self.findings.copy(), self.scheme
        owners = {rn: (key, name, region) for book in SAYS if self.has(book)
                  for rn, key, name, region in rows(self.books[book][self.books[book]["rn"].isin(f["of_rn"].dropna().astype("int64"))], "rn", "key", "name", "region")}
        own = f["of_rn"].map(lambda rn: owners.get(None if pd.isna(rn) else int(rn), (None, None, None)))
        f["id"], f["name"] = own.map(lambda one: self.id_of(one[0]) if one[0] is not None else ""), own.map(lambda one: one[1] or "")
        homes = dict(rows(self.q[self.q["key"].isin(f["key"].dropna().astype("int64"))], "key", "region"))
        f["region_code"] = f["region"].where(f["region"].notna(), f["key"].map(lambda key: homes.get(None if pd.isna(key) else int(key))))
        f["region_code"] = f["region_code"].where(f["region_code"].notna(), own.map(lambda one: one[2])).fillna("")
        f["region"] = f["region_code"].map({one.code: one.name for one in scheme.regions.inside()}).fillna("")
        f["level"], f["clause"] = f["code"].map(scheme.level), f["code"].map(scheme.clause)
        f["acts"], f["nth"], f["amount_fen"] = f["code"].map(lambda code: ACTS_OF.get(code, "bureau")), f["code"].map(CODES.index), f["amount"].astype("Int64")
        self.placed(f, "rn")
        self.placed(f, "other", "other_")
        f["expected"], f["found"], f["sheet"], f["other_sheet"] = f["expected"].fillna("").astype(str), f["found"].fillna("").astype(str), "", ""
        f = f.sort_values(["nth", "region_code", "id", "name", "source", "file", "row", "other_file", "other_row", "found", "expected"])
        self.save("findings", f[["code", "level", "id", "name", "region_code", "region", "source", "file", "sheet", "row", "expected", "found", "other_source",
                                 "other_file", "other_sheet", "other_row", "amount_fen", "clause", "acts"]], "问题清单")

    def write_standings(self):
        register = self.books["register"]
        listed = self.q.loc[self.q["on_register"], ["key", "register_region", "standing", "g_rn"]].rename(columns={"g_rn": "rn", "register_region": "region_code"})
        listed["rn"] = listed["rn"].astype("int64")
        listed = listed.merge(register[["rn", "name"]], on="rn")
        pending = register[register["fate"] == UNUSABLE]
        pending = pd.DataFrame({"key": pending["key"], "region_code": pending["region"].fillna(self.scheme.root), "standing": 0, "rn": pending["rn"], "name": pending["name"]})
        all_ = pd.concat([listed, pending], ignore_index=True)
        all_["id"], all_["standing"] = all_["key"].map(self.id_of), all_["standing"].map(dict(enumerate(STANDINGS)))
        self.placed(all_, "rn")
        self.save("standings", all_.sort_values(["id", "name", "file", "row"])[["id", "name", "region_code", "standing", "source", "file", "row"]])

    def write_subsidy(self):
        q = self.q[(self.q["grant_"] > 0) | (self.q["subsidised_here"] > 0) | self.q["roster_now"]].copy()
        names, payers = ({at: one[of] for at, one in enumerate(self.scheme.categories)} for of in ("name", "payer"))
        entitled, free = q["grant_"] > 0, q["registration_subsidy"] + q["roster_subsidy"] == 0
        q["verdict"] = np.select(
            [(q["subsidised_here"] > 0) & q["employed"], (q["subsidised_here"] > 0) & ~entitled, entitled & (q["paid_here"] > q["payable"]),
             (q["grant_payers"] > 1) | (q["subsidised_here"] > 1), entitled & ~q["resident"], entitled & (q["payments"] == 0) & free & (q["payable"] > 0), entitled],
            ["while-employee", "unentitled", "missed", "overlap", "not-registered", "open", "right"], "no-grant")
        out = pd.DataFrame({
            "id": q["key"].map(self.id_of), "name": q["face"].map(self.named(q["face"])), "region_code": q["region"],
            "category": q["category"].map(names).fillna(q["category_now"].map(names)).fillna(""), "payer": q["category"].map(payers).fillna(""),
            "premium_fen": self.scheme.premium, "payable_fen": q["payable"], "grant_fen": q["grant_"], "paid_fen": q["paid"],
            "subsidised_fen": q["subsidised_paid"], "difference_fen": q["paid"] - q["payable"], "verdict": q["verdict"]})
        self.save("subsidy", out.sort_values(["id", "name"]), "资助台账")


def main():
    pipeline, data, as_of, out = sys.argv[1:5]
    clerk = Clerk(pipeline, data, date.fromisoformat(as_of), out)
    Path(out).mkdir(parents=True, exist_ok=True)
    clerk.read_all()
    clerk.gather()
    clerk.judge()
    clerk.write()


if __name__ == "__main__":
    main()
