// Indexes a Git repository into Neo4j, asks codeloom who calls a symbol, and asks Neo4j itself what is called most:
// node dist/ask.js <folder or URL of a Git repository> [symbol]. The server: NEO4J_URL, NEO4J_USER, NEO4J_PASSWORD.
import { CodeloomError, createCodeloom } from 'codeloom';
import { createNeo4jGraphStore } from 'codeloom/neo4j';
import { mostCalled } from './most-called.js';

const [location = '.', symbol] = process.argv.slice(2);
const { NEO4J_URL: url = 'bolt://localhost:7687', NEO4J_USER: user = 'neo4j', NEO4J_PASSWORD: password = '', NEO4J_SPACE: space = 'default' } = process.env;

try {
  const graphStore = await createNeo4jGraphStore({ url, user, password, space });
  // Records and facts stay on this machine; without a folder, in memory.
  const codeloom = await createCodeloom({ store: process.env['CODELOOM_STORE'] ?? 'memory', graphStore });
  try {
    const { status, snapshot } = await codeloom.index({ location });
    console.log(`${status}: ${snapshot.stats.files} files, ${snapshot.stats.symbols} symbols of ${snapshot.repository}`);

    const answer = await codeloom.callers({ symbol: symbol ?? (await codeloom.busiestSymbol())?.id ?? '' });
    console.log(`\ncallers of ${answer.symbol?.qualifiedName ?? symbol}: ${answer.completeness}`);
    for (const { name, sites, certainty } of answer.results) console.log(`  ${name}  ${sites.map(({ path, line }) => `${path}:${line}`).join(' ')}  ${certainty}`);

    console.log('\ncalled most, by Cypher:');
    for (const { name, callers } of await mostCalled({ url, user, password, space, repository: snapshot.repository, branch: snapshot.branch })) console.log(`  ${name}  ${callers}`);
  } finally {
    await codeloom.close();
    await graphStore.close();
  }
} catch (error) {
  const { code, message } = CodeloomError.from(error);
  console.error(`${code}: ${message}`);
  process.exitCode = 1;
}
