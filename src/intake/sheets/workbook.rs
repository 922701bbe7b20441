//! A file with sheets, of whatever kind: each sheet's header found, its rows gathered, and what fits nobody set aside.

use std::collections::{HashMap, HashSet};

use crate::domain::fault::{WrongContent, WrongHeader};
use crate::domain::{Fate, Field, Refusal};
use crate::intake::ask::Ask;
use crate::intake::cell::RowCells;
use crate::intake::header::{self, Found};
use crate::intake::lines::{Lines, Tabs};
use crate::intake::sheet::{Origin, SourceSheet};
use crate::intake::sheets::ahead;
use crate::intake::sheets::scroll::{self, Scroll, Way};
use crate::intake::trouble::Trouble;

/// What a sheet turned out to be.
enum Verdict {
    /// It has what the source needs.
    Fits(SourceSheet),
    /// It has no header of this source: all its rows are notes. The refusal says so, should no other sheet fit.
    Notes(SourceSheet, Refusal),
    /// It is hidden, and what is hidden is set aside, whatever it holds; or the source does not ask for it.
    Left(SourceSheet),
    /// It is wrong, whatever the others are.
    Wrong(Refusal),
    /// No row at all.
    Empty,
}

/// Reads all worksheets of a workbook.
pub(crate) fn read(
    ask: Ask<'_>,
    mut origin: Origin,
    tabs: &mut dyn Tabs,
) -> Result<Vec<SourceSheet>, Trouble> {
    let (mut fitting, mut sheets, mut unfit, mut wrong) = (0, Vec::new(), Vec::new(), Vec::new());
    origin.since_1904 = tabs.since_1904();
    let names = tabs.names();
    if !names.is_empty() && !names.iter().any(|name| ask.rule.takes_sheet(name)) {
        let (file, patterns) = (origin.file.clone(), ask.rule.sheets.clone());
        return Err(Refusal::Header(WrongHeader::NoMatchingSheet {
            file,
            patterns,
            sheets: names,
        })
        .into());
    }
    let known_as = told_apart(&names);
    for (at, (name, known_as)) in names.iter().zip(known_as).enumerate() {
        let is_asked_for = ask.rule.takes_sheet(name);
        origin.sheet = known_as;
        let (hidden, merged) = (tabs.hidden(at), tabs.merged(at));
        if let Some(seen) = ask.seen.filter(|_| is_asked_for) {
            seen.lines(&origin.sheet, &mut *tabs.lines(at)?)?;
        }
        let one = Way {
            ask,
            origin: &origin,
            hidden: &hidden,
            merged: &merged,
            gaps: true,
        };
        match ahead::read(tabs.lines(at)?, |lines| sheet(one, is_asked_for, lines))? {
            Verdict::Fits(sheet) => {
                fitting += 1;
                sheets.push(sheet);
            }
            Verdict::Notes(sheet, refusal) => {
                sheets.push(sheet);
                unfit.push(refusal);
            }
            Verdict::Left(sheet) => sheets.push(sheet),
            Verdict::Wrong(refusal) => wrong.push(refusal),
            Verdict::Empty => {}
        }
    }
    if !wrong.is_empty() {
        return Err(Trouble::Refused(wrong));
    }
    // A workbook of nothing but hidden sheets is read as the pipeline says: all its rows are set aside.
    if fitting == 0 && (sheets.is_empty() || !unfit.is_empty()) {
        let empty = || {
            vec![Refusal::Content(WrongContent::EmptySheet {
                file: origin.file.clone(),
                sheet: String::new(),
            })]
        };
        return Err(Trouble::Refused(if unfit.is_empty() {
            empty()
        } else {
            unfit
        }));
    }
    Ok(sheets)
}

/// Names by which sheets are known: of two of one name the later gets a number, and one that no sheet has.
fn told_apart(names: &[String]) -> Vec<String> {
    let mut taken: HashSet<String> = names.iter().cloned().collect();
    let mut met: HashMap<&str, usize> = HashMap::new();
    let mut known_as = Vec::with_capacity(names.len());
    for name in names {
        let times = met.entry(name).or_default();
        *times += 1;
        let mut unlike = name.clone();
        while *times > 1 && !taken.insert(unlike.clone()) {
            unlike = format!("{name}（{times}）");
            *times += usize::from(taken.contains(&unlike));
        }
        known_as.push(unlike);
    }
    known_as
}

fn sheet<'a>(
    way: Way<'_>,
    is_asked_for: bool,
    lines: &mut (dyn Lines<'a> + 'a),
) -> Result<Verdict, Trouble> {
    let Way {
        ask,
        origin,
        hidden,
        ..
    } = way;
    let mut scroll = Scroll::new(lines);
    let head = scroll.head(way)?;
    if head.numbers.is_empty() {
        return Ok(Verdict::Empty);
    }
    if !is_asked_for {
        return Ok(Verdict::Left(
            scroll::notes(way, Fate::Note, head, &mut scroll)?.0,
        ));
    }
    let (found, refusal) = scroll::found(way, &head);
    let is_out = hidden.sheet && way.sets_aside();
    match (found, refusal) {
        (Found::Header(header), None) => {
            let read = scroll::data(way, &header, head, &mut scroll);
            if is_out {
                read.map(Verdict::Left)
            } else {
                fits(read)
            }
        }
        (_, _) if is_out => Ok(Verdict::Left(
            scroll::notes(way, Fate::Hidden, head, &mut scroll)?.0,
        )),
        (Found::Header(_), Some(refusal)) => Ok(Verdict::Wrong(refusal)),
        (Found::Near { .. }, Some(refusal)) if names_people(ask, head.searched()) => {
            Ok(Verdict::Wrong(refusal))
        }
        (_, refusal) => {
            let (sheet, names_people) = scroll::notes(way, Fate::Note, head, &mut scroll)?;
            let refusal = refusal.unwrap_or(Refusal::Content(WrongContent::EmptySheet {
                file: origin.file.clone(),
                sheet: origin.sheet.clone(),
            }));
            // A list that goes on from the sheet before, say. Which column is which is not guessed.
            let is_broken = names_people && ask.rule.kind.has_persons();
            Ok(if is_broken {
                Verdict::Wrong(refusal)
            } else {
                Verdict::Notes(sheet, refusal)
            })
        }
    }
}

/// Whether a row of the head names people (or, for tasks, stands for itself): a sheet that does and lacks a column is
/// a broken book, not a note. A summary by township in a workbook of persons is a note.
fn names_people(ask: Ask<'_>, head: &[RowCells<'_>]) -> bool {
    let person = |field: Field| matches!(field, Field::Id | Field::Name);
    !ask.rule.kind.has_persons()
        || head
            .iter()
            .any(|row| header::fields_of(ask, row).into_iter().any(person))
}

fn fits(read: Result<SourceSheet, Trouble>) -> Result<Verdict, Trouble> {
    match read {
        Ok(sheet) => Ok(Verdict::Fits(sheet)),
        Err(Trouble::Refused(mut refusals)) if refusals.len() == 1 => {
            Ok(Verdict::Wrong(refusals.remove(0)))
        }
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::SourceKind;
    use std::borrow::Cow;

    use super::*;
    use crate::domain::{FateCounts, columns};
    use crate::intake::lines::OutOfSight;
    use crate::intake::merged::Merges;
    use crate::scheme::{self, SourceRule};

    /// Sheets in memory: what is hidden, and the cells.
    struct Paper(Vec<(&'static str, OutOfSight, Vec<Vec<&'static str>>)>);

    impl Tabs for Paper {
        fn names(&self) -> Vec<String> {
            self.0.iter().map(|(name, ..)| (*name).to_owned()).collect()
        }
        fn hidden(&self, at: usize) -> OutOfSight {
            self.0[at].1.clone()
        }
        fn merged(&self, _: usize) -> Merges {
            Merges::default()
        }
        fn lines<'s>(&'s mut self, at: usize) -> Result<Box<dyn Lines<'s> + 's>, Trouble> {
            Ok(Box::new(Written {
                rows: &self.0[at].2,
                at: 0,
            }))
        }
    }

    struct Written<'s> {
        rows: &'s [Vec<&'static str>],
        at: usize,
    }

    impl<'s> Lines<'s> for Written<'s> {
        fn next(&mut self, cells: &mut RowCells<'s>) -> Result<Option<u32>, Trouble> {
            while let Some(row) = self.rows.get(self.at) {
                self.at += 1;
                if row.iter().any(|text| !text.is_empty()) {
                    *cells = row.iter().map(|text| Cow::Borrowed(*text)).collect();
                    return Ok(Some(self.at as u32));
                }
            }
            Ok(None)
        }
    }

    fn rule(set_aside: bool) -> SourceRule {
        let hidden = if set_aside {
            scheme::Hidden::SetAside
        } else {
            scheme::Hidden::Read
        };
        SourceRule {
            hidden,
            ..SourceRule::plain(SourceKind::Register)
        }
    }

    fn origin() -> Origin {
        Origin {
            source: SourceKind::Register,
            file: "a".into(),
            sheet: String::new(),
            sha256: String::new(),
            encoding: String::new(),
            batch: None,
            family: String::new(),
            since_1904: false,
            rows_read: 0,
        }
    }

    fn read_paper(
        set_aside: bool,
        sheets: &[(&'static str, OutOfSight)],
    ) -> Result<Vec<SourceSheet>, Trouble> {
        let rule = rule(set_aside);
        let people = vec![
            vec!["名册"],
            vec!["姓名", "曾用名", "身份证号", "证件号码"],
            vec!["张三", "张二", "11010519491231002X", "440524188001010014"],
            vec![],
            vec!["李四", "", "440524188001010014"],
            vec!["合计", "2"],
            vec!["王五", "", "110101202311012176"],
            vec!["姓名", "曾用名", "身份证号", "证件号码"],
        ];
        let rows = |name: &str| match name {
            "说明" => vec![vec!["请勿改动"], vec!["谢谢"]],
            // Without the other number, which would have to agree.
            "单号" => people
                .iter()
                .map(|row| row.iter().take(3).copied().collect())
                .collect(),
            _ => people.clone(),
        };
        let mut paper = Paper(
            sheets
                .iter()
                .map(|(name, hidden)| (*name, hidden.clone(), rows(name)))
                .collect(),
        );
        read(
            Ask {
                rule: &rule,
                year: 2022,
                seen: None,
            },
            origin(),
            &mut paper,
        )
    }

    #[test]
    fn sheets_of_one_name_are_told_apart_by_names_that_no_sheet_has() {
        let names = ["甲", "乙", "甲", "甲（2）", "甲", "", ""].map(str::to_owned);
        assert_eq!(
            told_apart(&names),
            ["甲", "乙", "甲（3）", "甲（2）", "甲（4）", "", "（2）"]
        );
    }

    #[test]
    fn two_sheets_of_one_name_are_read_each_with_its_own_rows() {
        let sheets = read_paper(
            false,
            &[
                ("单号", OutOfSight::default()),
                ("单号", OutOfSight::default()),
            ],
        );
        // Asked for by its name, known by another.
        let sheets = sheets.unwrap();
        let names: Vec<&str> = sheets.iter().map(|sheet| &*sheet.origin.sheet).collect();
        assert_eq!(names, ["单号", "单号（2）"]);
        assert_eq!(
            (numbers(&sheets[0]), numbers(&sheets[1])),
            (vec![3, 5, 7], vec![3, 5, 7])
        );
    }

    #[test]
    fn a_header_is_looked_for_in_few_of_the_rows_that_are_as_wide_as_a_sheet() {
        let wide: Vec<&'static str> = vec!["数据"; 16_384];
        let mut paper = Paper(vec![("宽", OutOfSight::default(), vec![wide; 40])]);
        let Ok(mut lines) = paper.lines(0) else {
            panic!("lines on paper")
        };
        let rule = rule(false);
        let way = Way {
            ask: Ask {
                rule: &rule,
                year: 2022,
                seen: None,
            },
            origin: &origin(),
            hidden: &OutOfSight::default(),
            merged: &Merges::default(),
            gaps: true,
        };
        let mut scroll = Scroll::new(&mut *lines);
        let Ok(head) = scroll.head(way) else {
            panic!("a head on paper")
        };
        assert_eq!(head.numbers.len(), header::HEAD_CELLS.div_ceil(16_384));
        let Ok((sheet, _)) = scroll::notes(way, Fate::Note, head, &mut scroll) else {
            panic!("notes on paper")
        };
        assert_eq!(
            sheet.set_aside,
            counts(&[(Fate::Note, 40)]),
            "every row is told once, looked at or not"
        );
    }

    fn counts(counted: &[(Fate, u64)]) -> FateCounts {
        let mut counts = FateCounts::default();
        counted
            .iter()
            .for_each(|(fate, rows)| counts.add(*fate, *rows));
        counts
    }

    fn numbers(sheet: &SourceSheet) -> Vec<u32> {
        sheet
            .table
            .column(columns::ROW)
            .unwrap()
            .u32()
            .unwrap()
            .iter()
            .flatten()
            .collect()
    }

    /// Rows 2 (the header), 5 to 6 and 8, and the column of the other number.
    fn partly() -> OutOfSight {
        OutOfSight {
            sheet: false,
            rows: vec![(2, 2), (5, 6), (8, 8)],
            columns: vec![(3, 3)],
        }
    }

    #[test]
    fn hidden_rows_and_columns_are_set_aside_after_every_better_reason() {
        let sheets = read_paper(true, &[("Sheet1", partly())]).unwrap();
        assert_eq!(numbers(&sheets[0]), [3, 7]);
        let expected = [
            (Fate::Blank, 1),
            (Fate::Heading, 3),
            (Fate::Total, 1),
            (Fate::Hidden, 1),
        ];
        assert_eq!(sheets[0].set_aside, counts(&expected));
        assert_eq!(sheets[0].beside.hidden_rows, 3);
        assert_eq!(sheets[0].beside.hidden_columns, ["证件号码"]);
        assert_eq!(
            sheets[0]
                .columns
                .iter()
                .filter(|column| column.field == Some(Field::Id))
                .count(),
            1
        );
    }

    #[test]
    fn hidden_rows_and_columns_are_read_and_counted_by_default() {
        let Err(Trouble::Refused(refusals)) = read_paper(false, &[("Sheet1", partly())]) else {
            panic!("the hidden number was not compared with the other")
        };
        assert!(
            matches!(
                &refusals[..],
                [Refusal::Header(WrongHeader::ColumnAmbiguous {
                    field: Field::Id,
                    row: 3,
                    ..
                })]
            ),
            "{refusals:?}"
        );
        let hidden = OutOfSight {
            sheet: true,
            columns: vec![(1, 2)],
            ..partly()
        };
        let sheets = read_paper(false, &[("单号", hidden)]).unwrap();
        assert_eq!(numbers(&sheets[0]), [3, 5, 7]);
        assert_eq!(
            sheets[0].set_aside,
            counts(&[(Fate::Blank, 1), (Fate::Heading, 3), (Fate::Total, 1)])
        );
        let beside = &sheets[0].beside;
        assert!(beside.hidden_sheet);
        assert_eq!(
            (beside.hidden_rows, &beside.hidden_columns[..]),
            (3, &["曾用名".to_owned(), "身份证号".to_owned()][..])
        );
    }

    #[test]
    fn a_hidden_sheet_is_read_or_set_aside_whole_and_stays_accounted_for() {
        let without_other = OutOfSight {
            columns: vec![(3, 3)],
            ..OutOfSight::default()
        };
        let hidden = OutOfSight {
            sheet: true,
            ..without_other.clone()
        };
        let sheets = read_paper(
            true,
            &[
                ("Sheet1", without_other.clone()),
                ("旧", hidden.clone()),
                ("说明", hidden.clone()),
            ],
        )
        .unwrap();
        assert_eq!(
            sheets
                .iter()
                .map(|sheet| sheet.table.height())
                .collect::<Vec<_>>(),
            [3, 0, 0]
        );
        let expected = [
            (Fate::Blank, 1),
            (Fate::Heading, 3),
            (Fate::Total, 1),
            (Fate::Hidden, 3),
        ];
        assert_eq!(sheets[1].set_aside, counts(&expected));
        assert_eq!(sheets[2].set_aside, counts(&[(Fate::Hidden, 2)]));
        assert!(
            !sheets[0].beside.hidden_sheet
                && sheets[1].beside.hidden_sheet
                && sheets[2].beside.hidden_sheet
        );
        assert_eq!(sheets[1].origin.rows_read, 8);
        let alone = read_paper(true, &[("旧", hidden.clone())]).unwrap();
        assert_eq!((alone.len(), alone[0].table.height()), (1, 0));
        let with_notes = read_paper(true, &[("旧", hidden), ("说明", OutOfSight::default())]);
        assert!(
            matches!(with_notes, Err(Trouble::Refused(_))),
            "nothing in sight is of the source"
        );
    }
}
