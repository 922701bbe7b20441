//! Which column holds a field, where the pipeline or several headers claim it.

use std::collections::HashMap;

use crate::domain::Field;
use crate::intake::ask::Ask;
use crate::intake::header::meaning::{self, Meant, key};
use crate::intake::sheet::{SourceColumn, Sure};

/// The pipeline's `columns` win over synonyms, for the column they name and for the field. Gives the columns they name,
/// and what they name in vain.
pub(crate) fn apply_declared(
    ask: Ask<'_>,
    columns: &[SourceColumn],
    leaves: &[String],
    claims: &mut [Option<Meant>],
) -> (Vec<usize>, Vec<(Field, String)>) {
    let (mut found, mut undeclared) = (Vec::new(), Vec::new());
    let mut settled: Vec<Field> = Vec::new();
    for (field, header) in &ask.rule.columns {
        // A field may have several headers, one an office: the first that is there is it.
        if settled.contains(field) {
            continue;
        }
        let meant = declared(header, columns, leaves);
        if meant.is_empty() {
            undeclared.push((*field, header.clone()));
            continue;
        }
        for claim in claims.iter_mut() {
            if claim.is_some_and(|meant| meant.field == *field) {
                *claim = None;
            }
        }
        for column in &meant {
            claims[*column] = Some(Meant {
                field: *field,
                rank: 0,
                sure: Sure::Declared,
                person: None,
            });
        }
        found.extend(meant);
        settled.push(*field);
    }
    undeclared.retain(|(field, _)| !settled.contains(field));
    (found, undeclared)
}

/// The columns that a declared header names: by letter (`C列`), by the whole path, or by the last word of it.
fn declared(header: &str, columns: &[SourceColumn], leaves: &[String]) -> Vec<usize> {
    if let Some(column) = meaning::column_letter(header) {
        return if column < columns.len() {
            vec![column]
        } else {
            Vec::new()
        };
    }
    let all = |is_it: &dyn Fn(usize) -> bool| {
        (0..columns.len())
            .filter(|column| is_it(*column))
            .collect::<Vec<_>>()
    };
    let path = meaning::path_key(header);
    let exact = all(&|column| {
        !leaves[column].is_empty() && meaning::path_key(&columns[column].header) == path
    });
    let last = key(header);
    if exact.is_empty() {
        all(&|column| !last.is_empty() && leaves[column] == last)
    } else {
        exact
    }
}

/// The lowest rank with which each field is claimed.
fn best_ranks(claims: &[Option<Meant>]) -> HashMap<Field, u8> {
    let mut best: HashMap<Field, u8> = HashMap::new();
    for meant in claims.iter().flatten() {
        best.entry(meant.field)
            .and_modify(|rank| *rank = meant.rank.min(*rank))
            .or_insert(meant.rank);
    }
    best
}

/// The column of every field, and further columns whose values must agree: (read, other).
pub(crate) type Settled = (Vec<(usize, Field)>, Vec<(usize, usize, Field)>);

/// One column a field: the lowest rank, then the leftmost. Columns of equal rank must agree, where canbao uses them.
pub(crate) fn settle(columns: &mut [SourceColumn], claims: &[Option<Meant>]) -> Settled {
    let mut fields: Vec<(usize, Field)> = Vec::new();
    let mut doubles = Vec::new();
    let best = best_ranks(claims);
    for (column, claim) in claims.iter().enumerate() {
        let Some(Meant {
            field, rank, sure, ..
        }) = *claim
        else {
            continue;
        };
        if best.get(&field) != Some(&rank) {
            continue;
        }
        match fields.iter().find(|(_, f)| *f == field) {
            None => {
                (columns[column].field, columns[column].sure) = (Some(field), Some(sure));
                fields.push((column, field));
            }
            Some(_) if is_never_compared(field) => {}
            Some((first, _)) => {
                (columns[column].field, columns[column].sure) = (Some(field), Some(sure));
                doubles.push((*first, column, field));
            }
        }
    }
    (fields, doubles)
}

/// Fields that decide nothing: a second column is no reason to stop a clerk.
fn is_never_compared(field: Field) -> bool {
    matches!(
        field,
        Field::Serial
            | Field::PersonNo
            | Field::Sex
            | Field::Birth
            | Field::Head
            | Field::Relation
            | Field::Group
            | Field::Remark
    )
}
