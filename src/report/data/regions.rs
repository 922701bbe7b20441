//! coverage.csv and bridge.csv: one row a region; one row a region and line.

use super::{cell, columns, csv_bytes};
use crate::domain::{Ratio, Standing};
use crate::measure::{BridgeLine, Facts, RegionFigures};
use crate::scheme::Scheme;

/// The name of what names no region, in every language: data files have no language.
const OTHER: &str = "其他";

/// coverage.csv: UTF-8 with BOM, rows in the order of the facts.
pub(super) fn coverage(facts: &Facts, scheme: &Scheme) -> anyhow::Result<Vec<u8>> {
    let primary = scheme.rates.iter().position(|rate| rate.primary);
    csv_bytes(
        true,
        &columns::coverage(),
        facts
            .coverage
            .iter()
            .map(|row| coverage_row(row, scheme, primary)),
    )
}

fn coverage_row(row: &RegionFigures, scheme: &Scheme, primary: Option<usize>) -> Vec<String> {
    let name = if row.code.is_empty() {
        OTHER
    } else {
        scheme.regions.name(&row.code)
    };
    let mut cells: Vec<String> = vec![
        row.level.code().to_owned(),
        row.code.clone(),
        name.to_owned(),
        row.parent.clone(),
        row.register().to_string(),
        cell(row.population),
        cell(row.task),
        cell(row.floor),
        cell(row.last_year),
        row.registered().to_string(),
        row.registered_resident.to_string(),
        row.registered_employee.to_string(),
    ];
    cells.extend(Standing::ALL.iter().map(|&s| row.standing(s).to_string()));
    let (register, insured, settled) = (row.register(), row.insured(), row.settled());
    let figure = primary.and_then(|at| row.rates.get(at));
    cells.extend([
        insured.to_string(),
        settled.to_string(),
        rate(insured, Some(register)),
        rate(settled, Some(register)),
        rate(insured, Some(register)),
        rate(row.registered(), row.population),
        rate(row.registered_resident, row.task),
        cell(figure.and_then(|figure| figure.met())),
        cell(figure.and_then(|figure| figure.missing())),
        cell(row.rank),
    ]);
    cells
}

/// Six decimals half up; empty without a denominator.
fn rate(count: u64, of: Option<u64>) -> String {
    of.and_then(|of| Ratio::new(count, of))
        .map_or_else(String::new, |ratio| ratio.decimals(6))
}

/// bridge.csv: regions with a code only, every line of each.
pub(super) fn bridge(facts: &Facts) -> anyhow::Result<Vec<u8>> {
    let rows = facts
        .coverage
        .iter()
        .filter(|row| !row.code.is_empty())
        .flat_map(|row| {
            BridgeLine::ALL.iter().map(|line| {
                vec![
                    row.code.clone(),
                    line.code().to_owned(),
                    row.bridge[usize::from(line.index())].to_string(),
                ]
            })
        });
    csv_bytes(false, columns::BRIDGE, rows)
}
