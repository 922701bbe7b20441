//! When two cells say the same: the columns of two offices for one field.

use crate::intake::cell;

/// Whether two filled cells hold one value: the same text after NFKC without blanks, the same number, or the same day.
pub(crate) fn is_same_value(one: &str, two: &str) -> bool {
    let (plain_one, plain_two) = (plain(one), plain(two));
    plain_one == plain_two
        || matches!((number(&plain_one), number(&plain_two)), (Some(one), Some(two)) if one == two)
        || matches!((day(one), day(two)), (Some(one), Some(two)) if one == two)
}

fn plain(text: &str) -> String {
    cell::squeezed(text)
        .trim_start_matches('\'')
        .to_ascii_uppercase()
}

/// Sign, digits and decimals without what does not count: ￥1,280.00元 is 1280.
fn number(text: &str) -> Option<(bool, String, String)> {
    let text = text
        .trim_start_matches(['¥', '￥', '$'])
        .trim_end_matches(['元', '人'])
        .replace(',', "");
    let inside = text
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    let bare = inside.unwrap_or(&text);
    let unsigned = bare.strip_prefix(['-', '−']).unwrap_or(bare);
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    // Numbers of people and vouchers are texts: what begins with 0 or is that long is compared as such.
    if whole.is_empty()
        || whole.len() > 12
        || !digits(whole)
        || !digits(decimals)
        || (whole.len() > 1 && whole.starts_with('0'))
    {
        return None;
    }
    let negative = inside.is_some() || unsigned.len() < bare.len();
    Some((
        negative,
        whole.to_owned(),
        decimals.trim_end_matches('0').to_owned(),
    ))
}

/// Year, month and day, however they are written. The time of day does not count.
fn day(text: &str) -> Option<(u32, u32, u32)> {
    let text = cell::nfkc(text);
    let date = text.trim().split([' ', 'T']).next()?;
    let parts: Vec<&str> = date
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .collect();
    let (year, month, day) = match parts[..] {
        [packed] if packed.len() == 8 => (packed.get(..4)?, packed.get(4..6)?, packed.get(6..)?),
        [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => {
            (year, month, day)
        }
        _ => return None,
    };
    let day: (u32, u32, u32) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    ((1900..2200).contains(&day.0) && (1..=12).contains(&day.1) && (1..=31).contains(&day.2))
        .then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_and_not_how_they_are_written() {
        for (one, two, expected) in [
            ("320", "320.00", true),
            ("￥1,280.00元", "1280", true),
            ("(320)", "-320", true),
            ("320", "300", false),
            ("320", "-320", false),
            ("2021-12-31", "2021/12/31 08:30", true),
            ("2021年12月31日", "20211231", true),
            ("2021.1.5", "2021-01-05", true),
            ("2021-12-31", "2021-12-30", false),
            ("张 三", "张三", true),
            ("11010519491231002x", "11010519491231002X", true),
            ("１２", "12", true),
            ("007", "7", false),
            ("110105194912310021", "110105194912310022", false),
            ("20211231083000", "2021-12-31", false),
            ("张三", "李四", false),
            ("易俗河镇", "易俗河", false),
        ] {
            assert_eq!(is_same_value(one, two), expected, "{one} {two}");
            assert_eq!(is_same_value(two, one), expected, "{two} {one}");
        }
    }
}
