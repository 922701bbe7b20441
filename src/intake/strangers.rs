//! Strangers: files that no source claims, and that hold a table of persons all the same.

use std::io::{Cursor, Read};
use std::path::Path;

use zip::ZipArchive;

use super::book::Errand;
use super::claim::{self, Claim, Claims};
use super::family::FileName;
use super::sheet::SourceSheet;
use super::watch::Silent;
use crate::domain::{Field, SourceKind};
use crate::scheme::{Scheme, SourceRule};

/// What lies in the folder that no source claims and no setting ignores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unclaimed {
    /// Names, relative to the inputs folder, in order.
    pub files: Vec<String>,
    /// Those that hold persons, and about how many.
    pub persons: Vec<(String, u64)>,
}

/// Bytes up to which an unclaimed file is looked into. A larger one is told by name alone.
const MOST_BYTES: u64 = 64 << 20;

/// Looks at the files that nobody claims.
///
/// # Errors
/// There is no such folder.
pub fn unclaimed(scheme: &Scheme, inputs: &Path) -> anyhow::Result<Unclaimed> {
    let Claims { unclaimed, .. } = claim::claims(scheme, inputs)?;
    let is_ignored = |file: &&String| !scheme.ignores(file);
    let files: Vec<String> = unclaimed.iter().filter(is_ignored).cloned().collect();
    let persons = files
        .iter()
        .filter_map(|file| Some((file.clone(), persons(scheme, inputs, file)?)));
    Ok(Unclaimed {
        persons: persons.collect(),
        files,
    })
}

/// Rows of a file that holds persons: a header with numbers and names, and somebody below it.
fn persons(scheme: &Scheme, inputs: &Path, file: &str) -> Option<u64> {
    let path = inputs.join(file);
    let about = std::fs::metadata(&path).ok()?;
    if !about.is_file() || about.len() > MOST_BYTES {
        return None;
    }
    let rule = SourceRule::plain(SourceKind::Register);
    let claim = Claim {
        rule: &rule,
        file: file.to_owned(),
        name: FileName::default(),
        path,
    };
    let errand = Errand {
        year: scheme.year,
        window: scheme.window,
        taker: None,
        watch: &Silent,
    };
    // What cannot be read is no table that anybody could have meant, but for an archive of tables.
    let sheets = match errand.read(&claim, None) {
        Ok(sheets) => sheets,
        Err(_) => in_archive(&errand, &claim)?,
    };
    let of_persons = sheets.iter().filter(|sheet| {
        let has = |field| {
            sheet
                .columns
                .iter()
                .any(|column| column.field == Some(field))
        };
        has(Field::Id) && has(Field::Name)
    });
    let rows: u64 = of_persons.map(|sheet| sheet.table.height() as u64).sum();
    (rows > 0).then_some(rows)
}

/// Files of an archive that are looked into.
const MOST_FILES: usize = 200;

/// The sheets of the files in a zip; nothing of what is none, or has a password.
fn in_archive(errand: &Errand<'_>, claim: &Claim<'_>) -> Option<Vec<SourceSheet>> {
    let bytes = std::fs::read(&claim.path).ok()?;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut sheets = Vec::new();
    let mut left = MOST_BYTES;
    for at in 0..archive.len().min(MOST_FILES) {
        let Ok(file) = archive.by_index(at) else {
            continue;
        };
        let mut inside = Vec::new();
        // What a header says of its size may be a lie.
        let read = file.take(left).read_to_end(&mut inside);
        left = left.saturating_sub(inside.len() as u64);
        if read.is_ok() {
            sheets.extend(errand.of_bytes(claim, &inside).unwrap_or_default());
        }
    }
    Some(sheets)
}
