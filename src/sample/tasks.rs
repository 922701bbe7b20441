//! Tasks: the published table at the sample's size, its planted faults, and what follows from them.

use std::collections::HashMap;

use crate::domain::{Code, RegionLevel, SourceKind};

use super::SampleOrder;
use super::key::Key;
use super::places::{Place, some};
use super::world::World;

/// A region's figures; blank = not published.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    /// Region code.
    pub(super) code: String,
    /// Level of the region.
    pub(super) level: RegionLevel,
    /// County by name, where the table names townships of several.
    pub(super) name: String,
    /// Population, task, floor, last year.
    pub(super) figures: [Option<u64>; 4],
}

const POPULATION: usize = 0;
const TASK: usize = 1;
const FLOOR: usize = 2;
/// Names of the four figures, for the key's free column.
const NAMES: [&str; 4] = ["population", "task", "floor", "last-year"];

/// The table.
pub(super) struct Table {
    /// Rows in the order published.
    pub(super) rows: Vec<Figures>,
    /// What the total row says.
    pub(super) totals: [Option<u64>; 4],
    /// Persons of the sample.
    pub(super) people: u64,
    /// Persons by position in `Neighbourhood::places`.
    pub(super) settled: Vec<u64>,
    /// The rules that rows must follow.
    rules: crate::scheme::TasksRule,
    /// Whether there is such a book.
    written: bool,
}

impl Table {
    /// Scales the published figures to the people asked for.
    pub(super) fn new(world: &World, order: &SampleOrder) -> Self {
        let tree = &world.scheme.regions;
        let mut rows: Vec<Figures> = order
            .tasks
            .iter()
            .filter_map(|row| {
                let region = tree.get(&row.code).filter(|region| tree.is_inside(&region.code))?;
                let named = tree.resolve(None, words(region.level, &row.name));
                let found = named.problem.is_none() && named.inside.as_deref() == Some(row.code.as_str());
                let name = if found { row.name.clone() } else { region.name.clone() };
                let figures = [row.population, row.task, row.floor, row.last_year];
                Some(Figures { code: row.code.clone(), level: region.level, name, figures })
            })
            .collect();
        let weights: Vec<u64> = rows.iter().map(|row| row.figures[POPULATION].or(row.figures[TASK]).unwrap_or(0)).collect();
        let whole: u64 = weights.iter().sum();
        let people = order.people.unwrap_or(whole);
        let shares = shared(people, &weights);
        let rules = world.scheme.tasks;
        if order.people.is_some() && whole > 0 {
            for (row, share) in rows.iter_mut().zip(&shares) {
                rescale(row, *share, people, whole, rules);
            }
        }
        let settled = settle(world, &rows, &shares);
        if order.people.is_some() {
            plant(&mut rows, rules);
        }
        let mut totals = sums(&rows);
        // The total row is planted wrong in the first and the last figure that the table has.
        let present: Vec<usize> = (0..4).filter(|&at| totals[at].is_some()).collect();
        for at in [present.first(), present.last()].into_iter().flatten() {
            totals[*at] = sums(&rows)[*at].map(|sum| sum + 10);
        }
        let written = world.has(SourceKind::Tasks) && !rows.is_empty();
        Table { people: settled.iter().sum(), rows, totals, settled, rules, written }
    }

    /// Key rows: every rule of the table looked at row by row.
    pub(super) fn answer(&self, key: &mut Key) {
        if !self.written {
            return;
        }
        for (at, sum) in sums(&self.rows).into_iter().enumerate() {
            if self.totals[at].is_some() && self.totals[at] != sum {
                key.add(Code::Footing, "", NAMES[at]);
            }
        }
        let mut rows: Vec<&Figures> = self.rows.iter().collect();
        rows.sort_by(|a, b| a.code.cmp(&b.code));
        let mut seen: HashMap<(RegionLevel, Option<u64>, u64), &str> = HashMap::new();
        for row in rows {
            let [population, Some(task), ..] = row.figures else { continue };
            if task == 0 || population == Some(0) {
                continue;
            }
            if let Some(earlier) = seen.get(&(row.level, population, task)) {
                key.add(Code::FiguresRepeated, "", earlier);
            } else {
                seen.insert((row.level, population, task), &row.name);
            }
        }
        for row in &self.rows {
            for (share, from, to) in [(self.rules.task_share, POPULATION, TASK), (self.rules.floor_share, TASK, FLOOR)] {
                if let (Some(share), Some(whole), Some(part)) = (share, row.figures[from], row.figures[to])
                    && share.half_up_of(whole) != part
                {
                    key.add(Code::OffRule, "", &row.name);
                }
            }
        }
    }
}

/// A name in the column of its level.
fn words(level: RegionLevel, name: &str) -> [Option<&str>; 3] {
    match level {
        RegionLevel::City | RegionLevel::County => [some(name), None, None],
        RegionLevel::Township => [None, some(name), None],
        RegionLevel::Village => [None, None, some(name)],
    }
}

fn sums(rows: &[Figures]) -> [Option<u64>; 4] {
    std::array::from_fn(|at| {
        rows.iter().filter_map(|row| row.figures[at]).fold(None, |sum, figure| Some(sum.unwrap_or(0) + figure))
    })
}

/// One row at the sample's size: the leading figure is its share of people, the others follow their rule or proportion.
fn rescale(row: &mut Figures, share: u64, people: u64, whole: u64, rules: crate::scheme::TasksRule) {
    let scaled = |figure: u64| -> u64 {
        let exact = (u128::from(figure) * u128::from(people) * 2 + u128::from(whole)) / (u128::from(whole) * 2);
        u64::try_from(exact).unwrap_or(u64::MAX).max(1)
    };
    let leads_by_population = row.figures[POPULATION].is_some();
    row.figures = row.figures.map(|figure| figure.map(scaled));
    if leads_by_population {
        row.figures[POPULATION] = Some(share);
    } else if row.figures[TASK].is_some() {
        row.figures[TASK] = Some(share);
    }
    if let (Some(rule), Some(population), Some(_)) = (rules.task_share, row.figures[POPULATION], row.figures[TASK]) {
        row.figures[TASK] = Some(rule.half_up_of(population));
    }
    if let (Some(rule), Some(task), Some(_)) = (rules.floor_share, row.figures[TASK], row.figures[FLOOR]) {
        row.figures[FLOOR] = Some(rule.half_up_of(task));
    }
}

/// Two pairs of equal figures and two rows off each rule, where the table is long enough.
fn plant(rows: &mut [Figures], rules: crate::scheme::TasksRule) {
    let full: Vec<usize> = (0..rows.len()).filter(|&at| rows[at].figures[TASK].is_some_and(|task| task > 0)).collect();
    if full.len() < 4 {
        return;
    }
    let pairs = if full.len() < 8 { 1 } else { 2 };
    for pair in 0..pairs {
        rows[full[2 * pair + 1]].figures = rows[full[2 * pair]].figures;
    }
    for at in full.iter().rev().take(pairs) {
        let row = &mut rows[*at].figures;
        if rules.task_share.is_some() && row[POPULATION].is_some() {
            row[TASK] = row[TASK].map(|task| task + 9);
        }
        if let (Some(rule), Some(task), Some(_)) = (rules.floor_share, row[TASK], row[FLOOR]) {
            // A table whose task already follows a rule keeps its floors; otherwise the floor is the one planted.
            row[FLOOR] = Some(rule.half_up_of(task) + u64::from(rules.task_share.is_none()));
        }
    }
}

/// Shares `total` by weight, largest remainder first, at least one where there is weight.
pub(super) fn shared(total: u64, weights: &[u64]) -> Vec<u64> {
    let whole: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    if whole == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: u64| u128::from(weight) * u128::from(total);
    let mut shares: Vec<u64> = weights.iter().map(|w| u64::try_from(exact(*w) / whole).unwrap_or(u64::MAX)).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(exact(weights[at]) % whole), at));
    let left = total - shares.iter().sum::<u64>();
    for at in order.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
        shares[at] += 1;
    }
    for at in 0..shares.len() {
        if shares[at] == 0 && weights[at] > 0 {
            let most = (0..shares.len()).max_by_key(|&i| (shares[i], std::cmp::Reverse(i))).unwrap_or(at);
            if shares[most] > 1 {
                shares[most] -= 1;
                shares[at] = 1;
            }
        }
    }
    shares
}

/// People by place: villages below a row's region share its people unevenly.
fn settle(world: &World, rows: &[Figures], shares: &[u64]) -> Vec<u64> {
    let places: &[Place] = &world.around.places;
    let mut settled = vec![0; places.len()];
    for (at, (row, share)) in rows.iter().zip(shares).enumerate() {
        let mut below: Vec<usize> = (0..places.len()).filter(|&p| places[p].code.starts_with(&row.code)).collect();
        let mut dice = world.dice(1_000_000 + at as u64);
        // A dozen people make a village with households; a small sample leaves the other villages empty.
        let inhabited = usize::try_from(*share / 12).unwrap_or(usize::MAX).max(1);
        while below.len() > inhabited {
            below.remove(dice.below(u32::try_from(below.len()).unwrap_or(1)) as usize);
        }
        let weights: Vec<u64> = below.iter().map(|_| u64::from(500 + dice.below(1000))).collect();
        for (place, part) in below.into_iter().zip(shared(*share, &weights)) {
            settled[place] += part;
        }
    }
    settled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_nobody_with_weight_is_left_out() {
        assert_eq!(shared(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(shared(5, &[1000, 1, 1]), [3, 1, 1]);
        assert_eq!(shared(7, &[0, 5]), [0, 7]);
        assert_eq!(shared(2, &[1, 1, 1]).iter().sum::<u64>(), 2);
    }
}
