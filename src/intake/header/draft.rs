//! Rows read as if they were the header.

use std::collections::HashMap;

use crate::domain::Field;
use crate::intake::ask::Ask;
use crate::intake::cell::RowCells;
use crate::intake::header::claims;
use crate::intake::header::found::{Header, Neighbour, Own};
use crate::intake::header::household::{self, Untold};
use crate::intake::header::levels::{self, Path};
use crate::intake::header::meaning::{self, Meant, key};
use crate::intake::header::needed::needed;
use crate::intake::header::segments::HeaderLine;
use crate::intake::header::words;
use crate::intake::sheet::SourceColumn;

/// The header that so many rows from `at` on would be.
pub(crate) fn header(ask: Ask<'_>, head: &[RowCells<'_>], at: usize, levels: usize) -> Header {
    let paths = levels::paths(&head[at..at + levels]);
    let (mut draft, undeclared) = Draft::of(ask, &paths);
    let first = at + levels;
    let mut below = levels::below(head, first, &[]);
    // Only a header that serves is worth a look at all the rows below it: every row of the head may be asked about.
    let serves = draft.line(&[], head).serves_as_a_whole();
    let rows = if serves {
        head.get(first + below..).unwrap_or(&[])
    } else {
        &[]
    };
    let data = until_the_next(ask, rows);
    let householder = household::count_householder(ask, &paths, &mut draft.claims, data);
    let neighbours = if serves {
        draft.line(data, head).neighbours()
    } else {
        Vec::new()
    };
    if !neighbours.is_empty() {
        draft.leave_out(&neighbours);
        below = levels::below(head, first, &neighbours);
    }
    draft.end_with_the_last_word();
    let keys = draft.identities();
    let (people, untold) =
        match householder.and_then(|()| household::people(ask, &paths, &draft.claims)) {
            Ok(people) => (people, Vec::new()),
            Err(Untold) => (Vec::new(), draft.headers_of(&ask.rule.unpivot)),
        };
    draft.give_to(&people);
    let (fields, doubles) = claims::settle(&mut draft.columns, &draft.claims);
    Header {
        at,
        levels,
        below,
        columns: draft.columns,
        keys,
        fields,
        doubles,
        people,
        untold,
        undeclared,
        neighbours,
    }
}

/// The columns of a header on their way: what is written over each, and what claims it.
struct Draft<'r> {
    ask: Ask<'r>,
    columns: Vec<SourceColumn>,
    /// Key of every column's own word; blank where the column has no header.
    leaves: Vec<String>,
    claims: Vec<Option<Meant>>,
    /// Columns that the pipeline declares.
    declared: Vec<usize>,
}

impl<'r> Draft<'r> {
    /// What the words of these columns claim, and what the pipeline declares in vain.
    fn of(ask: Ask<'r>, paths: &[Path<'_>]) -> (Self, Vec<(Field, String)>) {
        let columns: Vec<SourceColumn> = paths
            .iter()
            .map(|path| SourceColumn {
                header: path.text(),
                field: None,
                sure: None,
            })
            .collect();
        let leaves: Vec<String> = paths.iter().map(|path| key(path.leaf)).collect();
        let mut claims: Vec<Option<Meant>> = paths
            .iter()
            .zip(&leaves)
            .map(|(path, leaf)| meaning::known(ask, &path.parents(), leaf))
            .collect();
        let (declared, undeclared) = claims::apply_declared(ask, &columns, &leaves, &mut claims);
        let draft = Draft {
            ask,
            columns,
            leaves,
            claims,
            declared,
        };
        (draft, undeclared)
    }

    /// As it is divided into tables.
    fn line<'h, 'c>(
        &'h self,
        data: &'h [RowCells<'c>],
        head: &'h [RowCells<'c>],
    ) -> HeaderLine<'h, 'c> {
        HeaderLine {
            ask: self.ask,
            leaves: &self.leaves,
            claims: &self.claims,
            declared: &self.declared,
            data,
            head,
        }
    }

    /// Columns of tables beside it are none of its own.
    fn leave_out(&mut self, neighbours: &[Neighbour]) {
        let width = self.columns.len();
        for other in neighbours {
            for column in other.columns.start.min(width)..other.columns.end.min(width) {
                self.columns[column].header.clear();
                self.leaves[column].clear();
                self.claims[column] = None;
            }
        }
    }

    /// Separators behind the last header are no columns.
    fn end_with_the_last_word(&mut self) {
        let named =
            |column: &usize| !self.leaves[*column].is_empty() || self.claims[*column].is_some();
        let end = (0..self.columns.len())
            .rfind(named)
            .map_or(0, |last| last + 1);
        self.columns.truncate(end);
        self.leaves.truncate(end);
        self.claims.truncate(end);
    }

    /// What tells the columns of a row apart in digests: their own words, or the whole path where two have the same.
    fn identities(&self) -> Vec<String> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for leaf in &self.leaves {
            *counts.entry(leaf).or_default() += 1;
        }
        let identity = |(leaf, column): (&String, &SourceColumn)| {
            if counts[leaf.as_str()] > 1 {
                meaning::path_key(&column.header)
            } else {
                leaf.clone()
            }
        };
        self.leaves
            .iter()
            .zip(&self.columns)
            .map(identity)
            .collect()
    }

    /// The headers of the columns that claim one of the fields.
    fn headers_of(&self, fields: &[Field]) -> Vec<String> {
        let claiming = self
            .columns
            .iter()
            .zip(&self.claims)
            .filter(|(_, claim)| claim.is_some_and(|meant| fields.contains(&meant.field)));
        claiming.map(|(column, _)| column.header.clone()).collect()
    }

    /// Columns of a household's people are theirs alone; and what stands once for each person is no column of the row.
    fn give_to(&mut self, people: &[Own]) {
        for (column, field) in people.iter().flatten() {
            self.columns[*column].field = Some(*field);
            self.columns[*column].sure = self.claims[*column].map(|meant| meant.sure);
            self.claims[*column] = None;
        }
        if !people.is_empty() {
            let repeats = &self.ask.rule.unpivot;
            self.claims.iter_mut().for_each(|claim| {
                *claim = claim.filter(|meant| !repeats.contains(&meant.field));
            });
        }
    }
}

/// The rows before the next header of the form: columns may lie elsewhere below it.
fn until_the_next<'h, 'c>(ask: Ask<'_>, rows: &'h [RowCells<'c>]) -> &'h [RowCells<'c>] {
    let serves = |field: Field| needed(ask.rule.kind)[0].contains(&field);
    let is_next = |row: &RowCells<'_>| {
        words::looks_like_a_header(ask, row) && words::fields_of(ask, row).into_iter().any(serves)
    };
    &rows[..rows.iter().position(is_next).unwrap_or(rows.len())]
}
