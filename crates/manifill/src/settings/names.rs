//! The names of the settings that are manifill's own, and no backend's.

/// The type of the backend.
pub(super) const TYPE: &str = "AVP_TYPE";

/// What restricts paths; whoever sets it can only narrow what another one allows.
pub(super) const VALIDATION: &str = "AVP_PATH_VALIDATION";

/// How long a run may take.
pub(super) const TIMEOUT: &str = "MANIFILL_TIMEOUT";

/// How many requests each backend may have under way.
pub(super) const CONCURRENCY: &str = "MANIFILL_CONCURRENCY";

/// How many bytes a result may have.
pub(super) const MAX_OUTPUT: &str = "MANIFILL_MAX_OUTPUT";

/// The key for digests of values.
pub(super) const DIGEST_KEY: &str = "MANIFILL_DIGEST_KEY";

/// How long a server shares what it reads.
pub(super) const SHARE_READS: &str = "MANIFILL_SHARE_READS";

/// How many requests a server may send in a minute.
pub(super) const MAX_REQUESTS: &str = "MANIFILL_MAX_REQUESTS_PER_MINUTE";

/// How many apps a server works on at a time.
pub(super) const SERVER_PARALLEL: &str = "MANIFILL_SERVER_PARALLEL";

/// How much of what it unpacked a server keeps.
pub(super) const ARCHIVE_MEMORY: &str = "MANIFILL_ARCHIVE_MEMORY";

/// How much memory a server may take.
pub(super) const SERVER_MEMORY: &str = "MANIFILL_SERVER_MEMORY";

/// The hosts that charts and kustomizations may name.
pub(super) const REMOTE_HOSTS: &str = "MANIFILL_REMOTE_HOSTS";

/// All of them.
pub(super) const ALL: [&str; 12] = [
    TYPE,
    VALIDATION,
    TIMEOUT,
    CONCURRENCY,
    MAX_OUTPUT,
    DIGEST_KEY,
    SHARE_READS,
    MAX_REQUESTS,
    SERVER_PARALLEL,
    ARCHIVE_MEMORY,
    SERVER_MEMORY,
    REMOTE_HOSTS,
];
