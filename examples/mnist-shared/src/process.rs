//! Interrupts and panics.

use std::io::{self, IsTerminal};
use std::panic::{self, AssertUnwindSafe};

use crate::terminal::Terminal;

/// The exit code that a shell expects of a program stopped by Ctrl-C.
pub(crate) const INTERRUPTED: u8 = 130;

/// Calls `stop` on Ctrl-C or a request to terminate. The second one ends the program at once, with the terminal as it is now.
///
/// # Errors
///
/// The system refuses the handler.
pub fn on_interrupt(stop: impl Fn() + Send + 'static) -> Result<(), String> {
    let mut asked = false;
    let terminal = Terminal::now();
    ctrlc::set_handler(move || {
        if asked {
            terminal.restore();
            std::process::exit(INTERRUPTED.into());
        }
        asked = true;
        // It would be written across burn's full-screen display.
        if !io::stdout().is_terminal() {
            eprintln!("stopping after the current training batch; press Ctrl-C again to stop at once");
        }
        stop();
    })
    .map_err(|error| format!("cannot handle Ctrl-C: {error}"))
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
