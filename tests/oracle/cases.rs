//! Refund cases (DESIGN §6): what was paid beyond what is due, voucher by voucher.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::findings::Person;
use super::money::{best_grants, payable};
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

fn cases_of(world: &World, person: &Person) -> Vec<Case> {
    let limit_of = |reason: &str| {
        let rule = world
            .scheme
            .refunds
            .iter()
            .find(|rule| rule.reason == reason);
        rule.map_or(Some(world.scheme.benefit.0), |rule| rule.before)
    };
    let gone = departure(world, person);
    let student = person.of(Book::Students).next().is_some();
    let dead = person.dead_before_benefit(world);
    let employee = person.registrations("employee").next().is_some();
    // Who left and is registered elsewhere keeps that relation.
    let elsewhere = person
        .registrations("resident")
        .filter(|r| !r.place.here)
        .map(|r| r.place.pool.clone())
        .min();
    let kept = elsewhere
        .filter(|_| gone.is_some())
        .or(person.kept_pool(world));
    let payable = payable(world, person);
    let entitled = !best_grants(world, person).is_empty();
    // Where an employee relation stands, it is the one that is kept; of several, the lowest code.
    let best_work = person
        .registrations("employee")
        .map(|r| r.place.pool.clone())
        .min();
    let two_pools = person.registered_pools().len() >= 2 || person.paid_pools().len() >= 2;
    let latest_payment = person.resident_payments().filter_map(|p| p.paid_on).max();

    let mut vouchers: Vec<_> = person
        .resident_payments()
        .filter(|p| p.net_personal > 0)
        .collect();
    vouchers.sort_by_key(|p| (Some(&p.place.pool) != kept.as_ref(), p.value()));
    let mut due = if employee || dead { 0 } else { payable };
    let mut pools_seen = BTreeSet::new();
    let mut found = Vec::new();
    for p in vouchers {
        let gone = gone.filter(|_| p.place.here);
        let in_kept = Some(&p.place.pool) == kept.as_ref() && gone.is_none();
        let open = if in_kept { due } else { 0 };
        let refund = (p.net_personal - open).max(0);
        due -= p.net_personal.min(open);
        let first_of_pool = pools_seen.insert(p.place.pool.clone());
        if refund == 0 {
            continue;
        }
        let before = |reason, day: Option<NaiveDate>| {
            (
                reason,
                day,
                limit_of(reason).is_none_or(|limit| day.is_some_and(|d| d < limit)),
            )
        };
        let other_begun = || {
            let other = person
                .registrations("resident")
                .filter(|r| Some(&r.place.pool) == kept.as_ref());
            other.filter_map(|r| r.begun).min().or(latest_payment)
        };
        let (reason, event, eligible) = if dead {
            // A death on no stated day takes the due away, but nobody is paid out before the day is known.
            before("R05", person.death_day())
        } else if employee {
            let begun = person
                .registrations("employee")
                .filter_map(|r| r.begun)
                .min();
            before("R03", begun.or(p.paid_on))
        } else if let Some((reason, day)) = gone {
            // The rule that takes the due away has looked at its day already.
            (reason, day, true)
        } else if !in_kept && two_pools {
            before("R02", other_begun())
        } else if !in_kept {
            ("R04", None, true)
        } else if student && !first_of_pool {
            before("R08", other_begun())
        } else if !first_of_pool {
            ("R01", None, true)
        } else if entitled && p.net_personal > payable {
            ("R07", None, true)
        } else {
            ("R11", None, true)
        };
        let shown = |day: Option<NaiveDate>| day.map(|d| d.to_string()).unwrap_or_default();
        found.push(Case {
            id: person.id.clone(),
            reason: reason.to_owned(),
            keep_pool: best_work.clone().or(kept.clone()).unwrap_or_default(),
            refund_pool: p.place.pool.clone(),
            voucher: p.voucher.clone().unwrap_or_default(),
            paid_on: shown(p.paid_on),
            first_paid_on: shown(person.resident_payments().filter_map(|p| p.paid_on).min()),
            event_on: shown(event),
            paid_fen: p.net_personal,
            refund_fen: refund,
            eligible,
        });
    }
    let refunded: i64 = found.iter().map(|case| case.refund_fen).sum();
    let paid: i64 = person.resident_payments().map(|p| p.net_personal).sum();
    assert!(refunded <= paid, "no more goes back than was paid");
    found
}

/// Why and when a person left, who has nothing to pay here: only where the pipeline has a rule for that kind of departure,
/// and the person left before its day. Who entered late has come back.
fn departure(world: &World, person: &Person) -> Option<(&'static str, Option<NaiveDate>)> {
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
