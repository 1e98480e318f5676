//! Pictures of schedules; the tests of the `sched` command cover the usual ones.

use sched_core::Schedule;
use sched_plot::{SchedulePlot, Screen};

fn cosine() -> Schedule {
    Schedule::cosine_annealing(0.1, 0.0, 900).unwrap().warmup(0.0, 100).unwrap()
}

#[test]
fn odd_pictures_are_drawn() {
    let zero = Schedule::constant(0.0).unwrap();
    let many = (0..30).fold(SchedulePlot::new(10), |plot, i| plot.line(format!("line {i}"), cosine()));
    for plot in [
        SchedulePlot::new(0),
        SchedulePlot::new(1).line("zero", zero.clone()),
        SchedulePlot::new(10).line("zero", zero.clone()).log().normalized(),
        SchedulePlot::new(u64::MAX).line("cosine", cosine()).log().steps_per_epoch(1e-300),
        SchedulePlot::new(10).below("momentum", "none", zero),
        many,
    ] {
        for (width, height) in [(80, 20), (5, 3), (0, 0)] {
            for ascii in [false, true] {
                let screen = Screen { colours: true, ascii, ..Screen::new(width, height) };
                assert!(plot.text(&screen).starts_with("learning rate"), "{plot:?}");
            }
        }
        assert!(plot.svg().contains("learning rate"), "{plot:?}");
        assert!(plot.html().starts_with("<!DOCTYPE html>"), "{plot:?}");
    }
}

#[test]
fn a_name_cannot_end_the_script_of_the_page_or_an_element() {
    let plot = SchedulePlot::new(10).line("</script><b>", Schedule::constant(0.1).unwrap());
    assert_eq!(plot.html().matches("</script>").count(), 1);
    assert!(plot.svg().contains("&lt;/script&gt;&lt;b&gt;"));
}

#[test]
fn a_picture_says_what_it_shows() {
    let svg = SchedulePlot::new(1_000).line("run", cosine()).steps_per_epoch(100.0).note("a note").svg();
    for text in [
        "<title>linear 0 → 0.1 over 100, then cosine 0.1 → 0 over 900</title>",
        ">run · 1000 steps · 10 epochs<",
        ">a note<",
        ">warmup<",
        ">decay<",
        ">peak 0.1 at step 100<",
        ">end 3.05e-7<",
        ">epoch<",
        "prefers-color-scheme:dark",
    ] {
        assert!(svg.contains(text), "{text}: {svg}");
    }
    assert!(svg.len() < 8_000, "{}", svg.len());
}

#[test]
fn each_of_many_curves_looks_different() {
    let plot = (0..28).fold(SchedulePlot::new(100), |plot, i| {
        plot.line(format!("line {i}"), Schedule::constant(f64::from(i + 1)).unwrap())
    });
    let svg = plot.svg();
    let looks: std::collections::BTreeSet<&str> = svg
        .lines()
        .filter(|line| line.contains(r#"stroke-width="2.5""#))
        .map(|line| line.split(" d=").next().unwrap())
        .collect();
    assert_eq!(looks.len(), 28);
    assert!((0..28).all(|i| svg.contains(&format!(">line {i}<"))));
}

#[test]
fn a_drop_is_vertical() {
    let svg = SchedulePlot::new(100_000).line("x", Schedule::multi_step(1.0, &[50_000], 0.5).unwrap()).svg();
    let curve = svg.lines().find(|line| line.contains(r#"class="c0" stroke-width="2.5""#)).unwrap();
    // A level line, straight down, and level again.
    let path = curve.split(" d=\"").nth(1).unwrap();
    assert_eq!(path.chars().filter(char::is_ascii_alphabetic).collect::<String>(), "MHVH", "{curve}");
}

#[test]
fn rates_of_very_different_scale_are_noticed() {
    let constant = |lr| Schedule::constant(lr).unwrap();
    let plot = SchedulePlot::new(10).line("low", constant(1e-4)).line("high", constant(0.1));
    assert_eq!(plot.flattened(), Some(("low", "high")));
    assert_eq!(SchedulePlot::new(10).line("low", constant(0.01)).line("high", constant(0.1)).flattened(), None);
    assert!(plot.normalized().svg().contains("learning rate / its highest"));
}

#[test]
fn ascii_is_ascii_and_curves_that_meet_take_turns() {
    let constant = || Schedule::constant(0.1).unwrap();
    let plot = SchedulePlot::new(100).line("x", constant()).line("y", constant());
    let text = plot.text(&Screen { ascii: true, ..Screen::new(40, 10) });
    assert!(text.is_ascii(), "{text}");
    assert!(text.contains("abababab"), "{text}");
    let coloured = plot.text(&Screen { colours: true, ..Screen::new(41, 10) });
    let of = |escape: &str| coloured.matches(escape).count();
    assert_eq!(of("\x1b[36m").abs_diff(of("\x1b[33m")), 0, "{coloured}");
}

#[test]
fn lines_fit_every_width() {
    let plot = SchedulePlot::new(100_000).line("run", cosine()).steps_per_epoch(100.0);
    for width in 40..=200 {
        let text = plot.text(&Screen::new(width, 15));
        let picture = text.lines().take_while(|line| !line.is_empty());
        assert!(picture.clone().all(|line| line.chars().count() <= usize::from(width)), "{text}");
        assert_eq!(picture.map(|line| line.chars().count()).max(), Some(usize::from(width)));
    }
}
