//! xlsx and xlsm as nearly every program writes them: their tags read straight from the bytes, without calamine.
//!
//! calamine makes events of XML, a text of every cell, and one allocation a shared text; this makes none of them, believes
//! no count, and takes any error value. What is out of the ordinary (other encodings, declarations, CDATA; `zipped`
//! tells) goes to calamine (`xlsx`).

use std::borrow::Cow;
use std::io::Read;

use crate::intake::lines::{Lines, OutOfSight, Tabs};
use crate::intake::merged::Merges;
use crate::intake::office::number_format::{self, Shown};
use crate::intake::office::streamed::{FilledRows, Guarded, Next, Placed, Unread, iso_day};
use crate::intake::office::tags::{self, Mistake, TagForm, TagName, Tags, reference, whole_number};
use crate::intake::office::texts::SharedTexts;
use crate::intake::office::zipped::{Package, Parts};
use crate::intake::trouble::Trouble;

/// An open workbook.
pub(crate) struct PlainXlsx<'b> {
    package: Package,
    parts: Parts<'b>,
    texts: SharedTexts,
    kinds: Vec<Shown>,
}

impl<'b> PlainXlsx<'b> {
    /// Opens a workbook that was looked through: its shared texts and formats.
    pub(crate) fn open(package: Package, mut parts: Parts<'b>) -> Result<Self, Trouble> {
        let styles = parts.whole(&package.styles)?.unwrap_or_default();
        let kinds = number_format::of_styles(&styles)
            .map_err(|e| trouble(parts.file(), "", Mistake::Damaged(e)))?;
        let file = parts.file().to_owned();
        let texts = match parts.again(&package.texts)? {
            Some(reader) => SharedTexts::read(Tags::new(Guarded(reader)), package.texts_bytes)
                .map_err(|e| trouble(&file, "", e))?,
            None => SharedTexts::default(),
        };
        Ok(PlainXlsx {
            package,
            parts,
            texts,
            kinds,
        })
    }
}

impl Tabs for PlainXlsx<'_> {
    fn names(&self) -> Vec<String> {
        self.package
            .tabs
            .iter()
            .map(|tab| tab.name.clone())
            .collect()
    }

    fn since_1904(&self) -> bool {
        self.package.is_1904
    }

    fn hidden(&self, at: usize) -> OutOfSight {
        self.package.tabs[at].hidden.clone()
    }

    fn merged(&self, at: usize) -> Merges {
        self.package.tabs[at].merged.clone()
    }

    fn lines<'s>(&'s mut self, at: usize) -> Result<Box<dyn Lines<'s> + 's>, Trouble> {
        let (tab, file) = (&self.package.tabs[at], &*self.package.file);
        let lost = || trouble(file, &tab.name, Mistake::Xml("a sheet without its part"));
        let reader = self.parts.again(&tab.part)?.ok_or_else(lost)?;
        let mut cells = Cells {
            tags: Tags::new(Guarded(reader)),
            texts: &self.texts,
            kinds: &self.kinds,
            is_1904: self.package.is_1904,
            place: (0, 0),
            filled: None,
            is_again: false,
            began: false,
        };
        let next = move || cells.next().map_err(|e| trouble(file, &tab.name, e));
        Ok(Box::new(FilledRows::new(file, &tab.name, next)))
    }
}

fn trouble(file: &str, sheet: &str, mistake: Mistake) -> Trouble {
    Unread::Broken(mistake.into_reason()).trouble(file, sheet)
}

/// The cells of a sheet in the order of the file.
struct Cells<'s, R> {
    tags: Tags<R>,
    texts: &'s SharedTexts,
    kinds: &'s [Shown],
    is_1904: bool,
    /// Row and column of a cell that does not say where it stands.
    place: (u32, u32),
    /// The last row in which anything stood.
    filled: Option<u32>,
    /// The row has the number of that one.
    is_again: bool,
    began: bool,
}

/// `t` of a cell.
#[derive(Clone, Copy)]
enum Holds {
    Number,
    Shared,
    Text,
    Inline,
    Bool,
    Error,
    Day,
}

impl<'s, R: Read> Cells<'s, R> {
    fn next(&mut self) -> Next<'s, Mistake> {
        while let Some((name, form)) = self.tags.next()? {
            match (name, form) {
                (TagName::SheetData, TagForm::Start) => self.began = true,
                (TagName::SheetData, _) => return Ok(None),
                _ if !self.began => {}
                (TagName::Row, TagForm::End) => self.place = (self.place.0.saturating_add(1), 0),
                (TagName::Row, _) => self.row(form)?,
                (TagName::C, TagForm::Start | TagForm::Empty) => return self.cell(form).map(Some),
                _ => {}
            }
        }
        // Cut in the middle, or no worksheet at all.
        Err(Mistake::Xml("a sheet without an end"))
    }

    fn row(&mut self, form: TagForm) -> Result<(), Mistake> {
        let mut number = None;
        self.tags.attributes(|name, value| {
            if name == b"r" {
                number = Some(whole_number(value).and_then(|n| n.checked_sub(1)));
            }
        });
        if let Some(number) = number {
            self.place.0 = number.ok_or(Mistake::Xml("a row without a number"))?;
        }
        self.is_again = self.filled == Some(self.place.0);
        if form == TagForm::Empty {
            self.place = (self.place.0.saturating_add(1), 0);
        }
        Ok(())
    }

    fn cell(&mut self, form: TagForm) -> Result<Placed<'s>, Mistake> {
        let (mut place, mut style, mut holds) = (Ok(self.place), 0, Some(Holds::Number));
        self.tags.attributes(|name, value| match name {
            b"r" => {
                place = reference(value).ok_or(Mistake::Xml(
                    "a cell without a row component or column component",
                ))
            }
            b"s" => style = whole_number(value).unwrap_or(u32::MAX),
            b"t" => holds = held(value),
            _ => {}
        });
        let (row, column) = place?;
        let holds = holds.ok_or(Mistake::Xml("unrecognized kind of cell"))?;
        self.place.1 = column.saturating_add(1);
        let text = if form == TagForm::Empty {
            Cow::Borrowed("")
        } else {
            self.content(holds, style as usize)?
        };
        if !text.is_empty() {
            if self.is_again {
                return Err(Mistake::Xml("two rows in one place"));
            }
            self.filled = Some(self.place.0);
        }
        Ok((row, column, text))
    }

    /// What stands between `<c>` and `</c>`.
    fn content(&mut self, holds: Holds, style: usize) -> Result<Cow<'s, str>, Mistake> {
        let mut content = Cow::Borrowed("");
        while let Some(tag) = self.tags.next()? {
            match tag {
                (TagName::V, TagForm::End) => content = self.value(holds, style)?,
                (TagName::Is, TagForm::Start) => {
                    let mut text = String::new();
                    self.tags.rich_text(TagName::Is, &mut text)?;
                    content = Cow::Owned(text);
                }
                (TagName::C, TagForm::End) => return Ok(content),
                _ => {}
            }
        }
        Err(Mistake::Xml("a cell without an end"))
    }

    fn value(&self, holds: Holds, style: usize) -> Result<Cow<'s, str>, Mistake> {
        let written = self.tags.text()?;
        if written.is_empty() {
            return Ok(Cow::Borrowed(""));
        }
        match holds {
            Holds::Number => Ok(Cow::Owned(self.number(written, style)?)),
            Holds::Shared => {
                let text = written.trim().parse().ok().and_then(|at| self.texts.at(at));
                text.map(Cow::Borrowed)
                    .ok_or(Mistake::Xml("a shared text that is not there"))
            }
            Holds::Text | Holds::Error => Ok(Cow::Owned(unescaped(written)?)),
            Holds::Inline => Ok(Cow::Borrowed("")), // what `<is>` says, once more
            Holds::Bool => match written.trim() {
                "1" | "true" | "TRUE" => Ok(Cow::Borrowed("TRUE")),
                "0" | "false" | "FALSE" => Ok(Cow::Borrowed("FALSE")),
                _ => Err(Mistake::Xml("unrecognized boolean cell value")),
            },
            Holds::Day => Ok(Cow::Owned(iso_day(&unescaped(written)?).to_owned())),
        }
    }

    fn number(&self, written: &str, style: usize) -> Result<String, Mistake> {
        let kind = self.kinds.get(style).copied().unwrap_or(Shown::Number);
        if kind == Shown::Number && is_plain_integer(written) {
            return Ok(written.to_owned());
        }
        let Ok(value) = written.parse::<f64>() else {
            return unescaped(written);
        };
        Ok(kind.text(value, self.is_1904))
    }
}

/// Up to 15 digits that `cell::number` would write as they stand.
fn is_plain_integer(written: &str) -> bool {
    let bytes = written.as_bytes();
    let leads = bytes.len() == 1 || bytes.first() != Some(&b'0');
    leads && bytes.len() <= 15 && bytes.iter().all(u8::is_ascii_digit)
}

fn unescaped(written: &str) -> Result<String, Mistake> {
    let mut text = String::with_capacity(written.len());
    tags::unescape(written, &mut text)?;
    tags::without_excel_escapes(&mut text, 0);
    Ok(text)
}

fn held(kind: &[u8]) -> Option<Holds> {
    match kind {
        b"s" => Some(Holds::Shared),
        b"str" => Some(Holds::Text),
        b"inlineStr" | b"is" => Some(Holds::Inline),
        b"n" => Some(Holds::Number),
        b"b" => Some(Holds::Bool),
        b"e" => Some(Holds::Error),
        b"d" => Some(Holds::Day),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::cell;
    use crate::intake::lines::Laid;
    use crate::intake::office::zipped::{Worksheet, Zipped};

    #[test]
    fn an_integer_is_copied_only_where_the_number_would_be_written_the_same() {
        for (written, plain) in [
            ("0", true),
            ("320", true),
            ("007", false),
            ("1.0", false),
            ("999999999999999", true),
        ] {
            assert_eq!(is_plain_integer(written), plain, "{written}");
            if plain {
                assert_eq!(cell::number(written.parse().unwrap()), written);
            }
        }
        assert!(!is_plain_integer("1000000000000000"));
    }

    /// Name of a sheet, and its rows by number.
    type Named = (String, Vec<(u32, Vec<String>)>);

    fn rows(tabs: &mut dyn Tabs) -> Vec<Named> {
        let mut sheets = Vec::new();
        for (at, name) in tabs.names().into_iter().enumerate() {
            let (mut lines, mut cells, mut rows) =
                (tabs.lines(at).unwrap(), Vec::new(), Vec::new());
            while let Some(number) = lines.next(&mut cells).unwrap() {
                rows.push((number, cells.iter().map(|cell| cell.to_string()).collect()));
            }
            sheets.push((name, rows));
        }
        sheets
    }

    fn a_bit_of_everything() -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
        use rust_xlsxwriter::{Color, ExcelDateTime, Format, Formula, Url, Workbook};
        let formats = [
            "yyyy-mm-dd",
            "0.00",
            "[h]:mm",
            "yyyy\"年\"m\"月\"",
            "@",
            "[Red]0;dd",
            "h:mm AM/PM",
            "General",
            "#,##0.00_ ",
        ];
        let mut book = Workbook::new();
        let sheet = book.add_worksheet().set_name("甲&乙<丙>\"")?;
        let bold = Format::new().set_bold();
        for (column, format) in (0..).zip(formats) {
            let format = Format::new().set_num_format(format);
            for (row, value) in (2..).zip([
                0.0,
                1.0,
                0.25,
                44_561.0,
                44_561.75,
                -3.5,
                1e15,
                1e-7,
                123_456_789_012_345.0,
                2_958_466.0,
            ]) {
                sheet.write_number_with_format(row, column, value, &format)?;
            }
        }
        for (row, text) in (20..).zip([
            "a\r\nb",
            " 前后 ",
            "_x000D_",
            "<&>\"'",
            "\u{200b}",
            "😀",
            "\u{1}\tb",
            &"长".repeat(32_767),
        ]) {
            sheet.write_string(row, 3, text)?;
        }
        sheet
            .write_rich_string(30, 0, &[(&Format::default(), "粗"), (&bold, " 细 ")])?
            .write_boolean(30, 1, true)?;
        sheet
            .write_formula(31, 0, Formula::new("1/0").set_result("#DIV/0!"))?
            .write_formula(31, 1, Formula::new("\"甲\"").set_result("甲"))?;
        sheet
            .write_url(32, 0, Url::new("https://example.com").set_text("链接"))?
            .write_blank(33, 0, &bold)?;
        sheet
            .write_datetime(34, 5, &ExcelDateTime::from_ymd(2021, 12, 31)?)?
            .write_blank(35, 0, &Format::new().set_background_color(Color::Red))?;
        sheet
            .merge_range(40, 1, 41, 3, "合并", &bold)?
            .merge_range(42, 1, 44, 1, "向下", &bold)?
            .set_row_hidden(34)?
            .set_row_hidden(35)?
            .set_column_hidden(2)?;
        book.add_worksheet()
            .set_hidden(true)
            .write_string(1_048_575, 16_383, "远")?;
        book.add_worksheet_with_constant_memory()?
            .write_string(0, 0, "内联")?;
        book.save_to_buffer()
    }

    #[test]
    fn calamine_reads_the_same() {
        let bytes = a_bit_of_everything().unwrap();
        let found = Zipped::look("a.xlsx", &bytes).unwrap();
        let Zipped::Xlsx(package, parts) = found else {
            panic!("nothing is out of the ordinary")
        };
        let laid = |tab: &Worksheet| Laid {
            hidden: tab.hidden.clone(),
            merged: tab.merged.clone(),
        };
        let laid = package.tabs.iter().map(laid).collect();
        let mut ours = PlainXlsx::open(package, parts).unwrap();
        let mut theirs =
            crate::intake::office::xlsx::OddXlsx::open("a.xlsx", &bytes, laid).unwrap();
        assert_eq!(ours.names(), ["甲&乙<丙>\"", "Sheet2", "Sheet3"]);
        for at in 0..3 {
            assert_eq!(ours.hidden(at), theirs.hidden(at));
        }
        let mut down = Merges::default();
        down.add((42, 44), (1, 1)).unwrap();
        assert_eq!(ours.merged(0), down);
        assert_eq!(
            ours.hidden(0),
            OutOfSight {
                sheet: false,
                rows: vec![(35, 36)],
                columns: vec![(2, 2)]
            }
        );
        assert!(ours.hidden(1).sheet && !ours.hidden(2).sheet);
        let (ours, theirs) = (rows(&mut ours), rows(&mut theirs));
        assert_eq!(ours[0].1.len(), 23);
        assert_eq!(ours, theirs);
    }
}
