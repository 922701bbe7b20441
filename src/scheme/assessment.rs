//! Assessment: weekly table, summons, work money, tiers, scores and clinics, as the notice sets them.

use chrono::{Datelike, Days as Span, NaiveDate, Weekday};

use super::region_table::RegionFile;
use super::rules::contradiction;
use super::written::{Table, Value};
use super::{Group, Rate};
use crate::domain::fault::{WrongInputs, WrongRules, WrongSetting};
use crate::domain::{Fen, Ratio, RegionLevel};

/// `[assessment]`: what reaching a rate brings, and by when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// Whose places are compared.
    pub level: RegionLevel,
    /// Position of the rate that is assessed; `None` = the primary.
    pub rate: Option<usize>,
    /// Weekly table.
    pub weekly: Option<Weekly>,
    /// Last day whose work counts.
    pub cut_off: Option<NaiveDate>,
    /// Whose persons a tier pays for.
    pub persons_at: PersonsAt,
    /// 通报批评 of places below their task.
    pub criticise: bool,
    /// 约谈 of places that lag.
    pub lag: Option<LagRule>,
    /// Work money.
    pub fund: Option<FundRule>,
    /// Tiers in declared order: the first that fits.
    pub tiers: Vec<Tier>,
    /// Points of a place.
    pub score: Option<ScoreRule>,
    /// Who answers for several places.
    pub leaders: Vec<Leader>,
    /// Clinics of places below this rate are listed.
    pub clinic_below: Option<Ratio>,
}

/// Day of the weekly table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weekly {
    /// Weekday.
    pub weekday: Weekday,
    /// The first issue: that weekday, on or after the declared day.
    pub first: NaiveDate,
}

/// Whose persons a tier pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonsAt {
    /// Those of the day the tier is measured on.
    TierDay,
    /// Those of the last day whose work counts.
    CutOff,
}

/// What lagging is, and how long it may last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LagRule {
    /// How many of the last places lag.
    pub last: Last,
    /// Consecutive issues that lead to a summons.
    pub weeks: u32,
}

/// How many of the last places lag; ties at the edge all count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// So many.
    Places(u64),
    /// This share of the ranked ones, at least one.
    Share(Ratio),
}

/// Work money by person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FundRule {
    /// A person.
    pub fen: Fen,
    /// Whether employees are paid for too.
    pub employees_too: bool,
}

/// A tier of money by person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Day it is measured on.
    pub by: NaiveDate,
    /// Inclusive rate.
    pub at_least: Ratio,
    /// A person.
    pub fen: Fen,
    /// Positions in `Scheme::groups` of those that must be covered whole.
    pub groups: Vec<usize>,
}

/// Points of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScoreRule {
    /// Points at `full_at`.
    pub points: Ratio,
    /// Rate of full points.
    pub full_at: Ratio,
    /// Points for each percentage point above.
    pub above: Ratio,
    /// Points lost for each percentage point below.
    pub below: Ratio,
    /// Rates below this have no points.
    pub zero_below: Option<Ratio>,
    /// How parts of a percentage point count.
    pub steps: Steps,
    /// How several places come to one score.
    pub average: Average,
}

/// How parts of a percentage point count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steps {
    /// In proportion.
    Linear,
    /// A started point deducts whole; only a full one adds.
    Started,
    /// Only full points, either way.
    Full,
}

/// How several places come to one score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Average {
    /// Mean of their scores.
    Score,
    /// Score of their mean rate.
    Rate,
}

/// Who answers for several places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leader {
    /// Post, never a name.
    pub post: String,
    /// Codes of the places.
    pub regions: Vec<String>,
}

impl Assessment {
    /// The day whose work the assessment counts: the cut-off, or the as-of date when that is earlier.
    pub fn closing(&self, as_of: NaiveDate) -> NaiveDate {
        self.cut_off.map_or(as_of, |cut_off| cut_off.min(as_of))
    }

    /// Whether the day has come on which places below their task are named: the cut-off, or the last day of the window where
    /// none is declared.
    pub fn is_due(&self, window_to: NaiveDate, as_of: NaiveDate) -> bool {
        self.cut_off.unwrap_or(window_to) <= as_of
    }

    /// Whether an issue on this day still counts work that the one before did not: a week after the cut-off nothing moves any
    /// more, and nobody lags again by standing still.
    pub fn is_running(&self, as_of: NaiveDate) -> bool {
        self.cut_off
            .is_none_or(|cut_off| (as_of - cut_off).num_days() < 7)
    }

    /// The day a tier is measured on: its own, or the as-of date when that is earlier.
    pub fn tier_day(tier: &Tier, as_of: NaiveDate) -> NaiveDate {
        tier.by.min(as_of)
    }

    /// Every day on which persons are counted, in order.
    pub fn days(&self, as_of: NaiveDate) -> Vec<NaiveDate> {
        let mut days: Vec<NaiveDate> = self
            .tiers
            .iter()
            .map(|tier| Assessment::tier_day(tier, as_of))
            .collect();
        days.push(self.closing(as_of));
        days.sort_unstable();
        days.dedup();
        days
    }
}

impl Weekly {
    /// The number of the issue that falls on this day, from 1; `None` on any other day.
    pub fn issue(self, day: NaiveDate) -> Option<u64> {
        let days = u64::try_from((day - self.first).num_days()).ok()?;
        days.is_multiple_of(7).then_some(days / 7 + 1)
    }
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
];

/// What else of the pipeline an assessment rests on.
pub(super) struct Around<'a> {
    /// The scheme's region.
    pub(super) region: Option<&'a str>,
    /// Region table.
    pub(super) table: &'a RegionFile,
    /// First day of the payment window.
    pub(super) window_from: Option<NaiveDate>,
    /// Groups of the scheme.
    pub(super) groups: &'a [Group],
    /// Rates of the scheme.
    pub(super) rates: &'a [Rate],
}

/// `[assessment]`; `None` where it is not written, or where its level cannot be told.
pub(super) fn assessment(table: &Table<'_>, around: &Around<'_>) -> Option<Assessment> {
    if !table.is_there() {
        return None;
    }
    let level = level(table, around);
    let rate = table
        .get("rate")
        .and_then(|value| value.word(&named(around.rates)));
    let weekly = weekly(table, around);
    let cut_off = table.get("cut-off");
    let cut_off_day = cut_off.as_ref().and_then(Value::date);
    if let (Some(at), Some(cut_off), Some(weekly)) = (&cut_off, cut_off_day, weekly)
        && cut_off < weekly.first
    {
        at.refuse(WrongSetting::Backwards {
            key: "assessment".to_owned(),
        });
    }
    let days = [
        ("tier-day", PersonsAt::TierDay),
        ("cut-off", PersonsAt::CutOff),
    ];
    let persons_at = table
        .get("persons-at")
        .and_then(|value| value.word(&days))
        .unwrap_or(PersonsAt::TierDay);
    let criticise = table
        .get("criticise")
        .and_then(|value| value.flag())
        .unwrap_or(false);
    let lag = lag(&table.table("lag"));
    let fund = fund(&table.table("fund"));
    let tiers = tiers(table, cut_off_day, around.groups);
    let score = score(&table.table("score"));
    let leaders = leaders(table, level, around);
    if !leaders.is_empty() && table.get("score").is_none() {
        table.need("score");
    }
    let clinic = table.table("clinic");
    let clinic_below = if clinic.is_there() {
        clinic.need("below").and_then(|value| value.share())
    } else {
        None
    };
    Some(Assessment {
        level: level?,
        rate,
        weekly,
        cut_off: cut_off_day,
        persons_at,
        criticise,
        lag,
        fund,
        tiers,
        score,
        leaders,
        clinic_below,
    })
}

/// Rates by name.
fn named(rates: &[Rate]) -> Vec<(&str, usize)> {
    rates
        .iter()
        .map(|rate| rate.name.as_str())
        .zip(0..)
        .collect()
}

/// The declared level, or the first below the scheme's region.
fn level(table: &Table<'_>, around: &Around<'_>) -> Option<RegionLevel> {
    let regions = &around.table.regions;
    let own = around
        .region
        .and_then(|code| regions.iter().find(|region| region.code == code))?
        .level;
    let Some(value) = table.get("level") else {
        let below = regions
            .iter()
            .filter(|region| Some(region.parent.as_str()) == around.region);
        return Some(below.map(|region| region.level).min().unwrap_or(own));
    };
    let level = value.member(RegionLevel::ALL, RegionLevel::code)?;
    if level <= own {
        value.refuse(contradiction("assessment.level", "scheme.region"));
    }
    Some(level)
}

fn weekly(table: &Table<'_>, around: &Around<'_>) -> Option<Weekly> {
    let weekday = table.get("weekday");
    let from = table.get("from");
    // A first issue, and weeks in a row, are of a weekly table.
    if weekday.is_none() && (from.is_some() || table.get("lag").is_some()) {
        table.need("weekday");
    }
    let weekday = weekday?.word(&WEEKDAYS)?;
    let from = match from {
        Some(value) => value.date(),
        None => around.window_from,
    }?;
    let wait = (7 + weekday.num_days_from_monday() - from.weekday().num_days_from_monday()) % 7;
    let first = from.checked_add_days(Span::new(u64::from(wait)))?;
    Some(Weekly { weekday, first })
}

/// A number from 1.
fn from_one(value: &Value<'_>) -> Option<u64> {
    let number = value.number()?;
    if number == 0 {
        value.refuse(WrongSetting::UnknownWord {
            key: value.key.clone(),
            word: "0".into(),
            known: vec!["1, 2, 3 …".into()],
        });
    }
    Some(number).filter(|&number| number > 0)
}

fn lag(table: &Table<'_>) -> Option<LagRule> {
    if !table.is_there() {
        return None;
    }
    let (bottom, share) = (table.get("bottom"), table.get("share"));
    if let (Some(_), Some(share)) = (&bottom, &share) {
        share.refuse(contradiction(
            "assessment.lag.bottom",
            "assessment.lag.share",
        ));
    }
    let last = match (bottom, share) {
        (_, Some(share)) => Last::Share(share.share()?),
        (Some(bottom), None) => Last::Places(from_one(&bottom)?),
        (None, None) => Last::Places(3),
    };
    let weeks = match table.get("weeks") {
        Some(value) => u32::try_from(from_one(&value)?).unwrap_or(u32::MAX), // more weeks than there are
        None => 2,
    };
    Some(LagRule { last, weeks })
}

/// Money for a person: some.
fn fen_a_person(table: &Table<'_>) -> Option<Fen> {
    let value = table.need("yuan")?;
    let fen = value.fen(None)?;
    if fen == 0 {
        value.refuse(WrongSetting::BadAmount {
            key: value.key.clone(),
            text: value.written().to_owned(),
        });
    }
    Some(fen)
}

fn fund(table: &Table<'_>) -> Option<FundRule> {
    if !table.is_there() {
        return None;
    }
    let known = [("resident", false), ("all", true)];
    let employees_too = table
        .get("counts")
        .and_then(|value| value.word(&known))
        .unwrap_or(false);
    Some(FundRule {
        fen: fen_a_person(table)?,
        employees_too,
    })
}

fn tiers(table: &Table<'_>, cut_off: Option<NaiveDate>, groups: &[Group]) -> Vec<Tier> {
    let mut found = Vec::new();
    for written in table.tables("tier") {
        let by = written.need("by");
        let day = by.as_ref().and_then(Value::date);
        if let (Some(at), Some(day), Some(cut_off)) = (&by, day, cut_off)
            && day > cut_off
        {
            at.refuse(contradiction("assessment.tier.by", "assessment.cut-off"));
        }
        let at_least = written.need("at-least").and_then(|value| value.share());
        let fen = fen_a_person(&written);
        let positions = written
            .get("groups")
            .map(|value| positions(&value, groups))
            .unwrap_or_default();
        if let (Some(by), Some(at_least), Some(fen)) = (day, at_least, fen) {
            found.push(Tier {
                by,
                at_least,
                fen,
                groups: positions,
            });
        }
    }
    found
}

/// Positions of the groups a list names.
fn positions(value: &Value<'_>, groups: &[Group]) -> Vec<usize> {
    let words: Vec<(&str, usize)> = groups
        .iter()
        .enumerate()
        .map(|(at, group)| (group.name.as_str(), at))
        .collect();
    let mut found = Vec::new();
    for item in value.list() {
        match item.word(&words) {
            Some(at) if found.contains(&at) => {
                item.refuse(WrongRules::Repeated {
                    key: item.key.clone(),
                    word: groups[at].name.clone(),
                });
            }
            Some(at) => found.push(at),
            None => {}
        }
    }
    found
}

fn score(table: &Table<'_>) -> Option<ScoreRule> {
    if !table.is_there() {
        return None;
    }
    let decimal = |key: &str| table.need(key).and_then(|value| value.decimal());
    let points = decimal("points");
    let full_at = table.need("full-at").and_then(|value| value.share());
    let (above, below) = (decimal("above"), decimal("below"));
    let zero = table.get("zero-below");
    let zero_below = zero.as_ref().and_then(Value::share);
    if let (Some(at), Some(zero_below), Some(full_at)) = (&zero, zero_below, full_at)
        && zero_below > full_at
    {
        at.refuse(contradiction(
            "assessment.score.zero-below",
            "assessment.score.full-at",
        ));
    }
    let steps = [
        ("linear", Steps::Linear),
        ("started", Steps::Started),
        ("full", Steps::Full),
    ];
    let steps = table
        .get("steps")
        .and_then(|value| value.word(&steps))
        .unwrap_or(Steps::Linear);
    let average = [("score", Average::Score), ("rate", Average::Rate)];
    let average = table
        .get("average")
        .and_then(|value| value.word(&average))
        .unwrap_or(Average::Score);
    Some(ScoreRule {
        points: points?,
        full_at: full_at?,
        above: above?,
        below: below?,
        zero_below,
        steps,
        average,
    })
}

fn leaders(table: &Table<'_>, level: Option<RegionLevel>, around: &Around<'_>) -> Vec<Leader> {
    let mut found: Vec<Leader> = Vec::new();
    for written in table.tables("leader") {
        let post = written.need("post").and_then(|value| {
            let post = value.text()?;
            if found.iter().any(|leader| leader.post == post) {
                value.refuse(WrongRules::Repeated {
                    key: value.key.clone(),
                    word: post.clone(),
                });
            }
            Some(post)
        });
        let mut regions: Vec<String> = Vec::new();
        for item in written
            .need("regions")
            .map(|value| value.some_list())
            .unwrap_or_default()
        {
            let Some(code) = item.text() else { continue };
            let known = around
                .table
                .regions
                .iter()
                .find(|region| region.code == code);
            match known {
                // Without a table every code would be complained of; that there is none has been said.
                None if around.table.regions.is_empty() => {}
                None => item.refuse(WrongInputs::RegionNotInTable { code: code.clone() }),
                Some(region) if level.is_some_and(|level| region.level != level) => {
                    item.refuse(contradiction(
                        "assessment.leader.regions",
                        "assessment.level",
                    ));
                }
                Some(_) if regions.contains(&code) => {
                    item.refuse(WrongRules::Repeated {
                        key: item.key.clone(),
                        word: code.clone(),
                    });
                }
                Some(_) => {}
            }
            regions.push(code);
        }
        if let Some(post) = post {
            found.push(Leader { post, regions });
        }
    }
    found
}
