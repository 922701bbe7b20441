//! Spoil: ways in which clerks and spreadsheets ruin a number or a name.

use super::dice::Dice;
use super::names;

/// 430321199001011234 opened and saved by a spreadsheet as text.
pub(super) fn cut_off(id: &str) -> String {
    format!("{}.{}E+17", &id[..1], &id[1..6])
}

/// One digit too few.
pub(super) fn short(id: &str) -> String {
    format!("{}{}", &id[..9], &id[10..])
}

/// Month 13 and day 32: two characters off at least, so nothing is near it.
pub(super) fn impossible_birth(id: &str) -> String {
    format!("{}1332{}", &id[..10], &id[14..])
}

/// The wrong check character, nothing else.
pub(super) fn wrong_check(id: &str) -> String {
    let wrong = match id.as_bytes().last() {
        Some(b'X') => '7',
        // 0 is left out: a number must not end 000.
        Some(digit) => char::from(b'1' + (digit - b'0' + 3) % 9),
        None => '1',
    };
    let wrong = if id.ends_with(wrong) { '5' } else { wrong };
    format!("{}{wrong}", &id[..id.len() - 1])
}

/// The old form of 15 digits, for people born in the 1900s.
pub(super) fn old_form(id: &str) -> String {
    format!("{}{}", &id[..6], &id[8..17])
}

/// Another person's given name under the same surname.
pub(super) fn other_name(dice: &mut Dice, name: &str, male: bool) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let last = letters.len() - 1;
    let old = letters[last];
    while letters[last] == old {
        letters[last] = names::character(dice, male);
    }
    letters.into_iter().collect()
}

/// The last character as a system without its glyph prints it.
pub(super) fn unwritten(name: &str, by: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    letters.pop();
    letters.into_iter().chain(by.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_spoiling_leaves_what_its_finding_is_about() {
        for id in [
            "11010519491231002X",
            "440524188001010014",
            "110101202311012176",
            "440308199901101512",
        ] {
            assert_eq!(short(id).len(), 17);
            assert_eq!(old_form(id).len(), 15);
            assert!(cut_off(id).ends_with("E+17"));
            let wrong = wrong_check(id);
            assert_eq!((&wrong[..17], wrong.len()), (&id[..17], 18));
            assert_ne!(wrong, id);
            assert!(!wrong.ends_with('0'));
            let birth = impossible_birth(id);
            assert!(
                birth
                    .bytes()
                    .zip(id.bytes())
                    .filter(|(a, b)| a != b)
                    .count()
                    >= 2
            );
        }
        assert_eq!(old_form("11010519491231002X"), "110105491231002");
    }
}
