//! A world as the files a bureau would hand over: csv in many forms, a pipeline and a region table.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use super::world::{Assessment, Book, Figures, Late, Row, SimpleScheme, World};

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
            let name = format!("{}_{named}.csv", title(book));
            put(&inputs.join(name), &lines, layout);
        }
    }
    let tasks = tasks_sheet(world, layout);
    put(&inputs.join("任务表.csv"), &tasks, layout);
    let pipeline = folder.join("small-2022.toml");
    fs::write(&pipeline, pipeline_text(world)).expect("a folder of our own");
    let regions = folder.join("regions/small-2022.csv");
    fs::write(regions, regions_text(&world.scheme)).expect("a folder of our own");
    Written { pipeline, inputs }
}

/// The region table that the pipeline names.
pub fn regions_text(s: &SimpleScheme) -> String {
    let mut regions = String::from("code,name,level,parent,alias,unit\n");
    for r in &s.regions {
        let unit = if r.unit { "yes" } else { "" };
        let named = format!("{},{},{}", r.code, r.name, r.level);
        regions += &format!("{named},{},{},{unit}\n", r.parent, r.alias);
    }
    regions
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

/// What a field may be called (docs/readings.md#headers).
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

/// Of each region how it is called by township and village, and its figures.
fn tasks_sheet(world: &World, layout: &Layout) -> Vec<Vec<String>> {
    let region = |code| world.scheme.region(code).expect("a region of the table");
    let mut rows: Vec<Vec<String>> = Vec::new();
    for row in &world.tasks {
        let own = region(row.region);
        rows.push(match own.level {
            "village" => tasks_row(region(own.parent).name, own.name, &row.figures),
            _ => tasks_row(own.name, "", &row.figures),
        });
    }
    shuffle(&mut rows, layout.rows);
    let total = world.tasks_total.as_ref();
    let total = total.map(|figures| tasks_row("合计", "", figures));
    let header =
        "乡镇 村 常住人口 任务数 保底任务数 上年参保数 上年职工参保数 上年基本医疗保险参保数";
    let header = header.split(' ').map(str::to_owned).collect();
    let lines = std::iter::once(header).chain(rows).chain(total).collect();
    titled(layout, "任务表", lines)
}

fn tasks_row(township: &str, village: &str, figures: &Figures) -> Vec<String> {
    let shown = |figure: Option<u64>| figure.map(|f| f.to_string()).unwrap_or_default();
    let places = [township.to_owned(), village.to_owned()];
    let figures = figures.list().map(shown);
    places.into_iter().chain(figures).collect()
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

/// A pipeline file as it is written.
#[derive(Default)]
struct Toml(String);

impl Toml {
    fn table(&mut self, name: &str) -> &mut Toml {
        self.0 += &format!("{name}\n");
        self
    }

    /// A number, a day or a truth.
    fn key(&mut self, key: &str, value: impl Display) -> &mut Toml {
        self.0 += &format!("{key} = {value}\n");
        self
    }

    fn key_if(&mut self, key: &str, value: Option<impl Display>) -> &mut Toml {
        match value {
            Some(value) => self.key(key, value),
            None => self,
        }
    }

    fn text(&mut self, key: &str, value: impl Display) -> &mut Toml {
        self.key(key, format!("\"{value}\""))
    }

    fn text_if(&mut self, key: &str, value: Option<impl Display>) -> &mut Toml {
        self.key_if(key, value.map(|value| format!("\"{value}\"")))
    }

    fn list(&mut self, key: &str, words: impl IntoIterator<Item = impl Display>) -> &mut Toml {
        let quoted = words.into_iter().map(|word| format!("\"{word}\""));
        let quoted: Vec<String> = quoted.collect();
        self.key(key, format!("[{}]", quoted.join(", ")))
    }

    /// A list, where there is anything in it.
    fn list_if(&mut self, key: &str, words: &[impl Display]) -> &mut Toml {
        match words {
            [] => self,
            words => self.list(key, words),
        }
    }
}

/// The pipeline file of a world (docs/scheme.md).
pub fn pipeline_text(world: &World) -> String {
    let s = &world.scheme;
    let mut toml = Toml::default();
    put_head(&mut toml, s);
    for category in &s.categories {
        toml.table("[[subsidy]]")
            .text("category", category.name)
            .list("also", category.also);
        if category.grant_fen > 0 {
            toml.key("grant", yuan(category.grant_fen))
                .text("payer", category.payer);
        }
    }
    for late in &s.lates {
        put_late(&mut toml, s, late);
    }
    put_small_rules(&mut toml, s);
    put_rates(&mut toml, s);
    toml.table("[tasks]")
        .text_if("floor-share", s.floor_percent.map(percent))
        .text_if(
            "task-at-least",
            s.task_at_least_last_year.then_some("last-year"),
        )
        .text_if("over-population", (!s.over_population).then_some("off"));
    put_sources(world, &mut toml);
    toml.0
}

fn percent(percent: impl Display) -> String {
    format!("{percent}%")
}

fn tenths(tenths: i64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The words whose condition holds.
fn holding<const N: usize>(words: [(bool, &'static str); N]) -> Vec<&'static str> {
    let holding = words.into_iter().filter(|(holds, _)| *holds);
    holding.map(|(_, word)| word).collect()
}

fn put_head(toml: &mut Toml, s: &SimpleScheme) {
    toml.table("[scheme]")
        .text("name", "小县2022年度城乡居民基本医疗保险")
        .key("year", s.year)
        .text("region", s.root)
        .key("pool-digits", s.pool_digits)
        .text("basis", "工作方案")
        .text("inputs", "inputs");
    toml.table("[premium]")
        .key("personal", yuan(s.premium_fen))
        .key_if("fiscal", s.fiscal_fen.map(yuan))
        .key_if("previous", s.previous_fen.map(yuan));
    for (table, (from, to)) in [("[window]", s.window), ("[benefit]", s.benefit)] {
        toml.table(table).key("from", from).key("to", to);
    }
    let decides = holding([
        (s.payment_day_decides, "payment-day"),
        (s.cut_off_decides, "cut-off"),
    ]);
    toml.table("[roster]")
        .list("decides", decides)
        .key("cut-off", s.cut_off)
        .key_if("until", s.granted_until);
}

/// A `[[late]]` table; what is at its default is not written.
fn put_late(toml: &mut Toml, s: &SimpleScheme, late: &Late) {
    let names: Vec<&str> = late
        .on_roster
        .iter()
        .map(|&c| s.categories[c].name)
        .collect();
    toml.table("[[late]]")
        .text("name", &late.name)
        .text("clause", format!("条款：{}", late.name))
        .key_if("born-within-days", late.born_within_days)
        .key_if("born-within-months", late.born_within_months)
        .key_if("born-from", late.born_from)
        .list_if("on-roster", &names)
        .key_if("newly", late.whenever_listed.then_some(false))
        .key_if("event-from", late.event_from)
        .key_if("employee-gap-days", late.gap_days)
        .key_if("employee-gap-months", late.gap_months)
        .key_if("employee-stopped-from", late.stopped_from)
        .key_if("employee-years", late.employee_years)
        .list_if("case", &late.cases)
        .text_if(
            "price",
            Some(late.price).filter(|price| *price != "personal"),
        )
        .text_if(
            "starts",
            Some(late.starts).filter(|starts| *starts != "payment-day"),
        )
        .key_if("wait-months", late.wait_months);
    match (late.keeps_grant, late.listed_grant) {
        (false, _) => toml.key("keeps-grant", false),
        (true, true) => toml.text("keeps-grant", "listed"),
        (true, false) => toml,
    };
}

/// Students, waiting, refunds, groups and the assessment, as far as the scheme speaks of them.
fn put_small_rules(toml: &mut Toml, s: &SimpleScheme) {
    if let Some(students) = &s.students {
        toml.table("[students]")
            .text("clause", "条款：学生")
            .key("from", students.from)
            .key("to", students.to)
            .key_if("pay-within-months", students.pay_within_months)
            .key_if("graduates-until", students.graduates_until);
    }
    if let Some(waiting) = s.waiting {
        toml.table("[waiting]")
            .key("fixed-months", waiting.fixed_months)
            .key("months-a-broken-year", waiting.months_a_broken_year)
            .key("long-break-years", waiting.long_break_years)
            .key("long-break-months", waiting.long_break_months);
    }
    for refund in &s.refunds {
        let any = "\"any\"".to_owned();
        toml.table("[[refund]]")
            .text("reason", refund.reason)
            .key("before", refund.before.map_or(any, |day| day.to_string()))
            .text("clause", "条款：退费");
    }
    for group in &s.groups {
        toml.table("[[group]]")
            .text("name", group.name)
            .list(
                "categories",
                group.categories.iter().map(|&c| s.categories[c].name),
            )
            .key("must-be-100", true);
    }
    if let Some(assessment) = &s.assessment {
        put_assessment(toml, s, assessment);
    }
}

fn put_assessment(toml: &mut Toml, s: &SimpleScheme, a: &Assessment) {
    toml.table("[assessment]")
        .text_if("level", a.level)
        .text_if("weekday", a.weekday)
        .key_if("from", a.from)
        .key_if("cut-off", a.cut_off)
        .text_if("persons-at", a.persons_at_cut_off.then_some("cut-off"))
        .key_if("criticise", a.criticise.then_some(true));
    if let Some(lag) = &a.lag {
        toml.table("[assessment.lag]")
            .key_if("bottom", lag.bottom)
            .text_if("share", lag.share_percent.map(percent))
            .key("weeks", 2);
    }
    if let Some((yuan, all)) = a.fund {
        toml.table("[assessment.fund]")
            .key("yuan", yuan)
            .text_if("counts", all.then_some("all"));
    }
    for tier in &a.tiers {
        let groups: Vec<&str> = tier.groups.iter().map(|&g| s.groups[g].name).collect();
        toml.table("[[assessment.tier]]")
            .key("by", tier.by)
            .text("at-least", percent(tier.percent))
            .key("yuan", tier.yuan)
            .list_if("groups", &groups);
    }
    put_score(toml, a);
    if let Some(below) = a.clinic_percent {
        toml.table("[assessment.clinic]")
            .text("below", percent(below));
    }
}

fn put_score(toml: &mut Toml, a: &Assessment) {
    if let Some(score) = &a.score {
        toml.table("[assessment.score]")
            .key("points", score.points)
            .text("full-at", percent(score.full_at_percent))
            .text("above", tenths(score.above_tenths))
            .text("below", tenths(score.below_tenths))
            .text("zero-below", percent(score.zero_below_percent))
            .text_if(
                "steps",
                Some(score.steps).filter(|steps| *steps != "linear"),
            )
            .text_if("average", score.of_the_mean_rate.then_some("rate"));
    }
    for leader in &a.leaders {
        toml.table("[[assessment.leader]]")
            .text("post", leader.post)
            .list("regions", &leader.regions);
    }
}

/// How one is counted as insured, and the rates; the first one ranks.
fn put_rates(toml: &mut Toml, s: &SimpleScheme) {
    let word = |yes, word, otherwise| if yes { word } else { otherwise };
    let insured_when = word(s.insured_when_paid, "paid", "registered");
    toml.table("[coverage]").text("insured-when", insured_when);
    for (i, rate) in s.rates.iter().enumerate() {
        let covers = holding([(rate.resident, "resident"), (rate.employee, "employee")]);
        toml.table("[[coverage.rate]]")
            .text("name", rate.name)
            .text(
                "count",
                word(
                    rate.insured,
                    "insured",
                    word(rate.paid, "paid", "registered"),
                ),
            )
            .list("schemes", covers)
            .text("against", rate.against)
            .key("primary", i == 0);
        match rate.target_persons {
            Some(persons) => toml.key("target-persons", persons),
            None => toml.text("target", percent(rate.target_percent)),
        };
    }
}

fn put_sources(world: &World, toml: &mut Toml) {
    let mut sources: Vec<(&str, Vec<Book>)> = Vec::new();
    for book in Book::ALL {
        let known = sources
            .iter_mut()
            .find(|(source, _)| *source == book.source());
        match known {
            Some((_, books)) => books.push(book),
            None => sources.push((book.source(), vec![book])),
        }
    }
    for (source, books) in sources {
        // Random lists lack numbers more often than a department's: here they are for the findings to tell.
        let blank_limit = (source == "rosters").then_some("100%");
        toml.table(&format!("[sources.{source}]"))
            .list(
                "files",
                books.iter().map(|book| format!("{}_*.csv", title(*book))),
            )
            .key("required", false)
            .text_if("blank-limit", blank_limit);
        if let (Some(day), "registrations") = (world.exported, source) {
            toml.key("as-of", day);
        }
    }
    toml.table("[sources.tasks]").list("files", ["任务表*.csv"]);
}
