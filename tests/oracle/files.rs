//! A world as the files a bureau would hand over: csv in many forms, a pipeline and a region table.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::world::{Assessment, Book, Late, Row, World};

/// How the same world is laid out in files.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Order of rows inside a file; 0 = as in the world.
    pub rows: u64,
    /// Order of columns; 0 = as in the world.
    pub columns: u64,
    /// Exchanges the names of a book's files.
    pub files_swapped: bool,
    /// Title rows above the header.
    pub titles: usize,
    /// Which synonym a header is written with.
    pub words: usize,
    /// 0 = UTF-8, 1 = UTF-8 with BOM, 2 = GB18030.
    pub encoding: usize,
}

/// Where a world was put.
pub struct Written {
    pub pipeline: PathBuf,
    pub inputs: PathBuf,
}

/// Writes the world's files below `folder`.
pub fn world_files(world: &World, folder: &Path, layout: &Layout) -> Written {
    let inputs = folder.join("inputs");
    fs::create_dir_all(&inputs).expect("a folder of our own");
    fs::create_dir_all(folder.join("regions")).expect("a folder of our own");
    for book in Book::ALL {
        let rows = world.rows(book);
        let files: BTreeSet<usize> = rows.iter().map(|r| r.file).collect();
        for file in files {
            let of_file: Vec<&Row> = rows.iter().filter(|r| r.file == file).collect();
            let lines = sheet(world, book, &of_file, layout);
            let named = if layout.files_swapped { 9 - file } else { file };
            put(
                &inputs.join(format!("{}_{named}.csv", title(book))),
                &lines,
                layout,
            );
        }
    }
    put(
        &inputs.join("任务表.csv"),
        &tasks_sheet(world, layout),
        layout,
    );
    let pipeline = folder.join("small-2022.toml");
    fs::write(&pipeline, pipeline_text(world)).expect("a folder of our own");
    let mut regions = String::from("code,name,level,parent,alias,unit\n");
    for r in &world.scheme.regions {
        let unit = if r.unit { "yes" } else { "" };
        regions.push_str(&format!(
            "{},{},{},{},{},{unit}\n",
            r.code, r.name, r.level, r.parent, r.alias
        ));
    }
    fs::write(folder.join("regions/small-2022.csv"), regions).expect("a folder of our own");
    Written { pipeline, inputs }
}

fn title(book: Book) -> &'static str {
    match book {
        Book::Register => "居民",
        Book::Registrations => "登记",
        Book::Payments => "缴费",
        Book::Rosters => "名册",
        Book::ElsewhereRegistrations => "外地登记",
        Book::ElsewherePayments => "外地缴费",
        Book::Deaths => "死亡",
        Book::Departures => "迁出",
        Book::Students => "学生",
        Book::Previous => "上年",
        Book::Households => "户",
    }
}

/// What a field may be called (domain.md §6).
fn words(book: Book, field: &str) -> &'static [&'static str] {
    match field {
        "ended" if book.is_registration() => {
            &["终止日期", "停保日期", "参保终止日期", "职工停保日期"]
        }
        "late-case" => &["中途参保情形", "中途参保原因", "参保情形"],
        "event-on" => &["情形发生日期", "接收日期", "退役日期"],
        "broken-years" => &["断缴年数", "连续断缴年数"],
        "repaid-years" => &["修复年数", "补缴年数"],
        "enrolled-on" => &["入学日期", "入学时间"],
        "graduates-on" => &["毕业日期", "预计毕业日期"],
        "disposition" => &["去向", "迁出原因", "减员原因"],
        "id" => &["身份证号", "公民身份号码", "证件号码"],
        "id-type" => &["证件类型", "人员证件类型"],
        "name" => &["姓名", "人员姓名"],
        "township" => &["乡镇", "镇街", "乡（镇）"],
        "village" => &["村", "行政村", "村（社区）"],
        "household" => &["户号", "家庭编号"],
        "category" => &["对象类别", "医疗救助身份"],
        "scheme" => &["险种", "险种类型"],
        "status" => &["参保状态", "人员参保状态"],
        "year" => &["参保年度", "缴费年度"],
        "registration-no" => &["参保登记号", "登记序号"],
        "begun" => &["参保日期"],
        "personal" => &["个人缴费金额", "个人缴费金额（元）"],
        "total" => &["缴费金额", "实缴金额（元）"],
        "subsidy" => &["资助金额", "财政资助金额（元）"],
        "paid-on" => &["缴费日期", "缴费时间"],
        "voucher" => &["凭证号", "税票号码"],
        "original-voucher" => &["原凭证号", "冲正凭证号"],
        "place" => &["参保地", "统筹区"],
        "identified" => &["认定日期", "认定时间"],
        "approved" => &["核准日期"],
        "ended" => &["退出日期", "取消时间"],
        "death" => &["死亡日期", "死亡时间"],
        "moved-out" => &["迁出日期"],
        other => panic!("no header for {other}"),
    }
}

/// The same order for the same seed; 0 leaves things as they are.
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    if seed == 0 {
        return;
    }
    for i in (1..items.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        items.swap(i, ((state >> 33) % (i as u64 + 1)) as usize);
    }
}

fn titled(layout: &Layout, name: &str, lines: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let above = [
        vec![format!("2022年度{name}")],
        vec!["填报单位：县医疗保障局".to_owned()],
        vec!["单位：元".to_owned()],
    ];
    above
        .into_iter()
        .take(layout.titles % 4)
        .chain(lines)
        .collect()
}

fn sheet(world: &World, book: Book, rows: &[&Row], layout: &Layout) -> Vec<Vec<String>> {
    let mut columns = world.columns(book);
    shuffle(&mut columns, layout.columns);
    let mut rows = rows.to_vec();
    shuffle(&mut rows, layout.rows);
    let header = columns
        .iter()
        .map(|f| words(book, f)[layout.words % words(book, f).len()].to_owned())
        .collect();
    let cells = |row: &&Row| columns.iter().map(|f| row.get(f).to_owned()).collect();
    titled(
        layout,
        title(book),
        std::iter::once(header)
            .chain(rows.iter().map(cells))
            .collect(),
    )
}

fn tasks_sheet(world: &World, layout: &Layout) -> Vec<Vec<String>> {
    let shown = |figure: Option<u64>| figure.map(|f| f.to_string()).unwrap_or_default();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for row in &world.tasks {
        let region = world
            .scheme
            .region(row.region)
            .expect("a region of the table");
        let (township, village) = match region.level {
            "village" => (
                world.scheme.region(region.parent).expect("a township").name,
                region.name,
            ),
            _ => (region.name, ""),
        };
        rows.push(
            [township.to_owned(), village.to_owned()]
                .into_iter()
                .chain(row.figures.list().map(shown))
                .collect(),
        );
    }
    shuffle(&mut rows, layout.rows);
    let total = world.tasks_total.map(|figures| {
        ["合计".to_owned(), String::new()]
            .into_iter()
            .chain(figures.list().map(shown))
            .collect::<Vec<String>>()
    });
    let figures = [
        "常住人口",
        "任务数",
        "保底任务数",
        "上年参保数",
        "上年职工参保数",
        "上年基本医疗保险参保数",
    ];
    let header = ["乡镇", "村"]
        .into_iter()
        .chain(figures)
        .map(str::to_owned)
        .collect();
    titled(
        layout,
        "任务表",
        std::iter::once(header).chain(rows).chain(total).collect(),
    )
}

fn put(path: &Path, lines: &[Vec<String>], layout: &Layout) {
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    for line in lines {
        writer.write_record(line).expect("writing to memory");
    }
    let text = String::from_utf8(writer.into_inner().expect("writing to memory"))
        .expect("texts are UTF-8");
    let bytes = match layout.encoding % 3 {
        0 => text.into_bytes(),
        1 => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        _ => encoding_rs::GB18030.encode(&text).0.into_owned(),
    };
    fs::write(path, bytes).expect("a folder of our own");
}

fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

fn quoted(words: impl Iterator<Item = impl std::fmt::Display>) -> String {
    words
        .map(|word| format!("\"{word}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

/// `key = value` lines of what is stated.
fn lines(stated: &[(&str, Option<String>)]) -> String {
    stated
        .iter()
        .filter_map(|(key, value)| value.as_ref().map(|value| format!("{key} = {value}\n")))
        .collect()
}

/// A `[[late]]` table; what is at its default is not written.
fn late_text(world: &World, late: &Late) -> String {
    let names = late
        .on_roster
        .iter()
        .map(|&c| world.scheme.categories[c].name);
    let stated = [
        ("name", Some(format!("\"{}\"", late.name))),
        ("clause", Some(format!("\"条款：{}\"", late.name))),
        (
            "born-within-days",
            late.born_within_days.map(|n| n.to_string()),
        ),
        (
            "born-within-months",
            late.born_within_months.map(|n| n.to_string()),
        ),
        ("born-from", late.born_from.map(|day| day.to_string())),
        (
            "on-roster",
            (!late.on_roster.is_empty()).then(|| format!("[{}]", quoted(names))),
        ),
        ("newly", late.whenever_listed.then(|| "false".to_owned())),
        ("event-from", late.event_from.map(|day| day.to_string())),
        ("employee-gap-days", late.gap_days.map(|n| n.to_string())),
        (
            "employee-gap-months",
            late.gap_months.map(|n| n.to_string()),
        ),
        (
            "employee-stopped-from",
            late.stopped_from.map(|day| day.to_string()),
        ),
        ("employee-years", late.employee_years.map(|n| n.to_string())),
        (
            "case",
            (!late.cases.is_empty()).then(|| format!("[{}]", quoted(late.cases.iter()))),
        ),
        (
            "price",
            (late.price != "personal").then(|| format!("\"{}\"", late.price)),
        ),
        (
            "starts",
            (late.starts != "payment-day").then(|| format!("\"{}\"", late.starts)),
        ),
        (
            "wait-months",
            late.wait_months.map(|months| months.to_string()),
        ),
        (
            "keeps-grant",
            (!late.keeps_grant).then(|| "false".to_owned()),
        ),
        (
            "keeps-grant",
            (late.keeps_grant && late.listed_grant).then(|| "\"listed\"".to_owned()),
        ),
    ];
    format!("[[late]]\n{}", lines(&stated))
}

/// Students, waiting, refunds, groups and the assessment, as far as the scheme speaks of them.
fn small_rules(world: &World) -> String {
    let s = &world.scheme;
    let mut text = String::new();
    if let Some(students) = &s.students {
        text += &format!(
            "[students]\nclause = \"条款：学生\"\nfrom = {}\nto = {}\n",
            students.from, students.to
        );
        text += &lines(&[
            (
                "pay-within-months",
                students.pay_within_months.map(|n| n.to_string()),
            ),
            (
                "graduates-until",
                students.graduates_until.map(|day| day.to_string()),
            ),
        ]);
    }
    if let Some(waiting) = s.waiting {
        text += &format!(
            "[waiting]\nfixed-months = {}\nmonths-a-broken-year = {}\nlong-break-years = {}\nlong-break-months = {}\n",
            waiting.fixed_months,
            waiting.months_a_broken_year,
            waiting.long_break_years,
            waiting.long_break_months
        );
    }
    for refund in &s.refunds {
        let before = refund
            .before
            .map_or("\"any\"".to_owned(), |day| day.to_string());
        text += &format!(
            "[[refund]]\nreason = \"{}\"\nbefore = {before}\nclause = \"条款：退费\"\n",
            refund.reason
        );
    }
    for group in &s.groups {
        let names = group.categories.iter().map(|&c| s.categories[c].name);
        text += &format!(
            "[[group]]\nname = \"{}\"\ncategories = [{}]\nmust-be-100 = true\n",
            group.name,
            quoted(names)
        );
    }
    text + &s
        .assessment
        .as_ref()
        .map(|assessment| assessment_text(world, assessment))
        .unwrap_or_default()
}

fn tenths(tenths: i64) -> String {
    format!("\"{}.{}\"", tenths / 10, tenths % 10)
}

fn assessment_text(world: &World, a: &Assessment) -> String {
    let word = |word: Option<&str>| word.map(|word| format!("\"{word}\""));
    let mut text = String::from("[assessment]\n");
    text += &lines(&[
        ("level", word(a.level)),
        ("weekday", word(a.weekday)),
        ("from", a.from.map(|day| day.to_string())),
        ("cut-off", a.cut_off.map(|day| day.to_string())),
        (
            "persons-at",
            a.persons_at_cut_off.then(|| "\"cut-off\"".to_owned()),
        ),
        ("criticise", a.criticise.then(|| "true".to_owned())),
    ]);
    if let Some(lag) = &a.lag {
        let stated = [
            ("bottom", lag.bottom.map(|n| n.to_string())),
            (
                "share",
                lag.share_percent.map(|percent| format!("\"{percent}%\"")),
            ),
            ("weeks", Some("2".to_owned())),
        ];
        text += &format!("[assessment.lag]\n{}", lines(&stated));
    }
    if let Some((yuan, all)) = a.fund {
        text += &format!(
            "[assessment.fund]\nyuan = {yuan}\n{}",
            if all { "counts = \"all\"\n" } else { "" }
        );
    }
    for tier in &a.tiers {
        let groups = quoted(
            tier.groups
                .iter()
                .map(|&group| world.scheme.groups[group].name),
        );
        text += &format!(
            "[[assessment.tier]]\nby = {}\nat-least = \"{}%\"\nyuan = {}\n",
            tier.by, tier.percent, tier.yuan
        );
        text += &lines(&[(
            "groups",
            (!tier.groups.is_empty()).then(|| format!("[{groups}]")),
        )]);
    }
    if let Some(score) = &a.score {
        text += &format!(
            "[assessment.score]\npoints = {}\nfull-at = \"{}%\"\nabove = {}\nbelow = {}\nzero-below = \"{}%\"\n",
            score.points,
            score.full_at_percent,
            tenths(score.above_tenths),
            tenths(score.below_tenths),
            score.zero_below_percent
        );
        text += &lines(&[
            (
                "steps",
                (score.steps != "linear").then(|| format!("\"{}\"", score.steps)),
            ),
            (
                "average",
                score.of_the_mean_rate.then(|| "\"rate\"".to_owned()),
            ),
        ]);
    }
    for leader in &a.leaders {
        text += &format!(
            "[[assessment.leader]]\npost = \"{}\"\nregions = [{}]\n",
            leader.post,
            quoted(leader.regions.iter())
        );
    }
    if let Some(percent) = a.clinic_percent {
        text += &format!("[assessment.clinic]\nbelow = \"{percent}%\"\n");
    }
    text
}

/// The pipeline file of a world (DESIGN §2).
pub fn pipeline_text(world: &World) -> String {
    let s = &world.scheme;
    let decides: Vec<&str> = [
        (s.payment_day_decides, "\"payment-day\""),
        (s.cut_off_decides, "\"cut-off\""),
    ]
    .iter()
    .filter(|(on, _)| *on)
    .map(|(_, word)| *word)
    .collect();
    let mut premium = format!("personal = {}\n", yuan(s.premium_fen));
    for (key, fen) in [("fiscal", s.fiscal_fen), ("previous", s.previous_fen)] {
        premium += &fen
            .map(|fen| format!("{key} = {}\n", yuan(fen)))
            .unwrap_or_default();
    }
    let until = s
        .granted_until
        .map(|day| format!("until = {day}\n"))
        .unwrap_or_default();
    let mut text = format!(
        "[scheme]\nname = \"小县2022年度城乡居民基本医疗保险\"\nyear = {}\nregion = \"{}\"\npool-digits = {}\nbasis = \"工作方案\"\n\
         inputs = \"inputs\"\n[premium]\n{premium}[window]\nfrom = {}\nto = {}\n[benefit]\nfrom = {}\nto = {}\n\
         [roster]\ndecides = [{}]\ncut-off = {}\n{until}",
        s.year,
        s.root,
        s.pool_digits,
        s.window.0,
        s.window.1,
        s.benefit.0,
        s.benefit.1,
        decides.join(", "),
        s.cut_off
    );
    for c in &s.categories {
        let also: Vec<String> = c.also.iter().map(|word| format!("\"{word}\"")).collect();
        text += &format!(
            "[[subsidy]]\ncategory = \"{}\"\nalso = [{}]\n",
            c.name,
            also.join(", ")
        );
        if c.grant_fen > 0 {
            text += &format!("grant = {}\npayer = \"{}\"\n", yuan(c.grant_fen), c.payer);
        }
    }
    for late in &s.lates {
        text += &late_text(world, late);
    }
    text += &small_rules(world);
    text += &format!(
        "[coverage]\ninsured-when = \"{}\"\n",
        if s.insured_when_paid {
            "paid"
        } else {
            "registered"
        }
    );
    for (i, rate) in s.rates.iter().enumerate() {
        let covers: Vec<&str> = [
            (rate.resident, "\"resident\""),
            (rate.employee, "\"employee\""),
        ]
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, word)| *word)
        .collect();
        let target = match rate.target_persons {
            Some(persons) => format!("target-persons = {persons}"),
            None => format!("target = \"{}%\"", rate.target_percent),
        };
        text += &format!(
            "[[coverage.rate]]\nname = \"{}\"\ncount = \"{}\"\nschemes = [{}]\nagainst = \"{}\"\n{target}\nprimary = {}\n",
            rate.name,
            if rate.insured {
                "insured"
            } else {
                "registered"
            },
            covers.join(", "),
            rate.against,
            i == 0
        );
    }
    text += "[tasks]\n";
    if let Some(percent) = s.floor_percent {
        text += &format!("floor-share = \"{percent}%\"\n");
    }
    if s.task_at_least_last_year {
        text += "task-at-least = \"last-year\"\n";
    }
    if !s.over_population {
        text += "over-population = \"off\"\n";
    }
    let mut sources: Vec<(&str, Vec<Book>)> = Vec::new();
    for book in Book::ALL {
        match sources
            .iter_mut()
            .find(|(source, _)| *source == book.source())
        {
            Some((_, books)) => books.push(book),
            None => sources.push((book.source(), vec![book])),
        }
    }
    for (source, books) in sources {
        let files: Vec<String> = books
            .iter()
            .map(|book| format!("\"{}_*.csv\"", title(*book)))
            .collect();
        text += &format!(
            "[sources.{source}]\nfiles = [{}]\nrequired = false\n",
            files.join(", ")
        );
        // Random lists lack numbers more often than a department's: here they are for the findings to tell.
        text += if source == "rosters" {
            "blank-limit = \"100%\"\n"
        } else {
            ""
        };
    }
    text + "[sources.tasks]\nfiles = [\"任务表*.csv\"]\n"
}
