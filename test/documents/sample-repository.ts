import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PROGRAM, createCommandLine, type CommandLine } from '../adapters/cli/command-line.js';
import { root } from './blocks.js';

/** A repository that has the names which documents ask about, with codeloom installed in it and indexed once. */
export async function sampleRepository(): Promise<CommandLine & { shell(script: string): Promise<void>; program(name: string, source: string): Promise<string> }> {
  const commandLine = createCommandLine({
    '.gitignore': 'node_modules\ngraph\ndata\n*.jsonl\n',
    'src/app.ts': `import { parseDate } from './dates';\nimport { Store } from './store';\n\nexport class App {\n  private readonly store = new Store();\n  listen(): void {\n    this.store.save(parseDate('2025-01-01'));\n  }\n}\n${'\n'.repeat(29)}export function main(): void {\n  new App().listen();\n}\n`,
    'src/dates.ts': 'export function parseDate(text: string): Date {\n  return new Date(text);\n}\n',
    'src/store.ts': 'export class Store {\n  save(date: Date): void {\n    console.log(date);\n  }\n}\n',
    'src/cart.ts': 'export class Cart {\n  total(): number {\n    return 0;\n  }\n}\nexport const checkout = (): number => new Cart().total();\n',
  });
  const { folder, store } = commandLine;
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/codeloom'), 'junction');
  writeFileSync(join(folder, 'node_modules/.bin/codeloom'), `#!/bin/sh\nexec ${JSON.stringify(process.execPath)} ${JSON.stringify(PROGRAM)} "$@"\n`, { mode: 0o755 });
  await commandLine.run('index');

  const environment = {
    HOME: join(folder, '..'), XDG_DATA_HOME: join(folder, '../data'), CODELOOM_STORE: store, npm_config_offline: 'true', npm_config_update_notifier: 'false',
    PATH: [join(folder, 'node_modules/.bin'), join(process.execPath, '..'), process.env['PATH']].join(delimiter),
  };
  const launch = (command: string, argv: readonly string[]): Promise<string> => new Promise((resolve, reject) => {
    execFile(command, argv, { cwd: folder, env: environment, timeout: 60_000 }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stdout}${stderr}`)));
  });
  return {
    ...commandLine,
    async shell(script) {
      await launch('bash', ['-euo', 'pipefail', '-c', script]);
    },
    program(name, source) {
      writeFileSync(join(folder, 'node_modules', name), source);
      return launch(process.execPath, [join('node_modules', name)]);
    },
  };
}
