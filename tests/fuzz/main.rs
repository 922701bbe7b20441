//! Fuzz: whatever a file has become, it ends in sheets or in a refusal, without a panic, within bounds of time and memory.
//!
//! The files of the gallery are damaged by seed (`mutate`) and read as a source; cells are read as any text (`cells`). Work
//! is done by a child process with limited address space, so that what would end a process (an allocation beyond it, a
//! stack overflow, a hang) is a finding with its seed and file, and not the end of the tests.
//!
//! `CANBAO_FUZZ_SECONDS` (default 5), `CANBAO_FUZZ_SEED` (default 1: the same cases every time). `.ci/fuzz` runs it long.
//! `CANBAO_CORPUS=folder cargo test --release --test fuzz corpus -- --nocapture` reads every file of a folder instead.

mod cells;
mod chance;
mod greedy;
mod mutate;
#[path = "../reading/mod.rs"]
mod reading;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use canbao::domain::{Field, SourceKind, fault::Complaints};
use canbao::intake::{Silent, read};
use canbao::refine;
use canbao::scheme::{Hidden, Scheme};
use canbao::words::{self, Lang};
use chance::Chance;
use chrono::NaiveDate;
use tempfile::TempDir;

/// Address space of the child, in KiB: the backstop for a single huge allocation.
const ADDRESS_KIB: u64 = 8 << 20;
/// Memory that one small damaged file may take, in KiB.
const MEMORY_KIB: u64 = 400 << 10;
/// Memory that one file of a corpus, or one that asks for much, may take, in KiB.
const LARGE_MEMORY_KIB: u64 = 1 << 20;
/// Detects hangs; nothing is timed by it.
const HANG: Duration = Duration::from_secs(20);
/// Files larger than this are no small files: damage would be all in one place.
const LARGEST: u64 = 64 << 10;

#[test]
fn a_damaged_file_ends_in_sheets_or_a_refusal() {
    let seconds = setting("CANBAO_FUZZ_SECONDS", 5);
    let until = Instant::now() + Duration::from_secs(seconds);
    let scratch = TempDir::new().unwrap();
    let mut seed = setting("CANBAO_FUZZ_SEED", 1);
    let (mut cases, mut findings): (u64, BTreeMap<String, Finding>) = Default::default();
    while Instant::now() < until {
        let mut child = worker(scratch.path(), &[("CANBAO_FUZZ_FROM", seed.to_string())]);
        let left = until.saturating_duration_since(Instant::now());
        let ended = watched(&mut child, scratch.path(), left);
        let state = State::of(scratch.path());
        cases += state.cases;
        for finding in told(scratch.path()) {
            keep(&mut findings, finding);
        }
        if let Some(how) = ended {
            keep(
                &mut findings,
                Finding {
                    why: how,
                    seed: state.seed,
                    from: state.from,
                    bytes: state.bytes,
                },
            );
        }
        seed = state.seed + 1;
    }
    println!("{cases} cases, seeds up to {seed}");
    report(findings);
    assert!(cases > 20, "only {cases} cases in {seconds} s");
}

/// A finding and the smallest file that shows it.
struct Finding {
    why: String,
    seed: u64,
    from: String,
    bytes: Vec<u8>,
}

fn keep(findings: &mut BTreeMap<String, Finding>, new: Finding) {
    let smaller = findings
        .get(&new.why)
        .is_none_or(|old| new.bytes.len() < old.bytes.len());
    if smaller {
        findings.insert(new.why.clone(), new);
    }
}

/// Fails with every finding, its seed, and where its smallest file lies.
fn report(findings: BTreeMap<String, Finding>) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    let mut text = String::new();
    for finding in findings.values() {
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!(
            "{}-{}",
            finding.seed,
            finding.from.replace('/', "-")
        ));
        fs::write(&file, &finding.bytes).unwrap();
        let _ = writeln!(
            text,
            "seed {} ({}): {}\n  {}",
            finding.seed,
            finding.from,
            finding.why,
            file.display()
        );
    }
    assert!(findings.is_empty(), "{} findings\n{text}", findings.len());
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number"))
    })
}

// --- the child -----------------------------------------------------------------------------------------------------------

/// This program again, as the child that does the work.
fn worker(scratch: &Path, more: &[(&str, String)]) -> Child {
    let own = std::env::current_exe().unwrap();
    let mut command = if cfg!(unix) {
        let mut shell = Command::new("sh");
        shell
            .arg("-c")
            .arg(format!("ulimit -v {ADDRESS_KIB}; exec \"$0\" \"$@\""))
            .arg(own);
        shell
    } else {
        Command::new(own)
    };
    command.args([
        "the_child_that_does_the_work",
        "--exact",
        "--nocapture",
        "--test-threads=1",
    ]);
    command
        .env("CANBAO_FUZZ_SCRATCH", scratch)
        .envs(more.iter().map(|(name, value)| (name, value)));
    command.env("RUST_BACKTRACE", "0").stdout(Stdio::null());
    command
        .stderr(fs::File::create(scratch.join("stderr")).unwrap())
        .spawn()
        .unwrap()
}

/// Waits for the child's end, its time, or a case that does not end. Some(how) = it did not end well.
fn watched(child: &mut Child, scratch: &Path, left: Duration) -> Option<String> {
    let until = Instant::now() + left;
    let mut seen = (u64::MAX, Instant::now());
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            let last = fs::read_to_string(scratch.join("stderr")).unwrap_or_default();
            let last = last
                .lines()
                .find(|line| line.contains("allocation") || line.contains("overflow"))
                .unwrap_or("");
            return (!status.success()).then(|| format!("the process ends: {status} {last}"));
        }
        let at = State::of(scratch).cases;
        if at != seen.0 {
            seen = (at, Instant::now());
        }
        if seen.1.elapsed() > HANG {
            child.kill().unwrap();
            child.wait().unwrap();
            return Some(format!("no end after {} s", HANG.as_secs()));
        }
        if Instant::now() > until + HANG {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What the child is doing.
struct State {
    cases: u64,
    seed: u64,
    from: String,
    bytes: Vec<u8>,
}

impl State {
    fn of(scratch: &Path) -> State {
        let text = fs::read_to_string(scratch.join("state")).unwrap_or_default();
        let mut parts = text.splitn(3, '\t');
        let mut number = || parts.next().and_then(|n| n.parse().ok()).unwrap_or(0);
        let (cases, seed) = (number(), number());
        let from = parts.next().unwrap_or_default().to_owned();
        let bytes = fs::read_dir(scratch.join("inputs"))
            .ok()
            .and_then(|mut files| files.next());
        let bytes = bytes.map_or_else(Vec::new, |file| {
            fs::read(file.unwrap().path()).unwrap_or_default()
        });
        State {
            cases,
            seed,
            from,
            bytes,
        }
    }
}

/// Findings that the child could tell itself: (why, seed, from) a line, the file beside it.
fn told(scratch: &Path) -> Vec<Finding> {
    let text = fs::read_to_string(scratch.join("findings")).unwrap_or_default();
    let _ = fs::remove_file(scratch.join("findings"));
    let finding = |line: &str| {
        let mut parts = line.splitn(3, '\t');
        let seed = parts.next()?.parse().ok()?;
        let (from, why) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        let bytes = fs::read(scratch.join(format!("found-{seed}"))).unwrap_or_default();
        Some(Finding {
            why,
            seed,
            from,
            bytes,
        })
    };
    text.lines().filter_map(finding).collect()
}

/// Messages of panics in our own source, whether or not somebody caught them.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Does nothing unless a test above started it.
#[test]
fn the_child_that_does_the_work() {
    let Ok(scratch) = std::env::var("CANBAO_FUZZ_SCRATCH") else {
        return;
    };
    let scratch = PathBuf::from(scratch);
    std::panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map_or(String::new(), |at| format!("{}:{}", at.file(), at.line()));
        let what = info.payload_as_str().unwrap_or_default();
        PANICS.lock().unwrap().push(format!(
            "panic at {place}: {}",
            what.lines().next().unwrap_or_default()
        ));
    }));
    match std::env::var("CANBAO_FUZZ_FILE") {
        Ok(file) => one(&scratch, Path::new(&file)),
        Err(_) => many(&scratch),
    }
}

/// Case after case until the time is up.
fn many(scratch: &Path) {
    let until = Instant::now() + Duration::from_secs(setting("CANBAO_FUZZ_SECONDS", 5));
    let files = originals();
    let others: Vec<Vec<u8>> = files.iter().map(|(_, bytes)| bytes.clone()).collect();
    let first = setting("CANBAO_FUZZ_FROM", 1);
    let mut scheme = reading::scheme(reading::rule(SourceKind::Register));
    for seed in first.. {
        if Instant::now() > until {
            break;
        }
        let mut chance = Chance::new(seed);
        let (from, original) = chance.pick(&files);
        fs::write(
            scratch.join("state"),
            format!("{}\t{seed}\t{from}", seed - first),
        )
        .unwrap();
        set(&mut scheme, &mut chance);
        let times = 1 + chance.below(3);
        let draw = chance.below(usize::MAX) as u64;
        // The smallest damage that shows a finding is the one to look at.
        for times in 1..=times {
            let bytes = mutate::file(original, &others, times, &mut Chance::new(draw));
            if let Some(why) = tried(scratch, &bytes, &scheme, MEMORY_KIB).finding {
                tell(scratch, (seed, from), &why, &bytes);
                break;
            }
        }
        in_cells(scratch, (seed - first, seed), &scheme, &mut chance);
    }
}

fn tell(scratch: &Path, (seed, from): (u64, &str), why: &str, bytes: &[u8]) {
    fs::write(scratch.join(format!("found-{seed}")), bytes).unwrap();
    let mut log = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(scratch.join("findings"))
        .unwrap();
    writeln!(log, "{seed}\t{from}\t{}", why.replace(['\n', '\t'], " ")).unwrap();
}

/// A source and settings by chance.
fn set(scheme: &mut Scheme, chance: &mut Chance) {
    let rule = &mut scheme.sources[0];
    rule.kind = if chance.once_in(2) {
        SourceKind::Register
    } else {
        *chance.pick(SourceKind::ALL)
    };
    rule.hidden = if chance.once_in(3) {
        Hidden::SetAside
    } else {
        Hidden::Read
    };
    rule.unpivot = if chance.once_in(4) {
        vec![Field::Name, Field::Id]
    } else {
        Vec::new()
    };
}

/// Any text in a cell, twenty times. Of a case its number and its seed.
fn in_cells(scratch: &Path, (case, seed): (u64, u64), scheme: &Scheme, chance: &mut Chance) {
    for _ in 0..20 {
        let text = cells::text(chance);
        if text.len() > 1000 {
            // Long enough to hang on: then this is what hung.
            fs::write(scratch.join("inputs/file"), &text).unwrap();
            fs::write(scratch.join("state"), format!("{case}\t{seed}\tcell")).unwrap();
        }
        if catch_unwind(AssertUnwindSafe(|| cells::read(&text, scheme, chance))).is_err() {
            let why = PANICS.lock().unwrap().pop().unwrap_or_default();
            let why = format!("in a cell: {why}");
            tell(scratch, (seed, "cell"), &why, text.as_bytes());
        }
        PANICS.lock().unwrap().clear();
    }
}

/// Small files of the gallery with their names.
fn originals() -> Vec<(String, Vec<u8>)> {
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gallery");
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = fs::read_dir(&gallery)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.retain(|folder| folder.join("case.toml").is_file());
    folders.sort();
    for folder in folders {
        let mut inside: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        inside.retain(|path| fs::metadata(path).unwrap().len() <= LARGEST);
        inside.retain(|path| {
            !["case.toml", "expected.csv", "typed.csv"]
                .iter()
                .any(|own| path.ends_with(own))
        });
        inside.sort();
        for path in inside {
            let name = path
                .strip_prefix(&gallery)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            files.push((name, fs::read(&path).unwrap()));
        }
    }
    assert!(files.len() > 100, "the gallery was found");
    files
}

/// How one file ended.
struct Ended {
    outcome: String,
    took: Duration,
    /// KiB above what was used before.
    memory: u64,
    finding: Option<String>,
}

/// Reads one file, types its rows, and puts a refusal into words.
fn tried(scratch: &Path, bytes: &[u8], scheme: &Scheme, memory_limit: u64) -> Ended {
    let inputs = scratch.join("inputs");
    fs::create_dir_all(&inputs).unwrap();
    fs::write(inputs.join("file"), bytes).unwrap();
    let (before, began) = (reset_peak(), Instant::now());
    let outcome = catch_unwind(AssertUnwindSafe(|| outcome(&inputs, scheme)));
    let took = began.elapsed();
    let memory = peak().saturating_sub(before);
    let panics = std::mem::take(&mut *PANICS.lock().unwrap());
    // A dependency's panic that intake turns into a fault is a refusal; our own is a bug, caught or not.
    let ours = panics
        .iter()
        .find(|text| text.starts_with("panic at src/") || text.starts_with("panic at src\\"));
    let finding = match &outcome {
        Err(_) => Some(panics.last().cloned().unwrap_or_default()),
        Ok(_) if ours.is_some() => ours.cloned(),
        Ok(Err(why)) => Some(why.clone()),
        Ok(Ok(_)) if memory > memory_limit => {
            Some(format!("more than {} MiB of memory", memory_limit >> 10))
        }
        Ok(Ok(_)) => None,
    };
    let outcome = match outcome {
        Ok(Ok(outcome)) => outcome,
        _ => "finding".to_owned(),
    };
    Ended {
        outcome,
        took,
        memory,
        finding,
    }
}

/// `table`, or the name of the refusal or fault.
fn outcome(inputs: &Path, scheme: &Scheme) -> Result<String, String> {
    match read(scheme, inputs, &Silent) {
        Ok(sheets) => {
            let rows = refine::typed(
                sheets,
                scheme,
                NaiveDate::from_ymd_opt(2022, 3, 31).unwrap(),
            );
            rows.map_err(|e| format!("rows cannot be typed: {e}"))?
                .assert_balanced();
            Ok("table".to_owned())
        }
        Err(error) => {
            for lang in [Lang::Zh, Lang::En] {
                let (said, code) = words::error(&error, lang);
                if !said.contains("file") || !(2..=3).contains(&code) {
                    return Err(format!(
                        "a refusal that does not name its file, or of code {code}: {said}"
                    ));
                }
            }
            let text = match error.downcast_ref::<Complaints>() {
                Some(complaints) => format!("{:?}", complaints.0[0].refusal),
                None => format!("{error:?}"),
            };
            Ok(text
                .split([' ', '(', '{'])
                .next()
                .unwrap_or_default()
                .to_owned())
        }
    }
}

/// Resident memory now in KiB; the peak starts again from here. 0 where the system does not tell.
fn reset_peak() -> u64 {
    let _ = fs::write("/proc/self/clear_refs", "5");
    status("VmRSS:")
}

fn peak() -> u64 {
    status("VmHWM:")
}

fn status(name: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

// --- files of other projects ------------------------------------------------------------------------------------------------

/// Reads one file as a register and writes how it ended.
fn one(scratch: &Path, file: &Path) {
    let scheme = reading::scheme(reading::rule(SourceKind::Register));
    let ended = tried(scratch, &fs::read(file).unwrap(), &scheme, LARGE_MEMORY_KIB);
    let line = format!(
        "{}\t{}\t{}\t{}",
        ended.outcome,
        ended.took.as_millis(),
        ended.memory,
        ended.finding.unwrap_or_default()
    );
    fs::write(scratch.join("ended"), line.replace('\n', " ")).unwrap();
}

/// How a file ended that a child of its own read.
struct Seen {
    name: String,
    outcome: String,
    took_ms: u64,
    memory_mib: u64,
    finding: Option<String>,
}

fn seen(scratch: &Path, name: String, file: &Path) -> Seen {
    let _ = fs::remove_file(scratch.join("ended"));
    let mut child = worker(
        scratch,
        &[("CANBAO_FUZZ_FILE", file.to_string_lossy().into_owned())],
    );
    let ended = watched(&mut child, scratch, HANG);
    let line = fs::read_to_string(scratch.join("ended")).unwrap_or_default();
    let mut parts = line.split('\t');
    let outcome = parts
        .next()
        .filter(|text| !text.is_empty())
        .unwrap_or("finding")
        .to_owned();
    let mut number = || {
        parts
            .next()
            .and_then(|n| n.parse::<u64>().ok())
            .unwrap_or(0)
    };
    let (took_ms, memory_mib) = (number(), number() >> 10);
    let finding = ended.or(parts
        .next()
        .filter(|why| !why.is_empty())
        .map(str::to_owned));
    Seen {
        name,
        outcome,
        took_ms,
        memory_mib,
        finding,
    }
}

fn assert_all_end_well(all: &[Seen]) {
    let wrong = |seen: &Seen| {
        seen.finding
            .as_ref()
            .map(|why| format!("{}: {why}", seen.name))
    };
    let wrong: Vec<String> = all.iter().filter_map(wrong).collect();
    assert!(
        wrong.is_empty(),
        "{} of {} files:\n{}",
        wrong.len(),
        all.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_small_file_that_asks_for_much_ends_soon_and_small() {
    let scratch = TempDir::new().unwrap();
    let mut all = Vec::new();
    for (name, bytes) in greedy::files() {
        let file = scratch.path().join("greedy");
        fs::write(&file, bytes).unwrap();
        all.push(seen(scratch.path(), name.to_owned(), &file));
    }
    for Seen {
        name,
        outcome,
        took_ms,
        memory_mib,
        ..
    } in &all
    {
        println!("{memory_mib:>6} MiB {took_ms:>6} ms  {outcome:<20} {name}");
    }
    assert_all_end_well(&all);
}

/// Every file below `CANBAO_CORPUS` ends in a table or a refusal. Without it nothing is read.
#[test]
fn corpus() {
    let Ok(folder) = std::env::var("CANBAO_CORPUS") else {
        return;
    };
    let mut files = Vec::new();
    below(Path::new(&folder), &mut files);
    files.sort();
    assert!(!files.is_empty(), "no file below {folder}");
    let scratch = TempDir::new().unwrap();
    let name = |file: &PathBuf| {
        file.strip_prefix(&folder)
            .unwrap_or(file)
            .display()
            .to_string()
    };
    let mut all: Vec<Seen> = files
        .iter()
        .map(|file| seen(scratch.path(), name(file), file))
        .collect();
    let mut kinds: BTreeMap<(String, &str), u64> = BTreeMap::new();
    for seen in &all {
        let ending = Path::new(&seen.name)
            .extension()
            .map_or(String::new(), |e| e.to_string_lossy().to_lowercase());
        *kinds.entry((ending, &seen.outcome)).or_default() += 1;
    }
    let line = |s: &Seen| {
        format!(
            "{}\t{}\t{}\t{}\n",
            s.outcome, s.took_ms, s.memory_mib, s.name
        )
    };
    fs::write(
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus.tsv"),
        all.iter().map(line).collect::<String>(),
    )
    .unwrap();
    for ((ending, outcome), count) in &kinds {
        println!("{ending:<8} {outcome:<24} {count:>5}");
    }
    for by in [|seen: &Seen| seen.memory_mib, |seen: &Seen| seen.took_ms] {
        all.sort_by_key(|seen| std::cmp::Reverse(by(seen)));
        all.iter()
            .take(5)
            .for_each(|s| println!("{:>6} MiB {:>6} ms  {}", s.memory_mib, s.took_ms, s.name));
    }
    println!("{} files", all.len());
    assert_all_end_well(&all);
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            below(&path, files)
        } else {
            files.push(path)
        }
    }
}
