//! What does not agree about each person (docs/readings.md#codes), one finding after the other.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::identity::{differ_only_in_unwritable, first_fifteen, has_unwritable, one_slip_apart};
use super::money::{best_grants, deciding_days, granted, in_force, payable};
use super::rows::{Record, last};
use super::world::{Book, Figures, World};

/// One person and everything the books say of them; rows with an unusable number are persons of their own.
#[derive(Clone, Debug)]
pub struct Person<'a> {
    pub id: String,
    pub usable: bool,
    pub records: Vec<&'a Record>,
    pub standing: &'static str,
    /// Paid so late that the registrations need not know of it.
    pub in_transit: bool,
    /// Money of the resident payments here of the year before, whoever's, reversals taken off, in fen.
    pub paid_last_year: i64,
}

impl<'a> Person<'a> {
    pub fn of(&self, book: Book) -> impl Iterator<Item = &'a Record> + '_ {
        self.records.iter().copied().filter(move |r| r.book == book)
    }
    pub fn rosters(&self) -> impl Iterator<Item = &'a Record> + '_ {
        self.of(Book::Rosters)
    }
    pub fn on_register(&self) -> bool {
        self.of(Book::Register).next().is_some()
    }
    pub fn registrations(&self, cover: &'static str) -> impl Iterator<Item = &'a Record> + '_ {
        self.records
            .iter()
            .copied()
            .filter(move |r| r.normal() && r.cover == cover)
    }
    /// Effective resident payments, wherever.
    pub fn resident_payments(&self) -> impl Iterator<Item = &'a Record> + '_ {
        self.records
            .iter()
            .copied()
            .filter(|r| r.effective() && r.cover == "resident")
    }
    pub fn payments_here(&self) -> impl Iterator<Item = &'a Record> + '_ {
        self.resident_payments().filter(|r| r.place.here)
    }
    pub fn recorded_subsidy(&self) -> bool {
        self.resident_payments().any(|r| r.net_subsidised > 0)
            || self
                .records
                .iter()
                .any(|r| (r.normal() || r.book == Book::Rosters) && r.subsidised > 0)
    }
    pub fn registered_pools(&self) -> BTreeSet<String> {
        self.registrations("resident")
            .map(|r| r.place.pool.clone())
            .collect()
    }
    pub fn paid_pools(&self) -> BTreeSet<String> {
        self.resident_payments()
            .map(|r| r.place.pool.clone())
            .collect()
    }

    /// Dead: `None` = not; `Some(None)` = on a day not stated.
    pub fn death(&self) -> Option<Option<NaiveDate>> {
        let stated = self.of(Book::Deaths).map(|r| r.death);
        earliest_stated(
            stated.chain(
                self.of(Book::Register)
                    .filter(|r| r.death.is_some())
                    .map(|r| r.death),
            ),
        )
    }
    pub fn departure(&self) -> Option<Option<NaiveDate>> {
        let left = |r: &&Record| match r.disposition.as_deref().unwrap_or("") {
            stays
                if ["失联", "放弃", "务工", "上学", "户口"]
                    .iter()
                    .any(|w| stays.contains(w)) =>
            {
                stays.contains('迁')
            }
            words => away_as(words).is_some(),
        };
        let stated = self.of(Book::Departures).filter(left).map(|r| r.moved_out);
        earliest_stated(
            stated.chain(
                self.of(Book::Register)
                    .filter(|r| r.moved_out.is_some())
                    .map(|r| r.moved_out),
            ),
        )
    }
    /// The stated day of death.
    pub fn death_day(&self) -> Option<NaiveDate> {
        self.death().flatten()
    }
    pub fn dead_before_benefit(&self, world: &World) -> bool {
        self.death()
            .is_some_and(|day| day.is_none_or(|d| d < world.scheme.benefit.0))
    }

    /// Whether a normal registration (here, or in another place) insures this person, where it is one of residents.
    pub fn insures_as_resident(&self, world: &World, here: bool) -> bool {
        !world.scheme.insured_when_paid || self.pays_as_resident(world, here)
    }

    /// Whether there is money for a resident registration: paid in its own pool, subsidised, or nothing owed. What our
    /// rosters grant holds in our own pool only.
    pub fn pays_as_resident(&self, world: &World, here: bool) -> bool {
        let own: Vec<&Record> = self
            .registrations("resident")
            .filter(|r| r.place.here == here)
            .collect();
        let paid = self
            .resident_payments()
            .any(|p| own.iter().any(|r| p.pays_for(world, r)));
        let our_pool = world.scheme.pool_of(world.scheme.root);
        let ours = here || own.iter().any(|r| r.place.pool == our_pool);
        let listed = self.rosters().any(|r| r.subsidised > 0);
        let registered = self.records.iter().any(|r| r.normal() && r.subsidised > 0);
        paid || registered || ours && (listed || payable(world, self) == 0)
    }

    /// The registration here that counts: employee before resident, then lowest region code, then number.
    pub fn counted_registration(&self) -> Option<&'a Record> {
        ["employee", "resident"].into_iter().find_map(|cover| {
            self.registrations(cover)
                .filter(|r| r.place.here)
                .min_by_key(|r| {
                    let number = r.number.clone();
                    // A row that names no region counts in the register's.
                    let region = r.place.region.clone().or(self.register_region());
                    (
                        region.is_none(),
                        region,
                        number.is_none(),
                        number,
                        r.book,
                        r.file,
                        r.at,
                    )
                })
        })
    }

    /// Region under which the register counts this person; `None` = no region of the scheme, or not on the register.
    pub fn register_region(&self) -> Option<String> {
        let regions: BTreeSet<Option<String>> = self
            .of(Book::Register)
            .map(|r| r.place.region.clone())
            .collect();
        let registered: BTreeSet<Option<String>> = self
            .registrations("resident")
            .filter(|r| r.place.here)
            .map(|r| r.place.region.clone())
            .collect();
        if let Some(region) = registered
            .into_iter()
            .find(|region| region.is_some() && regions.contains(region))
        {
            return region;
        }
        regions.into_iter().flatten().next()
    }

    pub fn register_pool(&self, world: &World) -> Option<String> {
        let root = world.scheme.root.to_owned();
        self.on_register().then(|| {
            world
                .scheme
                .pool_of(&self.register_region().unwrap_or(root))
        })
    }

    /// The pool whose relation is kept.
    pub fn kept_pool(&self, world: &World) -> Option<String> {
        let pools = self.registered_pools();
        let register = self.register_pool(world);
        if pools.len() <= 1 {
            let first_paid = self
                .resident_payments()
                .min_by_key(|p| (p.paid_on, last(p.voucher.as_deref()), &p.place.pool))
                .map(|p| p.place.pool.clone());
            return pools.into_iter().next().or(register).or(first_paid);
        }
        let school = self
            .of(Book::Students)
            .map(|r| r.place.pool.clone())
            .find(|pool| pools.contains(pool));
        school
            .or(register.filter(|pool| pools.contains(pool)))
            .or_else(|| pools.into_iter().next())
    }

    /// Paid here, registered nowhere, and the first payment so late that the registrations need not know of it.
    fn is_in_transit(&self, since: Option<NaiveDate>) -> bool {
        let first = self.payments_here().filter_map(|p| p.paid_on).min();
        let is_late = since.is_some_and(|since| first.is_some_and(|first| first >= since));
        is_late && self.usable && self.registrations("resident").next().is_none()
    }

    fn find_standing(&self, world: &World) -> &'static str {
        if !self.usable {
            return "pending";
        }
        if self.death().is_some() {
            return "deceased";
        }
        for (here, cover, standing) in [
            (true, "employee", "local-employee"),
            (true, "resident", "local-resident"),
            (false, "employee", "elsewhere-employee"),
            (false, "resident", "elsewhere-resident"),
        ] {
            let registered = self.registrations(cover).any(|r| r.place.here == here);
            if registered && (cover == "employee" || self.insures_as_resident(world, here)) {
                return standing;
            }
        }
        let listed = self.of(Book::Departures);
        let said = listed.filter_map(|r| away_as(r.disposition.as_deref().unwrap_or("")));
        let order = |said: &&str| AWAY.iter().position(|one| one == said);
        match said.min_by_key(order) {
            Some(said) => said,
            None if self.departure().is_some() => "other",
            None if self.in_transit => "in-transit",
            None => "uninsured",
        }
    }
}

/// The first payment day that five working days lead beyond the day on which the registrations were exported; none where that
/// day is not stated or lies a month from the last payment (docs/readings.md#transit).
pub fn in_transit_since(world: &World, records: &[Record]) -> Option<NaiveDate> {
    let exported = world.exported?;
    let own = records.iter().filter(|r| r.book == Book::Payments);
    let paid = own.filter_map(|r| r.paid_on);
    let last = paid.filter(|day| *day <= world.as_of).max()?;
    if (last - exported).num_days().abs() > 31 {
        return None;
    }
    let is_worked = |day: &NaiveDate| day.weekday().number_from_monday() <= 5;
    // A week back the fifth working day is the export's own or an earlier one.
    let week_before = exported.checked_sub_days(chrono::Days::new(8))?;
    week_before
        .iter_days()
        .find(|paid| paid.iter_days().skip(1).filter(is_worked).nth(4) > Some(exported))
}

/// Why somebody is not insured here, in the order of the law.
const AWAY: [&str; 5] = ["military", "prison", "unreachable", "declined", "other"];

/// What a 去向 says; `None` = the person is here again.
fn away_as(disposition: &str) -> Option<&'static str> {
    let says = |words: &[&str]| words.iter().any(|word| disposition.contains(word));
    if says(&["期满", "刑满", "未迁", "迁入", "迁回"]) {
        None
    } else if says(&["参军", "入伍"]) {
        Some("military")
    } else if says(&["服刑", "收监"]) {
        Some("prison")
    } else if says(&["失联"]) {
        Some("unreachable")
    } else if says(&["放弃"]) {
        Some("declined")
    } else {
        Some("other")
    }
}

fn paid_last_year(world: &World, records: &[Record], key: &String) -> i64 {
    let of_last_year = |r: &&Record| {
        r.book.is_payment() && r.fate == "other-year" && r.year == world.scheme.year - 1
    };
    let own = records
        .iter()
        .filter(|r| r.key.as_ref() == Some(key) && r.cover == "resident" && r.place.here);
    own.filter(of_last_year)
        .map(|r| r.personal + r.subsidised)
        .sum()
}

/// One person a key, and one a row with an unusable number.
pub fn people<'a>(world: &World, records: &'a [Record]) -> Vec<Person<'a>> {
    let mut by_key: BTreeMap<String, Person> = BTreeMap::new();
    let mut alone = Vec::new();
    for record in records.iter().filter(|r| r.counted()) {
        let person = || Person {
            id: record.id.clone(),
            usable: record.key.is_some(),
            records: vec![],
            standing: "",
            in_transit: false,
            paid_last_year: record
                .key
                .as_ref()
                .map_or(0, |key| paid_last_year(world, records, key)),
        };
        match &record.key {
            Some(key) => by_key
                .entry(key.clone())
                .or_insert_with(person)
                .records
                .push(record),
            None => alone.push(Person {
                records: vec![record],
                ..person()
            }),
        }
    }
    let since = in_transit_since(world, records);
    let mut people: Vec<Person> = by_key.into_values().chain(alone).collect();
    for person in &mut people {
        person.in_transit = person.is_in_transit(since);
        person.standing = person.find_standing(world);
    }
    people
}

/// All findings of a world, as (code, id).
pub fn findings(world: &World, records: &[Record], people: &[Person]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    record_findings(records, &mut found);
    task_findings(world, &mut found);
    suspects(people, &mut found);
    for person in people.iter().filter(|p| p.usable) {
        let mut say = |code: &str, times: usize| {
            found.extend(std::iter::repeat_n(
                (code.to_owned(), person.id.clone()),
                times,
            ));
        };
        names(person, &mut say);
        relations(world, person, &mut say);
        payments(world, person, &mut say);
        rosters(world, person, &mut say);
        lists(person, &mut say);
    }
    found
}

/// `None` without any; a stated day beats one that is not stated.
fn earliest_stated(days: impl Iterator<Item = Option<NaiveDate>>) -> Option<Option<NaiveDate>> {
    days.reduce(|a, b| match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    })
}

type Say<'a> = dyn FnMut(&str, usize) + 'a;

fn record_findings(records: &[Record], found: &mut Vec<(String, String)>) {
    let mut pairs: BTreeSet<(&str, Book, usize, Book, usize)> = BTreeSet::new();
    let mut ambiguous: BTreeSet<String> = BTreeSet::new();
    for record in records {
        let mut say = |code: &str| found.push((code.to_owned(), record.id.clone()));
        let (book, file) = (record.book, record.file);
        match record.kept_file {
            // Exports that overlap are one finding a pair of files.
            Some(kept) if book.is_increment() && kept != file => {
                pairs.insert((book.source(), book, kept, book, file));
            }
            Some(_) => say("row-repeated"),
            None => {}
        }
        if record.conflicts && record.counted() {
            say("record-conflict");
        }
        if record.fate == "other-scheme" && record.unknown_word {
            say("category-unknown");
        }
        for code in wrong_with(record) {
            // A word unknown to the table is the record's; a word that names two places is the person's, whatever the book.
            let again = code == "region-ambiguous"
                && record.verdict.is_none()
                && !ambiguous.insert(record.id.clone());
            if !again {
                say(code);
            }
        }
    }
    let overlaps = pairs.iter().map(|_| ("row-repeated".into(), String::new()));
    found.extend(overlaps);
}

/// What a counted record says that cannot be used.
fn wrong_with(record: &Record) -> Vec<&'static str> {
    if !record.counted() {
        return Vec::new();
    }
    // What nobody can read is a finding (docs/readings.md#repairs), one a record; of payments in
    // the tax office's own book it is one of money, of what other places report there is no such
    // code.
    let unread = record.book == Book::ElsewherePayments
        && (record.paid_on_unreadable || record.amount_unreadable);
    let mut codes: Vec<&'static str> = record.verdict.into_iter().collect();
    codes.extend(record.name.is_none().then_some("name-missing"));
    codes.extend(record.unmatched.then_some("reversal-unmatched"));
    codes.extend(record.place.problem);
    codes.extend((record.unknown_word || unread).then_some("category-unknown"));
    codes
}

/// Whether sources give a person names that differ in more than a rare letter.
pub fn has_conflicting_names(person: &Person) -> bool {
    let mut conflict = false;
    names(person, &mut |code, _| conflict |= code == "name-conflict");
    conflict
}

fn names(person: &Person, say: &mut Say) {
    let mut by_source: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for record in &person.records {
        let order = match record.book {
            Book::Register => 0,
            Book::Registrations => 1,
            Book::Payments => 2,
            Book::Rosters => 3,
            Book::ElsewhereRegistrations | Book::ElsewherePayments => 4,
            _ => continue,
        };
        if let Some(name) = &record.name {
            by_source.entry(order).or_default().insert(name);
        }
    }
    let Some(first) = by_source.values().next() else {
        return;
    };
    let reference = first
        .iter()
        .find(|n| !has_unwritable(n))
        .or_else(|| first.iter().next())
        .expect("a source has a name");
    for names in by_source.values() {
        let others: Vec<&&str> = names.iter().filter(|n| *n != reference).collect();
        if others
            .iter()
            .any(|n| !differ_only_in_unwritable(n, reference))
        {
            say("name-conflict", 1);
        } else if !others.is_empty() {
            say("name-rare-character", 1);
        }
    }
}

fn suspects(people: &[Person], found: &mut Vec<(String, String)>) {
    for person in people.iter().filter(|p| !(p.usable && p.on_register())) {
        for book in [Book::Registrations, Book::Payments, Book::Rosters] {
            let rows: Vec<&Record> = person
                .of(book)
                .filter(|r| r.verdict != Some("id-missing"))
                .collect();
            let suspected = people
                .iter()
                .filter(|p| p.usable && p.on_register())
                .any(|other| {
                    other.of(book).next().is_none()
                        && rows.iter().any(|row| {
                            let names_agree = row.name.is_some()
                                && other.of(Book::Register).any(|r| r.name == row.name);
                            let near = match row.verdict {
                                Some("id-truncated") => {
                                    other.id.len() == 18
                                        && first_fifteen(&row.id)
                                            .is_some_and(|f| other.id.starts_with(&f))
                                }
                                _ => one_slip_apart(&row.id, &other.id),
                            };
                            names_agree && near
                        })
                });
            if suspected {
                found.push(("id-suspect".to_owned(), person.id.clone()));
            }
        }
    }
}

fn relations(world: &World, person: &Person, say: &mut Say) {
    for cover in ["resident", "employee"] {
        let mut rows_by_pool: BTreeMap<&str, usize> = BTreeMap::new();
        for record in person.registrations(cover) {
            *rows_by_pool.entry(&record.place.pool).or_default() += 1;
        }
        let surplus = rows_by_pool.values().map(|n| n - 1).sum();
        say("duplicate-registration", surplus);
    }
    say("cross-region", surplus_pools(world, person));
    let employee = person.registrations("employee").next().is_some();
    if employee && !person.registered_pools().is_empty() {
        say("cross-scheme", 1);
    }
    registered_here(world, person, say);
}

/// Pools of registrations, and of payments, beyond the one that is kept.
fn surplus_pools(world: &World, person: &Person) -> usize {
    let mut surplus: BTreeSet<String> = BTreeSet::new();
    for pools in [person.registered_pools(), person.paid_pools()] {
        if pools.len() >= 2 {
            surplus.extend(pools);
        }
    }
    if let Some(kept) = person.kept_pool(world) {
        // n − 1 of n: where the kept relation lies in none of them, the lowest code stays.
        if !surplus.remove(&kept) {
            surplus.pop_first();
        }
    }
    surplus.len()
}

/// What is wrong with being registered here at all.
fn registered_here(world: &World, person: &Person, say: &mut Say) {
    let here = || {
        let all = person.records.iter();
        all.filter(|r| r.normal() && r.place.here)
    };
    if here().next().is_none() {
        return;
    }
    if person.dead_before_benefit(world) {
        say("deceased-registered", 1);
    }
    let departed = person
        .departure()
        .is_some_and(|day| day.is_none_or(|d| d < world.scheme.benefit.0));
    if departed {
        say("moved-out", 1);
    }
    let at_school = person.of(Book::Students).next().is_some();
    if !person.on_register() && !at_school && !world.rows(Book::Register).is_empty() {
        say("not-on-register", 1);
    }
    let unpaid = person.paid_pools().is_empty() && !person.recorded_subsidy();
    let resident = here().any(|r| r.cover == "resident");
    if resident && unpaid && payable(world, person) > 0 {
        say("registered-not-paid", 1);
    }
}

/// What a person owes, and who pays the rest.
struct Dues<'a> {
    world: &'a World,
    person: &'a Person<'a>,
    payable: i64,
    grant: i64,
    /// Who pays the best grant; several where categories of several payers grant the same. Empty without a grant.
    payers: BTreeSet<&'a str>,
    employee: bool,
}

impl<'a> Dues<'a> {
    fn of(world: &'a World, person: &'a Person) -> Dues<'a> {
        let grants = best_grants(world, person);
        let payer = |&category: &usize| world.scheme.categories[category].payer;
        Dues {
            world,
            person,
            payable: payable(world, person),
            grant: granted(world, person),
            payers: grants.iter().map(payer).collect(),
            employee: person.registrations("employee").next().is_some(),
        }
    }

    /// Everything that any book records as subsidised comes to the grant.
    fn granted_in_full(&self, person: &Person) -> bool {
        let by_payments: i64 = person.resident_payments().map(|p| p.net_subsidised).sum();
        let beside = person.records.iter();
        let beside = beside.filter(|r| r.used() && (r.normal() || r.book == Book::Rosters));
        by_payments + beside.map(|r| r.subsidised).sum::<i64>() >= self.grant
    }

    fn entitled(&self) -> bool {
        !self.payers.is_empty()
    }

    fn in_pool(&self, pool: &str) -> impl Iterator<Item = &'a Record> {
        let all = self.person.resident_payments();
        all.filter(move |p| p.place.pool == pool)
    }

    fn personal_in(&self, pool: &str) -> i64 {
        self.in_pool(pool).map(|p| p.net_personal).sum()
    }

    /// Whether an amount is neither the price, nor part of it, nor told by another finding.
    fn is_wrong(&self, p: &Record) -> bool {
        let (paid, subsidised) = (p.net_personal, p.net_subsidised);
        let explained = if self.entitled() {
            paid > self.payable || (subsidised > 0 && self.employee)
        } else {
            subsidised > 0
        };
        // Both parts on their own: the person's, by instalments, and the subsidy, which an overlap may have doubled.
        let pool = &p.place.pool;
        let paid_fits = paid == self.payable || self.personal_in(pool) == self.payable;
        let of_each_payer = self.grant * i64::try_from(self.payers.len()).expect("few payers");
        let subsidised_in: i64 = self.in_pool(pool).map(|p| p.net_subsidised).sum();
        let subsidy_fits = !self.entitled()
            || [0, self.grant, of_each_payer].contains(&subsidised)
            || subsidised_in == self.grant;
        !(p.amount_unreadable || p.amount_missing || explained || (paid_fits && subsidy_fits))
    }

    /// Whether it was paid on a day that neither the window nor a rule allows.
    fn is_out_of_time(&self, p: &Record) -> bool {
        let by_rule = |day: NaiveDate| {
            super::entries::rule_on(self.world, self.person, day).is_some()
                || super::entries::pays_for_school(self.world, self.person, day)
        };
        let late = |day: NaiveDate| day > self.world.scheme.window.1 && !by_rule(day);
        p.paid_on_unreadable || p.paid_on_missing || p.paid_on.is_some_and(late)
    }
}

fn payments(world: &World, person: &Person, say: &mut Say) {
    let dues = Dues::of(world, person);
    where_paid(&dues, say);
    let of_the_book = |r: &&&Record| r.book.is_payment() && r.cover == "resident" && r.place.here;
    for p in person.records.iter().filter(of_the_book) {
        if p.amount_unreadable || p.amount_missing {
            say("amount-wrong", 1);
        }
        if p.effective() && dues.is_wrong(p) {
            say("amount-wrong", 1);
        }
        if p.effective() && dues.is_out_of_time(p) {
            say("outside-window", 1);
        }
    }
    let after_death =
        |day| matches!((day, person.death()), (Some(day), Some(Some(death))) if day > death);
    let mut effective = person.records.iter().filter(|p| p.effective());
    if effective.any(|p| p.place.here && after_death(p.paid_on)) {
        say("deceased-paid", 1);
    }
    subsidies(&dues, say);
}

/// Payments in the wrong pool, without a registration, or twice.
fn where_paid(dues: &Dues, say: &mut Say) {
    let person = dues.person;
    let (registered, paid) = (person.registered_pools(), person.paid_pools());
    for pool in &paid {
        let rows = dues.in_pool(pool).count();
        if rows >= 2 && dues.personal_in(pool) > dues.payable {
            say("duplicate-payment", rows - 1);
        }
    }
    let paid_here = person.payments_here().next().is_some();
    if paid_here && registered.is_empty() && !person.in_transit {
        say("paid-not-registered", 1);
    }
    let astray = match (registered.is_empty(), person.register_pool(dues.world)) {
        (false, _) => paid.is_disjoint(&registered),
        (true, Some(pool)) => !paid.contains(&pool),
        (true, None) => false,
    };
    if !paid.is_empty() && astray {
        say("wrong-region", 1);
    }
}

/// Subsidies missed, unentitled, beside an employee relation, or from two payers.
fn subsidies(dues: &Dues, say: &mut Say) {
    let person = dues.person;
    let subsidised = person
        .payments_here()
        .filter(|p| p.net_subsidised > 0)
        .count();
    let personal: i64 = person.payments_here().map(|p| p.net_personal).sum();
    // Granted in full by another payment: it is the own one that is too many.
    let came = dues.granted_in_full(person) && person.payments_here().count() > 1;
    if dues.entitled() && personal > dues.payable && !came {
        say("subsidy-missed", 1);
    }
    if !dues.entitled() && subsidised > 0 {
        say("subsidy-unentitled", 1);
        let days = deciding_days(dues.world, person);
        let ended = |end: NaiveDate| days.iter().any(|day| end <= *day);
        let rows = person.rosters().filter(|r| r.ended.is_some_and(ended));
        say("roster-ended", rows.count());
    }
    if dues.employee && subsidised > 0 {
        say("subsidy-while-employee", 1);
    }
    let further = dues.payers.len().saturating_sub(1) + subsidised.saturating_sub(1);
    say("subsidy-overlap", further);
}

fn rosters(world: &World, person: &Person, say: &mut Say) {
    let late = person
        .rosters()
        .filter(|r| r.granted_on().is_some_and(|d| d > world.scheme.cut_off))
        .count();
    say("roster-late", late);
    let has_standing = person.on_register() || person.rosters().next().is_some();
    let in_hardship = person
        .rosters()
        .any(|r| r.category.is_some() && in_force(world, r, world.as_of));
    if in_hardship
        && matches!(
            person.standing,
            "uninsured" | "unreachable" | "declined" | "other"
        )
    {
        say("hardship-uninsured", 1);
    }
    if has_standing && person.standing == "uninsured" {
        say("uninsured", 1);
    }
}

fn lists(person: &Person, say: &mut Say) {
    say(
        "register-duplicate",
        person.of(Book::Register).count().saturating_sub(1),
    );
    let households: BTreeSet<&String> = person
        .of(Book::Households)
        .filter_map(|r| r.household.as_ref())
        .collect();
    say("household-duplicate", households.len().saturating_sub(1));
    if person.of(Book::Students).next().is_some() {
        say(
            "student-duplicate",
            person
                .registrations("resident")
                .filter(|r| !r.place.here)
                .count(),
        );
    }
}

/// Figures of the tasks table that do not add up, repeat each other, or break the table's own rule.
fn task_findings(world: &World, found: &mut Vec<(String, String)>) {
    let mut say = |code: &str, times: usize| {
        found.extend(std::iter::repeat_n((code.to_owned(), String::new()), times))
    };
    let figures: Vec<Figures> = world.tasks.iter().map(|row| row.figures).collect();
    say("footing", wrong_totals(world, &figures));
    say("footing", wrong_targets(world));
    say("footing", wrong_wholes(&figures));
    say("footing", wrong_parents(world));
    let total = world.tasks_total.iter();
    let floors = total.chain(&figures).filter(|f| wrong_floor(world, f));
    say("off-rule", floors.count());
    say("off-rule", figures.iter().map(|f| off_rule(world, f)).sum());
    say("figures-repeated", repeated_figures(world));
}

/// The sum of what is stated in a column; `None` where nothing is.
fn sum(rows: &[Figures], column: usize) -> Option<u64> {
    let figures: Vec<u64> = rows.iter().filter_map(|f| f.list()[column]).collect();
    (!figures.is_empty()).then(|| figures.iter().sum())
}

fn wrong_totals(world: &World, figures: &[Figures]) -> usize {
    let Some(total) = world.tasks_total else {
        return 0;
    };
    let differs = |&i: &usize| {
        let stated = total.list()[i];
        stated.is_some_and(|total| total != sum(figures, i).unwrap_or(0))
    };
    (0..6).filter(differs).count()
}

/// Rates against the task whose target in persons is not the whole task.
fn wrong_targets(world: &World) -> usize {
    let whole = super::count::figures(world, &BTreeSet::new(), world.scheme.root).task;
    let off = |target: Option<u64>| matches!((target, whole), (Some(target), Some(whole)) if target != whole);
    let rates = world.scheme.rates.iter();
    let of_the_task = rates.filter(|rate| rate.against == "task");
    of_the_task.filter(|rate| off(rate.target_persons)).count()
}

/// Rows whose residents and employees of last year do not make the whole, in tables that state all three.
fn wrong_wholes(figures: &[Figures]) -> usize {
    let states = |i: usize| figures.iter().any(|figures| figures.list()[i].is_some());
    if !(states(3) && states(4)) {
        return 0;
    }
    let is_off = |figures: &&Figures| {
        let [_, _, _, residents, employees, both] = figures.list();
        let parts: Vec<u64> = [residents, employees].into_iter().flatten().collect();
        both.is_some_and(|both| !parts.is_empty() && parts.iter().sum::<u64>() != both)
    };
    figures.iter().filter(is_off).count()
}

/// Figures of regions that are not the sum of those of their places.
fn wrong_parents(world: &World) -> usize {
    let parent = |code| world.scheme.region(code).map(|region| region.parent);
    let wrong_in = |row: &super::world::TaskRow| {
        let below = world
            .tasks
            .iter()
            .filter(|r| parent(r.region) == Some(row.region));
        let below: Vec<Figures> = below.map(|r| r.figures).collect();
        let differs = |&i: &usize| matches!((row.figures.list()[i], sum(&below, i)), (Some(own), Some(sum)) if own != sum);
        (0..6).filter(differs).count()
    };
    world.tasks.iter().map(wrong_in).sum()
}

/// Of a total row too: its floor is a sum of rounded floors, its task one of tasks.
fn wrong_floor(world: &World, figures: &Figures) -> bool {
    match (world.scheme.floor_percent, figures.task, figures.floor) {
        (Some(percent), Some(task), Some(floor)) => floor != (2 * percent * task + 100) / 200,
        _ => false,
    }
}

/// A task below last year's residents; figures above the population.
fn off_rule(world: &World, figures: &Figures) -> usize {
    let [population, task, _, residents, _, both] = figures.list();
    let above = |figure: Option<u64>| matches!((figure, population), (Some(figure), Some(all)) if figure > all);
    let lowered = matches!((task, residents), (Some(task), Some(last)) if task < last);
    let exceeds = [both, residents, task].into_iter().any(above);
    usize::from(lowered && world.scheme.task_at_least_last_year)
        + usize::from(exceeds && world.scheme.over_population)
}

fn repeated_figures(world: &World) -> usize {
    let mut seen = BTreeSet::new();
    let repeated = |row: &&super::world::TaskRow| {
        let level = world.scheme.region(row.region).map(|r| r.level);
        let (population, task) = (row.figures.population, row.figures.task);
        let tells = task.is_some_and(|t| t > 0) && population != Some(0);
        tells && !seen.insert((level, population, task))
    };
    world.tasks.iter().filter(repeated).count()
}
