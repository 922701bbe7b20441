//! The region tree: codes, names and aliases, and how words are found in it.

use std::collections::{BTreeSet, HashMap};

use super::blank::is_white;
use super::country::{self, has_length, is_code};
use super::letters::plain_letters;
use rayon::prelude::*;

closed_list! {
    /// Levels of GB/T 2260 and GB/T 10114, from the top.
    pub enum RegionLevel { Province = "province", City = "city", County = "county", Township = "township", Village = "village" }
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

impl Region {
    /// A region with a code and one name.
    pub fn plain(code: &str, name: &str, level: RegionLevel, parent: &str) -> Region {
        Region {
            code: code.to_owned(),
            name: name.to_owned(),
            level,
            parent: parent.to_owned(),
            aliases: Vec::new(),
            unit: false,
        }
    }
}

/// What the words of a row name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meant {
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
    /// By a code that is an alias.
    by_other_code: HashMap<String, usize>,
    by_word: HashMap<String, Vec<usize>>,
    children: HashMap<String, Vec<usize>>,
    /// Of every region the position of the one above it, where the table has that.
    above: Vec<Option<usize>>,
    /// Of every region its name and aliases as `region_word`s.
    words: Vec<Vec<String>>,
    /// Of every region its name and aliases as they are compared with words like them.
    stems: Vec<Vec<Vec<char>>>,
    /// Regions with this character in one of `stems`, each once, in order.
    by_character: HashMap<char, Vec<usize>>,
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

/// A region word as it is compared: plain letters, without blanks.
pub fn region_word(text: &str) -> String {
    plain_letters(text).filter(|c| !is_white(*c)).collect()
}

/// 某某县医疗保障局 → 某某县.
fn without_office(word: &str) -> &str {
    let mut offices = OFFICES.iter();
    offices
        .find_map(|office| word.strip_suffix(office).filter(|rest| !rest.is_empty()))
        .unwrap_or(word)
}

/// A village word without its ending, so that 双井村, 双井村委会 and 双井村村民委员会 meet; 社区 and 居委会 likewise.
fn village_stem(word: &str) -> String {
    let mut stem = word;
    for ending in [
        "村民委员会",
        "社区居民委员会",
        "居民委员会",
        "社区居委会",
        "村委会",
        "居委会",
        "村委",
        "居委",
        "社区",
        "村",
    ] {
        if let Some(rest) = stem.strip_suffix(ending)
            && rest.chars().count() >= 1
        {
            stem = rest;
            break;
        }
    }
    // 双井村村委会 → 双井村 → 双井
    stem.strip_suffix('村')
        .filter(|rest| !rest.is_empty())
        .unwrap_or(stem)
        .to_owned()
}

/// Name and aliases.
fn words(region: &Region) -> Vec<String> {
    std::iter::once(&region.name)
        .chain(&region.aliases)
        .map(|word| region_word(word))
        .collect()
}

fn by_code(regions: &[Region]) -> HashMap<String, usize> {
    regions
        .iter()
        .map(|region| region.code.clone())
        .zip(0..)
        .collect()
}

/// Codes among the aliases.
fn by_other_code(regions: &[Region]) -> HashMap<String, usize> {
    let aliases = regions.iter().zip(0..).flat_map(|(region, at)| {
        let codes = region.aliases.iter().filter(|alias| is_code(alias));
        codes.map(move |code| (code.clone(), at))
    });
    aliases.collect()
}

/// Positions of those directly below, by code.
fn children(regions: &[Region]) -> HashMap<String, Vec<usize>> {
    let mut children: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, region) in regions.iter().enumerate() {
        match children.get_mut(&region.parent) {
            Some(children) => children.push(at),
            None => drop(children.insert(region.parent.clone(), vec![at])),
        }
    }
    children
}

/// Positions of those that answer to a word; villages also without their ending.
fn by_word(regions: &[Region], words: &[Vec<String>]) -> HashMap<String, Vec<usize>> {
    let mut by_word: HashMap<String, Vec<usize>> = HashMap::with_capacity(regions.len());
    for ((at, region), words) in regions.iter().enumerate().zip(words) {
        let mut words = words.clone();
        if region.level == RegionLevel::Village {
            let stems: Vec<String> = words.iter().map(|word| village_stem(word)).collect();
            words.extend(stems);
        }
        words.sort_unstable();
        words.dedup();
        for word in words {
            by_word.entry(word).or_default().push(at);
        }
    }
    by_word
}

/// Positions of those with a character in one of their stems, each once, in order.
fn by_character(stems: &[Vec<Vec<char>>]) -> HashMap<char, Vec<usize>> {
    let mut by_character: HashMap<char, Vec<usize>> = HashMap::new();
    for (at, stems) in stems.iter().enumerate() {
        let mut characters: Vec<char> = stems.iter().flatten().copied().collect();
        characters.sort_unstable();
        characters.dedup();
        for character in characters {
            by_character.entry(character).or_default().push(at);
        }
    }
    by_character
}

impl RegionTree {
    /// Builds the tree. `regions` hold the root, everything below it, and any neighbours.
    pub fn new(root: &str, mut regions: Vec<Region>) -> Self {
        regions.sort_by(|a, b| a.code.cmp(&b.code));
        let words: Vec<Vec<String>> = regions.par_iter().map(words).collect();
        let stems: Vec<Vec<Vec<char>>> = words
            .par_iter()
            .map(|words| words.iter().map(|word| bare_stem(word)).collect())
            .collect();
        let ((by_code, children), (by_word, by_character)) = rayon::join(
            || (by_code(&regions), children(&regions)),
            || rayon::join(|| by_word(&regions, &words), || by_character(&stems)),
        );
        let above = regions
            .iter()
            .map(|region| by_code.get(&region.parent).copied())
            .collect();
        RegionTree {
            root: root.to_owned(),
            by_other_code: by_other_code(&regions),
            regions,
            by_code,
            by_word,
            children,
            above,
            words,
            stems,
            by_character,
        }
    }

    /// The same table seen from a region of it: what lies outside that region is outside. `None` for a code that is none
    /// of the scheme's regions.
    pub fn rooted(&self, code: &str) -> Option<RegionTree> {
        let root = self
            .get(code)
            .filter(|region| self.is_inside(&region.code))?
            .code
            .clone();
        Some(RegionTree {
            root,
            ..self.clone()
        })
    }

    /// Code of the scheme's region.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The region with this code.
    pub fn get(&self, code: &str) -> Option<&Region> {
        self.by_code.get(code).map(|&at| &self.regions[at])
    }

    /// The region with this code, or with this code among its aliases: one that was merged away, say.
    fn coded(&self, code: &str) -> Option<&Region> {
        self.get(code)
            .or_else(|| self.by_other_code.get(code).map(|&at| &self.regions[at]))
    }

    /// Official name in the table, or the code itself (a place that the table does not hold prints by `words::place_name`).
    pub fn name<'a>(&'a self, code: &'a str) -> &'a str {
        self.get(code).map_or(code, |region| &region.name)
    }

    /// Regions directly below, in order of code.
    pub fn children<'a>(&'a self, code: &str) -> impl Iterator<Item = &'a Region> + use<'a> {
        self.children
            .get(code)
            .into_iter()
            .flatten()
            .map(|&at| &self.regions[at])
    }

    /// The scheme's region and everything below it, level by level, each level in order of (parent, code).
    pub fn inside(&self) -> Vec<&Region> {
        let mut found: Vec<&Region> = self
            .regions
            .iter()
            .filter(|r| self.is_inside(&r.code))
            .collect();
        found.sort_by_key(|region| region.level); // in order of code, as the table is, so nearly sorted for what follows
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
        let mut at = self.by_code.get(code).copied();
        while let Some(position) = at {
            let region = &self.regions[position];
            if !self.is_inside(&region.code) {
                break;
            }
            path.push(region.code.as_str());
            if region.code == self.root {
                break;
            }
            at = self.above[position];
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
    pub fn resolve(&self, place: Option<&str>, words: [Option<&str>; 3]) -> Meant {
        let mut named = Meant::default();
        if let Some(place) = place {
            self.resolve_place(&region_word(place), &mut named);
        }
        if named.outside.is_some() {
            return named;
        }
        for (level, word) in [
            RegionLevel::County,
            RegionLevel::Township,
            RegionLevel::Village,
        ]
        .into_iter()
        .zip(words)
        {
            let Some(word) = word.map(region_word).filter(|w| !w.is_empty()) else {
                continue;
            };
            let below = named.inside.clone().unwrap_or_else(|| self.root.clone());
            let mut found = self.find_below(&below, &word, level);
            if found.is_empty() {
                // The word repeats what is already known: a county named in a township column, say.
                if self
                    .path(&below)
                    .iter()
                    .filter_map(|code| self.get(code))
                    .any(|r| is_called(r, &word))
                {
                    continue;
                }
                let composed = self.composed(&below, &word);
                found = composed.found;
                // 易俗河镇火星村: the village is unknown, the township is not.
                named.inside = composed.above.filter(|_| found.is_empty()).or(named.inside);
            }
            match found.as_slice() {
                [one] => named.inside = Some(one.code.clone()),
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

    /// A word made of several: township and village in one cell (易俗河镇烟塘村), also with the county or the whole path
    /// in front. What is already known must agree.
    fn composed(&self, below: &str, word: &str) -> Composed<'_> {
        let mut composed = Composed::default();
        if word.chars().count() > LONGEST_WORD {
            return composed;
        }
        for (at, last) in word
            .char_indices()
            .filter(|(_, c)| ABOVE.contains(c) || matches!(c, '道' | '场'))
        {
            let (above, tail) = word.split_at(at + last.len_utf8());
            let agrees = |r: &&Region| {
                self.is_inside(&r.code)
                    && (r.code == below
                        || self.is_below(r, below)
                        || self.path(below).contains(&r.code.as_str()))
            };
            let mut above = self.place_words(above).into_iter().filter(agrees);
            let (Some(parent), None) = (above.next(), above.next()) else {
                continue;
            };
            if parent.level == RegionLevel::Village || tail.is_empty() {
                continue;
            }
            if parent.code == below || self.is_below(parent, below) {
                composed.above = Some(parent.code.clone());
            }
            for region in self.find_below(&parent.code, tail, RegionLevel::Village) {
                // 湘潭县烟塘村 is found again below its township: the same region, once.
                let agrees = region.code == below || self.is_below(region, below);
                if agrees && composed.found.iter().all(|known| known.code != region.code) {
                    composed.found.push(region);
                }
            }
        }
        composed
    }

    /// Regions that a word may name, in order of code: those inside the known region first, else any.
    pub fn called(&self, inside: Option<&str>, word: &str) -> Vec<&Region> {
        let word = region_word(word);
        let mut found = Vec::new();
        for below in [inside.unwrap_or(&self.root), &self.root] {
            found = self.find_below(below, &word, RegionLevel::Village);
            if found.is_empty() {
                found = self.composed(below, &word).found;
            }
            if !found.is_empty() {
                break;
            }
        }
        if found.is_empty() {
            found = self.place_words(&word);
        }
        found.sort_by(|a, b| a.code.cmp(&b.code));
        found
    }

    /// The one region below the scheme's that a text names somewhere: a title, the name of a sheet or file. A township and a
    /// village of it are one, the village.
    pub fn named_in(&self, text: &str) -> Option<&Region> {
        let text = region_word(text);
        let below = |region: &&Region| self.is_inside(&region.code) && region.code != self.root;
        let names = |region: &&Region| {
            let mut words = self.words[self.by_code[&region.code]].iter();
            words.any(|word| word.chars().count() >= 2 && text.contains(word.as_str()))
        };
        let mut found: Vec<&Region> = self.regions.iter().filter(below).filter(names).collect();
        found.sort_by_key(|region| std::cmp::Reverse(region.level));
        let deepest = found.first().copied();
        let Some(deepest) = deepest else {
            let words = self.find_below(&self.root, &text, RegionLevel::Village);
            return words.first().copied().filter(|_| words.len() == 1);
        };
        let above = self.path(&deepest.code);
        // 新村 of three townships, one of which is named beside it.
        let deeper: Vec<&Region> = found
            .iter()
            .copied()
            .filter(|region| region.level == deepest.level)
            .collect();
        let others = found.iter().filter(|region| region.level != deepest.level);
        let townships: Vec<&str> = others.map(|region| region.code.as_str()).collect();
        let fits = |region: &&&Region| {
            let path = self.path(&region.code);
            townships.iter().all(|township| path.contains(township))
        };
        match deeper.as_slice() {
            [_] => townships
                .iter()
                .all(|code| above.contains(code))
                .then_some(deepest),
            several => {
                let mut fitting = several.iter().filter(fits);
                let one = fitting.next().copied();
                one.filter(|_| fitting.next().is_none())
            }
        }
    }

    /// The code of the one other county that a text names somewhere, or of the country's that it begins with, where it names
    /// neither the scheme's region nor any in it: a title that says whose table it is.
    pub fn foreign_in(&self, text: &str) -> Option<String> {
        let text = region_word(text);
        let names = |region: &&Region| {
            let mut words = self.words[self.by_code[&region.code]].iter();
            words.any(|word| word.chars().count() >= 3 && text.contains(word.as_str()))
        };
        let named: Vec<&Region> = self.regions.iter().filter(names).collect();
        if named.iter().any(|region| self.is_inside(&region.code)) {
            return None;
        }
        let own = self.path(&self.root);
        let is_foreign = |region: &&&Region| {
            region.level <= RegionLevel::County && !own.contains(&region.code.as_str())
        };
        let mut foreign: Vec<&&Region> = named.iter().filter(is_foreign).collect();
        foreign.sort_by_key(|region| std::cmp::Reverse(region.level));
        let Some(deepest) = foreign.first().map(|region| region.level) else {
            return self.foreign_before(&text);
        };
        let mut deepest = foreign.iter().filter(|region| region.level == deepest);
        let one = deepest.next()?;
        deepest.next().is_none().then(|| one.code.clone())
    }

    /// The code of a place of the country with whose name a text begins, where the scheme's region does not lie in it.
    fn foreign_before(&self, text: &str) -> Option<String> {
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
        let mut named = ends.filter_map(|end| country::code_called(&text[..end]));
        let code = named.next_back()?; // 湖北省襄阳市南漳县: the deepest
        let is_own = self.root.starts_with(code) || code.starts_with(&self.root);
        (!is_own).then(|| code.to_owned())
    }

    /// Regions above villages that a place word names: the word itself, else what is left of an office's name or of a
    /// full path (湖南省湘潭市湘潭县, 湘潭县医疗保障局).
    fn place_words(&self, word: &str) -> Vec<&Region> {
        if is_text(word) {
            return Vec::new();
        }
        let called = |word: &str| -> Vec<&Region> {
            self.by_word
                .get(word)
                .into_iter()
                .flatten()
                .map(|&at| &self.regions[at])
                .collect()
        };
        let found = called(word);
        if !found.is_empty() {
            return found;
        }
        let core = without_office(word);
        // The longest tail that is a name, behind something that can stand above it.
        let starts = core.char_indices().map(|(at, _)| at);
        for at in starts {
            let (above, tail) = core.split_at(at);
            if above.is_empty() || above.ends_with(ABOVE) {
                let found: Vec<&Region> = called(tail)
                    .into_iter()
                    .filter(|r| r.level != RegionLevel::Village)
                    .collect();
                if !found.is_empty() {
                    return found;
                }
            }
        }
        Vec::new()
    }

    /// 市本级, where a code means the whole city and the table has such a unit: 430500, 430599 or 4305A for 4305.
    pub fn of_whole_city(&self, place: &str) -> Option<&Region> {
        let rest = place.strip_prefix(self.root.as_str())?;
        let is_whole = self.root.len() == 4
            && self.get(place).is_none()
            && (rest.len() == 2 && matches!(rest, "00" | "99")
                || rest.len() == 1 && rest.bytes().all(|letter| letter.is_ascii_uppercase()));
        let mut units = self
            .children(&self.root)
            .filter(|region| region.unit && region.name.contains("本级"));
        units.next().filter(|_| is_whole && units.next().is_none())
    }

    fn resolve_place(&self, word: &str, named: &mut Meant) {
        if word.is_empty() {
            return;
        }
        // What else the row says decides; where it says nothing, it is 市本级.
        if self.of_whole_city(word).is_some() {
            named.inside = Some(self.root.clone());
            return;
        }
        // 湘乡市(430381): the code says it all.
        if let Some((_, rest)) = word.split_once('(')
            && let Some(code) = rest
                .strip_suffix(')')
                .filter(|code| code.len() >= 4 && code.bytes().all(|b| b.is_ascii_digit()))
        {
            return self.resolve_place(code, named);
        }
        let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
        if digits.len() >= 4 {
            let shortest = self.root.len().min(4);
            let known = (shortest..=digits.len().min(12))
                .rev()
                .map(|n| &digits[..n])
                .find_map(|code| Some((code.len(), self.coded(code)?)))
                .filter(|(_, region)| self.is_inside(&region.code));
            let tail = &word[digits.len()..];
            let is_day = tail.starts_with(['-', '/', '.', '年', ':']);
            let is_other_code = known.is_some_and(|(_, region)| !digits.starts_with(&region.code));
            if self.is_inside(&digits) || is_other_code {
                let rest = &digits[known.map_or(0, |(length, _)| length)..];
                if is_day || !has_length(&digits) || rest.bytes().any(|digit| digit != b'0') {
                    named.problem = Some(Problem::Unknown(digits.clone()));
                }
                named.inside = known.map(|(_, region)| region.code.clone());
            } else if (is_day || !is_code(&digits)) && self.get(word).is_none() {
                named.problem = Some(Problem::Unknown(word.to_owned()));
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
        if let Some(named_by_code) = self.get(word) {
            let code = &named_by_code.code;
            match self.is_inside(code) {
                true => named.inside = Some(code.clone()),
                false if self.root.starts_with(code.as_str()) => {} // the province's, for a county: it says no more than "here"
                false => named.outside = Some(code.clone()),
            }
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
            [] => self.resolve_composed(word, named),
            several => {
                named.problem = Some(Problem::Ambiguous(
                    word.to_owned(),
                    several.iter().map(|r| r.code.clone()).collect(),
                ));
            }
        }
    }

    /// A place that is a path down to a village.
    fn resolve_composed(&self, word: &str, named: &mut Meant) {
        let composed = self.composed(&self.root, word);
        match composed.found.as_slice() {
            [one] => named.inside = Some(one.code.clone()),
            [] => match self
                .in_the_country(word)
                .filter(|_| composed.above.is_none())
            {
                Some(code) if self.root.starts_with(code) => {}
                Some(code) => named.outside = Some(code.to_owned()),
                None => {
                    named.inside = composed.above;
                    named.problem = Some(Problem::Unknown(word.to_owned()));
                }
            },
            several => {
                named.problem = Some(Problem::Ambiguous(
                    word.to_owned(),
                    several.iter().map(|r| r.code.clone()).collect(),
                ));
            }
        }
    }

    /// Code of a place of the country that a word names, where that is none of the scheme's own.
    fn in_the_country(&self, word: &str) -> Option<&'static str> {
        if word.chars().nth(LONGEST_WORD).is_some() {
            return None;
        }
        let name = without_office(word);
        let code = country::code_called(name)?;
        let is_ours = self.is_inside(code) || self.has_namesake(code, name);
        (!is_ours).then_some(code)
    }

    /// Whether a county of the scheme differs only in what it is: the table says 某县, and the country's list, of another
    /// year, has 某市 under another code.
    fn has_namesake(&self, code: &str, name: &str) -> bool {
        const BECOMES: [char; 4] = ['县', '市', '区', '旗'];
        let Some(stem) = name.strip_suffix(BECOMES) else {
            return false;
        };
        code.len() == 6
            && self.root.starts_with(&code[..2])
            && stem.char_indices().any(|(at, _)| {
                BECOMES.iter().any(|ending| {
                    let called = self.by_word.get(&format!("{}{ending}", &stem[at..]));
                    let mut called = called.into_iter().flatten().map(|at| &self.regions[*at]);
                    called.any(|one| one.level <= RegionLevel::County && self.is_inside(&one.code))
                })
            })
    }

    /// Regions below `parent` that answer to `word`: those at `level` first, else any below.
    fn find_below(&self, parent: &str, word: &str, level: RegionLevel) -> Vec<&Region> {
        if is_text(word) {
            return Vec::new();
        }
        if let Some(region) = self.get(word)
            && region.code.starts_with(parent)
        {
            return vec![region];
        }
        let positions = self.positions_below(parent, word, level);
        positions.into_iter().map(|at| &self.regions[at]).collect()
    }

    fn positions_below(&self, parent: &str, word: &str, level: RegionLevel) -> Vec<usize> {
        let known = self.by_code.get(parent).copied();
        let lookup = |word: &str| -> Vec<usize> {
            let found = self.by_word.get(word).into_iter().flatten().copied();
            found
                .filter(|at| self.is_position_below(*at, parent, known))
                .collect()
        };
        let of_level = |found: &[usize], level| {
            found
                .iter()
                .copied()
                .filter(|at| self.regions[*at].level == level)
                .collect()
        };
        let villages = |word: &str| -> Vec<usize> { of_level(&lookup(word), RegionLevel::Village) };
        let mut found = lookup(word);
        if level == RegionLevel::Village && found.is_empty() {
            found = villages(&village_stem(word));
        }
        if level == RegionLevel::Village && found.is_empty() {
            let village = without_group(without_remark(word));
            found = if village == word {
                found
            } else {
                villages(village)
            };
            if found.is_empty() && village != word {
                found = villages(&village_stem(village));
            }
        }
        if level != RegionLevel::Village && found.is_empty() {
            found = township_words(word)
                .iter()
                .map(|word| lookup(word))
                .find(|found| !found.is_empty())
                .unwrap_or_default();
        }
        let exact: Vec<usize> = of_level(&found, level);
        if !exact.is_empty() {
            // The whole word beats the stem: 清塘社区 and 清塘村 share a stem.
            let whole: Vec<usize> = exact
                .iter()
                .copied()
                .filter(|at| self.words[*at].iter().any(|own| own == word))
                .collect();
            return if whole.is_empty() { exact } else { whole };
        }
        found
    }

    fn is_below(&self, region: &Region, parent: &str) -> bool {
        let known = self.by_code.get(parent).copied();
        self.by_code
            .get(&region.code)
            .is_some_and(|at| self.is_position_below(*at, parent, known))
    }

    /// Whether a region lies below a code; `known` is where the table has that, if it does.
    fn is_position_below(&self, region: usize, parent: &str, known: Option<usize>) -> bool {
        let mut at = Some(region);
        while let Some(current) = at {
            let next = self.above[current];
            if next.is_some() && next == known
                || known.is_none() && self.regions[current].parent == parent
            {
                return true;
            }
            at = next;
        }
        false
    }

    /// Regions whose names are next to `word`, the nearest first: candidates to show, never to take. Below the known
    /// region, if any is next to it there.
    pub fn near(&self, inside: Option<&str>, word: &str, most: usize) -> Vec<&Region> {
        let word = region_word(word);
        // 易俗河镇火星村: only what stands behind the known township is unknown.
        let known = inside
            .and_then(|code| self.get(code))
            .map(|region| region.name.as_str());
        let tail = known
            .and_then(|name| word.split_once(name))
            .map(|(_, tail)| tail)
            .filter(|tail| !tail.is_empty());
        let wanted = bare_stem(tail.unwrap_or(&word));
        if wanted.is_empty() || wanted.len() > LONGEST_NAME {
            return Vec::new();
        }
        let below = inside.map(|code| self.below(code)).unwrap_or_default();
        let mut scored = self.scored(&wanted, below);
        if scored.is_empty() {
            // Half of the characters stay, so a name next to the word has one of them.
            let sharing = wanted
                .iter()
                .filter_map(|character| self.by_character.get(character))
                .flatten();
            scored = self.scored(&wanted, sharing.copied().collect::<BTreeSet<_>>());
        }
        scored.sort_unstable_by_key(|(distance, at)| (*distance, &self.regions[*at].code));
        scored
            .into_iter()
            .take(most)
            .map(|(_, at)| &self.regions[at])
            .collect()
    }

    /// Those of some regions whose names are next to a stem, with how far they are from it.
    fn scored(
        &self,
        wanted: &[char],
        regions: impl IntoIterator<Item = usize>,
    ) -> Vec<(usize, usize)> {
        let inside = |at: &usize| {
            self.is_inside(&self.regions[*at].code) && self.regions[*at].code != self.root
        };
        let scored = regions.into_iter().filter(inside).filter_map(|at| {
            // At least half of the characters stay.
            let near = |stem: &&Vec<char>| stem.len().abs_diff(wanted.len()) * 2 <= wanted.len();
            let distance = self.stems[at]
                .iter()
                .filter(near)
                .map(|stem| distance(wanted, stem))
                .min()?;
            (distance * 2 <= wanted.len()).then_some((distance, at))
        });
        scored.collect()
    }

    /// Positions of everything below a region.
    fn below(&self, code: &str) -> Vec<usize> {
        let mut found: Vec<usize> = self.children.get(code).cloned().unwrap_or_default(); // a village has none
        let mut next = 0;
        while let Some(&at) = found.get(next) {
            found.extend(
                self.children
                    .get(&self.regions[at].code)
                    .into_iter()
                    .flatten(),
            );
            next += 1;
        }
        found
    }
}

/// What a word made of several comes to.
#[derive(Default)]
struct Composed<'t> {
    found: Vec<&'t Region>,
    /// Code of the deepest region that is named in front.
    above: Option<String>,
}

/// What the names end in that can stand in front of another name.
const ABOVE: [char; 9] = ['省', '市', '州', '盟', '区', '县', '旗', '镇', '乡'];

/// Characters at most of a word that is taken apart; longer ones are addresses.
const LONGEST_WORD: usize = 40;

/// Characters at most of a word that is looked up, its tails too: what goes on for longer names no place.
const LONGEST_LOOKED_UP: usize = 200;

fn is_text(word: &str) -> bool {
    word.chars().nth(LONGEST_LOOKED_UP).is_some()
}

/// Characters at most of a name that is compared with others.
const LONGEST_NAME: usize = 12;

fn answers_to(region: &Region, word: &str) -> bool {
    std::iter::once(&region.name)
        .chain(&region.aliases)
        .any(|w| region_word(w) == word)
}

/// Whether a word names the region, whatever a village's ending.
fn is_called(region: &Region, word: &str) -> bool {
    let stem = |word: &str| village_stem(without_group(without_remark(word)));
    let words = || {
        std::iter::once(&region.name)
            .chain(&region.aliases)
            .map(|name| region_word(name))
    };
    answers_to(region, word)
        || region.level == RegionLevel::Village && words().any(|name| stem(&name) == stem(word))
}

/// 烟塘村(居) → 烟塘村: what stands in brackets at the end is a remark.
fn without_remark(word: &str) -> &str {
    let remark = word
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once('('));
    remark
        .map(|(name, _)| name)
        .filter(|name| !name.is_empty())
        .unwrap_or(word)
}

/// 烟塘村3组, 烟塘村第三村民小组 → 烟塘村.
fn without_group(word: &str) -> &str {
    let group = ["村民小组", "居民小组", "小组", "组"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending));
    let is_number = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let before = group
        .map(|rest| (rest, rest.trim_end_matches(is_number)))
        .filter(|(rest, before)| before.len() < rest.len());
    let village = before.map(|(_, before)| before.trim_end_matches('第'));
    village
        .filter(|village| village.ends_with(['村', '区', '会']))
        .unwrap_or(word)
}

/// Other words for a township: without the office's name, 街道办事处 as 街道.
fn township_words(word: &str) -> Vec<String> {
    let office = ["办事处", "办"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending))
        .filter(|rest| rest.ends_with("街道"));
    let street = office
        .map(str::to_owned)
        .or_else(|| word.strip_suffix("街道").map(|_| format!("{word}办事处")));
    let government = word
        .strip_suffix("人民政府")
        .or_else(|| word.strip_suffix("政府"))
        .filter(|rest| !rest.is_empty());
    government
        .map(str::to_owned)
        .into_iter()
        .chain(street)
        .collect()
}

/// A name without remark, group and ending, as characters.
fn bare_stem(word: &str) -> Vec<char> {
    let stem = village_stem(without_group(without_remark(word)));
    let bare = ["街道办事处", "街道", "镇", "乡"]
        .iter()
        .find_map(|ending| stem.strip_suffix(ending))
        .filter(|rest| !rest.is_empty());
    bare.unwrap_or(&stem).chars().collect()
}

/// Characters to change, add or leave out to come from one name to the other.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
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
            aliases: alias
                .split('|')
                .filter(|a| !a.is_empty())
                .map(str::to_owned)
                .collect(),
            unit: code.ends_with('A'),
        };
        RegionTree::new(
            "430321",
            vec![
                row("430321", "湘潭县", RegionLevel::County, "4303", ""),
                row("430321100", "易俗河镇", RegionLevel::Township, "430321", ""),
                row(
                    "430321100201",
                    "烟塘村委会",
                    RegionLevel::Village,
                    "430321100",
                    "",
                ),
                row(
                    "430321100202",
                    "石塘村委会",
                    RegionLevel::Village,
                    "430321100",
                    "",
                ),
                row("430321101", "谭家山镇", RegionLevel::Township, "430321", ""),
                row(
                    "430321101201",
                    "石塘村委会",
                    RegionLevel::Village,
                    "430321101",
                    "",
                ),
                row(
                    "430321102",
                    "云湖桥街道",
                    RegionLevel::Township,
                    "430321",
                    "",
                ),
                row(
                    "430321102201",
                    "双扬村委会",
                    RegionLevel::Village,
                    "430321102",
                    "双洋",
                ),
                row(
                    "430321102202",
                    "双湖社区居委会",
                    RegionLevel::Village,
                    "430321102",
                    "",
                ),
                row(
                    "430321A",
                    "天易经开区",
                    RegionLevel::Township,
                    "430321",
                    "经开区",
                ),
                row("430381", "湘乡市", RegionLevel::County, "4303", ""),
            ],
        )
    }

    #[test]
    fn a_text_of_hundreds_of_letters_names_no_place_whatever_it_ends_in() {
        for (letters, expected) in [(190, Some("430381")), (200, None), (33_000, None)] {
            let text = format!("{}湘乡市", "镇".repeat(letters));
            let named = tree().resolve(Some(&text), [None; 3]);
            assert_eq!(named.outside.as_deref(), expected, "{letters}");
            let named = tree().resolve(None, [Some(&text), Some(&text), Some(&text)]);
            assert_eq!(named.problem, Some(Problem::Unknown(text)), "{letters}");
        }
    }

    #[test]
    fn a_place_elsewhere_in_the_country_is_known_by_its_name() {
        let tree = tree();
        // place, inside, outside, problem
        for (place, inside, outside, problem) in [
            ("湖北省宜昌市", "", "4205", ""),
            ("宜昌市医疗保障局", "", "4205", ""),
            ("株洲市攸县", "", "430223", ""),
            ("北京市海淀区", "", "110108", ""),
            // what stands above the scheme's region says no more than "here"
            ("湖南省", "", "", ""),
            ("湖南省湘潭市", "", "", ""),
            // the table's own words come first, and its own county keeps its name though the country's list has another code
            ("湘乡市", "", "430381", ""),
            ("湘潭市湘潭县", "430321", "", ""),
            ("湘潭市", "", "", ""),
            // not one place's, or none's
            ("朝阳区", "", "", "朝阳区"),
            ("宜昌", "", "", "宜昌"),
            ("火星市", "", "", "火星市"),
            ("谭家山镇火星村", "430321101", "", "谭家山镇火星村"),
        ] {
            let named = tree.resolve(Some(place), [None; 3]);
            let problem = (!problem.is_empty()).then(|| Problem::Unknown(problem.to_owned()));
            assert_eq!(named.inside.as_deref().unwrap_or(""), inside, "{place}");
            assert_eq!(named.outside.as_deref().unwrap_or(""), outside, "{place}");
            assert_eq!(named.problem, problem, "{place}");
        }
    }

    #[test]
    fn a_county_of_the_table_is_not_taken_for_what_it_became() {
        let row =
            |code: &str, name: &str, level, parent: &str| Region::plain(code, name, level, parent);
        // Of 2018: 邵东县 430521 became 邵东市 430582 a year later.
        let regions = vec![
            row("4305", "邵阳市", RegionLevel::City, "43"),
            row("430521", "邵东县", RegionLevel::County, "4305"),
        ];
        let county = RegionTree::new("430521", regions.clone());
        let unknown = |word: &str| Some(Problem::Unknown(word.to_owned()));
        for word in ["邵东市", "邵阳市邵东市", "湖南省邵阳市邵东市"] {
            let named = county.resolve(Some(word), [None; 3]);
            assert_eq!((named.outside, named.problem), (None, unknown(word)));
        }
        let named = county.resolve(Some("隆回县"), [None; 3]);
        assert_eq!(named.outside.as_deref(), Some("430524"));
        // Of the whole city both are its own: nothing to guess.
        let city = RegionTree::new("4305", regions);
        let named = city.resolve(Some("隆回县"), [None; 3]);
        assert_eq!((named.outside, named.problem), (None, unknown("隆回县")));
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
            // endings, remarks and groups
            ("", "易俗河镇", "烟塘", "430321100201", "", ""),
            ("", "易俗河镇", "烟塘社区", "430321100201", "", ""),
            ("", "易俗河镇", "烟塘居委会", "430321100201", "", ""),
            ("", "易俗河镇", "烟塘村（居）", "430321100201", "", ""),
            ("", "易俗河镇", "烟塘（村）", "430321100201", "", ""),
            ("", "易俗河镇", "烟塘村3组", "430321100201", "", ""),
            (
                "",
                "易俗河镇",
                "烟塘村第十二村民小组",
                "430321100201",
                "",
                "",
            ),
            ("", "易俗河镇", "3组", "430321100", "", "unknown"),
            ("", "易俗河镇人民政府", "烟塘村", "430321100201", "", ""),
            ("", "云湖桥街道办事处", "双洋村", "430321102201", "", ""),
            ("", "云湖桥街道办", "", "430321102", "", ""),
            // township and village in one cell
            ("", "", "易俗河镇烟塘村", "430321100201", "", ""),
            ("", "易俗河镇", "易俗河镇烟塘村", "430321100201", "", ""),
            (
                "",
                "易俗河镇",
                "湘潭县易俗河镇石塘村",
                "430321100202",
                "",
                "",
            ),
            (
                "",
                "",
                "湖南省湘潭市湘潭县谭家山镇石塘村委会",
                "430321101201",
                "",
                "",
            ),
            ("", "谭家山镇石塘村", "", "430321101201", "", ""),
            ("", "谭家山镇石塘村", "石塘村", "430321101201", "", ""),
            ("", "", "云湖桥街道双湖社区", "430321102202", "", ""),
            ("湘潭县易俗河镇烟塘村", "", "", "430321100201", "", ""),
            ("", "", "易俗河镇火星村", "430321100", "", "unknown"),
            ("", "", "湘潭县石塘村", "", "", "ambiguous"),
            // what is known and what is written disagree
            ("", "谭家山镇", "易俗河镇烟塘村", "430321101", "", "unknown"),
            // the village cell repeats the township
            ("", "易俗河镇", "易俗河镇", "430321100", "", ""),
            ("", "", "易俗河镇", "430321100", "", ""),
            ("430321100201", "", "烟塘村", "430321100201", "", ""),
            // a near-name is never taken
            ("", "云湖桥街道", "双杨村", "430321102", "", "unknown"),
            ("", "易俗", "", "", "", "unknown"),
        ] {
            let some = |w: &'static str| (!w.is_empty()).then_some(w);
            let named = tree.resolve(some(place), [None, some(township), some(village)]);
            assert_eq!(
                named.inside.as_deref().unwrap_or(""),
                inside,
                "{place}|{township}|{village}"
            );
            assert_eq!(
                named.outside.as_deref().unwrap_or(""),
                outside,
                "{place}|{township}|{village}"
            );
            let got = match named.problem {
                None => "",
                Some(Problem::Unknown(_)) => "unknown",
                Some(Problem::Ambiguous(..)) => "ambiguous",
            };
            assert_eq!(got, problem, "{place}|{township}|{village}");
        }
    }

    #[test]
    fn a_province_answers_to_its_code_of_two_and_of_six_digits_and_its_counties_to_theirs() {
        let row = |code: &str, name: &str, level, parent: &str| Region {
            code: code.into(),
            name: name.into(),
            level,
            parent: parent.into(),
            aliases: Vec::new(),
            unit: false,
        };
        let tree = RegionTree::new(
            "48",
            vec![
                row("48", "模拟省", RegionLevel::Province, ""),
                row("4801", "甲子市", RegionLevel::City, "48"),
                row("480102", "甲子东区", RegionLevel::County, "4801"),
                row("480102100", "天地镇", RegionLevel::Township, "480102"),
            ],
        );
        for (place, inside, outside, is_known) in [
            ("480000", "48", "", true),
            ("480100", "4801", "", true),
            ("480102", "480102", "", true),
            ("480199", "4801", "", false),
            ("489999", "48", "", false),
            ("430102", "", "430102", true),
            ("模拟省甲子市甲子东区", "480102", "", true),
        ] {
            let named = tree.resolve(Some(place), [None; 3]);
            let found = (
                named.inside.as_deref().unwrap_or(""),
                named.outside.as_deref().unwrap_or(""),
                named.problem.is_none(),
            );
            assert_eq!(found, (inside, outside, is_known), "{place}");
        }
        let named = tree.resolve(None, [Some("甲子东区"), Some("天地镇"), None]);
        assert_eq!(named.inside.as_deref(), Some("480102100"));
        // Of a county the province is no region, and not outside either.
        let county = tree.rooted("480102").unwrap();
        assert_eq!(county.resolve(Some("48"), [None; 3]), Meant::default());
        let named = county.resolve(Some("480102"), [None; 3]);
        assert_eq!(named.inside.as_deref(), Some("480102"));
    }

    #[test]
    fn near_names_are_proposed_the_nearest_first_below_what_is_known() {
        let tree = tree();
        for (inside, word, expected) in [
            (Some("430321102"), "双杨村", "430321102201 430321102202"),
            (None, "双杨村委会", "430321102201 430321102202"),
            // another township is looked at only when the known one has nothing like it
            (Some("430321100"), "双杨村", "430321102201 430321102202"),
            (Some("430321101"), "石糖村", "430321101201"),
            (None, "石糖村", "430321100202 430321101201"),
            (Some("430321100"), "易俗河镇烟糖村", "430321100201"),
            (None, "易俗", "430321100"),
            (None, "火星村", ""),
            (None, "", ""),
            (None, "湖南省湘潭市湘潭县某某路某某号某某小区某某栋", ""),
        ] {
            let codes: Vec<&str> = tree
                .near(inside, word, 5)
                .iter()
                .map(|r| r.code.as_str())
                .collect();
            assert_eq!(codes.join(" "), expected, "{inside:?} {word}");
        }
        assert_eq!(tree.near(None, "石糖村", 1).len(), 1);
    }

    #[test]
    fn a_word_for_several_regions_gives_all_of_them() {
        let tree = tree();
        for (inside, word, expected) in [
            (None, "石塘村", "430321100202 430321101201"),
            (Some("430321101"), "石塘村", "430321101201"),
            (None, "湘潭县石塘村", "430321100202 430321101201"),
            (None, "湘乡市", "430381"),
        ] {
            let codes: Vec<&str> = tree
                .called(inside, word)
                .iter()
                .map(|r| r.code.as_str())
                .collect();
            assert_eq!(codes.join(" "), expected, "{inside:?} {word}");
        }
    }
}
