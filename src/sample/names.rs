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
const MINORITY: &[&str] =
    &["阿依古丽·买买提", "古丽娜尔·艾山", "买买提·吐尔逊", "迪丽努尔·阿布都", "扎西·次仁", "乌兰·巴特尔", "热依汗·玉素甫"];

/// A surname by weight.
pub(super) fn surname(dice: &mut Dice) -> &'static str {
    let mut left = dice.below(SURNAMES.iter().map(|(_, weight)| weight).sum());
    for (name, weight) in SURNAMES {
        if left < *weight {
            return name;
        }
        left -= weight;
    }
    SURNAMES[0].0
}

/// A whole name: sixty in a hundred given names have two characters; a minority name now and then.
pub(super) fn full(dice: &mut Dice, surname: &str, male: bool) -> String {
    if dice.below(2000) == 0 {
        return (*dice.pick(MINORITY)).to_owned();
    }
    let mut name = String::with_capacity(9);
    name.push_str(surname);
    if dice.below(1500) == 0 {
        name.push_str(dice.pick::<&str>(RARE));
        return name;
    }
    for _ in 0..if dice.below(10) < 6 { 2 } else { 1 } {
        name.push(character(dice, male));
    }
    name
}

/// One character of a given name.
pub(super) fn character(dice: &mut Dice, male: bool) -> char {
    let pool = if male { MALE } else { FEMALE };
    // Three bytes a character: all of them lie in the basic plane.
    let at = dice.below(u32::try_from(pool.len() / 3).unwrap_or(1)) as usize;
    pool[at * 3..].chars().next().unwrap_or('华')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_of_a_given_name_has_three_bytes() {
        assert!(MALE.chars().chain(FEMALE.chars()).all(|c| c.len_utf8() == 3));
    }

    #[test]
    fn names_are_what_cleaning_leaves_of_them() {
        use unicode_normalization::UnicodeNormalization;
        let mut dice = Dice::new(3, 0);
        for _ in 0..20_000 {
            let family = surname(&mut dice);
            let name = full(&mut dice, family, true);
            assert_eq!(name.nfkc().collect::<String>(), name);
            assert!(!name.chars().any(|c| c.is_ascii() || ('\u{e000}'..='\u{f8ff}').contains(&c)));
            assert!(name.chars().count() >= 2);
        }
    }
}
