//! The optimizer that a dialect or a file describes.

use sched_dialects::Translation;

use super::hyper_parameter::HyperParameter;
use super::scheduled_optimizer::ScheduledOptimizer;

impl<O> ScheduledOptimizer<O> {
    /// An optimizer for a parameter group of a dialect or a file.
    ///
    /// `build` gets the momentum (for an Adam, the first beta) and the weight decay. Either is `None` if the group says
    /// nothing about it.
    ///
    /// ```
    /// use sched_burn::prelude::*;
    /// use sched_burn::sched_dialects;
    /// # #[cfg(feature = "burn-0_22")]
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// # use burn_0_22 as burn;
    /// use burn::optim::AdamWConfig;
    ///
    /// let file = r#"{"library": "torch", "kind": "OneCycleLR", "params": {"max_lr": 0.01, "total_steps": 100}}"#;
    /// let found = sched_dialects::read(file, &Plan::new())?;
    /// let optimizer = ScheduledOptimizer::for_group(&found.groups[0], |beta_1, weight_decay| {
    ///     let config = AdamWConfig::new().with_weight_decay(weight_decay.unwrap_or(0.01) as f32);
    ///     config.with_beta_1(beta_1.unwrap_or(0.9) as f32).build()
    /// });
    /// let [momentum] = optimizer.hyper_parameters() else { panic!("OneCycleLR has no weight decay") };
    /// assert_eq!(momentum.at(29), Ok(0.85));
    /// # Ok(())
    /// # }
    /// # #[cfg(feature = "burn-0_22")]
    /// # example().unwrap();
    /// ```
    pub fn for_group(
        group: &Translation,
        build: impl Fn(Option<f64>, Option<f64>) -> O + Send + Sync + 'static,
    ) -> Self {
        let momentum = group.momentum.clone().map(|curve| HyperParameter::new("momentum", curve));
        let weight_decay = group.weight_decay.clone().map(|curve| HyperParameter::new("weight_decay", curve));
        let hyper_parameters = [&momentum, &weight_decay].into_iter().flatten().cloned().collect();
        Self::from_parts(hyper_parameters, move |step| {
            let value = |of: &Option<HyperParameter>| of.as_ref().map(|of| of.at(step)).transpose();
            Ok(build(value(&momentum)?, value(&weight_decay)?))
        })
    }
}

#[cfg(test)]
mod tests {
    use sched_core::Schedule;

    use super::*;

    #[test]
    fn what_the_group_says_nothing_about_is_none() {
        let curve = |from| Some(Schedule::linear(from, 0.0, 2).unwrap());
        for (momentum, weight_decay) in [(None, None), (curve(0.8), None), (None, curve(0.4)), (curve(0.8), curve(0.4))]
        {
            let lr = Schedule::constant(0.1).unwrap();
            let group = Translation { momentum, weight_decay, ..lr.into() };
            let expected = (group.momentum.as_ref().map(|_| 0.4), group.weight_decay.as_ref().map(|_| 0.2));
            let optimizer = ScheduledOptimizer::for_group(&group, |momentum, weight_decay| (momentum, weight_decay));
            assert_eq!(optimizer.at(1), Ok(expected));
            let names: Vec<_> = optimizer.hyper_parameters().iter().map(HyperParameter::name).collect();
            let all = [expected.0.map(|_| "momentum"), expected.1.map(|_| "weight_decay")];
            assert_eq!(names, all.into_iter().flatten().collect::<Vec<_>>());
        }
    }
}
