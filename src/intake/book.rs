//! One file: told by its content, read by the reader of its kind, its sheets judged.

use std::collections::BTreeSet;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::ask::Ask;
use super::claim::Claim;
use super::columnar;
use super::family::FileName;
use super::glimpse::Seen;
use super::handed::Taker;
use super::kind::{self, FileKind};
use super::office::{OddXlsx, PlainXlsx, Xlsb, Zipped};
use super::old::{html, ods, spreadsheet2003, xls};
use super::sheet::{Origin, SourceSheet};
use super::sheets::workbook;
use super::text::{self, Stream, Streamed};
use super::trouble::Trouble;
use super::watch::Watch;
use crate::domain::fault::WrongContent;
use crate::domain::{Days, Fault, Refusal};

/// How files are read.
#[derive(Clone, Copy)]
pub(crate) struct Errand<'r> {
    /// Coverage year.
    pub year: i32,
    /// Days on which one may pay: which year a day without one is of.
    pub window: Days,
    /// Takes the rows of large forms while they are being read.
    pub taker: Option<&'r dyn Taker>,
    pub watch: &'r dyn Watch,
}

impl Errand<'_> {
    /// Reads a claimed file, whatever its ending. What is `seen` of it is kept, if proposals are to be made.
    pub(crate) fn read(
        &self,
        claim: &Claim<'_>,
        seen: Option<&Seen>,
    ) -> Result<Vec<SourceSheet>, Trouble> {
        if kind::is_no_file(&claim.path) {
            return Err(Trouble::Broken(Fault::Unreadable {
                file: claim.file.clone(),
                reason: kind::NO_FILE.to_owned(),
            }));
        }
        // One that is not there is told when it is opened.
        let bytes = std::fs::metadata(&claim.path).map_or(0, |file| file.len());
        self.watch.begin(&claim.file, bytes);
        let ask = Ask {
            rule: claim.rule,
            year: self.year,
            seen,
        };
        let (sha256, mut sheets) = self.hashed(ask, claim)?;
        dated(&mut sheets, claim, self.window);
        sheets
            .iter_mut()
            .for_each(|sheet| sheet.origin.sha256.clone_from(&sha256));
        let rows = sheets.iter().map(|sheet| sheet.origin.rows_read).sum();
        self.watch.done(&claim.file, rows);
        Ok(sheets)
    }

    /// The sheets of a file whose bytes stand in memory: what an archive holds.
    pub(crate) fn of_bytes(
        &self,
        claim: &Claim<'_>,
        bytes: &[u8],
    ) -> Result<Vec<SourceSheet>, Trouble> {
        let ask = Ask {
            rule: claim.rule,
            year: self.year,
            seen: None,
        };
        sheets(ask, origin(claim), bytes, None)
    }

    /// The sheets of a file, and the digest of its bytes.
    fn hashed(
        &self,
        ask: Ask<'_>,
        claim: &Claim<'_>,
    ) -> Result<(String, Vec<SourceSheet>), Trouble> {
        let origin = origin(claim);
        if let Some(taker) = self.taker {
            let stream = Stream {
                ask,
                origin: &origin,
                taker,
            };
            if let Some(Streamed { sheet, digest }) = stream.read(&claim.path)? {
                return Ok((hex(&digest), vec![sheet]));
            }
        }
        let bytes = bytes(&claim.file, &claim.path)?;
        // Beside each other: hashing takes long enough to be worth a thread.
        let (sha256, sheets) = rayon::join(
            || hex(&Sha256::digest(&bytes)),
            || sheets(ask, origin, &bytes, self.taker),
        );
        Ok((sha256, sheets?))
    }
}

/// Sheets of one workbook that each name a day or month of their own are batches, as files are.
fn dated(sheets: &mut [SourceSheet], claim: &Claim<'_>, window: Days) {
    if claim.rule.batch.is_some() {
        return; // the pipeline says where the batch stands
    }
    let with_rows = |sheet: &&mut SourceSheet| sheet.origin.rows_read > 0;
    let mut filled: Vec<&mut SourceSheet> = sheets.iter_mut().filter(with_rows).collect();
    let name_of = |sheet: &&mut SourceSheet| {
        let name = sheet.origin.sheet.as_str();
        // 0301 alone may number a village.
        let is_number = name.len() < 6 && name.bytes().all(|byte| byte.is_ascii_digit());
        if is_number {
            FileName::default()
        } else {
            FileName::read(name, claim.rule, window)
        }
    };
    let names: Vec<FileName> = filled.iter().map(name_of).collect();
    let days: BTreeSet<&String> = names
        .iter()
        .filter_map(|name| name.batch.as_ref())
        .collect();
    if days.len() < 2 || names.iter().any(|name| name.batch.is_none()) {
        return;
    }
    for (sheet, name) in filled.iter_mut().zip(names) {
        if !name.family.is_empty() {
            sheet.origin.family = format!("{}/{}", sheet.origin.family, name.family);
        }
        sheet.origin.batch = name.batch;
    }
}

/// Where the rows of a file come from, as far as is known before it is opened.
fn origin(claim: &Claim<'_>) -> Origin {
    Origin {
        source: claim.rule.kind,
        file: claim.file.clone(),
        sheet: String::new(),
        sha256: String::new(),
        encoding: String::new(),
        batch: claim.name.batch.clone(),
        family: claim.name.family.clone(),
        since_1904: false,
        rows_read: 0,
    }
}

fn sheets(
    ask: Ask<'_>,
    mut origin: Origin,
    bytes: &[u8],
    taker: Option<&dyn Taker>,
) -> Result<Vec<SourceSheet>, Trouble> {
    let file = origin.file.clone();
    match kind::of(bytes) {
        FileKind::Text => Ok(vec![text::read(ask, origin, bytes, taker)?]),
        FileKind::Zip => zipped(ask, origin, bytes),
        FileKind::Ole => {
            origin.encoding = "xls".to_owned();
            workbook::read(ask, origin, &mut xls::open(&file, bytes)?)
        }
        FileKind::Html => {
            let (mut tables, encoding) = html::open(&file, bytes)?;
            origin.encoding = format!("html {encoding}");
            workbook::read(ask, origin, &mut tables)
        }
        FileKind::Spreadsheet2003 => {
            origin.encoding = "xml 2003".to_owned();
            workbook::read(ask, origin, &mut spreadsheet2003::open(&file, bytes)?)
        }
        FileKind::Parquet => Ok(vec![columnar::read(ask, origin, bytes, taker)?]),
        FileKind::Password => Err(Refusal::Content(WrongContent::Password { file }).into()),
        FileKind::Empty => Err(Refusal::Content(WrongContent::EmptySheet {
            file,
            sheet: String::new(),
        })
        .into()),
        FileKind::Other(found) => Err(Refusal::Content(WrongContent::WrongKind {
            file,
            found: found.to_owned(),
        })
        .into()),
    }
}

/// A workbook in a zip archive, looked through before its reader opens it.
fn zipped(ask: Ask<'_>, mut origin: Origin, bytes: &[u8]) -> Result<Vec<SourceSheet>, Trouble> {
    let file = origin.file.clone();
    match Zipped::look(&file, bytes)? {
        Zipped::Xlsx(package, parts) => {
            origin.encoding = "xlsx".to_owned();
            workbook::read(ask, origin, &mut PlainXlsx::open(package, parts)?)
        }
        Zipped::OddXlsx(laid) => {
            origin.encoding = "xlsx".to_owned();
            workbook::read(ask, origin, &mut OddXlsx::open(&file, bytes, laid)?)
        }
        Zipped::Xlsb(package, parts) => {
            origin.encoding = "xlsb".to_owned();
            workbook::read(ask, origin, &mut Xlsb::open(package, parts)?)
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
