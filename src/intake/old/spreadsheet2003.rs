//! Excel 2003's XML: what many systems of that time write under the name .xls.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::domain::decoding;
use crate::domain::fault::WrongContent;
use crate::domain::{Damage, Fault, Refusal};
use crate::intake::bounds::MOST_COLUMNS;
use crate::intake::cell;
use crate::intake::guard::guarded;
use crate::intake::old::xml::{self, Malformed};
use crate::intake::sheets::held::Held;
use crate::intake::spans;
use crate::intake::trouble::Trouble;

/// Reads the worksheets of an Excel 2003 XML.
pub(crate) fn open(file: &str, bytes: &[u8]) -> Result<Held, Trouble> {
    let undecodable = |row| {
        Trouble::from(Refusal::Content(WrongContent::Undecodable {
            file: file.to_owned(),
            row,
        }))
    };
    let decoded = decoding::labelled(bytes, declared_encoding(bytes)).map_err(undecodable)?;
    let mut walk = Walk {
        held: Held::new(file),
        open: Vec::new(),
        skipped: 0,
        row: 0,
        column: 0,
        defined: 0,
        next_row: 0,
        next: 0,
        data: None,
    };
    match walk.all(&decoded.text) {
        Ok(()) => Ok(walk.held),
        Err(Stop::Trouble(trouble)) => Err(trouble),
        Err(Stop::Malformed(Malformed(Damage::CutOff))) => Err(Trouble::Broken(Fault::Truncated {
            file: file.to_owned(),
        })),
        Err(Stop::Malformed(Malformed(damage))) => Err(Trouble::Broken(Fault::broken(
            file,
            &walk.held.latest(),
            damage,
        ))),
    }
}

/// The encoding that the first line names.
fn declared_encoding(bytes: &[u8]) -> Option<&str> {
    let head = bytes.get(..bytes.len().min(256))?;
    let line = &head[..memchr::memmem::find(head, b"?>")?];
    let after = &line[memchr::memmem::find(line, b"encoding")?..];
    let quote = after.iter().position(|b| matches!(b, b'"' | b'\''))?;
    let rest = &after[quote + 1..];
    let end = rest.iter().position(|b| matches!(b, b'"' | b'\''))?;
    std::str::from_utf8(&rest[..end]).ok()
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

/// What an open element is to us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Workbook,
    Worksheet,
    Table,
    Row,
    Cell,
    Data,
    /// What Excel says of the sheet, in it whether it is shown.
    Options,
    Visible,
}

struct Walk {
    held: Held,
    /// Open elements, the innermost last.
    open: Vec<Part>,
    /// Open elements inside one that is nothing to us.
    skipped: usize,
    /// Next row, next column of the row, next column definition: from 0.
    row: u32,
    column: u32,
    defined: u32,
    /// The row behind the current one, the column behind the current cell.
    next_row: u32,
    next: u32,
    data: Option<Data>,
}

/// The content of a cell.
struct Data {
    kind: String,
    text: String,
}

impl Walk {
    fn all(&mut self, text: &str) -> Result<(), Stop> {
        let mut xml = Reader::from_str(text);
        loop {
            match guarded(|| xml.read_event())
                .map_err(Malformed::from)?
                .map_err(Malformed::from)?
            {
                Event::Start(element) => {
                    self.opened(&element)?;
                    if self.open.len() + self.skipped > xml::DEEPEST {
                        return Err(Malformed(Damage::TooDeep).into());
                    }
                }
                Event::Empty(element) => {
                    self.opened(&element)?;
                    self.closed()?;
                }
                Event::End(_) => self.closed()?,
                Event::Text(text) => self.text(&text.xml10_content()),
                Event::CData(text) => self.text(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let mut character = String::new();
                    xml::put_reference(&reference, &mut character)?;
                    self.text(&character);
                }
                Event::Eof if self.open.is_empty() && self.skipped == 0 && self.held.len() > 0 => {
                    return Ok(());
                }
                Event::Eof => return Err(Malformed(Damage::CutOff).into()),
                _ => {}
            }
        }
    }

    fn opened(&mut self, element: &BytesStart<'_>) -> Result<(), Stop> {
        let Some(part) = self.part(element)? else {
            self.skipped += 1;
            return Ok(());
        };
        match part {
            Part::Worksheet => {
                self.held
                    .begin(xml::local_attribute(element, "Name")?.unwrap_or_default())?;
                (self.row, self.defined) = (0, 0);
            }
            Part::Row => self.begin_row(element)?,
            Part::Cell => self.cell(element)?,
            Part::Data if self.open.last() == Some(&Part::Cell) => {
                let kind = xml::local_attribute(element, "Type")?.unwrap_or_default();
                self.data = Some(Data {
                    kind,
                    text: String::new(),
                });
            }
            _ => {}
        }
        self.open.push(part);
        Ok(())
    }

    /// What an element is to us where it stands.
    fn part(&mut self, element: &BytesStart<'_>) -> Result<Option<Part>, Stop> {
        let name = element.local_name();
        Ok(match (self.open.last(), name.as_ref()) {
            _ if self.skipped > 0 => None,
            (None, "Workbook") => Some(Part::Workbook),
            (Some(Part::Workbook), "Worksheet") => Some(Part::Worksheet),
            (Some(Part::Worksheet), "Table") => Some(Part::Table),
            (Some(Part::Worksheet), "WorksheetOptions") => Some(Part::Options),
            (Some(Part::Options), "Visible") => Some(Part::Visible),
            (Some(Part::Table), "Row") => Some(Part::Row),
            (Some(Part::Row), "Cell") => Some(Part::Cell),
            // Letters of several fonts stand in elements of their own.
            (Some(Part::Cell), "Data") | (Some(Part::Data), _) => Some(Part::Data),
            (Some(Part::Table), "Column") => {
                self.columns(element)?;
                None
            }
            _ => None,
        })
    }

    fn begin_row(&mut self, element: &BytesStart<'_>) -> Result<(), Stop> {
        self.row = forward(self.index(element, self.row)?, self.row)?;
        if self.row >= MOST_INDEX {
            return Err(outside().into());
        }
        self.column = 0;
        // A row without cells may stand for several.
        let span = xml::local_attribute(element, "Span")?
            .map_or(0, |span| xml::count(Some(&span)))
            .min(MOST_INDEX);
        self.next_row = self.row.saturating_add(span).saturating_add(1);
        if is_hidden(element)? {
            let rows = &mut self.held.hide().rows;
            spans::widen(rows, self.row + 1, self.next_row, |row| {
                row.saturating_add(1)
            });
        }
        Ok(())
    }

    /// `ss:Index` counts from 1 and may only go forward; far beyond any sheet it is no place.
    fn index(&self, element: &BytesStart<'_>, next: u32) -> Result<u32, Malformed> {
        let Some(written) = xml::local_attribute(element, "Index")? else {
            return Ok(next);
        };
        let index = written
            .trim()
            .parse::<u32>()
            .ok()
            .and_then(|index| index.checked_sub(1))
            .filter(|index| *index < MOST_INDEX);
        index.ok_or_else(outside)
    }

    fn columns(&mut self, element: &BytesStart<'_>) -> Result<(), Stop> {
        let first = self.index(element, self.defined)?;
        let span = xml::local_attribute(element, "Span")?.map_or(0, |span| xml::count(Some(&span)));
        let last = first.saturating_add(span).min(MOST_COLUMNS);
        self.defined = last + 1;
        if is_hidden(element)? && first <= last {
            spans::widen(
                &mut self.held.hide().columns,
                first as usize,
                last as usize,
                |column| column + 1,
            );
        }
        Ok(())
    }

    fn cell(&mut self, element: &BytesStart<'_>) -> Result<(), Stop> {
        self.column = forward(self.index(element, self.column)?, self.column)?;
        // The next cell stands behind the merged ones.
        let merged = |name| -> Result<u32, Malformed> {
            Ok(xml::local_attribute(element, name)?.map_or(0, |more| xml::count(Some(&more))))
        };
        let (across, down) = (merged("MergeAcross")?, merged("MergeDown")?);
        self.next = self.column.saturating_add(across).saturating_add(1);
        if down > 0 {
            let rows = (self.row, self.row.saturating_add(down));
            let at = self.held.len().saturating_sub(1);
            self.held.merge(at, rows, (self.column, self.next - 1))?;
        }
        self.data = None;
        Ok(())
    }

    fn closed(&mut self) -> Result<(), Stop> {
        if self.skipped > 0 {
            self.skipped -= 1;
            return Ok(());
        }
        match self.open.pop() {
            Some(Part::Cell) => {
                if let Some(data) = self.data.take() {
                    self.held.put(self.row, self.column, &value(&data))?;
                }
                self.column = self.next;
            }
            Some(Part::Row) => self.row = self.next_row,
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        match self.open.last() {
            _ if self.skipped > 0 => {}
            Some(Part::Data) => {
                if let Some(data) = &mut self.data {
                    data.text.push_str(text);
                }
            }
            Some(Part::Visible) if text.contains("Hidden") => self.held.hide().sheet = true,
            _ => {}
        }
    }
}

/// A place that is not before the next one: else two rows or cells would share it.
fn forward(index: u32, next: u32) -> Result<u32, Malformed> {
    if index < next {
        Err(Malformed(Damage::RowsOutOfOrder))
    } else {
        Ok(index)
    }
}

/// No sheet reaches this far, and one more still fits a number.
const MOST_INDEX: u32 = 1 << 24;

fn outside() -> Malformed {
    Malformed(Damage::CellOutside)
}

fn is_hidden(element: &BytesStart<'_>) -> Result<bool, Malformed> {
    Ok(xml::local_attribute(element, "Hidden")?.as_deref() == Some("1"))
}

/// A cell as a clerk would type it.
fn value(data: &Data) -> String {
    let text = data.text.trim();
    match data.kind.as_str() {
        "Number" => text.parse().map_or_else(|_| text.to_owned(), cell::number),
        "DateTime" => text.split('T').next().unwrap_or(text).to_owned(),
        "Boolean" => match text {
            "1" => "TRUE".to_owned(),
            "0" => "FALSE".to_owned(),
            other => other.to_owned(),
        },
        _ => data.text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::cell::RowCells;
    use crate::intake::lines::Tabs;

    fn workbook(sheets: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n<Workbook \
             xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\">\
             {sheets}</Workbook>"
        )
    }

    fn sheet(rows: &str) -> String {
        workbook(&format!(
            "<Worksheet ss:Name=\"名册\"><Table>{rows}</Table></Worksheet>"
        ))
    }

    fn rows(xml: &str) -> Vec<(u32, Vec<String>)> {
        let mut held = open("a.xls", xml.as_bytes()).ok().unwrap();
        let mut lines = held.lines(0).ok().unwrap();
        let (mut row, mut rows) = (RowCells::new(), Vec::new());
        while let Some(number) = lines.next(&mut row).ok().unwrap() {
            rows.push((number, row.iter().map(|cell| cell.to_string()).collect()));
        }
        rows
    }

    fn damage(xml: &str) -> Damage {
        match open("a.xls", xml.as_bytes()) {
            Err(Trouble::Broken(Fault::BrokenWorkbook { damage, .. })) => damage,
            other => panic!("{:?}", other.map(|_| ())),
        }
    }

    #[test]
    fn cells_stand_where_their_index_says_and_hold_what_a_clerk_would_type() {
        let cell =
            |kind: &str, text: &str| format!("<Cell><Data ss:Type=\"{kind}\">{text}</Data></Cell>");
        let xml = sheet(&format!(
            "<Row><Cell ss:MergeAcross=\"2\"><Data ss:Type=\"String\">题&amp;&#21517;</Data></Cell>{}</Row>\
             <Row ss:Index=\"4\"><Cell ss:Index=\"2\"><ss:Data ss:Type=\"String\" xmlns=\"http://www.w3.org/TR/REC-html40\">\
             <Font>张</Font><B>三</B></ss:Data><Comment><ss:Data>不</ss:Data></Comment></Cell>{}{}{}{}{}</Row><Row><Cell/></Row>",
            cell("String", "末"),
            cell("Number", "430321199001011234"),
            cell("Number", "320.50"),
            cell("DateTime", "2021-12-31T00:00:00.000"),
            cell("Boolean", "1"),
            cell("Error", "#N/A"),
        ));
        let expected: [(u32, &[&str]); 2] = [
            (1, &["题&名", "", "", "末"]),
            (
                4,
                &[
                    "",
                    "张三",
                    "4.3032119900101126E17",
                    "320.5",
                    "2021-12-31",
                    "TRUE",
                    "#N/A",
                ],
            ),
        ];
        assert_eq!(
            rows(&xml),
            expected.map(|(n, cells)| (n, cells.iter().map(|c| c.to_string()).collect::<Vec<_>>()))
        );
    }

    #[test]
    fn a_row_that_stands_for_several_is_counted_as_often() {
        let xml = sheet(
            "<Row ss:Span=\"3\" ss:Hidden=\"1\"/><Row><Cell><Data ss:Type=\"String\">a</Data></Cell></Row><Row ss:Span=\"1\"/>\
             <Row><Cell><Data ss:Type=\"String\">b</Data></Cell></Row>",
        );
        let held = open("a.xls", xml.as_bytes()).ok().unwrap();
        assert_eq!(held.hidden(0).rows, [(1, 4)]);
        let numbers: Vec<u32> = rows(&xml).into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, [5, 8]);
        assert_eq!(
            damage(&sheet("<Row ss:Span=\"99999999999\"/><Row/>")),
            Damage::CellOutside
        );
    }

    #[test]
    fn an_index_that_goes_back_is_no_place() {
        let a = "<Data ss:Type=\"String\">a</Data>";
        for rows in [
            format!(
                "<Row ss:Index=\"2\"><Cell>{a}</Cell></Row><Row ss:Index=\"2\"><Cell>{a}</Cell></Row>"
            ),
            format!("<Row><Cell>{a}</Cell><Cell ss:Index=\"1\">{a}</Cell></Row>"),
        ] {
            assert_eq!(damage(&sheet(&rows)), Damage::RowsOutOfOrder, "{rows}");
        }
    }

    #[test]
    fn what_is_out_of_sight_is_told() {
        let held = open(
            "a.xls",
            workbook(
                "<Worksheet ss:Name=\"一\"><Table><Column ss:Index=\"2\" ss:Hidden=\"1\" ss:Span=\"1\"/><Column ss:Hidden=\"1\"/>\
                 <Row/><Row ss:Hidden=\"1\"><Cell><Data ss:Type=\"String\">a</Data></Cell></Row></Table></Worksheet>\
                 <Worksheet ss:Name=\"二\"><Table/><WorksheetOptions xmlns=\"urn:schemas-microsoft-com:office:excel\">\
                 <Visible>SheetHidden</Visible></WorksheetOptions></Worksheet>",
            )
            .as_bytes(),
        );
        let held = held.ok().unwrap();
        let hidden = held.hidden(0);
        assert_eq!(
            (hidden.sheet, hidden.rows, hidden.columns),
            (false, vec![(2, 2)], vec![(1, 3)])
        );
        assert!(held.hidden(1).sheet);
    }

    #[test]
    fn entities_never_grow_and_indexes_stay_on_a_sheet() {
        let laughs = sheet("<Row><Cell><Data ss:Type=\"String\">&b;</Data></Cell></Row>").replacen(
            "<Workbook",
            "<!DOCTYPE w [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><Workbook",
            1,
        );
        assert_eq!(damage(&laughs), Damage::UnknownEntity);
        for index in ["0", "4294967296", "-1", "99999999999999999999", "x"] {
            let far = sheet(&format!(
                "<Row ss:Index=\"{index}\"><Cell><Data ss:Type=\"String\">a</Data></Cell></Row>"
            ));
            assert_eq!(damage(&far), Damage::CellOutside, "{index}");
        }
        let whole = sheet("<Row><Cell><Data ss:Type=\"String\">a</Data></Cell></Row>");
        for (length, _) in whole.char_indices().skip(30) {
            assert!(
                open("a.xls", &whole.as_bytes()[..length]).is_err(),
                "{length} bytes were read"
            );
        }
    }
}
