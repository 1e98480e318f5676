//! Interrupts and panics.

use std::io::{self, IsTerminal};
use std::panic::{self, AssertUnwindSafe};

/// The exit code that a shell expects of a program stopped by Ctrl-C.
pub(crate) const INTERRUPTED: u8 = 130;

/// Calls `stop` on Ctrl-C or a request to terminate. The second one ends the program at once, with the terminal as it was.
///
/// # Errors
///
/// The system refuses the handler.
pub fn on_interrupt(stop: impl Fn() + Send + 'static) -> Result<(), String> {
    let mut asked = false;
    let terminal = terminal::Saved::now();
    ctrlc::set_handler(move || {
        if asked {
            terminal.restore();
            std::process::exit(INTERRUPTED.into());
        }
        asked = true;
        if !io::stdout().is_terminal() {
            eprintln!("stopping after this batch; press Ctrl-C again to stop at once");
        }
        stop();
    })
    .map_err(|error| format!("cannot handle Ctrl-C: {error}"))
}

pub(crate) use terminal::keep_interrupt_key;

/// burn's full-screen display puts the terminal in raw mode, in which Ctrl-C is a key that nobody listens to.
#[cfg(unix)]
mod terminal {
    use std::io::{self, Write};

    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

    /// Makes Ctrl-C an interrupt again, but not Ctrl-Z and Ctrl-\, which would leave the display on the screen.
    pub(crate) fn keep_interrupt_key() {
        let Ok(mut modes) = tcgetattr(io::stdin()) else { return };
        if !modes.local_modes.contains(LocalModes::ISIG) {
            modes.local_modes |= LocalModes::ISIG;
            for key in [SpecialCodeIndex::VSUSP, SpecialCodeIndex::VQUIT] {
                modes.special_codes[key] = 0;
            }
            // Without it, `q` still works.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &modes);
        }
    }

    /// The terminal before the display.
    pub(super) struct Saved(Option<Termios>);

    impl Saved {
        pub(super) fn now() -> Self {
            Self(tcgetattr(io::stdin()).ok())
        }

        pub(super) fn restore(&self) {
            if let Some(modes) = &self.0 {
                let _ = tcsetattr(io::stdin(), OptionalActions::Now, modes);
                // Mouse events off, the main screen, the cursor.
                let _ = io::stdout().write_all(b"\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?1049l\x1b[?25h");
                let _ = io::stdout().flush();
            }
        }
    }
}

#[cfg(not(unix))]
mod terminal {
    pub(crate) fn keep_interrupt_key() {}

    pub(super) struct Saved;

    impl Saved {
        pub(super) fn now() -> Self {
            Self
        }

        pub(super) fn restore(&self) {}
    }
}

/// Calls a function and turns a panic into an error.
///
/// # Errors
///
/// The message of the panic.
pub fn catch<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = panic::catch_unwind(AssertUnwindSafe(call));
    panic::set_hook(hook);
    result.map_err(|panic| match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast::<&str>().map_or("unknown reason".to_owned(), |message| message.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(catch(|| 1), Ok(1));
        assert_eq!(catch(|| panic!("no {}", "network")), Err::<(), _>("no network".to_owned()));
        assert_eq!(catch(|| panic!("no network")), Err::<(), _>("no network".to_owned()));
    }
}
