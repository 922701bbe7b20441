//! Assessment: who has reached what by the days of the notice, and what it brings
//! (docs/readings.md#assessment).
//!
//! Every figure is an exact count, fraction or sum of fen. The rules stand alone as functions, the places come after.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{RateFigure, RegionFigures};
use crate::archive::{Earlier, EarlierAssessed};
use crate::domain::{Cover, Fen, Fraction, Ratio, RegionLevel, Standing};
use crate::judge::Tallies;
use crate::scheme::assessment::{Average, Last, Leader, PersonsAt, ScoreRule, Steps, Tier};
use crate::scheme::{Assessment, Count, Scheme};

/// Figures of the assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessed {
    /// The day whose work counts: the cut-off, or the as-of date when that is earlier.
    pub day: NaiveDate,
    /// Whether work since the issue before still counts: nobody is summoned after that.
    pub running: bool,
    /// Number of the weekly issue that falls on the as-of date.
    pub issue: Option<u64>,
    /// Whether two issues in a row are known.
    pub chain: Chain,
    /// Day of the earlier run that changes are against.
    pub since: Option<NaiveDate>,
    /// The scheme as a whole first, then its places in order of code, 其他 last where it counts anybody.
    pub rows: Vec<AssessedRegion>,
    /// Leaders in declared order.
    pub leaders: Vec<LeaderFigures>,
}

/// Whether the issue before this one is known: without it nobody lags "in a row".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// The as-of date is no day of issue.
    NoIssue,
    /// There is no issue before the first.
    FirstIssue,
    /// No earlier run was named.
    NoEarlier,
    /// The earlier run is not of the issue seven days before.
    Broken(NaiveDate),
    /// It is.
    Unbroken,
}

/// A place under assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssessedRegion {
    /// Level of the row.
    pub level: RegionLevel,
    /// Region code; empty for 其他.
    pub code: String,
    /// The scheme's own row.
    pub whole: bool,
    /// Persons counted on the day, of how many, and how many are needed.
    pub rate: RateFigure,
    /// 1,1,3; `None` for the whole, units, 其他 and places without denominator.
    pub rank: Option<u32>,
    /// What the earlier run had.
    pub previous: Option<Previous>,
    /// Among the last ones; `None` without a rank or a rule.
    pub lagging: Option<bool>,
    /// Consecutive issues in which it lagged, this one included; `None` where this is no issue.
    pub lag_weeks: Option<u32>,
    /// 约谈; `None` where the issues before are not known.
    pub summoned: Option<bool>,
    /// 通报批评: below its task.
    pub criticised: Option<bool>,
    /// Money by tier.
    pub tier: Option<TierFigure>,
    /// Points.
    pub score: Option<Fraction>,
    /// Work money: persons and fen.
    pub fund: Option<(u64, Fen)>,
    /// Its clinic is listed.
    pub clinic: Option<bool>,
}

/// What the earlier run had of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Previous {
    /// Persons.
    pub count: u64,
    /// Rate.
    pub ratio: Ratio,
    /// Rank; the whole has none.
    pub rank: Option<u32>,
}

/// The tier a place has reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierFigure {
    /// Position in `Assessment::tiers`; `None` = none of them.
    pub at: Option<usize>,
    /// The day it was measured on; the last tier's where none fits.
    pub day: NaiveDate,
    /// Persons paid for.
    pub persons: u64,
    /// Money.
    pub fen: Fen,
    /// The tier's own day has come; where none fits, every tier's.
    pub due: bool,
    /// The tier's groups on that day.
    pub groups: Vec<GroupOnDay>,
}

/// A group that must be covered whole, on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupOnDay {
    /// Position in `Scheme::groups`.
    pub group: usize,
    /// In force, less the deceased.
    pub persons: u64,
    /// Deceased among those in force.
    pub deceased: u64,
    /// Insured anywhere.
    pub insured: u64,
    /// Insured or settled otherwise, the deceased not counted.
    pub settled: u64,
}

impl GroupOnDay {
    /// So many persons more, of one standing.
    fn add(&mut self, standing: Standing, persons: u64) {
        if standing == Standing::Deceased {
            self.deceased += persons;
        } else {
            self.persons += persons;
            self.settled += if standing.is_settled() { persons } else { 0 };
        }
        self.insured += if standing.is_insured() { persons } else { 0 };
    }

    /// Covered whole; an empty group is.
    pub fn is_whole(&self) -> bool {
        self.insured == self.persons
    }
}

/// Someone who answers for several places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaderFigures {
    /// Post.
    pub post: String,
    /// Codes of the places.
    pub regions: Vec<String>,
    /// Mean of their rates.
    pub mean_rate: Option<Fraction>,
    /// Score by the rule of averages.
    pub score: Option<Fraction>,
}

/// Ranks 1,1,3 by exact ratio, the best first; in the order given.
pub fn ranks(ratios: &[Ratio]) -> Vec<u32> {
    let best_first = best_first(ratios);
    let rank = |ratio: &Ratio| best_first.partition_point(|other| other > ratio) + 1;
    ratios
        .iter()
        .map(|ratio| u32::try_from(rank(ratio)).unwrap_or(u32::MAX))
        .collect() // places are thousands
}

/// Which of these lag: fewer than the rule's number are strictly worse, so ties at the edge all lag.
pub fn lagging(ratios: &[Ratio], last: Last) -> Vec<bool> {
    let all = ratios.len() as u64;
    let most = match last {
        Last::Places(places) => places,
        Last::Share(share) => share.ceil_of(all).max(1),
    };
    let best_first = best_first(ratios);
    let worse = |ratio: &Ratio| all - best_first.partition_point(|other| other >= ratio) as u64;
    ratios.iter().map(|ratio| worse(ratio) < most).collect()
}

fn best_first(ratios: &[Ratio]) -> Vec<Ratio> {
    let mut sorted = ratios.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    sorted
}

/// Points of a rate: full ones at `full_at`, more above without a cap, fewer below, none under the cliff.
pub fn score(rule: &ScoreRule, rate: &Fraction) -> Fraction {
    let full = Fraction::from(rule.full_at);
    if rule
        .zero_below
        .is_some_and(|zero| *rate < Fraction::from(zero))
    {
        return Fraction::whole(0);
    }
    let points = Fraction::from(rule.points);
    let hundred = Fraction::whole(100);
    if *rate >= full {
        let above = rate.less(&full).times(&hundred);
        let above = if rule.steps == Steps::Linear {
            above
        } else {
            Fraction::whole(above.floor())
        };
        return points.plus(&above.times(&rule.above.into()));
    }
    let below = full.less(rate).times(&hundred);
    let below = match rule.steps {
        Steps::Linear => below,
        Steps::Started => Fraction::whole(below.ceil()),
        Steps::Full => Fraction::whole(below.floor()),
    };
    points.less(&below.times(&rule.below.into()))
}

/// Money for so many persons.
pub fn money(persons: u64, fen: Fen) -> Fen {
    i64::try_from(persons)
        .ok()
        .and_then(|persons| persons.checked_mul(fen))
        .expect("money of a province fits") // 10^8 × 10^8 fen
}

/// What a place counts on the days of the assessment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Persons that the assessed rate counts, by day.
    pub counts: BTreeMap<NaiveDate, u64>,
    /// Persons registered here, by day and cover.
    pub registered: BTreeMap<(NaiveDate, Cover), u64>,
    /// Groups by day and position.
    pub groups: BTreeMap<(NaiveDate, usize), GroupOnDay>,
}

impl Place {
    fn count(&self, day: NaiveDate) -> u64 {
        self.counts.get(&day).copied().unwrap_or(0) // nobody counts there on that day
    }

    fn group(&self, day: NaiveDate, group: usize) -> GroupOnDay {
        self.groups
            .get(&(day, group))
            .copied()
            .unwrap_or(GroupOnDay {
                group,
                ..GroupOnDay::default()
            }) // nobody is in force
    }

    /// The first tier in declared order whose rate and groups are reached on its day.
    pub fn tier(&self, assessment: &Assessment, of: u64, as_of: NaiveDate) -> Option<TierFigure> {
        let last = assessment.tiers.last()?;
        let groups = |tier: &Tier| -> Vec<GroupOnDay> {
            let day = Assessment::tier_day(tier, as_of);
            tier.groups
                .iter()
                .map(|group| self.group(day, *group))
                .collect()
        };
        let fits = |tier: &Tier| {
            let ratio = Ratio::new(self.count(Assessment::tier_day(tier, as_of)), of);
            ratio.is_some_and(|ratio| ratio >= tier.at_least)
                && groups(tier).iter().all(GroupOnDay::is_whole)
        };
        let at = assessment.tiers.iter().position(fits);
        let Some(tier) = at.map(|at| &assessment.tiers[at]) else {
            let due = assessment.tiers.iter().all(|tier| tier.by <= as_of);
            let day = Assessment::tier_day(last, as_of);
            return Some(TierFigure {
                at,
                day,
                persons: 0,
                fen: 0,
                due,
                groups: groups(last),
            });
        };
        let day = Assessment::tier_day(tier, as_of);
        let persons = self.count(match assessment.persons_at {
            PersonsAt::TierDay => day,
            PersonsAt::CutOff => assessment.closing(as_of),
        });
        Some(TierFigure {
            at,
            day,
            persons,
            fen: money(persons, tier.fen),
            due: tier.by <= as_of,
            groups: groups(tier),
        })
    }

    /// A row with its rate on a day: denominator and need are those of the assessed rate.
    fn row(&self, figures: &RegionFigures, assessed: RateFigure, day: NaiveDate) -> AssessedRegion {
        AssessedRegion {
            code: figures.code.clone(),
            rate: RateFigure {
                count: self.count(day),
                ..assessed
            },
            ..nowhere(figures.level, 0)
        }
    }

    /// Work money on a day.
    fn fund(&self, assessment: &Assessment, day: NaiveDate) -> Option<(u64, Fen)> {
        let rule = assessment.fund?;
        let of = |cover| self.registered.get(&(day, cover)).copied().unwrap_or(0); // nobody is registered there
        let persons = of(Cover::Resident)
            + if rule.employees_too {
                of(Cover::Employee)
            } else {
                0
            };
        Some((persons, money(persons, rule.fen)))
    }
}

/// Counts of the whole (first) and of every place of the level; 其他 has no code.
struct Places {
    whole: Place,
    by_code: BTreeMap<String, Place>,
}

impl Places {
    fn of(tallies: &Tallies, scheme: &Scheme, assessment: &Assessment, as_of: NaiveDate) -> Self {
        let days = scheme.counted_days(as_of);
        let rate = scheme.assessed_rate();
        let mut places = Places {
            whole: Place::default(),
            by_code: BTreeMap::new(),
        };
        let counted = if rate.count == Count::Insured {
            &tallies.assessed_register
        } else {
            &tallies.assessed
        };
        for ((at, region, cover), persons) in counted {
            if rate.covers.iter().any(|wanted| wanted.index() == *cover) {
                let day = days[usize::from(*at)];
                places.each(scheme, assessment, region, |place| {
                    *place.counts.entry(day).or_default() += persons
                });
            }
        }
        for ((at, region, cover), persons) in &tallies.assessed {
            let key = (days[usize::from(*at)], Cover::at(*cover));
            places.each(scheme, assessment, region, |place| {
                *place.registered.entry(key).or_default() += persons
            });
        }
        for ((at, group, region, standing), persons) in &tallies.assessed_groups {
            let (key, standing) = (
                (days[usize::from(*at)], usize::from(*group)),
                Standing::at(*standing),
            );
            places.each(scheme, assessment, region, |place| {
                let empty = GroupOnDay {
                    group: key.1,
                    ..GroupOnDay::default()
                };
                place
                    .groups
                    .entry(key)
                    .or_insert(empty)
                    .add(standing, *persons);
            });
        }
        places
    }

    /// The whole, the places under assessment, and 其他 where it counts anybody.
    fn rows(
        mut self,
        coverage: &[RegionFigures],
        scheme: &Scheme,
        as_of: NaiveDate,
    ) -> Option<Vec<AssessedRegion>> {
        let assessment = scheme.assessment.as_ref()?;
        let day = assessment.closing(as_of);
        let assessed = scheme.assessed_at();
        let root = scheme.regions.root();
        let whole = coverage.iter().filter(|row| row.code == root);
        let mut rows: Vec<AssessedRegion> = whole
            .map(|figures| AssessedRegion {
                whole: true,
                ..self.whole.row(figures, figures.rates[assessed], day)
            })
            .collect();
        for figures in coverage
            .iter()
            .filter(|row| row.level == assessment.level && !row.code.is_empty())
        {
            let place = self.by_code.remove(&figures.code).unwrap_or_default(); // nobody counts there
            let row = place.row(figures, figures.rates[assessed], day);
            rows.push(judged(row, &place, assessment, (scheme, as_of)));
        }
        let other = self.by_code.remove("").unwrap_or_default(); // everybody has a place
        let fund = other.fund(assessment, day);
        if other.count(day) > 0 || fund.is_some_and(|(persons, _)| persons > 0) {
            rows.push(AssessedRegion {
                fund,
                ..nowhere(assessment.level, other.count(day))
            });
        }
        let places = rows.iter().filter(|row| !row.whole);
        assert_eq!(
            places.map(|row| row.rate.count).sum::<u64>(),
            self.whole.count(day),
            "persons of the places are those of the whole"
        );
        Some(rows)
    }

    /// Changes the whole and the place of the level in which a region lies.
    fn each(
        &mut self,
        scheme: &Scheme,
        assessment: &Assessment,
        region: &str,
        change: impl Fn(&mut Place),
    ) {
        let regions = &scheme.regions;
        let on_path = regions
            .path(region)
            .into_iter()
            .filter_map(|code| regions.get(code));
        let place = on_path
            .into_iter()
            .find(|region| region.level == assessment.level);
        let code = place.map_or("", |region| region.code.as_str());
        change(&mut self.whole);
        change(self.by_code.entry(code.to_owned()).or_default());
    }
}

/// Everything the assessment says without an earlier run.
pub(super) fn assessed(
    tallies: &Tallies,
    coverage: &[RegionFigures],
    scheme: &Scheme,
    as_of: NaiveDate,
) -> Option<Assessed> {
    let assessment = scheme.assessment.as_ref()?;
    let mut rows = Places::of(tallies, scheme, assessment, as_of).rows(coverage, scheme, as_of)?;
    rank(&mut rows, scheme);
    let issue = assessment.weekly.and_then(|weekly| weekly.issue(as_of));
    let chain = match issue {
        None => Chain::NoIssue,
        Some(1) => Chain::FirstIssue,
        Some(_) => Chain::NoEarlier,
    };
    let leaders = assessment
        .leaders
        .iter()
        .map(|leader| answers_for(leader, &rows, assessment))
        .collect();
    let mut assessed = Assessed {
        day: assessment.closing(as_of),
        running: assessment.is_running(as_of),
        issue,
        chain,
        since: None,
        rows,
        leaders,
    };
    assessed.lag(assessment, &BTreeMap::new());
    Some(assessed)
}

fn nowhere(level: RegionLevel, count: u64) -> AssessedRegion {
    AssessedRegion {
        level,
        code: String::new(),
        whole: false,
        rate: RateFigure {
            count,
            of: None,
            need: None,
        },
        rank: None,
        previous: None,
        lagging: None,
        lag_weeks: None,
        summoned: None,
        criticised: None,
        tier: None,
        score: None,
        fund: None,
        clinic: None,
    }
}

/// What a place's rate brings.
fn judged(
    mut row: AssessedRegion,
    place: &Place,
    assessment: &Assessment,
    (scheme, as_of): (&Scheme, NaiveDate),
) -> AssessedRegion {
    let is_due = assessment.is_due(scheme.window.to, as_of);
    row.fund = place.fund(assessment, assessment.closing(as_of));
    row.criticised = row
        .rate
        .met()
        .filter(|_| assessment.criticise && is_due)
        .map(|met| !met);
    if let Some(ratio) = row.rate.of.and_then(|of| Ratio::new(row.rate.count, of)) {
        row.tier = place.tier(assessment, ratio.of, as_of);
        row.score = assessment
            .score
            .as_ref()
            .map(|rule| score(rule, &ratio.into()));
        row.clinic = assessment.clinic_below.map(|below| ratio < below);
    }
    row
}

/// The ratio of a row that takes part in the ranking.
fn ranked(row: &AssessedRegion, scheme: &Scheme) -> Option<Ratio> {
    let takes_part = !row.whole
        && scheme
            .regions
            .get(&row.code)
            .is_some_and(|region| !region.unit);
    row.rate
        .of
        .filter(|_| takes_part)
        .and_then(|of| Ratio::new(row.rate.count, of))
}

fn rank(rows: &mut [AssessedRegion], scheme: &Scheme) {
    let ratios: Vec<(usize, Ratio)> = rows
        .iter()
        .enumerate()
        .filter_map(|(at, row)| ranked(row, scheme).map(|ratio| (at, ratio)))
        .collect();
    let only: Vec<Ratio> = ratios.iter().map(|(_, ratio)| *ratio).collect();
    for ((at, _), rank) in ratios.iter().zip(ranks(&only)) {
        rows[*at].rank = Some(rank);
    }
}

fn answers_for(leader: &Leader, rows: &[AssessedRegion], assessment: &Assessment) -> LeaderFigures {
    let places: Vec<&AssessedRegion> = leader
        .regions
        .iter()
        .filter_map(|code| rows.iter().find(|row| !row.whole && row.code == *code))
        .collect();
    let ratios = places
        .iter()
        .filter_map(|row| row.rate.of.and_then(|of| Ratio::new(row.rate.count, of)));
    let mean_rate = Fraction::mean(&ratios.map(Fraction::from).collect::<Vec<_>>());
    let score = assessment
        .score
        .as_ref()
        .and_then(|rule| average(rule, &places, mean_rate.as_ref()));
    LeaderFigures {
        post: leader.post.clone(),
        regions: leader.regions.clone(),
        mean_rate,
        score,
    }
}

/// Mean of the scores, or score of the mean: at a cliff they differ.
fn average(
    rule: &ScoreRule,
    places: &[&AssessedRegion],
    mean_rate: Option<&Fraction>,
) -> Option<Fraction> {
    match rule.average {
        Average::Score => Fraction::mean(
            &places
                .iter()
                .filter_map(|row| row.score.clone())
                .collect::<Vec<_>>(),
        ),
        Average::Rate => mean_rate.map(|rate| score(rule, rate)),
    }
}

/// For how many issues a place had lagged by the issue before.
#[derive(Clone, Copy)]
struct Lagged {
    /// That many at least.
    weeks: u32,
    /// And no more: that run knew the issues before it, or there were none.
    is_all: bool,
}

impl Lagged {
    fn of(row: &EarlierAssessed, is_first_issue: bool) -> Self {
        Lagged {
            weeks: row.lag_weeks.unwrap_or(0), // that run had no rule
            is_all: is_first_issue || row.summoned.is_some() || row.lag_weeks == Some(0),
        }
    }
}

impl Assessed {
    /// Places that lag, for how long, and who is summoned. `before`: how long each had lagged by the issue before.
    fn lag(&mut self, assessment: &Assessment, before: &BTreeMap<String, Lagged>) {
        let Some(rule) = assessment.lag else { return };
        let ratio =
            |row: &AssessedRegion| row.rate.of.and_then(|of| Ratio::new(row.rate.count, of));
        let ratios: Vec<Ratio> = self
            .rows
            .iter()
            .filter(|row| row.rank.is_some())
            .filter_map(ratio)
            .collect();
        let lags = lagging(&ratios, rule.last);
        let known = self.chain == Chain::Unbroken || (rule.weeks == 1 && self.issue.is_some());
        let known = known && self.running;
        for (row, lags) in self
            .rows
            .iter_mut()
            .filter(|row| row.rank.is_some())
            .zip(lags)
        {
            row.lagging = Some(lags);
            let before = before.get(&row.code).copied().unwrap_or(Lagged {
                weeks: 0,
                is_all: true,
            }); // not ranked: did not lag
            let weeks = if lags { 1 + before.weeks } else { 0 };
            row.lag_weeks = self.issue.map(|_| weeks);
            // Long enough is long enough; too short is so only where nothing before is left out.
            let is_told = weeks >= rule.weeks || !lags || before.is_all;
            row.summoned = Some(weeks >= rule.weeks).filter(|_| known && is_told);
        }
    }

    /// Adds ranks, changes and summonses against an earlier run.
    pub(super) fn compare(&mut self, earlier: &Earlier, scheme: &Scheme) {
        let Some(assessment) = &scheme.assessment else {
            return;
        };
        self.since = Some(earlier.as_of);
        let is_ranked = |code: &str| {
            let region = scheme.regions.get(code);
            region.is_some_and(|region| region.level == assessment.level && !region.unit)
        };
        self.look_back(&alike(earlier), is_ranked);
        let weekly = assessment
            .weekly
            .filter(|_| self.issue.is_some_and(|issue| issue > 1));
        let Some(weekly) = weekly.filter(|_| assessment.lag.is_some()) else {
            return;
        };
        let issue = weekly.issue(earlier.as_of);
        if issue.map(|issue| issue + 1) != self.issue {
            self.chain = Chain::Broken(earlier.as_of);
            return self.lag(assessment, &BTreeMap::new());
        }
        self.chain = Chain::Unbroken;
        let before = earlier
            .assessed
            .iter()
            .filter(|row| row.level == assessment.level && row.of.is_some())
            .map(|row| (row.code.clone(), Lagged::of(row, issue == Some(1))))
            .collect();
        self.lag(assessment, &before);
    }

    /// What each row had in an earlier run, and its rank then among the places that are ranked.
    fn look_back(
        &mut self,
        earlier: &BTreeMap<String, RateFigure>,
        is_ranked: impl Fn(&str) -> bool,
    ) {
        let ratio = |rate: &RateFigure| rate.of.and_then(|of| Ratio::new(rate.count, of));
        let (codes, ratios): (Vec<&str>, Vec<Ratio>) = earlier
            .iter()
            .filter(|(code, _)| is_ranked(code))
            .filter_map(|(code, rate)| Some((code.as_str(), ratio(rate)?)))
            .unzip();
        let earlier_ranks: BTreeMap<&str, u32> = codes.into_iter().zip(ranks(&ratios)).collect();
        for row in &mut self.rows {
            // Not in the earlier run: no ratio.
            let rate = earlier.get(&row.code).copied().unwrap_or_default();
            let rank = earlier_ranks.get(row.code.as_str()).copied();
            let had = ratio(&rate).filter(|_| row.whole || row.rank.is_some());
            if let Some(ratio) = had {
                row.previous = Some(Previous {
                    count: rate.count,
                    ratio,
                    rank: rank.filter(|_| !row.whole),
                });
            }
        }
    }
}

/// What the earlier run counted for the same table.
fn alike(earlier: &Earlier) -> BTreeMap<String, RateFigure> {
    let rate = |count, of| RateFigure {
        count,
        of,
        need: None,
    };
    earlier
        .assessed
        .iter()
        .map(|row| (row.code.clone(), rate(row.count, row.of)))
        .collect()
}
