//! Which number formats of a workbook make a day of a number.

use std::collections::HashMap;

use calamine::{ExcelDateTime, ExcelDateTimeType};

use crate::intake::cell;
use crate::intake::office::streamed::date;
use crate::intake::office::zipped::{attribute, each_element, unescaped};

/// What a number format makes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Number,
    /// A day, or a time of day.
    Day,
    /// `[h]:mm`: hours that go on counting.
    Duration,
}

impl Shown {
    /// A format by its number: the workbook's own come first.
    pub(crate) fn of_number(own: &HashMap<u32, Self>, id: u32) -> Self {
        own.get(&id).copied().unwrap_or_else(|| Shown::built_in(id))
    }

    /// Formats that have a number and no text (ECMA-376 18.8.30): 27–36 and 50–58 are the East Asian days.
    fn built_in(id: u32) -> Self {
        match id {
            14..=22 | 27..=36 | 45 | 47 | 50..=58 => Shown::Day,
            46 => Shown::Duration,
            _ => Shown::Number,
        }
    }

    /// A format's text: the first of its sections says. Day and hour letters count outside of quotes, brackets and escapes.
    pub(crate) fn of_code(code: &str) -> Self {
        let mut rest = code.chars();
        while let Some(c) = rest.next() {
            match c.to_ascii_lowercase() {
                '\\' | '_' | '*' => drop(rest.next()),
                '"' => drop(rest.by_ref().find(|c| *c == '"')),
                '[' => {
                    let inside: String = rest.by_ref().take_while(|c| *c != ']').collect();
                    let inside = inside.to_ascii_lowercase();
                    if ["h", "m", "s"]
                        .iter()
                        .any(|unit| !inside.is_empty() && inside.chars().all(|c| unit.contains(c)))
                    {
                        return Shown::Duration;
                    }
                }
                ';' => return Shown::Number,
                'd' | 'm' | 'h' | 'y' | 's' => return Shown::Day,
                _ => {}
            }
        }
        Shown::Number
    }

    /// A number of a cell as a clerk would type it.
    pub(crate) fn text(self, value: f64, is_1904: bool) -> String {
        let serial = |kind| date(&ExcelDateTime::new(value, kind, is_1904));
        match self {
            Shown::Number => cell::number(value),
            Shown::Day => serial(ExcelDateTimeType::DateTime),
            Shown::Duration => serial(ExcelDateTimeType::TimeDelta),
        }
    }
}

/// The kind of every cell style (`s` of a cell), from `styles.xml`. An error is the parser's own.
pub(crate) fn of_styles(xml: &[u8]) -> Result<Vec<Shown>, String> {
    let (mut own, mut kinds, mut inside) = (HashMap::new(), Vec::new(), false);
    let read = each_element(xml, |element, ended| {
        inside &= ended != Some("cellXfs");
        let Some(element) = element else { return true };
        let number = |name| attribute(element, name).and_then(|id| id.trim().parse::<u32>().ok());
        match element.local_name().into_inner() {
            "cellXfs" => inside = true,
            "numFmt" => {
                if let (Some(id), Some(code)) =
                    (number("numFmtId"), attribute(element, "formatCode"))
                {
                    own.insert(id, Shown::of_code(&unescaped(&code)));
                }
            }
            "xf" if inside => {
                let kind =
                    number("numFmtId").map_or(Shown::Number, |id| Shown::of_number(&own, id));
                kinds.push(kind);
            }
            _ => {}
        }
        true
    });
    read.map(|()| kinds).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_a_day_where_a_letter_of_its_first_section_says_so() {
        #[rustfmt::skip]
        let cases = [
            ("yyyy-mm-dd",                          Shown::Day),
            ("yyyy\"年\"m\"月\"d\"日\";@",          Shown::Day),
            ("[$-804]yyyy年m月",                    Shown::Day),
            ("[DBNum1][$-804]上午/下午h\"时\"",      Shown::Day),
            ("h:mm AM/PM",                          Shown::Day),
            ("[h]:mm:ss",                           Shown::Duration),
            ("[ss].00",                             Shown::Duration),
            ("General",                             Shown::Number),
            ("@",                                   Shown::Number),
            ("0.00_ ",                              Shown::Number),
            ("#,##0;[Red]-#,##0",                   Shown::Number),
            ("0;dd",                                Shown::Number),
            ("0\"day\"",                            Shown::Number),
            ("0\\d_y*s",                            Shown::Number),
            ("[Red]0",                              Shown::Number),
            ("_ ￥* #,##0.00_ ",                    Shown::Number),
        ];
        for (code, kind) in cases {
            assert_eq!(Shown::of_code(code), kind, "{code}");
        }
    }
}
