//! One row a key from each book. These are the named places where a book becomes one row a person.

use chrono::NaiveDate;
use polars::prelude::*;

use super::gather::day;
use super::{Books, p, scratch as s, to_one};
use crate::domain::{Cover, columns as c};
use crate::scheme::Scheme;

/// Rows in order of preference by value; the file's place decides only between equals.
pub fn in_order(frame: LazyFrame, by: &[&str]) -> LazyFrame {
    let by: Vec<PlSmallStr> = by.iter().copied().chain([c::ORIGIN, c::ROW]).map(PlSmallStr::from).collect();
    frame.sort(by, SortMultipleOptions::default().with_nulls_last(true).with_maintain_order(false))
}

fn first_of_each(frame: LazyFrame, by: &[&str]) -> LazyFrame {
    let sorted = in_order(frame, &[&[c::KEY], by].concat());
    sorted.unique_stable(Some(cols([c::KEY])), UniqueKeepStrategy::First)
}

fn is_cover(cover: Cover) -> Expr {
    col(c::COVER).eq(lit(cover.index()))
}

fn count_where(condition: Expr, name: &str) -> Expr {
    condition.cast(DataType::UInt32).sum().alias(name)
}

/// Register: a key on two rows stands once, in the region of its counted registration if that is one of them,
/// else the lowest code.
pub(super) fn register(books: &Books, registrations: &DataFrame, root: &str) -> PolarsResult<DataFrame> {
    let counted = registrations.clone().lazy().select([col(c::KEY), col(p::COUNTED_REGION)]);
    let rows = books.register.clone().lazy().join(counted, [col(c::KEY)], [col(c::KEY)], to_one()).with_column(
        // A row that names no region is never preferred, not even when the registration names none either.
        col(c::REGION).is_null().or(col(c::REGION).neq_missing(col(p::COUNTED_REGION))).alias("other_than_counted"),
    );
    let dates = rows
        .clone()
        .group_by([col(c::KEY)])
        .agg([col(c::DEATH).min().alias(s::REGISTER_DEATH), col(c::MOVED_OUT).min().alias(s::REGISTER_MOVED)]);
    let face = first_of_each(rows, &["other_than_counted", c::REGION, c::NAME]).select([
        col(c::KEY),
        col(c::ID),
        col(c::NAME),
        // A row that names no region lies in the scheme's region as a whole; it comes after every named one.
        coalesce(&[col(c::REGION), lit(root)]).alias(p::REGISTER_REGION),
        lit(true).alias(p::ON_REGISTER),
        col(c::ORIGIN).alias(p::FACE_ORIGIN),
        col(c::ROW).alias(p::FACE_ROW),
    ]);
    face.join(dates, [col(c::KEY)], [col(c::KEY)], to_one()).collect()
}

/// Normal registrations: how many, where, and which one counts.
pub(super) fn registrations(books: &Books) -> PolarsResult<DataFrame> {
    let rows = books.registrations.clone().lazy();
    let resident = || is_cover(Cover::Resident);
    let counts = rows.clone().group_by([col(c::KEY)]).agg([
        count_where(resident().and(col(c::HERE)), p::RESIDENT_HERE),
        count_where(resident().and(col(c::HERE).not()), p::RESIDENT_AWAY),
        count_where(is_cover(Cover::Employee).and(col(c::HERE)), p::EMPLOYEE_HERE),
        count_where(is_cover(Cover::Employee).and(col(c::HERE).not()), p::EMPLOYEE_AWAY),
        col(c::BEGUN).filter(is_cover(Cover::Employee)).min().alias(p::EMPLOYEE_BEGUN),
        col(c::POOL).filter(is_cover(Cover::Employee)).min().alias(p::EMPLOYEE_POOL),
        col(c::SUBSIDISED).sum().alias(p::REGISTRATION_SUBSIDY),
        col(c::POOL).filter(resident()).n_unique().cast(DataType::UInt32).alias(p::RESIDENT_POOLS),
        col(c::POOL).filter(resident()).min().alias(p::RESIDENT_POOL),
    ]);
    let counted = first_of_each(rows.clone().filter(col(c::HERE)), &[c::COVER, c::REGION, c::NUMBER, c::NAME]).select([
        col(c::KEY),
        col(c::REGION).alias(p::COUNTED_REGION),
        col(c::COVER).alias(p::COUNTED_COVER),
        col(c::ORIGIN).alias(p::COUNTED_ORIGIN),
        col(c::ROW).alias(p::COUNTED_ROW),
    ]);
    let face = first_of_each(rows, &[c::NAME]).select([
        col(c::KEY),
        col(c::ID).alias(s::REGISTRATION_ID),
        col(c::NAME).alias(s::REGISTRATION_NAME),
        col(c::ORIGIN).alias(s::REGISTRATION_ORIGIN),
        col(c::ROW).alias(s::REGISTRATION_ROW),
    ]);
    let joined = counts.join(counted, [col(c::KEY)], [col(c::KEY)], to_one());
    joined.join(face, [col(c::KEY)], [col(c::KEY)], to_one()).collect()
}

/// (key, pool) of normal resident registrations, each once.
pub fn resident_pools(books: &Books) -> PolarsResult<DataFrame> {
    let rows = books.registrations.clone().lazy().filter(is_cover(Cover::Resident));
    rows.select([col(c::KEY), col(c::POOL).alias(p::POOL_OF_REGISTRATION)]).unique(None, UniqueKeepStrategy::Any).collect()
}

/// Effective payments: how many, how much, when.
pub(super) fn payments(books: &Books) -> PolarsResult<DataFrame> {
    let all = books.payments.clone().lazy();
    let resident = || is_cover(Cover::Resident);
    let counts = all.clone().group_by([col(c::KEY)]).agg([
        count_where(resident(), p::PAYMENTS),
        count_where(resident().and(col(c::HERE)), p::PAYMENTS_HERE),
        col(c::POOL).filter(resident()).n_unique().cast(DataType::UInt32).alias(p::PAYMENT_POOLS),
        col(c::NET_PERSONAL).filter(resident()).sum().alias(p::PAID),
        col(c::NET_SUBSIDISED).filter(resident()).sum().alias(p::SUBSIDISED_PAID),
        col(c::NET_PERSONAL).filter(resident().and(col(c::HERE))).max().alias(p::LARGEST_HERE),
        count_where(resident().and(col(c::HERE)).and(col(c::NET_SUBSIDISED).gt(lit(0i64))), p::SUBSIDISED_HERE),
        col(c::PAID_ON).filter(resident()).min().alias(p::FIRST_PAID_ON),
        col(c::PAID_ON).filter(resident()).max().alias(p::LAST_PAID_ON),
        col(c::PAID_ON).filter(col(c::HERE)).max().alias(p::LAST_PAID_HERE),
    ]);
    // Resident payments first: the pool of the first one may be the relation that stays.
    let resident_first = all.with_column(resident().not().alias("not_resident"));
    let face = first_of_each(resident_first, &["not_resident", c::PAID_ON, c::VOUCHER, c::POOL, c::NAME]);
    let face = face.select([
        col(c::KEY),
        col(c::ID).alias(s::PAYMENT_ID),
        col(c::NAME).alias(s::PAYMENT_NAME),
        col(c::REGION).alias(s::PAYMENT_REGION),
        col(c::POOL).alias(p::FIRST_POOL),
        col(c::ORIGIN).alias(p::PAYMENT_ORIGIN),
        col(c::ROW).alias(p::PAYMENT_ROW),
    ]);
    counts.join(face, [col(c::KEY)], [col(c::KEY)], to_one()).collect()
}

/// In force on a day: identified ≤ day < ended, approved (else identified) not after the cut-off. A blank date
/// says "always so far" (identified) or "still" (ended).
pub fn in_force_on(on: Expr, scheme: &Scheme) -> Expr {
    let identified = col(c::IDENTIFIED).is_null().or(col(c::IDENTIFIED).lt_eq(on.clone()));
    let not_ended = col(c::ENDED).is_null().or(col(c::ENDED).gt(on));
    let known = col(c::CATEGORY).is_not_null();
    match scheme.roster.cut_off {
        None => identified.and(not_ended).and(known),
        Some(cut_off) => identified.and(not_ended).and(known).and(approved_after(cut_off).not()),
    }
}

/// Approved, or where no approval is stated identified, after the cut-off.
pub fn approved_after(cut_off: NaiveDate) -> Expr {
    let approval = coalesce(&[col(c::APPROVED), col(c::IDENTIFIED)]);
    approval.clone().is_not_null().and(approval.gt(day(cut_off)))
}

/// Rosters: on one at all, in force now, and the best grant in force on a deciding day (DESIGN §6).
pub(super) fn rosters(books: &Books, payments: &DataFrame, scheme: &Scheme, as_of: NaiveDate) -> PolarsResult<DataFrame> {
    let grants: Vec<i64> = scheme.categories.iter().map(|category| category.grant).collect();
    let payers: Vec<String> = scheme.categories.iter().map(|category| category.payer.clone()).collect();
    let table = df!(
        s::CATEGORY_AT => (0..grants.len()).map(|at| u16::try_from(at).unwrap_or(u16::MAX)).collect::<Vec<_>>(), // a scheme has a few dozen categories
        p::GRANT => grants,
        s::PAYER => payers,
    )?;
    let no_payment = as_of.min(scheme.window.to);
    let first_paid = payments.clone().lazy().select([col(c::KEY), col(p::FIRST_PAID_ON), col(p::PAYMENTS)]);
    let rows = books
        .rosters
        .clone()
        .lazy()
        .join(first_paid, [col(c::KEY)], [col(c::KEY)], to_one())
        .join(table.lazy(), [col(c::CATEGORY)], [col(s::CATEGORY_AT)], to_one())
        .with_column(
            // Without a payment (or without a readable day) the day is the last on which one could still pay.
            coalesce(&[col(p::FIRST_PAID_ON), day(no_payment)]).alias(s::PAYMENT_DAY),
        );
    let mut decides = lit(false);
    if scheme.roster.payment_day {
        decides = decides.or(in_force_on(col(s::PAYMENT_DAY), scheme));
    }
    if let (true, Some(cut_off)) = (scheme.roster.cut_off_day, scheme.roster.cut_off) {
        decides = decides.or(in_force_on(day(cut_off), scheme));
    }
    let rows = rows.with_columns([in_force_on(day(as_of), scheme).alias(s::NOW), decides.alias(s::DECIDING)]).collect()?.lazy();
    let all = rows.clone().group_by([col(c::KEY)]).agg([
        lit(true).first().alias(p::ON_ROSTER),
        col(s::NOW).any(true).alias(p::ROSTER_NOW),
        col(c::SUBSIDISED).sum().alias(p::ROSTER_SUBSIDY),
    ]);
    let best_first = |rows: LazyFrame| {
        let rows = rows.with_column((lit(0i64) - col(p::GRANT)).alias("grant_down"));
        first_of_each(rows, &["grant_down", c::CATEGORY])
    };
    let now = best_first(rows.clone().filter(col(s::NOW))).select([col(c::KEY), col(c::CATEGORY).alias(p::CATEGORY_NOW)]);
    let granted = rows.clone().filter(col(s::DECIDING).and(col(p::GRANT).gt(lit(0i64))));
    let best = best_first(granted.clone()).select([col(c::KEY), col(p::GRANT), col(c::CATEGORY).alias(p::GRANT_CATEGORY)]);
    let equal = granted
        .join(
            best.clone().select([col(c::KEY), col(p::GRANT).alias(s::BEST_GRANT)]),
            [col(c::KEY)],
            [col(c::KEY)],
            JoinArgs::new(JoinType::Inner),
        )
        .filter(col(p::GRANT).eq(col(s::BEST_GRANT)))
        .group_by([col(c::KEY)])
        .agg([col(s::PAYER).n_unique().cast(DataType::UInt32).alias(p::GRANT_PAYERS)]);
    let face = first_of_each(rows, &[c::CATEGORY, c::REGION, c::NAME]).select([
        col(c::KEY),
        col(c::ID).alias(s::ROSTER_ID),
        col(c::NAME).alias(s::ROSTER_NAME),
        col(c::REGION).alias(s::ROSTER_REGION),
        col(c::ORIGIN).alias(p::ROSTER_ORIGIN),
        col(c::ROW).alias(p::ROSTER_ROW),
    ]);
    let mut joined = all;
    for part in [now, best, equal, face] {
        joined = joined.join(part, [col(c::KEY)], [col(c::KEY)], to_one());
    }
    joined.collect()
}

/// Deaths: listed at all, and the earliest stated day.
pub(super) fn deaths(books: &Books) -> PolarsResult<DataFrame> {
    let rows = books.deaths.clone().lazy().group_by([col(c::KEY)]);
    rows.agg([lit(true).first().alias(s::LISTED_DEAD), col(c::DEATH).min().alias(s::LISTED_DEATH)]).collect()
}

/// Departures: listed at all, and the earliest stated day.
pub(super) fn departures(books: &Books) -> PolarsResult<DataFrame> {
    let rows = books.departures.clone().lazy().group_by([col(c::KEY)]);
    rows.agg([lit(true).first().alias(s::LISTED_DEPARTED), col(c::MOVED_OUT).min().alias(s::LISTED_MOVED)]).collect()
}

/// Students, and the pool of their school.
pub(super) fn students(books: &Books) -> PolarsResult<DataFrame> {
    let rows = books.students.clone().lazy().group_by([col(c::KEY)]);
    rows.agg([lit(true).first().alias(p::STUDENT), col(c::POOL).min().alias(p::SCHOOL_POOL)]).collect()
}
