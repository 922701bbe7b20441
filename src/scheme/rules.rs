//! Rules: money, categories, late entries, refunds, groups, levels and clauses of a pipeline, checked against each other.

use std::collections::HashMap;

use chrono::{Days as Later, NaiveDate};

use super::written::{Table, Value};
use super::{Category, Footnote, Group, RefundRule, RosterRule, TasksRule, Under};
use crate::domain::fault::{WrongRules, WrongSetting};
use crate::domain::money::share_of;
use crate::domain::region::region_word;
use crate::domain::{Code, Days, Fen, Level, Reason, Refusal};

/// `[premium]`.
#[derive(Clone, Copy)]
pub(super) struct Premium {
    /// What a person pays a year.
    pub(super) personal: Fen,
    /// What the budget adds, where the notice says it.
    pub(super) fiscal: Option<Fen>,
    /// What a person paid the year before; the same as this year where the pipeline says nothing else.
    pub(super) previous: Fen,
}

/// No premium comes near it: 1,000,000 yuan, in fen.
const MOST: Option<Fen> = Some(100_000_000);

pub(super) fn premium(table: &Table<'_>) -> Option<Premium> {
    let personal = table.need("personal").and_then(|value| {
        let personal = value.fen(MOST)?;
        if personal == 0 {
            value.refuse(WrongSetting::BadAmount {
                key: value.key.clone(),
                text: value.written().to_owned(),
            });
        }
        Some(personal).filter(|&personal| personal > 0)
    });
    let fiscal = table.get("fiscal").and_then(|value| value.fen(MOST));
    // Both parts and their sum, where a notice prints all three.
    let total = table.get("total");
    if let (Some(personal), Some(at), Some(total)) = (
        personal,
        &total,
        total.as_ref().and_then(|value| value.fen(None)),
    ) && fiscal.is_none_or(|fiscal| personal + fiscal != total)
    {
        at.refuse(contradiction(
            "premium.total",
            "premium.personal + premium.fiscal",
        ));
    }
    let previous = table.get("previous").and_then(|value| value.fen(MOST));
    Some(Premium {
        personal: personal?,
        fiscal,
        previous: previous.or(personal)?,
    })
}

/// `[benefit]`: a period that begins outside the scheme's year is a pipeline copied from another year.
pub(super) fn benefit(table: &Table<'_>, year: Option<i32>) -> Option<Days> {
    use chrono::Datelike;
    let days = table.days()?;
    if year.is_some_and(|year| days.from.year() != year) {
        table.refuse(contradiction("scheme.year", "benefit.from"));
    }
    Some(days)
}

/// `[roster]`; without it the payment day alone decides.
pub(super) fn roster(table: &Table<'_>) -> Option<RosterRule> {
    #[derive(Clone, Copy, PartialEq)]
    enum Day {
        Payment,
        CutOff,
    }
    let known = [("payment-day", Day::Payment), ("cut-off", Day::CutOff)];
    let cut_off_value = table.get("cut-off");
    let cut_off = cut_off_value.as_ref().and_then(Value::date);
    let Some(decides) = table.get("decides") else {
        // Unsaid: the payment day, and the cut-off where one is stated.
        return Some(RosterRule {
            payment_day: true,
            cut_off_day: cut_off.is_some(),
            cut_off,
        });
    };
    let days: Vec<Day> = decides
        .some_list()
        .iter()
        .filter_map(|value| value.word(&known))
        .collect();
    if days.contains(&Day::CutOff) && cut_off_value.is_none() {
        decides.refuse(contradiction("roster.decides = cut-off", "roster.cut-off"));
    }
    Some(RosterRule {
        payment_day: days.contains(&Day::Payment),
        cut_off_day: days.contains(&Day::CutOff),
        cut_off,
    })
}

/// `[[subsidy]]`, in declared order. A category whose grant cannot be read keeps its place, so that rules which name
/// it are not complained of as well.
pub(super) fn categories(root: &Table<'_>, premium: Option<Fen>) -> Vec<Category> {
    let mut seen = HashMap::new();
    let mut found = Vec::new();
    for table in root.tables("subsidy") {
        let name = table
            .need("category")
            .and_then(|value| category_word(&value, &mut seen));
        let also = table
            .get("also")
            .map(|value| value.list())
            .unwrap_or_default();
        let also = also
            .iter()
            .filter_map(|value| category_word(value, &mut seen))
            .collect();
        // No grant at all is a grant of nothing; one that cannot be read is unknown, and no sum is made with it.
        let grant = table
            .get("grant")
            .map_or(Some(0), |value| grant(&value, premium));
        let pays = table.get("pays");
        let pays_fen = pays.as_ref().and_then(|value| value.fen(premium));
        let payer = table.get("payer").and_then(|value| value.text());
        if grant.is_some_and(|grant| grant > 0) && payer.is_none() {
            table.need("payer");
        }
        if let (Some(premium), Some(pays_fen), Some(grant_fen), Some(at)) =
            (premium, pays_fen, grant, &pays)
            && pays_fen + grant_fen != premium
        {
            let category = name.clone().unwrap_or_default();
            at.refuse(WrongRules::SumMismatch {
                category,
                pays_fen,
                grant_fen,
                premium_fen: premium,
            });
        }
        let (name, payer) = (name.unwrap_or_default(), payer.unwrap_or_default());
        found.push(Category {
            name,
            also,
            grant: grant.unwrap_or(0),
            payer,
        });
    }
    found
}

/// A grant in yuan or as a share of the premium.
fn grant(value: &Value<'_>, premium: Option<Fen>) -> Option<Fen> {
    if !value.is_percent() {
        return value.fen(premium);
    }
    let share = value.share()?;
    premium.map(|premium| share_of(premium, share.count, share.of))
}

/// A category's word; the same word twice would leave it open whose grant it means.
fn category_word(value: &Value<'_>, seen: &mut HashMap<String, ()>) -> Option<String> {
    let word = value.text()?;
    if seen.insert(region_word(&word), ()).is_some() {
        value.refuse(WrongRules::Repeated {
            key: value.key.clone(),
            word: word.clone(),
        });
    }
    Some(word)
}

/// Positions of the categories a list names, by official word or by another department's.
pub(super) fn positions(value: &Value<'_>, categories: &[Category]) -> Vec<usize> {
    let mut found = Vec::new();
    for item in value.some_list() {
        let Some(word) = item.text() else { continue };
        match position(&word, categories) {
            Some(at) if found.contains(&at) => item.refuse(WrongRules::Repeated {
                key: item.key.clone(),
                word,
            }),
            Some(at) => found.push(at),
            None => item.refuse(WrongRules::UnknownCategory {
                key: item.key.clone(),
                word,
            }),
        }
    }
    found
}

/// Position of the category that answers to a word.
pub(super) fn position(word: &str, categories: &[Category]) -> Option<usize> {
    let word = region_word(word);
    categories.iter().position(|c| {
        std::iter::once(&c.name)
            .chain(&c.also)
            .any(|known| region_word(known) == word)
    })
}

/// `[[refund]]`: at most one a reason.
pub(super) fn refunds(root: &Table<'_>) -> Vec<RefundRule> {
    let mut found: Vec<RefundRule> = Vec::new();
    for table in root.tables("refund") {
        let reason = table.need("reason").and_then(|value| {
            let reason = value.member(Reason::ALL, Reason::code)?;
            if found.iter().any(|rule| rule.reason == reason) {
                value.refuse(WrongRules::Repeated {
                    key: value.key.clone(),
                    word: reason.code().to_owned(),
                });
            }
            Some(reason)
        });
        let until = table.get("until");
        let clause = table.get("clause");
        let before = match &until {
            Some(until) => last_day(&table, until, clause.is_some()),
            None => first_day_too_late(&table),
        };
        let clause = clause.map_or(Some(String::new()), |value| value.text());
        if let (Some(reason), Some(clause)) = (reason, clause) {
            found.push(RefundRule {
                reason,
                before,
                clause,
            });
        }
    }
    found
}

/// The day before which an event had to be, as `before` states it; `None` = any day.
fn first_day_too_late(table: &Table<'_>) -> Option<NaiveDate> {
    let before = table.need("before")?;
    if before.says("any") {
        return None;
    }
    before.date()
}

/// The same as `until` states it, the last day on which an event counts. A deadline of its own has a document.
fn last_day(table: &Table<'_>, until: &Value<'_>, has_document: bool) -> Option<NaiveDate> {
    if table.get("before").is_some() {
        until.refuse(contradiction("before", "until"));
    }
    if !has_document {
        table.need("clause");
    }
    until.date().map(|last| last + Later::new(1))
}

/// `[[group]]`: special groups beside the categories.
pub(super) fn groups(root: &Table<'_>, categories: &[Category]) -> Vec<Group> {
    let mut found: Vec<Group> = Vec::new();
    for table in root.tables("group") {
        let name = table.need("name").and_then(|value| {
            let name = value.text()?;
            if found.iter().any(|group| group.name == name) {
                value.refuse(WrongRules::Repeated {
                    key: value.key.clone(),
                    word: name.clone(),
                });
            }
            Some(name)
        });
        let members = table
            .need("categories")
            .map(|value| positions(&value, categories))
            .unwrap_or_default();
        let must_be_100 = table
            .get("must-be-100")
            .and_then(|value| value.flag())
            .unwrap_or(false);
        found.push(Group {
            name: name.unwrap_or_default(),
            categories: members,
            must_be_100,
        });
    }
    found
}

/// `[levels]` over the defaults of docs/readings.md#levels, by `Code::index`.
pub(super) fn levels(table: &Table<'_>) -> Vec<Level> {
    let mut levels: Vec<Level> = Code::ALL.iter().map(|code| code.default_level()).collect();
    for (code, value) in finding_codes(table) {
        if let Some(level) = value.member(Level::ALL, Level::code) {
            levels[usize::from(code.index())] = level;
        }
    }
    levels
}

/// `[clauses]` over the basis, by `Code::index`.
pub(super) fn clauses(table: &Table<'_>, basis: &str) -> Vec<String> {
    let mut clauses = vec![basis.to_owned(); Code::COUNT];
    for (code, value) in finding_codes(table) {
        if let Some(clause) = value.text() {
            clauses[usize::from(code.index())] = clause;
        }
    }
    clauses
}

fn finding_codes<'a>(table: &Table<'a>) -> Vec<(Code, Value<'a>)> {
    let mut found = Vec::new();
    for (key, span, value) in table.all() {
        match Code::from_code(&key) {
            Some(code) => found.push((code, value)),
            None => table.unknown_key(span, &key, Code::ALL.iter().map(|code| code.code())),
        }
    }
    found
}

/// `[tasks]`: the table's own rules.
pub(super) fn tasks(table: &Table<'_>) -> TasksRule {
    let share = |key: &str| table.get(key).and_then(|value| value.share());
    let word = |key: &str, known: &[(&str, bool)]| {
        table
            .get(key)
            .and_then(|value| value.word(known))
            .unwrap_or(false)
    };
    TasksRule {
        task_share: share("task-share"),
        floor_share: share("floor-share"),
        task_at_least_last_year: word("task-at-least", &[("last-year", true)]),
        over_population_off: word("over-population", &[("note", false), ("off", true)]),
    }
}

/// `[[note]]`: what the notice leaves open, and the tables under which that is printed.
pub(super) fn notes(root: &Table<'_>) -> Vec<Footnote> {
    let mut found = Vec::new();
    for table in root.tables("note") {
        let under = table
            .need("under")
            .map(|value| value.one_or_more())
            .unwrap_or_default();
        let under = under
            .iter()
            .filter_map(|value| value.member(Under::ALL, Under::code))
            .collect();
        if let Some(text) = table.need("text").and_then(|value| value.text()) {
            found.push(Footnote { under, text });
        }
    }
    found
}

pub(super) fn contradiction(first: &str, second: &str) -> Refusal {
    Refusal::Rules(WrongRules::Contradiction {
        first: first.to_owned(),
        second: second.to_owned(),
    })
}
