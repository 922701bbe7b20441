//! One file: told by its content, read by the reader of its kind, its sheets judged.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::claim::Claim;
use super::header::{self, Ask, Found, Header};
use super::kind::{self, Kind};
use super::office::plain;
use super::office::xlsb;
use super::office::xlsx;
use super::office::zipped::{self, Zipped};
use super::old::html;
use super::old::ods;
use super::old::spreadsheet2003;
use super::old::xls;
use super::sheets::workbook;
use super::suggest::Seen;
use super::text::{self, stream::Streamed};
use super::{Origin, Sheet, Taker, columnar};
use crate::domain::fault::{WrongContent, WrongHeader};
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

/// Reads a claimed file, whatever its ending. Where there is a taker, the rows of large forms are handed on while reading.
pub(super) fn read(
    claim: &Claim<'_>,
    year: i32,
    seen: Option<&Seen>,
    taker: Option<&dyn Taker>,
    watch: &dyn super::Watch,
) -> Result<Vec<Sheet>, Trouble> {
    let file = &claim.file;
    watch.begin(
        file,
        std::fs::metadata(&claim.path).map_or(0, |file| file.len()),
    ); // one that is not there is told below
    let ask = Ask {
        rule: claim.rule,
        year,
        seen,
    };
    let origin = Origin {
        source: claim.rule.kind,
        file: file.clone(),
        sheet: String::new(),
        sha256: String::new(),
        encoding: String::new(),
        batch: batch(claim),
        since_1904: false,
        rows_read: 0,
    };
    let streamed = match taker {
        Some(taker) => text::stream::read(ask, &origin, &claim.path, taker)?,
        None => None,
    };
    let (sha256, mut sheets) = match streamed {
        Some(Streamed { sheet, digest }) => (hex(&digest), vec![sheet]),
        None => {
            let bytes = bytes(file, &claim.path)?;
            // Hashing takes a sixth of the time of reading a csv: it runs beside it.
            let (sha256, sheets) = rayon::join(
                || hex(&Sha256::digest(&bytes)),
                || sheets(ask, origin, &bytes, taker),
            );
            (sha256, sheets?)
        }
    };
    sheets
        .iter_mut()
        .for_each(|sheet| sheet.origin.sha256.clone_from(&sha256));
    watch.done(
        file,
        sheets.iter().map(|sheet| sheet.origin.rows_read).sum(),
    );
    Ok(sheets)
}

fn sheets(
    ask: Ask<'_>,
    mut origin: Origin,
    bytes: &[u8],
    taker: Option<&dyn Taker>,
) -> Result<Vec<Sheet>, Trouble> {
    let file = origin.file.clone();
    match kind::of(bytes) {
        Kind::Text => Ok(vec![text::read(ask, origin, bytes, taker)?]),
        Kind::Zip => zipped(ask, origin, bytes),
        Kind::Ole => {
            origin.encoding = "xls".to_owned();
            workbook::read(ask, origin, &mut xls::open(&file, bytes)?)
        }
        Kind::Html => {
            let (mut tables, encoding) = html::open(&file, bytes)?;
            origin.encoding = format!("html {encoding}");
            workbook::read(ask, origin, &mut tables)
        }
        Kind::Spreadsheet2003 => {
            origin.encoding = "xml 2003".to_owned();
            workbook::read(ask, origin, &mut spreadsheet2003::open(&file, bytes)?)
        }
        Kind::Parquet => Ok(vec![columnar::read(ask, origin, bytes, taker)?]),
        Kind::Password => Err(Refusal::Content(WrongContent::Password { file }).into()),
        Kind::Empty => Err(Refusal::Content(WrongContent::EmptySheet {
            file,
            sheet: String::new(),
        })
        .into()),
        Kind::Other(found) => Err(Refusal::Content(WrongContent::WrongKind {
            file,
            found: found.to_owned(),
        })
        .into()),
    }
}

/// A workbook in a zip archive, looked through before its reader opens it.
fn zipped(ask: Ask<'_>, mut origin: Origin, bytes: &[u8]) -> Result<Vec<Sheet>, Trouble> {
    let file = origin.file.clone();
    match zipped::look(&file, bytes)? {
        Zipped::Xlsx(package, parts) => {
            origin.encoding = "xlsx".to_owned();
            workbook::read(ask, origin, &mut plain::Book::open(package, parts)?)
        }
        Zipped::OddXlsx(hidden) => {
            origin.encoding = "xlsx".to_owned();
            workbook::read(ask, origin, &mut xlsx::Book::open(&file, bytes, hidden)?)
        }
        Zipped::Xlsb(package, parts) => {
            origin.encoding = "xlsb".to_owned();
            workbook::read(ask, origin, &mut xlsb::Book::open(package, parts)?)
        }
        Zipped::Ods(parts) => {
            origin.encoding = "ods".to_owned();
            workbook::read(ask, origin, &mut ods::open(parts)?)
        }
    }
}

fn bytes(file: &str, path: &Path) -> Result<Vec<u8>, Trouble> {
    std::fs::read(path).map_err(|e| {
        Trouble::Broken(Fault::Unreadable {
            file: file.to_owned(),
            reason: e.to_string(),
        })
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The batch that the rule finds in the file name: the first group, or the whole match.
fn batch(claim: &Claim<'_>) -> Option<String> {
    let found = claim.rule.batch.as_ref()?.captures(&claim.file)?;
    found
        .get(1)
        .or_else(|| found.get(0))
        .map(|m| m.as_str().to_owned())
}

/// What is wrong with a sheet in which the search found no header.
pub(super) fn refusal(
    ask: Ask<'_>,
    origin: &Origin,
    found: &Found,
    row_of: impl Fn(usize) -> u32,
) -> Option<Refusal> {
    let (file, sheet) = (origin.file.clone(), origin.sheet.clone());
    match found {
        Found::Header(header) => unsettled(origin, header, row_of(header.at + header.levels - 1)),
        Found::Near {
            at,
            missing,
            headers,
        } => Some(Refusal::Header(WrongHeader::UnknownColumn {
            file,
            sheet,
            row: row_of(*at),
            field: *missing,
            headers: headers.clone(),
        })),
        Found::Nothing => {
            let missing = header::needed(ask.rule.kind)
                .iter()
                .map(|group| group[0])
                .collect();
            Some(Refusal::Header(WrongHeader::NoHeader {
                file,
                sheet,
                missing,
            }))
        }
    }
}

/// A header named by `columns` that the sheet does not have, or a household's people whose columns cannot be told apart.
pub(super) fn unsettled(origin: &Origin, header: &Header, row: u32) -> Option<Refusal> {
    let (file, sheet) = (origin.file.clone(), origin.sheet.clone());
    if let Some((field, declared)) = header.undeclared.first() {
        let (header, headers) = (declared.clone(), header.words());
        return Some(Refusal::Header(WrongHeader::DeclaredColumnMissing {
            file,
            sheet,
            field: *field,
            header,
            headers,
        }));
    }
    let headers = header.untold.clone();
    (!headers.is_empty()).then_some(Refusal::Header(WrongHeader::PeopleBeside {
        file,
        sheet,
        row,
        headers,
    }))
}
