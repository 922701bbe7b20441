//! Counting: standings, coverage, bridge, funding (DESIGN §§5, 6).

use std::collections::{BTreeMap, BTreeSet};

use super::findings::Person;
use super::money::best_grants;
use super::rows::Record;
use super::world::{Book, Figures, Rate, World};

const STANDINGS: [&str; 12] = [
    "pending",
    "deceased",
    "local-employee",
    "local-resident",
    "elsewhere-employee",
    "elsewhere-resident",
    "military",
    "prison",
    "unreachable",
    "declined",
    "other",
    "uninsured",
];

type Cells = BTreeMap<String, String>;
/// (level, parent, code); the code of 其他 is empty.
pub type Row = (String, String, String);

/// (id, region code, standing) of everyone on the register; who names no region is of the scheme's region.
pub fn standings(world: &World, people: &[Person]) -> Vec<(String, String, String)> {
    let on_register = people.iter().filter(|p| p.on_register());
    on_register
        .map(|p| {
            (
                p.id.clone(),
                p.register_region().unwrap_or(world.scheme.root.to_owned()),
                p.standing.to_owned(),
            )
        })
        .collect()
}

/// The region a registered row counts in: its own, else the person's on the register, else none.
pub fn counted_region(person: &Person, record: &Record) -> Option<String> {
    record.place.region.clone().or_else(|| {
        if person.usable {
            person.register_region()
        } else {
            None
        }
    })
}

/// Every row of the coverage table in which a region counts: itself, those above, and 其他 below the last one named.
fn rows_of(world: &World, region: Option<&str>) -> Vec<Row> {
    let scheme = &world.scheme;
    let upward = region.map_or(vec![scheme.root.to_owned()], |code| scheme.upward(code));
    let mut rows: Vec<Row> = upward.iter().map(|code| row_of(world, code)).collect();
    let deepest = &upward[0];
    let child = scheme.regions.iter().find(|r| r.parent == *deepest);
    if let Some(child) = child {
        rows.push((child.level.to_owned(), deepest.clone(), String::new()));
    }
    rows
}

pub fn row_of(world: &World, code: &str) -> Row {
    let region = world.scheme.region(code).expect("a region of the table");
    (
        region.level.to_owned(),
        region.parent.to_owned(),
        code.to_owned(),
    )
}

/// Regions in which somebody is on the register or normally registered, with those above.
pub fn peopled(world: &World, people: &[Person]) -> BTreeSet<String> {
    let mut regions = Vec::new();
    for person in people {
        regions.extend(person.register_region().filter(|_| person.on_register()));
        let here = person.records.iter().filter(|r| r.normal() && r.place.here);
        regions.extend(here.filter_map(|record| counted_region(person, record)));
    }
    regions
        .iter()
        .flat_map(|code| world.scheme.upward(code))
        .collect()
}

/// A region's figures: the sum of those below, else what the table states (a declared total is compared, never copied).
/// A place where somebody lives, or of which something else is stated, must be in the sum.
pub fn figures(world: &World, peopled: &BTreeSet<String>, code: &str) -> Figures {
    let own = world
        .tasks
        .iter()
        .find(|row| row.region == code)
        .map(|row| row.figures)
        .unwrap_or_default()
        .list();
    let children: Vec<_> = world
        .scheme
        .regions
        .iter()
        .filter(|r| r.parent == code)
        .collect();
    let below: Vec<[Option<u64>; 6]> = children
        .iter()
        .map(|r| figures(world, peopled, r.code).list())
        .collect();
    let stated_inside = |child: &str| {
        let inside = |row: &&super::world::TaskRow| {
            world
                .scheme
                .upward(row.region)
                .iter()
                .any(|code| code == child)
        };
        world
            .tasks
            .iter()
            .filter(inside)
            .any(|row| row.figures.list().iter().any(Option::is_some))
    };
    let needed = |child: &super::world::Region| {
        !child.unit && (peopled.contains(child.code) || stated_inside(child.code))
    };
    let missing = |i: usize| {
        children
            .iter()
            .zip(&below)
            .any(|(child, list)| list[i].is_none() && needed(child))
    };
    Figures::of(std::array::from_fn(|i| {
        let stated: Vec<u64> = below.iter().filter_map(|list| list[i]).collect();
        if stated.is_empty() || missing(i) {
            own[i]
        } else {
            Some(stated.iter().sum())
        }
    }))
}

#[derive(Default)]
struct Tally {
    registered: BTreeMap<&'static str, u64>,
    standings: BTreeMap<&'static str, u64>,
}

impl Tally {
    fn standing(&self, standing: &str) -> u64 {
        self.standings.get(standing).copied().unwrap_or(0)
    }
    fn registered(&self, cover: &str) -> u64 {
        self.registered.get(cover).copied().unwrap_or(0)
    }
    fn register(&self) -> u64 {
        self.standings.values().sum()
    }
    fn insured(&self) -> u64 {
        [
            "local-employee",
            "local-resident",
            "elsewhere-employee",
            "elsewhere-resident",
        ]
        .iter()
        .map(|s| self.standing(s))
        .sum()
    }
    fn settled(&self) -> u64 {
        let explained = ["deceased", "military", "prison", "unreachable", "declined"];
        self.insured() + explained.iter().map(|s| self.standing(s)).sum::<u64>()
    }
    fn count(&self, rate: &Rate) -> u64 {
        let covers = [("resident", rate.resident), ("employee", rate.employee)];
        covers
            .iter()
            .filter(|(_, counts)| *counts)
            .map(|(cover, _)| match rate.insured {
                true => {
                    self.standing(&format!("local-{cover}"))
                        + self.standing(&format!("elsewhere-{cover}"))
                }
                false => self.registered(cover),
            })
            .sum()
    }
}

/// `count / of` with six decimals, half up; empty without a denominator.
pub fn six(count: u64, of: Option<u64>) -> String {
    let Some(of) = of.filter(|of| *of > 0) else {
        return String::new();
    };
    let millionths = (2 * u128::from(count) * 1_000_000 + u128::from(of)) / (2 * u128::from(of));
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

/// The coverage table, cell by cell.
pub fn coverage(world: &World, records: &[Record], people: &[Person]) -> BTreeMap<Row, Cells> {
    assert!(records.len() >= people.len(), "a person has a row");
    let scheme = &world.scheme;
    let mut tallies: BTreeMap<Row, Tally> = BTreeMap::new();
    for region in scheme.regions.iter().filter(|r| scheme.is_inside(r.code)) {
        tallies.insert(row_of(world, region.code), Tally::default());
    }
    for person in people {
        for record in person.records.iter().filter(|r| r.normal() && r.place.here) {
            for row in rows_of(world, counted_region(person, record).as_deref()) {
                *tallies
                    .entry(row)
                    .or_default()
                    .registered
                    .entry(record.cover)
                    .or_default() += 1;
            }
        }
        if person.on_register() {
            for row in rows_of(world, person.register_region().as_deref()) {
                *tallies
                    .entry(row)
                    .or_default()
                    .standings
                    .entry(person.standing)
                    .or_default() += 1;
            }
        }
    }
    let peopled = peopled(world, people);
    let mut table: BTreeMap<Row, Cells> = BTreeMap::new();
    let mut primaries: Vec<(Row, u64, u64)> = Vec::new();
    for (row, tally) in &tallies {
        let figures = if row.2.is_empty() {
            Figures::default()
        } else {
            figures(world, &peopled, &row.2)
        };
        let mut cells = plain_cells(tally, figures);
        let rate = &scheme.rates[0];
        // A unit and 其他 have no denominator, whatever it is.
        let is_unit = scheme.region(&row.2).is_some_and(|r| r.unit);
        let of = denominator(rate, tally, figures).filter(|_| !is_unit && !row.2.is_empty());
        if let Some(of) = of {
            let count = tally.count(rate);
            primaries.push((row.clone(), count, of));
            let Some(need) = need(world, rate, row, figures, of) else {
                table.insert(row.clone(), cells);
                continue;
            };
            cells.insert("target_met".into(), (count >= need).to_string());
            cells.insert("missing".into(), need.saturating_sub(count).to_string());
        }
        table.insert(row.clone(), cells);
    }
    for (row, count, of) in &primaries {
        let same_level = primaries.iter().filter(|(other, _, _)| other.0 == row.0);
        let better = same_level
            .filter(|(_, c, o)| {
                u128::from(*c) * u128::from(*of) > u128::from(*count) * u128::from(*o)
            })
            .count();
        table
            .get_mut(row)
            .expect("a row of the table")
            .insert("rank".into(), (better + 1).to_string());
    }
    table
}

fn plain_cells(tally: &Tally, figures: Figures) -> Cells {
    let mut cells = Cells::new();
    let mut put = |column: &str, value: String| {
        cells.insert(column.to_owned(), value);
    };
    let shown = |figure: Option<u64>| figure.map(|f| f.to_string()).unwrap_or_default();
    let registered = tally.registered("resident") + tally.registered("employee");
    put("register", tally.register().to_string());
    put("population", shown(figures.population));
    put("task", shown(figures.task));
    put("floor", shown(figures.floor));
    put("last_year", shown(figures.last_year));
    put("registered", registered.to_string());
    put(
        "registered_resident",
        tally.registered("resident").to_string(),
    );
    put(
        "registered_employee",
        tally.registered("employee").to_string(),
    );
    for standing in STANDINGS {
        put(standing, tally.standing(standing).to_string());
    }
    put("insured", tally.insured().to_string());
    put("settled", tally.settled().to_string());
    let register = Some(tally.register());
    put("rate_strict", six(tally.insured(), register));
    put("rate_settled", six(tally.settled(), register));
    put("rate_register", six(tally.insured(), register));
    put("rate_population", six(registered, figures.population));
    put("rate_task", six(tally.registered("resident"), figures.task));
    for column in ["target_met", "missing", "rank"] {
        put(column, String::new());
    }
    cells
}

fn denominator(rate: &Rate, tally: &Tally, figures: Figures) -> Option<u64> {
    match rate.against {
        "register" => Some(tally.register()),
        // Whom residents' insurance is for.
        "residents" => Some(
            STANDINGS
                .iter()
                .filter(|s| !["deceased", "local-employee", "elsewhere-employee"].contains(s))
                .map(|s| tally.standing(s))
                .sum(),
        ),
        "population" => figures.population,
        "task" => figures.task,
        _ => figures.last_year,
    }
    .filter(|of| *of > 0)
}

/// A target in persons speaks of the scheme's region only; a pipeline states either it or a share.
pub fn need(world: &World, rate: &Rate, row: &Row, figures: Figures, of: u64) -> Option<u64> {
    let floor = figures.floor.filter(|_| rate.against == "task");
    floor.or(match rate.target_persons {
        Some(persons) => (row.2 == world.scheme.root).then_some(persons),
        None => Some((rate.target_percent * of).div_ceil(100)),
    })
}

/// The bridge of every region that has a code. `counted-elsewhere` and `unpaid` both concern persons counted in another
/// region who have not paid: the documents do not say whether they stand in both lines or in neither (here: in both).
pub fn bridge(
    world: &World,
    _records: &[Record],
    people: &[Person],
) -> BTreeMap<(String, String), i64> {
    let mut lines: BTreeMap<(String, String), i64> = BTreeMap::new();
    let scheme = &world.scheme;
    let codes: Vec<&str> = scheme
        .regions
        .iter()
        .map(|r| r.code)
        .filter(|code| scheme.is_inside(code))
        .collect();
    for code in codes {
        let within = |region: Option<String>| match region {
            Some(region) => scheme.upward(&region).iter().any(|c| c == code),
            None => code == scheme.root,
        };
        let mut line: BTreeMap<&str, i64> = BTreeMap::new();
        let mut add = |name: &'static str| *line.entry(name).or_insert(0) += 1;
        for person in people {
            let counted = if person.usable {
                person.counted_registration()
            } else {
                None
            };
            let on_this = person.on_register() && within(person.register_region());
            let insured = person.standing.starts_with("local");
            for record in person.records.iter().filter(|r| r.normal() && r.place.here) {
                if !within(counted_region(person, record)) {
                    continue;
                }
                add("registered");
                if !person.usable {
                    add("unusable");
                } else if !counted.is_some_and(|c| std::ptr::eq(c, *record)) {
                    add("surplus");
                } else if !person.on_register() {
                    add("not-on-register");
                } else if !on_this {
                    add("other-register");
                } else if person.standing == "deceased" {
                    add("deceased");
                } else if !insured {
                    add("unpaid");
                }
            }
            if on_this
                && person.usable
                && person.standing != "deceased"
                && let Some(counted) = counted.filter(|c| !within(counted_region(person, c)))
            {
                assert!(counted.place.here, "counted registrations are here");
                add("counted-elsewhere");
                if !insured {
                    add("unpaid");
                }
            }
            if on_this {
                add("register");
                add(match person.standing {
                    "local-employee" | "local-resident" => "local",
                    "deceased" => "deceased-register",
                    other => other,
                });
            }
        }
        let of = |name: &str| line.get(name).copied().unwrap_or(0);
        let less = [
            "unusable",
            "surplus",
            "not-on-register",
            "other-register",
            "deceased",
            "unpaid",
        ];
        let rest = less.iter().map(|l| of(l)).sum::<i64>();
        assert_eq!(
            of("registered") - rest + of("counted-elsewhere"),
            of("local"),
            "first equation of {code}"
        );
        let others = ["local", "deceased-register"].into_iter().chain(
            STANDINGS
                .into_iter()
                .filter(|s| !s.starts_with("local") && *s != "deceased"),
        );
        assert_eq!(
            others.map(of).sum::<i64>(),
            of("register"),
            "second equation of {code}"
        );
        lines.extend(
            line.into_iter()
                .map(|(name, persons)| ((code.to_owned(), name.to_owned()), persons)),
        );
    }
    lines
}

/// Where a person is: by the register, else the registration that counts, else the rosters, else the payments.
pub fn region_of(person: &Person) -> Option<String> {
    let counted = person
        .counted_registration()
        .and_then(|r| r.place.region.clone());
    let lowest = person
        .rosters()
        .filter_map(|r| r.place.region.clone())
        .min();
    let paid = person
        .resident_payments()
        .min_by_key(|p| p.value())
        .and_then(|p| p.place.region.clone());
    person.register_region().or(counted).or(lowest).or(paid)
}

/// Grants by payer, category and township: of everyone entitled who is normally registered as a resident here and not dead
/// before the benefit period. Each person once, under the category declared first.
pub fn funding(world: &World, people: &[Person]) -> BTreeMap<(String, String, String), (u64, i64)> {
    let mut table = BTreeMap::new();
    for person in people.iter().filter(|p| p.usable) {
        // Where an employee relation stays, the resident one goes, and nobody owes its grant.
        let employee = person.registrations("employee").next().is_some();
        let registered = person.registrations("resident").any(|r| r.place.here) && !employee;
        let Some(&best) = best_grants(world, person).first().filter(|_| registered) else {
            continue;
        };
        let category = &world.scheme.categories[best];
        let upward = region_of(person)
            .map(|code| world.scheme.upward(&code))
            .unwrap_or_default();
        let township = upward.iter().rev().nth(1).cloned().unwrap_or_default();
        let row = table
            .entry((
                category.payer.to_owned(),
                category.name.to_owned(),
                township,
            ))
            .or_insert((0, 0));
        *row = (row.0 + 1, row.1 + super::money::granted(world, person));
    }
    assert!(
        people.iter().all(|p| !p
            .records
            .iter()
            .any(|r| r.book == Book::Previous && r.normal())),
        "last year insures nobody"
    );
    table
}
