//! A grid of characters, with dots of braille that belong to curves.

use super::screen::{RESET, Screen, escape};

/// Dots in a character.
pub(super) const DOTS: (usize, usize) = (2, 4);

/// A character and its colour: `None` is the terminal's own, `Some(None)` grey.
#[derive(Clone, Copy, PartialEq)]
struct Cell {
    char: char,
    colour: Option<Option<usize>>,
}

pub(super) struct Canvas {
    width: usize,
    cells: Vec<Cell>,
}

/// The dots of a curve: one byte a character.
pub(super) struct Layer {
    width: usize,
    dots: Vec<u8>,
}

impl Layer {
    pub(super) fn new((width, height): (usize, usize)) -> Self {
        Self { width, dots: vec![0; width * height] }
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64)) {
        let pieces = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil().max(1.0);
        for i in 0..=pieces as usize {
            let part = i as f64 / pieces;
            self.dot(from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
        }
    }

    pub(super) fn dot(&mut self, x: f64, y: f64) {
        const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
        let (x, y) = (x.round() as usize, y.round() as usize);
        let (column, row) = (x / DOTS.0, y / DOTS.1);
        if column < self.width
            && let Some(dots) = self.dots.get_mut(row * self.width + column)
        {
            *dots |= BITS[x % DOTS.0][y % DOTS.1];
        }
    }
}

impl Canvas {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self { width, cells: vec![Cell { char: ' ', colour: None }; width * height] }
    }

    /// Writes a text, as far as there is room.
    pub(super) fn write(&mut self, x: usize, y: usize, text: &str, colour: Option<Option<usize>>) {
        for (i, char) in text.chars().enumerate() {
            if x + i < self.width
                && let Some(cell) = self.cells.get_mut(y * self.width + x + i)
            {
                *cell = Cell { char, colour };
            }
        }
    }

    /// Draws layers from (x, y) on. Where curves share a character they take turns, so that neither hides the other. Each
    /// has a letter, drawn in place of its dots if it is not to be told by its colour.
    pub(super) fn draw(&mut self, (x, y): (usize, usize), layers: &[(Option<usize>, Option<char>, Layer)]) {
        let Some(size) = layers.first().map(|layer| layer.2.dots.len()) else { return };
        for i in 0..size {
            let mut here: Vec<_> = layers.iter().filter(|layer| layer.2.dots[i] != 0).collect();
            // What belongs in the background gives way.
            if here.iter().any(|layer| layer.0.is_some()) {
                here.retain(|layer| layer.0.is_some());
            }
            if here.is_empty() {
                continue;
            }
            let width = layers[0].2.width;
            let (column, row) = (i % width, i / width);
            let (hue, letter, layer) = here[(column + row) % here.len()];
            let braille = || char::from_u32(0x2800 + u32::from(layer.dots[i])).unwrap_or('*');
            let char = letter.unwrap_or_else(braille);
            self.write(x + column, y + row, &char.to_string(), Some(*hue));
        }
    }

    pub(super) fn text(&self, screen: &Screen) -> String {
        let mut text = String::new();
        for row in self.cells.chunks(self.width.max(1)) {
            let end = row.iter().rposition(|cell| cell.char != ' ').map_or(0, |last| last + 1);
            let mut current = None;
            for cell in &row[..end] {
                let colour = cell.colour.filter(|_| screen.colours && cell.char != ' ');
                if colour != current && cell.char != ' ' {
                    text.push_str(colour.map_or(RESET, escape));
                    current = colour;
                }
                text.push(cell.char);
            }
            if current.is_some() {
                text.push_str(RESET);
            }
            text.push('\n');
        }
        text
    }
}
