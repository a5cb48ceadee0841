// Indexes a repository into LevelDB and prints who calls a symbol: node dist/callers.js <folder of a Git repository> <symbol> [data folder]
import { createCodeloom } from 'codeloom';
import { openLevelStores } from './stores.js';

const [location = '.', symbol, folder = './level-data'] = process.argv.slice(2);
const stores = await openLevelStores(folder);
const codeloom = await createCodeloom({ store: 'memory', ...stores });

const { status, snapshot } = await codeloom.index({ location });
console.log(`${status}: ${snapshot.stats.files} files, ${snapshot.stats.symbols} symbols`);

const answer = await codeloom.callers({ symbol: symbol ?? (await codeloom.busiestSymbol())?.id ?? '' });
console.log(`callers of ${answer.symbol?.qualifiedName ?? symbol}: ${answer.completeness}`);
for (const { name, sites, certainty } of answer.results) console.log(`  ${name}  ${sites.map(({ path, line }) => `${path}:${line}`).join(' ')}  ${certainty}`);

await codeloom.close();
await stores.close();
