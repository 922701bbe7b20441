//! Where a row says it is: the region words of a row against the scheme's table.

use unicode_normalization::UnicodeNormalization;

use super::world::{Region, SimpleScheme};

/// What a row's region words come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Where {
    /// Deepest region of the scheme that is named (never the scheme's own).
    pub region: Option<String>,
    pub here: bool,
    pub pool: String,
    /// region-unknown or region-ambiguous.
    pub problem: Option<&'static str>,
    /// A place is named and not understood.
    pub guessed: bool,
}

/// A word without blanks, in plain width.
pub fn word(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// A village by any of its endings: 烟塘村委会, 烟塘村 and 烟塘 are one.
fn stem(text: &str) -> &str {
    for ending in ["村民委员会", "村委会", "居民委员会", "居委会", "社区", "村"]
    {
        if let Some(rest) = text.strip_suffix(ending).filter(|rest| !rest.is_empty()) {
            return rest;
        }
    }
    text
}

fn called(region: &Region, asked: &str) -> bool {
    let mut words = std::iter::once(region.name)
        .chain(region.alias.split('|'))
        .filter(|w| !w.is_empty())
        .map(word);
    words.any(|w| w == asked || (region.level == "village" && stem(&w) == stem(asked)))
}

impl SimpleScheme {
    pub fn region(&self, code: &str) -> Option<&Region> {
        self.regions.iter().find(|r| r.code == code)
    }

    pub fn is_inside(&self, code: &str) -> bool {
        code.starts_with(self.root)
    }

    /// The region itself and everything above it, up to the scheme's own.
    pub fn upward(&self, code: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut at = self.region(code);
        while let Some(region) = at.filter(|r| self.is_inside(r.code)) {
            found.push(region.code.to_owned());
            at = self.region(region.parent);
        }
        found
    }

    pub fn pool_of(&self, code: &str) -> String {
        code.chars().take(self.pool_digits).collect()
    }

    /// Reads the words of one row. `elsewhere` books are of other places unless they name one here.
    pub fn locate(&self, place: &str, township: &str, village: &str, elsewhere: bool) -> Where {
        let place = word(place);
        let walk = match self.placed(&place) {
            Ok(walk) => walk,
            Err(Outside(code)) => {
                return Where {
                    region: None,
                    here: false,
                    pool: self.pool_of(&code),
                    problem: None,
                    guessed: false,
                };
            }
        };
        let guessed = walk.problem.is_some() && walk.inside.is_none();
        let walk = self.narrowed(walk, "township", &word(township));
        let walk = self.narrowed(walk, "village", &word(village));
        let here = !elsewhere || walk.inside.is_some();
        let region = walk.inside.filter(|code| code != self.root);
        let pool = match &region {
            Some(code) => self.pool_of(code),
            None if elsewhere && walk.place_unknown => place,
            None if !here => "?".to_owned(),
            None => self.pool_of(self.root),
        };
        Where {
            region,
            here,
            pool,
            problem: walk.problem,
            guessed,
        }
    }

    /// Where the word of the place alone leads: a code or a name.
    fn placed(&self, place: &str) -> Result<Walk, Outside> {
        let digits: String = place.chars().take_while(char::is_ascii_digit).collect();
        let known = self.region(place).filter(|r| self.is_inside(r.code));
        if place.is_empty() {
            Ok(Walk::default())
        } else if let Some(region) = known {
            Ok(Walk::to(region))
        } else if digits.len() >= 4 {
            self.coded(digits)
        } else {
            self.named(place)
        }
    }

    /// A code that stands for no region: the longest known one that it begins with. Noughts behind it say nothing.
    fn coded(&self, code: String) -> Result<Walk, Outside> {
        if !self.is_inside(&code) {
            return Err(Outside(code));
        }
        let known = (4..=code.len())
            .rev()
            .find_map(|digits| self.region(&code[..digits]));
        let rest = &code[known.map_or(0, |region| region.code.len())..];
        let unknown = rest.chars().any(|digit| digit != '0');
        Ok(Walk {
            inside: known.map(|region| region.code.to_owned()),
            problem: unknown.then_some("region-unknown"),
            place_unknown: false,
        })
    }

    /// Of regions called so, those of the highest level.
    fn named(&self, place: &str) -> Result<Walk, Outside> {
        let so_called = || self.regions.iter().filter(|r| called(r, place));
        let level = so_called().map(|r| rank(r.level)).min();
        let best: Vec<&Region> = so_called()
            .filter(|r| Some(rank(r.level)) == level)
            .collect();
        match best.as_slice() {
            [one] if self.is_inside(one.code) => Ok(Walk::to(one)),
            [one] => Err(Outside(one.code.to_owned())),
            [] => Ok(Walk {
                problem: Some("region-unknown"),
                place_unknown: true,
                ..Walk::default()
            }),
            _ => Ok(Walk {
                problem: Some("region-ambiguous"),
                ..Walk::default()
            }),
        }
    }

    /// One step down, to a region called so below where the walk stands; of its own level before any other.
    fn narrowed(&self, walk: Walk, level: &str, asked: &str) -> Walk {
        if asked.is_empty() {
            return walk;
        }
        let top = walk.inside.as_deref().unwrap_or(self.root);
        let is_below = |code: &str| code != top && self.upward(code).iter().any(|c| c == top);
        let below = || {
            let regions = self.regions.iter();
            regions.filter(|r| is_below(r.code) && called(r, asked))
        };
        let mut best: Vec<&Region> = below().filter(|r| r.level == level).collect();
        if best.is_empty() {
            best = below().collect();
        }
        let problem = match best.as_slice() {
            [one] => {
                return Walk {
                    inside: Some(one.code.to_owned()),
                    ..walk
                };
            }
            [] if self.region(top).is_some_and(|r| called(r, asked)) => None,
            [] => Some("region-unknown"),
            _ => Some("region-ambiguous"),
        };
        Walk {
            problem: walk.problem.or(problem),
            ..walk
        }
    }
}

/// How far the words of a row have led.
#[derive(Default)]
struct Walk {
    /// Code of the region reached.
    inside: Option<String>,
    problem: Option<&'static str>,
    /// Nothing is called by the word of the place.
    place_unknown: bool,
}

impl Walk {
    fn to(region: &Region) -> Walk {
        Walk {
            inside: Some(region.code.to_owned()),
            ..Walk::default()
        }
    }
}

/// The code of a place outside the scheme.
struct Outside(String);

fn rank(level: &str) -> usize {
    ["city", "county", "township", "village"]
        .iter()
        .position(|l| *l == level)
        .expect("a known level")
}
