//! The best of several grants: 就高不重复, nobody is granted twice.

use crate::domain::Fen;
use crate::scheme::Scheme;

/// The best grant among some categories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Granted {
    /// Fen; 0 = none.
    grant: Fen,
    /// Categories that give as much, in declared order.
    equals: Vec<u16>,
}

impl Granted {
    /// The best among these categories, which may come in any order and several times.
    pub(super) fn best(categories: impl Iterator<Item = u16>, scheme: &Scheme) -> Self {
        let grant = |at: &u16| scheme.categories[usize::from(*at)].grant;
        let mut equals: Vec<u16> = categories.filter(|at| grant(at) > 0).collect();
        equals.sort_unstable();
        equals.dedup();
        let best = equals.iter().map(grant).max().unwrap_or(0); // no category, no grant
        equals.retain(|at| grant(at) == best);
        Granted {
            grant: best,
            equals,
        }
    }

    /// The best of several bests.
    pub(super) fn best_of(several: impl Iterator<Item = Granted>, scheme: &Scheme) -> Self {
        Granted::best(several.flat_map(|granted| granted.equals), scheme)
    }

    /// The first of the categories that give it.
    pub(super) fn category(&self) -> Option<u16> {
        self.equals.first().copied()
    }

    /// How many payers would have to give it.
    fn payers(&self, scheme: &Scheme) -> u32 {
        let payer = |at: &u16| scheme.categories[usize::from(*at)].payer.as_str();
        let mut payers: Vec<&str> = self.equals.iter().map(payer).collect();
        payers.sort_unstable();
        payers.dedup();
        u32::try_from(payers.len()).unwrap_or(u32::MAX) // a few dozen categories
    }
}

/// What a person is granted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Grant {
    /// Fen; 0 = none.
    pub(super) fen: Fen,
    /// The first of the categories that give it.
    pub(super) category: Option<u16>,
    /// How many payers would have to give it.
    pub(super) payers: u32,
}

impl Granted {
    /// As a person has it.
    pub(super) fn settled(&self, scheme: &Scheme) -> Grant {
        Grant {
            fen: self.grant,
            category: self.category(),
            payers: self.payers(scheme),
        }
    }
}
