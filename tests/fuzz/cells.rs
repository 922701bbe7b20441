//! What stands in one cell: any text is read, or told to be unreadable; nothing panics, nothing is invented.

use canbao::domain::SourceKind;
use canbao::refine::identity::{IdType, examine};
use canbao::refine::money::Amount;
use canbao::refine::{dates, money, names, places, vocabulary, years};
use canbao::scheme::Scheme;

use crate::chance::Chance;

/// Characters that a spreadsheet's cell holds at most.
const LONGEST: usize = 32_767;

/// Text that looks like something, or like nothing.
pub fn text(chance: &mut Chance) -> String {
    const PARTS: [&str; 62] = [
        "2021",
        "12",
        "31",
        "-",
        "/",
        ".",
        "年",
        "月",
        "日",
        ":",
        "T",
        " ",
        "￥",
        "¥",
        "元",
        ",",
        "，",
        "(",
        ")",
        "（",
        "）",
        "+",
        "−",
        "－",
        "e",
        "E+17",
        "1e308",
        "00000000000000000000",
        "99999999999999999999999999",
        "0.005",
        "11010519491231002",
        "X",
        "x",
        "Ｘ",
        "Х",
        "×",
        "*",
        "'",
        "’",
        "\u{200b}",
        "\u{feff}",
        "\u{a0}",
        "\u{3000}",
        "\t",
        "\n",
        "\0",
        "１",
        "２",
        "张",
        "三",
        "·",
        "•",
        "□",
        "〓",
        "\u{e000}",
        "?",
        "村",
        "镇",
        "合计",
        "万",
        "🈳",
        "\u{10ffff}",
    ];
    let mut text = String::new();
    for _ in 0..chance.below(9) {
        if chance.once_in(6) {
            text.extend(char::from_u32(chance.below(0x11_0000) as u32));
        } else {
            text += *chance.pick(&PARTS[..]);
        }
    }
    if chance.once_in(300) {
        // As long as a cell can be.
        text = text.repeat(LONGEST / text.chars().count().max(1));
    }
    text
}

/// Every parser on one text.
pub fn read(text: &str, scheme: &Scheme, chance: &mut Chance) {
    let cell = Some(text);
    let day = dates::read(cell).known();
    // 1800 to 9999, as days since 1970.
    assert!(
        day.is_none_or(|day| (-62_091..=2_932_896).contains(&day)),
        "a day of no calendar from {text:?}"
    );
    let _ = money::read(cell).or_zero();
    if let Amount::Unreadable = money::read(cell) {
        assert_eq!(money::read(cell).or_zero(), 0);
    }
    for lossy in [false, true] {
        for document in [IdType::National, IdType::of(text)] {
            let examined = examine(cell, document, lossy);
            if examined.key.is_ok() && document == IdType::National {
                assert_eq!(
                    examined.text.chars().count(),
                    18,
                    "a number of {} from {text:?}",
                    examined.text
                );
                // What was read is read again as itself.
                assert_eq!(
                    examine(Some(&examined.text), document, false).key,
                    examined.key
                );
            }
        }
    }
    if let Some(name) = names::clean(text) {
        assert!(!name.is_empty());
        assert_eq!(
            names::clean(&name).as_deref(),
            Some(name.as_ref()),
            "cleaning twice changes {text:?}"
        );
        let _ = (
            names::has_unwritable(&name),
            names::differ_only_in_unwritable(&name, text),
        );
    }
    let kind = *chance.pick(SourceKind::ALL);
    let _ = (
        vocabulary::status(text, kind, scheme),
        vocabulary::cover(text, kind, scheme),
    );
    let _ = (vocabulary::category(text, scheme), years::years(text));
    let mut words = [None; 5];
    words[chance.below(5)] = cell;
    words[chance.below(5)] = cell;
    let _ = places::locate(kind, words, scheme);
}
