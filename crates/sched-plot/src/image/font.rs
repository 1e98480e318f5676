//! The bundled font: how wide a text is, and the outlines of its letters.

use ab_glyph::{Font, FontRef, OutlineCurve, Point};

fn font(bold: bool) -> Option<FontRef<'static>> {
    FontRef::try_from_slice(if bold { dejavu::sans::bold() } else { dejavu::sans::regular() }).ok()
}

/// The letters of a text as curves, and where each begins, in units of the size of the text. Heights grow upwards.
pub(super) fn letters(text: &str, bold: bool, mut letter: impl FnMut(f64, &[OutlineCurve], f64)) -> f64 {
    let Some(font) = font(bold) else { return 0.0 };
    let unit = 1.0 / f64::from(font.units_per_em().unwrap_or(2_048.0));
    let (mut at, mut last) = (0.0, None);
    for char in text.chars() {
        let id = font.glyph_id(char);
        at += last.map_or(0.0, |last| f64::from(font.kern_unscaled(last, id))) * unit;
        letter(at, &font.outline(id).map(|outline| outline.curves).unwrap_or_default(), unit);
        at += f64::from(font.h_advance_unscaled(id)) * unit;
        last = Some(id);
    }
    at
}

/// The ends of a curve.
pub(super) fn ends(curve: &OutlineCurve) -> (Point, Point) {
    match curve {
        OutlineCurve::Line(from, to) | OutlineCurve::Quad(from, _, to) | OutlineCurve::Cubic(from, _, _, to) => {
            (*from, *to)
        }
    }
}

pub(super) fn width(text: &str, size: f64, bold: bool) -> f64 {
    let Some(font) = font(bold) else { return 0.6 * size * text.chars().count() as f64 };
    let unit = 1.0 / f64::from(font.units_per_em().unwrap_or(2_048.0));
    let advance = |char| f64::from(font.h_advance_unscaled(font.glyph_id(char)));
    text.chars().map(advance).sum::<f64>() * unit * size
}

/// A text cut to a width, with an ellipsis if anything is missing.
pub(super) fn fit(text: &str, size: f64, bold: bool, room: f64) -> String {
    if width(text, size, bold) <= room {
        return text.to_owned();
    }
    let mut cut: String = text.to_owned();
    while !cut.is_empty() && width(&cut, size, bold) + size > room {
        cut.pop();
    }
    cut.truncate(cut.trim_end_matches([' ', ',']).len());
    cut.push('…');
    cut
}

/// A text in lines of a width, at spaces; the last one is cut.
pub(super) fn wrap(text: &str, size: f64, bold: bool, room: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let is_last = lines.len() == most;
        let Some(line) = lines.last_mut() else { break };
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if is_last || line.is_empty() || width(&longer, size, bold) <= room {
            *line = longer;
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.iter().map(|line| fit(line, size, bold, room)).collect()
}
