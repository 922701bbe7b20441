//! Merged cells over records: what is written once for a group is each one's, and an amount is nobody's
//! (docs/readings.md#merged).

use std::borrow::Cow;

use super::plan::Plan;
use crate::domain::Field;
use crate::intake::cell::{self, RowCells};
use crate::intake::merged::Cover;
use crate::intake::sheet::MergedColumn;
use crate::intake::spans;

/// A row as it is met below a header.
#[derive(Clone, Copy)]
pub(crate) struct Met<'c> {
    pub row: u32,
    /// It is no record.
    pub out_of_sight: bool,
    /// Merged cells over it.
    pub covers: &'c [Cover],
}

impl Met<'_> {
    /// A row of a file that hides nothing and merges nothing.
    pub(crate) const fn plain(row: u32) -> Self {
        Met {
            row,
            out_of_sight: false,
            covers: &[],
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Fate, FateCounts, SourceKind};
    use crate::intake::ask::Ask;
    use crate::intake::sheet::{Origin, SourceSheet};
    use crate::intake::sheets::{held::Held, workbook};
    use crate::scheme::SourceRule;

    /// A cell's rows and columns that are merged, first and last, from 0.
    type Area = ((u32, u32), (u32, u32));

    /// A sheet of these rows in which these cells are merged.
    fn read(kind: SourceKind, rows: &[&[&str]], merged: &[Area]) -> SourceSheet {
        let mut held = Held::new("a.xls");
        held.begin("表".to_owned()).unwrap();
        for (row, cells) in (0..).zip(rows) {
            for (column, text) in (0..).zip(*cells) {
                held.put(row, column, text).unwrap();
            }
        }
        for (rows, columns) in merged {
            held.merge(0, *rows, *columns).unwrap();
        }
        let rule = SourceRule::plain(kind);
        let ask = Ask {
            rule: &rule,
            year: 2022,
            seen: None,
        };
        let origin = Origin {
            source: kind,
            file: "a.xls".to_owned(),
            sheet: String::new(),
            sha256: String::new(),
            encoding: String::new(),
            batch: None,
            family: String::new(),
            since_1904: false,
            rows_read: 0,
        };
        workbook::read(ask, origin, &mut held).unwrap().remove(0)
    }

    fn column(sheet: &SourceSheet, field: Field) -> Vec<String> {
        let cells = sheet.table.column(field.code()).unwrap().str().unwrap();
        let cells = cells.iter().map(|cell| cell.unwrap_or("").to_owned());
        cells.collect()
    }

    const HEADER: &[&str] = &["村", "姓名", "身份证号", "户主"];

    #[test]
    fn a_merged_cell_is_read_for_the_rows_under_it_and_told() {
        let rows: [&[&str]; 8] = [
            HEADER,
            &["甲村", "张三", "11010519491231002X", "张三"],
            &["", "李四", "440524188001010014"],
            &["乙村", "王五", "110101202311012176", "王五"],
            &[],
            &["", "赵六", "130503670401001", "赵六"],
            &["", "合计", "4"],
            // The last merged cell ends above.
            &["", "钱七", "110105194912310021", "钱七"],
        ];
        let merged = [((1, 2), (0, 0)), ((3, 6), (0, 0)), ((1, 2), (3, 3))];
        let sheet = read(SourceKind::Register, &rows, &merged);
        assert_eq!(
            column(&sheet, Field::Village),
            ["甲村", "甲村", "乙村", "乙村", ""]
        );
        let filled = |field, filled| MergedColumn {
            field,
            filled,
            undivided: Vec::new(),
        };
        assert_eq!(
            sheet.merged,
            [
                filled(Field::Village, vec![(3, 3), (6, 6)]),
                filled(Field::Head, vec![(3, 3)])
            ]
        );
        let mut aside = FateCounts::default();
        for fate in [Fate::Blank, Fate::Heading, Fate::Total] {
            aside.add(fate, 1);
        }
        assert_eq!(
            sheet.set_aside, aside,
            "rows are judged as they are written"
        );
    }

    #[test]
    fn what_is_merged_across_or_in_the_header_or_is_one_persons_is_not_filled() {
        let rows: [&[&str]; 8] = [
            &["底册"],
            HEADER,
            &[],
            &["甲村", "张三", "11010519491231002X", "张三"],
            &["", "李四", "440524188001010014"],
            &["丙村", "", "110101202311012176"],
            HEADER,
            &["", "赵六", "130503670401001", "赵六"],
        ];
        let merged = [
            ((0, 3), (0, 0)),
            ((1, 2), (0, 0)),
            ((3, 5), (0, 1)),
            ((3, 4), (2, 2)),
            ((4, 5), (1, 1)),
            ((6, 7), (0, 0)),
        ];
        let sheet = read(SourceKind::Register, &rows, &merged);
        assert_eq!(column(&sheet, Field::Village), ["甲村", "", "丙村", ""]);
        assert_eq!(column(&sheet, Field::Name), ["张三", "李四", "", "赵六"]);
        assert_eq!(sheet.merged, []);
    }

    #[test]
    fn an_amount_merged_over_several_is_undivided_for_all_of_them() {
        let rows: [&[&str]; 4] = [
            &["姓名", "身份证号", "缴费金额", "缴费日期"],
            &["张三", "11010519491231002X", "800", "2021-12-05"],
            &["李四", "440524188001010014"],
            &["王五", "110101202311012176", "400", "2021-12-05"],
        ];
        let merged = [((1, 2), (2, 2)), ((1, 2), (3, 3))];
        let sheet = read(SourceKind::Payments, &rows, &merged);
        assert_eq!(column(&sheet, Field::Total), ["800", "", "400"]);
        let days = ["2021-12-05", "", "2021-12-05"];
        assert_eq!(column(&sheet, Field::PaidOn), days, "a day is one person's");
        assert_eq!(
            sheet.merged,
            [MergedColumn {
                field: Field::Total,
                filled: Vec::new(),
                undivided: vec![(2, 3)],
            }]
        );
    }
}
