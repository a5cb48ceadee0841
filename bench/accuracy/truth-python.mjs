// Makes a truth of Python source by Python's own parser and pyright's go-to-definition, which know nothing of codeloom:
// node bench/accuracy/truth-python.mjs <folder> <name> <output .jsonl.gz> --pyright <folder of the npm package> [--packages <folder of what is imported>] [path]...
// The rules are those of docs/accuracy.md. Needs python3; only whoever makes a truth needs it and pyright.
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const { values: options, positionals: [folder, name, output, ...paths] } = parseArgs({ allowPositionals: true, options: { pyright: { type: 'string' }, packages: { type: 'string' } } });
const root = resolve(folder);
const sources = (paths.length === 0 ? [''] : paths).flatMap((path) => filesBelow(join(root, path))).filter((file) => file.endsWith('.py')).map((file) => relative(root, file)).sort();
const syntax = JSON.parse(execFileSync('python3', [fileURLToPath(new URL('python-syntax.py', import.meta.url)), root, ...sources], { encoding: 'utf8', maxBuffer: 1 << 30 }));
const fileIds = new Map(sources.map((path, index) => [path, `F${index}`]));

const definitions = [];
const byPath = new Map();
for (const path of sources) {
  const first = definitions.length;
  byPath.set(path, syntax[path].definitions.map((each) => define(path, each, first)));
}
joinOverloads();
const server = await startServer();
const calls = new Map();
const unknown = new Map();
const inherits = [];
const sites = { calls: 0, external: 0, held: 0, unknown: 0 };
for (const path of sources) {
  server.open(path);
  for (const site of syntax[path].sites) await judge(path, site);
  for (const base of syntax[path].bases) await derive(path, base);
}
server.close();
const imports = sources.flatMap((path) => importsOf(path));
const version = JSON.parse(readFileSync(join(options.pyright, 'package.json'), 'utf8')).version;
const meta = { t: 'meta', name, oracles: [`pyright ${version}`], counts: { defs: definitions.filter((row) => !row.opt).length, calls: [...calls.values()].filter((row) => !row.opt).length, imports: imports.length, inherits: inherits.length, unresolvedNames: unknown.size }, sites };
const rows = [meta, ...sources.map((path) => ({ t: 'file', id: fileIds.get(path), path })), ...definitions.filter((row) => !row.joined).map(({ path, joined, branches, overload, ...row }) => row), ...calls.values(), ...imports, ...inherits, ...unknown.values()];
writeFileSync(output, gzipSync(rows.map((row) => JSON.stringify(row)).join('\n'), { level: 9 }));
console.log(JSON.stringify(meta));

function filesBelow(path) {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path).flatMap((each) => filesBelow(join(path, each)));
}

function define(path, { kind, name: own, line, start, parent, opt, overload }, first) {
  const row = { t: 'def', id: definitions.length, kind, name: own, file: fileIds.get(path), line, start, ...(parent >= 0 ? { parent: first + parent } : {}), ...(opt ? { opt: 1 } : {}), path, overload };
  if (kind === 'method' && own === '__init__') row.ctor = 1;
  definitions.push(row);
  return row;
}

/**
 * Functions of one name in one place (overloads, a property's accessors, the branches of a condition) are one definition, the last. Which branch is meant depends
 * on where it runs: calls of it count neither way.
 */
function joinOverloads() {
  const last = new Map();
  for (const row of [...definitions].reverse()) {
    if (!['function', 'method'].includes(row.kind)) continue;
    const key = `${row.path} ${row.parent} ${row.name}`;
    const kept = last.get(key);
    if (kept === undefined) last.set(key, row);
    else {
      (kept.also ??= []).push([row.line, row.start]);
      row.joined = kept.id;
      if (!row.overload && !kept.overload) kept.branches = true;
    }
  }
}

function standing(row) {
  return row?.joined === undefined ? row : definitions[row.joined];
}

async function judge(path, site) {
  sites.calls++;
  const around = site.around.map((index) => standing(byPath.get(path)[index]));
  const scored = [...around].reverse().find((row) => !row.opt);
  const from = scored?.id ?? fileIds.get(path);
  const others = around.slice(scored === undefined ? 0 : around.indexOf(scored) + 1).map(({ id }) => id);
  const more = others.length > 0 ? { altFrom: others } : {};
  const open = (own = site.name) => unknown.set(`${from}>${own}`, { t: 'unk', from, name: own, ...more });
  if (site.name === null) {
    // what a call gave is called: the oracle has no name to be asked about, so that neither an instance nor a function within counts
    const made = site.inner?.name ? (await server.definitions(path, site.inner)).filter((each) => fileIds.has(each.path)).map((each) => standing(at(each))) : [];
    for (const own of ['__call__', ...definitions.filter((row) => made.some((each) => each !== undefined && row.parent === each.id)).map((row) => row.name)]) open(own);
    return;
  }
  if (site.name === 'super') return;
  const found = await server.definitions(path, site);
  if (found.length === 0) {
    sites.unknown++;
    open();
    return;
  }
  const inside = found.filter((each) => fileIds.has(each.path));
  if (inside.length === 0) {
    sites.external++;
    return;
  }
  const targets = [...new Set(inside.map((each) => standing(at(each))).filter((row) => row !== undefined))];
  if (targets.every((row) => row.kind === 'variable' || row.kind === 'field')) {
    // a parameter, a variable, a field: the oracle names what holds it; where that is an instance, its class's `__call__` runs
    sites.held++;
    open();
    open('__call__');
  }
  for (const target of targets) {
    const key = `${from}>${target.id}`;
    const optional = target.opt || target.branches || target.kind === 'variable' || target.kind === 'field' || found.length > 1 && targets.length !== 1;
    const known = calls.get(key);
    if (known !== undefined && (!known.opt || optional)) {
      known.altFrom = [...new Set([...(known.altFrom ?? []), ...others])];
      continue;
    }
    const alternative = target.kind === 'class' ? definitions.filter((row) => row.ctor && row.parent === target.id).map(({ id }) => id) : target.ctor ? [target.parent] : [];
    calls.set(key, { t: 'call', from, to: target.id, via: site.via, line: site.line, ...more, ...(alternative.length > 0 ? { altTo: alternative } : {}), ...(optional ? { opt: 1 } : {}) });
  }
}

/** The definition whose name stands at a place; undefined for a parameter. */
function at({ path, line, name: own }) {
  return byPath.get(path).find((row) => row.line === line && row.name === own);
}

async function derive(path, base) {
  const from = byPath.get(path)[base.definition];
  if (base.name === null) return;
  const [found] = await server.definitions(path, base);
  // code that does not run on this platform has no answer
  const unread = found === undefined ? byPath.get(path).find((row) => row.kind === 'class' && row.name === base.name) : undefined;
  const target = unread ?? (found !== undefined && fileIds.has(found.path) ? standing(at(found)) : undefined);
  if (target !== undefined) inherits.push({ t: 'inherit', k: 'extends', from: from.id, to: target.id, ...(unread !== undefined || target.kind !== 'class' || target.opt || from.opt ? { opt: 1 } : {}) });
}

/** Modules within the root: what an import statement reads. */
function importsOf(path) {
  const found = new Map();
  const reach = (module, optional = false) => {
    const target = [`${module}.py`, `${module}/__init__.py`].find((each) => fileIds.has(each));
    if (target !== undefined && target !== path && !(found.has(target) && optional)) found.set(target, optional);
    return target !== undefined;
  };
  const own = path.split('/').slice(0, -1);
  for (const { module, level, names } of syntax[path].imports) {
    const base = [...(level === 0 ? [] : own.slice(0, own.length - level + 1)), ...module.split('.').filter((part) => part !== '')].join('/');
    const submodules = names.filter((each) => each !== '*' && reach(`${base}/${each}`));
    // a package that is only passed through counts neither way
    reach(base, names.length > 0 && submodules.length === names.length);
  }
  return [...found].map(([target, optional]) => ({ t: 'import', from: fileIds.get(path), to: fileIds.get(target), ...(optional ? { opt: 1 } : {}) }));
}

/** pyright's language server over standard input and output. */
async function startServer() {
  const child = spawn(process.execPath, [join(options.pyright, 'langserver.index.js'), '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map();
  let buffer = Buffer.alloc(0);
  let last = 0;
  const send = (message) => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  const request = (method, params) => new Promise((resolved) => {
    waiting.set(++last, resolved);
    send({ id: last, method, params });
  });
  const settings = { python: { analysis: { extraPaths: options.packages === undefined ? [] : [resolve(options.packages)], useLibraryCodeForTypes: true, diagnosticMode: 'openFilesOnly' } } };
  const take = (message) => {
    if (message.method === 'workspace/configuration') send({ id: message.id, result: message.params.items.map(({ section }) => section?.split('.').reduce((value, key) => value?.[key], settings) ?? null) });
    else if (message.method !== undefined && message.id !== undefined) send({ id: message.id, result: null });
    else if (message.id !== undefined) waiting.get(message.id)?.(message.result);
  };
  child.stdout.on('data', (data) => {
    buffer = Buffer.concat([buffer, data]);
    for (;;) {
      const head = buffer.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, head).toString())[1]);
      if (buffer.length < head + 4 + length) return;
      const message = JSON.parse(buffer.subarray(head + 4, head + 4 + length).toString());
      buffer = buffer.subarray(head + 4 + length);
      take(message);
    }
  });
  const uri = pathToFileURL(root).href;
  await request('initialize', { processId: process.pid, rootUri: uri, workspaceFolders: [{ uri, name }], capabilities: { workspace: { configuration: true, workspaceFolders: true } } });
  send({ method: 'initialized', params: {} });
  send({ method: 'workspace/didChangeConfiguration', params: { settings } });
  const uriOf = (path) => pathToFileURL(join(root, path)).href;
  return {
    open: (path) => send({ method: 'textDocument/didOpen', params: { textDocument: { uri: uriOf(path), languageId: 'python', version: 1, text: readFileSync(join(root, path), 'utf8') } } }),
    async definitions(path, { line, column }) {
      const found = (await request('textDocument/definition', { textDocument: { uri: uriOf(path) }, position: { line: line - 1, character: column } })) ?? [];
      return (Array.isArray(found) ? found : [found]).map(({ uri: target, range }) => {
        const file = fileURLToPath(target);
        const text = readFileSync(file, 'utf8').split('\n')[range.start.line] ?? '';
        return { path: relative(root, file), line: range.start.line + 1, name: text.slice(range.start.character, range.end.character) };
      });
    },
    close: () => child.kill(),
  };
}
