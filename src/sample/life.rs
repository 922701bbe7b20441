//! Life: all rows that the books hold about one person, and the findings that follow.

use chrono::NaiveDate;

use crate::domain::Fen;

use super::key::Answer;
use super::people::{Population, Villager, Who};

/// A row of 常住人口.
pub(super) struct RegisterRow {
    pub(super) who: Who,
    pub(super) place: usize,
    /// Word for the village.
    pub(super) village: String,
    pub(super) household: u32,
}

/// A row of 参保登记, or of 异地参保.
pub(super) struct RegistrationRow {
    pub(super) who: Who,
    /// 险种 as written.
    pub(super) scheme: &'static str,
    /// Code or word of 参保状态.
    pub(super) status: &'static str,
    /// 统筹区
    pub(super) pool_place: String,
    pub(super) township: String,
    pub(super) village: String,
    pub(super) number: String,
    pub(super) begun: NaiveDate,
    /// 停保日期
    pub(super) ended: Option<NaiveDate>,
    /// 中途参保情形 and 情形发生日期
    pub(super) late: Option<(String, NaiveDate)>,
}

/// A row of 缴费明细, or of 异地缴费.
#[derive(Clone)]
pub(super) struct PaymentRow {
    pub(super) who: Who,
    pub(super) year: i32,
    pub(super) personal: Fen,
    pub(super) subsidised: Fen,
    pub(super) paid_on: NaiveDate,
    /// 缴费地
    pub(super) pool_place: String,
    pub(super) voucher: String,
    /// 原凭证号
    pub(super) original: String,
    /// Position in `World::files_from`.
    pub(super) file: usize,
}

/// A row of 资助名册.
#[derive(Clone)]
pub(super) struct RosterRow {
    pub(super) who: Who,
    /// Category whose payer's file it stands in.
    pub(super) category: usize,
    /// Category as the department writes it.
    pub(super) word: String,
    pub(super) place: usize,
    pub(super) identified: NaiveDate,
    pub(super) approved: NaiveDate,
    pub(super) ended: Option<NaiveDate>,
}

/// Everything about one person.
#[derive(Default)]
pub(super) struct Life {
    pub(super) register: Vec<RegisterRow>,
    pub(super) registrations: Vec<RegistrationRow>,
    pub(super) payments: Vec<PaymentRow>,
    pub(super) rosters: Vec<RosterRow>,
    pub(super) elsewhere_registrations: Vec<RegistrationRow>,
    pub(super) elsewhere_payments: Vec<PaymentRow>,
    /// In 死亡人员: the day, where it states one.
    pub(super) death: Option<Option<NaiveDate>>,
    /// In 迁出人员.
    pub(super) departure: Option<NaiveDate>,
    /// In 在校学生.
    pub(super) student: bool,
    /// In 上年参保.
    pub(super) previous: bool,
    /// In 集体账户: households.
    pub(super) households: Vec<u32>,
    /// Findings that must follow.
    pub(super) answers: Vec<Answer>,
    /// Pairs of payment files that share rows.
    pub(super) pairs: Vec<(usize, usize)>,
}

/// A finished life and whose it is.
pub(super) struct Biography<'a> {
    pub(super) people: &'a Population,
    pub(super) person: Villager,
    pub(super) life: Life,
}
