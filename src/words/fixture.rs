//! A scheme of one county with two townships, and facts small enough to check by eye. For tests only.

use chrono::NaiveDate;
use polars::prelude::*;

use crate::domain::{
    Code, Cover, Days, Fate, FateCounts, Ratio, Region, RegionLevel, RegionTree, SourceKind,
    Standing,
};
use crate::intake::Origin;
use crate::judge::Extra;
use crate::measure::{
    Audit, BridgeLine, CheckRun, Facts, Funding, RateFigure, Refunds, RegionFigures,
};
use crate::scheme::{Against, Category, Count, EntryRules, Rate, RosterRule, Scheme, TasksRule};

pub(crate) fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("tests name days of the calendar")
}

pub(crate) fn scheme() -> Scheme {
    let region = |code: &str, name: &str, level, parent: &str| Region {
        code: code.into(),
        name: name.into(),
        level,
        parent: parent.into(),
        aliases: Vec::new(),
        unit: false,
    };
    let regions = vec![
        region("430321", "湘潭县", RegionLevel::County, "4303"),
        region("430321100", "易俗河镇", RegionLevel::Township, "430321"),
        region("430321101", "谭家山镇", RegionLevel::Township, "430321"),
    ];
    Scheme {
        slug: "tiny-2022".into(),
        digest: "d1".into(),
        name: "试点县2022年度城乡居民基本医疗保险".into(),
        year: 2022,
        pool_digits: 4,
        basis: "试点方案".into(),
        inputs: "inputs".into(),
        premium: 32_000,
        fiscal: None,
        window: Days {
            from: day(2021, 9, 1),
            to: day(2022, 2, 28),
        },
        benefit: Days {
            from: day(2022, 1, 1),
            to: day(2022, 12, 31),
        },
        roster: RosterRule {
            payment_day: true,
            cut_off_day: false,
            cut_off: None,
        },
        categories: vec![Category {
            name: "低保对象".into(),
            also: Vec::new(),
            grant: 16_000,
            payer: "县医保局".into(),
        }],
        late: Vec::new(),
        entries: EntryRules::default(),
        refunds: Vec::new(),
        insured_when_paid: false,
        rates: vec![Rate {
            name: "参保率".into(),
            count: Count::Registered,
            covers: vec![Cover::Resident, Cover::Employee],
            against: Against::Population,
            against_by_region: Vec::new(),
            target: Some(Ratio { count: 95, of: 100 }),
            target_persons: None,
            primary: true,
        }],
        groups: Vec::new(),
        levels: Code::ALL.iter().map(|code| code.default_level()).collect(),
        clauses: Code::ALL.iter().map(|_| "试点方案".to_owned()).collect(),
        vocabulary: Vec::new(),
        sources: Vec::new(),
        tasks: TasksRule::default(),
        notes: Vec::new(),
        assessment: None,
        lists: crate::scheme::ListsAsked::default(),
        roster_stop: crate::scheme::RosterStop::default(),
        regions: RegionTree::new("430321", regions),
    }
}

/// Residents, employees, insured local residents and uninsured of a region.
fn figures(
    level: RegionLevel,
    code: &str,
    counts: [u64; 4],
    population: Option<u64>,
    rank: Option<u32>,
) -> RegionFigures {
    let [registered_resident, registered_employee, local, uninsured] = counts;
    let mut standings = [0; Standing::COUNT];
    standings[usize::from(Standing::LocalResident.index())] = local;
    standings[usize::from(Standing::Uninsured.index())] = uninsured;
    let mut bridge = [0; BridgeLine::COUNT];
    bridge[usize::from(BridgeLine::Registered.index())] = registered_resident + registered_employee;
    let need = population.map(|of| Ratio { count: 95, of: 100 }.ceil_of(of));
    RegionFigures {
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
        rank,
        bridge,
    }
}

pub(crate) fn facts() -> Facts {
    let origin = |source, file: &str, rows_read| Origin {
        source,
        file: file.into(),
        sheet: String::new(),
        sha256: "ab".into(),
        encoding: "UTF-8".into(),
        batch: None,
        since_1904: false,
        rows_read,
    };
    let fates = |used, notes| {
        let mut counts = FateCounts::default();
        counts.add(Fate::Used, used);
        counts.add(Fate::Note, notes);
        counts
    };
    let missing = |code| {
        if code == Code::DeceasedPaid {
            vec![SourceKind::Payments, SourceKind::Deaths]
        } else {
            Vec::new()
        }
    };
    let rows = |code| match code {
        Code::Uninsured => 1_204,
        Code::IdChecksum => 3,
        _ => 0,
    };
    let cases = df!("case" => ["4303-2022-AAAAAAAAAA", "4303-2022-BBBBBBBBBB"], "name" => ["张三", "李四"],
        "refund_fen" => [32_000i64, 16_050], "eligible" => [true, false]);
    let findings = df!("code" => ["id-checksum"], "name" => [Some("张三")], "row" => [Some(7u32)], "amount_fen" => [None::<i64>]);
    Facts {
        as_of: day(2022, 3, 31),
        // Deliberately not in the order of the books.
        origins: vec![
            origin(SourceKind::Payments, "缴费.csv", 5),
            origin(SourceKind::Register, "底册.csv", 4),
        ],
        fates: vec![fates(5, 0), fates(3, 1)],
        coverage: vec![
            figures(RegionLevel::County, "430321", [5, 1, 2, 1], Some(7), None),
            figures(
                RegionLevel::Township,
                "430321100",
                [4, 1, 2, 0],
                Some(5),
                Some(1),
            ),
            figures(
                RegionLevel::Township,
                "430321101",
                [0, 0, 0, 1],
                Some(2),
                Some(2),
            ),
            figures(RegionLevel::Township, "", [1, 0, 0, 0], None, None),
        ],
        groups: Vec::new(),
        funding: vec![Funding {
            payer: "县医保局".into(),
            category: "低保对象".into(),
            region_code: "430321100".into(),
            persons: 1,
            fen: 16_000,
        }],
        audit: vec![Audit {
            kind: Extra::CrossScheme,
            region_code: "430321100".into(),
            persons: 1,
            registrations: 2,
            fen: None,
        }],
        checks: Code::ALL
            .iter()
            .map(|&code| CheckRun {
                code,
                missing: missing(code),
                rows: rows(code),
            })
            .collect(),
        findings: findings.expect("columns of one length").into(),
        cases: cases.expect("columns of one length").into(),
        subsidy: df!("id" => ["x"], "paid_fen" => [1i64])
            .expect("columns of one length")
            .into(),
        entries: df!("id" => ["x"], "payable_fen" => [1i64])
            .expect("columns of one length")
            .into(),
        standings: df!("id" => ["x"], "row" => [1u32])
            .expect("columns of one length")
            .into(),
        repairs: df!("file" => ["底册.csv"], "before" => ["４"])
            .expect("columns of one length")
            .into(),
        refunds: Refunds {
            cases: 2,
            eligible: 1,
            refund_fen: 48_050,
            eligible_fen: 32_000,
        },
        persons: 3,
        assessment: None,
        lists: crate::measure::PersonLists::default(),
    }
}
