//! Intake: file → text table with origin; the header found by content; every row kept.
//!
//! In:  the scheme's source rules and the folder of inputs.
//! Out: `Sheet`s: per sheet a frame of text columns named by field, with row number and digest, and the count of rows set aside.
//! Never: interprets a value, decides between two rows, or drops one.

mod book;
mod cell;
mod claim;
mod columnar;
mod guard;
mod handed;
mod header;
mod kind;
mod office;
mod old;
mod rows;
mod sheets;
mod suggest;
mod text;

use std::cmp::Reverse;
use std::path::Path;

use polars::prelude::DataFrame;
use rayon::prelude::*;

use crate::domain::{Complaint, FateCounts, Fault, Field, SourceKind, fault::Complaints};
use crate::scheme::Scheme;
use claim::{Claim, Claims};
use suggest::Seen;

pub use book::Trouble;
pub use guard::hush_caught_panics;
pub use handed::{Borrowed, Handed, Texts};
pub use suggest::{Glimpse, header_key, likeness, meant, needed};

/// Where rows come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Which book.
    pub source: SourceKind,
    /// File name relative to the inputs folder, `/` between folders.
    pub file: String,
    /// Sheet name; empty for csv.
    pub sheet: String,
    /// SHA-256 (hex) of the file's bytes.
    pub sha256: String,
    /// `UTF-8`, `UTF-8 BOM`, `UTF-16LE`, `UTF-16BE`, `GB18030`, `Big5`, `xlsx`, `xlsb`, `xls`, `ods`, `html GB18030` (a web page and
    /// its encoding), `xml 2003`, `parquet`.
    pub encoding: String,
    /// Batch found in the file name.
    pub batch: Option<String>,
    /// Days that lost their format are counted from 1904, as old programs on the Mac do, not from 1900.
    pub since_1904: bool,
    /// Rows met while reading, set aside or not; counted before anything is decided. A household's row counts once for
    /// every person in it, and once if nobody is.
    pub rows_read: u64,
}

/// A column as it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Header as written (levels joined by `/`).
    pub header: String,
    /// Field it holds; `None` = unused.
    pub field: Option<Field>,
    /// What says so; `None` = unused.
    pub sure: Option<Sure>,
}

/// How sure it is that a column holds its field, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sure {
    /// The pipeline's `columns` says so.
    Declared,
    /// The header is a word of the trade for it.
    Word,
    /// The header and the merged cells above it say so together.
    Joined,
    /// The header may say so: a lesser word, taken because no better one is there (户主身份证号 for the household).
    Lesser,
}

/// What a sheet holds beside its table or out of sight. Reported; what was set aside is counted in its fates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// The sheet itself is hidden.
    pub hidden_sheet: bool,
    /// Hidden rows that hold anything below the header.
    pub hidden_rows: u64,
    /// Headers of hidden columns.
    pub hidden_columns: Vec<String>,
    /// Other tables on the sheet: beside the table or below it.
    pub tables: Vec<SideTable>,
}

/// A table on a sheet that is not the sheet's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideTable {
    /// Row of its header, from 1.
    pub row: u32,
    /// Its first column, from 0.
    pub column: usize,
    /// Its headers.
    pub headers: Vec<String>,
    /// Beside the sheet's own table: what its headers would mean if they were the table's.
    pub fields: Vec<Field>,
}

/// A total row: kept for footing, counted in nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalRow {
    /// Row number from 1.
    pub row: u32,
    /// Cells of the matched columns.
    pub cells: Vec<(Field, String)>,
}

/// One sheet as text.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Where it comes from.
    pub origin: Origin,
    /// Row number of the header (of its last level), from 1; 0 where no row is one (parquet; a sheet of notes).
    pub header_row: u32,
    /// Every column of the header, in its place: columns of tables beside it are blank. What further headers of the form
    /// name below it stands behind them.
    pub columns: Vec<Column>,
    /// Data rows: one `String` column per matched field, named by `Field::code()`, cells as written but trimmed, numbers
    /// and names with the blanks around them
    /// (null when blank; a number cell beyond 15 digits in scientific notation; a date cell as `YYYY-MM-DD`);
    /// `columns::ROW` (u32) and `columns::DIGEST` (u64). With `unpivot` every person of a household's row is a row here,
    /// under the number of the household's row and with its shared columns.
    pub table: DataFrame,
    /// Rows set aside here: blank, heading, note, total, hidden.
    pub set_aside: FateCounts,
    /// Total rows.
    pub totals: Vec<TotalRow>,
    /// What else is on the sheet.
    pub beside: Beside,
}

/// Is told how reading goes. Called from several threads.
pub trait Watch: Sync {
    /// A file of so many bytes is being read.
    fn begin(&self, file: &str, bytes: u64);
    /// A file was read and held so many rows.
    fn done(&self, file: &str, rows: u64);
}

/// Tells nobody.
pub struct Silent;

impl Watch for Silent {
    fn begin(&self, _: &str, _: u64) {}
    fn done(&self, _: &str, _: u64) {}
}

/// Takes rows while files are still being read, so that no book ever stands in memory as text. Called from several threads.
pub trait Taker: Sync {
    /// A sheet begins; gives the ticket under which its rows come, in pieces and in any order. What is only known at its end
    /// (rows read, digest of the file) is not there yet.
    fn begin(&self, sheet: &Sheet) -> u32;
    /// Data rows of a sheet.
    ///
    /// # Errors
    /// The machine cannot keep them.
    fn take(&self, ticket: u32, rows: Handed<'_>) -> Result<(), Fault>;
    /// The rows under this ticket do not count: their sheet is read once more in another way.
    fn void(&self, ticket: u32);
    /// A sheet is complete. Rows that are still in its table were not handed on before.
    ///
    /// # Errors
    /// The machine cannot keep them.
    fn finish(&self, sheet: Sheet) -> Result<(), Fault>;
}

/// One claimed file, whatever came of reading it.
#[derive(Debug)]
pub struct Looked {
    /// The source that claims it.
    pub source: SourceKind,
    /// File name relative to the inputs folder, `/` between folders.
    pub file: String,
    /// Its sheets, or why there are none.
    pub outcome: Result<Vec<Sheet>, Trouble>,
    /// The first rows of its sheets, where one looked closely; none where the file cannot be opened at all.
    pub glimpses: Vec<Glimpse>,
}

/// Reads every file that the scheme's sources claim in the folder, and hands the rows on while reading.
///
/// # Errors
/// `Complaints` with everything that is wrong with the files, at once; else a `Fault`.
pub fn hand_on(
    scheme: &Scheme,
    inputs: &Path,
    taker: &dyn Taker,
    watch: &dyn Watch,
) -> anyhow::Result<()> {
    let each = |claim: &Claim<'_>| -> Result<(), Trouble> {
        let sheets = book::read(claim, scheme.year, None, Some(taker), watch)?;
        sheets
            .into_iter()
            .try_for_each(|sheet| taker.finish(sheet))
            .map_err(Trouble::Broken)
    };
    every_file(scheme, inputs, each).map(|_| ())
}

/// The sheets themselves, rows and all, in order of declared source, file name and sheet: for whoever looks at what was read.
///
/// # Errors
/// As `hand_on`.
pub fn read(scheme: &Scheme, inputs: &Path, watch: &dyn Watch) -> anyhow::Result<Vec<Sheet>> {
    let each = |claim: &Claim<'_>| {
        let sheets = book::read(claim, scheme.year, None, None, watch);
        sheets.iter().flatten().for_each(assert_balanced);
        sheets
    };
    Ok(every_file(scheme, inputs, each)?
        .into_iter()
        .flatten()
        .collect())
}

/// Works on every claimed file, on all cores, and tells of everything that is wrong at once.
fn every_file<T: Send>(
    scheme: &Scheme,
    inputs: &Path,
    each: impl Fn(&Claim<'_>) -> Result<T, Trouble> + Sync + Send,
) -> anyhow::Result<Vec<T>> {
    let Claims { claims, wrong, .. } = claim::claims(scheme, inputs)?;
    if !wrong.is_empty() {
        return Err(Complaints(wrong).into());
    }
    let (mut read, mut troubles) = (Vec::new(), Vec::new());
    for outcome in on_all_cores(&claims, each) {
        match outcome {
            Ok(of_file) => read.push(of_file),
            Err(trouble) => troubles.push(trouble),
        }
    }
    match told_apart(troubles) {
        (wrong, None) if wrong.is_empty() => Ok(read),
        (wrong, Some(fault)) if wrong.is_empty() => Err(fault.into()),
        (wrong, None) => Err(Complaints(wrong).into()),
        // Both are told: who mends the one should not meet the other only then.
        (wrong, Some(fault)) => Err(anyhow::Error::from(fault).context(Complaints(wrong))),
    }
}

/// Does something with every file, side by side, the largest first: begun last, it would be read alone. What comes of them is in
/// the order given. Bridged: a thread that waits inside one file does not begin another.
fn on_all_cores<T: Send>(claims: &[Claim<'_>], each: impl Fn(&Claim<'_>) -> T + Sync) -> Vec<T> {
    let mut in_turn: Vec<(usize, &Claim<'_>)> = claims.iter().enumerate().collect();
    in_turn.sort_by_cached_key(|(_, claim)| Reverse(kind::weight(&claim.path)));
    let mut done: Vec<(usize, T)> = in_turn
        .into_iter()
        .par_bridge()
        .map(|(at, claim)| (at, each(claim)))
        .collect();
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, of_file)| of_file).collect()
}

/// Bytes of all files that the scheme's sources claim in the folder, by what it takes to hold their rows: a csv as it is, what
/// is compressed several times over. Nothing where the folder or a file cannot be read: reading says why.
pub fn weight(scheme: &Scheme, inputs: &Path) -> u64 {
    let Ok(Claims { claims, .. }) = claim::claims(scheme, inputs) else {
        return 0;
    };
    claims.iter().map(|claim| kind::weight(&claim.path)).sum()
}

/// What there is in a folder of inputs.
#[derive(Debug)]
pub struct Overview {
    /// Every claimed file, in order of declared source and name.
    pub looked: Vec<Looked>,
    /// Names of files that no source claims, relative to the folder.
    pub unclaimed: Vec<String>,
    /// What is wrong with the claims.
    pub wrong: Vec<Complaint>,
}

/// Reads as `read` does, but goes on where something is wrong: every claimed file with what came of it, files that nobody
/// claims, and what is wrong with the claims. `closely` also keeps the first rows of every sheet.
///
/// # Errors
/// There is no such folder.
pub fn survey(
    scheme: &Scheme,
    inputs: &Path,
    closely: bool,
    watch: &dyn Watch,
) -> Result<Overview, Complaints> {
    let Claims {
        claims,
        unclaimed,
        wrong,
    } = claim::claims(scheme, inputs)?;
    Ok(Overview {
        looked: look(scheme, &claims, closely, watch),
        unclaimed,
        wrong,
    })
}

fn look(scheme: &Scheme, claims: &[Claim<'_>], closely: bool, watch: &dyn Watch) -> Vec<Looked> {
    let one = |claim: &Claim<'_>| {
        let seen = closely.then(Seen::default);
        let outcome = book::read(claim, scheme.year, seen.as_ref(), None, watch);
        outcome.iter().flatten().for_each(assert_balanced);
        let glimpses = seen.map(Seen::into_glimpses).unwrap_or_default();
        Looked {
            source: claim.rule.kind,
            file: claim.file.clone(),
            outcome,
            glimpses,
        }
    };
    on_all_cores(claims, one)
}

/// What is wrong with the files, and what the machine did, each as one.
pub fn told_apart(troubles: Vec<Trouble>) -> (Vec<Complaint>, Option<Fault>) {
    let (mut wrong, mut fault) = (Vec::new(), None);
    for trouble in troubles {
        match trouble {
            Trouble::Refused(refusals) => wrong.extend(refusals.into_iter().map(Complaint::from)),
            Trouble::Broken(next) => fault = Some(together(fault, next)),
        }
    }
    (wrong, fault)
}

/// Files that cannot be read are named in one fault, so that a clerk need not find them one by one.
fn together(first: Option<Fault>, next: Fault) -> Fault {
    match first {
        None => next,
        Some(Fault::Several { mut faults }) => {
            faults.push(next);
            Fault::Several { faults }
        }
        Some(first) => Fault::Several {
            faults: vec![first, next],
        },
    }
}

/// Rows counted while reading are data or set aside, every one. A difference is our bug.
fn assert_balanced(sheet: &Sheet) {
    let Sheet {
        origin,
        table,
        set_aside,
        ..
    } = sheet;
    let accounted = table.height() as u64 + set_aside.total();
    assert_eq!(
        origin.rows_read, accounted,
        "rows lost or born in {} {}",
        origin.file, origin.sheet
    );
}
