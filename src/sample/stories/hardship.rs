//! Faults of rosters and subsidies.

use crate::domain::{Code, SourceKind};
use crate::sample::pen::Pen;
use crate::sample::world::{after, before};

/// On a roster in force, registered nowhere.
pub(super) fn uninsured(pen: &mut Pen) {
    pen.on_register();
    let category = pen.some_category();
    pen.on_roster(category);
    pen.expect(Code::Uninsured);
    pen.expect(Code::HardshipUninsured);
}

/// Entitled, charged the full premium.
pub(super) fn subsidy_missed(pen: &mut Pen) {
    pen.sound();
    let category = pen.granted_category();
    pen.on_roster(category);
    pen.expect(Code::SubsidyMissed);
}

/// On no roster, charged a granted price.
pub(super) fn subsidy_unentitled(pen: &mut Pen) {
    pen.on_register();
    pen.registered();
    let category = pen.granted_category();
    pen.pays(
        pen.world.payable(category),
        pen.world.category(category).grant,
    );
    pen.expect(Code::SubsidyUnentitled);
}

/// An employee whose payment as a resident, without a resident registration, was subsidised.
pub(super) fn subsidy_while_employee(pen: &mut Pen) {
    pen.on_register();
    pen.employed();
    let category = pen.granted_category();
    pen.on_roster(category);
    pen.pays(
        pen.world.payable(category),
        pen.world.category(category).grant,
    );
    pen.expect(Code::SubsidyWhileEmployee);
    pen.expect(Code::PaidNotRegistered);
}

/// 0 equal grants of two payers · 1 a second subsidy booked.
pub(super) fn subsidy_overlap(pen: &mut Pen, variant: u32) {
    pen.on_register();
    pen.registered();
    let (first, second) = match pen.world.overlap {
        Some((first, second)) if variant == 0 => (first, Some(second)),
        _ => (pen.granted_category(), None),
    };
    let grant = pen.world.category(first).grant;
    pen.on_roster(first);
    pen.pays(pen.world.payable(first), grant);
    match second {
        Some(second) => {
            pen.on_roster(second);
        }
        None => pen.pays(0, grant),
    }
    pen.expect(Code::SubsidyOverlap);
}

/// Approved after the cut-off: no entitlement, and the full premium was right.
pub(super) fn roster_late(pen: &mut Pen) {
    pen.sound();
    let category = pen.granted_category();
    let as_of = pen.world.as_of;
    let Some(cut_off) = pen.world.scheme.roster.cut_off else {
        return;
    };
    let day = after(cut_off, u64::from(1 + pen.dice.below(25))).min(as_of);
    pen.on_roster(category);
    pen.life.rosters[0].approved = day;
    pen.life.rosters[0].identified = before(cut_off, 10);
    pen.expect(Code::RosterLate);
}

/// Off the roster before the season, still charged the granted price.
pub(super) fn roster_ended(pen: &mut Pen) {
    subsidy_unentitled(pen);
    let category = pen.granted_category();
    pen.on_roster(category);
    pen.life.rosters[0].ended = Some(before(pen.world.anchor, u64::from(1 + pen.dice.below(4))));
    pen.expect(Code::RosterEnded);
}

/// 0 a category word nobody knows · 1 a status word nobody knows, so that the registration is none.
pub(super) fn category_unknown(pen: &mut Pen, variant: u32) {
    assert!(
        pen.world.has(SourceKind::Rosters),
        "the list of kinds says so"
    );
    if variant == 0 {
        pen.sound();
        let category = pen.some_category();
        pen.on_roster_as(pen.who(), category).word = "其他待定类".to_owned();
    } else {
        pen.on_register();
        let who = pen.who();
        pen.registration(who, crate::domain::Cover::Resident, "待办转移");
        pen.expect(Code::Uninsured);
    }
    pen.expect(Code::CategoryUnknown);
}
