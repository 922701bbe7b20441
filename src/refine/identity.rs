//! Identity numbers: cleaning, verdict, person key (domain.md §8, DESIGN §4).

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::domain::person::check_character;
use crate::domain::{Code, PersonKey};

/// A number as it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined<'t> {
    /// The person's key, or the id-* code that says why there is none.
    pub key: Result<PersonKey, Code>,
    /// Canonical 18 characters of a national number, else the cleaned text; empty when missing.
    pub text: Cow<'t, str>,
}

/// 证件类型 as far as it decides how a number is read (domain.md §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// 01, blank, or a word nobody knows: the text must be a national number.
    National,
    /// Any other document, by its two-digit code.
    Other(&'static str),
}

const TYPES: [(&str, &[&str]); 12] = [
    ("02", &["军官证", "军官证件", "解放军军官证"]),
    ("03", &["武警", "武警证", "武警警官证", "武装警察身份证"]),
    ("04", &["香港", "香港特区护照", "香港通行证", "港澳居民来往内地通行证", "港澳通行证", "香港居民来往内地通行证"]),
    ("05", &["澳门", "澳门特区护照", "澳门通行证", "澳门居民来往内地通行证"]),
    ("06", &["台湾", "台湾通行证", "台湾居民来往大陆通行证", "台胞证"]),
    ("07", &["外国人永久居留证", "外国人永久居留身份证", "永久居留证"]),
    ("08", &["外国人护照", "外国护照", "护照"]),
    ("09", &["残疾人证", "残疾证"]),
    ("16", &["中国护照"]),
    ("17", &["港澳台居民居住证", "港澳居民居住证", "台湾居民居住证", "居住证"]),
    ("90", &["社保卡", "社会保障卡"]),
    ("99", &["其他", "其他证件", "其它"]),
];

impl Document {
    /// Reads the cell of a 证件类型 column: a code (leading zero often lost) or a word, or both (`08 外国人护照`).
    pub fn of(cell: &str) -> Self {
        let word = crate::domain::region::region_word(cell);
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let code = word[..digits].trim_start_matches('0');
        let found = TYPES.iter().find(|(known, words)| {
            if digits > 0 { digits <= 2 && known.trim_start_matches('0') == code } else { words.contains(&word.as_str()) }
        });
        found.map_or(Document::National, |(known, _)| Document::Other(known))
    }
}

/// Cleans and judges one number. `lossy_column`: the column lost digits in a spreadsheet (see `loses_digits`).
pub fn examine(text: Option<&str>, document: Document, lossy_column: bool) -> Examined<'_> {
    let Some(written) = text else { return refused(Code::IdMissing, Cow::Borrowed("")) };
    // Most cells are 18 plain characters already: no cleaning, no copy.
    if let Some((digits, last)) = eighteen(written.as_bytes())
        && let Ok(key) = judge(digits, last, lossy_column)
    {
        return Examined { key: Ok(key), text: Cow::Borrowed(written) };
    }
    let mut cleaned = clean(written);
    if cleaned.is_empty() {
        return refused(Code::IdMissing, cleaned);
    }
    if is_scientific(&cleaned) {
        return refused(Code::IdTruncated, cleaned);
    }
    let mut document = document;
    if document == Document::Other("09") && cleaned.chars().count() == 20 {
        // 残疾证号: the identity number, the kind and the grade of disability.
        let end = cleaned.char_indices().nth(18).map_or(cleaned.len(), |(at, _)| at);
        cleaned = Cow::Owned(cleaned[..end].to_owned());
        document = Document::National;
    }
    if let Some((digits, last)) = eighteen(cleaned.as_bytes()) {
        return match judge(digits, last, lossy_column) {
            Ok(key) => Examined { key: Ok(key), text: cleaned },
            Err(code) if is_national(document) || code == Code::IdTruncated => refused(code, cleaned),
            Err(_) => other_document(document, cleaned),
        };
    }
    match document {
        Document::National => fifteen(cleaned),
        Document::Other("17") if cleaned.chars().count() == 18 => refused(Code::IdMalformed, cleaned),
        Document::Other(_) => other_document(document, cleaned),
    }
}

/// Whether a column of numbers went through a spreadsheet that keeps 15 digits: more than 1 % of its 18-digit
/// values end in 000 (by chance it is 1 in 1,100).
pub(crate) fn loses_digits<'a>(cells: impl Iterator<Item = &'a str>) -> bool {
    let (mut long, mut round) = (0u64, 0u64);
    for cell in cells {
        let cleaned = if cell.len() == 18 && cell.is_ascii() { Cow::Borrowed(cell) } else { clean(cell) };
        let bytes = cleaned.as_bytes();
        if bytes.len() == 18 && bytes.iter().all(u8::is_ascii_digit) {
            long += 1;
            round += u64::from(bytes.ends_with(b"000"));
        }
    }
    round * 100 > long
}

fn refused(code: Code, text: Cow<'_, str>) -> Examined<'_> {
    Examined { key: Err(code), text }
}

/// 港澳台居民居住证 has the form of a national number and is judged like one.
fn is_national(document: Document) -> bool {
    matches!(document, Document::National | Document::Other("17"))
}

fn other_document(document: Document, text: Cow<'_, str>) -> Examined<'_> {
    match document {
        Document::Other(kind) => Examined { key: Ok(PersonKey::document(kind, &text)), text },
        Document::National => refused(Code::IdMalformed, text),
    }
}

/// An old number: `19` belongs after the region, and there is no check digit to test.
fn fifteen(text: Cow<'_, str>) -> Examined<'_> {
    if text.len() != 15 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return refused(Code::IdMalformed, text);
    }
    let digits = number(text.as_bytes());
    let digits17 = digits / 1_000_000_000 * 100_000_000_000 + 19_000_000_000 + digits % 1_000_000_000;
    if !has_birthdate(digits17) {
        return refused(Code::IdBirthdate, text);
    }
    let text = Cow::Owned(format!("{digits17:017}{}", check_character(digits17)));
    Examined { key: Ok(PersonKey::national(digits17)), text }
}

/// The 17 digits and the check character of a text of that form.
fn eighteen(text: &[u8]) -> Option<(u64, u8)> {
    let [digits @ .., last] = text else { return None };
    let fits = text.len() == 18 && digits.iter().all(u8::is_ascii_digit) && (last.is_ascii_digit() || *last == b'X');
    fits.then(|| (number(digits), *last))
}

fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
}

fn judge(digits17: u64, last: u8, lossy_column: bool) -> Result<PersonKey, Code> {
    let checks = check_character(digits17) == char::from(last);
    if lossy_column && last != b'X' {
        let value = digits17 * 10 + u64::from(last - b'0');
        // Ending 000: cut to 15 digits. Divisible by 16 with a wrong check digit: a float's round trip.
        if value % 1_000 == 0 || (!checks && value % 16 == 0) {
            return Err(Code::IdTruncated);
        }
    }
    match (has_birthdate(digits17), checks) {
        (false, _) => Err(Code::IdBirthdate),
        (true, false) => Err(Code::IdChecksum),
        (true, true) => Ok(PersonKey::national(digits17)),
    }
}

fn has_birthdate(digits17: u64) -> bool {
    let ymd = digits17 / 1_000 % 100_000_000;
    super::dates::exists(ymd / 10_000, ymd / 100 % 100, ymd % 100)
}

/// `4.30321E+17`: a number cell of more than 15 digits. Passports never hold a point or so large an exponent.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once('E') else { return false };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let mantissa_fits = mantissa.starts_with(|c: char| c.is_ascii_digit())
        && mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && (mantissa.len() == 1 || mantissa.as_bytes()[1] == b'.');
    mantissa_fits && exponent.len() == 2 && exponent.parse::<u8>().is_ok_and(|e| (14..=19).contains(&e))
}

/// NFKC, without blanks and quotes, upper case, every kind of X as X.
fn clean(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    for c in text.nfkc().filter(|c| !is_dropped(*c)).flat_map(char::to_uppercase) {
        cleaned.push(if matches!(c, 'Х' | '×' | 'Χ') { 'X' } else { c });
    }
    if cleaned.len() == 18 && cleaned.ends_with('*') {
        cleaned.pop();
        cleaned.push('X');
    }
    Cow::Owned(cleaned)
}

fn is_dropped(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}' | '\'' | '’' | '‘' | '`' | '"')
}
