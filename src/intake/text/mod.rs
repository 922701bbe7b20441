//! A csv or txt file as one sheet.

pub(in crate::intake) mod decoding;
pub(in crate::intake) mod separated;
pub(in crate::intake) mod stream;

use rayon::prelude::*;

use crate::domain::fault::WrongContent;
use crate::domain::{Fault, Refusal};
use crate::intake::Beside;
use crate::intake::Borrowed;
use crate::intake::Handed;
use crate::intake::Origin;
use crate::intake::Sheet;
use crate::intake::SideTable;
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
        Unsplit::Unclosed(row) => Refusal::Content(WrongContent::UnclosedQuote { file, row }),
        Unsplit::TooWide(row) => Refusal::Content(WrongContent::TooManyColumns {
            file,
            row,
            limit: u64::from(MOST_COLUMNS),
        }),
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
    let has_header =
        |text: &str| understood(ask, text).is_ok_and(|seen| matches!(seen.found, Found::Header(_)));
    let decoded = decoding::decode(bytes, has_header).map_err(|row| {
        Refusal::Content(WrongContent::Undecodable {
            file: file.clone(),
            row,
        })
    })?;
    origin.encoding = decoded.encoding.to_owned();
    let text: &str = &decoded.text;
    let unsplit = |why| refusal(&file, why);

    let Understood {
        dialect,
        head,
        found,
        ..
    } = understood(ask, text).map_err(unsplit)?;
    if let Some(seen) = ask.seen {
        seen.rows("", &head.rows, &head.lines);
    }
    if head.is_whole(text)
        && head
            .rows
            .iter()
            .flatten()
            .all(|c| cell::trimmed(c).is_empty())
    {
        return Err(Refusal::Content(WrongContent::EmptySheet {
            file,
            sheet: String::new(),
        })
        .into());
    }
    if let Some(refusal) = book::refusal(ask, &origin, &found, |at| head.lines[at]) {
        return Err(refusal.into());
    }
    let Found::Header(header) = found else {
        unreachable!("everything else was refused")
    };
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
    let mut opened = Opened::of(ask, header, head);
    let (from, line) = head.ends[header.end() - 1];
    let rest = text.get(from..).unwrap_or("");
    // Rows that are handed on stand in memory part by part: all parts are small.
    let in_memory = PART_BYTES.max(rest.len() / (PARTS_PER_CORE * rayon::current_num_threads()));
    let size = if taker.is_some() {
        PART_BYTES
    } else {
        in_memory
    };
    let parts = separated::parts(rest, line, size, dialect).map_err(unsplit)?;
    let handed = taker.map(|taker| {
        (
            taker,
            taker.begin(&opened.titles.opening(origin, opened.plan.columns())),
        )
    });
    let ends: Vec<u32> = parts.iter().skip(1).map(|(_, line)| *line).collect();
    let plan = &opened.plan;
    let gathered: Result<Vec<Option<Gathered>>, Trouble> = parts
        .into_par_iter()
        // Each for itself: a run of parts that one thread has begun could not be shared when the others are done.
        .with_max_len(1)
        .enumerate()
        .map(|(at, (part, line))| {
            let Some(handed) = handed else {
                let gathered = Gathered::new(plan, part.len() / 100);
                return gather(gathered, plan, part, line, dialect).map_err(unsplit);
            };
            let lines = ends.get(at).map_or_else(
                || separated::lines(part, dialect),
                |end| (end - line) as usize,
            );
            hand_on(plan, part, line, lines, dialect, handed).map_err(|why| match why {
                Unhanded::Unsplit(why) => unsplit(why),
                Unhanded::Broken(fault) => Trouble::Broken(fault),
            })
        })
        .collect();
    let Some(gathered) = gathered?.into_iter().collect::<Option<Vec<Gathered>>>() else {
        if let Some((taker, ticket)) = handed {
            taker.void(ticket);
        }
        return Ok(None);
    };
    opened.sheet(origin, gathered).map(Some)
}

/// What stands above the rows, and how they are taken.
struct Opened<'h> {
    plan: Plan<'h>,
    titles: Gathered,
    tables: Vec<SideTable>,
    /// Number of the header's last line.
    row: u32,
}

impl<'h> Opened<'h> {
    fn of(ask: Ask<'h>, header: &'h Header, head: &'h Head<'_>) -> Self {
        let plan = Plan::new(ask, header, &head.rows[..header.end()]);
        let mut titles = Gathered::new(&plan, 0);
        let (fates, mut tables) = scroll::above(ask, header, &head.rows, &head.lines);
        head.rows
            .iter()
            .zip(fates)
            .for_each(|(row, fate)| titles.take_aside(row, fate));
        let row = scroll::header_row(header, &head.lines);
        tables.extend(
            header
                .neighbours
                .iter()
                .map(|other| scroll::side_table(other, row, &head.lines)),
        );
        Opened {
            plan,
            titles,
            tables,
            row,
        }
    }

    /// With what was gathered below, in order.
    fn sheet(self, origin: &Origin, gathered: Vec<Gathered>) -> Result<Sheet, Trouble> {
        let parts = std::iter::once(self.titles).chain(gathered).collect();
        let beside = Beside {
            tables: self.tables,
            ..Beside::default()
        };
        scroll::sheet(
            origin,
            self.row,
            self.plan.columns().to_vec(),
            beside,
            parts,
        )
    }
}

/// Why the rows of a part were not handed on.
enum Unhanded {
    Unsplit(Unsplit),
    /// The machine failed whoever takes them.
    Broken(Fault),
}

/// Hands the rows of a part on, under a ticket, and gives what was set aside; nothing if it holds another header.
fn hand_on(
    plan: &Plan<'_>,
    part: &str,
    line: u32,
    lines: usize,
    dialect: Dialect,
    (taker, ticket): (&dyn Taker, u32),
) -> Result<Option<Gathered>, Unhanded> {
    let gathered = Gathered::borrowing(plan, lines);
    let Some(gathered) =
        gather_borrowing(gathered, plan, part, line, dialect).map_err(Unhanded::Unsplit)?
    else {
        return Ok(None);
    };
    let (rows, rest) = gathered.split(plan);
    taker
        .take(ticket, Handed::Borrowed(rows))
        .map_err(Unhanded::Broken)?;
    Ok(Some(rest))
}

/// The rows one after the other, as in a workbook.
fn from_top_to_bottom(
    ask: Ask<'_>,
    origin: &Origin,
    text: &str,
    dialect: Dialect,
    header: &Header,
) -> Result<Sheet, Trouble> {
    let mut lines = Whole {
        records: Records::new(text, 1, dialect),
        file: &origin.file,
    };
    let way = Way {
        ask,
        origin,
        hidden: &Hidden::default(),
        gaps: false,
    };
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
        self.records
            .next(cells)
            .transpose()
            .map_err(|why| refusal(self.file, why).into())
    }
}

/// The start of a text as it was understood.
struct Understood<'t> {
    dialect: Dialect,
    head: Head<'t>,
    found: Found,
    /// No likelier separator met a quote that does not close.
    is_sure: bool,
}

/// The separator with which a header appears; without any, the one that splits most.
fn understood<'t>(ask: Ask<'_>, text: &'t str) -> Result<Understood<'t>, Unsplit> {
    let line_break = separated::line_break(text);
    let mut best: Option<(usize, Understood<'_>)> = None;
    let mut unsplit = None;
    let declared = declared_separator(text);
    let separators = declared
        .as_ref()
        .map_or(&[b',', b'\t', b';', b'|'][..], std::slice::from_ref);
    for &separator in separators {
        let dialect = Dialect {
            separator,
            line_break,
        };
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
            Found::Header(_) => {
                return Ok(Understood {
                    dialect,
                    head,
                    found,
                    is_sure: unsplit.is_none(),
                });
            }
            Found::Near { headers, .. } => 1_000_000 + headers.len(),
            Found::Nothing => head.rows.iter().map(Vec::len).sum(),
        };
        if best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((
                score,
                Understood {
                    dialect,
                    head,
                    found,
                    is_sure: true,
                },
            ));
        }
    }
    match (best, unsplit) {
        (_, Some(error)) => Err(error),
        (Some((_, understood)), None) => Ok(understood),
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
    let mut head = Head {
        rows: Vec::new(),
        lines: Vec::new(),
        ends: Vec::new(),
    };
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
    let Some(mut run) = plan.run() else {
        return gather(gathered, plan, part, line, dialect);
    };
    let mut records = Records::new(part, line, dialect);
    let mut cells = Cells::new();
    loop {
        while !run.is_full()
            && let Some(line) = records.next_plain(&mut run.cells, run.width, |cells| {
                plan.has_citizen_number(cells)
            })
        {
            run.rows.push(line);
        }
        let was_full = run.is_full();
        gathered.take_run(plan, &mut run);
        if was_full {
            continue;
        }
        let Some(line) = records.next(&mut cells) else {
            return Ok(Some(gathered));
        };
        if gathered.take(plan, line?, &mut cells, false) == Row::AnotherHeader {
            return Ok(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use sha2::Digest;

    use super::super::handed::Keeper;
    use super::*;
    use crate::domain::SourceKind;
    use crate::scheme::SourceRule;

    fn origin() -> Origin {
        Origin {
            source: SourceKind::Register,
            file: "a.csv".into(),
            sheet: String::new(),
            sha256: String::new(),
            encoding: String::new(),
            batch: None,
            since_1904: false,
            rows_read: 0,
        }
    }

    fn read_bytes(bytes: &[u8], taker: Option<&dyn Taker>) -> Sheet {
        let rule = SourceRule::plain(SourceKind::Register);
        read(
            Ask {
                rule: &rule,
                year: 2022,
                seen: None,
            },
            origin(),
            bytes,
            taker,
        )
        .ok()
        .unwrap()
    }

    fn read_text(text: &str, taker: Option<&dyn Taker>) -> Sheet {
        read_bytes(text.as_bytes(), taker)
    }

    /// Read in blocks of this size, if it can be.
    fn in_blocks(bytes: &[u8], size: usize) -> Option<(Sheet, [u8; 32])> {
        let rule = SourceRule::plain(SourceKind::Register);
        let ask = Ask {
            rule: &rule,
            year: 2022,
            seen: None,
        };
        let (start, rest) = bytes.split_at(size.min(bytes.len()));
        let keeper = Keeper::default();
        let streamed = stream::in_blocks(ask, &origin(), start.to_vec(), rest, size, &keeper)
            .ok()
            .unwrap()?;
        Some((keeper.whole(streamed.sheet), streamed.digest))
    }

    #[test]
    fn a_text_in_blocks_of_any_size_holds_what_it_holds_as_a_whole() {
        let head = "某镇常住人口名册\n序号,姓名,身份证号,乡镇,村,备注\n";
        let plain = "9,赵六,110101202311012176,谭家山镇谭家山村委会,烟塘村烟塘组,\n".repeat(2500);
        let odd = "1, 张 三 ,　110101202311012176,易俗河镇,烟塘村,x\r\n2,李四, ,易俗河镇\r\n,,,,,\r\n合计,2人\n";
        let quoted = "1,\"张\"\"三\",11010519491231002X,\"易俗\n河\n镇\",烟塘村,\n\"2\",李四\",=\"440524188001010014\",易俗河镇,\"烟,塘\n村\",\n";
        let text = format!(
            "{head}{plain}{odd}{plain}{quoted}{quoted}{plain}{odd}3,王五,E12345678901,易俗河镇,烟塘村,丙"
        );
        let cut = |text: &str| {
            (110_000..text.len() + 500)
                .step_by(9_973)
                .collect::<Vec<_>>()
        };
        let gb18030 = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
        let with_mark = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for bytes in [
            text.clone().into_bytes(),
            with_mark,
            gb18030(&text),
            gb18030(&text.replace(',', ";")),
        ] {
            let whole = read_bytes(&bytes, None);
            let mut in_many = 0;
            for size in cut(&text) {
                let Some((sheet, digest)) = in_blocks(&bytes, size) else {
                    continue;
                };
                in_many += usize::from(size * 2 < bytes.len());
                assert!(
                    sheet.table.equals_missing(&whole.table),
                    "{size}: {:?} {:?}",
                    sheet.table,
                    whole.table
                );
                assert_eq!(
                    (sheet.set_aside, sheet.totals),
                    (whole.set_aside, whole.totals.clone()),
                    "{size}"
                );
                assert_eq!(
                    (sheet.header_row, &sheet.columns),
                    (whole.header_row, &whole.columns),
                    "{size}"
                );
                assert_eq!(sheet.origin, whole.origin, "{size}");
                assert_eq!(
                    digest,
                    <[u8; 32]>::from(sha2::Sha256::digest(&bytes)),
                    "{size}"
                );
            }
            assert!(in_many > 5, "most sizes are read in blocks");
        }
    }

    #[test]
    fn what_no_block_can_tell_is_left_to_be_read_whole() {
        let head = "序号,姓名,身份证号,乡镇,村,备注\n";
        let plain = "9,赵六,110101202311012176,谭家山镇谭家山村委会,烟塘村烟塘组,\n".repeat(2500);
        let text = format!("{head}{plain}");
        assert!(in_blocks(text.as_bytes(), 110_000).is_some());
        let ascii = format!(
            "id,name,idcard\n{}",
            "9,zhao,110101202311012176\n".repeat(9000)
        );
        let gb18030 = encoding_rs::GB18030.encode(&text).0.into_owned();
        let changed = [&gb18030[..], text.as_bytes()].concat();
        for (why, bytes) in [
            (
                "another header",
                format!("{text}序号,身份证号,姓名,村\n{plain}").into_bytes(),
            ),
            (
                "an open quote",
                format!("{text}1,\"赵六,11\n{plain}").into_bytes(),
            ),
            ("a zero", format!("{text}1,赵\0六,11\n{plain}").into_bytes()),
            (
                "bytes that are no letters",
                [text.as_bytes(), b"1,\xff,2\n", text.as_bytes()].concat(),
            ),
            ("two encodings", changed),
            ("no header", ascii.into_bytes()),
            (
                "a separator that is part of letters",
                encoding_rs::GB18030
                    .encode(&text.replace(',', "|"))
                    .0
                    .into_owned(),
            ),
            ("lines without end", text.replace('\n', "\r").into_bytes()),
            (
                "UTF-16",
                text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            ),
            (
                "Big5",
                encoding_rs::BIG5
                    .encode("序號,姓名,身份證號,鄉鎮,村,備註\n")
                    .0
                    .repeat(9000),
            ),
            ("a web page", format!("<table><td>{text}").into_bytes()),
        ] {
            assert!(in_blocks(&bytes, 110_000).is_none(), "{why}");
        }
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
            let plain =
                "9,赵六,110101202311012176,谭家山镇谭家山村委会,烟塘村烟塘组,\n".repeat(700);
            let text = format!("{head}{plain}{rows}\n{plain}{rows}");
            let whole = read_text(&text, None);
            let keeper = Keeper::default();
            let rest = read_text(&text, Some(&keeper));
            let rest = keeper.whole(rest);
            assert!(
                rest.table.equals_missing(&whole.table),
                "{rows}: {:?} {:?}",
                rest.table,
                whole.table
            );
            assert_eq!(
                (rest.set_aside, rest.totals),
                (whole.set_aside, whole.totals),
                "{rows}"
            );
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
