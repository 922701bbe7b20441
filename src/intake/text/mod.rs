//! Text: a csv or txt file as one sheet.
//!
//! In:  bytes, or a file too large to be held.
//! Out: a `Sheet`, its rows handed on while the rest is still being read.
//! Never: guesses a letter: every byte is explained, or the file refused.

mod broken_off;
mod head;
mod parts;
mod separated;
mod stream;
mod whole;

pub(crate) use separated::unwrapped_formula;
pub(crate) use stream::{Stream, Streamed};
pub(crate) use whole::read;

#[cfg(test)]
mod tests {
    use sha2::Digest;

    use super::head::declared_separator;
    use super::*;
    use crate::domain::SourceKind;
    use crate::intake::ask::Ask;
    use crate::intake::handed::{Keeper, Taker};
    use crate::intake::sheet::{Origin, SourceSheet};
    use crate::scheme::SourceRule;

    fn origin() -> Origin {
        Origin {
            source: SourceKind::Register,
            file: "a.csv".into(),
            sheet: String::new(),
            sha256: String::new(),
            encoding: String::new(),
            batch: None,
            family: String::new(),
            since_1904: false,
            rows_read: 0,
        }
    }

    fn read_bytes(bytes: &[u8], taker: Option<&dyn Taker>) -> SourceSheet {
        let rule = SourceRule::plain(SourceKind::Register);
        read(
            Ask {
                rule: &rule,
                year: 2022,
                seen: None,
            },
            origin(),
            bytes,
            taker,
        )
        .ok()
        .unwrap()
    }

    fn read_text(text: &str, taker: Option<&dyn Taker>) -> SourceSheet {
        read_bytes(text.as_bytes(), taker)
    }

    /// Read in blocks of this size, if it can be.
    fn in_blocks(bytes: &[u8], size: usize) -> Option<(SourceSheet, [u8; 32])> {
        let rule = SourceRule::plain(SourceKind::Register);
        let ask = Ask {
            rule: &rule,
            year: 2022,
            seen: None,
        };
        let (start, rest) = bytes.split_at(size.min(bytes.len()));
        let keeper = Keeper::default();
        let stream = Stream {
            ask,
            origin: &origin(),
            taker: &keeper,
        };
        let streamed = stream.in_blocks(start.to_vec(), rest, size).ok().unwrap()?;
        Some((keeper.whole(streamed.sheet), streamed.digest))
    }

    #[test]
    fn a_text_in_blocks_of_any_size_holds_what_it_holds_as_a_whole() {
        let head = "某镇常住人口名册\n序号,姓名,身份证号,乡镇,村,备注\n";
        let plain = "9,赵六,110101202311012176,谭家山镇谭家山村委会,烟塘村烟塘组,\n".repeat(2500);
        let odd = "1, 张 三 ,　110101202311012176,易俗河镇,烟塘村,x\r\n2,李四, ,易俗河镇\r\n,,,,,\r\n合计,2人\n";
        let quoted = "1,\"张\"\"三\",11010519491231002X,\"易俗\n河\n镇\",烟塘村,\n\"2\",李四\",=\"440524188001010014\",易俗河镇,\"烟,塘\n村\",\n";
        let text = format!(
            "{head}{plain}{odd}{plain}{quoted}{quoted}{plain}{odd}3,王五,E12345678901,易俗河镇,烟塘村,丙"
        );
        let cut = |text: &str| {
            (110_000..text.len() + 500)
                .step_by(9_973)
                .collect::<Vec<_>>()
        };
        let gb18030 = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
        let with_mark = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for bytes in [
            text.clone().into_bytes(),
            with_mark,
            gb18030(&text),
            gb18030(&text.replace(',', ";")),
        ] {
            let whole = read_bytes(&bytes, None);
            let mut in_many = 0;
            for size in cut(&text) {
                let Some((sheet, digest)) = in_blocks(&bytes, size) else {
                    continue;
                };
                in_many += usize::from(size * 2 < bytes.len());
                assert!(
                    sheet.table.equals_missing(&whole.table),
                    "{size}: {:?} {:?}",
                    sheet.table,
                    whole.table
                );
                assert_eq!(
                    (sheet.set_aside, sheet.totals),
                    (whole.set_aside, whole.totals.clone()),
                    "{size}"
                );
                assert_eq!(
                    (sheet.header_row, &sheet.columns),
                    (whole.header_row, &whole.columns),
                    "{size}"
                );
                assert_eq!(sheet.origin, whole.origin, "{size}");
                assert_eq!(
                    digest,
                    <[u8; 32]>::from(sha2::Sha256::digest(&bytes)),
                    "{size}"
                );
            }
            assert!(in_many > 5, "most sizes are read in blocks");
        }
    }

    #[test]
    fn a_text_that_ends_within_a_row_says_which_row_it_is() {
        let head = "序号,姓名,身份证号,乡镇,备注\n";
        let rows = "1,张三,11010519491231002X,易俗河镇,\n2,李四,440524188001010014,易俗河镇,\n";
        // end of the text, row that is cut
        for (end, cut) in [
            ("3,王五,110101202311012176,易俗河镇,", None),
            ("3,王五,110101202311012176,易俗河镇,\n", None),
            ("3,王五,110101202311012176", Some(4)),
            ("3,王五,1101012023", Some(4)),
            ("3,王", Some(4)),
            ("3", Some(4)),
            ("3,王五,110101202311012176\n", None),
            ("合计,2人", None),
            ("制表人：张三", None),
            ("截至三月底", None),
            ("3,王五,\"110101202311012176\"", Some(4)),
        ] {
            let text = format!("{head}{rows}{end}");
            assert_eq!(read_text(&text, None).beside.cut_row, cut, "{end}");
        }
        // Rows of this text are short where nothing follows.
        let short = format!("{head}1,张三,11010519491231002X\n2,李四,440524188001010014");
        assert_eq!(read_text(&short, None).beside.cut_row, None);
        let many = format!("{head}{}3,王五,1101012023", rows.repeat(3000));
        let (sheet, _) = in_blocks(many.as_bytes(), 110_000).unwrap();
        assert_eq!(sheet.beside.cut_row, Some(6002));
    }

    #[test]
    fn a_row_longer_than_its_header_is_set_aside_and_told_with_the_numbers_in_it() {
        let text = "姓名,住址,身份证号\n张三,东街,11010519491231002X\n李四,东街,三单元,440524188001010014\n\
                    王五,西街,110101202311012176,,\n合计,3人,,,三\n";
        let sheet = read_text(text, None);
        assert_eq!(
            sheet.table.height(),
            2,
            "blank cells beyond the header are none"
        );
        assert_eq!(sheet.set_aside.of(crate::domain::Fate::TooLong), 1);
        assert_eq!(sheet.set_aside.of(crate::domain::Fate::Total), 1);
        let long = crate::intake::LongRow {
            row: 3,
            expected: 3,
            found: 4,
            numbers: vec!["440524188001010014".to_owned()],
        };
        assert_eq!(sheet.too_long, [long]);
        sheet.assert_balanced();
    }

    #[test]
    fn what_no_block_can_tell_is_left_to_be_read_whole() {
        let head = "序号,姓名,身份证号,乡镇,村,备注\n";
        let plain = "9,赵六,110101202311012176,谭家山镇谭家山村委会,烟塘村烟塘组,\n".repeat(2500);
        let text = format!("{head}{plain}");
        assert!(in_blocks(text.as_bytes(), 110_000).is_some());
        let ascii = format!(
            "id,name,idcard\n{}",
            "9,zhao,110101202311012176\n".repeat(9000)
        );
        let gb18030 = encoding_rs::GB18030.encode(&text).0.into_owned();
        let changed = [&gb18030[..], text.as_bytes()].concat();
        for (why, bytes) in [
            (
                "another header",
                format!("{text}序号,身份证号,姓名,村\n{plain}").into_bytes(),
            ),
            (
                "an open quote",
                format!("{text}1,\"赵六,11\n{plain}").into_bytes(),
            ),
            ("a zero", format!("{text}1,赵\0六,11\n{plain}").into_bytes()),
            (
                "bytes that are no letters",
                [text.as_bytes(), b"1,\xff,2\n", text.as_bytes()].concat(),
            ),
            ("two encodings", changed),
            ("no header", ascii.into_bytes()),
            (
                "a separator that is part of letters",
                encoding_rs::GB18030
                    .encode(&text.replace(',', "|"))
                    .0
                    .into_owned(),
            ),
            ("lines without end", text.replace('\n', "\r").into_bytes()),
            (
                "UTF-16",
                text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            ),
            (
                "Big5",
                encoding_rs::BIG5
                    .encode("序號,姓名,身份證號,鄉鎮,村,備註\n")
                    .0
                    .repeat(9000),
            ),
            ("a web page", format!("<table><td>{text}").into_bytes()),
        ] {
            assert!(in_blocks(&bytes, 110_000).is_none(), "{why}");
        }
    }

    #[test]
    fn what_is_handed_on_while_reading_is_what_the_sheet_holds() {
        let head = "序号,姓名,身份证号,乡镇,村,备注\n";
        for rows in [
            "1,张三,11010519491231002X,易俗河镇谭家山片区,烟塘村烟塘组,\n2,李四,440524188001010014,易俗河镇谭家山片区,,无\n",
            "1, 张 三 ,　110101202311012176,易俗河镇,烟塘村,x\r\n2,李四, ,易俗河镇,烟塘村,\r\n,,,,,\r\n",
            "1,\"张\"\"三\",11010519491231002X,\"易俗\n河镇\",烟塘村,\n2,李四,=\"440524188001010014\",易俗河镇,\"烟塘村\",",
            "1,张三,11010519491231002X\n2,李四,440524188001010014,易俗河镇,烟塘村,甲,乙,\n合计,2人\n3,王五,E12345678901,易俗河镇,烟塘村,丙\n",
        ] {
            // More rows than a run has, the odd ones among plain ones.
            let plain =
                "9,赵六,110101202311012176,谭家山镇谭家山村委会,烟塘村烟塘组,\n".repeat(700);
            let text = format!("{head}{plain}{rows}\n{plain}{rows}");
            let whole = read_text(&text, None);
            let keeper = Keeper::default();
            let rest = read_text(&text, Some(&keeper));
            let rest = keeper.whole(rest);
            assert!(
                rest.table.equals_missing(&whole.table),
                "{rows}: {:?} {:?}",
                rest.table,
                whole.table
            );
            assert_eq!(
                (rest.set_aside, rest.totals),
                (whole.set_aside, whole.totals),
                "{rows}"
            );
            assert_eq!(rest.origin.rows_read, whole.origin.rows_read, "{rows}");
        }
    }

    #[test]
    fn only_what_can_part_cells_is_a_declared_separator() {
        for (line, declared) in [
            ("sep=;\n", Some(b';')),
            ("sep=\t\r\n", Some(b'\t')),
            ("sep=^\n", Some(b'^')),
            ("sep=\"\n", None),
            ("sep=\n\n", None),
            ("sep=\r\n", None),
            ("sep=\0\n", None),
            ("sep=\u{1}\n", None),
            ("sep= \n", None),
            ("sep=a\n", None),
        ] {
            assert_eq!(declared_separator(line), declared, "{line:?}");
        }
    }
}
