//! The rows of each book that take part, for one bucket.

use chrono::NaiveDate;
use polars::prelude::*;

use super::bucket_of;
use super::gather::day;
use crate::domain::{Cover, Fate, SourceKind, Status, columns as c};
use crate::refine::Rows;

/// Rows of fate `used` with a usable number, book by book. A book that was not sent is an empty frame.
pub struct Books {
    /// Register rows.
    pub register: DataFrame,
    /// Normal registrations, here and as reported by other places.
    pub registrations: DataFrame,
    /// Effective payments (personal + subsidised > 0 after reversals), here and as reported by other places.
    pub payments: DataFrame,
    /// Payments here whose amount could not be read.
    pub unreadable: DataFrame,
    /// Roster rows.
    pub rosters: DataFrame,
    /// Deaths.
    pub deaths: DataFrame,
    /// Departures.
    pub departures: DataFrame,
    /// Students.
    pub students: DataFrame,
    /// Household memberships.
    pub households: DataFrame,
    /// Last year's registrations.
    pub previous: DataFrame,
    /// Employee registrations that ended, whatever their status: KEY, BEGUN, ENDED.
    pub stopped: DataFrame,
    /// Declared cases of late entries: KEY, LATE_CASE, EVENT_ON.
    pub declared: DataFrame,
    /// Broken years: KEY, BROKEN_YEARS, REPAID_YEARS.
    pub broken: DataFrame,
    /// Money of residents here for the year before: KEY, PERSONAL, SUBSIDISED.
    pub last_year: DataFrame,
    /// (key, name, origin, row) of all used rows of the five books whose names are compared.
    pub names: Vec<(SourceKind, DataFrame)>,
    /// Rows of fate `id-unusable` of every book, with every column.
    pub unusable: Vec<(SourceKind, DataFrame)>,
}

const PERSON: [&str; 6] = [c::KEY, c::ORIGIN, c::ROW, c::ID, c::NAME, c::REGION];
const REGISTRATION: [&str; 6] = [c::HERE, c::POOL, c::COVER, c::NUMBER, c::BEGUN, c::SUBSIDISED];
const PAYMENT: [&str; 10] = [
    c::HERE,
    c::POOL,
    c::COVER,
    c::NET_PERSONAL,
    c::NET_SUBSIDISED,
    c::PERSONAL,
    c::PAID_ON,
    c::UNREADABLE,
    c::UNREADABLE_AMOUNT,
    c::VOUCHER,
];

/// What a roster says of a person beside number, name and region.
const ROSTER: [&str; 6] = [c::CATEGORY, c::UNKNOWN_WORD, c::IDENTIFIED, c::APPROVED, c::ENDED, c::SUBSIDISED];

/// What the list of a collective account says of a member.
const ACCOUNT: [&str; 8] = [c::HOUSEHOLD, c::GROUP, c::HEAD, c::RELATION, c::STATED, c::ACCOUNT_NAME, c::BANK, c::ACCOUNT];

/// Columns of used rows that a book takes.
fn is_taken(kind: SourceKind, name: &str) -> bool {
    let more = [c::STATUS, c::IS_REGISTRATION, c::IS_PAYMENT, c::DEATH, c::MOVED_OUT, c::DISPOSITION];
    let school = [c::ENROLLED_ON, c::GRADUATES_ON];
    let of_all = [PERSON.as_slice(), &REGISTRATION, &PAYMENT, &more, &school, &ROSTER].iter().any(|names| names.contains(&name));
    of_all || kind == SourceKind::Households && ACCOUNT.contains(&name)
}

impl Books {
    pub(super) fn open(rows: &Rows, bucket: u64, of: u64, as_of: NaiveDate) -> PolarsResult<Books> {
        let mut used = Vec::new();
        let mut unusable = Vec::new();
        let mut rare = Rare::default();
        for (kind, frame) in &rows.frames {
            if !kind.has_persons() {
                continue;
            }
            let frame = in_bucket(frame, bucket, of)?;
            rare.take(*kind, &frame, as_of)?;
            let fate = |fate: Fate| col(c::FATE).eq(lit(fate.index()));
            unusable.push((*kind, frame.clone().lazy().filter(fate(Fate::IdUnusable)).collect()?));
            let taken: Vec<Expr> =
                frame.schema().iter_names().filter(|name| is_taken(*kind, name)).map(|name| col(name.clone())).collect();
            used.push((*kind, frame.lazy().filter(fate(Fate::Used)).select(taken).collect()?));
        }
        let of_kind = |kind: SourceKind| used.iter().find(|(k, _)| *k == kind).map(|(_, frame)| frame);
        let plain = |kind: SourceKind, more: &[&str]| select(of_kind(kind), &PERSON, more);

        let normal = |frame: DataFrame| frame.lazy().filter(col(c::STATUS).eq(lit(Status::Normal.index()))).collect();
        let with_status: Vec<&str> = REGISTRATION.iter().copied().chain([c::STATUS]).collect();
        let with_flag = |flag: &'static str, more: &[&str]| -> PolarsResult<DataFrame> {
            let more: Vec<&str> = more.iter().copied().chain([flag]).collect();
            select(of_kind(SourceKind::Elsewhere), &PERSON, &more)?.lazy().filter(col(flag)).collect()?.drop(flag)
        };
        let mut registrations = normal(plain(SourceKind::Registrations, &with_status)?)?;
        registrations.vstack_mut(&normal(with_flag(c::IS_REGISTRATION, &with_status)?)?)?;
        let mut payments = plain(SourceKind::Payments, &PAYMENT)?;
        payments.vstack_mut(&with_flag(c::IS_PAYMENT, &PAYMENT)?)?;
        let unread = col(c::UNREADABLE_AMOUNT).is_not_null().and(col(c::HERE));
        let unreadable = payments.clone().lazy().filter(unread).collect()?;
        let payments = payments.lazy().filter((col(c::NET_PERSONAL) + col(c::NET_SUBSIDISED)).gt(lit(0i64))).collect()?;

        let mut names = Vec::new();
        for kind in
            [SourceKind::Register, SourceKind::Registrations, SourceKind::Payments, SourceKind::Rosters, SourceKind::Elsewhere]
        {
            if let Some(frame) = of_kind(kind) {
                names.push((kind, frame.select([c::KEY, c::NAME, c::ORIGIN, c::ROW, c::ID])?));
            }
        }
        Ok(Books {
            register: plain(SourceKind::Register, &[c::DEATH, c::MOVED_OUT])?,
            registrations: registrations.drop(c::STATUS)?,
            payments,
            unreadable,
            rosters: plain(SourceKind::Rosters, &ROSTER)?,
            deaths: plain(SourceKind::Deaths, &[c::DEATH])?,
            departures: plain(SourceKind::Departures, &[c::MOVED_OUT, c::DISPOSITION])?,
            students: plain(SourceKind::Students, &[c::POOL, c::ENROLLED_ON, c::GRADUATES_ON])?,
            households: plain(SourceKind::Households, &ACCOUNT)?,
            previous: plain(SourceKind::Previous, &[])?,
            stopped: stacked(rare.stopped, &STOPPED)?,
            declared: stacked(rare.declared, &DECLARED)?,
            broken: stacked(rare.broken, &BROKEN)?,
            last_year: stacked(rare.last_year, &LAST_YEAR)?,
            names,
            unusable,
        })
    }
}

const STOPPED: [&str; 3] = [c::KEY, c::BEGUN, c::ENDED];
const DECLARED: [&str; 3] = [c::KEY, c::LATE_CASE, c::EVENT_ON];
const BROKEN: [&str; 3] = [c::KEY, c::BROKEN_YEARS, c::REPAID_YEARS];
const LAST_YEAR: [&str; 3] = [c::KEY, c::PERSONAL, c::SUBSIDISED];

/// What few rows of a book say, taken from where they stand: columns that a book lacks cost nothing.
#[derive(Default)]
struct Rare {
    stopped: Vec<DataFrame>,
    declared: Vec<DataFrame>,
    broken: Vec<DataFrame>,
    last_year: Vec<DataFrame>,
}

impl Rare {
    fn take(&mut self, kind: SourceKind, frame: &DataFrame, as_of: NaiveDate) -> PolarsResult<()> {
        let has = |name: &str| frame.column(name).is_ok();
        let fate = |fate: Fate| col(c::FATE).eq(lit(fate.index()));
        let cover = |cover: Cover| col(c::COVER).eq(lit(cover.index()));
        let rows = |holds: Expr, names: &[&str]| {
            let names: Vec<Expr> = names.iter().map(|name| col(*name)).collect();
            frame.clone().lazy().filter(holds).select(names).collect()
        };
        if matches!(kind, SourceKind::Registrations | SourceKind::Elsewhere) && has(c::ENDED) {
            let registration = if kind == SourceKind::Elsewhere { col(c::IS_REGISTRATION) } else { lit(true) };
            let holds = col(c::ENDED).is_not_null().and(fate(Fate::Used)).and(cover(Cover::Employee)).and(registration);
            self.stopped.push(rows(holds, &STOPPED)?);
        }
        if has(c::LATE_CASE) {
            let said = col(c::LATE_CASE).is_not_null().or(col(c::EVENT_ON).is_not_null());
            self.declared.push(rows(said.and(fate(Fate::Used)), &DECLARED)?);
        }
        if has(c::BROKEN_YEARS) {
            self.broken.push(rows(col(c::BROKEN_YEARS).is_not_null().and(fate(Fate::Used)), &BROKEN)?);
        }
        if has(c::FOR_LAST_YEAR) {
            // The day after the as-of date has not come, whatever year it pays for.
            let paid = col(c::PAID_ON).is_null().or(col(c::PAID_ON).lt_eq(day(as_of)));
            let holds = col(c::FOR_LAST_YEAR).and(fate(Fate::OtherYear)).and(cover(Cover::Resident)).and(col(c::HERE)).and(paid);
            self.last_year.push(rows(holds, &LAST_YEAR)?);
        }
        Ok(())
    }
}

/// These frames as one, with these columns also when there is none.
fn stacked(frames: Vec<DataFrame>, names: &[&str]) -> PolarsResult<DataFrame> {
    let mut all = select(None, names, &[])?;
    for frame in &frames {
        all.vstack_mut(frame)?;
    }
    Ok(all)
}

fn in_bucket(frame: &DataFrame, bucket: u64, of: u64) -> PolarsResult<DataFrame> {
    if of <= 1 {
        return Ok(frame.clone());
    }
    let mask: BooleanChunked = frame.column(c::KEY)?.u64()?.into_no_null_iter().map(|key| bucket_of(key, of) == bucket).collect();
    frame.filter(&mask)
}

fn select(frame: Option<&DataFrame>, first: &[&str], more: &[&str]) -> PolarsResult<DataFrame> {
    let wanted = first.iter().chain(more).copied();
    match frame {
        Some(frame) => frame.select(wanted.collect::<Vec<_>>()),
        None => {
            let fields = wanted.map(|name| Field::new(name.into(), dtype_of(name)));
            Ok(DataFrame::empty_with_schema(&Schema::from_iter(fields)))
        }
    }
}

/// The type that `domain::columns` promises for a column.
fn dtype_of(name: &str) -> DataType {
    match name {
        c::KEY => DataType::UInt64,
        c::ORIGIN | c::ROW | c::KEPT_ORIGIN | c::KEPT_ROW => DataType::UInt32,
        c::FATE | c::COVER | c::STATUS | c::ID_VERDICT | c::REGION_VERDICT | c::STANDING => DataType::UInt8,
        c::CATEGORY => DataType::UInt16,
        c::HERE | c::UNMATCHED | c::IS_REGISTRATION | c::IS_PAYMENT => DataType::Boolean,
        c::SUBSIDISED | c::PERSONAL | c::NET_PERSONAL | c::NET_SUBSIDISED => DataType::Int64,
        c::BROKEN_YEARS | c::REPAID_YEARS | c::STATED | c::MEMBERS => DataType::Int64,
        c::PAID_ON | c::BEGUN | c::IDENTIFIED | c::APPROVED | c::ENDED | c::DEATH | c::MOVED_OUT => DataType::Date,
        c::EVENT_ON | c::ENROLLED_ON | c::GRADUATES_ON => DataType::Date,
        _ => DataType::String,
    }
}
