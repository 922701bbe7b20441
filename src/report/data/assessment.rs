//! assessment.csv and leaders.csv: what every place has reached by the days of the notice; empty where nothing is set.

use super::{cell, columns, csv_bytes};
use crate::domain::{Fraction, Ratio};
use crate::measure::Assessed;
use crate::measure::assessment::AssessedRegion;
use crate::scheme::Scheme;

/// The name of what names no region, in every language: data files have no language.
const OTHER: &str = "其他";

/// Decimals of a score.
pub(in crate::report) const SCORE_PLACES: u32 = 4;
/// Decimals of a mean rate, as of every rate of the data files.
const RATE_PLACES: u32 = 6;

/// assessment.csv: UTF-8 with BOM; the scheme as a whole first, then its places.
pub(super) fn assessment(assessed: &Assessed, scheme: &Scheme) -> anyhow::Result<Vec<u8>> {
    csv_bytes(
        true,
        columns::ASSESSMENT,
        assessed.rows.iter().map(|row| line(row, assessed, scheme)),
    )
}

fn line(row: &AssessedRegion, assessed: &Assessed, scheme: &Scheme) -> Vec<String> {
    let ratio = row.rate.of.and_then(|of| Ratio::new(row.rate.count, of));
    let previous_rank = row.previous.and_then(|previous| previous.rank);
    let risen = row
        .rank
        .zip(previous_rank)
        .map(|(now, then)| i64::from(then) - i64::from(now));
    let points = ratio
        .zip(row.previous)
        .map(|(ratio, previous)| ratio.points_since(previous.ratio));
    let tier = row.tier.as_ref();
    vec![
        row.level.code().to_owned(),
        row.code.clone(),
        if row.code.is_empty() {
            OTHER
        } else {
            scheme.regions.name(&row.code)
        }
        .to_owned(),
        assessed.day.to_string(),
        row.rate.count.to_string(),
        cell(row.rate.of),
        cell(ratio.map(|ratio| ratio.decimals(RATE_PLACES))),
        cell(row.rate.need),
        cell(row.rate.missing()),
        cell(row.rank),
        cell(previous_rank),
        cell(risen),
        cell(points),
        cell(row.lagging),
        cell(row.lag_weeks),
        cell(row.summoned),
        cell(row.criticised),
        // 0 = none of them.
        cell(tier.map(|tier| tier.at.map_or(0, |at| at + 1))),
        cell(tier.map(|tier| tier.fen)),
        cell(tier.map(|tier| tier.due)),
        cell(row.score.as_ref().map(|score| score.decimals(SCORE_PLACES))),
        cell(row.fund.map(|(persons, _)| persons)),
        cell(row.fund.map(|(_, fen)| fen)),
        cell(row.clinic),
    ]
}

/// leaders.csv: UTF-8 with BOM, in declared order; several regions separated by `|`.
pub(super) fn leaders(assessed: &Assessed) -> anyhow::Result<Vec<u8>> {
    let rows = assessed.leaders.iter().map(|leader| {
        let decimals = |of: &Option<Fraction>, places| {
            cell(of.as_ref().map(|fraction| fraction.decimals(places)))
        };
        let (rate, score) = (
            decimals(&leader.mean_rate, RATE_PLACES),
            decimals(&leader.score, SCORE_PLACES),
        );
        vec![leader.post.clone(), leader.regions.join("|"), rate, score]
    });
    csv_bytes(true, columns::LEADERS, rows)
}
