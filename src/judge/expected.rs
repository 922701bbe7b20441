//! Control totals: what a sender says that a book comes to, against what was received (docs/readings.md#control-totals).

use polars::prelude::*;

use super::note::Note;
use crate::domain::{Code, Fen, columns as c};
use crate::refine::{Account, Rows, Turn};
use crate::scheme::{Expected, Scheme};

// Columns that live only in this file.
const EXPECTED_TEXT: &str = "expected_text";
const FOUND_TEXT: &str = "found_text";
const FEN: &str = "fen";

/// A total that is not what its sender says.
struct Off {
    origin: Option<u32>,
    expected: String,
    found: String,
    fen: Option<Fen>,
}

/// One finding a total.
pub(super) fn findings(figures: &Rows, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let sources = scheme.sources.iter();
    let stated = sources.flat_map(|rule| rule.expect.iter().map(|expected| (rule.kind, expected)));
    let mut off = Vec::new();
    for (kind, expected) in stated {
        let sheets = (0_u32..).zip(figures.origins.iter().zip(&figures.turns));
        let of_kind = sheets.filter(|(_, (origin, _))| origin.source == kind);
        let mine = of_kind.filter(|(_, (origin, turn))| match &expected.files {
            Some(files) => files.matches(&origin.file),
            None => **turn == Turn::Counts,
        });
        let mine = mine.map(|(at, _)| (at, &figures.accounts[at as usize]));
        off.extend(differing(expected, &mine.collect::<Vec<_>>()));
    }
    notes(&off)
}

/// Rows are whole numbers, money has two decimals.
fn differing(expected: &Expected, sheets: &[(u32, &Account)]) -> Vec<Off> {
    let accounts = || sheets.iter().map(|(_, account)| *account);
    let (rows, fen): (u64, Fen) = (
        accounts().map(|account| account.rows).sum(),
        accounts().map(|account| account.fen).sum(),
    );
    let off = |expected: String, found: String, fen| Off {
        origin: sheets.first().map(|(at, _)| *at),
        expected,
        found,
        fen,
    };
    let wrong_rows = expected.rows.filter(|stated| *stated != rows);
    let wrong_fen = expected.fen.filter(|stated| *stated != fen);
    let rows = wrong_rows.map(|stated| off(stated.to_string(), rows.to_string(), None));
    let money = wrong_fen.map(|stated| {
        off(
            with_decimals(stated),
            with_decimals(fen),
            Some(fen - stated),
        )
    });
    rows.into_iter().chain(money).collect()
}

/// `2400.00`: money is never taken for a number of rows.
fn with_decimals(fen: Fen) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let (yuan, rest) = (fen.unsigned_abs() / 100, fen.unsigned_abs() % 100);
    format!("{sign}{yuan}.{rest:02}")
}

fn notes(off: &[Off]) -> PolarsResult<DataFrame> {
    let none = vec![None::<&str>; off.len()];
    let frame = df!(
        c::ID => none.clone(),
        c::NAME => none.clone(),
        c::REGION => none,
        c::ORIGIN => off.iter().map(|one| one.origin).collect::<Vec<_>>(),
        c::ROW => vec![None::<u32>; off.len()],
        EXPECTED_TEXT => off.iter().map(|one| one.expected.as_str()).collect::<Vec<_>>(),
        FOUND_TEXT => off.iter().map(|one| one.found.as_str()).collect::<Vec<_>>(),
        FEN => off.iter().map(|one| one.fen).collect::<Vec<_>>(),
    )?;
    Note::row(Code::ControlTotal)
        .texts(col(EXPECTED_TEXT), col(FOUND_TEXT))
        .amount(col(FEN))
        .of(frame.lazy())
}
