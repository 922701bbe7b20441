//! Several tables beside each other: which columns of a sheet are the source's own.

use std::ops::Range;

use crate::domain::Field;
use crate::intake::ask::Ask;
use crate::intake::cell::{self, RowCells};
use crate::intake::header::found::Neighbour;
use crate::intake::header::meaning::Meant;
use crate::intake::header::needed::needed;
use crate::intake::header::synonyms;
use crate::intake::header::words;
use crate::intake::marks;

/// A header row as it is about to be divided.
pub(crate) struct HeaderLine<'h, 'c> {
    pub ask: Ask<'h>,
    /// Key of every column's own word; blank where the column has no header.
    pub leaves: &'h [String],
    pub claims: &'h [Option<Meant>],
    /// Columns that the pipeline declares.
    pub declared: &'h [usize],
    /// Rows below the header.
    pub data: &'h [RowCells<'c>],
    /// Every row seen, the header too.
    pub head: &'h [RowCells<'c>],
}

/// Rows of two tables, held against each other.
enum Rows {
    /// Rows of one stand without the other, or add the other up.
    Apart,
    /// One ends long before the other.
    Shorter,
    /// Both are filled in most rows.
    Together,
    /// Neither is plain.
    Unknown,
}

/// Columns without a gap: header or data stands in every one.
type Run = Range<usize>;

impl HeaderLine<'_, '_> {
    /// Whether the line names all that the source needs, wherever it stands.
    pub(crate) fn serves_as_a_whole(&self) -> bool {
        let whole: Run = 0..self.claims.len();
        self.serves(std::slice::from_ref(&whole))
    }

    /// The tables beside the source's own. A gap of an empty column alone divides nothing: many clerks leave one
    /// inside a table. Beyond it must stand what cannot belong to the same rows.
    pub(crate) fn neighbours(&self) -> Vec<Neighbour> {
        let runs = self.runs();
        if runs.len() < 2 {
            return Vec::new();
        }
        let (with_header, without): (Vec<Run>, Vec<Run>) = runs
            .iter()
            .cloned()
            .partition(|run| run.clone().any(|column| self.has_header(column)));
        let mut neighbours: Vec<Neighbour> = without
            .iter()
            .filter_map(|run| self.detached(run))
            .collect();
        let mut tables: Vec<Vec<Run>> = Vec::new();
        for run in with_header {
            match tables.last_mut() {
                Some(table) if !self.are_two_tables(table, std::slice::from_ref(&run)) => {
                    table.push(run)
                }
                _ => tables.push(vec![run]),
            }
        }
        let own = tables.iter().filter(|table| self.serves(table)).count();
        if own > 0 {
            neighbours.extend(
                tables
                    .iter()
                    .filter(|table| !self.serves(table))
                    .map(|table| self.neighbour(table)),
            );
        }
        neighbours.sort_by_key(|neighbour| neighbour.columns.start);
        self.widened(neighbours, &runs)
    }

    /// A neighbour at the edge owns everything beyond it too.
    fn widened(&self, mut neighbours: Vec<Neighbour>, runs: &[Run]) -> Vec<Neighbour> {
        let last = runs.last().map_or(0, |run| run.end);
        if let Some(edge) = neighbours
            .last_mut()
            .filter(|neighbour| neighbour.columns.end == last)
        {
            edge.columns.end = usize::MAX;
        }
        neighbours
    }

    fn has_header(&self, column: usize) -> bool {
        self.leaves.get(column).is_some_and(|leaf| !leaf.is_empty())
    }

    /// Runs of columns in which a header or anything in a row of data stands. Lines of one or two cells are signatures
    /// and titles as often as not, and may stand anywhere.
    fn runs(&self) -> Vec<Run> {
        let width = self
            .data
            .iter()
            .map(Vec::len)
            .max()
            .unwrap_or(0)
            .max(self.leaves.len());
        let mut used: Vec<bool> = (0..width).map(|column| self.has_header(column)).collect();
        let mut few: Vec<&RowCells<'_>> = Vec::new();
        for row in self.data {
            let filled = || {
                row.iter()
                    .enumerate()
                    .filter(|(_, text)| !cell::trimmed(text).is_empty())
            };
            if filled().any(|(_, text)| marks::is_signature(text)) {
                continue;
            }
            match filled().count() {
                0 => {}
                1 | 2 => few.push(row),
                _ => filled().for_each(|(column, _)| used[column] = true),
            }
        }
        // A line of two cells fills no gap, but it may be all that a small table beside holds.
        let end = self
            .leaves
            .iter()
            .rposition(|leaf| !leaf.is_empty())
            .map_or(0, |last| last + 1);
        for row in few {
            let filled = row
                .iter()
                .enumerate()
                .skip(end + 1)
                .filter(|(_, text)| !cell::trimmed(text).is_empty());
            filled.for_each(|(column, _)| used[column] = true);
        }
        let mut runs: Vec<Run> = Vec::new();
        for column in (0..width).filter(|column| used[*column]) {
            match runs.last_mut() {
                Some(run) if run.end == column => run.end += 1,
                _ => runs.push(column..column + 1),
            }
        }
        runs
    }

    fn meant<'s>(&'s self, table: &'s [Run]) -> impl Iterator<Item = Field> + 's {
        columns(table)
            .filter_map(|column| self.claims.get(column).copied().flatten())
            .map(|meant| meant.field)
    }

    fn serves(&self, table: &[Run]) -> bool {
        let has = |field: &Field| self.meant(table).any(|meant| meant == *field);
        needed(self.ask.rule.kind)
            .iter()
            .all(|group| group.iter().any(has))
    }

    fn are_two_tables(&self, left: &[Run], right: &[Run]) -> bool {
        let single = |table: &[Run]| {
            columns(table)
                .filter(|column| self.has_header(*column))
                .count()
                < 2
        };
        let (main, other) = match (self.serves(left), self.serves(right)) {
            (true, false) => (left, right),
            (false, true) => (right, left),
            // Both, and people may stand in both: that is asked about, never decided here. Neither: only together.
            _ => return false,
        };
        let has = |table: &[Run], field: Field| self.meant(table).any(|meant| meant == field);
        let completes = has(other, Field::Name) && !has(main, Field::Name);
        let declared = columns(other).any(|column| self.declared.contains(&column));
        if single(other) || completes || declared || !self.ask.rule.unpivot.is_empty() {
            return false;
        }
        let adds = self.meant(other).any(|field| !has(main, field));
        match self.side_by_side(main, other) {
            Rows::Apart => true,
            // A small summary may have as many rows as there are people; without it the table lacks nothing.
            Rows::Together => !adds && self.counts_people(other),
            // What only ends early may be a column that is filled in for some: what it adds is not given up for that.
            Rows::Shorter => !adds || self.sums_up(other),
            Rows::Unknown => !adds && (self.repeats(main, other) || self.sums_up(other)),
        }
    }

    /// A field of the table once more. Words that name none (备注, 序号) stand twice in many a table.
    fn repeats(&self, main: &[Run], other: &[Run]) -> bool {
        self.meant(other)
            .any(|field| self.meant(main).any(|own| own == field))
    }

    fn sums_up(&self, other: &[Run]) -> bool {
        let is_figure = |column: usize| {
            self.leaves
                .get(column)
                .is_some_and(|leaf| synonyms::is_of_a_summary(leaf))
        };
        self.ask.rule.kind.has_persons() && columns(other).any(is_figure)
    }

    /// A figure about many people, other than a sum, which may be of the row's own amounts.
    fn counts_people(&self, other: &[Run]) -> bool {
        let is_sum = |column: usize| {
            self.leaves
                .get(column)
                .is_some_and(|leaf| marks::names_a_total(leaf))
        };
        columns(other)
            .filter(|column| !is_sum(*column))
            .any(|column| self.sums_up(std::slice::from_ref(&(column..column + 1))))
    }

    /// Whether the rows of both are the same rows.
    fn side_by_side(&self, main: &[Run], other: &[Run]) -> Rows {
        let texts = |row: &RowCells<'_>, table: &[Run]| -> Vec<String> {
            columns(table)
                .map(|column| cell::at(row, column))
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let (mut alone, mut both, mut main_only, mut last_both, mut first_without) =
            (0_usize, 0_usize, 0_usize, 0, usize::MAX);
        for (at, row) in self.data.iter().enumerate() {
            let (own, its) = (texts(row, main), texts(row, other));
            // Who signed, and when, stands below a table in whatever columns.
            if own.iter().chain(&its).any(|text| marks::is_signature(text)) {
                continue;
            }
            match (own.is_empty(), its.len()) {
                // A sum beside a person adds other rows up.
                (false, 1..)
                    if is_of_a_person(&own)
                        && its.iter().any(|text| marks::names_a_total(text)) =>
                {
                    return Rows::Apart;
                }
                (false, 1..) => (both, last_both) = (both + 1, at),
                (true, 2..) => alone += 1,
                (false, 0) => (main_only, first_without) = (main_only + 1, first_without.min(at)),
                (true, _) => {}
            }
        }
        let ends_early = both >= 2 && main_only > 0 && last_both < first_without;
        if alone > 0 && alone * 5 >= alone + both {
            Rows::Apart
        } else if ends_early && main_only >= both {
            Rows::Shorter
        } else if both > main_only && !(ends_early && main_only * 5 >= both) {
            Rows::Together
        } else {
            Rows::Unknown
        }
    }

    fn neighbour(&self, table: &[Run]) -> Neighbour {
        let headers = columns(table)
            .filter_map(|column| self.leaves.get(column))
            .filter(|leaf| !leaf.is_empty());
        let fields = self.meant(table).collect();
        Neighbour {
            columns: span(table),
            at: None,
            headers: headers.cloned().collect(),
            fields,
        }
    }

    /// A table whose header is in another row than the source's: its first line holds two words or more and no value, and
    /// at least one of them is a word of headers.
    fn detached(&self, run: &Run) -> Option<Neighbour> {
        let words = |row: &RowCells<'_>| -> Vec<String> {
            run.clone()
                .map(|column| cell::at(row, column))
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let is_word = |text: &String| words::is_word(self.ask, text);
        let is_header = |words: &[String]| {
            words.len() >= 2
                && !words.iter().any(|text| marks::is_value(text))
                && words.iter().any(is_word)
        };
        let at = self.head.iter().position(|row| is_header(&words(row)))?;
        let headers = words(&self.head[at]);
        let written: Vec<_> = headers.iter().map(|text| text.as_str().into()).collect();
        let fields = words::fields_of(self.ask, &written);
        Some(Neighbour {
            columns: run.clone(),
            at: Some(at),
            headers,
            fields,
        })
    }
}

fn is_of_a_person(texts: &[String]) -> bool {
    texts.iter().any(|text| marks::is_citizen_number(text))
}

fn columns(table: &[Run]) -> impl Iterator<Item = usize> + '_ {
    table.iter().flat_map(|run| run.clone())
}

fn span(table: &[Run]) -> Range<usize> {
    let start = table.first().map_or(0, |run| run.start);
    start..table.last().map_or(start, |run| run.end)
}
