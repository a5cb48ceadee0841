import { describe, expect, it } from 'vitest';
import { withDriver, type Server } from '../../src/infrastructure/peer-package.js';

/** What Node says when a package is not there, in the way that `import()` does. */
async function missing(name: string): Promise<never> {
  return import(`${name}-of-nobody`).catch((error: Error) => {
    error.message = error.message.replaceAll(`${name}-of-nobody`, name);
    throw error;
  }) as Promise<never>;
}

describe("a server's driver that is not installed", () => {
  it.each([
    ['PostgreSQL', 'pg', 'npm install pg pg-copy-streams'],
    ['PostgreSQL', 'pg-copy-streams', 'npm install pg pg-copy-streams'],
    ['Neo4j', 'neo4j-driver', 'npm install neo4j-driver'],
    ['S3', '@aws-sdk/client-s3', 'npm install @aws-sdk/client-s3'],
    ['Redis', '@redis/client', 'npm install @redis/client'],
  ] as const)('%s without %s is told by the command that installs it', async (server, name, command) => {
    await expect(withDriver(server, () => missing(name))).rejects.toMatchObject({
      code: 'invalid-configuration', message: `${server} needs a package that is not installed: ${name}.`, details: { hint: expect.stringContaining(command) },
    });
  });

  it('is found behind another error, too', async () => {
    const error = await missing('pg').catch((cause: Error) => new Error('cannot open', { cause }));
    await expect(withDriver('PostgreSQL', () => Promise.reject(error))).rejects.toMatchObject({ code: 'invalid-configuration' });
  });

  it("is not what another package's absence is taken for, nor any other error", async () => {
    for (const error of [await missing('pg').catch((each: Error) => each), new Error("Cannot find package 'neo4j-driver'")]) {
      await expect(withDriver('Neo4j' satisfies Server, () => Promise.reject(error))).rejects.toBe(error);
    }
  });
});
