//! `sched plot`.

use std::fs;
use std::process::Command;

use crate::common::{COSINE, Folder};

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
    assert!(svg.contains(">cosine<") && svg.contains(">waves<") && !svg.contains(".json"));
    let png = fs::read(folder.path("x.png")).unwrap();
    assert_eq!(png[16..24], [2_400_u32.to_be_bytes(), 1_260_u32.to_be_bytes()].concat(), "width and height");
    let html = fs::read_to_string(folder.path("x.html")).unwrap();
    // Self-contained: the only address is the SVG namespace.
    assert_eq!(html.matches("http").count(), html.matches("http://www.w3.org/2000/svg").count());
    assert!(folder.refusal("plot cosine.json -o x.gif").contains("x.gif: `--output` must end with"));
    assert!(folder.refusal("plot cosine.json --steps 1").contains("a picture needs at least 2"));
    assert!(folder.refusal("plot constant.json --steps 1").contains("constant.json: the run has 1 step"));
}

#[test]
fn the_terminal_is_as_asked() {
    let folder = folder();
    let text = folder.stdout("plot waves.json --width 66 --height 9 --color always");
    assert!(text.contains("\x1b[36m"), "{text}");
    let plain = folder.stdout("plot waves.json --width 66 --height 9");
    let picture: Vec<_> = plain.lines().take_while(|line| !line.is_empty()).collect();
    // The name of the axis, then the picture.
    assert_eq!((picture.len(), picture[8].chars().count()), (10, 66), "{plain}");
    for (args, message) in [
        ("--width 39", "must be from 40 to 200"),
        ("--width 201", "must be from 40 to 200"),
        ("--height -1", "must be a whole number"),
    ] {
        let error = folder.refusal(&format!("plot waves.json {args}"));
        assert!(error.contains(message), "{error}");
    }
    let output = folder.sched("plot waves.json cosine.json").env("LC_ALL", "C").output().unwrap();
    assert!(output.stdout.is_ascii());
}

#[test]
fn momentum_plateaus_and_groups_are_shown() {
    let folder = Folder::with([
        (
            "one.json",
            r#"{"library": "torch", "kind": "OneCycleLR", "params": {"optimizer_lr": 0.1, "max_lr": 0.01, "total_steps": 90}}"#,
        ),
        ("plateau.json", r#"{"library": "torch", "kind": "ReduceLROnPlateau", "params": {"optimizer_lr": 0.1}}"#),
        ("low.json", r#"{"constant": 1e-4}"#),
    ]);
    assert!(folder.stdout("plot one.json").contains("\nmomentum\n"));
    let text = folder.stdout("plot plateau.json --steps 100");
    assert!(
        text.contains("plateau also follows a metric, which is not drawn: x 0.1 after 11 bad observations"),
        "{text}"
    );
    let output = folder.sched("plot plateau.json low.json --steps 100").output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("low is flat beside plateau; draw both with `--log`"));
}

/// A page in a browser, with a script at its end that writes to the document.
fn browse(folder: &Folder, page: &str, script: &str) -> String {
    let html = fs::read_to_string(folder.path(page)).unwrap();
    fs::write(folder.path("test.html"), html.replace("</body>", &format!("<script>{script}</script></body>"))).unwrap();
    let profile = folder.path("profile");
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--dump-dom"])
        .arg("--window-size=400,800")
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}", folder.path("test.html").display()))
        .output()
        .expect("chromium is on the path");
    String::from_utf8(output.stdout).unwrap()
}

/// CI installs the browser and runs it.
#[test]
#[ignore = "needs chromium"]
fn the_page_reads_off_zooms_and_copies() {
    let folder = folder();
    folder.stdout("plot cosine.json waves.json --steps 4000 -o x.html");
    let dom = browse(
        &folder,
        "x.html",
        "const said = [], say = (name, value) => said.push(name + '=' + value);
        const plot = byId('plot'), key = (key, more) => plot.dispatchEvent(new KeyboardEvent('keydown', { key, ...more }));
        const point = (type, step) => {
            const { px, width } = plot.area, box = plot.getBoundingClientRect();
            const clientX = box.left + px(step) * box.width / width;
            plot.dispatchEvent(new PointerEvent(type, { clientX, clientY: box.top + 50 }));
        };
        const values = () => [...document.querySelectorAll('.rate')].map(cell => cell.textContent).join();
        const labels = name => [...document.querySelectorAll('text.' + name)].map(text => text.textContent).join();
        say('x', labels('x')); say('y', labels('y'));
        point('pointermove', 500.5); say('at', byId('at').textContent); say('values', values());
        const tip = byId('tip').getBoundingClientRect();
        say('tip in view', tip.left >= 0 && tip.right <= innerWidth);
        say('scrolls', document.documentElement.scrollWidth > innerWidth);
        key('ArrowRight'); key('ArrowRight', { shiftKey: true }); say('after keys', byId('at').textContent);
        document.querySelector('#keys button').click(); say('one off', values());
        document.querySelector('#keys button').click();
        say('seams', document.querySelectorAll('.seam').length);
        point('pointerdown', 1000.5); point('pointerup', 1999.5); say('zoomed', view);
        say('rows', numbers().split('\\n').slice(0, 2).join(' ').replaceAll('\\t', ','));
        key('0'); say('whole', view);
        document.body.dataset.said = said.join(' | ');",
    );
    let said =
        dom.split("data-said=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("{dom}"));
    insta::assert_snapshot!("page", said.replace(" | ", "\n"));
}
