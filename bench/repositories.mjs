// Indexes checkouts with the built command line and prints a table: node bench/repositories.mjs <folder of a Git work tree>...
// Each is copied first, so that nothing is written to it: cold (an empty store), again (nothing changed), one file (a line appended to one source file), verify.
// Wall and processor seconds (user and system, all threads) and peak resident memory are those of the whole process, as Node's resourceUsage tells them at its exit.
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../dist/infrastructure/bin/codeloom.js', import.meta.url));
const report = "import fs from 'node:fs';process.on('exit',()=>{const u=process.resourceUsage();fs.writeSync(3,JSON.stringify([u.userCPUTime+u.systemCPUTime,u.maxRSS]))})";
const SOURCE = /\.(?:[cm]?[jt]sx?|py)$/;

function run(args, cwd, env) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(report)}`, cli, ...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
    let output = '';
    let usage = '';
    child.stdout.on('data', (data) => (output += data));
    child.stdio[3].on('data', (data) => (usage += data));
    child.on('error', reject);
    child.on('close', (code) => {
      const [cpu, rss] = JSON.parse(usage);
      resolve({ code, output, wall: (performance.now() - started) / 1000, cpu: cpu / 1e6, memory: rss / 1024 });
    });
  });
}

const cell = ({ wall, cpu, memory }) => `${wall.toFixed(1)} s, ${cpu.toFixed(1)} s, ${memory.toFixed(0)} MB`;

console.log('| repository | commit | files | MB | symbols | edges | cold: wall, processor, memory | again | one file changed | verify | store MB |');
console.log('|---|---|---|---|---|---|---|---|---|---|---|');
for (const folder of process.argv.slice(2)) {
  const work = mkdtempSync(join(tmpdir(), 'codeloom-bench-'));
  try {
    const checkout = join(work, basename(folder));
    const store = join(work, 'store');
    cpSync(folder, checkout, { recursive: true, verbatimSymlinks: true });
    const commit = execFileSync('git', ['rev-parse', '--short=9', 'HEAD'], { cwd: checkout, encoding: 'utf8' }).trim();
    const env = { CODELOOM_STORE: store };
    const cold = await run(['index', '.'], checkout, env);
    const again = await run(['index', '.'], checkout, env);
    const status = JSON.parse((await run(['status', '--json'], checkout, env)).output);
    const verified = await run(['verify'], checkout, env);
    const file = execFileSync('git', ['ls-tree', '-r', '-z', '--name-only', 'HEAD'], { cwd: checkout, encoding: 'utf8' }).split('\0').filter((path) => SOURCE.test(path)).sort()[0];
    appendFileSync(join(checkout, file), '\n');
    const changed = await run(['index', '.'], checkout, env);
    const { files, bytes, symbols, edges } = status.heads[0].stats;
    const size = ['graph.db', 'facts.db'].reduce((sum, name) => sum + statSync(join(store, name)).size, 0);
    const count = Object.values(edges).reduce((sum, each) => sum + each, 0);
    console.log(`| ${basename(folder)} | ${commit} | ${files} | ${(bytes / 1e6).toFixed(1)} | ${symbols} | ${count} | ${cell(cold)} | ${cell(again)} | ${cell(changed)} | ${verified.code === 0 ? 'ok' : 'DIFFERS'}, ${verified.wall.toFixed(1)} s | ${(size / 1e6).toFixed(0)} |`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
