//! Measures competing pieces of work in turns, so that noise affects all of them.

use std::time::{Duration, Instant};

const ROUNDS: usize = 40;
const ROUND: Duration = Duration::from_millis(10);

#[derive(Default)]
pub(crate) struct Clock<'w> {
    rows: Vec<Row<'w>>,
}

struct Row<'w> {
    name: &'static str,
    units: f64,
    work: Box<dyn FnMut() -> u64 + 'w>,
    best: f64,
}

/// The result of a piece of work, which keeps the compiler from removing it.
pub(crate) trait Outcome {
    fn sum(self) -> u64;
}

impl Outcome for () {
    fn sum(self) -> u64 {
        0
    }
}

impl Outcome for u64 {
    fn sum(self) -> u64 {
        self
    }
}

impl<'w> Clock<'w> {
    /// Adds work that processes `units` units.
    pub(crate) fn measure<O: Outcome>(
        &mut self,
        name: &'static str,
        units: f64,
        mut work: impl FnMut() -> O + 'w,
    ) {
        self.rows.push(Row { name, units, work: Box::new(move || work().sum()), best: f64::INFINITY });
    }

    /// Runs all work in turns. The best round of each counts.
    pub(crate) fn run(&mut self) {
        let repeats: Vec<u32> = self
            .rows
            .iter_mut()
            .map(|row| {
                let start = Instant::now();
                let mut count = 0u32;
                while start.elapsed() < ROUND {
                    std::hint::black_box((row.work)());
                    count += 1;
                }
                count.max(1)
            })
            .collect();
        for _ in 0..ROUNDS {
            for (row, repeats) in self.rows.iter_mut().zip(&repeats) {
                let start = Instant::now();
                for _ in 0..*repeats {
                    std::hint::black_box((row.work)());
                }
                let nanoseconds = start.elapsed().as_nanos() as f64 / f64::from(*repeats) / row.units;
                row.best = row.best.min(nanoseconds);
            }
        }
    }

    /// The best time per unit, in nanoseconds.
    pub(crate) fn of(&self, name: &str) -> f64 {
        self.rows.iter().find(|row| row.name == name).map_or(f64::NAN, |row| row.best)
    }

    pub(crate) fn table(&self) {
        for row in &self.rows {
            println!("{:<28} {:>8.1} ns per packet", row.name, row.best);
        }
        println!();
    }

    /// How many times as fast as `peer` the work is.
    pub(crate) fn factor(&self, work: &str, peer: &str) -> f64 {
        self.of(peer) / self.of(work)
    }

    /// Prints how many times as fast as a peer the work is.
    pub(crate) fn print_factor(&self, title: &str, work: &str, peer: &str) {
        println!("{title:<44} {:>6.2} times as fast", self.factor(work, peer));
    }

    /// Prints the time of the work as a multiple of the sum of other times.
    pub(crate) fn print_multiple(&self, title: &str, work: &str, of: &[&str]) {
        let of: f64 = of.iter().map(|name| self.of(name)).sum();
        println!("{title:<44} {:>6.2} times the time", self.of(work) / of);
    }
}
