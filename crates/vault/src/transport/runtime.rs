//! Whether the async runtime is one that I/O works on.

use std::cell::Cell;
use std::panic::catch_unwind;
use std::time::Duration;

use tokio::runtime::{Handle, Id};

use crate::{VaultError, VaultErrorKind};

/// Makes sure that this thread is in a tokio runtime with I/O and time: without one, tokio panics
/// in the middle of a request.
///
/// # Errors
/// [`VaultErrorKind::Configuration`] if it is not.
pub(crate) fn ready() -> Result<(), VaultError> {
    thread_local! {
        static GOOD: Cell<Option<Id>> = const { Cell::new(None) };
    }
    let handle = Handle::try_current().map_err(|_| missing())?;
    if GOOD.get() == Some(handle.id()) {
        return Ok(());
    }
    // There is no other way to ask a runtime what it has. This is done once for each of them, and
    // only a program that set one up by halves sees the words of the panic.
    catch_unwind(probe).map_err(|_| missing())?;
    GOOD.set(Some(handle.id()));
    Ok(())
}

/// Uses what a request uses, so that it panics now if it ever does.
fn probe() {
    drop(tokio::time::timeout(
        Duration::ZERO,
        std::future::pending::<()>(),
    ));
    if let Ok(socket) = std::net::UdpSocket::bind(("127.0.0.1", 0)) {
        let registered = socket.set_nonblocking(true);
        drop(registered.and_then(|()| tokio::net::UdpSocket::from_std(socket)));
    }
}

/// There is no such runtime.
pub(crate) fn missing() -> VaultError {
    let message = "there is no tokio runtime with I/O and time on this thread";
    VaultError::new(VaultErrorKind::Configuration, message)
        .with_hint("call it within a runtime that was built with `enable_all`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_runtime_is_one() {
        let ready = |builder: &mut tokio::runtime::Builder| {
            let runtime = builder.build().expect("the system gives a runtime");
            runtime.block_on(async { ready() })
        };
        let new = tokio::runtime::Builder::new_current_thread;
        assert_eq!(super::ready(), Err(missing()));
        assert_eq!(ready(&mut new()), Err(missing()));
        assert_eq!(ready(new().enable_io()), Err(missing()));
        assert_eq!(ready(new().enable_time()), Err(missing()));
        assert_eq!(ready(new().enable_all()), Ok(()));
        // What is known of one runtime says nothing about the next.
        assert_eq!(ready(&mut new()), Err(missing()));
    }
}
