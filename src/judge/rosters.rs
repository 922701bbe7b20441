//! Rosters: who is entitled, who was subsidised, who was left out.

use chrono::NaiveDate;
use polars::prelude::*;

use super::checks::{those, told};
use super::note::Note;
use super::order::{in_order, surplus};
use super::rulebook::{self, Verdict, r, resident_record};
use crate::domain::{Code, columns as c};
use crate::people::in_force::approved_after;
use crate::people::{People, Stands, p, read::day};
use crate::scheme::Scheme;

// Columns that live only in this file.
const PAYER: &str = "payer";
const PAYMENT_DAY: &str = "payment_day";
/// u8: `Verdict`.
pub(super) const VERDICT: &str = "verdict_at";

/// Findings of this family for one bucket.
pub(super) fn findings(
    people: &People,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> PolarsResult<Vec<DataFrame>> {
    let subsidised = || col(p::SUBSIDISED_PAID);
    let missed = || col(p::PAID_HERE) - col(p::PAYABLE);
    Ok(vec![
        hardship_uninsured(people, scheme)?,
        paid(
            people,
            Code::SubsidyMissed,
            &[p::PAYABLE, p::PAID_HERE],
            |note| {
                note.texts(col(p::PAYABLE), col(p::PAID_HERE))
                    .amount(missed())
            },
        )?,
        paid(
            people,
            Code::SubsidyUnentitled,
            &[p::SUBSIDISED_PAID],
            |note| note.texts(lit(0i64), subsidised()).amount(subsidised()),
        )?,
        paid(
            people,
            Code::SubsidyWhileEmployee,
            &[p::SUBSIDISED_PAID],
            |note| note.amount(subsidised()),
        )?,
        payers_overlap(people)?,
        subsidies_overlap(people)?,
        roster_late(people, scheme)?,
        roster_ended(people, scheme, as_of)?,
    ])
}

/// A finding about a payer's first payment, with the roster row beside it.
fn paid(
    people: &People,
    code: Code,
    more: &[&str],
    say: impl Fn(Note) -> Note,
) -> PolarsResult<DataFrame> {
    let persons = those(people, code.code(), more)?;
    let persons = people.pointed(persons, Stands::Payment)?;
    let persons = people.pointed(persons, Stands::Roster)?;
    let [origin, row] = Stands::Roster.columns();
    let note = Note::person(code).at(Stands::Payment).other(origin, row);
    say(note).of(persons.lazy())
}

/// On a roster in force, insured nowhere.
fn hardship_uninsured(people: &People, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let category = || rulebook::of_category(col(p::CATEGORY_NOW), scheme, |one| &one.name);
    let stands = (Code::HardshipUninsured, Stands::Roster);
    told(people, stands, &[p::CATEGORY_NOW], |note| {
        note.texts(category(), lit("").cast(DataType::String))
    })
}

/// Equal best grants from several payers: one a surplus payer.
fn payers_overlap(people: &People) -> PolarsResult<DataFrame> {
    let several = those(people, r::PAYERS_OVERLAP, &[p::GRANT_PAYERS, p::GRANT])?;
    let payers = several.column(p::GRANT_PAYERS)?.u32()?.into_no_null_iter();
    let surplus = (0..).zip(payers).flat_map(|(at, payers)| {
        std::iter::repeat_n(at, payers as usize - 1) // at least two
    });
    let repeated = crate::people::taken(&several, surplus.collect())?;
    Note::person(Code::SubsidyOverlap)
        .at(Stands::Roster)
        .texts(lit(1u32), col(p::GRANT_PAYERS))
        .amount(col(p::GRANT))
        .of(people.pointed(repeated, Stands::Roster)?.lazy())
}

/// Two subsidies recorded: one a surplus payment.
fn subsidies_overlap(people: &People) -> PolarsResult<DataFrame> {
    let several = people.positions(r::SUBSIDIES_OVERLAP)?;
    let subsidised = resident_record()
        .and(col(c::HERE))
        .and(col(c::NET_SUBSIDISED).gt(lit(0i64)));
    let rows = people.books.payments.of_persons(several)?;
    let rows = rows.lazy().filter(subsidised).collect()?;
    let surplus = surplus(&rows, &[c::KEY], &[c::PAID_ON, c::VOUCHER, c::NAME])?;
    Note::record(Code::SubsidyOverlap)
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .amount(col(c::NET_SUBSIDISED))
        .of(at_home(people, surplus, &[])?)
}

/// Rows of a book with the region of their person, and these columns.
fn at_home(people: &People, rows: DataFrame, more: &[&str]) -> PolarsResult<LazyFrame> {
    let rows = people.beside(rows, &[&[r::PERSON_REGION], more].concat())?;
    Ok(people.places.spelled(rows, &[r::PERSON_REGION])?.lazy())
}

/// Approved after the cut-off: the row gives no entitlement.
fn roster_late(people: &People, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let late = match scheme.roster.cut_off {
        Some(cut_off) => approved_after(cut_off),
        None => lit(false),
    };
    let rows = people.books.rosters.rows.clone().lazy().filter(late);
    let rows = at_home(people, rows.collect()?, &[])?;
    let limit = scheme.roster.cut_off.map_or(lit(NULL), day);
    Note::record(Code::RosterLate)
        .texts(limit, coalesce(&[col(c::APPROVED), col(c::IDENTIFIED)]))
        .of(rows)
}

/// Ended before the deciding day, of a person subsidised all the same: it explains why.
fn roster_ended(people: &People, scheme: &Scheme, as_of: NaiveDate) -> PolarsResult<DataFrame> {
    let unentitled = people.positions(Code::SubsidyUnentitled.code())?;
    let rows = people.books.rosters.of_persons(unentitled)?;
    let rows = at_home(people, rows, &[p::FIRST_PAID_ON])?;
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

/// The list behind subsidy.parquet: everyone entitled, subsidised or on a roster now.
pub(super) fn subsidies(people: &People, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let wanted = [
        p::PAYABLE,
        p::GRANT,
        p::GRANT_CATEGORY,
        p::GRANT_PAYERS,
        p::CATEGORY_NOW,
        p::PAID,
        p::PAID_HERE,
        p::PAYMENTS,
        p::PAYMENTS_HERE,
        p::SUBSIDISED_PAID,
        p::SUBSIDISED_HERE,
        p::REGISTRATION_SUBSIDY,
        p::ROSTER_SUBSIDY,
        p::RESIDENT_HERE,
        p::RESIDENT_AWAY,
        p::EMPLOYEE_HERE,
        p::EMPLOYEE_AWAY,
    ];
    let rows = those(people, r::ON_SUBSIDY_LIST, &wanted)?.lazy();
    let none = || lit("");
    let name = rulebook::of_category(rulebook::category(), scheme, |one| &one.name);
    let payer = rulebook::of_category(col(p::GRANT_CATEGORY), scheme, |one| &one.payer);
    rows.with_column(rulebook::verdict().alias(VERDICT))
        .select([
            col(c::ID),
            col(c::NAME),
            col(r::PERSON_REGION).alias(c::REGION),
            coalesce(&[name, none()]).alias(c::CATEGORY),
            coalesce(&[payer, none()]).alias(PAYER),
            lit(scheme.premium)
                .cast(DataType::Int64)
                .alias("premium_fen"),
            col(p::PAYABLE).alias("payable_fen"),
            col(p::GRANT).alias("grant_fen"),
            col(p::PAID).alias("paid_fen"),
            col(p::SUBSIDISED_PAID).alias("subsidised_fen"),
            (col(p::PAID) - col(p::PAYABLE)).alias("difference_fen"),
            verdict_code().alias("verdict"),
        ])
        .collect()
}

/// The code of a verdict in place of its position.
pub(super) fn verdict_code() -> Expr {
    let codes = Verdict::ALL.iter();
    rulebook::in_words(
        VERDICT,
        codes.map(|verdict| (verdict.index(), verdict.code())),
    )
}
