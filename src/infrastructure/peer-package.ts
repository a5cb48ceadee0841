import { CodeloomError } from '../domain/errors.js';

/** What a server's adapter needs beside codeloom: optional, so that nobody installs the drivers of servers that he has not. */
const PACKAGES = {
  PostgreSQL: ['pg', 'pg-copy-streams'],
  Neo4j: ['neo4j-driver'],
  S3: ['@aws-sdk/client-s3'],
  Redis: ['@redis/client'],
  Prometheus: ['prom-client'],
  Mail: ['nodemailer'],
  Temporal: ['@temporalio/activity', '@temporalio/client', '@temporalio/common', '@temporalio/worker', '@temporalio/workflow'],
} as const;

export type Server = keyof typeof PACKAGES;

/** Runs what loads a server's driver. Throws `invalid-configuration` with the command that installs the driver when it is not there. */
export async function withDriver<T>(server: Server, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const missing = PACKAGES[server].find((name) => isMissing(error, name));
    if (missing === undefined) throw error;
    const packages = PACKAGES[server].join(' ');
    throw new CodeloomError('invalid-configuration', `${server} needs a package that is not installed: ${missing}.`, {
      cause: error, details: { server, missing, packages: PACKAGES[server], hint: `Beside codeloom, run: npm install ${packages} (with npx: npx -p codeloom ${PACKAGES[server].map((name) => `-p ${name}`).join(' ')} codeloom …)` },
    });
  }
}

/** Node tells of a missing package by a code and, in words, by its name. */
function isMissing(error: unknown, name: string): boolean {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    if ('code' in each && (each.code === 'ERR_MODULE_NOT_FOUND' || each.code === 'MODULE_NOT_FOUND') && each.message.includes(`'${name}'`)) return true;
  }
  return false;
}
