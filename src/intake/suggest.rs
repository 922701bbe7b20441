//! What a proposal for `columns` is made from: a bounded look at a sheet, and how like a header is to the words of a field.

use std::sync::Mutex;

use super::book::Trouble;
use super::cell::{self, Cells};
use super::header;
use super::header::meaning;
use super::header::synonyms;
use super::sheets::lines::Lines;
use crate::domain::{Field, SourceKind};

/// Rows of a sheet that are looked at: titles and header, and enough people for a share of them to mean something.
const ROWS: usize = 2000;

/// Cells of a sheet after which no further row is looked at: a row may have 16,384.
const CELLS: usize = 250_000;

/// Sheets of a file that are looked at: a workbook of hundreds of sheets repeats itself.
const SHEETS: usize = 40;

/// The first rows of a sheet, as written but trimmed, whatever became of it. Never printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glimpse {
    /// Sheet name; empty for csv.
    pub sheet: String,
    /// Cells, row by row.
    pub rows: Vec<Vec<String>>,
    /// Their row numbers, from 1; 0 for the column names of a parquet file.
    pub numbers: Vec<u32>,
}

/// What was looked at in one file.
#[derive(Debug, Default)]
pub struct Seen(Mutex<Vec<Glimpse>>);

impl Seen {
    /// Looks at rows that are at hand.
    pub fn rows(&self, sheet: &str, rows: &[Cells<'_>], numbers: &[u32]) {
        let texts = |row: &Cells<'_>| {
            row.iter()
                .map(|cell| cell::trimmed(cell).to_owned())
                .collect()
        };
        let rows = rows.iter().take(ROWS).map(texts).collect();
        self.keep(Glimpse {
            sheet: sheet.to_owned(),
            rows,
            numbers: numbers.iter().take(ROWS).copied().collect(),
        });
    }

    /// Looks at the first lines of a sheet, which are then gone.
    pub fn lines<'a>(&self, sheet: &str, lines: &mut (dyn Lines<'a> + 'a)) -> Result<(), Trouble> {
        if self.is_full() {
            return Ok(());
        }
        let (mut rows, mut numbers) = (Vec::new(), Vec::new());
        let (mut cells, mut seen) = (Cells::new(), 0);
        while rows.len() < ROWS
            && seen < CELLS
            && let Some(number) = lines.next(&mut cells)?
        {
            seen += cells.len();
            rows.push(std::mem::take(&mut cells));
            numbers.push(number);
        }
        self.rows(sheet, &rows, &numbers);
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.0.lock().is_ok_and(|seen| seen.len() >= SHEETS)
    }

    fn keep(&self, glimpse: Glimpse) {
        if let Ok(mut seen) = self.0.lock()
            && seen.len() < SHEETS
        {
            seen.push(glimpse);
        }
    }

    /// All of it, in the order of the sheets.
    pub fn into_glimpses(self) -> Vec<Glimpse> {
        self.0.into_inner().unwrap_or_default() // nobody panics while holding it: nothing is lost
    }
}

/// The field that a header names in a book, by the words of the trade, and the rank of the word: 0 is the best.
pub fn meant(source: SourceKind, header: &str, year: i32) -> Option<(Field, u8)> {
    synonyms::field(source, &meaning::key(header), year)
}

/// What a book cannot do without: of every group one field.
pub fn needed(source: SourceKind) -> &'static [&'static [Field]] {
    header::needed(source)
}

/// A header as `columns` compares it: two texts with one key are one header.
pub fn header_key(header: &str) -> String {
    meaning::key(header)
}

/// The word for a field that a header is most like, and how like in percent: the better of edits and of shared
/// characters. It orders proposals, and decides nothing.
pub fn likeness(source: SourceKind, field: Field, header: &str) -> Option<(&'static str, u8)> {
    let key = meaning::key(header);
    let scored =
        synonyms::words(source, field).map(|word| (word, edits(&key, word), shared(&key, word)));
    // Among words that share as many characters the one in the same order is meant.
    let best = scored.max_by_key(|(_, edits, shared)| (*edits.max(shared), *edits.min(shared)))?;
    Some((best.0, best.1.max(best.2))).filter(|(_, percent)| *percent > 0)
}

fn edits(one: &str, other: &str) -> u8 {
    (strsim::normalized_levenshtein(one, other) * 100.0) as u8 // between 0 and 100
}

/// Characters that two words share, of all their characters: a word takes each of the other's only once.
fn shared(one: &str, other: &str) -> u8 {
    let mut rest: Vec<char> = other.chars().collect();
    let all = one.chars().count() + rest.len();
    let mut both: usize = 0;
    for c in one.chars() {
        if let Some(at) = rest.iter().position(|r| *r == c) {
            rest.swap_remove(at);
            both += 2;
        }
    }
    u8::try_from((both * 100).checked_div(all).unwrap_or(0)).unwrap_or(100) // a share of 100 at most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_most_like_the_word_it_was_meant_to_be() {
        for (header, field, word) in [
            ("身份号码", Field::Id, "身份证号码"),
            ("姓  名（全）", Field::Name, "姓名"),
            ("缴款金额", Field::Total, "缴费金额"),
            ("缴费曰期", Field::PaidOn, "缴费日期"),
        ] {
            let (found, percent) = likeness(SourceKind::Payments, field, header).expect(header);
            assert_eq!(found, word, "{header}");
            assert!(percent >= 50, "{header} {percent}");
        }
        assert_eq!(likeness(SourceKind::Payments, Field::Voucher, "甲"), None);
    }

    #[test]
    fn no_more_is_looked_at_than_a_proposal_needs() {
        let seen = Seen::default();
        let row: Cells<'_> = vec![" 甲 ".into()];
        seen.rows(
            "a",
            &vec![row.clone(); ROWS + 5],
            &(1..=2005).collect::<Vec<u32>>(),
        );
        (0..SHEETS + 5).for_each(|_| seen.rows("b", std::slice::from_ref(&row), &[1]));
        let glimpses = seen.into_glimpses();
        assert_eq!(
            (
                glimpses.len(),
                glimpses[0].rows.len(),
                glimpses[0].numbers.len()
            ),
            (SHEETS, ROWS, ROWS)
        );
        assert_eq!(glimpses[0].rows[0], ["甲"]);
    }
}
