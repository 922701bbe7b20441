//! Tallies: counts by region that add up over buckets.

use std::collections::BTreeMap;

use crate::domain::Fen;

/// Subsidies that payments, registrations and rosters record, in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SubsidiesRecorded {
    /// Of persons for whom a payer owes a grant.
    pub recorded: Fen,
    /// Of everybody else: not entitled, employees, nowhere registered here.
    pub outside: Fen,
    /// Personal money of payments for several years that belongs to the others (docs/readings.md#several-years).
    pub of_other_years: Fen,
}

/// Counts of all buckets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tallies {
    /// Normal rows here by region of the row and cover.
    pub registered: BTreeMap<(String, u8), u64>,
    /// The same rows by region of the row, register region of the person (empty = none), and class.
    pub rows: BTreeMap<(String, String, u8), u64>,
    /// Register persons by region and standing.
    pub standings: BTreeMap<(String, u8), u64>,
    /// Persons in force on a roster on the as-of date by category, region and standing.
    pub rosters: BTreeMap<(u16, String, u8), u64>,
    /// The same by group of the scheme: a person of several of its categories counts once.
    pub groups: BTreeMap<(u16, String, u8), u64>,
    /// Students by region and standing.
    pub students: BTreeMap<(String, u8), u64>,
    /// Entitled residents here by category and region: persons and fen.
    pub funding: BTreeMap<(u16, String), (u64, Fen)>,
    /// Subsidies that any book records.
    pub granted: SubsidiesRecorded,
    /// Extra resident registrations by kind and region of the person: persons and registrations.
    pub audit: BTreeMap<(u8, String), (u64, u64)>,
    /// Persons on last year's list by region.
    pub previous: BTreeMap<String, u64>,
    /// Persons registered here whose registration is paid, subsidised or free on the as-of date, by region and cover; only
    /// where a rate counts those.
    pub paid: BTreeMap<(String, u8), u64>,
    /// Persons registered here that count on a day of the assessment: position of the day, region, cover.
    pub assessed: BTreeMap<(u8, String, u8), u64>,
    /// The same of the register, insured anywhere; only where the primary rate counts those.
    pub assessed_register: BTreeMap<(u8, String, u8), u64>,
    /// Members of a group in force on a day of the assessment: position of the day, group, region, standing.
    pub assessed_groups: BTreeMap<(u8, u16, String, u8), u64>,
}
