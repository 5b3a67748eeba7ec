//! Runs the firmware in the emulator, decodes its log, and compares sizes and measurements with budgets.
//!
//! `measure FOLDER BUDGETS` takes the folder with the images and the file with the budgets. It fails if the firmware fails,
//! if an image can panic or allocate, and if a figure exceeds its budget or has none.

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

/// The images with the codec, and the names of their budgets.
const IMAGES: [(&str, &str); 3] = [
    ("size_three_packets", "three_packets"),
    ("size_one_version", "one_version"),
    ("size_all_versions", "all_versions"),
];
const BASELINE: &str = "size_baseline";
const REPLAY: &str = "replay";

/// The command of the emulator. Each instruction takes 2⁸ ns of its clock.
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

    let mut is_within = compare(&figures, &read_budgets(Path::new(budgets))?);
    for image in IMAGES.map(|(image, _)| image).into_iter().chain([BASELINE, REPLAY]) {
        let unwanted = unwanted(&folder.join(image))?;
        if unwanted.is_empty() {
            println!("{image} cannot panic or allocate");
        } else {
            println!("FAILED: {image} can panic or allocate: {}", unwanted.join(", "));
            is_within = false;
        }
    }
    Ok(if is_within { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The bytes of an image in flash, and in RAM without the stack.
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

/// The symbols in an image that show that it may panic or allocate.
///
/// The linker removes unreachable functions, so an image that cannot panic contains neither `core::panicking` nor the panic
/// handler.
fn unwanted(path: &Path) -> Result<Vec<String>> {
    let bytes = fs::read(path)?;
    let elf = ElfFile32::<LittleEndian>::parse(&*bytes)?;
    let names: Vec<_> = elf.symbols().filter_map(|symbol| symbol.name().ok()).collect();
    ensure!(
        names.contains(&"Reset"),
        "FAILED: {}: the image has no symbols; build it with debug information",
        path.display()
    );
    let is_unwanted = |name: &&str| {
        ["core9panicking", "rust_begin_unwind", "__rust_alloc"].iter().any(|part| name.contains(part))
    };
    Ok(names.into_iter().filter(is_unwanted).map(|name| format!("{:#}", demangle(name))).collect())
}

/// Runs an image, prints its log, and collects the figures in it.
fn run(path: &Path, figures: &mut Figures) -> Result<()> {
    let elf = fs::read(path)?;
    let table = Table::parse(&elf)?.context("the image has no defmt table; link it with defmt.x")?;
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
            Err(DecodeError::Malformed) => bail!("{}: the log is malformed", path.display()),
        }
    }
    ensure!(
        output.status.success(),
        "FAILED: {}: {}\n{}",
        path.display(),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    ensure!(logs > 0, "FAILED: {}: the log is empty", path.display());
    Ok(())
}

/// Reads the budgets: a table for each image.
fn read_budgets(path: &Path) -> Result<Figures> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let tables: BTreeMap<String, Figures> = toml::from_str(&text)?;
    let flat = |(table, rows): (String, Figures)| {
        rows.into_iter().map(move |(name, value)| (format!("{table}.{name}"), value))
    };
    Ok(tables.into_iter().flat_map(flat).collect())
}

/// Prints each figure with its budget. Returns whether all are within their budgets.
fn compare(figures: &Figures, budgets: &Figures) -> bool {
    let mut is_within = true;
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
                println!("FAILED: {name} is {figure}, above its budget of {budget}");
                is_within = false;
            }
            None => {
                println!("FAILED: {name} has a budget but was not measured");
                is_within = false;
            }
        }
    }
    for name in figures.keys().filter(|name| !budgets.contains_key(*name)) {
        println!("FAILED: {name} has no budget; add one to budgets.toml");
        is_within = false;
    }
    is_within
}
