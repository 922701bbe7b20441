//! The lists behind the reports: rows about keys and origins, sorted bucket by bucket, become rows that say file, sheet and name.

use std::collections::HashMap;
use std::ops::AddAssign;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::*;

use super::Refunds;
use crate::domain::{Code, Field, Repair, Standing, columns as c};
use crate::intake::Origin;
use crate::judge::Said;
use crate::judge::note::n;
use crate::judge::rulebook::OnTheWay;
use crate::judge::transit::t;
use crate::refine::Rows;
use crate::scheme::Scheme;
use crate::vault::{Collecting, Runs, SortedRun, Worded};

// Columns that live only in this file.
const CASE: &str = "case";
const CLAUSE: &str = "clause";
const OTHER_PLACE: &str = "other_place";
const PAYER: &str = "payer";
const PLACE: &str = "place";
const VERDICT: &str = "verdict";

closed_list! {
    /// A list of persons or rows that is as long as a book.
    pub enum List {
        /// findings.parquet, by code, region, person and place.
        Findings = "findings",
        /// cases.parquet, by case number.
        Cases = "cases",
        /// subsidy.parquet, one row a person.
        Subsidy = "subsidy",
        /// entries.parquet, one row a person.
        Entries = "entries",
        /// standings.parquet, one row a person of the register.
        Standings = "standings",
        /// transit.parquet, by what is on its way and person.
        Transit = "transit",
        /// repairs.parquet, by source, file, sheet, row, field and rule.
        Repairs = "repairs",
    }
}

impl List {
    /// What its rows are sorted by. All further columns decide between rows that are equal so far, so that neither the
    /// order in which rows come nor the number of runs shows.
    const fn order(self) -> &'static [&'static str] {
        match self {
            List::Findings => &[
                n::CODE,
                c::REGION,
                c::ID,
                c::NAME,
                PLACE,
                c::ROW,
                OTHER_PLACE,
                n::OTHER_ROW,
                n::FOUND,
                n::EXPECTED,
            ],
            List::Cases => &[CASE, "id", "paid_on"],
            List::Subsidy => &[c::ID, c::NAME],
            List::Entries => &[c::ID, c::NAME, CASE],
            List::Standings => &[c::ID, c::NAME, PLACE, c::ROW],
            List::Transit => &[t::WHAT, c::ID, c::NAME, c::PAID_ON, PLACE, c::ROW],
            List::Repairs => &[PLACE, c::ROW, c::FIELD, c::RULE],
        }
    }
}

/// The lists of a run while they come in, bucket by bucket.
pub struct GatheredLists {
    catalogue: Catalogue,
    come: Collecting<List>,
    counts: Mutex<ListCounts>,
}

/// What is counted of lists while they come in.
#[derive(Clone, Copy)]
pub(super) struct ListCounts {
    /// Findings by `Code::index`.
    pub(super) findings: [u64; Code::COUNT],
    /// What the cases come to.
    pub(super) refunds: Refunds,
}

impl Default for ListCounts {
    fn default() -> ListCounts {
        ListCounts {
            findings: [0; Code::COUNT],
            refunds: Refunds::default(),
        }
    }
}

impl ListCounts {
    /// What a bucket says.
    fn of(said: &Said) -> PolarsResult<ListCounts> {
        let mut counts = ListCounts::default();
        counts.add(&said.findings, &said.cases)?;
        Ok(counts)
    }

    fn add(&mut self, findings: &DataFrame, cases: &DataFrame) -> PolarsResult<()> {
        if findings.width() > 0 {
            for code in findings.column(n::CODE)?.u8()?.into_no_null_iter() {
                self.findings[usize::from(code)] += 1;
            }
        }
        if cases.width() > 0 {
            self.refunds += Refunds::of(cases)?;
        }
        Ok(())
    }
}

impl AddAssign for ListCounts {
    fn add_assign(&mut self, other: ListCounts) {
        for (mine, theirs) in self.findings.iter_mut().zip(other.findings) {
            *mine += theirs;
        }
        self.refunds += other.refunds;
    }
}

impl GatheredLists {
    /// None yet; `rows` says which files were read.
    pub fn none(rows: &Rows, scheme: &Scheme, scratch: Option<PathBuf>) -> GatheredLists {
        GatheredLists {
            catalogue: Catalogue::of(&rows.origins, scheme),
            come: Collecting::none(scratch),
            counts: Mutex::default(),
        }
    }

    /// Takes what a bucket says. Buckets may come in any order, from any thread.
    ///
    /// # Errors
    /// `Fault` where scratch cannot be written; else only when a frame has other columns than `judge` gives it.
    pub fn take(&self, bucket: usize, said: Said) -> anyhow::Result<()> {
        let counts = ListCounts::of(&said)?;
        let lists = [
            (List::Findings, said.findings),
            (List::Cases, said.cases),
            (List::Subsidy, said.subsidy),
            (List::Entries, said.entries),
            (List::Standings, said.standings),
            (List::Transit, said.transit),
        ];
        for (list, rows) in lists.into_iter().filter(|(_, rows)| rows.width() > 0) {
            let run = self.catalogue.run(list, rows)?;
            self.come.take(list, bucket, run)?;
        }
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner) += counts;
        Ok(())
    }

    /// Takes repairs of persons that do not stand in memory, in order of source, file, sheet and row. Without scratch there are
    /// none.
    ///
    /// # Errors
    /// What `pieces` say, and `Fault` where scratch cannot be written.
    pub fn take_repairs(
        &self,
        pieces: impl Iterator<Item = anyhow::Result<DataFrame>>,
    ) -> anyhow::Result<()> {
        // Of one row's repairs the fields and rules decide.
        let sorted =
            pieces.map(|piece| Ok(self.catalogue.run(List::Repairs, piece?)?.into_frame()));
        self.come.take_in_order(List::Repairs, sorted)
    }

    /// Takes a list that comes as a whole.
    pub(super) fn take_whole(&self, list: List, rows: DataFrame) -> PolarsResult<()> {
        self.come.take_whole(list, self.catalogue.run(list, rows)?);
        Ok(())
    }

    /// What was counted, and every list.
    ///
    /// # Panics
    /// When a list is asked for of which nothing came.
    pub(super) fn come(self) -> (ListCounts, impl FnMut(List) -> Runs) {
        let counts = self
            .counts
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let (mut runs, catalogue) = (self.come.collected(), self.catalogue);
        let of = move |list| {
            let runs = runs
                .remove(&list)
                .unwrap_or_else(|| panic!("every bucket has {list}, if without rows"));
            catalogue.list(list, runs)
        };
        (counts, of)
    }
}

/// Findings of some checks, in memory.
///
/// # Errors
/// What reading a scratch file says, and of other lists than findings that they are none.
pub fn of_codes(findings: &Runs, wanted: impl Fn(Code) -> bool) -> PolarsResult<DataFrame> {
    findings.picked(|rows| {
        let codes = rows.column(n::CODE)?.u8()?.iter();
        Ok(codes
            .map(|code| code.map(|code| wanted(Code::at(code))))
            .collect())
    })
}

/// Makes runs of what judge says of a bucket, and lists of runs. Knows files and sheets, and so their order.
struct Catalogue {
    source: StringChunked,
    file: StringChunked,
    sheet: StringChunked,
    /// Ranks of origins, equal where what they are ranked by is.
    ranks: [UInt32Chunked; 4],
    /// Of findings: level, clause and who acts, by code.
    codes: [StringChunked; 3],
    regions: Arc<(HashMap<String, IdxSize>, StringChunked)>,
}

/// What places are ranked by.
#[derive(Clone, Copy)]
enum By {
    /// File.
    File,
    /// File and sheet.
    Sheet,
    /// Name of the source, file and sheet.
    Source,
    /// Position of the source among the sources, file and sheet.
    Book,
}

impl Catalogue {
    /// For the files of a run.
    fn of(origins: &[Origin], scheme: &Scheme) -> Catalogue {
        let text = |of: fn(&Origin) -> &str| -> StringChunked {
            origins.iter().map(|origin| Some(of(origin))).collect()
        };
        let of_code = |of: &dyn Fn(Code) -> String| -> StringChunked {
            Code::ALL.iter().map(|code| Some(of(*code))).collect()
        };
        let inside = scheme.regions.inside();
        let names: StringChunked = inside
            .iter()
            .map(|region| Some(region.name.as_str()))
            .collect();
        let at = inside
            .iter()
            .map(|region| region.code.clone())
            .zip(0..)
            .collect();
        Catalogue {
            source: text(|origin| origin.source.code()),
            file: text(|origin| &origin.file),
            sheet: text(|origin| &origin.sheet),
            ranks: [
                ranks(origins, |origin| &origin.file),
                ranks(origins, |origin| (&origin.file, &origin.sheet)),
                ranks(origins, |origin| {
                    (origin.source.code(), &origin.file, &origin.sheet)
                }),
                ranks(origins, |origin| {
                    (origin.source.index(), &origin.file, &origin.sheet)
                }),
            ],
            codes: [
                of_code(&|code| scheme.level(code).code().to_owned()),
                of_code(&|code| scheme.clause(code).to_owned()),
                of_code(&|code| code.acts().code().to_owned()),
            ],
            regions: Arc::new((at, names)),
        }
    }

    /// A sorted run of what one bucket, or one book, has to say.
    fn run(&self, list: List, mut frame: DataFrame) -> PolarsResult<SortedRun> {
        let mut place = |of: &str, by: By, name: &str| -> PolarsResult<()> {
            let at = frame.column(of)?.cast(&IDX_DTYPE)?;
            frame.with_column(
                self.ranks[by as usize]
                    .take(at.idx()?)?
                    .with_name(name.into())
                    .into_column(),
            )?;
            Ok(())
        };
        match list {
            List::Findings => {
                place(c::ORIGIN, By::Source, PLACE)?;
                place(n::OTHER_ORIGIN, By::File, OTHER_PLACE)?;
            }
            List::Standings => place(c::ORIGIN, By::Sheet, PLACE)?,
            List::Repairs => place(c::ORIGIN, By::Book, PLACE)?,
            List::Transit => place(c::ORIGIN, By::Source, PLACE)?,
            List::Cases | List::Subsidy | List::Entries => {}
        }
        let order = order(list, &frame);
        SortedRun::of(frame, &order)
    }

    /// The list that several runs make up.
    fn list(&self, list: List, runs: Vec<SortedRun>) -> Runs {
        let order = order(list, runs[0].looks());
        let worded: Worded = match list {
            List::Findings => self.findings(),
            List::Standings => self.standings(),
            List::Repairs => self.repairs(),
            List::Transit => self.transit(),
            List::Subsidy => Arc::new(subsidy),
            List::Entries => Arc::new(entries),
            List::Cases => Arc::new(Ok),
        };
        Runs::new(runs, order, worded)
    }

    /// Level, clause and region of findings, files and sheets in place of codes and origins.
    fn findings(&self) -> Worded {
        let [level, clause, acts] = self.codes.clone();
        let codes: StringChunked = Code::ALL.iter().map(|code| Some(code.code())).collect();
        let (source, file, sheet) = (self.source.clone(), self.file.clone(), self.sheet.clone());
        let regions = Arc::clone(&self.regions);
        Arc::new(move |rows: DataFrame| {
            let region = rows.column(c::REGION)?.str()?;
            let named: IdxCa = region
                .iter()
                .map(|code| code.and_then(|code| regions.0.get(code)).copied())
                .collect();
            DataFrame::new(
                rows.height(),
                vec![
                    pointed("code", &codes, &rows, n::CODE)?,
                    pointed("level", &level, &rows, n::CODE)?,
                    text("id", &rows, c::ID)?,
                    text("name", &rows, c::NAME)?,
                    text("region_code", &rows, c::REGION)?,
                    said(regions.1.take(&named)?)?
                        .with_name("region".into())
                        .into_column(),
                    pointed("source", &source, &rows, c::ORIGIN)?,
                    pointed("file", &file, &rows, c::ORIGIN)?,
                    pointed("sheet", &sheet, &rows, c::ORIGIN)?,
                    rows.column(c::ROW)?.clone().with_name("row".into()),
                    text("expected", &rows, n::EXPECTED)?,
                    text("found", &rows, n::FOUND)?,
                    pointed("other_source", &source, &rows, n::OTHER_ORIGIN)?,
                    pointed("other_file", &file, &rows, n::OTHER_ORIGIN)?,
                    pointed("other_sheet", &sheet, &rows, n::OTHER_ORIGIN)?,
                    rows.column(n::OTHER_ROW)?
                        .clone()
                        .with_name("other_row".into()),
                    rows.column(n::AMOUNT)?
                        .clone()
                        .with_name("amount_fen".into()),
                    pointed(CLAUSE, &clause, &rows, n::CODE)?,
                    pointed("acts", &acts, &rows, n::CODE)?,
                ],
            )
        })
    }

    fn standings(&self) -> Worded {
        let standings: StringChunked = Standing::ALL
            .iter()
            .map(|standing| Some(standing.code()))
            .collect();
        let (source, file) = (self.source.clone(), self.file.clone());
        Arc::new(move |rows: DataFrame| {
            DataFrame::new(
                rows.height(),
                vec![
                    text("id", &rows, c::ID)?,
                    text("name", &rows, c::NAME)?,
                    rows.column(c::REGION)?
                        .clone()
                        .with_name("region_code".into()),
                    pointed("standing", &standings, &rows, c::STANDING)?,
                    pointed("source", &source, &rows, c::ORIGIN)?,
                    pointed("file", &file, &rows, c::ORIGIN)?,
                    rows.column(c::ROW)?.clone().with_name("row".into()),
                ],
            )
        })
    }

    fn transit(&self) -> Worded {
        let what: StringChunked = OnTheWay::ALL.iter().map(|what| Some(what.code())).collect();
        let (source, file, sheet) = (self.source.clone(), self.file.clone(), self.sheet.clone());
        Arc::new(move |rows: DataFrame| {
            DataFrame::new(
                rows.height(),
                vec![
                    pointed(t::WHAT, &what, &rows, t::WHAT)?,
                    text("id", &rows, c::ID)?,
                    text("name", &rows, c::NAME)?,
                    text("region_code", &rows, c::REGION)?,
                    rows.column(c::PAID_ON)?.clone(),
                    rows.column(t::FEN)?.clone(),
                    rows.column(t::UNTIL)?.clone(),
                    pointed("source", &source, &rows, c::ORIGIN)?,
                    pointed("file", &file, &rows, c::ORIGIN)?,
                    pointed("sheet", &sheet, &rows, c::ORIGIN)?,
                    rows.column(c::ROW)?.clone().with_name("row".into()),
                ],
            )
        })
    }

    fn repairs(&self) -> Worded {
        let fields: StringChunked = Field::ALL.iter().map(|field| Some(field.code())).collect();
        let rules: StringChunked = Repair::ALL.iter().map(|rule| Some(rule.code())).collect();
        let (source, file, sheet) = (self.source.clone(), self.file.clone(), self.sheet.clone());
        Arc::new(move |rows: DataFrame| {
            DataFrame::new(
                rows.height(),
                vec![
                    pointed("source", &source, &rows, c::ORIGIN)?,
                    pointed("file", &file, &rows, c::ORIGIN)?,
                    pointed("sheet", &sheet, &rows, c::ORIGIN)?,
                    rows.column(c::ROW)?.clone(),
                    pointed(c::FIELD, &fields, &rows, c::FIELD)?,
                    rows.column(c::BEFORE)?.clone(),
                    rows.column(c::AFTER)?.clone(),
                    pointed(c::RULE, &rules, &rows, c::RULE)?,
                ],
            )
        })
    }
}

/// Dense ranks by a value of every origin, in their order.
fn ranks<'o, T: Ord>(origins: &'o [Origin], of: impl Fn(&'o Origin) -> T) -> UInt32Chunked {
    let mut values: Vec<T> = origins.iter().map(&of).collect();
    values.sort_unstable();
    values.dedup();
    let rank = |origin| values.partition_point(|value| *value < of(origin)) as u32; // origins are fewer than u32
    UInt32Chunked::from_vec(PLACE.into(), origins.iter().map(rank).collect())
}

/// The columns that a list is sorted by, then all others as they stand.
fn order(list: List, frame: &DataFrame) -> Vec<PlSmallStr> {
    let first = list.order();
    let others = frame
        .get_column_names()
        .into_iter()
        .filter(|name| !first.contains(&name.as_str()))
        .cloned();
    first
        .iter()
        .map(|name| PlSmallStr::from_static(name))
        .chain(others)
        .collect()
}

/// Texts that many rows share: each is stored once and pointed at. No position, no text.
fn pointed(
    name: &'static str,
    texts: &StringChunked,
    rows: &DataFrame,
    at: &str,
) -> PolarsResult<Column> {
    let at = rows.column(at)?.cast(&IDX_DTYPE)?;
    Ok(said(texts.take(at.idx()?)?)?
        .with_name(name.into())
        .into_column())
}

/// A text that is not there is an empty text in data files.
fn said(texts: StringChunked) -> PolarsResult<StringChunked> {
    if texts.null_count() == 0 {
        return Ok(texts);
    }
    texts.zip_with(
        &texts.is_not_null(),
        &StringChunked::from_slice(PlSmallStr::EMPTY, &[""]),
    )
}

/// Text of a column under the name it has in the file.
fn text(name: &'static str, rows: &DataFrame, column: &str) -> PolarsResult<Column> {
    Ok(said(rows.column(column)?.str()?.clone())?
        .with_name(name.into())
        .into_column())
}

fn subsidy(rows: DataFrame) -> PolarsResult<DataFrame> {
    let figures = [
        "premium_fen",
        "payable_fen",
        "grant_fen",
        "paid_fen",
        "subsidised_fen",
        "difference_fen",
    ];
    of_person(&rows, &[c::CATEGORY, PAYER], &figures, &[VERDICT])
}

fn entries(rows: DataFrame) -> PolarsResult<DataFrame> {
    let figures = [
        "price",
        "paid_on",
        "payable_fen",
        "paid_fen",
        "starts_on",
        "waits_until",
        "benefit_from",
        "benefit_to",
    ];
    of_person(&rows, &[CASE], &figures, &[CLAUSE])
}

/// Number, name and region of a person, and further columns as they are.
fn of_person(
    rows: &DataFrame,
    what: &[&str],
    figures: &[&str],
    last: &[&str],
) -> PolarsResult<DataFrame> {
    let mut columns = vec![
        text("id", rows, c::ID)?,
        text("name", rows, c::NAME)?,
        text("region_code", rows, c::REGION)?,
    ];
    for name in what.iter().chain(figures).chain(last) {
        columns.push(rows.column(name)?.clone());
    }
    DataFrame::new(rows.height(), columns)
}
