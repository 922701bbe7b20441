//! Tasks: the published table at the sample's size, its planted faults, and what follows from them.

use std::collections::{BTreeSet, HashMap};

use crate::domain::{Code, Ratio, RegionLevel, RegionTree, SourceKind};
use crate::scheme::{Against, Rate, TasksRule};

use super::dice::Purpose;
use super::key::Key;
use super::order::{PublishedRow, SampleOrder};
use super::places::{Village, some};
use super::quotas::Quota;
use super::shares::{half_up, shared};
use super::world::World;

/// A region's figures; blank = not published.
#[derive(Clone, Debug)]
pub(super) struct TaskRow {
    /// Region code.
    pub(super) code: String,
    /// Level of the region.
    pub(super) level: RegionLevel,
    /// County by name, where the table names townships of several.
    pub(super) name: String,
    /// Population, task, floor, last year's residents, employees and both.
    pub(super) figures: [Option<u64>; FIGURES],
}

/// Figures a row may have.
pub(super) const FIGURES: usize = 6;
const POPULATION: usize = 0;
const TASK: usize = 1;
const FLOOR: usize = 2;
const LAST_YEAR: usize = 3;
const LAST_YEAR_EMPLOYEE: usize = 4;
const LAST_YEAR_TOTAL: usize = 5;
/// Names of the figures, for the key's free column.
const NAMES: [&str; FIGURES] = [
    "population",
    "task",
    "floor",
    "last-year",
    "last-year-employee",
    "last-year-total",
];

/// The table.
pub(super) struct TasksTable {
    /// Rows in the order published.
    pub(super) rows: Vec<TaskRow>,
    /// What the total row says.
    pub(super) totals: [Option<u64>; FIGURES],
    /// Persons of the sample.
    pub(super) people: u64,
    /// Persons by position in `Neighbourhood::places`.
    pub(super) settled: Vec<u64>,
    /// Registrations by region, where the table publishes them.
    pub(super) quotas: Vec<Quota>,
    /// The rules that rows must follow.
    rules: TasksRule,
    /// Targets in persons that the tasks add up to.
    targets: BTreeSet<u64>,
    /// Whether there is such a book.
    written: bool,
}

impl TasksTable {
    /// Scales the published figures to the people asked for.
    pub(super) fn new(world: &World, order: &SampleOrder) -> Self {
        let row = |row| TaskRow::of(row, &world.scheme.regions);
        let mut rows: Vec<TaskRow> = order.tasks.iter().filter_map(row).collect();
        let leads: Vec<u64> = rows.iter().map(|row| row.lead().unwrap_or(0)).collect();
        let whole: u64 = leads.iter().sum();
        let people = order.people.unwrap_or(whole);
        let rules = world.scheme.tasks;
        let codes: Vec<&str> = rows.iter().map(|row| row.code.as_str()).collect();
        let quotas = Quota::of(&codes, order, world, (people, whole));
        let by_population = rows.iter().any(|row| row.figures[POPULATION].is_some());
        if order.people.is_some() && whole > 0 {
            let size = Self::ratio(&rows, &quotas, people);
            for row in &mut rows {
                rescale(row, size, rules);
            }
            Planted::new(&leads).enter(&mut rows, rules);
        }
        let shares = if order.people.is_none() && by_population {
            leads
        } else {
            uneven(world, &rows, people)
        };
        let settled = settle(world, &rows, &settlers(&rows, &quotas, shares));
        TasksTable {
            totals: if order.people.is_some() {
                wrong_totals(&rows)
            } else {
                sums(&rows)
            },
            people: settled.iter().sum(),
            settled,
            quotas,
            rules,
            targets: targets(&world.scheme.rates),
            written: world.has(SourceKind::Tasks) && !rows.is_empty(),
            rows,
        }
    }

    /// What a figure of the published table is multiplied and divided by at the sample's size.
    pub(super) fn size(world: &World, order: &SampleOrder) -> (u64, u64) {
        let row = |row| TaskRow::of(row, &world.scheme.regions);
        let rows: Vec<TaskRow> = order.tasks.iter().filter_map(row).collect();
        let whole: u64 = rows.iter().filter_map(TaskRow::lead).sum();
        let people = order.people.unwrap_or(whole);
        let codes: Vec<&str> = rows.iter().map(|row| row.code.as_str()).collect();
        let quotas = Quota::of(&codes, order, world, (people, whole));
        Self::ratio(&rows, &quotas, people)
    }

    /// Those who live there are more than those whom a table counts: it is of another day, and a task leaves some out.
    /// Where the table publishes who is registered, that says how many there are.
    fn ratio(rows: &[TaskRow], quotas: &[Quota], people: u64) -> (u64, u64) {
        let whole: u64 = rows.iter().filter_map(TaskRow::lead).sum();
        let by_population = rows.iter().any(|row| row.figures[POPULATION].is_some());
        let more = if by_population { 102 } else { 110 };
        (
            people * 100,
            whole * if quotas.is_empty() { more } else { 100 },
        )
    }

    /// Key rows: every rule of the table looked at row by row.
    pub(super) fn answer(&self, key: &mut Key) {
        if !self.written {
            return;
        }
        self.answer_sums(key);
        self.answer_repeated(key);
        for row in &self.rows {
            let shares = [
                (self.rules.task_share, POPULATION, TASK),
                (self.rules.floor_share, TASK, FLOOR),
            ];
            let off = shares
                .into_iter()
                .filter(|rule| is_off(&row.figures, *rule))
                .count();
            let [population, task, _, last_year, _, total] = row.figures;
            let lowered = self.rules.task_at_least_last_year
                && task.zip(last_year).is_some_and(|(task, last)| task < last);
            let is_above = |figure: Option<u64>| {
                population
                    .zip(figure)
                    .is_some_and(|(population, figure)| figure > population)
            };
            let above = !self.rules.over_population_off
                && [total, last_year, task].into_iter().any(is_above);
            for _ in 0..off + usize::from(lowered) + usize::from(above) {
                key.add(Code::OffRule, "", &row.name);
            }
        }
        if is_off(&self.totals, (self.rules.floor_share, TASK, FLOOR)) {
            key.add(Code::OffRule, "", "合计");
        }
    }

    /// Totals that are no sums, rows whose parts do not make the whole, targets that the tasks do not make.
    fn answer_sums(&self, key: &mut Key) {
        let sums = sums(&self.rows);
        for (at, sum) in sums.into_iter().enumerate() {
            if self.totals[at].is_some() && self.totals[at] != sum {
                key.add(Code::Footing, "", NAMES[at]);
            }
        }
        if sums[LAST_YEAR].is_some() && sums[LAST_YEAR_EMPLOYEE].is_some() {
            for row in self.rows.iter().filter(|row| {
                row.parts()
                    .is_some_and(|sum| row.figures[LAST_YEAR_TOTAL] != Some(sum))
            }) {
                key.add(Code::Footing, "", &row.name);
            }
        }
        for target in &self.targets {
            if sums[TASK].is_some_and(|tasks| tasks != *target) {
                key.add(Code::Footing, "", "target-persons");
            }
        }
    }

    fn answer_repeated(&self, key: &mut Key) {
        let mut rows: Vec<&TaskRow> = self.rows.iter().collect();
        rows.sort_by(|a, b| a.code.cmp(&b.code));
        let mut seen: HashMap<(RegionLevel, Option<u64>, u64), &str> = HashMap::new();
        for row in rows {
            let [population, Some(task), ..] = row.figures else {
                continue;
            };
            if task == 0 || population == Some(0) {
                continue;
            }
            if let Some(earlier) = seen.get(&(row.level, population, task)) {
                key.add(Code::FiguresRepeated, "", earlier);
            } else {
                seen.insert((row.level, population, task), &row.name);
            }
        }
    }
}

/// Whether one figure is not the share of another, half up.
fn is_off(
    figures: &[Option<u64>; FIGURES],
    (share, whole, part): (Option<Ratio>, usize, usize),
) -> bool {
    let stated = share.zip(figures[whole]).zip(figures[part]);
    stated.is_some_and(|((share, whole), part)| share.half_up_of(whole) != part)
}

/// A name in the column of its level.
fn words(level: RegionLevel, name: &str) -> [Option<&str>; 3] {
    match level {
        RegionLevel::Province | RegionLevel::City | RegionLevel::County => [some(name), None, None],
        RegionLevel::Township => [None, some(name), None],
        RegionLevel::Village => [None, None, some(name)],
    }
}

fn sums(rows: &[TaskRow]) -> [Option<u64>; FIGURES] {
    std::array::from_fn(|at| {
        rows.iter()
            .filter_map(|row| row.figures[at])
            .fold(None, |sum, figure| Some(sum.unwrap_or(0) + figure))
    })
}

/// Totals that are wrong in the first and the last figure that the table has.
fn wrong_totals(rows: &[TaskRow]) -> [Option<u64>; FIGURES] {
    let mut totals = sums(rows);
    let present: Vec<usize> = (0..FIGURES).filter(|&at| totals[at].is_some()).collect();
    let ends: BTreeSet<usize> = [present.first(), present.last()]
        .into_iter()
        .flatten()
        .copied()
        .collect();
    for at in ends {
        totals[at] = totals[at].map(|sum| sum + 10);
    }
    totals
}

/// Targets in persons of the rates whose denominator the tasks are.
fn targets(rates: &[Rate]) -> BTreeSet<u64> {
    rates
        .iter()
        .filter(|rate| rate.against == Against::Task && rate.against_by_region.is_empty())
        .filter_map(|rate| rate.target_persons)
        .collect()
}

impl TaskRow {
    /// A published row of a region of the scheme, under a name that the region tree understands.
    fn of(row: &PublishedRow, tree: &RegionTree) -> Option<Self> {
        let region = tree
            .get(&row.code)
            .filter(|region| tree.is_inside(&region.code))?;
        let named = tree.resolve(None, words(region.level, &row.name));
        let found = named.problem.is_none() && named.inside.as_deref() == Some(row.code.as_str());
        let name = if found { &row.name } else { &region.name };
        Some(TaskRow {
            code: row.code.clone(),
            level: region.level,
            name: name.clone(),
            figures: [
                row.population,
                row.task,
                row.floor,
                row.last_year,
                row.last_year_employee,
                row.last_year_total,
            ],
        })
    }

    /// The figure that persons follow.
    fn lead(&self) -> Option<u64> {
        self.figures[POPULATION].or(self.figures[TASK])
    }

    /// Last year's residents and employees, where the row states both together and one of them.
    fn parts(&self) -> Option<u64> {
        let [.., residents, employees, Some(_)] = self.figures else {
            return None;
        };
        (residents.is_some() || employees.is_some())
            .then(|| residents.unwrap_or(0) + employees.unwrap_or(0))
    }
}

/// Persons by row: they follow the figures, so that no rate is out of proportion; a few in a hundred more or less, so
/// that rates differ.
fn uneven(world: &World, rows: &[TaskRow], people: u64) -> Vec<u64> {
    let mut dice = world.dice(Purpose::Uneven);
    let weights: Vec<u64> = rows
        .iter()
        .map(|row| row.lead().unwrap_or(0) * u64::from(950 + dice.below(101)))
        .collect();
    shared(people, &weights)
}

/// Persons by row: where the table publishes who is registered, those and as many more as it takes.
fn settlers(rows: &[TaskRow], quotas: &[Quota], shares: Vec<u64>) -> Vec<u64> {
    let quota = |row: &TaskRow| {
        quotas
            .iter()
            .find(|quota| quota.code == row.code)
            .and_then(Quota::people)
    };
    rows.iter()
        .zip(shares)
        .map(|(row, share)| quota(row).unwrap_or(share))
        .collect()
}

/// `figure × size.0 / size.1`, half up, at least one.
pub(super) fn scaled(figure: u64, size: (u64, u64)) -> u64 {
    half_up(figure, size).max(1)
}

/// One row at the sample's size: the leading figure in proportion, the others by their rule or in proportion.
fn rescale(row: &mut TaskRow, size: (u64, u64), rules: TasksRule) {
    row.figures = row
        .figures
        .map(|figure| figure.map(|figure| scaled(figure, size)));
    if let (Some(rule), Some(population), Some(_)) =
        (rules.task_share, row.figures[POPULATION], row.figures[TASK])
    {
        row.figures[TASK] = Some(rule.half_up_of(population));
    }
    if let (Some(rule), Some(task), Some(_)) =
        (rules.floor_share, row.figures[TASK], row.figures[FLOOR])
    {
        row.figures[FLOOR] = Some(rule.half_up_of(task));
    }
    row.figures[LAST_YEAR_TOTAL] = row.parts().or(row.figures[LAST_YEAR_TOTAL]);
}

/// Where the table's faults go: two pairs of equal figures and two rows off each rule, where it is long enough.
#[derive(Default)]
struct Planted {
    /// Rows of like size; the second takes the figures of the first.
    pairs: Vec<(usize, usize)>,
    off: Vec<usize>,
}

impl Planted {
    fn new(leads: &[u64]) -> Self {
        let mut full: Vec<usize> = (0..leads.len()).filter(|&at| leads[at] > 0).collect();
        if full.len() < 4 {
            return Planted::default();
        }
        let wanted = if full.len() < 8 { 1 } else { 2 };
        full.sort_by_key(|&at| (leads[at], at));
        let mut neighbours: Vec<(usize, usize)> =
            full.windows(2).map(|two| (two[0], two[1])).collect();
        neighbours.sort_by_key(|&(small, large)| {
            ((leads[large] - leads[small]) * 10_000 / leads[large], small)
        });
        let mut plan = Planted::default();
        for (one, two) in neighbours {
            let free = plan
                .pairs
                .iter()
                .all(|&(a, b)| ![a, b].contains(&one) && ![a, b].contains(&two));
            if free && plan.pairs.len() < wanted {
                plan.pairs.push((one.min(two), one.max(two)));
            }
        }
        full.sort_unstable();
        let outside = |at: &usize| plan.pairs.iter().all(|&(a, b)| a != *at && b != *at);
        plan.off = full
            .into_iter()
            .rev()
            .filter(outside)
            .take(wanted)
            .collect();
        plan
    }

    fn enter(&self, rows: &mut [TaskRow], rules: TasksRule) {
        for &(from, to) in &self.pairs {
            rows[to].figures = rows[from].figures;
        }
        for &at in &self.off {
            let row = &mut rows[at].figures;
            if rules.task_share.is_some() && row[POPULATION].is_some() {
                row[TASK] = row[TASK].map(|task| task + (task / 500).max(1));
            }
            if let (Some(rule), Some(task), Some(_)) = (rules.floor_share, row[TASK], row[FLOOR]) {
                // A table whose task already follows a rule keeps its floors; otherwise the floor is the one planted.
                row[FLOOR] = Some(rule.half_up_of(task) + u64::from(rules.task_share.is_none()));
            }
            if let (true, Some(last_year), Some(_)) =
                (rules.task_at_least_last_year, row[LAST_YEAR], row[TASK])
            {
                row[TASK] = Some(last_year.saturating_sub(1).max(1));
            }
            row[LAST_YEAR_TOTAL] = row[LAST_YEAR_TOTAL].map(|total| total + 1);
        }
    }
}

/// People by place: villages below a row's region share its people unevenly.
fn settle(world: &World, rows: &[TaskRow], shares: &[u64]) -> Vec<u64> {
    let places: &[Village] = &world.around.places;
    let mut settled = vec![0; places.len()];
    for (at, (row, share)) in rows.iter().zip(shares).enumerate() {
        let mut below: Vec<usize> = (0..places.len())
            .filter(|&p| places[p].code.starts_with(&row.code))
            .collect();
        let mut dice = world.dice(Purpose::Villages(at));
        // A dozen people make a village with households; a small sample leaves the other villages empty.
        let inhabited = usize::try_from(*share / 12).unwrap_or(usize::MAX).max(1);
        while below.len() > inhabited {
            below.remove(dice.position(below.len()));
        }
        let weights: Vec<u64> = below
            .iter()
            .map(|_| u64::from(500 + dice.below(1000)))
            .collect();
        for (place, part) in below.into_iter().zip(shared(*share, &weights)) {
            settled[place] += part;
        }
    }
    settled
}
