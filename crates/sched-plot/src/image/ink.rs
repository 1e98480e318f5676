//! The colours and the dashes of images.

/// A colour in light and in dark surroundings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ink {
    /// Names it in an SVG.
    pub(crate) name: &'static str,
    pub(crate) light: [u8; 3],
    pub(crate) dark: [u8; 3],
}

const fn ink(name: &'static str, light: [u8; 3], dark: [u8; 3]) -> Ink {
    Ink { name, light, dark }
}

pub(crate) const PAPER: Ink = ink("p", [255, 255, 255], [13, 17, 23]);
pub(crate) const TEXT: Ink = ink("t", [36, 41, 47], [230, 237, 243]);
/// For what is said in passing.
pub(crate) const QUIET: Ink = ink("q", [87, 96, 106], [145, 152, 161]);
/// For what belongs in the background.
pub(crate) const FAINT: Ink = ink("f", [175, 184, 193], [88, 96, 105]);
pub(crate) const GRID: Ink = ink("g", [228, 231, 235], [38, 44, 54]);
pub(crate) const SHADE: Ink = ink("s", [243, 246, 250], [22, 28, 37]);

/// The Okabe-Ito palette, which most colour-blind readers can tell apart; a little lighter in the dark.
pub(crate) const HUES: [Ink; 7] = [
    ink("c0", [0, 114, 178], [63, 150, 232]),
    ink("c1", [213, 94, 0], [240, 128, 60]),
    ink("c2", [0, 158, 115], [45, 190, 146]),
    ink("c3", [204, 121, 167], [222, 147, 188]),
    ink("c4", [230, 159, 0], [240, 178, 50]),
    ink("c5", [86, 180, 233], [138, 212, 255]),
    ink("c6", [36, 41, 47], [230, 237, 243]),
];

/// The dashes of curves, as lengths of dash and gap. Seven hues and four of these make 28 curves that differ.
pub(crate) const DASHES: [&[f32]; 4] = [&[], &[9.0, 4.0], &[2.0, 3.5], &[12.0, 4.0, 2.0, 4.0]];

pub(crate) fn hue(curve: usize) -> Ink {
    HUES[curve % HUES.len()]
}

pub(crate) fn dashes(curve: usize) -> &'static [f32] {
    DASHES[curve % DASHES.len()]
}
