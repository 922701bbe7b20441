//! The closed lists of what the rule book says beside findings and standings.

closed_list! {
    /// What the subsidy list says of a person.
    pub enum Verdict {
        /// Subsidised as a resident while an employee.
        WhileEmployee = "while-employee",
        /// Subsidised without entitlement.
        Unentitled = "unentitled",
        /// Entitled and paid more than payable.
        Missed = "missed",
        /// Two subsidies recorded.
        Overlap = "overlap",
        /// Entitled, not registered as a resident.
        NotRegistered = "not-registered",
        /// Entitled, registered, nothing paid and nothing subsidised yet.
        Open = "open",
        /// Nothing to pay, and no book records that anybody paid for it.
        FreeUnrecorded = "free-unrecorded",
        /// Paid what is due, and no book records the grant.
        PaidUnrecorded = "paid-unrecorded",
        /// As it should be.
        Right = "right",
        /// On a roster without a grant in force.
        NoGrant = "no-grant",
    }
}

closed_list! {
    /// How far a person's enrolment of this year has come.
    pub enum Enrolment {
        /// Registered, and paid, subsidised or free where the notice asks for it.
        Done = "done",
        /// Registered as a resident, not paid: insures nobody yet.
        Unpaid = "unpaid",
        /// Paid, not registered: nobody may collect again.
        Unregistered = "unregistered",
        /// Neither.
        Nothing = "nothing",
    }
}

closed_list! {
    /// What is on its way.
    pub enum OnTheWay {
        /// Paid, and the registration may not have come yet.
        Registration = "registration",
        /// A payment that says that its money is not there yet.
        Money = "money",
    }
}

closed_list! {
    /// Why a row of a roster is not in force. The first that fits.
    pub enum OutOfForce {
        /// Its category is none that the notice declares.
        UnknownCategory = "unknown-category",
        /// It has ended.
        Ended = "ended",
        /// Approved after the cut-off.
        TooLate = "too-late",
        /// Identified after the as-of date.
        NotYet = "not-yet",
    }
}

closed_list! {
    /// Why a member of a household is not charged, or needs a second look. The first that fits.
    pub enum Remark {
        /// The number cannot be used: nobody knows what is due.
        Unusable = "unusable",
        /// Listed in another household too, and charged there.
        OtherHousehold = "other-household",
        /// Died before the benefit period.
        Deceased = "deceased",
        /// Has an employee relation.
        Employee = "employee",
        /// Subsidised in full.
        Subsidised = "subsidised",
        /// Has paid already.
        Paid = "paid",
    }
}

closed_list! {
    /// What becomes of a registered row on the bridge, where its region and its person's register
    /// region agree.
    pub enum RowClass {
        /// The number is unusable.
        Unusable = "unusable",
        /// Not the counted row of its person.
        Surplus = "surplus",
        /// The person is not on the register.
        NotOnRegister = "not-on-register",
        /// On the register, deceased.
        Deceased = "deceased",
        /// On the register, alive, not insured for lack of payment.
        Unpaid = "unpaid",
        /// On the register, alive, insured here.
        Insured = "insured",
    }
}

closed_list! {
    /// Why a person has more resident registrations than one: each draws the fiscal subsidy once
    /// more.
    pub enum Extra {
        /// Several in one pool.
        SamePool = "same-pool",
        /// In several pools.
        CrossRegion = "cross-region",
        /// Beside an employee relation, which is the one that stays.
        CrossScheme = "cross-scheme",
    }
}
