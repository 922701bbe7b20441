"""What a pipeline file says, read with tomllib: premium, window, categories, grants, late entries, refunds, rates, sources."""

import csv
import fnmatch
import re
import tomllib
from datetime import date
from fractions import Fraction
from pathlib import Path

from regions import Tree
from words import EPOCH, category_word, region_word

KINDS = ["register", "registrations", "payments", "rosters", "elsewhere", "tasks", "deaths", "departures", "students",
         "previous", "households", "household-totals"]
INCREMENTS = {"payments", "deaths", "departures", "elsewhere"}
CODES = """id-missing id-truncated id-malformed id-birthdate id-checksum name-missing name-conflict name-rare-character
id-suspect row-repeated row-too-long record-conflict reversal-unmatched duplicate-registration duplicate-payment cross-region cross-scheme
paid-not-registered wrong-region registered-not-paid amount-wrong outside-window deceased-registered deceased-paid moved-out
hardship-uninsured subsidy-missed subsidy-unentitled subsidy-while-employee subsidy-overlap roster-late roster-ended uninsured
not-on-register register-duplicate household-duplicate student-duplicate region-unknown region-ambiguous category-unknown
footing figures-repeated off-rule""".split()
NOTES = {"id-suspect", "name-rare-character", "figures-repeated", "off-rule", "row-repeated"}
ACTS = {
    "tax": "duplicate-payment wrong-region reversal-unmatched amount-wrong outside-window deceased-paid",
    "department": "subsidy-unentitled subsidy-overlap subsidy-while-employee roster-late roster-ended",
    "township": "uninsured hardship-uninsured registered-not-paid paid-not-registered not-on-register register-duplicate "
                "household-duplicate moved-out",
}
ACTS_OF = {code: actor for actor, codes in ACTS.items() for code in codes.split()}
NEEDS = {
    "id-suspect": "register", "record-conflict": "registrations", "register-duplicate": "register", "reversal-unmatched": "payments",
    "duplicate-payment": "payments", "amount-wrong": "payments", "outside-window": "payments",
    "duplicate-registration": "registrations", "cross-region": "registrations", "cross-scheme": "registrations",
    "paid-not-registered": "registrations payments", "wrong-region": "registrations payments",
    "registered-not-paid": "registrations payments", "deceased-registered": "deaths registrations",
    "deceased-paid": "deaths payments", "moved-out": "departures registrations",
    "hardship-uninsured": "rosters registrations", "subsidy-missed": "rosters payments",
    "subsidy-unentitled": "rosters payments", "subsidy-overlap": "rosters payments", "roster-ended": "rosters payments",
    "subsidy-while-employee": "registrations payments", "roster-late": "rosters", "uninsured": "register registrations",
    "not-on-register": "register registrations", "household-duplicate": "households",
    "student-duplicate": "students registrations", "footing": "tasks", "figures-repeated": "tasks", "off-rule": "tasks",
}
CONDITIONS = ["born-within-days", "born-within-months", "born-from", "on-roster", "employee-gap-days", "employee-gap-months",
              "employee-stopped-from", "employee-years", "case"]


def fen(yuan):
    """Yuan of a pipeline file in fen: whole numbers, or decimals as text."""
    return int(Fraction(str(yuan)) * 100)


def share(text):
    return Fraction(str(text).rstrip("%")) / 100


def half_up(value):
    return int(value + Fraction(1, 2))


class Scheme:
    """A pipeline, with its region tree."""

    def __init__(self, path):
        path = Path(path)
        said = tomllib.loads(path.read_text("utf-8-sig"))
        self.said, self.slug = said, path.stem
        head = said["scheme"]
        self.year, self.root = head["year"], head["region"]
        self.pool_digits = head.get("pool-digits", 4)
        self.basis = head["basis"]
        self._money(said["premium"])
        self.window = (said["window"]["from"], said["window"]["to"])
        self.benefit = (said["benefit"]["from"], said["benefit"]["to"])
        self._roster(said.get("roster"))
        self.categories = [self._category(one) for one in said.get("subsidy", [])]
        self.late = [self._late(one) for one in said.get("late", [])]
        self.refunds = {one["reason"]: one for one in said.get("refund", [])}
        self.students = said.get("students")
        self.waiting = self._waiting(said.get("waiting"))
        self.groups = [[self.position(word) for word in group["categories"]] for group in said.get("group", [])]
        coverage = said["coverage"]
        self.insured_when_paid = coverage.get("insured-when") == "paid"
        self.rates = coverage.get("rate", [])
        self.tasks = said.get("tasks", {})
        self.levels = said.get("levels", {})
        self.clauses = said.get("clauses", {})
        self.sources = {kind: rule for kind, rule in said["sources"].items()}
        self.vocabulary = said.get("vocabulary", [])
        table = path.parent / head.get("regions", f"regions/{self.slug}.csv")
        with open(table, encoding="utf-8-sig", newline="") as file:
            self.regions = Tree(self.root, list(csv.DictReader(file)))

    def _money(self, premium):
        self.premium = fen(premium["personal"])
        self.fiscal = fen(premium["fiscal"]) if "fiscal" in premium else None
        self.previous = fen(premium.get("previous", premium["personal"]))

    def _roster(self, said):
        self.until = (said or {}).get("until")
        if said is None:
            self.by_payment_day, self.by_cut_off, self.cut_off = True, False, None
            return
        self.cut_off = said.get("cut-off")
        decides = said.get("decides", ["payment-day"] + (["cut-off"] if self.cut_off else []))
        self.by_payment_day, self.by_cut_off = "payment-day" in decides, "cut-off" in decides and self.cut_off is not None

    def _category(self, said):
        grant = said.get("grant", 0)
        grant = half_up(self.premium * share(grant)) if str(grant).endswith("%") else fen(grant)
        words = [category_word(said["category"])], [category_word(word) for word in said.get("also", [])]
        return {"name": said["category"], "words": words, "grant": grant, "payer": said.get("payer", "")}

    def position(self, word):
        word = region_word(word)
        names = lambda one: [one["category"], *one.get("also", [])]
        return next(at for at, one in enumerate(self.said["subsidy"]) if word in map(region_word, names(one)))

    def category(self, word):
        """Position of a roster's word among the categories, or None."""
        word = category_word(word)
        for which in (0, 1):
            for at, one in enumerate(self.categories):
                if word in one["words"][which]:
                    return at
        return None

    def _late(self, said):
        rule = dict(said)
        rule["when"] = [(key, said[key]) for key in CONDITIONS if key in said]
        if "on-roster" in said:
            rule["among"] = {self.position(word) for word in said["on-roster"]}
        if "case" in said:
            rule["cases"] = {region_word(word) for word in said["case"]}
        rule.setdefault("price", "personal")
        rule.setdefault("starts", "payment-day")
        rule.setdefault("keeps-grant", True)
        rule.setdefault("newly", True)
        return rule

    def _waiting(self, said):
        national = {"fixed-months": 3, "months-a-broken-year": 1, "long-break-years": 4, "long-break-months": 3}
        if said is None:
            return national if self.year >= 2025 else None
        return national | said

    def names_late_case(self, word):
        word = region_word(word)
        keys = [(rule, {key for key, _ in rule["when"]}) for rule in self.late]
        return (
            any(word in rule.get("cases", ()) or region_word(rule["name"]) == word for rule, _ in keys)
            or word == "新生儿" and any(key.startswith("born-") for _, all in keys for key in all)
            or word in ("职工医保断保", "断保") and any(key.startswith("employee-") for _, all in keys for key in all)
        )

    def meaning(self, of, source, word):
        """What a pipeline's own vocabulary says of a word."""
        for book in (source, None):
            for one in self.vocabulary:
                if one.get("source") == book and of in one and region_word(one["word"]) == word:
                    return one[of]
        return None

    def pool(self, code):
        """The 统筹区 of a place."""
        return code[: self.pool_digits]

    def mode(self, kind):
        return self.sources[kind].get("mode", "increment" if kind in INCREMENTS else "snapshot")

    def batch(self, kind, file):
        pattern = self.sources[kind].get("batch")
        found = re.search(pattern, file) if pattern else None
        return found and (found.group(1) if found.groups() else found.group())

    def files(self, kind, folder):
        patterns = self.sources.get(kind, {}).get("files", [])
        found = sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())
        is_ours = lambda name: any(fnmatch.fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)
        return [name for name in found if is_ours(name) and not name.rsplit("/")[-1].startswith((".", "~$"))]

    def level(self, code):
        return self.levels.get(code, "note" if code in NOTES else "warn")

    def clause(self, code):
        return self.clauses.get(code, self.basis)


def epoch(day):
    """Days since 1970."""
    return (day - EPOCH).days if isinstance(day, date) else day
