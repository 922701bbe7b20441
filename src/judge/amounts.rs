//! Single payments: their amount and their day.

use polars::prelude::*;

use super::is_employee;
use super::note::Note;
use crate::domain::{Code, Cover, columns as c, period::day_of_epoch};
use crate::people::entry::{self, Dossiers};
use crate::people::{Books, gather::day, p, to_one};
use crate::scheme::Scheme;

// Columns that live only in this file.
const EMPLOYEE: &str = "employee";
const IN_POOL: &str = "in_pool";
const SUBSIDISED_IN_POOL: &str = "subsidised_in_pool";

/// Findings of this family for one bucket.
pub(super) fn findings(people: &DataFrame, books: &Books, dossiers: &Dossiers, scheme: &Scheme) -> PolarsResult<Vec<DataFrame>> {
    let here = col(c::COVER).eq(lit(Cover::Resident.index())).and(col(c::HERE));
    let payments = books.payments.rows.clone().lazy().filter(here);
    Ok(vec![
        amount_wrong(people, payments.clone(), books)?,
        amount_unreadable(people, books)?,
        outside_window(people, payments, dossiers, scheme)?,
    ])
}

fn with_person(payments: LazyFrame, people: &DataFrame) -> LazyFrame {
    let of_person = [c::KEY, p::PERSON_REGION, p::GRANT, p::GRANT_PAYERS, p::PAYABLE].map(col);
    let columns = [of_person.as_slice(), &[is_employee().alias(EMPLOYEE)]].concat();
    payments.join(people.clone().lazy().select(columns), [col(c::KEY)], [col(c::KEY)], to_one())
}

/// An amount that the scheme knows for nobody in this person's position: without a grant everyone owes the premium, or
/// what their late entry costs. What a subsidy finding explains stays silent.
fn amount_wrong(people: &DataFrame, payments: LazyFrame, books: &Books) -> PolarsResult<DataFrame> {
    let personal = || col(c::NET_PERSONAL);
    let subsidised = || col(c::NET_SUBSIDISED);
    let entitled = || col(p::GRANT).gt(lit(0i64));
    let as_entitled = personal()
        .gt(col(p::PAYABLE))
        .or(personal().eq(col(p::PAYABLE)).and(subsidised().eq(lit(0i64)).or(subsidised().eq(col(p::GRANT)))));
    let as_everyone = subsidised().gt(lit(0i64)).or(personal().eq(col(p::PAYABLE)));
    let known = when(entitled())
        .then(as_entitled)
        .otherwise(as_everyone)
        // subsidy-while-employee says it.
        .or(col(EMPLOYEE).and(subsidised().gt(lit(0i64))))
        // An amount that cannot be read is a finding of its own.
        .or(col(c::UNREADABLE_AMOUNT).is_not_null());
    let doubtful = with_person(payments, people).filter(known.not()).collect()?;
    // What together comes to the due is right; only who is doubtful so far is added up.
    let resident = books.payments.rows.clone().lazy().filter(col(c::COVER).eq(lit(Cover::Resident.index())));
    let doubtful_keys = doubtful.clone().lazy().select([col(c::KEY)]);
    let resident = resident.join(doubtful_keys, [col(c::KEY)], [col(c::KEY)], JoinArgs::new(JoinType::Semi));
    let sums = [col(c::NET_PERSONAL).sum().alias(IN_POOL), col(c::NET_SUBSIDISED).sum().alias(SUBSIDISED_IN_POOL)];
    let in_pool = resident.group_by([col(c::KEY), col(c::POOL)]).agg(sums);
    let rows = doubtful.lazy().join(in_pool, [col(c::KEY), col(c::POOL)], [col(c::KEY), col(c::POOL)], to_one());
    let personal_fits = || personal().eq(col(p::PAYABLE)).or(col(IN_POOL).eq(col(p::PAYABLE)));
    let rows = rows.filter(personal_fits().and(subsidy_fits()).not());
    // Where the person paid what is due, it is the subsidy that is wrong.
    let due = || when(personal_fits()).then(col(p::GRANT)).otherwise(col(p::PAYABLE));
    let paid = || when(personal_fits()).then(subsidised()).otherwise(personal());
    Note::record(Code::AmountWrong).texts(due(), paid()).amount(paid() - due()).of(rows)
}

/// Whether the subsidised part is none, the grant, or one instalment of it. Without a grant subsidy-unentitled says what
/// is wrong with it; one of each payer of equal grants is what subsidy-overlap says.
fn subsidy_fits() -> Expr {
    let (subsidised, grant) = (|| col(c::NET_SUBSIDISED), || col(p::GRANT));
    let of_each_payer = subsidised().eq(grant() * col(p::GRANT_PAYERS).cast(DataType::Int64));
    let whole = subsidised().eq(grant()).or(col(SUBSIDISED_IN_POOL).eq(grant()));
    grant().eq(lit(0i64)).or(subsidised().eq(lit(0i64))).or(whole).or(of_each_payer)
}

fn amount_unreadable(people: &DataFrame, books: &Books) -> PolarsResult<DataFrame> {
    let rows = with_person(books.unreadable.clone().lazy().filter(col(c::COVER).eq(lit(Cover::Resident.index()))), people);
    Note::record(Code::AmountWrong).texts(col(p::PAYABLE), col(c::UNREADABLE_AMOUNT)).of(rows)
}

/// Paid after the window without a late entry or a student's month, or on a day that cannot be read.
fn outside_window(people: &DataFrame, payments: LazyFrame, dossiers: &Dossiers, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let unreadable = col(c::PAID_ON).is_null().and(col(c::UNREADABLE).is_not_null());
    let late = payments.filter(col(c::PAID_ON).gt(day(scheme.window.to)).or(unreadable)).collect()?;
    let allowed = allowed(&late, dossiers, scheme)? | in_students_time(&late, people, scheme)?;
    let rows = with_person(late.filter(&!&allowed)?.lazy(), people);
    Note::record(Code::OutsideWindow)
        .texts(day(scheme.window.to), coalesce(&[col(c::UNREADABLE), col(c::PAID_ON).cast(DataType::String)]))
        .amount(col(c::NET_PERSONAL))
        .of(rows)
}

/// Which of these payments a late entry of the notice covers.
fn allowed(late: &DataFrame, dossiers: &Dossiers, scheme: &Scheme) -> PolarsResult<BooleanChunked> {
    let keys = late.column(c::KEY)?.u64()?;
    let days = late.column(c::PAID_ON)?.date()?;
    let covered = |(key, paid): (Option<u64>, Option<i32>)| dossiers.entry(key?, day_of_epoch(paid?), scheme);
    Ok(keys.iter().zip(days.physical().iter()).map(|row| covered(row).is_some()).collect())
}

/// Which of these payments a student made soon enough after enrolment.
fn in_students_time(late: &DataFrame, people: &DataFrame, scheme: &Scheme) -> PolarsResult<BooleanChunked> {
    let Some(rule) = &scheme.entries.students else { return Ok(BooleanChunked::full("".into(), false, late.height())) };
    let students = people.clone().lazy().filter(col(p::STUDENT)).select([col(c::KEY), col(p::STUDENT), col(c::ENROLLED_ON)]);
    let mut join = to_one();
    join.maintain_order = MaintainOrderJoin::Left;
    let rows = late.clone().lazy().join(students, [col(c::KEY)], [col(c::KEY)], join).collect()?;
    let (listed, days) = (rows.column(p::STUDENT)?.bool()?, rows.column(c::PAID_ON)?.date()?.physical());
    let enrolled = rows.column(c::ENROLLED_ON)?.date()?.physical();
    let in_time = |at: usize| {
        let paid = days.get(at).filter(|_| listed.get(at) == Some(true));
        paid.is_some_and(|paid| entry::is_in_time(rule, enrolled.get(at).map(day_of_epoch), day_of_epoch(paid)))
    };
    Ok((0..rows.height()).map(in_time).map(Some).collect())
}
