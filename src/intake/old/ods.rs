//! ods: the one XML part that holds all sheets, read once from front to back.
//!
//! calamine reads ods too, but never ends on a part that was cut off inside a table, and copies out whatever repeats a
//! file claims. Hidden rows need a walk over every row anyway.

use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::domain::{Damage, Fault};
use crate::intake::bounds::{MOST_COLUMNS, MOST_ROWS};
use crate::intake::cell;
use crate::intake::guard::{Panicked, guarded};
use crate::intake::office::Parts;
use crate::intake::old::xml::{self, Malformed};
use crate::intake::sheets::held::Held;
use crate::intake::spans;
use crate::intake::trouble::Trouble;

/// Blanks that `text:c` may stand for: more than a cell can hold are none.
const MOST_BLANKS: u32 = 32_767;

/// Styles of hidden tables, and the length of their names, beyond which they are there to exhaust a machine.
const MOST_HIDDEN_STYLES: usize = 10_000;
const LONGEST_NAME: usize = 1_000;

/// Reads the sheets of an ods file that was looked through (`zipped`: whole, not encrypted, of a size that may be held).
pub(crate) fn open(mut parts: Parts<'_>) -> Result<Held, Trouble> {
    let file = parts.file().to_owned();
    let broken = |damage| Trouble::Broken(Fault::broken(&file, "", damage));
    let content = parts
        .again("content.xml")?
        .ok_or_else(|| broken(Damage::MissingPart))?;
    let mut walk = Walk::new(&file);
    match walk.all(&mut Reader::from_reader(Metered::new(content))) {
        Ok(()) => Ok(walk.held),
        Err(Stop::Malformed(Malformed(damage))) => Err(broken(damage)),
        Err(Stop::Trouble(trouble)) => Err(trouble),
    }
}

/// Longest text, tag or comment of a part: no cell of 32,767 characters needs as much, however it is escaped.
const LONGEST: usize = 1 << 20;

/// The part as a parser reads it, which would keep a text of gigabytes whole: bytes are counted from one event to the next.
struct Metered<R> {
    reader: BufReader<R>,
    taken: usize,
}

impl<R: Read> Metered<R> {
    fn new(reader: R) -> Self {
        Metered {
            reader: BufReader::with_capacity(1 << 16, reader),
            taken: 0,
        }
    }

    /// The event so far is over.
    fn next_event(&mut self) {
        self.taken = 0;
    }

    fn is_too_long(&self) -> bool {
        self.taken > LONGEST
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = guarded(|| self.reader.read(into)).map_err(gave_up)??;
        self.taken = self.taken.saturating_add(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.is_too_long() {
            return Err(io::Error::other("a text longer than any cell may hold"));
        }
        guarded(|| self.reader.fill_buf()).map_err(gave_up)?
    }

    fn consume(&mut self, bytes: usize) {
        self.taken = self.taken.saturating_add(bytes);
        self.reader.consume(bytes);
    }
}

fn gave_up(_: Panicked) -> io::Error {
    io::Error::other(Panicked::REASON)
}

/// Why the walk stops early.
enum Stop {
    Malformed(Malformed),
    Trouble(Trouble),
}

impl From<Malformed> for Stop {
    fn from(malformed: Malformed) -> Self {
        Stop::Malformed(malformed)
    }
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Stop::Trouble(trouble)
    }
}

/// The walk through the part.
struct Walk {
    held: Held,
    /// The style being defined, and styles whose tables are out of sight.
    style: String,
    hidden_styles: HashSet<String>,
    /// Elements that are open.
    depth: usize,
    /// The depth of the table being read; 0 outside.
    table: usize,
    /// The depth of the row being read; 0 outside.
    line: usize,
    /// Next row, next column of the row, next column definition.
    row: u32,
    column: u32,
    defined: u32,
    /// How many rows the current row stands for.
    rows: u32,
    cell: Option<Cell>,
}

/// A cell being read.
struct Cell {
    depth: usize,
    columns: u32,
    /// What its attributes say it holds; `None` = its text.
    value: Option<String>,
    /// `office:string-value`, should there be no text.
    written: String,
    text: String,
    paragraphs: u32,
    /// The depth of an element inside that is no text of the cell (a comment, a drawing); 0 = none.
    aside: usize,
}

impl Walk {
    fn new(file: &str) -> Self {
        Walk {
            held: Held::new(file),
            style: String::new(),
            hidden_styles: HashSet::new(),
            depth: 0,
            table: 0,
            line: 0,
            row: 0,
            column: 0,
            defined: 0,
            rows: 1,
            cell: None,
        }
    }

    fn all(&mut self, xml: &mut Reader<Metered<impl Read>>) -> Result<(), Stop> {
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            xml.get_mut().next_event();
            match event(xml, &mut buffer)? {
                Event::Start(element) => {
                    self.depth += 1;
                    if self.depth > xml::DEEPEST {
                        return Err(Malformed(Damage::TooDeep).into());
                    }
                    self.opened(&element)?;
                }
                Event::Empty(element) => {
                    self.depth += 1;
                    self.opened(&element)?;
                    self.closed()?;
                }
                Event::End(_) => self.closed()?,
                Event::Text(text) => self.text(&text.xml10_content())?,
                Event::CData(text) => self.text(&text.xml10_content())?,
                Event::GeneralRef(reference) => {
                    let mut character = String::new();
                    xml::put_reference(&reference, &mut character)?;
                    self.text(&character)?;
                }
                Event::Eof if self.depth == 0 => return Ok(()),
                Event::Eof => return Err(Malformed(Damage::CutOff).into()),
                _ => {}
            }
        }
    }

    fn opened(&mut self, element: &BytesStart<'_>) -> Result<(), Stop> {
        if self.cell.is_some() {
            return Ok(self.opened_in_cell(element)?);
        }
        match element.name().as_ref() {
            "style:style" => {
                let name = xml::attribute(element, "style:name")?;
                self.style = name
                    .filter(|name| name.len() <= LONGEST_NAME)
                    .unwrap_or_default();
            }
            "style:table-properties"
                if xml::attribute(element, "table:display")?.as_deref() == Some("false") =>
            {
                self.hide_style();
            }
            "table:table" if self.table == 0 => {
                let style = xml::attribute(element, "table:style-name")?;
                self.held
                    .begin(xml::attribute(element, "table:name")?.unwrap_or_default())?;
                self.held.hide().sheet =
                    style.is_some_and(|style| self.hidden_styles.contains(&style));
                (self.table, self.row, self.defined) = (self.depth, 0, 0);
            }
            "table:table-column" if self.table > 0 => self.columns(element)?,
            "table:table-row" if self.table > 0 && self.line == 0 => self.begin_row(element)?,
            "table:table-cell" | "table:covered-table-cell" if self.line > 0 => {
                self.begin_cell(element)?
            }
            _ => {}
        }
        Ok(())
    }

    fn hide_style(&mut self) {
        if self.hidden_styles.len() < MOST_HIDDEN_STYLES {
            self.hidden_styles.insert(std::mem::take(&mut self.style));
        }
    }

    fn columns(&mut self, element: &BytesStart<'_>) -> Result<(), Stop> {
        let first = self.defined.min(MOST_COLUMNS);
        let repeated =
            xml::count(xml::attribute(element, "table:number-columns-repeated")?.as_deref());
        self.defined = first.saturating_add(repeated).min(MOST_COLUMNS);
        if is_out_of_sight(element)? && first < self.defined {
            let (first, last) = (first as usize, self.defined as usize - 1);
            spans::widen(&mut self.held.hide().columns, first, last, |column| {
                column + 1
            });
        }
        Ok(())
    }

    fn begin_row(&mut self, element: &BytesStart<'_>) -> Result<(), Stop> {
        (self.line, self.column) = (self.depth, 0);
        self.rows =
            xml::count(xml::attribute(element, "table:number-rows-repeated")?.as_deref()).max(1);
        if is_out_of_sight(element)? {
            let (first, last) = (
                self.row.saturating_add(1),
                self.row.saturating_add(self.rows),
            );
            spans::widen(&mut self.held.hide().rows, first, last, |row| {
                row.saturating_add(1)
            });
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Stop> {
        let room = MOST_ROWS.saturating_sub(self.row).max(1);
        self.held.repeat(self.row, self.rows.min(room))?;
        self.row = self.row.saturating_add(self.rows);
        Ok(())
    }

    fn begin_cell(&mut self, element: &BytesStart<'_>) -> Result<(), Stop> {
        let columns =
            xml::count(xml::attribute(element, "table:number-columns-repeated")?.as_deref());
        let value = value(element)?;
        let written = xml::attribute(element, "office:string-value")?.unwrap_or_default();
        self.merge(element)?;
        let (depth, text) = (self.depth, String::new());
        self.cell = Some(Cell {
            depth,
            columns,
            value,
            written,
            text,
            paragraphs: 0,
            aside: 0,
        });
        Ok(())
    }

    /// The rows below and the columns beside that a cell stands for too (ODF 1.2 part 1, `table:number-rows-spanned`). A row that is
    /// repeated with all its cells has none of its own.
    fn merge(&mut self, element: &BytesStart<'_>) -> Result<(), Stop> {
        let spanned = |name| -> Result<u32, Malformed> {
            Ok(xml::count(xml::attribute(element, name)?.as_deref()).max(1) - 1)
        };
        let down = spanned("table:number-rows-spanned")?;
        if down > 0 && self.rows == 1 {
            let across = spanned("table:number-columns-spanned")?;
            let rows = (self.row, self.row.saturating_add(down));
            let columns = (self.column, self.column.saturating_add(across));
            let at = self.held.len().saturating_sub(1);
            self.held.merge(at, rows, columns)?;
        }
        Ok(())
    }

    fn opened_in_cell(&mut self, element: &BytesStart<'_>) -> Result<(), Malformed> {
        let depth = self.depth;
        let Some(cell) = self.cell.as_mut().filter(|cell| cell.aside == 0) else {
            return Ok(());
        };
        match element.name().as_ref() {
            "text:p" | "text:h" => {
                if cell.paragraphs > 0 {
                    cell.text.push('\n');
                }
                cell.paragraphs = cell.paragraphs.saturating_add(1);
            }
            "text:s" if cell.text.len() < MOST_BLANKS as usize => {
                let blanks =
                    xml::count(xml::attribute(element, "text:c")?.as_deref()).min(MOST_BLANKS);
                cell.text.extend(std::iter::repeat_n(' ', blanks as usize));
            }
            "text:tab" => cell.text.push('\t'),
            "text:line-break" => cell.text.push('\n'),
            "text:ruby-text" | "text:note" => cell.aside = depth,
            name if name.starts_with("text:") => {}
            _ => cell.aside = depth,
        }
        cell.fits()
    }

    fn closed(&mut self) -> Result<(), Stop> {
        let depth = self.depth;
        self.depth = depth.saturating_sub(1);
        if let Some(cell) = &mut self.cell {
            if cell.aside == depth {
                cell.aside = 0;
            }
            if cell.depth == depth {
                return self.end_cell();
            }
            return Ok(());
        }
        if depth == self.line {
            self.line = 0;
            return self.end_row();
        }
        if depth == self.table {
            self.table = 0;
        }
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), Stop> {
        let Some(cell) = self.cell.take() else {
            return Ok(());
        };
        let shown = if cell.paragraphs > 0 {
            &cell.text
        } else {
            &cell.written
        };
        let text = cell.value.as_ref().unwrap_or(shown);
        let end = self.column.saturating_add(cell.columns);
        if !cell::trimmed(text).is_empty() {
            for column in self.column..end {
                self.held.put(self.row, column, text)?;
            }
        }
        self.column = end;
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Malformed> {
        // Blanks between paragraphs only make the file easier to read.
        let Some(cell) = self
            .cell
            .as_mut()
            .filter(|cell| cell.aside == 0 && cell.paragraphs > 0)
        else {
            return Ok(());
        };
        cell.text.push_str(text);
        cell.fits()
    }
}

impl Cell {
    /// A cell may be put together from many texts.
    fn fits(&self) -> Result<(), Malformed> {
        if self.text.len() <= LONGEST {
            Ok(())
        } else {
            Err(too_long())
        }
    }
}

fn too_long() -> Malformed {
    Malformed(Damage::LongText)
}

/// The parser's next event.
fn event<'b>(
    xml: &mut Reader<Metered<impl Read>>,
    buffer: &'b mut Vec<u8>,
) -> Result<Event<'b>, Malformed> {
    let event = guarded(|| xml.read_event_into(buffer)).map_err(Malformed::from)?;
    event.map_err(|error| {
        if xml.get_ref().is_too_long() {
            too_long()
        } else {
            error.into()
        }
    })
}

/// What a cell's attributes say it holds: a number, a day, true or false. A text, a mere time, an error stand inside it.
fn value(element: &BytesStart<'_>) -> Result<Option<String>, Malformed> {
    Ok(
        match xml::attribute(element, "office:value-type")?.as_deref() {
            Some("float" | "percentage" | "currency") => {
                let written = xml::attribute(element, "office:value")?;
                written
                    .and_then(|number| number.trim().parse().ok())
                    .map(cell::number)
            }
            Some("date") => {
                let written = xml::attribute(element, "office:date-value")?;
                written.map(|day| day.split('T').next().unwrap_or_default().to_owned())
            }
            Some("boolean") => {
                let written = xml::attribute(element, "office:boolean-value")?;
                written.map(|truth| {
                    if truth.eq_ignore_ascii_case("true") {
                        "TRUE"
                    } else {
                        "FALSE"
                    }
                    .to_owned()
                })
            }
            _ => None,
        },
    )
}

/// A row or column folded away or filtered out.
fn is_out_of_sight(element: &BytesStart<'_>) -> Result<bool, Malformed> {
    Ok(matches!(
        xml::attribute(element, "table:visibility")?.as_deref(),
        Some("collapse" | "filter")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::lines::Tabs;
    use crate::intake::office::Zipped;

    fn read(bytes: &[u8]) -> Result<Held, Trouble> {
        let Zipped::Ods(parts) = Zipped::look("a.ods", bytes)? else {
            panic!("no ods")
        };
        open(parts)
    }

    #[test]
    fn what_libreoffice_hides_is_hidden() {
        let bytes = include_bytes!("../../../tests/files/old/libreoffice.ods");
        let held = read(bytes).ok().unwrap();
        assert_eq!(held.names(), ["名册", "旧名册"]);
        let hidden = held.hidden(0);
        assert_eq!(
            (hidden.sheet, hidden.rows, hidden.columns),
            (false, vec![(4, 4)], vec![(6, 6)])
        );
        assert!(held.hidden(1).sheet);
    }
}
