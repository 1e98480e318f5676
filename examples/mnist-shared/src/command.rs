//! Commands to suggest.

use std::env;

use shlex::Quoter;

/// `command` with the options that this program was started with, except `without`, and then `added`; quoted for a shell.
pub(crate) fn with_own_options(command: &str, without: &[&str], added: &[&str]) -> String {
    let own = env::args_os().skip(1).map(|option| option.to_string_lossy().into_owned());
    with_options(command, own, without, added)
}

fn with_options(command: &str, own: impl Iterator<Item = String>, without: &[&str], added: &[&str]) -> String {
    let own = own.filter(|option| !without.contains(&option.as_str()));
    let options: Vec<String> = own.chain(added.iter().map(ToString::to_string)).collect();
    // Arguments of a program hold no NUL, which is all that cannot be quoted.
    let quoted = Quoter::new().allow_nul(true).join(options.iter().map(String::as_str)).unwrap_or_default();
    format!("{command} {quoted}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_options_are_repeated_and_quoted() {
        let own = || ["--epochs", "8", "--overwrite", "--artifacts", "my run's"].map(String::from).into_iter();
        let line = with_options("mnist --", own(), &["--overwrite", "--resume"], &["--resume"]);
        assert_eq!(line, r#"mnist -- --epochs 8 --artifacts "my run's" --resume"#);
        assert_eq!(shlex::split(&line).unwrap()[5], "my run's");
    }
}
