//! The sockets in the folder where Argo CD looks for plugins, which all sidecars of a pod share.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::error::Mistake;

/// How long a path of a socket may be, in bytes: `sun_path` without its last zero.
const PATH: usize = 107;

/// Whoever runs Argo CD's repo-server may connect: the same user, or one of the group.
const MODE: u32 = 0o660;

const FOLDER_HINT: &str = "--socket-dir names a folder that the user of this program may write to; \
    Argo CD looks for plugins in the one that its repo-server shares with them";

/// How often, and how far apart, the lock of the folder is tried: five seconds in all.
const TRIES: usize = 50;
const PAUSE: Duration = Duration::from_millis(100);

/// A socket that is removed when this is dropped, unless another one has taken its place.
#[derive(Debug)]
pub(crate) struct Socket {
    path: PathBuf,
    /// Its device and node.
    identity: (u64, u64),
}

/// Takes a lock that others hold for moments only; who waits for ever cannot be ended.
fn take(lock: &File) -> Result<(), Errno> {
    for _ in 0..TRIES {
        match flock(lock, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => std::thread::sleep(PAUSE),
            taken => return taken,
        }
    }
    Err(Errno::WOULDBLOCK)
}

impl Socket {
    /// Makes the sockets of plugins with these names in a folder, all of them or none. A socket that a
    /// killed server left behind is replaced.
    pub(crate) fn bind_all<'n>(
        folder: &Path,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Result<Vec<(Socket, UnixListener)>, Mistake> {
        // Two servers that start together must not take each other's sockets for left-overs.
        let lock = open(folder).map_err(|error| folder_error(folder, &error))?;
        take(&lock).map_err(|error| match error {
            Errno::WOULDBLOCK => {
                let message = format!("another program holds the folder {}", folder.display());
                Mistake::new(message).with_hint("each server holds it only while it starts")
            }
            error => folder_error(folder, &error.into()),
        })?;
        let names = names.into_iter();
        let paths = names.map(|name| folder.join(format!("{name}.sock")));
        paths.map(Socket::bind).collect()
    }

    fn bind(path: PathBuf) -> Result<(Socket, UnixListener), Mistake> {
        if path.as_os_str().len() > PATH {
            let message = format!(
                "the path of the socket {} has more than {PATH} bytes",
                path.display()
            );
            return Err(Mistake::new(message).with_hint("use a shorter --socket-dir"));
        }
        let failed = |error: &io::Error| {
            let message = format!(
                "cannot make the socket {}: {}",
                path.display(),
                error.kind()
            );
            Mistake::new(message).with_hint(FOLDER_HINT)
        };
        let listener = match UnixListener::bind(&path) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                remove_left_over(&path)?;
                UnixListener::bind(&path)
            }
            bound => bound,
        };
        let listener = listener.map_err(|error| failed(&error))?;
        let socket = fs::symlink_metadata(&path).map(|metadata| Socket {
            identity: (metadata.dev(), metadata.ino()),
            path: path.clone(),
        });
        let socket = socket.map_err(|error| failed(&error))?;
        let ready = fs::set_permissions(&path, Permissions::from_mode(MODE))
            .and_then(|()| listener.set_nonblocking(true));
        ready.map_err(|error| failed(&error))?;
        Ok((socket, listener))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let there = fs::symlink_metadata(&self.path);
        if there.is_ok_and(|there| (there.dev(), there.ino()) == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes the socket of a server that is gone, and nothing else.
fn remove_left_over(path: &Path) -> Result<(), Mistake> {
    let failed = |what: &str| Mistake::new(format!("{} {what}", path.display()));
    let is_socket = fs::symlink_metadata(path).is_ok_and(|there| there.file_type().is_socket());
    if !is_socket {
        let hint = "manifill deletes nothing but sockets of servers that are gone; move it away";
        return Err(failed("is not a socket").with_hint(hint));
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path)
            .map_err(|error| {
                failed(&format!(
                    "was left behind and cannot be removed: {}",
                    error.kind()
                ))
            }),
        // It went away by itself.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Ok(_) => Err(failed("is the socket of a plugin that runs").with_hint(
            "each plugin of a pod needs a name of its own, which --plugin NAME=MODE gives",
        )),
        Err(error) => Err(failed(&format!(
            "is the socket of another plugin: {}",
            error.kind()
        ))),
    }
}

fn folder_error(folder: &Path, error: &io::Error) -> Mistake {
    let path = folder.display();
    let message = match error.kind() {
        ErrorKind::NotFound => format!("there is no folder {path} for the sockets"),
        ErrorKind::NotADirectory => format!("{path} is not a folder"),
        ErrorKind::PermissionDenied => {
            format!("the folder {path} may not be used by this user")
        }
        kind => format!("the folder {path} cannot be used: {kind}"),
    };
    Mistake::new(message).with_hint(FOLDER_HINT)
}

fn open(folder: &Path) -> io::Result<File> {
    let file = File::open(folder)?;
    if file.metadata()?.is_dir() {
        Ok(file)
    } else {
        Err(ErrorKind::NotADirectory.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn a_socket_is_there_for_the_group_and_goes_with_its_server() {
        let folder = tempfile::tempdir().unwrap();
        let bound = Socket::bind_all(folder.path(), ["a", "b"]).unwrap();
        let path = folder.path().join("a.sock");
        assert_eq!(mode(&path), 0o660);
        assert!(UnixStream::connect(&path).is_ok());
        drop(bound);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_killed_server_left_is_replaced_and_a_running_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sock");
        // A listener that is closed leaves its socket behind.
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let first = Socket::bind_all(folder.path(), ["a"]).unwrap();
        let error = Socket::bind_all(folder.path(), ["b", "a"]).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("a.sock is the socket of a plugin that runs"),
            "{error}"
        );
        // All or none.
        assert!(!folder.path().join("b.sock").exists());
        assert!(UnixStream::connect(&path).is_ok());
        drop(first);
    }

    #[test]
    fn what_is_no_socket_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sock");
        let other = folder.path().join("other");
        fs::write(&other, "x").unwrap();
        let there: [&dyn Fn(); 3] = [
            &|| fs::write(&path, "x").unwrap(),
            &|| fs::create_dir(&path).unwrap(),
            &|| std::os::unix::fs::symlink(&other, &path).unwrap(),
        ];
        for make in there {
            make();
            let error = Socket::bind_all(folder.path(), ["a"]).unwrap_err();
            assert!(
                error.to_string().ends_with("a.sock is not a socket"),
                "{error}"
            );
            assert!(fs::symlink_metadata(&path).is_ok());
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
        }
        assert_eq!(fs::read_to_string(&other).unwrap(), "x");
    }

    #[test]
    fn a_socket_that_took_the_place_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sock");
        let old = Socket::bind_all(folder.path(), ["a"]).unwrap();
        fs::remove_file(&path).unwrap();
        let new = UnixListener::bind(&path).unwrap();
        drop(old);
        assert!(path.exists());
        drop(new);
    }

    #[test]
    fn a_folder_that_another_program_holds_is_told_until_it_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let held = File::open(folder.path()).unwrap();
        flock(&held, FlockOperation::LockExclusive).unwrap();
        let error = Socket::bind_all(folder.path(), ["a"]).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("another program holds the folder "),
            "{error}"
        );
        assert_eq!(
            error.hint(),
            Some("each server holds it only while it starts")
        );
        drop(held);
        Socket::bind_all(folder.path(), ["a"]).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_used_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("absent");
        let error = Socket::bind_all(&absent, ["a"]).unwrap_err();
        let told = format!("there is no folder {} for the sockets", absent.display());
        assert_eq!(error.to_string(), told);
        let file = folder.path().join("file");
        fs::write(&file, "x").unwrap();
        let error = Socket::bind_all(&file, ["a"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("{} is not a folder", file.display())
        );
        assert_eq!(error.hint(), Some(FOLDER_HINT));
        let deep = folder.path().join("d".repeat(90));
        fs::create_dir(&deep).unwrap();
        let error = Socket::bind_all(&deep, ["a"]).unwrap_err();
        assert!(error.to_string().contains("more than 107 bytes"), "{error}");
    }
}
