//! Amounts as clerks write them → exact fen.

use unicode_normalization::UnicodeNormalization;

use super::ledger::UNREADABLE;
use super::written::{is_marker, is_nothing, is_quote, without_equals};
use crate::domain::blank::is_blank;
use crate::domain::{Fen, Repair, Repairs};

/// What an amount cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Nothing, or a dash for nothing.
    Blank,
    /// So many fen.
    Fen(Fen),
    /// Not an amount, or finer than a fen.
    Unreadable,
}

impl Amount {
    /// Fen, 0 where there is none.
    pub fn or_zero(self) -> Fen {
        if let Amount::Fen(fen) = self { fen } else { 0 }
    }
}

/// The amount of a cell.
pub fn read(cell: Option<&str>) -> Amount {
    understand(cell).0
}

/// The amount of a cell, and the rules it took to read it: `320.00元`, `￥1,280`, `(320)`, `320 RMB`, full-width forms.
pub fn understand(cell: Option<&str>) -> (Amount, Repairs) {
    let Some(cell) = cell else {
        return (Amount::Blank, Repairs::NONE);
    };
    match plain(cell.as_bytes()) {
        Some(fen) => (Amount::Fen(fen), Repairs::NONE),
        None => match decorated(cell) {
            (Amount::Unreadable, _) => (Amount::Unreadable, UNREADABLE),
            known => known,
        },
    }
}

fn decorated(cell: &str) -> (Amount, Repairs) {
    let mut rules = Repairs::NONE;
    let text = simplified(cell, &mut rules);
    if is_nothing(&text) {
        return (Amount::Blank, Repairs::NONE);
    }
    if is_marker(&text) {
        return (Amount::Blank, Repairs::one(Repair::NullMarker));
    }
    let mut text = without_marks(&text, &mut rules);
    let mut negative = false;
    if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        rules.add(Repair::Parentheses);
        (text, negative) = (without_marks(inner, &mut rules), true);
    }
    if let Some(rest) = text.strip_prefix('-')
        && !negative
    {
        (text, negative) = (without_marks(rest, &mut rules), true);
    }
    let Some(number) = without_thousands(text) else {
        return (Amount::Unreadable, rules);
    };
    let rules = rules.with(Repair::Thousands, text.contains(','));
    match plain(number.as_bytes()) {
        Some(fen) if fen >= 0 => (Amount::Fen(if negative { -fen } else { fen }), rules),
        _ => (Amount::Unreadable, rules),
    }
}

/// NFKC in capitals, without blanks and quotes, every stroke for a minus as `-`.
fn simplified(cell: &str, rules: &mut Repairs) -> String {
    let trimmed = cell.trim_matches(is_blank);
    *rules = rules.with(Repair::Blanks, trimmed.len() < cell.len());
    let mut text = String::with_capacity(cell.len());
    for c in without_equals(trimmed).unwrap_or(trimmed).chars() {
        for plain in c.nfkc() {
            match plain {
                quote if is_quote(quote) => rules.add(Repair::Quotes),
                blank if is_blank(blank) => rules.add(Repair::Blanks),
                '−' | '–' => {
                    rules.add(Repair::MinusSign);
                    text.push('-');
                }
                _ => {
                    // Signs of their own rule say so there.
                    if plain != c && !matches!(plain, '¥' | '(' | ')' | ',') {
                        rules.add(Repair::FullWidth);
                    }
                    text.push(plain.to_ascii_uppercase());
                }
            }
        }
    }
    text
}

/// Without the currency before or behind, and without the unit.
fn without_marks<'t>(text: &'t str, rules: &mut Repairs) -> &'t str {
    const CURRENCIES: [&str; 5] = ["人民币", "RMB", "CNY", "¥", "￥"];
    const UNITS: [&str; 6] = ["元整", "元正", "圆整", "圆正", "元", "圆"];
    let mut text = text;
    for currency in CURRENCIES {
        if let Some(rest) = text
            .strip_prefix(currency)
            .or_else(|| text.strip_suffix(currency))
        {
            rules.add(Repair::CurrencyMark);
            text = rest;
        }
    }
    for unit in UNITS {
        if let Some(rest) = text.strip_suffix(unit) {
            rules.add(Repair::Unit);
            text = rest;
            break;
        }
    }
    text
}

/// `1,280,000.50` → `1280000.50`; commas anywhere else are no amount.
fn without_thousands(text: &str) -> Option<String> {
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let grouped = groups.clone().next().is_none() || (1..=3).contains(&first.len());
    (grouped && groups.all(|group| group.len() == 3) && !rest.contains(','))
        .then(|| format!("{}{rest}", whole.replace(',', "")))
}

/// Digits, an optional sign before and an optional fraction after. Decimals below a fen must be zero.
fn plain(text: &[u8]) -> Option<Fen> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let point = text.iter().position(|b| *b == b'.').unwrap_or(text.len());
    let (whole, fraction) = (&text[..point], text.get(point + 1..).unwrap_or_default());
    let digits = whole.iter().chain(fraction).all(u8::is_ascii_digit);
    if !digits
        || whole.is_empty()
        || whole.len() > 15
        || fraction.iter().skip(2).any(|b| *b != b'0')
    {
        return None;
    }
    let yuan = whole
        .iter()
        .fold(0i64, |sum, b| sum * 10 + i64::from(b - b'0'));
    let decimal = |at: usize| fraction.get(at).map_or(0, |b| i64::from(b - b'0'));
    let fen = yuan * 100 + decimal(0) * 10 + decimal(1);
    Some(if negative { -fen } else { fen })
}

/// A count of persons: a whole number, `人` allowed. Anything else is `None`.
pub(crate) fn count(cell: Option<&str>) -> Option<i64> {
    understand_count(cell).0
}

/// A count of persons, and the rules it took to read it: a whole number, `人` allowed.
pub(crate) fn understand_count(cell: Option<&str>) -> (Option<i64>, Repairs) {
    let Some(cell) = cell else {
        return (None, Repairs::NONE);
    };
    let number = cell.trim_end_matches(['人', '个']);
    match understand(Some(number)) {
        (Amount::Fen(fen), rules) if fen % 100 == 0 => {
            (Some(fen / 100), rules.with(Repair::Unit, number != cell))
        }
        (Amount::Blank, rules) => (None, rules),
        _ => (None, UNREADABLE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_fen_in_every_form() {
        use Amount::{Blank, Fen, Unreadable};
        for (written, amount, rules) in [
            // plain
            ("320", Fen(32_000), ""),
            ("320.5", Fen(32_050), ""),
            ("320.00", Fen(32_000), ""),
            ("175.55", Fen(17_555), ""),
            ("0.07", Fen(7), ""),
            ("320.000", Fen(32_000), ""),
            ("-320", Fen(-32_000), ""),
            ("+320", Fen(32_000), ""),
            ("999999999999999.99", Fen(99_999_999_999_999_999), ""),
            // repairs
            ("−320", Fen(-32_000), "minus-sign"),
            ("－３２０", Fen(-32_000), "full-width"),
            ("(320)", Fen(-32_000), "parentheses"),
            ("（320.00）", Fen(-32_000), "parentheses"),
            ("(￥320元)", Fen(-32_000), "currency-mark unit parentheses"),
            ("￥320", Fen(32_000), "currency-mark"),
            ("¥-320", Fen(-32_000), "currency-mark"),
            ("-¥320", Fen(-32_000), "currency-mark"),
            ("320.00 RMB", Fen(32_000), "blanks currency-mark"),
            ("rmb320", Fen(32_000), "currency-mark"),
            ("320元人民币", Fen(32_000), "currency-mark unit"),
            ("320.00元", Fen(32_000), "unit"),
            ("320圆", Fen(32_000), "unit"),
            ("320元整", Fen(32_000), "unit"),
            ("1,280", Fen(128_000), "thousands"),
            ("1，280.50", Fen(128_050), "thousands"),
            ("￥1,280.00元", Fen(128_000), "currency-mark unit thousands"),
            ("３２０．００", Fen(32_000), "full-width"),
            (" 320 ", Fen(32_000), "blanks"),
            ("320\u{a0}", Fen(32_000), "blanks"),
            ("'320", Fen(32_000), "quotes"),
            ("=\"320\"", Fen(32_000), "quotes"),
            // nothing
            ("—", Blank, ""),
            ("-", Blank, ""),
            ("无", Blank, ""),
            // no amount
            ("12,80", Unreadable, "unreadable"),
            ("1.280,00", Unreadable, "unreadable"),
            ("1,2800", Unreadable, "unreadable"),
            ("320.005", Unreadable, "unreadable"),
            ("三百二十", Unreadable, "unreadable"),
            ("--320", Unreadable, "unreadable"),
            ("(-320)", Unreadable, "unreadable"),
            ("3.2E2", Unreadable, "unreadable"),
            ("320+320", Unreadable, "unreadable"),
            ("320/160", Unreadable, "unreadable"),
            ("1000000000000000000", Unreadable, "unreadable"),
            ("元", Unreadable, "unreadable"),
            (".", Unreadable, "unreadable"),
        ] {
            let (got, used) = understand(Some(written));
            let used: Vec<&str> = used.each().map(Repair::code).collect();
            assert_eq!((got, used.join(" ").as_str()), (amount, rules), "{written}");
        }
        assert_eq!(understand(None), (Blank, Repairs::NONE));
    }

    #[test]
    fn counts_are_whole_persons() {
        for (written, persons, rules) in [
            ("780873", Some(780_873), ""),
            ("780,873", Some(780_873), "thousands"),
            ("41850人", Some(41_850), "unit"),
            ("12.0", Some(12), ""),
            ("12.5", None, "unreadable"),
            ("约五万", None, "unreadable"),
            ("—", None, ""),
        ] {
            let (got, used) = understand_count(Some(written));
            let used: Vec<&str> = used.each().map(Repair::code).collect();
            assert_eq!(
                (got, used.join(" ").as_str()),
                (persons, rules),
                "{written}"
            );
        }
    }
}
