use std::io::Cursor;

use polars::prelude::{DataFrame, IntoLazy, concat};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

use super::super::{Contents, Part, RunInfo};
use super::*;
use crate::words::Lang;
use crate::words::fixture::{facts, scheme};

fn text(bytes: anyhow::Result<Vec<u8>>) -> String {
    String::from_utf8(bytes.unwrap()).unwrap()
}

#[test]
fn coverage_is_written_to_the_letter() {
    let head = "\u{feff}level,code,name,parent,register,population,task,floor,last_year,registered,registered_resident,\
        registered_employee,pending,deceased,local-employee,local-resident,elsewhere-employee,elsewhere-resident,military,prison,\
        unreachable,declined,other,in-transit,uninsured,insured,settled,rate_strict,rate_settled,rate_register,rate_population,rate_task,\
        target_met,missing,rank";
    let rows = [
        "county,430321,湘潭县,4303,3,7,7,,,6,5,1,0,0,0,2,0,0,0,0,0,0,0,0,1,2,2,0.666667,0.666667,0.666667,0.857143,0.714286,false,1,",
        "township,430321100,易俗河镇,430321,2,5,5,,,5,4,1,0,0,0,2,0,0,0,0,0,0,0,0,0,2,2,1.000000,1.000000,1.000000,1.000000,0.800000,true,0,1",
        "township,430321101,谭家山镇,430321,1,2,2,,,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,0.000000,0.000000,0.000000,0.000000,0.000000,false,2,2",
        "township,,其他,430321,0,,,,,1,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,,,,,,,,",
    ];
    let expected = format!("{head}\n{}\n", rows.join("\n"));
    assert_eq!(text(regions::coverage(&facts(), &scheme())), expected);
}

#[test]
fn the_bridge_has_every_line_of_every_region_that_has_a_code() {
    let bridge = text(regions::bridge(&facts()));
    let lines: Vec<&str> = bridge.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "code,line,persons",
            "430321,registered,6",
            "430321,unusable,0"
        ]
    );
    assert_eq!(lines.len(), 1 + 3 * crate::measure::BridgeLine::COUNT);
}

#[test]
fn sources_stand_in_the_order_of_the_books_and_checks_say_what_they_lacked() {
    let sources = text(runs::sources(&facts()));
    let expected = "source,file,sheet,sha256,encoding,rows_read,blank,heading,note,total,hidden,too-long,superseded,void,not-arrived,repeated,other-year,\
        other-scheme,after-as-of,reversed,id-unusable,used\n\
        register,底册.csv,,ab,UTF-8,4,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,3\n\
        payments,缴费.csv,,ab,UTF-8,5,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,5\n";
    assert_eq!(sources, expected);
    let checks = text(runs::checks(&facts()));
    assert!(
        checks.starts_with("check,ran,why_not,rows\nid-missing,true,,0\n"),
        "{checks}"
    );
    assert!(
        checks.contains("\ndeceased-paid,false,no-source:payments|no-source:deaths,0\n"),
        "{checks}"
    );
    let funding = text(runs::funding(&facts()));
    assert_eq!(
        funding,
        "payer,category,region_code,persons,fen\n县医保局,低保对象,430321100,1,16000\n"
    );
}

fn parquet(frame: &DataFrame) -> Vec<u8> {
    let mut bytes = Vec::new();
    frames::parquet(&frame.clone().into(), &mut bytes).unwrap();
    bytes
}

fn read_back(bytes: &[u8]) -> DataFrame {
    ParquetReader::new(Cursor::new(bytes.to_vec()))
        .finish()
        .unwrap()
}

/// A disk with so many bytes left.
struct Disk(usize);

impl std::io::Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self
            .0
            .checked_sub(bytes.len())
            .ok_or(std::io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_list_of_several_batches_comes_back_whole_and_a_full_disk_ends_it() {
    let numbers: Vec<u32> = (0..700_000).collect();
    let long = polars::prelude::df!("row" => numbers).unwrap();
    assert!(read_back(&parquet(&long)).equals(&long));
    for bytes in [0, 100_000, 1_200_000] {
        assert!(
            frames::parquet(&long.clone().into(), &mut Disk(bytes)).is_err(),
            "{bytes}"
        );
    }
}

#[test]
fn lists_come_back_as_they_were_and_chunks_do_not_show_in_the_bytes() {
    let whole = facts().findings.frame().unwrap();
    assert!(read_back(&parquet(&whole)).equals_missing(&whole));
    let twice = concat(
        [whole.clone().lazy(), whole.clone().lazy()],
        Default::default(),
    )
    .unwrap()
    .collect()
    .unwrap();
    let mut one_chunk = twice.clone();
    one_chunk.rechunk_mut_par();
    let mut chunked = read_back(&parquet(&twice)).head(Some(1));
    chunked.vstack_mut(&whole).unwrap();
    assert_eq!(parquet(&chunked), parquet(&one_chunk));
}

#[test]
fn the_same_facts_give_the_same_bytes_in_any_language_and_at_any_time_but_for_the_run_object() {
    let (facts, scheme) = (facts(), scheme());
    let early = RunInfo {
        started: Some("2022-03-31T08:00:00".into()),
        inputs_folder: "a".into(),
        region: None,
        documents: Part::All,
    };
    let late = RunInfo {
        started: None,
        inputs_folder: "b".into(),
        region: None,
        documents: Part::All,
    };
    let bytes = |lang, run| -> Vec<(String, Vec<u8>)> {
        let documents = documents(Contents {
            facts: &facts,
            scheme: &scheme,
            lang,
            run,
        });
        documents
            .iter()
            .map(|d| (d.path.clone(), d.bytes().unwrap()))
            .collect()
    };
    for ((path, first), (_, second)) in bytes(Lang::Zh, &early)
        .into_iter()
        .zip(bytes(Lang::En, &late))
    {
        assert!(!first.is_empty(), "{path}");
        if path != "manifest.json" {
            assert_eq!(first, second, "{path}");
            continue;
        }
        let [mut first, mut second] = [first, second]
            .map(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).unwrap());
        assert_eq!(first["run"]["inputs_folder"], "a");
        assert_eq!(first["counts"]["fates"]["used"], 8);
        assert_eq!(first["counts"]["findings"]["uninsured"], 1_204);
        assert_eq!(first["counts"]["cases"]["eligible_fen"], 32_000);
        for manifest in [&mut first, &mut second] {
            manifest["run"].take();
        }
        assert_eq!(first, second);
    }
}

#[test]
fn no_cell_of_a_csv_begins_a_formula_and_numbers_stay_numbers() {
    // the cell; what stands in the file
    for (cell, written) in [
        (
            "=HYPERLINK(\"http:x\",1).csv",
            "'=HYPERLINK(\"http:x\",1).csv",
        ),
        ("=1+cmd_A0", "'=1+cmd_A0"),
        ("+1", "'+1"),
        ("@x.csv", "'@x.csv"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        ("-", "'-"),
        ("-2+3", "'-2+3"),
        ("-1.", "'-1."),
        ("--5", "'--5"),
        ("-5", "-5"),
        ("-0.25", "-0.25"),
        ("", ""),
        ("'", "'"),
        ("甲镇", "甲镇"),
        ("a=b", "a=b"),
    ] {
        assert_eq!(super::harmless(cell.to_owned()), written, "{cell:?}");
    }
}

#[test]
fn names_of_files_and_sheets_begin_no_formula_in_sources_csv() {
    let mut facts = facts();
    facts.origins[0].file = "=HYPERLINK(\"http:x\",1).csv".into();
    facts.origins[0].sheet = "@x".into();
    let text = String::from_utf8(runs::sources(&facts).unwrap()).unwrap();
    assert!(
        text.contains(",\"'=HYPERLINK(\"\"http:x\"\",1).csv\",'@x,"),
        "{text}"
    );
}
