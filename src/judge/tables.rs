//! Tasks tables: the figures they declare, and whether they hold together.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::note::Note;
use crate::domain::{Code, Fate, Field as Meaning, Ratio, SourceKind, columns as c};
use crate::refine::{Rows, money};
use crate::scheme::Scheme;

// Columns that live only in this file.
const EXPECTED_FIGURE: &str = "expected_figure";
const FOUND_FIGURE: &str = "found_figure";

/// What a tasks table declares for one region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Population, task, floor, last year, in the order of `FIGURES`.
    pub values: [Option<u64>; 4],
}

/// The four figures, with the field a total row has them under.
const FIGURES: [(&str, Meaning); 4] = [
    (c::POPULATION, Meaning::Population),
    (c::TASK, Meaning::Task),
    (c::FLOOR, Meaning::Floor),
    (c::LAST_YEAR, Meaning::LastYear),
];

/// A used row of a tasks table.
struct Row {
    region: Option<String>,
    understood: bool,
    origin: u32,
    row: u32,
    values: [Option<u64>; 4],
}

/// A finding about a table: never about a person.
struct Remark {
    code: Code,
    region: Option<String>,
    origin: u32,
    row: u32,
    expected: u64,
    found: u64,
    other: Option<(u32, u32)>,
}

/// Figures by region code, as declared in a row of its own; of two rows for one region the first by file and row.
pub fn figures(rows: &Rows) -> PolarsResult<BTreeMap<String, Figures>> {
    let mut declared = BTreeMap::new();
    for row in table(rows)? {
        if let (Some(region), true) = (row.region, row.understood) {
            declared.entry(region).or_insert(Figures { values: row.values });
        }
    }
    Ok(declared)
}

fn table(rows: &Rows) -> PolarsResult<Vec<Row>> {
    let Some(frame) = rows.frame(SourceKind::Tasks) else { return Ok(Vec::new()) };
    let fate = frame.column(c::FATE)?.u8()?;
    let (region, verdict) = (frame.column(c::REGION)?.str()?, frame.column(c::REGION_VERDICT)?.u8()?);
    let (origin, number) = (frame.column(c::ORIGIN)?.u32()?, frame.column(c::ROW)?.u32()?);
    let mut columns = Vec::new();
    for (name, _) in FIGURES {
        columns.push(frame.column(name)?.i64()?);
    }
    let mut table: Vec<Row> = (0..frame.height())
        .filter(|&at| fate.get(at) == Some(Fate::Used.index()))
        .map(|at| Row {
            region: region.get(at).map(str::to_owned),
            understood: verdict.get(at).is_none(),
            origin: origin.get(at).unwrap_or(0), // never null in a typed frame
            row: number.get(at).unwrap_or(0),    // never null in a typed frame
            values: std::array::from_fn(|which| columns[which].get(at).and_then(|figure| u64::try_from(figure).ok())),
        })
        .collect();
    table.sort_by_key(|row| (row.origin, row.row));
    Ok(table)
}

/// footing, figures-repeated and off-rule.
pub(super) fn findings(rows: &Rows, scheme: &Scheme) -> PolarsResult<Vec<DataFrame>> {
    let table = table(rows)?;
    let mut remarks = totals_off(rows, &table, scheme);
    remarks.extend(parents_off(&table, scheme));
    remarks.extend(repeated(&table, scheme));
    remarks.extend(off_rule(&table, scheme));
    [Code::Footing, Code::FiguresRepeated, Code::OffRule].into_iter().map(|code| notes(code, &remarks)).collect()
}

/// A declared total ≠ the sum of the rows it closes: a 小计 those since the last, any other all of its sheet.
fn totals_off(rows: &Rows, table: &[Row], scheme: &Scheme) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for (at, (origin, total)) in rows.totals.iter().enumerate() {
        // Totals of an older snapshot are as superseded as its rows.
        if !table.iter().any(|row| row.origin == *origin) {
            continue;
        }
        let is_subtotal = total.cells.iter().any(|(_, cell)| cell.contains('小') && cell.contains('计'));
        let since = if is_subtotal {
            rows.totals[..at].iter().filter(|(o, _)| o == origin).map(|(_, total)| total.row).max().unwrap_or(0)
        } else {
            0
        };
        let closed: Vec<&Row> = table
            .iter()
            .filter(|row| row.origin == *origin && row.row > since && (row.row < total.row || !is_subtotal))
            .collect();
        // A sheet with both counties and their townships is added up at its top level.
        let inner = |row: &&&Row| {
            let region = row.region.as_deref().filter(|_| row.understood).and_then(|code| scheme.regions.get(code));
            region.is_some_and(|region| closed.iter().any(|other| other.region.as_deref() == Some(&region.parent)))
        };
        let top: Vec<&&Row> = closed.iter().filter(|row| !inner(row)).collect();
        for (which, (_, field)) in FIGURES.iter().enumerate() {
            let Some((_, cell)) = total.cells.iter().find(|(f, _)| f == field) else { continue };
            let Some(declared) = money::count(Some(cell)).and_then(|figure| u64::try_from(figure).ok()) else { continue };
            let sum: u64 = top.iter().filter_map(|row| row.values[which]).sum();
            if sum != declared {
                let remark = Remark {
                    code: Code::Footing,
                    region: None,
                    origin: *origin,
                    row: total.row,
                    expected: sum,
                    found: declared,
                    other: None,
                };
                remarks.push(remark);
            }
        }
    }
    remarks
}

/// A region's own figure ≠ the sum of its children, where they have figures.
fn parents_off(table: &[Row], scheme: &Scheme) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for row in table.iter().filter(|row| row.understood) {
        let Some(code) = &row.region else { continue };
        for (which, own) in row.values.iter().enumerate() {
            let children = table.iter().filter(|child| {
                let region = child.region.as_deref().filter(|_| child.understood).and_then(|code| scheme.regions.get(code));
                region.is_some_and(|region| region.parent == *code)
            });
            let figures: Vec<u64> = children.filter_map(|child| child.values[which]).collect();
            let sum: u64 = figures.iter().sum();
            if let (Some(own), true) = (own, is_complete(code, which, table, scheme))
                && sum != *own
            {
                remarks.push(remark(Code::Footing, row, sum, *own, None));
            }
        }
    }
    remarks
}

/// Whether every child of a region (units aside) has a row with this figure: only then do they add up to it.
fn is_complete(code: &str, which: usize, table: &[Row], scheme: &Scheme) -> bool {
    let mut children = scheme.regions.children(code).filter(|child| !child.unit).peekable();
    let states = |child: &str| {
        table.iter().any(|row| row.understood && row.region.as_deref() == Some(child) && row.values[which].is_some())
    };
    children.peek().is_some() && children.all(|child| states(&child.code))
}

fn remark(code: Code, row: &Row, expected: u64, found: u64, other: Option<(u32, u32)>) -> Remark {
    Remark { code, region: row.region.clone(), origin: row.origin, row: row.row, expected, found, other }
}

/// Two regions of one level with equal figures: a row copied by mistake?
fn repeated(table: &[Row], scheme: &Scheme) -> Vec<Remark> {
    let mut by_code: Vec<&Row> = table.iter().filter(|row| row.understood && row.region.is_some()).collect();
    by_code.sort_by(|a, b| (&a.region, a.origin, a.row).cmp(&(&b.region, b.origin, b.row)));
    let level = |row: &Row| row.region.as_deref().and_then(|code| scheme.regions.get(code)).map(|region| region.level);
    let mut seen = BTreeMap::new();
    let mut remarks = Vec::new();
    for row in by_code {
        let [population, task, ..] = row.values;
        let Some(task) = task.filter(|task| *task > 0) else { continue };
        match seen.entry((level(row), population, task)) {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert((row.origin, row.row));
            }
            std::collections::btree_map::Entry::Occupied(earlier) => {
                remarks.push(remark(Code::FiguresRepeated, row, task, task, Some(*earlier.get())));
            }
        }
    }
    remarks
}

/// task = half-up(share × population); floor = half-up(share × task).
fn off_rule(table: &[Row], scheme: &Scheme) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let mut check = |row: &Row, share: Option<Ratio>, of: Option<u64>, figure: Option<u64>| {
        if let (Some(share), Some(of), Some(figure)) = (share, of, figure)
            && share.half_up_of(of) != figure
        {
            remarks.push(remark(Code::OffRule, row, share.half_up_of(of), figure, None));
        }
    };
    for row in table {
        let [population, task, floor, _] = row.values;
        check(row, scheme.tasks.task_share, population, task);
        check(row, scheme.tasks.floor_share, task, floor);
    }
    remarks
}

fn notes(code: Code, remarks: &[Remark]) -> PolarsResult<DataFrame> {
    let of_code: Vec<&Remark> = remarks.iter().filter(|remark| remark.code == code).collect();
    let none = vec![None::<&str>; of_code.len()];
    let frame = df!(
        c::ID => none.clone(),
        c::NAME => none,
        c::REGION => of_code.iter().map(|remark| remark.region.clone()).collect::<Vec<_>>(),
        c::ORIGIN => of_code.iter().map(|remark| remark.origin).collect::<Vec<_>>(),
        c::ROW => of_code.iter().map(|remark| remark.row).collect::<Vec<_>>(),
        EXPECTED_FIGURE => of_code.iter().map(|remark| remark.expected).collect::<Vec<_>>(),
        FOUND_FIGURE => of_code.iter().map(|remark| remark.found).collect::<Vec<_>>(),
        c::KEPT_ORIGIN => of_code.iter().map(|remark| remark.other.map(|place| place.0)).collect::<Vec<_>>(),
        c::KEPT_ROW => of_code.iter().map(|remark| remark.other.map(|place| place.1)).collect::<Vec<_>>(),
    )?;
    Note::row(code).texts(col(EXPECTED_FIGURE), col(FOUND_FIGURE)).other(c::KEPT_ORIGIN, c::KEPT_ROW).of(frame.lazy())
}
