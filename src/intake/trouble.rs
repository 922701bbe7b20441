//! The trouble of reading: a file that is not what was promised, or a machine that fails.

use crate::domain::{Complaint, Fault, Refusal};

/// Why a file gives no sheets.
#[derive(Debug)]
pub enum Trouble {
    /// The file is not what the pipeline promises.
    Refused(Vec<Refusal>),
    /// The machine failed us.
    Broken(Fault),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Trouble::Refused(vec![refusal])
    }
}

/// What is wrong with the files, and what the machine did, each as one.
pub fn told_apart(troubles: Vec<Trouble>) -> (Vec<Complaint>, Option<Fault>) {
    let (mut wrong, mut fault) = (Vec::new(), None);
    for trouble in troubles {
        match trouble {
            Trouble::Refused(refusals) => wrong.extend(refusals.into_iter().map(Complaint::from)),
            Trouble::Broken(next) => fault = Some(together(fault, next)),
        }
    }
    (wrong, fault)
}

/// Files that cannot be read are named in one fault, so that a clerk need not find them one by one.
fn together(first: Option<Fault>, next: Fault) -> Fault {
    match first {
        None => next,
        Some(Fault::Several { mut faults }) => {
            faults.push(next);
            Fault::Several { faults }
        }
        Some(first) => Fault::Several {
            faults: vec![first, next],
        },
    }
}
