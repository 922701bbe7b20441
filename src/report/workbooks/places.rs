//! Where a person is listed: the region one level below the scheme's, and the rest of the way down in words.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;

use crate::domain::{Region, RegionLevel, RegionTree};
use crate::words::{Lang, place_name};

/// Regions directly below the scheme's region, and which of them every region lies in.
pub(super) struct Places<'a> {
    tree: &'a RegionTree,
    lang: Lang,
    /// Directly below the scheme's region, in order of code.
    pub(super) first: Vec<&'a Region>,
    /// How far below the scheme's region `first` stands.
    depth: usize,
    /// Of every region, once a list of persons asks.
    all: OnceLock<HashMap<&'a str, Place>>,
}

/// Where a region lies.
struct Place {
    /// Position in `first`.
    first: usize,
    /// Names below the first level, joined.
    rest: String,
}

impl<'a> Places<'a> {
    /// `part`: of a scheme whose other regions are not printed.
    pub(super) fn of(tree: &'a RegionTree, part: bool, lang: Lang) -> Self {
        let root = tree.get(tree.root());
        // A township gets the packet that it gets among the others: one, not one a village.
        let alone = root.filter(|root| part && root.level >= RegionLevel::Township);
        let first: Vec<&Region> =
            alone.map_or_else(|| tree.children(tree.root()).collect(), |root| vec![root]);
        Places {
            tree,
            lang,
            first,
            depth: usize::from(alone.is_none()),
            all: OnceLock::new(),
        }
    }

    fn known(&self, code: &str) -> Option<&Place> {
        let all = || {
            let at: HashMap<&str, usize> = self
                .first
                .iter()
                .map(|region| region.code.as_str())
                .zip(0..)
                .collect();
            let places = self.tree.inside().into_iter().filter_map(|region| {
                let path = self.tree.path(&region.code);
                let first = *at.get(path.get(self.depth)?)?;
                let rest = path[self.depth + 1..]
                    .iter()
                    .map(|code| self.tree.name(code))
                    .collect();
                Some((region.code.as_str(), Place { first, rest }))
            });
            places.collect()
        };
        self.all.get_or_init(all).get(code)
    }

    /// Position in `first`; `None` = 其他. A code deeper than the table counts by its beginning.
    pub(super) fn place(&self, code: &str) -> Option<usize> {
        let known = self.known(code).map(|place| place.first);
        known.or_else(|| {
            self.first
                .iter()
                .position(|region| code.starts_with(region.code.as_str()))
        })
    }

    /// Rows by place, 其他 last, each in the order given.
    pub(super) fn sorted<'r>(
        &self,
        rows: usize,
        code: impl Fn(usize) -> &'r str,
    ) -> Vec<Vec<usize>> {
        let mut by_place = vec![Vec::new(); self.first.len() + 1];
        for row in 0..rows {
            by_place[self.place(code(row)).unwrap_or(self.first.len())].push(row);
        }
        by_place
    }

    /// Name of the first level below the scheme's region; `other` where none is known.
    pub(super) fn name(&self, code: &str, other: &str) -> String {
        match self.place(code) {
            Some(at) => self.first[at].name.clone(),
            None if !code.is_empty() && !self.tree.is_inside(code) => {
                place_name(self.tree, code, self.lang)
            }
            None => other.to_owned(),
        }
    }

    /// Names below the first level; empty where a row names none.
    pub(super) fn rest(&self, code: &str) -> &str {
        self.known(code).map_or("", |place| &place.rest)
    }

    /// Level of the first level below, and of the one after it.
    pub(super) fn levels(&self) -> (Option<RegionLevel>, Option<RegionLevel>) {
        let level = self
            .first
            .iter()
            .find(|region| !region.unit)
            .or(self.first.first())
            .map(|region| region.level);
        let next = level.and_then(|level| {
            self.tree
                .inside()
                .iter()
                .map(|region| region.level)
                .find(|below| *below > level)
        });
        (level, next)
    }

    /// File stems for every place and, last, for 其他: legal on Windows, short enough for every disk, and no two alike
    /// whatever the case.
    pub(super) fn file_stems(&self, other: &str) -> Vec<String> {
        let mut names: Vec<(String, &str)> = self
            .first
            .iter()
            .map(|region| (file_name(&region.name), region.code.as_str()))
            .collect();
        names.push((file_name(other), ""));
        let mut times: HashMap<String, u32> = HashMap::new();
        for (name, _) in &names {
            *times.entry(folded(name)).or_default() += 1;
        }
        // Names that stand as they are come first: what a code or a number makes of others must be unlike them.
        let alone = |name: &str, code: &str| {
            name.len() <= LONGEST_STEM && (times[&folded(name)] == 1 || code.is_empty())
        };
        let mut taken: HashSet<String> = names
            .iter()
            .filter(|(name, code)| alone(name, code))
            .map(|(name, _)| folded(name))
            .collect();
        let stem = |(name, code): (String, &str)| {
            if alone(&name, code) {
                return name;
            }
            let mut stem = with_tail(&name, code);
            let mut again = 2;
            while !taken.insert(folded(&stem)) {
                stem = with_tail(&name, &format!("{code}-{again}"));
                again += 1;
            }
            stem
        };
        names.into_iter().map(stem).collect()
    }
}

/// Bytes of a file's stem: 40 Chinese characters. Disks take 255 bytes, encrypted ones 143, with the ending.
const LONGEST_STEM: usize = 120;

/// Disks of Windows and Apple take names in another case, or in another form of the same letters, for one name.
fn folded(name: &str) -> String {
    name.nfkc().collect::<String>().to_lowercase()
}

/// The name, cut where it must be, with a tail.
fn with_tail(name: &str, tail: &str) -> String {
    let room = LONGEST_STEM.saturating_sub(tail.len() + 1);
    let end = (0..=room.min(name.len()))
        .rev()
        .find(|at| name.is_char_boundary(*at))
        .unwrap_or(0); // 0 is a boundary
    format!("{}-{tail}", name[..end].trim_end())
}

/// A name that Windows accepts as a file name.
fn file_name(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| {
            if c.is_control() || matches!(c, '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*') {
                '_'
            } else {
                c
            }
        })
        .collect();
    let clean = clean.trim().trim_end_matches(['.', ' ']);
    let device = [
        "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "LPT1", "LPT2", "LPT3",
    ];
    let stem = clean.split('.').next().unwrap_or("");
    match clean {
        "" => "_".to_owned(),
        _ if device.contains(&stem.to_uppercase().as_str()) => format!("_{clean}"),
        _ => clean.to_owned(),
    }
}

/// A name that Excel accepts as the name of a sheet, unlike all in `taken`, to which it is added.
pub(super) fn tab_name(name: &str, taken: &mut HashSet<String>) -> String {
    let clean: String = name
        .chars()
        .map(|c| {
            if c.is_control() || matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'') {
                '_'
            } else {
                c
            }
        })
        .collect();
    let mut tab: String = clean.trim().chars().take(31).collect();
    let mut again = 2;
    while tab.is_empty() || !taken.insert(tab.to_lowercase()) {
        let tail = format!("-{again}");
        tab = clean
            .trim()
            .chars()
            .take(31 - tail.len())
            .chain(tail.chars())
            .collect();
        again += 1;
    }
    tab
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_legal_on_windows_and_never_collide() {
        let row = |code: &str, name: &str| Region {
            code: code.into(),
            name: name.into(),
            level: RegionLevel::Township,
            parent: "430321".into(),
            aliases: Vec::new(),
            unit: false,
        };
        let mut root = row("430321", "湘潭县");
        root.level = RegionLevel::County;
        root.parent = "4303".into();
        let regions = vec![
            root,
            row("430321100", "石塘镇"),
            row("430321101", "石塘镇"),
            row("430321102", "甲/乙:"),
            row("430321103", "其他"),
            row("430321104", "con.镇 ."),
        ];
        let tree = RegionTree::new("430321", regions);
        assert_eq!(
            Places::of(&tree, false, Lang::Zh).file_stems("其他"),
            [
                "石塘镇-430321100",
                "石塘镇-430321101",
                "甲_乙_",
                "其他-430321103",
                "_con.镇",
                "其他"
            ]
        );
    }

    #[test]
    fn names_that_become_alike_are_told_apart_by_code_and_then_by_number() {
        // names of townships 430321001, 430321002 … as they are written; their files
        let long = "长".repeat(85);
        let cut = format!("{}-430321001", "长".repeat(36));
        for (names, stems) in [
            (
                &["甲镇", "甲镇.", "甲镇-430321001"][..],
                &["甲镇-430321001-2", "甲镇-430321002", "甲镇-430321001"][..],
            ),
            (&["Ａ镇", "a镇"], &["Ａ镇-430321001", "a镇-430321002"]),
            (&[&long], &[&cut]),
            (&["/", "?"], &["_-430321001", "_-430321002"]),
        ] {
            let township = |(name, number): (&&str, u32)| Region {
                code: format!("430321{number:03}"),
                name: (*name).to_owned(),
                level: RegionLevel::Township,
                parent: "430321".into(),
                aliases: Vec::new(),
                unit: false,
            };
            let tree = RegionTree::new("430321", names.iter().zip(1..).map(township).collect());
            let found = Places::of(&tree, false, Lang::Zh).file_stems("其他");
            assert_eq!(found[..names.len()], *stems, "{names:?}");
            assert!(found.iter().all(|stem| stem.len() <= LONGEST_STEM));
        }
    }

    #[test]
    fn names_of_sheets_are_cut_to_31_characters_and_kept_apart() {
        let mut taken = HashSet::new();
        let long = "四".repeat(40);
        let first = tab_name(&long, &mut taken);
        let second = tab_name(&long, &mut taken);
        assert_eq!(first.chars().count(), 31);
        assert_eq!(second.chars().count(), 31);
        assert_ne!(first, second);
        assert_eq!(tab_name("参军/服刑", &mut taken), "参军_服刑");
    }
}
