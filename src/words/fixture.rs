//! A scheme of one county with two townships, and facts small enough to check by eye. For tests only.

use chrono::NaiveDate;
use polars::prelude::*;

use crate::archive::{HeldBook, LastRun};
use crate::domain::{
    Code, Cover, Fate, FateCounts, Ratio, Region, RegionLevel, RegionTree, SourceKind, Standing,
};
use crate::intake::Origin;
use crate::judge::Extra;
use crate::measure::{
    Audit, BridgeLine, CheckRun, Facts, Funding, RateFigure, Refunds, RegionFigures,
};
use crate::refine::Account;
use crate::scheme::{Against, Category, Rate, Scheme};

pub(crate) fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("tests name days of the calendar")
}

pub(crate) fn scheme() -> Scheme {
    use RegionLevel::{County, Township};
    let regions = [
        ("430321", "湘潭县", County, "4303"),
        ("430321100", "易俗河镇", Township, "430321"),
        ("430321101", "谭家山镇", Township, "430321"),
    ];
    let region = |(code, name, level, parent)| Region::plain(code, name, level, parent);
    let regions = RegionTree::new("430321", regions.map(region).to_vec());
    Scheme {
        slug: "tiny-2022".into(),
        digest: "d1".into(),
        categories: vec![Category::plain("低保对象", 16_000, "县医保局")],
        rates: vec![Rate {
            covers: vec![Cover::Resident, Cover::Employee],
            target: Some(Ratio { count: 95, of: 100 }),
            ..Rate::plain("参保率", Against::Population)
        }],
        ..Scheme::plain(regions)
    }
}

/// Residents, employees, insured local residents and uninsured of a region that nobody ranked.
fn figures(
    level: RegionLevel,
    code: &str,
    counts: [u64; 4],
    population: Option<u64>,
) -> RegionFigures {
    let [registered_resident, registered_employee, local, uninsured] = counts;
    let mut standings = [0; Standing::COUNT];
    standings[usize::from(Standing::LocalResident.index())] = local;
    standings[usize::from(Standing::Uninsured.index())] = uninsured;
    let mut bridge = [0; BridgeLine::COUNT];
    bridge[usize::from(BridgeLine::Registered.index())] = registered_resident + registered_employee;
    let need = population.map(|of| Ratio { count: 95, of: 100 }.ceil_of(of));
    RegionFigures {
        paid_resident: 0,
        paid_employee: 0,
        level,
        code: code.into(),
        parent: if level == RegionLevel::County {
            "4303".into()
        } else {
            "430321".into()
        },
        unit: false,
        population,
        task: population,
        floor: None,
        last_year: None,
        registered_resident,
        registered_employee,
        standings,
        rates: vec![RateFigure {
            count: registered_resident + registered_employee,
            of: population,
            need,
        }],
        rank: None,
        bridge,
    }
}

fn coverage() -> Vec<RegionFigures> {
    use RegionLevel::{County, Township};
    let ranked = |rank, figures| RegionFigures {
        rank: Some(rank),
        ..figures
    };
    vec![
        figures(County, "430321", [5, 1, 2, 1], Some(7)),
        ranked(1, figures(Township, "430321100", [4, 1, 2, 0], Some(5))),
        ranked(2, figures(Township, "430321101", [0, 0, 0, 1], Some(2))),
        figures(Township, "", [1, 0, 0, 0], None),
    ]
}

/// Deliberately not in the order of the books.
fn origins() -> Vec<Origin> {
    let origin = |source, file: &str, rows_read| Origin {
        source,
        file: file.into(),
        sheet: String::new(),
        sha256: "ab".into(),
        encoding: "UTF-8".into(),
        batch: None,
        family: String::new(),
        since_1904: false,
        rows_read,
    };
    vec![
        origin(SourceKind::Payments, "缴费.csv", 5),
        origin(SourceKind::Register, "底册.csv", 4),
    ]
}

/// One person more on the register, as many payments.
fn last() -> LastRun {
    let book = |source, rows| HeldBook {
        source,
        rows,
        fen: None,
    };
    LastRun {
        as_of: day(2022, 2, 28),
        sha256: "cd".into(),
        books: Some(vec![
            book(SourceKind::Register, 4),
            book(SourceKind::Payments, 5),
        ]),
    }
}

fn fates(used: u64, notes: u64) -> FateCounts {
    let mut counts = FateCounts::default();
    counts.add(Fate::Used, used);
    counts.add(Fate::Note, notes);
    counts
}

fn checks() -> Vec<CheckRun> {
    let missing = |code| match code {
        Code::DeceasedPaid => vec![SourceKind::Payments, SourceKind::Deaths],
        _ => Vec::new(),
    };
    let rows = |code| match code {
        Code::Uninsured => 1_204,
        Code::IdChecksum => 3,
        _ => 0,
    };
    let run = |&code| CheckRun {
        code,
        missing: missing(code),
        rows: rows(code),
    };
    Code::ALL.iter().map(run).collect()
}

pub(crate) fn facts() -> Facts {
    let frame = |columns: PolarsResult<DataFrame>| columns.expect("columns of one length");
    let findings = df!("code" => ["id-checksum"], "name" => [Some("张三")], "row" => [Some(7u32)], "amount_fen" => [None::<i64>]);
    let cases = df!("case" => ["4303-2022-AAAAAAAAAA", "4303-2022-BBBBBBBBBB"], "name" => ["张三", "李四"],
        "refund_fen" => [32_000i64, 16_050], "eligible" => [true, false]);
    Facts {
        as_of: day(2022, 3, 31),
        origins: origins(),
        fates: vec![fates(5, 0), fates(3, 1)],
        coverage: coverage(),
        groups: Vec::new(),
        funding: vec![Funding {
            payer: "县医保局".into(),
            category: "低保对象".into(),
            region_code: "430321100".into(),
            persons: 1,
            fen: 16_000,
        }],
        granted: None,
        audit: vec![Audit {
            kind: Extra::CrossScheme,
            region_code: "430321100".into(),
            persons: 1,
            registrations: 2,
            fen: None,
        }],
        checks: checks(),
        findings: frame(findings).into(),
        cases: frame(cases).into(),
        subsidy: frame(df!("id" => ["x"], "paid_fen" => [1i64])).into(),
        entries: frame(df!("id" => ["x"], "payable_fen" => [1i64])).into(),
        standings: frame(df!("id" => ["x"], "row" => [1u32])).into(),
        transit: frame(df!("id" => ["x"], "row" => [1u32])).into(),
        last: Some(last()),
        exported: crate::refine::Exported::default(),
        repairs: frame(df!("file" => ["底册.csv"], "before" => ["４"])).into(),
        refunds: Refunds {
            cases: 2,
            eligible: 1,
            refund_fen: 48_050,
            eligible_fen: 32_000,
        },
        persons: 3,
        accepted: Vec::new(),
        accounts: vec![Account::default(); 2],
        unclaimed: Vec::new(),
        assessment: None,
        lists: crate::measure::PersonLists::default(),
    }
}
