//! A schedule as points to draw: few, but with every corner.

use sched_core::Schedule;

/// More seams than a picture can show.
const MAX_SEAMS: usize = 2_000;

/// Steps looked at in a bucket, so that a wave shorter than a bucket does not alias.
const PROBES: u64 = 16;

/// So many seams are searched for those that show.
const MAX_SEARCHED: usize = 100_000;

/// The seams before `end` at which the rate changes or begins to, in order: most epochs of a decay every 30 epochs have none.
pub(super) fn seams(lr: &Schedule, end: u64) -> impl Iterator<Item = u64> + '_ {
    let all = std::iter::successors(lr.next_seam(0), |&seam| lr.next_seam(seam));
    let shows = |&seam: &u64| {
        let rate = lr.at(seam);
        [seam.saturating_sub(2), seam - 1, seam.saturating_add(1)].iter().any(|&step| lr.at(step) != rate)
    };
    all.take_while(move |&seam| seam < end).take(MAX_SEARCHED).filter(shows)
}

/// Steps from 0 up to but not including `end`, with their rates, in order: every step if there are at most `buckets`;
/// otherwise the first, the lowest and the highest of each of `buckets` equal parts, and both sides of each seam.
///
/// ```
/// use sched_core::Schedule;
///
/// let steps = Schedule::multi_step(1.0, &[123_457], 0.1).unwrap();
/// let points = sched_plot::sample(&steps, 1_000_000, 10);
/// assert!(points.contains(&(123_456, 1.0)) && points.contains(&(123_457, 0.1)));
/// assert!(points.len() < 100);
/// ```
#[must_use]
pub fn sample(lr: &Schedule, end: u64, buckets: u64) -> Vec<(u64, f64)> {
    if end <= buckets {
        return (0..end).map(|step| (step, lr.at(step))).collect();
    }
    let mut steps = Vec::new();
    for bucket in 0..buckets {
        let start = |bucket: u64| (u128::from(bucket) * u128::from(end) / u128::from(buckets)) as u64;
        let (from, to) = (start(bucket), start(bucket + 1));
        let stride = (to - from).div_ceil(PROBES);
        let mut lowest = (from, lr.at(from));
        let mut highest = lowest;
        for step in (from..to).step_by(stride as usize).skip(1) {
            let rate = lr.at(step);
            if rate < lowest.1 {
                lowest = (step, rate);
            }
            if rate >= highest.1 {
                highest = (step, rate);
            }
        }
        steps.extend([from, lowest.0, highest.0]);
    }
    steps.extend(seams(lr, end).take(MAX_SEAMS).flat_map(|seam| [seam - 1, seam]));
    steps.push(end - 1);
    steps.sort_unstable();
    steps.dedup();
    steps.into_iter().map(|step| (step, lr.at(step))).collect()
}

#[cfg(test)]
mod tests {
    use sched_core::{Cyclic, Schedule};

    use super::{sample, seams};

    #[test]
    fn a_short_run_is_drawn_whole() {
        let line = Schedule::linear(1.0, 0.0, 4).unwrap();
        assert_eq!(sample(&line, 3, 10), [(0, 1.0), (1, 0.75), (2, 0.5)]);
        assert_eq!(sample(&line, 0, 10), []);
    }

    #[test]
    fn corners_and_jumps_stay() {
        let steps = Schedule::multi_step(1.0, &[123_457], 0.1).unwrap();
        let points = sample(&steps, 1_000_000, 10);
        assert!(points.windows(2).any(|pair| pair == [(123_456, 1.0), (123_457, 0.1)]), "{points:?}");
        assert_eq!(points.last(), Some(&(999_999, 0.1)));
        assert!(points.len() < 100);
    }

    #[test]
    fn seams_at_which_nothing_happens_are_none() {
        let stairs = Schedule::step(0.1, 30, 0.1).unwrap().per_epoch(390).unwrap();
        assert_eq!(seams(&stairs, 35_100).collect::<Vec<_>>(), [11_700, 23_400]);
        let warmup = Schedule::constant(1.0).unwrap().warmup(0.0, 5).unwrap();
        assert_eq!(seams(&warmup, 100).collect::<Vec<_>>(), [5]);
    }

    #[test]
    fn waves_shorter_than_a_bucket_fill_their_range() {
        let waves = Cyclic::new(0.0, 1.0, 3).lr().unwrap();
        for bucket in sample(&waves, 60_000, 10).chunk_by(|a, b| a.0 / 6_000 == b.0 / 6_000) {
            assert!(
                bucket.iter().any(|point| point.1 == 0.0) && bucket.iter().any(|point| point.1 > 0.6),
                "{bucket:?}"
            );
        }
    }
}
