//! An independent `ReduceLROnPlateau`, as documented by PyTorch 2 (mode min, relative threshold).

/// Its parameters and its state.
pub(crate) struct TorchPlateau {
    pub(crate) factor: f64,
    pub(crate) patience: u32,
    pub(crate) threshold: f64,
    pub(crate) cooldown: u32,
    best: f64,
    bad: u32,
    cooling: u32,
    multiplier: f64,
}

impl TorchPlateau {
    pub(crate) fn new(factor: f64, patience: u32, threshold: f64, cooldown: u32) -> Self {
        Self { factor, patience, threshold, cooldown, best: f64::INFINITY, bad: 0, cooling: 0, multiplier: 1.0 }
    }

    /// PyTorch's `step(metric)`; returns what the base rate is multiplied by from then on.
    pub(crate) fn step(&mut self, metric: f64) -> f64 {
        if metric < self.best * (1.0 - self.threshold) {
            self.best = metric;
            self.bad = 0;
        } else {
            self.bad += 1;
        }
        if self.cooling > 0 {
            self.cooling -= 1;
            self.bad = 0;
        }
        if self.bad > self.patience {
            self.multiplier *= self.factor;
            self.cooling = self.cooldown;
            self.bad = 0;
        }
        self.multiplier
    }

    /// The multiplier of each epoch: that of the first is 1, and the metric of the last has no effect.
    pub(crate) fn multipliers(mut self, metrics: &[f64]) -> Vec<f64> {
        let after = metrics.iter().map(|&metric| self.step(metric));
        std::iter::once(1.0).chain(after).take(metrics.len()).collect()
    }
}
