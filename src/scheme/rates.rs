//! Rates: what counts as insured, and the completion rates of the notice.

use super::region_table::RegionFile;
use super::rules::contradiction;
use super::written::{Table, Value};
use super::{Against, Count, Rate};
use crate::domain::fault::{WrongInputs, WrongRules};
use crate::domain::{Cover, Refusal};

const COUNTS: [(&str, Count); 3] = [
    ("registered", Count::Registered),
    ("insured", Count::Insured),
    ("paid", Count::Paid),
];
const COVERS: [(&str, Cover); 2] = [("resident", Cover::Resident), ("employee", Cover::Employee)];
const AGAINST: [(&str, Against); 5] = [
    ("register", Against::Register),
    ("population", Against::Population),
    ("task", Against::Task),
    ("last-year", Against::LastYear),
    ("residents", Against::Residents),
];

/// `[coverage]`.
pub(super) struct Coverage {
    /// A resident registration insures only when paid, subsidised or free.
    pub(super) insured_when_paid: bool,
    /// In declared order, exactly one primary.
    pub(super) rates: Vec<Rate>,
}

/// An assessment counts payments. Where only payment insures, a primary rate of registrations would say another thing of the
/// same place on the same day.
fn refuse_two_verdicts(table: &Table<'_>, rates: &[Rate]) {
    let primary = rates.iter().find(|rate| rate.primary);
    let is_registered = primary.is_some_and(|rate| rate.count == Count::Registered);
    if let (true, Some(at)) = (is_registered, table.get("insured-when")) {
        at.refuse(WrongRules::CountsBesidePayment);
    }
}

/// `is_assessed`: the pipeline has an `[assessment]`.
pub(super) fn coverage(table: &Table<'_>, regions: &RegionFile, is_assessed: bool) -> Coverage {
    let words = [("registered", false), ("paid", true)];
    let insured_when_paid = table
        .get("insured-when")
        .and_then(|value| value.word(&words))
        .unwrap_or(false);
    let mut rates: Vec<Rate> = Vec::new();
    let mut primaries = 0;
    for written in table.tables("rate") {
        let primary = written.get("primary");
        let is_primary = primary.as_ref().and_then(Value::flag).unwrap_or(false);
        primaries += usize::from(is_primary);
        if let (true, 2.., Some(at)) = (is_primary, primaries, &primary) {
            at.refuse(WrongRules::PrimaryCount { found: primaries });
        }
        let name = written.need("name").and_then(|value| {
            let name = value.text()?;
            if rates.iter().any(|rate| rate.name == name) {
                value.refuse(WrongRules::Repeated {
                    key: value.key.clone(),
                    word: name.clone(),
                });
            }
            Some(name)
        });
        if let Some(rate) = rate(&written, name, is_primary, regions) {
            rates.push(rate);
        }
    }
    if primaries == 0 && table.is_there() {
        table.refuse(WrongRules::PrimaryCount { found: 0 });
    }
    if insured_when_paid && is_assessed {
        refuse_two_verdicts(table, &rates);
    }
    Coverage {
        insured_when_paid,
        rates,
    }
}

fn rate(
    table: &Table<'_>,
    name: Option<String>,
    primary: bool,
    regions: &RegionFile,
) -> Option<Rate> {
    let count = table.need("count").and_then(|value| value.word(&COUNTS));
    let mut covers = Vec::new();
    for value in table
        .need("schemes")
        .map(|value| value.some_list())
        .unwrap_or_default()
    {
        match value.word(&COVERS) {
            Some(cover) if covers.contains(&cover) => {
                value.refuse(WrongRules::Repeated {
                    key: value.key.clone(),
                    word: cover.code().to_owned(),
                });
            }
            Some(cover) => covers.push(cover),
            None => {}
        }
    }
    let against = table.need("against").and_then(|value| value.word(&AGAINST));
    let against_by_region = against_by_region(&table.table("against-by-region"), regions);
    let target = table.get("target").and_then(|value| value.share());
    let persons = table.get("target-persons");
    let target_persons = persons.as_ref().and_then(Value::number);
    if let (Some(at), true) = (&persons, table.get("target").is_some()) {
        at.refuse(contradiction(
            "coverage.rate.target",
            "coverage.rate.target-persons",
        ));
    }
    Some(Rate {
        name: name?,
        count: count?,
        covers,
        against: against?,
        against_by_region,
        target,
        target_persons,
        primary,
    })
}

fn against_by_region(table: &Table<'_>, regions: &RegionFile) -> Vec<(String, Against)> {
    let mut found = Vec::new();
    for (code, span, value) in table.all() {
        // Without a table every code would be complained of; that there is none has been said.
        if !regions.regions.is_empty() && !regions.regions.iter().any(|region| region.code == code)
        {
            table.refuse_at(
                span,
                Refusal::Inputs(WrongInputs::RegionNotInTable { code: code.clone() }),
            );
        }
        if let Some(against) = value.word(&AGAINST) {
            found.push((code, against));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}
