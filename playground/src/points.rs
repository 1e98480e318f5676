//! Which points of a curve to draw.

use sched_core::Schedule;

/// More seams than a picture can show.
const SEAMS: usize = 2_000;

/// Steps below `end` with their rates, in order: all of them if there are at most `count`; otherwise so many, evenly spaced, and
/// both sides of each seam. Between two seams a curve is smooth.
pub(crate) fn points(lr: &Schedule, end: u64, count: u16) -> Vec<(u64, f64)> {
    let count = u64::from(count.max(2));
    if end <= count {
        let mut rates = vec![0.0; end as usize];
        lr.sample(0, &mut rates);
        return (0..).zip(rates).collect();
    }
    let seams = std::iter::successors(lr.next_seam(0), |&seam| lr.next_seam(seam));
    let seams = seams.take_while(|&seam| seam < end).take(SEAMS);
    let even = (0..count).map(|i| (u128::from(i) * u128::from(end - 1) / u128::from(count - 1)) as u64);
    let mut steps: Vec<u64> = even.chain(seams.flat_map(|seam| [seam - 1, seam])).collect();
    steps.sort_unstable();
    steps.dedup();
    steps.into_iter().map(|step| (step, lr.at(step))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_run_is_drawn_whole_and_jumps_of_a_long_one_stay() {
        let line = Schedule::linear(1.0, 0.0, 4).unwrap();
        assert_eq!(points(&line, 3, 10), [(0, 1.0), (1, 0.75), (2, 0.5)]);
        let steps = Schedule::multi_step(1.0, &[123_457], 0.1).unwrap();
        for end in [1_000_000, u64::MAX] {
            let points = points(&steps, end, 10);
            assert!(points.windows(2).any(|pair| pair == [(123_456, 1.0), (123_457, 0.1)]));
            assert_eq!(points.last(), Some(&(end - 1, 0.1)));
        }
    }
}
