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

/// Rows of persons with one row in a book, and rows of those with several: only the few latter need sorting and grouping.
pub fn apart(rows: &DataFrame) -> PolarsResult<(DataFrame, DataFrame)> {
    let keys = rows.column(c::KEY)?.u64()?;
    let mut sorted: Vec<u64> = keys.into_no_null_iter().collect();
    sorted.sort_unstable();
    let several: PlHashSet<u64> = sorted.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    if several.is_empty() {
        return Ok((rows.clone(), rows.clear()));
    }
    let is_one_of_several: BooleanChunked = keys.into_no_null_iter().map(|key| several.contains(&key)).collect();
    Ok((rows.filter(&!&is_one_of_several)?, rows.filter(&is_one_of_several)?))
}

/// A figure that a person's rows come to, from those a condition holds for.
struct Measure {
    name: &'static str,
    of: Expr,
    fold: Fold,
}

enum Fold {
    Count,
    Different(&'static str),
    Sum(&'static str),
    Least(&'static str),
    Greatest(&'static str),
}

impl Measure {
    /// From the only row of a person.
    fn of_one(self) -> Expr {
        let figure = match self.fold {
            Fold::Count | Fold::Different(_) => self.of.cast(DataType::UInt32),
            Fold::Sum(name) => when(self.of).then(col(name).fill_null(lit(0i64))).otherwise(lit(0i64)),
            Fold::Least(name) | Fold::Greatest(name) => when(self.of).then(col(name)).otherwise(lit(NULL)),
        };
        figure.alias(self.name)
    }

    /// From a group of rows.
    fn of_several(self) -> Expr {
        let figure = match self.fold {
            Fold::Count => self.of.cast(DataType::UInt32).sum(),
            Fold::Different(name) => col(name).filter(self.of).n_unique().cast(DataType::UInt32),
            Fold::Sum(name) => col(name).filter(self.of).sum(),
            Fold::Least(name) => col(name).filter(self.of).min(),
            Fold::Greatest(name) => col(name).filter(self.of).max(),
        };
        figure.alias(self.name)
    }
}

fn is_cover(cover: Cover) -> Expr {
    col(c::COVER).eq(lit(cover.index()))
}

/// Register: a key on two rows stands once, in the region of its resident registration if that is one of them,
/// else the lowest code.
pub(super) fn register(books: &Books, root: &str) -> PolarsResult<DataFrame> {
    let face = || {
        [
            col(c::KEY),
            col(c::ID),
            col(c::NAME),
            // A row that names no region lies in the scheme's region as a whole.
            coalesce(&[col(c::REGION), lit(root)]).alias(p::REGISTER_REGION),
            lit(true).alias(p::ON_REGISTER),
            col(c::ORIGIN).alias(p::FACE_ORIGIN),
            col(c::ROW).alias(p::FACE_ROW),
        ]
    };
    let (alone, several) = apart(&books.register)?;
    let dates = [col(c::DEATH).alias(s::REGISTER_DEATH), col(c::MOVED_OUT).alias(s::REGISTER_MOVED)];
    let mut persons = alone.lazy().select([face().as_slice(), &dates].concat()).collect()?;

    let registered = books
        .registrations
        .clone()
        .lazy()
        .filter(is_cover(Cover::Resident).and(col(c::HERE)).and(col(c::REGION).is_not_null()))
        .select([col(c::KEY), col(c::REGION), lit(false).alias(s::NOT_REGISTERED_THERE)])
        .unique(None, UniqueKeepStrategy::Any);
    let rows = several
        .lazy()
        .join(registered, [col(c::KEY), col(c::REGION)], [col(c::KEY), col(c::REGION)], to_one())
        .with_column(col(s::NOT_REGISTERED_THERE).is_null().alias(s::NOT_REGISTERED_THERE));
    let dates = rows
        .clone()
        .group_by([col(c::KEY)])
        .agg([col(c::DEATH).min().alias(s::REGISTER_DEATH), col(c::MOVED_OUT).min().alias(s::REGISTER_MOVED)]);
    let face = first_of_each(rows, &[s::NOT_REGISTERED_THERE, c::REGION, c::NAME]).select(face());
    persons.vstack_mut_owned(face.join(dates, [col(c::KEY)], [col(c::KEY)], to_one()).collect()?)?;
    Ok(persons)
}

/// Normal registrations: how many, where, and which one counts: employee before resident, then the lowest code of the
/// region where the row counts, which is the register's where the row names none.
pub(super) fn registrations(books: &Books, register: &DataFrame, root: &str) -> PolarsResult<DataFrame> {
    let (resident, employee) = (|| is_cover(Cover::Resident), || is_cover(Cover::Employee));
    let measure = |name, of, fold| Measure { name, of, fold };
    let measures = || {
        [
            measure(p::RESIDENT_HERE, resident().and(col(c::HERE)), Fold::Count),
            measure(p::RESIDENT_AWAY, resident().and(col(c::HERE).not()), Fold::Count),
            measure(p::EMPLOYEE_HERE, employee().and(col(c::HERE)), Fold::Count),
            measure(p::EMPLOYEE_AWAY, employee().and(col(c::HERE).not()), Fold::Count),
            measure(p::EMPLOYEE_BEGUN, employee(), Fold::Least(c::BEGUN)),
            measure(p::EMPLOYEE_POOL, employee(), Fold::Least(c::POOL)),
            measure(p::REGISTRATION_SUBSIDY, lit(true), Fold::Sum(c::SUBSIDISED)),
            measure(p::RESIDENT_POOLS, resident(), Fold::Different(c::POOL)),
            measure(p::RESIDENT_POOL, resident(), Fold::Least(c::POOL)),
        ]
    };
    let counted =
        [(c::REGION, p::COUNTED_REGION), (c::COVER, p::COUNTED_COVER), (c::ORIGIN, p::COUNTED_ORIGIN), (c::ROW, p::COUNTED_ROW)];
    let face = [
        col(c::ID).alias(s::REGISTRATION_ID),
        col(c::NAME).alias(s::REGISTRATION_NAME),
        col(c::ORIGIN).alias(s::REGISTRATION_ORIGIN),
        col(c::ROW).alias(s::REGISTRATION_ROW),
    ];
    let (alone, several) = apart(&books.registrations)?;
    let mut columns = vec![col(c::KEY)];
    columns.extend(measures().map(Measure::of_one));
    columns.extend(counted.map(|(name, alias)| when(col(c::HERE)).then(col(name)).otherwise(lit(NULL)).alias(alias)));
    columns.extend(face.iter().cloned());
    let mut persons = alone.lazy().select(columns).collect()?;

    // A register row that names no region has no code to be lowest by.
    let register = register.clone().lazy().filter(col(p::REGISTER_REGION).neq(lit(root)));
    let register = register.select([col(c::KEY), col(p::REGISTER_REGION)]);
    let rows = several.lazy().join(register, [col(c::KEY)], [col(c::KEY)], to_one());
    let rows = rows.with_column(coalesce(&[col(c::REGION), col(p::REGISTER_REGION)]).alias(s::COUNTS_IN));
    let counts = rows.clone().group_by([col(c::KEY)]).agg(measures().map(Measure::of_several));
    let first = first_of_each(rows.clone().filter(col(c::HERE)), &[c::COVER, s::COUNTS_IN, c::NUMBER, c::NAME]);
    let counted = first.select([vec![col(c::KEY)], counted.map(|(name, alias)| col(name).alias(alias)).to_vec()].concat());
    let face = first_of_each(rows, &[c::NAME]).select([&[col(c::KEY)], face.as_slice()].concat());
    let joined = counts.join(counted, [col(c::KEY)], [col(c::KEY)], to_one());
    persons.vstack_mut_owned(joined.join(face, [col(c::KEY)], [col(c::KEY)], to_one()).collect()?)?;
    Ok(persons)
}

/// (key, pool) of these persons' normal resident registrations, each once.
pub fn resident_pools(books: &Books, persons: LazyFrame) -> PolarsResult<DataFrame> {
    let rows = books.registrations.clone().lazy().filter(is_cover(Cover::Resident));
    let rows = rows.join(persons, [col(c::KEY)], [col(c::KEY)], JoinArgs::new(JoinType::Semi));
    rows.select([col(c::KEY), col(c::POOL).alias(p::POOL_OF_REGISTRATION)]).unique(None, UniqueKeepStrategy::Any).collect()
}

/// Effective payments: how many, how much, when.
pub(super) fn payments(books: &Books) -> PolarsResult<DataFrame> {
    let resident = || is_cover(Cover::Resident);
    let measure = |name, of, fold| Measure { name, of, fold };
    let subsidised_here = || resident().and(col(c::HERE)).and(col(c::NET_SUBSIDISED).gt(lit(0i64)));
    let measures = || {
        [
            measure(p::PAYMENTS, resident(), Fold::Count),
            measure(p::PAYMENTS_HERE, resident().and(col(c::HERE)), Fold::Count),
            measure(p::PAYMENT_POOLS, resident(), Fold::Different(c::POOL)),
            measure(p::PAID, resident(), Fold::Sum(c::NET_PERSONAL)),
            measure(p::SUBSIDISED_PAID, resident(), Fold::Sum(c::NET_SUBSIDISED)),
            measure(p::PAID_HERE, resident().and(col(c::HERE)), Fold::Sum(c::NET_PERSONAL)),
            measure(p::SUBSIDISED_HERE, subsidised_here(), Fold::Count),
            measure(p::FIRST_PAID_ON, resident(), Fold::Least(c::PAID_ON)),
            measure(p::FIRST_PAID_HERE, resident().and(col(c::HERE)), Fold::Least(c::PAID_ON)),
            measure(p::LAST_PAID_ON, resident(), Fold::Greatest(c::PAID_ON)),
            measure(p::LAST_PAID_HERE, col(c::HERE), Fold::Greatest(c::PAID_ON)),
        ]
    };
    let face = [
        col(c::ID).alias(s::PAYMENT_ID),
        col(c::NAME).alias(s::PAYMENT_NAME),
        col(c::REGION).alias(s::PAYMENT_REGION),
        col(c::POOL).alias(p::FIRST_POOL),
        col(c::ORIGIN).alias(p::PAYMENT_ORIGIN),
        col(c::ROW).alias(p::PAYMENT_ROW),
    ];
    let (alone, several) = apart(&books.payments)?;
    let mut columns = vec![col(c::KEY)];
    columns.extend(measures().map(Measure::of_one));
    columns.extend(face.iter().cloned());
    let mut persons = alone.lazy().select(columns).collect()?;

    let rows = several.lazy();
    let counts = rows.clone().group_by([col(c::KEY)]).agg(measures().map(Measure::of_several));
    // Resident payments first: the pool of the first one may be the relation that stays.
    // One on no stated day may have been the first; refunds take vouchers in the same order.
    let resident_first =
        rows.with_columns([resident().not().alias(s::NOT_RESIDENT), col(c::PAID_ON).is_not_null().alias(s::DATED)]);
    let first = first_of_each(resident_first, &[s::NOT_RESIDENT, s::DATED, c::PAID_ON, c::VOUCHER, c::POOL, c::NAME]);
    let face = first.select([&[col(c::KEY)], face.as_slice()].concat());
    persons.vstack_mut_owned(counts.join(face, [col(c::KEY)], [col(c::KEY)], to_one()).collect()?)?;
    Ok(persons)
}

/// In force on a day: identified ≤ day < ended, approved (else identified) not after the cut-off. A blank date
/// says "always so far" (identified) or "still" (ended).
pub fn in_force_on(on: Expr, scheme: &Scheme) -> Expr {
    match scheme.roster.cut_off {
        None => on_roster_on(on),
        Some(cut_off) => on_roster_on(on).and(approved_after(cut_off).not()),
    }
}

/// The same, whenever it was approved.
pub fn on_roster_on(on: Expr) -> Expr {
    let identified = col(c::IDENTIFIED).is_null().or(col(c::IDENTIFIED).lt_eq(on.clone()));
    let not_ended = col(c::ENDED).is_null().or(col(c::ENDED).gt(on));
    identified.and(not_ended).and(col(c::CATEGORY).is_not_null())
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
        col(c::REGION).min().alias(s::ROSTER_REGION),
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

/// Students, the pool of their school, and the latest stated days on which school begins and ends.
pub(super) fn students(books: &Books) -> PolarsResult<DataFrame> {
    let rows = books.students.clone().lazy().group_by([col(c::KEY)]);
    rows.agg([
        lit(true).first().alias(p::STUDENT),
        col(c::POOL).min().alias(p::SCHOOL_POOL),
        col(c::ENROLLED_ON).max(),
        col(c::GRADUATES_ON).max(),
    ])
    .collect()
}
