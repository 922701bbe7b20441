//! Counting: standings, coverage, bridge, funding (docs/readings.md#coverage).

use std::collections::{BTreeMap, BTreeSet};

use super::assess::{registered_as, registered_in};
use super::findings::Person;
use super::money::best_grants;
use super::rows::Record;
use super::world::{Book, Figures, Rate, Region, World};

const STANDINGS: [&str; 13] = [
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
    "in-transit",
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
    let own = world.tasks.iter().find(|row| row.region == code);
    let mut own = own.map(|row| row.figures).unwrap_or_default().list();
    // Where no row states a floor, it is the notice's share of the task, half up.
    let states_floor = world.tasks.iter().any(|row| row.figures.floor.is_some());
    if let (Some(percent), false) = (world.scheme.floor_percent, states_floor) {
        own[2] = own[1].map(|task| (2 * percent * task + 100) / 200);
    }
    let regions = world.scheme.regions.iter();
    let children: Vec<_> = regions.filter(|r| r.parent == code).collect();
    let below: Vec<[Option<u64>; 6]> = children
        .iter()
        .map(|r| figures(world, peopled, r.code).list())
        .collect();
    let needed = |child: &Region| {
        !child.unit && (peopled.contains(child.code) || stated_inside(world, child.code))
    };
    let missing = |i: usize| {
        let mut pairs = children.iter().zip(&below);
        pairs.any(|(child, list)| list[i].is_none() && needed(child))
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

/// Whether the table states anything of a region or of a place in it.
fn stated_inside(world: &World, code: &str) -> bool {
    world.tasks.iter().any(|row| {
        let inside = world.scheme.upward(row.region).iter().any(|c| c == code);
        inside && row.figures.list().iter().any(Option::is_some)
    })
}

#[derive(Default)]
struct Tally {
    paid: BTreeMap<&'static str, u64>,
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
                false if rate.paid => self.paid.get(cover).copied().unwrap_or(0),
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
    let rate = &scheme.rates[0];
    let peopled = peopled(world, people);
    let mut table: BTreeMap<Row, Cells> = BTreeMap::new();
    let mut ranked: Vec<(Row, u64, u64)> = Vec::new();
    for (row, tally) in tallies(world, people) {
        let figures = match row.2.as_str() {
            "" => Figures::default(),
            code => figures(world, &peopled, code),
        };
        let mut cells = plain_cells(&tally, figures);
        // A unit and 其他 have no denominator, whatever it is.
        let is_unit = scheme.region(&row.2).is_some_and(|r| r.unit);
        let of = denominator(rate, &tally, figures).filter(|_| !is_unit && !row.2.is_empty());
        if let Some(of) = of {
            let count = tally.count(rate);
            ranked.push((row.clone(), count, of));
            if let Some(need) = need(world, &row, figures, of) {
                cells.insert("target_met".into(), (count >= need).to_string());
                cells.insert("missing".into(), need.saturating_sub(count).to_string());
            }
        }
        table.insert(row, cells);
    }
    put_ranks(&mut table, &ranked);
    table
}

/// Registered rows and standings of every row of the coverage table.
fn tallies(world: &World, people: &[Person]) -> BTreeMap<Row, Tally> {
    let scheme = &world.scheme;
    let inside = scheme.regions.iter().filter(|r| scheme.is_inside(r.code));
    let mut tallies: BTreeMap<Row, Tally> = inside
        .map(|region| (row_of(world, region.code), Tally::default()))
        .collect();
    for person in people {
        for record in person.records.iter().filter(|r| r.normal() && r.place.here) {
            for row in rows_of(world, counted_region(person, record).as_deref()) {
                let tally = tallies.entry(row).or_default();
                *tally.registered.entry(record.cover).or_default() += 1;
            }
        }
        if let Some(cover) = registered_as(world, person, world.as_of) {
            for row in rows_of(world, registered_in(person).as_deref()) {
                let tally = tallies.entry(row).or_default();
                *tally.paid.entry(cover).or_default() += 1;
            }
        }
        if person.on_register() {
            for row in rows_of(world, person.register_region().as_deref()) {
                let tally = tallies.entry(row).or_default();
                *tally.standings.entry(person.standing).or_default() += 1;
            }
        }
    }
    tallies
}

/// Place among the rows of the same level: row, count and denominator of each.
fn put_ranks(table: &mut BTreeMap<Row, Cells>, ranked: &[(Row, u64, u64)]) {
    for (row, count, of) in ranked {
        let is_better = |(other, c, o): &&(Row, u64, u64)| {
            other.0 == row.0
                && u128::from(*c) * u128::from(*of) > u128::from(*count) * u128::from(*o)
        };
        let better = ranked.iter().filter(is_better).count();
        let cells = table.get_mut(row).expect("a row of the table");
        cells.insert("rank".into(), (better + 1).to_string());
    }
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

/// A target in persons speaks of the scheme's region only, and before every sum of floors; a pipeline states either it or a
/// share.
pub fn need(world: &World, row: &Row, figures: Figures, of: u64) -> Option<u64> {
    let rate = &world.scheme.rates[0];
    let floor = figures.floor.filter(|_| rate.against == "task");
    let is_whole = row.2 == world.scheme.root;
    if let Some(persons) = rate.target_persons.filter(|_| is_whole) {
        return Some(persons);
    }
    let share = || (rate.target_percent * of).div_ceil(100);
    let task = (rate.against == "task").then_some(of);
    floor.or(match rate.target_persons {
        Some(_) => task, // a task without a share is there to be fulfilled
        None => Some(share()),
    })
}

/// The bridge of every region that has a code. `counted-elsewhere` and `unpaid` both concern persons counted in another
/// region who have not paid: the documents do not say whether they stand in both lines or in neither (here: in both).
pub fn bridge(
    world: &World,
    _records: &[Record],
    people: &[Person],
) -> BTreeMap<(String, String), i64> {
    let scheme = &world.scheme;
    let inside = scheme.regions.iter().filter(|r| scheme.is_inside(r.code));
    let mut bridge = BTreeMap::new();
    for region in inside {
        let mut lines: BTreeMap<&str, i64> = BTreeMap::new();
        for person in people {
            for line in lines_of(world, region.code, person) {
                *lines.entry(line).or_insert(0) += 1;
            }
        }
        assert_equations(region.code, &lines);
        let named = |(line, persons): (&str, i64)| ((region.code.into(), line.into()), persons);
        bridge.extend(lines.into_iter().map(named));
    }
    bridge
}

/// Every line of a region's bridge in which a person stands, as often as with registered rows.
fn lines_of(world: &World, code: &str, person: &Person) -> Vec<&'static str> {
    let within = |region: Option<String>| match region {
        Some(region) => world.scheme.upward(&region).iter().any(|c| c == code),
        None => code == world.scheme.root,
    };
    let counted = person.counted_registration().filter(|_| person.usable);
    let on_this = person.on_register() && within(person.register_region());
    let insured = person.standing.starts_with("local");
    let mut lines = Vec::new();
    for record in person.records.iter().filter(|r| r.normal() && r.place.here) {
        if within(counted_region(person, record)) {
            lines.push("registered");
            let is_counted = counted.is_some_and(|c| std::ptr::eq(c, *record));
            lines.extend(taken_off(person, is_counted, on_this));
        }
    }
    if !on_this {
        return lines;
    }
    let alive = person.usable && person.standing != "deceased";
    if let Some(counted) = counted.filter(|c| alive && !within(counted_region(person, c))) {
        assert!(counted.place.here, "counted registrations are here");
        lines.push("counted-elsewhere");
        lines.extend((!insured).then_some("unpaid"));
    }
    lines.push("register");
    lines.push(match person.standing {
        "local-employee" | "local-resident" => "local",
        "deceased" => "deceased-register",
        other => other,
    });
    lines
}

/// Why a registered row insures nobody of this region's register; the first that fits.
fn taken_off(person: &Person, is_counted: bool, on_this: bool) -> Option<&'static str> {
    if !person.usable {
        Some("unusable")
    } else if !is_counted {
        Some("surplus")
    } else if !person.on_register() {
        Some("not-on-register")
    } else if !on_this {
        Some("other-register")
    } else if person.standing == "deceased" {
        Some("deceased")
    } else if !person.standing.starts_with("local") {
        Some("unpaid")
    } else {
        None
    }
}

/// Registered rows lead to those insured here, and these with all others to the register.
fn assert_equations(code: &str, lines: &BTreeMap<&str, i64>) {
    let of = |name: &str| lines.get(name).copied().unwrap_or(0);
    let less = [
        "unusable",
        "surplus",
        "not-on-register",
        "other-register",
        "deceased",
        "unpaid",
    ];
    let insured = of("registered") - less.map(of).iter().sum::<i64>() + of("counted-elsewhere");
    assert_eq!(insured, of("local"), "first equation of {code}");
    let uninsured = STANDINGS.into_iter();
    let uninsured = uninsured.filter(|s| !s.starts_with("local") && *s != "deceased");
    let others = ["local", "deceased-register"].into_iter().chain(uninsured);
    let register: i64 = others.map(of).sum();
    assert_eq!(register, of("register"), "second equation of {code}");
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
