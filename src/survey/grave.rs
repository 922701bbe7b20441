//! Grave facts of the books that were read (docs/readings.md#grave): what would make the reports speak of something else than
//! the county. They are rare: a stop that comes in a normal month teaches people to accept blindly.

use chrono::{Datelike, Days, NaiveDate};

use super::counts::Figures;
use crate::archive::LastRun;
use crate::domain::period::day_of_epoch;
use crate::domain::{Code, Field, Grave, SourceKind};
use crate::intake::family::days_of;
use crate::intake::{Origin, Unclaimed};
use crate::judge;
use crate::refine::{Account, Rows, Turn};
use crate::scheme::{Mode, Scheme};

/// Rows from which on shares and months say something of a file.
const FROM_ROWS: u64 = 200;

/// Persons on the register from which on a month, or a day, says something of the county.
const FROM_PERSONS: u64 = 1_000;

/// More than this share of rows without the person or the place is a misunderstanding, not a gap: one in five.
const FEW: u64 = 5;

/// Days after the newest book beyond which an as-of date is none of these books'.
const LATEST: u64 = 31;

/// Columns that decide, and that a family has in all of its files or in none.
const DECIDING: [Field; 8] = [
    Field::Status,
    Field::Scheme,
    Field::Year,
    Field::PaidOn,
    Field::Category,
    Field::Ended,
    Field::Identified,
    Field::Place,
];

/// What is grave about the books, before anybody is judged. `figures`: what stands in no bucket.
///
/// # Errors
/// Only when a frame breaks its contract.
pub fn grave(
    figures: &Rows,
    unclaimed: &Unclaimed,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> anyhow::Result<Vec<Grave>> {
    let received = Received {
        figures,
        scheme,
        as_of,
    };
    let strangers = unclaimed
        .persons
        .iter()
        .map(|(file, rows)| Grave::UnclaimedPersons {
            file: file.clone(),
            rows: *rows,
        });
    let mut found: Vec<Grave> = strangers.collect();
    found.extend(received.sheets().flat_map(Sheet::grave));
    found.extend(received.cut());
    found.extend(received.whose_numbers());
    found.extend(received.books());
    found.extend(received.columns_lost());
    found.extend(received.shrunk());
    found.extend(received.half_a_register()?);
    found.extend(judge::contradictions(figures, scheme)?);
    if received.persons() >= FROM_PERSONS {
        found.extend(received.months_missing());
        found.extend(received.no_registrations());
        found.extend(received.day_is_odd());
    }
    Ok(found)
}

/// The check of amounts fires on most payments: a column is misunderstood. `rows`: its findings.
pub fn flood_of_amounts(figures: &Rows, rows: u64) -> Option<Grave> {
    let payments = figures.origins.iter().zip(&figures.accounts);
    let payments = payments.filter(|(origin, _)| origin.source == SourceKind::Payments);
    let of: u64 = payments.clone().map(|(_, account)| account.rows).sum();
    let (first, _) = payments.max_by_key(|(_, account)| account.rows)?;
    (of >= FROM_ROWS && is_most(rows, of)).then(|| Grave::ReadingFloods {
        file: first.file.clone(),
        code: Code::AmountWrong,
        rows,
        of,
    })
}

const fn is_most(part: u64, of: u64) -> bool {
    part * 2 > of
}

const fn is_many(part: u64, of: u64) -> bool {
    part * FEW > of
}

struct Received<'r> {
    figures: &'r Rows,
    scheme: &'r Scheme,
    as_of: NaiveDate,
}

/// One sheet, its columns, and what its rows come to.
#[derive(Clone, Copy)]
struct Sheet<'r> {
    origin: &'r Origin,
    fields: &'r [Field],
    account: &'r Account,
}

impl Sheet<'_> {
    fn has(&self, field: Field) -> bool {
        self.fields.contains(&field)
    }

    fn is_of(&self, kind: SourceKind) -> bool {
        self.origin.source == kind
    }

    /// What a sheet shows by itself.
    fn grave(self) -> Vec<Grave> {
        let (origin, account) = (self.origin, self.account);
        if account.rows == 0 {
            return Vec::new();
        }
        let (file, sheet) = (origin.file.clone(), origin.sheet.clone());
        let mut found = Vec::new();
        if is_many(account.nobody, account.rows) {
            found.push(Grave::NoIdentity {
                file: file.clone(),
                sheet: sheet.clone(),
                rows: account.nobody,
                of: account.rows,
            });
        }
        if self.is_of(SourceKind::Payments) {
            let states = self.has(Field::Personal) || self.has(Field::Total);
            if !states || is_most(account.no_amount, account.rows) {
                found.push(Grave::AmountsMissing {
                    file: file.clone(),
                    sheet,
                    rows: if states {
                        account.no_amount
                    } else {
                        account.rows
                    },
                    of: if states { account.rows } else { 0 },
                });
            }
        }
        let floods = account
            .unread
            .iter()
            .filter(|(_, rows)| account.rows >= FROM_ROWS && is_most(**rows, account.rows));
        found.extend(floods.map(|(code, rows)| Grave::ReadingFloods {
            file: file.clone(),
            code: *code,
            rows: *rows,
            of: account.rows,
        }));
        found
    }
}

/// Books that are below half of what they were in the report that is replaced.
pub fn halved(figures: &Rows, report: &LastRun) -> Vec<Grave> {
    let books = report.books.iter().flatten();
    let large = books.filter(|book| book.rows >= FROM_ROWS);
    let found = large.filter_map(|book| {
        let sheets = figures.origins.iter().zip(&figures.accounts);
        let mine: Vec<_> = sheets
            .filter(|(origin, _)| origin.source == book.source)
            .collect();
        let rows: u64 = mine.iter().map(|(_, account)| account.rows).sum();
        let largest = mine.iter().max_by_key(|(_, account)| account.rows)?;
        (rows * 2 < book.rows).then(|| Grave::Shrunk {
            file: largest.0.file.clone(),
            rows,
            before: book.rows,
            other: report.as_of.to_string(),
        })
    });
    found.collect()
}

impl<'r> Received<'r> {
    fn sheets(&self) -> impl Iterator<Item = Sheet<'r>> + Clone {
        let Rows {
            origins,
            accounts,
            fields,
            ..
        } = self.figures;
        origins
            .iter()
            .zip(fields)
            .zip(accounts)
            .map(|((origin, fields), account)| Sheet {
                origin,
                fields,
                account,
            })
    }

    fn of(&self, kind: SourceKind) -> impl Iterator<Item = Sheet<'r>> + Clone {
        self.sheets().filter(move |sheet| sheet.is_of(kind))
    }

    /// Rows of the register.
    fn persons(&self) -> u64 {
        let register = self.of(SourceKind::Register);
        register.map(|sheet| sheet.account.rows).sum()
    }

    /// Texts that end within a row.
    fn cut(&self) -> impl Iterator<Item = Grave> {
        let file = |origin: u32| self.figures.origins[origin as usize].file.clone();
        let cut = self.figures.cut.iter();
        cut.map(move |(origin, row)| Grave::CsvCut {
            file: file(*origin),
            row: u64::from(*row),
        })
    }

    /// Columns of person numbers that nobody uses.
    fn whose_numbers(&self) -> impl Iterator<Item = Grave> {
        let origins = &self.figures.origins;
        let unused = self.figures.unused_numbers.iter();
        unused.map(|(at, column)| {
            let origin = &origins[*at as usize];
            Grave::WhoseNumber {
                file: origin.file.clone(),
                sheet: origin.sheet.clone(),
                column: *column,
            }
        })
    }

    /// Books that are mostly of another region or year, and a register without places.
    fn books(&self) -> Vec<Grave> {
        let mut found = Vec::new();
        for kind in SourceKind::ALL {
            let sum = |of: fn(&Account) -> u64| -> u64 {
                self.of(*kind).map(|sheet| of(sheet.account)).sum()
            };
            let largest = self.of(*kind).max_by_key(|sheet| sheet.account.rows);
            let Some(file) = largest.map(|sheet| sheet.origin.file.clone()) else {
                continue;
            };
            let of = sum(|account| account.rows);
            let (outside, years) = (sum(|one| one.outside), sum(|one| one.other_year));
            if is_ours(*kind) && is_most(outside, of) {
                found.push(Grave::OtherRegion {
                    file: file.clone(),
                    rows: outside,
                    of,
                });
            }
            if is_ours(*kind) && is_most(years, of) {
                found.push(Grave::OtherYear {
                    file: file.clone(),
                    rows: years,
                    of,
                });
            }
            let placeless = sum(|one| one.placeless);
            let root = self.scheme.regions.root();
            let is_divided = self.scheme.regions.children(root).next().is_some();
            if *kind == SourceKind::Register && is_divided && is_many(placeless, of) {
                found.push(Grave::NoPlaces {
                    file,
                    rows: placeless,
                    of,
                });
            }
        }
        found
    }

    /// The name a sender gives its files of this source.
    fn family(sheet: &Sheet<'r>) -> (SourceKind, &'r str) {
        (sheet.origin.source, &sheet.origin.family)
    }

    /// A column that decides, which other files of the same family have.
    fn columns_lost(&self) -> Vec<Grave> {
        let mut found = Vec::new();
        let with_rows = || self.sheets().filter(|sheet| sheet.account.rows > 0);
        for sheet in with_rows() {
            let family = Self::family(&sheet);
            let others = || {
                with_rows().filter(|other| {
                    other.origin.file != sheet.origin.file && Self::family(other) == family
                })
            };
            // A code of the region says the place as well.
            let lacks = |field: &&Field| {
                let by_code = **field == Field::Place && sheet.has(Field::RegionCode);
                !sheet.has(**field) && !by_code
            };
            for field in DECIDING.iter().filter(lacks) {
                let mut have = others().filter(|other| other.has(*field));
                let (Some(other), true) = (have.next(), others().all(|o| o.has(*field))) else {
                    continue;
                };
                // Of two files the later may lack nothing; it may well tell more than the earlier.
                let place = |sheet: &Sheet<'r>| (&sheet.origin.batch, &sheet.origin.file);
                if have.next().is_some() || place(&sheet) > place(&other) {
                    found.push(Grave::ColumnLost {
                        file: sheet.origin.file.clone(),
                        field: *field,
                        other: other.origin.file.clone(),
                    });
                }
            }
        }
        found
    }

    /// A snapshot far below the same family's last one.
    fn shrunk(&self) -> Vec<Grave> {
        let mut found = Vec::new();
        let turns = &self.figures.turns;
        let is = |turn: Turn| {
            self.sheets()
                .zip(turns)
                .filter(move |(_, mine)| **mine == turn)
        };
        for (sheet, _) in is(Turn::Counts).filter(|(sheet, _)| self.is_snapshot(sheet)) {
            let family = Self::family(&sheet);
            let earlier = is(Turn::Before).filter(|(other, _)| Self::family(other) == family);
            let Some((last, _)) = earlier.max_by_key(|(other, _)| other.account.rows) else {
                continue;
            };
            let all = |turn| {
                let mine = is(turn).filter(|(other, _)| Self::family(other) == family);
                mine.map(|(other, _)| other.account.rows).sum::<u64>()
            };
            let (rows, before) = (all(Turn::Counts), all(Turn::Before));
            if before >= FROM_ROWS && rows * 2 < before {
                found.push(Grave::Shrunk {
                    file: sheet.origin.file.clone(),
                    rows,
                    before,
                    other: last.origin.file.clone(),
                });
            }
        }
        found
    }

    fn is_snapshot(&self, sheet: &Sheet<'_>) -> bool {
        // Rosters have limits of their own (`shrink-limit`).
        let rule = self.scheme.source(sheet.origin.source);
        rule.is_some_and(|rule| rule.mode == Mode::Snapshot) && !sheet.is_of(SourceKind::Rosters)
    }

    /// A register below half of the tasks.
    fn half_a_register(&self) -> anyhow::Result<Option<Grave>> {
        let tasks = self.figures.frame(SourceKind::Tasks);
        let figures = tasks
            .map(|frame| Figures::of(frame, self.scheme))
            .transpose()?;
        let task = figures.and_then(|figures| figures.task.or(figures.population));
        let largest = self
            .of(SourceKind::Register)
            .max_by_key(|sheet| sheet.account.rows);
        let (Some(task), Some(sheet)) = (task, largest) else {
            return Ok(None);
        };
        let persons = self.persons();
        let tasks = self.of(SourceKind::Tasks).next();
        Ok(
            (persons >= FROM_PERSONS && persons * 2 < task).then(|| Grave::Shrunk {
                file: sheet.origin.file.clone(),
                rows: persons,
                before: task,
                other: tasks.map_or_else(String::new, |sheet| sheet.origin.file.clone()),
            }),
        )
    }

    fn is_half_over(&self) -> bool {
        let window = self.scheme.window;
        let days = (window.to - window.from).num_days().unsigned_abs();
        self.as_of >= window.from + Days::new(days / 2)
    }

    /// Months without a payment between months with them, within the window.
    fn months_missing(&self) -> Vec<Grave> {
        let payments = || self.of(SourceKind::Payments);
        let rows: u64 = payments().map(|sheet| sheet.account.rows).sum();
        if rows < FROM_ROWS || !self.is_half_over() {
            return Vec::new();
        }
        let month = |day: NaiveDate| (day.year(), day.month());
        let (from, to) = (
            month(self.scheme.window.from),
            month(self.scheme.window.to.min(self.as_of)),
        );
        let paid = |at: (i32, u32)| {
            payments().any(|sheet| sheet.account.months.get(&at).is_some_and(|rows| *rows > 0))
        };
        let all = || months(from, to);
        let first = all().find(|at| paid(*at));
        let last = all().filter(|at| paid(*at)).last();
        let (Some(first), Some(last)) = (first, last) else {
            return Vec::new();
        };
        let missing = months(first, last).filter(|at| !paid(*at));
        missing
            .map(|(year, month)| Grave::MonthGap { year, month })
            .collect()
    }

    fn no_registrations(&self) -> Option<Grave> {
        let declared = self.scheme.source(SourceKind::Registrations)?;
        let rows: u64 = self.of(declared.kind).map(|sheet| sheet.account.rows).sum();
        (rows == 0 && self.is_half_over()).then_some(Grave::NoRegistrations)
    }

    /// An as-of date before the window, or long after the newest book that names its day.
    fn day_is_odd(&self) -> Option<Grave> {
        let (as_of, window) = (self.as_of, self.scheme.window.from);
        let odd = |newest| Grave::AsOfOdd {
            as_of,
            window,
            newest,
        };
        if as_of < window {
            return Some(odd(None));
        }
        let days = self.sheets().filter_map(|sheet| day_of(sheet.origin));
        let paid = self
            .of(SourceKind::Payments)
            .filter_map(|sheet| sheet.account.days);
        let paid = paid.map(|(_, last)| day_of_epoch(last));
        let newest = days.chain(paid).max()?;
        (as_of > newest + Days::new(LATEST)).then(|| odd(Some(newest)))
    }
}

/// Books that are of the scheme's region and year; other places' reports and last year's list are not.
const fn is_ours(kind: SourceKind) -> bool {
    !matches!(
        kind,
        SourceKind::Elsewhere | SourceKind::Previous | SourceKind::Students
    )
}

/// The day that a batch names; of a month its last.
fn day_of(origin: &Origin) -> Option<NaiveDate> {
    days_of(origin.batch.as_ref()?).map(|(_, last)| last)
}

/// The months from one to another, both included.
fn months(from: (i32, u32), to: (i32, u32)) -> impl Iterator<Item = (i32, u32)> {
    let next = |(year, month): &(i32, u32)| {
        Some(if *month == 12 {
            (year + 1, 1)
        } else {
            (*year, month + 1)
        })
    };
    std::iter::successors(Some(from), next).take_while(move |at| *at <= to)
}
