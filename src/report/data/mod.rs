//! Data files: codes and values, never sentences; the same in every language, the same bytes for the same inputs.

pub(super) mod assessment;
pub(super) mod columns;
mod frames;
mod manifest;
mod regions;
mod runs;
#[cfg(test)]
mod tests;

use self::columns::DataColumn;
use super::{Contents, Output};
use crate::measure::{BridgeLine, List, Runs};

/// `data/*` and `manifest.json` (docs/outputs.md).
pub(super) fn documents(contents: Contents<'_>) -> Vec<Output<'_>> {
    let Contents { facts, scheme, .. } = contents;
    let regions = facts.coverage.len();
    let mut documents = vec![
        Output::new("data/coverage.csv", move || {
            regions::coverage(facts, scheme)
        })
        .of_work(regions),
        Output::new("data/bridge.csv", move || regions::bridge(facts))
            .of_work(regions * BridgeLine::COUNT / 10),
        Output::new("data/funding.csv", move || runs::funding(facts)),
        Output::new("data/audit.csv", move || runs::audit(facts)),
        Output::new("data/sources.csv", move || runs::sources(facts)),
        Output::new("data/received.csv", move || runs::received(facts)),
        Output::new("data/checks.csv", move || runs::checks(facts)),
        list(List::Findings, &facts.findings),
        list(List::Cases, &facts.cases),
        list(List::Subsidy, &facts.subsidy),
        list(List::Entries, &facts.entries),
        list(List::Standings, &facts.standings),
        list(List::Transit, &facts.transit),
        Output::streamed("data/roster_changes.parquet", 0, move |sink| {
            frames::parquet(&facts.lists.roster_changes.clone().into(), sink)
        }),
        list(List::Repairs, &facts.repairs),
        Output::closing("manifest.json", move |outputs| {
            manifest::manifest(contents, outputs)
        }),
    ];
    documents.extend(assessed(contents));
    documents
}

/// assessment.csv and leaders.csv, where the scheme has such things.
fn assessed(contents: Contents<'_>) -> Vec<Output<'_>> {
    let Contents { facts, scheme, .. } = contents;
    let Some(assessed) = &facts.assessment else {
        return Vec::new();
    };
    let mut documents = vec![Output::new("data/assessment.csv", move || {
        assessment::assessment(assessed, scheme)
    })];
    if !assessed.leaders.is_empty() {
        documents.push(Output::new("data/leaders.csv", move || {
            assessment::leaders(assessed)
        }));
    }
    documents
}

/// A list of `measure`.
fn list(list: List, rows: &Runs) -> Output<'_> {
    // A row of a parquet file is written while a workbook writes a cell or two.
    Output::streamed(
        format!("data/{}.parquet", list.code()),
        rows.len() / 10,
        |sink| frames::parquet(rows, sink),
    )
}

/// A csv with its header row and `\n` line ends. `bom`: so that Excel reads Chinese names.
fn csv_bytes(
    bom: bool,
    columns: &[DataColumn],
    rows: impl Iterator<Item = Vec<String>>,
) -> anyhow::Result<Vec<u8>> {
    let start = if bom {
        "\u{feff}".as_bytes().to_vec()
    } else {
        Vec::new()
    };
    let mut writer = csv::Writer::from_writer(start);
    writer.write_record(columns::head(columns))?;
    for row in rows {
        writer.write_record(row.into_iter().map(harmless))?;
    }
    Ok(writer.into_inner().map_err(|error| error.into_error())?)
}

/// The cell, with `'` before it where a spreadsheet would take it for a formula: names of files, sheets and places come from
/// outside (docs/readings.md#csv-cells). A number below nothing stays a number.
fn harmless(cell: String) -> String {
    let begins_a_formula =
        cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if begins_a_formula && !is_below_nothing(&cell) {
        return format!("'{cell}");
    }
    cell
}

/// `-5`, `-0.25`: digits and at most one point after the sign.
fn is_below_nothing(cell: &str) -> bool {
    let Some(digits) = cell.strip_prefix('-') else {
        return false;
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(part)
}

/// A figure, or nothing where there is none.
fn cell<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
