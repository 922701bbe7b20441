//! One xlsx of payments, read by canbao and by calamine's bare cell reader: seconds, cells a second, and the ratio.
//!
//! `cargo bench --bench intake -- [--rows 1000000] [--runs 3] [--keep FILE]`
//!
//! Not a timed test: nothing fails when it is slow. `--keep` makes the workbook there once and reads it again next time.
//! Both readers run on the cores that `RAYON_NUM_THREADS` leaves them; calamine uses one.

use std::fs::{self, File};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use calamine::{DataRef, Reader, Xlsx};
use canbao::domain::SourceKind;
use canbao::{intake, scheme};
use rust_xlsxwriter::{Format, Workbook};

/// As the program itself: figures of another allocator would say nothing.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const HEADERS: [&str; 12] = [
    "序号",
    "姓名",
    "身份证号",
    "乡镇",
    "村",
    "险种类型",
    "缴费年度",
    "个人缴费金额",
    "财政资助金额",
    "缴费日期",
    "缴费凭证号",
    "备注",
];

/// What is typed behind the name of the bench.
struct Asked {
    rows: u32,
    runs: u32,
    /// Where the workbook stays, and is taken from where it is there already.
    keep: Option<PathBuf>,
}

impl Asked {
    fn typed() -> Result<Asked> {
        let mut asked = Asked {
            rows: 1_000_000,
            runs: 3,
            keep: None,
        };
        let mut typed = std::env::args().skip(1).filter(|word| word != "--bench");
        while let Some(option) = typed.next() {
            let value = typed.next();
            let value = value.with_context(|| format!("{option} has no value"))?;
            match option.as_str() {
                "--rows" => asked.rows = value.parse()?,
                "--runs" => asked.runs = value.parse()?,
                "--keep" => asked.keep = Some(PathBuf::from(value)),
                other => bail!("no option {other}"),
            }
        }
        Ok(asked)
    }
}

fn main() -> Result<()> {
    let Asked { rows, runs, keep } = Asked::typed()?;
    let scratch = tempfile::tempdir()?;
    let inputs = scratch.path().join("inputs");
    fs::create_dir(&inputs)?;
    let kept = keep.unwrap_or_else(|| scratch.path().join("kept.xlsx"));
    if !kept.exists() {
        write(&kept, rows)?;
    }
    fs::copy(&kept, inputs.join("缴费明细.xlsx"))?;
    for _ in 0..runs {
        let began = Instant::now();
        let cells = bare(&kept)?;
        let bare = began.elapsed().as_secs_f64();
        let began = Instant::now();
        let read = ours(&inputs)?;
        let ours = began.elapsed().as_secs_f64();
        let million = cells as f64 / 1e6;
        println!(
            "{million:.1} M cells, {read} rows: calamine {bare:.2} s, canbao {ours:.2} s ({:.2} M cells/s), ratio {:.3}",
            million / ours,
            ours / bare
        );
    }
    Ok(())
}

/// Every cell, looked at and forgotten.
fn bare(file: &Path) -> Result<u64> {
    let bytes = fs::read(file)?;
    let mut workbook = Xlsx::new(Cursor::new(&bytes[..]))?;
    let sheet = workbook.sheet_names().remove(0);
    let mut reader = workbook.worksheet_cells_reader(&sheet)?;
    let mut cells = 0;
    while let Some(cell) = reader.next_cell()? {
        cells += u64::from(!matches!(cell.get_value(), DataRef::Empty));
    }
    Ok(cells)
}

fn ours(inputs: &Path) -> Result<u64> {
    let mut scheme =
        scheme::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/xiangtan-2022.toml"))?;
    scheme
        .sources
        .retain(|rule| rule.kind == SourceKind::Payments);
    scheme
        .sources
        .iter_mut()
        .for_each(|rule| rule.files = vec!["*.xlsx".to_owned()]);
    Ok(intake::read(&scheme, inputs, &intake::Silent)?
        .iter()
        .map(|sheet| sheet.table.height() as u64)
        .sum())
}

fn write(file: &Path, rows: u32) -> Result<()> {
    let mut workbook = Workbook::new();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let sheet = workbook.add_worksheet_with_low_memory()?;
    sheet.write_row(0, 0, HEADERS)?;
    for row in 1..=rows {
        let n = u64::from(row);
        sheet.write_number(row, 0, f64::from(row))?;
        sheet.write_string(
            row,
            1,
            ["张三", "李四", "王五六", "欧阳测试"][row as usize % 4],
        )?;
        sheet.write_string(
            row,
            2,
            format!("430321{:012}", n * 7_919 % 1_000_000_000_000),
        )?;
        sheet.write_string(row, 3, format!("第{}镇", n % 17))?;
        sheet.write_string(row, 4, format!("第{}村", n % 311))?;
        sheet.write_string(row, 5, "城乡居民基本医疗保险")?;
        sheet.write_number(row, 6, 2022.0)?;
        sheet.write_number(row, 7, 320.0)?;
        sheet.write_number(row, 8, 160.0)?;
        sheet.write_number_with_format(row, 9, f64::from(44_440 + row % 180), &day)?;
        sheet.write_string(row, 10, format!("3430{:014}", n * 104_729))?;
        sheet.write_string(row, 11, "正常缴费")?;
    }
    workbook.save_to_writer(File::create(file)?)?;
    Ok(())
}
