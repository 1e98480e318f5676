//! The mechanism, on a library made up for it.

use sched_core::{PlateauMode, Schedule, Value};

use super::*;

library! {
    "made_up" with Shared:
    /// Any of them.
    enum Any {
        Step,
        after,
    }
}

params! {
    struct Shared {
        lr: PerGroup<Option<f64>> where AT_LEAST_0,
    }
}

params! {
    struct Tail {
        mode: PlateauMode = "min",
        ends: Vec<u64> = [1, 2],
    }
}

params! {
    struct Step {
        size: u64 where ABOVE_0,
        gamma: f64 where BELOW_1 = 0.5,
        _verbose: Ignored = false,
        ..tail: Tail,
    }
}

impl Scheduler for Step {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        assert_eq!((self.tail.mode, self.tail.ends.as_slice()), (PlateauMode::Min, &[1, 2][..]));
        Self::gamma.must(self.gamma != 0.25, "not be 0.25")?;
        let lr = Shared::read(cx)?.lr.ok_or(Shared::lr.missing())?;
        Ok(Schedule::step(lr, self.size, self.gamma)?.into())
    }
}

params! {
    struct after {
        T_0: u64,
        of: Member,
    }
}

impl Scheduler for after {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let member = cx.member(&self.of)?;
        match Any::read(&member)? {
            Any::Step(step) => Self::of.must(step.size > self.T_0, "be longer than `T_0`")?,
            Any::after(inner) => Self::of.must(inner.T_0 > self.T_0, "begin later")?,
        }
        Ok(member.translate()?.lr.delay(self.T_0)?.into())
    }
}

fn rates(kind: &str, params: &str) -> Result<Vec<Vec<f64>>, String> {
    let params: Value = serde_json::from_str(params).unwrap();
    let groups = translate(&LIBRARY, kind, &params).map_err(|error| error.to_string())?;
    Ok(groups.iter().map(|group| [0, 2, 4].map(|t| group.lr.at(t)).to_vec()).collect())
}

#[test]
fn parameters_have_names_and_defaults() {
    let table = |params: &[Param]| -> Vec<String> {
        let line = |p: &Param| format!("{} {:?} {}", p.name, p.default.value().map(|v| v.to_string()), p.per_group);
        params.iter().map(line).collect()
    };
    let expected = [
        "size None false",
        "gamma Some(\"0.5\") false",
        "verbose Some(\"false\") false",
        "mode Some(\"\\\"min\\\"\") false",
        "ends Some(\"[1, 2]\") false",
    ];
    assert_eq!(table(LIBRARY.kinds[0].params), expected);
    assert_eq!(table(LIBRARY.optimizer), ["lr Some(\"null\") true"]);
}

#[test]
fn parameters_are_read() {
    assert_eq!(rates("Step", r#"{"lr": 1, "size": 2}"#), Ok(vec![vec![1.0, 0.5, 0.25]]));
    let groups = rates("Step", r#"{"lr": [1, 2], "size": 2.0, "gamma": 0.1, "verbose": [null]}"#);
    assert_eq!(groups.unwrap().iter().map(|group| group[0]).collect::<Vec<_>>(), [1.0, 2.0]);
    let member = r#"{"lr": [1, 2], "T_0": 2, "of": {"params": {"size": 3}, "kind": "Step"}}"#;
    assert_eq!(rates("after", member), Ok(vec![vec![1.0, 1.0, 1.0], vec![2.0, 2.0, 2.0]]));
}

#[test]
fn what_is_wrong_is_named() {
    for (kind, params, message) in [
        ("Leap", "{}", "made_up has no `Leap` here, only `Step`, `after`"),
        ("Stpe", "{}", "made_up has no `Stpe` here (did you mean `Step`?), only `Step`, `after`"),
        ("Step", "[]", "made_up.Step: `params` is [], but must be a map from names to values"),
        (
            "Step",
            r#"{"siez": 1}"#,
            "has no parameter `siez` (did you mean `size`?); it has `size`, `gamma`, `verbose`, `mode`, `ends`, `lr`",
        ),
        ("Step", r#"{"size": 1, "size": 1}"#, "`size` is given twice; remove one of the two"),
        ("Step", "{}", "made_up.Step needs `size`, which is not given; its parameters are `size`, "),
        ("Step", r#"{"size": 1}"#, "made_up.Step needs `lr`, which is not given"),
        ("Step", r#"{"size": -1}"#, "made_up.Step: `size` is -1, but must be a whole number, 0 or more"),
        ("Step", r#"{"size": null}"#, "`size` is null, but must be a whole number, 0 or more"),
        ("Step", r#"{"size": 0}"#, "`size` is 0, but must be above 0"),
        ("Step", r#"{"size": 1, "gamma": 0.25}"#, "`gamma` is 0.25, but must not be 0.25"),
        ("Step", r#"{"size": 1, "mode": "mean"}"#, r#"`mode` is "mean", but must be "min" or "max""#),
        ("Step", r#"{"size": 1, "mode": "mni"}"#, r#"but must be "min" or "max"; did you mean "min"?"#),
        ("Step", r#"{"size": 1, "ends": [0.5]}"#, "`ends` is [0.5], but must be a list of whole numbers, 0 or more"),
        ("Step", r#"{"size": 1, "lr": []}"#, "`lr` is [], but must have one element for each parameter group"),
        ("Step", r#"{"size": 1, "lr": [1, -2]}"#, "`lr` is [1, -2], but must be 0 or more"),
        ("after", r#"{"T_0": 1, "of": {"kind": "Step"}}"#, r#"but must be {"kind", "params"}"#),
        ("after", r#"{"T_0": 1, "of": {"kind": "Step", "params": {}}}"#, "made_up.Step needs `size`"),
        (
            "after",
            r#"{"T_0": 1, "lr": 1, "of": {"kind": "Step", "params": {"size": 1}}}"#,
            "made_up.after: `of` is {...}, but must be longer than `T_0`",
        ),
        (
            "after",
            r#"{"T_0": 1, "lr": 1, "of": {"kind": "after", "params": {"T_0": 0, "of": {"kind": "Step", "params": {}}}}}"#,
            "made_up.after: `of` is {...}, but must begin later",
        ),
        (
            "after",
            r#"{"T_0": 1, "lr": 1, "of": {"kind": "Step", "params": {"size": 9, "lr": [1, 2]}}}"#,
            "made_up.Step: `lr` is [1, 2], but must have one element for each parameter group",
        ),
    ] {
        let error = rates(kind, params).unwrap_err();
        assert!(error.contains(message), "{kind} {params}: {error}");
    }
}
