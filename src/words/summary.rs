//! Summary: the closing lines of a run that a clerk can read.

use std::path::Path;

use super::in_columns::{aligned, counted};
use super::labels::Label;
use super::received::received;
use super::{Lang, grouped, listed, say};
use crate::domain::money::yuan_text;
use crate::domain::{Ratio, SourceKind};
use crate::measure::{CheckRun, Facts, Refunds, RegionFigures};
use crate::scheme::Scheme;

/// Scheme, persons, registered, primary rate, findings, refunds, checks that did not run, and where the reports are.
pub fn summary(facts: &Facts, scheme: &Scheme, folder: &Path, lang: Lang) -> String {
    let mut lines = vec![scheme.name.clone()];
    let as_of = facts.as_of;
    lines.push(say!(lang, "截至 {as_of}", "as of {as_of}"));
    lines.push(String::new());
    lines.extend(received(facts, lang));
    lines.push(String::new());
    lines.extend(aligned(&head_lines(facts, scheme, lang)));
    lines.push(String::new());
    lines.extend(finding_lines(facts, scheme, lang));
    lines.extend(not_run_lines(&facts.checks, lang));
    lines.push(String::new());
    let folder = folder.display();
    lines.push(say!(lang, "报表位置：{folder}", "reports: {folder}"));
    lines.join("\n")
}

fn head_lines(facts: &Facts, scheme: &Scheme, lang: Lang) -> Vec<(String, String)> {
    let mut pairs = vec![(
        say!(lang, "人口底册人数", "persons on the register"),
        grouped(facts.persons),
    )];
    let whole = facts
        .coverage
        .iter()
        .find(|row| row.code == scheme.regions.root());
    if let Some(whole) = whole {
        let (all, residents, employees) = (
            grouped(whole.registered()),
            grouped(whole.registered_resident),
            grouped(whole.registered_employee),
        );
        pairs.push((
            say!(lang, "参保登记人次", "registered"),
            say!(
                lang,
                "{all}（居民 {residents}，职工 {employees}）",
                "{all} (residents {residents}, employees {employees})"
            ),
        ));
        pairs.push((
            scheme.primary_rate().name.clone(),
            primary_text(whole, scheme, lang),
        ));
    }
    let Refunds {
        cases,
        eligible_fen,
        refund_fen,
        ..
    } = facts.refunds;
    let (cases, eligible, all) = (
        grouped(cases),
        yuan_text(eligible_fen),
        yuan_text(refund_fen),
    );
    pairs.push((
        say!(lang, "退费", "refunds"),
        say!(
            lang,
            "{cases} 笔，符合条件 {eligible} 元，合计 {all} 元",
            "{cases} case(s), eligible {eligible} yuan of {all} yuan in all"
        ),
    ));
    pairs
}

/// `97.97%（2,939/3,000），应达 2,940，还差 1`
fn primary_text(whole: &RegionFigures, scheme: &Scheme, lang: Lang) -> String {
    let position = scheme.rates.iter().position(|rate| rate.primary);
    let Some(figure) = position.and_then(|at| whole.rates.get(at)) else {
        return say!(lang, "无", "none");
    };
    let count = grouped(figure.count);
    let target = scheme.primary_rate().target;
    let Some((ratio, of)) = figure
        .of
        .and_then(|of| Some((Ratio::new(figure.count, of)?, of)))
    else {
        return say!(
            lang,
            "{count} 人（无分母，不计比率）",
            "{count} persons (no denominator, no rate)"
        );
    };
    let percent = target.map_or_else(
        || ratio.percent(2),
        |target| ratio.percent_against(2, target),
    );
    let of = grouped(of);
    let mut text = say!(
        lang,
        "{percent}%（{count}/{of}）",
        "{percent}% ({count}/{of})"
    );
    if let (Some(need), Some(missing)) = (figure.need, figure.missing()) {
        let (need, missing) = (grouped(need), grouped(missing));
        text += &if figure.met() == Some(true) {
            say!(lang, "，应达 {need}，已达标", ", needs {need}: reached")
        } else {
            say!(
                lang,
                "，应达 {need}，还差 {missing}",
                ", needs {need}: {missing} missing"
            )
        };
    }
    text
}

fn finding_lines(facts: &Facts, scheme: &Scheme, lang: Lang) -> Vec<String> {
    let found: Vec<&CheckRun> = facts.checks.iter().filter(|check| check.rows > 0).collect();
    let total = grouped(found.iter().map(|check| check.rows).sum());
    let mut lines = vec![say!(lang, "发现问题 {total} 条", "findings: {total}")];
    let pairs: Vec<(String, String)> = found
        .iter()
        .map(|check| {
            let level = scheme.level(check.code).label(lang);
            let (name, code) = (check.code.label(lang), check.code.code());
            (
                say!(
                    lang,
                    "  [{level}] {name} {code}",
                    "  [{level}] {name} ({code})"
                ),
                grouped(check.rows),
            )
        })
        .collect();
    lines.extend(counted(&pairs));
    lines
}

/// Checks that lacked a source, gathered by what they lacked.
fn not_run_lines(checks: &[CheckRun], lang: Lang) -> Vec<String> {
    let mut by_missing: Vec<(&[SourceKind], Vec<String>)> = Vec::new();
    for check in checks.iter().filter(|check| !check.missing.is_empty()) {
        let name = check.code.label(lang).to_owned();
        match by_missing
            .iter_mut()
            .find(|(missing, _)| *missing == check.missing.as_slice())
        {
            Some((_, names)) => names.push(name),
            None => by_missing.push((&check.missing, vec![name])),
        }
    }
    if by_missing.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![
        String::new(),
        say!(lang, "未能检查的项目", "checks that did not run"),
    ];
    for (missing, names) in by_missing {
        let missing: Vec<String> = missing
            .iter()
            .map(|source| source.label(lang).to_owned())
            .collect();
        let (missing, names) = (listed(&missing, lang), listed(&names, lang));
        lines.push(say!(
            lang,
            "  缺少“{missing}”：{names}",
            "  without {missing}: {names}"
        ));
    }
    lines
}
