//! Single payments: their amount and their day.

use chrono::NaiveDate;
use polars::prelude::*;

use super::note::Note;
use super::rulebook::{is_employee, is_entitled, r, resident_record};
use crate::domain::{Code, columns as c, period::day_of_epoch};
use crate::people::{People, entry, p, read::day, to_one};
use crate::scheme::Scheme;

// Columns that live only in this file.
const DOUBTFUL: &str = "doubtful";
const IN_POOL: &str = "in_pool";
const LATE: &str = "late";
const SUBSIDISED_IN_POOL: &str = "subsidised_in_pool";

/// What is read of every payment and of its payer, to choose the few that are looked at.
const PAYMENT: [&str; 7] = [
    p::WHO,
    c::COVER,
    c::HERE,
    c::NET_PERSONAL,
    c::NET_SUBSIDISED,
    c::PAID_ON,
    c::UNREADABLE,
];
const PAYER: [&str; 4] = [p::GRANT, p::PAYABLE, p::EMPLOYEE_HERE, p::EMPLOYEE_AWAY];

/// Findings of this family for one bucket.
pub(super) fn findings(people: &People, scheme: &Scheme) -> PolarsResult<Vec<DataFrame>> {
    let payments = &people.books.payments.rows;
    let columns = PAYMENT.into_iter().chain([c::UNREADABLE_AMOUNT]);
    let facts = people.beside(payments.select(columns)?, &PAYER)?.lazy();
    let ours = || resident_record().and(col(c::HERE));
    let chosen = facts
        .select([
            ours().and(doubtful()).alias(DOUBTFUL),
            ours().and(late(scheme)).alias(LATE),
        ])
        .collect()?;
    let those = |choice: &str, names: &[&str]| {
        let rows = payments.filter(chosen.column(choice)?.bool()?)?;
        people.beside(rows, names)
    };
    let of_doubtful = [r::PERSON_REGION, p::GRANT, p::GRANT_PAYERS, p::PAYABLE];
    let of_late = [r::PERSON_REGION, p::STUDENT, p::ENROLLED_ON];
    Ok(vec![
        amount_wrong(people, those(DOUBTFUL, &of_doubtful)?)?,
        amount_unreadable(people)?,
        outside_window(people, those(LATE, &of_late)?, scheme)?,
    ])
}

/// An amount that the scheme does not know for the payer. An amount that cannot be read is a finding of its own.
fn doubtful() -> Expr {
    is_known().not().and(col(c::UNREADABLE_AMOUNT).is_null())
}

/// Whether the scheme knows an amount for the payer: without a grant everyone owes the premium, or what their late entry
/// costs. What a subsidy finding explains stays silent.
fn is_known() -> Expr {
    let (personal, subsidised) = (|| col(c::NET_PERSONAL), || col(c::NET_SUBSIDISED));
    let subsidised_at_all = || subsidised().gt(lit(0i64));
    let whole = subsidised()
        .eq(lit(0i64))
        .or(subsidised().eq(col(p::GRANT)));
    let as_due = || personal().eq(col(p::PAYABLE));
    let as_entitled = personal().gt(col(p::PAYABLE)).or(as_due().and(whole));
    let as_everyone = subsidised_at_all().or(as_due());
    let known = when(is_entitled()).then(as_entitled).otherwise(as_everyone);
    // subsidy-while-employee says it.
    known.or(is_employee().and(subsidised_at_all()))
}

/// After the window, or on a day that cannot be read.
fn late(scheme: &Scheme) -> Expr {
    when(col(c::PAID_ON).is_null())
        .then(col(c::UNREADABLE).is_not_null())
        .otherwise(col(c::PAID_ON).gt(day(scheme.window.to)))
}

/// An amount that the scheme knows for nobody in this person's position.
fn amount_wrong(people: &People, doubtful: DataFrame) -> PolarsResult<DataFrame> {
    let personal = || col(c::NET_PERSONAL);
    let subsidised = || col(c::NET_SUBSIDISED);
    // What together comes to the due is right; only who is doubtful so far is added up.
    let mut persons: Vec<u32> = doubtful
        .column(p::WHO)?
        .u32()?
        .into_no_null_iter()
        .collect();
    persons.sort_unstable();
    persons.dedup();
    let doubtful = people.places.beside_pools(doubtful)?;
    let resident = people.books.payments.of_persons(persons)?;
    let resident = people.places.beside_pools(resident)?.lazy();
    let resident = resident.filter(resident_record());
    let sums = [
        col(c::NET_PERSONAL).sum().alias(IN_POOL),
        col(c::NET_SUBSIDISED).sum().alias(SUBSIDISED_IN_POOL),
    ];
    let pool = || [col(c::KEY), col(p::POOL_AT)];
    let together = resident.group_by(pool()).agg(sums);
    let rows = doubtful.lazy().join(together, pool(), pool(), to_one());
    let personal_fits = || {
        personal()
            .eq(col(p::PAYABLE))
            .or(col(IN_POOL).eq(col(p::PAYABLE)))
    };
    let rows = rows.filter(personal_fits().and(subsidy_fits()).not());
    // Where the person paid what is due, it is the subsidy that is wrong.
    let due = || {
        when(personal_fits())
            .then(col(p::GRANT))
            .otherwise(col(p::PAYABLE))
    };
    let paid = || {
        when(personal_fits())
            .then(subsidised())
            .otherwise(personal())
    };
    Note::record(Code::AmountWrong)
        .texts(due(), paid())
        .amount(paid() - due())
        .of(spelled(people, rows.collect()?)?)
}

fn spelled(people: &People, rows: DataFrame) -> PolarsResult<LazyFrame> {
    Ok(people.places.spelled(rows, &[r::PERSON_REGION])?.lazy())
}

/// Whether the subsidised part is none, the grant, or one instalment of it. Without a grant subsidy-unentitled says what
/// is wrong with it; one of each payer of equal grants is what subsidy-overlap says.
fn subsidy_fits() -> Expr {
    let (subsidised, grant) = (|| col(c::NET_SUBSIDISED), || col(p::GRANT));
    let of_each_payer = subsidised().eq(grant() * col(p::GRANT_PAYERS).cast(DataType::Int64));
    let whole = subsidised()
        .eq(grant())
        .or(col(SUBSIDISED_IN_POOL).eq(grant()));
    grant()
        .eq(lit(0i64))
        .or(subsidised().eq(lit(0i64)))
        .or(whole)
        .or(of_each_payer)
}

/// An amount of a resident payment here that cannot be read.
fn amount_unreadable(people: &People) -> PolarsResult<DataFrame> {
    let rows = people.books.unreadable.clone().lazy();
    let rows = rows.filter(resident_record()).collect()?;
    let rows = people.beside_by_key(rows, &[r::PERSON_REGION, p::PAYABLE])?;
    Note::record(Code::AmountWrong)
        .texts(col(p::PAYABLE), col(c::UNREADABLE_AMOUNT))
        .of(spelled(people, rows)?)
}

/// Paid after the window without a late entry or a student's month, or on a day that cannot be read.
fn outside_window(people: &People, late: DataFrame, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let keys = late.column(c::KEY)?.u64()?.into_no_null_iter();
    let days = |name: &str| PolarsResult::Ok(late.column(name)?.date()?.physical());
    let (paid_on, enrolled_on) = (days(c::PAID_ON)?, days(p::ENROLLED_ON)?);
    let student = late.column(p::STUDENT)?.bool()?;
    let outside = keys.enumerate().map(|(at, key)| {
        let Some(paid) = paid_on.get(at).map(day_of_epoch) else {
            return true;
        };
        let school = student.get(at) == Some(true);
        let enrolled = enrolled_on.get(at).map(day_of_epoch);
        people.dossiers.entry(key, paid, scheme).is_none()
            && !(school && is_in_students_time(enrolled, paid, scheme))
    });
    let outside: BooleanChunked = outside.collect();
    let stated = [col(c::UNREADABLE), col(c::PAID_ON).cast(DataType::String)];
    Note::record(Code::OutsideWindow)
        .texts(day(scheme.window.to), coalesce(&stated))
        .amount(col(c::NET_PERSONAL))
        .of(spelled(people, late.filter(&outside)?)?)
}

/// Whether a student paid soon enough after enrolment.
fn is_in_students_time(enrolled: Option<NaiveDate>, paid: NaiveDate, scheme: &Scheme) -> bool {
    let rule = scheme.entries.students.as_ref();
    rule.is_some_and(|rule| entry::is_in_time(rule, enrolled, paid))
}
