//! The rows of each book that take part, for one bucket.

use chrono::NaiveDate;
use polars::prelude::*;

use super::index::{Book, Index};
use super::p;
use super::read::day;
use crate::domain::columns::{self as c, Stored, stored_as};
use crate::domain::{Cover, Fate, Fen, SourceKind, Status};
use crate::refine::Rows;

/// Rows of fate `used` with a usable number, book by book. A book that was not sent is an empty frame.
pub struct Books {
    /// Who is who. The persons of the first four books come first.
    pub index: Index,
    /// How many those are: the persons of the bucket. Others are named elsewhere, where nothing counts.
    pub persons: usize,
    /// Register rows.
    pub register: Book,
    /// Normal registrations, here and as reported by other places.
    pub registrations: Book,
    /// Effective payments (personal + subsidised > 0 after reversals), here and as reported by other places.
    pub payments: Book,
    /// Payments here whose amount could not be read.
    pub unreadable: DataFrame,
    /// Roster rows.
    pub rosters: Book,
    /// Deaths.
    pub deaths: DataFrame,
    /// Departures.
    pub departures: DataFrame,
    /// Students.
    pub students: DataFrame,
    /// Household memberships, with `p::WHO`.
    pub households: Book,
    /// Last year's registrations.
    pub previous: DataFrame,
    /// Employee registrations that ended, whatever their status: KEY, BEGUN, ENDED.
    pub stopped: DataFrame,
    /// Registrations here that are no longer normal and state their last day: KEY, HERE, PLACE, COVER, BEGUN, ENDED.
    pub ended: DataFrame,
    /// Resident payments that were wholly taken back, and the reversals that did so: KEY, HERE, PLACE, PAID_ON, PERSONAL,
    /// SUBSIDISED.
    pub taken_back: DataFrame,
    /// Declared cases of late entries: KEY, LATE_CASE, EVENT_ON.
    pub declared: DataFrame,
    /// Days on which normal resident registrations were made: KEY, PLACE, MADE_ON.
    pub made: DataFrame,
    /// Births that the register states where the number does not: KEY, BORN_ON.
    pub born: DataFrame,
    /// Broken years: KEY, BROKEN_YEARS, REPAID_YEARS.
    pub broken: DataFrame,
    /// Money of residents here for the year before: KEY, PERSONAL, SUBSIDISED.
    pub last_year: DataFrame,
    /// WHO, KEY, ID, NAME, REGION, ORIGIN and ROW of all used rows of the five books whose names are compared, also of those
    /// that do not count; a book may stand in parts.
    pub names: Vec<(SourceKind, DataFrame)>,
    /// Rows of fate `id-unusable` of every book, with every column.
    pub unusable: Vec<(SourceKind, DataFrame)>,
}

const PERSON: [&str; 8] = [
    c::KEY,
    c::ORIGIN,
    c::ROW,
    c::ID,
    c::NAME,
    c::REGION,
    c::PLACE,
    c::DOUBTS,
];
const REGISTRATION: [&str; 6] = [
    c::HERE,
    c::POOL,
    c::COVER,
    c::NUMBER,
    c::BEGUN,
    c::SUBSIDISED,
];
const PAYMENT: [&str; 10] = [
    c::HERE,
    c::POOL,
    c::COVER,
    c::NET_PERSONAL,
    c::NET_SUBSIDISED,
    c::PAID_ON,
    c::UNREADABLE,
    c::UNREADABLE_AMOUNT,
    c::VOUCHER,
    c::YEARS,
];

/// What a roster says of a person beside number, name and region.
const ROSTER: [&str; 7] = [
    c::CATEGORY,
    c::CATEGORIES,
    c::UNKNOWN_WORD,
    c::IDENTIFIED,
    c::APPROVED,
    c::ENDED,
    c::SUBSIDISED,
];

/// What the list of a collective account says of a member.
const ACCOUNT: [&str; 8] = [
    c::HOUSEHOLD,
    c::GROUP,
    c::HEAD,
    c::RELATION,
    c::STATED,
    c::ACCOUNT_NAME,
    c::BANK,
    c::ACCOUNT,
];

impl Books {
    pub(super) fn open(rows: &Rows, as_of: NaiveDate) -> PolarsResult<Books> {
        let mut rare = Rare::default();
        let Sorted { sources, unusable } = Sorted::of(rows)?;
        for source in &sources {
            rare.take(source.kind, source.frame, as_of)?;
        }
        let source = |kind: SourceKind| sources.iter().find(|source| source.kind == kind);
        let elsewhere = source(SourceKind::Elsewhere);
        let plain = |kind: SourceKind, more: &[&str]| match source(kind) {
            Some(source) => source.rows(&[PERSON.as_slice(), more].concat(), &source.used),
            None => select(None, &PERSON, more),
        };
        let registered = Whole {
            own: source(SourceKind::Registrations),
            elsewhere,
            flag: c::IS_REGISTRATION,
            more: &REGISTRATION,
        };
        let paid = Whole {
            own: source(SourceKind::Payments),
            elsewhere,
            flag: c::IS_PAYMENT,
            more: &PAYMENT,
        };

        let mut index = Index::default();
        let register = Book::entered(
            plain(SourceKind::Register, &[c::DEATH, c::MOVED_OUT])?,
            &mut index,
        )?;
        let (normal_here, normal) = registered.rows(is_normal)?;
        let registrations = Book::entered(normal, &mut index)?;
        let (effective_here, effective) = paid.rows(is_effective)?;
        let payments = Book::entered(effective, &mut index)?;
        let rosters = each_category(plain(SourceKind::Rosters, &ROSTER)?)?;
        let rosters = Book::entered(rosters, &mut index)?;
        let persons = index.keys().len();

        let own = |kind, book: &Book, rows| {
            PolarsResult::Ok((kind, book.rows.slice(0, rows).select(NAMED)?))
        };
        let mut names = vec![
            own(SourceKind::Register, &register, register.rows.height())?,
            own(SourceKind::Registrations, &registrations, normal_here)?,
            own(SourceKind::Payments, &payments, effective_here)?,
            own(SourceKind::Rosters, &rosters, rosters.rows.height())?,
        ];
        names.extend(only_named(
            [
                (registered.own, is_normal),
                (paid.own, is_effective),
                (elsewhere, is_nothing),
            ],
            &mut index,
        )?);
        let households = Book::entered(plain(SourceKind::Households, &ACCOUNT)?, &mut index)?;
        Ok(Books {
            index,
            persons,
            register,
            registrations,
            payments,
            unreadable: paid.rows(is_unreadable)?.1,
            rosters,
            deaths: with_gone(
                plain(SourceKind::Deaths, &[c::DEATH])?,
                source(SourceKind::Register),
                SourceKind::Deaths,
            )?,
            departures: with_gone(
                plain(SourceKind::Departures, &[c::MOVED_OUT, c::DISPOSITION])?,
                source(SourceKind::Register),
                SourceKind::Departures,
            )?,
            students: in_one_piece(plain(
                SourceKind::Students,
                &[c::POOL, c::ENROLLED_ON, c::GRADUATES_ON],
            )?),
            households,
            previous: in_one_piece(plain(SourceKind::Previous, &[])?),
            stopped: stacked(rare.stopped, &STOPPED)?,
            ended: in_one_piece(stacked(rare.ended, &ENDED)?),
            taken_back: in_one_piece(stacked(rare.taken_back, &TAKEN_BACK)?),
            declared: stacked(rare.declared, &DECLARED)?,
            made: stacked(rare.made, &MADE)?,
            born: stacked(rare.born, &BORN)?,
            broken: stacked(rare.broken, &BROKEN)?,
            last_year: stacked(rare.last_year, &LAST_YEAR)?,
            names,
            unusable,
        })
    }
}

/// Rows of rosters, one a category: an entry that names several is an entry in each of them. The money stands in the first.
fn each_category(mut rows: DataFrame) -> PolarsResult<DataFrame> {
    let all = rows.drop_in_place(c::CATEGORIES)?;
    if all.null_count() == all.len() {
        return Ok(rows);
    }
    let (mut copies, mut categories) = (Vec::new(), Vec::new());
    for (at, all) in (0 as IdxSize..).zip(all.str()?.iter()) {
        let more = all.into_iter().flat_map(|all| all.split('|').skip(1));
        for category in more.filter_map(|text| text.parse::<u16>().ok()) {
            copies.push(at);
            categories.push(category);
        }
    }
    let mut more = rows.take(&IdxCa::from_vec(PlSmallStr::EMPTY, copies))?;
    let nothing = vec![0i64; categories.len()];
    more.with_column(UInt16Chunked::from_vec(c::CATEGORY.into(), categories).into_column())?;
    more.with_column(Int64Chunked::from_vec(c::SUBSIDISED.into(), nothing).into_column())?;
    rows.vstack_mut_owned(more)?;
    Ok(rows)
}

impl Books {
    /// Of payments for several years only what is due for this one is left (docs/readings.md#several-years); `payable` says
    /// that of the person at a position. What was taken off, in fen; `None` where no payment is for several years.
    pub(super) fn share_years(
        &mut self,
        payable: impl Fn(usize) -> Fen,
        highest: Fen,
    ) -> PolarsResult<Option<Fen>> {
        let rows = &self.payments.rows;
        let years = rows.column(c::YEARS)?.u8()?.clone();
        if years.null_count() == years.len() {
            return Ok(None);
        }
        let mut of_others = 0;
        let who = rows.column(p::WHO)?.u32()?.into_no_null_iter();
        let paid = rows.column(c::NET_PERSONAL)?.i64()?.into_no_null_iter();
        let shares = who.zip(paid).zip(years.iter()).map(|((who, paid), years)| {
            let Some(years) = years else { return paid };
            // The other years take no more than the highest price each.
            let others = i64::from(years - 1) * highest;
            let share = paid.min(payable(who as usize)).max(paid - others);
            of_others += paid - share;
            share
        });
        let shares = Int64Chunked::from_vec(c::NET_PERSONAL.into(), shares.collect());
        self.payments.rows.with_column(shares.into_column())?;
        Ok(Some(of_others))
    }
}

/// Rows that count in no book name their person all the same.
fn only_named(
    books: [(Option<&Source<'_>>, Sentence); 3],
    index: &mut Index,
) -> PolarsResult<Vec<(SourceKind, DataFrame)>> {
    let mut names = Vec::new();
    for (source, holds) in books
        .into_iter()
        .filter_map(|(source, holds)| Some((source?, holds)))
    {
        let rows = source.rows(&NAMED[1..], &(&source.used & &!&holds(source.frame)?))?; // all but WHO, which entering adds
        names.push((source.kind, Book::entered(rows, index)?.rows.select(NAMED)?));
    }
    Ok(names)
}

/// A list of who is gone, and whom the register itself says to be so.
fn with_gone(
    mut list: DataFrame,
    register: Option<&Source<'_>>,
    kind: SourceKind,
) -> PolarsResult<DataFrame> {
    if let Some(register) = register
        && let Ok(gone) = register.frame.column(c::GONE)
    {
        let is_counted = with_fate(register.frame, Fate::Void)?;
        let usable = register.frame.column(c::ID_VERDICT)?.is_null();
        let gone = stated(gone.u8()?.equal(kind.index()))? & is_counted & usable;
        if gone.any() {
            let with_word = register.frame.clone().lazy();
            let no_word = lit(NULL).cast(DataType::String).alias(c::DISPOSITION);
            let rows = with_word
                .filter(gone.into_series().lit())
                .with_column(no_word);
            let columns: Vec<Expr> = list
                .get_column_names()
                .iter()
                .map(|name| col((*name).clone()))
                .collect();
            list.vstack_mut_owned(rows.select(columns).collect()?)?;
        }
    }
    Ok(in_one_piece(list))
}

fn in_one_piece(mut frame: DataFrame) -> DataFrame {
    frame.rechunk_mut();
    frame
}

/// Columns of `Books::names`.
const NAMED: [&str; 7] = [p::WHO, c::KEY, c::NAME, c::ORIGIN, c::ROW, c::ID, c::REGION];

/// The rows of a bucket by what becomes of them.
struct Sorted<'r> {
    sources: Vec<Source<'r>>,
    unusable: Vec<(SourceKind, DataFrame)>,
}

impl<'r> Sorted<'r> {
    fn of(rows: &'r Rows) -> PolarsResult<Self> {
        let mut sorted = Sorted {
            sources: Vec::new(),
            unusable: Vec::new(),
        };
        for (kind, frame) in rows.frames.iter().filter(|(kind, _)| kind.has_persons()) {
            let unusable = with_fate(frame, Fate::IdUnusable)?;
            sorted.unusable.push((
                *kind,
                if unusable.any() {
                    frame.filter(&unusable)?
                } else {
                    frame.clear()
                },
            ));
            sorted.sources.push(Source {
                kind: *kind,
                frame,
                used: with_fate(frame, Fate::Used)?,
            });
        }
        Ok(sorted)
    }
}

/// Rows of a source that are used.
struct Source<'r> {
    kind: SourceKind,
    frame: &'r DataFrame,
    used: BooleanChunked,
}

impl Source<'_> {
    /// These columns of these rows.
    fn rows(&self, columns: &[&str], rows: &BooleanChunked) -> PolarsResult<DataFrame> {
        let frame = self.frame.select(columns)?;
        if rows.all() {
            Ok(frame)
        } else {
            frame.filter(rows)
        }
    }
}

/// Whether rows of a source count in a book.
type Sentence = fn(&DataFrame) -> PolarsResult<BooleanChunked>;

/// A book with what other places report for it.
struct Whole<'r> {
    own: Option<&'r Source<'r>>,
    elsewhere: Option<&'r Source<'r>>,
    flag: &'static str,
    more: &'static [&'static str],
}

impl Whole<'_> {
    /// Used rows that hold, its own first; and how many of those there are.
    fn rows(&self, holds: Sentence) -> PolarsResult<(usize, DataFrame)> {
        let columns = [PERSON.as_slice(), self.more].concat();
        let mut all = match self.own {
            Some(source) => source.rows(&columns, &(&source.used & &holds(source.frame)?))?,
            None => select(None, &columns, &[])?,
        };
        let own = all.height();
        if let Some(source) = self.elsewhere {
            let reported = source.frame.column(self.flag)?.bool()?;
            all.vstack_mut_owned(source.rows(
                &columns,
                &(&(&source.used & reported) & &holds(source.frame)?),
            )?)?;
        }
        Ok((own, all))
    }
}

fn is_normal(rows: &DataFrame) -> PolarsResult<BooleanChunked> {
    stated(rows.column(c::STATUS)?.u8()?.equal(Status::Normal.index()))
}

fn is_effective(rows: &DataFrame) -> PolarsResult<BooleanChunked> {
    stated((rows.column(c::NET_PERSONAL)?.i64()? + rows.column(c::NET_SUBSIDISED)?.i64()?).gt(0))
}

fn is_unreadable(rows: &DataFrame) -> PolarsResult<BooleanChunked> {
    Ok(&rows.column(c::UNREADABLE_AMOUNT)?.is_not_null() & rows.column(c::HERE)?.bool()?)
}

fn is_nothing(rows: &DataFrame) -> PolarsResult<BooleanChunked> {
    Ok(BooleanChunked::full("".into(), false, rows.height()))
}

/// Rows of a fate.
fn with_fate(frame: &DataFrame, fate: Fate) -> PolarsResult<BooleanChunked> {
    stated(frame.column(c::FATE)?.u8()?.equal(fate.index()))
}

/// What is not stated does not hold.
fn stated(holds: BooleanChunked) -> PolarsResult<BooleanChunked> {
    if holds.null_count() == 0 {
        Ok(holds)
    } else {
        holds.fill_null_with_values(false)
    }
}

const STOPPED: [&str; 3] = [c::KEY, c::BEGUN, c::ENDED];
const ENDED: [&str; 6] = [c::KEY, c::HERE, c::PLACE, c::COVER, c::BEGUN, c::ENDED];
const TAKEN_BACK: [&str; 6] = [
    c::KEY,
    c::HERE,
    c::PLACE,
    c::PAID_ON,
    c::PERSONAL,
    c::SUBSIDISED,
];
const DECLARED: [&str; 3] = [c::KEY, c::LATE_CASE, c::EVENT_ON];
const MADE: [&str; 3] = [c::KEY, c::PLACE, c::MADE_ON];
const BORN: [&str; 2] = [c::KEY, c::BORN_ON];
const BROKEN: [&str; 3] = [c::KEY, c::BROKEN_YEARS, c::REPAID_YEARS];
const LAST_YEAR: [&str; 3] = [c::KEY, c::PERSONAL, c::SUBSIDISED];

/// What few rows of a book say, taken from where they stand: columns that a book lacks cost nothing.
#[derive(Default)]
struct Rare {
    stopped: Vec<DataFrame>,
    ended: Vec<DataFrame>,
    taken_back: Vec<DataFrame>,
    declared: Vec<DataFrame>,
    made: Vec<DataFrame>,
    born: Vec<DataFrame>,
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
        let registration = if kind == SourceKind::Elsewhere {
            col(c::IS_REGISTRATION)
        } else {
            lit(true)
        };
        if has(c::MADE_ON) {
            let normal = col(c::STATUS).eq(lit(Status::Normal.index()));
            let holds = col(c::MADE_ON)
                .is_not_null()
                .and(fate(Fate::Used))
                .and(cover(Cover::Resident))
                .and(normal)
                .and(registration.clone());
            self.made.push(rows(holds, &MADE)?);
        }
        if has(c::BORN_ON) {
            let holds = col(c::BORN_ON).is_not_null().and(fate(Fate::Used));
            self.born.push(rows(holds, &BORN)?);
        }
        if matches!(kind, SourceKind::Registrations | SourceKind::Elsewhere) && has(c::ENDED) {
            let holds = col(c::ENDED)
                .is_not_null()
                .and(fate(Fate::Used))
                .and(cover(Cover::Employee))
                .and(registration);
            self.stopped.push(rows(holds, &STOPPED)?);
        }
        if kind == SourceKind::Registrations && has(c::ENDED) {
            let over = [Status::Suspended, Status::Ended].map(|status| status.index());
            let over = over.map(|status| col(c::STATUS).eq(lit(status)));
            let over = over.into_iter().fold(lit(false), Expr::or);
            let stated = col(c::ENDED).is_not_null().and(col(c::HERE));
            self.ended
                .push(rows(stated.and(fate(Fate::Used)).and(over), &ENDED)?);
        }
        if has(c::NET_PERSONAL) {
            let back = fate(Fate::Reversed).and(cover(Cover::Resident));
            self.taken_back.push(rows(back, &TAKEN_BACK)?);
        }
        if has(c::LATE_CASE) {
            let said = col(c::LATE_CASE)
                .is_not_null()
                .or(col(c::EVENT_ON).is_not_null());
            self.declared
                .push(rows(said.and(fate(Fate::Used)), &DECLARED)?);
        }
        if has(c::BROKEN_YEARS) {
            self.broken.push(rows(
                col(c::BROKEN_YEARS).is_not_null().and(fate(Fate::Used)),
                &BROKEN,
            )?);
        }
        if has(c::FOR_LAST_YEAR) {
            // The day after the as-of date has not come, whatever year it pays for.
            let paid = col(c::PAID_ON)
                .is_null()
                .or(col(c::PAID_ON).lt_eq(day(as_of)));
            let holds = col(c::FOR_LAST_YEAR)
                .and(fate(Fate::OtherYear))
                .and(cover(Cover::Resident))
                .and(col(c::HERE))
                .and(paid);
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
fn select(frame: Option<&DataFrame>, first: &[&str], more: &[&str]) -> PolarsResult<DataFrame> {
    let wanted = first.iter().chain(more).copied();
    match frame {
        Some(frame) => frame.select(wanted.collect::<Vec<_>>()),
        None => {
            let fields = wanted.map(|name| Field::new(name.into(), dtype(name)));
            Ok(DataFrame::empty_with_schema(&Schema::from_iter(fields)))
        }
    }
}

/// How a frame holds a column that `domain::columns` declares.
fn dtype(name: &str) -> DataType {
    match stored_as(name).expect("a column of the books is declared in domain::columns") {
        Stored::Key => DataType::UInt64,
        Stored::Number => DataType::UInt32,
        Stored::Listed => DataType::UInt8,
        Stored::Category | Stored::Set => DataType::UInt16,
        Stored::Flag => DataType::Boolean,
        Stored::Amount => DataType::Int64,
        Stored::Day => DataType::Date,
        Stored::Text => DataType::String,
    }
}
