// Starts `syno lsp` for `.syno` files and talks to it over standard input and output.
"use strict";

const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

async function start() {
  const [command, ...args] = vscode.workspace.getConfiguration("syno").get("server.command");
  const run = { command, args, transport: TransportKind.stdio };
  const options = { documentSelector: [{ language: "syno" }] };
  client = new LanguageClient("syno", "Syno", { run, debug: run }, options);
  try {
    await client.start();
  } catch (error) {
    const message = `Syno: cannot start \`${[command, ...args].join(" ")}\`. `;
    vscode.window.showWarningMessage(message + "Install it: pip install 'syno-lang[lsp]'.");
  }
}

async function stop() {
  const running = client;
  client = undefined;
  if (running?.isRunning()) {
    await running.stop();
  }
}

exports.activate = async (context) => {
  const changed = vscode.workspace.onDidChangeConfiguration(async (event) => {
    if (event.affectsConfiguration("syno.server")) {
      await stop();
      await start();
    }
  });
  context.subscriptions.push(changed);
  await start();
};

exports.deactivate = stop;
