//! Names: common surnames by weight, given names by sex, a few minority names and rare characters.

use super::dice::Dice;

/// Surnames with their share in ten thousand, commonest first (national statistics of names, rounded).
const SURNAMES: &[(&str, u32)] = &[
    ("王", 720),
    ("李", 719),
    ("张", 683),
    ("刘", 538),
    ("陈", 453),
    ("杨", 308),
    ("黄", 223),
    ("赵", 206),
    ("吴", 205),
    ("周", 212),
    ("徐", 142),
    ("孙", 138),
    ("马", 126),
    ("朱", 125),
    ("胡", 130),
    ("郭", 119),
    ("何", 117),
    ("林", 115),
    ("罗", 104),
    ("高", 101),
    ("郑", 95),
    ("梁", 85),
    ("谢", 76),
    ("宋", 71),
    ("唐", 69),
    ("许", 67),
    ("韩", 65),
    ("邓", 62),
    ("冯", 61),
    ("曹", 60),
    ("彭", 58),
    ("曾", 57),
    ("肖", 56),
    ("田", 54),
    ("董", 52),
    ("潘", 48),
    ("袁", 47),
    ("蔡", 46),
    ("蒋", 45),
    ("余", 44),
    ("于", 42),
    ("杜", 42),
    ("叶", 41),
    ("程", 41),
    ("魏", 40),
    ("苏", 39),
    ("吕", 38),
    ("丁", 37),
    ("任", 36),
    ("卢", 35),
    ("姚", 34),
    ("沈", 33),
    ("钟", 32),
    ("姜", 32),
    ("崔", 31),
    ("谭", 31),
    ("陆", 30),
    ("范", 29),
    ("汪", 28),
    ("廖", 28),
    ("石", 27),
    ("金", 26),
    ("韦", 25),
    ("贾", 25),
    ("夏", 24),
    ("付", 24),
    ("方", 23),
    ("邹", 22),
    ("熊", 22),
    ("白", 21),
    ("孟", 20),
    ("秦", 20),
    ("邱", 19),
    ("侯", 19),
    ("江", 18),
    ("尹", 18),
    ("薛", 17),
    ("闫", 17),
    ("段", 16),
    ("雷", 16),
    ("龙", 15),
    ("黎", 15),
    ("史", 14),
    ("陶", 14),
    ("贺", 13),
    ("毛", 12),
    ("欧阳", 6),
    ("司马", 1),
];
const MALE: &str = "伟强军勇杰涛明超辉华刚平建国志文斌波宇浩鹏飞龙俊峰磊亮林海山松柏生荣富贵福德仁义成武铁根宝庆祥瑞泽轩博睿晨阳昊天佑然子涵一鸣家豪振东思远兴旺新民立";
const FEMALE: &str = "芳娟敏静丽艳娜秀英玲燕红梅兰桂凤珍莲香琴云霞菊翠玉洁雪琳萍倩欣怡佳慧颖婷婉莹诗雨梦琪可馨紫萱若曦语桐思彤雅欣嘉月清露巧春花秋菲银娥淑贞美";
const RARE: &[&str] = &["䶮", "㛃", "\u{2b4ce}", "堃", "喆", "犇", "骉", "\u{2CAA9}"];
const MINORITY: &[&str] = &[
    "阿依古丽·买买提",
    "古丽娜尔·艾山",
    "买买提·吐尔逊",
    "迪丽努尔·阿布都",
    "扎西·次仁",
    "乌兰·巴特尔",
    "热依汗·玉素甫",
];

/// A name before it is spelled: where its parts stand in the lists above. A province's people fit in memory so.
///
/// From the highest bit in use: family name, form, first and second character of the given name, seven bits each but the
/// form's two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NameParts(u32);

/// Bits that a name takes.
pub(super) const NAME_BITS: u32 = 23;
const PART: u32 = 7;
const _: () = assert!(
    SURNAMES.len() <= 1 << PART && MALE.len() / 3 <= 1 << PART && FEMALE.len() / 3 <= 1 << PART
);

/// Forms of a name.
const ONE_CHARACTER: u32 = 0;
const TWO_CHARACTERS: u32 = 1;
const RARE_CHARACTER: u32 = 2;
const WHOLE: u32 = 3;

impl NameParts {
    fn new(family: u32, form: u32, one: u32, two: u32) -> Self {
        NameParts(((family << 2 | form) << PART | one) << PART | two)
    }

    /// As a number of `NAME_BITS` bits.
    pub(super) fn bits(self) -> u32 {
        self.0
    }

    /// The name that gave these bits.
    pub(super) fn of_bits(bits: u32) -> Self {
        NameParts(bits)
    }

    /// The name as the register writes it: the characters of given names go by sex.
    pub(super) fn text(self, male: bool) -> String {
        let part = |shift: u32| self.0 >> shift & ((1 << PART) - 1);
        let (family, form, one, two) = (
            part(2 * PART + 2),
            self.0 >> (2 * PART) & 3,
            part(PART),
            part(0),
        );
        if form == WHOLE {
            return MINORITY[one as usize].to_owned();
        }
        let mut name = String::with_capacity(12);
        name.push_str(SURNAMES[family as usize].0);
        match form {
            RARE_CHARACTER => name.push_str(RARE[one as usize]),
            ONE_CHARACTER => name.push(given(one, male)),
            _ => name.extend([given(one, male), given(two, male)]),
        }
        name
    }
}

/// Position of a surname, by weight.
pub(super) fn surname(dice: &mut Dice) -> u32 {
    let mut left = dice.below(SURNAMES.iter().map(|(_, weight)| weight).sum());
    for (at, (_, weight)) in (0..).zip(SURNAMES) {
        if left < *weight {
            return at;
        }
        left -= weight;
    }
    0
}

/// A whole name: sixty in a hundred given names have two characters; a minority name now and then.
pub(super) fn full(dice: &mut Dice, surname: u32, male: bool) -> NameParts {
    let among = |list: &[&str]| u32::try_from(list.len()).unwrap_or(1);
    if dice.below(2000) == 0 {
        return NameParts::new(0, WHOLE, dice.below(among(MINORITY)), 0);
    }
    if dice.below(1500) == 0 {
        return NameParts::new(surname, RARE_CHARACTER, dice.below(among(RARE)), 0);
    }
    if dice.below(10) < 6 {
        let (one, two) = (letter(dice, male), letter(dice, male));
        NameParts::new(surname, TWO_CHARACTERS, one, two)
    } else {
        NameParts::new(surname, ONE_CHARACTER, letter(dice, male), 0)
    }
}

/// One character of a given name.
pub(super) fn character(dice: &mut Dice, male: bool) -> char {
    given(letter(dice, male), male)
}

const fn letters(male: bool) -> &'static str {
    if male { MALE } else { FEMALE }
}

/// Position of a character of a given name.
fn letter(dice: &mut Dice, male: bool) -> u32 {
    // Three bytes a character: all of them lie in the basic plane.
    dice.below(u32::try_from(letters(male).len() / 3).unwrap_or(1))
}

fn given(letter: u32, male: bool) -> char {
    letters(male)[letter as usize * 3..]
        .chars()
        .next()
        .unwrap_or('华')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::dice::Purpose;

    #[test]
    fn every_character_of_a_given_name_has_three_bytes() {
        assert!(
            MALE.chars()
                .chain(FEMALE.chars())
                .all(|c| c.len_utf8() == 3)
        );
    }

    #[test]
    fn names_are_what_cleaning_leaves_of_them() {
        use unicode_normalization::UnicodeNormalization;
        let mut dice = Dice::new(3, Purpose::Households);
        for _ in 0..20_000 {
            let family = surname(&mut dice);
            let name = full(&mut dice, family, true).text(true);
            assert_eq!(name.nfkc().collect::<String>(), name);
            assert!(
                !name
                    .chars()
                    .any(|c| c.is_ascii() || ('\u{e000}'..='\u{f8ff}').contains(&c))
            );
            assert!(name.chars().count() >= 2);
        }
    }
}
