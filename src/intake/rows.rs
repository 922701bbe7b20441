//! Rows below a header: told apart, and gathered into columns of text.

use std::borrow::Cow;
use std::ops::Range;

use polars::prelude::{
    ChunkFullNull, DataFrame, IntoColumn, NamedFromOwned, Series, StringChunked,
    StringChunkedBuilder,
};

use super::cell::{self, Cells};
use super::handed::Borrowed;
use super::header::agreement;
use super::header::marks;
use super::header::{self, Ask, Header};
use super::{Beside, Column, Origin, Sheet, TotalRow};
use crate::domain::{Fate, FateCounts, Field, columns};

/// What a header says about the rows below it.
pub struct Plan<'r> {
    ask: Ask<'r>,
    columns: Vec<Column>,
    /// Every field that is kept, in order of its slot.
    fields: Vec<Field>,
    doubles: Vec<(usize, usize, Field)>,
    /// Whether columns that differ are several people in a row, rather than two offices' words for one thing.
    repeats_people: bool,
    /// Who stands in a row: one person, or the people of a household.
    people: Vec<Person>,
    /// The use of a cell beyond the header.
    beyond: Use,
    names: Vec<usize>,
    /// Columns that name a region, and columns with figures (tables of figures).
    regions: Vec<usize>,
    figures: Vec<usize>,
    /// First column of the table.
    first: usize,
    /// Columns that are none of the table's: they hold tables beside it.
    beside: Vec<Range<usize>>,
    /// Rows at and above the header as written: met again below, they are headings of a new page.
    headings: Vec<Vec<String>>,
    /// Those words of them that a number may look like.
    like_ids: Vec<String>,
    /// How many of them, from the end, are the header's own.
    levels: usize,
    /// Whether another header may stand below.
    may_change: bool,
}

/// One person of a row.
struct Person {
    id: Option<usize>,
    /// What becomes of the cells of every column.
    uses: Vec<Use>,
    /// Columns of this person alone; empty where the row is one person.
    own: Vec<usize>,
    /// Slots that no column of this person fills.
    absent: Vec<usize>,
}

/// What becomes of the cells of a column.
#[derive(Clone, Copy, Default)]
struct Use {
    /// Seed of their digests; `None` for the serial number, which says nothing about a record.
    seed: Option<u64>,
    /// Position among the fields that are kept.
    slot: Option<usize>,
    /// Kept with the blanks around it: whoever repairs the cell must say what was written.
    whole: bool,
}

/// What a row turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Row {
    /// One record, or those of a household.
    Data,
    /// Set aside.
    Aside(Fate),
    /// The header of another table, it seems. It was not counted.
    AnotherHeader,
}

impl<'r> Plan<'r> {
    /// From a header and the rows up to and including it.
    pub fn new(ask: Ask<'r>, header: &Header, above: &[Cells<'_>]) -> Self {
        Plan::after(&[], ask, header, above)
    }

    /// The same for a header below another, whose fields keep their slots.
    pub fn after(before: &[Field], ask: Ask<'r>, header: &Header, above: &[Cells<'_>]) -> Self {
        let of = |wanted: Field| {
            header
                .fields
                .iter()
                .find(|(_, f)| *f == wanted)
                .map(|(c, _)| *c)
        };
        let all = |wanted: &[Field]| wanted.iter().filter_map(|f| of(*f)).collect();
        let beside: Vec<Range<usize>> = header
            .neighbours
            .iter()
            .map(|other| other.columns.clone())
            .collect();
        let levels = above[header.at.min(above.len())..].len();
        let mut fields: Vec<Field> = before.to_vec();
        for (_, field) in header.fields.iter().chain(header.people.iter().flatten()) {
            if !fields.contains(field) {
                fields.push(*field);
            }
        }
        let none = Vec::new();
        let people = if header.people.is_empty() {
            std::slice::from_ref(&none)
        } else {
            &header.people[..]
        };
        let people: Vec<Person> = people
            .iter()
            .map(|own| person(header, own, &fields))
            .collect();
        let names = header.fields.iter().chain(header.people.iter().flatten());
        let mut plan = Plan {
            ask,
            columns: header.columns.clone(),
            doubles: header.doubles.clone(),
            repeats_people: header.repeats_people(),
            people,
            beyond: Use {
                seed: Some(cell::seed("")),
                ..Use::default()
            },
            names: names
                .filter(|(_, field)| *field == Field::Name)
                .map(|(column, _)| *column)
                .collect(),
            regions: all(&[
                Field::Village,
                Field::Township,
                Field::County,
                Field::Place,
                Field::RegionCode,
            ]),
            figures: all(&[
                Field::Task,
                Field::Population,
                Field::Floor,
                Field::LastYear,
                Field::LastYearEmployee,
                Field::LastYearTotal,
                Field::Members,
                Field::Total,
            ]),
            first: header
                .columns
                .iter()
                .position(|column| !column.header.is_empty())
                .unwrap_or(0),
            beside,
            levels,
            headings: Vec::new(),
            like_ids: Vec::new(),
            may_change: !fields.is_empty(),
            fields,
        };
        plan.headings = above.iter().map(|row| plan.as_written(row)).collect();
        let like_ids = plan
            .headings
            .iter()
            .flatten()
            .filter(|text| marks::is_citizen_number(text) || marks::looks_like_id(text));
        plan.like_ids = like_ids.cloned().collect();
        plan
    }

    /// A row of words as it is met again: without the tables beside it.
    fn as_written(&self, row: &[Cow<'_, str>]) -> Vec<String> {
        let mut row = row.to_vec();
        self.prepare(&mut row);
        without_tail(&row).map(str::to_owned).collect()
    }

    /// A sheet without a header: nothing in it is data.
    pub fn of_notes(ask: Ask<'r>) -> Self {
        Plan::new(ask, &Header::default(), &[])
    }

    /// The same for a file whose columns are named once and for all (parquet).
    pub fn fixed(self) -> Self {
        Plan {
            may_change: false,
            ..self
        }
    }

    /// Every field that is kept.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// A run of records as the header has them; nothing where a record takes more than to lay its cells into columns.
    pub fn run<'a>(&self) -> Option<Run<'a>> {
        let [person] = &self.people[..] else {
            return None;
        };
        let is_simple = person.own.is_empty() && self.beside.is_empty() && self.doubles.is_empty();
        let width = person.uses.len();
        (is_simple && width > 0).then(|| Run {
            width,
            rows: Vec::with_capacity(RUN_ROWS),
            cells: Vec::with_capacity(RUN_ROWS * width),
        })
    }

    /// Whether the cells of a simple row are a record by a citizen's number among them.
    pub fn has_citizen_number(&self, cells: &[&str]) -> bool {
        let id = self
            .people
            .first()
            .and_then(|person| person.id)
            .and_then(|column| cells.get(column));
        let id = id.map(|cell| cell::trimmed(cell));
        id.is_some_and(|id| {
            marks::is_citizen_number(id) && !self.like_ids.iter().any(|text| text == id)
        })
    }

    /// The columns as they were understood.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// What a row is. Cells of tables beside it are cleared already; `beside` says that there were some.
    fn judged(&self, cells: &[Cow<'_, str>], beside: bool) -> Row {
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
        if has_id(marks::is_citizen_number)
            || has_id(marks::looks_like_id)
                && !self.is_total(cells)
                && !self.is_about_the_table(cells)
        {
            return Row::Data;
        }
        if cells.iter().all(|c| cell::trimmed(c).is_empty()) {
            return Row::Aside(if beside { Fate::Note } else { Fate::Blank });
        }
        if self.fields.is_empty() {
            return Row::Aside(Fate::Note);
        }
        if self.is_heading(cells) || marks::is_units(cells) {
            return Row::Aside(Fate::Heading);
        }
        if self.is_total(cells) {
            return Row::Aside(Fate::Total);
        }
        if self.may_change && header::looks_like_one(self.ask, cells) {
            return Row::AnotherHeader;
        }
        if self.is_note(cells) {
            Row::Aside(Fate::Note)
        } else {
            Row::Data
        }
    }

    fn is_heading(&self, cells: &[Cow<'_, str>]) -> bool {
        is_among(&self.headings, cells)
    }

    /// A row of the header itself once more, as on top of every page.
    pub fn is_own_header(&self, cells: &[Cow<'_, str>]) -> bool {
        let row = self.as_written(cells);
        !row.is_empty() && self.headings[self.headings.len() - self.levels..].contains(&row)
    }

    /// Whether the columns name people, and a row below another table plainly is one.
    pub fn is_plainly_a_record(&self, cells: &[Cow<'_, str>]) -> bool {
        let id = |person: &Person| {
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
        if marks::is_signature(first) || marks::is_remark(first) {
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

    /// Makes a row ready to be read: cells of tables beside it are taken out, and a field whose column is blank is filled
    /// from its second column.
    fn prepare<'a>(&self, cells: &mut Cells<'a>) -> Prepared<'a> {
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
            } else if prepared.differing.is_none() && !agreement::is_same_value(one, two) {
                prepared.differing = Some(*field);
            }
        }
        prepared
    }

    /// Headers of the columns that claim a field; with their letters where the words alone would not tell them apart.
    fn claimants(&self, field: Field) -> Vec<String> {
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
                format!("{header}({}列)", super::header::meaning::letters(*at))
            } else {
                (*header).to_owned()
            }
        };
        claiming.iter().map(label).collect()
    }
}

fn person(header: &Header, own: &[(usize, Field)], fields: &[Field]) -> Person {
    let is_another_s = |column: usize| header.people.iter().flatten().any(|(c, _)| *c == column);
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
    Person {
        id,
        uses,
        own: own.iter().map(|(column, _)| *column).collect(),
        absent,
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

/// What was done to a row before it was judged.
struct Prepared<'a> {
    /// Cells of tables beside it.
    taken: Vec<(usize, Cow<'a, str>)>,
    /// Columns that changed places.
    moved: Vec<(usize, usize)>,
    /// The first field whose columns differ.
    differing: Option<Field>,
}

impl<'a> Prepared<'a> {
    /// The row as it was: another header says itself which columns are whose.
    fn undo(self, cells: &mut Cells<'a>) {
        for (first, other) in self.moved.into_iter().rev() {
            cells.swap(first, other);
        }
        for (column, text) in self.taken {
            cells[column] = text;
        }
    }
}

/// Trimmed cells up to the last filled one.
fn without_tail<'c>(cells: &'c [Cow<'_, str>]) -> impl Iterator<Item = &'c str> {
    let filled = cells
        .iter()
        .rposition(|c| !cell::trimmed(c).is_empty())
        .map_or(0, |last| last + 1);
    cells[..filled].iter().map(|c| cell::trimmed(c))
}

/// A field whose two columns differ: where first, and what the columns are called.
#[derive(Clone, Debug)]
pub struct Differing {
    pub row: u32,
    pub field: Field,
    pub headers: Vec<String>,
    /// Several people stand in a row.
    pub are_people: bool,
}

/// Bytes of text that a sheet, or a part of one, may hold: a million rows of 1 KB, several times what any register has. A
/// text that a workbook holds once may stand in every cell.
const MOST_TEXT: u64 = 1 << 30;

/// Rows of a chunk of columns: few enough that what doubles is small, many enough that later rooms meet few chunks.
const CHUNK_ROWS: usize = 1 << 16;

/// A cell as written: what stands in the file itself may be kept without a copy.
pub struct Written<'c, 'a>(pub &'c Cow<'a, str>);

/// Where the cells of records go.
pub trait Store<'a> {
    /// The cell of a row: what is kept of what was written, which is all of it or all but the blanks around it.
    fn put(&mut self, slot: usize, kept: &str, written: Written<'_, 'a>);
    /// A blank cell.
    fn blank(&mut self, slot: usize);
    /// All cells of the row were put.
    fn end_row(&mut self, row: u32, digest: u64);
}

/// Cells on their way into a frame.
pub struct Chunks {
    fields: Vec<Field>,
    texts: Vec<StringChunkedBuilder>,
    /// Earlier rows, a chunk a frame: a builder that doubles copies all it holds and has the kernel clear new pages.
    full: Vec<DataFrame>,
    rows: Vec<u32>,
    digests: Vec<u64>,
}

/// Bytes of a text that is rather compared with the one above it than digested again.
const LONG_TEXT: usize = 12;

/// Plain records that follow each other, cell by cell.
pub struct Run<'a> {
    /// Cells of a row.
    pub width: usize,
    /// Numbers of the rows.
    pub rows: Vec<u32>,
    /// The cells of all rows, row by row.
    pub cells: Vec<&'a str>,
}

/// Rows of a run: few enough to stay in the processor's own memory, text and all.
const RUN_ROWS: usize = 512;

impl Run<'_> {
    /// Whether it must be taken before it can grow.
    pub fn is_full(&self) -> bool {
        self.rows.len() >= RUN_ROWS
    }
}

/// The records of a sheet, and what was set aside. A large file is gathered in parts; parts are joined in order.
pub struct Gathered<S = Chunks> {
    store: S,
    /// Bytes of text kept.
    text: u64,
    /// Rows set aside by reason.
    pub set_aside: FateCounts,
    /// Total rows with their matched cells.
    pub totals: Vec<TotalRow>,
    /// Rows met, whatever became of them; a household's row as many times as people stand in it.
    pub rows_read: u64,
    /// A field whose two columns differ somewhere.
    pub differing: Option<Differing>,
}

impl Gathered {
    /// Nothing yet, with room for so many rows.
    pub fn new(plan: &Plan<'_>, capacity: usize) -> Self {
        Gathered::with_store(Chunks::new(&plan.fields, capacity))
    }

    /// Makes room for the fields of a further header: they are blank in all rows so far.
    pub fn widen(&mut self, plan: &Plan<'_>) {
        self.store.widen(plan);
    }

    /// A sheet as it begins, without rows: all that is known of it before its end.
    pub fn opening(&mut self, origin: &Origin, columns: &[Column]) -> Sheet {
        Sheet {
            origin: origin.clone(),
            header_row: 0,
            columns: columns.to_vec(),
            table: self.frame(),
            set_aside: FateCounts::default(),
            totals: Vec::new(),
            beside: Beside::default(),
        }
    }

    /// The frame of the data rows; nothing is left here.
    pub fn frame(&mut self) -> DataFrame {
        self.store.frame()
    }
}

impl<'a> Gathered<Borrowed<'a>> {
    /// Nothing yet, with room for so many rows whose text is borrowed.
    pub fn borrowing(plan: &Plan<'_>, capacity: usize) -> Self {
        Gathered::with_store(Borrowed::new(&plan.fields, capacity))
    }

    /// Takes the data rows of a run, all of one person and of the header's width.
    ///
    /// Column by column: what stands below each other is alike, and the machine guesses right what comes next.
    pub fn take_run(&mut self, plan: &Plan<'_>, run: &mut Run<'a>) {
        let Borrowed {
            rows,
            digests,
            cells: columns,
        } = &mut self.store;
        let before = digests.len();
        self.rows_read += run.rows.len() as u64;
        rows.append(&mut run.rows);
        digests.resize(rows.len(), 0);
        let Some(person) = plan.people.first() else {
            return;
        };
        for (column, used) in person.uses.iter().enumerate() {
            let cells = || {
                run.cells
                    .get(column..)
                    .unwrap_or_default()
                    .iter()
                    .step_by(run.width)
                    .copied()
            };
            let trimmed = || cells().map(cell::trimmed);
            match used.slot {
                Some(slot) if used.whole => {
                    let kept = cells()
                        .zip(trimmed())
                        .map(|(cell, text)| if text.is_empty() { text } else { cell });
                    columns[slot].1.extend(kept);
                }
                Some(slot) => columns[slot].1.extend(trimmed()),
                None => {}
            }
            if let Some(seed) = used.seed {
                add_digests(&mut digests[before..], seed, trimmed());
            }
        }
        for slot in &person.absent {
            columns[*slot].1.extend(rows[before..].iter().map(|_| ""));
        }
        run.cells.clear();
    }

    /// The data rows, and everything else.
    pub fn split(self, plan: &Plan<'_>) -> (Borrowed<'a>, Gathered) {
        let empty = Gathered::new(plan, 0);
        let Gathered {
            store,
            text,
            set_aside,
            totals,
            rows_read,
            differing,
        } = self;
        (
            store,
            Gathered {
                text,
                set_aside,
                totals,
                rows_read,
                differing,
                ..empty
            },
        )
    }
}

impl<S> Gathered<S> {
    fn with_store(store: S) -> Self {
        let (set_aside, totals) = (FateCounts::default(), Vec::new());
        Gathered {
            store,
            text: 0,
            set_aside,
            totals,
            rows_read: 0,
            differing: None,
        }
    }

    /// Takes a row that is known to be no record.
    pub fn take_aside(&mut self, cells: &[Cow<'_, str>], fate: Fate) {
        let blank = cells.iter().all(|c| cell::trimmed(c).is_empty());
        self.rows_read += 1;
        self.set_aside
            .add(if blank { Fate::Blank } else { fate }, 1);
    }

    /// Takes rows that are not there at all: gaps between the rows of a workbook.
    pub fn take_blanks(&mut self, rows: u64) {
        self.rows_read += rows;
        self.set_aside.add(Fate::Blank, rows);
    }

    /// Takes one row below the header. What is `out_of_sight` is no record.
    pub fn take<'a>(
        &mut self,
        plan: &Plan<'_>,
        row: u32,
        cells: &mut Cells<'a>,
        out_of_sight: bool,
    ) -> Row
    where
        S: Store<'a>,
    {
        let prepared = plan.prepare(cells);
        let mut judged = plan.judged(cells, !prepared.taken.is_empty());
        if judged == Row::Data && !plan.people.iter().any(|person| person.is_there(cells)) {
            judged = Row::Aside(Fate::Note);
        }
        if judged == Row::Data && out_of_sight {
            judged = Row::Aside(Fate::Hidden);
        }
        match judged {
            Row::Data => {
                for person in plan.people.iter().filter(|person| person.is_there(cells)) {
                    self.take_record(plan, person, row, cells);
                }
                if let Some(field) = prepared.differing.filter(|_| self.differing.is_none()) {
                    self.differing = Some(Differing {
                        row,
                        field,
                        headers: plan.claimants(field),
                        are_people: plan.repeats_people,
                    });
                }
            }
            Row::Aside(fate) => {
                self.rows_read += 1;
                self.set_aside.add(fate, 1);
                if fate == Fate::Total {
                    self.totals.push(TotalRow {
                        row,
                        cells: plan.kept(cells),
                    });
                }
            }
            Row::AnotherHeader => prepared.undo(cells),
        }
        judged
    }

    fn take_record<'a>(
        &mut self,
        plan: &Plan<'_>,
        person: &Person,
        row: u32,
        cells: &[Cow<'a, str>],
    ) where
        S: Store<'a>,
    {
        self.rows_read += 1;
        let mut digest = 0_u64;
        for (column, written) in cells.iter().enumerate() {
            let text = cell::trimmed(written);
            let used = person.uses.get(column).unwrap_or(&plan.beyond);
            if let Some(slot) = used.slot {
                if text.is_empty() {
                    self.store.blank(slot);
                } else {
                    let kept = if used.whole { written } else { text };
                    self.text += kept.len() as u64;
                    self.store.put(slot, kept, Written(written));
                }
            }
            if let Some(seed) = used.seed.filter(|_| !text.is_empty()) {
                digest = digest.wrapping_add(cell::digest(seed, text));
            }
        }
        // Columns that a short row does not reach, and fields that stand for others of the household only.
        let beyond = person
            .uses
            .iter()
            .skip(cells.len())
            .filter_map(|used| used.slot);
        for slot in beyond.chain(person.absent.iter().copied()) {
            self.store.blank(slot);
        }
        self.store.end_row(row, digest);
    }

    /// What is kept is more than any sheet of records holds: (limit in MiB).
    pub fn overflows(&self) -> Option<u64> {
        (self.text > MOST_TEXT).then_some(MOST_TEXT >> 20)
    }
}

/// Adds the digests of a column's cells to those of their rows.
fn add_digests<'c>(digests: &mut [u64], seed: u64, cells: impl Iterator<Item = &'c str>) {
    let (mut last, mut known) = ("", 0);
    for (digest, text) in digests
        .iter_mut()
        .zip(cells)
        .filter(|(_, text)| !text.is_empty())
    {
        // Most books are sorted by place, whose words are long; numbers differ from row to row.
        let differs = text.len() < LONG_TEXT || text.as_bytes()[0].is_ascii() || text != last;
        if differs {
            (last, known) = (text, cell::digest(seed, text));
        }
        *digest = digest.wrapping_add(known);
    }
}

impl<'a> Store<'a> for Chunks {
    fn put(&mut self, slot: usize, kept: &str, _: Written<'_, 'a>) {
        self.texts[slot].append_value(kept);
    }

    fn blank(&mut self, slot: usize) {
        self.texts[slot].append_null();
    }

    fn end_row(&mut self, row: u32, digest: u64) {
        self.rows.push(row);
        self.digests.push(digest);
        if self.rows.len() == CHUNK_ROWS {
            let chunk = self.chunk(CHUNK_ROWS);
            self.full.push(chunk);
        }
    }
}

impl Chunks {
    fn new(fields: &[Field], capacity: usize) -> Self {
        let builder = |field: &Field| StringChunkedBuilder::new(field.code().into(), capacity);
        Chunks {
            fields: fields.to_vec(),
            texts: fields.iter().map(builder).collect(),
            full: Vec::new(),
            rows: Vec::with_capacity(capacity),
            digests: Vec::with_capacity(capacity),
        }
    }

    fn widen(&mut self, plan: &Plan<'_>) {
        for field in &plan.fields[self.texts.len()..] {
            self.fields.push(*field);
            let mut texts = StringChunkedBuilder::new(field.code().into(), self.rows.len());
            self.rows.iter().for_each(|_| texts.append_null());
            self.texts.push(texts);
        }
    }

    fn frame(&mut self) -> DataFrame {
        let last = self.chunk(0);
        let mut chunks = std::mem::take(&mut self.full)
            .into_iter()
            .map(|chunk| self.with_all_fields(chunk));
        let Some(mut whole) = chunks.next() else {
            return last;
        };
        for chunk in chunks.chain([last]) {
            whole
                .vstack_mut(&chunk)
                .expect("all chunks have all fields");
        }
        whole
    }

    /// The rows since the last chunk; `next` rows are expected in the one to come.
    fn chunk(&mut self, next: usize) -> DataFrame {
        let rows = std::mem::replace(&mut self.rows, Vec::with_capacity(next));
        let digests = std::mem::replace(&mut self.digests, Vec::with_capacity(next));
        let builders = self
            .fields
            .iter()
            .map(|field| StringChunkedBuilder::new(field.code().into(), next))
            .collect();
        let texts = std::mem::replace(&mut self.texts, builders);
        let height = rows.len();
        let mut all: Vec<_> = texts
            .into_iter()
            .map(|text| IntoColumn::into_column(text.finish()))
            .collect();
        all.push(Series::from_vec(columns::ROW.into(), rows).into_column());
        all.push(Series::from_vec(columns::DIGEST.into(), digests).into_column());
        DataFrame::new(height, all).expect("one column a field, each of every row")
    }

    /// An earlier chunk, blank where a further header below it brought new fields.
    fn with_all_fields(&self, chunk: DataFrame) -> DataFrame {
        if chunk.width() == self.fields.len() + 2 {
            return chunk;
        }
        let blank =
            |name: &str| StringChunked::full_null(name.into(), chunk.height()).into_column();
        let texts = self.fields.iter().map(|field| {
            chunk
                .column(field.code())
                .cloned()
                .unwrap_or_else(|_| blank(field.code()))
        });
        let own = [columns::ROW, columns::DIGEST]
            .map(|name| chunk.column(name).cloned().expect("every chunk has both"));
        DataFrame::new(chunk.height(), texts.chain(own).collect())
            .expect("one column a field, each of every row")
    }
}

impl Plan<'_> {
    /// The cells of the matched columns that hold anything.
    fn kept(&self, cells: &[Cow<'_, str>]) -> Vec<(Field, String)> {
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
}

impl Person {
    /// Whether the row says anything of this person: a dash is nothing.
    fn is_there(&self, cells: &[Cow<'_, str>]) -> bool {
        let says = |column: &usize| {
            cell::at(cells, *column)
                .chars()
                .any(|c| !"/\\-—－–_".contains(c))
        };
        self.own.is_empty() || self.own.iter().any(says)
    }
}
