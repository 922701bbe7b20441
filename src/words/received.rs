//! What lay in the folder, in a few lines on the screen: what counts, what does not, and what is otherwise than last time.

use super::in_columns::aligned;
use super::labels::Label;
use super::tables::exported;
use super::{Lang, grouped, say};
use crate::archive::{HeldBook, LastRun};
use crate::domain::money::yuan_text;
use crate::domain::period::day_of_epoch;
use crate::domain::{Fate, SourceKind};
use crate::measure::Facts;

/// Files named one by one; of more, only how many.
const NAMED: usize = 12;

/// 采用, 未采用, 与上次相比.
pub(super) fn received(facts: &Facts, lang: Lang) -> Vec<String> {
    let books = books(facts);
    let mut lines = vec![say!(lang, "采用", "used")];
    let pairs: Vec<(String, String)> = books.iter().map(|book| book.line(lang)).collect();
    lines.extend(aligned(&pairs));
    lines.push(format!("  {}", exported(facts.exported, lang)));
    let unused = unused(facts, lang);
    if !unused.is_empty() {
        lines.push(say!(lang, "未采用", "not used"));
        lines.extend(unused);
    }
    lines.extend(compared(&books, facts.last.as_ref(), lang));
    lines
}

/// What the sheets of one source come to.
struct Received {
    files: usize,
    held: HeldBook,
    days: Option<(i32, i32)>,
}

impl Received {
    fn line(&self, lang: Lang) -> (String, String) {
        let (files, rows) = (self.files, grouped(self.held.rows));
        let mut text = say!(
            lang,
            "{files} 个文件，{rows} 行",
            "{files} file(s), {rows} rows"
        );
        if let Some((first, last)) = self.days {
            let (first, last) = (day_of_epoch(first), day_of_epoch(last));
            text += &say!(lang, "，缴费 {first} 至 {last}", ", paid {first} to {last}");
        }
        if let Some(fen) = self.held.fen {
            let yuan = yuan_text(fen);
            text += &say!(lang, "，{yuan} 元", ", {yuan} yuan");
        }
        (format!("  {}", self.held.source.label(lang)), text)
    }
}

/// Source by source, in their order.
fn books(facts: &Facts) -> Vec<Received> {
    let mut books: Vec<Received> = Vec::new();
    let mut last_file = "";
    for (origin, fates, account) in facts.received() {
        if books.last().map(|book| book.held.source) != Some(origin.source) {
            last_file = "";
            books.push(Received {
                files: 0,
                held: HeldBook {
                    source: origin.source,
                    rows: 0,
                    fen: None,
                },
                days: None,
            });
        }
        let Some(book) = books.last_mut() else {
            continue;
        }; // there is one by now
        book.files += usize::from(origin.file != last_file);
        last_file = &origin.file;
        book.held.rows += fates.of(Fate::Used);
        if let Some((first, last)) = account.days {
            let (from, to) = book.days.unwrap_or((first, last));
            book.days = Some((from.min(first), to.max(last)));
            book.held.fen = Some(book.held.fen.unwrap_or(0) + account.fen); // none so far
        }
    }
    books
}

/// Files of which no row counts, and those that nobody claims.
fn unused(facts: &Facts, lang: Lang) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    let received = facts.received();
    for sheets in received.chunk_by(|a, b| (a.0.source, &a.0.file) == (b.0.source, &b.0.file)) {
        let sum = |of: Fate| sheets.iter().map(|(_, fates, _)| fates.of(of)).sum::<u64>();
        let read: u64 = sheets.iter().map(|(origin, ..)| origin.rows_read).sum();
        if read == 0 || sum(Fate::Used) + sum(Fate::IdUnusable) > 0 {
            continue;
        }
        let most = Fate::ALL.iter().max_by_key(|fate| sum(**fate));
        let why = most.map_or("", |fate| fate.label(lang));
        let file = &sheets[0].0.file;
        named.push(say!(lang, "  {file}：{why}", "  {file}: {why}"));
    }
    let unclaimed = facts.unclaimed.iter();
    named.extend(unclaimed.map(|file| {
        say!(
            lang,
            "  {file}：没有来源认领",
            "  {file}: no source claims it"
        )
    }));
    let more = named.len().saturating_sub(NAMED);
    named.truncate(NAMED);
    if more > 0 {
        named.push(say!(
            lang,
            "  还有 {more} 个，见数据来源",
            "  {more} more, see the sheet of sources"
        ));
    }
    named
}

/// Source by source, where something is otherwise than in the last run.
fn compared(books: &[Received], last: Option<&LastRun>, lang: Lang) -> Vec<String> {
    let Some(last) = last else { return Vec::new() };
    let as_of = last.as_of;
    let mut lines = vec![say!(
        lang,
        "与上次（{as_of}）相比",
        "beside the last run ({as_of})"
    )];
    let Some(before) = &last.books else {
        lines.push(say!(
            lang,
            "  上次的 received.csv 读不懂，没有比较",
            "  its received.csv makes no sense: nothing is compared"
        ));
        return lines;
    };
    let now = |source| books.iter().find(|book| book.held.source == source);
    let was = |source| before.iter().find(|book| book.source == source);
    let pairs: Vec<(String, String)> = SourceKind::ALL
        .iter()
        .filter_map(|source| {
            let text = change(now(*source).map(|book| &book.held), was(*source), lang)?;
            Some((format!("  {}", source.label(lang)), text))
        })
        .collect();
    if pairs.is_empty() {
        lines.push(say!(
            lang,
            "  行数、金额都没有变",
            "  as many rows and yuan"
        ));
    }
    lines.extend(aligned(&pairs));
    lines
}

/// `多 120 行，多 38,400.00 元`; nothing where nothing changed.
fn change(now: Option<&HeldBook>, was: Option<&HeldBook>, lang: Lang) -> Option<String> {
    let (now, was) = match (now, was) {
        (None, None) => return None,
        (Some(_), None) => return Some(say!(lang, "上次没有", "was not there")),
        (None, Some(_)) => return Some(say!(lang, "这次没有", "is not there")),
        (Some(now), Some(was)) => (now, was),
    };
    let mut parts = Vec::new();
    let rows = grouped(now.rows.abs_diff(was.rows));
    match now.rows.cmp(&was.rows) {
        std::cmp::Ordering::Greater => parts.push(say!(lang, "多 {rows} 行", "{rows} rows more")),
        std::cmp::Ordering::Less => parts.push(say!(lang, "少 {rows} 行", "{rows} rows less")),
        std::cmp::Ordering::Equal => {}
    }
    let fen = now.fen.unwrap_or(0) - was.fen.unwrap_or(0); // a book without money has none
    let yuan = yuan_text(fen.abs());
    match fen.cmp(&0) {
        std::cmp::Ordering::Greater => parts.push(say!(lang, "多 {yuan} 元", "{yuan} yuan more")),
        std::cmp::Ordering::Less => parts.push(say!(lang, "少 {yuan} 元", "{yuan} yuan less")),
        std::cmp::Ordering::Equal => {}
    }
    (!parts.is_empty()).then(|| parts.join(lang.pick("，", ", ")))
}
