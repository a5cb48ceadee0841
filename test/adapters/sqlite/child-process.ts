import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** Other processes that use the stores, running the sources as they stand (with their types taken out, below node_modules so that packages are found). */
export interface OtherProcesses {
  /** Runs the text of a module that imports the sources by their places: `./src/…`, `./test/…`. */
  start(program: string, options: { readonly arguments: readonly string[]; readonly uid?: number }): OtherProcess;
  dispose(): Promise<void>;
}

export interface OtherProcess {
  readonly child: ChildProcess;
  /** Resolves when a line with this text was printed; rejects when the process ends without. */
  printed(text: string): Promise<void>;
  /** The lines printed so far. */
  lines(): readonly string[];
  /** Resolves to the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  errors(): string;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const SOURCES = ['src/domain', 'src/domain/ports', 'src/adapters/sqlite', 'src/testing/contracts'];

export async function otherProcesses(): Promise<OtherProcesses> {
  await mkdir(join(root, 'node_modules/.cache'), { recursive: true });
  const folder = await mkdtemp(join(root, 'node_modules/.cache/codeloom-'));
  await chmod(folder, 0o755); // for other users
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  for (const source of SOURCES) {
    for (const name of await readdir(join(root, source))) {
      if (!name.endsWith('.ts')) continue;
      const text = await readFile(join(root, source, name), 'utf8');
      const file = join(folder, source, name.replace(/\.ts$/, '.js'));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true } }).outputText);
    }
  }
  const running = new Set<ChildProcess>();

  return {
    start(program, options) {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', program, '--', ...options.arguments], {
        cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
      });
      running.add(child);
      let output = '';
      let errors = '';
      const waiting = new Set<() => void>();
      child.stdout.on('data', (data: Buffer) => {
        output += data.toString();
        for (const look of waiting) look();
      });
      child.stderr.on('data', (data: Buffer) => {
        errors += data.toString();
      });
      const ended = new Promise<number | string>((resolve, reject) => {
        child.on('error', reject);
        child.on('close', (code, signal) => {
          running.delete(child);
          resolve(code ?? signal ?? -1);
          for (const look of waiting) look();
        });
      });
      const lines = (): readonly string[] => output.split('\n').slice(0, -1);
      return {
        child, ended, lines,
        errors: () => errors,
        printed: (text) => new Promise((resolve, reject) => {
          const look = (): void => {
            const there = lines().includes(text);
            const over = child.exitCode !== null || child.signalCode !== null;
            if (!there && !over) return;
            waiting.delete(look);
            if (there) resolve();
            else reject(new Error(`ended without printing ${text}: ${errors}`));
          };
          waiting.add(look);
          look();
        }),
      };
    },
    async dispose() {
      for (const child of running) child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    },
  };
}
