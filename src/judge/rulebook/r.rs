//! Columns that the rule book adds to a person's row. A sentence that is a finding has the name of
//! its code.

/// u32?: the best region known of the person, by its position among the places.
pub const PERSON_REGION: &str = "person_region";
/// bool: a resident registration here insures: paid in its pool, subsidised or free where the
/// notice asks for it.
pub const RESIDENT_INSURES: &str = "resident_insures";
/// bool: the same of a resident registration in another place.
pub const RESIDENT_INSURES_AWAY: &str = "resident_insures_away";
/// u32?: pool of the relation that is proposed to stay, by its position among the places.
pub const KEPT_POOL: &str = "kept_pool";
/// u8: `KeptWhy`.
pub const KEPT_WHY: &str = "kept_why";
/// bool: paid here without a registration anywhere, so late that the registrations may not know yet.
pub const IN_TRANSIT: &str = "in_transit";
/// bool: on the register.
pub const ON_REGISTER: &str = "on_register";
/// bool: normal resident registrations in several pools.
pub const REGISTERED_IN_POOLS: &str = "registered_in_pools";
/// bool: effective resident payments in several pools.
pub const PAID_IN_POOLS: &str = "paid_in_pools";
/// bool: first paid in another pool than that of the registration, or, without one, of the
/// register.
pub const PAID_IN_DOUBT: &str = "paid_in_doubt";
/// bool: equal best grants from several payers.
pub const PAYERS_OVERLAP: &str = "payers_overlap";
/// bool: several subsidies recorded.
pub const SUBSIDIES_OVERLAP: &str = "subsidies_overlap";
/// bool: entitled, subsidised, or on a roster now.
pub const ON_SUBSIDY_LIST: &str = "on_subsidy_list";
/// bool: has paid more than was due, or elsewhere than due, or perhaps owes nothing.
pub const MAY_BE_REFUNDED: &str = "may_be_refunded";
