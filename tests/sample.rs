//! `canbao sample`: what it writes is valid, repeatable, small, and its key names every fault that can be planted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use canbao::domain::{Code, Level, PersonKey, Ratio, Region, RegionLevel, RegionTree, SourceKind};
use canbao::sample::{
    Form, Making, PublishedRow, SampleOrder, SampleSummary, lives, write, write_by,
};
use canbao::scheme::{
    Against, Category, EntryRules, Late, LateWhen, Mode, Rate, RosterRule, Scheme, SourceRule,
    TasksRule,
};
use chrono::NaiveDate;
use polars::prelude::DataFrame;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).expect("a date")
}

/// Six townships of four villages; 石塘村 in each of them.
fn regions() -> RegionTree {
    let row = |code: String, name: String, level, parent: &str| Region {
        code,
        name,
        level,
        parent: parent.to_owned(),
        aliases: Vec::new(),
        unit: false,
    };
    let mut rows = vec![row(
        "430399".into(),
        "甲县".into(),
        RegionLevel::County,
        "4303",
    )];
    for (t, township) in ["东", "南", "西", "北", "中", "上", "下", "左"]
        .iter()
        .enumerate()
    {
        let code = format!("4303991{t:02}");
        rows.push(row(
            code.clone(),
            format!("{township}河镇"),
            RegionLevel::Township,
            "430399",
        ));
        for (v, village) in [
            format!("{township}山村委会"),
            format!("{township}桥村委会"),
            "石塘村委会".to_owned(),
        ]
        .iter()
        .enumerate()
        {
            rows.push(row(
                format!("{code}2{v:02}"),
                village.clone(),
                RegionLevel::Village,
                &code,
            ));
        }
    }
    RegionTree::new("430399", rows)
}

fn scheme(insured_when_paid: bool) -> Scheme {
    let source = |kind: &SourceKind| SourceRule {
        mode: match kind {
            SourceKind::Payments
            | SourceKind::Deaths
            | SourceKind::Departures
            | SourceKind::Elsewhere => Mode::Increment,
            _ => Mode::Snapshot,
        },
        ..SourceRule::plain(*kind)
    };
    let newborns = vec![LateWhen::BornWithinDays(90)];
    Scheme {
        slug: "jia-2022".into(),
        name: "甲县2022年度城乡居民基本医疗保险".into(),
        roster: RosterRule {
            payment_day: true,
            cut_off_day: true,
            cut_off: Some(day(2022, 2, 28)),
        },
        categories: vec![
            Category::plain("特困对象", 32_000, "县医保局"),
            Category::plain("重点优抚对象", 32_000, "县退役军人事务局"),
            Category::plain("低保对象", 16_000, "县医保局"),
            Category::plain("稳定脱贫人口", 0, ""),
        ],
        late: vec![Late::plain("新生儿", "二（三）", newborns)],
        entries: EntryRules {
            previous: 32_000,
            ..EntryRules::default()
        },
        insured_when_paid,
        rates: vec![Rate::plain("参保率", Against::Task)],
        levels: vec![Level::Warn; Code::COUNT],
        sources: SourceKind::ALL.iter().map(source).collect(),
        tasks: TasksRule {
            task_share: Ratio::new(88, 100),
            ..TasksRule::default()
        },
        ..Scheme::plain(regions())
    }
}

fn order(people: u64, seed: u64, form: Form, out: &Path) -> SampleOrder {
    let published = |t: u64| PublishedRow {
        code: format!("4303991{t:02}"),
        population: Some(5000 + 731 * t),
        task: Some(4400 + 640 * t),
        last_year: Some(4300 + 600 * t),
        ..PublishedRow::default()
    };
    SampleOrder {
        people: Some(people),
        seed,
        weeks: 2,
        form,
        out: out.to_owned(),
        tasks: (0..8).map(published).collect(),
    }
}

fn sample(people: u64, seed: u64, form: Form) -> (tempfile::TempDir, SampleSummary) {
    let folder = tempfile::tempdir().expect("a folder");
    let summary =
        write(&scheme(false), &order(people, seed, form, folder.path())).expect("a sample");
    (folder, summary)
}

fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry"))
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                std::fs::read(entry.path()).expect("a file"),
            )
        })
        .collect()
}

/// Text of the csv files, whatever their encoding.
fn texts(folder: &Path) -> BTreeMap<String, String> {
    bytes(folder)
        .into_iter()
        .filter(|(name, _)| name.ends_with(".csv"))
        .map(|(name, bytes)| {
            let text = match std::str::from_utf8(&bytes) {
                Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
                Err(_) => encoding_rs::GB18030
                    .decode_without_bom_handling_and_without_replacement(&bytes)
                    .expect("GB18030")
                    .into_owned(),
            };
            (name, text)
        })
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_in_every_form_and_another_seed_others() {
    for form in [Form::Csv, Form::Xlsx, Form::Parquet, Form::Mixed] {
        let (one, _) = sample(700, 7, form);
        let (two, _) = sample(700, 7, form);
        let (three, _) = sample(700, 8, form);
        assert!(bytes(one.path()) == bytes(two.path()), "{form:?}");
        assert!(bytes(one.path()) != bytes(three.path()), "{form:?}");
    }
}

/// Everybody's rows in one go, and parquet in one row group: nothing streams.
const WHOLE: Making = Making {
    persons: usize::MAX,
    row_group: usize::MAX,
    kinds: usize::MAX,
};

#[test]
fn rows_made_a_few_persons_at_a_time_make_the_same_bytes_as_all_made_at_once() {
    for form in [Form::Csv, Form::Xlsx, Form::Parquet, Form::Mixed] {
        let (whole, few) = (
            tempfile::tempdir().expect("a folder"),
            tempfile::tempdir().expect("a folder"),
        );
        let one =
            write_by(&scheme(false), &order(1500, 7, form, whole.path()), WHOLE).expect("a sample");
        let portions = Making {
            persons: 7,
            ..WHOLE
        };
        let other = write_by(&scheme(false), &order(1500, 7, form, few.path()), portions)
            .expect("a sample");
        assert_eq!(one, other, "{form:?}");
        let (one, other) = (bytes(whole.path()), bytes(few.path()));
        assert_eq!(
            one.keys().collect::<Vec<_>>(),
            other.keys().collect::<Vec<_>>()
        );
        for (name, bytes) in one {
            assert!(bytes == other[&name], "{form:?} {name}");
        }
    }
}

#[test]
fn parquet_in_row_groups_holds_the_rows_of_the_csv_in_their_order() {
    let (text, groups) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let written = write(&scheme(false), &order(1500, 7, Form::Csv, text.path())).expect("a sample");
    let portions = Making {
        persons: 11,
        row_group: 64,
        ..WHOLE
    };
    let summary = write_by(
        &scheme(false),
        &order(1500, 7, Form::Parquet, groups.path()),
        portions,
    )
    .expect("a sample");
    assert_eq!(summary.planted, written.planted);
    let texts = texts(text.path());
    let mut several = 0;
    for (name, rows) in &summary.files {
        let stem = name.strip_suffix(".parquet").expect("a parquet file");
        let file = std::fs::File::open(groups.path().join(name)).expect("a file");
        let mut reader = ParquetReader::new(file);
        let sizes: Vec<usize> = reader
            .get_metadata()
            .expect("a footer")
            .row_groups
            .iter()
            .map(|group| group.num_rows())
            .collect();
        assert!(sizes.iter().all(|size| *size < 128), "{name}: {sizes:?}");
        several += usize::from(sizes.len() > 1);
        let frame = reader.finish().expect("a table");
        let lines = lines_of(&frame);
        assert!(
            lines == lines_in(&texts[&format!("{stem}.csv")], *rows, &frame),
            "{name}"
        );
    }
    assert!(several >= 6, "{several} files of several row groups");
}

/// Lines of a table, blanks for nulls.
fn lines_of(frame: &DataFrame) -> Vec<String> {
    let columns: Vec<_> = frame
        .columns()
        .iter()
        .map(|column| column.str().expect("text"))
        .collect();
    let line = |at| {
        columns
            .iter()
            .map(|column| column.get(at).unwrap_or(""))
            .collect::<Vec<_>>()
            .join(",")
    };
    (0..frame.height()).map(line).collect()
}

/// Lines of a csv under the table's headers, without serial numbers; a total row is taken where the table has it too.
fn lines_in(text: &str, rows: u64, frame: &DataFrame) -> Vec<String> {
    let header = frame
        .columns()
        .iter()
        .map(|column| column.name().as_str())
        .collect::<Vec<_>>()
        .join(",");
    let mut lines = text.lines().skip_while(|line| !line.ends_with(&header));
    let serial = lines.next().expect("a header").starts_with("序号");
    let rows = usize::try_from(rows).expect("few");
    assert!(frame.height() == rows || frame.height() == rows + 1);
    let without = |line: &str| {
        if serial {
            line.split_once(',').expect("a serial number").1.to_owned()
        } else {
            line.to_owned()
        }
    };
    lines.take(frame.height()).map(without).collect()
}

/// The counties of a province's cities are pools apart, and its own books show who is registered in two of them.
#[test]
fn a_province_plants_relations_between_its_cities_and_the_key_names_them() {
    let mut scheme = scheme(false);
    let row = |code: &str, name: &str, level, parent: &str| Region {
        code: code.into(),
        name: name.into(),
        level,
        parent: parent.into(),
        aliases: Vec::new(),
        unit: false,
    };
    let rows = vec![
        row("48", "模拟省", RegionLevel::Province, ""),
        row("4801", "甲市", RegionLevel::City, "48"),
        row("480102", "甲东区", RegionLevel::County, "4801"),
        row("480102001", "天地镇", RegionLevel::Township, "480102"),
        row("4802", "乙市", RegionLevel::City, "48"),
        row("480202", "乙西区", RegionLevel::County, "4802"),
        row("480202001", "玄黄镇", RegionLevel::Township, "480202"),
    ];
    scheme.regions = RegionTree::new("48", rows);
    let folder = tempfile::tempdir().expect("a folder");
    let mut order = order(3000, 1, Form::Csv, folder.path());
    let published = |code: &str| PublishedRow {
        code: code.into(),
        population: Some(1500),
        ..PublishedRow::default()
    };
    order.tasks = vec![published("480102"), published("480202")];
    write(&scheme, &order).expect("a sample");
    let texts = texts(folder.path());
    let registrations = texts
        .iter()
        .find(|(name, _)| name.starts_with("参保登记_居民"))
        .expect("a book")
        .1;
    let mut cities: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in registrations.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        cities.entry(cells[3]).or_default().insert(&cells[7][..4]);
    }
    let key: BTreeSet<&str> = texts["answer_key.csv"]
        .lines()
        .filter_map(|line| line.strip_prefix("cross-region,"))
        .collect();
    let in_two: Vec<&&str> = cities
        .iter()
        .filter(|(_, cities)| cities.len() > 1)
        .map(|(id, _)| id)
        .collect();
    assert!(!in_two.is_empty());
    for id in in_two {
        assert!(key.contains(format!("{id},").as_str()), "{id}");
    }
}

/// Codes without a story, and why.
const NO_STORY: [(Code, &str); 5] = [
    (
        Code::RowTooLong,
        "rows of a sample are the same in every form, and one longer than its header only a csv can have",
    ),
    (
        Code::IdShared,
        "a number of several people takes rows of three lives",
    ),
    (
        Code::IdClaimed,
        "no book of the sample has a column of old numbers",
    ),
    (Code::MarkedGone, "names of the sample bear no remarks"),
    (
        Code::ControlTotal,
        "no pipeline states what a made-up sender says",
    ),
];

/// Codes that a sample can hold.
fn plantable() -> impl Iterator<Item = &'static Code> {
    Code::ALL
        .iter()
        .filter(|code| NO_STORY.iter().all(|(other, _)| other != *code))
}

#[test]
fn every_code_is_planted_at_least_twice_from_six_hundred_persons_on() {
    for people in [600, 2500] {
        let (_folder, summary) = sample(people, 1, Form::Csv);
        assert_eq!(summary.people, people);
        let planted: BTreeMap<Code, u64> = summary.planted.into_iter().collect();
        for code in plantable() {
            // Rows between one pair of payment files are one finding, with two more inside files.
            assert!(
                planted.get(code).copied().unwrap_or(0) >= 2,
                "{code} among {people}: {planted:?}"
            );
        }
    }
}

#[test]
fn a_small_sample_still_holds_every_code() {
    let (_folder, summary) = sample(300, 1, Form::Csv);
    let planted: BTreeSet<Code> = summary.planted.iter().map(|(code, _)| *code).collect();
    for code in plantable() {
        assert!(planted.contains(code), "{code}");
    }
    for people in [1, 20] {
        let (_folder, summary) = sample(people.max(8), 1, Form::Csv);
        assert_eq!(summary.people, people.max(8));
    }
}

#[test]
fn numbers_are_valid_but_for_those_the_key_names() {
    let (folder, _) = sample(2500, 5, Form::Csv);
    let texts = texts(folder.path());
    let key = &texts["answer_key.csv"];
    let bad: BTreeSet<&str> = key
        .lines()
        .filter(|line| line.starts_with("id-"))
        .filter_map(|line| line.split(',').nth(1))
        .filter(|id| !id.is_empty())
        .collect();
    let mut looked_at = 0;
    for (name, text) in texts.iter().filter(|(name, _)| *name != "answer_key.csv") {
        let Some((top, header)) = text
            .lines()
            .enumerate()
            .find(|(_, line)| line.contains("姓名"))
        else {
            continue;
        };
        let is_number = |h: &str| {
            [
                "身份证号",
                "身份证号码",
                "证件号码",
                "身份证件号码",
                "公民身份号码",
            ]
            .contains(&h)
        };
        let at = header
            .split(',')
            .position(is_number)
            .expect("a number column");
        for line in text.lines().skip(top + 1) {
            // Clerks' habits that cleaning undoes: an apostrophe, blanks, a wide X.
            let id = line
                .split(',')
                .nth(at)
                .unwrap_or("")
                .replace(['\'', ' ', '\u{a0}'], "")
                .replace('Ｘ', "X")
                .to_uppercase();
            let signature = line.starts_with("合计") || line.starts_with("填表人");
            if signature
                || id.is_empty()
                || id.len() == 15
                || id.starts_with('E')
                || bad.contains(id.as_str())
            {
                continue;
            }
            looked_at += 1;
            let key = PersonKey::national(
                id[..17]
                    .parse()
                    .unwrap_or_else(|_| panic!("{name}: {line}")),
            );
            assert_eq!(key.national_text().as_deref(), Some(id.as_str()), "{name}");
            assert!(
                key.birth().is_some_and(|birth| birth <= day(2022, 2, 28)),
                "{name}: {line}"
            );
        }
    }
    assert!(looked_at > 7000, "{looked_at}");
}

#[test]
fn the_key_is_sorted_and_names_nobody_who_lives_without_a_fault() {
    let (folder, _) = sample(2500, 5, Form::Csv);
    let texts = texts(folder.path());
    let rows: Vec<&str> = texts["answer_key.csv"].lines().collect();
    assert_eq!(rows[0], "code,id,other");
    assert!(rows[1..].is_sorted());
    let named: BTreeSet<&str> = rows[1..]
        .iter()
        .filter_map(|line| line.split(',').nth(1))
        .collect();
    // Most of the register is clean: registered once, paid once, in the key not at all.
    assert!(named.len() < 500, "{}", named.len());
}

#[test]
fn who_is_registered_without_a_payment_in_that_pool_is_also_uninsured_where_only_payment_insures() {
    let count = |insured_when_paid: bool| {
        let folder = tempfile::tempdir().expect("a folder");
        let summary = write(
            &scheme(insured_when_paid),
            &order(1000, 3, Form::Csv, folder.path()),
        )
        .expect("a sample");
        let of = |code: Code| {
            summary
                .planted
                .iter()
                .find(|(c, _)| *c == code)
                .map_or(0, |(_, rows)| *rows)
        };
        let unpaid_here = of(Code::RegisteredNotPaid) + of(Code::WrongRegion);
        (of(Code::Uninsured), unpaid_here)
    };
    let ((without, unpaid), (with, same)) = (count(false), count(true));
    assert_eq!(unpaid, same);
    assert_eq!(with, without + unpaid);
}

#[test]
fn people_are_shared_over_the_regions_in_proportion() {
    let (folder, summary) = sample(2500, 5, Form::Csv);
    let texts = texts(folder.path());
    let tasks = texts
        .iter()
        .find(|(name, _)| name.starts_with("任务分解"))
        .expect("a tasks table")
        .1;
    let populations: u64 = tasks
        .lines()
        .filter(|line| line.contains("河镇"))
        .filter_map(|line| line.split(',').nth(2)?.parse::<u64>().ok())
        .sum();
    // Two rows copy the row before them: the planted figures-repeated.
    assert!(populations.abs_diff(summary.people) < 200, "{populations}");
    let register = summary
        .files
        .iter()
        .find(|(name, _)| name.starts_with("常住人口"))
        .expect("a register")
        .1;
    assert!(register.abs_diff(summary.people) < 50, "{register}");
}

#[test]
fn where_registrations_are_published_exactly_so_many_are_written_whatever_is_planted() {
    for (people, seed) in [(40_000, 1), (3000, 2), (900, 3)] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut order = order(people, seed, Form::Csv, folder.path());
        for (at, row) in (0..).zip(&mut order.tasks) {
            (row.resident, row.employee) = (Some(4900 + 800 * at), Some(311 + 7 * at));
        }
        // One region states residents only, one nothing.
        (
            order.tasks[6].employee,
            order.tasks[7].employee,
            order.tasks[7].resident,
        ) = (None, None, None);
        let whole: u64 = order.tasks.iter().filter_map(|row| row.population).sum();
        let size = |figure: u64| (2 * figure * people + whole) / (2 * whole);
        write(&scheme(false), &order).expect("a sample");
        let texts = texts(folder.path());
        let book = |head: &str| {
            texts
                .iter()
                .find(|(name, _)| name.starts_with(head))
                .expect("a book")
                .1
                .lines()
                .skip(1)
        };
        let mut registered: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for line in book("参保登记_居民") {
            let cells: Vec<&str> = line.split(',').collect();
            // 参保登记号 … 险种类型 参保状态 … 乡镇; the same number twice is one registration. Who names no township but
            // only an ambiguous village is counted where the register has him: at the end of the number's owner's row.
            if (cells[4], cells[5]) == ("390", "1") {
                registered
                    .entry(cells[8].to_owned())
                    .or_default()
                    .insert(cells[0].to_owned());
            }
        }
        let unnamed = registered.remove("").map_or(0, |rows| rows.len() as u64);
        let mut missing = 0;
        for (at, row) in order.tasks.iter().enumerate().filter(|(at, _)| *at < 7) {
            let name = regions().name(&row.code).to_owned();
            let rows = registered.get(&name).map_or(0, |rows| rows.len() as u64);
            let published = size(row.resident.expect("a figure"));
            assert!(rows <= published, "{name} ({at}): {rows} of {published}");
            missing += published - rows;
        }
        assert!(
            missing <= unnamed,
            "{missing} missing, {unnamed} name no township"
        );
    }
}

/// A sample in text, and who lives what in it.
struct Made {
    texts: BTreeMap<String, String>,
    /// Number and kind of life by position.
    lives: Vec<(String, String)>,
}

impl Made {
    /// With the first so many kinds of lives.
    fn with(kinds: usize, registrations_published: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut order = order(700, 4, Form::Csv, folder.path());
        if registrations_published {
            for row in &mut order.tasks {
                row.resident = row.population.map(|persons| persons * 8 / 10);
                row.employee = row.population.map(|persons| persons / 10);
            }
        }
        let making = Making {
            kinds,
            ..Making::default()
        };
        write_by(&scheme(false), &order, making).expect("a sample");
        Made {
            texts: texts(folder.path()),
            lives: lives(&scheme(false), &order, making).expect("lives"),
        }
    }

    /// Lines of a file, each as often as it stands there.
    fn lines(&self, file: &str) -> BTreeMap<&str, u32> {
        let mut lines = BTreeMap::new();
        for line in self.texts[file].lines() {
            *lines.entry(line).or_default() += 1;
        }
        lines
    }

    /// Lines of a file that the other sample has not, or less often.
    fn beyond<'a>(&'a self, other: &'a Made, file: &str) -> Vec<&'a str> {
        let there = other.lines(file);
        let mine = self.lines(file).into_iter();
        mine.filter(|(line, times)| there.get(line).copied().unwrap_or(0) < *times)
            .map(|(line, _)| line)
            .collect()
    }

    /// Whose line it is, as its serial number, its registration, its voucher or its identity number says.
    fn owner(&self, file: &str, line: &str) -> Option<usize> {
        let cells: Vec<&str> = line.split(',').collect();
        let serial = if file.starts_with("参保登记_居民") {
            cells[0].get(7..16)
        } else if file.starts_with("上年参保") {
            return self.lives.iter().position(|(id, _)| id == cells[1]);
        } else if cells[0].len() > 8 {
            cells[0].get(4..14)
        } else {
            cells.first().copied()
        };
        serial?.parse::<usize>().ok()?.checked_sub(1)
    }
}

/// Every kind is tried as the new one: with it and without it.
fn assert_nobody_else_moves(registrations_published: bool) {
    let mut tried = 0;
    let mut before = Made::with(0, registrations_published);
    for kinds in 1..70 {
        let after = Made::with(kinds, registrations_published);
        let moved = |at: &usize| before.lives[*at] != after.lives[*at];
        let moved: BTreeSet<usize> = (0..after.lives.len()).filter(moved).collect();
        let life = |at: &usize| after.lives[*at].1.as_str();
        // Where everybody counts, somebody leaves for a life that counts twice.
        let (left, new): (Vec<usize>, Vec<usize>) = moved
            .iter()
            .partition(|at| registrations_published && life(at) == "Absent");
        let kind: BTreeSet<&str> = new.iter().map(life).collect();
        assert!(kind.len() <= 1, "{kind:?}");
        assert!(left.len() <= new.len(), "{kind:?}: {left:?} left");
        tried += kind.len();
        let ids: BTreeSet<&str> = moved
            .iter()
            .flat_map(|at| [&before.lives[*at].0, &after.lives[*at].0])
            .map(String::as_str)
            .collect();
        let mut gained = String::new();
        for file in after.texts.keys().filter(|file| *file != "answer_key.csv") {
            let lost = before.beyond(&after, file);
            let more = after.beyond(&before, file);
            gained.extend(more.iter().copied());
            for line in lost.into_iter().chain(more) {
                let is_total = line.contains("合计");
                let owner = after.owner(file, line).or(before.owner(file, line));
                assert!(
                    is_total || owner.is_some_and(|at| moved.contains(&at)),
                    "{kind:?}: {file}: {line}"
                );
            }
        }
        let key = "answer_key.csv";
        assert_eq!(before.beyond(&after, key), Vec::<&str>::new(), "{kind:?}");
        for line in after.beyond(&before, key) {
            let cells: Vec<&str> = line.split(',').collect();
            let of_the_moved = ids.contains(cells[1]) || gained.contains(cells[1]);
            assert!(of_the_moved, "{kind:?}: {line}");
        }
        before = after;
    }
    assert!(tried > 40, "{tried} kinds");
}

#[test]
fn a_new_kind_of_life_moves_nobody_elses_rows() {
    assert_nobody_else_moves(false);
}

#[test]
fn a_new_kind_of_life_moves_nobody_elses_rows_where_registrations_are_published() {
    assert_nobody_else_moves(true);
}

#[test]
fn a_committed_sample_stays_small() {
    let (folder, _) = sample(2500, 1, Form::Mixed);
    let size: usize = bytes(folder.path()).values().map(Vec::len).sum();
    assert!(size < 1_200_000, "{size} bytes");
}

#[test]
fn books_that_the_scheme_has_not_are_not_written_and_nothing_is_planted_in_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut scheme = scheme(false);
    scheme.sources.retain(|rule| {
        matches!(
            rule.kind,
            SourceKind::Register | SourceKind::Registrations | SourceKind::Payments
        )
    });
    let summary = write(&scheme, &order(800, 3, Form::Csv, folder.path())).expect("a sample");
    assert!(summary.files.iter().all(|(name, _)| {
        ["常住人口", "参保登记", "缴费明细"]
            .iter()
            .any(|head| name.starts_with(head))
    }));
    for code in [
        Code::CrossRegion,
        Code::RosterLate,
        Code::DeceasedPaid,
        Code::StudentDuplicate,
        Code::Footing,
    ] {
        assert!(
            summary.planted.iter().all(|(planted, _)| *planted != code),
            "{code}"
        );
    }
}
