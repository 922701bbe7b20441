//! Random small worlds: few persons and many rows, so that books collide often.
//!
//! Every row is built from a handful of bytes; 0 is always the most ordinary choice, so that a failing world shrinks
//! towards a county where nothing is wrong.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::identity::check_of;
use super::policies::{CASES, Policy, is_wide, put_policy};
use super::world::{
    Book, Category, Figures, Late, Rate, Region, Row, SimpleScheme, TaskRow, World,
};

/// Bytes that decide one row.
type Genes = [u8; 16];

/// Any small world.
pub fn worlds() -> impl Strategy<Value = World> {
    let policy = (any::<[u8; 24]>(), any::<[u8; 24]>());
    let policy =
        policy.prop_map(|(a, b)| std::array::from_fn(|i| if i < 24 { a[i] } else { b[i - 24] }));
    let rows = prop::collection::vec((0u8..20, 0usize..14, any::<Genes>()), 3..60);
    (any::<Genes>(), policy, any::<[u8; 40]>(), rows)
        .prop_map(|(scheme, policy, tasks, rows)| world_of(scheme, &policy, tasks, &rows))
}

pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day of the calendar")
}

/// The region table of every world: two townships, five villages (石塘村 in both), a unit, and neighbours.
pub fn regions() -> Vec<Region> {
    #[rustfmt::skip]
    let table = [
        ("430321",       "湘潭县",         "county",   "4303",      "",       false),
        ("430321100",    "易俗河镇",       "township", "430321",    "易俗河", false),
        ("430321100201", "烟塘村委会",     "village",  "430321100", "",       false),
        ("430321100202", "石塘村委会",     "village",  "430321100", "",       false),
        ("430321101",    "谭家山镇",       "township", "430321",    "",       false),
        ("430321101201", "石塘村委会",     "village",  "430321101", "",       false),
        ("430321101202", "泉湖村委会",     "village",  "430321101", "",       false),
        ("430321101203", "红光社区居委会", "village",  "430321101", "红光社区", false),
        ("430321A",      "天易经开区",     "township", "430321",    "经开区", true),
        ("430381",       "湘乡市",         "county",   "4303",      "",       false),
        ("4301",         "长沙市",         "city",     "43",        "",       false),
        ("430102",       "芙蓉区",         "county",   "4301",      "",       false),
    ];
    let region = |(code, name, level, parent, alias, unit)| Region {
        code,
        name,
        level,
        parent,
        alias,
        unit,
    };
    table.map(region).to_vec()
}

/// A scheme with everything at its most ordinary.
pub fn plain_scheme() -> SimpleScheme {
    let category = |name, also, grant_fen, payer| Category {
        name,
        also,
        grant_fen,
        payer,
    };
    SimpleScheme {
        root: "430321",
        regions: regions(),
        pool_digits: 4,
        year: 2022,
        premium_fen: 32_000,
        window: (day(2021, 9, 1), day(2022, 2, 28)),
        benefit: (day(2022, 1, 1), day(2022, 12, 31)),
        payment_day_decides: true,
        cut_off_decides: true,
        cut_off: day(2022, 2, 28),
        categories: vec![
            category("特困对象", &["五保户"], 32_000, "县医保局"),
            category("重点优抚对象", &[], 32_000, "县退役军人事务局"),
            category("低保对象", &["低保户", "农村低保"], 16_000, "县医保局"),
            category("风险监测对象", &[], 16_000, "县贫困帮扶中心"),
            category("稳定脱贫人口", &[], 0, ""),
        ],
        fiscal_fen: None,
        previous_fen: None,
        lates: Vec::new(),
        granted_until: None,
        students: None,
        waiting: None,
        refunds: Vec::new(),
        groups: Vec::new(),
        assessment: None,
        insured_when_paid: false,
        rates: vec![Rate {
            name: "常住人口基本医保参保率",
            insured: false,
            paid: false,
            resident: true,
            employee: true,
            against: "population",
            target_percent: 95,
            target_persons: None,
        }],
        floor_percent: None,
        task_at_least_last_year: false,
        over_population: true,
    }
}

fn scheme_of(genes: Genes, policy: &Policy) -> SimpleScheme {
    let mut scheme = plain_scheme();
    put_policy(&mut scheme, policy);
    if !is_wide(policy) && genes[4] % 2 == 1 {
        scheme.lates.push(newborns());
    }
    scheme.pool_digits = [4, 6][usize::from(genes[0] % 2)];
    scheme.insured_when_paid = genes[1] % 2 == 1;
    (scheme.payment_day_decides, scheme.cut_off_decides) =
        [(true, true), (false, true), (true, false)][usize::from(genes[2] % 3)];
    scheme.cut_off = [day(2022, 2, 28), day(2021, 12, 31)][usize::from(genes[3] % 2)];
    scheme.floor_percent = (genes[5] % 2 == 1).then_some(95);
    scheme.task_at_least_last_year = genes[5] % 4 >= 2;
    scheme.over_population = genes[5] % 8 < 4;
    let rate = &mut scheme.rates[0];
    rate.against = [
        "population",
        "task",
        "last-year",
        "task",
        "residents",
        "population",
    ][usize::from(genes[6] % 6)];
    (rate.resident, rate.employee) = [(true, true), (true, false)][usize::from(genes[6] / 6 % 2)];
    rate.insured = genes[7] % 3 == 2;
    // Where only payment insures, an assessed scheme may not rank by registrations.
    let must_be_paid = scheme.insured_when_paid && scheme.assessment.is_some();
    rate.paid = !rate.insured && (must_be_paid || genes[7] % 3 == 1);
    rate.target_persons = (genes[7] % 5 == 4).then_some(1 + u64::from(genes[7] % 7));
    scheme
}

/// The rule most schemes have: ninety days from birth.
pub fn newborns() -> Late {
    Late {
        name: "新生儿".into(),
        born_within_days: Some(90),
        price: "personal",
        starts: "payment-day",
        keeps_grant: true,
        ..Late::default()
    }
}

/// 17 digits and the check character.
pub fn number_of(person: usize) -> String {
    let births = [
        "19800101", "19991231", "20220105", "19560630", "20211015", "20220301",
    ];
    let digits = format!(
        "430321{}{:03}",
        births[person % births.len()],
        11 + 7 * person
    );
    format!("{digits}{}", check_of(&digits))
}

fn name_of(person: usize) -> &'static str {
    ["王建国", "李㛃", "阿依·古丽", "张三", "刘小红", "陈明"][person % 6]
}

/// A person's number as this row writes it: mostly well, sometimes past use.
fn written_number(person: usize, book: Book, gene: u8) -> (String, &'static str) {
    let number = number_of(person);
    if person == 13 {
        return ("E12345678".into(), "08");
    }
    let slip = |at: usize| {
        let mut letters: Vec<char> = number.chars().collect();
        letters[at] = if letters[at] == '5' { '6' } else { '5' };
        letters.into_iter().collect::<String>()
    };
    let text = match gene {
        0..=215 => match (person + book as usize) % 6 {
            0 => number.to_lowercase(),
            1 => format!("'{number}"),
            2 if &number[6..8] == "19" && person.is_multiple_of(2) => {
                format!("{}{}", &number[..6], &number[8..17])
            }
            3 => format!("{} {}", &number[..6], &number[6..]),
            _ => number,
        },
        216..=223 => slip(16),
        224..=227 => slip(14),
        228..=231 => String::new(),
        232..=235 => format!("{}.{}E+17", &number[..1], &number[1..15]),
        236..=239 => format!("{}000", &number[..15]),
        240..=243 => number[..17].to_owned(),
        244..=247 => format!("{}1331{}", &number[..10], &number[14..]),
        _ => "4.30321E+17".into(),
    };
    (text, "")
}

fn written_name(person: usize, book: Book, gene: u8) -> String {
    let name = name_of(person);
    let letters: Vec<char> = name.chars().collect();
    let name = if book as usize % 2 == 1 {
        name.replace('·', "•")
    } else {
        name.to_owned()
    };
    match gene {
        0..=224 => name,
        225..=232 => format!(
            "{}?",
            letters[..letters.len() - 1].iter().collect::<String>()
        ),
        233..=238 => format!(
            "{}jie",
            letters[..letters.len() - 1].iter().collect::<String>()
        ),
        239..=250 => name_of(person + 1).to_owned(),
        _ => String::new(),
    }
}

fn written_date(date: NaiveDate, book: Book, spelling: usize) -> String {
    let forms = ["%Y-%m-%d", "%Y%m%d", "%Y.%m.%d", "%Y/%m/%d", "%Y年%m月%d日"];
    date.format(forms[(spelling / 4 + book as usize) % forms.len()])
        .to_string()
}

fn written_amount(fen: i64, book: Book, spelling: usize) -> String {
    let (yuan, cents) = (fen.abs() / 100, fen.abs() % 100);
    let plain = if cents == 0 {
        format!("{yuan}")
    } else {
        format!("{yuan}.{cents:02}")
    };
    match ((spelling / 20 + book as usize) % 4, fen < 0) {
        (0, false) => plain,
        (1, false) => format!("￥{plain}"),
        (2, false) => format!("{yuan}.{cents:02}元"),
        (3, true) => format!("({plain})"),
        (_, true) => format!("-{plain}"),
        _ => format!("{yuan}.{cents:02}"),
    }
}

/// The township and village a row names: mostly one village a person, so that books agree.
fn put_region(row: &mut Row, person: usize, gene: u8) {
    let villages = [
        ("易俗河镇", "烟塘村"),
        ("易俗河", "石塘村委会"),
        ("谭家山镇", "石塘村"),
        ("谭家山镇", "泉湖村民委员会"),
        ("谭家山镇", "红光社区"),
        ("经开区", ""),
    ];
    let (township, village) = match gene {
        0..=150 => villages[person % 6],
        151..=200 => villages[usize::from(gene) % 6],
        201..=215 => ("谭家山镇", ""),
        216..=225 => ("", ""),
        226..=232 => ("", "石塘村"),
        233..=240 => ("易俗河镇", "没有村"),
        241..=246 => ("没有镇", "泉湖村"),
        _ => ("", "烟塘村"),
    };
    row.put("township", township);
    row.put("village", village);
}

/// What all rows of a world share.
struct Draft {
    scheme: SimpleScheme,
    spelling: usize,
    wide: bool,
}

impl Draft {
    fn row(&self, book: Book, person: usize, g: Genes) -> Row {
        let mut pen = Pen {
            draft: self,
            book,
            person,
            row: Row {
                file: usize::from(g[0] % 2),
                ..Row::default()
            },
        };
        pen.who(g[1], g[2]);
        match book {
            Book::Register => put_region(&mut pen.row, person, g[3]),
            Book::Registrations | Book::ElsewhereRegistrations => pen.registration(g),
            Book::Payments | Book::ElsewherePayments => pen.payment(g),
            Book::Rosters => pen.roster(g),
            Book::Deaths => pen.date("death", death_of(person)),
            Book::Departures => pen.departure(),
            Book::Students => pen.student(g),
            Book::Previous => {}
            Book::Households => pen.word("household", "H1 H2 H3", g[3]),
        }
        pen.row
    }
}

/// Writes one row of a person.
struct Pen<'a> {
    draft: &'a Draft,
    book: Book,
    person: usize,
    row: Row,
}

/// One of the words of a text; `-` is blank.
fn pick(words: &str, gene: impl Into<usize>) -> &str {
    let words: Vec<&str> = words.split(' ').collect();
    match words[gene.into() % words.len()] {
        "-" => "",
        word => word,
    }
}

/// One of the days of a text; `-` is none.
fn pick_day(days: &str, gene: impl Into<usize>) -> Option<NaiveDate> {
    match pick(days, gene) {
        "" => None,
        day => Some(day.parse().expect("a day of the calendar")),
    }
}

impl Pen<'_> {
    fn word(&mut self, field: &'static str, words: &str, gene: impl Into<usize>) {
        self.row.put(field, pick(words, gene));
    }

    fn day(&mut self, field: &'static str, days: &str, gene: impl Into<usize>) {
        self.date(field, pick_day(days, gene));
    }

    fn date(&mut self, field: &'static str, date: Option<NaiveDate>) {
        let written = date.map(|d| written_date(d, self.book, self.draft.spelling));
        self.row.put(field, &written.unwrap_or_default());
    }

    fn amount(&self, fen: i64) -> String {
        written_amount(fen, self.book, self.draft.spelling)
    }

    fn who(&mut self, number: u8, name: u8) {
        let (number, kind) = written_number(self.person, self.book, number);
        self.row.put("id", &number);
        self.row.put("id-type", kind);
        // A row with neither number nor name is nobody's: whether it is data or a note is intake's to say.
        let name = if number.is_empty() { 0 } else { name };
        self.row
            .put("name", &written_name(self.person, self.book, name));
    }

    fn place(&mut self, gene: u8) {
        let places = if self.book.is_elsewhere() {
            "430102 湘乡市 芙蓉区 430381 430102001 长沙市 没有市 430321 430321101"
        } else {
            "430321 湘潭县 - 430321 - 湘潭县 430321 - 430321 430381 430102 湘乡市 没有县"
        };
        self.word("place", places, gene);
    }

    fn cover_and_year(&mut self, cover: u8, year: u8) {
        let covers = "城乡居民 390 - 城乡居民 居民 310 职工 城乡居民 390 工伤 没有险";
        self.word("scheme", covers, cover);
        match year {
            0..=245 => self.word("year", "2022 - 20220101", year),
            _ => self.row.put("year", "2021"),
        }
    }

    fn departure(&mut self) {
        let mut left = departure_of(self.person);
        if self.draft.wide {
            // Whether a rule of refunds holds on a day nobody knows is for no document to say.
            left = left.or(Some(day(2021, 12, 10)));
            let reasons = "- 参军 出国定居 退休 婚迁 失联 终身待遇";
            self.word("disposition", reasons, self.person);
        }
        self.date("moved-out", left);
    }

    fn student(&mut self, g: Genes) {
        self.word("place", "430321 430102 湘乡市", g[3]);
        if self.draft.wide {
            let enrolled = "- 2021-09-05 2021-10-01 2022-03-01 2021-11-30 2020-09-01 2022-09-05";
            self.day("enrolled-on", enrolled, self.person);
            self.day("graduates-on", "- 2022-06-30 2024-06-30", self.person);
        }
    }

    /// What a row declares as the reason of coming in late; one person has one event.
    fn case(&mut self, gene: u8) {
        if self.draft.wide && gene % 3 == 1 {
            let which = if gene > 230 {
                usize::from(gene)
            } else {
                self.person
            };
            self.row.put("late-case", CASES[which % CASES.len()]);
            let events = "2022-01-15 - 2022-03-20 2021-12-01";
            self.day("event-on", events, self.person);
        }
    }

    fn registration(&mut self, g: Genes) {
        if self.book == Book::Registrations {
            put_region(&mut self.row, self.person, g[3]);
        }
        self.place(g[4]);
        self.cover_and_year(g[5], g[6]);
        let statuses = "正常参保 1 - 参保 正常参保 正常 暂停参保 4 退保 无效 未参保 不清楚";
        self.word("status", statuses, g[7]);
        self.word("registration-no", "- D1 D2 - D3", g[8]);
        let begun = "2021-10-01 - 2022-01-01 2021-12-31 2022-06-01";
        self.day("begun", begun, g[9]);
        if self.book == Book::Registrations && g[10] > 235 {
            let subsidy = self.amount(16_000);
            self.row.put("subsidy", &subsidy);
        }
        if self.draft.wide {
            self.late_registration(g);
        }
    }

    /// Employees' relations that ended, declared cases, broken years.
    fn late_registration(&mut self, g: Genes) {
        let ended = g[11] % 3 == 2;
        if ended {
            self.word("scheme", "310 职工", g[12] % 2);
            self.word("status", "终止参保 暂停 停保 4 正常参保", g[12] / 2);
            self.day("begun", "2019-01-01 2020-01-21 - 2021-03-01", g[13]);
        }
        if ended || g[11] > 200 {
            let stops = "2021-12-15 2022-01-20 2022-02-20 2022-04-10 2022-11-30";
            self.day("ended", stops, g[14]);
        }
        // One finding a record: a row whose other words are unknown declares nothing.
        let (cover, status) = (self.row.get("scheme"), self.row.get("status"));
        if self.book != Book::Registrations
            || matches!(cover, "工伤" | "没有险")
            || status == "不清楚"
        {
            return;
        }
        let resident = !matches!(cover, "310" | "职工");
        let normal = matches!(status, "正常参保" | "1" | "" | "参保" | "正常");
        self.case(g[15]);
        if resident && normal {
            self.word("broken-years", "- 0 1 2 4 5 -", self.person);
            self.word("repaid-years", "- 0 1 4", self.person);
        }
    }

    fn payment(&mut self, g: Genes) {
        if self.book == Book::Payments {
            put_region(&mut self.row, self.person, g[3]);
        }
        self.place(g[4]);
        self.cover_and_year(g[5] % 9, g[6]);
        self.paid_on(g);
        self.word("voucher", "- P1 P2 P3 P4", g[8]);
        let (mut personal, mut subsidised) = self.parts(g[9]);
        if self.draft.wide {
            if g[12] % 4 == 3 {
                personal = self.late_price(g[14]);
            }
            if g[15] % 6 == 5 {
                personal = self.of_last_year(g[14]);
            }
            if self.book == Book::Payments {
                self.case(g[15] / 3);
            }
        }
        if self.book == Book::ElsewherePayments {
            personal = personal.abs();
        } else if personal < 0 {
            self.word("original-voucher", "- P1 P2 P9", g[10]);
        }
        if personal > 0 {
            subsidised = subsidised.abs();
        }
        if g[11] > 250 {
            self.unreadable_money();
        } else {
            self.money(personal, subsidised);
        }
    }

    fn paid_on(&mut self, g: Genes) {
        let days = if self.draft.wide && !g[13].is_multiple_of(3) {
            "2022-03-05 2022-02-10 2022-03-01 2022-03-31 2022-04-05 2022-04-30 2022-05-03 2021-10-01"
        } else {
            "2021-10-15 2021-09-01 2021-12-31 2022-01-05 2022-02-28 2022-03-01 2022-03-31 2022-05-01"
        };
        match g[7] {
            0..=245 => self.day("paid-on", days, g[7]),
            246..=251 => {}
            _ => self.row.put("paid-on", "上月"),
        }
    }

    /// Personal part and subsidy, in fen; some are taken back.
    fn parts(&self, gene: u8) -> (i64, i64) {
        let premium = self.draft.scheme.premium_fen;
        let half = premium / 2;
        let amounts = [
            (premium, 0),
            (half, half),
            (half, 0),
            (0, premium),
            (premium, 0),
            (10_000, 0),
            (22_000, 0),
            (premium, half),
            (2 * premium, 0),
            (0, 0),
            (-premium, 0),
            (-half, 0),
            (-half, -half),
            (-10_000, 0),
        ];
        amounts[usize::from(gene) % amounts.len()]
    }

    /// What those who enter late may owe.
    fn late_price(&self, gene: u8) -> i64 {
        let scheme = &self.draft.scheme;
        let (premium, half) = (scheme.premium_fen, scheme.premium_fen / 2);
        let fiscal = scheme.fiscal_fen.unwrap_or(58_000);
        let previous = scheme.previous_fen.unwrap_or(premium);
        let prices = [
            premium + fiscal,
            premium + previous,
            fiscal + half,
            previous + half,
            half + previous - half,
        ];
        prices[usize::from(gene) % prices.len()]
    }

    /// Makes it a payment of the year before.
    fn of_last_year(&mut self, gene: u8) -> i64 {
        self.row.put("year", "2021");
        self.day("paid-on", "2021-01-10 2021-09-03", gene % 2);
        [28_000, 10_000, -10_000, 32_000][usize::from(gene / 2) % 4]
    }

    fn money(&mut self, personal: i64, subsidised: i64) {
        let [own, subsidy, all] =
            [personal, subsidised, personal + subsidised].map(|fen| self.amount(fen));
        let cells = match self.draft.spelling % 4 {
            0 => vec![("personal", own), ("subsidy", subsidy)],
            1 => vec![("total", all), ("subsidy", subsidy)],
            2 => vec![("total", own)],
            _ => vec![("personal", own), ("total", all)],
        };
        for (field, text) in cells {
            self.row.put(field, &text);
        }
    }

    fn unreadable_money(&mut self) {
        let fields: &[&'static str] = match self.draft.spelling % 4 {
            0 => &["personal"],
            1 | 2 => &["total"],
            _ => &["personal", "total"],
        };
        for field in fields {
            self.row.put(field, "未知");
        }
    }

    fn roster(&mut self, g: Genes) {
        put_region(&mut self.row, self.person, g[3]);
        let words =
            "低保对象 特困对象 农村低保 重点优抚对象 风险监测对象 稳定脱贫人口 五保户 没有类";
        self.word("category", words, g[4]);
        self.day("identified", "- 2021-08-01 2021-11-01 2022-03-10", g[5]);
        self.day("approved", "- - 2021-12-31 2022-03-01", g[6]);
        self.day("ended", "- - - 2021-12-01 2022-02-28 2022-03-31", g[7]);
        if g[8] > 235 {
            let subsidy = self.amount(16_000);
            self.row.put("subsidy", &subsidy);
        }
    }
}

/// The day on which a person died, as every book that knows of it says; `None` = a day not stated. One person has one death.
fn death_of(person: usize) -> Option<NaiveDate> {
    pick_day("- 2021-11-01 2022-02-01 2022-04-20", person)
}

/// The day on which a person left.
fn departure_of(person: usize) -> Option<NaiveDate> {
    pick_day("2021-11-01 - 2022-02-01 2022-04-20", person)
}

fn world_of(genes: Genes, policy: &Policy, tasks: [u8; 40], rows: &[(u8, usize, Genes)]) -> World {
    let draft = Draft {
        scheme: scheme_of(genes, policy),
        spelling: usize::from(genes[8]),
        wide: is_wide(policy),
    };
    let mut books = books_of(&draft, rows);
    let mut serial = 0;
    let mut seen_payments = BTreeMap::new();
    for (book, rows) in &mut books {
        tidy(*book, rows, &mut seen_payments, &mut serial);
    }
    // Late payments are seen by those who look later.
    let as_of = if draft.wide && !genes[10].is_multiple_of(3) {
        pick_day("2022-06-30 2022-04-28", genes[9])
    } else {
        pick_day("2022-03-31 2021-12-31 2022-01-10", genes[9])
    };
    let (tasks, tasks_total) = tasks_of(tasks);
    World {
        scheme: draft.scheme,
        as_of: as_of.expect("every choice is a day"),
        exported: pick_day(
            "- - 2022-03-28 2022-02-28 2021-12-27 2022-04-06 2022-03-04",
            genes[7],
        ),
        books,
        tasks,
        tasks_total,
        spelling: draft.spelling,
        wide: draft.wide,
    }
}

/// One ordinary row of each of six books, and the drawn ones.
fn books_of(draft: &Draft, rows: &[(u8, usize, Genes)]) -> BTreeMap<Book, Vec<Row>> {
    let fillers = [
        (Book::Register, 20),
        (Book::Registrations, 20),
        (Book::Payments, 20),
        (Book::Rosters, 21),
        (Book::Deaths, 22),
        (Book::Departures, 23),
    ];
    let filler = |(book, person)| (book, vec![draft.row(book, person, Genes::default())]);
    let mut books: BTreeMap<Book, Vec<Row>> = fillers.map(filler).into();
    for &(which, person, g) in rows {
        let book = book_of(which, g[5]);
        let mut row = draft.row(book, person, g);
        if book == Book::Register && person % 5 == 4 {
            let died = death_of(person).map(|d| written_date(d, book, draft.spelling));
            row.put("death", &died.unwrap_or_default());
        }
        // A death is either the register's to tell or the list's, so that no two books state different days.
        if !(book == Book::Deaths && person % 5 == 4) {
            books.entry(book).or_default().push(row);
        }
    }
    books
}

fn book_of(which: u8, gene: u8) -> Book {
    match which {
        0..=3 => Book::Register,
        4..=7 => Book::Registrations,
        8..=12 => Book::Payments,
        13..=14 => Book::Rosters,
        15 => Book::ElsewhereRegistrations,
        16 => Book::ElsewherePayments,
        17 => Book::Deaths,
        18 => Book::Departures,
        _ => [Book::Students, Book::Households, Book::Previous][usize::from(gene % 3)],
    }
}

/// Number, day and voucher of a payment.
type PaymentAt = [String; 3];

/// Where the documents let the order of files decide (records equal in every value they name, but not in all), a
/// random world would disagree with itself. Such rows are made equal throughout, or apart.
fn tidy(
    book: Book,
    rows: &mut Vec<Row>,
    seen: &mut BTreeMap<PaymentAt, BTreeMap<&'static str, String>>,
    serial: &mut usize,
) {
    let mut kept: Vec<Row> = Vec::new();
    for mut row in rows.drain(..) {
        if let Some(twin) = kept.iter().find(|other| is_one(book, other, &row)) {
            row.cells = cells_of_twins(book, twin, &row);
        }
        if book.is_payment() {
            let at = ["id", "paid-on", "voucher"].map(|field| row.get(field).to_owned());
            if seen.get(&at).is_some_and(|cells| *cells != row.cells) {
                *serial += 1;
                row.put("voucher", &format!("Z{serial}"));
            } else {
                seen.insert(at, row.cells.clone());
            }
        }
        // Equal rows stand in one file, or once in each of two.
        let equal = kept.iter().filter(|other| other.cells == row.cells);
        let files: Vec<usize> = equal.map(|other| other.file).collect();
        match files.as_slice() {
            [] => kept.push(row),
            [one] if *one != row.file => kept.push(row),
            files if files.iter().all(|file| *file == row.file) => kept.push(row),
            _ => {}
        }
    }
    *rows = kept;
}

/// Whether two rows are one record by their number; of payments by their money too.
fn is_one(book: Book, other: &Row, row: &Row) -> bool {
    let number = if book.is_payment() {
        "voucher"
    } else {
        "registration-no"
    };
    let fen = |row: &Row, field| super::rows::fen(row.get(field)).ok().flatten();
    let money = |row: &Row| {
        let parts = || fen(row, "personal").unwrap_or(0) + fen(row, "subsidy").unwrap_or(0);
        fen(row, "total").unwrap_or_else(parts)
    };
    let same = |field| other.get(field) == row.get(field);
    let numbered = !row.get(number).is_empty() && same(number) && same("id");
    numbered && (!book.is_payment() || money(other) == money(row))
}

/// Which of two registrations is kept is told by status, day and name; what else they say must agree.
fn cells_of_twins(book: Book, twin: &Row, row: &Row) -> BTreeMap<&'static str, String> {
    let mut cells = twin.cells.clone();
    if book.is_registration() {
        for field in ["status", "begun", "name"] {
            cells.remove(field);
            cells.extend(row.cells.get(field).map(|text| (field, text.clone())));
        }
    }
    cells
}

fn tasks_of(genes: [u8; 40]) -> (Vec<TaskRow>, Option<Figures>) {
    let row = |region, at| TaskRow {
        region,
        figures: figures_of(&genes, at),
    };
    let mut rows = vec![row("430321100", 0), row("430321101", 4)];
    if genes[38].is_multiple_of(2) {
        let mut total = added(&rows);
        if genes[39] > 200 {
            total.task = total.task.map(|t| t + 1);
        }
        return (rows, Some(total));
    }
    let first = vec![row("430321100201", 8), row("430321100202", 12)];
    let second = vec![
        row("430321101201", 16),
        row("430321101202", 20),
        row("430321101203", 24),
    ];
    rows[0].figures = added(&first);
    if genes[39] < 200 {
        rows[1].figures = added(&second);
    }
    rows.extend(first);
    rows.extend(second);
    (rows, None)
}

/// Figures of a region by four bytes of its own.
fn figures_of(genes: &[u8; 40], at: usize) -> Figures {
    let task = 1 + u64::from(genes[at + 1] % 10);
    let floor = (2 * 95 * task + 100) / 200 + u64::from(genes[at + 2] > 230);
    let last_year = 1 + u64::from(genes[at + 3] % 9);
    // Some tables state last year's employees and both together; a row whose parts do not make the whole is rare.
    let employees = u64::from(genes[at + 3] / 9 % 3);
    let both = last_year + employees + u64::from(genes[at + 2] % 16 == 7);
    let states = genes[37].is_multiple_of(2);
    Figures {
        population: Some(1 + u64::from(genes[at] % 12)),
        task: Some(task),
        floor: Some(floor),
        last_year: Some(last_year),
        last_year_employee: states.then_some(employees),
        last_year_total: states.then_some(both),
    }
}

/// Columns in which nothing is stated stay empty.
fn added(rows: &[TaskRow]) -> Figures {
    Figures::of(std::array::from_fn(|i| {
        let stated: Vec<u64> = rows.iter().filter_map(|r| r.figures.list()[i]).collect();
        (!stated.is_empty()).then(|| stated.iter().sum())
    }))
}
