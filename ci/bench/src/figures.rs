//! The figures of `docs/performance.csv`, from which `chart.py` draws the README's chart.

use std::fmt::Write;
use std::io;
use std::sync::Mutex;

static ROWS: Mutex<Vec<Row>> = Mutex::new(Vec::new());

struct Row {
    work: String,
    peer: &'static str,
    /// How many times as fast decoding and encoding are.
    factors: [Option<f64>; 2],
}

/// What was measured.
#[derive(Clone, Copy)]
pub(crate) enum Direction {
    Decode,
    Encode,
}

/// Records how many times as fast as `peer` some work is. If a row is recorded several times, the lowest factor counts.
pub(crate) fn record(work: &str, peer: &'static str, direction: Direction, factor: f64) {
    let mut rows = ROWS.lock().expect("no panic while recording");
    let index = rows.iter().position(|row| row.work == work && row.peer == peer).unwrap_or_else(|| {
        rows.push(Row { work: work.to_owned(), peer, factors: [None; 2] });
        rows.len() - 1
    });
    let slot = &mut rows[index].factors[direction as usize];
    *slot = Some(slot.map_or(factor, |lowest| lowest.min(factor)));
}

/// Writes the recorded figures as CSV.
pub(crate) fn save(path: &str) -> io::Result<()> {
    let mut csv = String::from("work,peer,decode,encode\n");
    for Row { work, peer, factors } in ROWS.lock().expect("no panic while recording").iter() {
        let [decode, encode] = factors.map(|factor| factor.map_or_else(String::new, significant));
        let _ = writeln!(csv, "\"{work}\",\"{peer}\",{decode},{encode}");
    }
    std::fs::write(path, csv)
}

/// Small factors with one decimal place, others as integers.
fn significant(factor: f64) -> String {
    if factor < 10.0 { format!("{factor:.1}") } else { format!("{factor:.0}") }
}
