//! The assessment: counts on a day, lag, tiers, scores, work funds (docs/readings.md#assessment).

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::count::{counted_region, figures, need, peopled, region_of, row_of, six};
use super::findings::Person;
use super::money::{in_force, payable};
use super::rows::Record;
use super::world::{Assessment, Book, Score, World};

/// region code → column → value as printed
pub type Table = BTreeMap<String, BTreeMap<String, String>>;
/// post → (mean rate, score)
pub type Leaders = BTreeMap<String, (String, String)>;
/// Numerator and denominator; the denominator is above zero.
type Fraction = (i128, i128);

/// Columns of data/assessment.csv that are compared.
pub const COMPARED: [&str; 19] = [
    "day",
    "count",
    "of",
    "rate",
    "need",
    "missing",
    "rank",
    "previous_rank",
    "rank_change",
    "points_change",
    "lagging",
    "lag_weeks",
    "summoned",
    "criticised",
    "tier_fen",
    "score",
    "fund_persons",
    "fund_fen",
    "clinic",
];

/// Registrations here that are no longer normal and say until when.
fn ended<'a>(person: &'a Person<'a>, cover: &'static str) -> impl Iterator<Item = &'a Record> + 'a {
    person.of(Book::Registrations).filter(move |r| {
        let over = matches!(r.status, 1 | 2) && r.used() && r.ended.is_some();
        over && r.cover == cover && r.place.here
    })
}

/// Whether an employee relation of the person had begun by the day and not ended.
fn employed_by(person: &Person, day: NaiveDate, anywhere: bool) -> bool {
    let mut relations = person
        .registrations("employee")
        .filter(|r| anywhere || r.place.here);
    let last = ended(person, "employee").max_by_key(|r| r.ended);
    let begun = |r: &Record| r.begun.is_none_or(|begun| begun <= day);
    relations.any(begun) || last.is_some_and(|r| r.ended > Some(day) && begun(r))
}

/// Whether a person registered as a resident here was so on the day, and had by then paid in the pool of the registration,
/// whatever was taken back or ended later; or owes nothing, or has a subsidy written down, and was on a roster by then.
fn resident_by(world: &World, person: &Person, day: NaiveDate) -> bool {
    let normal: Vec<&Record> = person
        .registrations("resident")
        .filter(|r| r.place.here)
        .collect();
    let over: Vec<&Record> = ended(person, "resident").collect();
    let later = over.iter().any(|r| r.ended > Some(day));
    let own = if normal.is_empty() { &over } else { &normal };
    if normal.is_empty() && !later {
        return false;
    }
    let for_own = |p: &Record| own.iter().any(|r| p.pays_for(world, r));
    let by_then = |p: &Record| p.paid_on.is_some_and(|on| on <= day);
    let paid = person.resident_payments().any(|p| by_then(p) && for_own(p));
    let back = person.records.iter().filter(|p| {
        let reversed = p.book.is_payment() && p.fate == "reversed" && p.cover == "resident";
        reversed && by_then(p) && own.iter().any(|r| r.place.here) && for_own(p)
    });
    let not_yet_back = back.map(|p| p.personal + p.subsidised).sum::<i64>() > 0;
    paid || not_yet_back || granted_by(world, person, day, true)
}

/// Owes nothing, or has a subsidy written down, and was on a roster by the day.
fn granted_by(world: &World, person: &Person, day: NaiveDate, ours: bool) -> bool {
    let since = |r: &Record| {
        r.category.is_some() && r.identified.is_none_or(|identified| identified <= day)
    };
    let registered = person
        .records
        .iter()
        .any(|r| r.normal() && r.subsidised > 0);
    let listed = person.rosters().any(|r| r.subsidised > 0);
    let free = registered || ours && (listed || payable(world, person) == 0);
    free && person.rosters().any(since)
}

/// Whether a resident registration of another place was paid for by the day.
fn resident_away_by(world: &World, person: &Person, day: NaiveDate) -> bool {
    let own: Vec<&Record> = person
        .registrations("resident")
        .filter(|r| !r.place.here)
        .collect();
    let mine: Vec<&Record> = person
        .resident_payments()
        .filter(|p| own.iter().any(|r| p.pays_for(world, r)))
        .collect();
    let our_pool = world.scheme.pool_of(world.scheme.root);
    let ours = own.iter().any(|r| r.place.pool == our_pool);
    let paid = mine.iter().any(|p| p.paid_on.is_some_and(|on| on <= day));
    !own.is_empty() && (paid || mine.is_empty() && granted_by(world, person, day, ours))
}

/// Dead by the day; on a day not stated, always.
fn dead_by(person: &Person, day: NaiveDate) -> bool {
    person
        .death()
        .is_some_and(|death| death.is_none_or(|death| death <= day))
}

/// How a person registered here counts on a day: as an employee, as a resident, or not. On the as-of date, by what is so
/// today.
pub fn registered_as(world: &World, person: &Person, day: NaiveDate) -> Option<&'static str> {
    if !person.usable || dead_by(person, day) {
        return None;
    }
    let now = day == world.as_of;
    let here = |cover| person.registrations(cover).any(|r| r.place.here);
    let employed = if now {
        here("employee")
    } else {
        employed_by(person, day, false)
    };
    let resident = if now {
        here("resident") && person.pays_as_resident(world, true)
    } else {
        resident_by(world, person, day)
    };
    match employed {
        true => Some("employee"),
        false => resident.then_some("resident"),
    }
}

/// How a person counts on a day, insured anywhere.
fn insured_as(world: &World, person: &Person, day: NaiveDate) -> Option<&'static str> {
    if day == world.as_of {
        return match person.standing {
            "local-employee" | "elsewhere-employee" => Some("employee"),
            "local-resident" | "elsewhere-resident" => Some("resident"),
            _ => None,
        };
    }
    if !person.usable || dead_by(person, day) {
        return None;
    }
    let resident = resident_by(world, person, day);
    if employed_by(person, day, false) || !resident && employed_by(person, day, true) {
        return Some("employee");
    }
    (resident || resident_away_by(world, person, day)).then_some("resident")
}

/// Where a person registered here counts; of whom nobody says where, nowhere.
pub fn registered_in(person: &Person) -> Option<String> {
    match person.counted_registration() {
        Some(counted) => counted_region(person, counted),
        None => {
            let last = ended(person, "resident").max_by_key(|r| r.ended);
            let named = last.and_then(|r| r.place.region.clone());
            named.or_else(|| person.register_region())
        }
    }
}

fn within(world: &World, region: Option<String>, code: &str) -> bool {
    region.is_some_and(|region| {
        world
            .scheme
            .upward(&region)
            .iter()
            .any(|above| above == code)
    })
}

/// Persons registered in a region who count on a day: (residents, employees).
fn registered(world: &World, people: &[Person], code: &str, day: NaiveDate) -> (u64, u64) {
    tally(
        people
            .iter()
            .filter(|p| within(world, registered_in(p), code))
            .map(|p| registered_as(world, p, day)),
    )
}

/// Persons on a region's register who count on a day, insured anywhere.
fn insured(world: &World, people: &[Person], code: &str, day: NaiveDate) -> (u64, u64) {
    let on_register = people
        .iter()
        .filter(|p| p.on_register() && within(world, p.register_region(), code));
    tally(on_register.map(|p| insured_as(world, p, day)))
}

fn tally(covers: impl Iterator<Item = Option<&'static str>>) -> (u64, u64) {
    covers
        .flatten()
        .fold((0, 0), |(residents, employees), cover| match cover {
            "resident" => (residents + 1, employees),
            _ => (residents, employees + 1),
        })
}

/// What the primary rate counts on a day.
fn counted(world: &World, people: &[Person], code: &str, day: NaiveDate) -> u64 {
    let rate = &world.scheme.rates[0];
    let (residents, employees) = if rate.insured {
        insured(world, people, code, day)
    } else {
        registered(world, people, code, day)
    };
    let either = |counts: bool, persons: u64| if counts { persons } else { 0 };
    either(rate.resident, residents) + either(rate.employee, employees)
}

fn denominator(world: &World, people: &[Person], code: &str) -> Option<u64> {
    if world.scheme.region(code).is_some_and(|region| region.unit) {
        return None;
    }
    let figures = figures(world, &peopled(world, people), code);
    match world.scheme.rates[0].against {
        "population" => figures.population,
        "task" => figures.task,
        "last-year" => figures.last_year,
        _ => {
            let of_residents = |p: &&Person| {
                !["deceased", "local-employee", "elsewhere-employee"].contains(&p.standing)
            };
            let here = |p: &&Person| {
                let region = p.register_region().unwrap_or(world.scheme.root.to_owned());
                p.on_register() && within(world, Some(region), code)
            };
            Some(people.iter().filter(of_residents).filter(here).count() as u64)
        }
    }
    .filter(|of| *of > 0)
}

/// Whether everyone of a group among these is insured, as far as in force on the day and alive.
fn fulfilled(world: &World, people: &[&Person], group: usize, day: NaiveDate) -> bool {
    let categories = &world.scheme.groups[group].categories;
    let of_group = |person: &&&Person| {
        let on_roster = |row: &Record| {
            row.category
                .is_some_and(|category| categories.contains(&category))
                && in_force(world, row, day)
        };
        person.usable && !dead_by(person, day) && person.rosters().any(on_roster)
    };
    people
        .iter()
        .filter(of_group)
        .all(|person| insured_as(world, person, day).is_some())
}

fn level(world: &World, assessment: &Assessment) -> &'static str {
    let below = world
        .scheme
        .regions
        .iter()
        .find(|r| r.parent == world.scheme.root)
        .expect("a region below the scheme's");
    assessment.level.unwrap_or(below.level)
}

/// The day the table counts on.
fn day_of(world: &World, assessment: &Assessment) -> NaiveDate {
    assessment
        .cut_off
        .map_or(world.as_of, |cut_off| cut_off.min(world.as_of))
}

/// Whether the as-of date is a day on which a table is sent out.
fn is_issue(world: &World, assessment: &Assessment) -> bool {
    let on_the_day = |weekday| world.as_of.format("%A").to_string().to_lowercase() == weekday;
    assessment.weekday.is_some_and(on_the_day)
        && assessment.from.is_none_or(|from| from <= world.as_of)
}

/// The table of the assessment's level.
pub fn assessment(world: &World, people: &[Person]) -> Table {
    let Some(assessment) = &world.scheme.assessment else {
        return Table::new();
    };
    let day = day_of(world, assessment);
    let level = level(world, assessment);
    let regions = world
        .scheme
        .regions
        .iter()
        .filter(|r| r.level == level && world.scheme.is_inside(r.code));
    let mut table = Table::new();
    let mut ranked: Vec<(&str, u64, u64)> = Vec::new();
    for region in regions {
        let count = counted(world, people, region.code, day);
        let of = denominator(world, people, region.code);
        if let Some(of) = of.filter(|_| !region.unit) {
            ranked.push((region.code, count, of));
        }
        let mut cells = row(world, people, assessment, region.code);
        cells.retain(|column, text| !text.is_empty() && COMPARED.contains(&column.as_str()));
        table.insert(region.code.to_owned(), cells);
    }
    for &(code, count, of) in &ranked {
        let worse =
            |c: u64, o: u64| u128::from(c) * u128::from(of) < u128::from(count) * u128::from(o);
        let better =
            |c: u64, o: u64| u128::from(c) * u128::from(of) > u128::from(count) * u128::from(o);
        let behind = ranked.iter().filter(|(_, c, o)| worse(*c, *o)).count() as u64;
        let ahead = ranked.iter().filter(|(_, c, o)| better(*c, *o)).count();
        let cells = table.get_mut(code).expect("a row of the table");
        cells.insert("rank".into(), (ahead + 1).to_string());
        if let Some(lag) = &assessment.lag {
            let share = lag
                .share_percent
                .map(|percent| (percent * ranked.len() as u64).div_ceil(100).max(1));
            let bottom = lag.bottom.or(share).expect("a bottom or a share");
            let lagging = behind < bottom;
            cells.insert("lagging".into(), lagging.to_string());
            // An issue without an earlier one is the first week; a table of another day is no issue.
            if is_issue(world, assessment) {
                cells.insert("lag_weeks".into(), u8::from(lagging).to_string());
            }
        }
    }
    table
}

fn row(
    world: &World,
    people: &[Person],
    assessment: &Assessment,
    code: &str,
) -> BTreeMap<String, String> {
    let day = day_of(world, assessment);
    let (residents, employees) = registered(world, people, code, day);
    let count = counted(world, people, code, day);
    let of = denominator(world, people, code);
    let need = of.and_then(|of| {
        let figures = figures(world, &peopled(world, people), code);
        need(world, &row_of(world, code), figures, of)
    });
    let mut cells = BTreeMap::new();
    let mut put = |column: &str, value: String| {
        cells.insert(column.to_owned(), value);
    };
    put("day", day.to_string());
    put("count", count.to_string());
    put("of", of.map(|of| of.to_string()).unwrap_or_default());
    put("rate", six(count, of));
    put(
        "need",
        need.map(|need| need.to_string()).unwrap_or_default(),
    );
    put(
        "missing",
        need.map(|need| need.saturating_sub(count).to_string())
            .unwrap_or_default(),
    );
    let due = assessment.cut_off.unwrap_or(world.scheme.window.1) <= world.as_of;
    if let Some(need) = need.filter(|_| assessment.criticise && due) {
        put("criticised", (count < need).to_string());
    }
    if let Some(of) = of {
        let rate = (i128::from(count), i128::from(of));
        if let Some(score) = &assessment.score {
            put("score", decimals(score_of(score, rate), 4));
        }
        if let Some(percent) = assessment.clinic_percent {
            put("clinic", (100 * count < percent * of).to_string());
        }
        if let Some((tier, fen)) = tier(world, people, code, of) {
            put("tier", tier.to_string());
            if fen != 0 {
                put("tier_fen", fen.to_string());
            }
        }
    }
    if let Some((yuan, all)) = assessment.fund {
        let persons = residents + if all { employees } else { 0 };
        put("fund_persons", persons.to_string());
        put(
            "fund_fen",
            (i64::try_from(persons).expect("few persons") * yuan * 100).to_string(),
        );
    }
    cells
}

/// The first tier that is reached, counted from 1, and what it pays in fen.
fn tier(world: &World, people: &[Person], code: &str, of: u64) -> Option<(usize, i64)> {
    let assessment = world.scheme.assessment.as_ref()?;
    let on = |day: NaiveDate| counted(world, people, code, day);
    let here = |person: &&Person| within(world, region_of(person), code);
    let here: Vec<&Person> = people.iter().filter(here).collect();
    let reached = assessment.tiers.iter().position(|tier| {
        let by = tier.by.min(world.as_of);
        let mut groups = tier.groups.iter();
        let enough = 100 * on(by) >= tier.percent * of;
        enough && groups.all(|&group| fulfilled(world, &here, group, by))
    })?;
    let tier = &assessment.tiers[reached];
    let paid_on = if assessment.persons_at_cut_off {
        day_of(world, assessment)
    } else {
        tier.by.min(world.as_of)
    };
    let persons = i64::try_from(on(paid_on)).expect("few persons");
    Some((reached + 1, persons * tier.yuan * 100))
}

fn plus((a, b): Fraction, (c, d): Fraction) -> Fraction {
    (a * d + c * b, b * d)
}

/// Points of a rate: full at a share, more above it and less below, nothing below the cliff.
fn score_of(score: &Score, (count, of): Fraction) -> Fraction {
    if 100 * count < i128::from(score.zero_below_percent) * of {
        return (0, 1);
    }
    // Percentage points above (or below) the share that gives full points, times `of`.
    let apart = 100 * count - i128::from(score.full_at_percent) * of;
    let (tenths, whole) = if apart >= 0 {
        (i128::from(score.above_tenths), apart / of)
    } else {
        let lost = if score.steps == "started" {
            (-apart + of - 1) / of
        } else {
            -apart / of
        };
        (i128::from(score.below_tenths), -lost)
    };
    let change = if score.steps == "linear" {
        (apart * tenths, 10 * of)
    } else {
        (whole * tenths, 10)
    };
    plus((i128::from(score.points), 1), change)
}

/// A fraction with so many decimals, half away from zero.
fn decimals((numerator, denominator): Fraction, places: u32) -> String {
    let unit = 10i128.pow(places);
    let rounded = (2 * numerator.abs() * unit + denominator) / (2 * denominator);
    let sign = if numerator < 0 && rounded != 0 {
        "-"
    } else {
        ""
    };
    format!(
        "{sign}{}.{:0width$}",
        rounded / unit,
        rounded % unit,
        width = places as usize
    )
}

/// What an issue says of the one before it: ranks, rates and lag. Nothing is judged between tables that are no neighbours.
pub fn compared(now: &Table, before: &Table) -> Table {
    let mut table = now.clone();
    for (code, cells) in &mut table {
        let Some(earlier) = before.get(code) else {
            continue;
        };
        let number = |cells: &BTreeMap<String, String>, column: &str| -> Option<i128> {
            cells.get(column)?.parse().ok()
        };
        let mut found: Vec<(&str, String)> = Vec::new();
        if let (Some(rank), Some(previous)) = (number(cells, "rank"), number(earlier, "rank")) {
            found.push(("previous_rank", previous.to_string()));
            found.push(("rank_change", (previous - rank).to_string()));
            let rate = |cells| Some((number(cells, "count")?, number(cells, "of")?));
            if let (Some((count, of)), Some((c, o))) = (rate(cells), rate(earlier)) {
                found.push((
                    "points_change",
                    decimals((100 * (count * o - c * of), of * o), 2),
                ));
            }
        }
        if let Some(lagging) = cells.get("lagging") {
            let weeks = match (
                lagging == "true",
                earlier.get("lagging").is_some_and(|was| was == "true"),
            ) {
                (false, _) => 0,
                (true, false) => 1,
                (true, true) => 2,
            };
            found.push(("lag_weeks", weeks.to_string()));
            found.push(("summoned", (weeks == 2).to_string()));
        }
        cells.extend(
            found
                .into_iter()
                .map(|(column, text)| (column.to_owned(), text)),
        );
    }
    table
}

/// Means over the regions each leader is linked with.
pub fn leaders(world: &World, people: &[Person]) -> Leaders {
    let Some(assessment) = &world.scheme.assessment else {
        return Leaders::new();
    };
    let Some(score) = &assessment.score else {
        return Leaders::new();
    };
    let day = day_of(world, assessment);
    let mean = |values: &[Fraction]| {
        let (sum, of) = values.iter().fold((0, 1), |sum, value| plus(sum, *value));
        (sum, of * values.len() as i128)
    };
    let mut leaders = Leaders::new();
    for leader in &assessment.leaders {
        let rate = |code: &&str| {
            let count = counted(world, people, code, day);
            denominator(world, people, code).map(|of| (i128::from(count), i128::from(of)))
        };
        let rates: Vec<Fraction> = leader.regions.iter().filter_map(rate).collect();
        if rates.is_empty() {
            leaders.insert(leader.post.to_owned(), Default::default());
            continue;
        }
        let mean_rate = mean(&rates);
        let scores: Vec<Fraction> = rates.iter().map(|rate| score_of(score, *rate)).collect();
        let points = if score.of_the_mean_rate {
            score_of(score, mean_rate)
        } else {
            mean(&scores)
        };
        leaders.insert(
            leader.post.to_owned(),
            (decimals(mean_rate, 6), decimals(points, 4)),
        );
    }
    leaders
}

#[test]
fn scores_fall_off_the_cliff_exactly() {
    let linear = Score {
        points: 6,
        full_at_percent: 98,
        above_tenths: 1,
        below_tenths: 2,
        zero_below_percent: 90,
        steps: "linear",
        of_the_mean_rate: false,
    };
    let started = Score {
        steps: "started",
        ..linear.clone()
    };
    let full = Score {
        steps: "full",
        ..linear.clone()
    };
    // persons of 3,000; linear, started, full points
    for (persons, points) in [
        (3_060, ["6.4000", "6.4000", "6.4000"]),
        (3_000, ["6.2000", "6.2000", "6.2000"]),
        (2_969, ["6.0967", "6.0000", "6.0000"]),
        (2_940, ["6.0000", "6.0000", "6.0000"]),
        (2_939, ["5.9933", "5.8000", "6.0000"]),
        (2_910, ["5.8000", "5.8000", "5.8000"]),
        (2_850, ["5.4000", "5.4000", "5.4000"]),
        (2_700, ["4.4000", "4.4000", "4.4000"]),
        (2_699, ["0.0000", "0.0000", "0.0000"]),
    ] {
        let got =
            [&linear, &started, &full].map(|score| decimals(score_of(score, (persons, 3_000)), 4));
        assert_eq!(got, points, "{persons} of 3,000");
    }
    let (low, high) = (score_of(&linear, (89, 100)), score_of(&linear, (99, 100)));
    assert_eq!(
        decimals(
            {
                let (a, b) = plus(low, high);
                (a, 2 * b)
            },
            4
        ),
        "3.0500"
    );
    assert_eq!(decimals(score_of(&linear, (94, 100)), 4), "5.2000");
}
