//! Packets as indented text.

use anstyle::{AnsiColor, Color, Reset, Style};
use lobbywire::wire::{Observer, Step, Value};
use std::borrow::Cow;
use std::fmt::Write;
use std::io::{self, IsTerminal, stdout};

/// The colours of the output, or none.
#[derive(Clone, Copy, Default)]
pub(crate) struct Palette {
    pub(crate) heading: Style,
    pub(crate) name: Style,
    pub(crate) faint: Style,
    pub(crate) wrong: Style,
    pub(crate) reset: Ending,
}

/// Resets the colour, if colours are used.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ending(bool);

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 { Reset.render().fmt(f) } else { Ok(()) }
    }
}

impl Palette {
    /// Colours if standard output is a terminal and `NO_COLOR` is not set.
    pub(crate) fn for_stdout() -> Self {
        if !stdout().is_terminal() || std::env::var_os("NO_COLOR").is_some() {
            return Self::default();
        }
        let colour = |colour| Style::new().fg_color(Some(Color::Ansi(colour)));
        Self {
            heading: Style::new().bold(),
            name: colour(AnsiColor::Cyan),
            faint: Style::new().dimmed(),
            wrong: colour(AnsiColor::Red),
            reset: Ending(true),
        }
    }
}

/// Formats a value; enums and flags with their names.
pub(crate) fn show(value: Value<'_>) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(value) => if value { "yes" } else { "no" }.to_owned(),
        Value::Int(value) => value.to_string(),
        Value::UInt(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Bytes(bytes) => hex(bytes),
        Value::Enum(number, Some(name)) => format!("{name} ({number})"),
        Value::Enum(number, None) => number.to_string(),
        Value::Flags(0, _) => "none (0)".to_owned(),
        Value::Flags(bits, names) => {
            let known: Vec<_> =
                names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
            let unnamed = names.iter().fold(bits, |bits, (bit, _)| bits & !bit);
            let mut text = known.join(" + ");
            if unnamed != 0 {
                let plus = if known.is_empty() { "" } else { " + " };
                let _ = write!(text, "{plus}{unnamed:#x}");
            }
            format!("{text} ({bits})")
        }
        Value::List(1) => "1 element".to_owned(),
        Value::List(len) => format!("{len} elements"),
        other => format!("{other:?}"),
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Writes a packet as an indented tree. Fields that a layout stores apart, such as the parts of a slot, are grouped.
pub(crate) struct TextWriter {
    palette: Palette,
    root: Node,
    path: Vec<Step>,
}

/// A field with a value, with nested fields, or with both: the value of a list is its length.
#[derive(Default)]
struct Node {
    value: Option<String>,
    fields: Vec<(Name, Node)>,
}

/// The name of a node.
#[derive(PartialEq)]
enum Name {
    Field(Cow<'static, str>),
    Element(usize),
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // Received names may contain control characters.
            Self::Field(name) => name.escape_debug().fmt(f),
            Self::Element(index) => index.fmt(f),
        }
    }
}

impl Node {
    /// Returns the field or element of this name, and creates it if necessary.
    fn field(&mut self, name: Name) -> &mut Self {
        let known = match name {
            // A search would take quadratic time for long lists.
            Name::Element(index) => Some(index).filter(|index| *index < self.fields.len()),
            Name::Field(_) => self.fields.iter().position(|(known, _)| *known == name),
        };
        let index = known.unwrap_or_else(|| {
            self.fields.push((name, Self::default()));
            self.fields.len() - 1
        });
        &mut self.fields[index].1
    }

    /// The tree of a JSON value.
    fn of_json(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;

        let value = match json {
            Json::Null => show(Value::Null),
            Json::Bool(flag) => show(Value::Bool(*flag)),
            Json::Number(number) => number.to_string(),
            Json::String(text) => show(Value::Text(text)),
            Json::Array(items) => show(Value::List(items.len())),
            Json::Object(members) if members.is_empty() => "{}".to_owned(),
            Json::Object(_) => String::new(),
        };
        let fields = match json {
            Json::Array(items) => {
                let named = |(index, item)| (Name::Element(index), Self::of_json(item));
                items.iter().enumerate().map(named).collect()
            }
            Json::Object(members) => members
                .iter()
                .map(|(name, member)| (Name::Field(name.clone().into()), Self::of_json(member)))
                .collect(),
            _ => Vec::new(),
        };
        Self { value: Some(value).filter(|value| !value.is_empty()), fields }
    }

    /// Whether all fields are values.
    fn is_flat(&self) -> bool {
        !self.fields.is_empty() && self.fields.iter().all(|(_, field)| field.fields.is_empty())
    }

    fn write(
        &self,
        palette: Palette,
        out: &mut impl io::Write,
        depth: usize,
        in_list: bool,
    ) -> io::Result<()> {
        let Palette { name: colour, reset, .. } = palette;
        let indent = 2 * depth;
        for (name, field) in &self.fields {
            let value = field.value.as_deref().unwrap_or_default();
            if in_list && field.is_flat() {
                let parts: Vec<_> = field
                    .fields
                    .iter()
                    .map(|(name, part)| {
                        format!("{colour}{name}{reset} {}", part.value.as_deref().unwrap_or_default())
                    })
                    .collect();
                writeln!(out, "{:indent$}{colour}{name}{reset}: {}", "", parts.join(", "))?;
                continue;
            }
            let space = if value.is_empty() { "" } else { " " };
            writeln!(out, "{:indent$}{colour}{name}{reset}:{space}{value}", "")?;
            let is_list = matches!(field.fields.first(), Some((Name::Element(_), _)));
            field.write(palette, out, depth + 1, is_list)?;
        }
        Ok(())
    }
}

/// Writes a message as text: its title, its length and its members.
pub(crate) fn message<'m>(
    palette: Palette,
    title: &str,
    len: usize,
    members: impl Iterator<Item = (&'m String, &'m serde_json::Value)>,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let Palette { heading, faint, reset, .. } = palette;
    writeln!(out, "{heading}{}{reset} {faint}{len} bytes{reset}", title.escape_debug())?;
    let fields = members.map(|(name, member)| (Name::Field(name.clone().into()), Node::of_json(member)));
    Node { value: None, fields: fields.collect() }.write(palette, out, 1, false)
}

impl TextWriter {
    pub(crate) fn new(palette: Palette) -> Self {
        Self { palette, root: Node::default(), path: Vec::new() }
    }

    /// Writes the tree.
    pub(crate) fn finish(self, out: &mut impl io::Write) -> io::Result<()> {
        if let Some(value) = &self.root.value {
            writeln!(out, "  {value}")?;
        }
        self.root.write(self.palette, out, 1, false)
    }
}

impl Observer for TextWriter {
    fn begin(&mut self, name: &'static str, _: usize) {
        self.path.push(Step::Field(name));
    }

    fn begin_element(&mut self, index: usize, _: usize) {
        self.path.push(Step::Element(index));
    }

    fn value(&mut self, _: usize, _: usize, value: Value<'_>) {
        let mut node = &mut self.root;
        for step in &self.path {
            match *step {
                Step::Field(names) => {
                    for name in names.split('.') {
                        node = node.field(Name::Field(name.into()));
                    }
                }
                Step::Element(index) => node = node.field(Name::Element(index)),
            }
        }
        node.value = Some(show(value));
    }

    fn detail(&mut self, _: &'static str, _: usize, _: usize, _: Value<'_>) {}

    fn end(&mut self) {
        self.path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_formatted_with_names_and_unnamed_bits() {
        const NAMES: &[(u32, &str)] = &[(1, "One"), (2, "Two")];
        assert_eq!(show(Value::Flags(0, NAMES)), "none (0)");
        assert_eq!(show(Value::Flags(3, NAMES)), "One + Two (3)");
        assert_eq!(show(Value::Flags(0x12, NAMES)), "Two + 0x10 (18)");
        assert_eq!(show(Value::Flags(0x10, NAMES)), "0x10 (16)");
    }
}
