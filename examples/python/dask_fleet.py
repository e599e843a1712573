#!/usr/bin/env python3
"""Renders the manifests of a whole fleet on a Dask cluster.

    dask_fleet.py clusters out --config manifill.yaml --scheduler tcp://scheduler:8786

Each worker has one renderer, which logs in once and keeps its connections; its threads share it.
Manifests travel in batches, and a batch reads each item once. A batch whose worker is lost is done
again elsewhere, as often as the scheduler's setting `allowed-failures` says. Finished texts are
written as they arrive; diagnostics are gathered.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import cast

import manifill


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog="It needs Dask: pip install distributed"
    )
    parser.add_argument("root", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--config", required=True, type=Path)
    parser.add_argument("--scheduler", help="address; without one a cluster on this machine")
    parser.add_argument("--batch", type=int, default=500)
    return parser.parse_args()


if __name__ == "__main__":
    # First of all, so that `--help` works without Dask.
    ARGUMENTS = arguments()

try:
    from distributed import (
        Client,
        Future,
        LocalCluster,
        Worker,
        WorkerPlugin,
        as_completed,
        get_worker,
    )
except ModuleNotFoundError:
    raise SystemExit("error: this example needs Dask: pip install distributed") from None

#: The name and the text of each manifest.
Batch = Sequence[tuple[str, str]]


class RendererPlugin(WorkerPlugin):
    """Gives every worker, also one that comes later, a renderer."""

    name = "manifill"

    def __init__(self, config: str) -> None:
        self.config = config

    def setup(self, worker: Worker) -> None:
        self.renderer = manifill.Renderer.from_config(self.config)


@dataclass
class Done:
    """What became of a batch: finished texts by name, and what is wrong with the others."""

    texts: dict[str, str]
    diagnostics: list[manifill.Diagnostic]


def render_batch(batch: Batch) -> Done:
    """Renders the manifests of a batch on a worker."""
    plugin = cast(RendererPlugin, get_worker().plugins[RendererPlugin.name])
    renderer = plugin.renderer
    try:
        return Done(renderer.render_many(dict(batch)), [])
    except manifill.RenderError as error:
        first = list(error.diagnostics)
    # A mistake in one manifest keeps none of the others back.
    errors = (one for one in first if one.severity == "error")
    wrong = {file for one in errors for file in (one.file, *(more.file for more in one.further_places))}
    try:
        texts = renderer.render_many({name: text for name, text in batch if name not in wrong})
    except manifill.RenderError as error:
        # It is not the manifests: the vault cannot be reached, for instance.
        return Done({}, [*first, *error.diagnostics])
    return Done(texts, first)


def batches(files: Sequence[Path], size: int) -> Iterator[Batch]:
    """The files in batches, read when they are needed."""
    for start in range(0, len(files), size):
        yield [(str(file), file.read_text()) for file in files[start : start + size]]


def fleet(client: Client, config: Path, work: Iterator[Batch]) -> Iterator[Done]:
    """Renders all batches and yields what is done, in the order it is done."""
    client.register_plugin(RendererPlugin(str(config.resolve())))

    def submit(batch: Batch) -> "Future[Done]":
        return client.submit(render_batch, batch, pure=False)

    # A few batches for each thread are enough; the others stay where they are until it is their turn.
    ahead = 4 * max(1, sum(client.nthreads().values()))
    under_way = as_completed(map(submit, islice(work, ahead)))
    for future in under_way:
        yield future.result()
        for batch in islice(work, 1):
            under_way.add(submit(batch))


def main(args: argparse.Namespace) -> int:
    files = sorted(args.root.rglob("*.yaml"))
    rendered, wrong = 0, 0
    with Client(args.scheduler or LocalCluster(dashboard_address=None)) as client:
        for done in fleet(client, args.config, batches(files, args.batch)):
            for name, text in done.texts.items():
                target = args.out / Path(name).relative_to(args.root)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.touch(mode=0o600)
                target.write_text(text)
            for diagnostic in done.diagnostics:
                print(f"{diagnostic.severity}: {diagnostic}", file=sys.stderr)
            rendered += len(done.texts)
            wrong += sum(one.severity == "error" for one in done.diagnostics)
    print(f"{rendered} of {len(files)} manifests rendered, {wrong} errors")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(ARGUMENTS))
