//! What all plugins of a server have in common.

use std::fmt;
use std::sync::Arc;

use manifill::SharedBackends;
use manifill::settings::{ConfigErrors, Sources};

use super::archives::Archives;
use super::hooks::{Hooks, NoHooks};
use super::operator::OperatorSettings;
use super::room::Room;
use super::stream::DROPPED;
use super::turns::Turns;
use crate::rendering::Programs;

/// What an answer has around the manifests, in bytes.
const AROUND: usize = 1 << 10;

/// What to do about an answer that is larger than a message may be.
pub(crate) const MESSAGE_HINT: &str = "ARGOCD_GRPC_MAX_SIZE_MB, for the repo-server and for this sidecar, \
    sets how large an answer may be";

/// What to do about an app that needs more room than there is.
pub(crate) const ROOM_HINT: &str = "MANIFILL_SERVER_MEMORY, or else the memory limit of the sidecar, decides \
    how much an app may have";

/// What all plugins of a server have in common: the operator's settings, the backends, which stay
/// connected, the programs, the archives and the memory for them.
///
/// ```
/// use std::sync::Arc;
/// use manifill::settings::Sources;
/// use manifill_argocd::Discovery;
/// use manifill_argocd::server::{Engine, Mode, PluginService};
///
/// let engine = Arc::new(Engine::new(Sources::from_env()));
/// let all = PluginService::new(engine.clone(), Mode::Auto);
/// let charts = PluginService::new(engine, Mode::Helm).with_discovery(Discovery::Kind);
/// # let _ = (all, charts);
/// ```
#[must_use]
pub struct Engine {
    pub(crate) settings: OperatorSettings,
    pub(crate) backends: SharedBackends,
    pub(crate) programs: Option<Programs>,
    pub(crate) hooks: Arc<dyn Hooks>,
    pub(crate) archives: Arc<Archives>,
    pub(crate) room: Room,
    /// Whose turn it is to start a program, and to have more room than usual.
    pub(crate) program_turns: Turns,
    pub(crate) large_turns: Turns,
    message: usize,
    limits: Memory,
}

/// How much memory archives may take, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Memory {
    /// What an archive may have; all that are being received have no more together.
    pub packed: u64,
    /// What an archive may unpack to; all that apps work on take no more together, beside those that
    /// are kept.
    pub unpacked: u64,
    /// What is kept for the next app of the same repository (`MANIFILL_ARCHIVE_MEMORY`).
    pub kept: u64,
}

impl Memory {
    /// 100 MiB for an archive, 256 MiB unpacked, 64 MiB kept.
    pub fn new() -> Self {
        Memory {
            packed: 100 << 20,
            unpacked: 256 << 20,
            kept: 64 << 20,
        }
    }

    /// Sets what an archive may have.
    pub fn with_packed(mut self, bytes: u64) -> Self {
        self.packed = bytes;
        self
    }

    /// Sets what an archive may unpack to.
    pub fn with_unpacked(mut self, bytes: u64) -> Self {
        self.unpacked = bytes;
        self
    }

    /// Sets what is kept for the next app; nothing with 0.
    pub fn with_kept(mut self, bytes: u64) -> Self {
        self.kept = bytes;
        self
    }
}

impl Default for Memory {
    fn default() -> Self {
        Memory::new()
    }
}

impl Engine {
    /// An engine with the operator's settings, and nothing else yet: no programs, no hooks. What
    /// an app's author sets is added to the settings for that app alone; variables such as
    /// `ARGOCD_ENV_…` among the operator's are left out, since they would be an author's.
    ///
    /// The settings file may have a relative name. Other names of files and folders start from the
    /// folder of that file or are absolute.
    pub fn new(mut settings: Sources) -> Self {
        let memory = Memory::new();
        if let Some(file) = settings.settings_file() {
            let file = settings.working_dir.join(file);
            settings.config_file = std::path::absolute(&file).ok().or(Some(file));
        }
        Engine {
            settings: OperatorSettings::new(settings),
            backends: SharedBackends::new(),
            programs: None,
            hooks: Arc::new(NoHooks),
            archives: archives(memory),
            room: Room::new(),
            program_turns: Turns::new(Room::new().programs),
            large_turns: Turns::new(1),
            message: 100 << 20,
            limits: memory,
        }
    }

    /// Says that the Kubernetes Secret with the settings could not be [read](Sources::read_secret), and
    /// why: each app gets that error, and the Secret is read again from time to time when one comes.
    pub fn with_unread_secret(mut self, name: impl Into<String>, errors: ConfigErrors) -> Self {
        self.settings = self.settings.with_unread(name.into(), errors);
        self
    }

    /// Sets the programs that charts and kustomizations need.
    pub fn with_programs(mut self, programs: Programs) -> Self {
        self.programs = Some(programs);
        self
    }

    /// Sets what is done with each request.
    pub fn with_hooks(mut self, hooks: impl Hooks) -> Self {
        self.hooks = Arc::new(hooks);
        self
    }

    /// Sets how much memory archives may take.
    pub fn with_memory(mut self, memory: Memory) -> Self {
        self.archives = archives(memory);
        self.limits = memory;
        self
    }

    /// Sets how much memory apps may take while they are worked on.
    pub fn with_room(mut self, room: Room) -> Self {
        self.room = room;
        self.program_turns = Turns::new(room.programs);
        self
    }

    /// Sets how many bytes one message may have (`ARGOCD_GRPC_MAX_SIZE_MB`); 100 MiB if nothing is
    /// said.
    pub fn with_message_size(mut self, bytes: usize) -> Self {
        self.message = bytes;
        self
    }

    /// The backends, which know how many requests they have sent and how many reads were spared.
    pub fn backends(&self) -> &SharedBackends {
        &self.backends
    }

    /// How many archives were unpacked.
    pub fn archives_unpacked(&self) -> u64 {
        self.archives.runs()
    }

    /// How large a message is read: one that is too large is dropped and told of.
    pub(crate) fn message_read(&self) -> usize {
        self.message.saturating_add(DROPPED as usize)
    }

    /// How large an answer may be: Argo CD reads none that is larger.
    pub(crate) fn message_sent(&self) -> usize {
        self.message
    }

    /// How many bytes a result may have, and what to do about one that is larger.
    pub(crate) fn most_result(&self) -> (u64, &'static str) {
        let sent = self.message.saturating_sub(AROUND) as u64;
        let room = Room::result(self.room.large);
        if sent <= room {
            (sent, MESSAGE_HINT)
        } else {
            (room, ROOM_HINT)
        }
    }
}

fn archives(memory: Memory) -> Arc<Archives> {
    Arc::new(Archives::new(memory.packed, memory.unpacked, memory.kept))
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("settings", &self.settings)
            .field("programs", &self.programs)
            .field("memory", &self.limits)
            .field("room", &self.room)
            .finish_non_exhaustive()
    }
}
