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
    let row = |code, name, level, parent, alias, unit| Region {
        code,
        name,
        level,
        parent,
        alias,
        unit,
    };
    vec![
        row("430321", "湘潭县", "county", "4303", "", false),
        row(
            "430321100",
            "易俗河镇",
            "township",
            "430321",
            "易俗河",
            false,
        ),
        row(
            "430321100201",
            "烟塘村委会",
            "village",
            "430321100",
            "",
            false,
        ),
        row(
            "430321100202",
            "石塘村委会",
            "village",
            "430321100",
            "",
            false,
        ),
        row("430321101", "谭家山镇", "township", "430321", "", false),
        row(
            "430321101201",
            "石塘村委会",
            "village",
            "430321101",
            "",
            false,
        ),
        row(
            "430321101202",
            "泉湖村委会",
            "village",
            "430321101",
            "",
            false,
        ),
        row(
            "430321101203",
            "红光社区居委会",
            "village",
            "430321101",
            "红光社区",
            false,
        ),
        row(
            "430321A",
            "天易经开区",
            "township",
            "430321",
            "经开区",
            true,
        ),
        row("430381", "湘乡市", "county", "4303", "", false),
        row("4301", "长沙市", "city", "43", "", false),
        row("430102", "芙蓉区", "county", "4301", "", false),
    ]
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

struct Draft {
    scheme: SimpleScheme,
    spelling: usize,
    wide: bool,
}

impl Draft {
    fn row(&self, book: Book, person: usize, g: Genes) -> Row {
        let mut row = Row {
            file: usize::from(g[0] % 2),
            ..Row::default()
        };
        let (number, kind) = written_number(person, book, g[1]);
        row.put("id", &number);
        row.put("id-type", kind);
        // A row with neither number nor name is nobody's: whether it is data or a note is intake's to say.
        row.put(
            "name",
            &written_name(person, book, if number.is_empty() { 0 } else { g[2] }),
        );
        match book {
            Book::Register => put_region(&mut row, person, g[3]),
            Book::Registrations | Book::ElsewhereRegistrations => {
                self.registration(&mut row, book, person, g)
            }
            Book::Payments | Book::ElsewherePayments => self.payment(&mut row, book, person, g),
            Book::Rosters => self.roster(&mut row, person, g),
            Book::Deaths => {
                self.put_date(&mut row, book, "death", death_of(person).unwrap_or(None))
            }
            Book::Departures => self.departure(&mut row, person),
            Book::Students => self.student(&mut row, person, g),
            Book::Previous => {}
            Book::Households => row.put("household", ["H1", "H2", "H3"][usize::from(g[3] % 3)]),
        }
        row
    }

    fn departure(&self, row: &mut Row, person: usize) {
        let mut left = departure_of(person).unwrap_or(None);
        if self.wide {
            // Whether a rule of refunds holds on a day nobody knows is for no document to say.
            left = left.or(Some(day(2021, 12, 10)));
            row.put(
                "disposition",
                ["", "参军", "出国定居", "退休", "婚迁", "失联", "终身待遇"][person % 7],
            );
        }
        self.put_date(row, Book::Departures, "moved-out", left);
    }

    fn student(&self, row: &mut Row, person: usize, g: Genes) {
        row.put(
            "place",
            ["430321", "430102", "湘乡市"][usize::from(g[3] % 3)],
        );
        if self.wide {
            let enrolled = [
                None,
                Some(day(2021, 9, 5)),
                Some(day(2021, 10, 1)),
                Some(day(2022, 3, 1)),
                Some(day(2021, 11, 30)),
                Some(day(2020, 9, 1)),
                Some(day(2022, 9, 5)),
            ];
            let graduates = [None, Some(day(2022, 6, 30)), Some(day(2024, 6, 30))];
            self.put_date(row, Book::Students, "enrolled-on", enrolled[person % 7]);
            self.put_date(row, Book::Students, "graduates-on", graduates[person % 3]);
        }
    }

    /// What a row declares as the reason of coming in late; one person has one event.
    fn put_case(&self, row: &mut Row, book: Book, person: usize, gene: u8) {
        if self.wide && gene % 3 == 1 {
            let events = [
                Some(day(2022, 1, 15)),
                None,
                Some(day(2022, 3, 20)),
                Some(day(2021, 12, 1)),
            ];
            row.put(
                "late-case",
                CASES[if gene > 230 {
                    usize::from(gene)
                } else {
                    person
                } % 5],
            );
            self.put_date(row, book, "event-on", events[person % 4]);
        }
    }

    fn put_date(&self, row: &mut Row, book: Book, field: &'static str, date: Option<NaiveDate>) {
        row.put(
            field,
            &date
                .map(|d| written_date(d, book, self.spelling))
                .unwrap_or_default(),
        );
    }

    fn put_place(&self, row: &mut Row, book: Book, gene: u8) {
        let elsewhere = [
            "430102",
            "湘乡市",
            "芙蓉区",
            "430381",
            "430102001",
            "长沙市",
            "没有市",
            "430321",
            "430321101",
        ];
        let here = [
            "430321",
            "湘潭县",
            "",
            "430321",
            "",
            "湘潭县",
            "430321",
            "",
            "430321",
            "430381",
            "430102",
            "湘乡市",
            "没有县",
        ];
        let places = if book.is_elsewhere() {
            elsewhere.as_slice()
        } else {
            &here
        };
        row.put("place", places[usize::from(gene) % places.len()]);
    }

    fn put_cover_and_year(&self, row: &mut Row, cover: u8, year: u8) {
        let covers = [
            "城乡居民",
            "390",
            "",
            "城乡居民",
            "居民",
            "310",
            "职工",
            "城乡居民",
            "390",
            "工伤",
            "没有险",
        ];
        row.put("scheme", covers[usize::from(cover) % covers.len()]);
        row.put(
            "year",
            if year > 245 {
                "2021"
            } else {
                ["2022", "", "20220101"][usize::from(year) % 3]
            },
        );
    }

    fn registration(&self, row: &mut Row, book: Book, person: usize, g: Genes) {
        if book == Book::Registrations {
            put_region(row, person, g[3]);
        }
        self.put_place(row, book, g[4]);
        self.put_cover_and_year(row, g[5], g[6]);
        let statuses = [
            "正常参保",
            "1",
            "",
            "参保",
            "正常参保",
            "正常",
            "暂停参保",
            "4",
            "退保",
            "无效",
            "未参保",
            "不清楚",
        ];
        row.put("status", statuses[usize::from(g[7]) % statuses.len()]);
        row.put(
            "registration-no",
            ["", "D1", "D2", "", "D3"][usize::from(g[8]) % 5],
        );
        let days = [
            Some(day(2021, 10, 1)),
            None,
            Some(day(2022, 1, 1)),
            Some(day(2021, 12, 31)),
            Some(day(2022, 6, 1)),
        ];
        self.put_date(row, book, "begun", days[usize::from(g[9]) % 5]);
        if book == Book::Registrations && g[10] > 235 {
            row.put("subsidy", &written_amount(16_000, book, self.spelling));
        }
        if self.wide {
            self.late_registration(row, book, person, g);
        }
    }

    /// Employees' relations that ended, declared cases, broken years.
    fn late_registration(&self, row: &mut Row, book: Book, person: usize, g: Genes) {
        let stops = [
            day(2021, 12, 15),
            day(2022, 1, 20),
            day(2022, 2, 20),
            day(2022, 4, 10),
            day(2022, 11, 30),
        ];
        let begins = [
            Some(day(2019, 1, 1)),
            Some(day(2020, 1, 21)),
            None,
            Some(day(2021, 3, 1)),
        ];
        if g[11] % 3 == 2 {
            row.put("scheme", ["310", "职工"][usize::from(g[12] % 2)]);
            row.put(
                "status",
                ["终止参保", "暂停", "停保", "4", "正常参保"][usize::from(g[12] / 2) % 5],
            );
            self.put_date(row, book, "begun", begins[usize::from(g[13]) % 4]);
        }
        if g[11] % 3 == 2 || g[11] > 200 {
            self.put_date(row, book, "ended", Some(stops[usize::from(g[14]) % 5]));
        }
        // One finding a record: a row whose other words are unknown declares nothing.
        let cover = row.get("scheme").to_owned();
        let known = !matches!(cover.as_str(), "工伤" | "没有险") && row.get("status") != "不清楚";
        if book == Book::Registrations && known {
            self.put_case(row, book, person, g[15]);
        }
        let resident = known && !matches!(cover.as_str(), "310" | "职工");
        if book == Book::Registrations
            && resident
            && matches!(row.get("status"), "正常参保" | "1" | "" | "参保" | "正常")
        {
            row.put(
                "broken-years",
                ["", "0", "1", "2", "4", "5", ""][person % 7],
            );
            row.put("repaid-years", ["", "0", "1", "4"][person % 4]);
        }
    }

    fn payment(&self, row: &mut Row, book: Book, person: usize, g: Genes) {
        if book == Book::Payments {
            put_region(row, person, g[3]);
        }
        self.put_place(row, book, g[4]);
        self.put_cover_and_year(row, g[5] % 9, g[6]);
        let days = [
            day(2021, 10, 15),
            day(2021, 9, 1),
            day(2021, 12, 31),
            day(2022, 1, 5),
            day(2022, 2, 28),
            day(2022, 3, 1),
            day(2022, 3, 31),
            day(2022, 5, 1),
        ];
        let late_days = [
            day(2022, 3, 5),
            day(2022, 2, 10),
            day(2022, 3, 1),
            day(2022, 3, 31),
            day(2022, 4, 5),
            day(2022, 4, 30),
            day(2022, 5, 3),
            day(2021, 10, 1),
        ];
        let days = if self.wide && !g[13].is_multiple_of(3) {
            late_days
        } else {
            days
        };
        match g[7] {
            0..=245 => self.put_date(
                row,
                book,
                "paid-on",
                Some(days[usize::from(g[7]) % days.len()]),
            ),
            246..=251 => {}
            _ => row.put("paid-on", "上月"),
        }
        row.put(
            "voucher",
            ["", "P1", "P2", "P3", "P4"][usize::from(g[8]) % 5],
        );
        let (premium, half) = (self.scheme.premium_fen, self.scheme.premium_fen / 2);
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
        let (mut personal, subsidised) = amounts[usize::from(g[9]) % amounts.len()];
        if self.wide {
            if g[12] % 4 == 3 {
                let fiscal = self.scheme.fiscal_fen.unwrap_or(58_000);
                let previous = self.scheme.previous_fen.unwrap_or(premium);
                let prices = [
                    premium + fiscal,
                    premium + previous,
                    fiscal + half,
                    previous + half,
                    half + previous - half,
                ];
                personal = prices[usize::from(g[14]) % prices.len()];
            }
            if g[15] % 6 == 5 {
                row.put("year", "2021");
                self.put_date(
                    row,
                    book,
                    "paid-on",
                    Some([day(2021, 1, 10), day(2021, 9, 3)][usize::from(g[14] % 2)]),
                );
                personal = [28_000, 10_000, -10_000, 32_000][usize::from(g[14] / 2) % 4];
            }
            if book == Book::Payments {
                self.put_case(row, book, person, g[15] / 3);
            }
        }
        if book == Book::ElsewherePayments {
            personal = personal.abs();
        }
        let originals = ["", "P1", "P2", "P9"];
        if personal < 0 && book == Book::Payments {
            row.put("original-voucher", originals[usize::from(g[10]) % 4]);
        }
        self.put_money(
            row,
            book,
            personal,
            if personal > 0 {
                subsidised.abs()
            } else {
                subsidised
            },
            g[11] > 250,
        );
    }

    fn put_money(
        &self,
        row: &mut Row,
        book: Book,
        personal: i64,
        subsidised: i64,
        unreadable: bool,
    ) {
        let write = |fen| {
            if unreadable {
                "未知".to_owned()
            } else {
                written_amount(fen, book, self.spelling)
            }
        };
        let subsidy = if unreadable {
            String::new()
        } else {
            written_amount(subsidised, book, self.spelling)
        };
        match self.spelling % 4 {
            0 => {
                row.put("personal", &write(personal));
                row.put("subsidy", &subsidy);
            }
            1 => {
                row.put("total", &write(personal + subsidised));
                row.put("subsidy", &subsidy);
            }
            2 => row.put("total", &write(personal)),
            _ => {
                row.put("personal", &write(personal));
                row.put("total", &write(personal + subsidised));
            }
        }
    }

    fn roster(&self, row: &mut Row, person: usize, g: Genes) {
        put_region(row, person, g[3]);
        let words = [
            "低保对象",
            "特困对象",
            "农村低保",
            "重点优抚对象",
            "风险监测对象",
            "稳定脱贫人口",
            "五保户",
            "没有类",
        ];
        row.put("category", words[usize::from(g[4]) % words.len()]);
        let identified = [
            None,
            Some(day(2021, 8, 1)),
            Some(day(2021, 11, 1)),
            Some(day(2022, 3, 10)),
        ];
        let approved = [None, None, Some(day(2021, 12, 31)), Some(day(2022, 3, 1))];
        let ended = [
            None,
            None,
            None,
            Some(day(2021, 12, 1)),
            Some(day(2022, 2, 28)),
            Some(day(2022, 3, 31)),
        ];
        self.put_date(
            row,
            Book::Rosters,
            "identified",
            identified[usize::from(g[5]) % 4],
        );
        self.put_date(
            row,
            Book::Rosters,
            "approved",
            approved[usize::from(g[6]) % 4],
        );
        self.put_date(row, Book::Rosters, "ended", ended[usize::from(g[7]) % 6]);
        if g[8] > 235 {
            row.put(
                "subsidy",
                &written_amount(16_000, Book::Rosters, self.spelling),
            );
        }
    }
}

/// When a person died, as every book that knows of it says; one person has one death.
fn death_of(person: usize) -> Option<Option<NaiveDate>> {
    [
        Some(None),
        Some(Some(day(2021, 11, 1))),
        Some(Some(day(2022, 2, 1))),
        Some(Some(day(2022, 4, 20))),
    ][person % 4]
}

fn departure_of(person: usize) -> Option<Option<NaiveDate>> {
    [
        Some(Some(day(2021, 11, 1))),
        Some(None),
        Some(Some(day(2022, 2, 1))),
        Some(Some(day(2022, 4, 20))),
    ][person % 4]
}

fn world_of(genes: Genes, policy: &Policy, tasks: [u8; 40], rows: &[(u8, usize, Genes)]) -> World {
    let wide = is_wide(policy);
    let draft = Draft {
        scheme: scheme_of(genes, policy),
        spelling: usize::from(genes[8]),
        wide,
    };
    let as_of = [day(2022, 3, 31), day(2021, 12, 31), day(2022, 1, 10)][usize::from(genes[9] % 3)];
    // Late payments are seen by those who look later.
    let as_of = if wide && !genes[10].is_multiple_of(3) {
        [day(2022, 6, 30), day(2022, 4, 28)][usize::from(genes[9] % 2)]
    } else {
        as_of
    };
    let mut books: BTreeMap<Book, Vec<Row>> = BTreeMap::new();
    let fillers = [
        (Book::Register, 20),
        (Book::Registrations, 20),
        (Book::Payments, 20),
        (Book::Rosters, 21),
        (Book::Deaths, 22),
        (Book::Departures, 23),
    ];
    for (book, person) in fillers {
        books
            .entry(book)
            .or_default()
            .push(draft.row(book, person, Genes::default()));
    }
    for &(which, person, g) in rows {
        let book = match which {
            0..=3 => Book::Register,
            4..=7 => Book::Registrations,
            8..=12 => Book::Payments,
            13..=14 => Book::Rosters,
            15 => Book::ElsewhereRegistrations,
            16 => Book::ElsewherePayments,
            17 => Book::Deaths,
            18 => Book::Departures,
            _ => [Book::Students, Book::Households, Book::Previous][usize::from(g[5] % 3)],
        };
        let mut row = draft.row(book, person, g);
        if book == Book::Register && person % 5 == 4 {
            draft.put_date(&mut row, book, "death", death_of(person).flatten());
        }
        // A death is either the register's to tell or the list's, so that no two books state different days.
        if !(book == Book::Deaths && person % 5 == 4) {
            books.entry(book).or_default().push(row);
        }
    }
    let mut serial = 0;
    let mut seen_payments = BTreeMap::new();
    for (book, rows) in &mut books {
        tidy(*book, rows, &mut seen_payments, &mut serial);
    }
    let (tasks, tasks_total) = tasks_of(tasks);
    World {
        scheme: draft.scheme,
        as_of,
        books,
        tasks,
        tasks_total,
        spelling: draft.spelling,
        wide,
    }
}

type PaymentAt = (String, String, String);

/// Where the documents let the order of files decide (records equal in every value they name, but not in all), a
/// random world would disagree with itself. Such rows are made equal throughout, or apart.
fn tidy(
    book: Book,
    rows: &mut Vec<Row>,
    seen: &mut BTreeMap<PaymentAt, BTreeMap<&'static str, String>>,
    serial: &mut usize,
) {
    let number = if book.is_payment() {
        "voucher"
    } else {
        "registration-no"
    };
    let money = |row: &Row| {
        let fen = |field| super::rows::fen(row.get(field)).ok().flatten();
        fen("total").unwrap_or_else(|| fen("personal").unwrap_or(0) + fen("subsidy").unwrap_or(0))
    };
    let mut kept: Vec<Row> = Vec::new();
    for mut row in rows.drain(..) {
        let same = |other: &&Row| {
            let numbered = !row.get(number).is_empty()
                && other.get(number) == row.get(number)
                && other.get("id") == row.get("id");
            numbered && (!book.is_payment() || money(other) == money(&row))
        };
        let twin = kept.iter().find(same).map(|other| other.cells.clone());
        if let Some(mut cells) = twin {
            if book.is_registration() {
                // Which of two is kept is told by status, day and name; what else they say must agree.
                for field in ["status", "begun", "name"] {
                    cells.remove(field);
                    cells.extend(row.cells.get(field).map(|text| (field, text.clone())));
                }
            }
            row.cells = cells;
        }
        if book.is_payment() {
            let at = (
                row.get("id").to_owned(),
                row.get("paid-on").to_owned(),
                row.get("voucher").to_owned(),
            );
            if seen.get(&at).is_some_and(|cells| *cells != row.cells) {
                *serial += 1;
                row.put("voucher", &format!("Z{serial}"));
            } else {
                seen.insert(at, row.cells.clone());
            }
        }
        // Equal rows stand in one file, or once in each of two.
        let equal: Vec<usize> = kept
            .iter()
            .filter(|other| other.cells == row.cells)
            .map(|other| other.file)
            .collect();
        let crosses = equal.iter().any(|file| *file != row.file)
            || equal.windows(2).any(|pair| pair[0] != pair[1]);
        if equal.is_empty() || !crosses || (equal.len() == 1 && equal[0] != row.file) {
            kept.push(row);
        }
    }
    *rows = kept;
}

fn tasks_of(genes: [u8; 40]) -> (Vec<TaskRow>, Option<Figures>) {
    let figures = |at: usize| {
        let population = 1 + u64::from(genes[at] % 12);
        let task = 1 + u64::from(genes[at + 1] % 10);
        let exact = (2 * 95 * task + 100) / 200;
        let floor = if genes[at + 2] > 230 {
            exact + 1
        } else {
            exact
        };
        let last_year = 1 + u64::from(genes[at + 3] % 9);
        // Some tables state last year's employees and both together; a row whose parts do not make the whole is rare.
        let employees = u64::from(genes[at + 3] / 9 % 3);
        let both = last_year + employees + u64::from(genes[at + 2] % 16 == 7);
        let states = genes[37].is_multiple_of(2);
        Figures {
            population: Some(population),
            task: Some(task),
            floor: Some(floor),
            last_year: Some(last_year),
            last_year_employee: states.then_some(employees),
            last_year_total: states.then_some(both),
        }
    };
    let row = |region, at| TaskRow {
        region,
        figures: figures(at),
    };
    let mut rows = vec![row("430321100", 0), row("430321101", 4)];
    let add = |rows: &[TaskRow]| {
        Figures::of(std::array::from_fn(|i| {
            let stated: Vec<u64> = rows.iter().filter_map(|r| r.figures.list()[i]).collect();
            (!stated.is_empty()).then(|| stated.iter().sum())
        }))
    };
    if genes[38].is_multiple_of(2) {
        let mut total = add(&rows);
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
    rows[0].figures = add(&first);
    if genes[39] < 200 {
        rows[1].figures = add(&second);
    }
    rows.extend(first);
    rows.extend(second);
    (rows, None)
}
