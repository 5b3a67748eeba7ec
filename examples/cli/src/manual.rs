//! `lobbywire completions` and `lobbywire man`: both are generated from the options.

use crate::output::Output;
use clap::Command;
use clap_complete::{Shell, generate};
use clap_mangen::Man;
use std::io::{Result, Write};

/// Writes a script that completes the command line in this shell.
pub(crate) fn completions(shell: Shell, mut command: Command, out: &mut Output) {
    generate(shell, &mut command, "lobbywire", out);
}

/// Writes a manual page of all commands.
pub(crate) fn page(mut command: Command, out: &mut Output) -> Result<()> {
    command.build();
    let mut text = Vec::new();
    let man = Man::new(command.clone()).title("LOBBYWIRE");
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    for family in command.get_subcommands().filter(|family| family.get_name() != "help") {
        if !family.has_subcommands() {
            section(family, &mut text)?;
        }
        for leaf in family.get_subcommands().filter(|leaf| leaf.get_name() != "help") {
            section(leaf, &mut text)?;
        }
    }
    if let Some(examples) = examples_of(&command) {
        write!(text, ".SH EXAMPLES\n{examples}")?;
    }
    // Each part defines the apostrophe again.
    let definition = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";
    let text = String::from_utf8_lossy(&text).replace(definition, "");
    write!(out, "{definition}{text}")
}

/// Writes the section of a subcommand.
fn section(command: &Command, out: &mut Vec<u8>) -> Result<()> {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_uppercase();
    let mut text = Vec::new();
    let man = Man::new(command.clone());
    man.render_description_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_options_section(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    // The sections of a page of its own become parts of one.
    let text = text.replacen(".SH DESCRIPTION\n", "", 1).replace("\n.SH ", "\n.SS ");
    write!(out, ".SH \"{name}\"\n{text}")?;
    if let Some(examples) = examples_of(command) {
        write!(out, ".SS EXAMPLES\n{examples}")?;
    }
    Ok(())
}

/// The examples of a command as unfilled lines.
fn examples_of(command: &Command) -> Option<String> {
    let help = command.get_after_help()?.to_string();
    let lines = help.lines().filter(|line| line.starts_with(' '));
    let lines: String = lines.map(|line| format!("{}\n", line.trim_start().replace('\\', "\\e"))).collect();
    Some(format!(".nf\n{lines}.fi\n"))
}
