//! The scheme that asks for least: what tests begin with, and change the settings they are about.

use chrono::NaiveDate;

use super::{
    Against, Category, Count, EntryRules, ListsAsked, Rate, RosterRule, RosterStop, Scheme,
    TasksRule,
};
use crate::domain::{Code, Days, Fen, RegionTree};

const BASIS: &str = "试点方案";

impl Scheme {
    /// The year 2022 at 320 yuan: no source, category, late entry, group, note or assessment; levels as they are by
    /// default; one rate, of the register. The payment day decides an entitlement.
    pub fn plain(regions: RegionTree) -> Scheme {
        Scheme {
            slug: "plain-2022".into(),
            digest: String::new(),
            name: "试点县2022年度城乡居民基本医疗保险".into(),
            year: 2022,
            pool_digits: 4,
            basis: BASIS.into(),
            inputs: "inputs".into(),
            premium: 32_000,
            fiscal: None,
            window: days((2021, 9, 1), (2022, 2, 28)),
            benefit: days((2022, 1, 1), (2022, 12, 31)),
            roster: RosterRule {
                payment_day: true,
                cut_off_day: false,
                cut_off: None,
            },
            categories: Vec::new(),
            late: Vec::new(),
            entries: EntryRules::default(),
            refunds: Vec::new(),
            insured_when_paid: false,
            rates: vec![Rate::plain("参保率", Against::Register)],
            groups: Vec::new(),
            levels: Code::ALL.iter().map(|code| code.default_level()).collect(),
            clauses: Code::ALL.iter().map(|_| BASIS.to_owned()).collect(),
            vocabulary: Vec::new(),
            sources: Vec::new(),
            tasks: TasksRule::default(),
            notes: Vec::new(),
            assessment: None,
            lists: ListsAsked::default(),
            roster_stop: RosterStop::default(),
            transit: super::Transit {
                days: 5,
                working: Default::default(),
            },
            ignored: Vec::new(),
            accepted: Vec::new(),
            regions,
            region_file: "regions.csv".into(),
        }
    }
}

impl Rate {
    /// The rate that ranks: registrations of every cover, without a target.
    pub fn plain(name: &str, against: Against) -> Rate {
        Rate {
            name: name.to_owned(),
            count: Count::Registered,
            covers: Vec::new(),
            against,
            against_by_region: Vec::new(),
            target: None,
            target_persons: None,
            primary: true,
        }
    }
}

impl Category {
    /// A category known by one word. `grant` in fen a year.
    pub fn plain(name: &str, grant: Fen, payer: &str) -> Category {
        Category {
            name: name.to_owned(),
            also: Vec::new(),
            grant,
            payer: payer.to_owned(),
        }
    }
}

fn days(from: (i32, u32, u32), to: (i32, u32, u32)) -> Days {
    let day = |(year, month, day)| NaiveDate::from_ymd_opt(year, month, day);
    Days {
        from: day(from).expect("a day of the calendar"),
        to: day(to).expect("a day of the calendar"),
    }
}
