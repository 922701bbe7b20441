use std::collections::HashSet;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::*;
use crate::domain::fault::{
    Complaints, Slip, WrongContent, WrongEarlier, WrongHeader, WrongInputs, WrongRosters,
    WrongRules, WrongSetting,
};
use crate::domain::*;
use crate::judge::Extra;
use crate::measure::BridgeLine;
use crate::survey::{
    At, Choice, Clue, OddCells, OddSameness, OddSize, OddTime, Open, Proposal, Warning, Why,
    Yardstick,
};

const BOTH: [Lang; 2] = [Lang::Zh, Lang::En];

fn is_chinese(c: char) -> bool {
    ('\u{2e80}'..='\u{9fff}').contains(&c)
        || ('\u{ff00}'..='\u{ffef}').contains(&c)
        || "“”—".contains(c)
}

/// Says something; in English without a Chinese character; nothing left unfilled.
fn assert_said(text: &str, lang: Lang, of: &dyn Debug) {
    assert!(!text.trim().is_empty(), "{of:?} says nothing in {lang:?}");
    assert!(
        !text.contains('{') && !text.contains('}') || text.contains("\\d{8}"),
        "{of:?}: {text}"
    );
    match lang {
        Lang::En => assert!(!text.chars().any(is_chinese), "{of:?}: {text}"),
        Lang::Zh => assert!(text.chars().any(is_chinese), "{of:?}: {text}"),
    }
}

fn assert_list<T: Debug + Copy>(all: &[T], text: impl Fn(T, Lang) -> String) {
    assert!(!all.is_empty());
    for lang in BOTH {
        let mut seen = HashSet::new();
        for &one in all {
            let text = text(one, lang);
            assert_said(&text, lang, &one);
            assert!(
                seen.insert(text.clone()),
                "{one:?}: \"{text}\" stands twice in {lang:?}"
            );
        }
    }
}

#[test]
fn every_member_of_every_closed_list_has_its_own_name_in_both_languages() {
    assert_list(Code::ALL, |x, lang| x.label(lang).into());
    assert_list(Code::ALL, |x, lang| advice(x, lang).into());
    assert_list(Code::ALL, |x, lang| when(x, lang).into());
    assert_list(Code::ALL, |x, lang| example(x, lang).into());
    assert_list(Family::ALL, |x, lang| x.label(lang).into());
    assert_list(Holds::ALL, |x, lang| x.label(lang).into());
    assert_list(Level::ALL, |x, lang| x.label(lang).into());
    assert_list(Actor::ALL, |x, lang| x.label(lang).into());
    assert_list(Fate::ALL, |x, lang| x.label(lang).into());
    assert_list(Repair::ALL, |x, lang| x.label(lang).into());
    assert_list(Standing::ALL, |x, lang| x.label(lang).into());
    assert_list(Status::ALL, |x, lang| x.label(lang).into());
    assert_list(Cover::ALL, |x, lang| x.label(lang).into());
    assert_list(Reason::ALL, |x, lang| x.label(lang).into());
    assert_list(Doubt::ALL, |x, lang| x.label(lang).into());
    assert_list(Doubt::ALL, |x, lang| settled_by(x, lang).into());
    assert_list(Evidence::ALL, |x, lang| x.label(lang).into());
    assert_list(CaseState::ALL, |x, lang| x.label(lang).into());
    assert_list(Field::ALL, |x, lang| x.label(lang).into());
    assert_list(SourceKind::ALL, |x, lang| x.label(lang).into());
    assert_list(RegionLevel::ALL, |x, lang| x.label(lang).into());
    assert_list(Extra::ALL, |x, lang| x.label(lang).into());
    assert_list(Price::ALL, |x, lang| x.label(lang).into());
    assert_list(Starts::ALL, |x, lang| x.label(lang).into());
    assert_list(BridgeLine::ALL, |x, lang| x.label(lang).into());
    assert_list(Stage::ALL, |x, lang| progress(x, Stage::ALL, lang));
}

#[test]
fn no_family_of_findings_is_empty() {
    for &family in Family::ALL {
        assert!(
            Code::ALL.iter().any(|code| code.family() == family),
            "{family:?}"
        );
    }
}

/// Members of a closed list, at least one of each: a list that lacks a member does not compile.
macro_rules! every {
    ($of:ident { $($member:ident { $($fact:tt)* })+ }) => {{
        #[allow(unreachable_patterns)] // a member may stand there with several facts
        let _complete = |one: &$of| match one { $($of::$member { .. } => ()),+ };
        vec![$($of::$member { $($fact)* }),+]
    }};
}

fn word() -> String {
    "gone".to_owned()
}

fn key() -> String {
    "window.to".to_owned()
}

fn text() -> String {
    "2022-02-30".to_owned()
}

fn file() -> String {
    "a.xlsx".to_owned()
}

fn sheet() -> String {
    "Sheet1".to_owned()
}

fn headers() -> Vec<String> {
    vec!["ID".to_owned(), "NAME".to_owned()]
}

/// One of each.
fn every_refusal() -> Vec<Refusal> {
    fn of<T: Into<Refusal>>(family: Vec<T>) -> Vec<Refusal> {
        family.into_iter().map(Into::into).collect()
    }
    let families = |one: &Refusal| match one {
        Refusal::Setting(_) => of(every_setting()),
        Refusal::Rules(_) => of(every_rule()),
        Refusal::Inputs(_) => of(every_input()),
        Refusal::Header(_) => of(every_header()),
        Refusal::Content(_) => of(every_content()),
        Refusal::Earlier(_) => of(every_earlier()),
        Refusal::Rosters(_) => of(every_roster()),
        Refusal::Grave(_) => of(every_grave()),
        Refusal::CommandLine(_) => of(every_slip()),
    };
    let firsts: [Refusal; 9] = [
        every_setting().remove(0).into(),
        every_rule().remove(0).into(),
        every_input().remove(0).into(),
        every_header().remove(0).into(),
        every_content().remove(0).into(),
        every_earlier().remove(0).into(),
        every_roster().remove(0).into(),
        every_grave().remove(0).into(),
        every_slip().remove(0).into(),
    ];
    firsts.iter().flat_map(families).collect()
}

fn every_setting() -> Vec<WrongSetting> {
    every!(WrongSetting {
        Syntax { slip: TomlSlip::FullWidth, reason: word() }
        UnknownKey { key: key(), near: Some(word()) }
        UnknownKey { key: key(), near: None }
        MissingKey { table: word(), key: key() }
        UnknownWord { key: key(), word: word(), known: headers() }
        Empty { key: key() }
        BadDate { key: key(), text: text() }
        Backwards { key: key() }
        BadShare { key: key(), text: text() }
        BadAmount { key: key(), text: text() }
        BadPattern { key: key(), text: "(".into() }
    })
}

fn every_rule() -> Vec<WrongRules> {
    every!(WrongRules {
        SumMismatch { category: word(), pays_fen: 16_000, grant_fen: 15_050, premium_fen: 32_000 }
        Repeated { key: key(), word: word() }
        PrimaryCount { found: 2 }
        CountsBesidePayment {}
        UnknownCategory { key: key(), word: word() }
        Contradiction { first: word(), second: text() }
    })
}

fn every_input() -> Vec<WrongInputs> {
    let source = SourceKind::Payments;
    every!(WrongInputs {
        PipelineUnreadable { path: "p.toml".into(), reason: word() }
        RegionTable { path: "r.csv".into(), line: 3, wrong: WrongRegion::NoName }
        RegionTable { path: "r.csv".into(), line: 0, wrong: WrongRegion::NoRows }
        RegionTable { path: "r.xls".into(), line: 0, wrong: WrongRegion::OldWorkbook }
        RegionTable { path: "r.csv".into(), line: 0, wrong: WrongRegion::NoColumn { name: "code".into() } }
        RegionNotInTable { code: "430321".into() }
        RegionNotHere { code: "430399".into(), scheme: word(), near: vec!["430321".into()] }
        NoMatchingFile { source, patterns: headers(), folder: "in".into() }
        NoInputs { folder: "in".into() }
        InputsAreAFile { file: "in/a.csv".into() }
        FileClaimedTwice { file: file(), first: SourceKind::Register, second: SourceKind::Rosters }
    })
}

fn every_header() -> Vec<WrongHeader> {
    let id = Field::Id;
    every!(WrongHeader {
        NoHeader { file: file(), sheet: sheet(), missing: vec![Field::Id, Field::Name] }
        UnknownColumn { file: file(), sheet: sheet(), row: 3, field: id, headers: headers() }
        DeclaredColumnMissing {
            file: file(), sheet: String::new(), field: id, header: word(), headers: headers()
        }
        ColumnAmbiguous {
            file: file(), sheet: sheet(), row: 9, field: Field::Total, headers: headers()
        }
        PeopleBeside { file: file(), sheet: sheet(), row: 7, headers: headers() }
        NoMatchingSheet { file: file(), patterns: vec!["b*".into()], sheets: vec![sheet()] }
    })
}

fn every_content() -> Vec<WrongContent> {
    every!(WrongContent {
        EmptySheet { file: file(), sheet: sheet() }
        Undecodable { file: file(), row: 12 }
        UndecodableTexts { file: file() }
        UnclosedQuote { file: file(), row: 12 }
        Glued { file: file(), row: 12 }
        LongCell { file: file(), row: 12, limit: 32_767 }
        WrongKind { file: file(), found: "HTML".into() }
        Password { file: file() }
        Inflates { file: file(), part: "xl/styles.xml".into(), limit_mib: 64 }
        BeyondMemory { file: file(), allowed_mib: 128 }
        TooManyMerges { file: file(), sheet: sheet(), limit: 4 << 20 }
        TooManyParts { file: file(), limit: 100_000 }
        Scattered { file: file(), sheet: sheet() }
        TooManyColumns { file: file(), row: 12, limit: 16_384 }
        TooManyCells { file: file(), sheet: sheet(), limit: 50_000_000 }
        TooManySheets { file: file(), limit: 10_000 }
        TooMuchText { file: file(), sheet: sheet(), limit: 1 << 30 }
        TooLarge { file: file(), limit: 512 << 20 }
    })
}

fn every_earlier() -> Vec<WrongEarlier> {
    let (found, as_of) = (fixture::day(2022, 3, 31), fixture::day(2022, 3, 24));
    let coverage = || PathBuf::from("r/data/coverage.csv");
    every!(WrongEarlier {
        EarlierMissing { file: "r/manifest.json".into() }
        EarlierBroken { file: coverage(), line: 3, what: "task".into() }
        EarlierNotAssessed { file: "r/data/assessment.csv".into(), level: RegionLevel::Village }
        EarlierLacks { file: coverage(), code: "430321100".into(), name: word() }
        EarlierOfAnother { folder: "r".into(), found: word(), wanted: "b-2022".into() }
        EarlierIsNot { folder: "r".into(), found, as_of }
        NothingToCompare { pipeline: "p.toml".into() }
    })
}

fn every_roster() -> Vec<WrongRosters> {
    let (files, before_files) = (vec![file()], vec!["b.xlsx".to_owned()]);
    let both = files.clone();
    every!(WrongRosters {
        RosterShrunk {
            files, before_files, now: 40, before: 100, limit: "50%".into()
        }
        RosterBlank { files: both, blank: 9, rows: 100, limit: "5%".into() }
    })
}

fn every_grave() -> Vec<Grave> {
    let other = || "b.xlsx".to_owned();
    let newest = NaiveDate::from_ymd_opt(2022, 1, 31);
    let as_of = NaiveDate::from_ymd_opt(2022, 3, 31).unwrap();
    every!(Grave {
        UnclaimedPersons { file: file(), rows: 40 }
        AmountsMissing { file: file(), sheet: sheet(), rows: 40, of: 0 }
        AmountsMissing { file: file(), sheet: String::new(), rows: 40, of: 50 }
        ColumnLost { file: file(), field: Field::Status, other: other() }
        CsvCut { file: file(), row: 9 }
        NoIdentity { file: file(), sheet: sheet(), rows: 40, of: 50 }
        NoPlaces { file: file(), rows: 40, of: 50 }
        OtherRegion { file: file(), rows: 40, of: 50 }
        OtherYear { file: file(), rows: 40, of: 50 }
        Shrunk { file: file(), rows: 40, before: 100, other: other() }
        MonthGap { year: 2021, month: 11 }
        NoRegistrations {}
        AsOfOdd { as_of, window: as_of, newest: None }
        AsOfOdd { as_of, window: as_of, newest }
        ReadingFloods { file: file(), code: Code::AmountWrong, rows: 40, of: 50 }
        WhoseNumber { file: file(), sheet: sheet(), column: 3 }
        FamilyTwice { file: file(), other: other(), persons: 40 }
        TasksConflict { file: file(), region: "430321100".into(), row: 3, other: other(), other_row: 4 }
    })
}

fn every_slip() -> Vec<Slip> {
    let (typed, option) = (|| "--ou".to_owned(), || "--out".to_owned());
    let known = || vec!["run".to_owned(), "check".to_owned()];
    every!(Slip {
        NoCommand { known: known() }
        UnknownCommand { typed: "rnu".into(), near: None, known: known() }
        UnknownCommand { typed: "rnu".into(), near: Some("run".into()), known: known() }
        UnknownOption { typed: typed(), near: None }
        UnknownOption { typed: typed(), near: Some(option()) }
        Surplus { typed: "x".into() }
        Missing { names: vec!["<PIPELINE>".into()] }
        NoValue { option: option() }
        BadChoice { option: option(), typed: typed(), known: known() }
        BadNumber { option: option(), typed: typed(), least: 1 }
        BadSize { option: option(), typed: typed() }
        Twice { option: option() }
        Other { reason: "no".into() }
    })
}

fn every_fault() -> Vec<Fault> {
    let (path, reason) = (|| PathBuf::from("out/x"), || "denied".to_owned());
    let next = |fault: &Fault| match fault {
        Fault::Unreadable { .. } => Some(Fault::Unlistable {
            folder: path(),
            reason: reason(),
        }),
        Fault::Unlistable { .. } => Some(Fault::Truncated {
            file: "a.xlsx".into(),
        }),
        Fault::Truncated { .. } => Some(Fault::broken("a.xlsx", "Sheet1", Damage::CutOff)),
        Fault::BrokenWorkbook { damage, .. } if damage.index() as usize + 1 < Damage::COUNT => {
            Some(Fault::broken(
                "a.xlsx",
                "Sheet1",
                Damage::at(damage.index() + 1),
            ))
        }
        Fault::BrokenWorkbook { .. } => Some(Fault::Unwritable {
            path: path(),
            reason: reason(),
        }),
        Fault::Unwritable { .. } => Some(Fault::DiskFull { path: path() }),
        Fault::DiskFull { .. } => Some(Fault::OutputLocked {
            path: path(),
            pending: "out/x.pending".into(),
        }),
        Fault::OutputLocked { .. } => Some(Fault::Busy { path: path() }),
        Fault::Busy { .. } => {
            let one = |file: &str| Fault::Unreadable {
                file: file.into(),
                reason: reason(),
            };
            Some(Fault::Several {
                faults: vec![one("a.csv"), one("b.csv")],
            })
        }
        Fault::Several { .. } => None,
    };
    std::iter::successors(
        Some(Fault::Unreadable {
            file: "a.csv".into(),
            reason: reason(),
        }),
        next,
    )
    .collect()
}

#[test]
fn a_broken_workbook_is_told_in_chinese_whatever_a_library_says() {
    for &damage in Damage::ALL {
        let (file, sheet, reason) = (
            "a.xls".to_owned(),
            String::new(),
            "words of a library".to_owned(),
        );
        let broken = Fault::BrokenWorkbook {
            file,
            sheet,
            damage,
            reason: reason.clone(),
        };
        let (chinese, english) = (fault(&broken, Lang::Zh), fault(&broken, Lang::En));
        let inside = chinese
            .split_once('（')
            .and_then(|(_, rest)| rest.split_once('）'))
            .map_or("", |(inside, _)| inside);
        assert!(
            !inside.is_empty() && !inside.contains(|c: char| c.is_ascii_alphabetic()),
            "{chinese}"
        );
        assert!(
            !chinese.contains(&reason) && !english.contains(&reason),
            "{english}"
        );
    }
}

#[test]
fn every_complaint_says_what_is_wrong_and_what_to_do_about_it() {
    for refusal in every_refusal() {
        for lang in BOTH {
            let text = complaint(&refusal.clone().into(), lang);
            assert_said(&text, lang, &refusal);
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(lines.len(), 2, "{text}");
            assert!(
                lines[0].starts_with(lang.pick("错误：", "Error: ")),
                "{text}"
            );
            assert!(
                lines[1].starts_with(lang.pick("  处理：", "  what to do: ")),
                "{text}"
            );
        }
    }
    let texts: HashSet<String> = every_refusal()
        .into_iter()
        .map(|r| complaint(&r.into(), Lang::Zh))
        .collect();
    assert_eq!(texts.len(), every_refusal().len());
}

#[test]
fn every_fault_says_what_is_wrong_what_to_do_and_that_older_reports_stand() {
    let mut seen = HashSet::new();
    for fault in every_fault() {
        for lang in BOTH {
            let text = super::fault(&fault, lang);
            assert_said(&text, lang, &fault);
            assert_eq!(text.lines().count(), 3, "{text}");
            assert!(seen.insert(text));
        }
    }
}

#[test]
fn a_complaint_shows_the_place_and_the_excerpt() {
    let place = Spot {
        file: "p.toml".into(),
        line: 12,
        column: 5,
    };
    let excerpt = Excerpt("12 | to = 2022-02-30\n   |      ^^^^\n".into());
    let refusal = WrongSetting::BadDate {
        key: key(),
        text: text(),
    }
    .into();
    let text = complaint(
        &Complaint {
            place: Some(place),
            excerpt,
            refusal,
        },
        Lang::Zh,
    );
    assert_eq!(
        text,
        "错误：window.to 的日期“2022-02-30”不存在\n  位置：p.toml 第 12 行第 5 列\n12 | to = 2022-02-30\n   |      ^^^^\n  \
         处理：按 2022-02-28 的格式填写实际存在的日期"
    );
}

#[test]
fn errors_end_with_the_exit_code_of_their_kind() {
    let wrong: Vec<Complaint> = every_refusal()
        .into_iter()
        .take(3)
        .map(Complaint::from)
        .collect();
    let complaints = anyhow::Error::from(Complaints(wrong)).context("loading");
    let (text, code) = error(&complaints, Lang::Zh);
    assert_eq!((code, text.matches("错误：").count()), (2, 3));
    assert!(text.ends_with("共 3 处错误，未生成任何报表。"), "{text}");
    let (_, code) = error(
        &anyhow::Error::from(Fault::DiskFull { path: "x".into() }).context("writing"),
        Lang::Zh,
    );
    assert_eq!(code, 3);
    let (text, code) = error(&anyhow::anyhow!("lost"), Lang::En);
    assert_eq!(code, 3);
    assert!(
        text.contains("lost") && text.contains("what to do: "),
        "{text}"
    );
}

#[test]
fn what_the_machine_says_is_told_in_chinese_and_never_holds_an_identity_number() {
    let said = |reason: &str, lang| {
        fault(
            &Fault::Unreadable {
                file: "a.csv".into(),
                reason: reason.into(),
            },
            lang,
        )
    };
    assert!(said("Permission denied (os error 13)", Lang::Zh).contains("无法读取：没有权限\n"));
    assert!(
        said("Permission denied (os error 13)", Lang::En)
            .contains("Permission denied (os error 13)")
    );
    for lang in BOTH {
        let (text, _) = error(
            &anyhow::anyhow!("cannot cast '11010519491231002X' of 20230331 in row 17"),
            lang,
        );
        assert!(
            text.contains("cannot cast '***X' of 20230331 in row 17"),
            "{text}"
        );
    }
}

#[test]
fn the_summary_can_be_read_by_a_clerk() {
    let text = summary(
        &fixture::facts(),
        &fixture::scheme(),
        Path::new("reports/tiny-2022/2022-03-31"),
        Lang::Zh,
    );
    let expected = "试点县2022年度城乡居民基本医疗保险\n\
        截至 2022-03-31\n\n\
        采用\n\
        \x20 人口底册      1 个文件，3 行\n\
        \x20 税务缴费明细  1 个文件，5 行\n\
        \x20 登记数据：未写日期；缴费数据：未写日期。\n\
        与上次（2022-02-28）相比\n\
        \x20 人口底册  少 1 行\n\n\
        人口底册人数  3\n\
        参保登记人次  6（居民 5，职工 1）\n\
        参保率        85.71%（6/7），应达 7，还差 1\n\
        退费          2 笔，符合条件 320 元，合计 480.50 元\n\n\
        发现问题 1,207 条\n\
        \x20 [警告] 证件号码校验位不符 id-checksum      3\n\
        \x20 [警告] 未参保 uninsured                1,204\n\n\
        未能检查的项目\n\
        \x20 缺少“税务缴费明细、死亡名单”：死亡后缴费\n\n\
        报表位置：reports/tiny-2022/2022-03-31";
    assert_eq!(text, expected);
    let english = summary(
        &fixture::facts(),
        &fixture::scheme(),
        Path::new("reports"),
        Lang::En,
    );
    // The scheme's own names stay as the bureau wrote them.
    let own = english
        .replace("试点县2022年度城乡居民基本医疗保险", "")
        .replace("参保率", "");
    assert!(!own.chars().any(is_chinese), "{own}");
}

#[test]
fn counts_are_grouped_by_three() {
    for (count, text) in [
        (0, "0"),
        (999, "999"),
        (1_000, "1,000"),
        (780_873, "780,873"),
        (66_000_000, "66,000,000"),
    ] {
        assert_eq!(grouped(count), text);
    }
}

fn at() -> At {
    At {
        source: SourceKind::Rosters,
        file: "a.xlsx".into(),
        sheet: "Sheet1".into(),
    }
}

/// One of each.
fn every_warning() -> Vec<Warning> {
    let families = |one: &Warning| match one {
        Warning::Size(_) => every_size().into_iter().map(Warning::Size).collect(),
        Warning::Time(_) => every_time().into_iter().map(Warning::Time).collect(),
        Warning::Sameness(_) => every_sameness()
            .into_iter()
            .map(Warning::Sameness)
            .collect(),
        Warning::Cells(_) => every_cells()
            .into_iter()
            .map(Warning::Cells)
            .collect::<Vec<_>>(),
    };
    let firsts = [
        Warning::Size(every_size().remove(0)),
        Warning::Time(every_time().remove(0)),
        Warning::Sameness(every_sameness().remove(0)),
        Warning::Cells(every_cells().remove(0)),
    ];
    firsts.iter().flat_map(families).collect()
}

fn every_size() -> Vec<OddSize> {
    let (source, batch) = (SourceKind::Register, || "20220131".to_owned());
    let (rows, expected) = (500, 1_003);
    every!(OddSize {
        Absent { source }
        NoRows { at: at() }
        Archive { file: file(), files: Some(12) }
        NoFile { file: file() }
        SheetSetAside { at: at(), rows: 12 }
        FieldsBeside { at: at(), headers: vec!["DAY".into()], fields: vec![Field::PaidOn] }
        FewRows { source, rows, expected, by: Yardstick::Population }
        FewRows { source, rows, expected, by: Yardstick::Task }
        FewRows { source, rows, expected, by: Yardstick::LastYear }
        FewRows {
            source, rows, expected, by: Yardstick::Book(SourceKind::Previous)
        }
        Shrunk { source, file: "a.csv".into(), rows: 5, before: 100, batch: batch() }
        NotSentAgain { source, file: "a.csv".into(), batch: batch(), days: 28 }
        CutOff { at: at(), rows: 10_000 }
    })
}

fn every_time() -> Vec<OddTime> {
    let day = |d| chrono::NaiveDate::from_ymd_opt(2022, 2, d).expect("a day of February");
    every!(OddTime {
        Stale { newest: day(1), until: day(28) }
        OutsideWindow { at: at(), first: day(1), last: day(2) }
        OtherYear { at: at(), rows: 7 }
        NamedLater { files: vec!["b.csv".into()], as_of: day(3) }
    })
}

fn every_sameness() -> Vec<OddSameness> {
    every!(OddSameness {
        RowsAdded { at: at(), row: 7 }
        SameFile { file: "a.csv".into(), other: "b.csv".into() }
        SameRows { at: at(), other: at(), rows: 30 }
    })
}

fn every_cells() -> Vec<OddCells> {
    let words = vec![("word".to_owned(), 12_345)];
    every!(OddCells {
        BlankCells { at: at(), field: Field::Id, blank: 30, of: 40 }
        BlankCells { at: at(), field: Field::Village, blank: 30, of: 40 }
        Foreign { at: at(), foreign: 30, of: 31 }
        BadNumbers { at: at(), code: Code::IdTruncated, rows: 3, of: 30 }
        BadNumbers { at: at(), code: Code::IdChecksum, rows: 3, of: 30 }
        UnknownWords { source: SourceKind::Rosters, words, others: 2, rows_of_others: 3 }
        UnknownWords {
            source: SourceKind::Register, words: Vec::new(), others: 1, rows_of_others: 1
        }
    })
}

#[test]
fn every_warning_says_what_looks_wrong_with_its_figures_and_what_to_do_about_it() {
    let mut seen = HashSet::new();
    for one in every_warning() {
        for lang in BOTH {
            let (what, advice) = warning(&one, lang);
            assert_said(&what, lang, &one);
            assert_said(&advice, lang, &one);
            assert!(seen.insert(what.clone()), "{what}");
        }
    }
    let few = Warning::Size(OddSize::FewRows {
        source: SourceKind::Register,
        rows: 500,
        expected: 1_003,
        by: Yardstick::Population,
    });
    assert_eq!(
        warning(&few, Lang::Zh).0,
        "人口底册偏少：500 行，只有任务数表人口数 1,003 的 49%"
    );
    let words = Warning::Cells(OddCells::UnknownWords {
        source: SourceKind::Rosters,
        words: vec![("重残".into(), 12_345)],
        others: 2,
        rows_of_others: 3,
    });
    assert_eq!(
        warning(&words, Lang::Zh).0,
        "困难群众名册中有不认识的词：重残（12,345 行）、另有 2 个（3 行）"
    );
}

/// One of each. `next` is exhaustive, as above.
fn all_evidence() -> Vec<Clue> {
    let next = |evidence: &Clue| match evidence {
        Clue::ValidNumbers(_) => Some(Clue::Names(98)),
        Clue::Names(_) => Some(Clue::Days(98)),
        Clue::Days(_) => Some(Clue::DaysInWindow(98)),
        Clue::DaysInWindow(_) => Some(Clue::BirthDays(98)),
        Clue::BirthDays(_) => Some(Clue::Premiums(98)),
        Clue::Premiums(_) => Some(Clue::Grants(98)),
        Clue::Grants(_) => Some(Clue::Regions(RegionLevel::Village, 98)),
        Clue::Regions(..) => Some(Clue::Places(98)),
        Clue::Places(_) => Some(Clue::Categories(98)),
        Clue::Categories(_) => Some(Clue::Statuses(98)),
        Clue::Statuses(_) => Some(Clue::Insurances(98)),
        Clue::Insurances(_) => Some(Clue::Years(98)),
        Clue::Years(_) => Some(Clue::DocumentTypes(98)),
        Clue::DocumentTypes(_) => Some(Clue::Unique(98)),
        Clue::Unique(_) => Some(Clue::LikeVouchers(98)),
        Clue::LikeVouchers(_) => Some(Clue::Counts(98)),
        Clue::Counts(_) => Some(Clue::HeaderLike("ID", 98)),
        Clue::HeaderLike(..) => None,
    };
    std::iter::successors(Some(Clue::ValidNumbers(98)), next).collect()
}

fn proposal(header: &str) -> Proposal {
    let choice = |evidence| Choice {
        at: at(),
        field: Field::Id,
        column: 3,
        header: header.to_owned(),
        evidence,
    };
    let open = |why| Open {
        at: at(),
        field: Field::Id,
        why,
    };
    Proposal {
        source: SourceKind::Rosters,
        columns: vec![
            (Field::Id, vec![header.to_owned()]),
            (Field::Name, vec!["A".into(), "B".into()]),
        ],
        replaces: true,
        unpivot: vec![Field::Name, Field::Id],
        choices: vec![choice(vec![Clue::ValidNumbers(98)]), choice(all_evidence())],
        open: vec![
            open(Why::Unnamed(2)),
            open(Why::SameHeader("A".into())),
            open(Why::NotEverywhere("A".into())),
            open(Why::Nowhere),
        ],
    }
}

#[test]
fn a_proposal_is_said_in_both_languages_with_its_evidence() {
    for lang in BOTH {
        let lines = suggestions::lines(&[proposal("NO")], lang);
        for line in &lines {
            let is_setting = !line.starts_with('#');
            assert!(
                is_setting || line.chars().any(is_chinese) == (lang == Lang::Zh),
                "{line}"
            );
        }
        assert_eq!(lines[2], "[sources.rosters]");
        assert_eq!(
            lines[lines.len() - 3],
            "columns = { id = \"NO\", name = [\"A\", \"B\"] }"
        );
        assert_eq!(lines[lines.len() - 1], "unpivot = [\"name\", \"id\"]");
    }
    let told = suggestions::lines(&[proposal("号头")], Lang::Zh);
    assert_eq!(
        told[3],
        "# a.xlsx [Sheet1] “号头”→证件号码：第 3 列，98% 为有效证件号码"
    );
    assert_eq!(
        suggestions::lines(&[], Lang::En),
        ["# proposals: no column needs declaring."]
    );
}

#[test]
fn a_proposal_is_toml_whatever_stands_in_a_header() {
    let lines = suggestions::lines(&[proposal("a\"b\\c\td\ne")], Lang::En);
    assert!(lines.iter().all(|line| !line.contains('\n')), "{lines:?}");
    let read: toml::Table = toml::from_str(&lines.join("\n")).expect("the lines are TOML");
    let id = &read["sources"]["rosters"]["columns"]["id"];
    assert_eq!(id.as_str(), Some("a\"b\\c\td\ne"));
}
