"""The books: what each says beside number, name and place, and how its words are read. Shared by all rivals."""

from pathlib import Path

import words

USED, UNUSABLE, REPEATED, OTHER_YEAR, OTHER_SCHEME, AFTER, REVERSED, SUPERSEDED = range(8)
FATES = ["used", "id-unusable", "repeated", "other-year", "other-scheme", "after-as-of", "reversed", "superseded"]
EMPLOYEE, RESIDENT, OTHER_COVER = range(3)
COVERS = ["employee", "resident", "other"]
STANDINGS = """pending deceased local-employee local-resident elsewhere-employee elsewhere-resident military prison unreachable
declined other uninsured""".split()
PLACES = ["place", "region-code", "county", "township", "village"]
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
# What each book says, beside number, name and place: column → (field, how its words are read).
DAYS, END, MONEY, COUNT, TEXT = "day", "end", "money", "count", "text"
SAYS = {
    "register": {"death": ("death", DAYS), "moved_out": ("moved-out", DAYS)},
    "registrations": {"number": ("registration-no", TEXT), "begun": ("begun", DAYS), "subsidised": ("subsidy", MONEY),
                      "ended": ("ended", END), "event_on": ("event-on", DAYS), "broken": ("broken-years", COUNT),
                      "repaid": ("repaid-years", COUNT)},
    "payments": {"total": ("total", MONEY), "personal_": ("personal", MONEY), "subsidy": ("subsidy", MONEY),
                 "paid_on": ("paid-on", DAYS), "voucher": ("voucher", TEXT), "original": ("original-voucher", TEXT),
                 "event_on": ("event-on", DAYS)},
    "rosters": {"identified": ("identified", DAYS), "approved": ("approved", DAYS), "ended": ("ended", END),
                "subsidised": ("subsidy", MONEY)},
    "elsewhere": {"number": ("registration-no", TEXT), "begun": ("begun", DAYS), "ended": ("ended", END),
                  "total": ("total", MONEY), "personal_": ("personal", MONEY), "subsidy": ("subsidy", MONEY),
                  "paid_on": ("paid-on", DAYS), "voucher": ("voucher", TEXT), "original": ("original-voucher", TEXT)},
    "deaths": {"death": ("death", DAYS)},
    "departures": {"moved_out": ("moved-out", DAYS), "disposition": ("disposition", TEXT)},
    "students": {"enrolled_on": ("enrolled-on", DAYS), "graduates_on": ("graduates-on", DAYS)},
    "previous": {},
    "households": {"household": ("household", TEXT), "head": ("head", TEXT), "total": ("total", MONEY),
                   "personal_": ("personal", MONEY)},
}
READ = {DAYS: words.day, END: words.end_day, MONEY: words.amount, COUNT: words.count}
WORDS = {"registrations": ["scheme", "status", "year", "late-case"], "payments": ["scheme", "year", "late-case"],
         "elsewhere": ["scheme", "status", "year"], "rosters": ["category"]}


def utf8(file, scratch):
    """A file in another encoding, once more in UTF-8: DuckDB reads nothing else without an extension from the network."""
    path = Path(scratch) / f"{file.at}.csv"
    with open(file.path, encoding=file.encoding, newline="") as source, open(path, "w", encoding="utf-8", newline="") as to:
        while block := source.read(1 << 22):
            to.write(block)
    return path
