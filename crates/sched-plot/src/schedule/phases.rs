//! The phases of a schedule, for readers: warmup, stable, decay.

use sched_core::Schedule;

use super::sample::seams;
use crate::figure::Span;

/// More pieces are cycles or stairs rather than phases.
const MOST: usize = 8;

/// The phases up to `end`; none if they would tell nothing.
pub(super) fn phases(lr: &Schedule, end: u64) -> Vec<Span> {
    let starts: Vec<u64> = std::iter::once(0).chain(seams(lr, end).take(MOST + 1)).collect();
    if starts.len() > MOST {
        return Vec::new();
    }
    let ends = starts.iter().skip(1).copied().chain([end]);
    let mut spans: Vec<Span> = Vec::new();
    for (from, to) in starts.iter().copied().zip(ends) {
        // The step after an end, rather than a phase.
        if to - from == 1
            && let Some(last) = spans.last_mut()
        {
            last.to = to as f64;
            continue;
        }
        let name = match direction(lr, from, to) {
            Direction::Level => "stable",
            Direction::Up if from == 0 => "warmup",
            Direction::Up => "rise",
            Direction::Down => "decay",
            Direction::Both => return Vec::new(),
        };
        match spans.last_mut() {
            Some(last) if last.name == name || (last.name == "warmup" && name == "rise") => last.to = to as f64,
            _ => spans.push(Span { from: from as f64, to: to as f64, name: name.to_owned() }),
        }
    }
    if spans.len() < 2 { Vec::new() } else { spans }
}

enum Direction {
    Level,
    Up,
    Down,
    Both,
}

/// Where the rate goes between two steps, seen at a few of them.
fn direction(lr: &Schedule, from: u64, to: u64) -> Direction {
    const LOOKS: u64 = 8;
    let at = |i: u64| lr.at(from + ((u128::from(to - 1 - from) * u128::from(i)) / u128::from(LOOKS)) as u64);
    let rates: Vec<f64> = (0..=LOOKS).map(at).collect();
    let all = |holds: fn(&f64, &f64) -> bool| rates.windows(2).all(|pair| holds(&pair[0], &pair[1]));
    // Rounding may leave a level piece a hair uneven.
    let is_level = rates.iter().all(|rate| (rate - rates[0]).abs() <= 1e-12 * rates[0]);
    match () {
        () if is_level => Direction::Level,
        () if all(|a, b| a <= b) => Direction::Up,
        () if all(|a, b| a >= b) => Direction::Down,
        () => Direction::Both,
    }
}

#[cfg(test)]
mod tests {
    use sched_core::{Cyclic, Schedule};

    use super::phases;

    fn names(lr: &Schedule, end: u64) -> Vec<(f64, String)> {
        phases(lr, end).into_iter().map(|span| (span.from, span.name)).collect()
    }

    #[test]
    fn phases_are_named_by_what_the_rate_does() {
        let cosine = Schedule::cosine_annealing(0.1, 0.0, 900).unwrap().warmup(0.0, 100).unwrap();
        assert_eq!(names(&cosine, 1_001), [(0.0, "warmup".to_owned()), (100.0, "decay".to_owned())]);
        let held = cosine.then_at(500, Schedule::constant(0.01).unwrap()).unwrap();
        let phases = [(0.0, "warmup"), (100.0, "decay"), (500.0, "stable")];
        assert_eq!(names(&held, 1_000), phases.map(|(from, name)| (from, name.to_owned())));
    }

    #[test]
    fn stairs_and_cycles_have_none() {
        assert_eq!(names(&Schedule::multi_step(1.0, &[30, 60], 0.1).unwrap(), 90), []);
        assert_eq!(names(&Cyclic::new(0.0, 1.0, 3).lr().unwrap(), 90), []);
        assert_eq!(names(&Schedule::constant(1.0).unwrap(), 90), []);
    }
}
