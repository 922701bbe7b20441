//! Lives from which no finding may follow.

use chrono::NaiveDate;

use crate::domain::{Cover, Fen, Price, SourceKind};
use crate::sample::pen::Pen;
use crate::sample::people::Who;
use crate::sample::spoil;
use crate::sample::world::{after, before};

/// Registered and paid; now and then on a roster, at school, in a collective account.
pub(super) fn ordinary(pen: &mut Pen) {
    pen.on_register();
    pen.registered();
    pen.life.previous = pen.dice.per_mille(930);
    in_collective_account(pen);
    let age = pen.person.age(pen.world.scheme.window.from);
    pen.life.student = (7..19).contains(&age) && pen.dice.per_mille(450);
    let hardship = pen.world.has(SourceKind::Rosters)
        && !pen.world.scheme.categories.is_empty()
        && pen.dice.per_mille(70);
    let day = pen.window_day();
    if !hardship {
        let owes = owes_for_last_year(pen, day);
        pen.pays_on(pen.world.scheme.premium + owes, 0, day);
        if pen.dice.per_mille(3) {
            // Middle dots and a small x: two spellings that cleaning brings together.
            if let Some(row) = pen.life.payments.last_mut() {
                row.who.id = row.who.id.to_lowercase();
                row.who.name = row.who.name.replace('·', "•");
            }
        }
        return;
    }
    let category = pen.some_category();
    pen.on_roster(category);
    let grant = pen.world.category(category).grant;
    // A grant bears the year before as well, as far as it goes.
    let owes = owes_for_last_year(pen, day);
    let of_last_year = grant.min(owes);
    pen.pays_on(
        pen.world.payable(category) + owes - of_last_year,
        grant + of_last_year,
        day,
    );
}

/// What a newborn still owes for the year before: nothing, where last year's list has them.
fn owes_for_last_year(pen: &Pen, day: NaiveDate) -> Fen {
    if pen.life.previous {
        0
    } else {
        pen.world.owes_for_last_year(pen.person.birth, day)
    }
}

/// Every fifth household has a collective account.
fn in_collective_account(pen: &mut Pen) {
    if pen.person.household.is_multiple_of(5) {
        pen.life.households.push(pen.person.household);
    }
}

pub(super) fn employee(pen: &mut Pen) {
    pen.on_register();
    pen.employed();
    pen.life.previous = pen.dice.per_mille(950);
}

/// Registered by the unit instead of the county.
pub(super) fn unit_employee(pen: &mut Pen, unit: u32) {
    employee(pen);
    if let Some((_, name)) = pen.world.around.units.get(unit as usize) {
        pen.life.registrations[0].pool_place.clone_from(name);
    }
}

pub(super) fn free_unpaid(pen: &mut Pen) {
    pen.on_register();
    pen.registered();
    let premium = pen.world.scheme.premium;
    let free: Vec<usize> = pen
        .world
        .granted
        .iter()
        .copied()
        .filter(|&at| pen.world.category(at).grant == premium)
        .collect();
    let category = pen.category_of_age(&free);
    pen.on_roster(category);
}

pub(super) fn once_employee(pen: &mut Pen) {
    pen.sound();
    let who = pen.who();
    pen.registration(who, Cover::Employee, "2");
}

pub(super) fn elsewhere_resident(pen: &mut Pen) {
    pen.on_register();
    if let Some(place) = pen.another_city() {
        pen.registered_in(place, Cover::Resident);
        pen.pays_in(place);
        return;
    }
    let place = pen.far_away();
    pen.registered_elsewhere(place, Cover::Resident);
    pen.pays_elsewhere(place);
}

pub(super) fn elsewhere_employee(pen: &mut Pen) {
    pen.on_register();
    let place = pen.far_away();
    pen.registered_elsewhere(place, Cover::Employee);
}

pub(super) fn neighbour(pen: &mut Pen) {
    pen.on_register();
    let place = pen.dice.pick(&pen.world.around.same_pool);
    pen.registered_elsewhere(place, Cover::Resident);
    pen.pays_elsewhere(place);
}

pub(super) fn died_before(pen: &mut Pen, variant: u32) {
    pen.on_register();
    pen.life.previous = true;
    let day = before(
        pen.world.scheme.window.from,
        u64::from(10 + pen.dice.below(300)),
    );
    // Some lists state no day.
    pen.life.death = Some((variant == 0).then_some(day));
}

pub(super) fn died_later(pen: &mut Pen) {
    pen.on_register();
    pen.registered();
    let paid_on = pen.early_day();
    pen.pays_on(pen.world.scheme.premium, 0, paid_on);
    let first = pen.world.scheme.benefit.from;
    let days = pen.dice.between(0, (pen.world.as_of - first).num_days());
    pen.life.death = Some(Some(after(first, u64::try_from(days).unwrap_or(0))));
}

pub(super) fn departed(pen: &mut Pen) {
    pen.on_register();
    pen.life.departure = Some(before(
        pen.world.scheme.window.from,
        u64::from(5 + pen.dice.below(300)),
    ));
}

pub(super) fn instalments(pen: &mut Pen) {
    pen.on_register();
    pen.registered();
    let first = pen.world.scheme.premium / 200 * 100;
    pen.pays(first, 0);
    pen.pays(pen.world.scheme.premium - first, 0);
}

pub(super) fn repaid_after_reversal(pen: &mut Pen) {
    pen.sound();
    pen.reverses_last();
    pen.pays_premium();
}

pub(super) fn late_newborn(pen: &mut Pen) {
    pen.on_register();
    pen.registered();
    let window_end = pen.world.scheme.window.to;
    let day = after(window_end, u64::from(1 + pen.dice.below(10))).min(pen.world.as_of);
    let owes = pen.world.owes_for_last_year(pen.person.birth, day);
    pen.pays_on(pen.world.scheme.premium + owes, 0, day);
}

/// Years of employee cover that stopped a week after the window; the premium paid within three weeks of that.
pub(super) fn late_employee(pen: &mut Pen) {
    pen.on_register();
    pen.registered();
    let Some(stop) = pen.world.cover_stop() else {
        return;
    };
    let who = pen.who();
    let begun = before(
        pen.world.scheme.window.from,
        u64::from(1100 + pen.dice.below(2000)),
    );
    let relation = pen.registration(who, Cover::Employee, "4");
    relation.begun = begun;
    relation.ended = Some(stop);
    let paid_on = after(stop, u64::from(1 + pen.dice.below(20)));
    pen.pays_on(pen.world.scheme.premium, 0, paid_on);
}

/// A declared case of the notice, on a day shortly before the payment; in full where the notice asks for it. The case
/// declared last, often the one for all others, is lived first.
pub(super) fn late_declared(pen: &mut Pen, variant: u32) {
    pen.on_register();
    pen.registered();
    let cases = pen.world.declared_cases();
    let (words, rule) = cases[cases.len() - 1 - variant as usize % cases.len()];
    let word = pen.dice.pick(words).clone();
    let paid_on = after(
        pen.world.scheme.window.to,
        u64::from(2 + pen.dice.below(20)),
    );
    let event = before(paid_on, u64::from(pen.dice.below(60)));
    // 当年: not before the rule speaks of it.
    let event = rule.event_from.map_or(event, |from| event.max(from));
    pen.life.registrations[0].late = Some((word, event));
    // Where the notice leaves the fiscal part open nobody knows it; 580 yuan is what the year really had.
    let fiscal = if rule.price == Price::Full {
        pen.world.scheme.fiscal.unwrap_or(58_000)
    } else {
        0
    };
    pen.pays_on(pen.world.scheme.premium + fiscal, 0, paid_on);
}

pub(super) fn old_number(pen: &mut Pen) {
    pen.sound();
    let old = spoil::old_form(&pen.id());
    pen.life.registrations[0].who.id = old;
}

pub(super) fn passport(pen: &mut Pen) {
    let number = format!("E{:08}", pen.person.serial);
    pen.sound();
    let who = Who {
        id: number,
        id_type: "08",
        name: pen.person.name.clone(),
    };
    pen.life.register[0].who = who.clone();
    pen.life.registrations[0].who = who.clone();
    pen.life.payments[0].who = who;
}

pub(super) fn other_years(pen: &mut Pen) {
    pen.sound();
    let long_ago = before(pen.world.scheme.window.from, 200);
    let year = pen.world.scheme.year - 1;
    pen.pays_on(pen.world.scheme.premium, 0, long_ago).year = year;
    let who = pen.who();
    pen.registration(who, Cover::Employee, "1").scheme = "工伤保险";
}
