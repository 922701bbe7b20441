"""Persons with several rows in a book: few, so the analysts' rivals look at them row by row, in plain Python.

Rows are dicts with rn (file and row as one number), key and what the book says. DuckDB does the same in SQL.
"""

from collections import defaultdict

from books import EMPLOYEE, RESIDENT
from rules import last


def of_keys(rows, *names):
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in names)].append(row)
    return groups


def order(*names):
    """By these columns, absent last, then by place."""
    return lambda row: (*(last_of(row[name]) for name in names), row["rn"])


def last_of(value):
    return (True, 0) if value is None else (False, value)


def first_of(value):
    return (False, 0) if value is None else (True, value)


def repeats(rows, mark, worth):
    """rn → rn of the row that is kept, for rows that are the same record once more."""
    groups, found = defaultdict(list), {}
    for row in rows:
        which = mark(row)
        groups[row["person"], row.get("other_year", False), which, row["digest"] if which is None else None].append(row)
    for (_, _, which, _), same in groups.items():
        if len(same) > 1:
            same.sort(key=lambda row: (worth(row), last(row["region"]), last(row["name"]), row["rn"]))
            kept = same[0]["rn"]
            found |= {row["rn"]: kept for row in same[1:] if which is not None or row["rn"] >> 32 != kept >> 32}
    return found


def register(rows, registered):
    """One row a person of several register rows: the region of the registration before the lowest code."""
    for (key,), own in of_keys(rows, "key").items():
        face = min(own, key=lambda row: ((key, row["region"]) not in registered, last(row["region"]), last(row["name"]), row["rn"]))
        least = lambda name: min((row[name] for row in own if row[name] is not None), default=None)
        yield {"key": key, "g_rn": face["rn"], "register_region": face["region"], "death": least("death"),
               "moved_out": least("moved_out")}


def registrations(rows, home):
    """One row a person of several registrations. `home`: key → register region."""
    for (key,), own in of_keys(rows, "key").items():
        of = lambda cover: [row for row in own if row["cover"] == cover]
        count = lambda cover, here: sum(row["here"] == here for row in of(cover))
        pools = {row["pool"] for row in of(RESIDENT)}
        least = lambda name: min((row[name] for row in of(EMPLOYEE) if row[name] is not None), default=None)
        here = [row for row in own if row["here"]]
        place = lambda row: (row["cover"], last(row["region"] or home.get(key)), last(row["number"]), last(row["name"]), row["rn"])
        counted = min(here, key=place, default={"region": None, "rn": None})
        face = min(own, key=order("name"))
        yield {"key": key, "resident_here": count(RESIDENT, True), "resident_away": count(RESIDENT, False),
               "employee_here": count(EMPLOYEE, True), "employee_away": count(EMPLOYEE, False), "employee_begun": least("begun"),
               "employee_pool": least("pool"), "registration_subsidy": sum(row["subsidised"] or 0 for row in own),
               "resident_pools": len(pools), "resident_pool": min(pools, default=None), "counted_region": counted["region"],
               "counted_rn": counted["rn"], "r_rn": face["rn"], "r_name": face["name"]}


def payments(rows):
    """One row a person of several effective payments."""
    for (key,), own in of_keys(rows, "key").items():
        of = [row for row in own if row["cover"] == RESIDENT]
        here = [row for row in of if row["here"]]
        days = lambda rows: [row["paid_on"] for row in rows if row["paid_on"] is not None]
        face = min(own, key=lambda row: (row["cover"] != RESIDENT, first_of(row["paid_on"]), last(row["voucher"]), row["pool"],
                                         last(row["name"]), row["rn"]))
        yield {"key": key, "payments": len(of), "payments_here": len(here), "payment_pools": len({row["pool"] for row in of}),
               "paid": sum(row["net_personal"] for row in of), "subsidised_paid": sum(row["net_subsidised"] for row in of),
               "paid_here": sum(row["net_personal"] for row in here),
               "subsidised_here": sum(row["net_subsidised"] > 0 for row in here), "first_paid": min(days(of), default=None),
               "first_paid_here": min(days(here), default=None), "last_paid": max(days(of), default=None),
               "last_paid_here": max(days([row for row in own if row["here"]]), default=None), "first_pool": face["pool"],
               "payment_region": face["region"], "p_rn": face["rn"], "p_name": face["name"]}


def rosters(rows, first_paid, scheme, today, no_payment):
    """One row a person on rosters: entries are few everywhere."""
    cut = scheme.cut_off_day
    grant = lambda row: scheme.categories[row["category"]]["grant"] if row["category"] is not None else 0
    for (key,), own in of_keys(rows, "key").items():
        paid = first_paid.get(key)
        days = [no_payment if paid is None else paid] if scheme.by_payment_day else []
        days += [cut] if scheme.by_cut_off else []
        now = [row for row in own if in_force(row, today, cut)]
        granted = [row for row in own if grant(row) > 0 and any(in_force(row, day, cut) for day in days)]
        best = max(map(grant, granted), default=0)
        equals = [row["category"] for row in granted if grant(row) == best]
        face = min(own, key=order("category", "region", "name"))
        yield {"key": key, "roster_now": bool(now), "roster_subsidy": sum(row["subsidised"] or 0 for row in own),
               "roster_region": min((row["region"] for row in own if row["region"] is not None), default=None),
               "category_now": min(((-grant(row), row["category"]) for row in now), default=(0, None))[1],
               "roster_grant": best, "roster_category": min(equals, default=None),
               "roster_payers": len({scheme.categories[at]["payer"] for at in equals}), "l_rn": face["rn"], "l_name": face["name"]}


def in_force(row, day, cut):
    on = (row["category"] is not None and (row["identified"] is None or row["identified"] <= day)
          and (row["ended"] is None or row["ended"] > day))
    approval = row["approved"] if row["approved"] is not None else row["identified"]
    return on and not (cut is not None and approval is not None and approval > cut)


# ── findings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def surplus(rows, same, *by):
    """(row, rn of the kept one) of all but the first of every group."""
    for own in of_keys(rows, *same).values():
        own = sorted(own, key=order(*by))
        yield from ((row, own[0]["rn"]) for row in own[1:])


def duplicates(crowd_r, crowd_p, crowd_g, crowd_h, payable):
    """Findings (code, key, of rn, rn, region, expected, found, other, amount) of surplus records."""
    add = lambda code, row, kept, expected=None, found=None, amount=None: (
        code, row["key"], row["rn"], row["rn"], None, expected, found, kept, amount)
    for row, kept in surplus(crowd_r, ("key", "cover", "pool"), "begun", "number", "region", "name"):
        yield add("duplicate-registration", row, kept, found=row["pool"])
    residents = [row for row in crowd_p if row["cover"] == RESIDENT]
    together = defaultdict(int)
    for row in residents:
        together[row["key"], row["pool"]] += row["net_personal"]
    for row, kept in surplus(residents, ("key", "pool"), "paid_on", "voucher", "net_personal", "name"):
        due, total = payable[row["key"]], together[row["key"], row["pool"]]
        if total > due:
            yield add("duplicate-payment", row, kept, str(due), str(total), row["net_personal"])
    subsidised = [row for row in residents if row["here"] and row["net_subsidised"] > 0]
    for row, kept in surplus(subsidised, ("key",), "paid_on", "voucher", "name"):
        yield add("subsidy-overlap", row, kept, amount=row["net_subsidised"])
    for row, kept in surplus(crowd_g, ("key",), "region", "name"):
        yield add("register-duplicate", row, kept, found=row["region"])
    one = [min(own, key=lambda row: row["rn"]) for (_, house), own in of_keys(crowd_h, "key", "household").items() if house is not None]
    for row, kept in surplus(one, ("key",), "household"):
        yield add("household-duplicate", row, kept, found=row["household"])


def cross_region(crowd_r, crowd_p, people):
    """All but the kept pool of those who are registered, or pay, in several. `people`: key → dict."""
    rows = [{**row, "paid": False, "on": row["begun"], "number": row["number"], "money": None} for row in crowd_r
            if row["cover"] == RESIDENT and people[row["key"]]["resident_pools"] > 1]
    rows += [{**row, "paid": True, "on": row["paid_on"], "number": row["voucher"], "money": row["net_personal"]} for row in crowd_p
             if row["cover"] == RESIDENT and people[row["key"]]["payment_pools"] > 1]
    one = [min(own, key=order("paid", "on", "number", "region", "name")) for own in of_keys(rows, "key", "pool").values()]
    for row in one:
        row["not_kept"] = row["pool"] != people[row["key"]]["kept_pool"]
    for row, kept in surplus(one, ("key",), "not_kept", "pool"):
        yield ("cross-region", row["key"], row["rn"], row["rn"], None, people[row["key"]]["kept_pool"], row["pool"], kept,
               row["money"])


def cross_scheme(crowd_r, people):
    for (key,), own in of_keys(crowd_r, "key").items():
        by = order("begun", "number", "region", "name")
        resident = min((row for row in own if row["cover"] == RESIDENT), key=by, default=None)
        employee = min((row for row in own if row["cover"] == EMPLOYEE), key=by, default=None)
        if resident and employee:
            yield ("cross-scheme", key, resident["rn"], resident["rn"], None, people[key]["employee_pool"], resident["pool"],
                   employee["rn"], people[key]["paid"])


def wrong_region(doubtful, payments_of, registrations_of):
    """Of persons whose first payment went elsewhere: who never paid into the right pool."""
    for person in doubtful:
        paid = payments_of.get(person["key"], set())
        right = registrations_of.get(person["key"], set()) if person["resident"] else {person["register_pool"]}
        if not paid & right:
            yield ("wrong-region", person["key"], person["face"], person["p_rn"], None, person["kept_pool"], person["first_pool"],
                   None, person["paid"])


def amount_wrong(doubtful, in_pool):
    """Of payments that are not what is due: those that together are not either. `in_pool`: (key, pool) → sums."""
    for row in doubtful:
        personal, subsidised, grant = row["net_personal"], row["net_subsidised"], row["grant_"]
        sums = in_pool[row["key"], row["pool"]]
        paid = row["payable"] in (personal, sums[0])
        fits = grant == 0 or subsidised in (0, grant, grant * row["grant_payers"]) or sums[1] == grant
        if not (paid and fits):
            due, found = (grant, subsidised) if paid else (row["payable"], personal)
            yield ("amount-wrong", row["key"], row["rn"], row["rn"], None, str(due), str(found), None, found - due)
