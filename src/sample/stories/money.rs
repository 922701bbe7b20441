//! Faults of payments.

use crate::domain::Code;
use crate::sample::pen::Pen;
use crate::sample::world::after;

/// 0 the same registration twice · 1 the same payment twice in one file: two payments, until somebody says otherwise · 2 in two files.
pub(super) fn row_repeated(pen: &mut Pen, variant: u32) {
    pen.sound();
    if variant == 0 {
        let who = pen.who();
        let number = pen.life.registrations[0].number.clone();
        let village = pen.life.registrations[0].village.clone();
        let twin = pen.registration(who, crate::domain::Cover::Resident, "1");
        twin.number = number;
        twin.village = village;
        pen.expect(Code::RowRepeated);
        return;
    }
    if variant == 2 && pen.world.files_from.len() > 2 {
        // All of these in one pair of files: a month's export that holds the last days of the month before.
        let day = after(pen.world.files_from[0], u64::from(pen.dice.below(20)));
        let paid = &mut pen.life.payments[0];
        paid.paid_on = day;
        paid.file = 0;
        let mut twin = paid.clone();
        twin.file = 1;
        pen.life.payments.push(twin);
        if pen.world.payments_add_up() {
            pen.life.pairs.push((0, 1));
        } else {
            pen.expect(Code::RowRepeated);
        }
        return;
    }
    let twin = pen.life.payments[0].clone();
    pen.life.payments.push(twin);
    pen.expect(Code::DuplicatePayment);
}

/// A negative row that names a voucher nobody has: 0 of an employee without payments · 1 of more than was paid.
pub(super) fn reversal_unmatched(pen: &mut Pen, variant: u32) {
    let mut amount = pen.world.scheme.premium;
    pen.on_register();
    if variant == 0 {
        pen.employed();
    } else {
        pen.registered();
        pen.pays_premium();
        amount += 10_000;
    }
    let day = pen.world.scheme.window.to;
    let missing = format!(
        "34{:02}99{:08}0",
        pen.world.scheme.year % 100,
        pen.person.serial
    );
    pen.pays_on(-amount, 0, day).original = missing;
    pen.expect(Code::ReversalUnmatched);
}

/// The premium twice, or three times: one finding a surplus payment.
pub(super) fn duplicate_payment(pen: &mut Pen, variant: u32) {
    pen.sound();
    for _ in 0..=variant {
        pen.pays_premium();
        pen.expect(Code::DuplicatePayment);
    }
}

/// Paid, not registered; variant 1 is not on the register either and so has no standing.
pub(super) fn paid_not_registered(pen: &mut Pen, variant: u32) {
    pen.pays_premium();
    pen.expect(Code::PaidNotRegistered);
    if variant == 0 {
        pen.on_register();
        pen.expect(Code::Uninsured);
    }
}

pub(super) fn wrong_region(pen: &mut Pen) {
    pen.on_register();
    pen.registered();
    if let Some(place) = pen.another_city() {
        pen.pays_in(place);
    } else {
        let place = pen.far_away();
        pen.pays_elsewhere(place);
    }
    pen.expect(Code::WrongRegion);
    // Money in another pool insures nobody here.
    if pen.world.scheme.insured_when_paid {
        pen.expect(Code::Uninsured);
    }
}

/// Registered and nothing paid; in variant 1 the payment was wholly reversed.
pub(super) fn registered_not_paid(pen: &mut Pen, variant: u32) {
    pen.on_register();
    pen.registered();
    if variant == 1 {
        pen.pays_premium();
        pen.reverses_last();
    }
    pen.expect(Code::RegisteredNotPaid);
    if pen.world.scheme.insured_when_paid {
        pen.expect(Code::Uninsured);
    }
}

/// 40 yuan too little, or too much.
pub(super) fn amount_wrong(pen: &mut Pen, variant: u32) {
    pen.on_register();
    pen.registered();
    let off = if variant == 0 { -4000 } else { 4000 };
    pen.pays((pen.world.scheme.premium + off).max(100), 0);
    pen.expect(Code::AmountWrong);
}

/// A newborn whose cover begins last year, and who paid one year's premium.
pub(super) fn late_underpaid(pen: &mut Pen) {
    pen.on_register();
    pen.registered();
    let day = after(
        pen.world.scheme.window.to,
        u64::from(1 + pen.dice.below(10)),
    );
    pen.pays_on(pen.world.scheme.premium, 0, day);
    pen.expect(Code::AmountWrong);
}

pub(super) fn outside_window(pen: &mut Pen) {
    pen.on_register();
    pen.registered();
    let window_end = pen.world.scheme.window.to;
    let days = pen
        .dice
        .between(1, (pen.world.as_of - window_end).num_days());
    pen.pays_on(
        pen.world.scheme.premium,
        0,
        after(window_end, u64::try_from(days).unwrap_or(1)),
    );
    pen.expect(Code::OutsideWindow);
}
