//! The last run: what lay in the folder when this pipeline was run for an earlier day.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::lines::Lines;
use crate::domain::{Fen, SourceKind};

/// The receiving book of an earlier report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRun {
    /// The day it speaks of.
    pub as_of: NaiveDate,
    /// SHA-256 (hex) of its receiving book: it is an input of whatever is compared with it.
    pub sha256: String,
    /// What each source came to, in their order; `None` where the book makes no sense.
    pub books: Option<Vec<HeldBook>>,
}

/// What the files of one source came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBook {
    /// Which.
    pub source: SourceKind,
    /// Rows that counted.
    pub rows: u64,
    /// Money as written, where the book has any.
    pub fen: Option<Fen>,
}

/// The newest run of a pipeline for a day before another, in the folder of its reports; `None` where there is none. A folder
/// kept because somebody has worked in it (`2022-03-31.1`) is none.
pub fn last_run(reports: &Path, before: NaiveDate) -> Option<LastRun> {
    let folders = std::fs::read_dir(reports).ok()?.flatten();
    let days = folders.filter_map(|entry| {
        let name = entry.file_name();
        let day: NaiveDate = name.to_str()?.parse().ok()?;
        (day < before && book_in(&entry.path()).is_file()).then_some(day)
    });
    run_of(reports, days.max()?)
}

/// The report of a day, where there is one.
pub fn run_of(reports: &Path, as_of: NaiveDate) -> Option<LastRun> {
    let book = book_in(&reports.join(as_of.to_string()));
    let bytes = std::fs::read(&book).ok()?;
    let digest = Sha256::digest(&bytes);
    Some(LastRun {
        as_of,
        sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        books: books(&book, &bytes),
    })
}

fn book_in(report: &Path) -> PathBuf {
    report.join("data").join("received.csv")
}

/// Sources in their order; nothing of a book that makes no sense.
fn books(file: &Path, bytes: &[u8]) -> Option<Vec<HeldBook>> {
    let lines = Lines::of(file, bytes).ok()?;
    let mut has_rows = false;
    let mut found: Vec<HeldBook> = Vec::new();
    for line in lines.all() {
        has_rows = true;
        let Some(source) = SourceKind::from_code(line.text("source").ok()?) else {
            continue; // nobody claims the file
        };
        let (rows, fen) = (line.number("used").ok()?, line.maybe("fen").ok()?);
        match found.iter_mut().find(|book| book.source == source) {
            Some(book) => {
                book.rows += rows;
                book.fen = book.fen.map_or(fen, |sum| Some(sum + fen.unwrap_or(0))); // a sheet without money adds none
            }
            None => found.push(HeldBook { source, rows, fen }),
        }
    }
    found.sort_by_key(|book| book.source);
    has_rows.then_some(found) // no run reads nothing
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOK: &str = "file,sheet,source,used,fen\n缴费_1.csv,,payments,10,4000\n缴费_2.csv,,payments,5,\n居民.csv,,register,20,\n旧.csv,,,,\n";

    fn reports(books: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, book) in books {
            let data = folder.path().join(name).join("data");
            std::fs::create_dir_all(&data).expect("a folder in it");
            std::fs::write(data.join("received.csv"), book).expect("a file in it");
        }
        folder
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn the_newest_report_of_an_earlier_day_is_the_last_run() {
        let folder = reports(&[
            ("2022-01-31", "x"),
            ("2022-02-28", BOOK),
            ("2022-02-28.1", "x"),
            ("2022-03-31", "x"),
            ("2022-03-15-430321100", "x"),
        ]);
        let last = last_run(folder.path(), day("2022-03-31")).expect("there is one");
        assert_eq!(last.as_of, day("2022-02-28"));
        let book = |source, rows, fen| HeldBook { source, rows, fen };
        let expected = vec![
            book(SourceKind::Register, 20, None),
            book(SourceKind::Payments, 15, Some(4_000)),
        ];
        assert_eq!(last.books, Some(expected));
        assert_eq!(last_run(folder.path(), day("2022-01-31")), None);
        let broken = run_of(folder.path(), day("2022-03-31")).expect("there is one");
        assert_eq!(broken.books, None);
    }
}
