//! Lines of printed forms: labels with what they name, between the tables of one household and the next.

use std::borrow::Cow;

use super::plan::{Plan, REGIONS};
use crate::domain::Field;
use crate::intake::cell;
use crate::intake::header;
use crate::intake::marks;
use crate::intake::sheet::SheetLine;

/// Letters of a title that are looked at.
const MOST_TITLE: usize = 120;

/// Letters at most of a place that stands alone in a row.
const MOST_BANNER: usize = 24;

/// What a line may say of all rows below it.
const TOLD: [Field; 4] = [
    Field::Township,
    Field::Village,
    Field::Household,
    Field::Head,
];

impl Plan<'_> {
    /// What stands above the header: titles (row 0), and what the labels of a form say (row 1).
    pub(crate) fn titles(&self) -> Vec<SheetLine> {
        let above = self.headings.len().saturating_sub(self.levels);
        let mut lines = Vec::new();
        for row in &self.headings[..above] {
            let cells: Vec<Cow<'_, str>> = row.iter().map(Cow::from).collect();
            if self.is_of_a_form(&cells) {
                lines.extend(self.labelled(1, &cells));
            }
            let title = row.join(" ");
            let text: String = title.trim().chars().take(MOST_TITLE).collect();
            let line = SheetLine {
                row: 0,
                field: None,
                text,
            };
            lines.extend(Some(line).filter(|line| !line.text.is_empty()));
        }
        lines
    }

    /// What a row that is no record says of the rows below it, in a table of persons.
    pub(super) fn told(&self, row: u32, cells: &[Cow<'_, str>]) -> Vec<SheetLine> {
        if self.is_of_a_form(cells) {
            self.labelled(row, cells)
        } else {
            self.banner(row, cells).into_iter().collect()
        }
    }

    /// The place that stands alone in a row of a table of persons in which no column names one.
    fn banner(&self, row: u32, cells: &[Cow<'_, str>]) -> Option<SheetLine> {
        let names_places = self.fields.iter().any(|field| REGIONS.contains(field));
        if names_places || self.is_heading(cells) || !self.ask.rule.kind.has_persons() {
            return None;
        }
        let mut filled = cells.iter().map(|text| cell::trimmed(text));
        let text = filled.by_ref().find(|text| !text.is_empty())?;
        let alone = filled.all(str::is_empty);
        let is_place = text.ends_with(['村', '区', '镇', '乡', '道', '会', '居', '处', '场']);
        (alone && is_place && text.chars().count() <= MOST_BANNER).then(|| SheetLine {
            row,
            field: None,
            text: text.to_owned(),
        })
    }

    /// Whether a line begins with a label: 户号：, or 户号：H001 where the label is a word of headers. No record of a person does.
    pub(super) fn is_of_a_form(&self, cells: &[Cow<'_, str>]) -> bool {
        if !self.ask.rule.kind.has_persons() {
            return false;
        }
        let mut filled = cells.iter().map(|text| cell::trimmed(text));
        let first = filled.find(|text| !text.is_empty());
        first
            .and_then(marks::labelled)
            .is_some_and(|(label, value)| value.is_empty() || self.field_of(label).is_some())
    }

    fn field_of(&self, label: &str) -> Option<Field> {
        header::fields_of(self.ask, &[Cow::from(label)])
            .first()
            .copied()
    }

    /// What labels name that no column does; a label with nothing behind it says that it is not known here.
    fn labelled(&self, row: u32, cells: &[Cow<'_, str>]) -> Vec<SheetLine> {
        let mut lines = Vec::new();
        for (at, text) in cells.iter().enumerate() {
            let pairs = marks::pairs(cell::trimmed(text));
            let Some((last, _)) = pairs.last().copied() else {
                continue;
            };
            let mut behind = cells[at + 1..].iter().map(|text| cell::trimmed(text));
            let behind = behind.find(|text| !text.is_empty());
            let behind = behind.filter(|text| marks::labelled(text).is_none());
            for (label, inside) in pairs {
                let beside = behind.filter(|_| inside.is_empty() && label == last);
                lines.extend(self.tells(label).map(|field| SheetLine {
                    row,
                    field: Some(field),
                    text: beside.unwrap_or(inside).to_owned(),
                }));
            }
        }
        lines
    }

    /// What a label tells of the rows below it, where no column does.
    fn tells(&self, label: &str) -> Option<Field> {
        let has = |field: &Field| self.fields.contains(field);
        let is_told = |field: &Field| {
            let is_place = REGIONS.contains(field);
            TOLD.contains(field) && !has(field) && !(is_place && REGIONS.iter().any(has))
        };
        self.field_of(label).filter(is_told)
    }
}
