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
    let (condition, starts) = condition_of(genes[0], genes[1]);
    let of_rosters = !condition.on_roster.is_empty();
    let declared = !condition.cases.is_empty();
    let may_span_years = condition.counts_from_birth() || declared;
    // What only some conditions may be joined with.
    let days = [None, Some(day(2022, 1, 1)), Some(day(2021, 9, 1))];
    let event_from = pick(&days, genes[2] / 16).filter(|_| declared);
    Late {
        name: format!("情形{}", at + 1),
        price: match genes[3] % 4 {
            2 => "full",
            3 if may_span_years => "two-years",
            _ => "personal",
        },
        starts: pick(starts, genes[2]),
        wait_months: pick(&[None, None, Some(0), Some(6)], genes[3] / 4),
        keeps_grant: genes[3] / 16 % 4 != 3,
        whenever_listed: of_rosters && genes[2] / 16 % 3 == 2,
        listed_grant: of_rosters && genes[2] / 64 >= 2,
        event_from,
        ..condition
    }
}

/// Words for the first day of cover.
type Starts = &'static [&'static str];

const FROM_BIRTH: Starts = &["birth", "payment-day", "next-month"];
const FROM_STOP: Starts = &["cover-stop", "next-day", "next-month"];
const FROM_PAYMENT: Starts = &["payment-day", "next-day", "next-month"];
const FROM_EVENT: Starts = &["event", "payment-day", "next-day", "next-month"];

/// A rule with its condition only, and the words that it may start with.
fn condition_of(which: u8, gene: u8) -> (Late, Starts) {
    let mut late = Late::default();
    let case = |further: usize| CASES[(usize::from(gene) + further) % 4];
    let starts = match which % 11 {
        0 => {
            late.born_within_days = Some(pick(&[90, 60, 30], gene));
            FROM_BIRTH
        }
        1 => {
            late.born_within_months = Some(pick(&[6, 3, 1], gene));
            FROM_BIRTH
        }
        2 => {
            late.born_from = Some(pick(&[day(2022, 1, 1), day(2021, 10, 1)], gene));
            FROM_BIRTH
        }
        3 => {
            late.on_roster = pick(&[[2, 3], [0, 4], [1, 2]], gene).to_vec();
            FROM_PAYMENT
        }
        4 => {
            late.gap_days = Some(pick(&[90, 60, 30], gene));
            FROM_STOP
        }
        5 => {
            late.gap_months = Some(pick(&[3, 1], gene));
            late.employee_years = Some(2);
            FROM_STOP
        }
        6 => {
            late.stopped_from = Some(pick(&[day(2022, 1, 1), day(2021, 12, 1)], gene));
            FROM_STOP
        }
        7 => {
            late.cases = vec![case(0)];
            FROM_EVENT
        }
        8 => {
            late.born_within_days = Some(90);
            late.on_roster = vec![2, 4];
            FROM_BIRTH
        }
        9 => {
            late.gap_months = Some(3);
            late.stopped_from = Some(day(2022, 1, 1));
            FROM_STOP
        }
        _ => {
            late.cases = vec![case(0), case(1)];
            FROM_EVENT
        }
    };
    (late, starts)
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
    let cut_offs = [
        None,
        Some(day(2021, 12, 31)),
        Some(day(2022, 1, 5)),
        Some(day(2022, 2, 28)),
    ];
    let cut_off = pick(&cut_offs, genes[1]);
    let level = pick(&[None, Some("village"), Some("township")], genes[2]);
    let weekday = pick(&[None, Some("thursday")], genes[9]);
    let score = score_of(genes);
    let linked = score.is_some() && genes[16] % 2 == 1;
    Some(Assessment {
        level,
        weekday,
        from: weekday.map(|_| day(2021, 10, 7)),
        cut_off,
        persons_at_cut_off: cut_off.is_some() && genes[10] % 2 == 1,
        criticise: genes[11] % 2 == 1,
        // Weeks need a weekday.
        lag: lag_of(genes[12], genes[13]).filter(|_| weekday.is_some()),
        fund: (genes[14] % 2 == 1).then(|| (pick(&[1, 3], genes[15]), genes[15] / 2 % 2 == 1)),
        tiers: if genes[4] % 2 == 1 {
            tiers_of(genes[3])
        } else {
            Vec::new()
        },
        leaders: if linked {
            leaders_of(level == Some("village"))
        } else {
            Vec::new()
        },
        score,
        clinic_percent: (genes[17] % 2 == 1).then_some(85),
    })
}

fn score_of(genes: &[u8]) -> Option<Score> {
    (genes[5] % 2 == 1).then(|| Score {
        points: 6,
        full_at_percent: 98,
        above_tenths: 1,
        below_tenths: 2,
        zero_below_percent: pick(&[90, 80, 70], genes[6]),
        steps: pick(&["linear", "started", "full"], genes[7]),
        of_the_mean_rate: genes[8] % 2 == 1,
    })
}

fn lag_of(which: u8, gene: u8) -> Option<Lag> {
    match which % 3 {
        0 => None,
        1 => Some(Lag {
            bottom: Some(1 + u64::from(gene % 3)),
            share_percent: None,
        }),
        _ => Some(Lag {
            bottom: None,
            share_percent: Some(pick(&[20, 50], gene)),
        }),
    }
}

fn tiers_of(gene: u8) -> Vec<Tier> {
    let groups: &[usize] = pick(&[&[], &[0], &[0, 1]], gene);
    let tier = |(by, percent, yuan)| Tier {
        by,
        percent,
        yuan,
        groups: groups.to_vec(),
    };
    [
        (day(2021, 12, 20), 98, 5),
        (day(2021, 12, 31), 98, 4),
        (day(2021, 12, 31), 80, 2),
        (day(2021, 12, 31), 40, 1),
    ]
    .map(tier)
    .to_vec()
}

fn leaders_of(villages: bool) -> Vec<Leader> {
    let leader = |post, regions: &[&'static str]| Leader {
        post,
        regions: regions.to_vec(),
    };
    let regions = if villages {
        ["430321100201", "430321101202"]
    } else {
        ["430321100", "430321101"]
    };
    vec![leader("领导一", &regions), leader("领导二", &regions[1..])]
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
    if scheme.insured_when_paid {
        // A rate that is assessed counts what insures.
        for rate in scheme.rates.iter_mut().filter(|rate| !rate.insured) {
            rate.paid = true;
        }
    }
}
