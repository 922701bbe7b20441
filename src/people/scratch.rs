//! Columns that live only while a bucket is gathered.

pub(super) const BEST_GRANT: &str = "best_grant";
pub(super) const CATEGORY_AT: &str = "category_at";
pub(super) const DECIDING: &str = "deciding";
pub(super) const LISTED_DEAD: &str = "listed_dead";
pub(super) const LISTED_DEATH: &str = "listed_death";
pub(super) const LISTED_DEPARTED: &str = "listed_departed";
pub(super) const LISTED_MOVED: &str = "listed_moved";
pub(super) const NOW: &str = "now";
pub(super) const PAYER: &str = "payer";
pub(super) const PAYMENT_DAY: &str = "payment_day";
pub(super) const PAYMENT_ID: &str = "payment_id";
pub(super) const PAYMENT_NAME: &str = "payment_name";
pub(super) const PAYMENT_REGION: &str = "payment_region";
pub(super) const REGISTER_DEATH: &str = "register_death";
pub(super) const REGISTER_MOVED: &str = "register_moved";
pub(super) const REGISTER_POOL_REGISTERED: &str = "register_pool_registered";
pub(super) const REGISTRATION_ID: &str = "registration_id";
pub(super) const REGISTRATION_NAME: &str = "registration_name";
pub(super) const REGISTRATION_ORIGIN: &str = "registration_origin";
pub(super) const REGISTRATION_ROW: &str = "registration_row";
pub(super) const ROSTER_ID: &str = "roster_id";
pub(super) const ROSTER_NAME: &str = "roster_name";
pub(super) const ROSTER_REGION: &str = "roster_region";
pub(super) const SCHOOL_POOL_REGISTERED: &str = "school_pool_registered";
