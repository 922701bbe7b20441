//! 退费台账: cases by reason and refunding place, every case, and the list that goes to be signed.

use std::collections::{BTreeMap, BTreeSet};

use super::frames::Cases;
use super::heading::{Heading, heading};
use super::{Books, Sheets, Tabs, audit, closed};
use crate::domain::{CaseState, Evidence, KeptWhy, Reason};
use crate::report::sheet::{Cell, Kind, Paper, PrintedColumn, PrintedSheet, RowKind};
use crate::scheme::Under;
use crate::words::tables::{Head, Tab, TabOf, Text, Title};
use crate::words::{Label, Lang, settled_by, why_not};

/// Summary, application list, then one sheet a refunding pool.
pub(super) fn sheets<'s>(books: &'s Books<'_>) -> Sheets<'s> {
    let lang = books.contents.lang;
    let cases = &books.lists.cases;
    let pools: BTreeSet<String> = (0..cases.rows)
        .map(|row| cases.refund_pool.get(row).to_owned())
        .collect();
    let mut tabs = Tabs::default();
    let front = vec![
        summary(books, cases, tabs.name(Tab::RefundSummary.text(lang))),
        application(books, cases, &pools, tabs.name(Tab::Application.text(lang))),
        doubtful(books, cases, tabs.name(Tab::Doubtful.text(lang))),
        audit::sheet(books, tabs.name(Tab::Audit.text(lang))),
    ];
    let named: Vec<(String, String)> = pools
        .into_iter()
        .map(|pool| {
            (
                tabs.name(&format!(
                    "{}-{}",
                    TabOf::Refund.text(lang),
                    books.pool_name(&pool)
                )),
                pool,
            )
        })
        .collect();
    Box::new(
        front.into_iter().chain(
            named
                .into_iter()
                .map(move |(tab, pool)| ledger(books, cases, &pool, tab)),
        ),
    )
}

fn reason(cases: &Cases, row: usize, books: &Books<'_>) -> String {
    let code = cases.reason.get(row);
    Reason::from_code(code).map_or_else(
        || code.to_owned(),
        |reason| {
            let label = reason.label(books.contents.lang);
            if label == code {
                code.to_owned()
            } else {
                format!("{code} {label}")
            }
        },
    )
}

/// Whether money may go back.
#[derive(Clone, Copy)]
enum Answer {
    Yes,
    /// Not before somebody settles what is doubtful.
    Asked,
    No,
}

impl Answer {
    fn of(cases: &Cases, row: usize) -> Self {
        match (cases.eligible(row), cases.doubts.get(row)) {
            (true, _) => Answer::Yes,
            (false, "") => Answer::No,
            (false, _) => Answer::Asked,
        }
    }

    const fn text(self) -> Text {
        match self {
            Answer::Yes => Text::Yes,
            Answer::Asked => Text::Asked,
            Answer::No => Text::No,
        }
    }
}

#[derive(Default)]
struct Sum {
    cases: u64,
    fen: i64,
}

/// Columns of `summary`.
const SUMMARY_COLUMNS: &[Heading] = &[
    heading(Head::RefundPlace, Kind::Text),
    heading(Head::Reason, Kind::Text).at_most(34),
    heading(Head::Cases, Kind::Count),
    heading(Head::Refund, Kind::Yuan),
    heading(Head::EligibleCases, Kind::Count),
    heading(Head::EligibleRefund, Kind::Yuan),
    heading(Head::DoubtfulCases, Kind::Count),
    heading(Head::DoubtfulRefund, Kind::Yuan),
    heading(Head::RefusedCases, Kind::Count),
    heading(Head::RefusedRefund, Kind::Yuan),
];

fn summary(books: &Books<'_>, cases: &Cases, tab: String) -> PrintedSheet {
    let columns = books.columns(SUMMARY_COLUMNS);
    let mut sheet = books
        .sheet(tab, books.title(Title::Refunds), columns)
        .in_unit(books.text(Text::UnitYuan));
    books.settled(&mut sheet, Under::Refunds);
    // (pool, reason in order of precedence) → by answer
    let mut sums: BTreeMap<(&str, Option<Reason>), [Sum; 3]> = BTreeMap::new();
    for row in 0..cases.rows {
        let entry = sums
            .entry((
                cases.refund_pool.get(row),
                Reason::from_code(cases.reason.get(row)),
            ))
            .or_default();
        let sum = &mut entry[Answer::of(cases, row) as usize];
        sum.cases += 1;
        sum.fen += cases.refund_fen(row);
    }
    let mut last = None;
    for ((pool, reason), [yes, asked, no]) in &sums {
        if last != Some(*pool) {
            if last.is_some() {
                sheet.total(
                    RowKind::Subtotal,
                    (0, books.text(Text::Subtotal)),
                    Vec::new(),
                );
            }
            sheet.push(RowKind::Group, vec![Cell::text(books.pool_name(pool))]);
            last = Some(*pool);
        }
        let label = reason.map_or_else(String::new, |reason| {
            format!("{} {}", reason.code(), reason.label(books.contents.lang))
        });
        sheet.item(vec![
            Cell::text(*pool),
            Cell::text(label),
            Cell::Count(yes.cases + asked.cases + no.cases),
            Cell::Yuan(yes.fen + asked.fen + no.fen),
            Cell::Count(yes.cases),
            Cell::Yuan(yes.fen),
            Cell::Count(asked.cases),
            Cell::Yuan(asked.fen),
            Cell::Count(no.cases),
            Cell::Yuan(no.fen),
        ]);
    }
    if last.is_some() {
        sheet.total(
            RowKind::Subtotal,
            (0, books.text(Text::Subtotal)),
            Vec::new(),
        );
    }
    sheet.total(RowKind::Total, (0, books.text(Text::Total)), Vec::new());
    closed(sheet, books.text(Text::Nothing))
}

/// Eligible cases only, pool by pool with subtotals: what is printed, signed and stamped.
fn application(
    books: &Books<'_>,
    cases: &Cases,
    pools: &BTreeSet<String>,
    tab: String,
) -> PrintedSheet {
    let fill = |head| books.column(head, Kind::Fill);
    let columns = vec![
        books.column(Head::Serial, Kind::Centred),
        books.column(Head::CaseNumber, Kind::Id),
        books.column(Head::Name, Kind::Text).at_most(14),
        books.column(Head::Document, Kind::Id),
        books.column(Head::Reason, Kind::Text).at_most(18),
        books.column(Head::Voucher, Kind::Id),
        books.column(Head::PaidOn, Kind::Date),
        books.column(Head::Paid, Kind::Yuan),
        books.column(Head::Refund, Kind::Yuan),
        fill(Head::Payee).at_most(10),
        fill(Head::Account).at_most(22),
        fill(Head::Bank).at_most(16),
        fill(Head::Signed).at_most(10),
    ];
    let mut sheet = books
        .sheet(tab, books.title(Title::Application), columns)
        .in_unit(books.text(Text::UnitYuan));
    let mut serial = 0u64;
    for pool in pools {
        let rows: Vec<usize> = (0..cases.rows)
            .filter(|row| cases.eligible(*row) && cases.refund_pool.get(*row) == pool)
            .collect();
        if rows.is_empty() {
            continue;
        }
        sheet.push(
            RowKind::Group,
            vec![Cell::text(format!(
                "{} {}",
                Head::RefundPlace.text(books.contents.lang),
                books.pool_name(pool)
            ))],
        );
        for row in rows {
            serial += 1;
            let mut cells = vec![
                Cell::Ordinal(serial),
                Cell::text(cases.case.get(row)),
                Cell::text(cases.name.get(row)),
                Cell::text(cases.id.get(row)),
                Cell::text(reason(cases, row, books)),
                Cell::text(cases.voucher.get(row)),
                Cell::date(cases.paid_on.get(row)),
                Cell::Yuan(cases.paid.get(row).unwrap_or(0)),
                Cell::Yuan(cases.refund_fen(row)),
            ];
            cells.resize(13, Cell::Blank);
            sheet.item(cells);
        }
        sheet.total(
            RowKind::Subtotal,
            (2, books.text(Text::Subtotal)),
            Vec::new(),
        );
    }
    sheet.total(RowKind::Total, (2, books.text(Text::Total)), Vec::new());
    sheet
        .notes
        .push(books.text(Text::ApplicationNote).to_owned());
    books.settled(&mut sheet, Under::Refunds);
    sheet.signature = books.text(Text::ApplicationSignature).to_owned();
    closed(sheet, books.text(Text::Nothing))
}

/// Why money may not go back, or not yet.
fn reasons_against(cases: &Cases, row: usize, lang: Lang) -> String {
    let doubts = cases.doubts(row);
    if doubts.is_empty() {
        return why_not(cases.why_not.get(row), lang);
    }
    let each: Vec<&str> = doubts.iter().map(|doubt| doubt.label(lang)).collect();
    each.join(lang.pick("；", "; "))
}

/// Columns of `doubtful`.
const DOUBTFUL_COLUMNS: &[Heading] = &[
    heading(Head::Serial, Kind::Centred),
    heading(Head::CaseNumber, Kind::Id),
    heading(Head::Name, Kind::Text).at_most(14),
    heading(Head::Document, Kind::Id),
    heading(Head::RefundPlace, Kind::Text).at_most(12),
    heading(Head::Reason, Kind::Text).at_most(18),
    heading(Head::Voucher, Kind::Id),
    heading(Head::PaidOn, Kind::Date),
    heading(Head::Paid, Kind::Yuan),
    heading(Head::Refund, Kind::Yuan),
    heading(Head::Doubts, Kind::Text).at_most(30),
    heading(Head::SettledBy, Kind::Text).at_most(36),
    heading(Head::Outcome, Kind::Fill).at_most(14),
];

/// Cases that somebody has to look into before money may go back.
fn doubtful(books: &Books<'_>, cases: &Cases, tab: String) -> PrintedSheet {
    let lang = books.contents.lang;
    let columns = books.columns(DOUBTFUL_COLUMNS);
    let mut sheet = books
        .list(tab, books.title(Title::Doubtful), columns)
        .in_unit(books.text(Text::UnitYuan));
    let rows = (0..cases.rows).filter(|row| matches!(Answer::of(cases, *row), Answer::Asked));
    for (serial, row) in (1u64..).zip(rows) {
        let papers = cases.doubts(row).into_iter();
        let papers: Vec<&str> = papers.map(|doubt| settled_by(doubt, lang)).collect();
        sheet.item(vec![
            Cell::Ordinal(serial),
            Cell::text(cases.case.get(row)),
            Cell::text(cases.name.get(row)),
            Cell::text(cases.id.get(row)),
            Cell::text(books.pool_name(cases.refund_pool.get(row))),
            Cell::text(reason(cases, row, books)),
            Cell::text(cases.voucher.get(row)),
            Cell::date(cases.paid_on.get(row)),
            Cell::Yuan(cases.paid.get(row).unwrap_or(0)),
            Cell::Yuan(cases.refund_fen(row)),
            Cell::text(reasons_against(cases, row, lang)),
            Cell::text(papers.join(lang.pick("；", "; "))),
            Cell::Blank,
        ]);
    }
    sheet.total(RowKind::Total, (2, books.text(Text::Total)), Vec::new());
    closed(sheet, books.text(Text::Nothing))
}

fn ledger_columns(books: &Books<'_>) -> Vec<PrintedColumn> {
    let column = |head, kind, widest| books.column(head, kind).at_most(widest);
    vec![
        column(Head::Serial, Kind::Centred, 8),
        column(Head::Name, Kind::Text, 14),
        column(Head::Document, Kind::Id, 22),
        column(Head::KeepPool, Kind::Text, 12),
        column(Head::WrongPool, Kind::Text, 12),
        column(Head::Year, Kind::Centred, 8),
        column(Head::Paid, Kind::Yuan, 12),
        column(Head::PaidOn, Kind::Date, 12),
        column(Head::Voucher, Kind::Id, 22),
        column(Head::Reason, Kind::Text, 14),
        column(Head::Refund, Kind::Yuan, 12),
        column(Head::FirstPaidOn, Kind::Date, 12),
        column(Head::Payee, Kind::Fill, 8),
        column(Head::Account, Kind::Fill, 12),
        column(Head::Bank, Kind::Fill, 10),
        column(Head::TaxOpinion, Kind::Fill, 10),
        column(Head::BureauOpinion, Kind::Fill, 10),
        column(Head::CaseNumber, Kind::Id, 24),
        column(Head::Eligible, Kind::Centred, 8),
        column(Head::WhyNotEligible, Kind::Text, 28),
        column(Head::EventOn, Kind::Date, 12),
        column(Head::Kept, Kind::Text, 14),
        column(Head::Evidence, Kind::Text, 16),
        column(Head::State, Kind::Centred, 10),
    ]
}

fn ledger(books: &Books<'_>, cases: &Cases, pool: &str, tab: String) -> PrintedSheet {
    let lang = books.contents.lang;
    let title = format!(
        "{}（{}）",
        books.title(Title::Refunds),
        books.pool_name(pool)
    );
    let mut sheet = books
        .list(tab, &title, ledger_columns(books))
        .in_unit(books.text(Text::UnitYuan));
    let rows = (0..cases.rows).filter(|row| cases.refund_pool.get(*row) == pool);
    for (serial, row) in (1u64..).zip(rows) {
        let kept = cases.keep_pool.get(row);
        // Money that lies in the right pool was not charged in a wrong one.
        let wrong = if kept == pool { "" } else { pool };
        let evidence: Vec<String> = cases
            .evidence
            .get(row)
            .split([',', ' ', '|', ';'])
            .filter(|code| !code.is_empty())
            .map(|code| evidence(code, books))
            .collect();
        let mut cells = vec![
            Cell::Ordinal(serial),
            Cell::text(cases.name.get(row)),
            Cell::text(cases.id.get(row)),
            Cell::text(books.pool_name(kept)),
            Cell::text(books.pool_name(wrong)),
            Cell::text(books.contents.scheme.year.to_string()),
            Cell::Yuan(cases.paid.get(row).unwrap_or(0)),
            Cell::date(cases.paid_on.get(row)),
            Cell::text(cases.voucher.get(row)),
            Cell::text(reason(cases, row, books)),
            Cell::Yuan(cases.refund_fen(row)),
            Cell::date(cases.first_paid_on.get(row)),
        ];
        cells.resize(17, Cell::Blank);
        cells.extend([
            Cell::text(cases.case.get(row)),
            Cell::text(books.text(Answer::of(cases, row).text())),
            Cell::text(reasons_against(cases, row, lang)),
            Cell::date(cases.event_on.get(row)),
            Cell::text(cases.kept_why.label(row, KeptWhy::from_code, |why| {
                why.label(books.contents.lang)
            })),
            Cell::text(evidence.join(lang.pick("、", ", "))),
            Cell::text(
                cases
                    .state
                    .label(row, CaseState::from_code, |state| state.label(lang)),
            ),
        ]);
        sheet.item(cells);
    }
    sheet.total(RowKind::Total, (1, books.text(Text::Total)), Vec::new());
    sheet.signature = books.text(Text::ApplicationSignature).to_owned();
    sheet.paper = Paper::Large;
    sheet.drop_empty_columns();
    sheet
}

fn evidence(code: &str, books: &Books<'_>) -> String {
    Evidence::from_code(code).map_or_else(
        || code.to_owned(),
        |evidence| evidence.label(books.contents.lang).to_owned(),
    )
}
