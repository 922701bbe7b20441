//! Figures of every region: tallies rolled up the tree, rates, ranks, and the bridge that must balance.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use polars::prelude::PlHashMap;

use super::{BridgeLine, RateFigure, RegionFigures};
use crate::domain::{Cover, Ratio, Region, RegionLevel, Standing};
use crate::judge::{Figures, RowClass, Tallies, in_full};
use crate::scheme::{Against, Count, Rate, Scheme};

/// 其他 under a parent sorts after every code that begins with the parent's.
const OTHER: char = '\u{10FFFF}';

/// All rows of the coverage table, in its order.
pub(super) fn regions(
    tallies: &Tallies,
    declared: &BTreeMap<String, Figures>,
    scheme: &Scheme,
) -> Vec<RegionFigures> {
    let mut board = Board::new(scheme);
    // All that names a region goes to its places at once: a province has tens of thousands of them.
    let registered = together::<_, { Cover::COUNT }>(
        tallies
            .registered
            .iter()
            .map(|((region, cover), n)| (region, *cover, *n)),
    );
    for (region, persons) in registered {
        for place in board.places(region).iter() {
            let figures = board.at(*place);
            figures.registered_employee += persons[usize::from(Cover::Employee.index())];
            figures.registered_resident += persons[usize::from(Cover::Resident.index())];
        }
    }
    let standings = together::<_, { Standing::COUNT }>(
        tallies
            .standings
            .iter()
            .map(|((region, of), n)| (region, *of, *n)),
    );
    for (region, persons) in standings {
        for place in board.places(region).iter() {
            board
                .at(*place)
                .standings
                .iter_mut()
                .zip(persons)
                .for_each(|(all, mine)| *all += mine);
        }
    }
    for ((region, cover), persons) in &tallies.paid {
        for place in board.places(region).iter() {
            let figures = board.at(*place);
            match Cover::at(*cover) {
                Cover::Resident => figures.paid_resident += persons,
                Cover::Employee | Cover::OtherCover => figures.paid_employee += persons,
            }
        }
    }
    board.bridge_rows(tallies);
    board.declare(declared, tallies);
    board.finish()
}

/// Counts that follow each other under one key, by the number beside it.
fn together<K: PartialEq, const N: usize>(
    counts: impl Iterator<Item = (K, u8, u64)>,
) -> Vec<(K, [u64; N])> {
    let mut all: Vec<(K, [u64; N])> = Vec::new();
    for (key, beside, count) in counts {
        match all.last_mut().filter(|(last, _)| *last == key) {
            Some((_, counts)) => counts[usize::from(beside)] += count,
            None => {
                let mut counts = [0; N];
                counts[usize::from(beside)] = count;
                all.push((key, counts));
            }
        }
    }
    all
}

/// What a rate is against at one place.
#[derive(Clone, Copy)]
struct Denominator {
    /// `None`: not known.
    of: Option<u64>,
    /// One figure for the whole place; `None` = a sum of what is below, each against its own.
    own: Option<Against>,
}

struct Board<'a> {
    scheme: &'a Scheme,
    /// With the key that puts each in its order within its level: its code, or that of the place it is 其他 below and `OTHER`.
    rows: Vec<(String, RegionFigures)>,
    /// Whether each is a row of the table: all regions are, and 其他 where anything counts.
    stands: Vec<bool>,
    /// Where each region is, by code.
    at: PlHashMap<&'a str, usize>,
    /// Of each region where the one above it is.
    above: Vec<Option<usize>>,
    /// Of each region where what names it counts, once it was asked.
    places: Vec<Option<Rc<[usize]>>>,
}

impl<'a> Board<'a> {
    fn new(scheme: &'a Scheme) -> Self {
        let inside = scheme.regions.inside(); // those above before those below
        let at: PlHashMap<&str, usize> = inside
            .iter()
            .map(|region| region.code.as_str())
            .zip(0..)
            .collect();
        let above = inside
            .iter()
            .map(|region| at.get(region.parent.as_str()).copied())
            .collect();
        let empty = |region: &Region| RegionFigures {
            code: region.code.clone(),
            unit: region.unit,
            ..empty(region.level, &region.parent, scheme.rates.len())
        };
        let rows = inside
            .iter()
            .map(|region| (region.code.clone(), empty(region)))
            .collect();
        Board {
            scheme,
            rows,
            stands: vec![true; inside.len()],
            at,
            above,
            places: vec![None; inside.len()],
        }
    }

    /// Where a count that names `region` stands: the region, all above it, and 其他 below it if it has children.
    fn places(&mut self, region: &str) -> Rc<[usize]> {
        // A count that stood nowhere would be persons lost.
        let at = *self.at.get(region).unwrap_or_else(|| {
            panic!("persons are counted at {region}, which is no region of the scheme")
        });
        if let Some(places) = &self.places[at] {
            return Rc::clone(places);
        }
        let mut places: Vec<usize> =
            std::iter::successors(Some(at), |at| self.above[*at]).collect();
        if let Some(below) = self
            .scheme
            .regions
            .children(region)
            .map(|child| child.level)
            .min()
        {
            places.push(self.rows.len());
            let other = empty(below, region, self.scheme.rates.len());
            self.rows.push((format!("{region}{OTHER}"), other));
            self.stands.push(false);
        }
        Rc::clone(self.places[at].insert(places.into()))
    }

    fn at(&mut self, place: usize) -> &mut RegionFigures {
        self.stands[place] = true;
        &mut self.rows[place].1
    }

    /// Each registered row goes to the first line of the bridge that fits
    /// (docs/readings.md#bridge).
    fn bridge_rows(&mut self, tallies: &Tallies) {
        let rows = tallies
            .rows
            .iter()
            .map(|((region, register, class), n)| ((region, register), *class, *n));
        let classes = together::<_, { RowClass::COUNT }>(rows);
        for ((region, register), classes) in classes {
            let here = self.places(region);
            let home = if register.is_empty() {
                Rc::default()
            } else {
                self.places(register)
            };
            let of = |class: RowClass| classes[usize::from(class.index())];
            for place in here.iter() {
                let bridge = &mut self.at(*place).bridge;
                let is_home = home.contains(place);
                for (class, persons) in RowClass::ALL.iter().zip(classes) {
                    let taken = taken(*class, is_home);
                    for line in [Some(BridgeLine::Registered), taken].into_iter().flatten() {
                        bridge[usize::from(line.index())] += persons;
                    }
                }
            }
            let counted = of(RowClass::Unpaid) + of(RowClass::Insured);
            for place in home
                .iter()
                .filter(|place| counted > 0 && !here.contains(place))
            {
                let bridge = &mut self.at(*place).bridge;
                bridge[usize::from(BridgeLine::CountedElsewhere.index())] += counted;
                bridge[usize::from(BridgeLine::Unpaid.index())] += of(RowClass::Unpaid);
            }
        }
    }

    /// What the tasks table comes to for every region.
    fn declare(&mut self, declared: &BTreeMap<String, Figures>, tallies: &Tallies) {
        let mut counted: Vec<u64> = vec![0; self.rows.len()];
        for (region, persons) in &tallies.previous {
            for place in self.places(region).iter() {
                counted.resize(self.rows.len(), 0);
                counted[*place] += persons;
            }
        }
        counted.resize(self.rows.len(), 0);
        let states_last_year = declared.values().any(|figures| figures.values[3].is_some());
        let is_peopled = |code: &str| {
            self.at
                .get(code)
                .is_some_and(|at| is_peopled(&self.rows[*at].1))
        };
        let whole = in_full(declared, &self.scheme.regions, is_peopled);
        for ((key, figures), previous) in self.rows.iter_mut().zip(counted) {
            let stated = whole.get(key.as_str()).copied().unwrap_or_default();
            [
                figures.population,
                figures.task,
                figures.floor,
                figures.last_year,
                ..,
            ] = stated.values;
            if !states_last_year && !tallies.previous.is_empty() {
                figures.last_year = Some(previous);
            }
        }
    }

    fn finish(mut self) -> Vec<RegionFigures> {
        for (which, rate) in self.scheme.rates.iter().enumerate() {
            let mut known: HashMap<String, Denominator> = HashMap::new();
            let mut rates = Vec::with_capacity(self.rows.len());
            // From the bottom up, as regions were entered level by level: a mixed denominator of a parent is the sum of its
            // children's.
            for (key, figures) in self.rows.iter().rev() {
                let denominator = self.denominator(rate, figures, &known);
                rates.push(self.rate(rate, figures, denominator));
                if !rate.against_by_region.is_empty() {
                    known.insert(key.clone(), denominator);
                }
            }
            for ((_, figures), rate) in self.rows.iter_mut().rev().zip(rates) {
                figures.rates[which] = rate;
            }
        }
        self.rank();
        for (_, figures) in &mut self.rows {
            close_bridge(figures);
        }
        // Positions are sorted, not the rows: those are long.
        let mut order: Vec<usize> = (0..self.rows.len()).filter(|at| self.stands[*at]).collect();
        let place = |at: &usize| {
            let (key, row) = &self.rows[*at];
            (row.level, &row.parent, key)
        };
        // Regions were entered in this order, which a stable sort sees.
        order.sort_by(|a, b| place(a).cmp(&place(b)));
        let mut rows: Vec<Option<RegionFigures>> = self
            .rows
            .into_iter()
            .map(|(_, figures)| Some(figures))
            .collect();
        order.into_iter().filter_map(|at| rows[at].take()).collect()
    }

    /// What a rate of a place is against. Where regions have denominators of their own, those above add up what is below
    /// them, if all of it is known.
    fn denominator(
        &self,
        rate: &Rate,
        figures: &RegionFigures,
        known: &HashMap<String, Denominator>,
    ) -> Denominator {
        let of_region = |code: &str| {
            rate.against_by_region
                .iter()
                .find(|(own, _)| own == code)
                .map(|(_, against)| *against)
        };
        let own = of_region(&figures.code).unwrap_or(rate.against);
        let plain = Denominator {
            of: denominator(figures, own),
            own: Some(own),
        };
        if rate.against_by_region.is_empty() || figures.code.is_empty() {
            return plain;
        }
        let below = self.below(figures, known);
        if below
            .iter()
            .all(|(child, _)| child.of.is_none_or(|of| of == 0))
        {
            return plain;
        }
        if below
            .iter()
            .all(|(child, is_peopled)| child.of.is_some() || !is_peopled)
        {
            return Denominator {
                of: Some(below.iter().filter_map(|(child, _)| child.of).sum()),
                own: None,
            };
        }
        // Only some of it is known. The row's own figure is for all of it where all of it is counted alike.
        let is_alike = below.iter().all(|(child, _)| child.own == Some(own))
            || of_region(&figures.code).is_some();
        if is_alike {
            plain
        } else {
            Denominator {
                of: None,
                own: None,
            }
        }
    }

    /// What is known of the places one level below, units left out, and whether anybody is there.
    fn below(
        &self,
        figures: &RegionFigures,
        known: &HashMap<String, Denominator>,
    ) -> Vec<(Denominator, bool)> {
        let regions = &self.scheme.regions;
        let children = regions.children(&figures.code).filter(|child| !child.unit);
        children
            .filter_map(|child| {
                let (_, row) = &self.rows[*self.at.get(child.code.as_str())?];
                Some((*known.get(&child.code)?, is_peopled(row)))
            })
            .collect()
    }

    fn rate(&self, rate: &Rate, figures: &RegionFigures, denominator: Denominator) -> RateFigure {
        let count = counted(rate, figures);
        if figures.unit || figures.code.is_empty() {
            return RateFigure {
                count,
                of: None,
                need: None,
            };
        }
        let Denominator { of, own } = denominator;
        let of = of.filter(|of| *of > 0);
        let against_task = own == Some(Against::Task);
        let is_root = figures.code == self.scheme.regions.root();
        let floor = figures
            .floor
            .filter(|_| against_task)
            .filter(|_| of.is_some());
        let persons = rate.target_persons.filter(|_| is_root);
        let share = rate
            .target
            .and_then(|target| of.map(|of| target.ceil_of(of)));
        // A task without a stated share is there to be fulfilled.
        let task =
            of.filter(|_| against_task && rate.target.is_none() && rate.target_persons.is_some());
        RateFigure {
            count,
            of,
            need: persons.or(floor).or(share).or(task),
        }
    }

    /// 1,1,3 by the exact primary ratio among all rows of a level.
    fn rank(&mut self) {
        let Some(which) = self.scheme.rates.iter().position(|rate| rate.primary) else {
            return;
        };
        let ratio = |figures: &RegionFigures| {
            let rate = Some(&figures.rates[which])
                .filter(|_| !figures.unit && !figures.code.is_empty())?;
            Ratio::new(rate.count, rate.of?)
        };
        let mut ranked: Vec<(Ratio, &mut RegionFigures)> = self
            .rows
            .iter_mut()
            .filter_map(|(_, figures)| ratio(figures).map(|ratio| (ratio, figures)))
            .collect();
        ranked.sort_by(|a, b| (a.1.level, &b.0).cmp(&(b.1.level, &a.0)));
        for level in ranked.chunk_by_mut(|a, b| a.1.level == b.1.level) {
            let mut rank = 0u32;
            let mut last: Option<Ratio> = None;
            for (position, (ratio, figures)) in (1u32..).zip(level) {
                if last.replace(*ratio) != Some(*ratio) {
                    rank = position;
                }
                figures.rank = Some(rank);
            }
        }
    }
}

/// Nobody counted yet at 其他 below a region.
fn empty(level: RegionLevel, parent: &str, rates: usize) -> RegionFigures {
    RegionFigures {
        level,
        code: String::new(),
        parent: parent.to_owned(),
        unit: false,
        population: None,
        task: None,
        floor: None,
        last_year: None,
        registered_resident: 0,
        registered_employee: 0,
        paid_resident: 0,
        paid_employee: 0,
        standings: [0; Standing::COUNT],
        rates: vec![RateFigure::default(); rates],
        rank: None,
        bridge: [0; BridgeLine::COUNT],
    }
}

/// The line of the bridge that takes a registered row away; the earlier wins. `None` = it stays.
fn taken(class: RowClass, is_home: bool) -> Option<BridgeLine> {
    match class {
        RowClass::Unusable => Some(BridgeLine::Unusable),
        RowClass::Surplus => Some(BridgeLine::Surplus),
        RowClass::NotOnRegister => Some(BridgeLine::NotOnRegister),
        _ if !is_home => Some(BridgeLine::OtherRegister),
        RowClass::Deceased => Some(BridgeLine::Deceased),
        RowClass::Unpaid => Some(BridgeLine::Unpaid),
        RowClass::Insured => None,
    }
}

/// Persons that a rate counts at a place.
fn counted(rate: &Rate, figures: &RegionFigures) -> u64 {
    let of_cover = |cover| match (rate.count, cover) {
        (Count::Registered, Cover::Resident) => figures.registered_resident,
        (Count::Registered, _) => figures.registered_employee,
        (Count::Paid, Cover::Resident) => figures.paid_resident,
        (Count::Paid, _) => figures.paid_employee,
        (Count::Insured, Cover::Resident) => {
            figures.standing(Standing::LocalResident)
                + figures.standing(Standing::ElsewhereResident)
        }
        (Count::Insured, _) => {
            figures.standing(Standing::LocalEmployee)
                + figures.standing(Standing::ElsewhereEmployee)
        }
    };
    [Cover::Resident, Cover::Employee]
        .into_iter()
        .filter(|cover| rate.covers.contains(cover))
        .map(of_cover)
        .sum()
}

/// Whether anybody is on the register there or registered.
fn is_peopled(figures: &RegionFigures) -> bool {
    figures.register() + figures.registered() > 0
}

fn denominator(figures: &RegionFigures, against: Against) -> Option<u64> {
    match against {
        Against::Register => Some(figures.register()),
        Against::Population => figures.population,
        Against::Task => figures.task,
        Against::LastYear => figures.last_year,
        Against::Residents => Some(residents(&figures.standings)),
    }
}

/// 应参保居民: persons of the register who are neither employees, wherever, nor deceased.
fn residents(standings: &[u64; Standing::COUNT]) -> u64 {
    let others = [
        Standing::LocalEmployee,
        Standing::ElsewhereEmployee,
        Standing::Deceased,
    ];
    let others: u64 = others
        .into_iter()
        .map(|standing| standings[usize::from(standing.index())])
        .sum();
    standings.iter().sum::<u64>() - others
}

/// Fills the lines that come from standings and asserts both equations of docs/readings.md#bridge.
fn close_bridge(figures: &mut RegionFigures) {
    for line in BridgeLine::ALL {
        if let Some(persons) = of_standings(*line, figures) {
            figures.bridge[usize::from(line.index())] = persons;
        }
    }
    assert_bridge_balances(figures);
}

/// Persons of the standings that a line of the bridge counts; `None` = it counts registered rows.
fn of_standings(line: BridgeLine, figures: &RegionFigures) -> Option<u64> {
    let standings: &[Standing] = match line {
        BridgeLine::Local => &[Standing::LocalEmployee, Standing::LocalResident],
        BridgeLine::ElsewhereEmployee => &[Standing::ElsewhereEmployee],
        BridgeLine::ElsewhereResident => &[Standing::ElsewhereResident],
        BridgeLine::DeceasedRegister => &[Standing::Deceased],
        BridgeLine::Military => &[Standing::Military],
        BridgeLine::Prison => &[Standing::Prison],
        BridgeLine::Unreachable => &[Standing::Unreachable],
        BridgeLine::Declined => &[Standing::Declined],
        BridgeLine::OtherReason => &[Standing::Other],
        BridgeLine::InTransit => &[Standing::InTransit],
        BridgeLine::Uninsured => &[Standing::Uninsured],
        BridgeLine::Pending => &[Standing::Pending],
        BridgeLine::Register => return Some(figures.register()),
        BridgeLine::Registered
        | BridgeLine::Unusable
        | BridgeLine::Surplus
        | BridgeLine::NotOnRegister
        | BridgeLine::OtherRegister
        | BridgeLine::Deceased
        | BridgeLine::Unpaid
        | BridgeLine::CountedElsewhere => return None,
    };
    let persons = standings.iter().map(|standing| figures.standing(*standing));
    Some(persons.sum())
}

/// Both equations of docs/readings.md#standing.
fn assert_bridge_balances(figures: &RegionFigures) {
    let line = |line: BridgeLine| figures.bridge[usize::from(line.index())];
    assert_eq!(
        line(BridgeLine::Registered),
        figures.registered(),
        "registered rows counted twice differ at {}",
        figures.code
    );
    let taken = [
        BridgeLine::Unusable,
        BridgeLine::Surplus,
        BridgeLine::NotOnRegister,
        BridgeLine::OtherRegister,
        BridgeLine::Deceased,
        BridgeLine::Unpaid,
    ];
    let taken: u64 = taken.into_iter().map(line).sum();
    assert_eq!(
        line(BridgeLine::Registered) + line(BridgeLine::CountedElsewhere),
        taken + line(BridgeLine::Local),
        "the bridge from registered rows does not balance at {}{}",
        figures.parent,
        figures.code
    );
    let others = BridgeLine::ALL
        .iter()
        .filter(|at| (BridgeLine::Local..=BridgeLine::Pending).contains(at));
    assert_eq!(
        others.map(|at| line(*at)).sum::<u64>(),
        line(BridgeLine::Register),
        "standings do not add up to the register at {}{}",
        figures.parent,
        figures.code
    );
}
