//! An example on a terminal, where burn's full-screen display is up.

use std::io::{Read, Write};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::Program;

/// A program and the terminal that it runs on.
struct OnTerminal {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    output: mpsc::Receiver<String>,
}

impl OnTerminal {
    fn start(program: &Program, options: &str) -> Self {
        let size = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program.path);
        command.args(program.options(options));
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            // At the end of the program, Linux returns an error.
            let _ = reader.read_to_end(&mut bytes);
            let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
        });
        Self { child, master: pair.master, output }
    }

    /// The exit code and all that was written.
    fn wait(mut self) -> (u32, String) {
        let (sender, code) = mpsc::channel();
        thread::spawn(move || sender.send(self.child.wait().unwrap().exit_code()));
        let code = code.recv_timeout(Duration::from_secs(60)).expect("the program ends");
        (code, self.output.recv_timeout(Duration::from_secs(10)).expect("its output ends"))
    }
}

pub(crate) fn a_run_can_be_stopped(path: &'static str) {
    let interrupt = |run: &mut OnTerminal| {
        let id = run.child.process_id().unwrap().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    };
    let keys = |keys: &'static [&str]| {
        move |run: &mut OnTerminal| {
            let mut writer = run.master.take_writer().unwrap();
            for key in keys {
                // The display looks at keys every 100 ms.
                thread::sleep(Duration::from_millis(300));
                writer.write_all(key.as_bytes()).unwrap();
                writer.flush().unwrap();
            }
        }
    };
    let (ctrl_c, q_and_s) = (keys(&["\x03"]), keys(&["q", "s"]));
    type Stop<'a> = &'a dyn Fn(&mut OnTerminal);
    let ways: [(&str, Stop<'_>); 3] = [("SIGINT", &interrupt), ("Ctrl-C", &ctrl_c), ("q and s", &q_and_s)];
    for (way, stop) in ways {
        let program = Program::new(path);
        let mut run = OnTerminal::start(&program, "--epochs 1000");
        program.wait_for_rows(6);
        stop(&mut run);
        let (code, output) = run.wait();
        // What is left on the terminal after the display has gone.
        let said = output.rsplit("\x1b[?1049l").next().unwrap();
        assert_eq!(code, 130, "{way}: {said}");
        assert!(said.contains("stopped after ") && said.contains("to continue: cargo run"), "{way}: {said}");
        assert!(!said.contains("done: "), "{way}: {said}");
    }
}
