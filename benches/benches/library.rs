//! Scan, parse, splice, plan and render, inside the library.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::FutureExt as _;
use manifill::vault::backend::memory::Memory;
use manifill::{Input, Renderer, RunContext};
use manifill_benches::{VAULT, config_map, crds, deployments, secrets};
use manifill_manifest::{self as manifest, Document, Edit, ParseOptions, Replacement};
use manifill_placeholder::{self as placeholder, Grammar};

fn renderer() -> Renderer {
    let vault = (0..20).fold(Memory::new(), |vault, n| {
        let path = format!("vaults/{VAULT}/items/item {n}");
        vault.with(
            path,
            [
                ("username", format!("user-{n}")),
                ("password", format!("made-up: #{n}")),
            ],
        )
    });
    Renderer::with_backend("memory", vault)
}

fn scan(c: &mut Criterion) {
    let text = config_map(50_000);
    let mut group = c.benchmark_group("scan");
    group.throughput(Throughput::Bytes(text.len() as u64));
    let grammar = Grammar::new().with_annotated(true);
    group.bench_function("50,000 placeholders", |b| {
        b.iter(|| placeholder::scan(black_box(&text), grammar).count());
    });
    group.finish();
}

fn prefilter(c: &mut Criterion) {
    let mut group = c.benchmark_group("prefilter");
    for (name, text) in [
        ("crds", crds(30_000_000)),
        ("deployments", deployments(20_000)),
    ] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |b| {
            b.iter(|| {
                manifest::split(black_box(&text))
                    .into_iter()
                    .filter(|span| manifill::may_need_filling(&text[span.clone()]))
                    .count()
            });
        });
    }
    group.finish();
}

fn parse(c: &mut Criterion) {
    let mut group = c.benchmark_group("parse");
    for (name, text) in [("crds", crds(1)), ("secrets", secrets(1_000, 20))] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        let spans = manifest::split(&text);
        group.bench_function(name, |b| {
            b.iter(|| {
                for span in &spans {
                    let keep =
                        |_: &manifest::Resource, value: &str| placeholder::may_contain(value);
                    let document =
                        Document::parse(&text, span.clone(), &ParseOptions::default(), keep);
                    black_box(document.is_ok());
                }
            });
        });
    }
    group.finish();
}

fn splice(c: &mut Criterion) {
    let text = config_map(50_000);
    let keep = |_: &manifest::Resource, value: &str| placeholder::may_contain(value);
    let Ok(document) = Document::parse(&text, 0..text.len(), &ParseOptions::default(), keep) else {
        return;
    };
    let edits: Vec<Edit> = document
        .scalars(&text)
        .enumerate()
        .map(|(scalar, found)| {
            let mut fills = manifest::TextEdits::new();
            fills.push(0..found.value.len(), "it's: #1");
            let change = Replacement::Text(fills);
            Edit { scalar, change }
        })
        .collect();
    let mut group = c.benchmark_group("splice");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("50,000 scalars", |b| {
        b.iter(|| black_box(document.apply(&text, &edits).is_ok()));
    });
    group.finish();
}

/// 1×, 10× and 100×: the cost is linear.
fn plan_and_render(c: &mut Criterion) {
    let renderer = renderer();
    for name in ["plan", "render"] {
        let mut group = c.benchmark_group(name);
        group.sample_size(10);
        for count in [200, 2_000, 20_000] {
            let inputs = [Input::new("secrets.yaml", secrets(count, 20))];
            group.throughput(Throughput::Bytes(inputs[0].source.len() as u64));
            group.bench_with_input(BenchmarkId::new("secrets", count), &inputs, |b, inputs| {
                b.iter(|| match name {
                    "plan" => black_box(renderer.plan(inputs).is_ok()),
                    _ => black_box(
                        renderer
                            .render(inputs, &RunContext::new())
                            .now_or_never()
                            .is_some_and(|r| r.is_ok()),
                    ),
                });
            });
        }
        group.finish();
    }
    let mut group = c.benchmark_group("render");
    group.sample_size(10);
    for (name, text) in [
        ("50,000 placeholders", config_map(50_000)),
        ("crds 30 MB", crds(30_000_000)),
        ("20,000 deployments", deployments(20_000)),
    ] {
        let inputs = [Input::new("input.yaml", text)];
        group.throughput(Throughput::Bytes(inputs[0].source.len() as u64));
        group.bench_function(name, |b| {
            b.iter(|| {
                black_box(
                    renderer
                        .render(&inputs, &RunContext::new())
                        .now_or_never()
                        .is_some_and(|r| r.is_ok()),
                )
            });
        });
    }
    group.finish();
}

criterion_group!(benches, scan, prefilter, parse, splice, plan_and_render);
criterion_main!(benches);
