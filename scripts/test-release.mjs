/** The laws as they are run before a release: 100 kills, and hundreds of generated histories instead of dozens. Takes about an hour. Run by `npm run test:release`. */
import { spawnSync } from 'node:child_process';

const env = { CODELOOM_LAW_KILLS: '100', CODELOOM_LAW_RUNS: '1000', ...process.env };
const { status } = spawnSync('npx', ['vitest', 'run', 'test/laws', ...process.argv.slice(2)], { stdio: 'inherit', env, shell: process.platform === 'win32' });
process.exit(status ?? 1);
