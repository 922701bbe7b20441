//! Merged cells over records: what is written once for a group is each one's, and an amount is nobody's
//! (docs/readings.md#merged).

use std::borrow::Cow;

use super::gathered::Met;
use super::plan::Plan;
use crate::domain::Field;
use crate::intake::cell::{self, RowCells};
use crate::intake::sheet::MergedColumn;
use crate::intake::spans;

/// What a merged cell means for the rows under it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Under {
    /// It holds for each of them.
    Each,
    /// It is a sum, or one of them has it: for whom how much, nobody knows.
    Undivided,
    /// It belongs to the row in which it stands.
    Nothing,
}

impl Under {
    /// Of a group is where it is, whose it is, and what holds for all of it; a number, a name and a day are one person's.
    const fn of(field: Field) -> Self {
        match field {
            Field::County
            | Field::Township
            | Field::Village
            | Field::Group
            | Field::Household
            | Field::Head
            | Field::Place
            | Field::RegionCode
            | Field::IdType
            | Field::Sex
            | Field::Category
            | Field::Scheme
            | Field::Status
            | Field::Year
            | Field::YearTo
            | Field::LateCase
            | Field::Disposition
            | Field::Business
            | Field::ReversalFlag
            | Field::AccountName
            | Field::Bank
            | Field::Account
            | Field::Remark => Under::Each,
            Field::Personal | Field::Total | Field::Subsidy | Field::Refunded => Under::Undivided,
            Field::Id
            | Field::FormerId
            | Field::Name
            | Field::PersonNo
            | Field::Relation
            | Field::Birth
            | Field::RegistrationNo
            | Field::Begun
            | Field::MadeOn
            | Field::PaidOn
            | Field::Voucher
            | Field::OriginalVoucher
            | Field::Identified
            | Field::Approved
            | Field::Ended
            | Field::Death
            | Field::MovedOut
            | Field::EventOn
            | Field::BrokenYears
            | Field::RepaidYears
            | Field::EnrolledOn
            | Field::GraduatesOn
            | Field::Population
            | Field::Task
            | Field::Floor
            | Field::LastYear
            | Field::LastYearEmployee
            | Field::LastYearTotal
            | Field::Serial
            | Field::Members => Under::Nothing,
        }
    }
}

/// Where cells were filled, and where an amount is undivided, column by column.
#[derive(Default)]
pub(crate) struct MergedColumns(pub(super) Vec<MergedColumn>);

impl MergedColumns {
    /// Fills the blank cells of a record from the merged cells over it. What is written in a cell stays.
    pub(super) fn fill(&mut self, plan: &Plan<'_>, met: Met<'_>, cells: &mut RowCells<'_>) {
        for cover in met.covers.iter().filter(|cover| cover.first < met.row) {
            let Some((column, field)) = plan.under_a_merge(cover.column) else {
                continue;
            };
            if !cell::at(cells, column).is_empty() {
                continue;
            }
            match Under::of(field) {
                Under::Each => {
                    if cells.len() <= column {
                        cells.resize(column + 1, Cow::Borrowed(""));
                    }
                    cells[column] = Cow::Owned(cover.text.clone());
                    push(&mut self.of(field).filled, met.row);
                }
                Under::Undivided => {
                    let rows = &mut self.of(field).undivided;
                    push(rows, cover.first);
                    push(rows, met.row);
                }
                Under::Nothing => {}
            }
        }
    }

    fn of(&mut self, field: Field) -> &mut MergedColumn {
        let known = self.0.iter().position(|column| column.field == field);
        let at = known.unwrap_or_else(|| {
            self.0.push(MergedColumn {
                field,
                filled: Vec::new(),
                undivided: Vec::new(),
            });
            self.0.len() - 1
        });
        &mut self.0[at]
    }
}

/// Adds a row behind those that are there, unless it is among the last of them.
fn push(rows: &mut Vec<(u32, u32)>, row: u32) {
    if rows.last().is_none_or(|(_, last)| *last < row) {
        spans::push(rows, row);
    }
}

impl Plan<'_> {
    /// The column and the field that a merged cell of a column speaks of; none where it is of no use to the rows under it.
    fn under_a_merge(&self, column: usize) -> Option<(usize, Field)> {
        let double = self.doubles.iter().find(|(_, other, _)| *other == column);
        let column = double.map_or(column, |(first, ..)| *first);
        // What several persons of a row have each for themselves is no group's.
        if self
            .people
            .iter()
            .any(|person| person.own.contains(&column))
        {
            return None;
        }
        let slot = self.people.first()?.uses.get(column)?.slot?;
        Some((column, self.fields[slot]))
    }

    /// Whether a merged cell of a column says anything of the rows under it.
    pub(crate) fn heeds_a_merge(&self, column: usize) -> bool {
        self.under_a_merge(column)
            .is_some_and(|(_, field)| Under::of(field) != Under::Nothing)
    }
}
