//! Words under the tables of the assessment: what was set, what was taken where the notice is silent, and what could not be judged.

use chrono::{NaiveDate, Weekday};

use super::tables::long_date;
use super::{Label, Lang, listed, say};
use crate::domain::money::yuan_text;
use crate::domain::{Cover, Ratio};
use crate::measure::Assessed;
use crate::measure::assessment::Chain;
use crate::scheme::assessment::{
    Average, FundRule, LagRule, Last, PersonsAt, ScoreRule, Steps, Weekly,
};
use crate::scheme::{Assessment, Count, Scheme};

/// `98%`, `97.5%`: a declared share without idle zeros.
pub fn share(share: Ratio) -> String {
    format!("{}%", plain(&share.percent(7)))
}

/// `0.1`, `6`: a declared decimal without idle zeros.
fn number(decimal: Ratio) -> String {
    plain(&decimal.decimals(9)).to_owned()
}

fn plain(decimal: &str) -> &str {
    decimal.trim_end_matches('0').trim_end_matches('.')
}

/// `每周三`.
pub const fn every(weekday: Weekday, lang: Lang) -> &'static str {
    match weekday {
        Weekday::Mon => lang.pick("每周一", "every Monday"),
        Weekday::Tue => lang.pick("每周二", "every Tuesday"),
        Weekday::Wed => lang.pick("每周三", "every Wednesday"),
        Weekday::Thu => lang.pick("每周四", "every Thursday"),
        Weekday::Fri => lang.pick("每周五", "every Friday"),
        Weekday::Sat => lang.pick("每周六", "every Saturday"),
        Weekday::Sun => lang.pick("每周日", "every Sunday"),
    }
}

/// Behind the title: `（第3期）`, or that the day is none of issue.
pub fn issue(assessed: &Assessed, assessment: &Assessment, lang: Lang) -> String {
    match (assessed.issue, assessment.weekly) {
        (Some(number), _) => say!(lang, "（第{number}期）", " (issue {number})"),
        (None, Some(_)) => lang.pick("（非通报日）", " (no day of issue)").to_owned(),
        (None, None) => String::new(),
    }
}

/// A rate of registrations, as far as they are paid: the assessment counts payments.
pub fn by_payment(rate: &str, lang: Lang) -> String {
    say!(lang, "{rate}（按缴费）", "{rate} (by payment)")
}

/// How persons were counted, on which day.
pub fn counting(
    scheme: &Scheme,
    assessment: &Assessment,
    as_of: NaiveDate,
    lang: Lang,
) -> Vec<String> {
    let rate = scheme.assessed_rate();
    let day = long_date(assessment.closing(as_of), lang);
    let whom = match rate.count {
        Count::Registered | Count::Paid => lang.pick(
            "在本地正常参保登记的人员（每人计一次，兼有职工、居民登记的计职工）",
            "persons normally registered here (each once; employee before resident)",
        ),
        Count::Insured => lang.pick(
            "底册人口中在任何地方参保的人员（每人计一次）",
            "persons of the register insured anywhere (each once)",
        ),
    };
    let covers: Vec<String> = rate
        .covers
        .iter()
        .map(|cover: &Cover| cover.label(lang).to_owned())
        .collect();
    let covers = listed(&covers, lang);
    let mut notes = vec![say!(
        lang,
        "计数口径：{whom}，险种：{covers}；居民须在{day}前（含当日）在参保地缴费，应缴为0或已登记资助的须已在册；职工按参保关系起始日，未写起始日的计入。只看当日：其后退费、死亡、停保的仍计入，其后才收到的当日以前的缴费也计入。当日已死亡、证件号码不可用、缴费日期不明的不计。分母与达标数同进度表。",
        "Counted: {whom}, cover: {covers}. A resident counts when paid in the pool of the registration by {day}; who owes nothing, or has a recorded subsidy, when on a roster by then; an employee when the relation has begun or states no day. Only that day is asked: what was taken back, ended or died later counts, and so does a payment of that time that arrived later. Not counted: those dead by then, unusable numbers, payments without a day. Denominator and need are those of the progress table."
    )];
    if let Some(cut_off) = assessment.cut_off {
        let day = long_date(cut_off, lang);
        notes.push(if as_of < cut_off {
            say!(
                lang,
                "考核截止日为{day}，尚未到期，本表为截至统计日的进度。",
                "Work counts until {day}, which has not come: this is the progress so far."
            )
        } else {
            say!(
                lang,
                "考核截止日为{day}，以后缴费、登记的不计入考核。",
                "Work counts until {day}; what came later is not in this table."
            )
        });
    }
    notes
}

/// Day of issue, what the changes are against, what lagging is, and whether it could be judged.
pub fn weekly(assessed: &Assessed, assessment: &Assessment, lang: Lang) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(Weekly { weekday, first }) = assessment.weekly {
        let (every, first) = (every(weekday, lang), long_date(first, lang));
        notes.push(say!(
            lang,
            "通报日：{every}，首期为{first}。",
            "Issued {every}, first on {first}."
        ));
    }
    notes.push(since(assessed, lang));
    if let Some(rule) = assessment.lag {
        notes.push(lag(rule, lang));
        notes.extend(chain(assessed, rule, lang));
        if !assessed.running {
            notes.push(
                lang.pick(
                    "考核截止已满一周，名次不再变动，不判定约谈。",
                    "The cut-off is a week ago and nothing moves any more: nobody is summoned.",
                )
                .to_owned(),
            );
        }
    }
    notes
}

fn since(assessed: &Assessed, lang: Lang) -> String {
    match assessed.since {
        None => lang
            .pick(
                "未指定上一期报表（--since），不列升降和增减。",
                "No earlier report was named (--since): no changes are shown.",
            )
            .to_owned(),
        Some(day) => {
            let day = long_date(day, lang);
            say!(
                lang,
                "升降、增减与{day}一期相比，两期计数口径相同。",
                "Changes are against {day}, which counted in the same way."
            )
        }
    }
}

fn lag(rule: LagRule, lang: Lang) -> String {
    let weeks = rule.weeks;
    let last = match rule.last {
        Last::Places(places) => say!(lang, "末{places}名", "the last {places}"),
        Last::Share(of) => {
            let share = share(of);
            say!(
                lang,
                "末{share}（至少1个）",
                "the last {share}, at least one"
            )
        }
    };
    say!(
        lang,
        "排名落后：参加排名单位的{last}，名次并列的都算；连续{weeks}期（每期相隔7天）落后的约谈。",
        "Lagging: {last} of those ranked, all that tie included; summoned when lagging in {weeks} consecutive issues, seven days apart."
    )
}

fn chain(assessed: &Assessed, rule: LagRule, lang: Lang) -> Option<String> {
    let said = match assessed.chain {
        Chain::Unbroken => return None,
        _ if rule.weeks == 1 && assessed.issue.is_some() => return None,
        Chain::NoIssue => lang.pick(
            "统计日不是通报日，不判定约谈。",
            "The as-of date is no day of issue: nobody is summoned.",
        ),
        Chain::FirstIssue => lang.pick(
            "本期为首期，没有上一期，不判定约谈。",
            "The first issue: there is none before, nobody is summoned.",
        ),
        Chain::NoEarlier => lang.pick(
            "未指定上一期报表（--since），不判定约谈。",
            "No earlier report was named (--since): nobody is summoned.",
        ),
        Chain::Broken(day) => {
            let day = long_date(day, lang);
            return Some(say!(
                lang,
                "不连续：所指定的报表（{day}）不是7天前的上一期，不判定约谈。",
                "Not consecutive: the report named ({day}) is not the issue of seven days before; nobody is summoned."
            ));
        }
    };
    Some(said.to_owned())
}

/// Tiers, score, work money, criticism and clinics as they are set.
pub fn assessment(
    assessment: &Assessment,
    scheme: &Scheme,
    as_of: NaiveDate,
    lang: Lang,
) -> Vec<String> {
    let mut notes = Vec::new();
    if assessment.criticise {
        let due = if assessment.is_due(scheme.window.to, as_of) {
            lang.pick("。", ".")
        } else {
            lang.pick(
                "；考核未到期，暂不列。",
                "; the day has not come, so none is named yet.",
            )
        };
        notes.push(say!(
            lang,
            "通报批评：完成数少于达标数的单位{due}",
            "Criticised: places that count fewer than are needed{due}"
        ));
    }
    notes.extend(tiers(assessment, scheme, lang));
    notes.extend(assessment.score.as_ref().map(|rule| score(rule, lang)));
    notes.extend(assessment.fund.map(|rule| fund(rule, lang)));
    notes.extend(assessment.clinic_below.map(|below| clinic(below, lang)));
    notes
}

/// `第1档`.
pub fn tier_name(at: usize, lang: Lang) -> String {
    let number = at + 1;
    say!(lang, "第{number}档", "tier {number}")
}

fn tiers(assessment: &Assessment, scheme: &Scheme, lang: Lang) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for (at, tier) in assessment.tiers.iter().enumerate() {
        let (name, by, share, yuan) = (
            tier_name(at, lang),
            long_date(tier.by, lang),
            share(tier.at_least),
            yuan_text(tier.fen),
        );
        let groups: Vec<String> = tier
            .groups
            .iter()
            .map(|group| scheme.groups[*group].name.clone())
            .collect();
        let groups = match groups.as_slice() {
            [] => String::new(),
            names => {
                let names = listed(names, lang);
                say!(lang, "，且{names}全部参保", ", and all of {names} insured")
            }
        };
        notes.push(say!(
            lang,
            "{name}：{by}前（含）完成率{share}（含）以上{groups}，每人{yuan}元。",
            "{name}: {share} or more by {by}{groups}: {yuan} yuan a person."
        ));
    }
    if !notes.is_empty() {
        let persons = match assessment.persons_at {
            PersonsAt::TierDay => {
                lang.pick("该档截止日的参保人数", "the persons of the tier's day")
            }
            PersonsAt::CutOff => {
                lang.pick("考核截止日的参保人数", "the persons of the cut-off day")
            }
        };
        notes.push(say!(
            lang,
            "奖补按先后取第一个达到的档次，金额 = 每人标准 × {persons}；档次截止日未到的，暂按统计日测算并注明“未到期”。某群体无在册人员的视为全部参保。",
            "The first tier reached counts; the amount is the yuan a person times {persons}. A tier whose day has not come is measured on the as-of date and marked 'not due'. A group without persons is fulfilled."
        ));
    }
    notes
}

fn score(rule: &ScoreRule, lang: Lang) -> String {
    let (points, full, above, below) = (
        number(rule.points),
        share(rule.full_at),
        number(rule.above),
        number(rule.below),
    );
    let zero = rule.zero_below.map_or_else(String::new, |zero| {
        let zero = share(zero);
        say!(lang, "，低于{zero}的不计分", ", nothing below {zero}")
    });
    let steps = match rule.steps {
        Steps::Linear => lang.pick(
            "不足一个百分点的按比例计",
            "parts of a point count in proportion",
        ),
        Steps::Started => lang.pick(
            "下降不足一个百分点的按一个扣，上浮不足的不加",
            "a started point deducts whole, only a full one adds",
        ),
        Steps::Full => lang.pick("不足一个百分点的不加不扣", "only full points count"),
    };
    say!(
        lang,
        "得分：完成率{full}记{points}分，每上浮一个百分点加{above}分（不封顶），每下降一个百分点扣{below}分{zero}；{steps}。",
        "Score: {points} at {full}, {above} more for each percentage point above without a cap, {below} less for each below{zero}; {steps}."
    )
}

/// How several places come to one score.
pub const fn average(rule: &ScoreRule, lang: Lang) -> &'static str {
    match rule.average {
        Average::Score => lang.pick(
            "得分为所联各单位得分的平均值（不是平均参保率的得分，二者在不计分线附近不同）；没有分母的单位不计。",
            "The score is the mean of the places' scores, not the score of their mean rate; places without a denominator are left out.",
        ),
        Average::Rate => lang.pick(
            "得分为所联各单位平均参保率的得分（不是各单位得分的平均值）；没有分母的单位不计。",
            "The score is that of the places' mean rate, not the mean of their scores; places without a denominator are left out.",
        ),
    }
}

fn fund(rule: FundRule, lang: Lang) -> String {
    let yuan = yuan_text(rule.fen);
    let whom = if rule.employees_too {
        lang.pick("居民和职工参保人数", "residents and employees counted")
    } else {
        lang.pick("居民参保人数", "residents counted")
    };
    say!(
        lang,
        "工作经费：{whom} × {yuan}元，合计含“其他”（尚未落到单位的人员）。",
        "Work money: {whom} × {yuan} yuan; the total includes 'other', whom no place is known for."
    )
}

/// Which clinics are listed.
pub fn clinic(below: Ratio, lang: Lang) -> String {
    let share = share(below);
    say!(
        lang,
        "卫生室：完成率低于{share}（不含）的单位，其定点村卫生室列入名单，是否取消定点由医保局决定。",
        "Clinics: those of places below {share} are listed; the bureau decides."
    )
}
