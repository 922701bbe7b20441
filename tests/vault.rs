//! The vault: whatever the number of buckets and wherever they lie, the same rows of a key come out together and in order;
//! also where keys mean other keys.

use std::collections::BTreeMap;
use std::path::Path;

use canbao::domain::Fault;
use canbao::vault::{Division, Filling, Labels, Moves, Tangle, Vault};
use polars::prelude::*;
use proptest::prelude::*;

const LABELS: Labels = Labels {
    key: "key",
    row: "row",
    lot: "lot",
    waited: "waited",
};

/// One row: number on its lot, key, and what it says.
type Row = (u32, u64, Option<String>);

/// A piece of a lot: book, lot, rows.
type Piece = (&'static str, u32, Vec<Row>);

/// Rows of every book and key as they come out: place of the lot, number, what they say.
type Out = BTreeMap<(&'static str, u64), Vec<(u32, u32, Option<String>)>>;

/// Pieces, and where their lots stand.
#[derive(Clone, Debug)]
struct World {
    pieces: Vec<Piece>,
    places: Vec<Option<u32>>,
}

/// Few keys, so that many rows share them; lots that do not count; several rows under one number.
fn worlds() -> impl Strategy<Value = World> {
    let rows = prop::collection::vec(
        (0..3u32, 0..12u64, prop::option::of("[甲乙丙a-c]{0,3}")),
        0..8,
    );
    let lot = (0..2usize, any::<bool>(), prop::collection::vec(rows, 0..4));
    prop::collection::vec(lot, 0..6).prop_map(|lots| {
        let last = lots.len() as u32;
        let mut world = World {
            pieces: Vec::new(),
            places: Vec::new(),
        };
        for (lot, (book, counts, pieces)) in (0..).zip(lots) {
            // The last lot stands first.
            world.places.push(counts.then_some(last - lot));
            let mut number = 1;
            for piece in pieces {
                number += 5;
                let rows = piece.into_iter().map(|(step, key, said)| {
                    number += step;
                    (number, key, said)
                });
                let rows = rows.collect();
                world.pieces.push((["甲册", "乙册"][book], lot, rows));
            }
        }
        world
    })
}

fn frame(lot: u32, rows: &[Row]) -> DataFrame {
    df!(
        "lot" => vec![lot; rows.len()],
        "row" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        "key" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
        "said" => rows.iter().map(|row| row.2.as_deref()).collect::<Vec<_>>(),
    )
    .expect("columns of one length")
}

fn filled(
    world: &World,
    moves: &Moves,
    buckets: u32,
    scratch: Option<&Path>,
) -> Vault<&'static str> {
    let division = Division {
        buckets,
        scratch: scratch.map(Path::to_path_buf),
        waiting: 3,
        ..Division::WHOLE
    };
    let filling = Filling::new(division, LABELS).expect("a folder");
    // Pieces come in any order.
    for (book, lot, rows) in world.pieces.iter().rev() {
        filling.take(*book, *lot, frame(*lot, rows)).expect("room");
    }
    filling
        .filled(world.places.clone(), moves.clone())
        .expect("scratch as it was written")
}

/// All that comes out; every key out of one bucket.
fn opened(vault: &Vault<&'static str>) -> Out {
    let mut out = Out::new();
    let mut bucket_of: BTreeMap<u64, usize> = BTreeMap::new();
    for at in 0..vault.buckets() {
        let books = vault
            .open(at, |book, rows| Ok((book, rows)))
            .expect("sound");
        for (book, rows) in books {
            let number = |name: &str| {
                rows.column(name)
                    .expect("a label")
                    .u32()
                    .expect("u32")
                    .clone()
            };
            let keys = rows
                .column("key")
                .expect("a label")
                .u64()
                .expect("u64")
                .clone();
            let said = rows
                .column("said")
                .expect("ours")
                .str()
                .expect("text")
                .clone();
            for row in 0..rows.height() {
                let key = keys.get(row).expect("every row has a key");
                assert_eq!(*bucket_of.entry(key).or_insert(at), at, "key {key}");
                let number = |name| number(name).get(row).expect("every row has its place");
                let said = said.get(row).map(str::to_owned);
                let rows = out.entry((book, key)).or_default();
                rows.push((number("lot"), number("row"), said));
            }
        }
    }
    out
}

/// The same without a vault: every row of a lot that counts, by lot and number, those of one number by their own keys.
fn expected(world: &World, moves: &Moves) -> Out {
    let mut rows = Vec::new();
    for (book, lot, piece) in &world.pieces {
        let Some(place) = world.places[*lot as usize] else {
            continue;
        };
        for (at, (number, key, said)) in piece.iter().enumerate() {
            rows.push((*book, place, *number, *key, at, said.clone()));
        }
    }
    // Rows of a key stay as they stand in their piece: pieces of a lot have numbers of their own.
    rows.sort_by_key(|row| (row.0, row.1, row.2, row.3, row.4));
    let mut out = Out::new();
    for (book, place, number, key, _, said) in rows {
        let meant = out.entry((book, moves.meant(key))).or_default();
        meant.push((place, number, said));
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_of_a_key_come_out_together_and_in_order_whatever_the_buckets(world in worlds()) {
        let none = Moves::default();
        let expected = expected(&world, &none);
        let folder = tempfile::tempdir().expect("a folder");
        let scratch = folder.path().join("scratch");
        for buckets in [1, 2, 7, 64] {
            for scratch in [None, Some(scratch.as_path())] {
                let found = opened(&filled(&world, &none, buckets, scratch));
                prop_assert_eq!(&found, &expected, "{} buckets, {:?}", buckets, scratch);
            }
        }
        prop_assert!(!scratch.exists(), "scratch goes with the vault");
    }

    #[test]
    fn rows_come_out_under_the_key_that_theirs_means(
        world in worlds(),
        pairs in prop::collection::vec((0..12u64, 0..14u64), 0..8),
    ) {
        let Ok(moves) = Moves::of(pairs.iter().copied()) else {
            return Ok(()); // a tangle, which the map itself refuses
        };
        let expected = expected(&world, &moves);
        let folder = tempfile::tempdir().expect("a folder");
        let scratch = folder.path().join("scratch");
        for buckets in [1, 2, 7, 64] {
            for scratch in [None, Some(scratch.as_path())] {
                let found = opened(&filled(&world, &moves, buckets, scratch));
                prop_assert_eq!(&found, &expected, "{} buckets, {:?}", buckets, scratch);
            }
        }
    }

    #[test]
    fn every_key_means_the_last_of_its_chain_or_the_map_is_refused(
        pairs in prop::collection::vec((0..8u64, 0..8u64), 0..10),
    ) {
        let next = |key: u64| {
            let mut meant = pairs.iter().filter(|(old, new)| *old == key && new != old).map(|pair| pair.1);
            let first = meant.next();
            (first, meant.any(|other| Some(other) != first))
        };
        let forks = (0..8).any(|key| next(key).1);
        // Eight steps along eight keys come to an end, or round in a circle.
        let last = |key| (0..8).fold(key, |key, _| next(key).0.unwrap_or(key));
        let circles = (0..8).any(|key| next(last(key)).0.is_some());
        match Moves::of(pairs.iter().copied()) {
            Ok(moves) => {
                prop_assert!(!forks && !circles);
                for key in 0..8 {
                    prop_assert_eq!(moves.meant(key), last(key));
                }
            }
            Err(Tangle::Fork { key, .. }) => prop_assert!(next(key).1),
            Err(Tangle::Circle(key)) => {
                prop_assert!(!forks);
                let comes_again = (1..=8).any(|steps| (0..steps).fold(key, |key, _| next(key).0.unwrap_or(key)) == key);
                prop_assert!(next(key).0.is_some() && comes_again);
            }
        }
    }
}

/// One lot of one book, of which every row stays in scratch.
fn small() -> World {
    let rows = (0..40u64).map(|at| (at as u32, at, Some(at.to_string())));
    World {
        pieces: vec![("甲册", 0, rows.collect())],
        places: vec![Some(0)],
    }
}

/// Cuts the last byte off every file of rows.
fn damage(scratch: &Path) -> usize {
    let mut damaged = 0;
    for entry in std::fs::read_dir(scratch).expect("the scratch folder") {
        let file = entry.expect("a file").path();
        let bytes = std::fs::read(&file).expect("its bytes");
        std::fs::write(&file, &bytes[..bytes.len() - 1]).expect("room");
        damaged += 1;
    }
    damaged
}

#[test]
fn a_scratch_file_that_is_damaged_is_named_when_its_bucket_is_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let scratch = folder.path().join("scratch");
    let vault = filled(&small(), &Moves::default(), 2, Some(&scratch));
    assert!(damage(&scratch) > 0, "rows were written");
    let error = vault
        .open(0, |_, rows| Ok(rows))
        .expect_err("a byte is missing");
    let fault = error
        .downcast_ref::<Fault>()
        .expect("a fault of the machine");
    assert!(
        matches!(fault, Fault::Unreadable { file, .. } if file.contains("甲册-0-")),
        "{fault:?}"
    );
}

#[test]
fn a_scratch_file_that_is_damaged_is_named_when_rows_are_moved_out_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let scratch = folder.path().join("scratch");
    let division = Division {
        buckets: 7,
        scratch: Some(scratch.clone()),
        waiting: 1,
        ..Division::WHOLE
    };
    let filling = Filling::new(division, LABELS).expect("a folder");
    let world = small();
    filling
        .take("甲册", 0, frame(0, &world.pieces[0].2))
        .expect("room");
    assert!(damage(&scratch) > 0, "rows were written");
    let moves = Moves::of((0..20).map(|key| (key, key + 20))).expect("no tangle");
    let error = filling
        .filled(world.places, moves)
        .err()
        .expect("a byte is missing");
    let fault = error
        .downcast_ref::<Fault>()
        .expect("a fault of the machine");
    assert!(matches!(fault, Fault::Unreadable { .. }), "{fault:?}");
}

#[test]
fn a_bucket_is_opened_once_and_what_is_kept_of_it_is_read_once() {
    let folder = tempfile::tempdir().expect("a folder");
    for scratch in [None, Some(folder.path().join("scratch"))] {
        let vault = filled(&small(), &Moves::default(), 1, scratch.as_deref());
        let rows = vault.open(0, |_, rows| Ok(rows)).expect("sound").remove(0);
        vault.keep(0, rows.clone()).expect("room");
        assert!(vault.kept(0).expect("sound").equals_missing(&rows));
        assert_eq!(vault.kept(0).expect("nothing").width(), 0);
        let again = std::panic::AssertUnwindSafe(|| vault.open(0, |_, rows| Ok(rows)).is_ok());
        assert!(std::panic::catch_unwind(again).is_err(), "opened twice");
    }
}
