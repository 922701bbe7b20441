//! Rosters: who is entitled, who was subsidised, who was left out.

use chrono::NaiveDate;
use polars::prelude::*;

use super::note::Note;
use super::{is_employee, is_entitled, is_resident};
use crate::domain::{Code, Cover, Standing, columns as c};
use crate::people::{Books, gather::day, p, summary::approved_after, summary::in_order, to_one};
use crate::scheme::Scheme;

// Columns that live only in this file.
const PAYMENT_DAY: &str = "payment_day";

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

/// Findings of this family for one bucket.
pub(super) fn findings(people: &DataFrame, books: &Books, scheme: &Scheme, as_of: NaiveDate) -> PolarsResult<Vec<DataFrame>> {
    let all = || people.clone().lazy();
    let paid = |code| Note::person(code).at(p::PAYMENT_ORIGIN, p::PAYMENT_ROW).other(p::ROSTER_ORIGIN, p::ROSTER_ROW);
    Ok(vec![
        Note::person(Code::HardshipUninsured)
            .at(p::ROSTER_ORIGIN, p::ROSTER_ROW)
            .texts(category_name(scheme, p::CATEGORY_NOW), lit("").cast(DataType::String))
            .of(all().filter(hardship_uninsured()))?,
        paid(Code::SubsidyMissed)
            .texts(col(p::PAYABLE), col(p::PAID_HERE))
            .amount(col(p::PAID_HERE) - col(p::PAYABLE))
            .of(all().filter(is_missed()))?,
        paid(Code::SubsidyUnentitled)
            .texts(lit(0i64), col(p::SUBSIDISED_PAID))
            .amount(col(p::SUBSIDISED_PAID))
            .of(all().filter(is_unentitled()))?,
        paid(Code::SubsidyWhileEmployee).amount(col(p::SUBSIDISED_PAID)).of(all().filter(is_subsidised().and(is_employee())))?,
        payers_overlap(people)?,
        subsidies_overlap(people, books)?,
        roster_late(people, books, scheme)?,
        roster_ended(people, books, scheme, as_of)?,
    ])
}

/// On a roster in force, insured nowhere.
fn hardship_uninsured() -> Expr {
    let open = [Standing::Uninsured, Standing::Unreachable, Standing::Declined, Standing::Other];
    let is_open = open.into_iter().fold(lit(false), |any, standing| any.or(col(c::STANDING).eq(lit(standing.index()))));
    col(p::ROSTER_NOW).and(is_open)
}

fn is_subsidised() -> Expr {
    col(p::SUBSIDISED_HERE).gt(lit(0u32))
}

fn is_missed() -> Expr {
    is_entitled().and(col(p::PAID_HERE).gt(col(p::PAYABLE)))
}

fn is_unentitled() -> Expr {
    is_subsidised().and(is_entitled().not())
}

/// Equal best grants from several payers: one a surplus payer.
fn payers_overlap(people: &DataFrame) -> PolarsResult<DataFrame> {
    let several = people.clone().lazy().filter(is_entitled().and(col(p::GRANT_PAYERS).gt(lit(1u32)))).collect()?;
    let surplus: Vec<u32> = several.column(p::GRANT_PAYERS)?.u32()?.into_no_null_iter().map(|payers| payers - 1).collect();
    let repeated: IdxCa =
        (0u32..).zip(surplus).flat_map(|(at, times)| std::iter::repeat_n(at, times as usize)).map(Some).collect();
    let rows = several.take(&repeated)?.lazy();
    Note::person(Code::SubsidyOverlap)
        .at(p::ROSTER_ORIGIN, p::ROSTER_ROW)
        .texts(lit(1u32), col(p::GRANT_PAYERS))
        .amount(col(p::GRANT))
        .of(rows)
}

/// Two subsidies recorded: one a surplus payment.
fn subsidies_overlap(people: &DataFrame, books: &Books) -> PolarsResult<DataFrame> {
    let subsidised = col(c::COVER).eq(lit(Cover::Resident.index())).and(col(c::HERE)).and(col(c::NET_SUBSIDISED).gt(lit(0i64)));
    let rows = books.payments.rows.clone().lazy().filter(subsidised).collect()?;
    let surplus = super::surplus::surplus(&rows, &[c::KEY], &[c::PAID_ON, c::VOUCHER, c::NAME])?;
    let person = people.clone().lazy().select([col(c::KEY), col(p::PERSON_REGION)]);
    let rows = surplus.lazy().join(person, [col(c::KEY)], [col(c::KEY)], to_one());
    Note::record(Code::SubsidyOverlap).other(c::KEPT_ORIGIN, c::KEPT_ROW).amount(col(c::NET_SUBSIDISED)).of(rows)
}

/// Approved after the cut-off: the row gives no entitlement.
fn roster_late(people: &DataFrame, books: &Books, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let late = match scheme.roster.cut_off {
        Some(cut_off) => approved_after(cut_off),
        None => lit(false),
    };
    let person = people.clone().lazy().select([col(c::KEY), col(p::PERSON_REGION)]);
    let rows = books.rosters.rows.clone().lazy().filter(late).join(person, [col(c::KEY)], [col(c::KEY)], to_one());
    let limit = scheme.roster.cut_off.map_or(lit(NULL), day);
    Note::record(Code::RosterLate).texts(limit, coalesce(&[col(c::APPROVED), col(c::IDENTIFIED)])).of(rows)
}

/// Ended before the deciding day, of a person subsidised all the same: it explains why.
fn roster_ended(people: &DataFrame, books: &Books, scheme: &Scheme, as_of: NaiveDate) -> PolarsResult<DataFrame> {
    let person = people.clone().lazy().filter(is_unentitled()).select([
        col(c::KEY),
        col(p::PERSON_REGION),
        coalesce(&[col(p::FIRST_PAID_ON), day(as_of.min(scheme.window.to))]).alias(PAYMENT_DAY),
    ]);
    // Of two deciding days the later one counts: on every one of them the person was no longer on the roster.
    let last = match (scheme.roster.payment_day, scheme.roster.cut_off_day.then_some(scheme.roster.cut_off).flatten()) {
        (true, Some(cut_off)) => when(col(PAYMENT_DAY).gt(day(cut_off))).then(col(PAYMENT_DAY)).otherwise(day(cut_off)),
        (false, Some(cut_off)) => day(cut_off),
        (_, None) => col(PAYMENT_DAY),
    };
    let rows = books
        .rosters
        .rows
        .clone()
        .lazy()
        .join(person, [col(c::KEY)], [col(c::KEY)], JoinArgs::new(JoinType::Inner))
        .filter(col(c::ENDED).lt_eq(last.clone()));
    Note::record(Code::RosterEnded).texts(last, col(c::ENDED)).of(in_order(rows, &[c::KEY]))
}

/// A category's name in place of its position.
pub(super) fn category_name(scheme: &Scheme, column: &str) -> Expr {
    let mut name = lit(NULL).cast(DataType::String);
    for (at, category) in scheme.categories.iter().enumerate() {
        let position = u16::try_from(at).unwrap_or(u16::MAX); // a few dozen categories
        name = when(col(column).eq(lit(position))).then(lit(category.name.as_str())).otherwise(name);
    }
    name
}

/// What the subsidy list says of a person.
pub(super) fn verdict() -> Expr {
    let nothing_yet = col(p::PAYMENTS).eq(lit(0u32)).and((col(p::REGISTRATION_SUBSIDY) + col(p::ROSTER_SUBSIDY)).eq(lit(0i64)));
    let overlap = col(p::GRANT_PAYERS).gt(lit(1u32)).or(col(p::SUBSIDISED_HERE).gt(lit(1u32)));
    let cascade = [
        (is_subsidised().and(is_employee()), Verdict::WhileEmployee),
        (is_unentitled(), Verdict::Unentitled),
        (is_missed(), Verdict::Missed),
        (overlap, Verdict::Overlap),
        (is_entitled().and(is_resident().not()), Verdict::NotRegistered),
        (is_entitled().and(nothing_yet).and(col(p::PAYABLE).gt(lit(0i64))), Verdict::Open),
        (is_entitled(), Verdict::Right),
    ];
    cascade
        .into_iter()
        .rev()
        .fold(lit(Verdict::NoGrant.code()), |rest, (fits, verdict)| when(fits).then(lit(verdict.code())).otherwise(rest))
}

/// The list behind subsidy.parquet: everyone entitled, subsidised or on a roster now.
pub(super) fn subsidies(people: &DataFrame, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let category = coalesce(&[category_name(scheme, p::GRANT_CATEGORY), category_name(scheme, p::CATEGORY_NOW)]);
    let mut payer = lit("");
    for (at, one) in scheme.categories.iter().enumerate() {
        let position = u16::try_from(at).unwrap_or(u16::MAX); // a few dozen categories
        payer = when(col(p::GRANT_CATEGORY).eq(lit(position))).then(lit(one.payer.as_str())).otherwise(payer);
    }
    let rows = people.clone().lazy().filter(is_entitled().or(is_subsidised()).or(col(p::ROSTER_NOW)));
    let empty_if_unknown = |text: Expr| text.fill_null(lit(""));
    rows.select([
        col(c::ID),
        col(c::NAME),
        col(p::PERSON_REGION).alias(c::REGION),
        empty_if_unknown(category).alias(c::CATEGORY),
        payer.alias("payer"),
        lit(scheme.premium).cast(DataType::Int64).alias("premium_fen"),
        col(p::PAYABLE).alias("payable_fen"),
        col(p::GRANT).alias("grant_fen"),
        col(p::PAID).alias("paid_fen"),
        col(p::SUBSIDISED_PAID).alias("subsidised_fen"),
        (col(p::PAID) - col(p::PAYABLE)).alias("difference_fen"),
        verdict().alias("verdict"),
    ])
    .collect()
}
