// Repositories that nobody wrote: TypeScript and Python of ordinary shape and size, the same for the same number of files on every machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';

const PACKAGE_FILES = 40;
const NOUNS = ['Order', 'Invoice', 'Customer', 'Session', 'Payment', 'Shipment', 'Catalog', 'Report', 'Account', 'Message', 'Schedule', 'Asset', 'Ticket', 'Region', 'Policy', 'Vendor'];
const ROLES = ['Store', 'Service', 'Router', 'Client', 'Cache', 'Mapper', 'Policy', 'Worker', 'Gateway', 'Reader'];
const VERBS = ['load', 'save', 'find', 'create', 'update', 'remove', 'render', 'validate', 'resolve', 'publish', 'collect', 'merge', 'format', 'schedule', 'notify', 'count'];
const FIELDS = ['name', 'total', 'owner', 'status', 'price', 'region', 'version', 'label', 'created', 'quantity'];

/** Numbers from a seed, the same everywhere. */
function randomFrom(seed) {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 12), 0x297a2d39) >>> 0;
    return ((mixed ^ (mixed >>> 15)) >>> 0) % below;
  };
}

/** What other modules may know of module `index` of a repository: its language, place and exports. */
function moduleOf(index) {
  const group = Math.floor(index / PACKAGE_FILES);
  const python = group % 5 >= 3;
  const random = randomFrom(index + 1);
  const noun = NOUNS[random(NOUNS.length)];
  const name = `${noun}${NOUNS[random(NOUNS.length)]}${ROLES[random(ROLES.length)]}${index}`;
  const first = random(VERBS.length);
  const methods = Array.from({ length: 1 + random(4) + (random(8) === 0 ? 6 : 0) }, (_, i) => VERBS[(first + i * 3) % VERBS.length]);
  const functions = Array.from({ length: 1 + random(3) }, (_, i) => `${VERBS[(first + i * 5 + 1) % VERBS.length]}${noun}${index}`);
  const area = `${NOUNS[group % NOUNS.length].toLowerCase()}-${group}`;
  const file = name.replace(/(?<=[a-z])(?=[A-Z])/g, python ? '_' : '-').toLowerCase();
  const path = python ? `services/${area.replace('-', '_')}/${file}.py` : `packages/${area}/src/${file}.ts`;
  return { index, group, python, name, methods, functions, area, file, path, base: random(6) === 0 };
}

/** Modules before this one that it uses: most of its own package, some of others. */
function usedBy(module, random) {
  const used = new Map();
  const wanted = 2 + random(5);
  for (let attempt = 0; attempt < 20 && used.size < wanted; attempt++) {
    const near = random(3) > 0;
    const from = near ? module.group * PACKAGE_FILES : 0;
    if (module.index <= from) continue;
    const other = moduleOf(from + random(module.index - from));
    if (other.python === module.python && !isBarrel(other.index)) used.set(other.index, other);
  }
  return [...used.values()];
}

const isBarrel = (index) => index % PACKAGE_FILES === 0;
const snake = (name) => name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
const lower = (name) => name[0].toLowerCase() + name.slice(1);

function typescriptModule(module, random) {
  const used = usedBy(module, random);
  const lines = [];
  for (const other of used) {
    const names = [other.name, other.functions[0], ...(random(2) === 0 ? [`type ${other.name}Options`] : [])];
    lines.push(`import { ${names.join(', ')} } from '${other.group === module.group ? `./${other.file}.js` : `@acme/${other.area}`}';`);
  }
  if (random(3) === 0) lines.push("import { readFile } from 'node:fs/promises';", "import { join } from 'node:path';");
  lines.push('', `/** How a ${module.name} is set up. */`, `export interface ${module.name}Options {`);
  for (let i = 0; i < 4; i++) lines.push(`  readonly ${FIELDS[(module.index + i) % FIELDS.length]}${i}?: ${['string', 'number', 'boolean', 'readonly string[]'][i]};`);
  lines.push('}', '', `export type ${module.name}Row = Readonly<Record<string, string | number>>;`, '');
  const parent = used.find(({ base }) => base);
  lines.push(`/** Keeps what belongs to ${module.area}; see the notes of module ${module.index} for the rules it follows. */`);
  lines.push(`export class ${module.name}${parent === undefined ? '' : ` extends ${parent.name}`} {`);
  for (const other of used) lines.push(`  readonly #${lower(other.name)}: ${other.name};`);
  lines.push(`  readonly #rows = new Map<string, ${module.name}Row>();`, `  private attempts = 0;`, '');
  lines.push(`  constructor(options: ${module.name}Options) {`);
  if (parent !== undefined) lines.push('    super({});');
  for (const other of used) lines.push(`    this.#${lower(other.name)} = new ${other.name}({});`);
  lines.push('    if (options === undefined) throw new TypeError("options are needed");', '  }', '');
  for (const [at, method] of module.methods.entries()) {
    lines.push(`  /** ${method[0].toUpperCase()}${method.slice(1)}s what the key names, at most ${10 + at} times. */`);
    lines.push(`  async ${method}(key: string, limit = ${10 + at}): Promise<${module.name}Row | undefined> {`);
    lines.push(...typescriptBody(module, used, random, at).map((line) => `    ${line}`), '  }', '');
  }
  lines.push(`  get size(): number {`, `    return this.#rows.size + this.attempts;`, '  }', '}', '');
  for (const [at, name] of module.functions.entries()) {
    lines.push(`export function ${name}(input: readonly string[], options: ${module.name}Options = {}): ${module.name}Row[] {`);
    lines.push(`  const store = new ${module.name}(options);`, `  const rows = input.map((key) => to${module.name}Row(key, store.size));`);
    for (const other of used.slice(0, 2)) lines.push(`  const ${lower(other.name)}Rows = ${other.functions[0]}(input);`, `  rows.push(...${lower(other.name)}Rows.map((row) => ({ ...row, from: '${other.area}' })));`);
    if (at > 0) lines.push(`  if (rows.length > ${at * 7}) return ${module.functions[at - 1]}(input.slice(1), options);`);
    lines.push('  return rows.filter((row) => row.key !== undefined).sort((a, b) => String(a.key).localeCompare(String(b.key)));', '}', '');
  }
  lines.push(`function to${module.name}Row(key: string, size: number): ${module.name}Row {`, '  const label = key.trim().toLowerCase();', `  return { key: label, size, area: '${module.area}' };`, '}', '');
  return lines.join('\n');
}

function typescriptBody(module, used, random, at) {
  const lines = ['this.attempts += 1;', 'const known = this.#rows.get(key);'];
  const count = 1 + random(5);
  for (let i = 0; i < count; i++) {
    const other = used.length === 0 ? undefined : used[random(used.length)];
    const draw = random(7);
    if (other !== undefined && draw < 3) {
      const method = other.methods[random(other.methods.length)];
      lines.push(`const from${i} = await this.#${lower(other.name)}.${method}(key, limit - ${i});`, `if (from${i} !== undefined) this.#rows.set(\`\${key}:${i}\`, from${i});`);
    } else if (other !== undefined && draw === 3) {
      lines.push(`for (const row of ${other.functions[0]}([key, '${FIELDS[i]}'])) {`, `  this.#rows.set(String(row.key), row);`, '}');
    } else if (draw === 4) {
      lines.push('const entries = [...this.#rows.entries()].filter(([name]) => name.startsWith(key));', 'for (const [name, row] of entries) {', `  if (Object.keys(row).length > ${i + 3}) this.#rows.delete(name);`, '}');
    } else if (draw === 5) {
      lines.push('try {', `  const text = JSON.stringify({ key, limit, at: Date.now() });`, `  console.debug('${module.area}', text.length);`, '} catch (error) {', `  throw new Error(\`${module.name} cannot go on with \${key}\`, { cause: error });`, '}');
    } else {
      lines.push(`if (known === undefined && limit > ${i + 1}) {`, `  return this.${module.methods[(at + 1) % module.methods.length]}(\`\${key}/${i}\`, limit - 1);`, '}');
    }
  }
  return [...dedupe(lines), `return known ?? to${module.name}Row(key, this.#rows.size);`];
}

/** Declares no name twice in one body. */
function dedupe(lines) {
  const seen = new Set();
  return lines.filter((line) => {
    const name = /^const (\w+)/.exec(line)?.[1];
    if (name === undefined) return true;
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

function pythonModule(module, random) {
  const used = usedBy(module, random);
  const lines = [`"""What ${module.area} knows about ${module.name}."""`, 'from __future__ import annotations', '', 'import json', 'import logging', 'from dataclasses import dataclass, field'];
  for (const other of used) {
    const from = other.group === module.group ? `.${other.file}` : `services.${other.area.replace('-', '_')}.${other.file}`;
    lines.push(`from ${from} import ${other.name}, ${snake(other.functions[0])}`);
  }
  lines.push('', 'logger = logging.getLogger(__name__)', `LIMIT_${module.index} = ${10 + random(90)}`, '', '', '@dataclass', `class ${module.name}Row:`, '    """One row, as it is stored."""', '');
  for (let i = 0; i < 4; i++) lines.push(`    ${FIELDS[(module.index + i) % FIELDS.length]}: ${['str', 'int', 'bool', 'list[str]'][i]} = ${["''", '0', 'False', 'field(default_factory=list)'][i]}`);
  const parent = used.find(({ base }) => base);
  lines.push('', '', `class ${module.name}${parent === undefined ? '' : `(${parent.name})`}:`, `    """Keeps what belongs to ${module.area}.`, '', `    Rows are held by key; what is older than the limit of module ${module.index} goes.`, '    """', '');
  lines.push('    def __init__(self, name: str = "", limit: int = 0) -> None:');
  if (parent !== undefined) lines.push('        super().__init__(name, limit)');
  for (const other of used) lines.push(`        self._${snake(other.name)} = ${other.name}(name)`);
  lines.push(`        self._rows: dict[str, ${module.name}Row] = {}`, '        self.attempts = 0', '');
  for (const [at, method] of module.methods.entries()) {
    lines.push(`    def ${method}(self, key: str, limit: int = ${10 + at}) -> ${module.name}Row | None:`, `        """${method[0].toUpperCase()}${method.slice(1)}s what the key names."""`);
    lines.push(...pythonBody(module, used, random, at).map((line) => `        ${line}`), '');
  }
  lines.push('    @property', '    def size(self) -> int:', '        return len(self._rows) + self.attempts', '', '');
  for (const [at, name] of module.functions.entries()) {
    lines.push(`def ${snake(name)}(keys: list[str], limit: int = LIMIT_${module.index}) -> list[${module.name}Row]:`);
    lines.push(`    store = ${module.name}(limit=limit)`, `    rows = [_row_${module.index}(key, store.size) for key in keys]`);
    for (const other of used.slice(0, 2)) lines.push(`    rows.extend(_row_${module.index}(str(row), 1) for row in ${snake(other.functions[0])}(keys))`);
    if (at > 0) lines.push(`    if len(rows) > ${at * 7}:`, `        return ${snake(module.functions[at - 1])}(keys[1:], limit)`);
    lines.push('    return sorted(rows, key=lambda row: str(row))', '', '');
  }
  lines.push(`def _row_${module.index}(key: str, size: int) -> ${module.name}Row:`, '    label = key.strip().lower()', `    logger.debug("%s of %s", label, size)`, `    return ${module.name}Row(label)`, '');
  return lines.join('\n');
}

function pythonBody(module, used, random, at) {
  const lines = ['self.attempts += 1', 'known = self._rows.get(key)'];
  const count = 1 + random(5);
  for (let i = 0; i < count; i++) {
    const other = used.length === 0 ? undefined : used[random(used.length)];
    const draw = random(7);
    if (other !== undefined && draw < 3) {
      const method = other.methods[random(other.methods.length)];
      lines.push(`from_${i} = self._${snake(other.name)}.${method}(key, limit - ${i})`, `if from_${i} is not None:`, `    self._rows[f"{key}:${i}"] = _row_${module.index}(str(from_${i}), ${i})`);
    } else if (other !== undefined && draw === 3) {
      lines.push(`for row in ${snake(other.functions[0])}([key, "${FIELDS[i]}"]):`, `    self._rows[str(row)] = _row_${module.index}(str(row), ${i})`);
    } else if (draw === 4) {
      lines.push('for name in [name for name in self._rows if name.startswith(key)]:', `    if len(name) > ${i + 12}:`, '        del self._rows[name]');
    } else if (draw === 5) {
      lines.push('try:', '    text = json.dumps({"key": key, "limit": limit})', '    logger.info("%s", len(text))', 'except (TypeError, ValueError) as error:', `    raise RuntimeError(f"${module.name} cannot go on with {key}") from error`);
    } else {
      lines.push(`if known is None and limit > ${i + 1}:`, `    return self.${module.methods[(at + 1) % module.methods.length]}(f"{key}/${i}", limit - 1)`);
    }
  }
  return [...lines, `return known or _row_${module.index}(key, len(self._rows))`];
}

/** The files of the repository with so many source files: `{ path, content }`, source and the few configuration files around it. */
export function* generatedFiles(count) {
  yield { path: 'package.json', content: '{ "name": "acme", "private": true, "type": "module", "workspaces": ["packages/*"] }\n' };
  yield { path: 'tsconfig.json', content: '{ "compilerOptions": { "strict": true, "module": "nodenext", "target": "es2022" }, "include": ["packages"] }\n' };
  yield { path: 'pyproject.toml', content: '[project]\nname = "acme"\nversion = "1.0.0"\n' };
  yield { path: 'README.md', content: `# acme\n\n${count} generated files.\n` };
  for (let index = 0; index < count; index++) {
    const module = moduleOf(index);
    if (!isBarrel(index)) {
      yield { path: module.path, content: module.python ? pythonModule(module, randomFrom(index + 1e6)) : typescriptModule(module, randomFrom(index + 1e6)) };
      continue;
    }
    const members = [];
    for (let other = index + 1; other < Math.min(count, index + PACKAGE_FILES); other++) members.push(moduleOf(other));
    if (module.python) {
      yield { path: `services/${module.area.replace('-', '_')}/__init__.py`, content: members.slice(0, 5).map(({ file, name }) => `from .${file} import ${name}\n`).join('') };
    } else {
      yield { path: `packages/${module.area}/package.json`, content: `{ "name": "@acme/${module.area}", "version": "1.0.0", "type": "module", "exports": "./src/index.ts" }\n` };
      yield { path: `packages/${module.area}/src/index.ts`, content: members.map(({ file }) => `export * from './${file}.js';\n`).join('') };
    }
  }
}

/** The file of the repository that a bench changes: in the middle, used by others. */
export function fileToChange(count) {
  for (let index = Math.floor(count / 2); index >= 0; index--) if (!isBarrel(index) && !moduleOf(index).python) return moduleOf(index).path;
  return generatedFiles(count).next().value.path;
}

/** Makes a repository of so many source files in `folder`, which must not be there, with one commit and a work tree. Gives the bytes of its source. */
export async function makeRepository(folder, count) {
  mkdirSync(folder, { recursive: true });
  await git(folder, ['init', '--quiet', '--initial-branch=main', '.']);
  let bytes = 0;
  await git(folder, ['fast-import', '--quiet'], async (input) => {
    const write = async (text) => {
      if (!input.write(text)) await once(input, 'drain');
    };
    await write('commit refs/heads/main\ncommitter bench <bench@example.invalid> 1700000000 +0000\ndata 5\nfirst\n');
    for (const { path, content } of generatedFiles(count)) {
      const length = Buffer.byteLength(content);
      if (/\.(ts|py)$/.test(path)) bytes += length;
      await write(`M 100644 inline ${path}\ndata ${length}\n${content}\n`);
    }
    input.end('done\n');
  });
  await git(folder, ['reset', '--hard', '--quiet', 'main']);
  return bytes;
}

async function git(cwd, args, feed) {
  const child = spawn('git', ['-c', 'core.autocrlf=false', '-c', 'gc.auto=0', ...args], { cwd, stdio: [feed === undefined ? 'ignore' : 'pipe', 'ignore', 'inherit'] });
  const ended = once(child, 'close');
  if (feed !== undefined) await feed(child.stdin);
  const [code] = await ended;
  if (code !== 0) throw new Error(`git ${args[0]} ended with ${code}`);
}
