//! Places: where people live, in words that the region tree understands, and places outside.

use std::collections::HashMap;

use crate::domain::RegionLevel;
use crate::domain::region::Problem;
use crate::scheme::Scheme;

/// A village, or the smallest region that the table knows.
#[derive(Clone, Debug)]
pub(super) struct Village {
    /// Region code.
    pub(super) code: String,
    /// Six digits of its county: what a 统筹区 column says, and the head of most identity numbers.
    pub(super) county6: String,
    /// County by name, where the scheme spans several; else empty.
    pub(super) county: String,
    /// Township; may be empty.
    pub(super) township: String,
    /// Words for the village, the official one first; one empty word where there is none.
    pub(super) villages: Vec<String>,
}

/// What lies around.
pub(super) struct Neighbourhood {
    /// Where people live.
    pub(super) places: Vec<Village>,
    /// Units without people of their own, such as 市本级: code and name.
    pub(super) units: Vec<(String, String)>,
    /// County codes of other pools.
    pub(super) outside: Vec<String>,
    /// County codes outside the scheme's region but in its pool.
    pub(super) same_pool: Vec<String>,
    /// Whether it is a province whose cities, or counties, pool apart.
    pub(super) pools_apart: bool,
    /// Words for a village that several villages answer to: (six digits of the county, word).
    pub(super) ambiguous: Vec<(String, String)>,
    /// A place word that nobody knows.
    pub(super) unknown_place: &'static str,
}

/// Counties from all over; those of other pools than the scheme's serve as elsewhere.
const COUNTIES: &[&str] = &[
    "430102", "430111", "440305", "440306", "440106", "440115", "310115", "330106", "420106",
    "350203", "320508", "110105", "341302", "441302", "450103",
];

/// Collects the places that can be named without doubt.
pub(super) fn look_around(scheme: &Scheme) -> Neighbourhood {
    let tree = &scheme.regions;
    let home = scheme.pool_of(tree.root());
    let outside_of = |code: &str| {
        tree.resolve(Some(code), [None, None, None])
            .outside
            .is_some()
    };
    let leaves: Vec<Village> = tree
        .inside()
        .into_iter()
        .filter(|region| !region.unit && !tree.children(&region.code).any(|child| !child.unit))
        .filter_map(|region| place(scheme, &region.code))
        .collect();
    let units = tree.inside().into_iter().filter(|region| region.unit);
    let units = units.map(|region| (region.code.clone(), region.name.clone()));
    // A unit serves only where its name leads back to it.
    let units = units.filter(|(code, name)| {
        let named = tree.resolve(Some(name), [None, None, None]);
        named.problem.is_none() && named.inside.as_deref() == Some(code)
    });
    let units = units.collect();
    let outside = COUNTIES
        .iter()
        .filter(|code| {
            outside_of(code)
                && !scheme.pool_of(code).starts_with(&home)
                && !home.starts_with(&scheme.pool_of(code))
        })
        .map(|code| (*code).to_owned())
        .collect();
    let same_pool = ["02", "21", "22", "81", "82"]
        .iter()
        .filter_map(|tail| tree.root().get(..4).map(|city| format!("{city}{tail}")))
        .filter(|code| outside_of(code) && scheme.pool_of(code) == home)
        .collect();
    // Official names only, which nobody can read in two ways: other words may be a stem of one village only.
    let mut ambiguous: Vec<(String, String)> = Vec::new();
    let mut so_called: HashMap<(&str, &str), u32> = HashMap::new();
    for place in &leaves {
        *so_called
            .entry((&place.county6, &place.villages[0]))
            .or_default() += 1;
    }
    for place in &leaves {
        let name = &place.villages[0];
        let named = tree.resolve(Some(&place.county6), [None, None, Some(name)]);
        let twins = so_called[&(place.county6.as_str(), name.as_str())] > 1;
        if twins && matches!(named.problem, Some(Problem::Ambiguous(..))) {
            ambiguous.push((place.county6.clone(), name.clone()));
        }
    }
    ambiguous.sort();
    ambiguous.dedup();
    let province = tree
        .get(tree.root())
        .is_some_and(|root| root.level == RegionLevel::Province);
    let pools_apart = province && scheme.pool_digits > tree.root().len();
    Neighbourhood {
        places: leaves,
        units,
        outside,
        same_pool,
        pools_apart,
        ambiguous,
        unknown_place: "待核实单位",
    }
}

/// A place, if its words lead back to it with and without the county's code.
fn place(scheme: &Scheme, code: &str) -> Option<Village> {
    let tree = &scheme.regions;
    let mut place = Village {
        code: code.to_owned(),
        county6: code.get(..6)?.to_owned(),
        county: String::new(),
        township: String::new(),
        villages: Vec::new(),
    };
    let several_counties = tree
        .get(tree.root())
        .is_some_and(|root| root.level < RegionLevel::County);
    for step in tree.path(code) {
        let region = tree.get(step)?;
        match region.level {
            RegionLevel::Province | RegionLevel::City => {}
            RegionLevel::County if several_counties => place.county.clone_from(&region.name),
            RegionLevel::County => {}
            RegionLevel::Township => place.township.clone_from(&region.name),
            RegionLevel::Village => {
                place.villages.push(region.name.clone());
                place.villages.extend(region.aliases.iter().cloned());
                for ending in ["委会", "民委员会"] {
                    place.villages.extend(
                        region
                            .name
                            .strip_suffix(ending)
                            .filter(|w| w.ends_with('村'))
                            .map(str::to_owned),
                    );
                }
            }
        }
    }
    if place.villages.is_empty() {
        place.villages.push(String::new());
    }
    let understood = |village: &str| {
        let words = [some(&place.county), some(&place.township), some(village)];
        [
            tree.resolve(Some(&place.county6), words),
            tree.resolve(None, words),
        ]
        .iter()
        .all(|named| {
            named.problem.is_none()
                && named.outside.is_none()
                && named.inside.as_deref() == Some(code)
        })
    };
    let plain = |word: &str| !word.contains([',', '"', '\n']);
    if !understood(&place.villages[0]) || !plain(&place.villages[0]) || !plain(&place.township) {
        return None;
    }
    let villages = place
        .villages
        .iter()
        .filter(|word| plain(word) && understood(word))
        .cloned()
        .collect();
    Some(Village { villages, ..place })
}

/// `None` for an empty word.
pub(super) fn some(word: &str) -> Option<&str> {
    (!word.is_empty()).then_some(word)
}
