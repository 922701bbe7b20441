//! Identity numbers: cleaning, verdict, person key (docs/readings.md#identity).

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::written::{is_nothing, is_quote, without_equals};
use crate::domain::blank::is_blank;
use crate::domain::person::check_character;
use crate::domain::{Code, PersonKey, Repair, Repairs};

/// A number as it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined<'t> {
    /// The person's key, or the id-* code that says why there is none.
    pub key: Result<PersonKey, Code>,
    /// Canonical 18 characters of a national number, else the cleaned text; empty when missing.
    pub text: Cow<'t, str>,
}

/// 证件类型 as far as it decides how a number is read (docs/readings.md#identity).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdType {
    /// 01, blank, or a word nobody knows: the text must be a national number.
    National,
    /// Any other document, by its two-digit code.
    Other(&'static str),
}

const TYPES: [(&str, &[&str]); 12] = [
    ("02", &["军官证", "军官证件", "解放军军官证"]),
    ("03", &["武警", "武警证", "武警警官证", "武装警察身份证"]),
    (
        "04",
        &[
            "香港",
            "香港特区护照",
            "香港通行证",
            "港澳居民来往内地通行证",
            "港澳通行证",
            "香港居民来往内地通行证",
        ],
    ),
    (
        "05",
        &[
            "澳门",
            "澳门特区护照",
            "澳门通行证",
            "澳门居民来往内地通行证",
        ],
    ),
    (
        "06",
        &["台湾", "台湾通行证", "台湾居民来往大陆通行证", "台胞证"],
    ),
    (
        "07",
        &["外国人永久居留证", "外国人永久居留身份证", "永久居留证"],
    ),
    ("08", &["外国人护照", "外国护照", "护照"]),
    ("09", &["残疾人证", "残疾证"]),
    ("16", &["中国护照"]),
    (
        "17",
        &[
            "港澳台居民居住证",
            "港澳居民居住证",
            "台湾居民居住证",
            "居住证",
        ],
    ),
    ("90", &["社保卡", "社会保障卡"]),
    ("99", &["其他", "其他证件", "其它"]),
];

impl IdType {
    /// Reads the cell of a 证件类型 column: a code (leading zero often lost) or a word, or both (`08 外国人护照`).
    /// A document nobody knows is another document.
    pub fn of(cell: &str) -> Self {
        IdType::known(cell).unwrap_or(IdType::Other("99"))
    }

    /// The same; `None` for a word that nobody knows.
    pub fn known(cell: &str) -> Option<Self> {
        let word = crate::domain::region::region_word(cell);
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let code = word[..digits].trim_start_matches('0');
        let found = TYPES.iter().find(|(known, words)| {
            if digits > 0 {
                digits <= 2 && known.trim_start_matches('0') == code
            } else {
                words.contains(&word.as_str())
            }
        });
        // 居民身份证, 户口簿 and their like carry the national number.
        let is_national = word.is_empty()
            || code == "1"
            || ["身份证", "户口"].iter().any(|part| word.contains(part));
        let national = is_national.then_some(IdType::National);
        found.map(|(known, _)| IdType::Other(known)).or(national)
    }
}

/// Cleans and judges one number. `lossy_column`: the column lost digits in a spreadsheet (see `Digits`).
pub fn examine(text: Option<&str>, document: IdType, lossy_column: bool) -> Examined<'_> {
    let Some(written) = text else {
        return refused(Code::IdMissing, Cow::Borrowed(""));
    };
    // Most cells are 18 plain characters already: no cleaning, no copy.
    if let Some(number) = eighteen(written.as_bytes())
        && let Ok(key) = judge(number, lossy_column)
    {
        return Examined {
            key: Ok(key),
            text: Cow::Borrowed(written),
        };
    }
    let mut cleaned = clean(written);
    if is_nothing(&cleaned) || is_zeros(&cleaned) {
        return refused(Code::IdMissing, Cow::Borrowed(""));
    }
    if is_scientific(&cleaned) {
        return refused(Code::IdTruncated, cleaned);
    }
    let mut document = document;
    if document == IdType::Other("09") && is_disability_number(&cleaned) {
        let end = cleaned
            .char_indices()
            .nth(18)
            .map_or(cleaned.len(), |(at, _)| at);
        cleaned = Cow::Owned(cleaned[..end].to_owned());
        document = IdType::National;
    }
    if let Some(number) = eighteen(cleaned.as_bytes()) {
        return match judge(number, lossy_column) {
            Ok(key) => Examined {
                key: Ok(key),
                text: cleaned,
            },
            Err(code) if is_national(document) || code == Code::IdTruncated => {
                refused(code, cleaned)
            }
            Err(_) => other_document(document, cleaned),
        };
    }
    match document {
        IdType::National => fifteen(cleaned),
        IdType::Other("17") if cleaned.chars().count() == 18 => refused(Code::IdMalformed, cleaned),
        IdType::Other(_) => other_document(document, cleaned),
    }
}

/// Whether a number has the form of a 残疾证号: 18 characters of the person, one each for kind and grade, and `B1` … on a
/// card issued again.
pub(crate) fn is_disability_number(text: &str) -> bool {
    let cleaned = clean(text);
    match cleaned.char_indices().nth(20) {
        None => cleaned.chars().count() == 20,
        Some((at, _)) => {
            matches!(cleaned[at..].as_bytes(), [b'B', again] if again.is_ascii_digit())
        } // `at` from char_indices
    }
}

/// Whether a column of numbers went through a spreadsheet that keeps 15 digits: counts add up over its pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digits {
    /// 18-digit values.
    long: u64,
    /// Those that end in 000.
    round: u64,
}

impl Digits {
    /// Counts a cell; `is_plain` says that it is a sound number of 18 characters as written, as almost every cell is.
    pub(crate) fn count(&mut self, cell: &str, is_plain: bool) {
        let cleaned = if is_plain || cell.len() == 18 && cell.is_ascii() {
            Cow::Borrowed(cell)
        } else {
            clean(cell)
        };
        let bytes = cleaned.as_bytes();
        if bytes.len() == 18
            && bytes[17] != b'X'
            && (is_plain || bytes.iter().all(u8::is_ascii_digit))
        {
            self.long += 1;
            self.round += u64::from(bytes.ends_with(b"000"));
        }
    }

    /// More than 1 % of the 18-digit values end in 000 (by chance it is 1 in 1,100).
    pub(crate) const fn are_lost(self) -> bool {
        self.round * 100 > self.long
    }
}

impl std::ops::AddAssign for Digits {
    fn add_assign(&mut self, other: Self) {
        self.long += other.long;
        self.round += other.round;
    }
}

/// 0, 000000: no number at all. Zeros that fill a card's number are told as a number whose birth date is none.
fn is_zeros(text: &str) -> bool {
    !matches!(text.len(), 15 | 18) && text.bytes().all(|digit| digit == b'0')
}

fn refused(code: Code, text: Cow<'_, str>) -> Examined<'_> {
    Examined {
        key: Err(code),
        text,
    }
}

/// 港澳台居民居住证 has the form of a national number and is judged like one.
fn is_national(document: IdType) -> bool {
    matches!(document, IdType::National | IdType::Other("17"))
}

fn other_document(document: IdType, text: Cow<'_, str>) -> Examined<'_> {
    match document {
        IdType::Other(kind) => Examined {
            key: Ok(PersonKey::document(kind, &text)),
            text,
        },
        IdType::National => refused(Code::IdMalformed, text),
    }
}

/// An old number: `19` belongs after the region, and there is no check digit to test.
fn fifteen(text: Cow<'_, str>) -> Examined<'_> {
    if text.len() != 15 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return refused(Code::IdMalformed, text);
    }
    let digits = number(text.as_bytes());
    let digits17 =
        digits / 1_000_000_000 * 100_000_000_000 + 19_000_000_000 + digits % 1_000_000_000;
    if !has_birthdate(digits17) {
        return refused(Code::IdBirthdate, text);
    }
    let text = Cow::Owned(format!("{digits17:017}{}", check_character(digits17)));
    Examined {
        key: Ok(PersonKey::national(digits17)),
        text,
    }
}

/// A text of 17 digits and a digit or X.
#[derive(Clone, Copy)]
struct Eighteen {
    digits17: u64,
    last: u8,
    /// The last character follows from the others.
    checks: bool,
}

fn eighteen(text: &[u8]) -> Option<Eighteen> {
    let text: &[u8; 18] = text.try_into().ok()?;
    let [digits @ .., seventeenth, last] = text;
    let (eights, _) = digits.as_chunks::<8>();
    let (first, second) = (eight_digits(eights[0])?, eight_digits(eights[1])?);
    if !seventeenth.is_ascii_digit() || !(last.is_ascii_digit() || *last == b'X') {
        return None;
    }
    let seventeenth = u64::from(seventeenth - b'0');
    // ISO 7064 MOD 11-2: the weight of a digit is 2 to the number of digits behind it.
    let sum = weighted(first, [7, 9, 10, 5, 8, 4, 2, 1])
        + weighted(second, [6, 3, 7, 9, 10, 5, 8, 4])
        + 2 * seventeenth;
    let check = b"10X98765432"[(sum % 11) as usize];
    let digits17 = (value(first) * 100_000_000 + value(second)) * 10 + seventeenth;
    Some(Eighteen {
        digits17,
        last: *last,
        checks: check == *last,
    })
}

/// Eight digits as a word of their values, the first one lowest; nothing where one is none. A million numbers are worth it to
/// look at eight digits together.
fn eight_digits(text: [u8; 8]) -> Option<u64> {
    let word = u64::from_le_bytes(text);
    let values = word ^ u64::from_le_bytes([b'0'; 8]);
    // What is more than 9 has a high half, or gets one from 6 more.
    let above = values | values.wrapping_add(u64::from_le_bytes([6; 8]));
    (above & u64::from_le_bytes([0xf0; 8]) == 0).then_some(values)
}

/// The number that eight digits are: pairs, then fours, then all.
const fn value(digits: u64) -> u64 {
    let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (fours * 10_000 + (fours >> 32)) & 0xffff_ffff
}

/// The sum of eight digits, each times its weight.
const fn weighted(digits: u64, weights: [u64; 8]) -> u64 {
    const LANES: u64 = 0x00ff_00ff_00ff_00ff;
    // Every other digit in 16 bits. The product's highest 16 bits hold the sum over all four: the weights stand the other way
    // round, and no sum is larger than 16 bits.
    let [a, b, c, d, e, f, g, h] = weights;
    let even = (digits & LANES).wrapping_mul(a << 48 | c << 32 | e << 16 | g);
    let odd = (digits >> 8 & LANES).wrapping_mul(b << 48 | d << 32 | f << 16 | h);
    (even >> 48) + (odd >> 48)
}

fn number(digits: &[u8]) -> u64 {
    digits
        .iter()
        .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
}

fn judge(number: Eighteen, lossy_column: bool) -> Result<PersonKey, Code> {
    if lossy_column && number.last != b'X' {
        let value = number.digits17 * 10 + u64::from(number.last - b'0');
        // Ending 000: cut to 15 digits. Divisible by 16 with a wrong check digit: a float's round trip.
        if value.is_multiple_of(1_000) || (!number.checks && value.is_multiple_of(16)) {
            return Err(Code::IdTruncated);
        }
    }
    match (has_birthdate(number.digits17), number.checks) {
        (false, _) => Err(Code::IdBirthdate),
        (true, false) => Err(Code::IdChecksum),
        (true, true) => Ok(PersonKey::national(number.digits17)),
    }
}

fn has_birthdate(digits17: u64) -> bool {
    let ymd = digits17 / 1_000 % 100_000_000;
    super::dates::exists(ymd / 10_000, ymd / 100 % 100, ymd % 100)
}

/// `4.30321E+17`: a number cell of more than 15 digits. Passports never hold a point or so large an exponent.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once('E') else {
        return false;
    };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let mantissa_fits = mantissa.starts_with(|c: char| c.is_ascii_digit())
        && mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && (mantissa.len() == 1 || mantissa.as_bytes()[1] == b'.');
    mantissa_fits
        && (2..=3).contains(&exponent.len())
        && exponent.parse::<u8>().is_ok_and(|e| (14..=19).contains(&e))
}

/// NFKC, without blanks and quotes, upper case, every kind of X as X.
fn clean(text: &str) -> Cow<'_, str> {
    if text
        .bytes()
        .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
    {
        return Cow::Borrowed(text);
    }
    let text = text.trim_matches(is_blank);
    let text = without_equals(text).unwrap_or(text);
    let mut cleaned = String::with_capacity(text.len());
    for c in text
        .nfkc()
        .filter(|c| !is_blank(*c) && !is_quote(*c))
        .flat_map(char::to_uppercase)
    {
        cleaned.push(if is_other_x(c) { 'X' } else { c });
    }
    if cleaned.len() == 18 && cleaned.ends_with('*') {
        cleaned.pop();
        cleaned.push('X');
    }
    Cow::Owned(cleaned)
}

/// Х, × and Χ: letters of other alphabets and signs, in upper case, that look like X.
fn is_other_x(c: char) -> bool {
    matches!(c, 'Х' | '×' | 'Χ')
}

/// The rules by which a number was read.
pub(crate) fn repairs(written: &str, read: &str) -> Repairs {
    let mut rules = Repairs::NONE;
    if read == written || read.is_empty() {
        return rules;
    }
    let last = written
        .char_indices()
        .rev()
        .find(|(_, c)| !is_blank(*c) && !is_quote(*c))
        .map(|(at, _)| at);
    for (at, c) in written.char_indices() {
        let ends_in_x = Some(at) == last && read.len() == 18 && read.ends_with('X');
        for plain in c.nfkc() {
            let upper = plain.to_uppercase().next().unwrap_or(plain); // every letter has an upper case, if only itself
            if is_blank(plain) {
                rules.add(Repair::Blanks);
            } else if is_quote(plain) {
                rules.add(Repair::Quotes);
            } else if is_other_x(upper) || ends_in_x && c != 'X' && matches!(upper, 'X' | '*') {
                rules.add(Repair::CheckLetter);
            } else {
                rules = rules
                    .with(Repair::FullWidth, plain != c)
                    .with(Repair::LetterCase, upper != plain);
            }
        }
    }
    let is_fifteen = clean(written).chars().count() == 15;
    rules = rules
        .with(Repair::FifteenDigits, is_fifteen && read.len() == 18)
        .with(
            Repair::DisabilityCard,
            read.chars().count() == 18 && is_disability_number(written),
        );
    // Letters that only together have another form.
    rules.with(Repair::FullWidth, rules.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As written, type, as read, verdict.
    #[rustfmt::skip]
    const NUMBERS: [(&str, &str, &str, &str); 44] = [
        // plain and valid
        ("11010519491231002X", "", "11010519491231002X", "ok"),
        ("440524188001010014", "01", "440524188001010014", "ok"),
        ("110101202311012176", "1", "110101202311012176", "ok"),
        ("440308199901101512", "居民身份证", "440308199901101512", "ok"),
        // 15 digits
        ("110105491231002", "", "11010519491231002X", "ok"),
        ("610104620927690", "", "610104196209276908", "ok"),
        ("110105491331002", "", "110105491331002", "id-birthdate"),
        // residence permits have the form of a national number
        ("810000199408230021", "17", "810000199408230021", "ok"),
        ("830000199201300022", "", "830000199201300022", "ok"),
        ("830000199201300023", "17", "830000199201300023", "id-checksum"),
        ("83000019920130002A", "17", "83000019920130002A", "id-malformed"),
        // faults of writing
        ("11010519491231002x", "", "11010519491231002X", "ok"),
        ("11010519491231002Ｘ", "", "11010519491231002X", "ok"),
        ("11010519491231002Х", "", "11010519491231002X", "ok"),
        ("11010519491231002х", "", "11010519491231002X", "ok"),
        ("11010519491231002×", "", "11010519491231002X", "ok"),
        ("11010519491231002*", "", "11010519491231002X", "ok"),
        ("'440524188001010014", "", "440524188001010014", "ok"),
        ("’4405241880 01010014\u{200b}", "", "440524188001010014", "ok"),
        ("４４０５２４１８８００１０１００１４", "", "440524188001010014", "ok"),
        ("\u{feff}440524\u{a0}188001010014\t", "", "440524188001010014", "ok"),
        // nothing there
        ("", "", "", "id-missing"),
        (" \u{200b}'", "08", "", "id-missing"),
        // lost digits
        ("4.30321E+17", "", "4.30321E+17", "id-truncated"),
        ("4.3032119900101123E17", "", "4.3032119900101123E17", "id-truncated"),
        ("4E17", "", "4E17", "id-truncated"),
        // other documents need their type
        ("E12345678", "", "E12345678", "id-malformed"),
        ("E12345678", "08", "E12345678", "document"),
        ("e12345678", "8", "E12345678", "document"),
        ("E12345678", "外国人护照", "E12345678", "document"),
        ("HKG123456789012", "07", "HKG123456789012", "document"),
        ("HKG123456789012", "01", "HKG123456789012", "id-malformed"),
        ("440524188001010014", "08", "440524188001010014", "ok"),
        ("440524188001010015", "08", "440524188001010015", "document"),
        ("44052418800101001443", "09", "440524188001010014", "ok"),
        ("44052418800101001543", "09", "440524188001010015", "id-checksum"),
        ("44052418800101001443B1", "09", "440524188001010014", "ok"),
        ("44052418800101001443C1", "09", "44052418800101001443C1", "document"),
        // form, date, check digit
        ("4303211990010112", "", "4303211990010112", "id-malformed"),
        ("4303**********1234", "", "4303**********1234", "id-malformed"),
        ("430321199002300011", "", "430321199002300011", "id-birthdate"),
        ("440524190002290014", "", "440524190002290014", "id-birthdate"),
        ("110101000001010011", "", "110101000001010011", "id-birthdate"),
        ("440524188001010015", "", "440524188001010015", "id-checksum"),
    ];

    #[test]
    fn every_number_gets_the_first_verdict_that_fits() {
        for (written, kind, text, verdict) in NUMBERS {
            let read = examine(
                (!written.is_empty()).then_some(written),
                IdType::of(kind),
                false,
            );
            let got = match read.key {
                Ok(key) if key.digits17().is_some() => "ok",
                Ok(_) => "document",
                Err(code) => code.code(),
            };
            assert_eq!((got, &*read.text), (verdict, text), "{written} as {kind}");
            if got == "ok" {
                assert_eq!(
                    read.key.ok().and_then(PersonKey::national_text).as_deref(),
                    Some(text)
                );
            }
        }
    }

    #[test]
    fn every_rule_by_which_a_number_was_read_is_named() {
        for (written, kind, rules) in [
            ("11010519491231002X", "", ""),
            ("110105194912310021", "", ""),
            ("11010519491231002x", "", "check-letter"),
            ("11010519491231002Ｘ", "", "check-letter"),
            ("11010519491231002ｘ ", "", "blanks check-letter"),
            ("11010519491231002Х", "", "check-letter"),
            ("11010519491231002×", "", "check-letter"),
            ("11010519491231002*", "", "check-letter"),
            ("11010519491231002＊", "", "check-letter"),
            ("'440524188001010014", "", "quotes"),
            ("’440524188001010014", "", "quotes"),
            ("=\"440524188001010014\"", "", "quotes"),
            ("440524 18800101 0014", "", "blanks"),
            ("\u{202d}440524188001010014\u{202c}", "", "blanks"),
            ("440524188001010014\t", "", "blanks"),
            (
                "\u{a0}'４４０５２４188001010014",
                "",
                "blanks quotes full-width",
            ),
            ("110105491231002", "", "fifteen-digits"),
            (" 110105491231002", "", "blanks fifteen-digits"),
            ("110105491331002", "", ""),
            ("44052418800101001443", "09", "disability-card"),
            ("44052418800101001443B1", "09", "disability-card"),
            ("11010519491231002x43", "09", "letter-case disability-card"),
            ("e12345678", "08", "letter-case"),
            ("E12345678", "08", ""),
            ("4303**********1234", "", ""),
            ("—", "", ""),
            ("4.30321E+17", "", ""),
            ("4.30321e+17", "", "letter-case"),
        ] {
            let read = examine(Some(written), IdType::of(kind), false);
            let used: Vec<&str> = repairs(written, &read.text)
                .each()
                .map(Repair::code)
                .collect();
            assert_eq!(used.join(" "), rules, "{written} as {kind}");
        }
    }

    #[test]
    fn a_column_that_lost_digits_is_told_by_more_than_one_percent_of_zeros() {
        let column = |round: usize, others: usize| {
            let cells = std::iter::repeat_n("430321199001011000", round);
            let mut digits = Digits::default();
            cells
                .chain(std::iter::repeat_n("440524188001010014", others))
                .for_each(|cell| digits.count(cell, false));
            digits.are_lost()
        };
        assert!(!column(0, 50));
        assert!(!column(1, 99), "1 % is not more than 1 %");
        assert!(column(2, 98));
        assert!(!Digits::default().are_lost());
    }

    #[test]
    fn in_a_column_that_lost_digits_round_numbers_are_never_trusted() {
        // a valid number that ends in 000, found by its check digit
        let round = (0..1_000u64)
            .map(|n| 43_032_119_900_101_000 + n)
            .find(|n| n % 100 == 0 && check_character(*n) == '0')
            .or_else(|| {
                (0..100u64)
                    .map(|d| 43_032_119_500_101_000 + d * 100_000)
                    .find(|n| check_character(*n) == '0')
            });
        let round = format!("{}0", round.expect("one in eleven fits"));
        assert!(examine(Some(&round), IdType::National, false).key.is_ok());
        assert_eq!(
            examine(Some(&round), IdType::National, true).key,
            Err(Code::IdTruncated)
        );
        // divisible by 16 and failing the check
        assert_eq!(
            examine(Some("430321199001011232"), IdType::National, true).key,
            Err(Code::IdTruncated)
        );
        assert!(
            examine(Some("440524188001010014"), IdType::National, true)
                .key
                .is_ok()
        );
    }
}
