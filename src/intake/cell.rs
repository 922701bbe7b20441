//! One cell: trimmed text, number text, and the digest of a row.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::domain::blank::is_white;

/// Cells of one row, in column order; short rows are short.
pub(crate) type RowCells<'a> = Vec<Cow<'a, str>>;

/// Text without blanks around it.
pub(crate) fn trimmed(text: &str) -> &str {
    // ASCII that prints and U+4000 to U+9FFF, of which every letter begins with E4 to E9, are no blanks: told without
    // decoding. No letter holds such a byte but at its begin.
    let begins = matches!(text.as_bytes(), [b'!'..=b'~' | 0xe4..=0xe9, ..]);
    let ends = matches!(text.as_bytes(), [.., b'!'..=b'~'] | [.., 0xe4..=0xe9, _, _]);
    if begins && ends || text.is_empty() {
        text
    } else {
        text.trim_matches(is_white)
    }
}

/// The trimmed cell at a position; blank where the row is short.
pub(crate) fn at<'c>(cells: &'c [Cow<'_, str>], column: usize) -> &'c str {
    cells.get(column).map_or("", |cell| trimmed(cell))
}

/// NFKC without any blank inside: how headers and the names of total rows are compared.
pub(crate) fn squeezed(text: &str) -> String {
    text.nfkc().filter(|&c| !is_white(c)).collect()
}

/// NFKC text; borrowed where nothing can change (ASCII and the two plain blocks of Han).
pub(crate) fn nfkc(text: &str) -> Cow<'_, str> {
    let plain =
        |c: char| c.is_ascii() || matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}');
    let is_plain = text.is_ascii() || is_han(text) || text.chars().all(plain);
    if is_plain {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfkc().collect())
    }
}

/// Whether a text is of the plain Han block alone: three bytes from E4 B8 80 to E9 BF BF each, told without decoding.
fn is_han(text: &str) -> bool {
    let (characters, rest) = text.as_bytes().as_chunks::<3>();
    rest.is_empty()
        && characters
            .iter()
            .all(|c| matches!((c[0], c[1]), (0xe4, 0xb8..) | (0xe5..=0xe9, 0x80..)))
}

/// A number cell as text: plain up to 15 digits, which a spreadsheet keeps exactly and shows (a formula's 0.1 + 0.2 is
/// 0.3 there); scientific beyond, so that nobody takes the tail of an identity number stored as a number for true
/// (docs/readings.md#identity).
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 {
        "0".to_owned() // also -0
    } else if value.abs() >= 1e15 {
        format!("{value:E}")
    } else if value.fract() == 0.0 {
        format!("{value}")
    } else {
        let shown = format!("{value:.14e}").parse().unwrap_or(value); // 15 digits; its own output can be read
        format!("{shown}")
    }
}

/// Start of the hash of every cell in a column, from its header.
pub(crate) fn seed(header: &str) -> u64 {
    hash(0x9e37_79b9_7f4a_7c15, header.as_bytes())
}

/// What one cell adds to its row's digest. Rows add their cells up, so the order of columns does not matter.
/// Our own arithmetic, because a digest must be the same in every version of every crate.
pub(crate) fn digest(seed: u64, cell: &str) -> u64 {
    let (hashed, ascii) = hash_and_ascii(seed, cell.as_bytes());
    // Almost every cell is its own NFKC.
    if ascii || is_han(cell) {
        return hashed;
    }
    match nfkc(cell) {
        Cow::Borrowed(_) => hashed,
        Cow::Owned(other) => hash(seed, other.as_bytes()),
    }
}

fn hash(seed: u64, bytes: &[u8]) -> u64 {
    hash_and_ascii(seed, bytes).0
}

/// The hash, and whether all bytes are ASCII.
fn hash_and_ascii(seed: u64, bytes: &[u8]) -> (u64, bool) {
    let mut state = seed ^ 0xa076_1d64_78bd_642f;
    let (words, tail) = bytes.as_chunks::<8>();
    let mut met = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        met |= word;
        state = fold(state ^ word, 0xe703_7ed1_a0b4_28db);
    }
    let last = short_word(tail);
    state = fold(state ^ last, 0x8ebc_6af0_9c88_c6e3);
    let hashed = fold(state ^ bytes.len() as u64, 0x5899_65cc_7537_4cc3);
    (hashed, (met | last) & u64::from_le_bytes([0x80; 8]) == 0)
}

/// Fewer than eight bytes as a word with zeros behind them. Halves may overlap: a call that copies is dearer than the rest of
/// the hash.
fn short_word(bytes: &[u8]) -> u64 {
    let behind = |bytes_before: usize| 8 * bytes_before;
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>(), bytes) {
        (Some(first), Some(last), _) => {
            u64::from(u32::from_le_bytes(*first))
                | u64::from(u32::from_le_bytes(*last)) << behind(bytes.len() - 4)
        }
        (.., [one]) => u64::from(*one),
        (.., [one, two]) => u64::from(u16::from_le_bytes([*one, *two])),
        (.., [one, two, three]) => u64::from(u32::from_le_bytes([*one, *two, *three, 0])),
        _ => 0,
    }
}

/// Both halves of the full product.
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_a_clerk_may_trust_them() {
        for (value, text) in [
            (320.0, "320"),
            (-0.0, "0"),
            (0.5, "0.5"),
            (-320.25, "-320.25"),
            (0.1 + 0.2, "0.3"),
            (1_279.999_999_999_999_8, "1280"),
            (175.55, "175.55"),
            (44_561.354_166_666_67, "44561.3541666667"),
            (999_999_999_999_999.5, "1000000000000000"),
            (110_105_491_231_002.0, "110105491231002"),
            (430_321_199_001_011_234.0, "4.3032119900101126E17"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn a_digest_is_the_same_for_ever() {
        assert_eq!(digest(seed("姓名"), "张三"), digest(seed("姓名"), "张三"));
        assert_ne!(digest(seed("姓名"), "张三"), digest(seed("户主"), "张三"));
        assert_eq!(digest(1, "３２０"), digest(1, "320"));
        assert_eq!(digest(seed("姓名"), "张三"), 15_938_192_088_065_983_478);
    }
}
