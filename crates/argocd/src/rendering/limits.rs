//! How much room programs may take (rule R11).

/// How many bytes rendering may take, on disk and in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Limits {
    /// One file: one that is copied for a program, and one that it writes.
    pub file: u64,
    /// What one run has on disk.
    pub run: u64,
    /// What all runs at a time have on disk.
    pub total: u64,
    /// What a program prints.
    pub output: usize,
    /// The memory that a program takes.
    pub memory: u64,
}

impl Limits {
    /// 64 MiB for a file, 256 MiB for a run, 1 GiB for all, 256 MiB of output, 512 MiB of memory. A
    /// [`Workspace`](super::Workspace) has less where its disk does.
    pub fn new() -> Self {
        Limits {
            file: 64 << 20,
            run: 256 << 20,
            total: 1 << 30,
            output: 256 << 20,
            memory: 512 << 20,
        }
    }

    /// Sets the bytes of one file.
    pub fn with_file(mut self, bytes: u64) -> Self {
        self.file = bytes;
        self
    }

    /// Sets the bytes that one run has on disk.
    pub fn with_run(mut self, bytes: u64) -> Self {
        self.run = bytes;
        self
    }

    /// Sets the bytes that all runs at a time have on disk.
    pub fn with_total(mut self, bytes: u64) -> Self {
        self.total = bytes;
        self
    }

    /// Sets the bytes that a program prints.
    pub fn with_output(mut self, bytes: usize) -> Self {
        self.output = bytes;
        self
    }

    /// Sets the bytes of memory that a program takes. Helm takes 160 MiB for kube-prometheus-stack, one of
    /// the largest charts there are.
    pub fn with_memory(mut self, bytes: u64) -> Self {
        self.memory = bytes;
        self
    }

    /// The same on a disk where so many bytes are free: one run alone must not need more than all may.
    pub(crate) fn on_disk(self, free: u64) -> Self {
        let total = self.total.min(free);
        self.with_total(total).with_run(self.run.min(total))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits::new()
    }
}
