//! Tables of a web page: what many systems hand out under the name .xls, and what Excel itself saves as a page.
//!
//! By the tokens of the HTML standard, without its tree: such pages leave tags unclosed, but their cells follow their rows.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use crate::domain::decoding;
use crate::domain::fault::WrongContent;
use crate::domain::{Damage, Fault, Refusal};
use crate::intake::bounds::MOST_COLUMNS;
use crate::intake::cell;
use crate::intake::guard::guarded;
use crate::intake::sheets::held::Held;
use crate::intake::spans;
use crate::intake::text::unwrapped_formula;
use crate::intake::trouble::Trouble;

/// Most columns and rows that one cell may span: the HTML standard's own bounds.
const MOST_ACROSS: u32 = 1000;
const MOST_DOWN: u32 = 65_534;

/// Bytes in which a page names its encoding; the standard looks no further than the first of these four.
const HEAD: usize = 4096;

/// Reads the tables of a page, and tells its encoding.
pub(crate) fn open(file: &str, bytes: &[u8]) -> Result<(Held, &'static str), Trouble> {
    let undecodable = |row| {
        Trouble::from(Refusal::Content(WrongContent::Undecodable {
            file: file.to_owned(),
            row,
        }))
    };
    let decoded = decoding::labelled(bytes, charset(bytes).as_deref()).map_err(undecodable)?;
    let mut page = Page::new(file);
    if guarded(|| read(&decoded.text, &mut page)).is_err() {
        return Err(Trouble::Broken(Fault::broken(
            file,
            "",
            Damage::ReaderGaveUp,
        )));
    }
    match page.trouble.take() {
        Some(trouble) => Err(trouble),
        None if page.held.len() == 0 => {
            let found = page.frame.map_or("html".to_owned(), |source| {
                format!("html frameset ({source})")
            });
            Err(Refusal::Content(WrongContent::WrongKind {
                file: file.to_owned(),
                found,
            })
            .into())
        }
        None => Ok((page.held, decoded.encoding)),
    }
}

/// What `<meta charset=…>` or `content="text/html; charset=…"` names.
fn charset(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..HEAD).unwrap_or(bytes).to_ascii_lowercase();
    let after = &head[memchr::memmem::find(&head, b"charset")? + "charset".len()..];
    let label: Vec<u8> = after
        .iter()
        .copied()
        .skip_while(|b| b" \t\r\n=\"'".contains(b))
        .take_while(|b| b.is_ascii_alphanumeric() || b"-_:".contains(b))
        .collect();
    String::from_utf8(label)
        .ok()
        .filter(|label| !label.is_empty())
}

fn read(text: &str, page: &mut Page) {
    let mut tag = Tag::default();
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<()> {
        match event {
            _ if page.trouble.is_some() => {}
            CallbackEvent::OpenStartTag { name } => tag.begin(name),
            CallbackEvent::AttributeName { name } => tag.name(name),
            CallbackEvent::AttributeValue { value } => tag.value(value),
            CallbackEvent::CloseStartTag { .. } => page.opened(&tag),
            CallbackEvent::EndTag { name } => page.closed(name),
            CallbackEvent::String { value } => page.text(value),
            CallbackEvent::Comment { .. }
            | CallbackEvent::Doctype { .. }
            | CallbackEvent::Error(_) => {}
        }
        page.trouble.is_some().then_some(())
    });
    emitter.naively_switch_states(true);
    // Reading a text cannot fail. The first event that it tells is the trouble at which to stop.
    let _ = Tokenizer::new_with_emitter(text, emitter).next();
    page.ended();
}

/// A start tag: its name, and the attributes that matter here.
#[derive(Default)]
struct Tag {
    name: Vec<u8>,
    attributes: Vec<(Vec<u8>, String)>,
}

impl Tag {
    fn begin(&mut self, name: &[u8]) {
        self.name = name.to_ascii_lowercase();
        self.attributes.clear();
    }

    fn name(&mut self, name: &[u8]) {
        if [
            "colspan", "rowspan", "style", "hidden", "span", "x:num", "sdval", "src",
        ]
        .iter()
        .any(|known| known.as_bytes() == name)
        {
            self.attributes.push((name.to_owned(), String::new()));
        } else {
            // Its value follows, and is nobody's.
            self.attributes.push((Vec::new(), String::new()));
        }
    }

    fn value(&mut self, value: &[u8]) {
        if let Some((_, last)) = self
            .attributes
            .last_mut()
            .filter(|(name, _)| !name.is_empty())
        {
            *last = String::from_utf8_lossy(value).into_owned();
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name.as_bytes())
            .map(|(_, value)| value.as_str())
    }

    fn count(&self, name: &str, most: u32) -> u32 {
        let digits: String = self
            .get(name)
            .unwrap_or("")
            .trim()
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        // What is beyond a number is more than the most.
        if digits.is_empty() {
            1
        } else {
            digits.parse().unwrap_or(most).clamp(1, most)
        }
    }

    fn is_hidden(&self) -> bool {
        let style = || {
            self.get("style")
                .unwrap_or("")
                .to_ascii_lowercase()
                .replace([' ', '\t', '\n'], "")
        };
        self.get("hidden").is_some() || style().contains("display:none")
    }
}

/// A page on its way into sheets.
struct Page {
    held: Held,
    /// Open tables, the innermost last.
    open: Vec<Table>,
    trouble: Option<Trouble>,
    /// Where a frameset's sheets lie, and whether this page is one.
    frame: Option<String>,
    /// Inside a script, a style, a title: not what a cell says.
    is_aside: bool,
}

/// An open table.
struct Table {
    /// Position among the sheets.
    at: usize,
    /// Rows begun.
    rows: u32,
    /// Next column of the current row.
    column: u32,
    /// Next column of `<col>`.
    defined: u32,
    /// The last row (from 1) down to which a cell from above takes each column.
    taken: Vec<u32>,
    cell: Option<Cell>,
    /// Columns with hidden cells, and columns with cells to be seen.
    hidden: Vec<u32>,
    seen: Vec<bool>,
}

/// An open cell.
struct Cell {
    column: u32,
    text: String,
    /// A blank is due before the next letter, or a line break.
    due: Option<char>,
    /// The number behind what is shown.
    number: Option<String>,
}

impl Page {
    fn new(file: &str) -> Self {
        Page {
            held: Held::new(file),
            open: Vec::new(),
            trouble: None,
            frame: None,
            is_aside: false,
        }
    }

    fn opened(&mut self, tag: &Tag) {
        match tag.name.as_slice() {
            b"table" => {
                let at = self.held.len();
                if let Err(trouble) = self.held.begin(format!("表{}", at + 1)) {
                    return self.stop_at(Err(trouble));
                }
                let (taken, hidden, seen) = Default::default();
                self.open.push(Table {
                    at,
                    rows: 0,
                    column: 0,
                    defined: 0,
                    taken,
                    cell: None,
                    hidden,
                    seen,
                });
            }
            b"tr" => self.begin_row(tag.is_hidden()),
            b"td" | b"th" => self.begin_cell(tag),
            b"col" => self.column(tag),
            b"br" | b"p" | b"div" | b"li" => self.blank('\n'),
            b"script" | b"style" | b"title" | b"textarea" => self.is_aside = true,
            b"frame" => {
                let sheet = tag.get("src").unwrap_or_default();
                // The tabs of the book are a frame too; the sheet's stands first.
                self.frame
                    .get_or_insert_with(|| sheet.chars().take(80).collect());
            }
            _ => {}
        }
    }

    fn closed(&mut self, name: &[u8]) {
        match name {
            b"table" => {
                self.end_cell();
                if let Some(table) = self.open.pop() {
                    self.end_table(&table);
                }
            }
            b"tr" | b"thead" | b"tbody" | b"tfoot" | b"td" | b"th" => self.end_cell(),
            b"p" | b"div" | b"li" => self.blank('\n'),
            b"script" | b"style" | b"title" | b"textarea" => self.is_aside = false,
            _ => {}
        }
    }

    /// Tables that the page leaves open end with it.
    fn ended(&mut self) {
        while !self.open.is_empty() && self.trouble.is_none() {
            self.closed(b"table");
        }
    }

    fn begin_row(&mut self, is_hidden: bool) {
        self.end_cell();
        let Some(table) = self.open.last_mut() else {
            return;
        };
        table.rows = table.rows.saturating_add(1);
        table.column = 0;
        let (at, row) = (table.at, table.rows);
        if is_hidden {
            spans::widen(&mut self.held.hide_at(at).rows, row, row, |row| {
                row.saturating_add(1)
            });
        }
    }

    fn begin_cell(&mut self, tag: &Tag) {
        self.end_cell();
        if self.open.last().is_some_and(|table| table.rows == 0) {
            self.begin_row(false);
        }
        let Some(table) = self.open.last_mut() else {
            return;
        };
        let (across, down) = (
            tag.count("colspan", MOST_ACROSS),
            tag.count("rowspan", MOST_DOWN),
        );
        let before = table.column;
        let column = table.place(across, down);
        if column < MOST_COLUMNS {
            table.see(column, tag.is_hidden());
        }
        let passed = table.column - before;
        let (first, end) = (table.rows.saturating_sub(1), table.column.max(column + 1));
        table.cell = Some(Cell {
            column,
            text: String::new(),
            due: None,
            number: tag.get("x:num").or(tag.get("sdval")).map(str::to_owned),
        });
        let at = table.at;
        let spent = self.held.spend(at, passed);
        let merged = self.held.merge(
            at,
            (first, first.saturating_add(down - 1)),
            (column, end - 1),
        );
        self.stop_at(spent.and(merged));
    }

    fn end_cell(&mut self) {
        let Some(table) = self.open.last_mut() else {
            return;
        };
        let Some(cell) = table.cell.take() else {
            return;
        };
        let (at, row) = (table.at, table.rows.saturating_sub(1));
        let put = self
            .held
            .put_into(at, (row, cell.column), &shown(cell.text, cell.number));
        self.stop_at(put);
    }

    fn end_table(&mut self, table: &Table) {
        let hidden = self.held.hide_at(table.at);
        for &column in table
            .hidden
            .iter()
            .filter(|column| !table.seen.get(**column as usize).copied().unwrap_or(false))
        {
            spans::widen(
                &mut hidden.columns,
                column as usize,
                column as usize,
                |column| column + 1,
            );
        }
    }

    fn column(&mut self, tag: &Tag) {
        let Some(table) = self.open.last_mut() else {
            return;
        };
        let first = table.defined.min(MOST_COLUMNS);
        table.defined = first
            .saturating_add(tag.count("span", MOST_ACROSS))
            .min(MOST_COLUMNS);
        let (at, end) = (table.at, table.defined);
        if tag.is_hidden() && first < end {
            spans::widen(
                &mut self.held.hide_at(at).columns,
                first as usize,
                end as usize - 1,
                |column| column + 1,
            );
        }
    }

    fn cell(&mut self) -> Option<&mut Cell> {
        self.open.last_mut()?.cell.as_mut()
    }

    /// A blank or a line break, told when more text follows.
    fn blank(&mut self, blank: char) {
        if let Some(cell) = self.cell() {
            cell.due = Some(if cell.due == Some('\n') { '\n' } else { blank });
        }
    }

    /// Text of the innermost cell. Blanks in a page's source are one blank, however many.
    fn text(&mut self, bytes: &[u8]) {
        if self.is_aside {
            return;
        }
        let Some(cell) = self.cell() else { return };
        // The tokenizer was given a text: what it tells is one.
        for letter in String::from_utf8_lossy(bytes).chars() {
            if letter.is_ascii_whitespace() {
                cell.due = cell.due.or(Some(' '));
                continue;
            }
            if let Some(blank) = cell.due.take().filter(|_| !cell.text.is_empty()) {
                cell.text.push(blank);
            }
            cell.text.push(letter);
        }
    }

    fn stop_at(&mut self, outcome: Result<(), Trouble>) {
        if let Err(trouble) = outcome {
            self.trouble.get_or_insert(trouble);
        }
    }
}

impl Table {
    /// Places a cell into the current row, behind what reaches down from above. Gives its column.
    fn place(&mut self, across: u32, down: u32) -> u32 {
        let is_taken = |table: &Table, column: u32| {
            table
                .taken
                .get(column as usize)
                .is_some_and(|last| *last >= table.rows)
        };
        while is_taken(self, self.column) {
            self.column += 1;
        }
        let column = self.column;
        self.column = column.saturating_add(across).min(MOST_COLUMNS);
        if down > 1 {
            let end = self.column as usize;
            if self.taken.len() < end {
                self.taken.resize(end, 0);
            }
            let last = self.rows.saturating_add(down - 1);
            self.taken[(column as usize).min(end)..end]
                .iter_mut()
                .for_each(|taken| *taken = last.max(*taken));
        }
        column
    }

    /// A column is out of sight when none of its cells is to be seen.
    fn see(&mut self, column: u32, is_hidden: bool) {
        if is_hidden {
            if let Err(place) = self.hidden.binary_search(&column) {
                self.hidden.insert(place, column);
            }
            return;
        }
        let column = column as usize;
        if self.seen.len() <= column {
            self.seen.resize(column + 1, false);
        }
        self.seen[column] = true;
    }
}

/// A cell as a clerk would type it. Text stays text, as the page shows it, unless Excel (`x:num`) or LibreOffice (`sdval`)
/// wrote the number behind it and what is shown is that number in another form.
fn shown(text: String, number: Option<String>) -> String {
    let text = unwrapped_formula(text.into()).into_owned();
    let Some(number) = number.and_then(|number| number.trim().parse::<f64>().ok()) else {
        return text;
    };
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, ',' | '￥' | '¥' | ' ' | '\u{a0}'))
        .collect();
    // A column too narrow for its number shows nothing but ####.
    let is_number = plain.parse::<f64>().is_ok()
        || (plain.starts_with('#') && plain.bytes().all(|b| b == b'#'));
    if is_number {
        cell::number(number)
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::cell::RowCells;
    use crate::intake::lines::Tabs;

    /// Name of a table, and its rows by number.
    type Named = (String, Vec<(u32, Vec<String>)>);

    fn tables(page: &str) -> Vec<Named> {
        let (mut held, _) = open("a.xls", page.as_bytes()).ok().unwrap();
        let mut tables = Vec::new();
        for (at, name) in held.names().into_iter().enumerate() {
            let mut lines = held.lines(at).ok().unwrap();
            let (mut row, mut rows) = (RowCells::new(), Vec::new());
            while let Some(number) = lines.next(&mut row).ok().unwrap() {
                rows.push((number, row.iter().map(|cell| cell.to_string()).collect()));
            }
            tables.push((name, rows));
        }
        tables
    }

    fn rows(page: &str) -> Vec<(u32, Vec<String>)> {
        let mut tables = tables(page);
        assert_eq!(tables.len(), 1);
        tables.remove(0).1
    }

    fn owned(rows: &[(u32, &[&str])]) -> Vec<(u32, Vec<String>)> {
        rows.iter()
            .map(|(n, cells)| (*n, cells.iter().map(|c| c.to_string()).collect()))
            .collect()
    }

    #[test]
    fn merged_cells_keep_the_columns_of_what_follows() {
        let page = "<table><tr><td rowspan=2>a<td colspan=2>b<tr><td>c<td>d<tr></tr><tr><th rowspan='x' colspan=-3>e</th><td>f</table>";
        assert_eq!(
            rows(page),
            owned(&[(1, &["a", "b"]), (2, &["", "c", "d"]), (4, &["e", "f"])])
        );
    }

    #[test]
    fn text_is_what_a_browser_shows() {
        for (cell, text) in [
            ("<td>&lt;张&#19977;&nbsp;&amp;", "<张三\u{a0}&"),
            ("<td> \n 张\n\t 三 <br/> 李<p>四</p>", "张 三\n李\n四"),
            (
                "<td><b>张</b><i>三</i><!-- 不 --><script>var x = '<td>不';</script>",
                "张三",
            ),
            ("<td style=\"mso-number-format:'\\@'\">007", "007"),
            ("<td>=\"007\"", "007"),
            (
                "<td x:num=\"430321199001011234\">4.30E+17",
                "4.3032119900101126E17",
            ),
            ("<td x:num=\"1280\">1,280.00", "1280"),
            ("<td x:num=\"320.4\">####", "320.4"),
            ("<td x:num=\"44561\">2021/12/31", "2021/12/31"),
            ("<td x:num>320.00", "320.00"),
            ("<td x:str=\"007\">007", "007"),
        ] {
            assert_eq!(
                rows(&format!("<table><tr>{cell}</table>")),
                owned(&[(1, &[text])]),
                "{cell}"
            );
        }
    }

    #[test]
    fn every_table_is_a_sheet_and_an_inner_one_is_its_own() {
        let page = "<body><table><tr><td>页眉<table><tr><td>甲</td></tr></table>外</td><td>丙</td></tr></table><TABLE><TD>乙";
        let expected = [("表1", "页眉外"), ("表2", "甲"), ("表3", "乙")];
        let found: Vec<(String, String)> = tables(page)
            .into_iter()
            .map(|(name, mut rows)| (name, rows.remove(0).1.remove(0)))
            .collect();
        assert_eq!(
            found,
            expected.map(|(name, text)| (name.to_owned(), text.to_owned()))
        );
    }

    #[test]
    fn rows_and_columns_out_of_sight_are_told() {
        let page = "<table><col><col span=2 style='width:0; display: none'><tr><td>a<tr style='DISPLAY:none'><td>b<tr hidden><td>c\
                    <tr><td>d<td>e<td>f<td>g<td style='display:none'>h</table>";
        let (held, _) = open("a.xls", page.as_bytes()).ok().unwrap();
        let hidden = held.hidden(0);
        assert_eq!(
            (hidden.rows, hidden.columns),
            (vec![(2, 3)], vec![(1, 2), (4, 4)])
        );
    }

    #[test]
    fn a_page_without_its_tables_is_refused_by_name() {
        let found = |page: &str| match open("a.xls", page.as_bytes()) {
            Err(Trouble::Refused(mut refusals)) => refusals.remove(0),
            _ => panic!("{page} was read"),
        };
        let kind = |found: &str| {
            Refusal::Content(WrongContent::WrongKind {
                file: "a.xls".into(),
                found: found.to_owned(),
            })
        };
        assert_eq!(found("<html><body>登录超时</body></html>"), kind("html"));
        let frames = "<html><frameset rows='*,39'><frame src='名册.files/sheet001.htm'><frame src='名册.files/tabstrip.htm'></frameset>";
        assert_eq!(
            found(frames),
            kind("html frameset (名册.files/sheet001.htm)")
        );
    }

    #[test]
    fn spans_of_a_hostile_page_cost_nothing() {
        let page = "<table><tr><td rowspan=1000000000 colspan=99999999999>a<td>b<tr><td>c</table>";
        let rows = rows(page);
        assert_eq!((rows[0].1.len(), rows[1].1.len()), (1001, 1001));
        let wide = format!(
            "<table>{}",
            "<tr><td colspan=1000 rowspan=60000>".repeat(100_000)
        );
        assert!(matches!(
            open("a.xls", wide.as_bytes()),
            Err(Trouble::Refused(_))
        ));
    }
}
