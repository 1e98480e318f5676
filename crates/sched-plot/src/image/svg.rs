//! A scene as SVG.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use super::ink::{Ink, PAPER};
use super::scene::{Anchor, Point, SIZE, Scene, Shape};

pub(super) fn write(scene: &Scene) -> String {
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = draw(&mut svg, scene);
    svg
}

fn draw(svg: &mut String, scene: &Scene) -> fmt::Result {
    let (width, height) = SIZE;
    let title = escape(&scene.title);
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">"#
    )?;
    writeln!(svg, "<title>{title}</title>")?;
    style(svg, scene)?;
    writeln!(svg, r#"<rect class="p" width="{width}" height="{height}"/>"#)?;
    for shape in &scene.shapes {
        self::shape(svg, shape)?;
    }
    svg.push_str("</svg>\n");
    Ok(())
}

/// The colours of what the scene has, light and dark.
fn style(svg: &mut String, scene: &Scene) -> fmt::Result {
    let mut inks = BTreeMap::from([(PAPER.name, PAPER)]);
    inks.extend(scene.shapes.iter().map(|shape| match shape {
        Shape::Line { ink, .. } | Shape::Box { ink, .. } | Shape::Dot { ink, .. } | Shape::Text { ink, .. } => {
            (ink.name, *ink)
        }
    }));
    let colours = |of: fn(&Ink) -> [u8; 3]| {
        inks.values().fold(String::new(), |mut rules, ink| {
            let [red, green, blue] = of(ink);
            let colour = format!("#{red:02x}{green:02x}{blue:02x}");
            // Lines have a colour of their own property, so that one name serves both.
            let _ = write!(rules, ".{name}{{fill:{colour}}}path.{name}{{fill:none;stroke:{colour}}}", name = ink.name);
            rules
        })
    };
    writeln!(
        svg,
        "<style>text{{font-family:\"DejaVu Sans\",Verdana,system-ui,sans-serif}}path{{stroke-linejoin:round}}{}\
         @media(prefers-color-scheme:dark){{{}}}</style>",
        colours(|ink| ink.light),
        colours(|ink| ink.dark)
    )
}

fn shape(svg: &mut String, shape: &Shape) -> fmt::Result {
    match shape {
        Shape::Line { points, ink, width, dashes } => {
            write!(svg, r#"<path class="{}" stroke-width="{width}""#, ink.name)?;
            if !dashes.is_empty() {
                let dashes: Vec<String> = dashes.iter().map(ToString::to_string).collect();
                write!(svg, r#" stroke-dasharray="{}""#, dashes.join(" "))?;
            }
            write!(svg, r#" d=""#)?;
            path(svg, points)?;
            writeln!(svg, r#""/>"#)
        }
        Shape::Box { at: (x, y), size: (width, height), ink } => writeln!(
            svg,
            r#"<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>"#,
            ink.name,
            fine(*x),
            fine(*y),
            fine(*width),
            fine(*height)
        ),
        Shape::Dot { at: (x, y), radius, ink } => {
            writeln!(svg, r#"<circle class="{}" cx="{}" cy="{}" r="{}"/>"#, ink.name, fine(*x), fine(*y), fine(*radius))
        }
        Shape::Text { at: (x, y), anchor, size, bold, ink, text } => {
            write!(svg, r#"<text class="{}" x="{}" y="{}" font-size="{size}""#, ink.name, fine(*x), fine(*y))?;
            match anchor {
                Anchor::Start => {}
                Anchor::Middle => svg.push_str(r#" text-anchor="middle""#),
                Anchor::End => svg.push_str(r#" text-anchor="end""#),
            }
            if *bold {
                svg.push_str(r#" font-weight="bold""#);
            }
            writeln!(svg, ">{}</text>", escape(text))
        }
    }
}

/// A line from point to point, level and upright parts in short.
fn path(svg: &mut String, points: &[Point]) -> fmt::Result {
    let mut last = None;
    for &(x, y) in points {
        let (x, y) = (fine(x), fine(y));
        match last {
            None => write!(svg, "M{x} {y}")?,
            Some((_, before)) if before == y => write!(svg, "H{x}")?,
            Some((before, _)) if before == x => write!(svg, "V{y}")?,
            Some(_) => write!(svg, "L{x} {y}")?,
        }
        last = Some((x, y));
    }
    Ok(())
}

/// To a hundredth of a pixel.
fn fine(x: f64) -> f64 {
    (x * 100.0).round() / 100.0 + 0.0
}

fn escape(text: &str) -> String {
    let mut safe = String::new();
    for char in text.chars() {
        match char {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // XML cannot hold them.
            char if char.is_control() || matches!(char, '\u{fffe}' | '\u{ffff}') => safe.push('\u{fffd}'),
            char => safe.push(char),
        }
    }
    safe
}
