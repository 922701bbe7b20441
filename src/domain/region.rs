//! The region tree: codes, names and aliases, and how words are found in it.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

closed_list! {
    /// Levels of GB/T 2260 and GB/T 10114, from the top.
    pub enum RegionLevel { City = "city", County = "county", Township = "township", Village = "village" }
}

/// One region of the table `pipelines/regions/<name>.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// GB/T 2260 digits; a unit without one has its parent's code and a letter.
    pub code: String,
    /// Official name.
    pub name: String,
    /// Level.
    pub level: RegionLevel,
    /// Code of the region above.
    pub parent: String,
    /// Other words for it.
    pub aliases: Vec<String>,
    /// A unit without a code of its own (市本级, 开发区): no population, no rank.
    pub unit: bool,
}

/// What the words of a row name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Deepest region of the table that is named, inside the scheme's region.
    pub inside: Option<String>,
    /// Code of a place outside the scheme's region.
    pub outside: Option<String>,
    /// A word that nothing, or more than one thing, answers to.
    pub problem: Option<Problem>,
}

/// Why a region word was not (wholly) understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No region answers to it.
    Unknown(String),
    /// Several regions answer to it: their codes.
    Ambiguous(String, Vec<String>),
}

/// All regions of a scheme, the scheme's own at the root, and neighbours known by name.
#[derive(Clone, Debug)]
pub struct RegionTree {
    root: String,
    regions: Vec<Region>,
    by_code: HashMap<String, usize>,
    by_word: HashMap<String, Vec<usize>>,
    children: HashMap<String, Vec<usize>>,
}

/// Offices that a 参保机构 column names instead of the place they stand for.
const OFFICES: [&str; 12] = [
    "医疗保障事业管理中心",
    "医疗保障事务中心",
    "医疗保障服务中心",
    "医疗保险服务中心",
    "医疗保障中心",
    "医疗保障局",
    "医保中心",
    "医保局",
    "社会保险服务中心",
    "社会保险局",
    "人民政府",
    "税务局",
];

/// A region word as it is compared: NFKC, without blanks.
pub fn region_word(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace() && *c != '\u{200b}' && *c != '\u{feff}').collect()
}

/// A village word without its ending, so that 双井村, 双井村委会 and 双井村村民委员会 meet; 社区 and 居委会 likewise.
fn village_stem(word: &str) -> String {
    let mut stem = word;
    for ending in ["村民委员会", "社区居民委员会", "居民委员会", "社区居委会", "村委会", "居委会", "村委", "居委", "社区", "村"]
    {
        if let Some(rest) = stem.strip_suffix(ending)
            && rest.chars().count() >= 1
        {
            stem = rest;
            break;
        }
    }
    // 双井村村委会 → 双井村 → 双井
    stem.strip_suffix('村').filter(|rest| !rest.is_empty()).unwrap_or(stem).to_owned()
}

impl RegionTree {
    /// Builds the tree. `regions` hold the root, everything below it, and any neighbours.
    pub fn new(root: &str, mut regions: Vec<Region>) -> Self {
        regions.sort_by(|a, b| a.code.cmp(&b.code));
        let mut by_code = HashMap::new();
        let mut by_word: HashMap<String, Vec<usize>> = HashMap::new();
        let mut children: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, region) in regions.iter().enumerate() {
            by_code.insert(region.code.clone(), at);
            children.entry(region.parent.clone()).or_default().push(at);
            let mut words: Vec<String> = std::iter::once(&region.name).chain(&region.aliases).map(|w| region_word(w)).collect();
            if region.level == RegionLevel::Village {
                let stems: Vec<String> = words.iter().map(|w| village_stem(w)).collect();
                words.extend(stems);
            }
            words.sort();
            words.dedup();
            for word in words {
                by_word.entry(word).or_default().push(at);
            }
        }
        RegionTree { root: root.to_owned(), regions, by_code, by_word, children }
    }

    /// Code of the scheme's region.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The region with this code.
    pub fn get(&self, code: &str) -> Option<&Region> {
        self.by_code.get(code).map(|&at| &self.regions[at])
    }

    /// Official name, or the code itself for a place that the table does not hold.
    pub fn name<'a>(&'a self, code: &'a str) -> &'a str {
        self.get(code).map_or(code, |region| &region.name)
    }

    /// Regions directly below, in order of code.
    pub fn children<'a>(&'a self, code: &str) -> impl Iterator<Item = &'a Region> + use<'a> {
        self.children.get(code).into_iter().flatten().map(|&at| &self.regions[at])
    }

    /// The scheme's region and everything below it, level by level, each level in order of (parent, code).
    pub fn inside(&self) -> Vec<&Region> {
        let mut found: Vec<&Region> = self.regions.iter().filter(|r| self.is_inside(&r.code)).collect();
        found.sort_by(|a, b| (a.level, &a.parent, &a.code).cmp(&(b.level, &b.parent, &b.code)));
        found
    }

    /// Whether a code is the scheme's region or lies below it. A code deeper than the table counts by its prefix.
    pub fn is_inside(&self, code: &str) -> bool {
        code.starts_with(&self.root)
    }

    /// From the scheme's region down to this region: their codes. Empty for a code outside.
    pub fn path(&self, code: &str) -> Vec<&str> {
        let mut path = Vec::new();
        let mut at = self.get(code);
        while let Some(region) = at {
            if !self.is_inside(&region.code) {
                break;
            }
            path.push(region.code.as_str());
            if region.code == self.root {
                break;
            }
            at = self.get(&region.parent);
        }
        path.reverse();
        path
    }

    /// 统筹区 of a place code: its first `digits` digits.
    pub fn pool(code: &str, digits: usize) -> String {
        code.chars().take(digits).collect()
    }

    /// What the words of one row name. `place` may be a code, a name, or a code followed by a name; `county`,
    /// `township` and `village` are looked up below what is already known. Ties inside one parent stay ambiguous.
    pub fn resolve(&self, place: Option<&str>, words: [Option<&str>; 3]) -> Named {
        let mut named = Named::default();
        if let Some(place) = place {
            self.resolve_place(&region_word(place), &mut named);
        }
        if named.outside.is_some() {
            return named;
        }
        for (level, word) in [RegionLevel::County, RegionLevel::Township, RegionLevel::Village].into_iter().zip(words) {
            let Some(word) = word.map(region_word).filter(|w| !w.is_empty()) else { continue };
            let below = named.inside.clone().unwrap_or_else(|| self.root.clone());
            match self.find_below(&below, &word, level).as_slice() {
                [one] => named.inside = Some(one.code.clone()),
                // The word repeats what is already known: a county named in a township column, say.
                [] if self.get(&below).is_some_and(|r| answers_to(r, &word)) => named.inside = Some(below),
                [] => {
                    named.problem.get_or_insert(Problem::Unknown(word));
                }
                several => {
                    let codes = several.iter().map(|r| r.code.clone()).collect();
                    named.problem.get_or_insert(Problem::Ambiguous(word, codes));
                }
            }
        }
        named
    }

    /// Regions above villages that a place word names: the word itself, else what is left of an office's name or of a
    /// full path (湖南省湘潭市湘潭县, 湘潭县医疗保障局).
    fn place_words(&self, word: &str) -> Vec<&Region> {
        let called =
            |word: &str| -> Vec<&Region> { self.by_word.get(word).into_iter().flatten().map(|&at| &self.regions[at]).collect() };
        let found = called(word);
        if !found.is_empty() {
            return found;
        }
        let mut core = word;
        for office in OFFICES {
            if let Some(rest) = core.strip_suffix(office).filter(|rest| !rest.is_empty()) {
                core = rest;
                break;
            }
        }
        // The longest tail that is a name, behind something that can stand above it.
        let starts = core.char_indices().map(|(at, _)| at);
        for at in starts {
            let (above, tail) = core.split_at(at);
            if above.is_empty() || above.ends_with(['省', '市', '州', '盟', '区', '县', '旗', '镇', '乡']) {
                let found: Vec<&Region> = called(tail).into_iter().filter(|r| r.level != RegionLevel::Village).collect();
                if !found.is_empty() {
                    return found;
                }
            }
        }
        Vec::new()
    }

    fn resolve_place(&self, word: &str, named: &mut Named) {
        if word.is_empty() {
            return;
        }
        // 湘乡市(430381): the code says it all.
        if let Some((_, rest)) = word.split_once('(')
            && let Some(code) = rest.strip_suffix(')').filter(|code| code.len() >= 4 && code.bytes().all(|b| b.is_ascii_digit()))
        {
            return self.resolve_place(code, named);
        }
        let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
        if digits.len() >= 4 {
            let known = (4..=digits.len().min(12)).rev().map(|n| &digits[..n]).find(|code| self.by_code.contains_key(*code));
            if self.is_inside(&digits) {
                named.inside = known.filter(|code| self.is_inside(code)).map(str::to_owned);
                let rest = &digits[named.inside.as_ref().map_or(0, String::len)..];
                if rest.bytes().any(|digit| digit != b'0') {
                    named.problem = Some(Problem::Unknown(digits.clone()));
                }
            } else if self.root.starts_with(digits.trim_end_matches('0')) {
                // A code above the scheme's region (the city's, for a county): it says no more than "here".
                named.inside = None;
            } else {
                named.outside = Some(digits);
            }
            // A unit's code is digits and a letter; its whole text is in the table. So may be a neighbour's.
            if let Some(unit) = self.get(word).filter(|unit| self.is_inside(&unit.code)) {
                named.inside = Some(unit.code.clone());
                named.outside = None;
            }
            return;
        }
        if let Some(unit) = self.get(word) {
            named.inside = Some(unit.code.clone());
            return;
        }
        let found = self.place_words(word);
        let best: Vec<&&Region> = {
            // 朱集 names a township and a village: a place is the larger of the two.
            let top = found.iter().map(|r| r.level).min();
            found.iter().filter(|r| Some(r.level) == top).collect()
        };
        match best.as_slice() {
            [one] if self.is_inside(&one.code) => named.inside = Some(one.code.clone()),
            [one] if self.root.starts_with(one.code.as_str()) => {}
            [one] => named.outside = Some(one.code.clone()),
            [] => named.problem = Some(Problem::Unknown(word.to_owned())),
            several => {
                named.problem = Some(Problem::Ambiguous(word.to_owned(), several.iter().map(|r| r.code.clone()).collect()));
            }
        }
    }

    /// Regions below `parent` that answer to `word`: those at `level` first, else any below.
    fn find_below(&self, parent: &str, word: &str, level: RegionLevel) -> Vec<&Region> {
        if let Some(region) = self.get(word)
            && region.code.starts_with(parent)
        {
            return vec![region];
        }
        let lookup = |word: &str| -> Vec<&Region> {
            let found = self.by_word.get(word).into_iter().flatten().map(|&at| &self.regions[at]);
            found.filter(|r| self.is_below(r, parent)).collect()
        };
        let mut found = lookup(word);
        if level == RegionLevel::Village && found.is_empty() {
            found = lookup(&village_stem(word)).into_iter().filter(|r| r.level == RegionLevel::Village).collect();
        }
        let exact: Vec<&Region> = found.iter().copied().filter(|r| r.level == level).collect();
        if !exact.is_empty() {
            // The whole word beats the stem: 清塘社区 and 清塘村 share a stem.
            let whole: Vec<&Region> = exact.iter().copied().filter(|r| answers_to(r, word)).collect();
            return if whole.is_empty() { exact } else { whole };
        }
        found
    }

    fn is_below(&self, region: &Region, parent: &str) -> bool {
        let mut at = Some(region);
        while let Some(current) = at {
            if current.parent == parent {
                return true;
            }
            at = self.get(&current.parent);
        }
        false
    }

    /// Regions whose words share the most characters with `word`: candidates to show, never to take.
    pub fn near(&self, word: &str, most: usize) -> Vec<&Region> {
        let stem: Vec<char> = village_stem(&region_word(word)).chars().collect();
        let mut scored: Vec<(usize, &Region)> = self
            .regions
            .iter()
            .filter(|r| self.is_inside(&r.code))
            .map(|r| (r.name.chars().filter(|c| stem.contains(c)).count(), r))
            .filter(|(shared, _)| *shared * 2 >= stem.len() && *shared > 0)
            .collect();
        scored.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.code.cmp(&b.1.code)));
        scored.into_iter().take(most).map(|(_, r)| r).collect()
    }
}

fn answers_to(region: &Region, word: &str) -> bool {
    std::iter::once(&region.name).chain(&region.aliases).any(|w| region_word(w) == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> RegionTree {
        let row = |code: &str, name: &str, level, parent: &str, alias: &str| Region {
            code: code.into(),
            name: name.into(),
            level,
            parent: parent.into(),
            aliases: alias.split('|').filter(|a| !a.is_empty()).map(str::to_owned).collect(),
            unit: code.ends_with('A'),
        };
        RegionTree::new(
            "430321",
            vec![
                row("430321", "湘潭县", RegionLevel::County, "4303", ""),
                row("430321100", "易俗河镇", RegionLevel::Township, "430321", ""),
                row("430321100201", "烟塘村委会", RegionLevel::Village, "430321100", ""),
                row("430321100202", "石塘村委会", RegionLevel::Village, "430321100", ""),
                row("430321101", "谭家山镇", RegionLevel::Township, "430321", ""),
                row("430321101201", "石塘村委会", RegionLevel::Village, "430321101", ""),
                row("430321A", "天易经开区", RegionLevel::Township, "430321", "经开区"),
                row("430381", "湘乡市", RegionLevel::County, "4303", ""),
            ],
        )
    }

    #[test]
    fn words_are_found_below_what_is_already_known() {
        let tree = tree();
        // place, township, village, inside, outside, problem
        for (place, township, village, inside, outside, problem) in [
            ("", "易俗河镇", "烟塘村", "430321100201", "", ""),
            ("430321", "", "", "430321", "", ""),
            ("430321100201", "", "", "430321100201", "", ""),
            ("430321999", "", "", "430321", "", "unknown"),
            ("430321000000", "", "", "430321", "", ""),
            ("湖南省湘潭市湘潭县", "", "烟塘村", "430321100201", "", ""),
            ("湘潭县医疗保障局", "", "", "430321", "", ""),
            ("湘乡市（430381）", "", "", "", "430381", ""),
            ("湘潭县易俗河镇人民政府", "", "", "430321100", "", ""),
            ("湘乡市", "", "", "", "430381", ""),
            ("430102", "", "", "", "430102", ""),
            ("430381", "", "", "", "430381", ""),
            ("430300", "", "", "", "", ""),
            ("", "", "石塘村", "", "", "ambiguous"),
            ("", "谭家山镇", "石塘村村民委员会", "430321101201", "", ""),
            ("", "谭家山镇", "不存在村", "430321101", "", "unknown"),
            ("", "经开区", "", "430321A", "", ""),
            ("430321A", "", "", "430321A", "", ""),
        ] {
            let some = |w: &'static str| (!w.is_empty()).then_some(w);
            let named = tree.resolve(some(place), [None, some(township), some(village)]);
            assert_eq!(named.inside.as_deref().unwrap_or(""), inside, "{place}|{township}|{village}");
            assert_eq!(named.outside.as_deref().unwrap_or(""), outside, "{place}|{township}|{village}");
            let got = match named.problem {
                None => "",
                Some(Problem::Unknown(_)) => "unknown",
                Some(Problem::Ambiguous(..)) => "ambiguous",
            };
            assert_eq!(got, problem, "{place}|{township}|{village}");
        }
    }
}
