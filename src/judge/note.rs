//! A finding while it is still about keys and origins: one shape for every check.

use polars::prelude::*;

use super::rulebook::{no_text, r};
use crate::domain::{Code, columns as c};
use crate::people::{People, Stands, p, read::of_person};

/// Columns of a note beside those of `domain::columns`.
pub mod n {
    /// u64?: the person of a finding that is about a row, until the person's region is known.
    pub const PERSON: &str = "person";
    /// u8: `Code`.
    pub const CODE: &str = "code";
    /// str?: what should stand there.
    pub const EXPECTED: &str = "expected";
    /// str?: what stands there.
    pub const FOUND: &str = "found";
    /// u32?: origin and row of the other record.
    pub const OTHER_ORIGIN: &str = "other_origin";
    /// See `OTHER_ORIGIN`.
    pub const OTHER_ROW: &str = "other_row";
    /// i64?: money at stake.
    pub const AMOUNT: &str = "amount_fen";
}

/// What a check says about the rows it selected.
pub struct Note {
    code: Code,
    region: Expr,
    origin: Expr,
    row: Expr,
    expected: Expr,
    found: Expr,
    other: (Expr, Expr),
    amount: Expr,
    person: Expr,
}

fn no_place() -> Expr {
    lit(NULL).cast(DataType::UInt32)
}

impl Note {
    /// About a record: its own origin and row; the person's region before the row's.
    pub fn record(code: Code) -> Note {
        Note {
            code,
            region: coalesce(&[col(r::PERSON_REGION), col(c::REGION)]),
            origin: col(c::ORIGIN),
            row: col(c::ROW),
            expected: no_text(),
            found: no_text(),
            other: (no_place(), no_place()),
            amount: lit(NULL).cast(DataType::Int64),
            person: lit(NULL).cast(DataType::UInt64),
        }
    }

    /// About a record that is joined to nobody.
    pub fn row(code: Code) -> Note {
        Note {
            region: col(c::REGION),
            ..Note::record(code)
        }
    }

    /// About a record of a book: of the person whose number it has, where that number can be used; `in_their_regions` says
    /// where that is.
    pub fn row_of_person(code: Code) -> Note {
        Note {
            person: when(col(c::ID_VERDICT).is_null())
                .then(col(c::KEY))
                .otherwise(lit(NULL)),
            ..Note::row(code)
        }
    }

    /// About a person, pointing at the row that stands for them.
    pub fn person(code: Code) -> Note {
        Note {
            region: col(r::PERSON_REGION),
            origin: col(p::FACE_ORIGIN),
            row: col(p::FACE_ROW),
            ..Note::record(code)
        }
    }

    /// Points at another row of the person.
    pub fn at(self, stands: Stands) -> Note {
        let [origin, row] = stands.columns();
        Note {
            origin: coalesce(&[col(origin), self.origin]),
            row: coalesce(&[col(row), self.row]),
            ..self
        }
    }

    /// What should stand there and what does.
    pub fn texts(self, expected: Expr, found: Expr) -> Note {
        Note {
            expected: expected.cast(DataType::String),
            found: found.cast(DataType::String),
            ..self
        }
    }

    /// What stands there.
    pub fn found(self, found: Expr) -> Note {
        Note {
            found: found.cast(DataType::String),
            ..self
        }
    }

    /// The other record.
    pub fn other(self, origin: &str, row: &str) -> Note {
        Note {
            other: (col(origin), col(row)),
            ..self
        }
    }

    /// Money at stake, in fen.
    pub fn amount(self, fen: Expr) -> Note {
        Note {
            amount: fen,
            ..self
        }
    }

    /// The findings of the selected rows.
    pub fn of(self, rows: LazyFrame) -> PolarsResult<DataFrame> {
        let columns = [
            lit(self.code.index()).cast(DataType::UInt8).alias(n::CODE),
            col(c::ID).alias(c::ID),
            col(c::NAME).alias(c::NAME),
            self.region.alias(c::REGION),
            self.origin.alias(c::ORIGIN),
            self.row.alias(c::ROW),
            self.expected.alias(n::EXPECTED),
            self.found.alias(n::FOUND),
            self.other.0.alias(n::OTHER_ORIGIN),
            self.other.1.alias(n::OTHER_ROW),
            self.amount.alias(n::AMOUNT),
            self.person.alias(n::PERSON),
        ];
        // The row's own columns first get neutral names, so that a renamed column never shadows one still needed.
        let staged: Vec<Expr> = columns
            .into_iter()
            .enumerate()
            .map(|(at, expr)| expr.alias(format!("note_{at}")))
            .collect();
        let mut frame = rows.select(staged).collect()?;
        frame.set_column_names(&COLUMNS.map(|(name, _)| name))?;
        Ok(frame)
    }

    /// The findings of some of these rows. Most checks find none in a bucket: to look costs less than to ask.
    pub fn of_those(self, rows: &DataFrame, those: &BooleanChunked) -> PolarsResult<DataFrame> {
        if those.any() {
            self.of(rows.filter(those)?.lazy())
        } else {
            Ok(nothing())
        }
    }
}

/// No findings.
pub fn nothing() -> DataFrame {
    DataFrame::empty_with_schema(
        &COLUMNS
            .map(|(name, of)| Field::new(name.into(), of))
            .into_iter()
            .collect(),
    )
}

/// Columns of findings.
const COLUMNS: [(&str, DataType); 12] = [
    (n::CODE, DataType::UInt8),
    (c::ID, DataType::String),
    (c::NAME, DataType::String),
    (c::REGION, DataType::String),
    (c::ORIGIN, DataType::UInt32),
    (c::ROW, DataType::UInt32),
    (n::EXPECTED, DataType::String),
    (n::FOUND, DataType::String),
    (n::OTHER_ORIGIN, DataType::UInt32),
    (n::OTHER_ROW, DataType::UInt32),
    (n::AMOUNT, DataType::Int64),
    (n::PERSON, DataType::UInt64),
];

/// Where persons live.
pub(super) type Homes<'p> = PlHashMap<u64, &'p str>;

/// Where those persons of findings about rows live who are in this bucket.
pub(super) fn homes<'p>(wanted: &[u64], people: &'p People) -> PolarsResult<Homes<'p>> {
    let regions = people.persons.column(r::PERSON_REGION)?.u32()?;
    let region = |key: u64| {
        let at = people.books.index.get(key)?;
        of_person(regions, at).map(|region| people.places.text_at(region))
    };
    let known = wanted.iter().filter_map(|key| Some((*key, region(*key)?)));
    Ok(known.collect())
}

/// Persons of findings about rows.
pub(super) fn persons_of<'f>(
    findings: impl Iterator<Item = &'f DataFrame>,
) -> PolarsResult<Vec<u64>> {
    let mut keys: Vec<u64> = Vec::new();
    for frame in findings {
        keys.extend(frame.column(n::PERSON)?.u64()?.iter().flatten());
    }
    Ok(keys)
}

/// Findings about rows stand where their persons do, so that whoever answers for the person hears of them; rows of nobody
/// stay where they are.
pub(super) fn in_their_regions(
    mut finding: DataFrame,
    homes: &Homes<'_>,
) -> PolarsResult<DataFrame> {
    let persons = finding.drop_in_place(n::PERSON)?;
    if persons.null_count() == persons.len() {
        return Ok(finding);
    }
    let regions = finding.column(c::REGION)?.str()?;
    let home = |person: Option<u64>| homes.get(&person?).copied();
    let placed = persons
        .u64()?
        .iter()
        .zip(regions.iter())
        .map(|(person, region)| home(person).or(region));
    let placed = placed
        .collect::<StringChunked>()
        .with_name(c::REGION.into())
        .into_column();
    finding.with_column(placed)?;
    Ok(finding)
}

/// The same of the findings of many checks.
pub(super) fn all_in_their_regions(
    findings: Vec<DataFrame>,
    homes: &Homes<'_>,
) -> PolarsResult<Vec<DataFrame>> {
    let findings = findings.into_iter();
    findings
        .map(|frame| in_their_regions(frame, homes))
        .collect()
}
