//! The country: codes and names of all provinces, cities and counties, also of codes that were given up
//! (`country.csv`: GB/T 2260; docs/readings.md#country).

use std::sync::OnceLock;

/// One line of the list.
struct Listed {
    code: &'static str,
    name: &'static str,
    /// Given up: it still prints, but its name means no place any more.
    is_retired: bool,
}

/// The list, and how names are looked up in it.
struct Country {
    /// In order of code.
    by_code: Vec<Listed>,
    /// Positions of what stands in the list today, in order of name.
    by_name: Vec<usize>,
}

/// What the list calls a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullName {
    /// From the province down, no name twice: 湖北省宜昌市远安县.
    pub text: String,
    /// The code itself is listed. Otherwise `text` is what stands above it.
    pub is_whole: bool,
}

/// Standing between a province and its counties where no city does.
const NO_CITIES: [&str; 3] = ["市辖区", "县", "直辖县级行政区划"];

/// What names end in that can stand in front of another: a province's, a city's.
const ABOVE: [char; 6] = ['省', '市', '区', '州', '盟', '划'];

impl Listed {
    /// 高新区, 郊区, 新市区: a district is named behind its city, or it may be anybody's.
    fn stands_alone(&self) -> bool {
        self.code.len() < 6 || !self.name.ends_with('区')
    }
}

impl Country {
    fn read() -> Country {
        let lines = include_str!("country.csv").lines();
        let by_code: Vec<Listed> = lines
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| {
                let (code, rest) = line.split_once(',')?;
                let (name, until) = rest.split_once(',').unwrap_or((rest, ""));
                Some(Listed {
                    code,
                    name,
                    is_retired: !until.is_empty(),
                })
            })
            .collect();
        let mut by_name: Vec<usize> = (0..by_code.len())
            .filter(|at| {
                let one = &by_code[*at];
                !one.is_retired && !NO_CITIES.contains(&one.name)
            })
            .collect();
        by_name.sort_by_key(|at| (by_code[*at].name, by_code[*at].code));
        Country { by_code, by_name }
    }

    fn get(&self, code: &str) -> Option<&Listed> {
        let at = self.by_code.binary_search_by_key(&code, |one| one.code);
        at.ok().map(|at| &self.by_code[at])
    }

    /// What is called so today, in order of code.
    fn called(&self, name: &str) -> impl Iterator<Item = &Listed> {
        let of = |at: &usize| &self.by_code[*at];
        let first = self.by_name.partition_point(|at| of(at).name < name);
        self.by_name[first..]
            .iter()
            .map(of)
            .take_while(move |one| one.name == name)
    }

    /// What a code lies in, from the province down.
    fn above(&self, code: &str) -> impl Iterator<Item = &Listed> {
        [2, 4, 6]
            .into_iter()
            .filter(move |length| *length < code.len())
            .filter_map(move |length| self.get(&code[..length]))
    }

    /// Whether a text is made of names of what a code lies in, in their order, some perhaps left out.
    fn is_above(&self, code: &str, text: &str) -> bool {
        let mut rest = text;
        for one in self.above(code) {
            rest = rest.strip_prefix(one.name).unwrap_or(rest);
        }
        rest.is_empty()
    }
}

fn country() -> &'static Country {
    static COUNTRY: OnceLock<Country> = OnceLock::new();
    COUNTRY.get_or_init(Country::read)
}

/// Whether digits are a region's code: a province's first, and as many as a level has.
pub(super) fn is_code(digits: &str) -> bool {
    has_length(digits)
        && digits.bytes().all(|digit| digit.is_ascii_digit())
        && country().get(&digits[..2]).is_some()
}

/// As many digits as a level's code has.
pub(super) fn has_length(digits: &str) -> bool {
    matches!(digits.len(), 2 | 4 | 6 | 9 | 12)
}

/// The full name of a code, or of what it lies in; `None` for what is no code.
pub fn full_name(code: &str) -> Option<FullName> {
    if !is_code(code) {
        return None;
    }
    let country = country();
    // 420000 and 420500: a province and a city as six digits.
    let six = Some(code).filter(|code| code.len() == 6);
    let short = six.map_or(code, |six| {
        let of_city = six.strip_suffix("00").unwrap_or(six);
        of_city
            .strip_suffix("00")
            .filter(|province| province.len() == 2)
            .unwrap_or(of_city)
    });
    let own = country.get(short);
    let above = country
        .above(short)
        .filter(|one| !NO_CITIES.contains(&one.name));
    // 北京市(市辖区), but 湖北省直辖县级行政区划, which is not all of it.
    let last = own.filter(|one| !NO_CITIES[..2].contains(&one.name));
    let mut names: Vec<&str> = above.chain(last).map(|one| one.name).collect();
    names.dedup();
    Some(FullName {
        text: names.concat(),
        is_whole: own.is_some(),
    })
}

/// The code of the one place that is called so today: by a name that occurs once, or behind what it lies in
/// (某省某市某区, 某市某区). Given up codes lend no name: what came after them is another code.
pub fn code_called(word: &str) -> Option<&'static str> {
    let country = country();
    for (at, _) in word.char_indices() {
        let (above, name) = word.split_at(at);
        if !above.is_empty() && !above.ends_with(ABOVE) {
            continue;
        }
        let fits = |one: &&Listed| match above {
            "" => one.stands_alone(),
            _ => country.is_above(one.code, above),
        };
        let mut fitting = country.called(name).filter(fits).map(|one| one.code);
        if let Some(first) = fitting.next() {
            // 嘉峪关市 is a city and its only county: the city.
            let is_one = fitting.all(|other| other.starts_with(first));
            return is_one.then_some(first);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_holds_what_every_code_lies_in() {
        let country = country();
        assert!(country.by_code.is_sorted_by(|a, b| a.code < b.code));
        let levels = |length| {
            let of_length = |one: &&Listed| one.code.len() == length && !one.is_retired;
            country.by_code.iter().filter(of_length).count()
        };
        // 34 provinces; 333 cities and what stands where none does (in 4 municipalities, Chongqing twice, in 4 provinces)
        assert_eq!((levels(2), levels(4)), (34, 342));
        for one in &country.by_code {
            assert!(is_code(one.code) && one.code.len() <= 6, "{}", one.code);
            let levels = country.above(one.code).count() + 1;
            let is_complete = levels == one.code.len() / 2 || one.is_retired;
            assert!(is_complete, "{} {}", one.code, one.name);
        }
    }

    #[test]
    fn a_code_prints_with_all_that_it_lies_in() {
        // code, name, whether the code itself is known
        for (code, text, is_whole) in [
            ("43", "湖南省", true),
            ("430000", "湖南省", true),
            ("4302", "湖南省株洲市", true),
            ("430200", "湖南省株洲市", true),
            ("430304", "湖南省湘潭市岳塘区", true),
            ("110108", "北京市海淀区", true),
            ("1101", "北京市", true),
            ("5002", "重庆市", true),
            ("500231", "重庆市垫江县", true),
            ("429004", "湖北省仙桃市", true),
            ("4290", "湖北省直辖县级行政区划", true),
            ("620201", "甘肃省嘉峪关市", true),
            // given up: 2018, 2015, 2011
            ("371202", "山东省莱芜市莱城区", true),
            ("110228", "北京市密云县", true),
            ("341402", "安徽省巢湖市居巢区", true),
            ("430499", "湖南省衡阳市", false),
            ("4399", "湖南省", false),
            ("430304001", "湖南省湘潭市岳塘区", false),
            ("430304001002", "湖南省湘潭市岳塘区", false),
        ] {
            let text = text.to_owned();
            let expected = Some(FullName { text, is_whole });
            assert_eq!(full_name(code), expected, "{code}");
        }
        for no_code in [
            "", "?", "4", "430", "99", "990101", "4303A", "某县", "43030",
        ] {
            assert_eq!(full_name(no_code), None, "{no_code}");
        }
    }

    #[test]
    fn a_name_means_a_place_only_where_it_is_one_places() {
        // word, code
        for (word, code) in [
            ("湖北省", Some("42")),
            ("宜昌市", Some("4205")),
            ("湖北省宜昌市", Some("4205")),
            ("湖北省宜昌市西陵区", Some("420502")),
            ("宜昌市西陵区", Some("420502")),
            ("湖北省西陵区", Some("420502")),
            ("北京市海淀区", Some("110108")),
            ("北京市市辖区海淀区", Some("110108")),
            ("重庆市垫江县", Some("500231")),
            ("湖北省直辖县级行政区划仙桃市", Some("429004")),
            ("内蒙古自治区", Some("15")),
            ("攸县", Some("430223")),
            ("嘉峪关市", Some("6202")),
            ("阿里地区", Some("5425")),
            // a district without its city; 朝阳区 of two cities; a city that it does not lie in
            ("西陵区", None),
            ("朝阳区", None),
            ("武汉市西陵区", None),
            ("长春市朝阳区", Some("220104")),
            // given up in 2021
            ("祁阳县", None),
            ("湖南省永州市祁阳县", None),
            ("祁阳市", Some("431181")),
            // no names, half names, more than a name
            ("县", None),
            ("市辖区", None),
            ("宜昌", None),
            ("宜昌市西陵区夜明珠街道", None),
            ("某某市宜昌市", None),
            ("", None),
        ] {
            assert_eq!(code_called(word), code, "{word}");
        }
    }
}
