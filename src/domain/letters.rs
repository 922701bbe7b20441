//! Letters: one form for those that look the same.

use unicode_normalization::UnicodeNormalization;

/// U+2E80 … U+2EF3 as the letters that they look like (Unicode, EquivalentUnifiedIdeograph); those without one stay.
const RADICALS: &str = "\
     ⺀厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵⺚旡日\
     月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂\
     肀聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝\
     雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟";

/// Radicals of the supplement block, which stand for letters in texts taken out of a PDF, and which NFKC leaves.
const SUPPLEMENT: std::ops::RangeInclusive<char> = '\u{2e80}'..='\u{2ef3}';

/// A text as it is compared: look-alike radicals as letters, and NFKC.
pub fn plain_letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(plain_letter).nfkc()
}

/// A radical as the letter that it looks like. NFKC knows those of the other block (U+2F00 …), and makes of three of them
/// letters that nobody writes today.
pub fn plain_letter(c: char) -> char {
    match c {
        '\u{2f3e}' => return '户',
        '\u{2fad}' => return '青',
        '\u{2fc8}' => return '黄',
        _ => {}
    }
    if !SUPPLEMENT.contains(&c) {
        return c;
    }
    let at = c as usize - *SUPPLEMENT.start() as usize;
    RADICALS.chars().nth(at).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_radical_of_the_block_has_its_place_in_the_list() {
        assert_eq!(RADICALS.chars().count(), SUPPLEMENT.count());
        let text: String = plain_letters("⻓⺠⻢⻘⻰⻳⽂一⼾⾭⿈").collect();
        assert_eq!(text, "长民马青龙龟文一户青黄");
        assert!(
            RADICALS
                .chars()
                .all(|c| plain_letter(c) == c || c == '\u{2e80}' || c == '\u{2e9a}')
        );
    }
}
