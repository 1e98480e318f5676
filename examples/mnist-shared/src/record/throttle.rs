//! Fewer progress lines in a log file.

/// Lets through four of the progress reports of an epoch.
#[derive(Clone, Debug, Default)]
pub struct Throttle {
    quarters: usize,
}

impl Throttle {
    /// Whether another quarter of the items has been completed since the last call.
    pub fn due(&mut self, done: usize, total: usize) -> bool {
        let quarters = 4 * done / total.max(1);
        let due = quarters > self.quarters;
        self.quarters = if done < total { quarters } else { 0 };
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_reports_an_epoch() {
        let mut throttle = Throttle::default();
        for _epoch in 0..3 {
            let due: Vec<usize> = (1..=100).filter(|&done| throttle.due(done, 100)).collect();
            assert_eq!(due, [25, 50, 75, 100]);
        }
    }

    #[test]
    fn an_epoch_of_one_batch_is_reported() {
        let mut throttle = Throttle::default();
        assert!((0..3).all(|_epoch| throttle.due(64, 64)));
    }
}
