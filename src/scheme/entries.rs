//! Entries: late entries with their conditions, prices and first days; students; waiting periods.

use super::rules::{contradiction, positions};
use super::written::{Table, Value};
use super::{Category, KeepsGrant, Late, LateWhen, StudentRule};
use crate::domain::fault::WrongRules;
use crate::domain::region::region_word;
use crate::domain::{Days, Price, Starts, Waiting, waiting};

/// Keys of conditions.
const CONDITIONS: [&str; 9] = [
    "born-within-days",
    "born-within-months",
    "born-from",
    "on-roster",
    "employee-gap-days",
    "employee-gap-months",
    "employee-stopped-from",
    "employee-years",
    "case",
];

/// A life's length: a setting beyond it is a slip of the keyboard.
const MOST_YEARS: u32 = 120;
const MOST_MONTHS: u32 = 12 * MOST_YEARS;
const MOST_DAYS: u32 = 366 * MOST_YEARS;

/// Two ways to say the same thing.
const EXCLUDING: [(&str, &str); 2] = [
    ("born-within-days", "born-within-months"),
    ("employee-gap-days", "employee-gap-months"),
];

/// `[[late]]`, in declared order: each with at least one condition, all of which must hold.
pub(super) fn late(root: &Table<'_>, categories: &[Category]) -> Vec<Late> {
    let tables = root.tables("late");
    let mut names: Vec<String> = Vec::new();
    for name in tables.iter().filter_map(|table| table.get("name")) {
        // Lists and findings tell rules by their names.
        match name.written().trim_matches('"').trim() {
            word if names.iter().any(|known| known == word) => {
                name.refuse(WrongRules::Repeated {
                    key: name.key.clone(),
                    word: word.to_owned(),
                });
            }
            word => names.push(word.to_owned()),
        }
    }
    tables
        .iter()
        .filter_map(|table| one(table, categories))
        .collect()
}

fn one(table: &Table<'_>, categories: &[Category]) -> Option<Late> {
    let name = table.need("name").and_then(|value| value.text());
    let clause = table.need("clause").and_then(|value| value.text());
    let stated: Vec<&str> = CONDITIONS
        .into_iter()
        .filter(|key| table.get(key).is_some())
        .collect();
    if stated.is_empty() {
        table.need(CONDITIONS[0]);
    }
    for (first, second) in EXCLUDING
        .into_iter()
        .filter(|(a, b)| stated.contains(a) && stated.contains(b))
    {
        table.refuse(contradiction(
            &format!("late.{first}"),
            &format!("late.{second}"),
        ));
    }
    let when: Vec<Option<LateWhen>> = stated
        .iter()
        .map(|key| condition(key, &table.get(key)?, categories))
        .collect();
    let prices: Vec<(&str, Price)> = Price::ALL
        .iter()
        .filter(|price| **price != Price::Unpriced)
        .map(|price| (price.code(), *price))
        .collect();
    let price = table
        .get("price")
        .map_or(Some(Price::Personal), |value| value.word(&prices));
    let starts = table
        .get("starts")
        .map_or(Some(Starts::PaymentDay), |value| {
            value.member(Starts::ALL, Starts::code)
        });
    let wait_months = table
        .get("wait-months")
        .map_or(Some(None), |value| months(&value).map(Some));
    let keeps_grant = table
        .get("keeps-grant")
        .map_or(Some(KeepsGrant::Yes), |value| keeps_grant(&value));
    let newly = table.get("newly").map_or(Some(true), |value| value.flag());
    let event_from = table
        .get("event-from")
        .map_or(Some(None), |value| value.date().map(Some));
    needs_its_condition(table, keeps_grant, &stated);
    if let (Some(price), Some(starts)) = (price, starts) {
        needs_its_day(table, price, starts, &stated);
    }
    Some(Late {
        name: name?,
        when: when.into_iter().collect::<Option<_>>()?,
        price: price?,
        starts: starts?,
        wait_months: wait_months?,
        keeps_grant: keeps_grant?,
        newly: newly?,
        event_from: event_from?,
        clause: clause?,
    })
}

/// `true`, `false` or `"listed"`.
fn keeps_grant(value: &Value<'_>) -> Option<KeepsGrant> {
    if value.says("listed") {
        return Some(KeepsGrant::Listed);
    }
    value.flag().map(|keeps| {
        if keeps {
            KeepsGrant::Yes
        } else {
            KeepsGrant::No
        }
    })
}

/// What is said about a condition needs that condition.
fn needs_its_condition(table: &Table<'_>, keeps_grant: Option<KeepsGrant>, stated: &[&str]) {
    let of_roster = table.get("newly").is_some() || keeps_grant == Some(KeepsGrant::Listed);
    if of_roster && !stated.contains(&"on-roster") && !stated.is_empty() {
        table.need("on-roster");
    }
    if table.get("event-from").is_some() && !stated.contains(&"case") && !stated.is_empty() {
        table.need("case");
    }
}

fn condition(key: &str, value: &Value<'_>, categories: &[Category]) -> Option<LateWhen> {
    match key {
        "born-within-days" => value.count(MOST_DAYS).map(LateWhen::BornWithinDays),
        "born-within-months" => value.count(MOST_MONTHS).map(LateWhen::BornWithinMonths),
        "born-from" => value.date().map(LateWhen::BornFrom),
        "on-roster" => Some(LateWhen::OnRoster(positions(value, categories))),
        "employee-gap-days" => value.count(MOST_DAYS).map(LateWhen::EmployeeGapDays),
        "employee-gap-months" => value.count(MOST_MONTHS).map(LateWhen::EmployeeGapMonths),
        "employee-stopped-from" => value.date().map(LateWhen::EmployeeStoppedFrom),
        "employee-years" => value.count(MOST_YEARS).map(LateWhen::EmployeeYears),
        _ => {
            let words = value.some_list().into_iter().filter_map(|word| word.text());
            Some(LateWhen::Case(
                words.map(|word| region_word(&word)).collect(),
            ))
        }
    }
}

/// A day from which an entry covers must be one that its conditions, or a declared case, speak of; so must the birth
/// that makes two years of one.
fn needs_its_day(table: &Table<'_>, price: Price, starts: Starts, stated: &[&str]) {
    let about = |what: &str| {
        stated
            .iter()
            .any(|key| key.starts_with(what) || *key == "case")
    };
    let missing = match starts {
        Starts::Birth if !about("born-") => Some("born-within-days"),
        Starts::CoverStop if !about("employee-") => Some("employee-gap-days"),
        Starts::Event if !about("case") => Some("case"),
        _ if price == Price::TwoYears && !about("born-") => Some("born-within-months"),
        _ => None,
    };
    if let Some(key) = missing.filter(|_| !stated.is_empty()) {
        table.need(key);
    }
}

fn months(value: &Value<'_>) -> Option<u32> {
    value.count(MOST_MONTHS)
}

/// `[students]`: cover by school year.
pub(super) fn students(table: &Table<'_>) -> Option<StudentRule> {
    if !table.is_there() {
        return None;
    }
    let days: Option<Days> = table.days();
    // 入学后一个月内 is what the notice that has such a rule says.
    let pay_within_months = table
        .get("pay-within-months")
        .map_or(Some(1), |value| months(&value));
    let until = table.get("graduates-until");
    let graduates_until = until.as_ref().and_then(Value::date);
    if let (Some(at), Some(day), Some(days)) = (&until, graduates_until, days)
        && day < days.to
    {
        at.refuse(contradiction("students.graduates-until", "students.to"));
    }
    let clause = table.need("clause").and_then(|value| value.text());
    Some(StudentRule {
        days: days?,
        pay_within_months: pay_within_months?,
        graduates_until,
        clause: clause?,
    })
}

/// `[waiting]`; without it the national rule of the coverage year, in which a key that is not stated is the national one's.
pub(super) fn waiting(table: &Table<'_>, year: Option<i32>) -> Option<Waiting> {
    if !table.is_there() {
        return waiting::of_year(year?);
    }
    let national = waiting::NATIONAL;
    let or = |key: &str, default: u32| {
        table
            .get(key)
            .and_then(|value| months(&value))
            .unwrap_or(default)
    };
    Some(Waiting {
        fixed_months: or("fixed-months", national.fixed_months),
        months_a_broken_year: or("months-a-broken-year", national.months_a_broken_year),
        long_break_years: or("long-break-years", national.long_break_years),
        long_break_months: or("long-break-months", national.long_break_months),
    })
}
