import { createHash } from 'node:crypto';
import type { Sha256 } from '../domain/partition.js';

/** SHA-256 by Node's own library. */
export const sha256: Sha256 = (content) => createHash('sha256').update(content).digest('hex');
