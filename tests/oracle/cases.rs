//! Refund cases (DESIGN §6): what was paid beyond what is due, voucher by voucher.

use std::collections::BTreeSet;

use super::findings::Person;
use super::money::{best_grants, payable};
use super::world::World;

/// (id, reason, refund pool, voucher, refund fen, eligible)
pub type Case = (String, String, String, String, i64, bool);

/// The cases of everyone.
pub fn cases(world: &World, people: &[Person]) -> Vec<Case> {
    people.iter().filter(|p| p.usable).flat_map(|person| cases_of(world, person)).collect()
}

fn cases_of(world: &World, person: &Person) -> Vec<Case> {
    let limit = world.scheme.benefit.0;
    let dead = person.dead_before_benefit(world);
    let employee = person.registrations("employee").next().is_some();
    let kept = person.kept_pool(world);
    let payable = payable(world, person);
    let entitled = !best_grants(world, person).is_empty();
    let two_pools = person.registered_pools().len() >= 2 || person.paid_pools().len() >= 2;
    let latest_payment = person.resident_payments().filter_map(|p| p.paid_on).max();

    let mut vouchers: Vec<_> = person.resident_payments().filter(|p| p.net_personal > 0).collect();
    vouchers.sort_by_key(|p| (Some(&p.place.pool) != kept.as_ref(), p.value()));
    let mut due = if employee || dead { 0 } else { payable };
    let mut pools_seen = BTreeSet::new();
    let mut found = Vec::new();
    for p in vouchers {
        let in_kept = Some(&p.place.pool) == kept.as_ref();
        let open = if in_kept { due } else { 0 };
        let refund = (p.net_personal - open).max(0);
        due -= p.net_personal.min(open);
        let first_of_pool = pools_seen.insert(p.place.pool.clone());
        if refund == 0 {
            continue;
        }
        let before = |day: Option<chrono::NaiveDate>| day.is_some_and(|d| d < limit);
        let (reason, eligible) = if dead {
            // A death on no stated day takes the due away, but nobody is paid out before the day is known.
            ("R05", before(person.death_day()))
        } else if employee {
            let begun = person.registrations("employee").filter_map(|r| r.begun).min();
            ("R03", before(begun.or(p.paid_on)))
        } else if !in_kept && two_pools {
            let other = person.registrations("resident").filter(|r| Some(&r.place.pool) == kept.as_ref());
            ("R02", before(other.filter_map(|r| r.begun).min().or(latest_payment)))
        } else if !in_kept {
            ("R04", true)
        } else if !first_of_pool {
            ("R01", true)
        } else if entitled && p.net_personal > payable {
            ("R07", true)
        } else {
            ("R11", true)
        };
        let voucher = p.voucher.clone().unwrap_or_default();
        found.push((person.id.clone(), reason.to_owned(), p.place.pool.clone(), voucher, refund, eligible));
    }
    let refunded: i64 = found.iter().map(|case| case.4).sum();
    let paid: i64 = person.resident_payments().map(|p| p.net_personal).sum();
    assert!(refunded <= paid, "no more goes back than was paid");
    found
}
