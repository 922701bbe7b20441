//! Cast: who lives which life.
//!
//! Everybody begins with a life of the base: ordinary, or what a published number of registrations makes of them. Then
//! the kinds take their persons in their turn, each with dice of its own, and only from those whom no earlier kind took.
//! A life that counts in a published number takes the place of somebody who sits there; where it counts once more, one
//! who sits there leaves the books.

use crate::domain::Cover;

use super::dice::Purpose;
use super::people::Population;
use super::plants::{LifeKind, Role};
use super::quotas::{Quota, Seat, Seats};
use super::stories;
use super::world::{World, before};

/// Everybody's role, four bytes a person.
pub(super) struct Cast(Vec<u32>);

impl Cast {
    /// The role of the person at a position.
    pub(super) fn role(&self, at: usize) -> Role {
        Role {
            kind: self.kind(at),
            variant: self.0[at] >> 8,
        }
    }

    /// Persons who are in some book.
    pub(super) fn in_books(&self) -> u64 {
        let present = |at: &usize| self.kind(*at) != LifeKind::Absent;
        (0..self.0.len()).filter(present).count() as u64
    }

    fn kind(&self, at: usize) -> LifeKind {
        LifeKind::ALL[(self.0[at] & 0xff) as usize]
    }

    fn give(&mut self, at: usize, role: Role) {
        self.0[at] = role.variant << 8 | role.kind as u32;
    }
}

/// Gives every person a role, planting the first so many kinds; at most two persons in three live another life than the
/// base's.
pub(super) fn cast(world: &World, people: &mut Population, quotas: &[Quota], kinds: usize) -> Cast {
    let mut casting = Casting {
        left: people.len() * 2 / 3,
        cast: Cast(vec![LifeKind::Ordinary as u32; people.len()]),
        seats: Seats::new(world, quotas),
        world,
        people,
    };
    if !casting.seats.is_empty() {
        casting.seat_everybody();
    }
    for kind in LifeKind::planted().into_iter().take(kinds) {
        // Where employees are published they sit already.
        let sits = kind == LifeKind::Employee && casting.seats.counts_employees();
        if !sits && kind.possible(world) {
            casting.plant(kind);
        }
    }
    casting.people.close();
    casting.cast
}

/// Lives while they are given out.
struct Casting<'a> {
    world: &'a World<'a>,
    people: &'a mut Population,
    seats: Seats<'a>,
    cast: Cast,
    /// Persons who may still live another life.
    left: usize,
}

/// In which number a kind's variant sits at home, once one life of it is known: `None` = in none.
type Habit = Option<Option<Cover>>;

impl Casting<'_> {
    /// Seats employees and ordinary people in the numbers published for each region; who is left over is in no book.
    fn seat_everybody(&mut self) {
        let dice = &mut self.world.dice(Purpose::Registered);
        let mut waiting = dice.shuffled(self.people.len());
        // Of working age, as long as there are such.
        for any_age in [false, true] {
            waiting.retain(|&at| !self.employs(at as usize, any_age));
        }
        // A household's head is in the books before its other members.
        let heads_first = |&at: &u32| !self.people.is_head(at as usize);
        waiting.sort_by_key(heads_first);
        for at in waiting {
            let at = at as usize;
            let quota = self.seats.of(self.people.place(at));
            if quota.is_some_and(|quota| !self.seats.sit((quota, Cover::Resident))) {
                self.leave(at);
            }
        }
        assert!(
            self.seats.is_full(),
            "enough people were settled for every registration published"
        );
    }

    /// Whether the person is now one of the employees published where they live.
    fn employs(&mut self, at: usize, any_age: bool) -> bool {
        let fits = any_age || LifeKind::Employee.fits(self.people, at, self.world);
        let quota = self.seats.of(self.people.place(at)).filter(|_| fits);
        let role = match quota.and_then(|quota| self.seats.employs(quota)) {
            None => return false,
            Some(None) => Role {
                kind: LifeKind::Employee,
                variant: 0,
            },
            Some(Some(unit)) => Role {
                kind: LifeKind::UnitEmployee,
                variant: unit,
            },
        };
        self.cast.give(at, role);
        true
    }

    /// From now on in no book.
    fn leave(&mut self, at: usize) {
        let role = Role {
            kind: LifeKind::Absent,
            variant: 0,
        };
        self.cast.give(at, role);
    }

    /// Finds as many persons for a kind as there are to be, or as can live it.
    fn plant(&mut self, kind: LifeKind) {
        let everybody = self.people.len();
        let wanted = kind.count(everybody as u64);
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX).min(self.left);
        let mut habits: Vec<Habit> = vec![None; kind.variants() as usize];
        let mut found = 0;
        let dice = self.world.dice(Purpose::Choice(kind.number()));
        for at in dice.tries(everybody) {
            if found == wanted {
                break;
            }
            let variant = found % habits.len();
            let role = Role {
                kind,
                variant: u32::try_from(variant).unwrap_or(0),
            };
            found += usize::from(self.takes(at, role, &mut habits[variant]));
        }
        self.left -= found;
    }

    /// Whether the person can live this, and does from now on.
    fn takes(&mut self, at: usize, role: Role, habit: &mut Habit) -> bool {
        if !self.is_free(at) || !role.kind.fits(self.people, at, self.world) {
            return false;
        }
        if !self.seats.is_empty() && !self.swaps(at, role, habit) {
            return false;
        }
        self.cast.give(at, role);
        if role.kind.is_newborn() {
            let mut dice = self.world.dice(Purpose::Entrance(role.kind.number(), at));
            let birth = before(self.world.scheme.window.to, u64::from(dice.below(30)));
            self.people.reborn(at, birth);
        }
        true
    }

    /// Whether the person lives a life of the base that another may take the place of: employees of units are counted
    /// where their unit is.
    fn is_free(&self, at: usize) -> bool {
        match self.cast.kind(at) {
            LifeKind::Ordinary | LifeKind::Absent => true,
            LifeKind::Employee => self.seats.counts_employees(),
            _ => false,
        }
    }

    /// Whether the published numbers stay full when the person lives this; who sits where it counts once more leaves.
    fn swaps(&mut self, at: usize, role: Role, habit: &mut Habit) -> bool {
        let home = self.seats.of(self.people.place(at));
        if let (Some(cover), Some(home)) = (*habit, home)
            && self.cast.kind(at) != self.base(home, cover)
        {
            return false; // soon seen: most people sit elsewhere than in the rarest number
        }
        let life = stories::live(self.world, self.people, at, role);
        let mut seats = self.seats.of_life(&life);
        if let Some(home) = home {
            let sits = |cover: &Cover| seats.contains(&(home, *cover));
            *habit = Some([Cover::Resident, Cover::Employee].into_iter().find(sits));
        }
        seats.retain(|seat| self.seats.published(*seat).is_some());
        let own = self.seat(at);
        if let Some(own) = own {
            let Some(same) = seats.iter().position(|seat| *seat == own) else {
                return false;
            };
            seats.swap_remove(same);
        } else if !seats.is_empty() {
            return false;
        }
        let stays_full = self.gives_way(at, role, &seats);
        if let Some(own) = own.filter(|_| stays_full) {
            self.seats.stand_up(own);
        }
        stays_full
    }

    /// Whether nobody has to leave for these seats more, or one person can, and does.
    fn gives_way(&mut self, at: usize, role: Role, more: &[Seat]) -> bool {
        let leaver = match *more {
            [] => return true,
            [seat] => self.leaver(at, role, seat).map(|leaver| (leaver, seat)),
            _ => None,
        };
        if let Some((leaver, seat)) = leaver {
            self.leave(leaver);
            self.seats.stand_up(seat);
        }
        leaver.is_some()
    }

    /// What those live at home whose place a life takes that sits there in this number.
    fn base(&self, home: usize, cover: Option<Cover>) -> LifeKind {
        let counts = |cover| self.seats.published((home, cover)).is_some();
        match cover {
            Some(Cover::Resident) => LifeKind::Ordinary,
            Some(Cover::Employee) if counts(Cover::Employee) => LifeKind::Employee,
            _ if counts(Cover::Resident) => LifeKind::Absent,
            _ => LifeKind::Ordinary,
        }
    }

    /// Where a person of the base sits, if that is published.
    fn seat(&self, at: usize) -> Option<Seat> {
        let cover = match self.cast.kind(at) {
            LifeKind::Ordinary => Cover::Resident,
            LifeKind::Employee => Cover::Employee,
            _ => return None,
        };
        let home = self.seats.of(self.people.place(at))?;
        Some((home, cover)).filter(|seat| self.seats.published(*seat).is_some())
    }

    /// Somebody else who sits in a number.
    fn leaver(&self, at: usize, role: Role, seat: Seat) -> Option<usize> {
        let others = self.seats.sitting(seat) - u64::from(self.seat(at) == Some(seat));
        let dice = self.world.dice(Purpose::Entrance(role.kind.number(), at));
        dice.tries(self.people.len())
            .take_while(|_| others > 0)
            .find(|&one| one != at && self.seat(one) == Some(seat))
    }
}
