//! The figures in the README's table and chart: how many times as fast as a peer the codec is.

use std::fmt::Write;
use std::path::Path;

#[derive(Default)]
pub struct Figures(Vec<Figure>);

struct Figure {
    work: &'static str,
    peer: &'static str,
    factors: [f64; 2],
}

impl Figures {
    /// Adds the factors of decoding and encoding; NaN if there is none. Of several factors for the same work and peer,
    /// the lowest counts.
    pub(crate) fn add(&mut self, work: &'static str, peer: &'static str, factors: [f64; 2]) {
        match self.0.iter_mut().find(|figure| (figure.work, figure.peer) == (work, peer)) {
            Some(figure) => {
                for (lowest, factor) in figure.factors.iter_mut().zip(factors) {
                    *lowest = lowest.min(factor);
                }
            }
            None => self.0.push(Figure { work, peer, factors }),
        }
    }

    /// Writes the CSV file from which `chart.py` draws the chart.
    ///
    /// # Errors
    /// Those of writing a file.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut csv = String::from("work,peer,decode,encode\n");
        for Figure { work, peer, factors } in &self.0 {
            let [decode, encode] = factors.map(|factor| {
                if factor.is_nan() {
                    String::new()
                } else if factor < 10.0 {
                    format!("{factor:.1}")
                } else {
                    format!("{factor:.0}")
                }
            });
            let _ = writeln!(csv, "\"{work}\",\"{peer}\",{decode},{encode}");
        }
        std::fs::write(path, csv)
    }
}
