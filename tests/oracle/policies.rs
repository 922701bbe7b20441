//! Random settings beside the ordinary ones: late entries, schools, waiting, refunds, assessment. All zeros = none of them.

use super::random::day;
use super::world::{
    Assessment, Group, Lag, Late, Leader, Refund, Score, SimpleScheme, Students, Tier, Waiting,
};

/// Bytes that decide the settings.
pub type Policy = [u8; 48];

/// What people declare as the reason of coming in late; the last is in no scheme.
pub const CASES: [&str; 5] = [
    "复转军人",
    "刑满释放人员",
    "户籍新迁入",
    "儿童福利机构接收",
    "没有情形",
];

fn pick<T: Copy>(list: &[T], gene: u8) -> T {
    list[usize::from(gene) % list.len()]
}

/// Whether the world has anything of this.
pub fn is_wide(genes: &Policy) -> bool {
    !genes[0].is_multiple_of(4)
}

/// Writes the settings into a scheme.
pub fn put_policy(scheme: &mut SimpleScheme, genes: &Policy) {
    if !is_wide(genes) {
        return;
    }
    scheme.fiscal_fen = pick(&[None, Some(58_000)], genes[1]);
    scheme.previous_fen = pick(&[None, Some(28_000)], genes[2]);
    let rules = usize::from(genes[3] % 5);
    scheme.lates = (0..rules)
        .map(|i| late_of(i, &genes[4 + 4 * i..8 + 4 * i]))
        .collect();
    scheme.granted_until = pick(
        &[None, None, Some(day(2022, 2, 28)), Some(day(2022, 3, 10))],
        genes[24],
    );
    scheme.students = students_of(genes[25]);
    scheme.waiting = waiting_of(genes[26]);
    scheme.refunds = refunds_of(genes[27], genes[28]);
    scheme.groups = vec![
        Group {
            name: "低保人员",
            categories: vec![2],
        },
        Group {
            name: "脱贫人口",
            categories: vec![3, 4],
        },
    ];
    scheme.assessment = assessment_of(&genes[30..48]);
}

/// One rule: a condition or two that do not contradict each other, and what follows from it.
fn late_of(at: usize, genes: &[u8]) -> Late {
    let mut late = Late {
        name: format!("情形{}", at + 1),
        price: "personal",
        starts: "payment-day",
        ..Late::default()
    };
    let birth: &[&'static str] = &["birth", "payment-day", "next-month"];
    let stop: &[&'static str] = &["cover-stop", "next-day", "next-month"];
    let plain: &[&'static str] = &["payment-day", "next-day", "next-month"];
    let declared: &[&'static str] = &["event", "payment-day", "next-day", "next-month"];
    let starts = match genes[0] % 11 {
        0 => {
            late.born_within_days = Some(pick(&[90, 60, 30], genes[1]));
            birth
        }
        1 => {
            late.born_within_months = Some(pick(&[6, 3, 1], genes[1]));
            birth
        }
        2 => {
            late.born_from = Some(pick(&[day(2022, 1, 1), day(2021, 10, 1)], genes[1]));
            birth
        }
        3 => {
            late.on_roster = pick(&[[2, 3], [0, 4], [1, 2]], genes[1]).to_vec();
            plain
        }
        4 => {
            late.gap_days = Some(pick(&[90, 60, 30], genes[1]));
            stop
        }
        5 => {
            late.gap_months = Some(pick(&[3, 1], genes[1]));
            late.employee_years = Some(2);
            stop
        }
        6 => {
            late.stopped_from = Some(pick(&[day(2022, 1, 1), day(2021, 12, 1)], genes[1]));
            stop
        }
        7 => {
            late.cases = vec![CASES[usize::from(genes[1]) % 4]];
            declared
        }
        8 => {
            late.born_within_days = Some(90);
            late.on_roster = vec![2, 4];
            birth
        }
        9 => {
            late.gap_months = Some(3);
            late.stopped_from = Some(day(2022, 1, 1));
            stop
        }
        _ => {
            late.cases = vec![
                CASES[usize::from(genes[1]) % 4],
                CASES[(usize::from(genes[1]) + 1) % 4],
            ];
            declared
        }
    };
    late.starts = pick(starts, genes[2]);
    let may_span_years = late.counts_from_birth() || !late.cases.is_empty();
    late.price = match genes[3] % 4 {
        2 => "full",
        3 if may_span_years => "two-years",
        _ => "personal",
    };
    late.wait_months = [None, None, Some(0), Some(6)][usize::from(genes[3] / 4 % 4)];
    late.keeps_grant = genes[3] / 16 % 4 != 3;
    // What only some conditions may be joined with.
    late.whenever_listed = !late.on_roster.is_empty() && genes[2] / 16 % 3 == 2;
    late.listed_grant = !late.on_roster.is_empty() && genes[2] / 64 >= 2;
    if !late.cases.is_empty() {
        late.event_from = pick(
            &[None, Some(day(2022, 1, 1)), Some(day(2021, 9, 1))],
            genes[2] / 16,
        );
    }
    late
}

fn students_of(gene: u8) -> Option<Students> {
    (gene % 2 == 1).then(|| Students {
        from: day(2021, 9, 1),
        to: day(2022, 8, 31),
        pay_within_months: pick(&[None, Some(1), Some(2)], gene / 2),
        graduates_until: pick(&[None, Some(day(2022, 12, 31))], gene / 8),
    })
}

fn waiting_of(gene: u8) -> Option<Waiting> {
    let as_of_2025 = Waiting {
        fixed_months: 3,
        months_a_broken_year: 1,
        long_break_years: 4,
        long_break_months: 3,
    };
    match gene % 3 {
        1 => Some(as_of_2025),
        2 if gene > 200 => Some(Waiting {
            fixed_months: 1,
            months_a_broken_year: 2,
            long_break_years: 2,
            long_break_months: 5,
        }),
        _ => None,
    }
}

fn refunds_of(which: u8, days: u8) -> Vec<Refund> {
    let before = pick(&[Some(day(2022, 1, 1)), Some(day(2022, 3, 1)), None], days);
    let mut refunds = Vec::new();
    for (bit, reason) in ["R06", "R09", "R10"].into_iter().enumerate() {
        if which >> bit & 1 == 1 {
            refunds.push(Refund { reason, before });
        }
    }
    if which >> 3 & 3 == 3 {
        refunds.push(Refund {
            reason: "R03",
            before: Some(day(2021, 12, 1)),
        });
        refunds.push(Refund {
            reason: "R08",
            before: Some(day(2021, 12, 1)),
        });
    }
    refunds
}

fn assessment_of(genes: &[u8]) -> Option<Assessment> {
    if genes[0].is_multiple_of(2) {
        return None;
    }
    let cut_off = pick(
        &[
            None,
            Some(day(2021, 12, 31)),
            Some(day(2022, 1, 5)),
            Some(day(2022, 2, 28)),
        ],
        genes[1],
    );
    let level = pick(&[None, Some("village"), Some("township")], genes[2]);
    let of_village = level == Some("village");
    let groups = pick(&[[false, false], [true, false], [true, true]], genes[3]);
    let groups: Vec<usize> = (0..2).filter(|&i| groups[i]).collect();
    let tiers = [
        (day(2021, 12, 20), 98, 5),
        (day(2021, 12, 31), 98, 4),
        (day(2021, 12, 31), 80, 2),
        (day(2021, 12, 31), 40, 1),
    ];
    let tier = |(by, percent, yuan)| Tier {
        by,
        percent,
        yuan,
        groups: groups.clone(),
    };
    let first = ["430321100201", "430321101202"];
    let leader = |post, regions: &[&'static str]| Leader {
        post,
        regions: regions.to_vec(),
    };
    let score = (genes[5] % 2 == 1).then(|| Score {
        points: 6,
        full_at_percent: 98,
        above_tenths: 1,
        below_tenths: 2,
        zero_below_percent: pick(&[90, 80, 70], genes[6]),
        steps: pick(&["linear", "started", "full"], genes[7]),
        of_the_mean_rate: genes[8] % 2 == 1,
    });
    Some(Assessment {
        level,
        weekday: pick(&[None, Some("thursday")], genes[9]),
        from: pick(&[None, Some("thursday")], genes[9]).map(|_| day(2021, 10, 7)),
        cut_off,
        persons_at_cut_off: cut_off.is_some() && genes[10] % 2 == 1,
        criticise: genes[11] % 2 == 1,
        lag: match genes[12] % 3 {
            _ if genes[9].is_multiple_of(2) => None, // weeks need a weekday
            0 => None,
            1 => Some(Lag {
                bottom: Some(1 + u64::from(genes[13] % 3)),
                share_percent: None,
            }),
            _ => Some(Lag {
                bottom: None,
                share_percent: Some(pick(&[20, 50], genes[13])),
            }),
        },
        fund: (genes[14] % 2 == 1).then(|| (pick(&[1, 3], genes[15]), genes[15] / 2 % 2 == 1)),
        tiers: if genes[4] % 2 == 1 {
            tiers.map(tier).to_vec()
        } else {
            Vec::new()
        },
        leaders: if score.is_some() && genes[16] % 2 == 1 {
            let regions = if of_village {
                first
            } else {
                ["430321100", "430321101"]
            };
            vec![leader("领导一", &regions), leader("领导二", &regions[1..])]
        } else {
            Vec::new()
        },
        score,
        clinic_percent: (genes[17] % 2 == 1).then_some(85),
    })
}

/// A week's table of a world that has none, looked at on its day.
pub fn weekly(scheme: &mut SimpleScheme) {
    let genes = [1u8; 18];
    let assessment = scheme
        .assessment
        .get_or_insert_with(|| assessment_of(&genes).expect("an odd first byte"));
    assessment.weekday = Some("thursday");
    assessment.from = Some(day(2021, 10, 7));
    assessment.lag.get_or_insert(Lag {
        bottom: Some(1),
        share_percent: None,
    });
    if scheme.groups.is_empty() {
        assessment.tiers.clear();
    }
}
