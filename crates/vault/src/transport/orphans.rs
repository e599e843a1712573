//! Processes that lost their parent: the first process of a container inherits them, and has to wait
//! for them, or they stay in the table of processes for ever (rule R13).

use std::collections::BTreeSet;
use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::process::Child;

/// The programs that are waited for elsewhere.
static RUNNING: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Starts a program. Nothing is waited for meanwhile, so that nobody takes it for an orphan.
pub(crate) fn start(spawn: impl FnOnce() -> io::Result<Child>) -> io::Result<Child> {
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    let child = spawn()?;
    running.extend(child.id());
    Ok(child)
}

/// Tells that a program was waited for. After one that worked on an author's files, orphans are
/// waited for, too, if this process inherits them.
#[cfg(unix)]
pub(crate) fn ended(program: Option<u32>, reap: bool) {
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(program) = program {
        running.remove(&program);
    }
    #[cfg(target_os = "linux")]
    if reap && inherits() {
        wait_for_orphans(&running);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = reap;
}

/// Whether orphans become children of this process: the first one, and one that asked for it.
#[cfg(target_os = "linux")]
fn inherits() -> bool {
    std::process::id() == 1 || matches!(rustix::process::child_subreaper(), Ok(Some(_)))
}

#[cfg(target_os = "linux")]
fn wait_for_orphans(running: &BTreeSet<u32>) {
    use rustix::process::{WaitId, WaitIdOptions, WaitOptions, waitid, waitpid};

    // That there is one is looked at first, without taking its status: a program's is its caller's.
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    if !matches!(waitid(WaitId::All, look), Ok(Some(_))) {
        return;
    }
    for orphan in ended_children().filter(|child| !running.contains(child)) {
        let orphan = i32::try_from(orphan).ok();
        if let Some(orphan) = orphan.and_then(rustix::process::Pid::from_raw) {
            // It has ended, so this does not wait; one that is gone is what is wanted.
            let _ = waitpid(Some(orphan), WaitOptions::NOHANG);
        }
    }
}

/// The children of this process that have ended and were not waited for.
#[cfg(target_os = "linux")]
fn ended_children() -> impl Iterator<Item = u32> {
    let parent = std::process::id().to_string();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(move |process| {
        let id = process.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(process.path().join("stat")).ok()?;
        // The name, in parentheses, may hold anything.
        let (_, rest) = stat.rsplit_once(") ")?;
        let mut words = rest.split(' ');
        (words.next()? == "Z" && words.next()? == parent).then_some(id)
    })
}
