// Drives the official JavaScript client against the fake 1Password Connect server.
//
// Every step marks the server's log, so that the test that runs this can tell which requests it
// took. Anything unexpected ends the program with an exception.
"use strict";

const assert = require("node:assert/strict");
const { createRequire } = require("node:module");
// The package lies in NODE_MODULES, not above this file.
const load = createRequire(`${process.env.NODE_MODULES}/`);
const { OnePasswordConnect } = load("@1password/connect");

const HOST = process.env.OP_CONNECT_HOST;
const VAULT = "prodvault000000000000000aa";
const LOGIN = "loginitem0000000000000aaaa";
const DOCUMENT = "documentitem00000000000aaa";
const NOTE = "filetxt00000000000000aaaaa";
const BINARY = "filepem00000000000000aaaaa";

const connect = OnePasswordConnect({
  serverURL: HOST,
  token: process.env.OP_CONNECT_TOKEN,
  keepAlive: true,
});

async function control(parameters) {
  const answer = await fetch(`${HOST}/__ctl?${new URLSearchParams(parameters)}`);
  assert.equal(answer.status, 200);
}

async function step(mark, work, fault) {
  await control(fault ? { mark, fault } : { mark });
  await work();
}

async function vaults() {
  await step("listVaults", async () =>
    assert.deepEqual(
      (await connect.listVaults()).map((vault) => vault.name),
      ["Production", "Shared Name", "Shared Name", "Empty & Vault", "zyxwvutsrqponmlkjihgfedcba"],
    ));
  await step("getVault by id", async () =>
    assert.equal((await connect.getVault(VAULT)).name, "Production"));
  await step("getVault by title", async () =>
    assert.equal((await connect.getVault("Production")).id, VAULT));
  await step("getVault by the title of two", () =>
    assert.rejects(connect.getVault("Shared Name"), { message: /multiple Vaults/i }));
  await step("getVault by title with &", () =>
    assert.rejects(connect.getVault("Empty & Vault"), { status: 400, message: "Invalid filter" }));
}

async function items() {
  await step("listItems", async () => {
    const titles = (await connect.listItems(VAULT)).map((item) => item.title);
    assert(titles.includes("db main") && titles.includes("say \"hi\""));
  });
  await step("getItem by id", async () => {
    const item = await connect.getItem(VAULT, LOGIN);
    assert.equal(item.title, "db main");
    assert.equal(item.fields.find((field) => field.label === "username").value, "svc-user");
  });
  await step("getItem by title", async () =>
    assert.equal((await connect.getItem(VAULT, "db main")).id, LOGIN));
  await step("getItem by vault title", () =>
    assert.rejects(connect.getItem("Production", "db main"), {
      status: 400,
      message: "Invalid Vault UUID",
    }));
  await step("getItem by title shaped as an id", () =>
    assert.rejects(connect.getItem(VAULT, "abcdefghijklmnopqrstuvwxyz"), {
      status: 404,
      message: "item abcdefghijklmnopqrstuvwxyz not found",
    }));
  await step("getItemByTitle of two", () =>
    assert.rejects(connect.getItemByTitle(VAULT, "twin"), { message: /multiple Items/i }));
  await step("getItem of none", () =>
    assert.rejects(connect.getItem(VAULT, "nope"), { status: 404 }));
  await step("getItem by title with quotes", () =>
    assert.rejects(connect.getItem(VAULT, "say \"hi\""), { status: 400, message: "Invalid filter" }));
  await step("getItem by title with /", async () =>
    assert.equal((await connect.getItem(VAULT, "team/db")).id, "slashitem0000000000000aaaa"));
  await step("getItem by title with & + #", () =>
    assert.rejects(connect.getItem(VAULT, "R&D + Ops #1"), { status: 400 }));
  await step("getItem out of scope", () =>
    assert.rejects(connect.getItem("hiddenvault000000000000aaa", LOGIN), { status: 403 }));
  await step("listItemsByTitle (in parallel)", async () =>
    assert.deepEqual(
      (await connect.listItemsByTitle(VAULT, "twin")).map((item) => item.id),
      ["twinitem1000000000000aaaaa", "twinitem2000000000000aaaaa"],
    ));
  await step("listItemsByTitleContains (in parallel)", async () =>
    assert.equal((await connect.listItemsByTitleContains(VAULT, "TWI")).length, 2));
  await step("getItemOTP", async () =>
    assert.equal(await connect.getItemOTP(VAULT, "db main"), "620460"));
}

async function files() {
  await step("listFiles by ids", async () =>
    assert.deepEqual(
      (await connect.listFiles(VAULT, DOCUMENT)).map((file) => [file.name, file.size]),
      [["note.txt", 23], ["key.pem", 256]],
    ));
  await step("listFiles by titles", async () =>
    assert.equal((await connect.listFiles("Production", "document")).length, 2));
  await step("getFileById", async () =>
    assert.equal((await connect.getFileById(VAULT, DOCUMENT, NOTE)).name, "note.txt"));
  await step("getFileContent", async () =>
    assert.equal(await connect.getFileContent(VAULT, DOCUMENT, NOTE), "hello from a fake file\n"));
  // The client takes bytes for UTF-8: each of the upper 128 becomes three bytes of U+FFFD.
  await step("getFileContent of bytes", async () =>
    assert.equal(Buffer.from(await connect.getFileContent(VAULT, DOCUMENT, BINARY)).length, 512));
}

async function faults() {
  const detail = () => connect.getItem(VAULT, LOGIN);
  for (const status of [401, 403, 408, 429, 500, 503]) {
    const work = () => assert.rejects(detail(), { status });
    await step(`fault ${status}`, work, `${status}x1`);
  }
  const page = (thrown) => typeof thrown === "string" && thrown.startsWith("<html>");
  await step("fault html", () => assert.rejects(detail(), page), "htmlx1");
  await step("fault drop", () => assert.rejects(detail(), { message: "socket hang up" }), "dropx1");
  await step("after the faults", async () => assert.equal((await detail()).title, "db main"));
}

vaults().then(items).then(files).then(faults).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
