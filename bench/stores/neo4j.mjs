// Neo4j beside bare calls of its driver: the nodes and relationships that the store wrote, put by UNWIND in batches into a space of their own, with the same labels,
// properties, constraints and indexes. Ends of relationships are matched by indexed properties, as everybody does it.
import { randomUUID } from 'node:crypto';
import neo4j from 'neo4j-driver';
import { createNeo4jGraphStore } from '../../dist/neo4j.js';

const ROWS_PER_TRANSACTION = 5000;

export async function openNeo4j(url) {
  const space = `bench-${randomUUID()}`;
  const graphStore = await createNeo4jGraphStore({ url, space, grace: 0 });
  const { protocol, host, username, password } = new URL(url);
  const driver = neo4j.driver(`${protocol}//${host}`, neo4j.auth.basic(decodeURIComponent(username), decodeURIComponent(password)));
  const session = driver.session();
  const all = async (query, parameters) => (await session.run(query, parameters)).records.map((record) => record.toObject());
  const copies = [];
  let since = neo4j.int(0);
  const [{ version }] = await all("CALL dbms.components() YIELD versions RETURN versions[0] AS version");

  return {
    version: `Neo4j ${version}`,
    stores: { graphStore },
    async mark() {
      [{ since }] = await all('MATCH (n {space: $space}) WHERE n:Partition OR n:Snapshot RETURN max(n.number) AS since', { space });
    },
    /** Nodes by their labels, relationships by their type and the labels of their ends. */
    async rows() {
      const nodes = new Map();
      // A symbol that was there already is not written again.
      for (const { labels, properties } of await all(
        `MATCH (n) WHERE n.space = $space AND (n:Partition OR n:Snapshot) AND n.number > $since RETURN labels(n) AS labels, properties(n) AS properties
        UNION ALL MATCH (n:Symbol|Name {space: $space}) WHERE $since = 0 OR NOT EXISTS { (n)-[r]-() WHERE r.partition <= $since } RETURN labels(n) AS labels, properties(n) AS properties`, { space, since })) {
        const label = labels.sort().reverse().map((each) => `:${each}`).join('');
        if (!nodes.has(label)) nodes.set(label, []);
        nodes.get(label).push(properties);
      }
      const relationships = new Map();
      for (const { type, from, to, a, b, properties } of await all(
        `MATCH (x {space: $space})-[r]->(y) WHERE r.partition > $since AND (x:Symbol OR x:Partition)
        RETURN type(r) AS type, labels(x) AS from, labels(y) AS to, coalesce(x.id, x.number) AS a, coalesce(y.id, y.name) AS b, properties(r) AS properties`, { space, since })) {
        const kind = JSON.stringify([type, endOf(from), endOf(to)]);
        if (!relationships.has(kind)) relationships.set(kind, []);
        relationships.get(kind).push([a, b, properties]);
      }
      return { nodes, relationships };
    },
    count: ({ nodes, relationships }) => [...nodes.values(), ...relationships.values()].reduce((sum, { length }) => sum + length, 0),
    async bare(batches, before) {
      const copy = `${space}-${copies.length}`;
      copies.push(copy);
      const put = async ({ nodes, relationships }) => {
        for (const [label, rows] of nodes) {
          await inBatches(rows.map((row) => ({ ...row, space: copy, ...(row.number === undefined ? {} : { number: row.number.negate() }) })), (some) => [`UNWIND $rows AS row CREATE (n${label}) SET n = row`, { rows: some }]);
        }
        for (const [kind, rows] of relationships) {
          const [type, from, to] = JSON.parse(kind);
          const match = (name, label, value) => `MATCH (${name}:${label} {${label === 'Partition' ? 'number' : `space: $space, ${label === 'Name' ? 'name' : 'id'}`}: ${value}})`;
          await inBatches(from === 'Partition' ? rows.map(([a, b, properties]) => [a.negate(), b, properties]) : rows,
            (some) => [`UNWIND $rows AS row ${match('a', from, 'row[0]')} ${match('b', to, 'row[1]')} CREATE (a)-[r:${type}]->(b) SET r = row[2]`, { rows: some, space: copy }]);
        }
      };
      if (before !== undefined) await put(before);
      return {
        run: () => put(batches),
        // Numbers are nobody else's only while one copy is there.
        close: async () => removeSpace(url, copy),
      };
    },
    roundTrip: () => session.run('RETURN 1'),
    async close() {
      await session.close();
      await driver.close();
      await graphStore.close();
      for (const each of [space, ...copies]) await removeSpace(url, each);
    },
  };

  async function inBatches(rows, statement) {
    for (let start = 0; start < rows.length; start += ROWS_PER_TRANSACTION) {
      const [query, parameters] = statement(rows.slice(start, start + ROWS_PER_TRANSACTION));
      await session.executeWrite((transaction) => transaction.run(query, parameters));
    }
  }
}

function endOf(labels) {
  return ['Symbol', 'Partition', 'Name'].find((label) => labels.includes(label));
}

async function removeSpace(url, space) {
  const store = await createNeo4jGraphStore({ url, space });
  await store.removeSpace();
  await store.close();
}
