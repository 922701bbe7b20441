//! The five pipelines as their notices say, and a gallery of pipelines with mistakes.

use std::path::{Path, PathBuf};

use canbao::domain::fault::Complaints;
use canbao::scheme::{self, Scheme};

fn pipeline(slug: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines").join(format!("{slug}.toml"))
}

/// The scheme, or a panic that shows every complaint as a person would see it.
fn loaded(slug: &str) -> Scheme {
    scheme::load(&pipeline(slug)).unwrap_or_else(|error| {
        let complaints = &error.downcast_ref::<Complaints>().expect("loading only complains").0;
        let shown: Vec<String> = complaints.iter().map(|c| format!("{:?} {:?}\n{}", c.place, c.refusal, c.excerpt.0)).collect();
        panic!("{slug}:\n{}", shown.join("\n"))
    })
}

const SLUGS: [&str; 5] = ["xiangtan-2022", "zhuji-2023", "shaoyang-2022", "kaiping-2022", "qingtangpu-2022"];

#[test]
fn every_pipeline_loads() {
    for slug in SLUGS {
        assert_eq!(loaded(slug).slug, slug);
    }
}
