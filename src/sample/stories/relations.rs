//! Faults of registrations, of the register, and of where someone belongs.

use crate::domain::{Code, Cover};
use crate::sample::pen::Pen;
use crate::sample::world::{after, before};

/// Registered normally, and by another row of the same number ended.
pub(super) fn record_conflict(pen: &mut Pen) {
    pen.sound();
    let who = pen.who();
    let registered = &pen.life.registrations[0];
    let (number, village) = (registered.number.clone(), registered.village.clone());
    let twin = pen.registration(who, Cover::Resident, "4");
    twin.number = number;
    twin.village = village;
    pen.expect(Code::RecordConflict);
}

/// Two numbers for one relation: 0 as a resident, in two villages · 1 as an employee.
pub(super) fn duplicate_registration(pen: &mut Pen, variant: u32) {
    pen.on_register();
    let who = pen.who();
    if variant == 0 {
        pen.registered();
        pen.pays_premium();
        let other = pen.dice.pick(&pen.world.around.places);
        // Another county may be another pool, where this would be cross-region.
        let same_county = other.county6 == pen.home().county6;
        let twin = pen.registration(who, Cover::Resident, "1");
        if same_county {
            twin.township.clone_from(&other.township);
            twin.village.clone_from(&other.villages[0]);
        }
    } else {
        pen.employed();
        pen.registration(who, Cover::Employee, "1");
    }
    pen.expect(Code::DuplicateRegistration);
}

/// 0 registered in two pools · 1 paid in two pools; the other one outside, or another city of the province.
pub(super) fn cross_region(pen: &mut Pen, variant: u32) {
    pen.sound();
    match (pen.another_city(), variant) {
        (Some(place), 0) => pen.registered_in(place, Cover::Resident),
        (Some(place), _) => pen.pays_in(place),
        (None, 0) => {
            let place = pen.far_away();
            pen.registered_elsewhere(place, Cover::Resident);
        }
        (None, _) => {
            let place = pen.far_away();
            pen.pays_elsewhere(place);
        }
    }
    pen.expect(Code::CrossRegion);
}

/// Resident here, and employee: 0 here · 1 elsewhere.
pub(super) fn cross_scheme(pen: &mut Pen, variant: u32) {
    pen.sound();
    if variant == 0 {
        pen.employed();
    } else if let Some(place) = pen.another_city() {
        pen.registered_in(place, Cover::Employee);
    } else {
        let place = pen.far_away();
        pen.registered_elsewhere(place, Cover::Employee);
    }
    pen.expect(Code::CrossScheme);
}

/// Paid, died before the benefit period, still registered: 0 on a stated day after paying · 1 on a day not stated.
pub(super) fn deceased_registered(pen: &mut Pen, variant: u32) {
    pen.on_register();
    pen.registered();
    let paid_on = pen.early_day();
    pen.pays_on(pen.world.scheme.premium, 0, paid_on);
    let last = before(pen.world.scheme.benefit.from, 1);
    let day = after(paid_on, u64::from(1 + pen.dice.below(12))).min(last);
    pen.life.death = Some((variant == 0).then_some(day));
    pen.expect(Code::DeceasedRegistered);
}

/// Died before paying: the death also precedes the benefit period.
pub(super) fn deceased_paid(pen: &mut Pen) {
    pen.sound();
    pen.life.death = Some(Some(before(
        pen.world.scheme.window.from,
        u64::from(1 + pen.dice.below(90)),
    )));
    pen.expect(Code::DeceasedPaid);
    pen.expect(Code::DeceasedRegistered);
}

pub(super) fn moved_out(pen: &mut Pen) {
    pen.sound();
    pen.life.departure = Some(before(
        pen.world.scheme.benefit.from,
        u64::from(1 + pen.dice.below(200)),
    ));
    pen.expect(Code::MovedOut);
}

/// 0 nothing anywhere · 1 an ended registration · 2 a suspended one.
pub(super) fn uninsured(pen: &mut Pen, variant: u32) {
    pen.on_register();
    let who = pen.who();
    match variant {
        0 => pen.life.previous = pen.dice.per_mille(600),
        1 => {
            pen.registration(who, Cover::Resident, "4").begun =
                before(pen.world.scheme.benefit.from, 365)
        }
        _ => {
            pen.registration(who, Cover::Employee, "2").begun =
                before(pen.world.scheme.benefit.from, 700)
        }
    }
    pen.expect(Code::Uninsured);
}

/// Registered here, unknown to the register: 0 as a resident · 1 as an employee.
pub(super) fn not_on_register(pen: &mut Pen, variant: u32) {
    if variant == 0 {
        pen.registered();
        pen.pays_premium();
    } else {
        pen.employed();
    }
    pen.expect(Code::NotOnRegister);
}

/// On two register rows, in two villages where there are two.
pub(super) fn register_duplicate(pen: &mut Pen) {
    pen.sound();
    let place = pen
        .dice
        .below(u32::try_from(pen.world.around.places.len()).unwrap_or(1)) as usize;
    let other = &pen.world.around.places[place];
    pen.on_register();
    if other.county6 == pen.home().county6
        && let Some(row) = pen.life.register.last_mut()
    {
        row.place = place;
        row.village.clone_from(&other.villages[0]);
    }
    pen.expect(Code::RegisterDuplicate);
}

/// In the account of the own household and in another.
pub(super) fn household_duplicate(pen: &mut Pen) {
    pen.sound();
    let own = pen.person.household;
    let other = if own > 1 { own - 1 } else { own + 1 };
    pen.life.households = vec![own, other];
    pen.expect(Code::HouseholdDuplicate);
}

/// At school here and registered elsewhere: 0 also registered here · 1 only there.
pub(super) fn student_duplicate(pen: &mut Pen, variant: u32) {
    pen.life.student = true;
    let place = pen.far_away();
    pen.registered_elsewhere(place, Cover::Resident);
    if variant == 0 {
        pen.sound();
        pen.expect(Code::CrossRegion);
    } else {
        pen.on_register();
        pen.pays_elsewhere(place);
    }
    pen.expect(Code::StudentDuplicate);
}

/// A word no region answers to: 0 village of a registration · 1 place of a payment · 2 village of the register.
pub(super) fn region_unknown(pen: &mut Pen, variant: u32) {
    pen.sound();
    let word = pen.world.around.unknown_place.to_owned();
    // A payment without a readable place counts for the scheme's own pool: a fault more where counties pool apart.
    let one_pool = pen.world.scheme.pool_of(&pen.home().county6)
        == pen.world.scheme.pool_of(pen.world.scheme.regions.root());
    match variant {
        1 if one_pool => pen.life.payments[0].pool_place = word,
        2 => pen.life.register[0].village = word,
        _ => pen.life.registrations[0].village = word,
    }
    pen.expect(Code::RegionUnknown);
}

/// A registration that names only a village, and several have that name.
pub(super) fn region_ambiguous(pen: &mut Pen) {
    pen.sound();
    let home = pen.home();
    let here: Vec<&(String, String)> = pen
        .world
        .around
        .ambiguous
        .iter()
        .filter(|(county, _)| *county == home.county6)
        .collect();
    let Some((_, word)) = here.get(pen.dice.below(u32::try_from(here.len()).unwrap_or(0)) as usize)
    else {
        return;
    };
    pen.life.registrations[0].township.clear();
    pen.life.registrations[0].village.clone_from(word);
    pen.expect(Code::RegionAmbiguous);
}
