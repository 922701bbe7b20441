//! One way to write a closed list: the enum, its stable codes and `ALL`, which can then never disagree.

macro_rules! closed_list {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every member, in declared order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// How many members there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The stable code written to data files; never reused, never translated.
            pub const fn code(self) -> &'static str {
                match self { $($name::$variant => $code),+ }
            }

            /// The member with this code, if there is one.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some($name::$variant),)+ _ => None }
            }

            /// Position in declared order: what a frame's integer column holds.
            pub const fn index(self) -> u8 {
                self as u8
            }

            /// The member at a position that `index` gave.
            pub fn at(index: u8) -> Self {
                Self::ALL[usize::from(index)]
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}
