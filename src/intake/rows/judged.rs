//! What a row is: a record, or why it is none.

use std::borrow::Cow;

use super::plan::{Plan, RowPerson, without_tail};
use crate::domain::Fate;
use crate::intake::cell;
use crate::intake::header;
use crate::intake::marks;

/// What a row turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RowIs {
    /// One record, or those of a household.
    Data,
    /// Set aside.
    Aside(Fate),
    /// The header of another table, it seems. It was not counted.
    AnotherHeader,
    /// A row with the header of another table behind it: two files were joined without a line end. It was not counted.
    Glued,
}

impl Plan<'_> {
    /// What a row is that was judged already, should it be longer than its header.
    pub(super) fn with_surplus(&self, judged: RowIs, cells: &[Cow<'_, str>]) -> RowIs {
        let surplus = self.surplus(cells);
        if surplus.is_empty() || judged == RowIs::AnotherHeader {
            return judged;
        }
        if self.may_change && header::looks_like_a_header(self.ask, surplus) {
            return RowIs::Glued;
        }
        match judged {
            RowIs::Data => RowIs::Aside(Fate::TooLong),
            other => other,
        }
    }

    /// What a row is. Cells of tables beside it are cleared already; `beside` says that there were some.
    pub(super) fn judged(&self, cells: &[Cow<'_, str>], beside: bool) -> RowIs {
        let has_id = |is_one: fn(&str) -> bool| {
            let ids = self
                .people
                .iter()
                .filter_map(|person| person.id)
                .map(|column| cell::at(cells, column));
            let mut ids = ids.filter(|id| is_one(id));
            ids.any(|id| !self.like_ids.iter().any(|text| text == id))
        };
        // Almost every row. What only resembles a number may be a day or a telephone in a line about the table.
        if has_id(marks::is_citizen_number) && !self.begins_with_a_label(cells)
            || has_id(marks::looks_like_id)
                && !self.is_total(cells)
                && !self.is_about_the_table(cells)
        {
            return RowIs::Data;
        }
        if cells.iter().all(|c| cell::trimmed(c).is_empty()) {
            return RowIs::Aside(if beside { Fate::Note } else { Fate::Blank });
        }
        if self.fields.is_empty() {
            return RowIs::Aside(Fate::Note);
        }
        if self.is_heading(cells) || marks::is_units(cells) {
            return RowIs::Aside(Fate::Heading);
        }
        if self.is_total(cells) {
            return RowIs::Aside(Fate::Total);
        }
        if self.may_change && header::looks_like_a_header(self.ask, cells) {
            return RowIs::AnotherHeader;
        }
        if self.is_note(cells) {
            RowIs::Aside(Fate::Note)
        } else {
            RowIs::Data
        }
    }

    /// Whether a row at the end of a text, shorter than the others, may have broken off: it is no total and no line about the
    /// table, and what stands alone is no word.
    pub(crate) fn may_go_on(&self, cells: &[Cow<'_, str>]) -> bool {
        let first = cells
            .iter()
            .map(|c| cell::trimmed(c))
            .find(|c| !c.is_empty());
        match self.judged(cells, false) {
            RowIs::Data => true,
            RowIs::Aside(Fate::Note) => first.is_some_and(|text| text.is_ascii()),
            RowIs::Aside(_) | RowIs::AnotherHeader | RowIs::Glued => false,
        }
    }

    fn begins_with_a_label(&self, cells: &[Cow<'_, str>]) -> bool {
        let mut filled = cells.iter().map(|text| cell::trimmed(text));
        let first = filled.find(|text| !text.is_empty());
        first.is_some_and(marks::ends_as_a_label)
    }

    pub(super) fn is_heading(&self, cells: &[Cow<'_, str>]) -> bool {
        is_among(&self.headings, cells)
    }

    /// A row of the header itself once more, as on top of every page.
    pub(crate) fn is_own_header(&self, cells: &[Cow<'_, str>]) -> bool {
        let row = self.as_written(cells);
        !row.is_empty() && self.headings[self.headings.len() - self.levels..].contains(&row)
    }

    /// Whether the columns name people, and a row below another table plainly is one.
    pub(crate) fn is_plainly_a_record(&self, cells: &[Cow<'_, str>]) -> bool {
        let id = |person: &RowPerson| {
            person
                .id
                .is_some_and(|column| marks::is_citizen_number(cell::at(cells, column)))
        };
        self.people.iter().any(id)
    }

    /// 合计 and its kin in one of the first cells, or where the name or region stands.
    fn is_total(&self, cells: &[Cow<'_, str>]) -> bool {
        let more = self.names.iter().chain(&self.regions).copied();
        (self.first..self.first + 4)
            .chain(more)
            .any(|column| marks::names_a_total(cell::at(cells, column)))
    }

    /// A signature or remark line, or next to nothing that names neither a person nor a region with figures.
    fn is_note(&self, cells: &[Cow<'_, str>]) -> bool {
        let filled: Vec<&str> = cells
            .iter()
            .map(|c| cell::trimmed(c))
            .filter(|text| !text.is_empty())
            .collect();
        if self.is_about_the_table(cells) {
            return true;
        }
        if filled.iter().all(|text| marks::is_rule(text)) {
            return true;
        }
        if filled.len() <= 3 && filled.iter().any(|text| marks::is_page_number(text)) {
            return true;
        }
        if filled.len() > 2 {
            return false;
        }
        let is_prose = filled.len() == 1 && is_prose(filled[0]);
        let any = |columns: &[usize]| columns.iter().any(|c| !cell::at(cells, *c).is_empty());
        if !self.ask.rule.kind.has_persons() {
            return !any(&self.figures) && (!any(&self.regions) || is_prose);
        }
        let id = self.people.iter().any(|person| {
            person
                .id
                .is_some_and(|column| !cell::at(cells, column).is_empty())
        });
        let is_sentence = filled.len() == 1 && is_no_name(filled[0]);
        !id && (!any(&self.names) || is_prose || is_sentence)
    }

    /// A signature or a remark at the front; or signatures in a line that is little else, and names nobody. One among the
    /// cells of a person is the person's: 监护人代办（签字）.
    fn is_about_the_table(&self, cells: &[Cow<'_, str>]) -> bool {
        let filled = || {
            cells
                .iter()
                .map(|c| cell::trimmed(c))
                .filter(|text| !text.is_empty())
        };
        let Some(first) = filled().next() else {
            return false;
        };
        if marks::is_signature(first) || marks::is_remark(first) || self.is_of_a_form(cells) {
            return true;
        }
        let (all, signed) = (
            filled().count(),
            filled().filter(|text| marks::is_signature(text)).count(),
        );
        let is_name = |text: &str| !text.is_empty() && !marks::is_signature(text);
        let named = || {
            self.names
                .iter()
                .any(|column| is_name(cell::at(cells, *column)))
        };
        signed > 0 && (signed * 2 >= all && signed > 1 || all <= 3 && !named())
    }
}

fn is_among(rows: &[Vec<String>], cells: &[Cow<'_, str>]) -> bool {
    rows.iter()
        .any(|row| !row.is_empty() && row.iter().map(String::as_str).eq(without_tail(cells)))
}

/// More than any name is long.
fn is_prose(text: &str) -> bool {
    text.chars().count() > 30
}

/// A cell alone in its row that is no name: the title of a table, or a sentence. Names of more than six letters have a
/// dot in the middle, or are not Chinese, and their letters are few: 买买提阿卜杜拉江.
fn is_no_name(text: &str) -> bool {
    let is_long = text.chars().count() > 6
        && !text.contains(['·', '•', '．', '.', '・'])
        && !text.bytes().any(|b| b.is_ascii_alphabetic());
    is_long && marks::is_said(text) || marks::is_title(text)
}
