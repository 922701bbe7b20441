//! One file: told by its content, read by the reader of its kind, its sheets judged.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::claim::Claim;
use super::header::{self, Ask, Found, Header};
use super::kind::{self, Kind};
use super::rows::{Gathered, Plan};
use super::suggest::Seen;
use super::{Origin, Sheet, columnar, text, workbook, xlsx};
use crate::domain::{Fault, Refusal};

/// Why a file gives no sheets.
#[derive(Debug)]
pub enum Trouble {
    /// The file is not what the pipeline promises.
    Refused(Vec<Refusal>),
    /// The machine failed us.
    Broken(Fault),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Trouble::Refused(vec![refusal])
    }
}

/// Reads a claimed file, whatever its ending.
pub(super) fn read(claim: &Claim<'_>, year: i32, seen: Option<&Seen>, watch: &dyn super::Watch) -> Result<Vec<Sheet>, Trouble> {
    let file = &claim.file;
    let bytes = bytes(file, &claim.path)?;
    watch.begin(file, bytes.len() as u64);
    let ask = Ask { rule: claim.rule, year, seen };
    let origin = Origin {
        source: claim.rule.kind,
        file: file.clone(),
        sheet: String::new(),
        sha256: String::new(),
        encoding: String::new(),
        batch: batch(claim),
        rows_read: 0,
    };
    // Hashing takes a sixth of the time of reading a csv: it runs beside it.
    let (sha256, sheets) = rayon::join(|| hex(&Sha256::digest(&bytes)), || sheets(ask, origin, &bytes));
    let mut sheets = sheets?;
    sheets.iter_mut().for_each(|sheet| sheet.origin.sha256.clone_from(&sha256));
    watch.done(file, sheets.iter().map(|sheet| sheet.origin.rows_read).sum());
    Ok(sheets)
}

fn sheets(ask: Ask<'_>, mut origin: Origin, bytes: &[u8]) -> Result<Vec<Sheet>, Trouble> {
    let file = origin.file.clone();
    match kind::of(bytes) {
        Kind::Text => Ok(vec![text::read(ask, origin, bytes)?]),
        Kind::Workbook => {
            origin.encoding = "xlsx".to_owned();
            workbook::read(ask, origin, &mut xlsx::Book::open(&file, bytes)?)
        }
        Kind::Parquet => Ok(vec![columnar::read(ask, origin, bytes)?]),
        Kind::Password => Err(Refusal::Password { file }.into()),
        Kind::Empty => Err(Refusal::EmptySheet { file, sheet: String::new() }.into()),
        Kind::Other(found) => Err(Refusal::WrongKind { file, found: found.to_owned() }.into()),
    }
}

fn bytes(file: &str, path: &Path) -> Result<Vec<u8>, Trouble> {
    std::fs::read(path).map_err(|e| Trouble::Broken(Fault::Unreadable { file: file.to_owned(), reason: e.to_string() }))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The batch that the rule finds in the file name: the first group, or the whole match.
fn batch(claim: &Claim<'_>) -> Option<String> {
    let found = claim.rule.batch.as_ref()?.captures(&claim.file)?;
    found.get(1).or_else(|| found.get(0)).map(|m| m.as_str().to_owned())
}

/// What is wrong with a sheet in which the search found no header.
pub(super) fn refusal(ask: Ask<'_>, origin: &Origin, found: &Found, row_of: impl Fn(usize) -> u32) -> Option<Refusal> {
    let (file, sheet) = (origin.file.clone(), origin.sheet.clone());
    match found {
        Found::Header(header) => undeclared(origin, header),
        Found::Near { at, missing, headers } => {
            Some(Refusal::UnknownColumn { file, sheet, row: row_of(*at), field: *missing, headers: headers.clone() })
        }
        Found::Nothing => {
            let missing = header::needed(ask.rule.kind).iter().map(|group| group[0]).collect();
            Some(Refusal::NoHeader { file, sheet, missing })
        }
    }
}

/// A header named by `columns` that the sheet does not have.
pub(super) fn undeclared(origin: &Origin, header: &Header) -> Option<Refusal> {
    let (field, declared) = header.undeclared.first()?;
    Some(Refusal::DeclaredColumnMissing {
        file: origin.file.clone(),
        sheet: origin.sheet.clone(),
        field: *field,
        header: declared.clone(),
        headers: header.columns.iter().map(|c| c.header.clone()).filter(|h| !h.is_empty()).collect(),
    })
}

/// Joins gathered parts, in order, into the sheet they are parts of.
pub(super) fn sheet(
    origin: &Origin,
    header: Option<(&Header, u32)>,
    plan: &Plan,
    parts: Vec<Gathered>,
) -> Result<Sheet, Trouble> {
    let mut sheet = Sheet {
        origin: origin.clone(),
        header_row: header.map_or(0, |(_, row)| row),
        columns: header.map(|(header, _)| header.columns.clone()).unwrap_or_default(),
        table: Gathered::new(plan, 0).frame(),
        set_aside: Default::default(),
        totals: Vec::new(),
        beside: Default::default(),
    };
    for mut part in parts {
        if let Some(field) = part.differing {
            let (file, name) = (origin.file.clone(), origin.sheet.clone());
            return Err(Refusal::ColumnAmbiguous { file, sheet: name, field, headers: Gathered::claimants(plan, field) }.into());
        }
        sheet.origin.rows_read += part.rows_read;
        sheet.set_aside += part.set_aside;
        sheet.totals.append(&mut part.totals);
        let frame = part.frame();
        if sheet.table.height() == 0 {
            sheet.table = frame;
        } else if frame.height() > 0 {
            sheet.table.vstack_mut(&frame).expect("parts of one plan have one schema");
        }
    }
    Ok(sheet)
}
