//! Person key: 64 bits that stand for a person in every join, group and sort.

use sha2::{Digest, Sha256};

/// A person. National numbers keep their first 17 digits as an integer (the 18th follows, GB 11643-1999);
/// other documents are a hash with the top bit set; a row whose number is unusable is a person of its own,
/// a hash with bit 62 set and bit 63 clear (national numbers stay below 2^57, so the three never meet).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonKey(pub u64);

const DOCUMENT: u64 = 1 << 63;
const UNUSABLE: u64 = 1 << 62;
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// What a row with an unusable number says of itself: it is told apart from other rows by nothing else.
#[derive(Clone, Copy, Debug)]
pub struct UnusableRow<'r> {
    /// Code of the source.
    pub source: &'r str,
    /// The number as cleaned.
    pub number: &'r str,
    /// The name as cleaned.
    pub name: &'r str,
    /// The birth date as written.
    pub birth: &'r str,
}

/// The check character of 17 digits (ISO 7064 MOD 11-2).
pub fn check_character(digits17: u64) -> char {
    let mut rest = digits17;
    let mut sum = 0u32;
    for weight in WEIGHTS.iter().rev() {
        sum += weight * u32::try_from(rest % 10).expect("a digit"); // remainder of 10
        rest /= 10;
    }
    char::from(b"10X98765432"[(sum % 11) as usize])
}

impl PersonKey {
    /// The key of a valid national number, from its first 17 digits.
    pub fn national(digits17: u64) -> Self {
        assert!(digits17 < 100_000_000_000_000_000, "17 digits");
        PersonKey(digits17)
    }

    /// The key of another document: first 8 bytes of SHA-256(kind, 0x00, cleaned text), top bit set.
    pub fn document(kind: &str, text: &str) -> Self {
        PersonKey(first_eight(&[kind, text]) | DOCUMENT)
    }

    /// The key of a row nobody can be joined to. `ordinal` counts rows that say the same of themselves.
    pub fn unusable(row: UnusableRow<'_>, ordinal: u32) -> Self {
        let UnusableRow {
            source,
            number,
            name,
            birth,
        } = row;
        let hash = first_eight(&[source, number, name, birth, &ordinal.to_string()]);
        PersonKey((hash & !DOCUMENT) | UNUSABLE)
    }

    /// Whether the row behind this key had an unusable number.
    pub const fn is_unusable(self) -> bool {
        self.0 & DOCUMENT == 0 && self.0 & UNUSABLE != 0
    }

    /// The 17 digits of a national number.
    pub const fn digits17(self) -> Option<u64> {
        if self.0 < UNUSABLE {
            Some(self.0)
        } else {
            None
        }
    }

    /// The 18 characters of a national number.
    pub fn national_text(self) -> Option<String> {
        self.digits17()
            .map(|digits| format!("{digits:017}{}", check_character(digits)))
    }

    /// The same written into place, for whoever writes millions; "" where the key is of another document.
    pub fn write_national(self, place: &mut [u8; 18]) -> &str {
        let Some(digits) = self.digits17() else {
            return "";
        };
        let mut rest = digits;
        for byte in place[..17].iter_mut().rev() {
            *byte = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        // The weights are powers of two, so the sum needs no table (ISO 7064 MOD 11-2).
        let sum = place[..17]
            .iter()
            .fold(0u32, |sum, digit| (sum + u32::from(digit - b'0')) * 2);
        place[17] = b"10X98765432"[(sum % 11) as usize];
        std::str::from_utf8(place).unwrap_or_default() // digits and X
    }

    /// Birth date inside a national number.
    pub fn birth(self) -> Option<chrono::NaiveDate> {
        let digits = self.digits17()?;
        let ymd = u32::try_from(digits / 1_000 % 100_000_000).ok()?;
        chrono::NaiveDate::from_ymd_opt(
            i32::try_from(ymd / 10_000).ok()?,
            ymd / 100 % 100,
            ymd % 100,
        )
    }
}

fn first_eight(parts: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            hash.update([0]);
        }
        hash.update(part.as_bytes());
    }
    let bytes = hash.finalize();
    u64::from_be_bytes(bytes[..8].try_into().expect("SHA-256 has 32 bytes")) // fixed length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eighteenth_character_follows_from_the_first_seventeen() {
        for number in [
            "11010519491231002X",
            "440524188001010014",
            "110101202311012176",
            "440308199901101512",
            "810000199408230021",
        ] {
            let key = PersonKey::national(number[..17].parse().expect("digits"));
            assert_eq!(key.national_text().as_deref(), Some(number));
        }
    }

    #[test]
    fn the_three_kinds_of_key_never_meet() {
        assert!(PersonKey::document("08", "E12345678").0 >> 63 == 1);
        let row = UnusableRow {
            source: "register",
            number: "123",
            name: "张三",
            birth: "",
        };
        assert!(PersonKey::unusable(row, 0).is_unusable());
        assert!(!PersonKey::document("08", "E12345678").is_unusable());
        assert!(!PersonKey::national(99_999_999_999_999_999).is_unusable());
    }
}
