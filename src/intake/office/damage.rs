//! What is broken, of all that readers of workbooks say of a file.

use crate::domain::Damage;

/// What is broken, of all that is said in this room and by calamine, in fixed words.
pub(crate) fn of(reason: &str) -> Damage {
    use Damage::*;
    let known = [
        ("in one place", DoubledPlace),
        (" twice", DoubledPart),
        ("damaged archive", BadArchive),
        ("Zip error", BadArchive),
        ("damaged part", BadPart),
        ("the reader gave up", ReaderGaveUp),
        ("two sheets of one name", SameNames),
        ("a cell outside of any sheet", CellOutside),
        (" after row ", RowsOutOfOrder),
        ("without a number", NoPlace),
        ("without a row component", NoPlace),
        ("a text longer than any cell", LongText),
        ("claims more texts", TooManySharedTexts),
        ("a record too long", LongRecord),
        ("a record cut short", CutOff),
        ("a shared text that is not there", NoSharedText),
        ("without an end", CutOff),
        ("that never ends", CutOff),
        ("no UTF-8", BadLetters),
        ("an unknown entity", UnknownEntity),
        ("unrecognized", UnknownCell),
        ("a sheet without its part", MissingPart),
        ("is missing", MissingPart),
        ("Xml error", BadXml),
        ("syntax error", BadXml),
        ("ill-formed", BadXml),
    ];
    known
        .iter()
        .find(|(words, _)| reason.contains(words))
        .map_or(Other, |(_, damage)| *damage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_room_says_is_a_damage_of_its_own() {
        let room = [
            include_str!("tags.rs"),
            include_str!("plain.rs"),
            include_str!("xlsb.rs"),
        ]
        .concat();
        let said: Vec<&str> = room
            .split("Mistake::Xml(\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(said.len() > 10, "{said:?}");
        for reason in said {
            assert_ne!(of(reason), Damage::Other, "{reason}");
        }
        for reason in [
            crate::intake::guard::Panicked::REASON,
            "two sheets of one name",
            "row 7 after row 9",
            "two cells in one place",
        ] {
            assert_ne!(of(reason), Damage::Other, "{reason}");
        }
    }
}
