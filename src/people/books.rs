//! The rows of each book that take part, for one bucket.

use polars::prelude::*;

use super::bucket_of;
use crate::domain::{Fate, SourceKind, Status, columns as c};
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

/// What the list of a collective account says of a member.
const ACCOUNT: [&str; 8] = [c::HOUSEHOLD, c::GROUP, c::HEAD, c::RELATION, c::STATED, c::ACCOUNT_NAME, c::BANK, c::ACCOUNT];

/// Columns of used rows that a book takes.
fn is_taken(kind: SourceKind, name: &str) -> bool {
    let more = [c::STATUS, c::IS_REGISTRATION, c::IS_PAYMENT, c::DEATH, c::MOVED_OUT];
    let rosters = [c::CATEGORY, c::IDENTIFIED, c::APPROVED, c::ENDED];
    let of_all = [PERSON.as_slice(), &REGISTRATION, &PAYMENT, &more, &rosters].iter().any(|names| names.contains(&name));
    of_all || kind == SourceKind::Households && ACCOUNT.contains(&name)
}

impl Books {
    pub(super) fn open(rows: &Rows, bucket: u64, of: u64) -> PolarsResult<Books> {
        let mut used = Vec::new();
        let mut unusable = Vec::new();
        for (kind, frame) in &rows.frames {
            if !kind.has_persons() {
                continue;
            }
            let frame = in_bucket(frame, bucket, of)?;
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
            rosters: plain(SourceKind::Rosters, &[c::CATEGORY, c::IDENTIFIED, c::APPROVED, c::ENDED, c::SUBSIDISED])?,
            deaths: plain(SourceKind::Deaths, &[c::DEATH])?,
            departures: plain(SourceKind::Departures, &[c::MOVED_OUT])?,
            students: plain(SourceKind::Students, &[c::POOL])?,
            households: plain(SourceKind::Households, &ACCOUNT)?,
            previous: plain(SourceKind::Previous, &[])?,
            names,
            unusable,
        })
    }
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
        c::SUBSIDISED | c::PERSONAL | c::NET_PERSONAL | c::NET_SUBSIDISED | c::STATED | c::MEMBERS => DataType::Int64,
        c::PAID_ON | c::BEGUN | c::IDENTIFIED | c::APPROVED | c::ENDED | c::DEATH | c::MOVED_OUT => DataType::Date,
        _ => DataType::String,
    }
}
