//! The lists behind the reports: notes about keys and origins become rows that say file, sheet and name.

use polars::prelude::*;

use crate::domain::{Code, Standing, columns as c};
use crate::intake::Origin;
use crate::judge::note::n;
use crate::people::to_one;
use crate::scheme::Scheme;

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
        "named_code" => inside.iter().map(|region| region.code.as_str()).collect::<Vec<_>>(),
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
        "code_at" => Code::ALL.iter().map(|code| code.index()).collect::<Vec<_>>(),
        "code_text" => Code::ALL.iter().map(|code| code.code()).collect::<Vec<_>>(),
        "level" => Code::ALL.iter().map(|code| scheme.level(*code).code()).collect::<Vec<_>>(),
        "clause" => Code::ALL.iter().map(|code| scheme.clause(*code)).collect::<Vec<_>>(),
        "acts" => Code::ALL.iter().map(|code| code.acts().code()).collect::<Vec<_>>(),
    )?;
    let rows = one_frame(notes)?
        .lazy()
        .join(codes.lazy(), [col(n::CODE)], [col("code_at")], to_one())
        .join(places(origins, "")?, [col(c::ORIGIN)], [col("at")], to_one())
        .join(places(origins, "other_")?, [col(n::OTHER_ORIGIN)], [col("other_at")], to_one())
        .join(region_names(scheme)?, [col(c::REGION)], [col("named_code")], to_one());
    let order = [n::CODE, c::REGION, c::ID, c::NAME, "source", "file", "sheet", c::ROW, "other_file", n::OTHER_ROW, n::FOUND];
    let rows = sorted(rows, &order);
    rows.select([
        col("code_text").alias("code"),
        col("level"),
        text(c::ID).alias("id"),
        text(c::NAME).alias("name"),
        text(c::REGION).alias("region_code"),
        text("region_name").alias("region"),
        text("source"),
        text("file"),
        text("sheet"),
        col(c::ROW).alias("row"),
        text(n::EXPECTED).alias("expected"),
        text(n::FOUND).alias("found"),
        text("other_source"),
        text("other_file"),
        text("other_sheet"),
        col(n::OTHER_ROW).alias("other_row"),
        col(n::AMOUNT).alias("amount_fen"),
        col("clause"),
        col("acts"),
    ])
    .collect()
}

/// standings.parquet, one row a person of the register.
pub(super) fn standings(frames: Vec<DataFrame>, origins: &[Origin]) -> PolarsResult<DataFrame> {
    let standings = df!(
        "standing_at" => Standing::ALL.iter().map(|standing| standing.index()).collect::<Vec<_>>(),
        "standing_text" => Standing::ALL.iter().map(|standing| standing.code()).collect::<Vec<_>>(),
    )?;
    let rows = one_frame(frames)?.lazy().join(standings.lazy(), [col(c::STANDING)], [col("standing_at")], to_one()).join(
        places(origins, "")?,
        [col(c::ORIGIN)],
        [col("at")],
        to_one(),
    );
    sorted(rows, &[c::ID, c::NAME, "file", "sheet", c::ROW])
        .select([
            text(c::ID).alias("id"),
            text(c::NAME).alias("name"),
            col(c::REGION).alias("region_code"),
            col("standing_text").alias("standing"),
            col("source"),
            col("file"),
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
        col("payer"),
    ];
    columns.extend(figures.map(col));
    columns.push(col("verdict"));
    sorted(one_frame(frames)?.lazy(), &[c::ID, c::NAME]).select(columns).collect()
}
