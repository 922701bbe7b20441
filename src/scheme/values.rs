//! Values: amounts, shares and dates read exactly from their text, never through binary floating point.

use chrono::NaiveDate;

use crate::domain::{Fen, Ratio};

/// Yuan as written (`320`, `175.5`, `1_280.00`) in fen. `None`: not a plain decimal, or finer than a fen.
/// Negative amounts are read, so that the caller can say what is wrong with them.
pub(super) fn fen(text: &str) -> Option<Fen> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (yuan, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let rest = rest.trim_end_matches('0');
    let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if yuan.is_empty() || !plain(yuan) || !plain(rest) || rest.len() > 2 {
        return None;
    }
    let yuan: Fen = yuan.parse().ok()?;
    let fen: Fen = format!("{rest:0<2}").parse().ok()?;
    yuan.checked_mul(100)?.checked_add(fen)?.checked_mul(sign)
}

/// `95%`, `98.5%` as an exact fraction. `None`: no percent sign, no plain decimal, or more than 100 %.
pub(super) fn share(text: &str) -> Option<Ratio> {
    let Ratio { count, of } = decimal(text.strip_suffix(['%', '％'])?.trim_end())?;
    let of = 100 * of;
    (count <= of).then_some(Ratio { count, of })
}

/// `6`, `0.1` as an exact fraction. `None`: no plain decimal that is not negative, or more than nine decimals.
pub(super) fn decimal(number: &str) -> Option<Ratio> {
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty()
        || rest.len() > 9
        || !whole
            .bytes()
            .chain(rest.bytes())
            .all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let count: u64 = format!("{whole}{rest}").parse().ok()?;
    Some(Ratio {
        count,
        of: 10u64.pow(u32::try_from(rest.len()).ok()?),
    })
}

/// `2021-09-01`, and nothing looser: what a pipeline says must be read in one way only.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    (text.len() == 10)
        .then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_to_the_fen() {
        for (text, expected) in [
            ("320", Some(32_000)),
            ("175.5", Some(17_550)),
            ("0.29", Some(29)), // 0.29 * 100 is 28.999… in binary
            ("320.000", Some(32_000)),
            ("-1", Some(-100)),
            ("320.005", None),
            ("3.2e2", None),
            ("三百", None),
            ("", None),
            (".5", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(fen(text), expected, "{text}");
        }
    }

    #[test]
    fn shares_are_exact_and_never_above_the_whole() {
        for (text, expected) in [
            ("95%", Some((95, 100))),
            ("98.5%", Some((985, 1_000))),
            ("100%", Some((1, 1))),
            ("0%", Some((0, 1))),
            ("50％", Some((1, 2))),
            ("100.1%", None),
            ("95", None),
            ("0.95", None),
            ("-5%", None),
            ("%", None),
        ] {
            let expected = expected.map(|(count, of)| Ratio { count, of });
            assert_eq!(share(text), expected, "{text}");
        }
    }

    #[test]
    fn dates_are_of_the_calendar() {
        assert_eq!(date("2024-02-29"), NaiveDate::from_ymd_opt(2024, 2, 29));
        for text in ["2021-02-29", "2021-13-01", "2021-9-1", "2021.09.01", "明天"] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
