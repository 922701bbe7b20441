//! The lists behind the reports: notes about keys and origins become rows that say file, sheet and name.

use polars::prelude::*;

use crate::domain::{Code, Field, Repair, Standing, columns as c};
use crate::intake::Origin;
use crate::judge::note::n;
use crate::people::to_one;
use crate::scheme::Scheme;

// Columns that live only in this file.
const ACTS: &str = "acts";
const AT: &str = "at";
const CASE: &str = "case";
const CLAUSE: &str = "clause";
const CODE_AT: &str = "code_at";
const CODE_TEXT: &str = "code_text";
const FILE: &str = "file";
const LEVEL: &str = "level";
const NAMED_CODE: &str = "named_code";
const OTHER_AT: &str = "other_at";
const PAYER: &str = "payer";
const SHEET: &str = "sheet";
const SOURCE: &str = "source";
const STANDING_AT: &str = "standing_at";
const STANDING_TEXT: &str = "standing_text";
const VERDICT: &str = "verdict";

fn one_frame(frames: Vec<DataFrame>) -> PolarsResult<DataFrame> {
    let mut frames = frames.into_iter();
    let mut all = frames.next().unwrap_or_default(); // no bucket, no frame: an empty one
    for frame in frames {
        all.vstack_mut_owned(frame)?;
    }
    Ok(all)
}

/// (at, source, file, sheet) of every origin, under names with a prefix.
fn places(origins: &[Origin], prefix: &str) -> PolarsResult<LazyFrame> {
    let at: Vec<u32> = (0u32..).take(origins.len()).collect();
    let frame = df!(
        format!("{prefix}at") => at,
        format!("{prefix}source") => origins.iter().map(|origin| origin.source.code()).collect::<Vec<_>>(),
        format!("{prefix}file") => origins.iter().map(|origin| origin.file.as_str()).collect::<Vec<_>>(),
        format!("{prefix}sheet") => origins.iter().map(|origin| origin.sheet.as_str()).collect::<Vec<_>>(),
    )?;
    Ok(frame.lazy())
}

fn region_names(scheme: &Scheme) -> PolarsResult<LazyFrame> {
    let inside = scheme.regions.inside();
    let frame = df!(
        NAMED_CODE => inside.iter().map(|region| region.code.as_str()).collect::<Vec<_>>(),
        "region_name" => inside.iter().map(|region| region.name.as_str()).collect::<Vec<_>>(),
    )?;
    Ok(frame.lazy())
}

/// A text that is not there is an empty text in data files.
fn text(name: &str) -> Expr {
    col(name).fill_null(lit(""))
}

fn sorted(rows: LazyFrame, by: &[&str]) -> LazyFrame {
    rows.sort(by.iter().copied().map(PlSmallStr::from).collect::<Vec<_>>(), SortMultipleOptions::default())
}

/// findings.parquet, sorted by code, region, person and place.
pub(super) fn findings(notes: Vec<DataFrame>, origins: &[Origin], scheme: &Scheme) -> PolarsResult<DataFrame> {
    let codes = df!(
        CODE_AT => Code::ALL.iter().map(|code| code.index()).collect::<Vec<_>>(),
        CODE_TEXT => Code::ALL.iter().map(|code| code.code()).collect::<Vec<_>>(),
        LEVEL => Code::ALL.iter().map(|code| scheme.level(*code).code()).collect::<Vec<_>>(),
        CLAUSE => Code::ALL.iter().map(|code| scheme.clause(*code)).collect::<Vec<_>>(),
        ACTS => Code::ALL.iter().map(|code| code.acts().code()).collect::<Vec<_>>(),
    )?;
    let rows = one_frame(notes)?
        .lazy()
        .join(codes.lazy(), [col(n::CODE)], [col(CODE_AT)], to_one())
        .join(places(origins, "")?, [col(c::ORIGIN)], [col(AT)], to_one())
        .join(places(origins, "other_")?, [col(n::OTHER_ORIGIN)], [col(OTHER_AT)], to_one())
        .join(region_names(scheme)?, [col(c::REGION)], [col(NAMED_CODE)], to_one());
    let order =
        [n::CODE, c::REGION, c::ID, c::NAME, SOURCE, FILE, "sheet", c::ROW, "other_file", n::OTHER_ROW, n::FOUND, n::EXPECTED];
    let rows = sorted(rows, &order);
    rows.select([
        col(CODE_TEXT).alias("code"),
        col(LEVEL),
        text(c::ID).alias("id"),
        text(c::NAME).alias("name"),
        text(c::REGION).alias("region_code"),
        text("region_name").alias("region"),
        text(SOURCE),
        text(FILE),
        text("sheet"),
        col(c::ROW).alias("row"),
        text(n::EXPECTED).alias("expected"),
        text(n::FOUND).alias("found"),
        text("other_source"),
        text("other_file"),
        text("other_sheet"),
        col(n::OTHER_ROW).alias("other_row"),
        col(n::AMOUNT).alias("amount_fen"),
        col(CLAUSE),
        col(ACTS),
    ])
    .collect()
}

/// repairs.parquet: the rows' repairs, in their order, with codes for the words.
pub(super) fn repairs(repairs: &DataFrame, origins: &[Origin]) -> PolarsResult<DataFrame> {
    // Many rows share few texts: each is stored once and pointed at.
    let at = |name: &str| -> PolarsResult<IdxCa> { Ok(repairs.column(name)?.cast(&IDX_DTYPE)?.idx()?.clone()) };
    let pointed = |name: &'static str, texts: StringChunked, at: &IdxCa| -> PolarsResult<Column> {
        Ok(texts.take(at)?.with_name(name.into()).into_column())
    };
    let of_origin = |text: fn(&Origin) -> &str| -> StringChunked { origins.iter().map(|origin| Some(text(origin))).collect() };
    let origin = at(c::ORIGIN)?;
    let fields: StringChunked = Field::ALL.iter().map(|field| Some(field.code())).collect();
    let rules: StringChunked = Repair::ALL.iter().map(|rule| Some(rule.code())).collect();
    let columns = vec![
        pointed(SOURCE, of_origin(|origin| origin.source.code()), &origin)?,
        pointed(FILE, of_origin(|origin| &origin.file), &origin)?,
        pointed(SHEET, of_origin(|origin| &origin.sheet), &origin)?,
        repairs.column(c::ROW)?.clone(),
        pointed(c::FIELD, fields, &at(c::FIELD)?)?,
        repairs.column(c::BEFORE)?.clone(),
        repairs.column(c::AFTER)?.clone(),
        pointed(c::RULE, rules, &at(c::RULE)?)?,
    ];
    DataFrame::new(repairs.height(), columns)
}

/// standings.parquet, one row a person of the register.
pub(super) fn standings(frames: Vec<DataFrame>, origins: &[Origin]) -> PolarsResult<DataFrame> {
    let standings = df!(
        STANDING_AT => Standing::ALL.iter().map(|standing| standing.index()).collect::<Vec<_>>(),
        STANDING_TEXT => Standing::ALL.iter().map(|standing| standing.code()).collect::<Vec<_>>(),
    )?;
    let rows = one_frame(frames)?.lazy().join(standings.lazy(), [col(c::STANDING)], [col(STANDING_AT)], to_one()).join(
        places(origins, "")?,
        [col(c::ORIGIN)],
        [col(AT)],
        to_one(),
    );
    sorted(rows, &[c::ID, c::NAME, FILE, "sheet", c::ROW])
        .select([
            text(c::ID).alias("id"),
            text(c::NAME).alias("name"),
            col(c::REGION).alias("region_code"),
            col(STANDING_TEXT).alias("standing"),
            col(SOURCE),
            col(FILE),
            col(c::ROW).alias("row"),
        ])
        .collect()
}

/// subsidy.parquet, one row a person.
pub(super) fn subsidy(frames: Vec<DataFrame>) -> PolarsResult<DataFrame> {
    let figures = ["premium_fen", "payable_fen", "grant_fen", "paid_fen", "subsidised_fen", "difference_fen"];
    let mut columns = vec![
        text(c::ID).alias("id"),
        text(c::NAME).alias("name"),
        text(c::REGION).alias("region_code"),
        col(c::CATEGORY),
        col(PAYER),
    ];
    columns.extend(figures.map(col));
    columns.push(col(VERDICT));
    sorted(one_frame(frames)?.lazy(), &[c::ID, c::NAME]).select(columns).collect()
}

/// entries.parquet, one row a person.
pub(super) fn entries(frames: Vec<DataFrame>) -> PolarsResult<DataFrame> {
    let figures = ["price", "paid_on", "payable_fen", "paid_fen", "starts_on", "waits_until", "benefit_from", "benefit_to"];
    let mut columns = vec![text(c::ID).alias("id"), text(c::NAME).alias("name"), text(c::REGION).alias("region_code"), col(CASE)];
    columns.extend(figures.map(col));
    columns.push(col(CLAUSE));
    sorted(one_frame(frames)?.lazy(), &[c::ID, c::NAME, CASE]).select(columns).collect()
}
