//! Faults of numbers and names. Variants of a bad number: 0 in the register, 1 in the registrations, 2 in a roster.

use crate::domain::{Code, Cover};
use crate::sample::pen::Pen;
use crate::sample::plants::LifeKind;
use crate::sample::spoil;

/// A row under a bad number in one book; what becomes of the person behind it.
fn under_bad_number(pen: &mut Pen, variant: u32, code: Code, bad: String) {
    let who = pen.who_as(bad.clone());
    match variant {
        0 => pen.on_register_as(who),
        1 => {
            // The registration cannot be joined: the person on the register has none.
            pen.on_register();
            pen.registration(who, Cover::Resident, "1");
            pen.expect(Code::Uninsured);
        }
        _ => {
            // The roster cannot be joined: the person paid in full, and owed it.
            pen.sound();
            let category = pen.some_category();
            pen.on_roster_as(who, category);
        }
    }
    pen.expect_of(code, bad, "");
}

pub(super) fn missing(pen: &mut Pen, variant: u32) {
    under_bad_number(pen, variant, Code::IdMissing, String::new());
}

pub(super) fn truncated(pen: &mut Pen, variant: u32) {
    let bad = spoil::cut_off(&pen.id());
    under_bad_number(pen, variant, Code::IdTruncated, bad);
}

pub(super) fn malformed(pen: &mut Pen, variant: u32) {
    let bad = spoil::short(&pen.id());
    under_bad_number(pen, variant, Code::IdMalformed, bad);
}

pub(super) fn birthdate(pen: &mut Pen, variant: u32) {
    let bad = spoil::impossible_birth(&pen.id());
    under_bad_number(pen, variant, Code::IdBirthdate, bad);
}

/// One wrong character: outside the register the row also resembles the person (id-suspect).
pub(super) fn checksum(pen: &mut Pen, variant: u32) {
    let bad = spoil::wrong_check(&pen.id());
    match variant {
        0..=2 => under_bad_number(pen, variant, Code::IdChecksum, bad.clone()),
        3 => {
            // As variant 1, and the tax office has the right number.
            under_bad_number(pen, 1, Code::IdChecksum, bad.clone());
            pen.pays_premium();
            pen.expect(Code::PaidNotRegistered);
        }
        _ => {
            // The tax office has the wrong number.
            pen.on_register();
            pen.registered();
            pen.pays_premium();
            pen.life.payments[0].who.id.clone_from(&bad);
            pen.expect(Code::RegisteredNotPaid);
            if pen.world.scheme.insured_when_paid {
                pen.expect(Code::Uninsured);
            }
            pen.expect_of(Code::IdChecksum, bad.clone(), "");
        }
    }
    if variant != 0 {
        let right = pen.id();
        pen.expect_of(Code::IdSuspect, bad, &right);
    }
}

/// The name of one row of a sound person: 0 in the payments, 1 in the registrations.
fn misname(pen: &mut Pen, variant: u32, name: String) {
    if variant.is_multiple_of(2) {
        pen.life.payments[0].who.name = name;
    } else {
        pen.life.registrations[0].who.name = name;
    }
}

pub(super) fn name_missing(pen: &mut Pen, variant: u32) {
    pen.sound();
    misname(pen, variant, String::new());
    pen.expect(Code::NameMissing);
}

pub(super) fn name_conflict(pen: &mut Pen, variant: u32) {
    pen.sound();
    let other = spoil::other_name(&mut pen.dice, &pen.person.name, pen.person.male);
    misname(pen, variant, other);
    pen.expect(Code::NameConflict);
}

pub(super) fn name_rare(pen: &mut Pen, variant: u32) {
    pen.sound();
    let by = ["?", "□", "yan", "〓"][variant as usize % LifeKind::NameRare.variants() as usize];
    misname(pen, variant, spoil::unwritten(&pen.person.name, by));
    pen.expect(Code::NameRareCharacter);
}
