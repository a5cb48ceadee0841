/** Redis as a cache in front of any FactStore. Needs the package `@redis/client`, which is not installed with codeloom. */
export { createRedisFactCache, type RedisFactCacheOptions } from './adapters/redis/fact-cache.js';
