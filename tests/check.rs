//! The pre-flight: what is told of good and of spoilt files, what is warned of, and that pasted proposals make the run
//! accept a file as if its headers had never been spoilt.

use std::fs;
use std::path::{Path, PathBuf};

use canbao::domain::fault::{WrongContent, WrongHeader, WrongInputs};
use canbao::domain::{Code, Field, Refusal, SourceKind};
use canbao::run::{Order, make_sample, reconcile, survey};
use canbao::sample::{Form, SampleOrder};
use canbao::survey::{
    Content, OddCells, OddSameness, OddSize, OddTime, Open, Survey, Warning, Why, Yardstick,
};
use canbao::words::{Lang, check};
use chrono::NaiveDate;
use tempfile::TempDir;

const REGISTER: &str = "常住人口_20230331.csv";
const RESIDENTS: &str = "参保登记_居民_20230331.csv";
const OCTOBER: &str = "缴费明细_20221031.csv";
const DEATHS: &str = "死亡人员_20230331.csv";
const TASKS: &str = "任务分解_20230331.csv";
const FUND: &str = "资助名册_医疗救助资金_20230331.csv";

/// A township with its files, all csv in UTF-8.
struct World {
    folder: TempDir,
    as_of: NaiveDate,
}

impl World {
    fn new() -> World {
        let world = World {
            folder: tempfile::tempdir().unwrap(),
            as_of: NaiveDate::from_ymd_opt(2023, 3, 31).unwrap(),
        };
        let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines");
        for file in [
            "zhuji-2023.toml",
            "regions/zhuji-2023.csv",
            "tasks/zhuji-2023.csv",
        ] {
            let to = world.folder.path().join(file);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(house.join(file), to).unwrap();
        }
        let order = SampleOrder {
            people: Some(600),
            seed: 7,
            weeks: 0,
            form: Form::Csv,
            out: world.folder.path().join("in"),
            tasks: Vec::new(),
        };
        make_sample(&world.pipeline(), &order).unwrap();
        fs::remove_dir_all(order.out.join("方案")).unwrap(); // this world has a pipeline of its own
        for entry in fs::read_dir(world.folder.path().join("in")).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            let text = String::from_utf8(bytes)
                .unwrap_or_else(|e| encoding_rs::GB18030.decode(e.as_bytes()).0.into_owned());
            fs::write(&path, text.trim_start_matches('\u{feff}')).unwrap();
        }
        world
    }

    fn pipeline(&self) -> PathBuf {
        self.folder.path().join("zhuji-2023.toml")
    }

    fn input(&self, file: &str) -> PathBuf {
        self.folder.path().join("in").join(file)
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.input(file)).unwrap()
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.input(file), text).unwrap();
    }

    fn edit(&self, file: &str, edit: impl Fn(String) -> String) {
        self.write(file, &edit(self.text(file)));
    }

    /// Another word in the header, wherever it stands.
    fn rename(&self, file: &str, from: &str, to: &str) {
        let mut renamed = false;
        let line = |line: &str| {
            let mut cells: Vec<&str> = line.split(',').collect();
            if let Some(cell) = cells
                .iter_mut()
                .find(|cell| **cell == from)
                .filter(|_| !renamed)
            {
                *cell = to;
                renamed = true;
            }
            cells.join(",")
        };
        let text = self
            .text(file)
            .lines()
            .map(line)
            .collect::<Vec<_>>()
            .join("\n");
        assert!(renamed, "{from} in {file}");
        self.write(file, &(text + "\n"));
    }

    /// Other cells in a column, below the header.
    fn cells(&self, file: &str, header: &str, cell: impl Fn(usize, &str) -> String) {
        let text = self.text(file);
        let lines: Vec<&str> = text.lines().collect();
        let top = lines
            .iter()
            .position(|line| line.split(',').any(|cell| cell == header))
            .unwrap();
        let column = lines[top]
            .split(',')
            .position(|cell| cell == header)
            .unwrap();
        let width = lines[top].split(',').count();
        let edited = lines.iter().enumerate().map(|(at, line)| {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            if at > top && cells.len() == width && !line.contains("合计") {
                cells[column] = cell(at - top, &cells[column]);
            }
            cells.join(",")
        });
        let text = edited.collect::<Vec<_>>().join("\n");
        self.write(file, &(text + "\n"));
    }

    /// The first lines of a file.
    fn cut(&self, file: &str, lines: usize) {
        self.edit(file, |text| {
            text.lines()
                .take(lines)
                .map(|line| format!("{line}\n"))
                .collect()
        });
    }

    fn pipeline_text(&self, edit: impl Fn(String) -> String) {
        fs::write(
            self.pipeline(),
            edit(fs::read_to_string(self.pipeline()).unwrap()),
        )
        .unwrap();
    }

    fn order(&self, suggest: bool) -> Order {
        let inputs = Some(self.folder.path().join("in"));
        let out = self.folder.path().join("out");
        Order {
            pipeline: self.pipeline(),
            as_of: self.as_of,
            inputs,
            out,
            suggest,
            ..Order::default()
        }
    }

    fn survey(&self) -> Survey {
        survey(&self.order(false)).unwrap()
    }

    fn closely(&self) -> Survey {
        survey(&self.order(true)).unwrap()
    }

    fn findings(&self) -> String {
        let facts = reconcile(&self.order(false)).unwrap().facts;
        let findings = facts.findings.frame().unwrap();
        let columns = findings.columns().iter().map(|column| {
            let cells: Vec<String> = (0..column.len())
                .map(|at| column.get(at).unwrap().to_string())
                .collect();
            format!("{}: {}\n", column.name(), cells.join("|"))
        });
        columns.collect()
    }

    /// What `--suggest` prints, pasted into the pipeline under the headings it stands below.
    fn paste(&self) -> Vec<String> {
        let told = check::text(&self.closely(), Lang::Zh);
        let proposals = &told[told.find("# 建议").unwrap()..];
        let mut pasted = Vec::new();
        let mut heading = String::new();
        for line in proposals.lines() {
            if line.starts_with('[') {
                heading = line.to_owned();
            } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#'))
            {
                self.pipeline_text(|text| {
                    let mut inside = false;
                    let mut lines = Vec::new();
                    for old in text.lines() {
                        inside = if old.starts_with('[') {
                            old.starts_with(&heading)
                        } else {
                            inside
                        };
                        if !(inside && old.starts_with(key)) {
                            lines.push(old);
                        }
                        if inside && old.starts_with('[') {
                            lines.push(line);
                        }
                    }
                    lines.join("\n") + "\n"
                });
                pasted.push(line.to_owned());
            }
        }
        pasted
    }
}

type Edit = fn(&World);

/// What is spoilt, and the lines that must be among those to paste.
#[rustfmt::skip]
const SPOILT: &[(&str, Edit, &[&str])] = &[
    ("the number of the register", |w| w.rename(REGISTER, "身份证号", "号头"),
        &["columns = { id = \"号头\" }"]),
    ("several columns of the register", |w| {
        w.rename(REGISTER, "身份证号", "甲"); w.rename(REGISTER, "姓名", "乙"); w.rename(REGISTER, "村", "丙"); w.rename(REGISTER, "出生日期", "丁");
    }, &["columns = { id = \"甲\", name = \"乙\", birth = \"丁\", village = \"丙\" }"]),
    ("one of two registrations", |w| {
        w.rename(RESIDENTS, "证件号码", "证号"); w.rename(RESIDENTS, "险种类型", "种类"); w.rename(RESIDENTS, "参保状态", "参保情况"); w.rename(RESIDENTS, "统筹区", "归属");
    }, &["id = [\"证号\", \"身份证件号码\"]", "scheme = [\"种类\", \"险种\"]", "status = [\"参保情况\", \"人员参保状态\"]", "place = [\"归属\", \"参保地\"]"]),
    ("one of six payments", |w| {
        for (from, to) in [("证件号码", "号头"), ("财政资助金额", "补助"), ("缴费日期", "日子"), ("电子税票号码", "票号"), ("缴费地", "地点")] { w.rename(OCTOBER, from, to); }
    }, &["id = [\"号头\", \"证件号码\"", "paid-on = [\"日子\", \"缴费日期\"", "subsidy = [\"补助\", \"财政资助金额\"]", "voucher = [\"票号\", \"电子税票号码\"]"]),
    ("a roster", |w| { w.rename(FUND, "身份证号", "号"); w.rename(FUND, "姓名", "被救助人"); },
        &["id = [\"号\", \"身份证号\"]", "name = [\"被救助人\", \"姓名\"]"]),
    ("deaths", |w| { w.rename(DEATHS, "身份证号", "号"); w.rename(DEATHS, "死亡日期", "亡故"); },
        &["columns = { id = \"号\", death = \"亡故\" }"]),
    ("the tasks table", |w| { w.rename(TASKS, "村名", "所在"); w.rename(TASKS, "任务数", "下达任务"); w.rename(TASKS, "村人口数", "村人口"); },
        &["village = \"所在\"", "population = \"村人口\"", "task = \"下达任务\""]),
    ("two columns for one field", |w| {
        w.edit(DEATHS, |text| text.lines().map(|line| match line.split(',').count() {
            4 if line.contains("身份证号") => format!("{line},证件号码\n"),
            4 if line.contains("年") => format!("{line},无\n"),
            _ => format!("{line}\n"),
        }).collect())
    }, &["columns = { id = \"身份证号\" }"]),
    ("a declaration that no longer fits", |w| {
        w.pipeline_text(|text| text.replace("[sources.deaths] ", "[sources.deaths]\ncolumns = { id = \"老列名\", death = \"死亡日期\" }\n#"));
    }, &["columns = { id = \"身份证号\", death = \"死亡日期\" }"]),
];

#[test]
fn pasted_proposals_make_a_run_as_if_no_header_had_been_spoilt() {
    let clean = World::new().findings();
    assert!(clean.lines().count() > 5 && clean.len() > 2_000, "{clean}");
    for (name, spoil, expected) in SPOILT {
        let world = World::new();
        spoil(&world);
        let lines = world.paste();
        for line in *expected {
            assert!(
                lines.iter().any(|pasted| pasted.contains(line)),
                "{name}: no {line} in\n{lines:#?}"
            );
        }
        let after = world.closely();
        assert!(
            after.wrong.is_empty(),
            "{name}: {:?}\n{lines:#?}",
            after.wrong
        );
        assert!(
            world.findings() == clean,
            "{name}: other findings after pasting\n{lines:#?}"
        );
        assert_eq!(
            after.proposals,
            Some(Vec::new()),
            "{name}: something is left to propose"
        );
    }
}

#[test]
fn what_is_understood_needs_no_proposal() {
    let told = World::new().closely();
    assert_eq!(told.proposals, Some(Vec::new()));
    assert_eq!(World::new().survey().proposals, None, "nobody asked");
}

#[test]
fn what_no_declaration_settles_is_said_to_be_open() {
    let of = |spoil: &dyn Fn(&World)| {
        let world = World::new();
        spoil(&world);
        let proposals = world.closely().proposals.unwrap();
        proposals
            .into_iter()
            .flat_map(|one| one.open)
            .collect::<Vec<Open>>()
    };
    let why = |open: &[Open]| {
        open.iter()
            .map(|one| (one.field, one.why.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        why(&of(&|w| w.rename(DEATHS, "身份证号", ""))),
        [(Field::Id, Why::Unnamed(3))]
    );
    let twins = of(&|w| {
        w.rename(DEATHS, "身份证号", "号");
        w.rename(DEATHS, "序号", "号");
    });
    assert_eq!(why(&twins), [(Field::Id, Why::SameHeader("号".into()))]);
    // The file of March has 个人缴费金额 and no total: a declared total would have it refused.
    let parted = of(&|w| {
        w.rename(OCTOBER, "缴费金额", "金额");
        w.rename(OCTOBER, "财政资助金额", "补助");
    });
    assert!(
        why(&parted).contains(&(Field::Total, Why::NotEverywhere("金额".into()))),
        "{parted:?}"
    );
    let nowhere = of(&|w| {
        w.rename(DEATHS, "身份证号", "备注");
        w.cells(DEATHS, "备注", |_, _| "不详".into());
    });
    assert_eq!(why(&nowhere), [(Field::Id, Why::Nowhere)]);
}

#[test]
fn a_row_of_a_household_is_proposed_to_be_unpivoted() {
    let world = World::new();
    let text = "户号,姓名,身份证号,与户主关系,姓名,身份证号,与户主关系\n\
        1,张三,11010519491231002X,本人,李四,440524188001010014,配偶\n2,王五,110101202311012176,本人,,,\n";
    fs::remove_file(world.input(DEATHS)).unwrap();
    world.write("集体账户_20230331.csv", text);
    assert_eq!(
        world.paste(),
        ["unpivot = [\"name\", \"id\", \"relation\"]"]
    );
    let declared = canbao::scheme::load(&world.pipeline()).unwrap();
    let rule = declared.source(SourceKind::Households).unwrap();
    assert_eq!(rule.unpivot, [Field::Name, Field::Id, Field::Relation]);
}

/// What a spoilt world is warned of beyond the clean one.
fn warned(spoil: impl Fn(&mut World)) -> Vec<Warning> {
    let mut world = World::new();
    let clean = world.survey().warnings;
    spoil(&mut world);
    world
        .survey()
        .warnings
        .into_iter()
        .filter(|one| !clean.contains(one))
        .collect()
}

#[test]
fn a_clean_folder_is_warned_of_nothing_but_its_unknown_words() {
    let warnings = World::new().survey().warnings;
    assert!(
        warnings
            .iter()
            .all(|one| matches!(one, Warning::Cells(OddCells::UnknownWords { .. }))),
        "{warnings:#?}"
    );
}

/// Books that have too few rows, and by what.
fn few(spoil: impl Fn(&mut World)) -> Vec<(SourceKind, Yardstick)> {
    let one = |warning: Warning| match warning {
        Warning::Size(OddSize::FewRows {
            source,
            rows,
            expected,
            by,
        }) => {
            assert!(rows * 5 < expected * 3, "{source:?} {rows} of {expected}");
            Some((source, by))
        }
        _ => None,
    };
    warned(spoil).into_iter().filter_map(one).collect()
}

fn halve(w: &World, file: &str) {
    w.cut(file, w.text(file).lines().count() / 2);
}

fn without_two_months(w: &World) {
    for file in ["缴费明细_20221130.csv", "缴费明细_20221231.csv"] {
        fs::remove_file(w.input(file)).unwrap();
    }
}

#[test]
fn files_that_are_far_too_small_are_told_with_what_one_may_expect() {
    use SourceKind::{Payments, Previous, Register, Registrations};
    let by_population = (Register, Yardstick::Population);
    assert_eq!(few(|w| halve(w, REGISTER)), [by_population]);
    let by_last_year = (Registrations, Yardstick::Book(Previous));
    assert_eq!(few(|w| halve(w, RESIDENTS)), [by_last_year]);
    assert_eq!(
        few(|w| without_two_months(w)),
        [(Payments, Yardstick::Task)]
    );
}

#[test]
fn where_nothing_can_be_expected_no_file_is_too_small() {
    let optional = "任务分解*.csv\", \"任务分解*.parquet\"]\nrequired = true";
    let nothing_stated = few(|w| {
        w.pipeline_text(|text| text.replace(optional, "任务分解*.csv\"]"));
        fs::remove_file(w.input(TASKS)).unwrap();
        halve(w, REGISTER);
    });
    assert_eq!(nothing_stated, []);
    // Enrolment grows through the window.
    let in_season = few(|w| {
        without_two_months(w);
        w.as_of = NaiveDate::from_ymd_opt(2022, 12, 31).unwrap();
    });
    assert_eq!(in_season, []);
    // A book with a file that cannot be used is not counted.
    let unusable = few(|w| {
        halve(w, REGISTER);
        w.rename(REGISTER, "身份证号", "号头");
    });
    assert_eq!(unusable, []);
}

#[test]
fn a_batch_is_held_against_the_one_before() {
    let batched = |w: &World| {
        w.pipeline_text(|text| {
            text.replace(
                "[sources.register] ",
                "[sources.register]\nbatch = '_(\\d{8})'\n#",
            )
        });
        fs::copy(w.input(REGISTER), w.input("常住人口_20230228.csv")).unwrap();
    };
    let shrunk = warned(|w| {
        batched(w);
        w.cut(REGISTER, 100);
    });
    assert!(
        shrunk.iter().any(
            |one| matches!(one, Warning::Size(OddSize::Shrunk { file, rows: 97, before, batch, .. })
            if file == REGISTER && *before > 500 && batch == "20230228")
        ),
        "{shrunk:#?}"
    );
    let gone = warned(|w| {
        batched(w);
        w.write(
            "常住人口_乙_20230228.csv",
            "姓名,身份证号\n甲,11010519491231002X\n",
        );
    });
    assert!(
        gone.iter().any(|one| matches!(one, Warning::Size(OddSize::NotSentAgain { file, .. }) if file == "常住人口_乙_20230228.csv")),
        "{gone:#?}"
    );
}

/// Thirty payments of a season.
fn season(year: i32, day: &str) -> String {
    let rows = (100..130).map(|n| format!("甲乙,11010519491231{n},{year},350,{day},T{n}\n"));
    format!(
        "姓名,身份证号,缴费年度,缴费金额,缴费日期,凭证号\n{}",
        rows.collect::<String>()
    )
}

#[test]
fn the_wrong_month_is_told() {
    let stale = warned(|w| {
        for month in ["20221231", "20230131", "20230228", "20230331"] {
            fs::remove_file(w.input(&format!("缴费明细_{month}.csv"))).unwrap();
        }
    });
    let until = NaiveDate::from_ymd_opt(2023, 2, 28).unwrap();
    assert!(
        stale.iter().any(
            |one| matches!(one, Warning::Time(OddTime::Stale { until: day, .. }) if *day == until)
        ),
        "{stale:#?}"
    );

    let other = warned(|w| w.write("缴费明细_x.csv", &season(2021, "2020-12-05")));
    let is_of = |at: &canbao::survey::At| at.file == "缴费明细_x.csv";
    assert!(
        other.iter().any(
            |one| matches!(one, Warning::Time(OddTime::OtherYear { at, rows: 30 }) if is_of(at))
        ),
        "{other:#?}"
    );
    assert!(
        other.iter().any(
            |one| matches!(one, Warning::Time(OddTime::OutsideWindow { at, .. }) if is_of(at))
        ),
        "{other:#?}"
    );
    let late = warned(|w| w.write("缴费明细_x.csv", &season(2023, "2023-03-20")));
    assert!(
        !late
            .iter()
            .any(|one| matches!(one, Warning::Time(OddTime::OutsideWindow { .. }))),
        "late entries are no other season"
    );

    let early = warned(|w| w.as_of = NaiveDate::from_ymd_opt(2023, 2, 28).unwrap());
    let named = early.iter().find_map(|one| {
        if let Warning::Time(OddTime::NamedLater { files, .. }) = one {
            Some(files)
        } else {
            None
        }
    });
    let named = named.unwrap();
    assert!(
        named.iter().any(|file| file == REGISTER) && !named.iter().any(|file| file == OCTOBER),
        "{named:?}"
    );
}

#[test]
fn the_same_file_or_the_same_rows_twice_are_told() {
    let copied = warned(|w| {
        fs::copy(w.input(OCTOBER), w.input("缴费明细_x.csv")).unwrap();
    });
    let same = Warning::Sameness(OddSameness::SameFile {
        file: "缴费明细_x.csv".into(),
        other: OCTOBER.into(),
    });
    assert!(copied.contains(&same), "{copied:#?}");
    let shuffled = warned(|w| {
        let text = w.text(OCTOBER);
        let (head, rows) = text.split_once('\n').unwrap();
        let rows: Vec<&str> = rows.lines().rev().collect();
        w.write("缴费明细_x.csv", &format!("{head}\n{}\n", rows.join("\n")));
    });
    assert!(
        shuffled
            .iter()
            .any(|one| matches!(one, Warning::Sameness(OddSameness::SameRows { at, .. }) if at.file == "缴费明细_x.csv")),
        "{shuffled:#?}"
    );
    assert!(
        !shuffled
            .iter()
            .any(|one| matches!(one, Warning::Sameness(OddSameness::SameFile { .. })))
    );
}

#[test]
fn columns_that_are_blank_cut_or_foreign_are_told() {
    let third = |at: usize, id: &str| if at.is_multiple_of(3) { "" } else { id }.to_owned();
    let blank = warned(|w| w.cells(FUND, "身份证号", third));
    let is_blank = |one: &Warning| {
        matches!(
            one,
            Warning::Cells(OddCells::BlankCells {
                field: Field::Id,
                ..
            })
        )
    };
    assert!(blank.iter().any(is_blank), "{blank:#?}");

    let round = |at: usize, id: &str| {
        if at.is_multiple_of(4) && id.len() == 18 {
            format!("{}000", &id[..15])
        } else {
            id.to_owned()
        }
    };
    let cut = warned(|w| w.cells(REGISTER, "身份证号", round));
    let is_cut = |one: &Warning| matches!(one, Warning::Cells(OddCells::BadNumbers { at, code: Code::IdTruncated, .. }) if at.file == REGISTER);
    assert!(cut.iter().any(is_cut), "{cut:#?}");

    let foreign = warned(|w| {
        w.cells(REGISTER, "乡镇", |_, _| "别处镇".into());
        w.cells(REGISTER, "村", |_, _| "别处村".into());
    });
    let is_foreign = |one: &Warning| matches!(one, Warning::Cells(OddCells::Foreign { at, .. }) if at.file == REGISTER);
    assert!(foreign.iter().any(is_foreign), "{foreign:#?}");
}

#[test]
fn words_that_nobody_knows_are_told_and_what_could_be_a_name_is_only_counted() {
    let text = World::new().text(FUND);
    let headers = ["人员类别", "对象类别", "救助身份"];
    let header = headers.into_iter().find(|header| text.contains(header));
    let words = warned(|w| {
        w.cells(FUND, header.unwrap(), |at, word| match at {
            1..=6 => "某某困难户".into(),
            7 => "王小五".into(),
            _ => word.to_owned(),
        })
    });
    let told = words.iter().find_map(|one| match one {
        Warning::Cells(OddCells::UnknownWords {
            source: SourceKind::Rosters,
            words,
            others,
            ..
        }) => Some((words, *others)),
        _ => None,
    });
    let (told, others) = told.unwrap();
    assert!(told.contains(&("某某困难户".to_owned(), 6)), "{told:?}");
    assert!(!told.iter().any(|(word, _)| word == "王小五"), "{told:?}");
    assert!(others >= 1, "{told:?}");
}

#[test]
fn sources_without_a_file_sheets_without_rows_and_full_pages_are_told() {
    let absent = warned(|w| fs::remove_file(w.input(DEATHS)).unwrap());
    assert_eq!(
        absent,
        [Warning::Size(OddSize::Absent {
            source: SourceKind::Deaths
        })]
    );
    let empty = warned(|w| w.write("死亡人员_2.csv", "姓名,身份证号,死亡日期\n"));
    assert!(
        matches!(empty.as_slice(), [Warning::Size(OddSize::NoRows { at })] if at.file == "死亡人员_2.csv"),
        "{empty:#?}"
    );
    let rows: String = (0..10_000).map(|n| format!("甲,{n}\n")).collect();
    let page = warned(|w| w.write("死亡人员_2.csv", &format!("姓名,身份证号\n{rows}")));
    assert!(
        page.iter()
            .any(|one| matches!(one, Warning::Size(OddSize::CutOff { rows: 10_000, .. }))),
        "{page:#?}"
    );
}

#[test]
fn what_cannot_be_used_is_told_as_the_run_tells_it_and_all_other_files_as_ever() {
    let world = World::new();
    let clean = world.survey();
    let sheets = |survey: &Survey| -> usize {
        survey
            .files
            .iter()
            .map(|file| {
                if let Content::Sheets(sheets) = &file.content {
                    sheets.len()
                } else {
                    0
                }
            })
            .sum()
    };
    world.rename(REGISTER, "身份证号", "号头");
    world.write(DEATHS, "");
    fs::remove_file(world.input(RESIDENTS)).unwrap();
    fs::remove_file(world.input("参保登记_职工_20230331.csv")).unwrap();
    let survey = world.survey();
    assert_eq!(sheets(&survey) + 4, sheets(&clean));
    let refused = |file: &str| {
        survey.files.iter().any(|one| {
            one.file == file && matches!(&one.content, Content::Refused(why) if why.len() == 1)
        })
    };
    assert!(refused(REGISTER) && refused(DEATHS));
    let kinds: Vec<&str> = survey
        .wrong
        .iter()
        .map(|one| match &one.refusal {
            Refusal::Inputs(WrongInputs::NoMatchingFile { .. }) => "no file",
            Refusal::Header(WrongHeader::UnknownColumn { .. }) => "no column",
            Refusal::Content(WrongContent::EmptySheet { .. }) => "empty",
            _ => "another",
        })
        .collect();
    assert_eq!(kinds, ["no file", "no column", "empty"]);
    assert!(
        !world.folder.path().join("out").exists(),
        "something was written"
    );
}

#[test]
fn nothing_of_a_person_is_printed() {
    let world = World::new();
    world.rename(REGISTER, "身份证号", "号头");
    let names: Vec<String> = world
        .text(RESIDENTS)
        .lines()
        .skip(1)
        .filter_map(|line| Some(line.split(',').nth(1)?.to_owned()))
        .collect();
    for lang in [Lang::Zh, Lang::En] {
        let told = check::text(&world.closely(), lang);
        let longest = told
            .split(|c: char| !c.is_ascii_digit())
            .map(str::len)
            .max()
            .unwrap();
        assert!(longest < 15, "{told}");
        for name in names.iter().filter(|name| name.chars().count() > 2) {
            assert!(!told.contains(name.as_str()), "{name} in\n{told}");
        }
        let lines = told.lines().take_while(|line| !line.starts_with('#'));
        let width = |line: &str| {
            line.chars()
                .map(|c| if c.is_ascii() { 1 } else { 2 })
                .sum::<usize>()
        };
        let widest = lines
            .filter(|line| !line.contains("canbao"))
            .map(width)
            .max()
            .unwrap();
        assert!(widest <= 130, "{widest} columns in\n{told}");
    }
}

#[test]
fn files_that_no_source_claims_are_named_and_names_are_taken_in_any_case() {
    let world = World::new();
    let before = world.survey();
    assert_eq!(before.unclaimed, ["answer_key.csv"]);
    fs::copy(world.input(DEATHS), world.input("死亡人员_20230430.CSV")).unwrap();
    for file in ["说明.docx", "~$说明.docx", ".隐藏.csv"] {
        world.write(file, "");
    }
    let survey = world.survey();
    assert_eq!(
        survey.files.len(),
        before.files.len() + 1,
        "an ending in capitals is one too"
    );
    assert_eq!(survey.unclaimed, ["answer_key.csv", "说明.docx"]);
    for lang in [Lang::Zh, Lang::En] {
        let text = check::text(&survey, lang);
        assert!(
            text.contains("answer_key.csv") && text.contains("说明.docx"),
            "{text}"
        );
        assert!(!text.contains("~$") && !text.contains("隐藏.csv"), "{text}");
    }
}

#[test]
fn the_first_rows_of_what_would_stop_a_run_are_named() {
    let world = World::new();
    let text = world.text(OCTOBER);
    let head = text
        .lines()
        .position(|line| line.contains("缴费金额"))
        .unwrap();
    let header = text.lines().nth(head).unwrap();
    let column = header.split(',').find(|name| name.contains("缴费年度"));
    world.cells(OCTOBER, column.unwrap(), |_, _| "2019".to_owned());
    for month in ["20221130", "20221231", "20230131", "20230228"] {
        fs::remove_file(world.input(&format!("缴费明细_{month}.csv"))).unwrap();
    }
    let survey = world.survey();
    let of_october = survey.first_rows.iter().find(|one| one.file == OCTOBER);
    let first = u32::try_from(head + 2).unwrap();
    let expected: Vec<u32> = (first..first + 20).collect();
    assert_eq!(of_october.unwrap().rows, [(String::new(), expected)]);
    let told = check::text(&survey, Lang::Zh);
    let line = format!("  other-year  {OCTOBER}：第 {first}、{}、", first + 1);
    assert!(told.contains(&line), "{told}");
}

#[test]
fn what_only_judging_shows_is_told_before_the_run() {
    let world = World::new();
    // Twice the premium everywhere: the column is misunderstood.
    for month in ["20221031", "20221130", "20221231", "20230131", "20230228"] {
        let file = format!("缴费明细_{month}.csv");
        let text = world.text(&file);
        let mut lines = text.lines();
        let header = lines.find(|line| line.contains("缴费金额")).unwrap();
        let column = header.split(',').find(|name| name.contains("缴费金额"));
        world.cells(&file, column.unwrap(), |_, cell| {
            let yuan = cell.parse::<f64>().unwrap_or(0.0); // a spoilt cell
            if yuan > 0.0 {
                (2.0 * yuan).to_string()
            } else {
                cell.to_owned()
            }
        });
    }
    let wrong = format!("{:?}", world.survey().wrong);
    assert!(wrong.contains("ReadingFloods"), "{wrong}");
    let run = reconcile(&world.order(false)).err().unwrap();
    assert!(format!("{run:?}").contains("ReadingFloods"), "{run:?}");
}
