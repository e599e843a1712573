//! How much memory apps may take while they are worked on (rule R11).

/// How many times its own size an input takes while it is worked on, at most: the text, what is read
/// of it, and what is remembered of each placeholder, of which a text can consist.
const INPUT: u64 = 16;

/// How many times its own size a result takes: in parts, as a whole, and as an answer.
const RESULT: u64 = 4;

/// How much memory apps may take while they are worked on, in bytes, beside that of
/// [archives](super::Memory) and of [programs](crate::rendering::Limits).
///
/// An app has [`usual`](Room::usual). One that needs more waits for its turn to have
/// [`large`](Room::large), which one app has at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Room {
    /// What each app has.
    pub usual: u64,
    /// What an app has that needs more.
    pub large: u64,
    /// How many programs run at a time.
    pub programs: usize,
}

impl Room {
    /// 64 MiB for each app, 1 GiB for one that needs more, four programs.
    pub fn new() -> Self {
        Room {
            usual: 64 << 20,
            large: 1 << 30,
            programs: 4,
        }
    }

    /// Sets what each app has.
    pub fn with_usual(mut self, bytes: u64) -> Self {
        self.usual = bytes;
        self
    }

    /// Sets what an app has that needs more.
    pub fn with_large(mut self, bytes: u64) -> Self {
        self.large = bytes;
        self
    }

    /// Sets how many programs run at a time; at least one does.
    pub fn with_programs(mut self, count: usize) -> Self {
        self.programs = count;
        self
    }

    /// How many bytes the inputs of an app may have that has so much.
    pub(crate) fn inputs(bytes: u64) -> u64 {
        bytes / INPUT
    }

    /// How many bytes its result may have.
    pub(crate) fn result(bytes: u64) -> u64 {
        bytes / RESULT
    }
}

impl Default for Room {
    fn default() -> Self {
        Room::new()
    }
}
