//! Tasks tables: the figures they declare, and whether they hold together.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use polars::prelude::*;

use super::note::Note;
use crate::domain::{
    Code, Fate, Field as Meaning, Grave, Ratio, Region, RegionLevel, RegionTree, SourceKind,
    columns as c,
};
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
/// See `TASK`.
const FLOOR: usize = 2;
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
#[derive(Clone)]
struct Row {
    region: Option<String>,
    understood: bool,
    /// As it writes the region.
    called: String,
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

/// Figures by region code, as declared in rows of its own: those that merge are added (docs/readings.md#tasks). Where no row
/// states a floor, it follows from the task by the notice's share.
pub fn figures(rows: &Rows, scheme: &Scheme) -> PolarsResult<BTreeMap<String, Figures>> {
    let mut declared: BTreeMap<String, Figures> = BTreeMap::new();
    for row in Settled::of(rows, scheme)?.rows {
        if let (Some(region), true) = (row.region, row.understood) {
            let mine = &mut declared.entry(region).or_default().values;
            for (mine, more) in mine.iter_mut().zip(row.values) {
                *mine = match (*mine, more) {
                    (Some(mine), Some(more)) => Some(mine.saturating_add(more)),
                    (mine, more) => mine.or(more),
                };
            }
        }
    }
    let states_floor = declared
        .values()
        .any(|figures| figures.values[FLOOR].is_some());
    if let (Some(share), false) = (scheme.tasks.floor_share, states_floor) {
        for figures in declared.values_mut() {
            figures.values[FLOOR] = figures.values[TASK].map(|task| share.half_up_of(task));
        }
    }
    Ok(declared)
}

/// Rows that contradict each other about one region.
pub fn contradictions(rows: &Rows, scheme: &Scheme) -> PolarsResult<Vec<Grave>> {
    let file = |row: &Row| rows.origins[row.origin as usize].file.clone();
    let settled = Settled::of(rows, scheme)?;
    let pairs = settled.contradict.iter().map(|(one, other)| {
        let code = one.region.as_deref().unwrap_or_default(); // rows of a region
        Grave::TasksConflict {
            file: file(one),
            region: scheme.regions.name(code).to_owned(),
            row: one.row,
            other: file(other),
            other_row: other.row,
        }
    });
    Ok(pairs.collect())
}

/// Rows of one region that are added up: the later of each pair, as (origin, row).
pub fn added(rows: &Rows, scheme: &Scheme) -> PolarsResult<Vec<(u32, u32)>> {
    let settled = Settled::of(rows, scheme)?;
    let added = settled.added.iter().map(|row| (row.origin, row.row));
    Ok(added.collect())
}

/// The rows of the tasks tables once each region's are settled: what is printed.
struct Settled {
    rows: Vec<Row>,
    contradict: Vec<(Row, Row)>,
    added: Vec<Row>,
}

impl Settled {
    fn of(rows: &Rows, scheme: &Scheme) -> PolarsResult<Self> {
        let written = table(rows)?;
        let mut settled = Settled {
            rows: Vec::with_capacity(written.len()),
            contradict: Vec::new(),
            added: Vec::new(),
        };
        let mut of_region: HashMap<String, Vec<usize>> = HashMap::new();
        let mut summed: HashMap<u32, bool> = HashMap::new();
        for row in &written {
            let Some(region) = row.region.as_ref().filter(|_| row.understood) else {
                settled.rows.push(row.clone());
                continue;
            };
            let known = of_region.entry(region.clone()).or_default();
            let is_whole = |origin: u32| {
                let of = || whole_with_all(origin, rows, &written, scheme);
                *summed.entry(origin).or_insert_with(of)
            };
            if settled.takes(row, known, is_whole) {
                known.push(settled.rows.len());
                settled.rows.push(row.clone());
            }
        }
        Ok(settled)
    }

    /// Whether a row counts beside those of its region. `is_whole`: whether a sheet's own total counts all of its rows.
    fn takes(&mut self, row: &Row, known: &[usize], mut is_whole: impl FnMut(u32) -> bool) -> bool {
        let shared = |other: &Row| {
            let pairs = row.values.iter().zip(other.values);
            pairs
                .filter_map(|(mine, theirs)| (*mine).zip(theirs))
                .collect::<Vec<_>>()
        };
        let twins: Vec<usize> = known
            .iter()
            .copied()
            .filter(|at| !shared(&self.rows[*at]).is_empty())
            .collect();
        if twins.is_empty() {
            return true;
        }
        let of_sheet = |at: &usize| self.rows[*at].origin == row.origin;
        let merges = twins.iter().all(of_sheet)
            && (twins.iter().all(|at| !row.is_called_as(&self.rows[*at])) || is_whole(row.origin));
        if merges {
            self.added.push(row.clone());
            return true;
        }
        let other = &self.rows[twins[0]];
        let differs = |at: &usize| shared(&self.rows[*at]).iter().any(|(a, b)| a != b);
        if twins.iter().any(differs) {
            self.contradict.push((other.clone(), row.clone()));
        }
        false
    }
}

/// Whether a sheet declares totals and each is the sum of all of its rows.
fn whole_with_all(origin: u32, rows: &Rows, written: &[Row], scheme: &Scheme) -> bool {
    let mut totals = rows
        .totals
        .iter()
        .filter(|(of, total)| *of == origin && !is_subtotal(total))
        .map(|(_, total)| total);
    let Some(total) = totals.next() else {
        return false;
    };
    let of_sheet: Vec<&Row> = written.iter().filter(|row| row.origin == origin).collect();
    let top = top_level(of_sheet, scheme);
    let declared = FIGURES.iter().enumerate();
    let mut sums = declared.filter_map(|(which, (_, field))| {
        let sum: u64 = top.iter().filter_map(|row| row.values[which]).sum();
        Some(declared_of(total, *field)? == sum)
    });
    sums.next().is_some_and(|first| first && sums.all(|is| is))
}

/// A sheet with both counties and their townships is added up at its top level.
fn top_level<'t>(rows: Vec<&'t Row>, scheme: &Scheme) -> Vec<&'t Row> {
    let named: HashSet<&str> = rows
        .iter()
        .filter_map(|row| row.region.as_deref())
        .collect();
    let inner = |row: &&Row| {
        understood(row, scheme).is_some_and(|region| named.contains(region.parent.as_str()))
    };
    rows.into_iter().filter(|row| !inner(row)).collect()
}

/// What each region comes to that states a figure, itself or below it: the sum of its children's where that is the whole, else
/// its own row's. It is the whole where every child states one but units and places in which nobody is. Regions that are not
/// there state none.
/// `is_peopled`: whether somebody is on the register there or registered.
pub fn in_full<'s>(
    declared: &BTreeMap<String, Figures>,
    regions: &'s RegionTree,
    is_peopled: impl Fn(&str) -> bool,
) -> HashMap<&'s str, Figures> {
    let stating = declared
        .iter()
        .filter(|(_, figures)| figures.values.iter().any(Option::is_some));
    let paths = stating
        .flat_map(|(code, _)| regions.path(code))
        .filter_map(|code| regions.get(code));
    let mut stating: Vec<(RegionLevel, &str)> = paths
        .map(|region| (region.level, region.code.as_str()))
        .collect();
    stating.sort_unstable_by(|a, b| b.cmp(a)); // from the bottom up
    stating.dedup();
    let mut whole: HashMap<&str, Figures> = HashMap::new();
    for (_, code) in stating {
        let children: Vec<(&Region, Option<&Figures>)> = regions
            .children(code)
            .map(|child| (child, whole.get(child.code.as_str())))
            .collect();
        // A place that states nothing though people live there would make the sum of the others look like the whole.
        let may_lack = |child: &Region, figures: Option<&Figures>| {
            child.unit || figures.is_none() && !is_peopled(&child.code)
        };
        let values = std::array::from_fn(|which| {
            let own = declared.get(code).and_then(|figures| figures.values[which]);
            let below =
                |figures: Option<&Figures>| figures.and_then(|figures| figures.values[which]);
            let is_stated = children
                .iter()
                .any(|(_, figures)| below(*figures).is_some());
            let is_whole = children
                .iter()
                .all(|(child, figures)| below(*figures).is_some() || may_lack(child, *figures));
            if is_stated && is_whole {
                Some(
                    children
                        .iter()
                        .filter_map(|(_, figures)| below(*figures))
                        .sum(),
                )
            } else {
                own
            }
        });
        whole.insert(code, Figures { values });
    }
    whole
}

fn table(rows: &Rows) -> PolarsResult<Vec<Row>> {
    let Some(frame) = rows.frame(SourceKind::Tasks) else {
        return Ok(Vec::new());
    };
    let fate = frame.column(c::FATE)?.u8()?;
    let (region, verdict) = (
        frame.column(c::REGION)?.str()?,
        frame.column(c::REGION_VERDICT)?.u8()?,
    );
    let called = frame.column(c::CALLED)?.str()?;
    let (origin, number) = (
        frame.column(c::ORIGIN)?.u32()?,
        frame.column(c::ROW)?.u32()?,
    );
    let mut columns = Vec::new();
    for (name, _) in FIGURES {
        columns.push(frame.column(name)?.i64()?);
    }
    let mut table: Vec<Row> = (0..frame.height())
        .filter(|&at| fate.get(at) == Some(Fate::Used.index()))
        .map(|at| Row {
            region: region.get(at).map(str::to_owned),
            understood: verdict.get(at).is_none(),
            called: called.get(at).map(core_name).unwrap_or_default(),
            origin: origin.get(at).unwrap_or(0), // never null in a typed frame
            row: number.get(at).unwrap_or(0),    // never null in a typed frame
            values: std::array::from_fn(|which| {
                columns[which]
                    .get(at)
                    .and_then(|figure| u64::try_from(figure).ok())
            }),
        })
        .collect();
    table.sort_by_key(|row| (row.origin, row.row));
    Ok(table)
}

/// footing, figures-repeated and off-rule.
pub(super) fn findings(rows: &Rows, scheme: &Scheme) -> PolarsResult<Vec<DataFrame>> {
    let table = Settled::of(rows, scheme)?.rows;
    let mut remarks = totals_off(rows, &table, scheme);
    remarks.extend(sums_off(&table));
    remarks.extend(targets_off(rows, &table, scheme)?);
    remarks.extend(parents_off(&table, scheme));
    remarks.extend(repeated(&table, scheme));
    remarks.extend(off_rule(&table, scheme));
    remarks.extend(rounded_totals(rows, &table, scheme));
    [Code::Footing, Code::FiguresRepeated, Code::OffRule]
        .into_iter()
        .map(|code| notes(code, &remarks))
        .collect()
}

/// Total rows of the sheets whose rows count: totals of an older snapshot are as superseded as its rows.
fn declared_totals<'r>(rows: &'r Rows, table: &[Row]) -> Vec<(usize, u32, &'r TotalRow)> {
    let counts = |origin: u32| table.iter().any(|row| row.origin == origin);
    let totals = rows
        .totals
        .iter()
        .enumerate()
        .filter(|(_, (origin, _))| counts(*origin));
    totals
        .map(|(at, (origin, total))| (at, *origin, total))
        .collect()
}

/// What a total row says of a figure.
fn declared_of(total: &TotalRow, field: Meaning) -> Option<u64> {
    let (_, cell) = total.cells.iter().find(|(of, _)| *of == field)?;
    money::count(Some(cell)).and_then(|figure| u64::try_from(figure).ok())
}

fn is_subtotal(total: &TotalRow) -> bool {
    total
        .cells
        .iter()
        .any(|(_, cell)| cell.contains('小') && cell.contains('计'))
}

/// A remark about a total row: of no region.
fn remark_on(code: Code, (origin, total): (u32, &TotalRow), expected: u64, found: u64) -> Remark {
    Remark {
        code,
        region: None,
        origin,
        row: total.row,
        expected,
        found,
        other: None,
    }
}

/// A declared total ≠ the sum of the rows it closes: a 小计 those since the last, any other all of its sheet.
fn totals_off(rows: &Rows, table: &[Row], scheme: &Scheme) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for (at, origin, total) in declared_totals(rows, table) {
        let is_subtotal = is_subtotal(total);
        let since = if is_subtotal {
            rows.totals[..at]
                .iter()
                .filter(|(o, _)| *o == origin)
                .map(|(_, total)| total.row)
                .max()
                .unwrap_or(0)
        } else {
            0
        };
        let closed: Vec<&Row> = table
            .iter()
            .filter(|row| {
                row.origin == origin && row.row > since && (row.row < total.row || !is_subtotal)
            })
            .collect();
        let top = top_level(closed, scheme);
        for (which, (_, field)) in FIGURES.iter().enumerate() {
            let Some(declared) = declared_of(total, *field) else {
                continue;
            };
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
        let [.., resident, employee, Some(total)] = row.values else {
            continue;
        };
        let states = |which: usize| {
            table
                .iter()
                .any(|other| other.origin == row.origin && other.values[which].is_some())
        };
        let sum = resident.unwrap_or(0) + employee.unwrap_or(0);
        if (resident.is_some() || employee.is_some())
            && states(LAST_YEAR)
            && states(LAST_YEAR + 1)
            && sum != total
        {
            remarks.push(row.remark(Code::Footing, sum, total));
        }
    }
    remarks
}

/// A target in persons ≠ the whole of the tasks it is against: at the table's total row, else at its first row.
fn targets_off(rows: &Rows, table: &[Row], scheme: &Scheme) -> PolarsResult<Vec<Remark>> {
    // Whoever lives where: a place missing from the table is one more way not to come to the target.
    let whole = in_full(&figures(rows, scheme)?, &scheme.regions, |_| false);
    let Some(whole) = whole
        .get(scheme.regions.root())
        .and_then(|whole| whole.values[TASK])
    else {
        return Ok(Vec::new());
    };
    // Where some regions count against something else, the tasks are not the whole.
    let against_tasks =
        |rate: &&Rate| rate.against == Against::Task && rate.against_by_region.is_empty();
    let targets: BTreeSet<u64> = scheme
        .rates
        .iter()
        .filter(against_tasks)
        .filter_map(|rate| rate.target_persons)
        .collect();
    let states = |(_, _, total): &&(usize, u32, &TotalRow)| {
        !is_subtotal(total) && declared_of(total, Meaning::Task).is_some()
    };
    let totals = declared_totals(rows, table);
    let at = totals
        .iter()
        .rfind(states)
        .map(|(_, origin, total)| (*origin, total.row));
    let Some((origin, row)) = at.or(table.first().map(|row| (row.origin, row.row))) else {
        return Ok(Vec::new());
    };
    let off = targets.into_iter().filter(|target| *target != whole);
    let remark = |target| Remark {
        code: Code::Footing,
        region: None,
        origin,
        row,
        expected: target,
        found: whole,
        other: None,
    };
    Ok(off.map(remark).collect())
}

/// The floor of a total row ≠ half-up of its own task: the total is a sum of rounded rows. Nobody's mistake, but two
/// figures that are both quoted.
fn rounded_totals(rows: &Rows, table: &[Row], scheme: &Scheme) -> Vec<Remark> {
    let Some(share) = scheme.tasks.floor_share else {
        return Vec::new();
    };
    let totals = declared_totals(rows, table).into_iter();
    let off = totals.filter_map(|(_, origin, total)| {
        let (task, floor) = (
            declared_of(total, Meaning::Task)?,
            declared_of(total, Meaning::Floor)?,
        );
        let rounded = share.half_up_of(task);
        (rounded != floor).then(|| remark_on(Code::OffRule, (origin, total), rounded, floor))
    });
    off.collect()
}

/// A region's own figure ≠ the sum of its children, where they have figures.
fn parents_off(table: &[Row], scheme: &Scheme) -> Vec<Remark> {
    let mut below: HashMap<&str, Vec<&Row>> = HashMap::new();
    for row in table {
        if let Some(region) = understood(row, scheme) {
            below.entry(&region.parent).or_default().push(row);
        }
    }
    let mut remarks = Vec::new();
    for row in table.iter().filter(|row| row.understood) {
        let Some((code, children)) = row
            .region
            .as_deref()
            .and_then(|code| below.get_key_value(code))
        else {
            continue;
        };
        for (which, own) in row.values.iter().enumerate() {
            let sum: u64 = children
                .iter()
                .filter_map(|child| child.values[which])
                .sum();
            if let (Some(own), true) = (own, is_complete(code, which, children, scheme))
                && sum != *own
            {
                remarks.push(row.remark(Code::Footing, sum, *own));
            }
        }
    }
    remarks
}

/// The region of the table that a row names.
fn understood<'s>(row: &Row, scheme: &'s Scheme) -> Option<&'s Region> {
    row.region
        .as_deref()
        .filter(|_| row.understood)
        .and_then(|code| scheme.regions.get(code))
}

/// Whether every child of a region (units aside) has one of these rows with this figure: only then do they add up to it.
fn is_complete(code: &str, which: usize, rows: &[&Row], scheme: &Scheme) -> bool {
    let mut children = scheme
        .regions
        .children(code)
        .filter(|child| !child.unit)
        .peekable();
    let states = |child: &str| {
        rows.iter()
            .any(|row| row.region.as_deref() == Some(child) && row.values[which].is_some())
    };
    children.peek().is_some() && children.all(|child| states(&child.code))
}

/// A region's name without the word for what it is: 花林寺 and 花林寺镇 are one name, 嫘祖镇 is another.
fn core_name(name: &str) -> String {
    const KINDS: [&str; 11] = [
        "街道办事处",
        "街道",
        "镇",
        "乡",
        "村民委员会",
        "村委会",
        "社区居委会",
        "居委会",
        "社区",
        "村",
        "县",
    ];
    let name: String = name.chars().filter(|c| !c.is_whitespace()).collect();
    let shorter = KINDS.iter().find_map(|kind| name.strip_suffix(kind));
    let core = shorter.filter(|core| !core.is_empty()).map(str::to_owned);
    core.unwrap_or(name)
}

impl Row {
    /// Whether both write the region's name alike.
    fn is_called_as(&self, other: &Row) -> bool {
        self.called == other.called
    }

    /// A remark about this row: what should stand there, and what does.
    fn remark(&self, code: Code, expected: u64, found: u64) -> Remark {
        Remark {
            code,
            region: self.region.clone(),
            origin: self.origin,
            row: self.row,
            expected,
            found,
            other: None,
        }
    }
}

/// Two regions of one level with equal figures: a row copied by mistake?
fn repeated(table: &[Row], scheme: &Scheme) -> Vec<Remark> {
    let mut by_code: Vec<&Row> = table
        .iter()
        .filter(|row| row.understood && row.region.is_some())
        .collect();
    by_code.sort_by(|a, b| (&a.region, a.origin, a.row).cmp(&(&b.region, b.origin, b.row)));
    let level = |row: &Row| {
        row.region
            .as_deref()
            .and_then(|code| scheme.regions.get(code))
            .map(|region| region.level)
    };
    let mut seen = BTreeMap::new();
    let mut remarks = Vec::new();
    for row in by_code {
        let [population, task, ..] = row.values;
        let Some(task) = task.filter(|task| *task > 0) else {
            continue;
        };
        match seen.entry((level(row), population, task)) {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert((row.origin, row.row));
            }
            std::collections::btree_map::Entry::Occupied(earlier) => {
                remarks.push(Remark {
                    other: Some(*earlier.get()),
                    ..row.remark(Code::FiguresRepeated, task, task)
                });
            }
        }
    }
    remarks
}

/// task = half-up(share × population); floor = half-up(share × task); task ≥ last year; no figure above the population.
fn off_rule(table: &[Row], scheme: &Scheme) -> Vec<Remark> {
    let rules = scheme.tasks;
    let mut remarks = Vec::new();
    let mut off = |row: &Row, expected: u64, found: u64| {
        remarks.push(row.remark(Code::OffRule, expected, found))
    };
    let missed = |share: Option<Ratio>, of: Option<u64>, figure: Option<u64>| {
        let (expected, found) = (share?.half_up_of(of?), figure?);
        (expected != found).then_some((expected, found))
    };
    for row in table {
        let [population, task, floor, last_year, _, last_year_total] = row.values;
        let shares = [
            missed(rules.task_share, population, task),
            missed(rules.floor_share, task, floor),
        ];
        for (expected, found) in shares.into_iter().flatten() {
            off(row, expected, found);
        }
        if let (true, Some(task), Some(last_year)) =
            (rules.task_at_least_last_year, task, last_year)
            && task < last_year
        {
            off(row, last_year, task);
        }
        // A share over 100 %: no mistake where many live elsewhere, but never left unsaid. One a row.
        let above = [last_year_total, last_year, task]
            .into_iter()
            .flatten()
            .find(|figure| Some(*figure) > population);
        if let (false, Some(population), Some(figure)) =
            (rules.over_population_off, population, above)
        {
            off(row, population, figure);
        }
    }
    remarks
}

fn notes(code: Code, remarks: &[Remark]) -> PolarsResult<DataFrame> {
    let of_code: Vec<&Remark> = remarks
        .iter()
        .filter(|remark| remark.code == code)
        .collect();
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
    Note::row(code)
        .texts(col(EXPECTED_FIGURE), col(FOUND_FIGURE))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .of(frame.lazy())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the figure of a region rests on.
    struct Definition<'t> {
        declared: &'t BTreeMap<String, Figures>,
        regions: &'t RegionTree,
        peopled: &'t BTreeSet<String>,
    }

    impl Definition<'_> {
        /// The figure of one region as its definition reads, from the top down.
        fn of_one(&self, code: &str, which: usize) -> Option<u64> {
            let own = self.declared.get(code);
            let own = own.and_then(|figures| figures.values[which]);
            let mut sum = None;
            for child in self.regions.children(code) {
                let figure = self.of_one(&child.code, which);
                let may_lack = child.unit
                    || !self.peopled.contains(&child.code) && !self.states_any(&child.code);
                if figure.is_none() && !may_lack {
                    return own;
                }
                sum = figure.map(|figure| figure + sum.unwrap_or(0)).or(sum);
            }
            sum.or(own)
        }

        fn states_any(&self, code: &str) -> bool {
            let own = self.declared.get(code);
            own.is_some_and(|figures| figures.values.iter().any(Option::is_some))
                || self
                    .regions
                    .children(code)
                    .any(|child| self.states_any(&child.code))
        }
    }

    /// A county of two townships and a unit, one of the townships with two villages and a unit.
    const CODES: [(&str, RegionLevel, bool); 7] = [
        ("430321", RegionLevel::County, false),
        ("430321101", RegionLevel::Township, false),
        ("430321102", RegionLevel::Township, false),
        ("430321A", RegionLevel::Township, true),
        ("430321101201", RegionLevel::Village, false),
        ("430321101202", RegionLevel::Village, false),
        ("430321101A", RegionLevel::Village, true),
    ];

    fn tree() -> RegionTree {
        let region = |(code, level, unit): (&str, RegionLevel, bool)| {
            let parent = CODES
                .iter()
                .map(|(other, ..)| *other)
                .filter(|other| *other != code && code.starts_with(other));
            let parent = parent
                .max_by_key(|other| other.len())
                .unwrap_or("4303")
                .to_owned();
            Region {
                code: code.to_owned(),
                name: code.to_owned(),
                level,
                parent,
                aliases: Vec::new(),
                unit,
            }
        };
        let neighbour = region(("430381", RegionLevel::County, false));
        RegionTree::new(
            "430321",
            CODES.into_iter().map(region).chain([neighbour]).collect(),
        )
    }

    proptest! {
        #[test]
        fn every_region_comes_to_what_its_definition_says(
            stated in prop::collection::vec((0..CODES.len() + 2, prop::array::uniform6(prop::option::of(0_u64..9))), 0..6),
            peopled in prop::collection::btree_set(0..CODES.len(), 0..CODES.len()),
        ) {
            // The last two are no regions of the county, one of them not even of the table.
            let code = |at: usize| CODES.map(|(code, ..)| code).into_iter().chain(["430381", "999999"]).nth(at).unwrap().to_owned();
            let regions = tree();
            let peopled: BTreeSet<String> = peopled.into_iter().map(code).collect();
            let declared: BTreeMap<String, Figures> =
                stated.into_iter().map(|(at, values)| (code(at), Figures { values })).collect();
            let whole = in_full(&declared, &regions, |code| peopled.contains(code));
            let definition = Definition { declared: &declared, regions: &regions, peopled: &peopled };
            for (code, ..) in CODES {
                for which in 0..FIGURES.len() {
                    let found = whole.get(code).and_then(|figures| figures.values[which]);
                    prop_assert_eq!(found, definition.of_one(code, which), "{} {}", code, which);
                }
            }
        }
    }
}
