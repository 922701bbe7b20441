//! A csv or txt file as one sheet.

pub(in crate::intake) mod decoding;
pub(in crate::intake) mod separated;

use rayon::prelude::*;

use crate::domain::Refusal;
use crate::intake::Beside;
use crate::intake::Borrowed;
use crate::intake::Handed;
use crate::intake::Origin;
use crate::intake::Sheet;
use crate::intake::Taker;
use crate::intake::book::{self, Trouble};
use crate::intake::cell::{self, Cells};
use crate::intake::header::{self, Ask, Found, HEAD_CELLS, HEAD_ROWS, Header};
use crate::intake::rows::{Gathered, Plan, Row, Store};
use crate::intake::sheets::held::MOST_COLUMNS;
use crate::intake::sheets::lines::{Hidden, Lines};
use crate::intake::sheets::scroll::{self, Scroll, Way};
use separated::{Dialect, Records, Unsplit};

/// Least bytes of text in a part: every part becomes a chunk of each column, and many small ones slow the later rooms.
const PART_BYTES: usize = 2 << 20;

/// Parts for every core: enough that none waits long for the last.
const PARTS_PER_CORE: usize = 4;

/// The first records of a text, and where the next one begins.
struct Head<'t> {
    rows: Vec<Cells<'t>>,
    lines: Vec<u32>,
    ends: Vec<(usize, u32)>,
}

impl Head<'_> {
    /// Whether nothing stands below it.
    fn is_whole(&self, text: &str) -> bool {
        self.ends.last().is_none_or(|(end, _)| *end >= text.len())
    }
}

fn refusal(file: &str, why: Unsplit) -> Refusal {
    let file = file.to_owned();
    match why {
        Unsplit::Unclosed(row) => Refusal::UnclosedQuote { file, row },
        Unsplit::TooWide(row) => Refusal::TooManyColumns { file, row, limit: u64::from(MOST_COLUMNS) },
    }
}

/// Reads a text file: its encoding and separator are found, its header too.
pub(in crate::intake) fn read(
    ask: Ask<'_>,
    mut origin: Origin,
    bytes: &[u8],
    taker: Option<&dyn Taker>,
) -> Result<Sheet, Trouble> {
    let file = origin.file.clone();
    let has_header = |text: &str| matches!(understood(ask, text), Ok((.., Found::Header(_))));
    let decoded = decoding::decode(bytes, has_header).map_err(|row| Refusal::Undecodable { file: file.clone(), row })?;
    origin.encoding = decoded.encoding.to_owned();
    let text: &str = &decoded.text;
    let unsplit = |why| refusal(&file, why);

    let (dialect, head, found) = understood(ask, text).map_err(unsplit)?;
    if let Some(seen) = ask.seen {
        seen.rows("", &head.rows, &head.lines);
    }
    if head.is_whole(text) && head.rows.iter().flatten().all(|c| cell::trimmed(c).is_empty()) {
        return Err(Refusal::EmptySheet { file, sheet: String::new() }.into());
    }
    if let Some(refusal) = book::refusal(ask, &origin, &found, |at| head.lines[at]) {
        return Err(refusal.into());
    }
    let Found::Header(header) = found else { unreachable!("everything else was refused") };
    match in_parts(ask, &origin, text, dialect, &header, &head, taker)? {
        Some(sheet) => Ok(sheet),
        None => from_top_to_bottom(ask, &origin, text, dialect, &header),
    }
}

/// The rows below the header, on all cores. Nothing if another header stands among them: what holds below it cannot be
/// known in another part.
fn in_parts(
    ask: Ask<'_>,
    origin: &Origin,
    text: &str,
    dialect: Dialect,
    header: &Header,
    head: &Head<'_>,
    taker: Option<&dyn Taker>,
) -> Result<Option<Sheet>, Trouble> {
    let unsplit = |why| Trouble::from(refusal(&origin.file, why));
    let plan = Plan::new(ask, header, &head.rows[..header.end()]);
    let mut titles = Gathered::new(&plan, 0);
    let (fates, mut tables) = scroll::above(ask, header, &head.rows, &head.lines);
    head.rows.iter().zip(fates).for_each(|(row, fate)| titles.take_aside(row, fate));
    let row = scroll::header_row(header, &head.lines);
    tables.extend(header.neighbours.iter().map(|other| scroll::side_table(other, row, &head.lines)));

    let (from, line) = head.ends[header.end() - 1];
    let rest = text.get(from..).unwrap_or("");
    // Rows that are handed on stand in memory part by part: all parts are small.
    let in_memory = PART_BYTES.max(rest.len() / (PARTS_PER_CORE * rayon::current_num_threads()));
    let size = if taker.is_some() { PART_BYTES } else { in_memory };
    let parts = separated::parts(rest, line, size, dialect).map_err(unsplit)?;
    let handed = taker.map(|taker| (taker, taker.begin(&titles.opening(origin, plan.columns()))));
    let ends: Vec<u32> = parts.iter().skip(1).map(|(_, line)| *line).collect();
    let gathered: Result<Vec<Option<Gathered>>, Trouble> = parts
        .into_par_iter()
        .enumerate()
        .map(|(at, (part, line))| {
            let Some((taker, ticket)) = handed else {
                let gathered = Gathered::new(&plan, part.len() / 100);
                return gather(gathered, &plan, part, line, dialect).map_err(unsplit);
            };
            let lines = ends.get(at).map_or_else(|| separated::lines(part, dialect), |end| (end - line) as usize);
            let gathered = Gathered::borrowing(&plan, lines);
            let Some(gathered) = gather_borrowing(gathered, &plan, part, line, dialect).map_err(unsplit)? else {
                return Ok(None);
            };
            let (rows, rest) = gathered.split(&plan);
            taker.take(ticket, Handed::Borrowed(rows)).map_err(Trouble::Broken)?;
            Ok(Some(rest))
        })
        .collect();
    let Some(gathered) = gathered?.into_iter().collect::<Option<Vec<Gathered>>>() else {
        if let Some((taker, ticket)) = handed {
            taker.void(ticket);
        }
        return Ok(None);
    };
    let parts = std::iter::once(titles).chain(gathered).collect();
    let beside = Beside { tables, ..Beside::default() };
    scroll::sheet(origin, row, plan.columns().to_vec(), beside, parts).map(Some)
}

/// The rows one after the other, as in a workbook.
fn from_top_to_bottom(ask: Ask<'_>, origin: &Origin, text: &str, dialect: Dialect, header: &Header) -> Result<Sheet, Trouble> {
    let mut lines = Whole { records: Records::new(text, 1, dialect), file: &origin.file };
    let way = Way { ask, origin, hidden: &Hidden::default(), gaps: false };
    let mut scroll = Scroll::new(&mut lines);
    let head = scroll.head(way)?;
    scroll::data(way, header, head, &mut scroll)
}

/// Every record of a text, blank ones too: its numbers are lines, and quoted breaks leave gaps that are no rows.
struct Whole<'t> {
    records: Records<'t>,
    file: &'t str,
}

impl<'t> Lines<'t> for Whole<'t> {
    fn next(&mut self, cells: &mut Cells<'t>) -> Result<Option<u32>, Trouble> {
        self.records.next(cells).transpose().map_err(|why| refusal(self.file, why).into())
    }
}

/// The separator with which a header appears; without any, the one that splits most.
fn understood<'t>(ask: Ask<'_>, text: &'t str) -> Result<(Dialect, Head<'t>, Found), Unsplit> {
    let line_break = separated::line_break(text);
    let mut best: Option<(usize, Dialect, Head<'_>, Found)> = None;
    let mut unsplit = None;
    let declared = declared_separator(text);
    let separators = declared.as_ref().map_or(&[b',', b'\t', b';', b'|'][..], std::slice::from_ref);
    for &separator in separators {
        let dialect = Dialect { separator, line_break };
        let head = match head(text, dialect) {
            Ok(head) => head,
            // Under the wrong separator a quote may look unclosed that is none, and prose like a thousand columns.
            Err(error) => {
                unsplit.get_or_insert(error);
                continue;
            }
        };
        let found = header::find(ask, &head.rows);
        let score = match &found {
            Found::Header(_) => return Ok((dialect, head, found)),
            Found::Near { headers, .. } => 1_000_000 + headers.len(),
            Found::Nothing => head.rows.iter().map(Vec::len).sum(),
        };
        if best.as_ref().is_none_or(|(most, ..)| score > *most) {
            best = Some((score, dialect, head, found));
        }
    }
    match (best, unsplit) {
        (_, Some(error)) => Err(error),
        (Some((_, dialect, head, found)), None) => Ok((dialect, head, found)),
        (None, None) => unreachable!("every separator gave a head or an error"),
    }
}

/// `sep=;`: a first line by which Excel is told the separator. It is a line above the header like any other.
fn declared_separator(text: &str) -> Option<u8> {
    match text.as_bytes().strip_prefix(b"sep=")? {
        [separator, b'\r' | b'\n', ..] if is_separator(*separator) => Some(*separator),
        _ => None,
    }
}

/// A sign that one sees between two cells, or a tab: a quote, a line end and a NUL part no cells.
fn is_separator(byte: u8) -> bool {
    byte == b'\t' || byte.is_ascii_punctuation() && byte != b'"'
}

fn head(text: &str, dialect: Dialect) -> Result<Head<'_>, Unsplit> {
    let mut head = Head { rows: Vec::new(), lines: Vec::new(), ends: Vec::new() };
    let mut records = Records::new(text, 1, dialect);
    let (mut cells, mut seen) = (Cells::new(), 0);
    while head.rows.len() <= HEAD_ROWS
        && seen < HEAD_CELLS
        && let Some(line) = records.next(&mut cells)
    {
        head.lines.push(line?);
        seen += cells.len();
        head.rows.push(std::mem::take(&mut cells));
        head.ends.push(records.position());
    }
    Ok(head)
}

/// The rows of a part; nothing if it holds another header.
fn gather<'t, S: Store<'t>>(
    mut gathered: Gathered<S>,
    plan: &Plan<'_>,
    part: &'t str,
    line: u32,
    dialect: Dialect,
) -> Result<Option<Gathered<S>>, Unsplit> {
    let mut records = Records::new(part, line, dialect);
    let mut cells = Cells::new();
    while let Some(line) = records.next(&mut cells) {
        if gathered.take(plan, line?, &mut cells, false) == Row::AnotherHeader {
            return Ok(None);
        }
    }
    Ok(Some(gathered))
}

/// The same without a copy of their text. Plain rows are taken many at a time.
fn gather_borrowing<'t>(
    mut gathered: Gathered<Borrowed<'t>>,
    plan: &Plan<'_>,
    part: &'t str,
    line: u32,
    dialect: Dialect,
) -> Result<Option<Gathered<Borrowed<'t>>>, Unsplit> {
    let Some(mut run) = plan.run() else { return gather(gathered, plan, part, line, dialect) };
    let mut records = Records::new(part, line, dialect);
    let mut cells = Cells::new();
    loop {
        while !run.is_full()
            && let Some(line) = records.next_plain(&mut run.cells, run.width, |cells| plan.has_citizen_number(cells))
        {
            run.rows.push(line);
        }
        let was_full = run.is_full();
        gathered.take_run(plan, &mut run);
        if was_full {
            continue;
        }
        let Some(line) = records.next(&mut cells) else { return Ok(Some(gathered)) };
        if gathered.take(plan, line?, &mut cells, false) == Row::AnotherHeader {
            return Ok(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use polars::prelude::DataFrame;

    use super::*;
    use crate::domain::{Fault, SourceKind};
    use crate::scheme::SourceRule;

    /// Keeps what is handed on.
    #[derive(Default)]
    struct Keeper(Mutex<Vec<DataFrame>>);

    impl Taker for Keeper {
        fn begin(&self, _: &Sheet) -> u32 {
            0
        }
        fn take(&self, _: u32, rows: Handed<'_>) -> Result<(), Fault> {
            self.0.lock().unwrap().push(rows.into_frame());
            Ok(())
        }
        fn void(&self, _: u32) {
            self.0.lock().unwrap().clear();
        }
        fn finish(&self, _: Sheet) -> Result<(), Fault> {
            Ok(())
        }
    }

    fn read_text(text: &str, taker: Option<&dyn Taker>) -> Sheet {
        let rule = SourceRule::plain(SourceKind::Register);
        let origin = Origin {
            source: SourceKind::Register,
            file: "a.csv".into(),
            sheet: String::new(),
            sha256: String::new(),
            encoding: String::new(),
            batch: None,
            since_1904: false,
            rows_read: 0,
        };
        read(Ask { rule: &rule, year: 2022, seen: None }, origin, text.as_bytes(), taker).ok().unwrap()
    }

    #[test]
    fn what_is_handed_on_while_reading_is_what_the_sheet_holds() {
        let head = "序号,姓名,身份证号,乡镇,村,备注\n";
        for rows in [
            "1,张三,11010519491231002X,易俗河镇谭家山片区,烟塘村烟塘组,\n2,李四,440524188001010014,易俗河镇谭家山片区,,无\n",
            "1, 张 三 ,　110101202311012176,易俗河镇,烟塘村,x\r\n2,李四, ,易俗河镇,烟塘村,\r\n,,,,,\r\n",
            "1,\"张\"\"三\",11010519491231002X,\"易俗\n河镇\",烟塘村,\n2,李四,=\"440524188001010014\",易俗河镇,\"烟塘村\",",
            "1,张三,11010519491231002X\n2,李四,440524188001010014,易俗河镇,烟塘村,甲,乙,\n合计,2人\n3,王五,E12345678901,易俗河镇,烟塘村,丙\n",
        ] {
            // More rows than a run has, the odd ones among plain ones.
            let plain = "9,赵六,110101202311012176,谭家山镇谭家山村委会,烟塘村烟塘组,\n".repeat(700);
            let text = format!("{head}{plain}{rows}\n{plain}{rows}");
            let whole = read_text(&text, None);
            let keeper = Keeper::default();
            let rest = read_text(&text, Some(&keeper));
            let mut table = rest.table;
            keeper.0.into_inner().unwrap().iter().for_each(|piece| _ = table.vstack_mut(piece).unwrap());
            assert!(table.equals_missing(&whole.table), "{rows}: {table:?} {:?}", whole.table);
            assert_eq!((rest.set_aside, rest.totals), (whole.set_aside, whole.totals), "{rows}");
            assert_eq!(rest.origin.rows_read, whole.origin.rows_read, "{rows}");
        }
    }

    #[test]
    fn only_what_can_part_cells_is_a_declared_separator() {
        for (line, declared) in [
            ("sep=;\n", Some(b';')),
            ("sep=\t\r\n", Some(b'\t')),
            ("sep=^\n", Some(b'^')),
            ("sep=\"\n", None),
            ("sep=\n\n", None),
            ("sep=\r\n", None),
            ("sep=\0\n", None),
            ("sep=\u{1}\n", None),
            ("sep= \n", None),
            ("sep=a\n", None),
        ] {
            assert_eq!(declared_separator(line), declared, "{line:?}");
        }
    }
}
