/**
 * A GraphStore in Neo4j, for `createCodeloom({ graphStore })`. Needs the package neo4j-driver, which codeloom does not bring. What is in the database, and how
 * to ask it, is in docs/neo4j-schema.md.
 */
export type { Neo4jAddress } from './adapters/neo4j/connection.js';
export { createNeo4jGraphStore, type Neo4jGraphStore, type Neo4jGraphStoreOptions } from './adapters/neo4j/graph-store.js';
