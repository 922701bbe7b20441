"""The same findings, standings, cases and coverage with DuckDB, from the same csv: one process, all cores, no detour.

`duck.py PIPELINE DATA AS-OF OUT`. Bulk is SQL over narrow tables (keys are integers, words are looked up once in small
tables); the few persons that need a rule with memory (reversals, late entries, refund cases) go through rules.py.
"""

import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path

import duckdb

import board
import rules
import words
from books import (AFTER, COVERS, COUNT, DAYS, EMPLOYEE, END, FATES, MONEY, OTHER_COVER, OTHER_SCHEME, OTHER_YEAR, PLACES, READ,
                   REPEATED, RESIDENT, REVERSED, SAYS, STANDINGS, SUPERSEDED, TEXT, UNUSABLE, USED, WEIGHTS, WORDS, utf8)
from rival import Rival
from scheme import ACTS_OF, CODES, KINDS, epoch

CHECK = "substr('10X98765432', (({}) % 11)::INT + 1, 1)".format(
    " + ".join(f"({{k}} // {10 ** (16 - at)} % 10) * {weight}" for at, weight in enumerate(WEIGHTS)))


class Duck(Rival):
    """One run."""

    def __init__(self, pipeline, data, as_of, out):
        super().__init__(pipeline, data, as_of, out)
        self.con = duckdb.connect()
        self.con.execute(f"SET threads = {os.cpu_count()}; SET temp_directory = '{out}/scratch'")

    def sql(self, query, values=None):
        return self.con.execute(query, values) if values else self.con.execute(query)

    def rows(self, query):
        return self.sql(query).fetchall()

    def dicts(self, query):
        found = self.sql(query)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row)) for row in found.fetchall()]

    def table(self, name, columns, rows):
        """A small table out of Python's rows. `columns`: name → SQL type."""
        lists = list(map(list, zip(*rows))) or [[] for _ in columns]
        parts = ", ".join(f"unnest(${at}::{kind}[]) AS {column}" for at, (column, kind) in enumerate(columns.items(), 1))
        self.sql(f"CREATE OR REPLACE TABLE {name} AS SELECT {parts}", lists)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def read_all(self, scratch):
        foreign = [file for file in self.files if not file.encoding.startswith("utf-8")]
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            waiting = {file.at: pool.submit(utf8, file, scratch) for file in foreign if file.kind != "tasks"}
            # Books that come in UTF-8 are read while the others are decoded.
            books = [kind for kind in KINDS if any(file.kind == kind for file in self.files) and kind not in
                     ("tasks", "household-totals")]
            is_foreign = lambda kind: any(file.at in waiting for file in self.files if file.kind == kind)
            self.sql("CREATE TABLE odd_numbers (key BIGINT, id VARCHAR, code VARCHAR)")
            self.sql("CREATE TABLE repairs (rn BIGINT, field VARCHAR, before VARCHAR, after VARCHAR, rule VARCHAR)")
            for kind in sorted(books, key=is_foreign):
                files = [file for file in self.files if file.kind == kind]
                for file in files:
                    self.load(file, waiting[file.at].result() if file.at in waiting else file.path)
                self.type(kind, files)
        for kind in SAYS:
            if not self.has(kind):
                self.empty(kind)

    def load(self, file, path):
        """The file's words as they stand; a row whose number is not plain keeps all its cells."""
        cells = {f"c{at}": "VARCHAR" for at in range(file.width)}
        id = f"c{file.columns['id']}"
        k = f"TRY_CAST(left({id}, 17) AS BIGINT)"
        wanted = ["name", *PLACES, *WORDS.get(file.kind, []), *{field for field, _ in SAYS[file.kind].values()}]
        double = {first: other for first, other in file.doubles}
        text = lambda at: f"coalesce(c{at}, c{double[at]})" if at in double else f"c{at}"
        fields = [f"{text(file.columns[name])} AS \"{name}\"" for name in wanted if file.has(name)]
        digest = self.digest(file)
        quote = str(path).replace("'", "''")
        self.sql(f"""
            CREATE TABLE raw{file.at} AS
            SELECT CASE WHEN plain THEN k END AS key, {', '.join(fields)},
                   CASE WHEN right({id}, 1) = 'X' THEN 1 WHEN right({id}, 3) = '000' THEN 2 ELSE 0 END::UTINYINT AS ends,
                   CASE WHEN plain THEN NULL ELSE [{', '.join(cells)}] END AS odd {digest}
            FROM (SELECT *, k >= 10000000000000000 AND m BETWEEN 1 AND 12 AND d BETWEEN 1 AND
                      CASE WHEN m = 2 THEN CASE WHEN y % 4 = 0 AND (y % 100 <> 0 OR y % 400 = 0) THEN 29 ELSE 28 END
                           WHEN m IN (4, 6, 9, 11) THEN 30 ELSE 31 END
                      AND y > 0 AND right({id}, 1) = {CHECK.format(k='k')} AS plain
                  FROM (SELECT *, k // 10000000 % 10000 AS y, k // 100000 % 100 AS m, k // 1000 % 100 AS d
                        FROM (SELECT *, CASE WHEN strlen({id}) = 18 THEN {k} END AS k
                              FROM read_csv('{quote}', header = false, auto_detect = false, skip = {file.skip},
                                   columns = {cells}, delim = '{file.separator}', quote = '"', escape = '"',
                                   null_padding = true, strict_mode = false, max_line_size = 4194304)))
            )""")

    def digest(self, file):
        """What makes rows without voucher or number the same record: every cell but the serial number."""
        if sum(other.kind == file.kind for other in self.files) < 2 or file.kind == "payments" and file.has("voucher"):
            return ""
        cell = lambda at, seed: f"CASE WHEN c{at} IS NULL THEN 0 ELSE hash('{seed}', c{at})::HUGEINT END"
        cells = [cell(at, seed) for at, seed in enumerate(file.seeds) if seed and seed != "serial"]
        return f", {' + '.join(cells)} AS digest"

    def empty(self, kind):
        columns = {"rn": "BIGINT", "key": "BIGINT", "person": "BIGINT", "name": "VARCHAR", "region": "VARCHAR",
                   "verdict": "VARCHAR", "word": "VARCHAR", "here": "BOOLEAN", "pool": "VARCHAR", "fate": "INT",
                   "code": "VARCHAR", "cover": "INT", "status": "INT", "unknown": "VARCHAR", "category": "INT",
                   "personal": "BIGINT", "subsidised": "BIGINT", "net_personal": "BIGINT", "net_subsidised": "BIGINT",
                   "unmatched": "BOOLEAN", "late_case": "VARCHAR", "unknown_case": "VARCHAR", "is_registration": "BOOLEAN",
                   "is_payment": "BOOLEAN", "unreadable": "VARCHAR", "unreadable_amount": "VARCHAR", "stated": "BIGINT",
                   "last_year": "BOOLEAN"}
        for column, (_, how) in SAYS[kind].items():
            columns[column] = {TEXT: "VARCHAR", MONEY: "BIGINT", COUNT: "BIGINT"}.get(how, "INT")
        self.sql(f"CREATE TABLE {kind} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")

    # ── typing ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def type(self, kind, files):
        """One typed table a book, out of its files' words."""
        self.settle_odd(kind, files)
        joins, columns = [], []
        self.bad[kind] = []
        of_words = self.dictionaries(kind, files, joins, columns)
        parts = []
        for file in files:
            have = [f'"{name}"' if file.has(name) else f'NULL::VARCHAR AS "{name}"' for name in of_words]
            digest = "digest" if self.digest(file) else "0::HUGEINT AS digest"
            lossy = "ends = 2" if file.lossy else "false"
            parts.append(f"""SELECT {file.at} * 4294967296 + rowid + {file.first_row()} AS rn,
                             CASE WHEN {lossy} THEN NULL ELSE key END AS key, {', '.join(have + [digest])} FROM raw{file.at}""")
        self.sql(f"""
            CREATE TABLE {kind} AS
            SELECT s.* EXCLUDE (digest), digest {self.money(kind, files)}, {self.fate(kind, files)} AS fate
            FROM (SELECT t.rn, coalesce(t.key, o.key) AS key, coalesce(t.key, o.person) AS person, o.code AS code,
                         {', '.join(columns)}, t.digest
                  FROM ({' UNION ALL '.join(parts)}) t LEFT JOIN odd o ON t.rn = o.rn
                  {' '.join(joins)}
                  WHERE t.key IS NOT NULL OR o.rn IS NOT NULL) s""")
        for field, table in self.repairing:
            self.sql(f"""INSERT INTO repairs SELECT t.rn, '{field}', before, after, rule
                         FROM ({' UNION ALL '.join(parts)}) t JOIN {table} ON t."{field}" = {table}.word
                         WHERE t.key IS NOT NULL OR t.rn IN (SELECT rn FROM odd)""")
        for file in files:
            self.sql(f"DROP TABLE raw{file.at}")
        self.repeats(kind, files)
        if kind in ("payments", "elsewhere"):
            self.reverse(kind)
        self.sql(f"UPDATE {kind} SET fate = {UNUSABLE} WHERE code IS NOT NULL AND fate = {USED}")

    def settle_odd(self, kind, files):
        """Rows whose number is not plain, one by one."""
        found, numbers = [], []
        for file in files:
            odd = self.rows(f"SELECT rowid, odd FROM raw{file.at} WHERE odd IS NOT NULL")
            counts = self.rows(f"""SELECT count(*) FILTER (ends <> 1), count(*) FILTER (ends = 2) FROM raw{file.at}
                                   WHERE key IS NOT NULL""")[0]
            lossy = self.loses_digits(file, *counts, odd)
            cut = self.rows(f"SELECT rowid, key, name FROM raw{file.at} WHERE key IS NOT NULL AND ends = 2") if lossy else []
            more = self.odd_rows(file, odd, cut)
            found += more[0]
            numbers += more[1]
        self.table("odd", {"rn": "BIGINT", "key": "BIGINT", "person": "BIGINT", "code": "VARCHAR"}, found)
        if numbers:
            self.table("more", {"key": "BIGINT", "id": "VARCHAR", "code": "VARCHAR"}, numbers)
            self.sql("INSERT INTO odd_numbers SELECT DISTINCT * FROM more WHERE key NOT IN (SELECT key FROM odd_numbers)")

    def distinct(self, files, fields, where="true"):
        """Distinct words of these fields over the raw files."""
        parts = []
        for file in files:
            have = [f'"{name}"' if file.has(name) else f'NULL::VARCHAR AS "{name}"' for name in fields]
            if any(file.has(name) for name in fields):
                parts.append(f"SELECT DISTINCT {', '.join(have)} FROM raw{file.at} WHERE {where}")
        return self.rows(" UNION ".join(parts)) if parts else []

    def dictionaries(self, kind, files, joins, columns):
        """Reads every distinct word once; says how a table of words becomes a table of values."""
        scheme, any_has = self.scheme, lambda name: any(file.has(name) for file in files)
        wanted = ["name"]
        odd = [word for word, in self.distinct(files, ["name"], "NOT regexp_full_match(name, '[一-鿿·A-Za-z]+')")]
        names = list(self.read_names(odd))
        self.table("odd_names", {"word": "VARCHAR", "name": "VARCHAR"}, [row[:2] for row in names])
        self.repairing = []
        self.note("name", [(word, word, cleaned or "", rules_) for word, cleaned, rules_ in names])
        joins.append("LEFT JOIN odd_names ON t.name = odd_names.word")
        columns.append("CASE WHEN odd_names.word IS NULL THEN t.name ELSE odd_names.name END AS name")
        places = [name for name in PLACES if any_has(name)]
        self.places_of(kind, files, places, joins, columns)
        wanted += places
        for column, (field, how) in SAYS[kind].items():
            if any_has(field):
                wanted.append(field)
            if how == TEXT:
                columns.append(f'{f"""t."{field}" """ if any_has(field) else "NULL::VARCHAR"} AS {column}')
            elif not any_has(field):
                columns.append(f"NULL::{'INT' if how in (DAYS, END) else 'BIGINT'} AS {column}")
            else:
                self.value(kind, files, field, column, how, joins, columns)
        for field in WORDS.get(kind, []):
            wanted += [field] if any_has(field) else []
        self.words_of(kind, files, any_has, joins, columns)
        return list(dict.fromkeys(wanted))

    def value(self, kind, files, field, column, how, joins, columns):
        table = f"of_{column}"
        rows = list(self.read(how, (word for word, in self.distinct(files, [field]) if word)))
        unread = any(bad for _, _, bad, *_ in rows)
        self.table(table, {"word": "VARCHAR", "value": "INT" if how in (DAYS, END) else "BIGINT", "bad": "BOOLEAN"},
                   [row[:3] for row in rows])
        self.note(field, [(word, cell, after, rules_) for word, _, _, rules_, cell, after in rows])
        joins.append(f'LEFT JOIN {table} ON t."{field}" = {table}.word')
        columns.append(f"{table}.value AS {column}")
        if unread:
            columns.append(f"CASE WHEN {table}.bad THEN {table}.word END AS bad_{column}")
            self.bad[kind].append(column)

    def note(self, field, rows):
        """Words of a column that are read as something else than what was written."""
        rows = [(word, cell, after, rule) for word, cell, after, rules_ in rows for rule in rules_]
        if rows:
            table = "repairs_of_" + field.replace("-", "_")
            self.table(table, {"word": "VARCHAR", "before": "VARCHAR", "after": "VARCHAR", "rule": "VARCHAR"}, rows)
            self.repairing.append((field, table))

    def places_of(self, kind, files, places, joins, columns):
        rows = self.distinct(files, places) if places else []
        if not places:
            rows = [()]
        found = list(self.located(kind, places, rows))
        names = {f"w{at}": "VARCHAR" for at in range(len(places))}
        self.table("of_place", names | {"region": "VARCHAR", "word": "VARCHAR", "verdict": "VARCHAR", "here": "BOOLEAN",
                                        "pool": "VARCHAR"}, found)
        on = " AND ".join(f't."{name}" IS NOT DISTINCT FROM of_place.w{at}' for at, name in enumerate(places)) or "true"
        joins.append(f"LEFT JOIN of_place ON {on}")
        columns += [f"of_place.{name} AS {name}" for name in ("region", "word", "verdict", "here", "pool")]

    def words_of(self, kind, files, any_has, joins, columns):
        scheme = self.scheme
        texts = WORDS.get(kind, [])

        def look_up(field, types, read):
            rows = [(word, *read(word)) for word, in self.distinct(files, [field]) if word]
            table = "of_" + field.replace("-", "_")
            self.table(table, {"word": "VARCHAR"} | types, rows)
            joins.append(f'LEFT JOIN {table} ON t."{field}" = {table}.word')
            return table

        unknown = []
        if "scheme" in texts and any_has("scheme"):
            read = lambda word: (COVERS.index((found := words.cover(word, kind, scheme))[0]), found[1])
            table = look_up("scheme", {"cover": "INT", "unknown": "VARCHAR"}, read)
            columns.append(f"coalesce({table}.cover, {RESIDENT}) AS cover")
            unknown.append(f"{table}.unknown")
        elif "scheme" in texts:
            columns.append(f"{RESIDENT} AS cover")
        if "status" in texts:
            silent = "true"
            if any_has("status"):
                read = lambda word: (words.STATUS_ORDER.index((found := words.status(word, kind, scheme))[0]), found[1])
                table = look_up("status", {"status": "INT", "unknown": "VARCHAR"}, read)
                unknown.append(f"{table}.unknown")
                silent = 't."status" IS NULL'
            plain = "coalesce(of_status.status, 0)" if any_has("status") else "0"
            ended = f"of_ended.value <= {self.today} AND {silent}" if any_has("ended") else "false"
            columns.append(f"CASE WHEN {ended} THEN 2 ELSE {plain} END AS status")
        if "year" in texts:
            if any_has("year"):
                table = look_up("year", {"year": "INT"}, lambda word: (words.year(word),))
                columns.append(f"coalesce({table}.year <> {scheme.year}, false) AS other_year")
                columns.append(f"coalesce({table}.year = {scheme.year - 1}, false) AS last_year")
            else:
                columns.append("false AS other_year, false AS last_year")
        if "late-case" in texts:
            if any_has("late-case"):
                table = look_up("late-case", {"late_case": "VARCHAR", "unknown_case": "VARCHAR"}, self.late_case)
                columns.append(f"{table}.late_case, {table}.unknown_case")
            else:
                columns.append("NULL::VARCHAR AS late_case, NULL::VARCHAR AS unknown_case")
        if kind == "rosters":
            declared = scheme.sources[kind].get("category")
            fallback = scheme.category(declared) if declared else None
            if any_has("category"):
                read = lambda word: ((at := scheme.category(word)), word if at is None else None)
                table = look_up("category", {"category": "INT", "unknown": "VARCHAR"}, read)
                columns.append(f"{table}.category AS category")
                unknown.append(f"CASE WHEN {table}.word IS NULL THEN '' ELSE {table}.unknown END")
            else:
                columns.append(f"{'NULL' if fallback is None else fallback}::INT AS category")
                unknown.append("''" if fallback is None else "NULL")
        if texts:
            columns.append(f"coalesce({', '.join(unknown + ['NULL::VARCHAR'])}) AS unknown")

    def money(self, kind, files):
        """Personal and subsidised money from the columns that each sheet has."""
        if kind == "households":
            return ", coalesce(total, personal_) AS stated"
        if kind not in ("payments", "elsewhere"):
            return ""
        bad = lambda column: f"bad_{column}" if column in self.bad[kind] else "NULL::VARCHAR"
        zero = lambda column: f"coalesce({column}, 0)"
        minus = lambda a, b: f"CASE WHEN {a} IS NULL OR {bad(b)} IS NOT NULL THEN 0 ELSE {a} - {zero(b)} END"
        cases = []
        for file in files:
            personal, total, subsidy = (file.has(name) for name in ("personal", "total", "subsidy"))
            if personal and subsidy:
                parts = zero("personal_"), zero("subsidy")
            elif personal:
                parts = zero("personal_"), minus("total", "personal_") if total else "0"
            else:
                parts = minus("total", "subsidy") if total and subsidy else zero("total"), zero("subsidy")
            unread = [bad(column) for column, has in (("personal_", personal), ("total", total), ("subsidy", subsidy)) if has]
            states = personal or total
            registration = file.has("status") or file.has("registration-no") or not states
            stated = "true" if not registration else "personal_ IS NOT NULL OR total IS NOT NULL"
            payment = stated if states else "false"
            cases.append((file.at, *parts, f"coalesce({', '.join(unread + ['NULL'])})", str(registration).lower(), payment))
        pick = lambda at: cases[0][at] if len({case[at] for case in cases}) == 1 else (
            "CASE rn >> 32 " + " ".join(f"WHEN {case[0]} THEN {case[at]}" for case in cases) + " END")
        return f""", ({pick(1)})::BIGINT AS personal, ({pick(2)})::BIGINT AS subsidised, personal AS net_personal,
                   subsidised AS net_subsidised, false AS unmatched, ({pick(3)})::VARCHAR AS unreadable_amount,
                   {bad('paid_on')} AS unreadable, ({pick(4)})::BOOLEAN AS is_registration, ({pick(5)})::BOOLEAN AS is_payment"""

    # ── fates ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def fate(self, kind, files):
        """The fate of a row as far as the row itself decides it, in the order of precedence."""
        scheme = self.scheme
        newest = max((file.batch for file in files if file.batch), default=None)
        dated = scheme.mode(kind) == "snapshot" and "batch" in scheme.sources[kind]
        old = [str(file.at) for file in files if dated and file.batch != newest]
        limit = max(self.today, epoch(scheme.benefit[0]))
        begun = f"begun > CASE WHEN cover = {RESIDENT} THEN {limit} ELSE {self.today} END"
        after = {"registrations": begun, "payments": f"paid_on > {self.today}", "deaths": f"death > {self.today}",
                 "elsewhere": f"is_payment AND paid_on > {self.today} OR is_registration AND {begun}",
                 "departures": f"moved_out > {self.today}"}.get(kind, "false")
        return f"""CASE WHEN {f"rn >> 32 IN ({', '.join(old)})" if old else "false"} THEN {SUPERSEDED}
                   WHEN {"other_year" if "year" in WORDS.get(kind, []) else "false"} THEN {OTHER_YEAR}
                   WHEN {f"cover = {OTHER_COVER}" if "scheme" in WORDS.get(kind, []) else "false"} THEN {OTHER_SCHEME}
                   WHEN {after} THEN {AFTER} ELSE {USED} END"""

    def repeats(self, kind, files):
        """The same record once more."""
        mark, worth = "NULL::VARCHAR", "0, 0, 0"
        if kind == "registrations":
            mark, worth = "number", "status, begun NULLS FIRST, number NULLS FIRST"
        elif kind == "payments":
            mark, worth = "voucher || '|' || (personal + subsidised)", "0, paid_on NULLS FIRST, voucher NULLS FIRST"
        elif kind == "elsewhere":
            mark = """CASE WHEN is_payment AND voucher IS NOT NULL THEN voucher || '|' || (personal + subsidised)
                           WHEN is_registration AND number IS NOT NULL THEN number END"""
            worth = "status, coalesce(paid_on, begun) NULLS FIRST, coalesce(voucher, number) NULLS FIRST"
        if mark.startswith("NULL") and len(files) < 2:
            self.sql(f"CREATE TABLE repeated_{kind} AS SELECT 0::BIGINT AS rn, 0::BIGINT AS kept LIMIT 0")
            return
        self.sql(f"""
            CREATE TABLE repeated_{kind} AS
            WITH several AS (SELECT person FROM {kind} GROUP BY person HAVING count(*) > 1),
                 rows AS (SELECT *, {mark} AS mark, {'other_year' if 'year' in WORDS.get(kind, []) else 'false'} AS elder
                          FROM {kind} WHERE person IN (FROM several) AND fate <> {SUPERSEDED}),
                 ranked AS (SELECT rn, mark, first_value(rn) OVER same AS kept
                            FROM rows WINDOW same AS (PARTITION BY person, elder, mark, CASE WHEN mark IS NULL THEN digest END
                            ORDER BY {worth}, region NULLS LAST, name NULLS LAST, rn))
            SELECT rn, kept FROM ranked WHERE rn <> kept AND (mark IS NOT NULL OR rn >> 32 <> kept >> 32)""")
        self.sql(f"UPDATE {kind} SET fate = {REPEATED} WHERE rn IN (SELECT rn FROM repeated_{kind})")

    def reverse(self, kind):
        """Negative rows are taken off the payments they cancel."""
        paid = "is_payment" if kind == "elsewhere" else "true"
        rows = self.dicts(f"""SELECT rn, key, cover, pool, paid_on, voucher, original, region, name, personal, subsidised
            FROM {kind} WHERE fate = {USED} AND {paid} AND key IN
                (SELECT key FROM {kind} WHERE fate = {USED} AND {paid} AND personal + subsidised < 0)""")
        outcome = rules.cancel(rows)
        self.table("outcome", {"rn": "BIGINT", "p": "BIGINT", "s": "BIGINT", "gone": "BOOLEAN", "alone": "BOOLEAN"}, outcome)
        self.sql(f"""
            UPDATE {kind} SET net_personal = p, net_subsidised = s, unmatched = alone,
                   fate = CASE WHEN gone THEN {REVERSED} ELSE fate END FROM outcome WHERE outcome.rn = {kind}.rn""")

    # ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def gather(self):
        """One row a person, from one row a person of every book."""
        self.sql(f"""
            CREATE VIEW r AS SELECT rn, key, name, region, here, pool, cover, number, begun, subsidised FROM registrations
                WHERE fate = {USED} AND status = 0
                UNION ALL SELECT rn, key, name, region, here, pool, cover, number, begun, subsidised FROM elsewhere
                WHERE fate = {USED} AND status = 0 AND is_registration;
            CREATE VIEW p AS SELECT rn, key, name, region, here, pool, cover, net_personal, net_subsidised, paid_on, voucher,
                unreadable, unreadable_amount FROM payments WHERE fate = {USED} AND net_personal + net_subsidised > 0
                UNION ALL SELECT rn, key, name, region, here, pool, cover, net_personal, net_subsidised, paid_on, voucher,
                unreadable, unreadable_amount FROM elsewhere
                WHERE fate = {USED} AND is_payment AND net_personal + net_subsidised > 0;
            CREATE VIEW g AS SELECT * REPLACE (CASE WHEN death <= {self.today} THEN death END AS death,
                CASE WHEN moved_out <= {self.today} THEN moved_out END AS moved_out) FROM register WHERE fate = {USED};
            CREATE VIEW l AS FROM rosters WHERE fate = {USED};
            CREATE VIEW s AS FROM students WHERE fate = {USED};
            CREATE VIEW h AS FROM households WHERE fate = {USED}""")
        for book in "grph":
            self.sql(f"CREATE TABLE several_{book} AS SELECT key FROM {book} GROUP BY key HAVING count(*) > 1")
            self.sql(f"CREATE TABLE crowd_{book} AS FROM {book} WHERE key IN (FROM several_{book})")
        self.of_register()
        self.of_registrations()
        self.of_payments()
        self.of_rosters()
        self.effects()
        self.people()

    def of_register(self):
        root = self.scheme.root
        self.sql(f"""
            CREATE VIEW sum_g AS
            SELECT key, rn AS g_rn, coalesce(region, '{root}') AS register_region, death, moved_out
            FROM g WHERE key NOT IN (FROM several_g)
            UNION ALL
            SELECT key, g_rn, coalesce(region, '{root}'), death, moved_out FROM (
                SELECT c.key, arg_min(c.rn, rank) AS g_rn, arg_min(c.region, rank) AS region, min(death) AS death,
                       min(moved_out) AS moved_out
                FROM (SELECT *, row_number() OVER (PARTITION BY key ORDER BY there IS NULL, region NULLS LAST,
                             name NULLS LAST, rn) AS rank
                      FROM crowd_g LEFT JOIN (SELECT DISTINCT key AS there, region AS there_region FROM r
                          WHERE cover = {RESIDENT} AND here AND region IS NOT NULL AND key IN (FROM several_g))
                      ON key = there AND region = there_region) c GROUP BY c.key)""")

    def of_registrations(self):
        resident, employee = f"cover = {RESIDENT}", f"cover = {EMPLOYEE}"
        self.sql(f"""
            CREATE VIEW sum_r AS
            SELECT key, ({resident} AND here)::USMALLINT AS resident_here, ({resident} AND NOT here)::USMALLINT AS resident_away,
                   ({employee} AND here)::USMALLINT AS employee_here, ({employee} AND NOT here)::USMALLINT AS employee_away,
                   CASE WHEN {employee} THEN begun END AS employee_begun, CASE WHEN {employee} THEN pool END AS employee_pool,
                   coalesce(subsidised, 0) AS registration_subsidy, ({resident})::USMALLINT AS resident_pools,
                   CASE WHEN {resident} THEN pool END AS resident_pool, CASE WHEN here THEN region END AS counted_region,
                   CASE WHEN here THEN rn END AS counted_rn, rn AS r_rn
            FROM r WHERE key NOT IN (FROM several_r)
            UNION ALL
            SELECT key, (count(*) FILTER ({resident} AND here))::USMALLINT, (count(*) FILTER ({resident} AND NOT here))::USMALLINT,
                   (count(*) FILTER ({employee} AND here))::USMALLINT, (count(*) FILTER ({employee} AND NOT here))::USMALLINT,
                   min(begun) FILTER ({employee}), min(pool) FILTER ({employee}), coalesce(sum(subsidised), 0)::BIGINT,
                   (count(DISTINCT pool) FILTER ({resident}))::USMALLINT, min(pool) FILTER ({resident}),
                   arg_min_null(region, place) FILTER (here), arg_min(rn, place) FILTER (here), arg_min(rn, face)
            FROM (SELECT c.*, row_number() OVER (PARTITION BY key ORDER BY NOT here, cover,
                         coalesce(region, register_region) NULLS LAST, number NULLS LAST, name NULLS LAST, rn) AS place,
                         row_number() OVER (PARTITION BY key ORDER BY name NULLS LAST, rn) AS face
                  FROM crowd_r c LEFT JOIN (SELECT key, nullif(register_region, '{self.scheme.root}') AS register_region
                      FROM sum_g WHERE key IN (FROM several_r)) USING (key)) GROUP BY key""")

    def of_payments(self):
        resident = f"cover = {RESIDENT}"
        self.sql(f"""
            CREATE TABLE sum_p AS
            SELECT key, ({resident})::USMALLINT AS payments, ({resident} AND here)::USMALLINT AS payments_here,
                   ({resident})::USMALLINT AS payment_pools, CASE WHEN {resident} THEN net_personal ELSE 0 END AS paid,
                   CASE WHEN {resident} THEN net_subsidised ELSE 0 END AS subsidised_paid,
                   CASE WHEN {resident} AND here THEN net_personal ELSE 0 END AS paid_here,
                   ({resident} AND here AND net_subsidised > 0)::USMALLINT AS subsidised_here,
                   CASE WHEN {resident} THEN paid_on END AS first_paid, CASE WHEN {resident} AND here THEN paid_on END
                   AS first_paid_here, CASE WHEN {resident} THEN paid_on END AS last_paid,
                   CASE WHEN here THEN paid_on END AS last_paid_here, pool AS first_pool, region AS payment_region, rn AS p_rn
            FROM p WHERE key NOT IN (FROM several_p)
            UNION ALL
            SELECT key, (count(*) FILTER ({resident}))::USMALLINT, (count(*) FILTER ({resident} AND here))::USMALLINT,
                   (count(DISTINCT pool) FILTER ({resident}))::USMALLINT, coalesce(sum(net_personal) FILTER ({resident}), 0)::BIGINT,
                   coalesce(sum(net_subsidised) FILTER ({resident}), 0)::BIGINT,
                   coalesce(sum(net_personal) FILTER ({resident} AND here), 0)::BIGINT,
                   (count(*) FILTER ({resident} AND here AND net_subsidised > 0))::USMALLINT, min(paid_on) FILTER ({resident}),
                   min(paid_on) FILTER ({resident} AND here), max(paid_on) FILTER ({resident}), max(paid_on) FILTER (here),
                   arg_min(pool, face), arg_min_null(region, face), arg_min(rn, face)
            FROM (SELECT *, row_number() OVER (PARTITION BY key ORDER BY NOT ({resident}), paid_on IS NOT NULL, paid_on,
                         voucher NULLS LAST, pool, name NULLS LAST, rn) AS face FROM crowd_p) GROUP BY key""")

    def in_force(self, day):
        on = f"category IS NOT NULL AND (identified IS NULL OR identified <= {day}) AND (ended IS NULL OR ended > {day})"
        if self.scheme.cut_off is None:
            return on
        return f"{on} AND NOT coalesce(coalesce(approved, identified) > {epoch(self.scheme.cut_off)}, false)"

    def of_rosters(self):
        scheme = self.scheme
        self.table("categories", {"category": "INT", "grant_": "BIGINT", "payer": "VARCHAR", "category_name": "VARCHAR"},
                   [(at, one["grant"], one["payer"], one["name"]) for at, one in enumerate(scheme.categories)])
        decides = []
        if scheme.by_payment_day:
            decides.append(self.in_force(f"coalesce(first_paid, {epoch(self.no_payment)})"))
        if scheme.by_cut_off:
            decides.append(self.in_force(str(epoch(scheme.cut_off))))
        self.sql(f"""
            CREATE TABLE sum_l AS
            WITH rows AS (SELECT l.*, grant_, payer, {self.in_force(self.today)} AS now,
                              {' OR '.join(f'({one})' for one in decides) or 'false'} AS deciding
                          FROM l LEFT JOIN sum_p USING (key) LEFT JOIN categories USING (category)),
                 ranked AS (SELECT *, row_number() OVER (PARTITION BY key ORDER BY category NULLS LAST, region NULLS LAST,
                              name NULLS LAST, rn) AS face,
                              max(grant_) FILTER (deciding AND grant_ > 0) OVER (PARTITION BY key) AS best FROM rows)
            SELECT key, bool_or(now) AS roster_now, sum(subsidised)::BIGINT AS roster_subsidy, min(region) AS roster_region,
                   arg_min(category, -grant_ * 1000 + category) FILTER (now) AS category_now, any_value(best) AS roster_grant,
                   min(category) FILTER (deciding AND grant_ = best) AS roster_category,
                   count(DISTINCT payer) FILTER (deciding AND grant_ = best) AS roster_payers, arg_min(rn, face) AS l_rn
            FROM ranked GROUP BY key""")

    def effects(self):
        """Late entries: of those who paid late or soon after birth, what the rules say."""
        scheme, con = self.scheme, "SELECT NULL::BIGINT AS key LIMIT 0"
        end, until = epoch(scheme.window[1]), epoch(scheme.until) if scheme.until else None
        young = []
        birth = "make_date(key // 10000000 % 10000, key // 100000 % 100, key // 1000 % 100)"
        for rule in scheme.late:
            for name, value in rule["when"]:
                if name == "born-within-days":
                    young.append(f"DATE '1970-01-01' + paid_on - {birth} BETWEEN 0 AND {value}")
                elif name == "born-within-months":
                    young.append(f"DATE '1970-01-01' + paid_on < date_trunc('month', {birth}) + INTERVAL {value + 1} MONTH")
        if scheme.late:
            by_birth = f"key BETWEEN 10000000000000 AND 99999999999999999 AND ({' OR '.join(young)})" if young else "false"
            granted = f"paid_on > {until}" if until else "false"
            con = f"""SELECT DISTINCT key FROM p WHERE cover = {RESIDENT} AND paid_on IS NOT NULL
                      AND ({granted} OR here AND (paid_on > {end} OR {by_birth}))"""
            if until and epoch(self.no_payment) > until:
                con += " UNION SELECT key FROM l"
        self.sql(f"CREATE TABLE concerned AS {con}")
        of = lambda query: self.rows(f"{query} AND key IN (FROM concerned)")
        ended = f"ended IS NOT NULL AND fate = {USED} AND cover = {EMPLOYEE}"
        said = f"fate = {USED} AND (late_case IS NOT NULL OR event_on IS NOT NULL)"
        self.open_dossiers(
            [key for key, in self.rows("FROM concerned")],
            of(f"SELECT key, begun FROM r WHERE cover = {EMPLOYEE}"),
            of(f"SELECT key, begun, ended FROM registrations WHERE {ended}")
            + of(f"SELECT key, begun, ended FROM elsewhere WHERE is_registration AND {ended}"),
            of("SELECT key, category, identified, ended FROM l WHERE category IS NOT NULL"),
            of(f"SELECT key, late_case, event_on FROM registrations WHERE {said}")
            + of(f"SELECT key, late_case, event_on FROM payments WHERE {said}"))
        self.decide()

    def decide(self):
        """The price and the grant of the concerned."""
        scheme, found = self.scheme, []
        two_years = any(rule["price"] == "two-years" for rule in scheme.late)
        before = f"""SELECT key, sum(personal + subsidised)::BIGINT AS money FROM payments WHERE last_year AND fate = {OTHER_YEAR}
                     AND cover = {RESIDENT} AND here AND (paid_on IS NULL OR paid_on <= {self.today}) GROUP BY key"""
        persons = self.dicts(f"""
            SELECT key, first_paid_here, first_paid, roster_grant AS grant, roster_category AS category,
                   roster_payers AS payers, largest, {"money" if two_years else "0"} AS paid_last_year,
                   {f"key IN (SELECT key FROM previous WHERE fate = {USED})" if two_years else "false"} AS enrolled_last_year,
                   broken, repaid
            FROM concerned LEFT JOIN sum_p USING (key) LEFT JOIN sum_l USING (key)
            LEFT JOIN (SELECT key, max(net_personal) AS largest FROM p WHERE here AND cover = {RESIDENT} GROUP BY key) USING (key)
            LEFT JOIN (SELECT key, max(broken) AS broken, arg_max(coalesce(repaid, 0), broken * 100 + coalesce(repaid, 0)) AS repaid
                       FROM registrations WHERE broken IS NOT NULL AND fate = {USED} GROUP BY key) USING (key)
            {f"LEFT JOIN ({before}) USING (key)" if two_years else ""}""")
        for person in persons:
            found.append((person["key"], *rules.effect(person, self.dossiers[person["key"]], scheme, self.no_payment)))
        columns = {"key": "BIGINT", "entry": "INT", "grant_": "BIGINT", "category": "INT", "payers": "INT", "payable": "BIGINT",
                   "price": "VARCHAR", "starts_on": "DATE", "waits_until": "DATE", "benefit_from": "DATE", "benefit_to": "DATE"}
        self.table("effect", columns, found)

    def people(self):
        scheme, root, day = self.scheme, self.scheme.root, epoch(self.scheme.benefit[0])
        paid = "payments > 0 OR registration_subsidy + roster_subsidy > 0 OR payable = 0" if scheme.insured_when_paid else "true"
        counts = """resident_here resident_away employee_here resident_pools payments payments_here payment_pools
                    subsidised_here""".split()
        money = "registration_subsidy paid subsidised_paid paid_here roster_subsidy".split()
        zero = [f"coalesce({name}, 0)::USMALLINT AS {name}" for name in counts] + [f"coalesce({name}, 0) AS {name}" for name in money]
        digits = scheme.pool_digits
        self.sql(f"""
            CREATE TABLE people AS
            SELECT * EXCLUDE (insures, school_pool, at_school, at_home),
                   (CASE WHEN dead THEN 1 WHEN employee_here > 0 THEN 2 WHEN resident_here > 0 AND insures THEN 3
                      WHEN employed THEN 4 WHEN resident_away > 0 AND insures THEN 5 WHEN departed THEN 10
                      ELSE 11 END)::UTINYINT AS standing,
                   CASE WHEN resident_pools = 1 THEN resident_pool
                        WHEN resident_pools > 1 AND at_school THEN school_pool
                        WHEN resident_pools > 1 AND at_home THEN register_pool
                        WHEN resident_pools > 1 THEN resident_pool
                        WHEN on_register THEN register_pool ELSE first_pool END AS kept_pool,
                   (CASE WHEN resident_pools = 1 THEN 0 WHEN resident_pools > 1 AND at_school THEN 1
                        WHEN resident_pools > 1 AND at_home THEN 2 WHEN resident_pools > 1 THEN 3 WHEN on_register THEN 2
                        ELSE 4 END)::UTINYINT AS kept_why
            FROM (SELECT *, ({paid}) AS insures FROM (
                SELECT key, g.g_rn IS NOT NULL AS on_register, register_region, left(register_region, {digits}) AS register_pool,
                       g_rn, p_rn, l_rn, counted_rn, {', '.join(zero)},
                       employee_begun, employee_pool, resident_pool, first_paid, last_paid, last_paid_here, first_pool,
                       coalesce(employee_here, 0) + coalesce(employee_away, 0) > 0 AS employed,
                       coalesce(resident_here, 0) + coalesce(resident_away, 0) > 0 AS resident,
                       l_rn IS NOT NULL AS on_roster, coalesce(roster_now, false) AS roster_now, category_now::UTINYINT AS category_now,
                       CASE WHEN e.key IS NULL THEN coalesce(roster_grant, 0) ELSE e.grant_ END AS grant_,
                       (CASE WHEN e.key IS NULL THEN roster_category ELSE e.category END)::UTINYINT AS category,
                       (CASE WHEN e.key IS NULL THEN CASE WHEN roster_grant > 0 THEN roster_payers ELSE 0 END
                            ELSE e.payers END)::UTINYINT AS grant_payers,
                       CASE WHEN e.key IS NULL THEN {scheme.premium} - coalesce(roster_grant, 0) ELSE e.payable END AS payable,
                       d.key IS NOT NULL OR g.death IS NOT NULL AS dead, least(listed_death, g.death) AS death_on,
                       m.key IS NOT NULL OR g.moved_out IS NOT NULL AS departed, least(listed_move, g.moved_out) AS departed_on,
                       s.key IS NOT NULL AS student, school_pool, enrolled_on,
                       coalesce(nullif(register_region, '{root}'), counted_region, roster_region, payment_region,
                                register_region) AS region,
                       coalesce(g_rn, r_rn, p_rn, l_rn) AS face,
                       coalesce(list_contains(pools, school_pool), false) AS at_school,
                       coalesce(list_contains(pools, left(register_region, {digits})), false) AS at_home
                FROM sum_g g FULL JOIN sum_r r USING (key) FULL JOIN sum_p p USING (key) FULL JOIN sum_l l USING (key)
                LEFT JOIN (SELECT key, min(pool) AS school_pool, max(enrolled_on) AS enrolled_on FROM s GROUP BY key) s USING (key)
                LEFT JOIN (SELECT key, min(death) AS listed_death FROM deaths WHERE fate = {USED} GROUP BY key) d USING (key)
                LEFT JOIN (SELECT key, min(moved_out) AS listed_move FROM departures WHERE fate = {USED} GROUP BY key) m USING (key)
                LEFT JOIN effect e USING (key)
                LEFT JOIN (SELECT key, list(DISTINCT pool) AS pools FROM crowd_r WHERE cover = {RESIDENT} GROUP BY key) USING (key)
            ))""")

    # ── findings ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def judge(self):
        """Every finding: code, the person's number or the record's, where it stands, what was expected and found."""
        self.sql("""CREATE TABLE found (code VARCHAR, key BIGINT, of_rn BIGINT, rn BIGINT, region VARCHAR, expected VARCHAR,
                    found VARCHAR, other BIGINT, amount BIGINT)""")
        self.of_rows()
        self.of_persons()
        self.of_records()
        self.of_amounts()
        self.of_names()
        self.suspects()
        self.add_rows(self.read_tables())
        states = {kind: self.rows(f"SELECT count(*) FROM register WHERE {column} <= {self.today}")[0][0] > 0
                  for kind, column in (("deaths", "death"), ("departures", "moved_out"))}
        ran = self.codes_that_run(states)
        self.sql(f"DELETE FROM found WHERE code NOT IN ({', '.join(repr(code) for code in ran)})")

    def add(self, code, select):
        """`select`: key, of_rn (whose number and name), rn (where), region, expected, found, other, amount."""
        self.sql(f"INSERT INTO found SELECT '{code}', {select}")

    def add_rows(self, rows):
        if rows:
            names = ["code", "key", "of_rn", "rn", "region", "expected", "found", "other", "amount"]
            kinds = ["VARCHAR", "BIGINT", "BIGINT", "BIGINT", "VARCHAR", "VARCHAR", "VARCHAR", "BIGINT", "BIGINT"]
            self.table("more", dict(zip(names, kinds)), rows)
            self.sql("INSERT INTO found FROM more")

    def of_rows(self):
        """Numbers, names, words and repetitions: records by themselves."""
        counted = f"fate IN ({USED}, {UNUSABLE})"
        ambiguous = []
        for kind in SAYS:
            if not self.has(kind):
                continue
            row = "CASE WHEN code IS NULL THEN key END, rn, rn, region"
            self.sql(f"""INSERT INTO found SELECT code, NULL, rn, rn, region, NULL, NULL, NULL, NULL FROM {kind}
                         WHERE code IS NOT NULL AND {counted}""")
            named = [str(file.at) for file in self.files if file.kind == kind and file.has("name")]
            if named:
                self.add("name-missing", f"""{row}, NULL, NULL, NULL, NULL FROM {kind} WHERE name IS NULL AND {counted}
                                             AND rn >> 32 IN ({', '.join(named)})""")
            self.add("region-unknown", f"""{row}, NULL, word, NULL, NULL FROM {kind}
                                           WHERE verdict = 'region-unknown' AND {counted}""")
            ambiguous.append(f"SELECT key, code, rn, region, word FROM {kind} WHERE verdict = 'region-ambiguous' AND {counted}")
            has_words = kind in WORDS
            if has_words:
                self.add("category-unknown", f"""{row}, NULL, unknown, NULL, NULL FROM {kind} WHERE unknown IS NOT NULL
                                                 AND fate IN ({USED}, {UNUSABLE}, {OTHER_SCHEME})""")
            if "late-case" in WORDS.get(kind, []):
                self.add("category-unknown", f"""{row}, 'late-case', unknown_case, NULL, NULL FROM {kind}
                                                 WHERE unknown_case IS NOT NULL AND {counted}""")
            said = {"paid_on", "personal_", "total", "subsidy"} if kind == "payments" else set()
            bad = [f"bad_{column}" for column in self.bad.get(kind, []) if column not in said]
            if bad:
                self.add("category-unknown", f"""{row}, NULL, concat_ws('|', {', '.join(bad)}), NULL, NULL FROM {kind}
                    WHERE coalesce({', '.join(bad)}) IS NOT NULL AND {counted} {'AND unknown IS NULL' if has_words else ''}""")
            if kind in ("payments", "elsewhere"):
                self.add("reversal-unmatched", f"""{row}, NULL, NULL, NULL, personal + subsidised FROM {kind}
                                                   WHERE unmatched AND {counted}""")
            self.of_repeats(kind, row)
        self.add("region-ambiguous", f"""CASE WHEN code IS NULL THEN key END, rn, rn, region, NULL, word, NULL, NULL FROM (
            SELECT *, row_number() OVER (PARTITION BY key ORDER BY rn) AS nth FROM ({' UNION ALL '.join(ambiguous)}))
            WHERE nth = 1""")

    def of_repeats(self, kind, row):
        increment = self.scheme.mode(kind) == "increment"
        inside = "AND t.rn >> 32 = kept >> 32" if increment else ""
        self.add("row-repeated", f"""{row.replace('rn', 't.rn')}, NULL, NULL, kept, NULL
                                     FROM {kind} t JOIN repeated_{kind} x ON t.rn = x.rn WHERE true {inside}""")
        if increment:
            self.add("row-repeated", f"""NULL, NULL, (rn >> 32) << 32, NULL, NULL, count(*)::VARCHAR, (kept >> 32) << 32, NULL
                                         FROM repeated_{kind} WHERE rn >> 32 <> kept >> 32 GROUP BY rn >> 32, kept >> 32""")

    def of_persons(self):
        """One a person, from the person's row alone."""
        day = epoch(self.scheme.benefit[0])
        add = lambda code, rn, where, expected="NULL", found="NULL", amount="NULL", other="NULL": self.add(
            code, f"key, face, coalesce({rn}, face), region, ({expected})::VARCHAR, ({found})::VARCHAR, {other}, {amount} "
                  f"FROM people WHERE {where}")
        here = "resident_here + employee_here > 0"
        before = lambda on: f"({on} IS NULL OR {on} < {day})"
        date_ = lambda days: f"DATE '1970-01-01' + ({days})"
        add("paid-not-registered", "p_rn", "payments_here > 0 AND NOT resident", amount="paid")
        add("registered-not-paid", "counted_rn", """resident_here > 0 AND payments = 0
            AND registration_subsidy + roster_subsidy = 0 AND payable > 0""", amount="payable")
        add("deceased-registered", "counted_rn", f"dead AND {before('death_on')} AND {here}", date_(day), date_("death_on"))
        add("deceased-paid", "p_rn", "last_paid_here > death_on", date_("death_on"), date_("last_paid_here"), "paid")
        add("moved-out", "counted_rn", f"departed AND {before('departed_on')} AND {here}", date_(day), date_("departed_on"))
        add("uninsured", "NULL", "(on_register OR on_roster) AND standing = 11")
        add("not-on-register", "counted_rn", f"({here}) AND NOT on_register")
        name = "(SELECT category_name FROM categories c WHERE c.category = category_now)"
        add("hardship-uninsured", "l_rn", "roster_now AND standing IN (8, 9, 10, 11)", name)
        add("subsidy-missed", "p_rn", "grant_ > 0 AND paid_here > payable", "payable", "paid_here", "paid_here - payable", "l_rn")
        add("subsidy-unentitled", "p_rn", "subsidised_here > 0 AND grant_ = 0", "0", "subsidised_paid", "subsidised_paid", "l_rn")
        add("subsidy-while-employee", "p_rn", "subsidised_here > 0 AND employed", amount="subsidised_paid", other="l_rn")
        self.add("subsidy-overlap", """key, face, coalesce(l_rn, face), region, '1', grant_payers::VARCHAR, NULL, grant_
            FROM (SELECT *, unnest(range(grant_payers - 1)) FROM people WHERE grant_ > 0 AND grant_payers > 1)""")
        self.sql(f"""CREATE TABLE astray AS FROM people WHERE payments > 0 AND (
            resident AND first_pool IS DISTINCT FROM resident_pool
            OR NOT resident AND on_register AND first_pool IS DISTINCT FROM register_pool)""")
        self.add("wrong-region", f"""key, face, coalesce(p_rn, face), region, kept_pool, first_pool, NULL, paid FROM astray
            WHERE key NOT IN (SELECT p.key FROM p JOIN r ON p.key = r.key AND p.pool = r.pool WHERE p.cover = {RESIDENT}
                  AND r.cover = {RESIDENT} AND p.key IN (SELECT key FROM astray WHERE resident) AND r.key IN (SELECT key FROM astray))
              AND key NOT IN (SELECT p.key FROM p JOIN astray a ON p.key = a.key AND p.pool = a.register_pool
                  WHERE p.cover = {RESIDENT} AND NOT a.resident)""")

    def surplus(self, code, rows, same, by, expected="NULL", found="NULL", amount="NULL", where="true"):
        """One a surplus record: all of a group but the first in order; `rows` must be crowded already."""
        self.add(code, f"""key, rn, rn, coalesce(person_region, region), ({expected})::VARCHAR, ({found})::VARCHAR, kept, {amount}
            FROM (SELECT t.*, q.region AS person_region, payable, first_value(t.rn) OVER (PARTITION BY {same}
                  ORDER BY {by}, t.rn) AS kept FROM ({rows}) t LEFT JOIN people q USING (key)) WHERE rn <> kept AND {where}""")

    def of_records(self):
        """One a surplus record, or one a record."""
        resident = f"cover = {RESIDENT}"
        null = lambda *names: ", ".join(f"t.{name} NULLS LAST" for name in names)
        self.surplus("duplicate-registration", "FROM crowd_r", "t.key, cover, pool", null("begun", "number", "region", "name"),
                     found="pool")
        self.surplus("duplicate-payment", f"""SELECT *, sum(net_personal) OVER (PARTITION BY key, pool) AS together
            FROM crowd_p WHERE {resident}""", "t.key, pool", null("paid_on", "voucher", "net_personal", "name"),
            "payable", "together", "net_personal", "together > payable")
        self.surplus("subsidy-overlap", f"FROM crowd_p WHERE {resident} AND here AND net_subsidised > 0", "t.key",
                     null("paid_on", "voucher", "name"), amount="net_subsidised")
        self.surplus("register-duplicate", "FROM crowd_g", "t.key", null("region", "name"), found="region")
        self.surplus("household-duplicate", """SELECT * FROM crowd_h WHERE household IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY key, household ORDER BY rn) = 1""", "t.key", "t.household", found="household")
        pools = f"""SELECT r.key, r.rn, r.region, r.pool, NULL::BIGINT AS money, false AS is_paid, begun AS on_, number, name
                    FROM r JOIN people q ON r.key = q.key WHERE {resident} AND q.resident_pools > 1
                    UNION ALL SELECT p.key, p.rn, p.region, p.pool, net_personal, true, paid_on, voucher, name
                    FROM p JOIN people q ON p.key = q.key WHERE {resident} AND q.payment_pools > 1"""
        self.add("cross-region", f"""key, rn, rn, coalesce(person_region, region), kept_pool, pool, kept, money
            FROM (SELECT x.*, q.region AS person_region, kept_pool, first_value(x.rn) OVER (PARTITION BY x.key
                  ORDER BY pool <> kept_pool NULLS LAST, pool, x.rn) AS kept
                  FROM (SELECT * FROM ({pools}) QUALIFY row_number() OVER (PARTITION BY key, pool ORDER BY is_paid,
                        on_ NULLS LAST, number NULLS LAST, region NULLS LAST, name NULLS LAST, rn) = 1) x
                  JOIN people q USING (key)) WHERE rn <> kept""")
        self.add("cross-scheme", f"""key, a.rn, a.rn, coalesce(q.region, a.region), employee_pool, pool, b.rn, paid
            FROM people q JOIN (SELECT * FROM crowd_r WHERE {resident} QUALIFY row_number() OVER (PARTITION BY key
                ORDER BY begun NULLS LAST, number NULLS LAST, region NULLS LAST, name NULLS LAST, rn) = 1) a USING (key)
            JOIN (SELECT key, min(rn) AS rn FROM crowd_r WHERE cover = {EMPLOYEE} GROUP BY key) b USING (key)
            WHERE employed AND resident""")
        self.add("student-duplicate", f"""r.key, rn, rn, coalesce(q.region, r.region), school, pool, listed, NULL
            FROM r JOIN (SELECT key, min(pool) AS school, min(rn) AS listed FROM s GROUP BY key) USING (key)
            LEFT JOIN people q ON r.key = q.key WHERE {resident} AND NOT here""")
        if self.scheme.cut_off:
            cut = epoch(self.scheme.cut_off)
            self.add("roster-late", f"""l.key, l.rn, l.rn, coalesce(q.region, l.region), '{self.scheme.cut_off}',
                (DATE '1970-01-01' + coalesce(approved, identified))::VARCHAR, NULL, NULL
                FROM l LEFT JOIN people q ON l.key = q.key WHERE coalesce(approved, identified) > {cut}""")
        pay = f"coalesce(q.first_paid, {epoch(self.no_payment)})"
        cut = epoch(self.scheme.cut_off) if self.scheme.by_cut_off else None
        last = pay if cut is None else f"greatest({pay}, {cut})" if self.scheme.by_payment_day else str(cut)
        self.add("roster-ended", f"""l.key, l.rn, l.rn, coalesce(q.region, l.region), (DATE '1970-01-01' + {last})::VARCHAR,
            (DATE '1970-01-01' + l.ended)::VARCHAR, NULL, NULL FROM l JOIN people q ON l.key = q.key
            WHERE q.subsidised_here > 0 AND q.grant_ = 0 AND l.ended <= {last}""")

    def of_amounts(self):
        scheme, resident = self.scheme, f"p.cover = {RESIDENT}"
        self.add("amount-wrong", f"""key, rn, rn, coalesce(person_region, region),
            (CASE WHEN right_paid THEN grant_ ELSE payable END)::VARCHAR,
            (CASE WHEN right_paid THEN net_subsidised ELSE net_personal END)::VARCHAR, NULL,
            CASE WHEN right_paid THEN net_subsidised - grant_ ELSE net_personal - payable END
            FROM (SELECT t.*, net_personal = payable OR in_pool = payable AS right_paid,
                         grant_ = 0 OR net_subsidised IN (0, grant_) OR subsidised_in_pool = grant_
                         OR net_subsidised = grant_ * grant_payers AS right_subsidised
                  FROM (SELECT p.*, q.region AS person_region, payable, grant_, grant_payers,
                               (SELECT sum(x.net_personal) FROM p x WHERE x.key = p.key AND x.pool = p.pool
                                AND x.cover = {RESIDENT}) AS in_pool,
                               (SELECT sum(x.net_subsidised) FROM p x WHERE x.key = p.key AND x.pool = p.pool
                                AND x.cover = {RESIDENT}) AS subsidised_in_pool
                        FROM p JOIN people q USING (key) WHERE {resident} AND here AND NOT (
                            CASE WHEN grant_ > 0 THEN net_personal > payable
                                 OR net_personal = payable AND net_subsidised IN (0, grant_)
                            ELSE net_subsidised > 0 OR net_personal = payable END
                            OR employed AND net_subsidised > 0 OR unreadable_amount IS NOT NULL)) t)
            WHERE NOT (right_paid AND right_subsidised)""")
        for book in ("payments", "elsewhere"):
            self.add("amount-wrong", f"""key, rn, rn, coalesce(q.region, t.region), payable::VARCHAR, unreadable_amount, NULL, NULL
                FROM {book} t LEFT JOIN people q USING (key) WHERE fate = {USED} AND is_payment AND here
                AND cover = {RESIDENT} AND unreadable_amount IS NOT NULL""")
        self.outside_window()
        self.of_households()

    def outside_window(self):
        scheme = self.scheme
        late = self.rows(f"""SELECT rn, key, paid_on, q.student, q.enrolled_on FROM p JOIN people q USING (key)
            WHERE p.cover = {RESIDENT} AND here AND (paid_on > {epoch(scheme.window[1])}
            OR paid_on IS NULL AND unreadable IS NOT NULL)""")
        self.table("outside", {"rn": "BIGINT"}, [(rn,) for rn in self.outside(late)])
        self.add("outside-window", f"""key, rn, rn, coalesce(q.region, p.region), '{scheme.window[1]}',
            coalesce(unreadable, (DATE '1970-01-01' + paid_on)::VARCHAR), NULL, net_personal
            FROM p JOIN outside USING (rn) LEFT JOIN people q USING (key)""")

    def of_households(self):
        """What a collective account is charged beside what is due."""
        day = epoch(self.scheme.benefit[0])
        self.add("amount-wrong", f"""key, rn, rn, coalesce(region_, region), charge::VARCHAR, stated::VARCHAR, NULL, stated - charge
            FROM (SELECT h.*, q.region AS region_, CASE WHEN h.rn <> kept OR coalesce(dead AND (death_on IS NULL
                      OR death_on < {day}), false) OR coalesce(employed, false) THEN 0
                      ELSE coalesce(payable, {self.scheme.premium}) END AS charge
                  FROM (SELECT *, first_value(rn) OVER (PARTITION BY key ORDER BY household NULLS LAST, rn) AS kept
                        FROM h) h LEFT JOIN people q USING (key) WHERE stated IS NOT NULL) WHERE stated <> charge""")

    def of_names(self):
        books = ["register", "registrations", "payments", "rosters", "elsewhere"]
        union = " UNION ALL ".join(f"SELECT key, hash(name) AS hash FROM {book} WHERE fate = {USED} AND name IS NOT NULL"
                                   for book in books)
        self.sql(f"CREATE TABLE doubtful AS SELECT key FROM ({union}) GROUP BY key HAVING min(hash) <> max(hash)")
        rows = " UNION ALL ".join(f"""SELECT key, '{book}', name, rn FROM {book} WHERE fate = {USED} AND name IS NOT NULL
                                      AND key IN (FROM doubtful)""" for book in books)
        found = rules.conflicts(self.rows(rows))
        self.add_rows([(code, key, rn, rn, None, expected, name, other, None)
                       for code, key, rn, expected, name, other in found])

    def suspects(self):
        """Numbers that nearly are somebody's on the register; candidates of cut numbers are the same look."""
        if not self.has("register"):
            return
        pairs = []
        for kind in ("registrations", "payments", "rosters"):
            pairs += [(kind, *row) for row in self.rows(f"""
                WITH lost AS (SELECT key, min(rn) AS rn, first(name ORDER BY t.rn) AS name, any_value(t.code) AS code
                        FROM {kind} t WHERE name IS NOT NULL AND (fate = {UNUSABLE} OR fate = {USED}
                        AND key NOT IN (SELECT key FROM g)) GROUP BY key),
                     named AS (SELECT l.*, coalesce(o.id, {self.id_text('l.key')}) AS id FROM lost l
                        LEFT JOIN odd_numbers o ON l.key = o.key)
                SELECT n.key, n.rn, n.id, n.code, coalesce(o.id, {self.id_text('g.key')}), g.rn
                FROM named n JOIN g ON n.name = g.name LEFT JOIN odd_numbers o ON g.key = o.key
                WHERE n.id <> '' AND g.key NOT IN (SELECT key FROM {kind} WHERE fate = {USED})
                  AND (n.code = 'id-truncated' OR strlen(n.id) = 18 AND
                       length(n.id) = 18 AND hamming(n.id, lpad(coalesce(o.id, {self.id_text('g.key')}), 18, ' ')) <= 2)""")]
        self.add_rows(self.nearest(pairs))

    def id_text(self, key):
        """A number as canbao prints it, out of its key."""
        return f"lpad({key}::VARCHAR, 17, '0') || {CHECK.format(k=key)}"

    @staticmethod
    def number(text):
        """Where a text that is no number stands among the numbers."""
        return f"coalesce(TRY_CAST(left(rpad(regexp_extract({text}, '^[0-9]*'), 17, '0'), 17) AS BIGINT), 99999999999999999)"

    # ── tallies ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def tally(self):
        """Counts by region, for the coverage table."""
        root = self.scheme.root
        tallies = board.Tallies()
        rows = self.rows(f"""
            SELECT coalesce(r.region, register_region, '{root}'), coalesce(register_region, ''),
                   CASE WHEN r.rn IS DISTINCT FROM counted_rn THEN 'surplus' WHEN NOT on_register THEN 'not-on-register'
                        WHEN standing = 1 THEN 'deceased' WHEN standing IN (2, 3) THEN 'insured' ELSE 'unpaid' END,
                   cover, count(*)
            FROM r JOIN people q USING (key) WHERE here GROUP BY ALL""")
        for book, more in (("registrations", ""), ("elsewhere", "AND is_registration")):
            rows += self.rows(f"""SELECT coalesce(region, '{root}'), '', 'unusable', cover, count(*) FROM {book}
                WHERE fate = {UNUSABLE} AND status = 0 AND here {more} GROUP BY ALL""")
        for region, home, line, cover, count in rows:
            tallies.add_registered(region, home, line, COVERS[cover], count)
        for region, standing, count in self.rows(f"""
                SELECT register_region, standing, count(*) FROM people WHERE on_register GROUP BY ALL UNION ALL
                SELECT coalesce(region, '{root}'), 0, count(*) FROM register WHERE fate = {UNUSABLE} GROUP BY ALL"""):
            tallies.standings[region, STANDINGS[standing]] += count
        for region, count in self.rows(f"""SELECT coalesce(v.region, q.region, '{root}'), count(*) FROM (
                SELECT key, arg_min_null(region, rn) AS region FROM previous WHERE fate = {USED} GROUP BY key) v
                LEFT JOIN people q USING (key) GROUP BY ALL"""):
            tallies.previous[region] += count
        for category, region, count, fen in self.rows(f"""SELECT category, coalesce(region, '{root}'), count(*), sum(grant_)::BIGINT
                FROM people WHERE grant_ > 0 AND resident_here > 0 AND NOT employed GROUP BY ALL"""):
            tallies.funding[category, region] = (count, fen)
        for kind, region, count, extra in self.rows(f"""
                WITH x AS (SELECT coalesce(region, '{root}') AS region, resident_here + resident_away AS n, resident_pools AS pools,
                           employed FROM people WHERE resident_here + resident_away > 1 OR employed AND resident)
                SELECT 'same-pool', region, count(*), sum(n - pools)::BIGINT FROM x WHERE NOT employed AND n > pools GROUP BY ALL
                UNION ALL SELECT 'cross-region', region, count(*), sum(pools - 1)::BIGINT FROM x WHERE NOT employed AND pools > 1
                GROUP BY ALL UNION ALL SELECT 'cross-scheme', region, count(*), sum(n)::BIGINT FROM x WHERE employed GROUP BY ALL"""):
            tallies.audit[kind, region] = (count, extra)
        return tallies

    def find_cases(self):
        scheme, day = self.scheme, epoch(self.scheme.benefit[0])
        entered = {key for key, in self.rows("SELECT key FROM effect WHERE entry IS NOT NULL")}
        gone = {}
        if scheme.refunds.keys() & {"R06", "R09", "R10"}:
            departures = self.rows(f"SELECT key, disposition, moved_out FROM departures WHERE fate = {USED}")
            moved = self.rows(f"""SELECT key, departed_on FROM people WHERE departed_on IS NOT NULL
                                  AND key NOT IN (SELECT key FROM departures WHERE fate = {USED})""")
            gone = rules.left(departures, moved, entered, scheme)
        self.table("gone", {"key": "BIGINT", "left_as": "VARCHAR", "left_on": "DATE"},
                   [(key, *value) for key, value in gone.items()])
        self.sql(f"""
            CREATE TABLE refunded AS
            SELECT q.* EXCLUDE (kept_pool, kept_why), left_as, left_on,
                   CASE WHEN left_as IS NOT NULL AND away IS NOT NULL THEN away ELSE kept_pool END AS kept_pool,
                   CASE WHEN left_as IS NULL OR away IS NULL THEN ['only-registration', 'school', 'residence', 'lowest-code',
                        'first-payment'][kept_why + 1] WHEN aways = 1 THEN 'only-registration' ELSE 'lowest-code' END AS kept_why,
                   dead AND (death_on IS NULL OR death_on < {day}) AS dead_before
            FROM people q LEFT JOIN gone USING (key) LEFT JOIN (
                SELECT key, min(pool) AS away, count(DISTINCT pool) AS aways FROM r
                WHERE cover = {RESIDENT} AND NOT here AND key IN (SELECT key FROM gone) GROUP BY key) USING (key)
            WHERE paid > 0 AND (paid > payable OR payment_pools > 1 OR employed OR left_as IS NOT NULL
                OR first_pool <> CASE WHEN left_as IS NOT NULL AND away IS NOT NULL THEN away ELSE kept_pool END
                OR dead AND (death_on IS NULL OR death_on < {day}))""")
        persons = self.dicts(f"""
            SELECT key, coalesce(o.id, {self.id_text('key')}) AS id, coalesce(n.name, '') AS name, c.kept_pool, kept_why,
                   employed AS employee, employee_pool, dead_before, death_on, left_as, left_on, student, grant_ AS "grant", payable,
                   resident_pools > 1 OR payment_pools > 1 AS several_pools, employee_begun, kept_begun,
                   first_paid AS first_paid_on, last_paid AS last_paid_on
            FROM refunded c LEFT JOIN odd_numbers o USING (key) LEFT JOIN ({self.names('refunded')}) n ON n.rn = c.face
            LEFT JOIN (SELECT r.key, min(begun) AS kept_begun FROM r JOIN people q ON r.key = q.key AND r.pool = q.kept_pool
                       WHERE cover = {RESIDENT} AND r.key IN (SELECT key FROM refunded) GROUP BY r.key) USING (key)""")
        vouchers = self.dicts(f"""SELECT key, pool, here, paid_on, voucher, region, name, net_personal FROM p
            WHERE cover = {RESIDENT} AND net_personal > 0 AND key IN (SELECT key FROM refunded)""")
        return rules.cases(persons, vouchers, scheme)

    def names(self, of):
        """Names of the rows that stand for these persons."""
        books = ["register", "registrations", "payments", "rosters", "elsewhere"]
        return " UNION ALL ".join(f"SELECT rn, name FROM {book} WHERE rn IN (SELECT face FROM {of})" for book in books)

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def write(self):
        """The data files of canbao, as parquet and csv."""
        self.out.mkdir(parents=True, exist_ok=True)
        files = [(file.at, file.kind, file.name) for file in self.files]
        self.table("files", {"f": "INT", "source": "VARCHAR", "file": "VARCHAR"}, files)
        self.table("regions", {"region": "VARCHAR", "region_name": "VARCHAR"},
                   [(region.code, region.name) for region in self.scheme.regions.inside()])
        self.table("codes", {"code": "VARCHAR", "nth": "INT", "level": "VARCHAR", "clause": "VARCHAR", "acts": "VARCHAR"},
                   [(code, at, self.scheme.level(code), self.scheme.clause(code), ACTS_OF.get(code, "bureau"))
                    for at, code in enumerate(CODES)])
        self.table("standing_names", {"standing": "INT", "standing_name": "VARCHAR"}, list(enumerate(STANDINGS)))
        self.write_findings()
        copy = lambda name, query: self.sql(
            f"COPY ({query}) TO '{self.out}/{name}.parquet' (FORMAT parquet, COMPRESSION zstd)")
        # In the order of the numbers, which are integers but for the odd ones.
        copy("standings", f"""
            SELECT id, name, region_code, standing_name AS standing, source, file, (rn & 4294967295)::INT AS row FROM (
                SELECT {self.id_text('q.key')} AS id, g.name, register_region AS region_code, standing, g_rn AS rn, q.key AS number
                FROM people q JOIN register g ON g.rn = q.g_rn WHERE on_register AND q.key >= 0 UNION ALL
                SELECT o.id, g.name, register_region, standing, g_rn, {self.number("o.id")} FROM people q
                JOIN register g ON g.rn = q.g_rn JOIN odd_numbers o ON o.key = q.key WHERE on_register AND q.key < 0 UNION ALL
                SELECT o.id, g.name, coalesce(region, '{self.scheme.root}'), 0, g.rn, {self.number("o.id")} FROM register g
                JOIN odd_numbers o USING (key) WHERE fate = {UNUSABLE})
            JOIN standing_names USING (standing) JOIN (SELECT f, source, file FROM files) ON f = rn >> 32 ORDER BY number, rn""")
        copy("subsidy", f"""
            SELECT coalesce(o.id, {self.id_text('q.key')}) AS id, n.name, q.region AS region_code,
                   coalesce(a.category_name, b.category_name, '') AS category, coalesce(a.payer, '') AS payer,
                   {self.scheme.premium}::BIGINT AS premium_fen, payable AS payable_fen, q.grant_ AS grant_fen, paid AS paid_fen,
                   subsidised_paid AS subsidised_fen, paid - payable AS difference_fen,
                   CASE WHEN subsidised_here > 0 AND employed THEN 'while-employee'
                        WHEN subsidised_here > 0 AND q.grant_ = 0 THEN 'unentitled'
                        WHEN q.grant_ > 0 AND paid_here > payable THEN 'missed'
                        WHEN grant_payers > 1 OR subsidised_here > 1 THEN 'overlap'
                        WHEN q.grant_ > 0 AND NOT resident THEN 'not-registered'
                        WHEN q.grant_ > 0 AND payments = 0 AND registration_subsidy + roster_subsidy = 0 AND payable > 0 THEN 'open'
                        WHEN q.grant_ > 0 THEN 'right' ELSE 'no-grant' END AS verdict
            FROM (FROM people WHERE grant_ > 0 OR subsidised_here > 0 OR roster_now) q
            LEFT JOIN odd_numbers o ON q.key = o.key LEFT JOIN categories a ON a.category = q.category
            LEFT JOIN categories b ON b.category = category_now
            LEFT JOIN ({self.names("(FROM people WHERE grant_ > 0 OR subsidised_here > 0 OR roster_now)")}) n ON n.rn = q.face
            ORDER BY id, name""")
        copy("entries", f"""
            SELECT coalesce(o.id, {self.id_text('e.key')}) AS id, q.region AS region_code, e.entry, price, q.payable AS payable_fen,
                   paid_here AS paid_fen, starts_on, waits_until, benefit_from, benefit_to
            FROM effect e JOIN people q USING (key) LEFT JOIN odd_numbers o ON o.key = e.key
            WHERE e.entry IS NOT NULL ORDER BY id""")
        if self.repaired:
            self.table("more", {"rn": "BIGINT"} | dict.fromkeys(("field", "before", "after", "rule"), "VARCHAR"), self.repaired)
            self.sql("INSERT INTO repairs FROM more")
        copy("repairs", """SELECT source, file, '' AS sheet, (rn & 4294967295)::INT AS row, field, before, after, rule
                           FROM repairs JOIN files ON f = rn >> 32 ORDER BY rn, field, rule""")
        cases = sorted(self.find_cases(), key=lambda case: (case[0], case[2], case[9] or date.min))
        kinds = {name: "VARCHAR" for name in rules.CASE_COLUMNS} | dict.fromkeys(("paid_on", "first_paid_on", "event_on"), "DATE")
        kinds |= {"paid_fen": "BIGINT", "refund_fen": "BIGINT", "eligible": "BOOLEAN"}
        self.table("cases", {f'"{name}"': kind for name, kind in kinds.items()}, cases)
        copy("cases", "FROM cases")
        tallies = self.tally()
        board.write(self.scheme, tallies, self.tables, self.out)
        board.write_checks(self.out, dict(self.rows("SELECT code, count(*) FROM found GROUP BY code")))
        self.write_sources()

    def write_findings(self):
        books = list(SAYS)
        wanted = "SELECT of_rn FROM found UNION SELECT other FROM found"
        self.sql("CREATE TABLE wanted AS " + " UNION ALL ".join(
            f"SELECT rn, key, name, region FROM {book} WHERE rn IN ({wanted})" for book in books))
        self.sql(f"""
            COPY (SELECT f.code, level, coalesce(o.id, CASE WHEN w.key >= 0 THEN {self.id_text('w.key')} END, '') AS id,
                         coalesce(w.name, '') AS name, coalesce(f.region, q.region, w.region, '') AS region_code,
                         coalesce(region_name, '') AS region, coalesce(a.source, '') AS source, coalesce(a.file, '') AS file,
                         '' AS sheet, (f.rn & 4294967295)::INT AS row, coalesce(expected, '') AS expected,
                         coalesce(f.found, '') AS found, coalesce(b.source, '') AS other_source,
                         coalesce(b.file, '') AS other_file, '' AS other_sheet, (other & 4294967295)::INT AS other_row,
                         amount AS amount_fen, clause, acts
                  FROM found f JOIN codes USING (code) LEFT JOIN wanted w ON w.rn = f.of_rn
                  LEFT JOIN people q ON q.key = f.key LEFT JOIN odd_numbers o ON o.key = w.key
                  LEFT JOIN files a ON a.f = f.rn >> 32 LEFT JOIN files b ON b.f = other >> 32
                  LEFT JOIN regions n ON n.region = coalesce(f.region, q.region, w.region)
                  ORDER BY nth, region_code, id, name, source, file, row, other_file, other_row, found, expected)
            TO '{self.out}/findings.parquet' (FORMAT parquet, COMPRESSION zstd)""")

    def write_sources(self):
        fates = {}
        for kind in SAYS:
            if self.has(kind):
                for f, fate, count in self.rows(f"SELECT rn >> 32, fate, count(*) FROM {kind} GROUP BY ALL"):
                    fates[f, FATES[fate]] = count
        for f, aside in self.aside.items():
            for fate, rows in aside.items():
                fates[f, fate] = len(rows)
        board.write_sources(self.out, self.files, fates)


def main():
    pipeline, data, as_of, out = sys.argv[1:5]
    duck = Duck(pipeline, data, date.fromisoformat(as_of), out)
    scratch = Path(out) / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    duck.read_all(scratch)
    duck.gather()
    duck.judge()
    duck.write()


if __name__ == "__main__":
    main()
