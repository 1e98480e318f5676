//! Pictures of schedules; the tests of the `sched` command cover the usual ones.

use sched_core::Schedule;
use sched_plot::SchedulePlot;

#[test]
fn odd_pictures_are_drawn() {
    let zero = Schedule::constant(0.0).unwrap();
    let cosine = Schedule::cosine_annealing(0.1, 0.0, 900).unwrap();
    let many = (0..30).fold(SchedulePlot::new(10), |plot, i| plot.line(format!("line {i}"), cosine.clone()));
    for plot in [
        SchedulePlot::new(0),
        SchedulePlot::new(1).line("zero", zero.clone()),
        SchedulePlot::new(10).line("zero", zero).log(),
        SchedulePlot::new(u64::MAX).line("cosine", cosine.clone()).log(),
        many,
    ] {
        for (width, height) in [(80, 20), (5, 3), (0, 0)] {
            assert!(plot.text(width, height, true).starts_with("learning rate by step\n"), "{plot:?}");
        }
        assert!(plot.svg().unwrap().contains("learning rate"), "{plot:?}");
        assert!(plot.html().unwrap().starts_with("<!DOCTYPE html>"), "{plot:?}");
    }
}

#[test]
fn a_name_cannot_end_the_script_of_the_page() {
    let plot = SchedulePlot::new(10).line("</script><b>", Schedule::constant(0.1).unwrap());
    assert_eq!(plot.html().unwrap().matches("</script>").count(), 1);
}
