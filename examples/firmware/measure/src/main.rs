//! Runs the firmware in the emulator, decodes what it logs, and compares sizes and figures with budgets.
//!
//! `measure FOLDER BUDGETS`: the folder that the images were built to, and the file of budgets. It fails
//! where the firmware does, where an image can panic or allocate, and where a figure exceeds its budget or
//! has none.

use anyhow::{Context, Result, bail, ensure};
use defmt_decoder::{DecodeError, Table};
use object::elf::PT_LOAD;
use object::read::elf::{ElfFile32, ProgramHeader};
use object::{LittleEndian, Object, ObjectSection, ObjectSymbol, SectionKind};
use rustc_demangle::demangle;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

/// The images that hold the codec, as what is in them.
const IMAGES: [(&str, &str); 3] = [
    ("size_three_packets", "three_packets"),
    ("size_one_version", "one_version"),
    ("size_all_versions", "all_versions"),
];
const BASELINE: &str = "size_baseline";
const REPLAY: &str = "replay";

/// How the emulator runs an image: an instruction takes 2⁸ ns of its clock, whatever it is.
const EMULATOR: [&str; 13] = [
    "timeout",
    "120",
    "qemu-system-arm",
    "-machine",
    "lm3s6965evb",
    "-nographic",
    "-monitor",
    "none",
    "-serial",
    "none",
    "-semihosting-config",
    "enable=on,target=native",
    "-icount",
];
const ICOUNT: &str = "shift=8";

type Figures = BTreeMap<String, u64>;

fn main() -> Result<ExitCode> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [folder, budgets] = &arguments[..] else { bail!("usage: measure FOLDER BUDGETS") };
    let folder = Path::new(folder);

    let mut figures = Figures::new();
    let (flash, ram) = sizes(&folder.join(BASELINE))?;
    for (image, name) in IMAGES {
        let (own_flash, own_ram) = sizes(&folder.join(image))?;
        figures.insert(format!("{name}.flash"), own_flash.saturating_sub(flash));
        figures.insert(format!("{name}.ram"), own_ram.saturating_sub(ram));
        run(&folder.join(image), &mut figures)?;
    }
    run(&folder.join(REPLAY), &mut figures)?;

    let mut is_well = compare(&figures, &read_budgets(Path::new(budgets))?);
    for image in IMAGES.map(|(image, _)| image).into_iter().chain([BASELINE, REPLAY]) {
        let unwanted = unwanted(&folder.join(image))?;
        if unwanted.is_empty() {
            println!("{image}: nothing in it can panic or allocate");
        } else {
            println!("FAILED: {image} can panic or allocate: {}", unwanted.join(", "));
            is_well = false;
        }
    }
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How many bytes an image takes in flash, and how many in RAM without the stack.
fn sizes(path: &Path) -> Result<(u64, u64)> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let elf = ElfFile32::<LittleEndian>::parse(&*bytes)?;
    let flash = elf
        .elf_program_headers()
        .iter()
        .filter(|segment| segment.p_type(LittleEndian) == PT_LOAD)
        .map(|segment| u64::from(segment.p_filesz(LittleEndian)))
        .sum();
    let ram = elf
        .sections()
        .filter(|section| matches!(section.kind(), SectionKind::Data | SectionKind::UninitializedData))
        .map(|section| section.size())
        .sum();
    Ok((flash, ram))
}

/// What in an image says that it may panic or allocate.
///
/// The linker leaves out what nothing reaches. So where nothing can panic, neither `core::panicking` nor
/// the handler that it ends in is there, whoever might have called them.
fn unwanted(path: &Path) -> Result<Vec<String>> {
    let bytes = fs::read(path)?;
    let elf = ElfFile32::<LittleEndian>::parse(&*bytes)?;
    let names: Vec<_> = elf.symbols().filter_map(|symbol| symbol.name().ok()).collect();
    ensure!(names.contains(&"Reset"), "FAILED: {}: an image without symbols", path.display());
    let is_unwanted = |name: &&str| {
        ["core9panicking", "rust_begin_unwind", "__rust_alloc"].iter().any(|part| name.contains(part))
    };
    Ok(names.into_iter().filter(is_unwanted).map(|name| format!("{:#}", demangle(name))).collect())
}

/// Runs an image to its end, shows what it logs, and takes the figures out of it.
fn run(path: &Path, figures: &mut Figures) -> Result<()> {
    let elf = fs::read(path)?;
    let table = Table::parse(&elf)?.context("an image without defmt's table")?;
    let output = Command::new(EMULATOR[0])
        .args(&EMULATOR[1..])
        .args([ICOUNT, "-kernel"])
        .arg(path)
        .stdin(Stdio::null())
        .output()
        .context("qemu-system-arm")?;

    let mut decoder = table.new_stream_decoder();
    decoder.received(&output.stdout);
    let mut logs = 0;
    loop {
        match decoder.decode() {
            Ok(frame) => {
                logs += 1;
                let message = frame.display_message().to_string();
                match message.strip_prefix("figure ").and_then(|figure| figure.split_once(' ')) {
                    Some((name, value)) => {
                        figures.insert(name.to_owned(), value.parse()?);
                    }
                    None => println!("{}: {message}", path.file_name().unwrap_or_default().display()),
                }
            }
            Err(DecodeError::UnexpectedEof) => break,
            Err(DecodeError::Malformed) => bail!("{}: a log that can't be decoded", path.display()),
        }
    }
    ensure!(
        output.status.success(),
        "FAILED: {}: {}\n{}",
        path.display(),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    ensure!(logs > 0, "FAILED: {}: it logged nothing", path.display());
    Ok(())
}

/// The budgets: a table for each set of versions and packets.
fn read_budgets(path: &Path) -> Result<Figures> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let tables: BTreeMap<String, Figures> = toml::from_str(&text)?;
    let flat = |(table, rows): (String, Figures)| {
        rows.into_iter().map(move |(name, value)| (format!("{table}.{name}"), value))
    };
    Ok(tables.into_iter().flat_map(flat).collect())
}

/// Prints each figure beside its budget; whether all are within.
fn compare(figures: &Figures, budgets: &Figures) -> bool {
    let mut is_well = true;
    println!("\n{:44} {:>8} {:>8}", "", "figure", "budget");
    for (name, figure) in figures {
        match budgets.get(name) {
            Some(budget) => println!("{name:44} {figure:8} {budget:8}"),
            None => println!("{name:44} {figure:8}"),
        }
    }
    println!();
    for (name, budget) in budgets {
        match figures.get(name) {
            Some(figure) if figure <= budget => {}
            Some(figure) => {
                println!("FAILED: {name} is {figure}, and the budget is {budget}");
                is_well = false;
            }
            None => {
                println!("FAILED: {name} has a budget, and nothing measures it");
                is_well = false;
            }
        }
    }
    for name in figures.keys().filter(|name| !budgets.contains_key(*name)) {
        println!("FAILED: {name} has no budget");
        is_well = false;
    }
    is_well
}
