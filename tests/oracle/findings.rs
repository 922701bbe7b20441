//! What does not agree about each person (DESIGN §4), one finding after the other.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

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
        let stated = self.of(Book::Departures).map(|r| r.moved_out);
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

    /// Whether a normal registration insures this person, where it is one of residents.
    pub fn pays_as_resident(&self, world: &World) -> bool {
        !world.scheme.insured_when_paid
            || self.resident_payments().next().is_some()
            || self.recorded_subsidy()
            || payable(world, self) == 0
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
            if registered && (cover == "employee" || self.pays_as_resident(world)) {
                return standing;
            }
        }
        if self.departure().is_some() {
            "other"
        } else {
            "uninsured"
        }
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
    let mut people: Vec<Person> = by_key.into_values().chain(alone).collect();
    for person in &mut people {
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
        if let Some(kept) = record.kept_file {
            if record.book.is_increment() && kept != record.file {
                pairs.insert((
                    record.book.source(),
                    record.book,
                    kept,
                    record.book,
                    record.file,
                ));
            } else {
                say("row-repeated");
            }
        }
        if record.fate == "other-scheme" && record.unknown_word {
            say("category-unknown");
        }
        if !record.counted() {
            continue;
        }
        if let Some(verdict) = record.verdict {
            say(verdict);
        }
        if record.name.is_none() {
            say("name-missing");
        }
        if record.unmatched {
            say("reversal-unmatched");
        }
        // A word unknown to the table is the record's; a word that names two places is the person's, whatever the book.
        if let Some(problem) = record.place.problem {
            let again = record.verdict.is_none()
                && problem == "region-ambiguous"
                && !ambiguous.insert(record.id.clone());
            if !again {
                say(problem);
            }
        }
        // What nobody can read is a finding (domain.md §9), one a record; of payments in the tax office's own book it is
        // one of money, of what other places report there is no such code.
        let unread = record.book == Book::ElsewherePayments
            && (record.paid_on_unreadable || record.amount_unreadable);
        if record.unknown_word || unread {
            say("category-unknown");
        }
    }
    found.extend(
        pairs
            .iter()
            .map(|_| ("row-repeated".to_owned(), String::new())),
    );
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
        say(
            "duplicate-registration",
            rows_by_pool.values().map(|n| n - 1).sum(),
        );
    }
    let (registered, paid) = (person.registered_pools(), person.paid_pools());
    let mut surplus: BTreeSet<String> = BTreeSet::new();
    for pools in [&registered, &paid] {
        if pools.len() >= 2 {
            surplus.extend(pools.iter().cloned());
        }
    }
    if let Some(kept) = person.kept_pool(world) {
        // n − 1 of n: where the kept relation lies in none of them, the lowest code stays.
        if !surplus.remove(&kept) {
            surplus.pop_first();
        }
    }
    say("cross-region", surplus.len());
    let employee = person.registrations("employee").next().is_some();
    if employee && !registered.is_empty() {
        say("cross-scheme", 1);
    }
    let here: Vec<&Record> = person
        .records
        .iter()
        .copied()
        .filter(|r| r.normal() && r.place.here)
        .collect();
    if person.dead_before_benefit(world) && !here.is_empty() {
        say("deceased-registered", 1);
    }
    let departed = person
        .departure()
        .is_some_and(|day| day.is_none_or(|d| d < world.scheme.benefit.0));
    if departed && !here.is_empty() {
        say("moved-out", 1);
    }
    if !here.is_empty() && !person.on_register() && !world.rows(Book::Register).is_empty() {
        say("not-on-register", 1);
    }
    let resident_here = here.iter().any(|r| r.cover == "resident");
    if resident_here && paid.is_empty() && !person.recorded_subsidy() && payable(world, person) > 0
    {
        say("registered-not-paid", 1);
    }
}

fn payments(world: &World, person: &Person, say: &mut Say) {
    let scheme = &world.scheme;
    let (registered, paid) = (person.registered_pools(), person.paid_pools());
    let payable = payable(world, person);
    let grants = best_grants(world, person);
    let grant = granted(world, person);
    let employee = person.registrations("employee").next().is_some();
    let payers: BTreeSet<&str> = grants.iter().map(|&c| scheme.categories[c].payer).collect();
    let subsidised_in = |pool: &str| -> i64 {
        person
            .resident_payments()
            .filter(|p| p.place.pool == pool)
            .map(|p| p.net_subsidised)
            .sum()
    };
    let sum_in = |pool: &str| -> i64 {
        person
            .resident_payments()
            .filter(|p| p.place.pool == pool)
            .map(|p| p.net_personal)
            .sum()
    };
    for pool in &paid {
        let rows = person
            .resident_payments()
            .filter(|p| p.place.pool == *pool)
            .count();
        if rows >= 2 && sum_in(pool) > payable {
            say("duplicate-payment", rows - 1);
        }
    }
    let here: Vec<&Record> = person.payments_here().collect();
    if !here.is_empty() && registered.is_empty() {
        say("paid-not-registered", 1);
    }
    let astray = match (registered.is_empty(), person.register_pool(world)) {
        (false, _) => paid.is_disjoint(&registered),
        (true, Some(pool)) => !paid.contains(&pool),
        (true, None) => false,
    };
    if !paid.is_empty() && astray {
        say("wrong-region", 1);
    }
    for p in person
        .records
        .iter()
        .filter(|r| r.book.is_payment() && r.cover == "resident" && r.place.here)
    {
        if p.amount_unreadable {
            say("amount-wrong", 1);
        }
        if p.effective() {
            let (paid, subsidised) = (p.net_personal, p.net_subsidised);
            let explained = if grants.is_empty() {
                subsidised > 0
            } else {
                paid > payable || (subsidised > 0 && employee)
            };
            // Both parts on their own: the person's, by instalments, and the subsidy, which an overlap may have doubled.
            let paid_fits = paid == payable || sum_in(&p.place.pool) == payable;
            let of_each_payer = grant * i64::try_from(payers.len()).expect("few payers");
            let subsidy_fits = grants.is_empty()
                || [0, grant, of_each_payer].contains(&subsidised)
                || subsidised_in(&p.place.pool) == grant;
            let right = paid_fits && subsidy_fits;
            if !(p.amount_unreadable || explained || right) {
                say("amount-wrong", 1);
            }
            let by_rule = |day: NaiveDate| {
                super::entries::rule_on(world, person, day).is_some()
                    || super::entries::pays_for_school(world, person, day)
            };
            if p.paid_on_unreadable
                || p.paid_on
                    .is_some_and(|day| day > scheme.window.1 && !by_rule(day))
            {
                say("outside-window", 1);
            }
        }
    }
    let paid_after_death = person.records.iter().any(|p| {
        p.effective()
            && p.place.here
            && matches!((p.paid_on, person.death()), (Some(day), Some(Some(death))) if day > death)
    });
    if paid_after_death {
        say("deceased-paid", 1);
    }
    let subsidised = here.iter().filter(|p| p.net_subsidised > 0).count();
    if !grants.is_empty() && here.iter().map(|p| p.net_personal).sum::<i64>() > payable {
        say("subsidy-missed", 1);
    }
    if grants.is_empty() && subsidised > 0 {
        say("subsidy-unentitled", 1);
        let days = deciding_days(world, person);
        let ended = person
            .rosters()
            .filter(|r| {
                r.ended
                    .is_some_and(|end| days.iter().any(|day| end <= *day))
            })
            .count();
        say("roster-ended", ended);
    }
    if employee && subsidised > 0 {
        say("subsidy-while-employee", 1);
    }
    say(
        "subsidy-overlap",
        payers.len().saturating_sub(1) + subsidised.saturating_sub(1),
    );
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
    let sum = |rows: &[Figures], i: usize| -> Option<u64> {
        let figures: Vec<u64> = rows.iter().filter_map(|f| f.list()[i]).collect();
        (!figures.is_empty()).then(|| figures.iter().sum())
    };
    let all: Vec<Figures> = world.tasks.iter().map(|row| row.figures).collect();
    if let Some(total) = world.tasks_total {
        say(
            "footing",
            (0..6)
                .filter(|&i| total.list()[i].is_some_and(|t| t != sum(&all, i).unwrap_or(0)))
                .count(),
        );
        // The floor of a total row is a sum of rounded floors, its task one of tasks.
        if let (Some(percent), Some(task), Some(floor)) =
            (world.scheme.floor_percent, total.task, total.floor)
        {
            say(
                "off-rule",
                usize::from(floor != (2 * percent * task + 100) / 200),
            );
        }
    }
    let whole = super::count::figures(world, &BTreeSet::new(), world.scheme.root).task;
    for rate in world
        .scheme
        .rates
        .iter()
        .filter(|rate| rate.against == "task")
    {
        let off =
            matches!((rate.target_persons, whole), (Some(target), Some(whole)) if target != whole);
        say("footing", usize::from(off));
    }
    let states = |i: usize| all.iter().any(|figures| figures.list()[i].is_some());
    for figures in &all {
        let [population, task, _, residents, employees, both] = figures.list();
        let parts: Vec<u64> = [residents, employees].into_iter().flatten().collect();
        let is_off =
            both.is_some_and(|both| !parts.is_empty() && parts.iter().sum::<u64>() != both);
        say("footing", usize::from(is_off && states(3) && states(4)));
        let lowered = matches!((task, residents), (Some(task), Some(last)) if task < last);
        say(
            "off-rule",
            usize::from(lowered && world.scheme.task_at_least_last_year),
        );
        let above = |figure: Option<u64>| matches!((figure, population), (Some(figure), Some(all)) if figure > all);
        say(
            "off-rule",
            usize::from(
                world.scheme.over_population && [both, residents, task].into_iter().any(above),
            ),
        );
    }
    for row in &world.tasks {
        let below = |r: &&super::world::TaskRow| {
            world
                .scheme
                .region(r.region)
                .is_some_and(|x| x.parent == row.region)
        };
        let children: Vec<Figures> = world
            .tasks
            .iter()
            .filter(below)
            .map(|r| r.figures)
            .collect();
        let differs = |&i: &usize| matches!((row.figures.list()[i], sum(&children, i)), (Some(own), Some(sum)) if own != sum);
        say("footing", (0..6).filter(differs).count());
        if let (Some(percent), Some(task), Some(floor)) = (
            world.scheme.floor_percent,
            row.figures.task,
            row.figures.floor,
        ) && floor != (2 * percent * task + 100) / 200
        {
            say("off-rule", 1);
        }
    }
    let mut seen = BTreeSet::new();
    for row in &world.tasks {
        let level = world.scheme.region(row.region).map(|r| r.level);
        let (population, task) = (row.figures.population, row.figures.task);
        if task.is_some_and(|t| t > 0)
            && population != Some(0)
            && !seen.insert((level, population, task))
        {
            say("figures-repeated", 1);
        }
    }
}
