//! Rosters: who is entitled, who was subsidised, who was left out.

use chrono::NaiveDate;
use polars::prelude::*;

use super::checks::{PAYMENT, those};
use super::note::Note;
use super::traits::{Trait, Traits};
use crate::domain::{Code, Cover, columns as c};
use crate::people::{People, Person, gather::day, p, summary::approved_after, summary::in_order};
use crate::scheme::Scheme;

// Columns that live only in this file.
const PAYER: &str = "payer";
const PAYMENT_DAY: &str = "payment_day";
const VERDICT: &str = "verdict";

closed_list! {
    /// What the subsidy list says of a person.
    pub enum Verdict {
        /// Subsidised as a resident while an employee.
        WhileEmployee = "while-employee",
        /// Subsidised without entitlement.
        Unentitled = "unentitled",
        /// Entitled and paid more than payable.
        Missed = "missed",
        /// Two payers, or two subsidies.
        Overlap = "overlap",
        /// Entitled, not registered as a resident.
        NotRegistered = "not-registered",
        /// Entitled, registered, nothing paid and nothing subsidised yet.
        Open = "open",
        /// As it should be.
        Right = "right",
        /// On a roster without a grant in force.
        NoGrant = "no-grant",
    }
}

const ROSTER: [&str; 2] = [p::ROSTER_ORIGIN, p::ROSTER_ROW];

/// Findings of this family for one bucket.
pub(super) fn findings(
    people: &People,
    traits: &Traits,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> PolarsResult<Vec<DataFrame>> {
    let paid = |code| {
        Note::person(code)
            .at(p::PAYMENT_ORIGIN, p::PAYMENT_ROW)
            .other(p::ROSTER_ORIGIN, p::ROSTER_ROW)
    };
    let of = |note: Note, held: Trait, columns: &[&[&str]]| {
        note.of(those(people, &traits.those(held), columns)?)
    };
    Ok(vec![
        of(
            Note::person(Code::HardshipUninsured)
                .at(p::ROSTER_ORIGIN, p::ROSTER_ROW)
                .texts(
                    category_name(scheme, p::CATEGORY_NOW),
                    lit("").cast(DataType::String),
                ),
            Trait::HardshipUninsured,
            &[&ROSTER, &[p::CATEGORY_NOW]],
        )?,
        of(
            paid(Code::SubsidyMissed)
                .texts(col(p::PAYABLE), col(p::PAID_HERE))
                .amount(col(p::PAID_HERE) - col(p::PAYABLE)),
            Trait::SubsidyMissed,
            &[&PAYMENT, &ROSTER, &[p::PAYABLE, p::PAID_HERE]],
        )?,
        of(
            paid(Code::SubsidyUnentitled)
                .texts(lit(0i64), col(p::SUBSIDISED_PAID))
                .amount(col(p::SUBSIDISED_PAID)),
            Trait::SubsidyUnentitled,
            &[&PAYMENT, &ROSTER, &[p::SUBSIDISED_PAID]],
        )?,
        of(
            paid(Code::SubsidyWhileEmployee).amount(col(p::SUBSIDISED_PAID)),
            Trait::SubsidyWhileEmployee,
            &[&PAYMENT, &ROSTER, &[p::SUBSIDISED_PAID]],
        )?,
        payers_overlap(people, traits)?,
        subsidies_overlap(people, traits)?,
        roster_late(people, scheme)?,
        roster_ended(people, traits, scheme, as_of)?,
    ])
}

/// Equal best grants from several payers: one a surplus payer.
fn payers_overlap(people: &People, traits: &Traits) -> PolarsResult<DataFrame> {
    let surplus = |at: &u32| people.persons[*at as usize].grant_payers as usize - 1; // at least two
    let several = traits.those(Trait::PayersOverlap);
    let repeated: Vec<u32> = several
        .iter()
        .flat_map(|at| std::iter::repeat_n(*at, surplus(at)))
        .collect();
    Note::person(Code::SubsidyOverlap)
        .at(p::ROSTER_ORIGIN, p::ROSTER_ROW)
        .texts(lit(1u32), col(p::GRANT_PAYERS))
        .amount(col(p::GRANT))
        .of(those(
            people,
            &repeated,
            &[&ROSTER, &[p::GRANT_PAYERS, p::GRANT]],
        )?)
}

/// Two subsidies recorded: one a surplus payment.
fn subsidies_overlap(people: &People, traits: &Traits) -> PolarsResult<DataFrame> {
    let subsidised = col(c::COVER)
        .eq(lit(Cover::Resident.index()))
        .and(col(c::HERE))
        .and(col(c::NET_SUBSIDISED).gt(lit(0i64)));
    let rows = people
        .books
        .payments
        .of_persons(traits.those(Trait::SubsidiesOverlap))?
        .lazy()
        .filter(subsidised)
        .collect()?;
    let surplus = super::surplus::surplus(&rows, &[c::KEY], &[c::PAID_ON, c::VOUCHER, c::NAME])?;
    let rows = people.beside(surplus, &[p::PERSON_REGION])?.lazy();
    Note::record(Code::SubsidyOverlap)
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .amount(col(c::NET_SUBSIDISED))
        .of(rows)
}

/// Approved after the cut-off: the row gives no entitlement.
fn roster_late(people: &People, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let late = match scheme.roster.cut_off {
        Some(cut_off) => approved_after(cut_off),
        None => lit(false),
    };
    let rows = people.beside(
        people
            .books
            .rosters
            .rows
            .clone()
            .lazy()
            .filter(late)
            .collect()?,
        &[p::PERSON_REGION],
    )?;
    let limit = scheme.roster.cut_off.map_or(lit(NULL), day);
    Note::record(Code::RosterLate)
        .texts(limit, coalesce(&[col(c::APPROVED), col(c::IDENTIFIED)]))
        .of(rows.lazy())
}

/// Ended before the deciding day, of a person subsidised all the same: it explains why.
fn roster_ended(
    people: &People,
    traits: &Traits,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> PolarsResult<DataFrame> {
    let rows = people
        .books
        .rosters
        .of_persons(traits.those(Trait::SubsidyUnentitled))?;
    let rows = people
        .beside(rows, &[p::PERSON_REGION, p::FIRST_PAID_ON])?
        .lazy();
    let payment_day = coalesce(&[col(p::FIRST_PAID_ON), day(as_of.min(scheme.window.to))]);
    // Of two deciding days the later one counts: on every one of them the person was no longer on the roster.
    let last = match (
        scheme.roster.payment_day,
        scheme
            .roster
            .cut_off_day
            .then_some(scheme.roster.cut_off)
            .flatten(),
    ) {
        (true, Some(cut_off)) => when(col(PAYMENT_DAY).gt(day(cut_off)))
            .then(col(PAYMENT_DAY))
            .otherwise(day(cut_off)),
        (false, Some(cut_off)) => day(cut_off),
        (_, None) => col(PAYMENT_DAY),
    };
    let rows = rows
        .with_column(payment_day.alias(PAYMENT_DAY))
        .filter(col(c::ENDED).lt_eq(last.clone()));
    Note::record(Code::RosterEnded)
        .texts(last, col(c::ENDED))
        .of(in_order(rows, &[c::KEY]))
}

/// A category's name in place of its position.
pub(super) fn category_name(scheme: &Scheme, column: &str) -> Expr {
    let mut name = lit(NULL).cast(DataType::String);
    for (at, category) in scheme.categories.iter().enumerate() {
        let position = u16::try_from(at).unwrap_or(u16::MAX); // a few dozen categories
        name = when(col(column).eq(lit(position)))
            .then(lit(category.name.as_str()))
            .otherwise(name);
    }
    name
}

/// What the subsidy list says of a person.
pub(super) fn verdict(person: &Person) -> Verdict {
    let nothing_yet = person.payments == 0 && person.recorded_subsidy() == 0;
    if person.is_subsidised() && person.is_employee() {
        Verdict::WhileEmployee
    } else if person.is_unentitled() {
        Verdict::Unentitled
    } else if person.is_missed() {
        Verdict::Missed
    } else if person.grant_payers > 1 || person.subsidised_here > 1 {
        Verdict::Overlap
    } else if !person.is_entitled() {
        Verdict::NoGrant
    } else if !person.is_resident() {
        Verdict::NotRegistered
    } else if nothing_yet && person.payable > 0 {
        Verdict::Open
    } else {
        Verdict::Right
    }
}

/// The name of a person's category: of the grant, else of the roster in force; none without one.
pub(super) fn category<'s>(person: &Person, scheme: &'s Scheme) -> &'s str {
    let at = person.grant_category.or(person.category_now);
    at.and_then(|at| scheme.categories.get(usize::from(at)))
        .map_or("", |category| category.name.as_str())
}

/// The list behind subsidy.parquet: everyone entitled, subsidised or on a roster now.
pub(super) fn subsidies(
    people: &People,
    traits: &Traits,
    scheme: &Scheme,
) -> PolarsResult<DataFrame> {
    let at = traits.those(Trait::OnSubsidyList);
    let of_person = [
        c::ID,
        c::NAME,
        p::PERSON_REGION,
        p::PAYABLE,
        p::GRANT,
        p::PAID,
        p::SUBSIDISED_PAID,
    ];
    let mut rows = people.frame(&of_person, &at)?;
    let payer = |person: &Person| {
        let category = person
            .grant_category
            .and_then(|at| scheme.categories.get(usize::from(at)));
        category.map_or("", |category| category.payer.as_str())
    };
    rows.with_column(people.text(c::CATEGORY, &at, |person| category(person, scheme)))?;
    rows.with_column(people.text(PAYER, &at, payer))?;
    rows.with_column(people.text(VERDICT, &at, |person| verdict(person).code()))?;
    rows.lazy()
        .select([
            col(c::ID),
            col(c::NAME),
            col(p::PERSON_REGION).alias(c::REGION),
            col(c::CATEGORY),
            col(PAYER),
            lit(scheme.premium)
                .cast(DataType::Int64)
                .alias("premium_fen"),
            col(p::PAYABLE).alias("payable_fen"),
            col(p::GRANT).alias("grant_fen"),
            col(p::PAID).alias("paid_fen"),
            col(p::SUBSIDISED_PAID).alias("subsidised_fen"),
            (col(p::PAID) - col(p::PAYABLE)).alias("difference_fen"),
            col(VERDICT),
        ])
        .collect()
}
