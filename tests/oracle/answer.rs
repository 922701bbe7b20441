//! The oracle's answer, and the program's, in one comparable form.

use std::collections::BTreeMap;

/// Everything the two implementations are compared by. Multisets are sorted vectors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// (code, id)
    pub findings: Vec<(String, String)>,
    /// (id, region code, standing) of every person on the register
    pub standings: Vec<(String, String, String)>,
    /// (level, parent, code) → column → value as printed
    pub coverage: BTreeMap<(String, String, String), BTreeMap<String, String>>,
    /// (region code, line) → persons
    pub bridge: BTreeMap<(String, String), i64>,
    pub cases: Vec<super::cases::Case>,
    /// (payer, category, region code) → (persons, fen)
    pub funding: BTreeMap<(String, String, String), (u64, i64)>,
    /// Everyone who has a grant.
    pub subsidies: Vec<super::money::Subsidy>,
    /// Late entries, school years and waitings.
    pub entries: Vec<super::entries::Entry>,
    /// Fiscal subsidies drawn twice: kind → (persons, registrations).
    pub audit: super::cases::Audit,
    /// region code → column → value: the assessment's table.
    pub assessment: super::assess::Table,
    /// post → (mean rate, score)
    pub leaders: super::assess::Leaders,
    /// fate → rows, over all books but the tasks
    pub fates: BTreeMap<String, u64>,
}

/// What the oracle says of a world.
pub fn answer(world: &super::world::World) -> Answer {
    let records = super::rows::records(world);
    let people = super::findings::people(world, &records);
    let mut fates = BTreeMap::new();
    for record in &records {
        *fates.entry(record.fate.to_owned()).or_insert(0) += 1;
    }
    let mut answer = Answer {
        findings: super::findings::findings(world, &records, &people),
        standings: super::count::standings(world, &people),
        coverage: super::count::coverage(world, &records, &people),
        bridge: super::count::bridge(world, &records, &people),
        cases: super::cases::cases(world, &people),
        funding: super::count::funding(world, &people),
        subsidies: super::money::subsidies(world, &people),
        entries: super::entries::entries(world, &people),
        audit: super::cases::audit(&people),
        assessment: super::assess::assessment(world, &people),
        leaders: super::assess::leaders(world, &people),
        fates,
    };
    answer.findings.sort();
    answer.standings.sort();
    answer.cases.sort();
    answer.subsidies.sort();
    answer.entries.sort();
    answer
}
