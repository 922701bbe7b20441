//! What a header says about the rows below it: what becomes of every cell.

use std::borrow::Cow;
use std::ops::Range;

use super::idle;
use crate::domain::Field;
use crate::intake::ask::Ask;
use crate::intake::cell::{self, RowCells};
use crate::intake::header::{Header, is_same_value, letters};
use crate::intake::marks;
use crate::intake::sheet::SourceColumn;

/// What a header says about the rows below it.
pub(crate) struct Plan<'r> {
    pub(super) ask: Ask<'r>,
    pub(super) columns: Vec<SourceColumn>,
    /// Every field that is kept, in order of its slot.
    pub(super) fields: Vec<Field>,
    pub(super) doubles: Vec<(usize, usize, Field)>,
    /// Whether columns that differ are several people in a row, rather than two offices' words for one thing.
    pub(super) repeats_people: bool,
    /// Who stands in a row: one person, or the people of a household.
    pub(super) people: Vec<RowPerson>,
    /// The use of a cell beyond the header.
    pub(super) beyond: Use,
    pub(super) names: Vec<usize>,
    /// Columns that name a region, and columns with figures (tables of figures).
    pub(super) regions: Vec<usize>,
    pub(super) figures: Vec<usize>,
    /// Columns that nobody uses, where they could hold another person's number.
    pub(super) idle: Vec<usize>,
    /// First column of the table.
    pub(super) first: usize,
    /// Columns that are none of the table's: they hold tables beside it.
    pub(super) beside: Vec<Range<usize>>,
    /// Rows at and above the header as written: met again below, they are headings of a new page.
    pub(super) headings: Vec<Vec<String>>,
    /// Those words of them that a number may look like.
    pub(super) like_ids: Vec<String>,
    /// How many of them, from the end, are the header's own.
    pub(super) levels: usize,
    /// Cells of the widest of the header's own rows, blank ones too.
    header_cells: usize,
    /// Cells stand one behind the other, so that one too many shifts those behind it.
    is_separated: bool,
    /// Whether another header may stand below.
    pub(super) may_change: bool,
}

/// Fields that name a region, and fields with figures, in tables of figures.
pub(super) const REGIONS: [Field; 5] = [
    Field::Village,
    Field::Township,
    Field::County,
    Field::Place,
    Field::RegionCode,
];
const FIGURES: [Field; 8] = [
    Field::Task,
    Field::Population,
    Field::Floor,
    Field::LastYear,
    Field::LastYearEmployee,
    Field::LastYearTotal,
    Field::Members,
    Field::Total,
];

/// One person of a row.
pub(super) struct RowPerson {
    pub(super) id: Option<usize>,
    /// What becomes of the cells of every column.
    pub(super) uses: Vec<Use>,
    /// Columns of this person alone; empty where the row is one person.
    pub(super) own: Vec<usize>,
    /// Slots that no column of this person fills.
    pub(super) absent: Vec<usize>,
}

/// What becomes of the cells of a column.
#[derive(Clone, Copy, Default)]
pub(super) struct Use {
    /// Seed of their digests; `None` for the serial number, which says nothing about a record.
    pub(super) seed: Option<u64>,
    /// Position among the fields that are kept.
    pub(super) slot: Option<usize>,
    /// Kept with the blanks around it: whoever repairs the cell must say what was written.
    pub(super) whole: bool,
}

impl<'r> Plan<'r> {
    /// From a header and the rows up to and including it.
    pub(crate) fn new(ask: Ask<'r>, header: &Header, above: &[RowCells<'_>]) -> Self {
        Plan::after(&[], ask, header, above)
    }

    /// The same for a header below another, whose fields keep their slots.
    pub(crate) fn after(
        before: &[Field],
        ask: Ask<'r>,
        header: &Header,
        above: &[RowCells<'_>],
    ) -> Self {
        let mut fields: Vec<Field> = before.to_vec();
        for field in header.named() {
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
        let own = &above[header.at.min(above.len())..];
        let mut plan = Plan {
            ask,
            columns: header.columns.clone(),
            doubles: header.doubles.clone(),
            repeats_people: header.repeats_people(),
            people: RowPerson::all(header, &fields),
            beyond: Use {
                seed: Some(cell::seed("")),
                ..Use::default()
            },
            names: header
                .claimed()
                .filter(|(_, field)| *field == Field::Name)
                .map(|(column, _)| column)
                .collect(),
            regions: header.columns_of(&REGIONS),
            figures: header.columns_of(&FIGURES),
            idle: idle::idle(&header.columns),
            first: header
                .columns
                .iter()
                .position(|column| !column.header.is_empty())
                .unwrap_or(0),
            beside: header
                .neighbours
                .iter()
                .map(|other| other.columns.clone())
                .collect(),
            levels: own.len(),
            header_cells: own.iter().map(Vec::len).max().unwrap_or(0),
            is_separated: false,
            headings: Vec::new(),
            like_ids: Vec::new(),
            may_change: !fields.is_empty(),
            fields,
        };
        plan.remember(above);
        plan
    }

    /// Keeps the rows at and above the header.
    fn remember(&mut self, above: &[RowCells<'_>]) {
        self.headings = above.iter().map(|row| self.as_written(row)).collect();
        let like_ids = self
            .headings
            .iter()
            .flatten()
            .filter(|text| marks::is_citizen_number(text) || marks::looks_like_id(text));
        self.like_ids = like_ids.cloned().collect();
    }

    /// A sheet without a header: nothing in it is data.
    pub(crate) fn of_notes(ask: Ask<'r>) -> Self {
        Plan::new(ask, &Header::default(), &[])
    }

    /// The same for a file whose columns are named once and for all (parquet).
    pub(crate) fn fixed(self) -> Self {
        Plan {
            may_change: false,
            ..self
        }
    }

    /// The same for a text: a cell says by its turn alone which column it is of.
    pub(crate) fn separated(self) -> Self {
        Plan {
            is_separated: true,
            ..self
        }
    }

    /// Cells of the header's row.
    pub(crate) fn header_cells(&self) -> usize {
        self.header_cells
    }

    /// What stands in a text's row beyond its header; nothing where that is blank.
    pub(super) fn surplus<'c, 'a>(&self, cells: &'c [Cow<'a, str>]) -> &'c [Cow<'a, str>] {
        let beyond = match cells.get(self.header_cells..) {
            Some(beyond) if self.is_separated => beyond,
            _ => &[],
        };
        if beyond.iter().all(|text| cell::trimmed(text).is_empty()) {
            &[]
        } else {
            beyond
        }
    }

    /// Every field that is kept.
    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Whether the cells of a simple row are a record by a citizen's number among them.
    pub(crate) fn has_citizen_number(&self, cells: &[&str]) -> bool {
        let id = self
            .people
            .first()
            .and_then(|person| person.id)
            .and_then(|column| cells.get(column));
        let id = id.map(|cell| cell::trimmed(cell));
        let mut filled = cells.iter().map(|cell| cell::trimmed(cell));
        let first = filled.find(|text| !text.is_empty());
        id.is_some_and(|id| {
            marks::is_citizen_number(id) && !self.like_ids.iter().any(|text| text == id)
        }) && !first.is_some_and(marks::ends_as_a_label)
    }

    /// The columns as they were understood.
    pub(crate) fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    /// The cells of the matched columns that hold anything.
    pub(super) fn kept(&self, cells: &[Cow<'_, str>]) -> Vec<(Field, String)> {
        let Some(person) = self.people.first() else {
            return Vec::new();
        };
        let slots = person
            .uses
            .iter()
            .enumerate()
            .filter_map(|(column, used)| Some((column, self.fields[used.slot?])));
        let mut kept: Vec<(Field, String)> = slots
            .map(|(column, field)| (field, cell::at(cells, column).to_owned()))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        kept.sort_by_key(|(field, _)| self.fields.iter().position(|other| other == field));
        kept
    }

    /// Headers of the columns that claim a field; with their letters where the words alone would not tell them apart.
    pub(super) fn claimants(&self, field: Field) -> Vec<String> {
        let claiming: Vec<(usize, &str)> = (0..)
            .zip(&self.columns)
            .filter(|(_, c)| c.field == Some(field))
            .map(|(at, c)| (at, c.header.as_str()))
            .collect();
        let is_shared = |header: &str| {
            claiming
                .iter()
                .filter(|(_, other)| *other == header)
                .count()
                > 1
        };
        let label = |(at, header): &(usize, &str)| {
            if is_shared(header) {
                format!("{header}({}列)", letters(*at))
            } else {
                (*header).to_owned()
            }
        };
        claiming.iter().map(label).collect()
    }
}

impl RowPerson {
    /// The people of a row below this header, one if it names no household.
    fn all(header: &Header, fields: &[Field]) -> Vec<Self> {
        match &header.people[..] {
            [] => vec![RowPerson::of(header, &[], fields)],
            people => people
                .iter()
                .map(|own| RowPerson::of(header, own, fields))
                .collect(),
        }
    }

    fn of(header: &Header, own: &[(usize, Field)], fields: &[Field]) -> Self {
        let is_another_s =
            |column: usize| header.people.iter().flatten().any(|(c, _)| *c == column);
        let is_double = |column: usize| header.doubles.iter().any(|(_, other, _)| *other == column);
        let field_of = |column: usize| {
            own.iter()
                .chain(&header.fields)
                .find(|(c, _)| *c == column)
                .map(|(_, field)| *field)
        };
        let used = |(column, key): (usize, &String)| match field_of(column) {
            // Two offices' headers for one field are one column.
            Some(field) => Use {
                seed: (field != Field::Serial).then(|| cell::seed(field.code())),
                slot: fields.iter().position(|kept| *kept == field),
                whole: matches!(field, Field::Id | Field::Name),
            },
            None if is_another_s(column) || is_double(column) => Use::default(),
            None => Use {
                seed: Some(cell::seed(key)),
                ..Use::default()
            },
        };
        let uses: Vec<Use> = header.keys.iter().enumerate().map(used).collect();
        let id = own
            .iter()
            .chain(&header.fields)
            .find(|(_, field)| *field == Field::Id)
            .map(|(column, _)| *column);
        let absent = (0..fields.len())
            .filter(|slot| !uses.iter().any(|used| used.slot == Some(*slot)))
            .collect();
        RowPerson {
            id,
            uses,
            own: own.iter().map(|(column, _)| *column).collect(),
            absent,
        }
    }

    /// Whether the row says anything of this person: a dash is nothing.
    pub(super) fn is_there(&self, cells: &[Cow<'_, str>]) -> bool {
        let says = |column: &usize| {
            cell::at(cells, *column)
                .chars()
                .any(|c| !"/\\-—－–_".contains(c))
        };
        self.own.is_empty() || self.own.iter().any(says)
    }
}

/// What was done to a row before it was judged.
pub(super) struct Prepared<'a> {
    /// Cells of tables beside it.
    pub(super) taken: Vec<(usize, Cow<'a, str>)>,
    /// Columns that changed places.
    pub(super) moved: Vec<(usize, usize)>,
    /// The first field whose columns differ.
    pub(super) differing: Option<Field>,
}

impl<'a> Prepared<'a> {
    /// The row as it was: another header says itself which columns are whose.
    pub(super) fn undo(self, cells: &mut RowCells<'a>) {
        for (first, other) in self.moved.into_iter().rev() {
            cells.swap(first, other);
        }
        for (column, text) in self.taken {
            cells[column] = text;
        }
    }
}

impl Plan<'_> {
    /// Makes a row ready to be read: cells of tables beside it are taken out, and a field whose column is blank is filled
    /// from its second column.
    pub(super) fn prepare<'a>(&self, cells: &mut RowCells<'a>) -> Prepared<'a> {
        let mut prepared = Prepared {
            taken: Vec::new(),
            moved: Vec::new(),
            differing: None,
        };
        for columns in &self.beside {
            for column in columns.start.min(cells.len())..columns.end.min(cells.len()) {
                if !cell::trimmed(&cells[column]).is_empty() {
                    prepared
                        .taken
                        .push((column, std::mem::take(&mut cells[column])));
                }
            }
        }
        for (first, other, field) in &self.doubles {
            let (one, two) = (cell::at(cells, *first), cell::at(cells, *other));
            if one == two || two.is_empty() {
                continue;
            }
            if one.is_empty() {
                // The first is left of the other, so it is there.
                cells.swap(*first, *other);
                prepared.moved.push((*first, *other));
            } else if prepared.differing.is_none() && !is_same_value(one, two) {
                prepared.differing = Some(*field);
            }
        }
        prepared
    }

    /// A row of words as it is met again: without the tables beside it.
    pub(super) fn as_written(&self, row: &[Cow<'_, str>]) -> Vec<String> {
        let mut row = row.to_vec();
        self.prepare(&mut row);
        without_tail(&row).map(str::to_owned).collect()
    }
}

/// Trimmed cells up to the last filled one.
pub(super) fn without_tail<'c>(cells: &'c [Cow<'_, str>]) -> impl Iterator<Item = &'c str> {
    let filled = cells
        .iter()
        .rposition(|c| !cell::trimmed(c).is_empty())
        .map_or(0, |last| last + 1);
    cells[..filled].iter().map(|c| cell::trimmed(c))
}
