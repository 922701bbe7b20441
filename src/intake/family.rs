//! What a file's name says: whose list it is, and of which day (docs/readings.md#snapshot).
//!
//! A family is the name that a sender gives its list, month after month: without its day, and without the marks of a copy or
//! of a last version.

use std::sync::LazyLock;

use chrono::{Datelike, Days as Count, Months, NaiveDate};
use regex::{Captures, Regex};
use unicode_normalization::UnicodeNormalization;

use crate::domain::Days;
use crate::scheme::SourceRule;

/// What a file's name says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileName {
    /// The sender's name for the list, folders included.
    pub family: String,
    /// The batch: the day or month in the name as eight or six digits, or what the pipeline's expression finds.
    pub batch: Option<String>,
}

impl FileName {
    /// Reads a name relative to the inputs folder. `window`: which year a day without one is of.
    pub fn read(file: &str, rule: &SourceRule, window: Days) -> FileName {
        let text: String = file.nfkc().collect();
        let declared = rule.batch.as_ref().and_then(|batch| {
            let found = batch.captures(file)?;
            let (whole, part) = (found.get(0)?, found.get(1).or(found.get(0))?);
            Some((
                file.replacen(whole.as_str(), " ", 1)
                    .nfkc()
                    .collect::<String>(),
                part.as_str().to_owned(),
            ))
        });
        let (text, batch) = match declared {
            Some((rest, batch)) => (rest, Some(batch)),
            None => (text, None),
        };
        let mut parts = text.rsplit('/');
        let name = parts.next().unwrap_or_default(); // splitting gives one part at least
        let mut said = Said::default();
        let mut family = vec![plain(&said.without_days(stem(name), window))];
        let of_name = said.newest();
        // A folder's day is its files', where they name none.
        for folder in parts {
            family.push(plain(&said.without_days(folder, window)));
        }
        family.reverse();
        FileName {
            family: family.join("/"),
            // A pipeline that says how batches are written knows of no other.
            batch: batch.or_else(|| match rule.batch {
                Some(_) => None,
                None => of_name.or_else(|| said.newest()),
            }),
        }
    }
}

/// First and last day of a batch that is a day or a month; none of any other.
pub fn days_of(batch: &str) -> Option<(NaiveDate, NaiveDate)> {
    let digits: String = batch.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        8 => {
            let day = NaiveDate::parse_from_str(&digits, "%Y%m%d").ok()?;
            Some((day, day))
        }
        6 => {
            let first = NaiveDate::parse_from_str(&format!("{digits}01"), "%Y%m%d").ok()?;
            Some((first, last_of_month(first)?))
        }
        _ => None,
    }
}

fn last_of_month(first: NaiveDate) -> Option<NaiveDate> {
    first
        .checked_add_months(Months::new(1))?
        .checked_sub_days(Count::new(1))
}

/// A name without its ending: what stands behind the last point, if no day does.
fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, ending))
            if !stem.is_empty()
                && ending.len() <= 8
                && ending.starts_with(|first: char| first.is_ascii_alphabetic()) =>
        {
            stem
        }
        _ => name,
    }
}

/// How people write days and months, the longest first. What a run of digits is says its length.
static WRITTEN: LazyLock<Regex> = LazyLock::new(|| {
    let written = concat!(
        r"(?P<y>(?:19|20)?\d{2})年(?P<m>\d{1,2})月(?:份|底|末|(?P<d>\d{1,2})[日号]?)?",
        r"|(?P<y2>(?:19|20)\d{2})[-. /](?P<m2>\d{1,2})(?:[-. /](?P<d2>\d{1,2}))?(?-u:\b)",
        r"|(?P<m3>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?:份|底|末|(?P<d3>\d{1,2})[日号]?)?",
        r"|(?P<run>\d+)(?:[- ]?T?(?P<time>\d{6}|\d{2}[-:.]\d{2}[-:.]\d{2})(?-u:\b))?",
    );
    Regex::new(written).expect("a valid expression") // tested
});

/// The days that a name says.
#[derive(Default)]
struct Said {
    /// First and last day, and how it is kept.
    days: Vec<(NaiveDate, String)>,
}

impl Said {
    /// The newest, as a batch.
    fn newest(&self) -> Option<String> {
        self.days.iter().max().map(|(_, batch)| batch.clone())
    }

    fn day(&mut self, day: NaiveDate) {
        self.days.push((day, day.format("%Y%m%d").to_string()));
    }

    fn month(&mut self, first: NaiveDate) {
        let last = last_of_month(first).unwrap_or(first); // the calendar's last month
        self.days.push((last, first.format("%Y%m").to_string()));
    }

    /// The text with a blank for each day that it says.
    fn without_days(&mut self, text: &str, window: Days) -> String {
        let text = text.replace('_', " ");
        WRITTEN
            .replace_all(&text, |found: &Captures<'_>| {
                let whole = &found[0];
                if self.take(found, window) {
                    return " ".to_owned();
                }
                whole.to_owned()
            })
            .into_owned()
    }

    /// Takes what was found, if it is a day or a month.
    fn take(&mut self, found: &Captures<'_>, window: Days) -> bool {
        let part = |name: &str| found.name(name).map(|part| part.as_str());
        if let Some(run) = part("run") {
            return self.take_run(run, window);
        }
        let month = |text: Option<&str>| text.and_then(month_of);
        let (year, month, day) = match (part("y").or(part("y2")), part("m3")) {
            (Some(year), _) => {
                let year = year.parse::<i32>().ok();
                let full = year.map(|year| if year < 100 { year + 2000 } else { year });
                let at = month(part("m").or(part("m2")));
                (full, at, part("d").or(part("d2")))
            }
            (None, at) => (None, month(at), part("d3")),
        };
        let Some(month) = month else { return false };
        match day.map(str::parse::<u32>) {
            Some(Ok(day)) => self.take_day(year, (month, day), window),
            Some(Err(_)) => false,
            None => self.take_month(year, month, window),
        }
    }

    fn take_day(&mut self, year: Option<i32>, at: (u32, u32), window: Days) -> bool {
        let of = |year| NaiveDate::from_ymd_opt(year, at.0, at.1);
        let day = match year {
            Some(year) => of(year).filter(is_sane),
            None => first_from(window.from, of),
        };
        day.is_some_and(|day| {
            self.day(day);
            true
        })
    }

    fn take_month(&mut self, year: Option<i32>, month: u32, window: Days) -> bool {
        let of = |year| NaiveDate::from_ymd_opt(year, month, 1);
        let begun = window.from.with_day(1).unwrap_or(window.from); // every month has a first
        let first = match year {
            Some(year) => of(year).filter(is_sane),
            None => first_from(begun, of),
        };
        first.is_some_and(|first| {
            self.month(first);
            true
        })
    }

    /// Digits together: a day, with or without a time; a month within a year of the window; a month and a day.
    fn take_run(&mut self, run: &str, window: Days) -> bool {
        let at = |from: usize, to: usize| run[from..to].parse::<u32>().unwrap_or(0); // digits
        let year = || i32::try_from(at(0, 4)).unwrap_or(0); // four digits
        match run.len() {
            8 | 12 | 14 => self.take_day(Some(year()), (at(4, 6), at(6, 8)), window),
            6 => {
                let near = window.from.year() - 1..=window.to.year() + 1;
                near.contains(&year()) && self.take_month(Some(year()), at(4, 6), window)
            }
            4 => self.take_day(None, (at(0, 2), at(2, 4)), window),
            _ => false,
        }
    }
}

/// As the years of a scheme.
fn is_sane(day: &NaiveDate) -> bool {
    (1998..=2100).contains(&day.year())
}

/// The first of the years' days that is not before the window: a season begins in autumn and ends in spring.
fn first_from(from: NaiveDate, of: impl Fn(i32) -> Option<NaiveDate>) -> Option<NaiveDate> {
    (from.year()..=from.year() + 4).find_map(|year| of(year).filter(|day| *day >= from))
}

fn month_of(text: &str) -> Option<u32> {
    const HAN: [&str; 12] = [
        "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二",
    ];
    let han = || HAN.iter().position(|name| *name == text);
    text.parse()
        .ok()
        .or_else(|| u32::try_from(han()? + 1).ok())
        .filter(|month| (1..=12).contains(month))
}

/// Words of a copy or of a last version: they name no sender. Longer ones before those they begin with.
static MARKS: LazyLock<Regex> = LazyLock::new(|| {
    let marks = concat!(
        r"(?i)副本|复件|拷贝|备份|另存为?|重新导出|copy of|copy|final|new|old|",
        r"最终[版稿]?|定稿|终稿|正式[版稿]|最新[版]?|新版|旧版|修[订改正][版稿后]?|更[新正][版稿后]?|调整[版稿后]?|",
        r"确认[版稿后]?|截[至止]|第?[0-9]+版|[vV]\d+(\.\d+)*",
    );
    Regex::new(marks).expect("a valid expression") // tested
});

/// A name without marks, brackets and what separates words; numbers of parts and copies too.
fn plain(text: &str) -> String {
    let text = MARKS.replace_all(text, " ").to_lowercase();
    let is_between = |c: char| !c.is_alphanumeric();
    let is_number = |word: &str| word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit());
    let is_mark = |word: &str| matches!(word, "新" | "旧" | "至" | "到" | "版") || is_number(word);
    let words = text.split(is_between).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.filter(|word| !is_mark(word)).collect();
    let joined = words.join("_");
    // 常住人口2, 常住人口新: a number or a mark at the end of the last word.
    let bare = joined.trim_end_matches(|c: char| c.is_ascii_digit());
    let bare = if joined.len() - bare.len() <= 2 {
        bare
    } else {
        &joined
    };
    let is_new = bare.ends_with('新') && !bare.ends_with("高新") && bare.chars().count() > 2;
    let bare = if is_new {
        bare.trim_end_matches('新')
    } else {
        bare
    };
    bare.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SourceKind;

    fn read(file: &str) -> (String, String) {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let window = Days {
            from: day(2021, 9, 1),
            to: day(2022, 2, 28),
        };
        let rule = SourceRule::plain(SourceKind::Register);
        let name = FileName::read(file, &rule, window);
        (name.family, name.batch.unwrap_or_default())
    }

    #[test]
    fn the_day_in_a_name_is_its_batch_however_it_is_written() {
        // file, family, batch
        for (file, family, batch) in [
            ("参保登记_居民_20220331.csv", "参保登记_居民", "20220331"),
            (
                "参保登记_居民_20220331153000.csv",
                "参保登记_居民",
                "20220331",
            ),
            (
                "参保登记_居民_20220331_153000.csv",
                "参保登记_居民",
                "20220331",
            ),
            ("参保登记2022年3月31日.xlsx", "参保登记", "20220331"),
            ("参保登记（2022年3月）.xlsx", "参保登记", "202203"),
            ("参保登记22年3月.xlsx", "参保登记", "202203"),
            ("参保登记 2022-3-31.xlsx", "参保登记", "20220331"),
            ("参保登记2022.03.31.xlsx", "参保登记", "20220331"),
            ("参保登记_2022-03.xlsx", "参保登记", "202203"),
            ("参保登记_202203.xlsx", "参保登记", "202203"),
            ("参保登记3月31日.xlsx", "参保登记", "20220331"),
            ("参保登记12月份.xlsx", "参保登记", "202112"),
            ("参保登记（三月）.xlsx", "参保登记", "202203"),
            ("参保登记_0331.xlsx", "参保登记", "20220331"),
            ("参保登记２０２２０３３１.xlsx", "参保登记", "20220331"),
            ("缴费明细_1101-1120.csv", "缴费明细", "20211120"),
            ("缴费明细_20211101-20211130.csv", "缴费明细", "20211130"),
            // A folder's day counts where the file names none.
            ("2022年3月/参保登记.csv", "/参保登记", "202203"),
            ("民政局/名册_20220331.xlsx", "民政局/名册", "20220331"),
            ("20220331.xlsx", "", "20220331"),
        ] {
            assert_eq!(read(file), (family.into(), batch.into()), "{file}");
        }
    }

    #[test]
    fn a_number_that_is_no_day_belongs_to_the_name() {
        for (file, family) in [
            ("参保登记_430321.csv", "参保登记_430321"),
            ("参保登记_209912.csv", "参保登记_209912"), // no month near the window
            ("参保登记_20221345.csv", "参保登记_20221345"),
            ("2022年度参保登记.csv", "2022年度参保登记"),
            ("参保登记_310.csv", "参保登记_310"),
        ] {
            assert_eq!(read(file), (family.into(), String::new()), "{file}");
        }
    }

    #[test]
    fn copies_and_last_versions_are_of_one_family() {
        for file in [
            "常住人口.csv",
            "常住人口(1).csv",
            "常住人口（1）.xlsx",
            "常住人口 - 副本.csv",
            "常住人口 - 副本 (2).csv",
            "复件 常住人口.xls",
            "常住人口(另存).xlsx",
            "常住人口最终版.xlsx",
            "常住人口（定稿）.xlsx",
            "常住人口新.xlsx",
            "常住人口_新.xlsx",
            "常住人口V2.xlsx",
            "常住人口_v2.1.xlsx",
            "常住人口（调整后）.csv",
            "常住人口_2.csv",
            "【常住人口】.csv",
            "常住人口_20220331（最终）.csv",
        ] {
            assert_eq!(read(file).0, "常住人口", "{file}");
        }
        for (one, other) in [
            ("参保登记（居民）.csv", "参保登记（职工）.csv"),
            ("名册_高新区.csv", "名册_区.csv"),
            ("名册_高新.csv", "名册_高.csv"),
            ("甲/名册.csv", "乙/名册.csv"),
        ] {
            assert_ne!(read(one).0, read(other).0, "{one} {other}");
        }
    }
}
