"""Rules that look at few persons: reversals, late entries, names that differ, refund cases. One copy for all rivals: each
picks the persons in its own engine and hands in their rows."""

import hashlib
from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta

from words import differ_only_in_unwritable, has_unwritable, of_epoch, region_word

ONE_DAY = timedelta(days=1)
REFUND_CLAUSE = "医保办函〔2021〕11号第十六条"
BOOKS = ["register", "registrations", "payments", "rosters", "elsewhere"]


def last(value):
    """Orders by value, what is absent behind everything."""
    return (value is None, "" if value is None else value)


# ── reversals ────────────────────────────────────────────────────────────────────────────────────────────────────────


def cancel(rows):
    """Rows (rn, key, cover, pool, paid_on, voucher, original, region, name, personal, subsidised) of persons with a negative
    one → (rn, personal, subsidised, reversed, unmatched)."""
    accounts = defaultdict(list)
    for row in rows:
        accounts[row["key"], row["cover"], row["pool"]].append(row)
    found = []
    for entries in accounts.values():
        entries.sort(key=lambda row: row["rn"])
        found += _account(entries)
    return found


def _total(row):
    return row["personal"] + row["subsidised"]


def _rest(row):
    return last(row["region"]), last(row["name"]), row["rn"]


def _paid(row):
    return -(1 << 40) if row["paid_on"] is None else row["paid_on"]


def _account(entries):
    left = {row["rn"]: [row["personal"], row["subsidised"]] for row in entries}
    unmatched, applied = set(), []
    reversals = [row for row in entries if _total(row) < 0]
    reversals.sort(key=lambda row: (_paid(row), last(row["voucher"]), _total(row), _rest(row)))
    for reversal in reversals:
        payment = _choose(entries, left, reversal)
        left[reversal["rn"]] = [0, 0]
        if payment is None:
            unmatched.add(reversal["rn"])
            continue
        _take_off(left[payment["rn"]], -reversal["personal"], -reversal["subsidised"])
        applied.append((reversal["rn"], payment["rn"]))
    gone = {rn for pair in applied if sum(left[pair[1]]) == 0 for rn in pair}
    return [(row["rn"], *left[row["rn"]], row["rn"] in gone, row["rn"] in unmatched) for row in entries]


def _choose(entries, left, reversal):
    amount = -_total(reversal)
    enough = [row for row in entries if _total(row) > 0 and sum(left[row["rn"]]) >= amount]
    latest = lambda rows: min(rows, key=lambda row: (-_paid(row), last(row["voucher"]), _rest(row)), default=None)
    for voucher in (reversal["original"], reversal["voucher"]):
        named = latest([row for row in enough if voucher is not None and row["voucher"] == voucher])
        if named:
            return named
    before = [row for row in enough if reversal["paid_on"] is None or _paid(row) <= _paid(reversal)]
    return latest([row for row in before if sum(left[row["rn"]]) == amount]) or latest(before)


def _take_off(payment, personal, subsidised):
    amount = personal + subsidised
    fits = 0 <= personal <= payment[0] and 0 <= subsidised <= payment[1]
    taken = subsidised if fits else max(0, min(payment[1], amount))
    payment[1] -= taken
    payment[0] -= amount - taken


# ── late entries ─────────────────────────────────────────────────────────────────────────────────────────────────────


def months_later(day, months):
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def next_month(day):
    return months_later(day.replace(day=1), 1)


class Dossier:
    """What the books say of somebody who paid late, or soon after birth."""

    def __init__(self, key):
        digits = f"{key:017d}" if 0 <= key < 10**17 else None
        self.birth = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14])) if digits else None
        self.employed, self.stopped, self.rosters, self.declared = [], [], [], []

    def fulfils(self, rule, paid, scheme):
        return all(self._one(rule, key, value, paid, scheme) for key, value in rule["when"])

    def _one(self, rule, key, value, paid, scheme):
        birth = self.birth if self.birth and self.birth <= paid else None
        if key.startswith("born-"):
            if birth is None:
                return False
            if key == "born-within-days":
                return (paid - birth).days <= value
            if key == "born-within-months":
                return paid < months_later(next_month(birth), value)
            return birth >= value
        if key == "on-roster":
            return any(self._lets_in(rule, row, paid, scheme) for row in self.rosters)
        if key == "case":
            return self._declares(rule, paid)
        stop = self._cover_stopped(paid)
        if stop is None:
            return False
        if key == "employee-gap-days":
            return (paid - stop).days <= value
        if key == "employee-gap-months":
            return paid <= months_later(stop, value)
        if key == "employee-stopped-from":
            return stop >= value
        return self._lasted(stop, value)

    def _cover_stopped(self, paid):
        if any(begun is None or begun <= paid for begun in self.employed):
            return None
        return max((on for _, on in self.stopped if on <= paid), default=None)

    def _lasted(self, stop, years):
        since = min((begun for begun, on in self.stopped if on == stop and begun), default=None)
        while since:
            adjoining = [begun for begun, on in self.stopped if begun and on <= stop and on + ONE_DAY >= since]
            if min(adjoining, default=since) >= since:
                break
            since = min(adjoining)
        return since is not None and months_later(since, years * 12) <= stop + ONE_DAY

    def _lets_in(self, rule, row, day, scheme):
        category, identified, ended = row
        new = identified is not None and scheme.window[0] <= identified
        return (category in rule["among"] and (not rule["newly"] or new) and (identified is None or identified <= day)
                and (ended is None or ended > day))

    def _stated(self, words):
        of_case = [on for case, on in self.declared if case in words and on]
        return of_case or [on for case, on in self.declared if case is None and on]

    def _declares(self, rule, paid):
        if not any(case in rule["cases"] for case, _ in self.declared):
            return False
        return not self._stated(rule["cases"]) or self.event(rule, paid) is not None

    def event(self, rule, paid):
        since = rule.get("event-from")
        fits = [on for on in self._stated(rule.get("cases", ())) if on <= paid and (since is None or since <= on)]
        return min(fits, default=None)

    def granted_by(self, rules, paid, scheme):
        rows = [row[0] for rule in rules if "among" in rule for row in self.rosters if self._lets_in(rule, row, paid, scheme)]
        return best_grant(rows, scheme)

    def starts(self, rule, paid, scheme):
        not_before = lambda day: max(day, scheme.benefit[0])
        return {
            "birth": lambda: self.birth,
            "event": lambda: self.event(rule, paid),
            "cover-stop": lambda: self._cover_stopped(paid) or self.event(rule, paid),
            "payment-day": lambda: not_before(paid),
            "next-day": lambda: not_before(paid + ONE_DAY),
            "next-month": lambda: not_before(next_month(paid)),
        }[rule["starts"]]()


def best_grant(categories, scheme):
    """(grant, first category, payers) of those that give the most."""
    grants = {at: scheme.categories[at]["grant"] for at in categories if scheme.categories[at]["grant"] > 0}
    most = max(grants.values(), default=0)
    equals = sorted(at for at, grant in grants.items() if grant == most)
    payers = {scheme.categories[at]["payer"] for at in equals}
    return most, equals[0] if equals else None, len(payers)


def entry(dossier, paid, scheme):
    """Position of the first rule that lets a payment in, or None."""
    late = paid > scheme.window[1]
    for at, rule in enumerate(scheme.late):
        newborn = any(key in ("born-within-days", "born-within-months") for key, _ in rule["when"])
        if (late or newborn) and dossier.fulfils(rule, paid, scheme):
            return at
    return None


def effect(person, dossier, scheme, no_payment):
    """(entry, grant, category, payers, payable, price, starts, waits, from, to) of one concerned person."""
    paid = of_epoch(person["first_paid_here"])
    at = entry(dossier, paid, scheme) if paid else None
    rule = scheme.late[at] if at is not None else None
    decided = paid or of_epoch(person["first_paid"]) or no_payment
    if rule and rule["keeps-grant"] is False:
        grant, category, payers = 0, None, 0
    elif scheme.until and decided > scheme.until:
        rules = [one for one in scheme.late if one["keeps-grant"] is not False and dossier.fulfils(one, decided, scheme)]
        grant, category, payers = dossier.granted_by(rules, decided, scheme)
    elif rule and rule["keeps-grant"] == "listed":
        grant, category, payers = dossier.granted_by([rule], decided, scheme)
    elif person["grant"]:
        grant, category, payers = person["grant"], person["category"], person["payers"]
    else:
        grant, category, payers = 0, None, 0
    price, grant, payable = _price(rule, dossier, grant, person, scheme)
    cover = _cover(rule, dossier, paid, person, scheme) if rule else (None,) * 4
    return (at, grant, category, payers, payable, price, *cover)


def _price(rule, dossier, grant, person, scheme):
    ordinary = scheme.premium - grant
    price = rule["price"] if rule else "personal"
    if price == "full" and scheme.fiscal is not None:
        return "full", grant, ordinary + scheme.fiscal
    if price == "full":
        return "unpriced", grant, max(ordinary, person["largest"] or 0)
    if price == "two-years" and dossier.birth and dossier.birth < scheme.benefit[0]:
        open_ = 0 if person["enrolled_last_year"] else max(0, scheme.previous - max(0, person["paid_last_year"] or 0))
        grant += min(grant, open_)
        return "two-years", grant, scheme.premium + open_ - grant
    return "personal", grant, ordinary


def wait_months(rule, paid, person, scheme):
    if scheme.waiting is None:
        return None
    keys = [key for key, _ in rule["when"]] if rule else []
    exempt = any(key.startswith("born-") or key == "on-roster" for key in keys)
    broken, repaid = person["broken"] or 0, person["repaid"] or 0
    if not (paid and paid > scheme.window[1] and not exempt or broken > 0):
        return None
    wait = scheme.waiting
    least = wait["long-break-months"] if broken >= wait["long-break-years"] else 0
    return wait["fixed-months"] + max(max(0, broken - repaid) * wait["months-a-broken-year"], least)


def _cover(rule, dossier, paid, person, scheme):
    wait = rule.get("wait-months", wait_months(rule, paid, person, scheme) or 0)
    starts = dossier.starts(rule, paid, scheme)
    begin = months_later(starts, wait) if starts else None
    waits = begin - ONE_DAY if begin and wait else None
    over = begin is not None and begin > scheme.benefit[1]
    return starts, waits, None if over else begin, None if over else scheme.benefit[1]


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def conflicts(rows):
    """Rows (key, source, name, rn) of persons with several names → (code, key, rn, expected, found, other rn)."""
    persons = defaultdict(list)
    for key, source, name, rn in rows:
        persons[key].append((BOOKS.index(source), name, rn))
    found = []
    for key, named in persons.items():
        named.sort()
        own = [one for one in named if one[0] == named[0][0]]
        reference = next((one for one in own if not has_unwritable(one[1])), own[0])
        for source in range(len(BOOKS)):
            differing = [one for one in named if one[0] == source and one[1] != reference[1]]
            if not differing:
                continue
            plain = next((one for one in differing if not differ_only_in_unwritable(one[1], reference[1])), None)
            code, one = ("name-conflict", plain) if plain else ("name-rare-character", differing[0])
            found.append((code, key, one[2], reference[1], one[1], reference[2]))
    return found


# ── numbers that nearly are another's ────────────────────────────────────────────────────────────────────────────────


def is_near(lost, truncated, number):
    """One character differs, or two neighbours changed places; of a cut number the first fifteen agree."""
    if truncated:
        digits = significant(lost)
        return len(digits) >= 15 and digits[:15] == number[:15]
    if len(lost) != 18 or len(number) != 18:
        return False
    off = [at for at in range(18) if lost[at] != number[at]]
    if len(off) == 2:
        a, b = off
        return b - a == 1 and lost[a] == number[b] and lost[b] == number[a]
    return len(off) == 1


def significant(text):
    return "".join(c for c in text.upper().partition("E")[0] if c in "0123456789")


def first_fifteen(text):
    digits = significant(text)
    if "E" in text:
        if text.partition("E")[2].lstrip("+") != "17" or len(digits) < 13:
            return None
        digits = digits.ljust(15, "0")
    return digits[:15] if len(digits) >= 15 else None


# ── refund cases ─────────────────────────────────────────────────────────────────────────────────────────────────────

REASONS = ["R05", "R03", "R02", "R04", "R08", "R09", "R10", "R06", "R01", "R07", "R11"]
ANY_DAY = {"R01", "R04", "R07", "R11"}
EVIDENCE = {"R05": "voucher|death-certificate", "R06": "voucher|migration-certificate", "R07": "voucher|roster-page",
            "R01": "voucher", "R11": "voucher"}


def departure(disposition):
    """The reason that a departure is, or None."""
    word = region_word(disposition or "")
    says = lambda words: any(one in word for one in words.split())
    if says("未参军 未入伍 期满 刑满 未迁 迁入 迁回"):
        return None
    if says("参军 入伍 服刑 收监 出国定居 出境定居 定居国外 定居境外 国外定居 境外定居"):
        return "R10"
    if word == "移民" or "移民" in word and says("国外 海外 境外 出国"):
        return "R10"
    if says("终身"):
        return "R09"
    return "R06" if word in ("", "无", "-", "/") or says("迁") else None


def left(departures, moved, entered, scheme):
    """Key → (reason, day) of departures after which nothing is due: only kinds for which the pipeline has a rule."""
    found = {}
    events = [(key, departure(word), day) for key, word, day in departures] + [(key, "R06", day) for key, day in moved]
    for key, reason, day in events:
        rule = scheme.refunds.get(reason)
        if rule is None or key in entered or reason not in ("R06", "R09", "R10"):
            continue
        before, on = rule["before"], of_epoch(day)
        if before == "any" or on is not None and on < before:
            rank = lambda one: (REASONS.index(one[0]), one[1] is None, one[1] or date.min)
            if key not in found or rank((reason, on)) < rank(found[key]):
                found[key] = (reason, on)
    return found


def cases(persons, vouchers, scheme):
    """Persons and their vouchers (dicts) → rows of cases.parquet."""
    of_person = defaultdict(list)
    for voucher in vouchers:
        of_person[voucher["key"]].append(voucher)
    return [case for person in persons for case in _allocate(person, of_person[person["key"]], scheme)]


def _allocate(person, vouchers, scheme):
    kept = person["kept_pool"]
    # A stated day behind none, as days sort; then the voucher, absent last.
    day = lambda value: (value is not None, value or 0)
    vouchers.sort(key=lambda v: (v["pool"] != kept, day(v["paid_on"]), last(v["voucher"]), last(v["region"]),
                                 last(v["name"]), v["pool"], v["net_personal"]))
    due = 0 if person["employee"] or person["dead_before"] else person["payable"]
    pools, ordinals, found = set(), defaultdict(int), []
    for voucher in vouchers:
        net, gone = voucher["net_personal"], bool(voucher["here"] and person["left_as"])
        owed = min(due, net) if voucher["pool"] == kept and not gone else 0
        due -= owed
        first = voucher["pool"] not in pools
        pools.add(voucher["pool"])
        same = voucher["paid_on"], net, voucher["pool"]
        ordinals[same] += 1
        if net > owed:
            reason = _reason(person, voucher, first, gone)
            found.append(_case(person, voucher, reason, net - owed, ordinals[same], scheme))
    return found


def _reason(person, voucher, first, gone):
    elsewhere = voucher["pool"] != person["kept_pool"] and not gone
    explains = {
        "R05": person["dead_before"], "R03": person["employee"], "R02": elsewhere and person["several_pools"],
        "R04": elsewhere, "R08": person["student"] and not first and not gone, "R01": not first,
        "R07": person["grant"] > 0 and voucher["net_personal"] > person["payable"], "R11": True,
    }
    for reason in REASONS:
        if explains.get(reason, gone and person["left_as"] == reason):
            return reason
    return "R11"


def _case(person, voucher, reason, refund, ordinal, scheme):
    rule = scheme.refunds.get(reason)
    limit = rule["before"] if rule else None if reason in ANY_DAY else scheme.benefit[0]
    limit = None if limit == "any" else limit
    event = {
        "R05": person["death_on"], "R03": person["employee_begun"] if person["employee_begun"] is not None else voucher["paid_on"],
        "R02": person["kept_begun"] if person["kept_begun"] is not None else person["last_paid_on"],
    }
    event["R08"] = event["R02"]
    on = of_epoch(event.get(reason, voucher["paid_on"])) if reason not in ("R06", "R09", "R10") else person["left_on"]
    clause = (rule or {}).get("clause") or REFUND_CLAUSE
    eligible = limit is None or on is not None and on < limit
    why_not = "" if eligible else f"not-before-limit|{on}|{limit}|{clause}" if on else f"event-unknown||{limit}|{clause}"
    employee = person["employee"] and person["employee_pool"]
    return (
        _number(person, voucher, ordinal, scheme), reason, person["id"], person["name"] or "", "resident",
        person["employee_pool"] if employee else person["kept_pool"], "employee" if employee else person["kept_why"],
        voucher["pool"], voucher["voucher"] or "", of_epoch(voucher["paid_on"]), of_epoch(person["first_paid_on"]), on,
        voucher["net_personal"], refund, eligible, why_not, clause,
        EVIDENCE.get(reason, "voucher|other-relation"), "proposed",
    )


def _number(person, voucher, ordinal, scheme):
    parts = [person["id"], str(scheme.year), "resident", voucher["pool"]]
    if voucher["voucher"] is not None:
        parts.append(voucher["voucher"])
    else:
        parts += [str(of_epoch(voucher["paid_on"]) or ""), str(voucher["net_personal"]), str(ordinal)]
    bits = int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:8], "big")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return f"{voucher['pool']}-{scheme.year}-" + "".join(letters[bits >> (59 - 5 * at) & 31] for at in range(10))


CASE_COLUMNS = """case reason id name scheme keep_pool kept_why refund_pool voucher paid_on first_paid_on event_on paid_fen
refund_fen eligible why_not clause evidence state""".split()
