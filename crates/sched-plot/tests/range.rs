//! Pictures of range tests, odd curves included.

use sched_core::{Growth, RangeCurve, RangeEnd, RangeTest};
use sched_plot::{PlotError, RangePlot, Screen};

fn curve(test: RangeTest, loss: impl Fn(u64, f64) -> f64) -> RangeCurve {
    let mut recorder = test.start().unwrap();
    while let Some(lr) = recorder.next_lr() {
        let _ = recorder.record(loss(recorder.points().len() as u64, lr));
    }
    recorder.finish()
}

/// The usual curve: flat, then down, then up for good.
fn usual() -> RangeCurve {
    curve(RangeTest::new(1e-6, 10.0, 120).beta(0.9), |step, lr| {
        let noise = ((step * step) as f64 * 0.7).sin() * 0.15;
        2.3 - 2.0 / (1.0 + (6e-3 / lr).powf(1.5)) + (lr / 0.1).powi(2) + noise
    })
}

#[test]
fn the_usual_curve_in_the_terminal() {
    let curve = usual();
    assert_eq!(curve.end(), RangeEnd::Diverged);
    insta::assert_snapshot!("usual", RangePlot::new(&curve).unwrap().text(&Screen::new(90, 22)));
}

#[test]
fn colours_are_optional() {
    let curve = usual();
    let plot = RangePlot::new(&curve).unwrap();
    let coloured = plot.text(&Screen { colours: true, ..Screen::new(90, 22) });
    for colour in ["\x1b[36m", "\x1b[33m", "\x1b[32m", "\x1b[35m", "\x1b[90m"] {
        assert!(coloured.contains(colour), "{colour:?}");
    }
    assert!(!plot.text(&Screen::new(90, 22)).contains('\x1b'));
}

#[test]
fn the_images_hold_curve_and_suggestions() {
    let curve = usual();
    let plot = RangePlot::new(&curve).unwrap();
    let svg = plot.svg();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    for text in ["learning rate", "smoothed loss", ">steepest ", ">valley ", ">minimum ", ">1e-5<", ">1e-3<"] {
        assert!(svg.contains(text), "{text}");
    }
    // For each suggestion a dot with a margin on the curve, and one beside its label.
    assert_eq!(svg.matches("<circle").count(), 9);
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("range.png");
    plot.save_png(&path).unwrap();
    assert!(std::fs::read(&path).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn odd_curves_are_drawn() {
    let test = RangeTest::new(1e-5, 1.0, 50).beta(0.0);
    let odd = [
        curve(test, |_, _| 0.5),
        curve(test, |_, _| 0.0),
        curve(test, |step, _| -(step as f64)),
        curve(test, |step, _| if step < 2 { 1.0 } else { f64::NAN }),
        curve(test.never_diverge(), |step, _| if step % 2 == 0 { f64::MAX } else { f64::MIN }),
        curve(test.never_diverge(), |step, _| if step == 40 { 1e300 } else { 1.0 / (step + 1) as f64 }),
        curve(test.growth(Growth::Linear), |_, lr| 1.0 - lr),
        curve(test, |step, _| 1e6 - step as f64 * 1e-9),
        curve(RangeTest::new(1.0, 1.0_f64.next_up(), 50), |step, _| 1.0 / (step + 1) as f64),
        curve(RangeTest::new(1e-200, 1e-190, 50), |step, _| 1.0 / (step + 1) as f64),
        curve(RangeTest::new(5e-324, f64::MAX, 50), |step, _| 1.0 / (step + 1) as f64),
    ];
    for (i, curve) in odd.iter().enumerate() {
        let plot = RangePlot::new(curve).unwrap();
        for (width, height) in [(80, 20), (5, 3), (0, 0)] {
            assert!(plot.text(&Screen::new(width, height)).contains("valley"), "{i}");
        }
        assert!(plot.svg().contains("smoothed loss"), "{i}");
    }
}

#[test]
fn a_curve_of_one_point_has_no_picture() {
    let test = RangeTest::new(1e-5, 1.0, 50);
    let one = curve(test, |step, _| if step == 0 { 1.0 } else { f64::NAN });
    assert!(matches!(RangePlot::new(&one).unwrap_err(), PlotError::TooFewPoints { points: 1 }));
    let none = curve(test, |_, _| f64::NAN);
    assert!(RangePlot::new(&none).unwrap_err().to_string().contains("0 points, but must have at least 2"));
}
