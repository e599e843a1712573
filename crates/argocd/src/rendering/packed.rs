//! Packed charts.

use std::io::{Read as _, Write as _};
use std::path::Component;

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::error::{RenderingError, RenderingErrorKind, shown};
use super::fetch::Remote;
use super::schema;
use crate::portions::{Portions, Room};

/// How deep packed charts may be in one another.
const DEPTH: usize = 8;

/// What may be in a packed chart beside what comes out, in bytes: headers, and what is no file.
const BESIDE: u64 = 64 << 20;

/// Packs a chart anew, of the files in it that were looked at, so that Helm finds nothing else in it.
/// Schemas in it, and in charts that are packed in it, are checked.
pub(crate) fn repack(
    place: &str,
    data: &[u8],
    limit: u64,
    remote: &Remote<'_>,
) -> Result<Vec<u8>, RenderingError> {
    let mut repack = Repack {
        left: limit,
        remote,
    };
    repack.chart(place, data, 0)
}

struct Repack<'a, 'h> {
    remote: &'a Remote<'h>,
    /// How many bytes may still come out.
    left: u64,
}

impl Repack<'_, '_> {
    fn chart(&mut self, place: &str, data: &[u8], depth: usize) -> Result<Vec<u8>, RenderingError> {
        let too_much = || {
            let message = format!("{place} holds more than it may");
            RenderingError::new(RenderingErrorKind::Limit, message)
        };
        let room = Room::new(self.left.saturating_add(BESIDE));
        let broken = || match room.over() {
            Some(_) => too_much(),
            None => RenderingError::source(format!("{place} is not a packed chart")),
        };
        if depth > DEPTH {
            return Err(too_much());
        }
        let mut archive = tar::Archive::new(Portions::new(MultiGzDecoder::new(data), &room));
        // It is read again on this machine at once, so it is hardly packed.
        let mut out = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for entry in archive.entries().map_err(|_| broken())? {
            let mut entry = entry.map_err(|_| broken())?;
            room.follow(&entry);
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let name = entry.path().map_err(|_| broken())?.into_owned();
            let is_plain =
                |part: Component| matches!(part, Component::Normal(_) | Component::CurDir);
            let Some(text) = name.to_str().filter(|_| name.components().all(is_plain)) else {
                let name = name.to_string_lossy();
                let message = format!("{place} holds a file {}", shown(&name));
                return Err(RenderingError::source(message));
            };
            let mut bytes = Vec::new();
            let read = entry
                .by_ref()
                .take(self.left.saturating_add(1))
                .read_to_end(&mut bytes);
            read.map_err(|_| broken())?;
            self.left = self
                .left
                .checked_sub(bytes.len() as u64)
                .ok_or_else(too_much)?;
            let inside = format!("{place}: {}", shown(text));
            if name
                .file_name()
                .is_some_and(|file| file == "values.schema.json")
            {
                bytes = schema::check(&inside, &bytes, self.remote)?.unwrap_or(bytes);
            } else if is_packed(text) {
                bytes = self.chart(&inside, &bytes, depth + 1)?;
            }
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o600);
            let written = out.append_data(&mut header, text, bytes.as_slice());
            written.map_err(|_| broken())?;
        }
        let packed = out.into_inner().and_then(|mut packer| {
            packer.flush()?;
            packer.finish()
        });
        packed.map_err(|_| broken())
    }
}

/// Whether Helm takes a file for a packed chart: it is right in `charts/`.
pub(crate) fn is_packed(name: &str) -> bool {
    let mut parts = name.rsplit('/');
    parts.next().is_some_and(|file| file.ends_with(".tgz")) && parts.next() == Some("charts")
}

#[cfg(test)]
pub(crate) fn pack(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        out.append_data(&mut header, name, *bytes).unwrap();
    }
    out.into_inner().unwrap().finish().unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rendering::RemoteHosts;

    fn repack(place: &str, data: &[u8], limit: u64) -> Result<Vec<u8>, RenderingError> {
        super::repack(place, data, limit, &Remote::new(&RemoteHosts::default()))
    }

    fn names(data: &[u8]) -> Vec<String> {
        let mut archive = tar::Archive::new(MultiGzDecoder::new(data));
        let entries = archive.entries().unwrap();
        entries
            .map(|entry| entry.unwrap().path().unwrap().display().to_string())
            .collect()
    }

    #[test]
    fn schemas_in_packed_charts_are_found() {
        let good = pack(&[
            ("db/Chart.yaml", b"name: db"),
            ("db/values.schema.json", b"{}"),
        ]);
        let outer = pack(&[
            ("web/Chart.yaml", b"name: web"),
            ("web/charts/db.tgz", &good),
        ]);
        let packed = repack("web.tgz", &outer, 1 << 20).unwrap();
        assert_eq!(names(&packed), ["web/Chart.yaml", "web/charts/db.tgz"]);

        let schema = br#"{"$ref": "http://example.com/x"}"#;
        let bad = pack(&[("db/values.schema.json", schema)]);
        let outer = pack(&[("web/charts/db.tgz", &bad)]);
        for (data, place) in [
            (
                &bad,
                "web.tgz: `db/values.schema.json`: $ref: `http://example.com/x` is on another host",
            ),
            (
                &outer,
                "web.tgz: `web/charts/db.tgz`: `db/values.schema.json`: $ref: `http://example.com/x` is on another host",
            ),
        ] {
            assert_eq!(
                repack("web.tgz", data, 1 << 20).unwrap_err().to_string(),
                place
            );
        }
    }

    #[test]
    fn what_is_no_packed_chart_or_too_large_is_refused() {
        let large = pack(&[("db/a", &[0; 5000])]);
        let error = repack("db.tgz", &large, 4999).unwrap_err();
        assert_eq!(error.kind(), RenderingErrorKind::Limit);
        assert!(repack("db.tgz", &large, 5000).is_ok());
        // Names take memory too, and what is left out takes time.
        let mut long = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        let mut git = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (tar, kind, size) in [
            (&mut long, tar::EntryType::GNULongName, 2 << 20),
            (&mut git, tar::EntryType::Block, BESIDE + (2 << 20)),
        ] {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(size);
            header.set_cksum();
            tar.append(&header, std::io::repeat(b'a').take(size))
                .unwrap();
        }
        for tar in [long, git] {
            let data = tar.into_inner().unwrap().finish().unwrap();
            let error = repack("db.tgz", &data, 1 << 20).unwrap_err();
            assert_eq!(error.to_string(), "db.tgz holds more than it may");
        }
        for data in [&b"text"[..], &large[..30]] {
            let error = repack("db.tgz", data, 1 << 20).unwrap_err();
            assert_eq!(error.to_string(), "db.tgz is not a packed chart");
        }
    }
}
