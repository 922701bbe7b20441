//! The cover with its key figures, and the settings everything rests on.

use super::coverage::{rate_cell, target, whole};
use super::heading::{Heading, heading};
use super::{Books, Tabs};
use crate::domain::money::yuan_text;
use crate::domain::{Code, Days, Family, Price, Reason, Standing};
use crate::report::sheet::{Cell, Kind, Paper, PrintedSheet, RowKind};
use crate::scheme::{Rate, RefundRule};
use crate::words::tables::{
    Head, Tab, Text, Title, against, counted, exported, long_date, mark_on, out_of,
    payments_behind, without_denominator,
};
use crate::words::{self, Label};

/// Columns of `cover`.
const COVER_COLUMNS: &[Heading] = &[
    heading(Head::Figure, Kind::Text).at_most(44),
    heading(Head::Value, Kind::Count),
    heading(Head::TargetMet, Kind::Centred),
    heading(Head::Missing, Kind::Count),
    heading(Head::Remark, Kind::Text).at_most(30),
];

/// Title, as-of date and the figures a leader asks for first. No person in it.
pub(super) fn cover(books: &Books<'_>, tabs: &mut Tabs) -> PrintedSheet {
    let lang = books.contents.lang;
    let mut columns = books.columns(COVER_COLUMNS);
    columns[2].head = mark_on(books.contents.facts.as_of, lang);
    let tab = tabs.name(Tab::Cover.text(lang));
    let mut sheet = books.sheet(tab, "", columns);
    sheet.titles = vec![
        books.contents.scheme.name.clone(),
        books.title(Title::Cover).to_owned(),
    ];
    sheet.right = books.text(Text::UnitPersons).to_owned();
    sheet.paper = Paper::Portrait;
    sheet.frozen = 0;
    coverage_figures(books, &mut sheet);
    finding_figures(books, &mut sheet);
    money_figures(books, &mut sheet);
    accepted_facts(books, &mut sheet);
    sheet.signature = books.text(Text::ProgressSignature).to_owned();
    sheet
}

fn line(sheet: &mut PrintedSheet, figure: &str, value: Cell, remark: &str) {
    sheet.item(vec![
        Cell::text(figure),
        value,
        Cell::Blank,
        Cell::Blank,
        Cell::text(remark),
    ]);
}

fn coverage_figures(books: &Books<'_>, sheet: &mut PrintedSheet) {
    let lang = books.contents.lang;
    let facts = books.contents.facts;
    line(
        sheet,
        books.text(Text::PersonsInRegister),
        Cell::Count(facts.persons),
        "",
    );
    let Some(whole) = whole(books) else { return };
    line(
        sheet,
        Head::Registered.text(lang),
        Cell::Count(whole.registered()),
        "",
    );
    line(
        sheet,
        &format!("　{}", Head::Residents.text(lang)),
        Cell::Count(whole.registered_resident),
        "",
    );
    line(
        sheet,
        &format!("　{}", Head::Employees.text(lang)),
        Cell::Count(whole.registered_employee),
        "",
    );
    for (figure, rate) in whole.rates.iter().zip(&books.contents.scheme.rates) {
        sheet.item(vec![
            Cell::text(&rate.name),
            rate_cell(figure, rate, figure.met()),
            figure.met().map_or(Cell::Dash, Cell::Mark),
            Cell::count(figure.missing()),
            Cell::text(remark(books, rate, figure.of)),
        ]);
    }
    line(
        sheet,
        books.text(Text::InsuredShare),
        Cell::rate(whole.insured(), whole.register()),
        "",
    );
    line(
        sheet,
        books.text(Text::SettledShare),
        Cell::rate(whole.settled(), whole.register()),
        "",
    );
    line(
        sheet,
        Standing::Uninsured.label(lang),
        Cell::Count(whole.standing(Standing::Uninsured)),
        "",
    );
    line(
        sheet,
        Standing::InTransit.label(lang),
        Cell::Count(whole.standing(Standing::InTransit)),
        books.text(Text::NotCounted),
    );
    line(
        sheet,
        books.text(Text::ExportedDays),
        Cell::Blank,
        &exported(facts.exported, lang),
    );
}

/// Target and denominator of a rate; or that there is none.
fn remark(books: &Books<'_>, rate: &Rate, of: Option<u64>) -> String {
    let lang = books.contents.lang;
    let against = against(rate.against, lang);
    match of {
        Some(_) => format!("{}{}", target(books, rate), out_of(against, lang)),
        None => without_denominator(&rate.name, against, lang),
    }
}

fn finding_figures(books: &Books<'_>, sheet: &mut PrintedSheet) {
    let checks = &books.contents.facts.checks;
    sheet.push(
        RowKind::Group,
        vec![Cell::text(books.title(Title::Findings))],
    );
    for of in Family::ALL {
        let rows = checks
            .iter()
            .filter(|check| check.code.family() == *of)
            .map(|check| check.rows)
            .sum();
        line(sheet, of.label(books.contents.lang), Cell::Count(rows), "");
    }
    sheet.total(
        RowKind::Subtotal,
        (0, books.text(Text::FindingsTotal)),
        Vec::new(),
    );
    let not_run = checks
        .iter()
        .filter(|check| !check.missing.is_empty())
        .count() as u64;
    line(
        sheet,
        books.text(Text::ChecksNotRun),
        Cell::Count(not_run),
        Tab::ChecksRun.text(books.contents.lang),
    );
    if let Some(days) = books.contents.facts.exported.payments_behind() {
        let mut unpaid = checks
            .iter()
            .filter(|check| check.code == Code::RegisteredNotPaid);
        let rows = unpaid.next().map_or(0, |check| check.rows);
        let figure = payments_behind(days, books.contents.lang);
        line(sheet, &figure, Cell::Count(rows), "");
    }
}

fn money_figures(books: &Books<'_>, sheet: &mut PrintedSheet) {
    let cases = &books.lists.cases;
    let eligible: Vec<usize> = (0..cases.rows).filter(|row| cases.eligible(*row)).collect();
    let title = |title| vec![Cell::text(books.title(title))];
    sheet.push(RowKind::Group, title(Title::Refunds));
    let all = (0..cases.rows).map(|row| cases.refund_fen(row)).sum();
    let fen = eligible.iter().map(|row| cases.refund_fen(*row)).sum();
    let doubtful: Vec<usize> = (0..cases.rows)
        .filter(|row| !cases.doubts(*row).is_empty())
        .collect();
    let doubtful_fen = doubtful.iter().map(|row| cases.refund_fen(*row)).sum();
    for (figure, inset, cell) in [
        (Text::RefundCases, "", Cell::Count(cases.rows as u64)),
        (
            Text::RefundEligible,
            "　",
            Cell::Count(eligible.len() as u64),
        ),
        (
            Text::RefundDoubtful,
            "　",
            Cell::Count(doubtful.len() as u64),
        ),
        (Text::RefundFen, "", Cell::Yuan(all)),
        (Text::RefundEligibleFen, "　", Cell::Yuan(fen)),
        (Text::RefundDoubtfulFen, "　", Cell::Yuan(doubtful_fen)),
    ] {
        line(sheet, &format!("{inset}{}", books.text(figure)), cell, "");
    }
    if !books.contents.facts.funding.is_empty() {
        sheet.push(RowKind::Group, title(Title::Subsidies));
        let fen = books.contents.facts.funding.iter().map(|row| row.fen).sum();
        line(sheet, books.text(Text::GrantsFen), Cell::Yuan(fen), "");
    }
}

/// What is grave about the books and was accepted, in words.
fn accepted_facts(books: &Books<'_>, sheet: &mut PrintedSheet) {
    let accepted = &books.contents.facts.accepted;
    if accepted.is_empty() {
        return;
    }
    sheet.push(RowKind::Group, vec![Cell::text(books.text(Text::Accepted))]);
    for one in accepted {
        let what = words::accepted(one, books.contents.lang);
        line(sheet, &what, Cell::Blank, one.code().code());
    }
}

/// What the figures rest on: the notice, and every default that was chosen where it is silent.
pub(super) fn settings(books: &Books<'_>, tabs: &mut Tabs) -> PrintedSheet {
    let lang = books.contents.lang;
    let columns = vec![
        books.column(Head::Setting, Kind::Text).at_most(40),
        books.column(Head::Remark, Kind::Text).at_most(60),
    ];
    let tab = tabs.name(Tab::Basis.text(lang));
    let mut sheet = books.sheet(tab, books.title(Title::Basis), columns);
    sheet.paper = Paper::Portrait;
    for (setting, value) in setting_lines(books) {
        sheet.item(vec![Cell::text(setting), Cell::text(value)]);
    }
    sheet
}

fn setting_lines(books: &Books<'_>) -> Vec<(String, String)> {
    let lang = books.contents.lang;
    let scheme = books.contents.scheme;
    let yuan = |fen| format!("{}{}", yuan_text(fen), books.text(Text::YuanAYear));
    let days = |days: Days| {
        format!(
            "{} – {}",
            long_date(days.from, lang),
            long_date(days.to, lang)
        )
    };
    let fiscal = scheme
        .fiscal
        .map_or_else(|| books.text(Text::SetFiscalUnknown).to_owned(), yuan_text);
    let pool = if scheme.pool_digits == 4 {
        Text::SetPoolCity
    } else {
        Text::SetPoolCounty
    };
    let insured = if scheme.insured_when_paid {
        Text::SetInsuredPaid
    } else {
        Text::SetInsuredRegistered
    };
    let mut lines: Vec<(String, String)> = [
        (Text::SetBasis, scheme.basis.clone()),
        (Text::SetYear, scheme.year.to_string()),
        (Text::SetPremium, yuan_text(scheme.premium)),
        (Text::SetFiscal, fiscal),
        (Text::SetWindow, days(scheme.window)),
        (Text::SetBenefit, days(scheme.benefit)),
        (Text::SetPool, books.text(pool).to_owned()),
        (Text::SetInsured, books.text(insured).to_owned()),
        (Text::SetRoster, roster_days(books)),
        (
            Text::SetRefund,
            books.text(Text::SetRefundDefault).to_owned(),
        ),
    ]
    .map(|(setting, value)| (books.text(setting).to_owned(), value))
    .into();
    lines.extend(entry_lines(books));
    for rule in &scheme.refunds {
        lines.push((
            format!("{} {}", books.text(Text::SetRefund), rule.reason.code()),
            refund_limit(books, rule),
        ));
    }
    for rate in &scheme.rates {
        let primary = if rate.primary {
            books.text(Text::SetPrimary)
        } else {
            ""
        };
        let covers: Vec<&str> = rate
            .covers
            .iter()
            .map(|cover| match cover {
                crate::domain::Cover::Resident => Head::Residents.text(lang),
                crate::domain::Cover::Employee | crate::domain::Cover::OtherCover => {
                    Head::Employees.text(lang)
                }
            })
            .collect();
        let value = format!(
            "{} [{}] ÷ {}; {}",
            counted(rate.count, lang),
            covers.join(" + "),
            against(rate.against, lang),
            target(books, rate)
        );
        lines.push((format!("{}{primary}", rate.name), value));
    }
    for category in &scheme.categories {
        let payer = if category.payer.is_empty() {
            String::new()
        } else {
            format!(" ({})", category.payer)
        };
        lines.push((
            format!("{} {}", books.text(Text::SetCategory), category.name),
            format!("{}{payer}", yuan(category.grant)),
        ));
    }
    lines.push((
        books.text(Text::SetDigest).to_owned(),
        scheme.digest.chars().take(16).collect(),
    ));
    lines
}

/// What decides about entries, where the scheme has such rules.
fn entry_lines(books: &Books<'_>) -> Vec<(String, String)> {
    let lang = books.contents.lang;
    let scheme = books.contents.scheme;
    let rules = &scheme.entries;
    let line = |setting: Text, value: String| (books.text(setting).to_owned(), value);
    let mut lines = Vec::new();
    if scheme.late.iter().any(|rule| rule.price == Price::TwoYears) {
        lines.push(line(Text::SetPrevious, yuan_text(rules.previous)));
    }
    lines.extend(
        rules
            .granted_until
            .map(|day| line(Text::SetGrantedUntil, long_date(day, lang))),
    );
    if let Some(students) = &rules.students {
        let mut value = format!(
            "{} – {}",
            long_date(students.days.from, lang),
            long_date(students.days.to, lang)
        );
        value += &format!(
            "; {} {}",
            books.text(Text::SetPayWithin),
            students.pay_within_months
        );
        if let Some(until) = students.graduates_until {
            value += &format!(
                "; {} {}",
                books.text(Text::SetGraduates),
                long_date(until, lang)
            );
        }
        lines.push(line(
            Text::SetStudents,
            format!("{value}; {}", students.clause),
        ));
    }
    lines.extend(rules.waiting.map(|waiting| {
        let of = [
            waiting.fixed_months,
            waiting.months_a_broken_year,
            waiting.long_break_years,
            waiting.long_break_months,
        ];
        let [fixed, a_year, long, least] = of;
        let value = format!(
            "{fixed} + n × {a_year}; n ≥ {long}: ≥ {fixed} + {least} ({})",
            books.text(Text::SetWaitingRule)
        );
        line(Text::SetWaiting, value)
    }));
    for rule in &scheme.late {
        let value = super::entries::rule_in_words(books, rule);
        lines.push((books.text(Text::SetLate).to_owned(), value));
    }
    lines
}

fn roster_days(books: &Books<'_>) -> String {
    let lang = books.contents.lang;
    let rule = books.contents.scheme.roster;
    let payment = rule
        .payment_day
        .then(|| books.text(Text::SetPaymentDay).to_owned());
    let cut_off = rule
        .cut_off
        .map(|day| format!("{} {}", books.text(Text::SetCutOff), long_date(day, lang)));
    payment
        .into_iter()
        .chain(cut_off)
        .collect::<Vec<_>>()
        .join(lang.pick("、", ", "))
}

fn refund_limit(books: &Books<'_>, rule: &RefundRule) -> String {
    let lang = books.contents.lang;
    let limit = match rule.before {
        None => books.text(Text::SetRefundAny).to_owned(),
        Some(day) => format!(
            "{}{}",
            books.text(Text::SetRefundBefore),
            long_date(day, lang)
        ),
    };
    format!(
        "{}: {limit}; {}",
        Reason::label(rule.reason, lang),
        rule.clause
    )
}
