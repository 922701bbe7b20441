//! Tasks tables: the figures they declare, and whether they hold together.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use super::note::Note;
use crate::domain::{Code, Fate, Field as Meaning, Ratio, Region, SourceKind, columns as c};
use crate::intake::TotalRow;
use crate::refine::{Rows, money};
use crate::scheme::{Against, Rate, Scheme};

// Columns that live only in this file.
const EXPECTED_FIGURE: &str = "expected_figure";
const FOUND_FIGURE: &str = "found_figure";

/// What a tasks table declares for one region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Population, task, floor, last year's residents, employees and both, in the order of `FIGURES`.
    pub values: [Option<u64>; 6],
}

/// Positions in `Figures::values`.
const TASK: usize = 1;
/// See `TASK`. Employees and both together follow.
const LAST_YEAR: usize = 3;

/// The figures, with the field a total row has them under.
const FIGURES: [(&str, Meaning); 6] = [
    (c::POPULATION, Meaning::Population),
    (c::TASK, Meaning::Task),
    (c::FLOOR, Meaning::Floor),
    (c::LAST_YEAR, Meaning::LastYear),
    (c::LAST_YEAR_EMPLOYEE, Meaning::LastYearEmployee),
    (c::LAST_YEAR_TOTAL, Meaning::LastYearTotal),
];

/// A used row of a tasks table.
struct Row {
    region: Option<String>,
    understood: bool,
    origin: u32,
    row: u32,
    values: [Option<u64>; 6],
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

/// A region's figure: the sum of its children's where they have one, else its own row's. `which` as in `FIGURES`.
/// `peopled`: codes of the regions in which somebody is on the register or registered.
pub fn figure(
    declared: &BTreeMap<String, Figures>,
    scheme: &Scheme,
    peopled: &BTreeSet<String>,
    code: &str,
    which: usize,
) -> Option<u64> {
    let below = |child: &Region| figure(declared, scheme, peopled, &child.code, which);
    let children: Vec<(&Region, Option<u64>)> = scheme.regions.children(code).map(|child| (child, below(child))).collect();
    let own = declared.get(code).and_then(|figures| figures.values[which]);
    if children.iter().all(|(_, figure)| figure.is_none()) {
        return own;
    }
    // A place that states nothing though people live there would make the sum of the others look like the whole.
    let may_lack = |child: &Region| child.unit || !(peopled.contains(&child.code) || states_any(declared, scheme, &child.code));
    if children.iter().all(|(child, figure)| figure.is_some() || may_lack(child)) {
        return Some(children.iter().filter_map(|(_, figure)| *figure).sum());
    }
    own
}

/// Whether a region or one below it states any figure.
fn states_any(declared: &BTreeMap<String, Figures>, scheme: &Scheme, code: &str) -> bool {
    let own = declared.get(code).is_some_and(|figures| figures.values.iter().any(Option::is_some));
    own || scheme.regions.children(code).any(|child| states_any(declared, scheme, &child.code))
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
    remarks.extend(sums_off(&table));
    remarks.extend(targets_off(rows, &table, scheme)?);
    remarks.extend(parents_off(&table, scheme));
    remarks.extend(repeated(&table, scheme));
    remarks.extend(off_rule(&table, scheme));
    remarks.extend(rounded_totals(rows, &table, scheme));
    [Code::Footing, Code::FiguresRepeated, Code::OffRule].into_iter().map(|code| notes(code, &remarks)).collect()
}

/// Total rows of the sheets whose rows count: totals of an older snapshot are as superseded as its rows.
fn declared_totals<'r>(rows: &'r Rows, table: &[Row]) -> Vec<(usize, u32, &'r TotalRow)> {
    let counts = |origin: u32| table.iter().any(|row| row.origin == origin);
    let totals = rows.totals.iter().enumerate().filter(|(_, (origin, _))| counts(*origin));
    totals.map(|(at, (origin, total))| (at, *origin, total)).collect()
}

/// What a total row says of a figure.
fn declared(total: &TotalRow, field: Meaning) -> Option<u64> {
    let (_, cell) = total.cells.iter().find(|(of, _)| *of == field)?;
    money::count(Some(cell)).and_then(|figure| u64::try_from(figure).ok())
}

fn is_subtotal(total: &TotalRow) -> bool {
    total.cells.iter().any(|(_, cell)| cell.contains('小') && cell.contains('计'))
}

/// A remark about a total row: of no region.
fn remark_on(code: Code, (origin, total): (u32, &TotalRow), expected: u64, found: u64) -> Remark {
    Remark { code, region: None, origin, row: total.row, expected, found, other: None }
}

/// A declared total ≠ the sum of the rows it closes: a 小计 those since the last, any other all of its sheet.
fn totals_off(rows: &Rows, table: &[Row], scheme: &Scheme) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for (at, origin, total) in declared_totals(rows, table) {
        let is_subtotal = is_subtotal(total);
        let since = if is_subtotal {
            rows.totals[..at].iter().filter(|(o, _)| *o == origin).map(|(_, total)| total.row).max().unwrap_or(0)
        } else {
            0
        };
        let closed: Vec<&Row> =
            table.iter().filter(|row| row.origin == origin && row.row > since && (row.row < total.row || !is_subtotal)).collect();
        // A sheet with both counties and their townships is added up at its top level.
        let inner = |row: &&&Row| {
            let region = row.region.as_deref().filter(|_| row.understood).and_then(|code| scheme.regions.get(code));
            region.is_some_and(|region| closed.iter().any(|other| other.region.as_deref() == Some(&region.parent)))
        };
        let top: Vec<&&Row> = closed.iter().filter(|row| !inner(row)).collect();
        for (which, (_, field)) in FIGURES.iter().enumerate() {
            let Some(declared) = declared(total, *field) else { continue };
            let sum: u64 = top.iter().filter_map(|row| row.values[which]).sum();
            if sum != declared {
                remarks.push(remark_on(Code::Footing, (origin, total), sum, declared));
            }
        }
    }
    remarks
}

/// Last year's enrolment of a row ≠ its residents + employees, in a table with a column for each. A blank part is
/// none: 市本级 has employees only.
fn sums_off(table: &[Row]) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for row in table {
        let [.., resident, employee, Some(total)] = row.values else { continue };
        let states = |which: usize| table.iter().any(|other| other.origin == row.origin && other.values[which].is_some());
        let sum = resident.unwrap_or(0) + employee.unwrap_or(0);
        if (resident.is_some() || employee.is_some()) && states(LAST_YEAR) && states(LAST_YEAR + 1) && sum != total {
            remarks.push(remark(Code::Footing, row, sum, total, None));
        }
    }
    remarks
}

/// A target in persons ≠ the whole of the tasks it is against: at the table's total row, else at its first row.
fn targets_off(rows: &Rows, table: &[Row], scheme: &Scheme) -> PolarsResult<Vec<Remark>> {
    // Whoever lives where: a place missing from the table is one more way not to come to the target.
    let whole = figure(&figures(rows)?, scheme, &BTreeSet::new(), scheme.regions.root(), TASK);
    let Some(whole) = whole else { return Ok(Vec::new()) };
    // Where some regions count against something else, the tasks are not the whole.
    let against_tasks = |rate: &&Rate| rate.against == Against::Task && rate.against_by_region.is_empty();
    let targets: BTreeSet<u64> = scheme.rates.iter().filter(against_tasks).filter_map(|rate| rate.target_persons).collect();
    let states = |(_, _, total): &&(usize, u32, &TotalRow)| !is_subtotal(total) && declared(total, Meaning::Task).is_some();
    let totals = declared_totals(rows, table);
    let at = totals.iter().rfind(states).map(|(_, origin, total)| (*origin, total.row));
    let Some((origin, row)) = at.or(table.first().map(|row| (row.origin, row.row))) else { return Ok(Vec::new()) };
    let off = targets.into_iter().filter(|target| *target != whole);
    let remark = |target| Remark { code: Code::Footing, region: None, origin, row, expected: target, found: whole, other: None };
    Ok(off.map(remark).collect())
}

/// The floor of a total row ≠ half-up of its own task: the total is a sum of rounded rows. Nobody's mistake, but two
/// figures that are both quoted.
fn rounded_totals(rows: &Rows, table: &[Row], scheme: &Scheme) -> Vec<Remark> {
    let Some(share) = scheme.tasks.floor_share else { return Vec::new() };
    let totals = declared_totals(rows, table).into_iter();
    let off = totals.filter_map(|(_, origin, total)| {
        let (task, floor) = (declared(total, Meaning::Task)?, declared(total, Meaning::Floor)?);
        let rounded = share.half_up_of(task);
        (rounded != floor).then(|| remark_on(Code::OffRule, (origin, total), rounded, floor))
    });
    off.collect()
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

/// task = half-up(share × population); floor = half-up(share × task); task ≥ last year; no figure above the population.
fn off_rule(table: &[Row], scheme: &Scheme) -> Vec<Remark> {
    let rules = scheme.tasks;
    let mut remarks = Vec::new();
    let mut off = |row: &Row, expected: u64, found: u64| remarks.push(remark(Code::OffRule, row, expected, found, None));
    let missed = |share: Option<Ratio>, of: Option<u64>, figure: Option<u64>| {
        let (expected, found) = (share?.half_up_of(of?), figure?);
        (expected != found).then_some((expected, found))
    };
    for row in table {
        let [population, task, floor, last_year, _, last_year_total] = row.values;
        let shares = [missed(rules.task_share, population, task), missed(rules.floor_share, task, floor)];
        for (expected, found) in shares.into_iter().flatten() {
            off(row, expected, found);
        }
        if let (true, Some(task), Some(last_year)) = (rules.task_at_least_last_year, task, last_year)
            && task < last_year
        {
            off(row, last_year, task);
        }
        // A share over 100 %: no mistake where many live elsewhere, but never left unsaid. One a row.
        let above = [last_year_total, last_year, task].into_iter().flatten().find(|figure| Some(*figure) > population);
        if let (false, Some(population), Some(figure)) = (rules.over_population_off, population, above) {
            off(row, population, figure);
        }
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
