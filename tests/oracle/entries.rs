//! Who came in late, by which rule, from when it counts and how long it waits: the rows of `data/entries.parquet`.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::findings::Person;
use super::identity::birth_of;
use super::money::{Price, price};
use super::rows::{Record, names_case};
use super::world::{Book, Late, Waiting, World};

/// A row of the list, as texts; an unknown day is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub id: String,
    pub case: String,
    pub price: String,
    pub paid_on: String,
    pub payable_fen: i64,
    pub paid_fen: i64,
    pub starts_on: String,
    pub waits_until: String,
    pub benefit_from: String,
    pub benefit_to: String,
}

/// Day of the first effective resident payment here.
pub fn first_paid_here(person: &Person) -> Option<NaiveDate> {
    person.payments_here().filter_map(|p| p.paid_on).min()
}

fn after_months(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months))
        .expect("a day of the calendar")
}

fn next_day(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1))
        .expect("a day of the calendar")
}

fn first_of_next_month(day: NaiveDate) -> NaiveDate {
    after_months(day.with_day(1).expect("every month has a first"), 1)
}

/// Employee registrations in force or not, wherever, that are rows of the year.
fn employee_rows<'a>(person: &'a Person<'a>) -> impl Iterator<Item = &'a Record> {
    person
        .records
        .iter()
        .copied()
        .filter(|r| r.book.is_registration() && r.cover == "employee")
}

/// The day the employee relation stopped, as far as a payment day knows: none where one stands that is not known to
/// have begun only later.
fn stop_before(person: &Person, paid: NaiveDate) -> Option<NaiveDate> {
    let begins_later = |r: &Record| r.begun.is_some_and(|begun| begun > paid);
    if !person.registrations("employee").all(begins_later) {
        return None;
    }
    employee_rows(person)
        .filter_map(|r| r.ended)
        .filter(|ended| *ended <= paid)
        .max()
}

/// Whether the work that stopped had lasted that many years: walking back from relation to relation, as long as no day
/// lies between one's end and the next one's begin.
fn lasted(person: &Person, stop: NaiveDate, years: u32) -> bool {
    let mut spells: Vec<(NaiveDate, NaiveDate)> = employee_rows(person)
        .filter_map(|r| r.begun.zip(r.ended))
        .filter(|(_, ended)| *ended <= stop)
        .collect();
    spells.sort_by_key(|(_, ended)| std::cmp::Reverse(*ended));
    let mut since: Option<NaiveDate> = None;
    for (begun, ended) in spells {
        match since {
            None if ended == stop => since = Some(begun),
            Some(first) if next_day(ended) >= first => since = Some(first.min(begun)),
            _ => break,
        }
    }
    since.is_some_and(|since| after_months(since, 12 * years) <= next_day(stop))
}

fn declaring<'a>(person: &'a Person, late: &'a Late) -> impl Iterator<Item = &'a Record> {
    let named = |r: &&Record| {
        r.late_case
            .as_ref()
            .is_some_and(|case| names_case(late, case))
    };
    person.records.iter().copied().filter(named)
}

/// Stated days of the declared case that lie where the rule and the payment allow.
fn event_of(person: &Person, late: &Late, paid: NaiveDate) -> Option<NaiveDate> {
    let days = declaring(person, late).filter_map(|r| r.event_on);
    days.filter(|day| *day <= paid && late.event_from.is_none_or(|from| *day >= from))
        .min()
}

/// A case declared without any day is believed.
fn declares_case(person: &Person, late: &Late, paid: NaiveDate) -> bool {
    let rows: Vec<&Record> = declaring(person, late).collect();
    let silent = rows.iter().all(|r| r.event_on.is_none());
    !rows.is_empty() && (silent || event_of(person, late, paid).is_some())
}

/// Whether a rule lets somebody in by this row of a roster.
fn opens(world: &World, late: &Late, row: &Record, paid: NaiveDate) -> bool {
    let named = row
        .category
        .is_some_and(|category| late.on_roster.contains(&category));
    let on_it =
        row.identified.is_none_or(|day| day <= paid) && row.ended.is_none_or(|end| paid < end);
    let new = row
        .identified
        .is_some_and(|day| world.scheme.window.0 <= day);
    named && on_it && (late.whenever_listed || new)
}

/// Categories of the rosters by which a rule, all of whose conditions hold, lets somebody in.
pub fn opened_by(world: &World, person: &Person, late: &Late, paid: NaiveDate) -> Vec<usize> {
    if !fits(world, person, late, paid) {
        return Vec::new();
    }
    person
        .rosters()
        .filter(|row| opens(world, late, row, paid))
        .filter_map(|row| row.category)
        .collect()
}

/// Whether every condition of a rule holds on a payment day.
fn fits(world: &World, person: &Person, late: &Late, paid: NaiveDate) -> bool {
    let (birth, stop) = (birth_of(&person.id), stop_before(person, paid));
    let conditions = [
        late.born_within_days
            .is_none_or(|n| birth.is_some_and(|b| b <= paid && (paid - b).num_days() <= n)),
        late.born_within_months.is_none_or(|n| {
            birth.is_some_and(|b| b <= paid && paid < after_months(first_of_next_month(b), n))
        }),
        late.born_from
            .is_none_or(|from| birth.is_some_and(|b| b >= from)),
        late.on_roster.is_empty() || person.rosters().any(|row| opens(world, late, row, paid)),
        late.gap_days
            .is_none_or(|n| stop.is_some_and(|s| (paid - s).num_days() <= n)),
        late.gap_months
            .is_none_or(|n| stop.is_some_and(|s| paid <= after_months(s, n))),
        late.stopped_from
            .is_none_or(|from| stop.is_some_and(|s| s >= from)),
        late.employee_years
            .is_none_or(|years| stop.is_some_and(|s| lasted(person, s, years))),
        late.cases.is_empty() || declares_case(person, late, paid),
    ];
    conditions.iter().all(|holds| *holds)
}

/// The rule by which a payment of that day is a late entry: the first declared that fits.
pub fn rule_on<'w>(world: &'w World, person: &Person, paid: NaiveDate) -> Option<&'w Late> {
    let late_day = paid > world.scheme.window.1;
    let stopped = stop_before(person, paid).is_some_and(|stop| stop >= world.scheme.benefit.0);
    // Who lost an employee's cover within the year may go on from there at any time.
    let goes_on = |late: &Late| {
        let asks_for_gap = late.gap_days.is_some() || late.gap_months.is_some();
        stopped && late.starts == "cover-stop" && asks_for_gap
    };
    let open = |late: &Late| late_day || late.counts_from_birth() || goes_on(late);
    let mut lates = world.scheme.lates.iter();
    lates.find(|late| open(late) && fits(world, person, late, paid))
}

/// The person's entry: the rule of the first effective resident payment here.
pub fn entry<'w>(world: &'w World, person: &Person) -> Option<&'w Late> {
    first_paid_here(person).and_then(|paid| rule_on(world, person, paid))
}

/// Months of waiting after a break (国办发〔2024〕38号).
pub fn waiting_months(waiting: Waiting, broken: u32, repaid: u32) -> u32 {
    let longer = if broken >= waiting.long_break_years {
        waiting.long_break_months
    } else {
        0
    };
    waiting.fixed_months
        + (broken.saturating_sub(repaid) * waiting.months_a_broken_year).max(longer)
}

/// What the year's rule of waiting says of a person who paid on that day.
fn waits_by_year(world: &World, person: &Person, paid: Option<NaiveDate>) -> u32 {
    let by_default = Waiting {
        fixed_months: 3,
        months_a_broken_year: 1,
        long_break_years: 4,
        long_break_months: 3,
    };
    let Some(waiting) = world
        .scheme
        .waiting
        .or((world.scheme.year >= 2025).then_some(by_default))
    else {
        return 0;
    };
    let most = |years: fn(&Record) -> Option<u32>| {
        person
            .records
            .iter()
            .filter(|r| r.book.is_registration())
            .filter_map(|r| years(r))
            .max()
            .unwrap_or(0)
    };
    let (broken, repaid) = (most(|r| r.broken_years), most(|r| r.repaid_years));
    let excused = entry(world, person)
        .is_some_and(|late| late.speaks_of_birth() || !late.on_roster.is_empty());
    let late = paid.is_some_and(|paid| paid > world.scheme.window.1) && !excused;
    if late || broken >= 1 {
        waiting_months(waiting, broken, repaid)
    } else {
        0
    }
}

/// From when an entry counts, before any waiting; `None` where the day is not known.
fn start_of(world: &World, person: &Person, late: &Late, paid: NaiveDate) -> Option<NaiveDate> {
    let never_before = |day: NaiveDate| Some(day.max(world.scheme.benefit.0));
    match late.starts {
        "birth" => birth_of(&person.id),
        "event" => event_of(person, late, paid),
        "cover-stop" => stop_before(person, paid),
        "next-day" => never_before(next_day(paid)),
        "next-month" => never_before(first_of_next_month(paid)),
        _ => never_before(paid),
    }
}

/// First day of school of a listed student, and the last on which to pay for it.
fn school_begins(world: &World, person: &Person) -> Option<(NaiveDate, NaiveDate)> {
    let rule = world.scheme.students.as_ref()?;
    person.of(Book::Students).next()?;
    let stated = person
        .of(Book::Students)
        .filter_map(|r| r.enrolled_on)
        .min();
    // Who enrolled in another year begins the school year with the others.
    let enrolled = stated
        .filter(|day| rule.from <= *day && *day <= rule.to)
        .unwrap_or(rule.from);
    Some((
        enrolled,
        after_months(enrolled, rule.pay_within_months.unwrap_or(1)),
    ))
}

/// Whether a student's payment of that day is in time for the school year.
pub fn pays_for_school(world: &World, person: &Person, paid: NaiveDate) -> bool {
    school_begins(world, person).is_some_and(|(_, last)| paid <= last)
}

/// First and last day of a listed student's benefit, `Some(None)` = none at all: paid late for school and for the year.
/// Paid on a day nobody knows: not known to be in time for school, nor to be late for the year.
fn school_year(
    world: &World,
    person: &Person,
    paid: Option<NaiveDate>,
) -> Option<Option<(NaiveDate, NaiveDate)>> {
    let rule = world.scheme.students.as_ref()?;
    let (enrolled, last) = school_begins(world, person)?;
    let rows: Vec<&Record> = person.of(Book::Students).collect();
    let benefit = world.scheme.benefit;
    let (from, to) = if paid.is_some_and(|paid| paid <= last) {
        (enrolled, rule.to)
    } else if paid.is_some_and(|paid| paid > world.scheme.window.1) {
        return Some(None);
    } else {
        benefit
    };
    let graduates = rows
        .iter()
        .filter_map(|r| r.graduates_on)
        .any(|day| benefit.0 <= day && day <= benefit.1);
    let employee = person.registrations("employee").next().is_some();
    let longer = rule.graduates_until.filter(|_| graduates && !employee);
    Some(Some((from, longer.map_or(to, |until| until.max(to)))))
}

fn row_of(world: &World, person: &Person) -> Option<Entry> {
    person.payments_here().next()?;
    let paid = first_paid_here(person);
    let late = paid.and_then(|paid| rule_on(world, person, paid).map(|late| (late, paid)));
    let school = school_year(world, person, paid).filter(|_| late.is_none());
    let by_year = waits_by_year(world, person, paid);
    if late.is_none() && school.is_none() && by_year == 0 {
        return None;
    }
    let benefit = world.scheme.benefit;
    let (case, start, to) = match (late, school) {
        (Some((late, paid)), _) => (
            late.name.clone(),
            start_of(world, person, late, paid),
            Some(benefit.1),
        ),
        (None, Some(year)) => (
            "student".to_owned(),
            year.map(|(from, _)| from),
            year.map(|(_, to)| to),
        ),
        // Whoever pays in time waits from the first day of the period; whoever is late, from the payment.
        (None, None) => {
            let from = paid
                .filter(|paid| *paid > world.scheme.window.1)
                .map_or(benefit.0, |paid| paid.max(benefit.0));
            ("late".to_owned(), Some(from), Some(benefit.1))
        }
    };
    let months = late
        .and_then(|(late, _)| late.wait_months)
        .unwrap_or(by_year);
    let from = start.map(|day| after_months(day, months));
    let until = from
        .filter(|_| months > 0)
        .map(|day| day.pred_opt().expect("a day of the calendar"));
    // Cover that would begin after its last day is none.
    let never = from.zip(to).is_some_and(|(from, to)| from > to);
    let (from, to) = if never { (None, None) } else { (from, to) };
    let shown = |day: Option<NaiveDate>| day.map(|d| d.to_string()).unwrap_or_default();
    let Price { name, payable, .. } = price(world, person);
    Some(Entry {
        id: person.id.clone(),
        case,
        price: name.to_owned(),
        paid_on: shown(paid),
        payable_fen: payable,
        paid_fen: person.payments_here().map(|p| p.net_personal).sum(),
        starts_on: shown(start),
        waits_until: shown(until),
        benefit_from: shown(from),
        benefit_to: shown(to),
    })
}

/// First day of cover of who came in late or by school, where there is one.
pub fn own_cover(world: &World, person: &Person) -> Option<NaiveDate> {
    let own = row_of(world, person).filter(|entry| entry.case != "late")?;
    own.benefit_from.parse().ok()
}

/// Everyone with a late entry, a school year or a waiting.
pub fn entries(world: &World, people: &[Person]) -> Vec<Entry> {
    people
        .iter()
        .filter(|p| p.usable)
        .filter_map(|person| row_of(world, person))
        .collect()
}

#[test]
fn waiting_is_counted_by_broken_and_repaid_years() {
    let waiting = Waiting {
        fixed_months: 3,
        months_a_broken_year: 1,
        long_break_years: 4,
        long_break_months: 3,
    };
    // broken years, repaid years, months
    for (broken, repaid, months) in [
        (0, 0, 3),
        (1, 0, 4),
        (2, 0, 5),
        (3, 0, 6),
        (4, 0, 7),
        (4, 4, 6),
        (2, 3, 3),
        (6, 1, 8),
    ] {
        assert_eq!(
            waiting_months(waiting, broken, repaid),
            months,
            "{broken} broken, {repaid} repaid"
        );
    }
}
