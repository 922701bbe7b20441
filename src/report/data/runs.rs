//! funding.csv, sources.csv and checks.csv: what the run paid, read and could not check.

use super::{cell, columns, csv_bytes};
use crate::domain::Fate;
use crate::domain::period::day_of_epoch;
use crate::measure::Facts;

/// funding.csv: a row a payer, category and region.
pub(super) fn funding(facts: &Facts) -> anyhow::Result<Vec<u8>> {
    let rows = facts.funding.iter().map(|row| {
        vec![
            row.payer.clone(),
            row.category.clone(),
            row.region_code.clone(),
            row.persons.to_string(),
            row.fen.to_string(),
        ]
    });
    csv_bytes(false, columns::FUNDING, rows)
}

/// audit.csv: a row a kind of extra registration and region; `fen` is empty where the notice states no fiscal subsidy.
pub(super) fn audit(facts: &Facts) -> anyhow::Result<Vec<u8>> {
    let rows = facts.audit.iter().map(|row| {
        let counts = [
            row.persons.to_string(),
            row.registrations.to_string(),
            cell(row.fen),
        ];
        [row.kind.code().to_owned(), row.region_code.clone()]
            .into_iter()
            .chain(counts)
            .collect()
    });
    csv_bytes(false, columns::AUDIT, rows)
}

/// sources.csv: a row a file and sheet, with its rows by fate.
pub(super) fn sources(facts: &Facts) -> anyhow::Result<Vec<u8>> {
    let rows = facts.received().into_iter().map(|(origin, fates, _)| {
        let mut cells = vec![
            origin.source.code().to_owned(),
            origin.file.clone(),
            origin.sheet.clone(),
            origin.sha256.clone(),
            origin.encoding.clone(),
            origin.rows_read.to_string(),
        ];
        cells.extend(Fate::ALL.iter().map(|&fate| fates.of(fate).to_string()));
        cells
    });
    csv_bytes(false, &columns::sources(), rows)
}

/// received.csv: every file of the folder, claimed or not, with what its rows come to before any is judged.
pub(super) fn received(facts: &Facts) -> anyhow::Result<Vec<u8>> {
    let day = |day: Option<i32>| cell(day.map(day_of_epoch));
    let claimed = facts
        .received()
        .into_iter()
        .map(|(origin, fates, account)| {
            let money = account.days.map(|_| account.fen);
            vec![
                origin.file.clone(),
                origin.sheet.clone(),
                origin.source.code().to_owned(),
                origin.sha256.clone(),
                origin.batch.clone().unwrap_or_default(),
                origin.rows_read.to_string(),
                fates.of(Fate::Used).to_string(),
                account.nobody.to_string(),
                account.placeless.to_string(),
                account.outside.to_string(),
                account.no_amount.to_string(),
                day(account.days.map(|(first, _)| first)),
                day(account.days.map(|(_, last)| last)),
                cell(money),
            ]
        });
    let unclaimed = facts.unclaimed.iter().map(|file| {
        let mut cells = vec![String::new(); columns::RECEIVED.len()];
        cells[0].clone_from(file);
        cells
    });
    csv_bytes(false, columns::RECEIVED, claimed.chain(unclaimed))
}

/// checks.csv: a row a finding code; `why_not` = `no-source:<source>`, several separated by `|`.
pub(super) fn checks(facts: &Facts) -> anyhow::Result<Vec<u8>> {
    let rows = facts.checks.iter().map(|check| {
        let why_not: Vec<String> = check
            .missing
            .iter()
            .map(|source| format!("no-source:{}", source.code()))
            .collect();
        vec![
            check.code.code().to_owned(),
            check.missing.is_empty().to_string(),
            why_not.join("|"),
            check.rows.to_string(),
        ]
    });
    csv_bytes(false, columns::CHECKS, rows)
}
