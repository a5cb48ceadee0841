import neo4j from 'neo4j-driver';

export interface MostCalledRequest {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly space: string;
  readonly repository: string;
  readonly branch: string;
}

/** Asks Neo4j directly: begin at the head, and keep the relationships of its snapshot. More queries are in docs/neo4j-schema.md. */
export async function mostCalled({ url, user, password, ...head }: MostCalledRequest): Promise<{ readonly name: string; readonly callers: number }[]> {
  const driver = neo4j.driver(url, neo4j.auth.basic(user, password), { disableLosslessIntegers: true });
  try {
    const { records } = await driver.executeQuery(
      `MATCH (:Head {space: $space, repository: $repository, branch: $branch})-[:AT]->(now:Snapshot)
      MATCH (caller:Symbol)-[call:CALLS]->(callee:Symbol {space: $space})
      WHERE call.partition IN now.partitions AND NOT callee:External
      RETURN callee.qualifiedName AS name, count(DISTINCT caller) AS callers ORDER BY callers DESC, name LIMIT 10`,
      head, { routing: 'READ' },
    );
    return records.map((record) => ({ name: String(record.get('name')), callers: Number(record.get('callers')) }));
  } finally {
    await driver.close();
  }
}
