//! A header that was found: what each of its columns holds, and what stands beside it.

use std::ops::Range;

use crate::domain::Field;
use crate::intake::sheet::SourceColumn;

/// A header and what follows from it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Header {
    /// Position of its first row among the rows searched.
    pub at: usize,
    /// Rows it takes: 1 to 3, with merged parents.
    pub levels: usize,
    /// Rows right below it that number the columns or name their units.
    pub below: usize,
    /// Every column; those of tables beside it are blank.
    pub columns: Vec<SourceColumn>,
    /// Normalised headers, the identity of a column in digests.
    pub keys: Vec<String>,
    /// The column each field is read from. In a household's row: the fields that its people share.
    pub fields: Vec<(usize, Field)>,
    /// Further columns of a field: (read, other). Their values must agree in every row.
    pub doubles: Vec<(usize, usize, Field)>,
    /// The columns of each person of a household's row; empty where a row is one person.
    pub people: Vec<Own>,
    /// Headers of the columns of a household's people, where it cannot be told which are whose.
    pub untold: Vec<String>,
    /// Declared headers that are not there.
    pub undeclared: Vec<(Field, String)>,
    /// Tables beside it.
    pub neighbours: Vec<Neighbour>,
}

impl Header {
    /// Position of the first row that is no part of it.
    pub(crate) fn end(&self) -> usize {
        self.at + self.levels + self.below
    }

    /// Its columns as a clerk reads them.
    pub(crate) fn words(&self) -> Vec<String> {
        self.columns
            .iter()
            .map(|c| c.header.clone())
            .filter(|header| !header.is_empty())
            .collect()
    }

    /// Every column that a field is read from, with the field: of the row first, then of its people.
    pub(crate) fn claimed(&self) -> impl Iterator<Item = (usize, Field)> + '_ {
        self.fields
            .iter()
            .chain(self.people.iter().flatten())
            .copied()
    }

    /// Every field that it names.
    pub(crate) fn named(&self) -> impl Iterator<Item = Field> + '_ {
        self.claimed().map(|(_, field)| field)
    }

    /// The columns of these fields, of those that stand once in a row.
    pub(crate) fn columns_of(&self, wanted: &[Field]) -> Vec<usize> {
        let column = |wanted: &Field| {
            let found = self.fields.iter().find(|(_, field)| field == wanted)?;
            Some(found.0)
        };
        wanted.iter().filter_map(column).collect()
    }

    /// People stand twice or more in a row, and nothing says that they do: a number and one more field of a person.
    pub(crate) fn repeats_people(&self) -> bool {
        let twice = |field: Field| self.doubles.iter().any(|(.., double)| *double == field);
        twice(Field::Id) && (twice(Field::Name) || twice(Field::Relation))
    }
}

/// What the search found.
#[derive(Debug)]
pub(crate) enum Found {
    /// A header with all that the source needs.
    Header(Box<Header>),
    /// A row that looks like one but lacks a field.
    Near {
        at: usize,
        missing: Field,
        headers: Vec<String>,
    },
    /// Nothing like one.
    Nothing,
}

/// The columns of one person.
pub(crate) type Own = Vec<(usize, Field)>;

/// Another table: its columns, where its header is among the rows seen, and what it says.
#[derive(Clone, Debug)]
pub(crate) struct Neighbour {
    pub columns: Range<usize>,
    /// Its header's row, if that is another than the table's own.
    pub at: Option<usize>,
    pub headers: Vec<String>,
    /// What they would mean if they were the source's.
    pub fields: Vec<Field>,
}
