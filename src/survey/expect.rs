//! Expectations: what the tasks table, the calendar and the other files lead one to expect, and where it is not so.
//! A warning stops nothing: the clerk knows why a file is small this month, or learns it in time.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};

use super::counts::{Counts, Gist, SheetCounts};
use super::discreet::is_discreet;
use super::warning::{At, OddCells, OddSameness, OddSize, OddTime, Warning, Yardstick};
use super::{Content, SurveyedFile};
use crate::domain::{Code, Fate, Field, SourceKind};
use crate::intake::family::days_of;
use crate::intake::{Beside, NoTable, SourceSheet};
use crate::refine::Turn;
use crate::scheme::{Mode, Scheme};

/// What warnings are drawn from.
pub(super) struct Observed<'a> {
    pub(super) files: &'a [SurveyedFile],
    pub(super) heads: &'a [SourceSheet],
    pub(super) no_tables: &'a [NoTable],
    pub(super) gists: &'a [Gist],
    pub(super) counts: &'a Counts,
    /// By position in `Rows::origins`.
    pub(super) turns: &'a [Turn],
    pub(super) scheme: &'a Scheme,
    pub(super) as_of: NaiveDate,
    /// Rows of tasks tables that are added to others of their region: (origin, row).
    pub(super) added: &'a [(u32, u32)],
}

/// Fewer rows than 3/5 of what is expected are far fewer: a file cut in half holds a half of what was true, and what it
/// is held against is rounded, or a year old.
const FAR_FEWER: (u64, u64) = (3, 5);

/// Below this many rows shares say little: a village's roster of a dozen may well have two odd numbers.
const LEAST_ROWS: u64 = 20;

/// Tax offices export monthly at least: what ends more than a month early lacks a file.
const LATE_DAYS: u64 = 31;

/// Truncated numbers come by the column. docs/readings.md#identity takes a column for damaged from
/// 1 % on.
const TRUNCATED: (u64, u64) = (1, 100);

/// Typing mistakes spoil one number in hundreds. One in twenty has a cause: a wrong column, or masked numbers.
const UNUSABLE: (u64, u64) = (1, 20);

/// Columns that hold money, a day or a category in every row, and do not in half of them, were not filled in, or are others.
const HALF_EMPTY: (u64, u64) = (1, 2);

/// The last row of a sheet: xls ends here, xlsx there. Whatever is longer was cut off without a word.
const LAST_ROWS: [u32; 2] = [65_536, 1_048_576];

/// Systems that export page by page stop at a full page: an exact multiple is chance once in as many files.
const PAGE: u64 = 10_000;

/// More unknown words than a vocabulary has mean that the column is another: it may hold names, so none is shown.
const MOST_WORDS: usize = 30;

/// A word of two to four characters that fewer rows hold could be a person's name: it is not shown.
const SURELY_NO_NAME: u64 = 5;

/// Every warning, the gravest kinds first.
pub(super) fn warnings(facts: &Observed<'_>) -> Vec<Warning> {
    let mut found = absent(facts);
    found.extend(facts.no_tables.iter().map(no_table));
    found.extend(same_files(facts));
    found.extend(rows_added(facts));
    found.extend(few_rows(facts));
    found.extend(shrunk(facts));
    found.extend(kept_lists(facts));
    found.extend(stale(facts));
    found.extend(outside_window(facts));
    found.extend(named_later(facts));
    found.extend(
        facts
            .each_sheet()
            .filter_map(|(sheet, gist, _)| set_aside(sheet, gist, facts.scheme)),
    );
    found.extend(
        facts
            .each_sheet()
            .flat_map(|(sheet, ..)| fields_beside(sheet)),
    );
    found.extend(
        facts
            .each_sheet()
            .flat_map(|(sheet, gist, counts)| of_sheet(sheet, gist, counts)),
    );
    found.extend(
        facts
            .counts
            .unknown
            .iter()
            .map(|(source, words)| unknown_words(*source, words)),
    );
    found
}

/// What lies beside the tables and is not read.
fn no_table(one: &NoTable) -> Warning {
    let file = one.file.clone();
    Warning::Size(match one.is {
        Beside::NoFile => OddSize::NoFile { file },
        Beside::Archive(files) => OddSize::Archive { file, files },
    })
}

impl Observed<'_> {
    fn each_sheet(&self) -> impl Iterator<Item = (&SourceSheet, &Gist, &SheetCounts)> {
        let counts = self
            .counts
            .origin_of
            .iter()
            .map(|origin| &self.counts.sheets[*origin]);
        self.heads
            .iter()
            .zip(self.gists)
            .zip(counts)
            .map(|((sheet, gist), counts)| (sheet, gist, counts))
    }

    /// Rows of a source as it stands; `None` where it has no file, or one that cannot be used.
    fn taken(&self, source: SourceKind) -> Option<u64> {
        let mut files = self
            .files
            .iter()
            .filter(|file| file.source == source)
            .peekable();
        files.peek()?;
        let whole = files.all(|file| matches!(file.content, Content::Sheets(_)));
        let of_source = self
            .each_sheet()
            .filter(|(sheet, ..)| sheet.origin.source == source);
        whole.then(|| of_source.map(|(_, _, counts)| counts.taken).sum())
    }
}

fn at(sheet: &SourceSheet) -> At {
    At {
        source: sheet.origin.source,
        file: sheet.origin.file.clone(),
        sheet: sheet.origin.sheet.clone(),
    }
}

/// `part` is at least this share of `of`.
fn reaches(part: u64, of: u64, share: (u64, u64)) -> bool {
    u128::from(part) * u128::from(share.1) >= u128::from(of) * u128::from(share.0)
}

fn far_fewer(rows: u64, expected: u64) -> bool {
    expected >= LEAST_ROWS && !reaches(rows, expected, FAR_FEWER)
}

fn absent(facts: &Observed<'_>) -> Vec<Warning> {
    // A required source without a file is a complaint already.
    let declared = facts
        .scheme
        .sources
        .iter()
        .filter(|rule| !rule.required)
        .map(|rule| rule.kind);
    let has_file = |kind: &SourceKind| facts.files.iter().any(|file| file.source == *kind);
    declared
        .filter(|kind| !has_file(kind))
        .map(|source| Warning::Size(OddSize::Absent { source }))
        .collect()
}

fn rows_added(facts: &Observed<'_>) -> Vec<Warning> {
    let mut found = Vec::new();
    for (origin, row) in facts.added {
        let of = facts
            .counts
            .origin_of
            .iter()
            .position(|at| *at == *origin as usize);
        if let Some(sheet) = of.and_then(|at| facts.heads.get(at)) {
            let at = at(sheet);
            found.push(Warning::Sameness(OddSameness::RowsAdded { at, row: *row }));
        }
    }
    found
}

fn same_files(facts: &Observed<'_>) -> Vec<Warning> {
    let mut found = Vec::new();
    let mut by_bytes: HashMap<&str, &str> = HashMap::new();
    let mut by_rows: HashMap<(u64, u64), &SourceSheet> = HashMap::new();
    for (sheet, gist, _) in facts.each_sheet() {
        let (file, digest) = (sheet.origin.file.as_str(), sheet.origin.sha256.as_str());
        let first = *by_bytes.entry(digest).or_insert(file);
        if first != file {
            found.push(Warning::Sameness(OddSameness::SameFile {
                file: file.to_owned(),
                other: first.to_owned(),
            }));
            continue;
        }
        if gist.rows < LEAST_ROWS {
            continue;
        }
        match by_rows.get(&(gist.rows, gist.digests)) {
            Some(other) => found.push(Warning::Sameness(OddSameness::SameRows {
                at: at(sheet),
                other: at(other),
                rows: gist.rows,
            })),
            None => {
                by_rows.insert((gist.rows, gist.digests), sheet);
            }
        }
    }
    found.dedup(); // a file of several sheets is told once
    found
}

/// What the rows of a book are held against, the best first, and whether that can be done by now.
fn expectations(season_over: bool) -> [(SourceKind, &'static [Yardstick], bool); 6] {
    use SourceKind::{Payments, Previous, Register, Registrations};
    use Yardstick::{Book, LastYear, Population, Task};
    [
        (Register, &[Population, Task, LastYear], true),
        (
            Registrations,
            &[LastYear, Book(Previous), Task],
            season_over,
        ),
        (Registrations, &[Book(Payments)], true),
        (Payments, &[Task, LastYear, Book(Previous)], season_over),
        (Payments, &[Book(Registrations)], season_over),
        (Previous, &[LastYear], true),
    ]
}

/// Books against the tasks table and against each other. What is not stated is not expected.
fn few_rows(facts: &Observed<'_>) -> Vec<Warning> {
    let figures = facts.counts.figures;
    let stated = |by: Yardstick| match by {
        Yardstick::Population => figures.population,
        Yardstick::Task => figures.task,
        Yardstick::LastYear => figures.last_year,
        Yardstick::Book(source) => facts.taken(source),
    };
    // Enrolment grows through the window: before its end only books of the same day can be compared.
    let season_over = facts.as_of >= facts.scheme.window.to;
    let mut found: Vec<Warning> = Vec::new();
    for (source, yardsticks, applies) in expectations(season_over) {
        let first = yardsticks
            .iter()
            .find_map(|by| Some((*by, stated(*by).filter(|figure| *figure > 0)?)));
        let (Some(rows), Some((by, expected)), true) = (facts.taken(source), first, applies) else {
            continue;
        };
        let told = |warning: &Warning| matches!(warning, Warning::Size(OddSize::FewRows { source: known, .. }) if *known == source);
        // One reason is enough.
        if far_fewer(rows, expected) && !found.iter().any(told) {
            found.push(Warning::Size(OddSize::FewRows {
                source,
                rows,
                expected,
                by,
            }));
        }
    }
    found
}

/// Lists by sender: (source, family).
type Sender<'a> = (SourceKind, &'a str);

impl Observed<'_> {
    /// Sheets of snapshots with what each is among its sender's.
    fn lists(&self) -> impl Iterator<Item = (Sender<'_>, Turn, &SourceSheet, u64)> {
        let turns = self.counts.origin_of.iter().map(|at| self.turns[*at]);
        let sheets = self.each_sheet().zip(turns);
        let is_snapshot = |kind: SourceKind| {
            let rule = self.scheme.source(kind);
            rule.is_some_and(|rule| rule.mode == Mode::Snapshot)
        };
        sheets.filter_map(move |((sheet, gist, _), turn)| {
            let origin = &sheet.origin;
            let sender = (origin.source, origin.family.as_str());
            is_snapshot(origin.source).then_some((sender, turn, sheet, gist.rows))
        })
    }
}

/// A sender's list far smaller than the one before it.
fn shrunk(facts: &Observed<'_>) -> Vec<Warning> {
    #[derive(Default)]
    struct Sent<'a> {
        now: Option<(&'a str, u64)>,
        before: Option<(&'a str, u64)>,
    }
    let mut senders: BTreeMap<Sender<'_>, Sent<'_>> = BTreeMap::new();
    for (sender, turn, sheet, rows) in facts.lists() {
        let sent = senders.entry(sender).or_default();
        let origin = &sheet.origin;
        let (of, name) = match turn {
            Turn::Counts => (&mut sent.now, origin.file.as_str()),
            Turn::Before => (
                &mut sent.before,
                origin.batch.as_deref().unwrap_or_default(),
            ),
            Turn::Older | Turn::Later => continue,
        };
        *of = Some((name, of.map_or(0, |(_, sum)| sum) + rows));
    }
    let far = senders.into_iter().filter_map(|((source, _), sent)| {
        let ((file, rows), (batch, before)) = (sent.now?, sent.before?);
        far_fewer(rows, before).then(|| {
            Warning::Size(OddSize::Shrunk {
                source,
                file: file.to_owned(),
                rows,
                before,
                batch: batch.to_owned(),
            })
        })
    });
    far.collect()
}

/// Senders that sent nothing since others of the same source did: their last list counts, with its age.
fn kept_lists(facts: &Observed<'_>) -> Vec<Warning> {
    let mut newest: BTreeMap<SourceKind, NaiveDate> = BTreeMap::new();
    let counting = || {
        let lists = facts.lists().filter(|(_, turn, ..)| *turn == Turn::Counts);
        lists.filter_map(|((source, _), _, sheet, _)| {
            let batch = sheet.origin.batch.as_deref()?;
            Some((source, sheet.origin.file.as_str(), batch, days_of(batch)?.1))
        })
    };
    for (source, _, _, day) in counting() {
        let known = newest.entry(source).or_insert(day);
        *known = day.max(*known);
    }
    let mut found: Vec<Warning> = counting()
        .filter_map(|(source, file, batch, day)| {
            let days = (*newest.get(&source)? - day).num_days();
            (days > 0).then(|| {
                Warning::Size(OddSize::NotSentAgain {
                    source,
                    file: file.to_owned(),
                    batch: batch.to_owned(),
                    days: days.unsigned_abs(),
                })
            })
        })
        .collect();
    found.dedup(); // a file of several sheets is told once
    found
}

fn stale(facts: &Observed<'_>) -> Option<Warning> {
    let payments = facts
        .each_sheet()
        .filter(|(sheet, ..)| sheet.origin.source == SourceKind::Payments);
    let newest = payments
        .filter_map(|(_, _, counts)| counts.days.map(|(_, last)| last))
        .max()?;
    // After the window nobody need have paid.
    let until = facts.as_of.min(facts.scheme.window.to);
    let late = newest
        .checked_add_days(Days::new(LATE_DAYS))
        .is_some_and(|day| day < until);
    late.then_some(Warning::Time(OddTime::Stale { newest, until }))
}

/// Sheets of payments of another season. Late entries after the window are no wonder beside those of the window.
fn outside_window(facts: &Observed<'_>) -> Vec<Warning> {
    let payments = || {
        facts
            .each_sheet()
            .filter(|(sheet, ..)| sheet.origin.source == SourceKind::Payments)
    };
    let some_inside = payments().any(|(_, _, counts)| counts.in_window > 0);
    let of_sheet = |(sheet, _, counts): (&SourceSheet, &Gist, &SheetCounts)| {
        let (first, last) = counts.days.filter(|_| counts.in_window == 0)?;
        let wrong = last < facts.scheme.window.from || !some_inside;
        wrong.then(|| {
            Warning::Time(OddTime::OutsideWindow {
                at: at(sheet),
                first,
                last,
            })
        })
    };
    payments().filter_map(of_sheet).collect()
}

fn named_later(facts: &Observed<'_>) -> Option<Warning> {
    let mut files: Vec<String> = Vec::new();
    for (sheet, ..) in facts.each_sheet() {
        let batch = sheet.origin.batch.as_deref();
        let Some((named, _)) = batch.and_then(days_of) else {
            continue;
        };
        if named > facts.as_of && !files.contains(&sheet.origin.file) {
            files.push(sheet.origin.file.clone());
        }
    }
    (!files.is_empty()).then_some(Warning::Time(OddTime::NamedLater {
        files,
        as_of: facts.as_of,
    }))
}

/// A sheet of nothing but notes. One that the pipeline leaves out is no news.
fn set_aside(sheet: &SourceSheet, gist: &Gist, scheme: &Scheme) -> Option<Warning> {
    let is_asked_for = scheme
        .source(sheet.origin.source)
        .is_some_and(|rule| rule.takes_sheet(&sheet.origin.sheet));
    let rows = sheet.set_aside.of(Fate::Note);
    let is_out = gist.rows == 0 && sheet.columns.is_empty() && rows > 0;
    (is_asked_for && is_out).then(|| {
        Warning::Size(OddSize::SheetSetAside {
            at: at(sheet),
            rows,
        })
    })
}

fn fields_beside(sheet: &SourceSheet) -> impl Iterator<Item = Warning> + '_ {
    let lacks = |field: &Field| {
        !sheet
            .columns
            .iter()
            .any(|column| column.field == Some(*field))
    };
    sheet.beside.tables.iter().filter_map(move |table| {
        let fields: Vec<Field> = table.fields.iter().copied().filter(lacks).collect();
        (!fields.is_empty()).then(|| {
            Warning::Size(OddSize::FieldsBeside {
                at: at(sheet),
                headers: table.headers.clone(),
                fields,
            })
        })
    })
}

/// What a sheet says by itself.
fn of_sheet(sheet: &SourceSheet, gist: &Gist, counts: &SheetCounts) -> Vec<Warning> {
    let mut found = Vec::new();
    let is_table = sheet.columns.iter().any(|column| column.field.is_some());
    if gist.rows == 0 {
        found.extend(is_table.then(|| Warning::Size(OddSize::NoRows { at: at(sheet) })));
        return found;
    }
    if LAST_ROWS.contains(&gist.last_row) || gist.rows.is_multiple_of(PAGE) {
        found.push(Warning::Size(OddSize::CutOff {
            at: at(sheet),
            rows: gist.rows,
        }));
    }
    for (field, blank) in &gist.blanks {
        let limit = match field {
            Field::Id | Field::Name => UNUSABLE,
            field if is_filled_in(*field, sheet.origin.source) => HALF_EMPTY,
            _ => continue,
        };
        if *blank >= 2 && reaches(*blank, gist.rows, limit) {
            found.push(Warning::Cells(OddCells::BlankCells {
                at: at(sheet),
                field: *field,
                blank: *blank,
                of: gist.rows,
            }));
        }
    }
    found.extend(bad_numbers(sheet, counts));
    if counts.other_year > 0 && counts.other_year == counts.rows {
        found.push(Warning::Time(OddTime::OtherYear {
            at: at(sheet),
            rows: counts.rows,
        }));
    }
    // Other places' reports, and students, may well lie outside.
    let is_ours = !matches!(
        sheet.origin.source,
        SourceKind::Elsewhere | SourceKind::Students
    );
    if is_ours && counts.rows >= 2 && counts.foreign * 2 > counts.rows {
        found.push(Warning::Cells(OddCells::Foreign {
            at: at(sheet),
            foreign: counts.foreign,
            of: counts.rows,
        }));
    }
    found
}

/// Columns that an office fills in for every row of this book.
fn is_filled_in(field: Field, source: SourceKind) -> bool {
    match field {
        Field::PaidOn => source == SourceKind::Payments,
        Field::Category => source == SourceKind::Rosters,
        Field::Death => source == SourceKind::Deaths,
        Field::MovedOut => source == SourceKind::Departures,
        // Cells merged over many rows hold their value in the first.
        Field::Township | Field::Village => {
            source.has_persons() && !matches!(source, SourceKind::Elsewhere | SourceKind::Students)
        }
        Field::Total | Field::Personal | Field::Status | Field::Scheme | Field::Place => true,
        _ => false,
    }
}

fn bad_numbers(sheet: &SourceSheet, counts: &SheetCounts) -> Vec<Warning> {
    let kinds = [
        (Code::IdTruncated, TRUNCATED),
        (Code::IdMalformed, UNUSABLE),
        (Code::IdBirthdate, UNUSABLE),
        (Code::IdChecksum, UNUSABLE),
    ];
    let of_kind = |(code, share): (Code, (u64, u64))| {
        let rows = counts.verdicts[usize::from(code.index())];
        let many = rows >= 2
            && reaches(rows, counts.rows, share)
            && (counts.rows >= LEAST_ROWS || rows * 2 >= counts.rows);
        many.then(|| {
            Warning::Cells(OddCells::BadNumbers {
                at: at(sheet),
                code,
                rows,
                of: counts.rows,
            })
        })
    };
    kinds.into_iter().filter_map(of_kind).collect()
}

fn unknown_words(source: SourceKind, words: &[(String, u64)]) -> Warning {
    let may_be_name = |word: &str| {
        (2..=4).contains(&word.chars().count()) && word.chars().all(super::clues::is_han)
            || !is_discreet(word)
    };
    let has_number = |word: &str| word.chars().filter(char::is_ascii_digit).count() > 5;
    let shown = |(word, rows): &&(String, u64)| {
        words.len() <= MOST_WORDS
            && !has_number(word)
            && (*rows >= SURELY_NO_NAME || !may_be_name(word))
            && word.chars().count() <= 30
    };
    let (shown, others): (Vec<&(String, u64)>, Vec<_>) = words.iter().partition(shown);
    Warning::Cells(OddCells::UnknownWords {
        source,
        words: shown.into_iter().cloned().collect(),
        others: others.len() as u64,
        rows_of_others: others.iter().map(|(_, rows)| rows).sum(),
    })
}
