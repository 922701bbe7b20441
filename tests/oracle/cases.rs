//! Refund cases (docs/readings.md#refunds): what was paid beyond what is due, voucher by voucher.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::findings::{Person, has_conflicting_names};
use super::money::{best_grants, payable};
use super::rows::Record;
use super::world::{Book, World};

/// What the refund desk is told of one voucher.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    pub id: String,
    pub reason: String,
    pub keep_pool: String,
    pub refund_pool: String,
    pub voucher: String,
    pub paid_on: String,
    pub first_paid_on: String,
    /// Empty for the reasons whose event nobody asks for.
    pub event_on: String,
    pub paid_fen: i64,
    pub refund_fen: i64,
    pub eligible: bool,
}

/// Reasons whose event decides what is refundable.
pub const WITH_EVENT: [&str; 7] = ["R02", "R03", "R05", "R06", "R08", "R09", "R10"];

/// The cases of everyone.
pub fn cases(world: &World, people: &[Person]) -> Vec<Case> {
    people
        .iter()
        .filter(|p| p.usable)
        .flat_map(|person| cases_of(world, person))
        .collect()
}

/// What decides a person's cases: what is due, the pool that keeps it, and why the rest was not due.
struct Claim<'a> {
    world: &'a World,
    person: &'a Person<'a>,
    payable: i64,
    kept: Option<String>,
    gone: Option<Departed>,
    dead: bool,
    employee: bool,
    student: bool,
    entitled: bool,
    two_pools: bool,
    doubtful: bool,
}

/// Reason and day of a departure.
type Departed = (&'static str, Option<NaiveDate>);

/// Reason, day of the event, and whether it is refundable.
type Told = (&'static str, Option<NaiveDate>, bool);

impl<'a> Claim<'a> {
    fn of(world: &'a World, person: &'a Person) -> Claim<'a> {
        let gone = departure(world, person);
        let registered = person.registrations("resident");
        // Who left and is registered elsewhere keeps that relation.
        let elsewhere = registered
            .filter(|r| !r.place.here && gone.is_some())
            .map(|r| r.place.pool.clone())
            .min();
        Claim {
            world,
            person,
            payable: payable(world, person),
            kept: elsewhere.or(person.kept_pool(world)),
            gone,
            dead: person.dead_before_benefit(world),
            employee: person.registrations("employee").next().is_some(),
            student: person.of(Book::Students).next().is_some(),
            entitled: !best_grants(world, person).is_empty(),
            two_pools: person.registered_pools().len() >= 2 || person.paid_pools().len() >= 2,
            doubtful: is_doubtful(person),
        }
    }

    fn lies_in_kept(&self, p: &Record) -> bool {
        Some(&p.place.pool) == self.kept.as_ref()
    }

    /// A departure takes away what was paid here.
    fn gone_from(&self, p: &Record) -> Option<Departed> {
        self.gone.filter(|_| p.place.here)
    }

    /// The first reason that fits.
    fn told(&self, p: &Record, first_of_pool: bool) -> Told {
        let gone = self.gone_from(p);
        let in_kept = self.lies_in_kept(p) && gone.is_none();
        if self.dead {
            // A death on no stated day takes the due away, but nobody is paid out before the day is known.
            self.before("R05", self.person.death_day())
        } else if self.employee {
            let employee = self.person.registrations("employee");
            let begun = employee.filter_map(|r| r.begun).min();
            self.before("R03", begun.or(p.paid_on))
        } else if let Some((reason, day)) = gone {
            // The rule that takes the due away has looked at its day already.
            (reason, day, true)
        } else if !in_kept && self.two_pools {
            self.before("R02", self.other_begun())
        } else if !in_kept {
            ("R04", None, true)
        } else if self.student && !first_of_pool {
            self.before("R08", self.other_begun())
        } else if !first_of_pool {
            ("R01", None, true)
        } else if self.entitled && p.net_personal > self.payable {
            ("R07", None, true)
        } else {
            ("R11", None, true)
        }
    }

    /// Refundable where the event lies before the reason's day: the pipeline's, else the first of the benefit period.
    fn before(&self, reason: &'static str, day: Option<NaiveDate>) -> Told {
        let scheme = &self.world.scheme;
        let rule = scheme.refunds.iter().find(|rule| rule.reason == reason);
        let limit = rule.map_or(Some(scheme.benefit.0), |rule| rule.before);
        let in_time = limit.is_none_or(|limit| day.is_some_and(|day| day < limit));
        (reason, day, in_time)
    }

    /// When the relation that is kept began, else the latest payment.
    fn other_begun(&self) -> Option<NaiveDate> {
        let kept = self.person.registrations("resident");
        let begun = kept
            .filter(|r| self.lies_in_kept(r))
            .filter_map(|r| r.begun);
        let latest = self
            .person
            .resident_payments()
            .filter_map(|p| p.paid_on)
            .max();
        begun.min().or(latest)
    }

    fn case(&self, p: &Record, refund_fen: i64, (reason, event, eligible): Told) -> Case {
        let shown = |day: Option<NaiveDate>| day.map(|d| d.to_string()).unwrap_or_default();
        let payments = self.person.resident_payments();
        // Where an employee relation stands, it is the one that is kept; of several, the lowest code.
        let work = self.person.registrations("employee");
        let best_work = work.map(|r| r.place.pool.clone()).min();
        Case {
            id: self.person.id.clone(),
            reason: reason.to_owned(),
            keep_pool: best_work.or(self.kept.clone()).unwrap_or_default(),
            refund_pool: p.place.pool.clone(),
            voucher: p.voucher.clone().unwrap_or_default(),
            paid_on: shown(p.paid_on),
            first_paid_on: shown(payments.filter_map(|p| p.paid_on).min()),
            event_on: shown(event),
            paid_fen: p.net_personal,
            refund_fen,
            eligible: eligible && !self.doubtful,
        }
    }
}

/// Something is doubtful of a row that the person's cases rest on (docs/readings.md#doubts): a payment or registration, a row
/// of a roster, of the deaths, or the names.
fn is_doubtful(person: &Person) -> bool {
    let mut paid = person.resident_payments();
    let unread = |r: &Record| {
        r.amount_unreadable || r.paid_on_unreadable || r.paid_on_blank || r.contradicted
    };
    let deaths: BTreeSet<_> = [Book::Register, Book::Deaths]
        .into_iter()
        .flat_map(|book| person.of(book))
        .filter_map(|r| r.death)
        .collect();
    let relations = || {
        ["resident", "employee"]
            .into_iter()
            .flat_map(|cover| person.registrations(cover))
    };
    let listed = |r: &Record| r.day_unreadable || r.category.is_none();
    paid.any(|p| unread(p) || p.place.guessed)
        || relations().any(|r| r.place.guessed)
        || person.of(Book::Rosters).any(listed)
        || person.of(Book::Deaths).any(|r| r.day_unreadable)
        || deaths.len() > 1
        || has_conflicting_names(person)
}

fn cases_of(world: &World, person: &Person) -> Vec<Case> {
    let claim = Claim::of(world, person);
    let paid = person.resident_payments();
    let mut vouchers: Vec<_> = paid.filter(|p| p.net_personal > 0).collect();
    vouchers.sort_by_key(|p| (!claim.lies_in_kept(p), p.value()));
    let nothing_due = claim.employee || claim.dead;
    let mut due = if nothing_due { 0 } else { claim.payable };
    let mut pools_seen = BTreeSet::new();
    let mut found = Vec::new();
    for p in vouchers {
        let in_kept = claim.lies_in_kept(p) && claim.gone_from(p).is_none();
        let open = if in_kept { due } else { 0 };
        let refund = (p.net_personal - open).max(0);
        due -= p.net_personal.min(open);
        let first_of_pool = pools_seen.insert(p.place.pool.clone());
        if refund > 0 {
            found.push(claim.case(p, refund, claim.told(p, first_of_pool)));
        }
    }
    let refunded: i64 = found.iter().map(|case| case.refund_fen).sum();
    let paid: i64 = person.resident_payments().map(|p| p.net_personal).sum();
    assert!(refunded <= paid, "no more goes back than was paid");
    found
}

/// Why and when a person left, who has nothing to pay here: only where the pipeline has a rule for that kind of departure,
/// and the person left before its day. Who entered late has come back.
fn departure(world: &World, person: &Person) -> Option<Departed> {
    if super::entries::entry(world, person).is_some() {
        return None;
    }
    let listed: Vec<_> = person.of(Book::Departures).collect();
    // The register says no more than a day.
    let of_register = person
        .of(Book::Register)
        .filter(|r| r.moved_out.is_some() && listed.is_empty())
        .map(|r| ("R06", r.moved_out));
    let reasons = listed.iter().filter_map(|r| {
        Some((
            departure_reason(r.disposition.as_deref().unwrap_or(""))?,
            r.moved_out,
        ))
    });
    let counts = |&(reason, day): &(&str, Option<NaiveDate>)| {
        let rule = world
            .scheme
            .refunds
            .iter()
            .find(|rule| rule.reason == reason);
        rule.is_some_and(|rule| {
            rule.before
                .is_none_or(|limit| day.is_some_and(|day| day < limit))
        })
    };
    let order = |reason| ["R09", "R10", "R06"].iter().position(|r| *r == reason);
    reasons
        .chain(of_register)
        .filter(counts)
        .min_by_key(|(reason, day)| (order(*reason), day.is_none(), *day))
}

/// What a 去向 says; `None` = nothing that takes anybody out of the scheme.
fn departure_reason(disposition: &str) -> Option<&'static str> {
    match disposition {
        "参军" | "入伍" | "服刑" | "收监" | "出国定居" | "出境定居" | "移民" | "定居国外" => {
            Some("R10")
        }
        "终身" | "退休终身" | "终身待遇" | "终身享受" => Some("R09"),
        moved if moved.is_empty() || moved.contains('迁') => Some("R06"),
        _ => None,
    }
}

/// Resident registrations that drew the fiscal subsidy once more: kind → (persons, registrations).
pub type Audit = BTreeMap<String, (u64, u64)>;

/// All but one of a person's, or all where an employee relation stays.
pub fn audit(people: &[Person]) -> Audit {
    let mut audit = Audit::new();
    let mut add = |kind: &str, registrations: usize| {
        if registrations > 0 {
            let row = audit.entry(kind.to_owned()).or_insert((0, 0));
            *row = (row.0 + 1, row.1 + registrations as u64);
        }
    };
    for person in people.iter().filter(|p| p.usable) {
        let all = person.registrations("resident").count();
        if person.registrations("employee").next().is_some() {
            add("cross-scheme", all);
            continue;
        }
        // As the findings count: all but one of each pool, and all pools but one.
        let pools = person.registered_pools().len();
        add("same-pool", all - pools);
        add("cross-region", pools.saturating_sub(1));
    }
    audit
}
