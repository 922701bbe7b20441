//! Amounts as clerks write them → exact fen.

use unicode_normalization::UnicodeNormalization;

use crate::domain::Fen;

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

/// Reads `320`, `320.00元`, `￥1,280`, `(320)`, `-320`, full-width forms.
pub fn read(cell: Option<&str>) -> Amount {
    let Some(cell) = cell else { return Amount::Blank };
    match plain(cell.as_bytes()) {
        Some(fen) => Amount::Fen(fen),
        None => decorated(cell),
    }
}

fn decorated(cell: &str) -> Amount {
    let text: String = cell
        .nfkc()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{feff}' | '\'' | '"'))
        .map(|c| if matches!(c, '−' | '－' | '–' | '﹣') { '-' } else { c })
        .collect();
    if text.chars().all(|c| matches!(c, '-' | '—' | '/')) {
        return Amount::Blank;
    }
    let mut text = text.as_str();
    let mut negative = false;
    if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        (text, negative) = (inner, true);
    }
    let mut strip_sign = |text: &mut &str| {
        if let Some(rest) = text.strip_prefix('-')
            && !negative
        {
            (*text, negative) = (rest, true);
        }
    };
    strip_sign(&mut text);
    text = ["人民币", "RMB", "CNY", "¥"].iter().fold(text, |t, mark| t.strip_prefix(mark).unwrap_or(t));
    strip_sign(&mut text);
    text = text.strip_suffix("元整").or_else(|| text.strip_suffix('元')).or_else(|| text.strip_suffix('¥')).unwrap_or(text);
    let Some(text) = without_thousands(text) else { return Amount::Unreadable };
    match plain(text.as_bytes()) {
        Some(fen) if fen >= 0 => Amount::Fen(if negative { -fen } else { fen }),
        _ => Amount::Unreadable,
    }
}

/// `1,280,000.50` → `1280000.50`; commas anywhere else are no amount.
fn without_thousands(text: &str) -> Option<String> {
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let grouped = groups.clone().next().is_none() || (1..=3).contains(&first.len());
    (grouped && groups.all(|group| group.len() == 3) && !rest.contains(',')).then(|| format!("{}{rest}", whole.replace(',', "")))
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
    if !digits || whole.is_empty() || whole.len() > 15 || fraction.iter().skip(2).any(|b| *b != b'0') {
        return None;
    }
    let yuan = whole.iter().fold(0i64, |sum, b| sum * 10 + i64::from(b - b'0'));
    let decimal = |at: usize| fraction.get(at).map_or(0, |b| i64::from(b - b'0'));
    let fen = yuan * 100 + decimal(0) * 10 + decimal(1);
    Some(if negative { -fen } else { fen })
}

/// A count of persons: a whole number, `人` allowed. Anything else is `None`.
pub(crate) fn count(cell: Option<&str>) -> Option<i64> {
    let cell = cell?.trim_end_matches(['人', '个']);
    match read(Some(cell)) {
        Amount::Fen(fen) if fen % 100 == 0 => Some(fen / 100),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_fen_in_every_form() {
        use Amount::{Blank, Fen, Unreadable};
        for (written, amount) in [
            ("320", Fen(32_000)),
            ("320.5", Fen(32_050)),
            ("320.00", Fen(32_000)),
            ("175.55", Fen(17_555)),
            ("0.07", Fen(7)),
            ("320.000", Fen(32_000)),
            ("320.005", Unreadable),
            ("-320", Fen(-32_000)),
            ("−320", Fen(-32_000)),
            ("(320)", Fen(-32_000)),
            ("（320.00）", Fen(-32_000)),
            ("￥320", Fen(32_000)),
            ("¥-320", Fen(-32_000)),
            ("-¥320", Fen(-32_000)),
            ("320.00元", Fen(32_000)),
            ("1,280", Fen(128_000)),
            ("1，280.50", Fen(128_050)),
            ("12,80", Unreadable),
            ("３２０．００", Fen(32_000)),
            (" 320 ", Fen(32_000)),
            ("—", Blank),
            ("三百二十", Unreadable),
            ("--320", Unreadable),
            ("3.2E2", Unreadable),
            (".", Unreadable),
        ] {
            assert_eq!(read(Some(written)), amount, "{written}");
        }
        assert_eq!(read(None), Blank);
    }

    #[test]
    fn counts_are_whole_persons() {
        for (written, persons) in
            [("780,873", Some(780_873)), ("41850人", Some(41_850)), ("12.0", Some(12)), ("12.5", None), ("", None), ("—", None)]
        {
            assert_eq!(count(Some(written)), persons, "{written}");
        }
    }
}
