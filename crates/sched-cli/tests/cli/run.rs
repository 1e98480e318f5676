//! `sched watch`.

use std::fs;

use crate::common::Folder;

/// A run of 100 steps, half over, from a file of each kind; the JSON ends in a line that is being written.
fn half_a_run() -> Folder {
    let lr = |step: i32| 0.1 * f64::from(100 - step) / 100.0;
    let mut json = String::new();
    let mut csv = "step,split,name,value,wall_time\n".to_owned();
    for step in 0..50 {
        json += &format!("{{\"step\":{step},\"split\":\"train\",\"wall_time\":1.5,\"lr/model\":{}}}\n", lr(step));
        csv += &format!("{step},train,Loss,{},1.5\n", 3.0 / f64::from(step + 1));
    }
    json += "{\"step\":50,\"spl";
    csv += "49,valid,epoch/Loss,0.25,1.5\n49,train,Loss,NaN,1.5\n";
    Folder::with([
        ("log.jsonl", json.as_str()),
        ("log.csv", csv.as_str()),
        ("linear.json", r#"{"ramp": {"from": 0.1, "to": 0, "steps": 100, "shape": "linear"}}"#),
    ])
}

#[test]
fn rate_and_loss_are_drawn_with_the_plan_ahead() {
    let folder = half_a_run();
    let text = folder.stdout("watch . linear.json --steps 100");
    let (rates, losses) = text.split_once("\nloss by step\n").unwrap();
    assert!(rates.starts_with("learning rate by step\n  lr/model: 0.051 at step 49\n"), "{text}");
    assert!(losses.contains("  a Loss: 0.0612245 at step 48\n  b epoch/Loss (valid): 0.25 at step 49\n"), "{text}");
    // The plan is in the right half of the picture of the rates, and nowhere else.
    let columns = |text: &str| {
        text.lines()
            .flat_map(|line| line.chars().enumerate().filter(|(_, c)| *c == '•'))
            .map(|(column, _)| column)
            .collect::<Vec<_>>()
    };
    assert!(columns(rates).len() > 10 && columns(rates).iter().all(|column| *column >= 40), "{text}");
    assert_eq!(columns(losses), [0; 0], "{text}");
    assert_eq!(columns(&folder.stdout("watch log.jsonl")), [0; 0]);
}

#[test]
fn what_is_missing_is_named() {
    let folder = half_a_run();
    for (arguments, says) in [
        ("watch nowhere", "cannot read the folder `nowhere`"),
        ("watch empty", "there is no .jsonl or .csv file in `empty`"),
        ("watch others.jsonl", "they have Accuracy"),
        ("watch log.jsonl --max-bytes 9", "--max-bytes"),
    ] {
        fs::create_dir_all(folder.path("empty")).unwrap();
        fs::write(folder.path("others.jsonl"), r#"{"step":0,"split":"train","Accuracy":0.5}"#).unwrap();
        let error = folder.refusal(arguments);
        assert!(error.contains(says), "{arguments}: {error}");
    }
}
