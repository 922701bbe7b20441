//! Sources: which files are which book, and the words their columns use.

use glob::Pattern;
use regex::Regex;

use super::rules::{contradiction, position};
use super::written::{Table, Value};
use super::{
    Category, Expected, Hidden, Meaning, Mode, Reports, RosterStop, SourceRule, Word, lists,
};
use crate::domain::fault::{WrongRules, WrongSetting};
use crate::domain::region::region_word;
use crate::domain::{Cover, Field, SourceKind, Status};

/// `[sources.NAME]`, in the order of `SourceKind`, and what `[sources.rosters]` says of lists that arrive in part.
pub(super) fn sources(table: &Table<'_>, categories: &[Category]) -> (Vec<SourceRule>, RosterStop) {
    let mut patterns = Vec::new();
    let mut found = Vec::new();
    let mut stop = RosterStop::default();
    for &kind in SourceKind::ALL {
        let Some(written) = table.get(kind.code()).and_then(|value| value.table()) else {
            continue;
        };
        if kind == SourceKind::Rosters {
            stop = lists::roster_stop(&written);
        }
        found.push(source(&written, kind, categories, &mut patterns));
    }
    (found, stop)
}

fn source(
    table: &Table<'_>,
    kind: SourceKind,
    categories: &[Category],
    patterns: &mut Vec<String>,
) -> SourceRule {
    let mut files = Vec::new();
    for value in table
        .need("files")
        .map(|value| value.some_list())
        .unwrap_or_default()
    {
        let Some(text) = value.text() else { continue };
        if Pattern::new(&text).is_err() {
            value.refuse(WrongSetting::BadPattern {
                key: value.key.clone(),
                text: text.clone(),
            });
        }
        if patterns.contains(&text) {
            value.refuse(WrongRules::Repeated {
                key: value.key.clone(),
                word: text.clone(),
            });
        }
        patterns.push(text.clone());
        files.push(text);
    }
    let modes = [("snapshot", Mode::Snapshot), ("increment", Mode::Increment)];
    let hidden = [("read", Hidden::Read), ("set-aside", Hidden::SetAside)];
    SourceRule {
        kind,
        files,
        mode: table
            .get("mode")
            .and_then(|value| value.word(&modes))
            .unwrap_or(default_mode(kind)),
        batch: table.get("batch").and_then(|value| batch(&value)),
        as_of: table.get("as-of").and_then(|value| value.date()),
        expect: table
            .get("expect")
            .map(|value| expected(&value, kind))
            .unwrap_or_default(), // nothing is stated
        required: table
            .get("required")
            .and_then(|value| value.flag())
            .unwrap_or(false),
        columns: columns(&table.table("columns")),
        category: table
            .get("category")
            .and_then(|value| category(&value, kind, categories)),
        hidden: table
            .get("hidden")
            .and_then(|value| value.word(&hidden))
            .unwrap_or_default(),
        unpivot: table
            .get("unpivot")
            .map(|value| unpivot(&value))
            .unwrap_or_default(),
        sheets: table
            .get("sheets")
            .map(|value| sheets(&value))
            .unwrap_or_default(),
        reports: table.get("reports").and_then(|value| reports(&value, kind)),
    }
}

/// What rows report: only those of other places may be either.
fn reports(value: &Value<'_>, kind: SourceKind) -> Option<Reports> {
    let words = [
        ("registrations", Reports::Registrations),
        ("payments", Reports::Payments),
        ("both", Reports::Both),
    ];
    if kind != SourceKind::Elsewhere {
        value.refuse(contradiction(&value.key, "sources.elsewhere.reports"));
    }
    value.word(&words)
}

/// Control totals: one table for the book, or several for its files. A table of figures has no rows of persons.
fn expected(value: &Value<'_>, kind: SourceKind) -> Vec<Expected> {
    if !kind.has_persons() {
        value.refuse(contradiction(&value.key, "sources.*.expect"));
    }
    let tables = value.one_or_more();
    let tables = tables.iter().filter_map(Value::table);
    let of_table = |table: Table<'_>| {
        let file = table.get("file");
        let files = file.as_ref().and_then(pattern);
        let (rows, yuan) = (table.get("rows"), table.get("yuan"));
        if let (Some(yuan), true) = (&yuan, kind != SourceKind::Payments) {
            yuan.refuse(contradiction(&yuan.key, "sources.payments.expect.yuan"));
        }
        if rows.is_none() && yuan.is_none() {
            table.need("rows");
        }
        Expected {
            files,
            rows: rows.and_then(|rows| rows.number()),
            fen: yuan.and_then(|yuan| yuan.fen(None)),
        }
    };
    tables.map(of_table).collect()
}

fn pattern(value: &Value<'_>) -> Option<Pattern> {
    let text = value.text()?;
    let pattern = Pattern::new(&text).ok();
    if pattern.is_none() {
        let key = value.key.clone();
        value.refuse(WrongSetting::BadPattern { key, text });
    }
    pattern
}

/// Name patterns of sheets.
fn sheets(value: &Value<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for one in value.some_list() {
        let Some(text) = one.text() else { continue };
        if Pattern::new(&text).is_err() {
            one.refuse(WrongSetting::BadPattern {
                key: one.key.clone(),
                text: text.clone(),
            });
        }
        found.push(text);
    }
    found
}

/// Fields that stand once for each person in a row: the number among them, or nobody could be told apart.
fn unpivot(value: &Value<'_>) -> Vec<Field> {
    let fields: Vec<Field> = value
        .some_list()
        .iter()
        .filter_map(|one| one.member(Field::ALL, Field::code))
        .collect();
    if !fields.is_empty() && !fields.contains(&Field::Id) {
        value.refuse(WrongSetting::MissingKey {
            table: value.key.clone(),
            key: Field::Id.code().to_owned(),
        });
    }
    fields
}

/// docs/readings.md#snapshot: which books come whole and which add up.
const fn default_mode(kind: SourceKind) -> Mode {
    match kind {
        SourceKind::Payments
        | SourceKind::Deaths
        | SourceKind::Departures
        | SourceKind::Elsewhere => Mode::Increment,
        SourceKind::Register
        | SourceKind::Registrations
        | SourceKind::Rosters
        | SourceKind::Tasks
        | SourceKind::Students
        | SourceKind::Previous
        | SourceKind::Households
        | SourceKind::HouseholdTotals => Mode::Snapshot,
    }
}

fn batch(value: &Value<'_>) -> Option<Regex> {
    let text = value.text()?;
    let batch = Regex::new(&text).ok();
    if batch.is_none() {
        value.refuse(WrongSetting::BadPattern {
            key: value.key.clone(),
            text,
        });
    }
    batch
}

fn columns(table: &Table<'_>) -> Vec<(Field, String)> {
    let mut found: Vec<(Field, String)> = Vec::new();
    for (key, span, value) in table.all() {
        match Field::from_code(&key) {
            // One header, or one an office: the first that a sheet has is taken.
            Some(field) => {
                for one in value.one_or_more() {
                    let Some(header) = one.text() else { continue };
                    // A column is read as one field: the other would be dropped without a word.
                    if found
                        .iter()
                        .any(|(of, known)| *of != field && *known == header)
                    {
                        one.refuse(WrongRules::Repeated {
                            key: table.path().to_owned(),
                            word: header.clone(),
                        });
                    }
                    found.push((field, header));
                }
            }
            None => table.unknown_key(span, &key, Field::ALL.iter().map(|field| field.code())),
        }
    }
    found.sort_by_key(|(field, _)| *field);
    found
}

/// One category for every row of a file: only rosters have such a thing.
fn category(value: &Value<'_>, kind: SourceKind, categories: &[Category]) -> Option<String> {
    let word = value.text()?;
    if kind != SourceKind::Rosters {
        value.refuse(contradiction(&value.key, "sources.rosters.category"));
    }
    match position(&word, categories) {
        Some(at) => Some(categories[at].name.clone()),
        None => {
            value.refuse(WrongRules::UnknownCategory {
                key: value.key.clone(),
                word,
            });
            None
        }
    }
}

/// `[[vocabulary]]`: words of statuses and insurances that the built-in ones do not hold.
pub(super) fn vocabulary(root: &Table<'_>) -> Vec<Word> {
    // `unknown` is what a word is before it is declared; declaring it so would say nothing.
    let statuses: Vec<(&str, Status)> = Status::ALL
        .iter()
        .filter(|s| **s != Status::Unknown)
        .map(|status| (status.code(), *status))
        .collect();
    let mut found: Vec<Word> = Vec::new();
    for table in root.tables("vocabulary") {
        let source = table
            .get("source")
            .and_then(|value| value.member(SourceKind::ALL, SourceKind::code));
        let written = table.need("word");
        let (status, cover) = (table.get("status"), table.get("scheme"));
        let means = match (&status, &cover) {
            (Some(status), None) => status.word(&statuses).map(Meaning::Status),
            (None, Some(cover)) => cover.member(Cover::ALL, Cover::code).map(Meaning::Cover),
            (None, None) => {
                table.need("status");
                None
            }
            (Some(status), Some(_)) => {
                status.refuse(contradiction("vocabulary.status", "vocabulary.scheme"));
                None
            }
        };
        let word = written
            .as_ref()
            .and_then(Value::text)
            .map(|word| region_word(&word));
        if let (Some(at), Some(word), Some(means)) = (&written, word, means) {
            // A word may be both a status and an insurance; twice the same kind of thing it may not be.
            let kind = std::mem::discriminant(&means);
            if found.iter().any(|w| {
                w.source == source && w.word == word && std::mem::discriminant(&w.means) == kind
            }) {
                at.refuse(WrongRules::Repeated {
                    key: at.key.clone(),
                    word: word.clone(),
                });
            }
            found.push(Word {
                source,
                word,
                means,
            });
        }
    }
    found
}
