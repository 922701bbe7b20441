//! Late entries: what they cost and from which day they cover (docs/readings.md#late-entries).

closed_list! {
    /// What an entry costs.
    pub enum Price {
        /// The personal premium, less the grant.
        Personal = "personal",
        /// Personal premium and fiscal subsidy (按筹资标准全额).
        Full = "full",
        /// This year's premium and last year's, for a newborn whose cover begins last year.
        TwoYears = "two-years",
        /// In full, where the notice does not settle the fiscal part: an outcome, never declared.
        Unpriced = "unpriced",
    }
}

closed_list! {
    /// The day from which an entry covers, before any waiting period.
    pub enum Starts {
        /// Day of birth.
        Birth = "birth",
        /// Day of the declared event (接收、入院 …).
        Event = "event",
        /// Day on which the employee cover stopped.
        CoverStop = "cover-stop",
        /// Day of the payment.
        PaymentDay = "payment-day",
        /// Day after the payment.
        NextDay = "next-day",
        /// First of the month after the payment.
        NextMonth = "next-month",
    }
}
