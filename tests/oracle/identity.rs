//! Numbers and names, once more from docs/readings.md#identity: no line shared with `src/`.

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

/// What a number turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// What is printed: 18 characters for a valid national number, else the cleaned text.
    pub text: String,
    /// Equal keys are one person; `None` = unusable.
    pub key: Option<String>,
    /// id-* code of an unusable number.
    pub verdict: Option<&'static str>,
}

/// NFKC, without blanks, invisible characters and quotes, in upper case, with the look-alikes of X at the end.
pub fn clean_number(text: &str) -> String {
    let mut clean: String = text
        .nfkc()
        .filter(|c| {
            !c.is_whitespace()
                && !matches!(
                    c,
                    '\u{a0}' | '\u{200b}' | '\u{feff}' | '\'' | '’' | '‘' | '`' | '"'
                )
        })
        .flat_map(char::to_uppercase)
        .map(|c| if matches!(c, 'Х' | '×') { 'X' } else { c })
        .collect();
    if clean.chars().count() == 18 && clean.ends_with('*') {
        clean.pop();
        clean.push('X');
    }
    clean
}

/// The 18th character of 17 digits, by the table of weights.
pub fn check_of(digits17: &str) -> char {
    let weights = [7u32, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits17
        .chars()
        .zip(weights)
        .map(|(c, w)| c.to_digit(10).expect("a digit") * w)
        .sum();
    ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize]
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn date_exists(ymd: &str) -> bool {
    ymd.len() == 8
        && all_digits(ymd)
        && NaiveDate::from_ymd_opt(
            ymd[..4].parse().expect("digits"),
            ymd[4..6].parse().expect("digits"),
            ymd[6..].parse().expect("digits"),
        )
        .is_some()
}

fn national_shape(text: &str) -> bool {
    text.len() == 18
        && text.is_ascii()
        && all_digits(&text[..17])
        && (all_digits(&text[17..]) || text.ends_with('X'))
}

fn check_fits(text: &str) -> bool {
    text.ends_with(check_of(&text[..17]))
}

fn scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once('E') else {
        return false;
    };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    all_digits(exponent) && mantissa.contains('.') && all_digits(&mantissa.replace('.', ""))
}

/// Whether a sheet's column of cleaned numbers has lost its last digits: more than 1 % of its 18-digit values end 000.
pub fn column_is_truncated(column: &[String]) -> bool {
    let long: Vec<&String> = column
        .iter()
        .filter(|t| t.len() == 18 && all_digits(t))
        .collect();
    let lost = long.iter().filter(|t| t.ends_with("000")).count();
    lost * 100 > long.len()
}

fn two_digit_kind(kind: &str) -> String {
    match kind {
        "外国人护照" => "08".into(),
        k if k.len() == 1 => format!("0{k}"),
        k => k.into(),
    }
}

/// The verdict on one number, in the order of docs/readings.md#identity.
pub fn number(raw: &str, kind: &str, truncated_column: bool) -> Number {
    let text = clean_number(raw);
    let unusable = |verdict| Number {
        text: text.clone(),
        key: None,
        verdict: Some(verdict),
    };
    if text.is_empty() {
        return unusable("id-missing");
    }
    let is_national_kind = matches!(kind, "" | "1" | "01" | "居民身份证" | "身份证" | "户口簿");
    let valid = national_shape(&text) && date_exists(&text[6..14]) && check_fits(&text);
    if scientific(&text) {
        return unusable("id-truncated");
    }
    if truncated_column && text.len() == 18 && all_digits(&text) {
        let divisible = text.parse::<u64>().expect("18 digits fit") % 16 == 0;
        if text.ends_with("000") || (!check_fits(&text) && divisible) {
            return unusable("id-truncated");
        }
    }
    if valid {
        return Number {
            key: Some(format!("national {text}")),
            text,
            verdict: None,
        };
    }
    let is_permit = two_digit_kind(kind) == "17" && text.chars().count() == 18;
    if !(is_national_kind || is_permit) {
        return Number {
            key: Some(format!("{} {text}", two_digit_kind(kind))),
            text,
            verdict: None,
        };
    }
    if text.len() == 15 && all_digits(&text) {
        let seventeen = format!("{}19{}", &text[..6], &text[6..]);
        if !date_exists(&seventeen[6..14]) {
            return unusable("id-birthdate");
        }
        let full = format!("{seventeen}{}", check_of(&seventeen));
        return Number {
            key: Some(format!("national {full}")),
            text: full,
            verdict: None,
        };
    }
    if !national_shape(&text) {
        return unusable("id-malformed");
    }
    if !date_exists(&text[6..14]) {
        return unusable("id-birthdate");
    }
    unusable("id-checksum")
}

/// Birth date inside a valid national number.
pub fn birth_of(text: &str) -> Option<NaiveDate> {
    (national_shape(text) && date_exists(&text[6..14]))
        .then(|| NaiveDate::parse_from_str(&text[6..14], "%Y%m%d").expect("the date exists"))
}

/// A name without blanks, its dots made one; `None` when nothing is left.
pub fn clean_name(text: &str) -> Option<String> {
    let clean: String = text
        .nfkc()
        .filter(|c| {
            !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{feff}')
        })
        .map(|c| {
            if matches!(c, '·' | '•' | '．' | '‧' | '・' | '.') {
                '·'
            } else {
                c
            }
        })
        .collect();
    (!clean.is_empty()).then_some(clean)
}

/// Characters of a name; `None` stands for one that could not be written.
fn letters(name: &str) -> Vec<Option<char>> {
    let mut out = Vec::new();
    let mut in_run = false;
    for c in name.chars() {
        if c.is_ascii_alphabetic() {
            if !in_run {
                out.push(None);
            }
            in_run = true;
            continue;
        }
        in_run = false;
        let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
        out.push((!private && !matches!(c, '?' | '□' | '〓' | '*' | '\u{fffd}')).then_some(c));
    }
    out
}

pub fn has_unwritable(name: &str) -> bool {
    letters(name).iter().any(Option::is_none)
}

/// Whether two different names agree wherever both could be written.
pub fn differ_only_in_unwritable(a: &str, b: &str) -> bool {
    let (a, b) = (letters(a), letters(b));
    a.len() == b.len()
        && a.iter()
            .zip(&b)
            .all(|(x, y)| x.is_none() || y.is_none() || x == y)
}

/// One substitution, or two neighbours exchanged, between numbers of 18 characters.
pub fn one_slip_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len() != 18 || b.len() != 18 {
        return false;
    }
    let wrong: Vec<usize> = (0..18).filter(|&i| a[i] != b[i]).collect();
    match wrong.as_slice() {
        [_] => true,
        [i, j] => *j == i + 1 && a[*i] == b[*j] && a[*j] == b[*i],
        _ => false,
    }
}

/// The first 15 digits of a truncated number, where it still has them.
pub fn first_fifteen(text: &str) -> Option<String> {
    let digits: String = text
        .split('E')
        .next()
        .unwrap_or("")
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    (digits.len() >= 15).then(|| digits[..15].to_owned())
}

#[test]
fn every_form_of_a_number_gets_its_verdict() {
    // as written, document type, column lost its tails, printed, verdict
    for (raw, kind, lost, text, verdict) in [
        ("11010519491231002x", "", false, "11010519491231002X", ""),
        (
            "’110105 19491231002Х",
            "01",
            false,
            "11010519491231002X",
            "",
        ),
        ("110105491231002", "1", false, "11010519491231002X", ""),
        ("610104620927690", "", false, "610104196209276908", ""),
        ("810000199408230021", "17", false, "810000199408230021", ""),
        ("e12345678", "08", false, "E12345678", ""),
        ("E12345678", "", false, "E12345678", "id-malformed"),
        ("", "", false, "", "id-missing"),
        (" ’ ", "", false, "", "id-missing"),
        ("4.30321E+17", "", false, "4.30321E+17", "id-truncated"),
        (
            "440524188001010000",
            "",
            true,
            "440524188001010000",
            "id-truncated",
        ),
        (
            "440524188001010000",
            "",
            false,
            "440524188001010000",
            "id-checksum",
        ),
        (
            "440524188013010014",
            "",
            false,
            "440524188013010014",
            "id-birthdate",
        ),
        (
            "440524188001010015",
            "",
            false,
            "440524188001010015",
            "id-checksum",
        ),
        (
            "44052418800101001",
            "",
            false,
            "44052418800101001",
            "id-malformed",
        ),
        (
            "440524001301001",
            "",
            false,
            "440524001301001",
            "id-birthdate",
        ),
    ] {
        let got = number(raw, kind, lost);
        assert_eq!(
            (got.text.as_str(), got.verdict.unwrap_or("")),
            (text, verdict),
            "{raw} {kind}"
        );
        assert_eq!(got.key.is_none(), got.verdict.is_some());
    }
}

#[test]
fn names_differ_or_only_could_not_be_written() {
    // a, b, only unwritable
    for (a, b, only) in [
        ("王㛃", "王?", true),
        ("王jie", "王㛃", true),
        ("王?", "王", false),
        ("张三", "李三", false),
        ("阿依·古丽", "阿依·古力", false),
    ] {
        assert_eq!(differ_only_in_unwritable(a, b), only, "{a} {b}");
    }
    assert_eq!(clean_name(" 阿依．古丽 ").as_deref(), Some("阿依·古丽"));
    assert_eq!(clean_name("\u{3000}"), None);
}
