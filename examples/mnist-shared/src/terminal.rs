//! Ctrl-C in burn's full-screen display, which puts the terminal in raw mode: there Ctrl-C is a key that the display ignores.

pub(crate) use system::Terminal;
pub use system::keep_interrupt_key;

#[cfg(unix)]
mod system {
    use std::io::{self, Write};

    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

    /// Leaves the display: no mouse events, the main screen, the cursor.
    const LEAVE: &[u8] = b"\x1b[?1006l\x1b[?1015l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?1049l\x1b[?25h";

    /// Makes Ctrl-C an interrupt again, if the display has turned that off. burn restores the terminal at the end.
    pub fn keep_interrupt_key() {
        let Ok(mut modes) = tcgetattr(io::stdout()) else { return };
        if modes.local_modes.contains(LocalModes::ISIG) {
            return;
        }
        modes.local_modes |= LocalModes::ISIG;
        // Ctrl-Z and Ctrl-\ would leave the display on the screen, so they stay keys.
        for key in [SpecialCodeIndex::VSUSP, SpecialCodeIndex::VQUIT] {
            modes.special_codes[key] = 0;
        }
        // If it fails, `q` still works.
        let _ = tcsetattr(io::stdout(), OptionalActions::Now, &modes);
    }

    /// The terminal as it was before the display.
    pub(crate) struct Terminal(Option<Termios>);

    impl Terminal {
        pub(crate) fn now() -> Self {
            Self(tcgetattr(io::stdout()).ok())
        }

        pub(crate) fn restore(&self) {
            let Some(modes) = &self.0 else { return };
            // The program is about to end, so there is nothing to be done about a failure.
            let _ = tcsetattr(io::stdout(), OptionalActions::Now, modes);
            let _ = io::stdout().write_all(LEAVE);
            let _ = io::stdout().flush();
        }
    }
}

#[cfg(not(unix))]
mod system {
    /// Does nothing: here, only `q` stops training in the display.
    pub fn keep_interrupt_key() {}

    pub(crate) struct Terminal;

    impl Terminal {
        pub(crate) fn now() -> Self {
            Self
        }

        pub(crate) fn restore(&self) {}
    }
}
