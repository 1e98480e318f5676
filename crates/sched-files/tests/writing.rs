//! What is replaced, how, and what is refused.

mod common;

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use common::{age, child, names, run, target, temporaries};
use sched_files::{BoxError, WriteError, replace, replace_in_folder, replace_verified, replace_with};

/// Writes as burn's recorders do: to a path whose extension is the writer's to choose.
fn replace_by_recorder(path: &Path, content: &str) -> Result<(), WriteError> {
    replace_in_folder(path, |folder| {
        let file = folder.join("record").with_extension("mpk.gz");
        fs::write(&file, content)?;
        Ok(file)
    })
}

type Way = fn(&Path, &str) -> Result<(), WriteError>;

/// Both ways of writing.
const WAYS: [Way; 2] = [|path, content| replace_with(path, content.as_bytes()), replace_by_recorder];

#[test]
fn a_file_is_created_and_replaced_and_nothing_else_is_left() {
    for way in WAYS {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.mpk");
        for content in ["the first", "2nd", ""] {
            way(&path, content).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
            assert_eq!(names(directory.path()), ["state.mpk"]);
        }
    }
}

#[test]
fn missing_folders_are_created() {
    for way in WAYS {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a/b/c/state.mpk");
        way(&path, "x").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "x");
    }
}

#[test]
fn a_bare_name_is_in_the_current_folder() {
    let directory = tempfile::tempdir().unwrap();
    let before = format!("cd '{}'", directory.path().display());
    run(&mut child(&before, "save", Path::new("state.mpk")));
    assert_eq!(names(directory.path()), ["state.mpk"]);
}

#[test]
#[ignore = "a child of other tests"]
fn save() {
    replace_with(target(), b"new").unwrap();
}

#[test]
#[ignore = "a child of other tests"]
fn save_in_folder() {
    replace_by_recorder(&target(), "new").unwrap();
}

#[test]
fn a_name_may_be_as_long_as_the_system_allows() {
    for way in WAYS {
        for name in ["x".repeat(255), "é".repeat(127)] {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join(name);
            way(&path, "x").unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), "x");
        }
    }
}

#[test]
fn a_path_without_a_name_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    for path in [Path::new(""), Path::new("/"), &directory.path().join(".."), &directory.path().join("new/")] {
        for way in WAYS {
            let error = way(path, "x").unwrap_err();
            assert!(matches!(error, WriteError::NoFileName { .. }), "{error}");
        }
    }
    assert_eq!(names(directory.path()), [""; 0]);
}

#[test]
fn a_folder_is_not_replaced() {
    let directory = tempfile::tempdir().unwrap();
    for way in WAYS {
        let error = way(directory.path(), "x").unwrap_err();
        assert!(matches!(error, WriteError::NotRegular { kind: "a folder", .. }), "{error}");
    }
}

#[test]
fn a_part_of_the_path_that_is_a_file_is_named_as_such() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("file"), "x").unwrap();
    let error = replace_with(directory.path().join("file/state.mpk"), b"x").unwrap_err().to_string();
    assert!(error.contains("a part of the path is a file"), "{error}");
}

#[test]
fn a_writer_that_fails_or_panics_leaves_the_old_file_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.mpk");
    replace_with(&path, b"old").unwrap();
    let failed: [Result<(), WriteError>; 3] = [
        replace(&path, |file| {
            file.write_all(b"half")?;
            Err("no more ideas".into())
        }),
        replace_in_folder(&path, |folder| {
            fs::create_dir(folder.join("more"))?;
            fs::write(folder.join("more/half"), "half")?;
            Err("no more ideas".into())
        }),
        replace_verified(&path, |file| Ok(file.write_all(b"half")?), |_| Err("no more ideas".into())),
    ];
    for result in failed {
        let error = result.unwrap_err();
        assert!(!error.is_in_place());
        let expected =
            format!("cannot write `{}`: no more ideas; the existing file, if any, is unchanged", path.display());
        assert_eq!(error.to_string(), expected);
    }
    let panics: [&(dyn Fn() + std::panic::RefUnwindSafe); 2] =
        [&|| drop(replace(&path, |_| panic!("a fault"))), &|| drop(replace_in_folder(&path, |_| panic!("a fault")))];
    for panics in panics {
        std::panic::catch_unwind(panics).unwrap_err();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(names(directory.path()), ["state.mpk"]);
}

#[test]
fn what_is_verified_is_the_file_from_its_beginning() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.mpk");
    let verify = |mut file: &fs::File| {
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        if text == "right" { Ok(()) } else { Err(BoxError::from(format!("{text} is not right"))) }
    };
    replace_verified(&path, |file| Ok(file.write_all(b"right")?), verify).unwrap();
    let error = replace_verified(&path, |file| Ok(file.write_all(b"wrong")?), verify).unwrap_err();
    assert!(error.to_string().contains("wrong is not right"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "right");
}

#[test]
fn bytes_that_have_gone_missing_are_found_out() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.mpk");
    let error = replace(&path, |file| {
        file.write_all(b"0123456789")?;
        file.flush()?;
        Ok(file.get_ref().set_len(4)?)
    });
    let error = error.unwrap_err();
    assert!(matches!(error, WriteError::Short { written: 10, found: 4, .. }), "{error}");
    assert_eq!(names(directory.path()), [""; 0]);
}

#[test]
fn only_a_file_in_the_folder_can_be_put_in_place() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.mpk");
    let elsewhere = directory.path().join("mine");
    fs::write(&elsewhere, "mine").unwrap();
    let failed = [
        replace_in_folder(&path, |_| Ok(elsewhere.clone())),
        replace_in_folder(&path, |folder| Ok(folder.join("never written"))),
        replace_in_folder(&path, |folder| {
            fs::create_dir(folder.join("inner"))?;
            Ok(folder.join("inner"))
        }),
    ];
    for result in failed {
        let error = result.unwrap_err();
        assert!(matches!(error, WriteError::Missing { .. }), "{error}");
    }
    assert_eq!(names(directory.path()), ["mine"]);
}

#[test]
#[ignore = "a child that leaves a temporary file, as a kill does"]
fn exit_in_save() {
    let _ = replace(target(), |file| {
        file.write_all(b"half")?;
        file.flush()?;
        std::process::exit(0)
    });
}

#[test]
#[ignore = "a child that leaves a temporary folder, as a kill does"]
fn exit_in_save_in_folder() {
    let _ = replace_in_folder(target(), |folder| {
        fs::create_dir(folder.join("inner"))?;
        fs::write(folder.join("inner/record"), "half")?;
        fs::write(folder.join("record"), "half")?;
        std::process::exit(0)
    });
}

/// A folder with `state.mpk` and what one kill in each way of writing leaves.
fn with_leftovers() -> (tempfile::TempDir, Vec<std::path::PathBuf>) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.mpk");
    replace_with(&path, b"old").unwrap();
    run(&mut child(":", "exit_in_save", &path));
    run(&mut child(":", "exit_in_save_in_folder", &path));
    let leftovers = temporaries(directory.path());
    assert_eq!(leftovers.len(), 2);
    assert_eq!(leftovers.iter().filter(|path| path.is_dir()).count(), 1);
    (directory, leftovers)
}

#[test]
fn leftovers_go_with_the_next_save_once_they_are_old() {
    for way in WAYS {
        let (directory, leftovers) = with_leftovers();
        let path = directory.path().join("state.mpk");
        way(&path, "new").unwrap();
        assert_eq!(temporaries(directory.path()), leftovers, "they are not old");
        leftovers.iter().for_each(|path| age(path));
        way(&directory.path().join("other.mpk"), "new").unwrap();
        assert_eq!(temporaries(directory.path()), leftovers, "they are of another file");
        way(&path, "new").unwrap();
        assert_eq!(names(directory.path()), ["other.mpk", "state.mpk"]);
    }
}

#[test]
fn a_folder_in_which_something_was_written_lately_is_not_old() {
    let (directory, leftovers) = with_leftovers();
    let path = directory.path().join("state.mpk");
    leftovers.iter().for_each(|path| age(path));
    let folder = leftovers.iter().find(|path| path.is_dir()).unwrap();
    fs::File::open(folder.join("record")).unwrap().set_modified(std::time::SystemTime::now()).unwrap();
    replace_with(&path, b"new").unwrap();
    assert_eq!(temporaries(directory.path()), std::slice::from_ref(folder));
}

#[test]
fn what_a_kill_before_the_lock_leaves_goes_too() {
    let (directory, leftovers) = with_leftovers();
    let folder = leftovers.iter().find(|path| path.is_dir()).unwrap();
    fs::remove_dir_all(folder).unwrap();
    fs::create_dir(folder).unwrap();
    leftovers.iter().for_each(|path| age(path));
    replace_with(directory.path().join("state.mpk"), b"new").unwrap();
    assert_eq!(names(directory.path()), ["state.mpk"]);
}

#[test]
fn a_living_writers_file_stays_however_old_it_looks() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.mpk");
    let save_meanwhile = || {
        let temporaries = temporaries(directory.path());
        assert_eq!(temporaries.len(), 1);
        age(&temporaries[0]);
        replace_with(&path, b"of this process").unwrap();
        replace_by_recorder(&path, "of this process").unwrap();
        run(&mut child(":", "save", &path));
        run(&mut child(":", "save_in_folder", &path));
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    };
    replace(&path, |file| {
        file.write_all(b"slow")?;
        save_meanwhile();
        Ok(())
    })
    .unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "slow");
    replace_in_folder(&path, |folder| {
        fs::write(folder.join("record"), "slow, in a folder")?;
        save_meanwhile();
        Ok(folder.join("record"))
    })
    .unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "slow, in a folder");
    assert_eq!(names(directory.path()), ["state.mpk"]);
}

#[test]
fn what_only_looks_like_a_leftover_stays() {
    let (directory, leftovers) = with_leftovers();
    let name = leftovers[0].file_name().unwrap().to_str().unwrap().to_owned();
    leftovers.iter().for_each(|path| age(path));
    let random = name.len() - ".tmp".len() - 16;
    let mut mine = vec![
        name.to_uppercase(),
        format!("{name}.tmp"),
        name[1..].to_owned(),
        name.replace(".tmp", ".bak"),
        name.replace(".tmp", "0.tmp"),
        format!("{}{}", &name[..random], &name[random + 1..]),
        format!("{}g{}", &name[..random], &name[random + 1..]),
        ".state.mpk.0123456789abcdef.tmp".to_owned(),
    ];
    for name in &mine {
        fs::write(directory.path().join(name), "mine").unwrap();
        age(&directory.path().join(name));
    }
    // Such a folder is never without its lock while something is in it.
    let folder = format!("{}0000000000000000.tmp", &name[..random]);
    fs::create_dir(directory.path().join(&folder)).unwrap();
    fs::write(directory.path().join(&folder).join("notes"), "mine").unwrap();
    age(&directory.path().join(&folder));
    replace_with(directory.path().join("state.mpk"), b"new").unwrap();
    mine.extend([folder, "state.mpk".to_owned()]);
    mine.sort();
    assert_eq!(names(directory.path()), mine);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown, symlink};
    use std::os::unix::net::UnixListener;
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use super::*;
    use crate::common::child_of;

    const NOBODY: u32 = 65534;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().mode() & 0o7777
    }

    fn is_root() -> bool {
        tempfile::tempdir().unwrap().path().metadata().unwrap().uid() == 0
    }

    #[test]
    fn a_new_file_follows_the_umask() {
        let directory = tempfile::tempdir().unwrap();
        for (umask, expected) in [("022", 0o644), ("027", 0o640), ("077", 0o600), ("000", 0o666)] {
            for test in ["save", "save_in_folder"] {
                let path = directory.path().join(format!("{test}-{umask}"));
                run(&mut child(&format!("umask {umask}"), test, &path));
                assert_eq!(mode(&path), expected, "{test} with {umask}");
            }
        }
    }

    #[test]
    fn the_umask_decides_also_where_the_writer_is_more_careful() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        fs::write(path("ordinary"), "").unwrap();
        replace_in_folder(path("state.mpk"), |folder| {
            fs::write(folder.join("record"), "x")?;
            fs::set_permissions(folder.join("record"), PermissionsExt::from_mode(0o600))?;
            Ok(folder.join("record"))
        })
        .unwrap();
        assert_eq!(mode(&path("state.mpk")), mode(&path("ordinary")));
    }

    #[test]
    fn an_old_files_mode_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.mpk");
        for way in WAYS {
            for old in [0o600, 0o640, 0o644, 0o666, 0o755, 0o440] {
                let _ = fs::remove_file(&path);
                fs::write(&path, "old").unwrap();
                fs::set_permissions(&path, PermissionsExt::from_mode(old)).unwrap();
                way(&path, "new").unwrap();
                assert_eq!(mode(&path), old);
            }
        }
    }

    #[test]
    fn nobody_else_can_read_the_new_file_before_it_has_its_mode() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.mpk");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        replace(&path, |_| {
            assert_eq!(mode(&temporaries(directory.path())[0]), 0o600);
            Ok(())
        })
        .unwrap();
        replace_in_folder(&path, |folder| {
            assert_eq!(mode(folder) & 0o777, 0o700);
            fs::write(folder.join("record"), "new")?;
            Ok(folder.join("record"))
        })
        .unwrap();
    }

    #[test]
    fn an_old_files_owner_stays_where_that_can_be_set() {
        if !is_root() {
            println!("skipped: only root can give files away");
            return;
        }
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.mpk");
        for way in WAYS {
            fs::write(&path, "old").unwrap();
            chown(&path, Some(1234), Some(5678)).unwrap();
            way(&path, "new").unwrap();
            let new = path.metadata().unwrap();
            assert_eq!((new.uid(), new.gid()), (1234, 5678));
        }
    }

    #[test]
    fn a_link_stays_and_its_target_is_replaced() {
        for way in WAYS {
            let directory = tempfile::tempdir().unwrap();
            let path = |name: &str| directory.path().join(name);
            fs::create_dir_all(path("data/deep")).unwrap();
            fs::create_dir(path("links")).unwrap();
            fs::write(path("data/deep/file"), "old").unwrap();
            // Through a link to a folder, with `..` in it, and absolute: three links in a row.
            symlink("../data/deep", path("links/folder")).unwrap();
            symlink("folder/../deep/file", path("links/inner")).unwrap();
            symlink(path("links/inner"), path("link")).unwrap();
            way(&path("link"), "new").unwrap();
            assert_eq!(fs::read_to_string(path("data/deep/file")).unwrap(), "new");
            assert!(path("link").is_symlink() && path("links/inner").is_symlink());
            assert_eq!(names(directory.path()), ["data", "link", "links"]);
            assert_eq!(names(&path("links")), ["folder", "inner"]);
            assert_eq!(names(&path("data/deep")), ["file"]);
        }
    }

    #[test]
    fn the_temporary_file_is_beside_the_target_of_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        fs::create_dir(path("data")).unwrap();
        symlink("data/file", path("link")).unwrap();
        replace(path("link"), |_| {
            assert_eq!(temporaries(&path("data")).len(), 1);
            assert_eq!(temporaries(directory.path()).len(), 0);
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn what_a_dangling_link_leads_to_is_created() {
        for way in WAYS {
            let directory = tempfile::tempdir().unwrap();
            let path = |name: &str| directory.path().join(name);
            symlink("missing/too/file", path("link")).unwrap();
            way(&path("link"), "new").unwrap();
            assert!(path("link").is_symlink());
            assert_eq!(fs::read_to_string(path("missing/too/file")).unwrap(), "new");
        }
    }

    #[test]
    fn links_in_a_circle_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        symlink("b", directory.path().join("a")).unwrap();
        symlink("a", directory.path().join("b")).unwrap();
        for way in WAYS {
            let error = way(&directory.path().join("a"), "x").unwrap_err();
            assert!(error.to_string().contains("cannot look at what is there: "), "{error}");
        }
        assert_eq!(names(directory.path()), ["a", "b"]);
    }

    #[test]
    fn what_is_no_regular_file_is_not_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let mut cases = vec![("fifo", "a named pipe (FIFO)"), ("socket", "a socket"), ("link", "a device")];
        assert!(Command::new("mkfifo").arg(path("fifo")).status().unwrap().success());
        let _listener = UnixListener::bind(path("socket")).unwrap();
        symlink("/dev/null", path("link")).unwrap();
        if is_root() && Command::new("mknod").arg(path("null")).args(["c", "1", "3"]).status().unwrap().success() {
            cases.push(("null", "a device"));
        } else {
            println!("without a device node: it cannot be made here");
        }
        for (name, expected) in cases {
            let before = path(name).symlink_metadata().unwrap();
            for way in WAYS {
                match way(&path(name), "x") {
                    Err(WriteError::NotRegular { kind, .. }) => assert_eq!(kind, expected),
                    other => panic!("{name}: {other:?}"),
                }
            }
            let after = path(name).symlink_metadata().unwrap();
            assert_eq!((before.ino(), before.mode()), (after.ino(), after.mode()), "{name}");
        }
        assert!(Path::new("/dev/null").metadata().unwrap().file_type().is_char_device());
    }

    /// Runs a child that is not root, with `state.mpk` in a folder of mode `mode`; returns the names in it then.
    fn run_as_nobody(test: &str, mode: u32) -> Vec<String> {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().join("folder");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("state.mpk"), "old").unwrap();
        // The program may be where only root can go.
        let program = directory.path().join("program");
        fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        let mut command = child_of(&program, ":", test, &folder.join("state.mpk"));
        command.current_dir("/");
        if is_root() {
            fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
            chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
            command.uid(NOBODY).gid(NOBODY);
        }
        fs::set_permissions(&folder, PermissionsExt::from_mode(mode)).unwrap();
        run(&mut command);
        fs::set_permissions(&folder, PermissionsExt::from_mode(0o700)).unwrap();
        names(&folder)
    }

    #[test]
    #[ignore = "a child that is not root"]
    fn save_after_read_only_leftover() {
        let folder = target().parent().unwrap().to_owned();
        run(&mut child(":", "exit_in_save", &target()));
        let leftovers = temporaries(&folder);
        fs::set_permissions(&leftovers[0], PermissionsExt::from_mode(0o440)).unwrap();
        leftovers.iter().for_each(|path| age(path));
        replace_with(target(), b"new").unwrap();
    }

    #[test]
    fn a_leftover_with_the_mode_of_a_read_only_file_goes_too() {
        assert_eq!(run_as_nobody("unix::save_after_read_only_leftover", 0o700), ["state.mpk"]);
    }

    /// The order of what reaches the disk is what a power cut would test.
    #[test]
    #[cfg(target_os = "linux")]
    fn the_file_is_synced_before_it_is_renamed_and_every_changed_folder_after() {
        let trace = |test: &str, path: &Path| {
            let save = child(":", test, path);
            let mut command = Command::new("strace");
            command.args(["-f", "-y", "-e", "trace=/rename|fsync"]).arg(save.get_program()).args(save.get_args());
            command.envs(save.get_envs().filter_map(|(name, value)| Some((name, value?))));
            command
        };
        for test in ["save", "save_in_folder"] {
            let directory = tempfile::tempdir().unwrap();
            let root = directory.path().canonicalize().unwrap();
            let path = root.join("a/b/state.mpk");
            if !trace(test, &path).output().is_ok_and(|output| output.status.success()) {
                println!("skipped: there is no strace, or it may not trace");
                return;
            }
            fs::remove_dir_all(root.join("a")).unwrap();
            let text = run(&mut trace(test, &path));
            let calls: Vec<_> =
                text.lines().filter(|line| line.contains("fsync(") || line.contains("rename")).collect();
            let [file, rename, folders @ ..] = calls.as_slice() else { panic!("{text}") };
            assert!(file.contains(".tmp") && rename.contains("rename"), "{text}");
            for folder in [root.clone(), root.join("a"), root.join("a/b")] {
                let fsync = format!("<{}>)", folder.display());
                assert!(folders.iter().any(|call| call.contains(&fsync) && call.ends_with("= 0")), "{text}");
            }
        }
    }

    #[test]
    #[ignore = "a child in a folder that it cannot read"]
    fn save_in_unreadable_folder() {
        for way in WAYS {
            let error = way(&target(), "new").unwrap_err();
            assert!(error.is_in_place(), "{error}");
            assert!(matches!(error, WriteError::NotDurable { .. }), "{error}");
            assert!(error.to_string().contains("is written and in place, but may not survive a power cut"), "{error}");
            assert_eq!(fs::read_to_string(target()).unwrap(), "new");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_synced_is_told_apart_from_a_file_that_is_not_written() {
        // It can be written to and searched, but not opened.
        assert_eq!(run_as_nobody("unix::save_in_unreadable_folder", 0o300), ["state.mpk"]);
    }

    #[test]
    #[ignore = "a child in a folder that it cannot write to"]
    fn save_in_read_only_folder() {
        for way in WAYS {
            let error = way(&target(), "new").unwrap_err();
            assert!(!error.is_in_place(), "{error}");
            assert!(error.to_string().contains("make the folder writable"), "{error}");
            assert_eq!(fs::read_to_string(target()).unwrap(), "old");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_named_as_the_cause() {
        assert_eq!(run_as_nobody("unix::save_in_read_only_folder", 0o500), ["state.mpk"]);
    }
}
