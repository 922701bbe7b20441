"""The same findings, standings, cases and coverage with Polars from Python, from the same csv, written as an analyst writes it
who knows the lazy engine. `bear.py PIPELINE DATA AS-OF OUT`
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import polars as pl

import board
import crowd
import rules
import words
from books import (AFTER, COUNT, COVERS, DAYS, EMPLOYEE, END, FATES, MONEY, OTHER_COVER, OTHER_SCHEME, OTHER_YEAR, PLACES,
                   REPEATED, RESIDENT, REVERSED, SAYS, STANDINGS, SUPERSEDED, TEXT, UNUSABLE, USED, WEIGHTS, WORDS, utf8)
from rival import SHIFT, Rival
from scheme import ACTS_OF, CODES, epoch

c = pl.col
NAMED = ["register", "registrations", "payments", "rosters", "elsewhere"]
ZERO = """resident_here resident_away employee_here employee_away registration_subsidy resident_pools payments payments_here
payment_pools paid subsidised_paid paid_here subsidised_here roster_subsidy roster_grant roster_payers""".split()


def residue(k):
    return sum((k // 10 ** (16 - at) % 10) * weight for at, weight in enumerate(WEIGHTS)) % 11


def id_text(key):
    """A number as canbao prints it, out of its key."""
    check = (12 - residue(key)) % 11
    last = pl.when(check == 10).then(pl.lit("X")).otherwise(check.cast(pl.String))
    return key.cast(pl.String).str.zfill(17) + last


class Bear(Rival):
    """One run."""

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def read_all(self, scratch):
        books = [kind for kind in SAYS if self.has(kind)]
        self.books, self.numbers, self.repairs = {}, [], []
        with ProcessPoolExecutor(os.cpu_count(), get_context("forkserver")) as pool:
            foreign = [file for file in self.files if not file.encoding.startswith("utf-8") and file.kind != "tasks"]
            waiting = {file.at: pool.submit(utf8, file, scratch) for file in foreign}
            for kind in sorted(books, key=lambda kind: any(file.at in waiting for file in self.of(kind))):
                paths = {file.at: waiting[file.at].result() if file.at in waiting else file.path for file in self.of(kind)}
                self.type(kind, paths)
        for kind in SAYS:
            self.books.setdefault(kind, None)
        odd = {key: (key, text, code) for key, text, code in self.numbers}
        self.odd_numbers = pl.DataFrame(list(odd.values()), {"key": pl.Int64, "odd_id": pl.String, "odd_code": pl.String}, orient="row")

    def load(self, file, path):
        """The plain rows as they stand, and the odd ones with all their cells."""
        cells = [f"c{at}" for at in range(file.width)]
        frame = pl.scan_csv(path, has_header=False, skip_lines=file.skip, separator=file.separator, truncate_ragged_lines=True,
                            schema={cell: pl.String for cell in cells}, row_index_name="at", infer_schema=False)
        number = c(f"c{file.columns['id']}")
        k = pl.when(number.str.len_bytes() == 18).then(number.str.slice(0, 17).cast(pl.Int64, strict=False))
        frame = frame.with_columns(k=k)
        y, m, d = c("k") // 10**7 % 10000, c("k") // 10**5 % 100, c("k") // 1000 % 100
        leap = (y % 4 == 0) & ((y % 100 != 0) | (y % 400 == 0))
        longest = pl.when(m == 2).then(28 + leap.cast(pl.Int64)).when(m.is_in([4, 6, 9, 11])).then(30).otherwise(31)
        end = number.str.slice(17, 1)
        last = pl.when(end == "X").then(10).otherwise(end.cast(pl.Int64, strict=False))
        plain = (c("k") >= 10**16) & m.is_between(1, 12) & (d >= 1) & (d <= longest) & (y > 0) & (
            (12 - residue(c("k"))) % 11 == last)
        frame = frame.with_columns(plain=plain.fill_null(False), last=last)
        wanted = list(dict.fromkeys(["name", *PLACES, *WORDS.get(file.kind, []), *(field for field, _ in SAYS[file.kind].values())]))
        double = {first: other for first, other in file.doubles}
        text = lambda at: pl.coalesce(c(f"c{at}"), c(f"c{double[at]}")) if at in double else c(f"c{at}")
        fields = [text(file.columns[name]).alias(name) for name in wanted if file.has(name)]
        digest = self.digest(file)
        plain, odd = pl.collect_all([
            frame.filter("plain").select("at", key="k", last="last", *fields, **digest),
            frame.filter(~c("plain")).select("at", *cells, *fields, **digest)])
        return plain, odd, cells, [name for name in wanted if file.has(name)]

    def digest(self, file):
        if len(self.of(file.kind)) < 2 or file.kind == "payments" and file.has("voucher"):
            return {"digest": pl.lit(0, pl.UInt64)}
        seeds = [(at, seed) for at, seed in enumerate(file.seeds) if seed and seed != "serial"]
        hash_ = lambda at, seed: pl.when(c(f"c{at}").is_null()).then(0).otherwise((pl.lit(seed + "\0") + c(f"c{at}")).hash() // 256)
        return {"digest": pl.sum_horizontal(hash_(at, seed) for at, seed in seeds)}

    # ── typing ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def type(self, kind, paths):
        files, parts, have = self.of(kind), [], set()
        for file in files:
            plain, odd, cells, fields = self.load(file, paths[file.at])
            base = file.at * SHIFT + file.first_row()
            ends = plain.select((c("last") != 10).sum().alias("all"), ((c("key") % 100 == 0) & (c("last") == 0)).sum().alias("cut"))
            lines = [(row[0], list(row[1:])) for row in odd.select("at", *cells).rows()]
            cut = []
            if self.loses_digits(file, *ends.row(0), lines):
                is_cut = (c("key") % 100 == 0) & (c("last") == 0)
                cut = plain.filter(is_cut).select("at", "key", "name").rows()
                odd = pl.concat([odd.drop(cells), plain.filter(is_cut).drop("key", "last")], how="diagonal")
                plain = plain.filter(~is_cut)
            found, numbers = self.odd_rows(file, lines, cut)
            self.numbers += numbers
            known = pl.DataFrame(found, {"rn": pl.Int64, "key": pl.Int64, "person": pl.Int64, "code": pl.String}, orient="row")
            rn = (c("at").cast(pl.Int64) + base).alias("rn")
            odd = odd.select(rn, "digest", *fields).join(known, on="rn")
            plain = plain.select(rn, "key", "digest", *fields, person="key", code=pl.lit(None, pl.String))
            parts.append(pl.concat([plain, odd.select(plain.columns)]))
            have.update(fields)
        frame = pl.concat(parts, how="diagonal")
        del parts
        frame = self.words_read(kind, frame, have)
        frame = frame.with_columns(self.fate(kind).alias("fate"))
        self.books[kind] = self.repeats(kind, frame)
        if kind in ("payments", "elsewhere"):
            self.books[kind] = self.reverse(kind, self.books[kind])
        self.books[kind] = self.books[kind].with_columns(
            fate=pl.when(c("code").is_not_null() & (c("fate") == USED)).then(UNUSABLE).otherwise(c("fate")).cast(pl.Int8))

    def look_up(self, frame, on, columns, rows):
        """Joins a small table of words."""
        table = pl.DataFrame(rows, {name: pl.String for name in on} | columns, orient="row")
        return frame.join(table, on=list(on), how="left", nulls_equal=True, maintain_order="left")

    def words_read(self, kind, frame, have):
        """Every distinct word is read once."""
        distinct = lambda field: [word for word in frame.get_column(field).unique().to_list() if word]
        plain = c("name").str.contains(r"^[\u4e00-\u9fff·A-Za-z]+$")
        odd = frame.filter(~plain).get_column("name").unique().to_list()
        names = list(self.read_names(word for word in odd if word is not None))
        self.note(frame, "name", [(word, word, cleaned or "", rules_) for word, cleaned, rules_ in names])
        frame = self.look_up(frame, ["name"], {"clean": pl.String}, [row[:2] for row in names])
        frame = frame.with_columns(name=pl.when(plain).then("name").otherwise("clean")).drop("clean")
        places = [name for name in PLACES if name in have]
        located = {"region": pl.String, "word": pl.String, "verdict": pl.String, "here": pl.Boolean, "pool": pl.String}
        if places:
            rows = list(self.located(kind, places, frame.select(places).unique().rows()))
            frame = self.look_up(frame, places, located, rows).drop(places)
        else:
            values = next(self.located(kind, [], [()]))
            frame = frame.with_columns(pl.lit(value, kind_).alias(name) for (name, kind_), value in zip(located.items(), values))
        self.bad[kind], spent, made = [], set(), {}
        for column, (field, how) in SAYS[kind].items():
            type_ = pl.Int32 if how in (DAYS, END) else pl.Int64
            if how == TEXT:
                made[column] = c(field) if field in have else pl.lit(None, pl.String)
            elif field not in have:
                made[column] = pl.lit(None, type_)
            else:
                read = list(self.read(how, distinct(field)))
                self.note(frame, field, [(word, cell, after, rules_) for word, _, _, rules_, cell, after in read])
                good = [row[:3] for row in read]
                frame = self.look_up(frame, [field], {f"_{column}": type_, f"_bad_{column}": pl.Boolean}, good)
                made[column] = c(f"_{column}")
                if any(row[2] for row in good):
                    made[f"bad_{column}"] = pl.when(f"_bad_{column}").then(c(field))
                    self.bad[kind].append(column)
            spent.add(field)
        frame, more = self.vocabulary(kind, frame, have, distinct)
        made |= more
        keep = ["rn", "key", "person", "code", "digest", "name", *located]
        frame = frame.select(*keep, **made)
        return frame.with_columns(**self.money(kind)) if kind in ("payments", "elsewhere", "households") else frame

    def note(self, frame, field, rows):
        """Cells that are read as something else than what was written."""
        rows = [(word, cell, after, rule) for word, cell, after, rules_ in rows for rule in rules_]
        if rows:
            table = pl.DataFrame(rows, [field, "before", "after", "rule"], orient="row")
            self.repairs.append(frame.select("rn", field).join(table, on=field).select("rn", pl.lit(field).alias("field"), "before", "after", "rule"))

    def vocabulary(self, kind, frame, have, distinct):
        """Insurances, statuses, years, cases and categories."""
        scheme, made, unknown, texts = self.scheme, {}, [], WORDS.get(kind, [])
        if "scheme" in texts:
            made["cover"] = pl.lit(RESIDENT, pl.Int8)
            if "scheme" in have:
                read = [(word, COVERS.index((found := words.cover(word, kind, scheme))[0]), found[1]) for word in distinct("scheme")]
                frame = self.look_up(frame, ["scheme"], {"_cover": pl.Int8, "_unknown_cover": pl.String}, read)
                made["cover"], unknown = c("_cover").fill_null(RESIDENT), unknown + ["_unknown_cover"]
        if "status" in texts:
            made["status"] = pl.lit(0, pl.Int8)
            if "status" in have:
                read = [(word, words.STATUS_ORDER.index((found := words.status(word, kind, scheme))[0]), found[1])
                        for word in distinct("status")]
                frame = self.look_up(frame, ["status"], {"_status": pl.Int8, "_unknown_status": pl.String}, read)
                made["status"], unknown = c("_status").fill_null(0), unknown + ["_unknown_status"]
            if "ended" in have:
                silent = c("status").is_null() if "status" in have else pl.lit(True)
                over = ((c("_ended") <= self.today) & silent).fill_null(False)
                made["status"] = pl.when(over).then(2).otherwise(made["status"]).cast(pl.Int8)
        if "year" in texts:
            made["other_year"] = made["last_year"] = pl.lit(False)
            if "year" in have:
                frame = self.look_up(frame, ["year"], {"_year": pl.Int32}, [(word, words.year(word)) for word in distinct("year")])
                made["other_year"] = (c("_year") != scheme.year).fill_null(False)
                made["last_year"] = (c("_year") == scheme.year - 1).fill_null(False)
        if "late-case" in texts:
            made["late_case"] = made["unknown_case"] = pl.lit(None, pl.String)
            if "late-case" in have:
                read = [(word, *self.late_case(word)) for word in distinct("late-case")]
                frame = self.look_up(frame, ["late-case"], {"_case": pl.String, "_unknown_case": pl.String}, read)
                made["late_case"], made["unknown_case"] = c("_case"), c("_unknown_case")
        if kind == "rosters":
            declared = scheme.sources[kind].get("category")
            at = scheme.category(declared) if declared else None
            made["category"], silent = pl.lit(at, pl.Int16), pl.lit("" if at is None else None, pl.String)
            if "category" in have:
                read = [(word, (at := scheme.category(word)), word if at is None else None) for word in distinct("category")]
                frame = self.look_up(frame, ["category"], {"_category": pl.Int16, "_unknown_category": pl.String}, read)
                made["category"] = c("_category")
                silent = pl.when(c("category").is_null()).then(pl.lit("")).otherwise("_unknown_category")
            made["unknown"] = silent
        elif texts:
            made["unknown"] = pl.coalesce(*unknown, pl.lit(None, pl.String))
        return frame, made

    def money(self, kind):
        """Personal and subsidised money from the columns that each sheet has."""
        if kind == "households":
            return {"stated": pl.coalesce("total", "personal_")}
        none = pl.lit(None, pl.String)
        bad = lambda column: c(f"bad_{column}") if column in self.bad[kind] else none
        zero = lambda column: c(column).fill_null(0)
        minus = lambda a, b: pl.when(c(a).is_null() | bad(b).is_not_null()).then(0).otherwise(c(a) - zero(b))
        chosen = {"personal": pl.lit(0, pl.Int64), "subsidised": pl.lit(0, pl.Int64), "unreadable_amount": none,
                  "is_registration": pl.lit(False), "is_payment": pl.lit(False)}
        for file in self.of(kind):
            personal, total, subsidy = (file.has(name) for name in ("personal", "total", "subsidy"))
            if personal:
                parts = zero("personal_"), zero("subsidy") if subsidy else minus("total", "personal_") if total else pl.lit(0, pl.Int64)
            else:
                parts = minus("total", "subsidy") if total and subsidy else zero("total"), zero("subsidy")
            unread = [bad(column) for column, has in (("personal_", personal), ("total", total), ("subsidy", subsidy)) if has]
            states = personal or total
            registration = file.has("status") or file.has("registration-no") or not states
            stated = pl.lit(True) if not registration else c("personal_").is_not_null() | c("total").is_not_null()
            values = [*parts, pl.coalesce(*unread, none), pl.lit(registration), stated if states else pl.lit(False)]
            mine = c("rn") // SHIFT == file.at
            chosen = {name: pl.when(mine).then(value).otherwise(chosen[name]) for name, value in zip(chosen, values)}
        return chosen | {"unreadable": bad("paid_on"), "net_personal": chosen["personal"], "net_subsidised": chosen["subsidised"],
                         "unmatched": pl.lit(False)}

    def fate(self, kind):
        """The fate of a row as far as the row itself decides it."""
        scheme, files, texts = self.scheme, self.of(kind), WORDS.get(kind, [])
        newest = max((file.batch for file in files if file.batch), default=None)
        dated = scheme.mode(kind) == "snapshot" and "batch" in scheme.sources[kind]
        old = [file.at for file in files if dated and file.batch != newest]
        limit = max(self.today, epoch(scheme.benefit[0]))
        begun = lambda: c("begun") > pl.when(c("cover") == RESIDENT).then(limit).otherwise(self.today)
        after = {"registrations": lambda: begun(), "payments": lambda: c("paid_on") > self.today,
                 "elsewhere": lambda: (c("is_payment") & (c("paid_on") > self.today)) | (c("is_registration") & begun()),
                 "deaths": lambda: c("death") > self.today,
                 "departures": lambda: c("moved_out") > self.today}.get(kind, lambda: pl.lit(False))()
        other_year = c("other_year") if "year" in texts else pl.lit(False)
        other_scheme = c("cover") == OTHER_COVER if "scheme" in texts else pl.lit(False)
        return (pl.when((c("rn") // SHIFT).is_in(old)).then(SUPERSEDED).when(other_year).then(OTHER_YEAR)
                .when(other_scheme).then(OTHER_SCHEME).when(after.fill_null(False)).then(AFTER).otherwise(USED).cast(pl.Int8))

    def several(self, frame, on="key"):
        """Rows of persons who have more than one."""
        return frame.filter(c(on).is_in(frame.filter(c(on).is_duplicated()).get_column(on).unique().implode()))

    def repeats(self, kind, frame):
        self.repeated = getattr(self, "repeated", {})
        self.repeated[kind] = {}
        none = lambda row: None
        first, last = crowd.first_of, lambda row: (0,)
        mark, worth = {
            "registrations": (lambda r: r["number"], lambda r: (r["status"], first(r["begun"]), first(r["number"]))),
            "payments": (lambda r: r["voucher"] and (r["voucher"], r["personal"] + r["subsidised"]),
                         lambda r: (first(r["paid_on"]), first(r["voucher"]))),
            "elsewhere": (lambda r: (r["voucher"], r["personal"] + r["subsidised"]) if r["is_payment"] and r["voucher"]
                          else r["number"] if r["is_registration"] else None,
                          lambda r: (r["status"], first(r["paid_on"] if r["paid_on"] is not None else r["begun"]),
                                     first(r["voucher"] or r["number"]))),
        }.get(kind, (none, last))
        if mark is none and len(self.of(kind)) < 2:
            return frame
        rows = self.several(frame.filter(c("fate") != SUPERSEDED), "person").to_dicts()
        found = self.repeated[kind] = crowd.repeats(rows, mark, worth)
        if not found:
            return frame
        return frame.with_columns(fate=pl.when(c("rn").is_in(list(found))).then(REPEATED).otherwise(c("fate")).cast(pl.Int8))

    def reverse(self, kind, frame):
        open_ = (c("fate") == USED) & (c("is_payment") if kind == "elsewhere" else pl.lit(True))
        keys = frame.filter(open_ & (c("personal") + c("subsidised") < 0)).get_column("key").unique()
        rows = frame.filter(open_ & c("key").is_in(keys.implode())).to_dicts()
        outcome = rules.cancel(rows)
        table = pl.DataFrame(outcome, {"rn": pl.Int64, "_p": pl.Int64, "_s": pl.Int64, "_gone": pl.Boolean, "_alone": pl.Boolean},
                             orient="row")
        frame = frame.join(table, on="rn", how="left", maintain_order="left")
        return frame.with_columns(
            net_personal=pl.coalesce("_p", "net_personal"), net_subsidised=pl.coalesce("_s", "net_subsidised"),
            unmatched=c("_alone").fill_null(False),
            fate=pl.when(c("_gone").fill_null(False)).then(REVERSED).otherwise(c("fate")).cast(pl.Int8)).drop("^_.*$")

    # ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def used(self, kind, *more):
        frame = self.books[kind]
        return None if frame is None else frame.filter((c("fate") == USED), *more)

    def stacked(self, columns, *parts):
        """The used rows of several books as one; no books, no rows."""
        kinds = {"rn": pl.Int64, "key": pl.Int64, "name": pl.String, "region": pl.String, "here": pl.Boolean, "pool": pl.String,
                 "cover": pl.Int8, "number": pl.String, "begun": pl.Int32, "subsidised": pl.Int64, "net_personal": pl.Int64,
                 "net_subsidised": pl.Int64, "paid_on": pl.Int32, "voucher": pl.String, "unreadable": pl.String,
                 "unreadable_amount": pl.String, "death": pl.Int32, "moved_out": pl.Int32, "household": pl.String,
                 "head": pl.String, "stated": pl.Int64, "category": pl.Int16, "identified": pl.Int32, "approved": pl.Int32,
                 "ended": pl.Int32, "enrolled_on": pl.Int32, "graduates_on": pl.Int32, "disposition": pl.String}
        frames = [frame.select(columns) for frame in parts if frame is not None]
        return pl.concat(frames) if frames else pl.DataFrame(schema={name: kinds[name] for name in columns})

    def gather(self):
        """One row a person, from one row a person of every book."""
        normal, effective = c("status") == 0, c("net_personal") + c("net_subsidised") > 0
        base = ["rn", "key", "name", "region", "here", "pool", "cover"]
        self.r = self.stacked([*base, "number", "begun", "subsidised"], self.used("registrations", normal),
                              self.used("elsewhere", normal, c("is_registration")) if self.has("elsewhere") and False else
                              self.elsewhere_r(normal))
        self.p = self.stacked([*base, "net_personal", "net_subsidised", "paid_on", "voucher", "unreadable", "unreadable_amount"],
                              self.used("payments", effective), self.used("elsewhere", c("is_payment"), effective))
        small = ["rn", "key", "name", "region"]
        self.g = self.stacked([*small, "death", "moved_out"], self.used("register")).with_columns(
            pl.when(c(name) <= self.today).then(c(name)).alias(name) for name in ("death", "moved_out"))
        self.l = self.stacked([*small, "category", "identified", "approved", "ended", "subsidised"], self.used("rosters"))
        self.s = self.stacked([*small, "pool", "enrolled_on", "graduates_on"], self.used("students"))
        self.h = self.stacked([*small, "household", "head", "stated"], self.used("households"))
        self.crowd = {book: self.several(getattr(self, book)) for book in "grph"}
        self.lines = {book: frame.to_dicts() for book, frame in self.crowd.items()}
        self.sum_up()
        self.effects()
        self.people()

    def elsewhere_r(self, normal):
        frame = self.used("elsewhere", normal, c("is_registration"))
        return None if frame is None else frame.with_columns(subsidised=pl.lit(0, pl.Int64) + c("subsidised"))

    def alone(self, book):
        return getattr(self, book).filter(~c("key").is_in(self.crowd[book].get_column("key").unique().implode()))

    def and_several(self, alone, rows):
        """The persons with one row, and those with several, summed up one by one."""
        several = pl.DataFrame(list(rows), alone.schema, orient="row") if rows else alone.clear()
        return pl.concat([alone, several.select(alone.columns)])

    def sum_up(self):
        root, resident, employee = self.scheme.root, c("cover") == RESIDENT, c("cover") == EMPLOYEE
        there = self.crowd["g"].select("key").unique().join(self.r.filter(resident & c("here") & c("region").is_not_null()), on="key")
        registered = set(there.select("key", "region").rows())
        alone = self.alone("g").select("key", g_rn="rn", register_region="region", death="death", moved_out="moved_out")
        self.sum_g = self.and_several(alone, list(crowd.register(self.lines["g"], registered))).with_columns(
            register_region=c("register_region").fill_null(root))
        home = self.crowd["r"].select("key").unique().join(self.sum_g, on="key").filter(c("register_region") != root)
        of = lambda flag, name: pl.when(flag).then(c(name))
        count = lambda flag: flag.cast(pl.Int64)
        alone = self.alone("r").select(
            "key", resident_here=count(resident & c("here")), resident_away=count(resident & ~c("here")),
            employee_here=count(employee & c("here")), employee_away=count(employee & ~c("here")), employee_begun=of(employee, "begun"),
            employee_pool=of(employee, "pool"), registration_subsidy=c("subsidised").fill_null(0), resident_pools=count(resident),
            resident_pool=of(resident, "pool"), counted_region=of(c("here"), "region"), counted_rn=of(c("here"), "rn"), r_rn="rn")
        self.sum_r = self.and_several(alone, list(crowd.registrations(self.lines["r"], dict(home.select("key", "register_region").rows()))))
        money = lambda flag, name: pl.when(flag).then(c(name)).otherwise(0)
        alone = self.alone("p").select(
            "key", payments=count(resident), payments_here=count(resident & c("here")), payment_pools=count(resident),
            paid=money(resident, "net_personal"), subsidised_paid=money(resident, "net_subsidised"),
            paid_here=money(resident & c("here"), "net_personal"),
            subsidised_here=count(resident & c("here") & (c("net_subsidised") > 0)), first_paid=of(resident, "paid_on"),
            first_paid_here=of(resident & c("here"), "paid_on"), last_paid=of(resident, "paid_on"),
            last_paid_here=of(c("here"), "paid_on"), first_pool="pool", payment_region="region", p_rn="rn")
        self.sum_p = self.and_several(alone, list(crowd.payments(self.lines["p"])))
        paid = self.l.select("key").unique().join(self.sum_p.select("key", "first_paid"), on="key").filter(c("first_paid").is_not_null())
        rows = list(crowd.rosters(self.l.to_dicts(), dict(paid.rows()), self.scheme, self.today, epoch(self.no_payment)))
        kinds = {"key": pl.Int64, "roster_now": pl.Boolean, "roster_subsidy": pl.Int64, "roster_region": pl.String,
                 "category_now": pl.Int16, "roster_grant": pl.Int64, "roster_category": pl.Int16, "roster_payers": pl.Int64,
                 "l_rn": pl.Int64}
        self.sum_l = pl.DataFrame(rows, kinds, orient="row")

    def effects(self):
        """Late entries: of those who paid late or soon after birth, what the rules say."""
        scheme, resident = self.scheme, c("cover") == RESIDENT
        end, until = epoch(scheme.window[1]), epoch(scheme.until) if scheme.until else None
        keys = pl.Series("key", [], pl.Int64)
        if scheme.late:
            k = pl.when(c("key").is_between(10**13, 10**17 - 1)).then(c("key"))
            birth = pl.date(k // 10**7 % 10000, k // 10**5 % 100, k // 1000 % 100)
            paid = c("paid_on").cast(pl.Date)
            young = pl.lit(False)
            for name, value in [one for rule in scheme.late for one in rule["when"]]:
                if name == "born-within-days":
                    young |= (paid - birth).dt.total_days().is_between(0, value)
                elif name == "born-within-months":
                    young |= paid < birth.dt.month_start().dt.offset_by(f"{value + 1}mo")
            late = (c("paid_on") > until if until else pl.lit(False)) | c("here") & ((c("paid_on") > end) | young.fill_null(False))
            keys = self.p.filter(resident & c("paid_on").is_not_null()).filter(late).get_column("key")
            if until and epoch(self.no_payment) > until:
                keys = pl.concat([keys, self.l.get_column("key")])
        self.concerned = keys.unique().to_frame()
        of = lambda frame, *columns: [] if frame is None else frame.join(self.concerned, on="key").select(columns).rows()
        ended = [c("ended").is_not_null(), c("cover") == EMPLOYEE]
        said = c("late_case").is_not_null() | c("event_on").is_not_null()
        self.open_dossiers(
            keys.unique().to_list(), of(self.r.filter(c("cover") == EMPLOYEE), "key", "begun"),
            of(self.used("registrations", *ended), "key", "begun", "ended")
            + of(self.used("elsewhere", *ended, c("is_registration")), "key", "begun", "ended"),
            of(self.l.filter(c("category").is_not_null()), "key", "category", "identified", "ended"),
            of(self.used("registrations", said), "key", "late_case", "event_on")
            + of(self.used("payments", said), "key", "late_case", "event_on"))
        self.decide()

    def decide(self):
        """The price and the grant of the concerned."""
        scheme, resident = self.scheme, c("cover") == RESIDENT
        two_years = any(rule["price"] == "two-years" for rule in scheme.late)
        largest = dict(self.p.join(self.concerned, on="key").filter(c("here") & resident).group_by("key").agg(
            c("net_personal").max()).rows())
        broken = self.used("registrations", c("broken").is_not_null())
        years = {}
        for key, many, repaid in [] if broken is None else broken.select("key", "broken", "repaid").rows():
            years[key] = max(years.get(key, (0, 0)), (many, repaid or 0))
        before, listed = {}, set()
        if two_years:
            old = self.books["payments"].filter(c("last_year") & (c("fate") == OTHER_YEAR) & resident & c("here"),
                                                c("paid_on").is_null() | (c("paid_on") <= self.today))
            before = dict(old.group_by("key").agg((c("personal") + c("subsidised")).sum()).rows())
            listed = set(self.used("previous").get_column("key")) if self.has("previous") else set()
        persons = self.concerned.join(self.sum_p, on="key", how="left").join(self.sum_l, on="key", how="left")
        found = []
        for person in persons.to_dicts():
            key = person["key"]
            person |= {"grant": person["roster_grant"], "category": person["roster_category"], "payers": person["roster_payers"],
                       "largest": largest.get(key), "paid_last_year": before.get(key), "enrolled_last_year": key in listed,
                       "broken": years.get(key, (0, 0))[0], "repaid": years.get(key, (0, 0))[1]}
            found.append((key, *rules.effect(person, self.dossiers[key], scheme, self.no_payment)))
        kinds = {"key": pl.Int64, "entry": pl.Int32, "e_grant": pl.Int64, "e_category": pl.Int16, "e_payers": pl.Int64,
                 "e_payable": pl.Int64, "price": pl.String, "starts_on": pl.Date, "waits_until": pl.Date, "benefit_from": pl.Date,
                 "benefit_to": pl.Date}
        self.effect = pl.DataFrame(found, kinds, orient="row")

    def people(self):
        scheme, root, digits = self.scheme, self.scheme.root, self.scheme.pool_digits
        lazy = [frame.lazy() for frame in (self.sum_g, self.sum_r, self.sum_p, self.sum_l)]
        people = lazy[0]
        for book in lazy[1:]:
            people = people.join(book, on="key", how="full", coalesce=True)
        listed = lambda kind, column, name: (self.used(kind) if self.has(kind) else self.stacked(["key", column])).lazy().group_by(
            "key").agg(c(column).min().alias(name)).with_columns(pl.lit(True).alias(f"is_{name}"))
        schools = self.s.lazy().group_by("key").agg(c("pool").min().alias("school_pool"), c("enrolled_on").max(),
                                                    c("graduates_on").max()).with_columns(student=pl.lit(True))
        pools = self.crowd["r"].lazy().filter(c("cover") == RESIDENT).group_by("key").agg(c("pool").unique().alias("pools"))
        for book in (listed("deaths", "death", "listed_death"), listed("departures", "moved_out", "listed_move"), schools,
                     self.effect.lazy().select("key", "entry", "e_grant", "e_category", "e_payers", "e_payable"), pools):
            people = people.join(book, on="key", how="left")
        late = c("e_payable").is_not_null()
        people = people.with_columns(
            *[c(name).fill_null(0) for name in ZERO], on_register=c("g_rn").is_not_null(), on_roster=c("l_rn").is_not_null(),
            roster_now=c("roster_now").fill_null(False), student=c("student").fill_null(False),
            register_pool=c("register_region").str.slice(0, digits),
        ).with_columns(
            employed=c("employee_here") + c("employee_away") > 0, resident=c("resident_here") + c("resident_away") > 0,
            grant_=pl.when(late).then("e_grant").otherwise("roster_grant"),
            category=pl.when(late).then("e_category").otherwise("roster_category"),
            grant_payers=pl.when(late).then("e_payers").otherwise(pl.when(c("roster_grant") > 0).then("roster_payers").otherwise(0)),
            payable=pl.when(late).then("e_payable").otherwise(scheme.premium - c("roster_grant")),
            dead=c("is_listed_death").is_not_null() | c("death").is_not_null(), death_on=pl.min_horizontal("listed_death", "death"),
            departed=c("is_listed_move").is_not_null() | c("moved_out").is_not_null(),
            departed_on=pl.min_horizontal("listed_move", "moved_out"),
            region=pl.coalesce(pl.when(c("register_region") != root).then("register_region"), "counted_region", "roster_region",
                               "payment_region", "register_region"),
            face=pl.coalesce("g_rn", "r_rn", "p_rn", "l_rn"),
            at_school=c("pools").list.contains(c("school_pool")).fill_null(False),
            at_home=c("pools").list.contains(c("register_pool")).fill_null(False))
        paid = (c("payments") > 0) | (c("registration_subsidy") + c("roster_subsidy") > 0) | (c("payable") == 0)
        insures = paid if scheme.insured_when_paid else pl.lit(True)
        many = c("resident_pools") > 1
        kept = [(c("resident_pools") == 1, "resident_pool", "only-registration"), (many & c("at_school"), "school_pool", "school"),
                (many & c("at_home"), "register_pool", "residence"), (many, "resident_pool", "lowest-code"),
                (c("on_register"), "register_pool", "residence")]
        pool, why = c("first_pool"), pl.lit("first-payment")
        for when, then, because in reversed(kept):
            pool, why = pl.when(when).then(c(then)).otherwise(pool), pl.when(when).then(pl.lit(because)).otherwise(why)
        standing = (pl.when("dead").then(1).when(c("employee_here") > 0).then(2).when((c("resident_here") > 0) & insures).then(3)
                    .when("employed").then(4).when((c("resident_away") > 0) & insures).then(5).when("departed").then(10)
                    .otherwise(11).cast(pl.Int8))
        drop = ["pools", "listed_death", "listed_move", "is_listed_death", "is_listed_move", "death", "moved_out", "^e_.*$"]
        self.q = people.with_columns(kept_pool=pool, kept_why=why, standing=standing).drop(drop).collect()

    # ── findings ─────────────────────────────────────────────────────────────────────────────────────────────────────

    SHAPE = {"code": pl.String, "key": pl.Int64, "of_rn": pl.Int64, "rn": pl.Int64, "region": pl.String, "expected": pl.String,
             "found": pl.String, "other": pl.Int64, "amount": pl.Int64}

    def add(self, code, frame, key=None, of="rn", rn="rn", region=None, expected=None, found=None, other=None, amount=None):
        """Findings of the selected rows; texts are columns or expressions."""
        if frame is None:
            return
        value = lambda it, kind: pl.lit(None, kind) if it is None else (c(it) if isinstance(it, str) else it).cast(kind)
        self.found.append(frame.select(
            code=pl.lit(code), key=value(key, pl.Int64), of_rn=value(of, pl.Int64), rn=value(rn, pl.Int64),
            region=value(region, pl.String), expected=value(expected, pl.String), found=value(found, pl.String),
            other=value(other, pl.Int64), amount=value(amount, pl.Int64)))

    def add_rows(self, rows):
        self.found.append(pl.DataFrame(list(rows), self.SHAPE, orient="row"))

    def judge(self):
        self.found = []
        self.of_rows()
        self.of_persons()
        self.of_records()
        self.of_amounts()
        self.of_names()
        self.suspects()
        self.add_rows(self.read_tables())
        states = {"deaths": self.g["death"].count() > 0, "departures": self.g["moved_out"].count() > 0}
        self.findings = pl.concat(self.found).filter(c("code").is_in(self.codes_that_run(states)))

    def of_rows(self):
        counted, ambiguous = c("fate").is_in([USED, UNUSABLE]), []
        owner = pl.when(c("code").is_null()).then(c("key"))
        for kind in SAYS:
            if not self.has(kind):
                continue
            frame = self.books[kind]
            rows = frame.filter(counted)
            bad = rows.filter(c("code").is_not_null())
            self.found.append(bad.select(code="code", key=pl.lit(None, pl.Int64), of_rn="rn", rn="rn", region="region",
                                         expected=pl.lit(None, pl.String), found=pl.lit(None, pl.String),
                                         other=pl.lit(None, pl.Int64), amount=pl.lit(None, pl.Int64)))
            named = [file.at for file in self.of(kind) if file.has("name")]
            self.add("name-missing", rows.filter(c("name").is_null() & (c("rn") // SHIFT).is_in(named)), owner, region="region")
            self.add("region-unknown", rows.filter(c("verdict") == "region-unknown"), owner, region="region", found="word")
            ambiguous.append(rows.filter(c("verdict") == "region-ambiguous").select("key", "code", "rn", "region", "word"))
            if kind in WORDS:
                known = frame.filter(c("fate").is_in([USED, UNUSABLE, OTHER_SCHEME]) & c("unknown").is_not_null())
                self.add("category-unknown", known, owner, region="region", found="unknown")
            if "late-case" in WORDS.get(kind, []):
                self.add("category-unknown", rows.filter(c("unknown_case").is_not_null()), owner, region="region", found="unknown_case")
            said = {"paid_on", "personal_", "total", "subsidy"} if kind == "payments" else set()
            bad = [f"bad_{column}" for column in self.bad[kind] if column not in said]
            if bad:
                unread = rows.filter(pl.coalesce(*bad).is_not_null() & (c("unknown").is_null() if kind in WORDS else pl.lit(True)))
                self.add("category-unknown", unread, owner, region="region", found=pl.concat_str(bad, separator="|", ignore_nulls=True))
            if kind in ("payments", "elsewhere"):
                self.add("reversal-unmatched", rows.filter("unmatched"), owner, region="region", amount=c("personal") + c("subsidised"))
            self.of_repeats(kind)
        one = pl.concat(ambiguous).sort("rn").unique("key", keep="first")
        self.add("region-ambiguous", one, owner, region="region", found="word")

    def of_repeats(self, kind):
        increment, pairs = self.scheme.mode(kind) == "increment", {}
        keys = {}
        for rn, kept in self.repeated[kind].items():
            if increment and rn // SHIFT != kept // SHIFT:
                pair = rn // SHIFT, kept // SHIFT
                pairs[pair] = pairs.get(pair, 0) + 1
            else:
                keys[rn] = kept
        rows = self.books[kind].filter(c("rn").is_in(list(keys))).select("rn", "key", "code", "region").rows()
        self.add_rows(("row-repeated", None if code else key, rn, rn, region, None, None, keys[rn], None) for rn, key, code, region in rows)
        self.add_rows(("row-repeated", None, None, mine * SHIFT, None, None, str(count), kept * SHIFT, None)
                      for (mine, kept), count in pairs.items())

    def of_persons(self):
        scheme, day, q = self.scheme, epoch(self.scheme.benefit[0]), self.q.lazy()
        here = c("resident_here") + c("employee_here") > 0
        before = lambda on: c(on).is_null() | (c(on) < day)
        subsidy = c("registration_subsidy") + c("roster_subsidy")
        names = {at: one["name"] for at, one in enumerate(scheme.categories)}
        person = [
            ("paid-not-registered", "p_rn", (c("payments_here") > 0) & ~c("resident"), None, None, "paid", None),
            ("registered-not-paid", "counted_rn", (c("resident_here") > 0) & (c("payments") == 0) & (subsidy == 0) & (c("payable") > 0),
             None, None, "payable", None),
            ("deceased-registered", "counted_rn", c("dead") & before("death_on") & here, pl.lit(day), "death_on", None, None),
            ("deceased-paid", "p_rn", c("last_paid_here") > c("death_on"), "death_on", "last_paid_here", "paid", None),
            ("moved-out", "counted_rn", c("departed") & before("departed_on") & here, pl.lit(day), "departed_on", None, None),
            ("uninsured", "face", (c("on_register") | c("on_roster")) & (c("standing") == 11), None, None, None, None),
            ("not-on-register", "counted_rn", here & ~c("on_register"), None, None, None, None),
            ("hardship-uninsured", "l_rn", c("roster_now") & c("standing").is_in([8, 9, 10, 11]),
             c("category_now").replace_strict(names, default=None, return_dtype=pl.String), None, None, None),
            ("subsidy-missed", "p_rn", (c("grant_") > 0) & (c("paid_here") > c("payable")), "payable", "paid_here",
             c("paid_here") - c("payable"), "l_rn"),
            ("subsidy-unentitled", "p_rn", (c("subsidised_here") > 0) & (c("grant_") == 0), pl.lit(0), "subsidised_paid",
             "subsidised_paid", "l_rn"),
            ("subsidy-while-employee", "p_rn", (c("subsidised_here") > 0) & c("employed"), None, None, "subsidised_paid", "l_rn"),
        ]
        dates = {"death_on", "last_paid_here", "departed_on"}
        for code, rn, where, expected, found, amount, other in person:
            as_date = lambda it: c(it).cast(pl.Date) if isinstance(it, str) and it in dates else it
            self.add(code, q.filter(where).collect(), "key", "face", pl.coalesce(rn, "face"), "region", as_date(expected), as_date(found), other, amount)
        several = self.q.filter((c("grant_") > 0) & (c("grant_payers") > 1))
        for nth in range(1, (several["grant_payers"].max() or 1)):
            self.add("subsidy-overlap", several.filter(c("grant_payers") > nth), "key", "face", pl.coalesce("l_rn", "face"), "region",
                     pl.lit("1"), "grant_payers", None, "grant_")

    def of_records(self):
        crowded = pl.concat([frame.select("key") for frame in self.crowd.values()]).unique()
        cross = self.q.filter((c("resident_pools") > 1) | (c("payment_pools") > 1) | c("employed") & c("resident")).select("key")
        people = {row["key"]: row for row in self.q.join(pl.concat([crowded, cross]).unique(), on="key").to_dicts()}
        payable = {key: row["payable"] for key, row in people.items()}
        lines = self.lines
        self.add_rows(crowd.duplicates(lines["r"], lines["p"], lines["g"], lines["h"], payable))
        self.add_rows(crowd.cross_region(lines["r"], lines["p"], people))
        self.add_rows(crowd.cross_scheme(lines["r"], people))
        elsewhere = lambda right: c("first_pool").ne_missing(c(right))
        doubtful = self.q.filter((c("payments") > 0) & (c("resident") & elsewhere("resident_pool")
                                 | ~c("resident") & c("on_register") & elsewhere("register_pool")))
        pools = lambda frame: {key: set(all_) for key, all_ in frame.filter(c("cover") == RESIDENT).join(
            doubtful.select("key"), on="key").group_by("key").agg("pool").rows()}
        self.add_rows(crowd.wrong_region([row | {"p_rn": row["p_rn"]} for row in doubtful.to_dicts()], pools(self.p), pools(self.r)))
        school = self.s.sort("rn").group_by("key").agg(c("pool").min().alias("school"), c("rn").min().alias("listed"))
        away = self.r.filter((c("cover") == RESIDENT) & ~c("here")).join(school, on="key")
        self.add("student-duplicate", away, "key", region=None, expected="school", found="pool", other="listed")
        scheme = self.scheme
        approval = pl.coalesce("approved", "identified")
        if scheme.cut_off:
            self.add("roster-late", self.l.filter(approval > epoch(scheme.cut_off)), "key", expected=pl.lit(str(scheme.cut_off)),
                     found=approval.cast(pl.Date))
        pay, cut = c("first_paid").fill_null(epoch(self.no_payment)), epoch(scheme.cut_off) if scheme.by_cut_off else None
        last = pay if cut is None else pl.max_horizontal(pay, pl.lit(cut)) if scheme.by_payment_day else pl.lit(cut)
        unentitled = self.q.filter((c("subsidised_here") > 0) & (c("grant_") == 0)).select("key", last=last.cast(pl.Int32))
        self.add("roster-ended", self.l.join(unentitled, on="key").filter(c("ended") <= c("last")), "key",
                 expected=c("last").cast(pl.Date), found=c("ended").cast(pl.Date))

    def of_amounts(self):
        here = self.p.lazy().filter((c("cover") == RESIDENT) & c("here")).join(
            self.q.lazy().select("key", "payable", "grant_", "grant_payers", "employed"), on="key")
        personal, subsidised = c("net_personal"), c("net_subsidised")
        entitled = (personal > c("payable")) | (personal == c("payable")) & ((subsidised == 0) | (subsidised == c("grant_")))
        known = (pl.when(c("grant_") > 0).then(entitled).otherwise((subsidised > 0) | (personal == c("payable")))
                 | c("employed") & (subsidised > 0) | c("unreadable_amount").is_not_null())
        doubtful = here.filter(~known).collect()
        sums = self.p.filter(c("cover") == RESIDENT).join(doubtful.select("key").unique(), on="key").group_by("key", "pool").agg(
            personal.sum(), subsidised.sum())
        in_pool = {(key, pool): (a, b) for key, pool, a, b in sums.rows()}
        self.add_rows(crowd.amount_wrong(doubtful.to_dicts(), in_pool))
        for book in ("payments", "elsewhere"):
            rows = self.used(book, c("is_payment"), c("here"), c("cover") == RESIDENT, c("unreadable_amount").is_not_null())
            self.add("amount-wrong", rows, "key", found="unreadable_amount")
        end = epoch(self.scheme.window[1])
        late = self.p.filter((c("cover") == RESIDENT) & c("here") & (
            (c("paid_on") > end) | c("paid_on").is_null() & c("unreadable").is_not_null()))
        late = late.join(self.q.select("key", "student", "enrolled_on"), on="key", how="left")
        outside = list(self.outside(late.select("rn", "key", "paid_on", "student", "enrolled_on").rows()))
        self.add("outside-window", late.filter(c("rn").is_in(outside)), "key", expected=pl.lit(str(self.scheme.window[1])),
                 found=pl.coalesce("unreadable", c("paid_on").cast(pl.Date).cast(pl.String)), amount="net_personal")
        self.of_households()

    def of_households(self):
        day = epoch(self.scheme.benefit[0])
        stated = self.h.filter(c("stated").is_not_null())
        if stated.is_empty():
            return
        kept = self.h.sort("household", "rn", nulls_last=True).unique("key", keep="first", maintain_order=True).select("key", kept="rn")
        rows = stated.join(kept, on="key").join(self.q.select("key", "dead", "death_on", "employed", "payable"), on="key", how="left")
        gone = (c("dead") & (c("death_on").is_null() | (c("death_on") < day))).fill_null(False) | c("employed").fill_null(False)
        charge = pl.when((c("rn") != c("kept")) | gone).then(0).otherwise(c("payable").fill_null(self.scheme.premium))
        rows = rows.with_columns(charge=charge).filter(c("stated") != c("charge"))
        self.add("amount-wrong", rows, "key", expected="charge", found="stated", amount=c("stated") - c("charge"))

    def of_names(self):
        books = [(book, self.used(book, c("name").is_not_null())) for book in NAMED if self.has(book)]
        hashes = pl.concat([frame.lazy().select("key", hash=c("name").hash()) for _, frame in books])
        doubtful = hashes.group_by("key").agg((c("hash").min() != c("hash").max()).alias("several")).filter("several").select("key").collect()
        rows = [(key, book, name, rn) for book, frame in books
                for key, name, rn in frame.select("key", "name", "rn").join(doubtful, on="key").rows()]
        self.add_rows((code, key, rn, rn, None, expected, name, other, None)
                      for code, key, rn, expected, name, other in rules.conflicts(rows))

    def texts(self, frame, key="key"):
        """The printed numbers of these persons, as column `id`."""
        odd = self.odd_numbers.rename({"key": key}).select(key, "odd_id")
        return frame.join(odd, on=key, how="left").with_columns(id=pl.coalesce("odd_id", id_text(c(key)))).drop("odd_id")

    def suspects(self):
        if not self.has("register"):
            return
        pairs, register = [], self.g.select("key", "name", "rn").filter(c("name").is_not_null())
        for kind in ("registrations", "payments", "rosters"):
            if not self.has(kind):
                continue
            book = self.books[kind].filter(c("name").is_not_null())
            unknown = book.filter(c("fate") == USED).join(self.g.select("key"), on="key", how="anti")
            lost = pl.concat([book.filter(c("fate") == UNUSABLE), unknown]).sort("rn").unique("key", keep="first").select(
                "key", "rn", "name", "code")
            lost = self.texts(lost).filter(c("id") != "")
            others = register.join(lost.select("name").unique(), on="name").join(
                self.books[kind].filter(c("fate") == USED).select("key"), on="key", how="anti")
            named = lost.join(self.texts(others).select("name", number="id", other="rn"), on="name")
            pairs += [(kind, *row) for row in named.select("key", "rn", "id", "code", "number", "other").rows()]
        self.add_rows(self.nearest(pairs))

    # ── tallies and writing ──────────────────────────────────────────────────────────────────────────────────────────

    def tally(self):
        root, tallies = self.scheme.root, board.Tallies()
        person = self.q.lazy().select("key", "on_register", "register_region", "counted_rn", "standing")
        line = (pl.when(c("rn").ne_missing(c("counted_rn"))).then(pl.lit("surplus"))
                .when(~c("on_register")).then(pl.lit("not-on-register")).when(c("standing") == 1).then(pl.lit("deceased"))
                .when(c("standing").is_in([2, 3])).then(pl.lit("insured")).otherwise(pl.lit("unpaid")))
        rows = self.r.lazy().filter("here").join(person, on="key").select(
            region=pl.coalesce("region", "register_region", pl.lit(root)), home=c("register_region").fill_null(""), line=line, cover="cover")
        counted = rows.group_by("region", "home", "line", "cover").len().collect().rows()
        for kind in ("registrations", "elsewhere"):
            if self.has(kind):
                rows = self.books[kind].filter((c("fate") == UNUSABLE) & (c("status") == 0) & c("here"))
                rows = rows.filter("is_registration") if kind == "elsewhere" else rows
                counted += rows.group_by(c("region").fill_null(root), pl.lit("").alias("home"), pl.lit("unusable").alias("line"), "cover").len().rows()
        for region, home, what, cover, count in counted:
            tallies.add_registered(region, home, what, COVERS[cover], count)
        for region, standing, count in self.q.filter("on_register").group_by("register_region", "standing").len().rows():
            tallies.standings[region, STANDINGS[standing]] += count
        if self.has("register"):
            pending = self.books["register"].filter(c("fate") == UNUSABLE)
            for region, count in pending.group_by(c("region").fill_null(root)).len().rows():
                tallies.standings[region, "pending"] += count
        if self.has("previous"):
            once = self.used("previous").sort("rn").unique("key", keep="first").lazy().join(
                self.q.lazy().select("key", own="region"), on="key", how="left")
            region = pl.coalesce("region", "own", pl.lit(root)).alias("where")
            for region, count in once.group_by(region).len().collect().rows():
                tallies.previous[region] += count
        owed = self.q.filter((c("grant_") > 0) & (c("resident_here") > 0) & ~c("employed"))
        for category, region, count, fen in owed.group_by("category", c("region").fill_null(root)).agg(pl.len(), c("grant_").sum()).rows():
            tallies.funding[category, region] = (count, fen)
        extra = self.q.select(region=c("region").fill_null(root), n=c("resident_here") + c("resident_away"), pools="resident_pools",
                              employed="employed").filter((c("n") > 1) | c("employed") & (c("n") > 0))
        for kind, rows, count in (("same-pool", ~c("employed") & (c("n") > c("pools")), c("n") - c("pools")),
                                  ("cross-region", ~c("employed") & (c("pools") > 1), c("pools") - 1),
                                  ("cross-scheme", c("employed"), c("n"))):
            for region, persons, more in extra.filter(rows).group_by("region").agg(pl.len(), count.sum().alias("more")).rows():
                tallies.audit[kind, region] = (persons, more)
        return tallies

    def find_cases(self):
        scheme, day, q = self.scheme, epoch(self.scheme.benefit[0]), self.q
        gone = {}
        if scheme.refunds.keys() & {"R06", "R09", "R10"}:
            left = self.used("departures") if self.has("departures") else self.stacked(["key", "disposition", "moved_out"])
            moved = q.filter(c("departed_on").is_not_null()).join(left, on="key", how="anti").select("key", "departed_on").rows()
            entered = set(self.effect.filter(c("entry").is_not_null())["key"])
            gone = rules.left(left.select("key", "disposition", "moved_out").rows(), moved, entered, scheme)
        table = pl.DataFrame([(key, *value) for key, value in gone.items()], {"key": pl.Int64, "left_as": pl.String, "left_on": pl.Date}, orient="row")
        away = self.r.filter((c("cover") == RESIDENT) & ~c("here")).join(table, on="key").group_by("key").agg(
            c("pool").min().alias("away"), c("pool").n_unique().alias("aways"))
        moved = c("left_as").is_not_null() & c("away").is_not_null()
        dead = c("dead") & (c("death_on").is_null() | (c("death_on") < day))
        suspects = q.lazy().filter(c("paid") > 0).join(table.lazy(), on="key", how="left").join(away.lazy(), on="key", how="left").with_columns(
            home_pool="kept_pool", kept_pool=pl.when(moved).then("away").otherwise("kept_pool"), dead_before=dead,
            kept_why=pl.when(~moved).then("kept_why").when(c("aways") == 1).then(pl.lit("only-registration")).otherwise(pl.lit("lowest-code")),
        ).filter((c("paid") > c("payable")) | (c("payment_pools") > 1) | (c("first_pool") != c("kept_pool")) | c("employed")
                 | c("dead_before") | c("left_as").is_not_null()).collect()
        begun = self.r.filter((c("cover") == RESIDENT)).join(suspects.select("key", "home_pool"), on="key").filter(
            c("pool") == c("home_pool")).group_by("key").agg(c("begun").min().alias("kept_begun"))
        suspects = self.texts(suspects.join(begun, on="key", how="left"))
        names = self.named(suspects.get_column("face"))
        persons = suspects.join(names, left_on="face", right_on="rn", how="left").with_columns(
            employee="employed", several_pools=(c("resident_pools") > 1) | (c("payment_pools") > 1), grant="grant_",
            first_paid_on="first_paid", last_paid_on="last_paid").to_dicts()
        vouchers = self.p.filter((c("cover") == RESIDENT) & (c("net_personal") > 0)).join(suspects.select("key"), on="key", how="semi")
        return rules.cases(persons, vouchers.to_dicts(), scheme)

    def named(self, rns):
        """Names of these rows."""
        rns = pl.DataFrame({"rn": rns.unique()})
        return pl.concat([self.books[book].select("rn", "name").join(rns, on="rn", how="semi") for book in SAYS if self.has(book)])

    def write(self):
        self.file_table = pl.DataFrame([(file.at, file.kind, file.name) for file in self.files],
                                       {"f": pl.Int64, "source": pl.String, "file": pl.String}, orient="row")
        self.write_findings()
        self.write_standings()
        self.write_subsidy()
        entered = self.effect.filter(c("entry").is_not_null()).join(self.q.select("key", "region", "payable", "paid_here"), on="key")
        self.texts(entered).select("id", "entry", "price", "starts_on", "waits_until", "benefit_from", "benefit_to", region_code="region",
                                   payable_fen="payable", paid_fen="paid_here").sort("id").write_parquet(self.out / "entries.parquet")
        shape = {"rn": pl.Int64, "field": pl.String, "before": pl.String, "after": pl.String, "rule": pl.String}
        repairs = self.placed(pl.concat([*self.repairs, pl.DataFrame(self.repaired, shape, orient="row")]).sort("rn", "field", "rule"), "rn")
        repairs.select("source", "file", pl.lit("").alias("sheet"), "row", "field", "before", "after", "rule").write_parquet(self.out / "repairs.parquet")
        cases = sorted(self.find_cases(), key=lambda case: (case[0], case[2], case[9] or date.min))
        dates = dict.fromkeys(("paid_on", "first_paid_on", "event_on"), pl.Date)
        kinds = {name: pl.String for name in rules.CASE_COLUMNS} | dates | {"paid_fen": pl.Int64, "refund_fen": pl.Int64, "eligible": pl.Boolean}
        pl.DataFrame(cases, kinds, orient="row").write_parquet(self.out / "cases.parquet")
        board.write(self.scheme, self.tally(), self.tables, self.out)
        board.write_checks(self.out, dict(self.findings.group_by("code").len().rows()))
        fates = {}
        for kind in SAYS:
            if self.has(kind):
                for f, fate, count in self.books[kind].group_by(c("rn") // SHIFT, "fate").len().rows():
                    fates[f, FATES[fate]] = count
        fates |= {(f, fate): len(rows) for f, aside in self.aside.items() for fate, rows in aside.items()}
        board.write_sources(self.out, self.files, fates)

    def placed(self, frame, rn, prefix=""):
        files = self.file_table.rename({"source": prefix + "source", "file": prefix + "file"})
        frame = frame.with_columns((c(rn) // SHIFT).alias("f"), (c(rn) % SHIFT).cast(pl.Int32).alias(prefix + "row"))
        return frame.join(files, on="f", how="left").drop("f")

    def write_findings(self):
        codes = pl.DataFrame([(code, at, self.scheme.level(code), self.scheme.clause(code), ACTS_OF.get(code, "bureau"))
                              for at, code in enumerate(CODES)], ["code", "nth", "level", "clause", "acts"], orient="row")
        regions = pl.DataFrame([(one.code, one.name) for one in self.scheme.regions.inside()], ["region_code", "region"], orient="row")
        rns = self.findings.select(rn="of_rn").unique().drop_nulls()
        rows = pl.concat([self.books[book].select("rn", "key", "name", "region").join(rns, on="rn", how="semi") for book in SAYS if self.has(book)])
        rows = self.texts(rows).select(of_rn="rn", id="id", name="name", own="region")
        frame = self.findings.rename({"region": "said"}).join(rows, on="of_rn", how="left").join(
            self.q.select("key", "region"), on="key", how="left")
        frame = frame.with_columns(region_code=pl.coalesce("said", "region", "own")).drop("region").join(codes, on="code").join(
            regions, on="region_code", how="left")
        frame = self.placed(self.placed(frame, "rn"), "other", "other_")
        texts = ["id", "name", "region_code", "region", "source", "file", "expected", "found", "other_source", "other_file"]
        frame = frame.with_columns(c(name).fill_null("") for name in texts).sort(
            "nth", "region_code", "id", "name", "source", "file", "row", "other_file", "other_row", "found", "expected")
        frame.select("code", "level", "id", "name", "region_code", "region", "source", "file", pl.lit("").alias("sheet"), "row",
                     "expected", "found", "other_source", "other_file", pl.lit("").alias("other_sheet"), "other_row",
                     c("amount").alias("amount_fen"), "clause", "acts").write_parquet(self.out / "findings.parquet")

    def write_standings(self):
        register = self.books["register"]
        if register is None:
            return
        pending = register.filter(c("fate") == UNUSABLE).select(
            "key", "name", region_code=c("region").fill_null(self.scheme.root), standing=pl.lit(0, pl.Int8), rn="rn")
        known = self.q.filter("on_register").select("key", "standing", region_code="register_region", rn="g_rn")
        known = known.join(register.select("rn", "name"), on="rn").select(pending.columns)
        names = dict(enumerate(STANDINGS))
        frame = self.placed(self.texts(pl.concat([known, pending])), "rn").with_columns(
            standing=c("standing").replace_strict(names, return_dtype=pl.String))
        frame.sort("id", "name", "file", "row").select("id", c("name").fill_null(""), "region_code", "standing", "source", "file",
                                                       "row").write_parquet(self.out / "standings.parquet")

    def write_subsidy(self):
        q = self.q.filter((c("grant_") > 0) | (c("subsidised_here") > 0) | c("roster_now"))
        q = self.texts(q.join(self.named(q.get_column("face")), left_on="face", right_on="rn", how="left"))
        names = {at: one["name"] for at, one in enumerate(self.scheme.categories)}
        payers = {at: one["payer"] for at, one in enumerate(self.scheme.categories)}
        word = lambda column, table: c(column).replace_strict(table, default=None, return_dtype=pl.String)
        entitled, none = c("grant_") > 0, c("registration_subsidy") + c("roster_subsidy") == 0
        verdict = (pl.when((c("subsidised_here") > 0) & c("employed")).then(pl.lit("while-employee"))
                   .when((c("subsidised_here") > 0) & ~entitled).then(pl.lit("unentitled"))
                   .when(entitled & (c("paid_here") > c("payable"))).then(pl.lit("missed"))
                   .when((c("grant_payers") > 1) | (c("subsidised_here") > 1)).then(pl.lit("overlap"))
                   .when(entitled & ~c("resident")).then(pl.lit("not-registered"))
                   .when(entitled & (c("payments") == 0) & none & (c("payable") > 0)).then(pl.lit("open"))
                   .when(entitled).then(pl.lit("right")).otherwise(pl.lit("no-grant")))
        q.select("id", c("name").fill_null(""), region_code="region",
                 category=pl.coalesce(word("category", names), word("category_now", names), pl.lit("")),
                 payer=word("category", payers).fill_null(""), premium_fen=pl.lit(self.scheme.premium), payable_fen="payable",
                 grant_fen="grant_", paid_fen="paid", subsidised_fen="subsidised_paid", difference_fen=c("paid") - c("payable"),
                 verdict=verdict).sort("id", "name").write_parquet(self.out / "subsidy.parquet")


def main():
    pipeline, data, as_of, out = sys.argv[1:5]
    bear = Bear(pipeline, data, date.fromisoformat(as_of), out)
    scratch = Path(out) / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    bear.read_all(scratch)
    bear.gather()
    bear.judge()
    bear.write()


if __name__ == "__main__":
    main()
