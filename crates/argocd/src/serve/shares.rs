//! How the memory of a server is shared out: first what it needs itself, then apps.

use std::fs;

use super::log::{Field, Level, Log};
use crate::rendering::Limits;
use crate::server::{Memory, Room};

/// What the server takes without any app: its code, connections, backends and what they share.
const OWN: u64 = 64 << 20;

/// What apps have at least, whatever is left.
const LEAST: u64 = 192 << 20;

/// More than apps have use for.
const MOST: u64 = 8 << 30;

/// What there is if the system does not say.
const UNSAID: u64 = 2 << 30;

/// What a program has at least, if there is so much for all of them, and at most.
const PROGRAM: (u64, u64) = (256 << 20, 512 << 20);

/// Where the memory limit of a container is, in both versions of Linux's control groups.
const LIMITS: [&str; 2] = [
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
];

/// What a server may take, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole {
    /// All of it.
    pub(crate) bytes: u64,
    /// What programs have on a disk that is memory; `None` if the server starts none.
    pub(crate) disk: Option<u64>,
}

/// How it is shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shares {
    pub(crate) room: Room,
    /// What a program may take.
    program: u64,
    /// How many bytes are missing for the least that apps need.
    missing: u64,
}

impl Shares {
    /// For so many apps at a time.
    pub(crate) fn of(whole: Whole, archives: Memory, apps: usize) -> Self {
        let taken = [archives.packed, archives.unpacked, archives.kept, OWN];
        let taken = taken
            .into_iter()
            .chain(whole.disk)
            .fold(0, u64::saturating_add);
        let left = whole.bytes.saturating_sub(taken);
        let given = left.clamp(LEAST, MOST);
        let (mut programs, mut program) = (0, 0);
        if whole.disk.is_some() {
            // Helm holds a chart in memory; what is done with its text takes less.
            programs = given / 3 * 2;
            let (least, most) = PROGRAM;
            program = (programs / 2).max(programs.min(least)).min(most);
        }
        let texts = given - programs;
        let room = Room::new()
            .with_large(texts / 2)
            .with_usual(texts / 2 / apps.max(1) as u64)
            .with_programs(programs.checked_div(program).unwrap_or(0) as usize);
        Shares {
            room,
            program,
            missing: LEAST.saturating_sub(left),
        }
    }

    /// The limits of programs, with this.
    pub(crate) fn limit(&self, limits: Limits) -> Limits {
        // Documents that are only copied weigh an eighth of what they have.
        let text = Room::inputs(self.room.large).saturating_mul(8);
        let text = usize::try_from(text).unwrap_or(usize::MAX);
        limits
            .with_memory(self.program)
            .with_output(limits.output.min(text))
    }

    /// Tells the operator if there is too little.
    pub(crate) fn tell(&self, log: &Log) {
        if self.missing > 0 {
            let fields = [("missing_bytes", Field::Number(self.missing))];
            let message = "this server has less memory than its apps may take";
            log.tell(Level::Warning, message, &fields);
        }
    }
}

/// How much memory there is: what the operator says, or what the container has, or the machine.
pub(crate) fn memory(said: Option<u64>) -> u64 {
    said.unwrap_or_else(|| {
        let read = |file: &&str| fs::read_to_string(file).ok()?.trim().parse().ok();
        let machine = fs::read_to_string("/proc/meminfo").ok();
        let machine = machine.as_deref().and_then(total);
        let found = LIMITS.iter().filter_map(read).chain(machine);
        found.min().unwrap_or(UNSAID)
    })
}

/// The memory of a machine, from what Linux says of it.
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1 << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What apps, programs and the server itself take if all of them take what they may.
    fn worst(shares: Shares, archives: Memory, disk: u64, apps: u64) -> u64 {
        let programs = shares.room.programs as u64 * shares.program;
        let texts = shares.room.large + apps * shares.room.usual;
        archives.packed + archives.unpacked + archives.kept + OWN + disk + programs + texts
    }

    #[test]
    fn all_together_take_no_more_than_there_is() {
        let archives = Memory::new();
        for gibibytes in [1, 2, 3, 4, 16] {
            for apps in [1, 8, 64] {
                let (bytes, disk) = (gibibytes << 30, 256 << 20);
                for disk in [Some(disk), Some(0), None] {
                    let shares = Shares::of(Whole { bytes, disk }, archives, apps);
                    let worst = worst(shares, archives, disk.unwrap_or(0), apps as u64);
                    assert!(worst <= bytes, "{bytes} {disk:?} {apps}: {shares:?}");
                    assert_eq!(shares.missing, 0);
                    assert_eq!(shares.room.programs == 0, disk.is_none());
                    // What Helm takes for one of the largest charts there are.
                    assert!(disk.is_none() || shares.program >= 180 << 20, "{shares:?}");
                }
            }
        }
        let usual = Shares::of(
            Whole {
                bytes: 2 << 30,
                disk: Some(256 << 20),
            },
            archives,
            9,
        );
        assert_eq!((usual.room.programs, usual.program >> 20), (2, 436));
        // Its text with all definitions has 5 MiB.
        assert!(Room::inputs(usual.room.large) > 6 << 20);
    }

    #[test]
    fn too_little_is_told() {
        let whole = |bytes| Whole { bytes, disk: None };
        let little = Shares::of(whole(512 << 20), Memory::new(), 8);
        assert_eq!(little.missing >> 20, 164);
        assert_eq!(little.room.large, LEAST / 2);
    }

    #[test]
    fn the_machine_says_how_much_there_is() {
        assert_eq!(total("MemFree: 1 kB\nMemTotal:   2048 kB\n"), Some(2 << 20));
        assert_eq!(total("MemTotal: much\n"), None);
        assert_eq!(memory(Some(7)), 7);
        assert!(memory(None) > 0);
    }
}
