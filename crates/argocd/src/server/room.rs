//! How much memory apps may take while they are worked on (rule R11).

/// How many times its [weight](manifill::inputs::weight) an input takes while it is worked on, at most:
/// the text, what is read of it, and what is remembered of each placeholder and of each error, of which a
/// text can consist.
///
/// Measured, by how much the peak of a server grew with an app whose archive it had: manifests without
/// placeholders 2 times, small ones 5, Secrets with two placeholders 5 in a file and 8 in one each;
/// nothing but placeholders 8, maps of one key 18, a placeholder for each path that is not there 29.
const INPUT: u64 = 32;

/// How many times its own size a result takes: as a text and as an answer, which is twice. As much again
/// is left for the input that it is made of, which takes 18 of 32 parts where it has no errors.
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

    /// How many bytes the inputs of an app may [weigh](manifill::inputs::weight) that has so much.
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
