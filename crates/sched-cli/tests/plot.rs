//! `sched plot`.

#[allow(dead_code, reason = "each test uses a part")]
mod common;

use std::fs;
use std::process::Command;

use common::{COSINE, Folder};

const WAVES: &str = r#"{"repeat": {"of": {"ramp": {"from": 0.1, "to": 0.001, "steps": 300, "shape": "cosine"}},
    "period": 300, "growth": 2, "limit": 4}}"#;

fn folder() -> Folder {
    Folder::with([("cosine.json", COSINE), ("waves.json", WAVES), ("constant.json", r#"{"constant": 0.05}"#)])
}

#[test]
fn the_terminal_shows_axes_lines_and_the_rates_at_seams() {
    let folder = folder();
    insta::assert_snapshot!("one", folder.stdout("plot cosine.json"));
    insta::assert_snapshot!("several", folder.stdout("plot cosine.json waves.json constant.json --log --steps 6000"));
    insta::assert_snapshot!("constant", folder.stdout("plot constant.json"));
}

#[test]
fn the_width_is_respected_and_there_are_no_colours_in_a_pipe() {
    let folder = folder();
    let output = folder.sched("plot waves.json").env("COLUMNS", "50").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let picture: Vec<_> = text.lines().take_while(|line| !line.is_empty()).collect();
    assert_eq!(picture.iter().map(|line| line.chars().count()).max(), Some(50), "{text}");
    assert!(!text.contains('\x1b'));
}

#[test]
fn rates_beyond_the_axis_are_drawn_at_its_edge() {
    let folder = Folder::with([
        ("huge.json", r#"{"ramp": {"from": 1.7e308, "to": 1, "steps": 100}}"#),
        ("wide.json", r#"{"ramp": {"from": 1e-320, "to": 1e300, "steps": 100, "shape": "geometric"}}"#),
    ]);
    for args in ["huge.json -o huge.svg", "wide.json --log -o wide.svg", "wide.json --log -o wide.png", "huge.json"] {
        folder.sched(&format!("plot {args}")).timeout(std::time::Duration::from_secs(60)).assert().success();
    }
}

#[test]
fn pictures_are_written_as_svg_png_and_html() {
    let folder = folder();
    for (args, start) in [
        ("-o x.svg", &b"<svg"[..]),
        ("-o x.png", b"\x89PNG\r\n\x1a\n"),
        ("-o x.html", b"<!DOCTYPE html>"),
        ("--log -o log.SVG", b"<svg"),
    ] {
        assert_eq!(folder.stdout(&format!("plot cosine.json waves.json {args}")), "");
        let name = args.rsplit(' ').next().unwrap();
        assert!(fs::read(folder.path(name)).unwrap().starts_with(start), "{name}");
    }
    let svg = fs::read_to_string(folder.path("x.svg")).unwrap();
    assert!(svg.contains("cosine.json") && svg.contains("waves.json") && svg.matches("<polyline").count() >= 2);
    let html = fs::read_to_string(folder.path("x.html")).unwrap();
    // Self-contained: the only address is the SVG namespace.
    assert_eq!(html.matches("http").count(), html.matches("http://www.w3.org/2000/svg").count());
    assert!(folder.refusal("plot cosine.json -o x.gif").contains("x.gif: `--output` must end with"));
    assert!(folder.refusal("plot cosine.json --steps 1").contains("a picture needs at least 2"));
    assert!(folder.refusal("plot constant.json --steps 1").contains("constant.json: the run has 1 step"));
}

/// CI installs the browser and runs it.
#[test]
#[ignore = "needs chromium"]
fn the_crosshair_reads_off_step_and_rate() {
    let folder = folder();
    folder.stdout("plot cosine.json waves.json --steps 4000 -o x.html");
    let page = fs::read_to_string(folder.path("x.html")).unwrap();
    // Puts the pointer over step 500: the axis spans 80 to 985 of a width of 1000.
    let pointer = "<script>
        const box = document.getElementById('plot').getBoundingClientRect();
        const clientX = box.left + box.width * (80 + 905 * 500 / 3999) / 1000;
        document.getElementById('plot').dispatchEvent(new PointerEvent('pointermove', { clientX, clientY: 100 }));
        </script></body>";
    fs::write(folder.path("x.html"), page.replace("</body>", pointer)).unwrap();
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .arg(format!("file://{}", folder.path("x.html").display()))
        .output()
        .expect("chromium is on the path");
    let dom = String::from_utf8(output.stdout).unwrap();
    assert!(dom.contains(r#"<output id="step">500</output>"#), "{dom}");
    assert!(dom.contains(r#"<td class="rate">0.1</td>"#), "{dom}");
}
