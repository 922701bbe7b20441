//! Written: the pipeline file as its author wrote it, with every value's place, and the margin where mistakes are noted.
//!
//! Nothing here stops at the first mistake: a value that cannot be read is noted and left out, and reading goes on.

use std::cell::RefCell;
use std::ops::Range;
use std::path::Path;

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Setting, excerpt, values};
use crate::domain::fault::WrongSetting;
use crate::domain::{Complaint, Days, Fen, Ratio, Refusal, Spot, TomlSlip};

/// Where mistakes are noted while reading goes on.
pub(super) struct Margin<'a> {
    file: &'a Path,
    text: &'a str,
    notes: RefCell<Vec<(usize, Complaint)>>,
}

impl<'a> Margin<'a> {
    /// An empty margin beside this text.
    pub(super) fn new(file: &'a Path, text: &'a str) -> Self {
        Margin {
            file,
            text,
            notes: RefCell::default(),
        }
    }

    /// Notes what is wrong with these bytes of the text.
    pub(super) fn note(&self, span: Range<usize>, refusal: Refusal) {
        let (line, column) = excerpt::line_and_column(self.text, span.start);
        let place = Some(Spot {
            file: self.file.to_owned(),
            line,
            column,
        });
        let complaint = Complaint {
            place,
            excerpt: excerpt::of(self.text, span.clone()),
            refusal,
        };
        self.notes.borrow_mut().push((span.start, complaint));
    }

    /// The text of these bytes.
    pub(super) fn slice(&self, span: Range<usize>) -> &'a str {
        self.text.get(span).unwrap_or("")
    }

    /// Everything noted, in order of place.
    pub(super) fn complaints(self) -> Vec<Complaint> {
        let mut notes = self.notes.into_inner();
        notes.sort_by_key(|(at, _)| *at);
        notes.into_iter().map(|(_, complaint)| complaint).collect()
    }
}

/// A table of the file, which remembers what was asked of it, so that keys nobody asked for can be told.
pub(super) struct Table<'a> {
    margin: &'a Margin<'a>,
    path: String,
    span: Range<usize>,
    /// `None`: the table is not there.
    entries: Option<&'a DeTable<'a>>,
    asked: RefCell<Vec<String>>,
}

impl<'a> Table<'a> {
    /// The whole document.
    pub(super) fn document(margin: &'a Margin<'a>, entries: &'a DeTable<'a>) -> Self {
        Table {
            margin,
            path: String::new(),
            span: 0..0,
            entries: Some(entries),
            asked: RefCell::default(),
        }
    }

    /// The dotted path of the table.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The value under a key, if there is one.
    pub(super) fn get(&self, key: &str) -> Option<Value<'a>> {
        let dotted = self.dotted(key);
        assert!(
            Setting::of_path(&dotted).is_some(),
            "{dotted} is not declared in settings.rs"
        );
        self.asked.borrow_mut().push(key.to_owned());
        let (_, node) = self
            .entries?
            .iter()
            .find(|(name, _)| name.get_ref() == key)?;
        Some(Value {
            margin: self.margin,
            key: dotted,
            node,
        })
    }

    /// The value under a key that must be there.
    pub(super) fn need(&self, key: &str) -> Option<Value<'a>> {
        let value = self.get(key);
        // A table that is missing as a whole has been noted as such.
        if value.is_none() && self.entries.is_some() {
            self.refuse(WrongSetting::MissingKey {
                table: self.path.clone(),
                key: key.to_owned(),
            });
        }
        value
    }

    /// The table under a key; an absent one answers `None` to everything.
    pub(super) fn table(&self, key: &str) -> Table<'a> {
        self.get(key)
            .and_then(|value| value.table())
            .unwrap_or_else(|| self.absent(key))
    }

    /// The table under a key that must be there.
    pub(super) fn need_table(&self, key: &str) -> Table<'a> {
        self.need(key)
            .and_then(|value| value.table())
            .unwrap_or_else(|| self.absent(key))
    }

    /// The tables of an array such as `[[subsidy]]`, in written order.
    pub(super) fn tables(&self, key: &str) -> Vec<Table<'a>> {
        self.get(key)
            .map(|value| value.list().iter().filter_map(Value::table).collect())
            .unwrap_or_default()
    }

    /// Every key with its value, where the keys are data (`[levels]`). Each counts as asked.
    pub(super) fn all(&self) -> Vec<(String, Range<usize>, Value<'a>)> {
        let mut found = Vec::new();
        for (name, node) in self.entries.into_iter().flat_map(|entries| entries.iter()) {
            let key = name.get_ref().to_string();
            self.asked.borrow_mut().push(key.clone());
            let value = Value {
                margin: self.margin,
                key: self.dotted(&key),
                node,
            };
            found.push((key, name.span(), value));
        }
        found
    }

    /// A period of `from` and `to`, both needed.
    pub(super) fn days(&self) -> Option<Days> {
        let (from, to) = (self.need("from"), self.need("to"));
        let (first, last) = (
            from.and_then(|v| v.date()),
            to.as_ref().and_then(Value::date),
        );
        let (from, to, at) = (first?, last?, to?);
        if to < from {
            at.refuse(WrongSetting::Backwards {
                key: self.path.clone(),
            });
            return None;
        }
        Some(Days { from, to })
    }

    /// Notes something wrong with the table as a whole, at its head.
    pub(super) fn refuse(&self, refusal: impl Into<Refusal>) {
        self.margin.note(self.span.clone(), refusal.into());
    }

    /// Notes something wrong with a key of the table.
    pub(super) fn refuse_at(&self, span: Range<usize>, refusal: Refusal) {
        self.margin.note(span, refusal);
    }

    /// Notes a key that nobody knows, with the nearest of those that are known.
    pub(super) fn unknown_key<'k>(
        &self,
        span: Range<usize>,
        key: &str,
        known: impl Iterator<Item = &'k str>,
    ) {
        let near = nearest(key, known);
        self.margin.note(
            span,
            Refusal::Setting(WrongSetting::UnknownKey {
                key: self.dotted(key),
                near,
            }),
        );
    }

    /// Whether the table is written in the file.
    pub(super) fn is_there(&self) -> bool {
        self.entries.is_some()
    }

    fn absent(&self, key: &str) -> Table<'a> {
        Table {
            margin: self.margin,
            path: self.dotted(key),
            span: self.span.clone(),
            entries: None,
            asked: RefCell::default(),
        }
    }

    fn dotted(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }
}

/// Reading is over: keys that were never asked for are unknown. Done on drop, so that no reader can forget it.
impl Drop for Table<'_> {
    fn drop(&mut self) {
        let asked = self.asked.take();
        for (name, _) in self.entries.into_iter().flat_map(|entries| entries.iter()) {
            if !asked.iter().any(|key| key == name.get_ref()) {
                self.unknown_key(
                    name.span(),
                    name.get_ref(),
                    asked.iter().map(String::as_str),
                );
            }
        }
    }
}

/// A value with its place and its key (`premium.personal`).
pub(super) struct Value<'a> {
    margin: &'a Margin<'a>,
    /// Dotted key, for complaints.
    pub(super) key: String,
    node: &'a Spanned<DeValue<'a>>,
}

impl<'a> Value<'a> {
    /// Notes something wrong with this value.
    pub(super) fn refuse(&self, refusal: impl Into<Refusal>) {
        self.margin.note(self.node.span(), refusal.into());
    }

    /// Its text in the file.
    pub(super) fn written(&self) -> &'a str {
        self.margin.slice(self.node.span())
    }

    /// Whether it is a text that reads so.
    pub(super) fn says(&self, word: &str) -> bool {
        matches!(self.node.get_ref(), DeValue::String(text) if text == word)
    }

    /// A text that is not blank.
    pub(super) fn text(&self) -> Option<String> {
        match self.node.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                self.refuse(WrongSetting::Empty {
                    key: self.key.clone(),
                });
                None
            }
            DeValue::String(text) => Some(text.trim().to_owned()),
            _ => self.wrong_type(TomlSlip::WantsText),
        }
    }

    /// The values of a list.
    pub(super) fn list(&self) -> Vec<Value<'a>> {
        match self.node.get_ref() {
            DeValue::Array(items) => items
                .iter()
                .map(|node| Value {
                    margin: self.margin,
                    key: self.key.clone(),
                    node,
                })
                .collect(),
            _ => self.wrong_type(TomlSlip::WantsList).unwrap_or_default(),
        }
    }

    /// The values of a list that must not be empty.
    pub(super) fn some_list(&self) -> Vec<Value<'a>> {
        if matches!(self.node.get_ref(), DeValue::Array(items) if items.is_empty()) {
            self.refuse(WrongSetting::Empty {
                key: self.key.clone(),
            });
        }
        self.list()
    }

    /// The values of a list that must not be empty, or the one value that stands where a list may.
    pub(super) fn one_or_more(&self) -> Vec<Value<'a>> {
        match self.node.get_ref() {
            DeValue::Array(_) => self.some_list(),
            _ => vec![Value {
                margin: self.margin,
                key: self.key.clone(),
                node: self.node,
            }],
        }
    }

    /// The table.
    pub(super) fn table(&self) -> Option<Table<'a>> {
        match self.node.get_ref() {
            DeValue::Table(entries) => Some(Table {
                margin: self.margin,
                path: self.key.clone(),
                span: self.node.span(),
                entries: Some(entries),
                asked: RefCell::default(),
            }),
            _ => self.wrong_type(TomlSlip::WantsTable),
        }
    }

    /// `true` or `false`.
    pub(super) fn flag(&self) -> Option<bool> {
        match self.node.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => self.wrong_type(TomlSlip::WantsYesNo),
        }
    }

    /// A whole number that is not negative.
    pub(super) fn number(&self) -> Option<u64> {
        match self.node.get_ref() {
            DeValue::Integer(number) => {
                match u64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => Some(number),
                    Err(_) => self.wrong_type(TomlSlip::WantsWhole),
                }
            }
            _ => self.wrong_type(TomlSlip::WantsWhole),
        }
    }

    /// A whole number that is at most so large: days, months and years of a person's life, not of the calendar.
    pub(super) fn count(&self, most: u32) -> Option<u32> {
        let number = self.number()?;
        let found = u32::try_from(number).ok().filter(|count| *count <= most);
        if found.is_none() {
            let known = vec![format!("0–{most}")];
            self.refuse(WrongSetting::UnknownWord {
                key: self.key.clone(),
                word: number.to_string(),
                known,
            });
        }
        found
    }

    /// A day: a TOML local date, or the same in quotes.
    pub(super) fn date(&self) -> Option<NaiveDate> {
        let found = match self.node.get_ref() {
            DeValue::Datetime(day) if day.time.is_none() && day.offset.is_none() => {
                day.date.and_then(|d| {
                    NaiveDate::from_ymd_opt(i32::from(d.year), u32::from(d.month), u32::from(d.day))
                })
            }
            DeValue::String(text) => values::date(text.trim()),
            DeValue::Datetime(_) => None,
            _ => return self.wrong_type(TomlSlip::WantsDay),
        };
        if found.is_none() {
            let text = self.written().trim_matches('"').to_owned();
            self.refuse(WrongSetting::BadDate {
                key: self.key.clone(),
                text,
            });
        }
        found
    }

    /// An amount in yuan, as fen: `320`, `175.5` or the same in quotes, not negative, at most `most`.
    pub(super) fn fen(&self, most: Option<Fen>) -> Option<Fen> {
        let found = match self.node.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => values::fen(number.as_str()),
            DeValue::Float(number) => values::fen(number.as_str()),
            DeValue::String(text) => values::fen(text.trim()),
            DeValue::Integer(_) => None,
            _ => return self.wrong_type(TomlSlip::WantsAmount),
        };
        let found = found.filter(|&fen| fen >= 0 && most.is_none_or(|most| fen <= most));
        if found.is_none() {
            let text = self.written().trim_matches('"').to_owned();
            self.refuse(WrongSetting::BadAmount {
                key: self.key.clone(),
                text,
            });
        }
        found
    }

    /// Whether it is a text ending in a percent sign.
    pub(super) fn is_percent(&self) -> bool {
        matches!(self.node.get_ref(), DeValue::String(text) if text.trim().ends_with(['%', '％']))
    }

    /// A share such as `"95%"`.
    pub(super) fn share(&self) -> Option<Ratio> {
        let found = match self.node.get_ref() {
            DeValue::String(text) => values::share(text.trim()),
            _ => None,
        };
        if found.is_none() {
            let text = self.written().trim_matches('"').to_owned();
            self.refuse(WrongSetting::BadShare {
                key: self.key.clone(),
                text,
            });
        }
        found
    }

    /// A plain decimal such as `6` or `"0.1"`, not negative, as an exact fraction.
    pub(super) fn decimal(&self) -> Option<Ratio> {
        let found = match self.node.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => values::decimal(number.as_str()),
            DeValue::Float(number) => values::decimal(number.as_str()),
            DeValue::String(text) => values::decimal(text.trim()),
            _ => return self.wrong_type(TomlSlip::WantsDecimal),
        };
        if found.is_none() {
            return self.wrong_type(TomlSlip::WantsDecimal);
        }
        found
    }

    /// A word of a closed list, given as pairs of word and meaning.
    pub(super) fn word<T: Copy>(&self, known: &[(&str, T)]) -> Option<T> {
        if let Some(words) = Setting::of_path(&self.key).and_then(Setting::words) {
            assert!(
                known.iter().all(|(word, _)| words.contains(word)),
                "{} knows words that settings.rs does not have",
                self.key
            );
        }
        let word = self.text()?;
        let found = known
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, meaning)| *meaning);
        if found.is_none() {
            let known = known.iter().map(|(name, _)| (*name).to_owned()).collect();
            self.refuse(WrongSetting::UnknownWord {
                key: self.key.clone(),
                word,
                known,
            });
        }
        found
    }

    /// A member of a closed list, by its code.
    pub(super) fn member<T: Copy>(&self, all: &[T], code: fn(T) -> &'static str) -> Option<T> {
        let known: Vec<(&str, T)> = all.iter().map(|one| (code(*one), *one)).collect();
        self.word(&known)
    }

    fn wrong_type<T>(&self, slip: TomlSlip) -> Option<T> {
        let found = self.node.get_ref().type_str();
        self.refuse(WrongSetting::Syntax {
            slip,
            reason: format!("{}: expected {slip}, found {found}", self.key),
        });
        None
    }
}

/// The known key most like a mistyped one, if any is like it at all.
fn nearest<'k>(key: &str, known: impl Iterator<Item = &'k str>) -> Option<String> {
    let scored = known.map(|name| (strsim::normalized_damerau_levenshtein(key, name), name));
    let best = scored
        .filter(|(score, _)| *score >= 0.5)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)));
    best.map(|(_, name)| name.to_owned())
}
