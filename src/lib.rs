//! canbao (参保): reconciles resident medical-insurance enrolment, person by person.
//!
//! The rooms, in walking order; a room imports only from rooms before it (tests/architecture.rs).

#![warn(unreachable_pub)]

pub mod archive;
pub mod cli;
#[macro_use]
pub mod domain;
pub mod intake;
pub mod judge;
pub mod measure;
pub mod people;
pub mod refine;
pub mod report;
pub mod run;
pub mod sample;
pub mod scheme;
pub mod survey;
pub mod vault;
pub mod words;
