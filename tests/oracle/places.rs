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
        let mut inside: Option<String> = None;
        let mut problem = None;
        let mut place_unknown = false;
        let place = word(place);
        if !place.is_empty() {
            let code: String = place.chars().take_while(char::is_ascii_digit).collect();
            if let Some(region) = self.region(&place).filter(|r| self.is_inside(r.code)) {
                inside = Some(region.code.to_owned());
            } else if code.len() >= 4 {
                if !self.is_inside(&code) {
                    return Where {
                        region: None,
                        here: false,
                        pool: self.pool_of(&code),
                        problem: None,
                    };
                }
                inside = (4..=code.len())
                    .rev()
                    .find_map(|n| self.region(&code[..n]))
                    .map(|r| r.code.to_owned());
                let known = inside.as_ref().map_or(0, String::len);
                if code[known..].chars().any(|c| c != '0') {
                    problem = Some("region-unknown");
                }
            } else {
                let level = self
                    .regions
                    .iter()
                    .filter(|r| called(r, &place))
                    .map(|r| rank(r.level))
                    .min();
                let best: Vec<&Region> = self
                    .regions
                    .iter()
                    .filter(|r| called(r, &place) && Some(rank(r.level)) == level)
                    .collect();
                match best.as_slice() {
                    [one] if self.is_inside(one.code) => inside = Some(one.code.to_owned()),
                    [one] => {
                        return Where {
                            region: None,
                            here: false,
                            pool: self.pool_of(one.code),
                            problem: None,
                        };
                    }
                    [] => {
                        problem = Some("region-unknown");
                        place_unknown = true;
                    }
                    _ => problem = Some("region-ambiguous"),
                }
            }
        }
        for (level, asked) in [("township", word(township)), ("village", word(village))] {
            if asked.is_empty() {
                continue;
            }
            let top = inside.clone().unwrap_or_else(|| self.root.to_owned());
            let below: Vec<&Region> = self
                .regions
                .iter()
                .filter(|r| {
                    r.code != top && self.upward(r.code).contains(&top) && called(r, &asked)
                })
                .collect();
            let at_level: Vec<&Region> =
                below.iter().copied().filter(|r| r.level == level).collect();
            match if at_level.is_empty() { below } else { at_level }.as_slice() {
                [one] => inside = Some(one.code.to_owned()),
                [] if self.region(&top).is_some_and(|r| called(r, &asked)) => {}
                [] => problem = problem.or(Some("region-unknown")),
                _ => problem = problem.or(Some("region-ambiguous")),
            }
        }
        let region = inside.clone().filter(|code| code != self.root);
        let here = if elsewhere { inside.is_some() } else { true };
        let pool = match (&region, elsewhere && place_unknown) {
            (None, true) => place,
            (None, false) if elsewhere && inside.is_none() => "?".to_owned(),
            (Some(code), _) => self.pool_of(code),
            (None, false) => self.pool_of(self.root),
        };
        Where {
            region,
            here,
            pool,
            problem,
        }
    }
}

fn rank(level: &str) -> usize {
    ["city", "county", "township", "village"]
        .iter()
        .position(|l| *l == level)
        .expect("a known level")
}
